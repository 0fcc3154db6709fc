"""The dates of a tasking: computed by `deadlines`, kept as revisions, moved with an event."""

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from letters.domain import deadlines
from letters.domain.access import Actor
from letters.domain.history import record_event
from letters.domain.payloads import iso
from letters.domain.said import ANSWERS_NOTHING
from letters.enums import (
    CLOSED_STATUSES,
    PROOF_KINDS,
    SUBSTANTIVE_KINDS,
    Basis,
    Clock,
    Coverage,
    EventKind,
    LetterState,
    Status,
    TaskingRole,
)
from letters.models import Answer, Closure, DueDate, Evidence, Pause, Renewal, Tasking
from letters.models.agencies import DEFAULT_YARDSTICK_DAYS
from letters.models.tasking_queries import OPEN_LEAD

NOT_LOOKED_AT = dt.date.min  # as the trigger writes it: whatever changed, the next sweep looks
BATCH = 1000
YARDSTICK_SOURCE = "State’s own goal, GAO-14-424"


def office_today() -> dt.date:
    """Today in the office's time zone: days begin at its midnight."""
    return timezone.localdate()


def load_calendar() -> deadlines.Calendar:
    """Federal holidays with this office's closures."""
    return deadlines.Calendar({c.day: (c.name, c.closed) for c in Closure.objects.all()})


def explain(tasking: Tasking, calendar: deadlines.Calendar) -> deadlines.Explanation:
    """The tasking's due date now, by precedence: a promise, the date of the last letter that repeats it and sets one,
    the ask's own date, the letter's, our usual wait."""
    ask, letter = tasking.ask, tasking.ask.letter
    pauses = [
        deadlines.Interval(pause.started_on, pause.ended_on)
        for pause in tasking.pauses.all()
        if pause.ended_on is not None and pause.ended_on > pause.started_on
    ]
    sent_on = tasking.asked_on
    if sent_on is None:
        raise ValueError(f"{tasking} has not been asked yet, so it has no date")
    if tasking.status in (Status.PROMISED, Status.PARTLY_ADDRESSED) and tasking.promised_on:
        return deadlines.fixed(
            tasking.promised_on, basis=Basis.PROMISE, sent_on=sent_on, calendar=calendar,
            rule=f"{tasking.agency} promised it for {deadlines.long_date(tasking.promised_on)}",
        )  # fmt: skip
    again = last_renewal_with_date(tasking)
    if again and again.letter.deadline_on:
        return deadlines.fixed(
            again.letter.deadline_on, basis=Basis.LETTER, sent_on=sent_on, calendar=calendar, pauses=pauses,
            rule=f"{again.letter.reference} repeats this, and asks for a reply by {deadlines.long_date(again.letter.deadline_on)}",
        )  # fmt: skip
    if ask.requested_by:
        return deadlines.fixed(
            ask.requested_by, basis=Basis.LETTER, sent_on=sent_on, calendar=calendar, pauses=pauses,
            rule=f"The letter asks for this by {deadlines.long_date(ask.requested_by)}",
        )  # fmt: skip
    if letter.deadline_on:
        return deadlines.fixed(
            letter.deadline_on, basis=Basis.LETTER, sent_on=sent_on, calendar=calendar, pauses=pauses,
            rule=f"The letter asks for a reply by {deadlines.long_date(letter.deadline_on)}",
        )  # fmt: skip
    days = tasking.agency.yardstick_days
    source = YARDSTICK_SOURCE if days == DEFAULT_YARDSTICK_DAYS else f"set for {tasking.agency}"
    return deadlines.yardstick(sent_on, days, calendar, source=source, pauses=pauses)


def look_again() -> None:
    """Let the next sweep look at every open item: the schedule or the calendar changed. The caller says who acts."""
    keys = list(Tasking.objects.filter(OPEN_LEAD).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):  # one order and short locks
        Tasking.objects.filter(OPEN_LEAD, pk__in=keys[start : start + BATCH]).update(check_on=NOT_LOOKED_AT)


def last_renewal_with_date(tasking: Tasking) -> Renewal | None:
    """The last letter that repeats the item and sets a date; one entered in error repeats nothing."""
    standing = tasking.renewals.filter(letter__state=LetterState.SENT, letter__deadline_on__isnull=False)
    return standing.select_related("letter").order_by("-renewed_on", "-letter__sent_at").first()


def set_due_date(tasking: Tasking, *, by: Actor, calendar: deadlines.Calendar | None = None) -> DueDate | None:
    """Compute the reply clock's date and, if it moved, keep it as a new revision with its event.

    Does not save the tasking's other fields. Consulted taskings have no clock.
    """
    if tasking.role == TaskingRole.CONSULTED:
        return None
    explanation = explain(tasking, calendar or load_calendar())
    latest = tasking.due_dates.filter(clock=Clock.SUBSTANTIVE).first()
    if latest and latest.explanation == explanation.as_json():
        return latest
    before = tasking.due_on
    event = None
    if latest is not None and (before, tasking.due_basis) != (explanation.due_on, explanation.basis):
        event = record_event(
            EventKind.DUE_DATE_MOVED,
            by=by, letter=tasking.ask.letter, tasking=tasking,
            payload={"tasking": str(tasking.pk), "from": iso(before), "to": iso(explanation.due_on), "basis": explanation.basis, "explanation": explanation.as_json()},
        )  # fmt: skip
    tasking.due_on, tasking.due_basis = explanation.due_on, explanation.basis
    if tasking.past_due_recorded and tasking.past_due_recorded == before and explanation.due_on != before:
        record_event(
            EventKind.PAST_DUE_CLEARED, by=by, letter=tasking.ask.letter, tasking=tasking, due_on=before,
            payload={"tasking": str(tasking.pk), "due_on": iso(before), "now_due_on": iso(explanation.due_on)},
        )  # fmt: skip
    tasking.save(update_fields=["due_on", "due_basis"])
    return DueDate.objects.create(
        tasking=tasking,
        revision=latest.revision + 1 if latest else 1,
        value=explanation.due_on,
        basis=explanation.basis,
        explanation=explanation.as_json(),
        moved_by=event,
    )


def pause(tasking: Tasking, *, on: dt.date, reason: str = "") -> Pause:
    """Stop the clock: the ball is with us from `on`."""
    return Pause.objects.create(tasking=tasking, started_on=on, reason=reason[:300])


def resume(tasking: Tasking, *, on: dt.date) -> None:
    """Let the clock run again from `on`; the stopped days move the date."""
    standing = tasking.pauses.filter(ended_on__isnull=True).first()
    if standing:
        standing.ended_on = max(on, standing.started_on)
        standing.save(update_fields=["ended_on"])


def reopened_at(tasking: Tasking) -> dt.datetime | None:
    """When it was last asked again after an end."""
    return (
        tasking.events.filter(kind=EventKind.STATUS_CHANGED, from_status__in=CLOSED_STATUSES)
        .order_by("-sequence")
        .values_list("recorded_at", flat=True)
        .first()
    )


def standing_answers(tasking: Tasking) -> QuerySet[Answer]:
    """What was read of replies that count: none entered in error, none read before the item was asked again."""
    answers = tasking.answers.filter(coverage__isnull=False, response__in_error_at__isnull=True)
    reopened = reopened_at(tasking)
    return answers.filter(assessed_at__gt=reopened) if reopened else answers


def proving_answers(tasking: Tasking) -> QuerySet[Answer]:
    """Those on which an end can rest: of replies that say something about an ask, and they do of this one."""
    return standing_answers(tasking).filter(response__kind__in=PROOF_KINDS).exclude(said__in=ANSWERS_NOTHING)


def standing_evidence(tasking: Tasking) -> QuerySet[Evidence]:
    """What proves the outcome now: not entered in error, and looked at since the item was asked again."""
    evidence = tasking.evidence.filter(in_error_at__isnull=True)
    reopened = reopened_at(tasking)
    return evidence.filter(checked_at__gt=reopened) if reopened else evidence


def settle_answered(tasking: Tasking) -> None:
    """Whether a substantive reply, read and found full, satisfied the clock; an acknowledgment never does."""
    answers = proving_answers(tasking).filter(coverage=Coverage.FULL, response__kind__in=SUBSTANTIVE_KINDS)
    first = answers.order_by("response__received_on").values_list("response__received_on", flat=True).first()
    if tasking.answered_on != first:
        tasking.answered_on = first
        tasking.save(update_fields=["answered_on"])
