"""Reads what `ladder` decides upon: the schedule, the calendar, and what is known of some items. Five queries for any number of them."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Min
from django.utils import timezone

from letters.domain import clocks
from letters.domain.deadlines import Calendar
from letters.enums import AgencyKind, Basis, Clock, EventKind, ReminderAnchor
from letters.models import Agency, Answer, ContactTasking, DueDate, Event, Reminder, ReminderRule, Tasking
from letters.reminders.ladder import Decision, Facts, Fired, decide
from letters.reminders.schedule import Rung


@dataclass(frozen=True)
class Schedule:
    """What holds for all items of one round."""

    rungs: list[Rung]
    calendar: Calendar
    above: dict[uuid.UUID, frozenset[uuid.UUID]]  # each agency, with those above it

    def decide(self, taskings: Sequence[Tasking], today: dt.date) -> Iterator[tuple[Tasking, Decision]]:
        """What comes due for each on `today`. Needs `ask` and `agency` selected."""
        for tasking, facts, fired in self.known(taskings):
            yield tasking, decide(facts, self.rungs, today, self.calendar, fired)

    def known(self, taskings: Sequence[Tasking]) -> Iterator[tuple[Tasking, Facts, Fired]]:
        """What is known of each, and what has fired for it."""
        return _known(taskings, self.above)


def load_schedule() -> Schedule:
    """The rungs in force, with the office's calendar and its tree of agencies."""
    return Schedule(
        [as_rung(rule) for rule in ReminderRule.objects.filter(is_active=True)], clocks.load_calendar(), _tree()
    )


def as_rung(rule: ReminderRule) -> Rung:
    """A row of the schedule as `schedule` knows it."""
    return Rung(
        code=rule.code, words=rule.words, anchor=ReminderAnchor(rule.anchor), offset_days=rule.offset_days,
        business_days=rule.business_days, basis=Basis(rule.basis) if rule.basis else None, kind=rule.kind_id,
        agency=rule.agency_id, to_owner=rule.to_owner, to_staff=rule.to_staff, to_managers=rule.to_managers,
        position=rule.position,
    )  # fmt: skip


def _tree() -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    rows = {pk: (parent, kind) for pk, parent, kind in Agency.objects.values_list("pk", "parent", "kind")}

    def chain(pk: uuid.UUID | None) -> Iterator[uuid.UUID]:
        while pk is not None:
            yield pk
            parent, kind = rows[pk]
            pk = None if kind == AgencyKind.INSPECTOR_GENERAL else parent  # stands apart from its department

    return {pk: frozenset(chain(pk)) for pk in rows}


def _known(
    taskings: Sequence[Tasking], above: dict[uuid.UUID, frozenset[uuid.UUID]]
) -> Iterator[tuple[Tasking, Facts, Fired]]:
    fired: dict[uuid.UUID, dict[tuple[str, dt.date], dt.date]] = {}
    reminders = Reminder.objects.filter(tasking__in=taskings).order_by()
    for pk, rule, due_on, fired_on in reminders.values_list("tasking", "rule", "due_on", "fired_on"):
        fired.setdefault(pk, {})[rule, due_on] = fired_on
    unread = Answer.objects.filter(tasking__in=taskings, coverage__isnull=True, response__in_error_at__isnull=True)
    since = dict(unread.order_by().values("tasking").annotate(first=Min("recorded_at")).values_list("tasking", "first"))
    # the last contact that named a day: a later call with another day takes the place of the earlier one's
    contacts = ContactTasking.objects.filter(
        tasking__in=taskings, contact__in_error_at__isnull=True, contact__next_on__isnull=False
    ).order_by("tasking", "-contact__on", "-contact__recorded_at")
    following = dict(contacts.distinct("tasking").values_list("tasking", "contact__next_on"))
    revisions = DueDate.objects.filter(tasking__in=taskings, clock=Clock.SUBSTANTIVE).order_by("tasking", "-revision")
    dated = dict(revisions.distinct("tasking").values_list("tasking", "recorded_at"))
    late: dict[uuid.UUID, set[tuple[str, dt.date]]] = {}
    reviewed: dict[uuid.UUID, dt.datetime] = {}
    kinds = (EventKind.PAST_DUE, EventKind.ACKNOWLEDGEMENT_LATE, EventKind.REVIEW_SET)
    events = Event.objects.filter(kind__in=kinds, tasking__in=taskings).order_by()
    for pk, kind, day, recorded in events.values_list("tasking", "kind", "due_on", "recorded_at"):
        if kind == EventKind.REVIEW_SET:
            reviewed[pk] = max(recorded, reviewed.get(pk, recorded))
        elif day:
            late.setdefault(pk, set()).add((kind, day))
    for tasking in taskings:
        pk = tasking.pk
        facts = Facts(
            status=tasking.status, role=tasking.role, kind=tasking.ask.kind_id, agencies=above[tasking.agency_id],
            due_on=tasking.due_on, due_basis=tasking.due_basis, due_set_on=_day(dated.get(pk)),
            past_due_recorded=tasking.past_due_recorded, ack_due_on=tasking.ack_due_on,
            acknowledged_on=tasking.acknowledged_on, ack_late_recorded=tasking.ack_late_recorded,
            answered_on=tasking.answered_on, review_on=tasking.review_on, review_set_on=_day(reviewed.get(pk)),
            snoozed_until=tasking.snoozed_until, extended_to=tasking.extended_to,
            next_contact_on=following.get(pk), unread_since=_day(since.get(pk)),
            told_late=late.get(pk, ()),
        )  # fmt: skip
        yield tasking, facts, fired.get(pk, {})


def _day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localdate(moment) if moment else None
