"""What a follow-up says of letters, asks and replies that are not what they usually are, and of what is ticked later."""

import datetime as dt

import pytest
import time_machine

from letters.domain import sending
from letters.domain.history import acting
from letters.models import Letter
from tests import factories
from tests.web.test_follow_up import ADDRESS, TODAY, leads, paragraphs, typed
from tests.web.test_pages import words

DOCX = "/follow-ups/letter.docx?agency=treasury"
LATER = dt.date(2023, 6, 2)


@pytest.fixture(autouse=True)
def _day(settings, tmp_path):
    settings.DOCUMENTS_ROOT = tmp_path / "documents"
    with time_machine.travel(TODAY, tick=False):
        yield


def followed(**facts) -> Letter:
    return factories.sent(our_role="followed", **facts)


def opening(client, address: str = ADDRESS) -> str:
    return client.get(address).context["form"]["opening"].value()


# --- whose letter it is


def test_a_letter_that_we_only_follow_is_called_ours_nowhere(reference, as_staff):
    followed(subject="TEST of others", deadline_on=dt.date(2023, 5, 15))
    heading = "Letter of April 25, 2023 to TEST Secretary of treasury, which we follow, “TEST of others”"
    said = paragraphs(as_staff.get(DOCX).content)
    assert heading in said
    assert any("The letter asked for a reply by May 15, 2023" in line for line in said)
    text = as_staff.get(ADDRESS).context["text"]
    assert heading in text
    assert "We write to follow up on the letter of April 25, 2023." in text
    assert opening(as_staff, f"{ADDRESS}&why=again").startswith(
        "The letter of April 25, 2023 was addressed to your office."
    )
    assert not [line for line in [*said, *text.splitlines()] if "our letter" in line.lower()]


def test_letters_of_ours_and_of_others_together_are_called_ours_one_by_one(reference, as_staff):
    factories.sent(subject="TEST ours")
    followed(subject="TEST of others", sent_on=LATER)
    text = as_staff.get(ADDRESS).context["text"]
    assert "Re: Follow-up: 2 letters that await your reply" in text
    assert "We write to follow up on the letters of April 25, 2023 and June 2, 2023." in text
    assert "Our letter of April 25, 2023 to TEST Secretary of treasury, “TEST ours”" in text
    assert "Letter of June 2, 2023 to TEST Secretary of treasury, which we follow, “TEST of others”" in text
    again = opening(as_staff, f"{ADDRESS}&why=again")
    assert again.startswith("The letters of April 25, 2023 and June 2, 2023 were addressed to your office. ")


# --- whose words


def test_only_words_of_the_letter_stand_between_quotation_marks(reference, as_staff):
    factories.sent(ask_facts={"summary": "TEST our summary", "quote": ""})
    factories.sent(ask_facts={"summary": "TEST other", "quote": "TEST: please act."}, sent_on=LATER)
    said = paragraphs(as_staff.get(DOCX).content)
    assert [line for line in said if line.startswith(("1.", "2."))] == ["1. TEST our summary", "2. “TEST: please act.”"]
    text = as_staff.get(ADDRESS).context["text"]
    assert ("\n1. TEST our summary\n" in text, "\n2. “TEST: please act.”\n" in text) == (True, True)


def test_a_letter_without_an_ask_of_its_own_is_not_quoted_as_one(reference, as_staff, staff):
    letter = factories.draft()
    factories.ask(letter, "treasury", summary="Reply to this letter")
    sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)
    assert "1. Reply to this letter" in paragraphs(as_staff.get(DOCX).content)


def test_a_reply_that_nobody_has_read_is_called_no_interim_one(reference, as_staff):
    unread, read = factories.item(), factories.item(sent_on=LATER)
    factories.reply(unread, kind="interim", coverage=None, received_on=dt.date(2023, 6, 5))
    factories.reply(read, kind="interim", coverage="evades", received_on=dt.date(2023, 6, 6))
    form = typed(as_staff, items=[str(unread.pk), str(read.pk)])
    said = paragraphs(as_staff.post(DOCX, form).content)
    assert [line for line in said if "received June" in line] == [
        "Reply received June 5, 2023.", "Interim reply received June 6, 2023.",
    ]  # fmt: skip


# --- what is ticked later


def test_opening_and_subject_follow_the_ticks(reference, as_staff):
    first = factories.sent(subject="TEST first", agencies=("treasury",))
    factories.sent(subject="TEST second", sent_on=LATER)
    assert "our letters of April 25, 2023 and June 2, 2023. In our records the 2 requests below remain" in opening(
        as_staff
    )
    form = typed(as_staff, items=[str(leads(first, "treasury")[0].pk)])
    one = "We write to follow up on our letter of April 25, 2023. In our records the request below remains open."
    said = paragraphs(as_staff.post(DOCX, form).content)
    assert ("Re: Follow-up: TEST first" in said, one in said) == (True, True)
    page = as_staff.post(ADDRESS, form)
    assert (page.context["form"]["opening"].value(), page.context["form"]["subject"].value()) == (
        one, "Follow-up: TEST first",
    )  # fmt: skip
    # from the page as it is now they follow again, and what is logged is what it says
    back = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    form = {name: value for name, value in back.items() if value is not None}
    form |= {"items": typed(as_staff)["items"], "signers": "TEST Signer", "sent_on": "2023-07-01", "do": "log"}
    as_staff.post(ADDRESS, form)
    logged = Letter.objects.get(reference="2023-0003")
    assert logged.subject == "Follow-up: Our 2 letters that await your reply"
    assert (
        "our letters of April 25, 2023 and June 2, 2023. In our records the 2 requests below remain open."
        in logged.text
    )


def test_an_opening_that_a_person_wrote_stays(reference, as_staff):
    first = factories.sent(subject="TEST first")
    factories.sent(subject="TEST second", sent_on=LATER)
    form = typed(as_staff, items=[str(leads(first, "treasury")[0].pk)], opening="TEST mine", subject="")
    page = as_staff.post(ADDRESS, form)
    assert page.context["form"]["opening"].value() == "TEST mine"
    assert "TEST mine" in words(page)
    assert page.context["form"]["subject"].value() == ""


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("The Secretary of the Treasury", ["The Secretary of the Treasury", "Dear Secretary of the Treasury:"]),
        ("TEST Person", ["The Head of the Agency\nDepartment of the Treasury", "Dear Sir or Madam:"]),
    ],
)
def test_a_letter_without_a_title_goes_to_the_post_that_its_name_is(reference, as_staff, name, head):
    letter = factories.sent()
    with acting(factories.SETUP):
        letter.addressees.update(printed_name=name, printed_title="")
    text = as_staff.get(ADDRESS).context["text"]
    assert [words for words in head if words in text] == head
    assert "Please tell us where this stands, and who" in text
    assert "send the request below again. It is addressed to the office, and remains open" in opening(
        as_staff, f"{ADDRESS}&why=again"
    )
