"""One place on the page of a letter says how each thing is put right, and each way holds."""

import datetime as dt
import html
import re

import pytest
from django.db import connection

from letters.domain import left_out, sending, workflow, worksheets
from letters.domain.asking import put_to
from letters.domain.drafting import edit_letter
from letters.domain.history import acting
from letters.domain.renewals import renew
from letters.intake.typed import SINGLE
from letters.models import Letter, LetterStaff, Target, Tasking, Worksheet
from letters.reminders.sweep import sweep
from tests import factories
from tests.web.test_letter_page import correction
from tests.web.test_pages import words

pytestmark = pytest.mark.usefixtures("folder")


def ways(answer) -> list[str]:
    """The sentences under “Put it right”."""
    part = re.search(r'aria-labelledby="put-right".*?</section>', answer.content.decode(), flags=re.S)
    found = re.findall(r"<li>(.*?)</li>", part[0] if part else "", flags=re.S)
    return [html.unescape(" ".join(re.sub(r"<[^>]+>", "", one).split())) for one in found]


def hidden(answer) -> dict[str, str]:
    found = re.findall(
        r'<input type="hidden" name="(version|opened|looked_at)" value="([^"]*)"', answer.content.decode()
    )
    return {name: html.unescape(value) for name, value in found}


def test_the_ways_stand_in_one_place(as_staff, as_viewer, staff, manager, reference):
    letter = factories.sent()
    at = f"/letters/{letter.reference}/"
    assert "It was logged twice, or should not be in the record: Take the letter back." in ways(as_staff.get(at))
    assert ways(as_viewer.get(at)) == []
    sending.release(letter, by=manager)
    assert "It was logged twice, or should not be in the record: it is public, so a manager takes it back." in ways(
        as_staff.get(at)
    )


# --- take the whole letter back


def test_a_letter_logged_twice_is_taken_back_on_its_page(as_staff, reference):
    letter = factories.sent(agencies=("treasury", "state"))
    at = f"/letters/{letter.reference}/take-back/"
    page = as_staff.get(at)
    assert "2 open items close as entered in error, and nobody is reminded of them again." in words(page)
    assert "Nothing takes this back." in words(page)
    assert as_staff.post(at, hidden(page) | {"reason": ""}).status_code == 422
    done = as_staff.post(at, hidden(page) | {"reason": "TEST logged twice"}, follow=True)
    assert done.redirect_chain == [(f"/letters/{letter.reference}/", 302)]
    assert f"{letter.reference} is marked as entered in error. It keeps its number and counts nowhere." in words(done)
    letter.refresh_from_db()
    assert (letter.state, letter.reference) == ("entered_in_error", "2023-0001")
    assert set(Tasking.objects.values_list("status", flat=True)) == {"entered_in_error"}
    assert letter.events.get(kind="letter_entered_in_error").reason == "TEST logged twice"
    again = as_staff.get(at, follow=True)
    assert again.redirect_chain == [(f"/letters/{letter.reference}/", 302)]
    assert "is marked as entered in error already" in words(again)


def test_what_hangs_on_the_letter_is_said_before(as_staff, staff, reference):
    first = factories.item()
    later = factories.sent(sent_on=dt.date(2023, 6, 1))
    own = Tasking.objects.get(ask__letter=later)
    renew(first, by=staff, letter=later, instead_of=own)
    closed = factories.moved(factories.item(sent_on=dt.date(2023, 7, 3)), "answered")

    def said(letter: Letter) -> str:
        return words(as_staff.get(f"/letters/{letter.reference}/take-back/"))

    assert f"“{own}” of {later.reference}, which repeats one of these, waits for itself again." in said(
        first.ask.letter
    )
    assert "It repeats 1 item of other letters no more; dates that rest on it follow." in said(later)
    assert (
        "1 closed item stays as it ended, and counts no more. 1 reply is recorded about it. What it says of other letters still "
        "counts; what belongs to another letter has to be recorded there."
    ) in said(closed.ask.letter)


def test_the_items_that_close_are_counted_as_on_the_page_of_the_letter(as_staff, reference):
    letter = factories.draft(agencies=("treasury", "commerce", "state"))
    factories.ask(letter, "treasury", "commerce", consulted=("state",))
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    at = f"/letters/{letter.reference}/"
    assert "1 ask, 3 agencies, 2 open items" in words(as_staff.get(at))
    more = "with 1 more where an agency is only consulted, and nobody is reminded of them again."
    said = f"2 open items close as entered in error, {more}"
    assert said in words(as_staff.get(f"{at}take-back/"))
    one, other = Tasking.objects.filter(ask__letter=letter, role="lead").order_by("pk")
    for item in (one, other):
        factories.moved(item, "withdrawn")
    # who is consulted ends with them, and is no third item that ended
    assert "2 closed items stay as they ended, and count no more." in words(as_staff.get(f"{at}take-back/"))


def test_what_happened_meanwhile_is_shown_before_a_letter_is_taken_back(as_staff, manager, reference):
    item = factories.item()
    at = f"/letters/{item.ask.letter.reference}/take-back/"
    opened = as_staff.get(at)
    factories.reply(item, by=manager)
    late = as_staff.post(at, hidden(opened) | {"reason": "TEST never sent"})
    assert late.status_code == 409
    assert "manager changed this" in words(late)
    assert "Read what it is now, and take it back if that still holds." in words(late)
    assert "TEST never sent" in late.content.decode()
    assert Letter.objects.get().state == "sent"
    assert as_staff.post(at, hidden(late) | {"reason": "TEST never sent"}).status_code == 302
    assert Letter.objects.get().state == "entered_in_error"


@pytest.mark.parametrize("access", ["office", "restricted"])
def test_a_page_out_of_date_tells_of_no_repeat_by_a_letter_that_the_reader_may_not_see(
    as_staff, manager, reference, settle, access
):
    """Nor who was the last before that: somebody did."""
    item = factories.item(kind_code="briefing")
    again = factories.sent(kind_code="briefing", sent_on=dt.date(2023, 9, 5), access=access)
    at = [
        f"/letters/{item.ask.letter.reference}/take-back/",
        f"/items/{item.pk}/status/",
        f"/changes/remind/{item.pk}/",
    ]
    typed = [
        hidden(as_staff.get(at[0])) | {"reason": "TEST"},
        {"to": "withdrawn", "reason": "TEST", "version": item.version},
        {"until": "2099-01-04", "version": item.version},
    ]
    renew(item, by=manager, letter=again)
    settle()
    late = [as_staff.post(address, form) for address, form in zip(at, typed, strict=True)]
    assert [one.status_code for one in late] == [409, 409, 409]
    told = access == "office"
    for page in late:
        said = words(page)
        assert [word in said for word in ("manager changed this", "sked again", "Somebody changed this")] == [
            told,
            told,
            not told,
        ]
        assert "September 5" not in said or told


def test_who_may_not_take_a_letter_back_is_told_so(as_staff, as_viewer, manager, reference):
    letter = factories.sent(released=True)
    at = f"/letters/{letter.reference}/take-back/"
    assert as_viewer.get(at).status_code == 403
    refused = as_staff.post(at, {"reason": "TEST", "version": "1"})
    assert (refused.status_code, "may not take back a letter that is public. Ask a manager." in words(refused)) == (
        403,
        True,
    )
    boss = factories.client(manager)
    page = boss.get(at)
    assert "It is public: who follows the public record is told that it is withdrawn." in words(page)
    assert boss.post(at, hidden(page) | {"reason": "TEST"}).status_code == 302
    assert Letter.objects.get().released_at is None


# --- log it anew


def said_by(letter: Letter) -> dict:
    """What a letter says, part by part; not what came of it."""
    facts = ("subject", "letter_date", "sent_on", "our_role", "published_url", "access", "deadline_on",
             "deadline_quote", "term_days", "term_unit", "term_from", "on_behalf_of", "lead_office_contact")  # fmt: skip
    return {
        "facts": [getattr(letter, name) for name in facts],
        # one date typed is both, and the words end with the last of them
        "paper": (letter.printed_date or letter.letter_date, letter.text.strip()),
        "topics": sorted(letter.topics.values_list("name", flat=True)),
        "signers": list(
            letter.signatures.order_by("position").values_list(
                "printed_name", "printed_title", "legislator", "match", "state", "party", "is_lead"
            )
        ),
        "addressees": list(
            letter.addressees.order_by("position").values_list(
                "agency__slug", "printed_name", "printed_title", "address", "delivery", "official"
            )
        ),
        "asks": [
            (
                ask.number, ask.kind.code, ask.summary, ask.quote, ask.instrument, ask.requested_list, ask.requested_by,
                [target.slug for target in ask.targets_in_order()],
                list(ask.questions.order_by("number").values_list("text", flat=True)),
                sorted(ask.taskings.values_list("agency__slug", "role", "acting_agency__slug")),
            )
            for ask in letter.asks.order_by("number")
        ],
    }  # fmt: skip


def test_the_button_is_a_form_of_ours(as_staff, reference):
    """Without its token the site takes it for a form of another one."""
    page = as_staff.get(f"/letters/{factories.sent().reference}/").content.decode()
    (form,) = re.findall(r'<form id="log-anew".*?</form>', page, flags=re.S)
    assert 'name="csrfmiddlewaretoken"' in form


def test_a_letter_is_logged_anew_with_all_that_it_says(as_staff, seed):
    pressed = as_staff.post("/letters/2023-0001/log-anew/", follow=True)
    assert (
        "Copied from 2023-0001: put right what is wrong, look it over and send it. Then take 2023-0001 back"
        in words(pressed)
    )
    sheet = Worksheet.objects.get()
    again = as_staff.post("/letters/2023-0001/log-anew/")
    assert again["Location"] == f"/letters/drafts/{sheet.pk}/"
    assert Worksheet.objects.count() == 1
    sent = as_staff.post(f"/letters/drafts/{sheet.pk}/send/", {"version": str(sheet.version)})
    assert sent["Location"] == "/letters/2023-0002/"
    anew = Letter.objects.get(reference="2023-0002")
    assert said_by(anew) == said_by(Letter.objects.get(reference="2023-0001"))


def logged_anew(client, letter: Letter) -> Letter:
    client.post(f"/letters/{letter.reference}/log-anew/")
    sheet = Worksheet.objects.get(letter=None)
    sent = client.post(f"/letters/drafts/{sheet.pk}/send/", {"version": str(sheet.version)})
    return Letter.objects.get(reference=sent["Location"].split("/")[2])


def test_what_was_logged_anew_and_what_it_was_copied_from_name_each_other(as_staff, as_viewer, reference):
    letter = factories.sent()
    anew = logged_anew(as_staff, letter)
    first, second = f"/letters/{letter.reference}/", f"/letters/{anew.reference}/"
    both = "Both count now: take {} one back once the new one is right."
    assert f"Logged anew as {anew.reference}. {both.format('this')}" in words(as_staff.get(first))
    assert f"Logged anew from {letter.reference}. {both.format('that')}" in words(as_staff.get(second))
    assert f"Logged anew from {letter.reference}. Both count now." in words(as_viewer.get(second))
    # among what it is related to, and in the story of each
    for page, other, how in ((as_viewer.get(first), anew, "as"), (as_viewer.get(second), letter, "from")):
        shown = page.content.decode()
        told = re.search(r'<ol class="timeline".*?</ol>', shown, flags=re.S)[0]
        assert f'<a href="/letters/{other.reference}/">Logged anew {how} {other.reference}</a>' in told
        assert f"Logged anew {how} {other.reference} : TEST letter" in words(page)
    back = f"{first}take-back/"
    assert f"{anew.reference} was logged anew from it, and stays as it is." in words(as_staff.get(back))
    as_staff.post(back, hidden(as_staff.get(back)) | {"reason": "TEST wrong kind"})
    assert f"Logged anew as {anew.reference}. What" in words(as_viewer.get(first))
    assert f"Logged anew from {letter.reference}. What" in words(as_viewer.get(second))


def test_a_draft_that_somebody_saves_remembers_what_it_was_copied_from(as_staff, staff, manager, reference):
    letter = factories.sent()
    as_staff.post(f"/letters/{letter.reference}/log-anew/")
    sheet = Worksheet.objects.get()
    typed = {name: value for name, value in sheet.typed.items() if name in SINGLE} | {"subject": "TEST other"}
    boss = factories.client(manager)
    boss.post(f"/letters/drafts/{sheet.pk}/", typed | {"version": "1", "do": "save"})
    sheet.refresh_from_db()
    assert (sheet.typed["subject"], sheet.version, sheet.typed["copied_from"]) == ("TEST other", 2, str(letter.pk))
    page = boss.get(f"/letters/drafts/{sheet.pk}/").content.decode()
    assert str(letter.pk) not in page


@pytest.mark.parametrize("hidden_one", ["first", "anew"])
def test_one_that_a_reader_may_not_see_is_never_hinted_at(as_staff, staff, manager, viewer, reference, hidden_one):
    letter = factories.sent(access="restricted" if hidden_one == "first" else "office")
    boss = factories.client(manager)
    boss.post(f"/letters/{letter.reference}/log-anew/")
    sheet = Worksheet.objects.get()
    access = "office" if hidden_one == "first" else "restricted"
    typed = sheet.typed | {"access": access, "staff": []}
    worksheets.save_worksheet(sheet, by=manager, typed=typed, expected_version=1)
    boss.post(f"/letters/drafts/{sheet.pk}/send/", {"version": "2"})
    anew = Letter.objects.exclude(pk=letter.pk).get()
    seen, other = (anew, letter) if hidden_one == "first" else (letter, anew)
    assert "ogged anew" in words(boss.get(f"/letters/{seen.reference}/"))
    assert "ogged anew" in words(boss.get(f"/letters/{other.reference}/"))
    page = as_staff.get(f"/letters/{seen.reference}/").content.decode()
    assert ("ogged anew" in page, "inked to" in page, other.reference in page, str(other.pk) in page) == (False,) * 4
    assert not seen.events.filter(kind="letter_linked").exists()
    assert other.events.filter(kind="letter_linked").count() == 1


def test_one_that_is_restricted_later_is_hinted_at_no_longer(as_staff, manager, reference):
    letter = factories.sent()
    anew = logged_anew(as_staff, letter)
    as_staff.get("/")  # where what was done is said once
    sending.change_access(letter, by=manager, access="restricted", reason="TEST", staff=[])
    page = as_staff.get(f"/letters/{anew.reference}/").content.decode()
    assert ("ogged anew" in page, letter.reference in page) == (False, False)
    assert "ogged anew from" in words(factories.client(manager).get(f"/letters/{anew.reference}/"))


def test_a_letter_in_error_is_logged_anew_and_put_right(as_staff, staff, reference):
    facts = {
        "term_days": 10,
        "term_unit": "business",
        "term_from": "receipt",
        "our_role": "co_signed",
        "lead_office_contact": "TEST Person",
    }
    letter = factories.sent(
        **facts, kind_code="written_answers", ask_facts={"questions": ["1. TEST one?", "2. TEST two:", "2a. TEST a?", "2b. TEST b?"]},
    )  # fmt: skip
    sending.enter_in_error(letter, by=staff, reason="TEST wrong kind")
    at = f"/letters/{letter.reference}/"
    assert ways(as_staff.get(at)) == [
        "It belongs in the record after all, or is to stand there in another way: Log it anew. All that it says is copied into a "
        "draft, which gets a number of its own once it is sent."
    ]
    as_staff.post(f"{at}log-anew/")
    sheet = Worksheet.objects.get()
    assert sheet.typed["asks"][0]["questions"] == "1. TEST one?\n2. TEST two:\n2a. TEST a?\n2b. TEST b?"
    typed = sheet.typed | {"asks": [sheet.typed["asks"][0] | {"kind": "documents"}]}
    worksheets.save_worksheet(sheet, by=staff, typed=typed, expected_version=sheet.version)
    sent = as_staff.post(f"/letters/drafts/{sheet.pk}/send/", {"version": "2"})
    anew = Letter.objects.get(reference=sent["Location"].split("/")[2])
    before, after = said_by(Letter.objects.get(pk=letter.pk)), said_by(anew)
    assert [after["asks"][0][1], after["asks"][0][8]] == ["documents", before["asks"][0][8]]
    assert {k: v for k, v in after.items() if k != "asks"} == {k: v for k, v in before.items() if k != "asks"}


def test_a_restricted_letter_is_copied_for_its_staff_only(as_staff, staff, viewer, reference):
    colleague = factories.user(username="colleague")
    letter = factories.sent(access="restricted")
    with acting(factories.SETUP):
        LetterStaff.objects.create(letter=letter, user=staff)
    assert factories.client(colleague).post(f"/letters/{letter.reference}/log-anew/").status_code == 404
    as_staff.post(f"/letters/{letter.reference}/log-anew/")
    sheet = Worksheet.objects.get()
    assert (sheet.restricted, sheet.typed["access"], sheet.typed["staff"]) == (True, "restricted", ["staff"])
    assert factories.client(colleague).get(f"/letters/drafts/{sheet.pk}/").status_code == 404


def test_what_the_sheet_has_no_box_for_is_said(as_staff, reference):
    letter = factories.draft(agencies=("treasury",))
    made = factories.ask(letter, "treasury", consulted=())
    for slug in ("ofac", "fincen"):
        put_to(made, by=factories.SETUP, agency=factories.agency(slug))
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    page = words(as_staff.post(f"/letters/{letter.reference}/log-anew/", follow=True))
    assert "Ask 1 was also put to" in page


# --- the day it was sent


def test_a_wrong_year_is_corrected_on_the_page(as_staff, reference):
    letter = factories.sent(sent_on=dt.date(2022, 4, 25))
    item = Tasking.objects.get()
    at = f"/letters/{letter.reference}/correct/"
    page = as_staff.get(at)
    typed = correction(letter, letter_date="2023-04-25", sent_on="2022-04-25") | hidden(page)
    refused = as_staff.post(at, typed)
    assert "or correct the day it was sent, too." in words(refused)
    assert as_staff.post(at, typed | {"sent_on": "2023-04-25"}).status_code == 302
    letter.refresh_from_db()
    item.refresh_from_db()
    assert (letter.reference, letter.sent_on, item.asked_on) == (
        "2022-0001",
        dt.date(2023, 4, 25),
        dt.date(2023, 4, 25),
    )
    shown = words(as_staff.get(f"/letters/{letter.reference}/"))
    assert "the day it was sent, from “April 25, 2022” to “April 25, 2023”" in shown
    assert "first noted as" not in shown  # the day on the letter again: nothing is to be explained


def test_the_head_says_when_it_was_sent_and_why_that_is_another_day(as_staff, staff, reference):
    letter = factories.sent()
    at = f"/letters/{letter.reference}/"
    assert "April 25, 2023 to TEST Secretary" in words(as_staff.get(at))
    sending.amend(letter, by=staff, reason="TEST the courier’s slip", sent_on=dt.date(2023, 5, 2))
    shown = words(as_staff.get(at))
    assert "April 25, 2023, sent May 2, 2023, to TEST Secretary" in shown
    why = "The day it was sent was first noted as April 25, 2023, and corrected: “TEST the courier’s slip”."
    assert why in shown
    sending.amend(Letter.objects.get(), by=staff, reason="TEST the stamp", sent_on=dt.date(2023, 5, 3))
    assert "first noted as April 25, 2023, and corrected: “TEST the stamp”." in words(as_staff.get(at))
    late = factories.draft(subject="TEST sent later")
    factories.ask(late, "treasury")
    late = sending.send_letter(late, by=factories.SETUP, sent_on=dt.date(2023, 5, 1))
    shown = words(as_staff.get(f"/letters/{late.reference}/"))
    assert "April 25, 2023, sent May 1, 2023, to TEST Secretary" in shown
    assert "first noted as" not in shown


def test_a_day_that_was_corrected_and_put_back_needs_no_explanation(as_staff, staff, reference):
    letter = factories.draft()
    factories.ask(letter, "treasury")
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=dt.date(2023, 5, 1))
    for day in (3, 1):
        sending.amend(Letter.objects.get(), by=staff, reason=f"TEST of {day}", sent_on=dt.date(2023, 5, day))
    shown = words(as_staff.get(f"/letters/{letter.reference}/"))
    assert "April 25, 2023, sent May 1, 2023, to TEST Secretary" in shown
    assert "first noted as" not in shown


def test_corrections_stand_in_the_order_of_when_they_were_made(as_staff, staff, reference):
    """Whichever the database has at hand first."""
    letter = factories.sent()
    for day, sent_on in ((20, dt.date(2023, 5, 3)), (10, dt.date(2023, 5, 2))):
        with factories.on(6, day):
            sending.amend(Letter.objects.get(), by=staff, reason=f"TEST of June {day}", sent_on=sent_on)
    # as they lie in the table, the later one first: an index has them in order by chance
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    page = as_staff.get(f"/letters/{letter.reference}/")
    assert [one["reason"] for one in page.context["corrections"]] == ["TEST of June 20", "TEST of June 10"]
    assert page.context["day_corrected"]["reason"] == "TEST of June 20"


def test_a_page_from_before_the_day_could_be_corrected_leaves_it(as_staff, reference):
    letter = factories.sent()
    typed = correction(letter, subject="TEST right")
    assert "sent_on" not in typed
    assert as_staff.post(f"/letters/{letter.reference}/correct/", typed).status_code == 302
    letter.refresh_from_db()
    assert (letter.subject, letter.sent_on) == ("TEST right", factories.SENT_ON)


def test_correcting_the_day_leaves_a_text_of_several_lines_as_it_is(as_staff, reference):
    """A browser sends CR and LF, whatever stood there, and a form takes blanks off the end."""
    letter = factories.draft()
    factories.ask(letter, "treasury")
    edit_letter(letter, by=factories.SETUP, text="TEST one\nTEST two\n")
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    late = Tasking.objects.get()
    sweep(today=dt.date(2023, 7, 1))
    typed = correction(letter, text="TEST one\r\nTEST two", letter_date="2023-04-25", sent_on="2023-04-27")
    assert as_staff.post(f"/letters/{letter.reference}/correct/", typed).status_code == 302
    letter.refresh_from_db()
    assert (letter.text, letter.sent_on) == ("TEST one\nTEST two\n", dt.date(2023, 4, 27))
    assert list(letter.amendments.values_list("field", flat=True)) == ["sent_on"]
    shown = words(as_staff.get(f"/letters/{letter.reference}/"))
    assert "the day it was sent" in shown
    assert "sent_on" not in shown
    assert "May 24, 2023, which it was past, counts no more: the date is May 26, 2023" in shown
    assert "no longer past" not in words(as_staff.get(f"/items/{late.pk}/"))


# --- somebody was left out


def test_a_signer_and_an_agency_are_added_on_their_pages(as_staff, reference):
    letter = factories.draft(agencies=("treasury", "state"))
    ask = factories.ask(letter, "treasury")
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    at = f"/letters/{letter.reference}/"
    signer = as_staff.get(f"{at}signers/add/")
    agency = as_staff.get(f"{at}agencies/add/")
    assert re.findall(r'<option value="([a-z]+)"', agency.content.decode())[:1] != []
    assert as_staff.post(f"{at}signers/add/", hidden(signer)).status_code == 422
    typed = hidden(signer) | {"printed_name": "TEST Left Out", "is_lead": "on", "reason": "TEST why"}
    done = as_staff.post(f"{at}signers/add/", typed, follow=True)
    assert "TEST Left Out is signer 2 of 2023-0001." in words(done)
    late = hidden(agency) | {"ask": str(ask.pk), "agency": "state", "role": "lead", "reason": "TEST why"}
    shown = as_staff.post(f"{at}agencies/add/", late)
    assert (shown.status_code, "Look whether it is there by now; if not, save again." in words(shown)) == (409, True)
    done = as_staff.post(f"{at}agencies/add/", late | hidden(shown), follow=True)
    assert "“State: TEST ask” is an item of 2023-0001 now, asked on the day the letter was sent." in words(done)
    twice = as_staff.post(f"{at}agencies/add/", late | hidden(as_staff.get(f"{at}agencies/add/")))
    assert (twice.status_code, "Ask 1 is put to State already." in words(twice)) == (422, True)
    assert list(letter.signatures.order_by("position").values_list("printed_name", "is_lead")) == [
        ("TEST Signer", False), ("TEST Left Out", True),
    ]  # fmt: skip


def test_an_ask_that_was_left_out_is_added_on_its_page(as_staff, reference):
    letter = factories.sent(agencies=("treasury", "state"))
    known = factories.target("TEST Known")
    at = f"/letters/{letter.reference}/asks/add/"
    link = f'<a class="usa-link" href="{at}">Add an ask</a>'
    assert link in as_staff.get(f"/letters/{letter.reference}/").content.decode()
    page = as_staff.get(at)
    nothing = as_staff.post(at, hidden(page))
    assert nothing.status_code == 422
    assert "Choose a kind; “other” will do." in words(nothing)
    typed = hidden(page) | {
        "kind": "sanction", "targets": "TEST Known\nTEST Nobody", "responsible": ["treasury"], "consulted": ["state"],
        "acting": "ofac", "requested_by": "2023-06-01", "reason": "TEST page two", "questions": "1. TEST one?\n2. TEST two?",
        "quote": "TEST sanction them",
    }  # fmt: skip
    unknown = as_staff.post(at, typed)
    assert unknown.status_code == 422
    assert "“TEST Nobody” is not in our record yet. Is TEST Known meant? Then type it so" in words(unknown)
    typed |= hidden(unknown)
    early = as_staff.post(at, typed | {"target_kind": "company", "requested_by": "2023-04-01"})
    assert "The ask’s own date (April 1, 2023) is before the day it was sent (April 25, 2023)." in words(early)
    assert not Target.objects.filter(name="TEST Nobody").exists()
    done = as_staff.post(at, typed | {"target_kind": "company"}, follow=True)
    assert done.redirect_chain == [(f"/letters/{letter.reference}/#matrix-title", 302)]
    said = "is ask 2 of 2023-0001 now, asked on the day the letter was sent: 1 open item of it waits since then."
    assert said in words(done)
    ask = letter.asks.get(number=2)
    assert [one.name for one in ask.targets_in_order()] == [known.name, "TEST Nobody"]
    assert list(ask.questions.values_list("text", flat=True)) == ["1. TEST one?", "2. TEST two?"]
    assert list(ask.taskings.order_by("role").values_list("agency__slug", "role", "acting_agency__slug", "due_on")) == [
        ("state", "consulted", None, None), ("treasury", "lead", "ofac", dt.date(2023, 6, 1)),
    ]  # fmt: skip
    assert (ask.quote, bool(ask.instrument)) == ("TEST sanction them", True)  # the legal basis is its kind’s
    late = as_staff.post(at, typed)
    assert (late.status_code, "Look whether it is there by now; if not, save again." in words(late)) == (409, True)


def test_who_adds_an_ask_to_a_letter_that_was_sent_with_none_is_told_what_still_waits(as_staff, reference):
    letter = sending.send_letter(factories.draft(), by=factories.SETUP, sent_on=factories.SENT_ON)
    at = f"/letters/{letter.reference}/asks/add/"
    typed = {"kind": "briefing", "summary": "TEST brief us", "responsible": "treasury", "reason": "TEST why"}
    done = words(as_staff.post(at, hidden(as_staff.get(at)) | typed, follow=True))
    still = "“Reply to this letter”, which the letter got when it was sent with no ask, still waits too: mark it as entered in error where this ask is what was meant."
    assert still in done
    reply = Tasking.objects.get(ask__kind__code="reply")
    factories.moved(reply, "entered_in_error")
    again = hidden(as_staff.get(at)) | typed | {"summary": "TEST brief us again"}
    assert "still waits too" not in words(as_staff.post(at, again, follow=True))


def test_a_name_like_one_that_is_there_is_asked_about_before_it_is_added(as_staff, reference):
    letter = factories.sent()
    factories.target("TEST Alibaba Cloud")
    at = f"/letters/{letter.reference}/asks/add/"
    page = as_staff.get(at)
    typed = {
        "kind": "sanction", "targets": "TEST Alibaba Clowd\nQuagga", "target_kind": "company", "responsible": "treasury",
        "reason": "TEST page two",
    }  # fmt: skip
    asked = as_staff.post(at, hidden(page) | typed)
    assert asked.status_code == 422
    meant = (
        "“TEST Alibaba Clowd” is not in our record yet. Is TEST Alibaba Cloud meant? Then type it so; or save again, and it is "
        "added as a company."
    )
    assert meant in words(asked)
    assert "“Quagga”" not in words(asked)  # nothing is like it
    # what was asked about one name is not said of another
    other = as_staff.post(at, hidden(asked) | typed | {"targets": "TEST Alibaba Clout"})
    assert (other.status_code, "“TEST Alibaba Clout” is not in our record yet." in words(other)) == (422, True)
    assert hidden(other)["looked_at"] == '["TEST Alibaba Clowd", "TEST Alibaba Clout"]'
    broken = as_staff.post(at, hidden(page) | typed | {"looked_at": "{"})
    assert (broken.status_code, meant in words(broken)) == (422, True)
    assert list(Target.objects.values_list("name", flat=True)) == ["TEST Alibaba Cloud"]
    assert as_staff.post(at, hidden(asked) | typed).status_code == 302
    assert [one.name for one in letter.asks.get(number=2).targets_in_order()] == ["TEST Alibaba Clowd", "Quagga"]


# --- what was marked as entered in error is not asked once more


def test_an_ask_that_the_letter_did_not_make_is_in_no_copy(as_staff, staff, reference):
    letter = factories.draft(agencies=("treasury", "state"))
    letter = sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)  # “Reply to this letter”, to both
    left_out.add_ask(
        letter, by=staff, reason="TEST left out", kind=factories.kind("briefing"), summary="TEST a briefing",
        responsible=[factories.agency("treasury"), factories.agency("state")],
    )  # fmt: skip
    for instead in Tasking.objects.filter(ask__letter=letter, ask__number=1):
        workflow.transition(instead, to="entered_in_error", by=staff, reason="TEST the briefing was meant")
    wrong = Tasking.objects.get(ask__number=2, agency__slug="state")
    workflow.transition(wrong, to="entered_in_error", by=staff, reason="TEST ticked by mistake")
    done = as_staff.post(f"/letters/{letter.reference}/log-anew/", follow=True)
    assert "Ask 1, “Reply to this letter”, is left out: it is marked as entered in error." in words(done)
    assert "Ask 2 is not put to State any more: that was marked as entered in error." in words(done)
    (ask,) = Worksheet.objects.get(letter=None).typed["asks"]
    assert (ask["summary"], ask["responsible"], ask["consulted"]) == ("TEST a briefing", ["treasury"], [])


def test_what_ended_with_its_letter_or_goes_on_elsewhere_is_copied(as_staff, staff, reference):
    first = factories.item()
    later = factories.sent(agencies=("treasury", "state"), sent_on=dt.date(2023, 6, 1))
    own, beside = Tasking.objects.filter(ask__letter=later).order_by("-agency__slug")
    renew(first, by=staff, letter=later, instead_of=own)
    assert (factories.fresh(own).status, own.agency.slug) == ("entered_in_error", "treasury")
    sending.enter_in_error(later, by=staff, reason="TEST wrong addressee")
    assert factories.fresh(beside).status == "entered_in_error"
    as_staff.post(f"/letters/{later.reference}/log-anew/")
    (ask,) = Worksheet.objects.get(letter=None).typed["asks"]
    assert sorted(ask["responsible"]) == ["state", "treasury"]


# --- what speaks against a proposed signer goes along until a person looks


PRINTED = "Printed (D-NV), but our rosters say Republican, Tennessee."


def sent_unconfirmed(client, **typed) -> Letter:
    """A letter of three signers of whom nobody confirmed any: against the first something speaks, the last fits nobody."""
    client.post("/letters/new/", {
        "subject": "TEST letter", "letter_date": "4/25/2023", "our_role": "co_signed", "access": "office", "text": "TEST words",
        "addressees-0-printed_name": "TEST", "addressees-0-agency": "Treasury", "asks-0-kind": "briefing",
        "asks-0-summary": "Brief us", "asks-0-responsible": "treasury",
        "signers_block": "Bill Hagerty (D-NV)\nMarsha Blackburn\nTom Cotton\nTEST Nobody (R-TX)", "do": "names", **typed,
    })  # fmt: skip
    sheet = Worksheet.objects.get(letter=None)
    client.post(f"/letters/drafts/{sheet.pk}/send/", {"version": str(sheet.version)})
    return Letter.objects.latest("sent_at")


def test_what_speaks_against_a_proposed_signer_is_told_until_somebody_confirms_that_one(as_staff, reference):
    letter = sent_unconfirmed(as_staff)
    at = f"/letters/{letter.reference}/"
    page = words(as_staff.get(at))
    assert f"not confirmed. {PRINTED} Yes, it is" in page
    assert "Yes, these are the 2 proposed members" in page
    version = {"version": letter.version}
    assert "Confirmed: Marsha Blackburn, Tom Cotton." in words(as_staff.post(f"{at}signers/confirm/", version | {"signer": "all"}, follow=True))  # fmt: skip
    first = letter.signatures.get(position=1)
    assert (first.match, first.doubt) == ("proposed", PRINTED)
    letter.refresh_from_db()
    as_staff.post(f"{at}signers/confirm/", {"version": letter.version, "signer": first.pk})
    first.refresh_from_db()
    assert (first.match, first.state, first.doubt) == ("confirmed", "TN", "")


def test_a_copy_keeps_the_doubts_and_is_read_once_more_where_its_date_is_put_right(as_staff, staff, reference):
    letter = sent_unconfirmed(as_staff)
    as_staff.post(f"/letters/{letter.reference}/log-anew/")
    sheet = Worksheet.objects.get(letter=None)
    first, second, third, nobody = sheet.typed["signers"]
    assert [one["doubt"] for one in (first, second, third)] == [PRINTED, "", ""]
    assert (nobody["doubt"], nobody["state"], nobody["party"]) == (
        "No member of this name served then.",
        "TX",
        "Republican",
    )
    assert "proposed. " + PRINTED in words(as_staff.get(f"/letters/drafts/{sheet.pk}/"))

    def rows_after_yes(letter_date: str) -> list[dict]:
        fields = {
            f"signers-{n}-{part}": value for n, row in enumerate(sheet.typed["signers"]) for part, value in row.items()
        }
        typed = {name: sheet.typed[name] for name in SINGLE} | fields | {"version": sheet.version}
        as_staff.post(f"/letters/drafts/{sheet.pk}/", typed | {"letter_date": letter_date, "do": "confirm"})
        sheet.refresh_from_db()
        return sheet.typed["signers"]

    # “Yes” takes nobody who is proposed as of a date that comes with the same press: nobody looked at that yet
    rows = rows_after_yes("4/26/2023")
    assert [(one["confirmed"], one["doubt"]) for one in rows[:3]] == [("", PRINTED), ("", ""), ("", "")]
    assert {one["read_on"] for one in rows} == {"2023-04-26"}
    assert (rows[3]["state"], rows[3]["party"]) == ("TX", "Republican")
    assert [one["bioguide"] for one in rows] == ["H000601", "B001243", "C001095", ""]
    # before Bill Hagerty sat there nobody of that name is proposed
    rows = rows_after_yes("4/27/2020")
    assert [(one["bioguide"], one["confirmed"]) for one in rows] == [
        ("", ""),
        ("B001243", ""),
        ("C001095", ""),
        ("", ""),
    ]
    assert rows[0]["doubt"].startswith("No member of this name served then.")
    # pressed on what was looked at, it takes those without a doubt
    assert [one["confirmed"] for one in rows_after_yes("4/27/2020")] == ["", "on", "on", ""]
