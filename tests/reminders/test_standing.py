"""What is mailed and what fires are held to the same silences: a notice stands as long as its rung would not be held."""

import datetime as dt

import pytest
import time_machine

from letters.domain import extending, items, retractions, workflow
from letters.domain.history import acting
from letters.models import Notice, ReminderRule, Tasking
from letters.reminders.sweep import preview, sweep
from letters.reminders.wording import fact, with_lines
from tests import factories
from tests.notices import notice

NOON = dt.datetime(2023, 5, 25, 16, tzinfo=dt.UTC)
TODAY = dt.date(2023, 5, 25)


def call(tasking: Tasking, by, next_on: dt.date, *, on: dt.date = dt.date(2023, 5, 20)) -> None:
    items.log_contact(
        by=by, agency=tasking.agency, taskings=[tasking], channel="call", outcome="TEST", on=on, next_on=next_on
    )  # fmt: skip


def two_calls(tasking: Tasking, by, *next_on: dt.date) -> None:
    call(tasking, by, next_on[0])
    call(tasking, by, next_on[1], on=dt.date(2023, 5, 21))


def more_time(tasking: Tasking, by, *, by_notice: bool) -> None:
    extending.extend(tasking, by=by, to=dt.date(2023, 6, 12), by_notice=by_notice)


SINCE = {
    "nothing": lambda t, by: None,
    "unread reply": lambda t, by: factories.reply(t, coverage=None),
    "reply in full": lambda t, by: factories.reply(t),
    "acknowledgment": lambda t, by: factories.reply(t, kind="acknowledgement", coverage=None),
    "promise": lambda t, by: workflow.transition(t, to="promised", by=by, promised_on=dt.date(2023, 6, 15)),
    "pause": lambda t, by: workflow.transition(t, to="clarification", by=by),
    "end": lambda t, by: workflow.transition(t, to="withdrawn", by=by, reason="TEST"),
    "remind me on": lambda t, by: items.snooze(t, by=by, until=dt.date(2023, 6, 1)),
    "contact": lambda t, by: call(t, by, dt.date(2023, 6, 9)),
    "two contacts, the later one sooner": lambda t, by: two_calls(t, by, dt.date(2023, 6, 9), dt.date(2023, 6, 1)),
    "two contacts, the later one later": lambda t, by: two_calls(t, by, dt.date(2023, 6, 1), dt.date(2023, 6, 9)),
    "more time, they told us": lambda t, by: more_time(t, by, by_notice=True),
    "more time, we agreed": lambda t, by: more_time(t, by, by_notice=False),
    "no position": lambda t, by: items.set_review(
        workflow.transition(t, to="considering", by=by), by=by, on=dt.date(2023, 8, 1)
    ),
}


@pytest.mark.parametrize("since", SINCE)
@pytest.mark.parametrize("on", [TODAY, dt.date(2023, 6, 1), dt.date(2023, 6, 12), dt.date(2023, 8, 1)])
def test_a_notice_stands_exactly_as_long_as_the_schedule_would_not_hold_it(reference, staff, since, on):
    with time_machine.travel(NOON, tick=False):
        tasking = factories.item()
        SINCE[since](tasking, staff)
    tasking = Tasking.objects.get(pk=tasking.pk)
    days = {
        "due": tasking.due_on, "acknowledgement": tasking.ack_due_on, "snooze": tasking.snoozed_until,
        "contact": dt.date(2023, 6, 9), "review": tasking.review_on, "unread": TODAY,
    }  # fmt: skip
    with acting(factories.SETUP):
        for anchor, day in days.items():
            ReminderRule.objects.create(code=f"test_{anchor}", words="TEST", anchor=anchor, offset_days=3000)
            if day:
                notice(tasking, staff, rule=f"test_{anchor}", due_on=day)
    found = {one.anchor: one.stands for one in Notice.objects.with_standing(on)}
    decided = dict(preview(Tasking.objects.filter(pk=tasking.pk), today=on))
    if tasking not in decided:
        assert set(found.values()) == {False}
        return
    held = {anchor for silence in decided[tasking].silences for anchor in silence.stops}
    there = {
        "unread": since == "unread reply", "acknowledgement": tasking.acknowledged_on is None,
        "contact": since in ("contact", "two contacts, the later one later"),
    }  # fmt: skip
    assert found == {anchor: anchor not in held and there.get(anchor, True) for anchor in found}


def test_a_later_call_or_a_later_reply_takes_what_was_said_of_the_one_before(reference, staff):
    with acting(factories.SETUP):
        for anchor in ("contact", "unread"):
            ReminderRule.objects.create(code=f"test_{anchor}", words="TEST", anchor=anchor, offset_days=3000)
    called, replied = factories.item(), factories.item()
    with time_machine.travel(NOON, tick=False) as clock:
        call(called, staff, dt.date(2023, 6, 2))
        first = factories.reply(replied, coverage=None, received_on=dt.date(2023, 5, 1))
        told = notice(called, staff, rule="test_contact", due_on=dt.date(2023, 6, 2))
        of_reply = notice(replied, staff, rule="test_unread", due_on=TODAY)
        clock.move_to(NOON + dt.timedelta(days=9))
        (row,) = with_lines(Notice.objects.filter(pk=of_reply.pk))
        assert fact(row, TODAY) == (
            "a reply came on May 1, 2023, recorded on May 25, 2023, and nobody has said what it says about this"
        )
        assert set(Notice.objects.standing(dt.date(2023, 6, 7))) == {told, of_reply}
        call(called, staff, dt.date(2023, 6, 5), on=dt.date(2023, 6, 3))
        again = notice(called, staff, rule="test_contact", due_on=dt.date(2023, 6, 5))
        retractions.retract_response(first, by=staff, reason="TEST")
        factories.reply(Tasking.objects.get(pk=replied.pk), coverage=None)
        assert set(Notice.objects.standing(dt.date(2023, 6, 7))) == {again}


def test_what_a_sweep_tells_stands(seed, manager):
    for day in (TODAY, dt.date(2023, 6, 1), dt.date(2023, 6, 14), dt.date(2023, 7, 10)):
        before = set(Notice.objects.values_list("pk", flat=True))
        sweep(today=day)
        new = Notice.objects.exclude(pk__in=before)
        assert set(new.standing(day)) == set(new)
    assert Notice.objects.exists()
