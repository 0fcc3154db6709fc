"""The pages that move a date by somebody's word: more time from a reply, taken back, a sent letter's deadline corrected."""

import datetime as dt

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.http import urlencode

from letters.domain import extending, renewals, reply_flow, retractions, sending, workflow
from letters.listing import Listing
from letters.models import Amendment, Event, StatutoryClock, Tasking
from tests import factories
from tests.domain.refusals import refused
from tests.factories import fresh, on
from tests.web.test_pages import words

USUAL = dt.date(2023, 5, 24)


@pytest.fixture
def tasking(reference) -> Tasking:
    with on(4, 25):
        return factories.item()


def page(client, tasking: Tasking) -> str:
    return words(client.get(f"/items/{tasking.pk}/"))


def test_more_time_is_given_from_their_reply_and_taken_back(as_staff, tasking, staff):
    reply = factories.reply(tasking, kind="extension_notice", coverage="evades", received_on=dt.date(2023, 5, 18))
    address = f"/items/{tasking.pk}/extend/?response={reply.pk}"
    with on(5, 20):
        assert address in as_staff.get(f"/items/{tasking.pk}/").content.decode()
        drawn = as_staff.get(address).content.decode()
        assert f'<option value="{reply.pk}" selected>' in drawn
        form = {"to": "2023-06-30", "who": "notice", "response": reply.pk, "version": fresh(tasking).version}
        assert as_staff.post(address, form).status_code == 302
        shown = page(as_staff, tasking)
    for said in (
        "more time to June 30, 2023; it was May 24, 2023",
        "More time, to June 30, 2023: Treasury told us in the reply received May 18, 2023",
        "It gives more time, to June 30, 2023.",
        # one act, one line
        "They need more time: from May 24, 2023 to June 30, 2023 Due date moved from May 24, 2023 to June 30, 2023 staff",
    ):
        assert said in shown
    with on(5, 22):
        unextend = f"/items/{tasking.pk}/unextend/"
        assert as_staff.get(unextend).status_code == 200
        refusal = as_staff.post(unextend, {"reason": " ", "version": fresh(tasking).version})
        assert (refusal.status_code, "Say what was wrong." in words(refusal)) == (422, True)
        done = as_staff.post(
            unextend, {"reason": "TEST: it was about another letter", "version": fresh(tasking).version}
        )
        assert done.status_code == 302
        shown = page(as_staff, tasking)
        now = fresh(tasking)
        assert (now.due_on, now.extended_to, now.original_due_on) == (USUAL, None, None)
        assert "Take back the time given" not in shown
        assert (
            "June 30, 2023 until May 22, 2023, 12:00 p.m., staff: no more time was given after all (“TEST: it was about another letter”)"
            in shown
        )
        assert "May 24, 2023 until May 20, 2023, 12:00 p.m., staff: More time, to June 30, 2023" in shown


def test_what_rests_on_a_reply_goes_with_it(tasking, staff):
    reply = factories.reply(tasking, kind="extension_notice", coverage="evades", received_on=dt.date(2023, 5, 18))
    other = factories.reply(tasking, kind="interim", coverage="evades", received_on=dt.date(2023, 5, 19))
    extending.extend(tasking, by=staff, to=dt.date(2023, 6, 30), by_notice=True, response=reply)
    retractions.retract_response(other, by=staff, reason="TEST")
    assert fresh(tasking).due_on == dt.date(2023, 6, 30)
    retractions.retract_response(reply, by=staff, reason="TEST: another office's")
    assert (fresh(tasking).due_on, fresh(tasking).extended_to) == (USUAL, None)
    last = Event.objects.filter(kind="due_date_moved", tasking=tasking).latest("sequence")
    assert (last.by_user, last.payload["to"]) == (staff, "2023-05-24")
    assert Event.objects.filter(kind="extended").latest("sequence").reason == "TEST: another office's"


def test_a_reply_that_was_taken_back_unread_waits_for_no_reader(as_staff, tasking, staff):
    reply = factories.reply(tasking, coverage=None)
    assert "not yet read" in page(as_staff, tasking)
    retractions.retract_response(reply, by=staff, reason="TEST")
    shown = page(as_staff, tasking)
    assert ("Entered in error: TEST" in shown, "not yet read" in shown) == (True, False)


def test_why_a_reply_was_wrong_is_told_with_no_date_it_had_moved_where_it_speaks_of_a_hidden_letter(
    as_staff, tasking, manager
):
    hidden = factories.item(access="restricted", staff=[manager])
    told = [
        reply_flow.Word(tasking, said="promised", promised_on=dt.date(2023, 8, 1)),
        reply_flow.Word(hidden, said="looking"),
    ]
    with on(5, 18):
        reply = reply_flow.record_reply(by=manager, agency=tasking.agency, received_on=dt.date(2023, 5, 18), words=told)
        workflow.transition(fresh(tasking), to="considering", by=manager)
        extending.extend(fresh(tasking), by=manager, to=dt.date(2023, 8, 2), by_notice=True, response=reply)
        retractions.retract_response(reply, by=manager, reason="TEST Quagga")
        shown = page(as_staff, tasking)
    assert ("Quagga" in shown, "the time given is taken back" in shown.lower()) == (False, True)


def test_more_time_rests_on_a_reply_about_this_item_that_stands(tasking, staff):
    elsewhere = factories.reply(factories.item(), coverage=None)
    taken_back = factories.reply(tasking, coverage=None)
    retractions.retract_response(taken_back, by=staff, reason="TEST")
    ours = factories.reply(tasking, coverage=None)
    later = dt.date(2023, 6, 30)
    for response in (elsewhere, taken_back):
        response.refresh_from_db()
        assert refused(extending.extend, tasking, by=staff, to=later, by_notice=True, response=response) == {
            "response": "That reply is none about this item. Choose one recorded for it."
        }
    assert list(refused(extending.extend, tasking, by=staff, to=later, by_notice=False, response=ours)) == ["who"]


def corrected(client, tasking: Tasking, deadline: str, **more):
    letter = tasking.ask.letter
    letter.refresh_from_db()
    form = {
        "subject": letter.subject, "letter_date": "2023-04-25", "our_role": "led", "deadline_on": deadline,
        "reason": "TEST: page 2 says so", "version": letter.version,
    }  # fmt: skip
    return client.post(f"/letters/{letter.reference}/correct/", form | more)


def test_a_sent_letter_s_term_is_corrected_with_a_reason_and_the_dates_follow(as_staff, tasking):
    with on(5, 2):
        assert corrected(as_staff, tasking, "Within 10 business days of its date").status_code == 302
    now = fresh(tasking)
    assert (now.due_on, now.due_basis) == (dt.date(2023, 5, 9), "letter")
    shown = page(as_staff, tasking)
    assert "The letter asks for a reply within 10 business days of its date." in shown
    said = (
        "The letter asks for a reply within 10 business days of its date, from April 25, 2023 (“TEST: page 2 says so”)"
    )
    assert f"May 24, 2023 until May 2, 2023, 12:00 p.m., staff: {said}" in shown
    drawn = as_staff.get(f"/letters/{tasking.ask.letter.reference}/correct/").content.decode()
    assert 'value="within 10 business days of its date"' in drawn
    with on(5, 3):
        assert corrected(as_staff, tasking, "5/12/2023").status_code == 302
    assert fresh(tasking).due_on == dt.date(2023, 5, 12)
    with on(5, 4):
        assert corrected(as_staff, tasking, "").status_code == 302
    assert (fresh(tasking).due_on, fresh(tasking).due_basis) == (USUAL, "yardstick")
    shown = page(as_staff, tasking)
    assert "The letter sets no deadline, so our usual wait applies." in shown
    assert "May 12, 2023 until May 4, 2023" in shown
    letter = words(as_staff.get(f"/letters/{tasking.ask.letter.reference}/"))
    assert "The letter sets no deadline." in letter
    assert "the number of days it gives, from “nothing” to “10”" in letter
    assert "which days it counts, from “nothing” to “business days”" in letter
    fields = list(Amendment.objects.order_by("amended_at", "field").values_list("field", flat=True))
    assert sorted(fields) == [
        "deadline_on",
        "deadline_on",
        "term_days",
        "term_days",
        "term_from",
        "term_from",
        "term_unit",
        "term_unit",
    ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("soon", "“soon” is neither a date nor a term. Write it as May 30, 2023, or as “within 30 days of receipt”"),
        ("within 0 days of receipt", "The term is 0 days. Give 1 to 2000."),
        ("4/1/2023", "is before the letter’s date (April 25, 2023)"),
    ],
)
def test_a_deadline_that_cannot_be_is_refused_and_comes_back(as_staff, tasking, typed, sentence):
    answer = corrected(as_staff, tasking, typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert f'value="{typed}"' in answer.content.decode()


def test_who_corrects_a_deadline_on_an_old_page_is_asked(as_staff, tasking):
    opened = '{"deadline_on": "", "subject": "TEST letter"}'
    corrected(as_staff, tasking, "within 30 days of receipt")
    answer = corrected(as_staff, tasking, "5/12/2023", version=tasking.ask.letter.version, opened=opened)
    assert answer.status_code == 409
    shown = words(answer)
    assert "within 30 days of receipt" in shown
    assert "May 12, 2023" in shown


def test_the_queue_says_that_a_letter_sets_no_deadline_and_finds_those(as_staff, tasking):
    with on(4, 25):
        factories.item(deadline_on=dt.date(2023, 5, 15))
        factories.item(term_days=30, term_unit="calendar", term_from="receipt")
    rows = words(as_staff.get("/"))
    assert rows.count("; the letter sets no deadline") == 1
    assert rows.count("; no receipt is recorded") == 1
    assert "1 open item" in words(as_staff.get(f"/?{urlencode({'due_basis': 'letter'})}"))
    assert "2 open items" in words(as_staff.get("/?due_basis=yardstick"))
    assert "Who set the date: nobody (our usual wait counts)" in words(as_staff.get("/?due_basis=yardstick"))


def test_that_a_letter_sets_no_deadline_is_a_filter_of_its_own_whatever_date_counts_now(as_staff, tasking, staff):
    with on(4, 25):
        dated = factories.item(deadline_on=dt.date(2023, 5, 15))
        term = factories.item(term_days=30, term_unit="calendar", term_from="receipt")  # no receipt is recorded
        own = factories.item(ask_facts={"requested_by": dt.date(2023, 5, 15)})
        by_law, promised, repeated, repeated_in_error = (factories.item() for _ in range(4))
    with on(5, 2):
        extending.set_statute(by_law.ask, by=staff, statute=StatutoryClock.objects.get(), reason="TEST")
        workflow.transition(promised, to="promised", by=staff, promised_on=dt.date(2023, 6, 8))
        extending.extend(
            tasking, by=staff, to=dt.date(2023, 6, 30), by_notice=True
        )  # time given is no deadline of theirs
        plain, late = factories.sent(sent_on=dt.date(2023, 5, 2)), dt.date(2023, 9, 29)
        again, wrong = (factories.sent(sent_on=dt.date(2023, 5, 2), deadline_on=late) for _ in range(2))
        for one, letter in ((tasking, plain), (repeated, again), (repeated_in_error, wrong)):
            renewals.renew(fresh(one), by=staff, letter=letter)
        sending.enter_in_error(wrong, by=staff, reason="TEST")
    found = {
        value: set(Listing(QueryDict(f"deadline={value}"), user=staff).found.filter(asked_on=dt.date(2023, 4, 25)))
        for value in ("none", "set")
    }
    assert found == {"none": {tasking, promised, repeated_in_error}, "set": {dated, term, own, by_law, repeated}}
    shown = words(as_staff.get("/?deadline=none"))
    assert "Deadline: the letter sets no deadline" in shown
    assert "promised for June 8, 2023" in shown
    assert "asked for by" not in shown


def test_the_date_before_is_the_one_before_and_not_the_first(as_staff, tasking, staff):
    def more_time(to: str) -> str:
        form = {"to": to, "who": "agreed", "version": fresh(tasking).version}
        return words(as_staff.post(f"/items/{tasking.pk}/extend/", form, follow=True))

    with on(5, 20):
        assert "Due June 10, 2023 now. The date before, May 24, 2023, is kept." in more_time("2023-06-10")
        assert "Due July 1, 2023 now. The date before, June 10, 2023, is kept." in more_time("2023-07-01")
        assert fresh(tasking).original_due_on == USUAL
        dates = f"/letters/{tasking.ask.letter.reference}/?show=dates"
        assert "we agreed to more time: from june 10, 2023 to july 1, 2023" in words(as_staff.get(dates)).lower()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "This letter sets no date, so the item’s date stays."),
        (
            {"deadline_on": dt.date(2023, 6, 30)},
            "The letter asks for a reply by June 30, 2023. That becomes its date, but where they promised a day.",
        ),
        (
            {"term_days": 10, "term_unit": "business", "term_from": "letter_date"},
            "The letter asks for a reply within 10 business days of its date. That becomes its date, but where they promised a day.",
        ),
        (
            {"term_days": 30, "term_unit": "calendar", "term_from": "receipt"},
            "The letter asks for a reply within 30 days of receipt. That becomes its date, once receipt is recorded, but where they promised a day.",
        ),
    ],
)
def test_a_letter_that_repeats_says_what_becomes_of_the_date(as_staff, tasking, manager, facts, said):
    again = factories.sent(sent_on=dt.date(2023, 6, 1), released=True, **facts)
    assert said in words(as_staff.get(f"/letters/{again.reference}/repeats/"))
    as_staff.force_login(manager)
    public = words(as_staff.get(f"/letters/{again.reference}/public/"))
    # what is public of a letter is the date it sets, and no term
    assert ("sets no date" in public, "It asks for a reply by June 30, 2023." in public) == (
        False, "deadline_on" in facts,
    )  # fmt: skip


def test_a_laws_days_changed_by_an_administrator_move_the_dates_that_run_by_it(admin, tasking, staff):
    law, client = StatutoryClock.objects.get(), Client()
    with on(5, 2):
        extending.set_statute(tasking.ask, by=staff, statute=law, reason="TEST")
    assert fresh(tasking).due_on == dt.date(2023, 8, 23)
    client.force_login(admin)
    names = ("code", "name", "citation", "trigger", "source_url")
    form = {name: getattr(law, name) for name in names} | {"days": 90}
    assert client.post(f"/admin/letters/statutoryclock/{law.pk}/change/", form).status_code == 302
    assert (fresh(tasking).due_on, StatutoryClock.objects.get().days) == (dt.date(2023, 7, 24), 90)
    moved = tasking.events.filter(kind="due_date_moved").latest("sequence")
    assert moved.by_user == admin


@pytest.mark.parametrize(
    ("day", "what"),
    [
        (dt.date(2023, 5, 2), "it moves by as many days as the clock stands"),
        (dt.date(2023, 6, 2), "the date stays: it had passed before"),
    ],
)
def test_a_clock_that_stands_still_says_since_when(as_staff, tasking, staff, day, what):
    """The pause has no end yet, so no date can be made of it: the page said “No pause” beside “clock stopped”."""
    with on(day.month, day.day):
        said = [reply_flow.Word(tasking, said="needs_us")]
        reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=day, words=said)
        shown = page(as_staff, tasking).partition("And why an acknowledgment")[0]
    since = f"Paused since {day:%B %-d, %Y}: waiting on us. As soon as the item is marked otherwise, {what}"
    assert (since in shown, "No pause" in shown) == (True, False)
