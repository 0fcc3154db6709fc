"""More time for an agency, and laws whose clock an ask started: what moves a date by somebody's word."""

import datetime as dt

from django.db import transaction

from letters.domain import clocks, payloads, redating, situations
from letters.domain.access import EDIT, Actor, require
from letters.domain.deadlines import long_date
from letters.domain.drafting import lock_letter
from letters.domain.history import acting, record_event
from letters.domain.releases import tell_amended
from letters.domain.replies import touch
from letters.domain.rules import (
    MAX_REASON,
    check_ahead,
    check_not_future,
    check_order,
    check_reason,
    check_text,
    refuse_if,
)
from letters.domain.workflow import lock
from letters.enums import OPEN_STATUSES, EventKind, TaskingRole
from letters.errors import Problem, RecordError
from letters.models import Ask, Letter, Response, StatutoryClock, Tasking

GIVEN = "The day more time was given"
DATES = (*clocks.CLOCK_FIELDS, "acknowledged_on", "answered_on", "review_on")


@transaction.atomic
def extend(
    tasking: Tasking,
    *,
    by: Actor,
    to: dt.date,
    by_notice: bool,
    response: Response | None = None,
    reason: str = "",
    on: dt.date | None = None,
    expected_version: int | None = None,
) -> Tasking:
    """Give an agency more time: `by_notice` when they told us that they need it, else we agreed on it.

    `on`: the day it was given, where that is over; not before the item was asked.
    `response`: the reply that says so; the time goes when that reply is taken back. The date as it would stand without
    it is kept, so that "late against the original" can be counted. A further extension keeps the first original. A
    promise has its own date and its own verb.
    """
    require(by, EDIT, tasking.ask.letter)
    refuse_if(
        [
            *check_ahead("to", "The new date", to, "today", None, clocks.office_today()),
            *check_text("reason", "The remark", reason, MAX_REASON),
            *check_not_future("on", GIVEN, on, clocks.office_today()),
            *check_order("on", GIVEN, on, "the day it was asked", tasking.asked_on),
        ]
    )
    with acting(by, why=reason):
        tasking = lock(tasking, expected_version=expected_version)
        # under the lock: who takes that reply back holds the item
        refuse_if(_check_reply(tasking, response, by_notice))
        _refuse_unless_it_waits(tasking)
        before, original = tasking.due_on, tasking.original_due_on or tasking.due_on
        if before is None or original is None or to <= before:
            now = long_date(before) if before else "no date"
            raise RecordError.of(
                "to", f"The new date ({long_date(to)}) gives no more time: it is due {now}. Enter a later day.", to
            )
        record_event(
            EventKind.EXTENDED, by=by, letter=tasking.ask.letter, tasking=tasking, reason=reason.strip(),
            occurred_at=clocks.moment_of(on),
            payload={
                **payloads.tasking_state(tasking), "from": payloads.iso(before), "to": payloads.iso(to),
                "original": payloads.iso(original), "by_notice": by_notice, "reason": reason.strip(),
                "response": str(response.pk) if response else None,
                "received_on": payloads.iso(response.received_on) if response else None,
            },
        )  # fmt: skip
        tasking.extended_to, tasking.original_due_on = to, original
        tasking.save(update_fields=["extended_to", "original_due_on"])
        clocks.settle_acknowledged(tasking)
        clocks.set_due_date(tasking, by=by, reason=reason)
        if tasking.due_on == before:
            raise RecordError.of(
                "response", f"That reply came before our letter that asks again, which sets the date: it stays due "
                f"{long_date(before)}. Record what they said to that letter.",
            )  # fmt: skip
        touch(tasking, by=by)
        return tasking


@transaction.atomic
def take_back_extension(tasking: Tasking, *, by: Actor, reason: str, expected_version: int | None = None) -> Tasking:
    """No more time was given after all: the date is the original one again."""
    require(by, EDIT, tasking.ask.letter)
    refuse_if(check_reason(reason, "Say what was wrong."))
    with acting(by, why=reason):
        tasking = lock(tasking, expected_version=expected_version)
        if tasking.extended_to is None:
            raise RecordError.of("to", "No more time was given for this item, so there is nothing to take back.")
        no_more_time(tasking, by=by, reason=reason)
        touch(tasking, by=by)
        return tasking


def no_more_time(tasking: Tasking, *, by: Actor, reason: str, response: Response | None = None) -> None:
    """The date as it stands without the time that was given. Inside a verb that holds the item.

    `response`: only what rested on this reply goes, which is entered in error; time given before it counts again.
    """
    left = situations.last_extension(tasking) if response else None
    tasking.extended_to = dt.date.fromisoformat(left.payload["to"]) if left else None
    if left is None:
        tasking.original_due_on = None
    tasking.save(update_fields=["extended_to", "original_due_on"])
    calendar = clocks.load_calendar()
    # an event of its own, before that of the date: a promise, or a date that the letter sets, may stay where it is
    record_event(
        EventKind.EXTENDED, by=by, letter=tasking.ask.letter, tasking=tasking, reason=reason.strip(),
        payload={
            **payloads.tasking_state(tasking), "taken_back": True, "from": payloads.iso(tasking.due_on),
            "to": payloads.iso(clocks.explain(tasking, calendar).due_on), "original": payloads.iso(tasking.original_due_on),
            "by_notice": False, "reason": reason.strip(), "response": str(response.pk) if response else None,
            "received_on": None,
        },
    )  # fmt: skip
    clocks.settle_acknowledged(tasking)
    # the reply may also be about a letter that who reads of this date may not see
    clocks.set_due_date(tasking, by=by, calendar=calendar, reason="" if response else reason)


@transaction.atomic
def set_statute(ask: Ask, *, by: Actor, statute: StatutoryClock | None, reason: str) -> Ask:
    """Say which law's clock an ask started, or that it started none; a person judges that, and says why."""
    letter = ask.letter
    require(by, EDIT, letter)
    refuse_if(check_reason(reason, "Say why the request qualifies, or why not."))
    with acting(by, why=reason):
        letter = lock_letter(letter)
        ask = Ask.objects.select_for_update(no_key=True).get(pk=ask.pk)
        if ask.statute_id == (statute.pk if statute else None):
            said = "That is what the record says already. Choose another law, or leave it as it is."
            raise RecordError.of("statute", said, str(statute or ""))
        ask.statute = statute
        ask.version += 1
        ask.save(update_fields=["statute", "version"])
        letter.version += 1
        letter.save(update_fields=["version"])
        # also where no date moves with it: whoever follows the record, or reads why, is told
        tell_amended(letter, by=by, changed=[f"ask {ask.number}, law"], reason=reason.strip(), public=None)
        for tasking in Tasking.objects.filter(ask=ask, status__in=OPEN_STATUSES).order_by("pk"):
            locked = lock(tasking)
            clocks.set_due_date(locked, by=by, reason=reason)
            touch(locked, by=by)
        return ask


def date_anew(
    tasking: Tasking,
    *,
    by: Actor,
    reason: str = "",
    heard: bool = False,
    answered: bool = False,
    without: Letter | None = None,
) -> None:
    """The dates of an item as what they rest on says after it was corrected; `heard`: their first word, too; `answered`: their
    answer; `without` this letter, which was entered in error, whatever rested on it.

    With them its version moves: whoever read the item before has read another row (invariant 7).
    """
    locked = lock(tasking)
    before = [getattr(locked, name) for name in DATES]
    if heard:
        clocks.settle_acknowledged(locked)
    if answered:
        clocks.settle_answered(locked, by=by)
    if without:
        clocks.asked_no_more(locked, without, by=by)
    redating.date_by_letter(locked, by=by, reason=reason)
    if [getattr(locked, name) for name in DATES] != before:
        locked.version += 1
        locked.save(update_fields=["version"])


def _check_reply(tasking: Tasking, response: Response | None, by_notice: bool) -> list[Problem]:
    if response is None:
        return []
    if not by_notice:
        return [Problem("who", "A reply of theirs says so, so it is they who told us. Choose that, or no reply.")]
    if not response.answers.filter(tasking=tasking, response__in_error_at__isnull=True).exists():
        return [
            Problem("response", "That reply is none about this item. Choose one recorded for it.", str(response.pk))
        ]
    return []


def _refuse_unless_it_waits(tasking: Tasking) -> None:
    problems = []
    if tasking.role == TaskingRole.CONSULTED:
        said = f"{tasking.agency} is only consulted and owes nothing, so it needs no more time."
        problems.append(Problem("to", f"{said} Give it to the agency that owes the reply."))
    elif not tasking.is_open:
        problems.append(Problem("to", f"This item is closed ({tasking.get_status_display()}). Reopen it first."))
    elif situations.is_promised(tasking):
        problems.append(Problem("to", "They promised a date. If they named another one, record that instead."))
    refuse_if(problems)
