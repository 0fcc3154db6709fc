"""Invariant 4: what is due is found once a day and flagged once, whatever runs twice."""

import datetime as dt

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from letters.domain import extending, items, replies, sending, workflow
from letters.domain.history import acting
from letters.domain.reference_data import keep_agency
from letters.models import Event, Heartbeat, Notice, Reminder, ReminderRule, Tasking
from letters.reminders import facts
from letters.reminders import sweep as sweeping
from letters.reminders.calendar import calendar
from letters.reminders.signs import read_signs
from letters.reminders.silence import faults
from letters.reminders.sweep import sweep
from tests import factories

DUE = dt.date(2023, 5, 24)
DAY_AFTER = dt.date(2023, 5, 25)


def recorded() -> list[tuple]:
    """Dates that passed, as events tell them."""
    rows = Event.objects.filter(kind="past_due").order_by("due_on")
    return list(rows.values_list("tasking_id", "due_on"))


def fired() -> list[tuple]:
    rows = Reminder.objects.order_by("due_on", "rule")
    return list(rows.values_list("tasking_id", "rule", "due_on", "fired_on"))


def told() -> list[tuple]:
    """Who was told of which rung about which date."""
    rows = Notice.objects.order_by("reminder__due_on", "reminder__rule", "to_user__username")
    return list(rows.values_list("to_user__username", "reminder__rule", "reminder__due_on"))


def on(year: int, month: int, day: int):
    """At noon of a day in Washington."""
    return time_machine.travel(dt.datetime(year, month, day, 16, tzinfo=dt.UTC), tick=False)


def test_on_its_due_day_nothing_is_late_and_the_day_is_told(seed, manager):
    done = sweep(today=DUE)
    assert (done.past_due, recorded()) == (0, [])
    assert {rule for _, rule, _, _ in fired()} == {"usual_wait_soon", "no_acknowledgement", "due"}
    # nobody owns them and nobody is named on the letter: managers hear, so that nothing is lost
    assert told() == [("manager", "due", DUE)] * 7


def test_on_the_day_after_seven_are_late(seed):
    done = sweep(today=DAY_AFTER)
    lead = set(Tasking.objects.filter(ask__letter=seed, role="lead").values_list("pk", flat=True))
    assert sorted(recorded(), key=str) == sorted(((pk, DUE) for pk in lead), key=str)
    assert {(pk, fired_on) for pk, rule, _, fired_on in fired() if rule == "due"} == {(pk, DAY_AFTER) for pk in lead}
    assert done.words() == "2023-05-25: 7 dates passed, 7 acknowledgments late, 21 reminders, 0 notices"


def test_the_event_says_when_it_began_and_by_what_basis(seed):
    sweep(today=dt.date(2023, 6, 30))
    event = Event.objects.filter(kind="past_due").first()
    assert (event.occurred_at.isoformat(), event.by_process, event.payload["due_basis"], event.payload["due_on"]) == (
        "2023-05-25T04:00:00+00:00",
        "sweep_reminders",
        "yardstick",
        "2023-05-24",
    )


@pytest.mark.parametrize("deadline", [None, DUE])
def test_that_a_date_passed_is_never_public(reference, deadline):
    """Where a reply stopped the clock nothing passes: the event itself would tell that none came."""
    factories.item(released=True, deadline_on=deadline)
    sweep(today=DAY_AFTER)
    assert Event.objects.get(kind="past_due").public_payload is None


@pytest.mark.parametrize("again", [DAY_AFTER, dt.date(2023, 5, 26), dt.date(2023, 5, 30), dt.date(2023, 5, 1)])
def test_a_second_round_finds_nothing_new(seed, again):
    sweep(today=DAY_AFTER)
    before = recorded(), fired()
    done = sweep(today=again)
    assert (done.past_due, done.reminders, done.notices) == (0, 0, 0)
    assert (recorded(), fired()) == before


def test_rounds_in_small_batches_find_the_same(seed, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 2)
    done = sweep(today=DAY_AFTER)
    assert (done.past_due, done.reminders, len(recorded()), len(fired())) == (7, 21, 7, 21)


def test_an_item_that_raises_is_left_out_and_holds_up_no_other(seed, settle):
    bad = Tasking.objects.filter(ask__letter=seed, role="lead").order_by("pk").first()
    settle()
    with connection.cursor() as cursor:  # as whatever goes wrong with one row alone
        cursor.execute(f"ALTER TABLE letters_reminder ADD CONSTRAINT test CHECK (tasking_id <> '{bad.pk}')")
    done = sweep(today=DAY_AFTER)
    assert (done.past_due, done.reminders, done.left_out) == (6, 18, [bad.pk])
    assert bad.pk not in {pk for pk, _ in recorded()} | {pk for pk, *_ in fired()}
    assert done.words().endswith("18 reminders, 0 notices, 1 items that could not be looked at")
    assert [fault.particulars for fault in faults(read_signs()) if fault.check.name == "items"] == [
        "The last sweep left 1 item out."
    ]
    settle()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE letters_reminder DROP CONSTRAINT test")
    assert (sweep(today=DAY_AFTER).past_due, len(recorded())) == (1, 7)  # it stayed due


def test_a_date_at_the_end_of_the_calendar_stops_nothing(seed, manager):
    """As rows may have it that were written before days ahead were bounded."""
    never = dt.date.max
    with acting(factories.SETUP):
        Tasking.objects.filter(ask__letter=seed, role="lead").update(
            due_on=never, ack_due_on=never, snoozed_until=never, owner=manager
        )
    assert sweep(today=DAY_AFTER).left_out == []
    call_command("sweep_reminders", today="2023-05-25", dry_run=True)
    assert calendar(manager, dt.datetime(2023, 5, 25, 12, tzinfo=dt.UTC)).count(b"VALUE=DATE:99991231") == 28


def test_a_round_leaves_its_heartbeat(seed):
    sweep(today=DAY_AFTER)
    beat = Heartbeat.objects.get(name="sweep")
    assert (beat.detail, beat.finished_at >= beat.started_at) == (
        {"past_due": 7, "acknowledgements_late": 7, "reminders": 21, "notices": 0},
        True,
    )


# --- who is reminded of, and whose date is recorded all the same: (past_due recorded, told to the owner)


@pytest.fixture
def owner(reference):
    return factories.user(username="owner")


def owned(owner, **how) -> Tasking:
    """An item whose date was set when it was sent, with an owner."""
    with on(2023, 4, 25):
        return items.assign(factories.item(**how), by=factories.SETUP, owner=owner)


@pytest.fixture
def tasking(owner) -> Tasking:
    return owned(owner)


def outcome(today: dt.date = DAY_AFTER) -> tuple[int, int]:
    sweep(today=today)
    return len(recorded()), len(told())


def test_a_waiting_item_is_recorded_and_reminded_of(tasking):
    assert outcome() == (1, 1)


@pytest.mark.parametrize("status", ["acknowledged", "considering", "partly_addressed"])
def test_so_is_one_the_agency_works_on(tasking, status):
    factories.moved(tasking, status)
    assert outcome() == (1, 1)


def test_a_snoozed_one_is_recorded_and_not_reminded_of_before_its_day(tasking, staff):
    with on(2023, 5, 20):
        items.snooze(tasking, by=staff, until=dt.date(2023, 6, 1))
    assert outcome() == (1, 0)
    assert outcome(dt.date(2023, 5, 31)) == (1, 0)
    assert outcome(dt.date(2023, 6, 1)) == (1, 2)
    # the rung that came due meanwhile says nothing besides; who chose the day hears of it, and so does the owner
    chosen = dt.date(2023, 6, 1)
    assert told() == [("owner", "remind_me", chosen), ("staff", "remind_me", chosen)]
    assert Reminder.objects.get(rule="due").quiet


@pytest.mark.parametrize("kind", ["substantive", "interim"])
def test_one_with_an_unread_reply_is_recorded_and_not_reminded_of(tasking, staff, kind):
    factories.reply(tasking, kind=kind, coverage=None)
    assert outcome() == (1, 0)


def test_an_acknowledgment_is_read_by_being_one_and_silences_nothing(tasking, staff):
    answer = factories.reply(tasking, kind="acknowledgement", coverage=None).answers.get()
    assert (answer.said, answer.coverage, answer.assessed_at is None) == ("received", "evades", False)
    assert not Tasking.objects.unread().exists()
    assert outcome() == (1, 1)


def test_read_and_found_wanting_it_is_reminded_of(tasking, staff):
    answer = factories.reply(tasking, coverage=None).answers.get()
    assert outcome() == (1, 0)
    replies.assess(answer, coverage="evades", by=staff)
    assert outcome(dt.date(2023, 5, 26)) == (1, 1)
    assert Reminder.objects.get(rule="due").fired_on == dt.date(2023, 5, 26)


def test_read_and_found_full_it_is_neither(tasking):
    factories.reply(tasking, coverage="full")
    assert outcome() == (0, 0)


def test_after_an_acknowledgment_read_in_full_it_still_is_both(tasking):
    factories.reply(tasking, kind="acknowledgement", coverage="full")
    assert outcome() == (1, 1)


def test_one_we_called_about_is_recorded_and_not_reminded_of_before_the_next_date(tasking, staff):
    items.log_contact(
        by=staff, agency=tasking.agency, taskings=[tasking], channel="call", outcome="TEST", on=dt.date(2023, 5, 20),
        next_on=dt.date(2023, 6, 5),
    )  # fmt: skip
    assert outcome() == (1, 0)
    assert outcome(dt.date(2023, 6, 4)) == (1, 0)
    assert outcome(dt.date(2023, 6, 5)) == (1, 2)
    assert told() == [("owner", "next_contact", dt.date(2023, 6, 5)), ("staff", "next_contact", dt.date(2023, 6, 5))]


def test_a_paused_one_is_neither(tasking):
    with on(2023, 5, 10):
        factories.moved(tasking, "clarification")
    assert outcome() == (0, 0)


@pytest.mark.parametrize(
    "status", ["answered", "implemented", "declined", "not_implemented", "overtaken", "withdrawn", "entered_in_error"]
)
def test_a_closed_one_is_neither(tasking, status):
    factories.moved(tasking, status)
    assert outcome() == (0, 0)


def test_a_consulted_one_is_neither(reference):
    letter = factories.draft(agencies=["treasury", "state"])
    factories.ask(letter, "treasury", consulted=["state"])
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    sweep(today=DAY_AFTER)
    assert set(Event.objects.filter(kind="past_due").values_list("tasking__role", flat=True)) == {"lead"}
    assert set(Reminder.objects.values_list("tasking__role", flat=True)) == {"lead"}


def test_a_draft_is_neither(reference):
    factories.ask(factories.draft(), "treasury")
    assert outcome() == (0, 0)


def test_a_letter_entered_in_error_is_neither(tasking):
    sending.enter_in_error(tasking.ask.letter, by=factories.SETUP, reason="TEST")
    assert outcome() == (0, 0)


# --- dates that move


def test_a_date_moved_later_is_cleared_and_passes_again(tasking, staff):
    sweep(today=DAY_AFTER)
    with on(2023, 5, 26):
        workflow.transition(tasking, to="promised", by=staff, promised_on=dt.date(2023, 6, 15))
    cleared = Event.objects.get(kind="past_due_cleared")
    assert (cleared.by_user, cleared.due_on, cleared.payload["now_due_on"]) == (staff, DUE, "2023-06-15")
    assert outcome(dt.date(2023, 6, 14)) == (1, 1)  # nobody is told before a day they promised
    assert outcome(dt.date(2023, 6, 15)) == (1, 2)
    assert outcome(dt.date(2023, 6, 16)) == (2, 2)
    assert [(rule, day) for _, rule, day in told()] == [("due", DUE), ("due", dt.date(2023, 6, 15))]
    assert recorded() == [(tasking.pk, DUE), (tasking.pk, dt.date(2023, 6, 15))]


def test_a_date_moved_before_it_passed_has_nothing_to_clear(tasking, staff):
    with on(2023, 5, 20):
        workflow.transition(tasking, to="promised", by=staff, promised_on=dt.date(2023, 6, 15))
    assert Event.objects.filter(kind="past_due_cleared").count() == 0
    assert outcome() == (0, 0)


def test_a_date_that_comes_back_is_not_recorded_twice_and_stops_no_round(tasking, staff):
    other = owned(staff, deadline_on=dt.date(2023, 7, 1))
    sweep(today=DAY_AFTER)
    with on(2023, 5, 26):
        promised = workflow.transition(tasking, to="promised", by=staff, promised_on=dt.date(2023, 6, 15))
    sweep(today=dt.date(2023, 6, 16))
    with on(2023, 6, 20):
        workflow.transition(promised, to="considering", by=staff)
    assert Tasking.objects.get(pk=tasking.pk).due_on == DUE
    sweep(today=dt.date(2023, 7, 2))
    assert recorded() == [(tasking.pk, DUE), (tasking.pk, dt.date(2023, 6, 15)), (other.pk, dt.date(2023, 7, 1))]
    assert [(rule, due) for pk, rule, due, _ in fired() if pk == tasking.pk and rule == "due"] == [
        ("due", DUE), ("due", dt.date(2023, 6, 15)),
    ]  # fmt: skip


# --- the database is what makes it once


def test_the_database_refuses_a_second_event_and_a_second_reminder(tasking):
    sweep(today=DAY_AFTER)
    event, reminder = Event.objects.get(kind="past_due"), Reminder.objects.get(rule="due")
    with acting(factories.SETUP):
        with pytest.raises(IntegrityError, match="event_late_once_per_date"), transaction.atomic():
            Event.objects.create(
                kind="past_due", letter=event.letter, tasking=tasking, due_on=DUE, by_process="setup",
                occurred_at=event.occurred_at,
            )  # fmt: skip
        with pytest.raises(IntegrityError, match="reminder_exactly_once"), transaction.atomic():
            Reminder.objects.create(tasking=tasking, rule=reminder.rule, due_on=DUE, fired_on=DAY_AFTER)


# --- by hand


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(seed, capsys):
    call_command("sweep_reminders", today="2023-05-25", dry_run=True)
    lines = capsys.readouterr().out.splitlines()
    starts = [line.split(":")[0] for line in lines]
    assert (starts.count("would record"), starts.count("would fire"), starts.count("nothing")) == (14, 21, 1)
    huawei = "2023-0001 Treasury: Sanction Huawei Cloud"
    assert [line for line in lines if huawei in line] == [
        f"would record: {huawei} passed May 24, 2023 (our usual wait)",
        f"would record: {huawei} not acknowledged by May 24, 2023",
        f"would fire: {huawei}: our usual wait, or the time given beyond it, ends within a week (usual_wait_soon, from May 24, 2023); nobody is told: its day had come when the date was set",
        f"would fire: {huawei}: no acknowledgment of receipt so far (no_acknowledgement, from May 24, 2023)",
        f"would fire: {huawei}: the day has come (due, from May 24, 2023)",
    ]
    assert [line for line in lines if line.startswith("nothing")] == [
        "nothing: 2023-0001 State: Add Alibaba Group to the NS-CMIC List: consulted, owes nothing"
    ]
    assert lines[-1] == "2023-05-25: 7 dates passed, 7 acknowledgments late, 21 reminders; nothing was written"
    assert (recorded(), fired(), Heartbeat.objects.count()) == ([], [], 0)
    assert set(Tasking.objects.values_list("past_due_recorded", flat=True)) == {None}


def test_a_dry_run_over_all_sorts_of_items_is_what_the_round_then_does(owner, staff, admin, capsys, monkeypatch):
    plain, moved, read = (owned(owner) for _ in range(3))
    bureau = owned(owner, agencies=["state"])
    odd = owned(owner, deadline_on=dt.date(2023, 5, 22))
    with acting(factories.SETUP):
        for agency, days in (("commerce", 20), ("state", 30)):
            ReminderRule.objects.create(
                code=f"of_{agency}", words=f"TEST of {agency}", anchor="due", offset_days=-days, to_owner=True,
                agency=factories.agency(agency),
            )  # fmt: skip
    with on(2023, 5, 10):
        sweep()
        items.snooze(plain, by=staff, until=dt.date(2023, 6, 1))
        factories.reply(read, coverage=None)
    with on(2023, 5, 23):  # the week before it has begun: who sets it knows that it is near
        extending.extend(factories.fresh(moved), by=staff, to=dt.date(2023, 5, 26), by_notice=False)
    keep_agency(factories.agency("state"), by=admin, parent=factories.agency("commerce"))
    real = facts.decide

    def decide(item, *rest):
        if item.due_on == odd.due_on:
            raise ValueError("TEST")
        return real(item, *rest)

    monkeypatch.setattr(facts, "decide", decide)
    before = set(fired())
    call_command("sweep_reminders", today="2023-05-24", dry_run=True)
    lines = capsys.readouterr().out.splitlines()
    would = {
        (tasking.pk, firing.rung.code, firing.counts_from, DUE)
        for tasking, decision in sweeping.preview(today=DUE)
        for firing in (decision.fires if decision else ())
    }
    assert sweep(today=DUE).left_out == [odd.pk]
    assert would == set(fired()) - before
    assert {code for pk, code, *_ in would if pk == bureau.pk} >= {"of_commerce", "due"}
    assert [line.partition(": ")[0] for line in lines if odd.ask.letter.reference in line] == ["cannot be looked at"]
    assert [line.rpartition("; ")[2] for line in lines if "(usual_wait_soon, from May 26" in line] == [
        "nobody is told: its day had come when the date was set"
    ]
    assert len([line for line in lines if line.startswith("would fire")]) == len(would)


def test_a_day_ahead_is_refused_unless_it_is_asked_for(tasking, capsys):
    with on(2023, 5, 20):
        with pytest.raises(CommandError) as refused:
            call_command("sweep_reminders", today="2023-05-25")
        assert str(refused.value) == (
            "--today: 2023-05-25 is after today, 2023-05-20, and a reminder that fires ahead is a wrong one. "
            "Add --dry-run to see what would fire, or --allow-future to fire it all the same."
        )
        call_command("sweep_reminders", today="2023-05-25", dry_run=True)
        assert fired() == []
        call_command("sweep_reminders", today="2023-05-25", allow_future=True)
    assert told() == [("owner", "due", DUE)]


@pytest.mark.parametrize("bad", ["25.5.2023", "2023-02-30", "yesterday", "2023-5-1"])
def test_a_day_that_is_none_is_named_with_the_way_out(seed, bad):
    with pytest.raises(CommandError) as refused:
        call_command("sweep_reminders", today=bad)
    assert str(refused.value) == f"--today: “{bad}” is not a date. Write it as YYYY-MM-DD, for example 2023-05-25."
    assert recorded() == []


def test_without_a_day_it_is_the_offices_today(seed, capsys):
    with time_machine.travel(dt.datetime(2023, 5, 25, 3, tzinfo=dt.UTC), tick=False):  # still May 24 in Washington
        call_command("sweep_reminders")
    with time_machine.travel(dt.datetime(2023, 5, 25, 5, tzinfo=dt.UTC), tick=False):
        call_command("sweep_reminders")
    assert capsys.readouterr().out.splitlines() == [
        "2023-05-24: 0 dates passed, 0 acknowledgments late, 21 reminders, 0 notices",
        "2023-05-25: 7 dates passed, 7 acknowledgments late, 0 reminders, 0 notices",
    ]


def test_the_background_task_does_the_same(seed):
    from letters.tasks import sweep_reminders

    with on(2023, 5, 25):
        words = "2023-05-25: 7 dates passed, 7 acknowledgments late, 21 reminders, 0 notices"
        assert sweep_reminders.apply().get() == words
