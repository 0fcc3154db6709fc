"""Chasing an agency: the letter in both files, what it says and does not say, and what logging it does."""

import datetime as dt
import io
import json

import docx
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from letters.domain import drafting, items, letter_desk, renewals, replies, retractions, sending, workflow
from letters.domain.history import acting
from letters.domain.office import DEMO
from letters.models import Letter, LetterLink, Office, Official, Renewal, Tasking
from letters.reminders.calendar import calendar
from letters.reports import typeset
from letters.reports.documents import DOCUMENTS, FOLLOW_UP
from tests import factories
from tests.web.test_pages import words

TODAY = dt.datetime(2023, 7, 3, 16, tzinfo=dt.UTC)
ADDRESS = "/follow-ups/new/?agency=treasury"


@pytest.fixture(autouse=True)
def _day(settings, tmp_path):
    settings.DOCUMENTS_ROOT = tmp_path / "documents"
    with time_machine.travel(TODAY, tick=False):
        yield


def typed(client: Client, address: str = ADDRESS, **changes) -> dict:
    """What the form holds when it is opened, with changes."""
    form = client.get(address).context["form"]
    held = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in {**held, **changes}.items() if value is not None}


def paragraphs(content: bytes) -> list[str]:
    return [one.text for one in docx.Document(io.BytesIO(content)).paragraphs if one.text]


def leads(letter: Letter, agency: str) -> list[Tasking]:
    return list(Tasking.objects.filter(ask__letter=letter, agency__slug=agency, role="lead").order_by("ask__number"))


def test_a_list_that_is_cut_says_so(reference, as_staff, monkeypatch):
    monkeypatch.setattr("letters.web.follow_up.MOST", 2)
    for number, said in [
        (2, ""),
        (1, "1 more open item is not shown: a letter repeats 2 at most, the oldest first."),
        (1, "2 more open items are not shown: a letter repeats 2 at most, the oldest first."),
    ]:
        for _ in range(number):
            factories.item()
        shown = words(as_staff.get(ADDRESS))
        assert (said in shown, "not shown" in shown) == (True, bool(said))


def test_one_letter_about_everything_open_at_an_agency(seed, as_staff):
    answer = as_staff.post("/follow-ups/letter.docx?agency=treasury", typed(as_staff))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="follow-up-treasury-2023-07-03.docx"'
    said = paragraphs(answer.content)
    assert said[:8] == [
        DEMO,  # the seed letter's office is one
        "July 3, 2023",
        "The Secretary of the Treasury",
        "Department of the Treasury",
        "1500 Pennsylvania Ave. NW",
        "Washington, D.C. 20220",
        "Re: Follow-up: Huawei Cloud and other PRC cloud computing services",
        "Dear Secretary of the Treasury:",
    ]
    assert (
        "We write to follow up on our letter of April 25, 2023. In our records the 3 requests below remain open."
        in said
    )
    assert (
        "Our letter of April 25, 2023 to The Honorable Janet Yellen, Secretary of the Treasury, “Huawei Cloud and other PRC "
        "cloud computing services”" in said
    )
    for number, tasking in enumerate(leads(seed, "treasury"), 1):
        assert f"{number}. “{tasking.ask.quote}”" in said
    assert said.count("Asked on April 25, 2023, 69 days ago.") == 3
    assert said.count("We have recorded no reply of yours.") == 3
    assert "Bill Hagerty" in said
    with acting(factories.SETUP):
        Office.objects.update(is_demo=False)
    assert DEMO not in paragraphs(as_staff.get("/follow-ups/letter.docx?agency=treasury").content)


def test_our_usual_wait_is_named_nowhere_and_neither_is_our_number(seed, as_staff):
    said = "\n".join(paragraphs(as_staff.get("/follow-ups/letter.docx?agency=treasury").content))
    assert leads(seed, "treasury")[0].ask.quote in said
    for word in ("deadline", "overdue", "usual wait", "May 24", "past", "late", "2023-0001"):
        assert word not in said


def test_the_pdf_says_the_same(seed, as_staff, monkeypatch):
    given = {}
    real = typeset.typst.compile
    monkeypatch.setattr(typeset.typst, "compile", lambda *a, **k: given.update(k["sys_inputs"]) or real(*a, **k))
    answer = as_staff.post("/follow-ups/letter.pdf?agency=treasury", typed(as_staff))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert json.loads(given["data"])["banner"] == DEMO
    asks = json.loads(given["data"])["letters"][0]["asks"]
    assert [ask["words"] for ask in asks] == [tasking.ask.quote for tasking in leads(seed, "treasury")]


def test_dates_that_somebody_set_replies_and_calls_are_said(reference, as_staff, staff):
    letter = factories.sent(deadline_on=dt.date(2023, 5, 15))
    (one,) = leads(letter, "treasury")
    factories.reply(one, kind="interim", coverage="evades", received_on=dt.date(2023, 5, 20), text="TEST reply")
    items.log_contact(
        by=staff,
        agency=one.agency,
        taskings=[one],
        channel="call",
        outcome="TEST left a message",
        on=dt.date(2023, 6, 1),
    )
    promised = factories.item(ask_facts={"summary": "TEST promised"})
    with time_machine.travel(dt.datetime(2023, 5, 1, 16, tzinfo=dt.UTC)):
        workflow.transition(promised, to="promised", by=staff, promised_on=dt.date(2023, 6, 24))
    said = paragraphs(as_staff.get("/follow-ups/letter.docx?agency=treasury").content)
    assert "Asked on April 25, 2023, 69 days ago. We asked for a reply by May 15, 2023, 49 days ago." in said
    assert "Asked on April 25, 2023, 69 days ago. We were told to expect it by June 24, 2023, 9 days ago." in said
    assert "Interim reply received May 20, 2023." in said
    assert "We called about this on June 1, 2023." in said
    assert "TEST left a message" not in "\n".join(said)


def test_the_day_that_a_letter_names_is_told_and_not_where_a_question_of_theirs_moved_it(reference, as_staff, staff):
    facts = {
        "due": {"deadline_on": dt.date(2023, 5, 15)},
        "term": {"term_days": 10, "term_unit": "business", "term_from": "letter_date"},
    }
    for name, letter in facts.items():
        asked = factories.item(ask_facts={"summary": f"TEST {name}"}, **letter)
        for day, to in ((1, "clarification"), (11, "considering")):
            with time_machine.travel(dt.datetime(2023, 5, day, 16, tzinfo=dt.UTC)):
                asked = workflow.transition(asked, to=to, by=staff)
        items.assign(asked, by=staff, owner=staff)
    asked_on = "Asked on April 25, 2023, 69 days ago. We asked for a reply"
    said = paragraphs(as_staff.get("/follow-ups/letter.docx?agency=treasury").content)
    assert [one for one in said if one.startswith("Asked")] == [
        f"{asked_on} by May 15, 2023, 49 days ago.", f"{asked_on} within 10 business days of April 25, 2023.",
    ]  # fmt: skip
    # the date that counts, for us: theirs, and the days that we kept them waiting
    queue = words(as_staff.get("/"))
    assert "39 days overdue asked for by May 15, 2023, 10 days stopped" in queue
    assert "asked for within 10 business days of April 25, 2023, 10 days stopped" in queue
    named = {str(event["summary"]) for event in Calendar.from_ical(calendar(staff, TODAY)).walk("VEVENT")}
    assert "Treasury: TEST due (reply asked for by May 15, 2023, 10 days stopped)" in named


def test_logged_days_after_it_went_it_is_kept_as_it_went(reference, as_staff, staff):
    one = factories.item()
    factories.item(subject="TEST of the same day")
    sent = typed(as_staff, do="log", sent_on="2023-06-01", signers="TEST Member")
    assert sent["opening"].startswith("We write to follow up on our letters of April 25, 2023.")
    factories.reply(one, kind="interim", coverage="evades", received_on=dt.date(2023, 6, 5))
    items.log_contact(
        by=staff, agency=one.agency, taskings=[one], channel="call", outcome="TEST", on=dt.date(2023, 6, 8)
    )  # fmt: skip
    answer = as_staff.post(ADDRESS, sent)
    assert answer.status_code == 302, answer.context["form"].errors
    text = Letter.objects.latest("reference").text
    assert (text.count("We have recorded no reply of yours."), "June 5, 2023" in text, "We called" in text) == (
        2,
        False,
        False,
    )


def test_what_was_written_and_answered_before_is_quoted_with_their_number_and_never_with_ours(
    reference, as_staff, staff
):
    """The consolidated letter and that about one letter, paragraph by paragraph, as Word has them."""
    first, second = (
        factories.sent(subject=f"TEST {name}", ask_facts={"quote": f"TEST: please act on the {name}."})
        for name in ("first", "second")
    )
    letter_desk.update_addressee(first.addressees.get(), by=staff, control_number="TEST-SEC-17")
    ((one,), (two,)) = (leads(letter, "treasury") for letter in (first, second))
    bearing = replies.Bearing(one, coverage="partial", stance="unknown", quote="TEST: we look into it.")
    replies.record_response(
        by=staff, agency=one.agency, kind="interim", channel="letter", received_on=dt.date(2023, 5, 20), text="TEST",
        bearings=[bearing],
    )  # fmt: skip
    items.log_contact(
        by=staff, agency=one.agency, taskings=[one], channel="call", outcome="TEST", on=dt.date(2023, 6, 1)
    )
    renewals.renew(two, by=staff, letter=factories.sent(sent_on=dt.date(2023, 6, 5), agencies=["commerce"]))
    of_first = [
        "Our letter of April 25, 2023 to TEST Secretary of treasury, “TEST first” (your number TEST-SEC-17)",
        "1. “TEST: please act on the first.”",
        "Asked on April 25, 2023, 69 days ago.",
        "Interim reply received May 20, 2023: “TEST: we look into it.”",
        "We called about this on June 1, 2023.",
    ]
    of_second = [
        "Our letter of April 25, 2023 to TEST Secretary of treasury, “TEST second”",
        "2. “TEST: please act on the second.”",
        "Asked on April 25, 2023, 69 days ago. Asked again on June 5, 2023.",
        "We have recorded no reply of yours.",
    ]
    for one_letter, quoted in (("", of_first + of_second), (f"&letter={first.reference}", of_first)):
        said = paragraphs(as_staff.get(f"/follow-ups/letter.docx?agency=treasury{one_letter}").content)
        start = said.index(of_first[0])
        assert (
            said[start : next(at for at, line in enumerate(said) if line.startswith("Please tell us where"))] == quoted
        )
        ours = [letter.reference for letter in Letter.objects.all()]
        assert [number for number in ours if number in "\n".join(said)] == []


def test_one_letter_only_and_only_what_is_ticked(reference, as_staff):
    first, second = factories.sent(subject="TEST first"), factories.sent(subject="TEST second")
    said = "\n".join(
        paragraphs(as_staff.get(f"/follow-ups/letter.docx?agency=treasury&letter={first.reference}").content)
    )
    assert ("TEST first" in said, "TEST second" in said) == (True, False)
    form = typed(as_staff, items=[str(leads(second, "treasury")[0].pk)])
    said = "\n".join(paragraphs(as_staff.post("/follow-ups/letter.docx?agency=treasury", form).content))
    assert ("“TEST first”" in said, "“TEST second”" in said) == (False, True)


def test_what_is_typed_is_printed_and_nothing_of_it_is_code(seed, as_staff):
    odd = "TEST {{ 7 * 7 }} <b>&</b> #panic[x] \\"
    form = typed(as_staff, opening=odd, reply_by="2023-08-01")
    said = paragraphs(as_staff.post("/follow-ups/letter.docx?agency=treasury", form).content)
    assert odd in said
    assert "We ask for a reply by August 1, 2023." in said
    assert as_staff.post("/follow-ups/letter.pdf?agency=treasury", form).content.startswith(b"%PDF-")
    assert "TEST {{ 7 * 7 }} &lt;b&gt;&amp;&lt;/b&gt;" in as_staff.post(ADDRESS, form).content.decode()


def test_nothing_ticked_is_said_and_what_was_typed_stays(seed, as_staff):
    for address in (ADDRESS, "/follow-ups/letter.pdf?agency=treasury"):
        page = as_staff.post(address, typed(as_staff, items=[], opening="TEST typed"))
        assert page.status_code == 422
        assert "The letter repeats nothing. Tick at least one open item." in words(page)
        assert "TEST typed" in page.content.decode()


# --- whom it is to


def test_the_office_is_addressed_and_the_page_says_whom_the_earlier_letter_named(seed, as_staff):
    page = words(as_staff.get(ADDRESS))
    assert (
        "The letter of April 25, 2023 named The Honorable Janet Yellen, Secretary of the Treasury. The record does not know "
        "who holds the post now, so this letter is addressed to the office." in page
    )


def test_a_holder_whose_dates_are_known_is_addressed_by_name(seed, as_staff):
    treasury = factories.agency("treasury")
    with acting(factories.SETUP):
        Official.objects.create(
            agency=treasury, name="TEST Holder", title="Secretary of the Treasury", start=dt.date(2023, 6, 1)
        )
        Official.objects.create(
            agency=treasury, name="TEST Former", title="Secretary of the Treasury", start=dt.date(2020, 1, 1), end=dt.date(2023, 5, 31)
        )  # fmt: skip
    page = words(as_staff.get(f"{ADDRESS}&why=again"))
    assert "The record has TEST Holder as Secretary of the Treasury since June 1, 2023." in page
    assert "The Honorable TEST Holder" in page
    assert "Because the post may have changed hands since, we send the 3 requests below again." in page
    form = typed(as_staff, f"{ADDRESS}&why=again", sent_on="2023-07-03", do="log")
    as_staff.post(f"{ADDRESS}&why=again", form)
    addressee = Letter.objects.get(reference="2023-0002").addressees.get()
    assert (addressee.printed_name, addressee.official.name) == ("The Honorable TEST Holder", "TEST Holder")
    assert addressee.printed_title == "Secretary of the Treasury"
    ours = Letter.objects.get(reference="2023-0002").signatures.get()
    assert (ours.printed_name, ours.match, ours.legislator.bioguide) == ("Bill Hagerty", "confirmed", "H000601")


def test_a_new_holder_is_told_of_until_the_items_are_sent_again(seed, as_staff):
    factories.item(sent_on=dt.date(2023, 5, 2))  # a later letter without a title takes nobody's post away
    with acting(factories.SETUP):
        Official.objects.create(
            agency=factories.agency("treasury"), name="TEST Holder", title="Secretary of the Treasury", start=dt.date(2023, 6, 1)
        )  # fmt: skip
    told = (
        "TEST Holder is Secretary of the Treasury since June 1, 2023. 3 open items were asked before that day and not again "
        "since: they can be sent again to the new holder."
    )
    assert told in words(as_staff.get("/agencies/treasury/"))
    page = words(as_staff.get(f"{ADDRESS}&why=again"))
    assert "The Honorable TEST Holder" in page
    as_staff.post(f"{ADDRESS}&why=again", typed(as_staff, f"{ADDRESS}&why=again", sent_on="2023-07-03", do="log"))
    assert "TEST Holder is Secretary" not in words(as_staff.get("/agencies/treasury/"))
    with acting(factories.SETUP):
        Official.objects.filter(name="TEST Holder").update(start=dt.date(2023, 7, 4))  # tomorrow
    assert "TEST Holder is Secretary" not in words(as_staff.get("/agencies/treasury/"))


def test_a_letter_to_the_post_itself_is_offered_to_a_new_holder(reference, as_staff):
    letter = factories.draft(agencies=[])
    drafting.address(
        letter, by=factories.SETUP, agency=factories.agency("treasury"), printed_name="The Secretary of the Treasury"
    )
    factories.ask(letter, "treasury")
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    with acting(factories.SETUP):
        Official.objects.create(
            agency=factories.agency("treasury"), name="TEST Holder", title="Secretary of the Treasury", start=dt.date(2023, 6, 1)
        )  # fmt: skip
    told = "TEST Holder is Secretary of the Treasury since June 1, 2023. 1 open item was asked before that day and not again"
    assert told in words(as_staff.get("/agencies/treasury/"))


def test_without_dates_nobody_is_taken_for_the_holder(seed, as_staff):
    with acting(factories.SETUP):
        Official.objects.filter(agency__slug="treasury").update(end=dt.date(2023, 6, 1))
        Official.objects.create(
            agency=factories.agency("treasury"), name="TEST Holder", title="Secretary of the Treasury"
        )
    assert "TEST Holder" not in words(as_staff.get(ADDRESS))
    with acting(factories.SETUP):
        Official.objects.filter(name="TEST Holder").update(start=dt.date(2023, 6, 2))
    assert "TEST Holder" in words(as_staff.get(ADDRESS))


# --- logging it


def test_logged_it_repeats_the_items_links_the_letters_and_makes_no_new_item(seed, as_staff):
    before = {one.pk: (one.asked_on, one.status) for one in Tasking.objects.open()}
    ticked = leads(seed, "treasury")[:2]
    form = typed(as_staff, items=[str(one.pk) for one in ticked], sent_on="2023-07-01", reply_by="2023-08-01", do="log")
    page = as_staff.post(ADDRESS, form, follow=True)
    assert "2023-0002 is logged as sent. It repeats 2 open items" in words(page)
    letter = Letter.objects.get(reference="2023-0002")
    assert (letter.sent_on, letter.deadline_on, letter.our_role) == (dt.date(2023, 7, 1), dt.date(2023, 8, 1), "led")
    assert {one.tasking_id for one in Renewal.objects.filter(letter=letter)} == {one.pk for one in ticked}
    assert list(LetterLink.objects.values_list("letter", "to_letter", "kind")) == [(letter.pk, seed.pk, "follow_up_to")]
    assert {one.pk: (one.asked_on, one.status) for one in Tasking.objects.open()} == before
    assert {(one.due_on, one.due_basis) for one in Tasking.objects.filter(pk__in=[t.pk for t in ticked])} == {
        (dt.date(2023, 8, 1), "letter")
    }
    assert ticked[0].ask.quote in letter.text
    said = "\n".join(paragraphs(as_staff.get("/follow-ups/letter.docx?agency=treasury").content))
    assert said.count("Asked again on July 1, 2023.") == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"sent_on": ""}, "Enter the day it was sent."),
        ({"sent_on": "2023-07-09"}, "which is after today (July 3, 2023)"),
        ({"sent_on": "2023-04-01"}, "is before"),
        ({"subject": ""}, "The subject is missing."),
        ({"signers": ""}, "Nobody has signed the letter."),
        ({"addressee": ""}, "The addressee’s name is missing."),
        ({"sent_on": "someday"}, "“someday” is not a date."),
    ],
)
def test_what_cannot_be_logged_is_said_beside_its_field_and_nothing_is_written(seed, as_staff, changed, sentence):
    page = as_staff.post(ADDRESS, typed(as_staff, **{"sent_on": "2023-07-03", "do": "log", **changed}))
    assert (page.status_code, sentence in words(page)) == (422, True)
    assert Letter.objects.count() == 1


def test_a_form_that_is_sent_twice_is_logged_once(seed, as_staff, manager):
    form = typed(as_staff, sent_on="2023-07-03", do="log")
    assert as_staff.post(ADDRESS, form).headers["Location"] == "/letters/2023-0002/"
    page = as_staff.post(ADDRESS, {**form, "subject": "TEST other words"}, follow=True)
    assert "2023-0002 was logged from this form before. It is kept once, as it was then." in words(page)
    assert (Letter.objects.count(), Renewal.objects.count()) == (2, 3)
    other = Client()  # nobody else's form has this key
    other.force_login(manager)
    assert other.post(ADDRESS, form).status_code == 404
    as_staff.post(ADDRESS, typed(as_staff, sent_on="2023-07-03", do="log"))
    assert (Letter.objects.count(), Renewal.objects.count()) == (3, 6)


def test_a_follow_up_to_a_restricted_letter_is_restricted_to_those_named_on_it(reference, as_staff, staff, manager):
    factories.sent(access="restricted", staff=[staff, manager])
    factories.sent(access="restricted", staff=[staff])
    as_staff.post(ADDRESS, typed(as_staff, sent_on="2023-07-03", signers="TEST Signer", do="log"))
    letter = Letter.objects.get(reference="2023-0003")
    assert (letter.access, list(letter.staff.all())) == ("restricted", [staff])


@pytest.mark.parametrize(
    ("asked_of", "repeats_of", "told"),
    [
        (None, [["staff"], None], "Asked again on June 2, 2023."),
        (["staff", "ann"], [["staff"], ["staff", "ann", "bo"], None], "Asked again on June 2, 2023 and June 3, 2023."),
    ],
)
def test_a_follow_up_tells_only_repeats_of_which_all_its_readers_may_know(
    reference, as_staff, staff, asked_of, repeats_of, told
):
    people = {"staff": staff, **{name: factories.user("staff", name) for name in ("ann", "bo")}}

    def may_see(names: list[str] | None) -> dict:
        return {"access": "restricted", "staff": [people[name] for name in names]} if names else {}

    one = factories.item(**may_see(asked_of))
    for day, names in enumerate(repeats_of, 1):
        again = factories.sent(agencies=["state"], sent_on=dt.date(2023, 6, day), **may_see(names))
        renewals.renew(factories.fresh(one), by=factories.SETUP, letter=again)
    as_staff.post(ADDRESS, typed(as_staff, sent_on="2023-07-03", signers="TEST Signer", do="log"))
    letter = Letter.objects.get(subject__startswith="Follow-up")
    assert f"Asked on April 25, 2023, 69 days ago. {told}\n" in letter.text
    assert (letter.access, set(letter.staff.all())) == (
        "restricted" if asked_of else "office",
        {people[name] for name in asked_of or ()},
    )


def test_an_item_that_was_answered_meanwhile_is_refused(seed, as_staff):
    form = typed(as_staff, sent_on="2023-07-03", do="log")
    factories.moved(leads(seed, "treasury")[0], "withdrawn")
    page = as_staff.post(ADDRESS, form)
    assert (page.status_code, "is not open there any more" in words(page)) == (422, True)


def test_where_nothing_is_open_the_page_says_so(reference, as_staff):
    assert "Nothing is open there" in words(as_staff.get("/follow-ups/new/?agency=labor"))
    assert as_staff.get("/follow-ups/letter.pdf?agency=labor").status_code == 404
    assert "Nothing is open" in words(as_staff.get("/follow-ups/new/"))


def test_an_office_without_a_member_signs_with_its_name(reference, as_staff):
    with acting(factories.SETUP):
        Office.objects.all().delete()
        Office.objects.create(kind="committee", name="TEST Committee")
    factories.item()
    assert "TEST Committee" in paragraphs(as_staff.get("/follow-ups/letter.docx?agency=treasury").content)


# --- templates


@pytest.fixture
def as_admin(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def put(client: Client, kind: str, content: bytes):
    file = SimpleUploadedFile(f"own.{kind}", content)
    return client.post("/documents/", {"document": "follow_up", "kind": kind, "do": "own", "file": file}, follow=True)


def own_docx(*lines: str) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def test_an_office_puts_in_its_own_and_takes_it_back(seed, as_admin):
    assert "The follow-up letter: your template makes the DOCX from now on." in words(
        put(as_admin, "docx", own_docx("TEST letterhead", "{{ subject }}"))
    )
    assert "put in by admin on 2023-07-03" in words(as_admin.get("/documents/"))
    assert paragraphs(as_admin.get("/follow-ups/letter.docx?agency=treasury").content) == [
        "TEST letterhead", "Follow-up: Huawei Cloud and other PRC cloud computing services",
    ]  # fmt: skip
    as_admin.post("/documents/", {"document": "follow_up", "kind": "docx", "do": "ours"})
    ours = paragraphs(as_admin.get("/follow-ups/letter.docx?agency=treasury").content)
    assert ours[:2] == [DEMO, "July 3, 2023"]
    # a page of another size: what is read off the PDF is the office's template and not ours
    own = b"#set page(width: 123pt, height: 321pt)\n#let d = json(bytes(sys.inputs.data))\n#d.subject"
    assert "The follow-up letter: your template makes the PDF" in words(put(as_admin, "pdf", own))
    theirs = as_admin.get("/follow-ups/letter.pdf?agency=treasury").content
    as_admin.post("/documents/", {"document": "follow_up", "kind": "pdf", "do": "ours"})
    ours = as_admin.get("/follow-ups/letter.pdf?agency=treasury").content
    assert [file.count(b"MediaBox[0 0 123 321]") for file in (theirs, ours)] == [1, 0]


@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        ("docx", b"no document", "it is no Word document (.docx), or it is damaged."),
        ("docx", own_docx("{{ subject"), "This template cannot be used:"),
        ("docx", own_docx("{{ ''.__class__.__mro__[1].__subclasses__() }}"), "This template cannot be used:"),
        ("pdf", b"#let x = (", "This template cannot be used:"),
        ("pdf", b'#import "@preview/cetz:0.3.0"', "it asks for a package from the network."),
        ("pdf", b'#read("/etc/hostname")', "This template cannot be used:"),
        ("pdf", b'#read("../../../../etc/hostname")', "This template cannot be used:"),
        ("pdf", b"\xff\xfe", "This template cannot be used:"),
    ],
)
def test_a_template_that_cannot_be_filled_or_reads_elsewhere_is_refused(as_admin, kind, content, sentence):
    page = put(as_admin, kind, content)
    assert (page.status_code, sentence in words(page), "The one in use stays." in words(page)) == (422, True, True)
    assert typeset.replaced(FOLLOW_UP, kind) is None


def test_no_file_and_no_right(as_admin, as_staff):
    page = as_admin.post("/documents/", {"document": "follow_up", "kind": "pdf", "do": "own"})
    assert (page.status_code, "No file was chosen." in words(page)) == (422, True)
    assert as_staff.post("/documents/", {"document": "follow_up", "kind": "pdf", "do": "ours"}).status_code == 403


def test_ours_are_templates_that_work(as_staff):
    for document in DOCUMENTS.values():
        for kind in ("docx", "pdf"):
            content = as_staff.get(f"/documents/download/{document.name}/{kind}/").content
            assert typeset.MAKERS[kind](content, document.sample)


def test_questions_that_are_not_answered_are_printed_in_their_own_words_and_the_answered_left_out(
    reference, as_staff, staff
):
    texts = ["TEST Who decided?", "TEST When?", "TEST How much was paid?"]
    item = factories.item(kind_code="written_answers", ask_facts={"questions": texts})
    said = paragraphs(as_staff.get("/follow-ups/letter.docx?agency=treasury").content)
    start = said.index("You have answered none of the 3 questions:")
    assert said[start + 1 : start + 4] == [f"{number}. {text}" for number, text in enumerate(texts, 1)]
    first, _, third = item.ask.questions.order_by("number")
    bearing = replies.Bearing(item, coverage="partial", stance="unknown", questions=[first, third])
    answered = replies.record_response(
        by=staff, agency=item.agency, kind="substantive", channel="letter", received_on=dt.date(2023, 6, 1), text="TEST",
        bearings=[bearing],
    )  # fmt: skip
    said = paragraphs(as_staff.get("/follow-ups/letter.docx?agency=treasury").content)
    start = said.index("You have answered 2 of the 3 questions, and not this one:")
    assert said[start + 1] == "2. TEST When?"
    text = as_staff.get(ADDRESS).context["text"]
    assert "   You have answered 2 of the 3 questions, and not this one:\n      2. TEST When?" in text
    assert ("Who decided?" in text, "How much" in text) == (False, False)
    assert as_staff.get("/follow-ups/letter.pdf?agency=treasury").content.startswith(b"%PDF-")
    retractions.retract_response(answered, by=staff, reason="TEST")
    assert "You have answered none of the 3 questions:" in as_staff.get(ADDRESS).context["text"]


def test_a_letter_of_many_questions_asks_the_database_no_more_often(reference, as_staff):
    as_staff.get(ADDRESS)
    counts = []
    for _ in (1, 2):
        factories.item(kind_code="written_answers", ask_facts={"questions": ["TEST one?", "TEST two?"]})
        with CaptureQueriesContext(connection) as captured:
            as_staff.get(ADDRESS)
        counts.append(len(captured))
    assert counts[0] == counts[1]
