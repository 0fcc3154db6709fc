"""Two clocks, more time, receipt, and laws: in the record, through the verbs."""

import datetime as dt

import pytest

from letters.domain import clocks, closures, extending, items, letter_desk, replies, retractions, sending, workflow
from letters.domain.history import acting
from letters.domain.words import against_original
from letters.errors import RecordError
from letters.models import Agency, Event, Letter, StatutoryClock, Tasking
from letters.reminders.sweep import sweep
from tests import factories
from tests.domain.refusals import refused
from tests.factories import fresh, on
from tests.web.test_pages import words

USUAL = dt.date(2023, 5, 24)


@pytest.fixture
def tasking(reference) -> Tasking:
    with on(4, 25):
        return factories.item()


# --- the acknowledgment clock


def test_each_responsible_item_has_both_clocks_from_the_day_it_was_sent(seed):
    assert set(Tasking.objects.filter(role="lead").values_list("due_on", "ack_due_on", "acknowledged_on")) == {
        (USUAL, USUAL, None)
    }
    assert list(Tasking.objects.filter(role="consulted").values_list("ack_due_on", flat=True)) == [None]


@pytest.mark.parametrize("kind", ["acknowledgement", "interim", "substantive", "clarification_request"])
def test_their_first_word_of_any_kind_ends_the_acknowledgment_clock(tasking, kind):
    factories.reply(tasking, kind=kind, coverage=None, received_on=dt.date(2023, 5, 2))
    assert fresh(tasking).acknowledged_on == dt.date(2023, 5, 2)


def test_an_acknowledgment_never_satisfies_the_reply_clock(tasking):
    factories.reply(tasking, kind="acknowledgement", coverage="full", received_on=dt.date(2023, 5, 2))
    now = fresh(tasking)
    assert (now.acknowledged_on, now.answered_on, now.due_on) == (dt.date(2023, 5, 2), None, USUAL)
    sweep(today=dt.date(2023, 5, 25))
    assert set(Event.objects.filter(tasking=tasking).values_list("kind", flat=True)) & {
        "past_due", "acknowledgement_late",
    } == {"past_due"}  # fmt: skip


@pytest.mark.parametrize("status", ["acknowledged", "considering", "clarification", "partly_addressed", "promised"])
def test_a_status_that_rests_on_their_word_ends_it_too(tasking, status):
    with on(5, 2):
        factories.moved(tasking, status)
    assert fresh(tasking).acknowledged_on == dt.date(2023, 5, 2)


def test_a_reply_taken_back_lets_the_clock_run_again(tasking, staff):
    reply = factories.reply(tasking, coverage=None, received_on=dt.date(2023, 5, 2))
    retractions.retract_response(reply, by=staff, reason="TEST")
    assert fresh(tasking).acknowledged_on is None


def test_silence_is_recorded_once_by_both_clocks(tasking):
    sweep(today=dt.date(2023, 5, 25))
    sweep(today=dt.date(2023, 5, 26))
    late = Event.objects.filter(kind="acknowledgement_late").values_list("due_on", "occurred_at", "public_payload")
    assert list(late) == [(USUAL, dt.datetime(2023, 5, 25, 4, tzinfo=dt.UTC), None)]
    assert Event.objects.filter(kind="past_due").count() == 1


def test_an_agency_may_be_expected_to_acknowledge_sooner_than_to_reply(reference):
    with acting(factories.SETUP):
        Agency.objects.filter(slug="treasury").update(acknowledgement_days=5)
    tasking = factories.item(agencies=["treasury"])  # sent now, by that wait
    assert (tasking.ack_due_on, tasking.due_on) == (dt.date(2023, 5, 2), USUAL)


def test_a_closure_moves_both_clocks_and_the_acknowledged_one_no_more(tasking, admin):
    with on(4, 25):
        heard = factories.item()
    factories.reply(heard, kind="acknowledgement", coverage=None, received_on=dt.date(2023, 4, 28))
    closures.set_closure(by=admin, day=dt.date(2023, 5, 1), name="TEST snow")
    moved = dt.date(2023, 5, 25)
    assert [(t.due_on, t.ack_due_on) for t in (fresh(tasking), fresh(heard))] == [(moved, moved), (moved, USUAL)]
    kinds = Event.objects.filter(tasking=tasking, kind="due_date_moved").values_list("payload__clock", "payload__to")
    assert sorted(kinds, key=str) == [("acknowledgement", "2023-05-25"), (None, "2023-05-25")]


# --- receipt


def test_a_term_from_receipt_waits_for_it_and_then_counts_from_it(reference, staff):
    terms = {"term_days": 30, "term_unit": "calendar", "term_from": "receipt"}
    tasking = factories.item(**terms)
    assert (tasking.due_on, tasking.due_basis) == (USUAL, "yardstick")
    letter_desk.update_addressee(
        tasking.ask.letter.addressees.get(),
        by=staff,
        delivered_on=dt.date(2023, 5, 1),
        acknowledged_on=dt.date(2023, 5, 3),
    )
    now = fresh(tasking)
    assert (now.due_on, now.due_basis, now.acknowledged_on) == (dt.date(2023, 5, 31), "letter", dt.date(2023, 5, 3))
    assert Event.objects.get(kind="due_date_moved", tasking=tasking).by_user == staff


def test_a_term_of_business_days_from_receipt_says_each_day_it_passes_over(reference, staff, admin):
    tasking = factories.item(term_days=10, term_unit="business", term_from="receipt")
    assert (tasking.due_on, tasking.due_basis) == (USUAL, "yardstick")
    came = tasking.ask.letter.addressees.get()
    letter_desk.update_addressee(came, by=staff, delivered_on=dt.date(2023, 5, 20))  # a Saturday: it counts from there
    now = fresh(tasking)
    assert (now.due_on, now.due_basis) == (dt.date(2023, 6, 5), "letter")
    assert clocks.explain(now, clocks.load_calendar()).sentences() == [
        "Received May 20, 2023",
        "The letter asks for a reply within 10 business days of receipt",
        "Skipped: 5 weekend days (May 21, 27–28; June 3–4), Memorial Day (May 29, 2023)",
        "No pause",
    ]
    closures.set_closure(by=admin, day=dt.date(2023, 6, 1), name="TEST emergency")
    assert (fresh(tasking).due_on, fresh(tasking).due_basis) == (dt.date(2023, 6, 6), "letter")
    letter_desk.update_addressee(came, by=staff, delivered_on=dt.date(2023, 5, 23))  # corrected
    assert [str(one.value) for one in tasking.due_dates.filter(clock="substantive")] == [
        "2023-06-08", "2023-06-06", "2023-06-05", "2023-05-24",
    ]  # fmt: skip


def test_a_term_is_whole_and_alone(reference):
    assert refused(factories.draft, term_days=0, term_unit="calendar", term_from="receipt") == {
        "term_days": "The term is 0 days. Give 1 to 2000."
    }
    assert refused(
        factories.draft, term_days=30, term_unit="calendar", term_from="receipt", deadline_on=dt.date(2023, 5, 30)
    ) == {"term_days": "The letter sets a date, or a number of days, not both. Clear one."}


# --- more time


def test_more_time_moves_the_date_and_keeps_the_original(tasking, staff):
    with on(5, 20):
        given = extending.extend(tasking, by=staff, to=dt.date(2023, 6, 30), by_notice=True, reason="TEST")
        again = extending.extend(given, by=staff, to=dt.date(2023, 7, 14), by_notice=False)
    assert (again.due_on, again.extended_to, again.original_due_on) == (
        dt.date(2023, 7, 14),
        dt.date(2023, 7, 14),
        USUAL,
    )
    events = Event.objects.filter(kind="extended").order_by("sequence")
    assert [(e.payload["from"], e.payload["to"], e.payload["original"], e.payload["by_notice"]) for e in events] == [
        ("2023-05-24", "2023-06-30", "2023-05-24", True),
        ("2023-06-30", "2023-07-14", "2023-05-24", False),
    ]
    sweep(today=dt.date(2023, 6, 1))
    assert not Event.objects.filter(kind="past_due").exists()


def test_a_promise_after_more_time_does_not_hide_how_late_it_is_by_the_original(tasking, staff):
    with on(5, 20):
        given = extending.extend(tasking, by=staff, to=dt.date(2023, 6, 30), by_notice=True)
    with on(6, 20):
        promised = workflow.transition(given, to="promised", by=staff, promised_on=dt.date(2023, 8, 1))
    assert (promised.due_on, promised.original_due_on) == (dt.date(2023, 8, 1), USUAL)
    assert against_original(promised, dt.date(2023, 7, 1)) == "May 24, 2023; 38 days late against it"


def test_what_a_department_says_of_receipt_is_no_word_of_its_inspector_general(reference, staff):
    letter = factories.draft(agencies=("commerce", "commerce-oig"))
    factories.ask(letter, "commerce", "commerce-oig")
    letter = sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)
    to_commerce = letter.addressees.get(agency__slug="commerce")
    letter_desk.update_addressee(to_commerce, by=staff, acknowledged_on=dt.date(2023, 5, 1))
    word = dict(Tasking.objects.values_list("agency__slug", "acknowledged_on"))
    assert word == {"commerce": dt.date(2023, 5, 1), "commerce-oig": None}


def test_late_against_the_original_is_counted_while_the_date_is_kept(tasking, staff):
    with on(5, 20):
        extending.extend(tasking, by=staff, to=dt.date(2023, 6, 30), by_notice=True)
        factories.item()
    found = Tasking.objects.late_against_original
    assert list(found(dt.date(2023, 5, 24))) == []
    assert list(found(dt.date(2023, 5, 25))) == [tasking]
    factories.reply(fresh(tasking), received_on=dt.date(2023, 5, 30))
    assert list(found(dt.date(2023, 7, 30))) == [tasking]


def test_answered_before_the_original_it_is_not_late_against_it(tasking, staff):
    with on(5, 20):
        extending.extend(tasking, by=staff, to=dt.date(2023, 6, 30), by_notice=True)
    factories.reply(fresh(tasking), received_on=dt.date(2023, 5, 23))
    assert list(Tasking.objects.late_against_original(dt.date(2023, 7, 30))) == []


def test_more_time_taken_back_is_the_original_date_again(tasking, staff):
    with on(5, 20):
        extending.extend(tasking, by=staff, to=dt.date(2023, 6, 30), by_notice=True)
        back = extending.take_back_extension(tasking, by=staff, reason="TEST")
    assert (back.due_on, back.extended_to, back.original_due_on) == (USUAL, None, None)


def test_more_time_is_later_and_for_an_item_that_waits(tasking, staff):
    assert refused(extending.extend, tasking, by=staff, to=USUAL, by_notice=True) == {
        "to": "The new date (May 24, 2023) gives no more time: it is due May 24, 2023. Enter a later day."
    }
    promised = workflow.transition(tasking, to="promised", by=staff, promised_on=dt.date(2023, 6, 8))
    assert refused(extending.extend, promised, by=staff, to=dt.date(2023, 7, 1), by_notice=True) == {
        "to": "They promised a date. If they named another one, record that instead."
    }
    closed = factories.moved(tasking, "withdrawn")
    with pytest.raises(RecordError, match=r"This item is closed \(withdrawn\). Reopen it first."):
        extending.extend(closed, by=staff, to=dt.date(2023, 7, 1), by_notice=True)


# --- a promise, a pause, a law


def test_a_promise_defers_chasing_and_can_be_moved(tasking, staff):
    with on(5, 10):
        items.assign(tasking, by=staff, owner=staff)
        promised = workflow.transition(fresh(tasking), to="promised", by=staff, promised_on=dt.date(2023, 6, 8))
        items.move_promise(promised, by=staff, to=dt.date(2023, 6, 20))
    for day in (12, 13, 19):  # a week before it, too: nobody is told before a day they promised
        sweep(today=dt.date(2023, 6, day))
        assert (Event.objects.filter(kind="past_due").count(), staff.notices.count()) == (0, 0)
    sweep(today=dt.date(2023, 6, 20))
    assert [n.reminder.rule for n in staff.notices.all()] == ["due"]
    values = fresh(tasking).due_dates.filter(clock="substantive").values_list("value", flat=True)
    assert list(values) == [dt.date(2023, 6, 20), dt.date(2023, 6, 8), USUAL]


def test_of_the_rest_of_what_is_partly_done_they_may_name_another_day(tasking, client, staff):
    with on(5, 10):
        promised = workflow.transition(fresh(tasking), to="promised", by=staff, promised_on=dt.date(2023, 6, 8))
        partly = workflow.transition(promised, to="partly_addressed", by=staff)
        more = {"to": dt.date(2023, 7, 1), "by_notice": True}
        assert refused(extending.extend, partly, by=staff, **more) == {
            "to": "They promised a date. If they named another one, record that instead."
        }
        client.force_login(staff)
        page = client.get(f"/items/{tasking.pk}/").content.decode()
        assert ("/promise/" in page, "/extend/" in page) == (True, False)
        items.move_promise(fresh(tasking), by=staff, to=dt.date(2023, 7, 1))
    assert (fresh(tasking).due_on, fresh(tasking).due_basis) == (dt.date(2023, 7, 1), "promise")
    # of what is partly done and was never promised, more time is given
    with on(5, 11):
        other = workflow.transition(factories.item(), to="partly_addressed", by=staff)
        assert extending.extend(other, by=staff, **more).due_on == dt.date(2023, 7, 1)
        assert "promised_on" in refused(items.move_promise, fresh(other), by=staff, to=dt.date(2023, 8, 1))


def test_a_promise_that_passed_says_when_and_how_long_ago(tasking, client, staff):
    with on(4, 26):
        items.assign(tasking, by=staff, owner=staff)
        workflow.transition(fresh(tasking), to="promised", by=staff, promised_on=dt.date(2023, 5, 3))
    client.force_login(staff)
    with on(5, 12):
        sweep(today=dt.date(2023, 5, 12))
        for address in (f"/items/{tasking.pk}/", "/inbox/"):
            shown = words(client.get(address))
            assert "romised for May 3, 2023, 9 days ago" in shown
            assert "overdue" not in shown


def test_a_pause_moves_the_date_by_the_business_days_it_stood_still(tasking, staff):
    with on(5, 10):
        paused = workflow.transition(tasking, to="clarification", by=staff)
    with on(5, 17):
        running = workflow.transition(paused, to="considering", by=staff)
    assert running.due_on == dt.date(2023, 6, 1)  # five business days, and Memorial Day among those after them


def test_a_law_is_chosen_by_a_person_with_a_reason_and_can_be_taken_away(tasking, staff):
    law = StatutoryClock.objects.get()
    assert (law.citation, law.days) == ("22 U.S.C. 10102(d)", 120)
    ask = extending.set_statute(tasking.ask, by=staff, statute=law, reason="TEST: a joint request")
    assert (fresh(tasking).due_on, fresh(tasking).due_basis) == (dt.date(2023, 8, 23), "statute")
    assert list(refused(extending.set_statute, ask, by=staff, statute=None, reason=" ")) == ["reason"]
    addressee = ask.letter.addressees.get()
    letter_desk.update_addressee(addressee, by=staff, delivered_on=dt.date(2023, 5, 9))
    assert (fresh(tasking).due_on, fresh(tasking).due_basis) == (dt.date(2023, 9, 6), "statute")
    extending.set_statute(ask, by=staff, statute=None, reason="TEST: it was not")
    assert (fresh(tasking).due_on, fresh(tasking).due_basis) == (USUAL, "yardstick")


def test_a_law_that_moves_no_date_is_told_with_why(reference, staff):
    item = factories.item(deadline_on=dt.date(2023, 6, 1))
    before = item.ask.letter.version
    extending.set_statute(item.ask, by=staff, statute=StatutoryClock.objects.get(), reason="TEST: a joint request")
    letter = Letter.objects.get(pk=item.ask.letter_id)
    told = letter.events.order_by("sequence").last()
    assert (told.kind, told.reason, told.payload["changed"], told.public_payload) == (
        "letter_amended", "TEST: a joint request", ["ask 1, law"], None,
    )  # fmt: skip
    assert (fresh(item).due_on, letter.version) == (dt.date(2023, 6, 1), before + 1)


def test_a_corrected_date_is_another_version_of_the_item_and_a_link_of_the_letter(reference, staff):
    item, other = factories.item(), factories.sent()
    before = fresh(item).version
    letter = sending.amend(item.ask.letter, by=staff, reason="TEST", deadline_on=dt.date(2023, 6, 1))
    assert (fresh(item).due_on, fresh(item).version) == (dt.date(2023, 6, 1), before + 1)
    link = letter_desk.link_letters(letter, by=staff, to=other, kind="supersedes")
    letter_desk.unlink_letters(link, by=staff)
    assert Letter.objects.get(pk=letter.pk).version == letter.version + 2


def test_no_law_sets_a_date_for_the_letter_of_april_2023(seed):
    assert set(Tasking.objects.filter(role="lead").values_list("ask__statute", "due_basis")) == {(None, "yardstick")}


def test_unread_replies_silence_chasing_until_they_are_read(tasking, staff):
    items.assign(tasking, by=staff, owner=staff)
    with on(5, 24):
        answer = factories.reply(fresh(tasking), coverage=None, received_on=dt.date(2023, 5, 24)).answers.get()
    sweep(today=dt.date(2023, 5, 31))
    assert [n.reminder.rule for n in staff.notices.all()] == []
    sweep(today=dt.date(2023, 6, 1))  # five business days, Memorial Day not among them
    assert [n.reminder.rule for n in staff.notices.all()] == ["unread"]
    with on(6, 2):
        replies.assess(answer, coverage="evades", by=staff)
    sweep(today=dt.date(2023, 6, 2))
    assert sorted(n.reminder.rule for n in staff.notices.all()) == ["one_week", "unread"]


def test_the_page_says_more_time_as_such_and_never_calls_it_our_usual_wait(tasking, client, staff):
    client.force_login(staff)
    with on(5, 20):
        form = {"to": "2023-06-30", "who": "notice", "reason": "TEST", "version": fresh(tasking).version}
        answer = client.post(f"/items/{tasking.pk}/extend/", form)
        assert answer.status_code == 302
    with on(6, 1):
        page = client.get(f"/items/{tasking.pk}/").content.decode()
    for said in (
        "29 days left of the time given",
        "more time to June 30, 2023; it was May 24, 2023",
        "May 24, 2023; 8 days late against it",
        "They were given more time.",
        "More time, to June 30, 2023: Treasury told us on May 20, 2023",
        "They need more time: from May 24, 2023 to June 30, 2023",
    ):
        assert said in page
    assert "left of our usual wait" not in page
    with on(7, 2):
        late = client.get(f"/items/{tasking.pk}/").content.decode()
    assert "2 days past the time they were given" in late


def test_the_page_moves_a_promise_and_names_a_law(tasking, client, staff):
    client.force_login(staff)
    with on(5, 10):
        client.post(f"/items/{tasking.pk}/law/", {
            "statute": "global-magnitsky-1263d", "reason": "TEST", "version": fresh(tasking).version,
        })  # fmt: skip
        assert fresh(tasking).due_basis == "statute"
        page = client.get(f"/items/{tasking.pk}/").content.decode()
        assert "22 U.S.C. 10102(d): 120 days from receipt of the request" in page
        assert "The law sets this date, counted from the letter’s own: receipt is not recorded." in page
        promised = workflow.transition(fresh(tasking), to="promised", by=staff, promised_on=dt.date(2023, 6, 8))
        form = {"promised_on": "2023-06-20", "version": promised.version}
        assert client.post(f"/items/{tasking.pk}/promise/", form).status_code == 302
        assert fresh(tasking).due_on == dt.date(2023, 6, 20)
        page = client.get(f"/items/{tasking.pk}/").content.decode()
    assert "They named another day…" in page
    assert "Give more time…" not in page
