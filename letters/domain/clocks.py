"""The dates of a tasking: computed by `deadlines`, kept as revisions, moved with an event."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.db.models import Exists, F, Max, Min, OuterRef, prefetch_related_objects
from django.utils import timezone

from letters.domain import deadlines, due_rules, situations
from letters.domain.access import Actor
from letters.domain.history import record_event
from letters.domain.payloads import iso
from letters.domain.situations import QUESTION_IN_ERROR, first_situation, noted_receipt, situation, told_of_more_time
from letters.domain.standing import PROVED_BY_REPLY, proving_answers
from letters.enums import (
    OPEN_STATUSES,
    RUNNING_STATUSES,
    SUBSTANTIVE_KINDS,
    Basis,
    Clock,
    Coverage,
    EventKind,
    LetterState,
    Status,
    TaskingRole,
)
from letters.models import Closure, DueDate, Event, Letter, Pause, Renewal, Response, Tasking
from letters.models.replies import REPLY_IN_ERROR
from letters.models.tasking_queries import OPEN_LEAD

# Open, and they said something.
HEARD_STATUSES = tuple(status for status in OPEN_STATUSES if status != Status.AWAITING)

NOT_LOOKED_AT = dt.date.min  # as the trigger writes it: whatever changed, the next sweep looks
BATCH = 1000
CLOCK_FIELDS = ("due_on", "due_basis", "original_due_on", "ack_due_on")


def office_today() -> dt.date:
    """Today in the office's time zone: days begin at its midnight."""
    return timezone.localdate()


def noon(day: dt.date) -> dt.datetime:
    """The moment of something of which only the day is known."""
    # noon keeps it the same day in every American time zone
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def moment_of(day: dt.date | None) -> dt.datetime | None:
    """The same of a day that is over; None, which is now, for today and where no day is known."""
    return noon(day) if day and day < office_today() else None


def load_calendar() -> deadlines.Calendar:
    """Federal holidays with this office's closures."""
    return deadlines.Calendar({c.day: (c.name, c.closed) for c in Closure.objects.all()})


def explain(tasking: Tasking, calendar: deadlines.Calendar) -> deadlines.Explanation:
    """The item's date now, by the first rule of `due_rules.RULES` that applies."""
    return due_rules.explain(situation(tasking), calendar)


def look_again() -> None:
    """Let the next sweep look at every open item: the schedule or the calendar changed. The caller says who acts."""
    keys = list(Tasking.objects.filter(OPEN_LEAD).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):  # one order and short locks
        Tasking.objects.filter(OPEN_LEAD, pk__in=keys[start : start + BATCH]).update(check_on=NOT_LOOKED_AT)


def set_due_date(
    tasking: Tasking, *, by: Actor, calendar: deadlines.Calendar | None = None, reason: str = "",
    also: dict[str, str] | None = None, asked_anew: bool = False,
) -> DueDate | None:  # fmt: skip
    """Compute the dates of both clocks and keep what moved as new revisions with their events; the reply clock's revision.

    Does not save the tasking's other fields. Consulted taskings have no clock. The acknowledgment clock ends with their
    first word; after that its date stays as it was. `reason`: why a person moved it, told beside the date it had before.
    `also` is more of what the event keeps of the reply clock's move. `asked_anew`: it was asked on another day than was noted;
    what ended keeps the usual wait of then, and their first word the days it was given.
    """
    if tasking.role == TaskingRole.CONSULTED:
        return None
    calendar = calendar or load_calendar()
    before = {name: getattr(tasking, name) for name in CLOCK_FIELDS}
    known = situation(tasking)
    if asked_anew and not tasking.is_open:
        known = replace(known, usual_wait=_days_given(tasking, Clock.SUBSTANTIVE) or known.usual_wait)
    explanation = due_rules.explain(known, calendar)
    revision = _keep(tasking, Clock.SUBSTANTIVE, explanation, now=tasking.due_on, by=by, reason=reason, also=also)
    tasking.due_on, tasking.due_basis = explanation.due_on, explanation.basis
    if tasking.extended_to:
        # a promise that came after the time was given is no original: against that one it is late all the same
        before_it = due_rules.original(replace(known, promised_on=None), calendar).due_on
        tasking.original_due_on = explanation.extended_from or before_it
    if tasking.acknowledged_on is None or asked_anew:
        days = _days_given(tasking, Clock.ACKNOWLEDGEMENT) if tasking.acknowledged_on else None
        expected = due_rules.acknowledgement(known.asked_on, days or tasking.agency.acknowledgement_days, calendar)
        _keep(tasking, Clock.ACKNOWLEDGEMENT, expected, now=tasking.ack_due_on, by=by, reason=reason)
        tasking.ack_due_on = expected.due_on
    _tell_not_past(tasking, before["due_on"], by=by)
    if changed := [name for name in CLOCK_FIELDS if getattr(tasking, name) != before[name]]:
        tasking.save(update_fields=changed)
    return revision


def _days_given(tasking: Tasking, clock: Clock) -> int | None:
    """Our usual wait as it was then; what a letter set is none, and may have been taken away."""
    latest = tasking.due_dates.filter(clock=clock, basis=Basis.YARDSTICK).first()
    return latest.explanation["business_days"] if latest else None


def _tell_not_past(tasking: Tasking, before: dt.date | None, *, by: Actor) -> None:
    if tasking.past_due_recorded and tasking.past_due_recorded == before != tasking.due_on:
        told = {"tasking": str(tasking.pk), "due_on": iso(before), "now_due_on": iso(tasking.due_on)}
        kind, letter = EventKind.PAST_DUE_CLEARED, tasking.ask.letter
        record_event(kind, by=by, letter=letter, tasking=tasking, due_on=before, payload=told)


def first_dates(taskings: Sequence[Tasking], *, calendar: deadlines.Calendar) -> list[dict[str, Any]]:
    """What `set_due_date` would give items that are about to wait, before they are written; consulted ones get none.

    Sets the dates on the items and returns what the revisions that explain them are made of, to be written after them.
    """
    waiting = [tasking for tasking in taskings if tasking.role == TaskingRole.LEAD]
    # a term may count from a receipt
    prefetch_related_objects([one for one in waiting if one.ask.letter.term_days], "ask__letter__addressees")
    dated = cache(lambda known: _dated(due_rules.explain(known, calendar)))
    heard = cache(lambda asked_on, days: _dated(due_rules.acknowledgement(asked_on, days, calendar)))
    revisions = []
    for tasking in waiting:
        found = dated(first_situation(tasking))
        word = heard(tasking.asked_on, tasking.agency.acknowledgement_days)
        tasking.due_on, tasking.due_basis, tasking.ack_due_on = found["value"], found["basis"], word["value"]
        revisions.append({"tasking": tasking, "clock": Clock.SUBSTANTIVE, "revision": 1, **found})
        revisions.append({"tasking": tasking, "clock": Clock.ACKNOWLEDGEMENT, "revision": 1, **word})
    return revisions


def _dated(explanation: deadlines.Explanation) -> dict[str, Any]:
    return {"value": explanation.due_on, "basis": explanation.basis, "explanation": explanation.as_json()}


def _keep(
    tasking: Tasking, clock: Clock, explanation: deadlines.Explanation, *, now: dt.date | None, by: Actor, reason: str,
    also: dict[str, str] | None = None,
) -> DueDate:  # fmt: skip
    latest = tasking.due_dates.filter(clock=clock).first()
    if latest and latest.explanation == explanation.as_json():
        return latest
    event = None
    if latest is not None and (now, latest.basis) != (explanation.due_on, explanation.basis):
        event = record_event(
            EventKind.DUE_DATE_MOVED,
            by=by, letter=tasking.ask.letter, tasking=tasking, reason=reason.strip(),
            payload={"tasking": str(tasking.pk), "from": iso(now), "to": iso(explanation.due_on), "basis": explanation.basis, "explanation": explanation.as_json()}
            | ({"clock": clock.value} if clock != Clock.SUBSTANTIVE else {}) | (also or {}),
        )  # fmt: skip
    return DueDate.objects.create(
        tasking=tasking, clock=clock, revision=latest.revision + 1 if latest else 1, value=explanation.due_on,
        basis=explanation.basis, explanation=explanation.as_json(), moved_by=event,
    )  # fmt: skip


def settle_acknowledged(tasking: Tasking) -> None:
    """Their first word about the item, of whatever kind: a reply, a status that rests on one, a receipt that was noted,
    that they need more time."""
    came = tasking.answers.filter(response__in_error_at__isnull=True)
    days = [
        came.aggregate(first=Min("response__received_on"))["first"], noted_receipt(tasking), told_of_more_time(tasking),
    ]  # fmt: skip
    heard = tasking.events.filter(
        ~Exists(REPLY_IN_ERROR), kind=EventKind.STATUS_CHANGED, to_status__in=HEARD_STATUSES
    ).aggregate(first=Min("occurred_at"))["first"]
    days.append(timezone.localdate(heard) if heard else None)
    first = min((day for day in days if day), default=None)
    if tasking.acknowledged_on != first:
        tasking.acknowledged_on = first
        tasking.save(update_fields=["acknowledged_on"])


def pause(tasking: Tasking, *, on: dt.date, reason: str = "") -> Pause:
    """Stop the clock: the ball is with us from `on`, and again at the earliest from the day it last was not."""
    last = tasking.pauses.aggregate(last=Max("ended_on"))["last"]
    on = max(on, last) if last else on
    return Pause.objects.create(tasking=tasking, started_on=on, reason=reason[:300])


def resume(tasking: Tasking, *, on: dt.date) -> None:
    """Let the clock run again from `on`; the stopped days move the date."""
    standing = tasking.pauses.filter(ended_on__isnull=True).first()
    if standing:
        standing.ended_on = max(on, standing.started_on)
        standing.save(update_fields=["ended_on"])


def never_paused(tasking: Tasking, *, since: dt.date) -> None:
    """The pauses that began since then were none: the question that they waited on was never asked. No day of them counts."""
    for begun in tasking.pauses.filter(started_on__gte=since).exclude(ended_on=F("started_on")):
        _was_none(begun)


def never_asked(tasking: Tasking, response: Response, *, goes_on: bool = False) -> list[Pause]:
    """Of the pauses that this reply alone began, which is entered in error, no day counts; those it is so of.

    Where another reply asked us something during one, that pause begins with that reply. One that still stands begins
    today, since the item waits on us until a person says otherwise; not where it `goes_on` with this.
    """
    found = situations.pauses_of(tasking, response)
    for paused, since in found:
        if since and (paused.ended_on is None or since < paused.ended_on):
            paused.started_on = since
            paused.save(update_fields=["started_on"])
        elif paused.ended_on is None and not goes_on:
            paused.started_on = office_today()
            paused.save(update_fields=["started_on"])
        else:
            _was_none(paused)
    return [paused for paused, _ in found]


def _was_none(paused: Pause) -> None:
    paused.ended_on, paused.reason = paused.started_on, QUESTION_IN_ERROR
    paused.save(update_fields=["ended_on", "reason"])


def end_review(tasking: Tasking, *, by: Actor) -> None:
    """They look into it after all: the clock that stood still while they took no position runs again."""
    if tasking.review_on is not None:
        tasking.review_on = None
        tasking.save(update_fields=["review_on"])
        run_again(tasking, by=by)


def put_back(tasking: Tasking, stood: Tasking, undone: Event, *, by: Actor) -> None:
    """The clocks of an item as they were before the move `undone`, which was taken back; `stood`: the item then."""
    if undone.to_status == Status.CLARIFICATION:
        resume(tasking, on=dt.date.min)  # on the day it began: no day of it counts
    if undone.from_status == Status.CLARIFICATION:
        ended = tasking.pauses.order_by("started_on", "ended_on").last()
        if ended is not None:
            ended.ended_on = None
            ended.save(update_fields=["ended_on"])
    settle_answered(tasking, by=by)
    if (tasking.due_on, tasking.due_basis) != (stood.due_on, stood.due_basis):
        # an end was in time by it, or late; and what is partly done may still have been promised for it
        same = tasking.due_dates.filter(clock=Clock.SUBSTANTIVE, value=stood.due_on, basis=stood.due_basis).first()
        if same is not None:
            known = deadlines.Explanation.from_json(same.explanation)
            _keep(tasking, Clock.SUBSTANTIVE, known, now=tasking.due_on, by=by, reason="")
        before = tasking.due_on
        for name in ("due_on", "due_basis", "original_due_on"):
            setattr(tasking, name, getattr(stood, name))
        tasking.save(update_fields=["due_on", "due_basis", "original_due_on"])
        _tell_not_past(tasking, before, by=by)
    if tasking.status in RUNNING_STATUSES:
        set_due_date(tasking, by=by)


def settle_answered(tasking: Tasking, *, by: Actor) -> None:
    """Whether a substantive reply, read and found full, satisfied the clock; an acknowledgment never does, nor what had come
    when a letter asked again; but an end by a reply has the day of the one it rests on, which may be found late.

    A clock that runs again is computed anew: closures that came while it was finished did not move it.
    """
    asked_since = Renewal.objects.filter(
        tasking=tasking.pk, letter__state=LetterState.SENT, renewed_on__gte=OuterRef("response__received_on")
    )
    answers = proving_answers(tasking).filter(coverage=Coverage.FULL, response__kind__in=SUBSTANTIVE_KINDS)
    days = answers.order_by("response__received_on").values_list("response__received_on", flat=True)
    first = days.filter(~Exists(asked_since)).first()
    if first is None and tasking.status in PROVED_BY_REPLY:
        first = days.first()
    if tasking.answered_on != first:
        tasking.answered_on = first
        tasking.save(update_fields=["answered_on"])
        if first is None:
            run_again(tasking, by=by)


def asked_no_more(tasking: Tasking, letter: Letter, *, by: Actor) -> None:
    """What the clocks rest on without a letter that had repeated the item and does so no more. The date follows after this."""
    settle_acknowledged(tasking)
    if review_on := situations.review_ended_by(tasking, letter):
        tasking.review_on = review_on
        tasking.save(update_fields=["review_on"])
    settle_answered(tasking, by=by)


def run_again(tasking: Tasking, *, by: Actor) -> None:
    """The date of a clock that stood still and runs again. One that waits on us follows when it goes on."""
    if tasking.status in RUNNING_STATUSES:
        set_due_date(tasking, by=by)
