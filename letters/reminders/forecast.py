"""What the schedule would send over the coming days if nothing happened, and what it sent over the last ones."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from letters.models import Notice, Reminder, Tasking, User
from letters.models.tasking_queries import OPEN_LEAD
from letters.reminders.facts import Schedule
from letters.reminders.ladder import Facts, Fired, Firing, decide
from letters.reminders.schedule import Rung
from letters.reminders.telling import load_addressees

DAYS = 30
MOST = 300  # items looked ahead for: a page is for people


@dataclass(frozen=True)
class Coming:
    """One reminder that would fire, and who would be told; nobody: it would only be flagged."""

    day: dt.date
    tasking: Tasking
    rung: Rung
    people: list[User]


def coming(
    schedule: Schedule, found: QuerySet[Tasking], *, today: dt.date, days: int = DAYS, most: int = MOST
) -> tuple[list[Coming], int]:
    """By day, what the next rounds would fire for these items; and how many items were not looked at.

    Asked as the sweep asks, one day after the other: only what its index holds until then.
    """
    until = today + dt.timedelta(days=days)
    looked_at = found.filter(OPEN_LEAD, check_on__lte=until).order_by("due_on", "pk")
    total = looked_at.count()
    batch = list(looked_at.select_related("ask__letter", "ask__kind", "agency")[:most])
    ahead = [
        (day, tasking, fires)
        for tasking, facts, fired in schedule.known(batch)
        for day, fires in look_ahead(facts, fired, schedule, today=today, until=until)
    ]
    addressees = load_addressees([(tasking, fires) for _, tasking, fires in ahead])
    rows = [
        Coming(day, tasking, told.firing.rung, [addressees.people[pk] for pk in told.people])
        for day, tasking, fires in ahead
        for told in addressees.tell(tasking, fires)
        if not told.quiet
    ]
    return sorted(rows, key=lambda row: (row.day, str(row.tasking.agency), row.rung.position)), total - len(batch)


def look_ahead(
    facts: Facts, fired: Fired, schedule: Schedule, *, today: dt.date, until: dt.date
) -> Iterable[tuple[dt.date, list[Firing]]]:
    """Each day on which something would fire for one item, if nothing happened to it meanwhile."""
    known = dict(fired)
    day: dt.date | None = today
    while day is not None and day <= until:
        decision = decide(facts, schedule.rungs, day, schedule.calendar, known)
        if decision.fires:
            yield day, decision.fires
        known |= {(firing.rung.code, firing.counts_from): day for firing in decision.fires}
        day = decision.look_on


def sent(user: User, *, today: dt.date, days: int = DAYS) -> tuple[QuerySet[Reminder], int]:
    """What fired over the last days about items the person may see, latest first; and how much of it was
    kept quietly: a later one of the same round spoke for it, it was told of before, or there was nobody to tell."""
    seen = Tasking.objects.visible_to(user).order_by().values("pk")
    fired = Reminder.objects.filter(fired_on__gt=today - dt.timedelta(days=days), fired_on__lte=today, tasking__in=seen)
    quiet = fired.filter(quiet=True).count()
    rows = fired.filter(quiet=False).select_related("tasking__ask__letter", "tasking__agency")
    return rows.order_by("-fired_on", "tasking__agency__short_name", "tasking__ask__number", "tasking", "rule"), quiet


def told_of(reminders: list[Reminder]) -> dict:
    """Who was told of each, by name; one query for all of them."""
    names: dict = {}
    for notice in Notice.objects.filter(reminder__in=reminders).select_related("to_user").order_by("to_user__username"):
        names.setdefault(notice.reminder_id, []).append(str(notice.to_user))
    return names
