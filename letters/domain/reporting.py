"""What people do with reports: ask for one, cancel it, have it tried again; say when the weekly list is made, and for whom."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.domain.access import RELEASE, VIEW, Actor, may, require
from letters.domain.clocks import office_today
from letters.domain.deadlines import long_date
from letters.domain.history import acting
from letters.domain.meanwhile import settled
from letters.domain.office_hours import WEEK, WEEKDAYS, clock_hour
from letters.domain.rules import check_text, refuse_if
from letters.enums import ReportState
from letters.errors import NotAllowed, Problem, RecordError
from letters.models import Report, ReportRecipient, ReportSchedule, User
from letters.models.reports import TO_BE_MADE

MAX_QUERY = 2000
MOST_WAITING = 5  # of one person at a time
AGAIN = (ReportState.FAILED, ReportState.CANCELLED)
IS_OVER = "is over, and a list of now is not that week’s. Make a report of the queue instead."
_SHOWN: dict[str, Callable[[Any], str]] = {
    "is_on": lambda is_on: "on" if is_on else "off",
    "weekday": lambda weekday: WEEKDAYS[weekday],
    "hour": clock_hour,
}


@transaction.atomic
def ask_for_list(*, by: User, query: str, about: str) -> Report:
    """A report of one's own: the queue's list under this address, as this person sees it when it is made."""
    require(by, VIEW)
    refuse_if(check_text("query", "The list of filters", query, MAX_QUERY))
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once count each other
    waiting = Report.objects.filter(owner=by, state__in=TO_BE_MADE).count()
    if waiting >= MOST_WAITING:
        raise RecordError.of("query", f"{waiting} reports of yours are still to be made. Wait for one, or cancel one.")
    with acting(by, why="report asked for"):
        return Report.objects.create(
            owner=by, key=f"list {uuid.uuid4()}", day=office_today(), query=query, about=about[:500]
        )


@transaction.atomic
def cancel(report: Report, *, by: User) -> Report:
    """Whoever makes it stops at the next part. RecordError where it is made already, or given up."""
    require_change(report, by=by)
    with acting(by, why="report cancelled"):
        report = _locked(report)
        if report.state not in TO_BE_MADE:
            raise RecordError.of("report", f"This report is {report.get_state_display()} already: nothing to cancel.")
        report.state, report.claimed_until, report.finished_at = ReportState.CANCELLED, None, timezone.now()
        report.save(update_fields=["state", "claimed_until", "finished_at"])
        return report


@transaction.atomic
def try_again(report: Report, *, by: User) -> Report:
    """Have one made that failed or was cancelled: as of the moment when it is made."""
    require_change(report, by=by)
    with acting(by, why="report tried again"):
        report = _locked(report)
        if report.state not in AGAIN:
            raise RecordError.of("report", f"This report is {report.get_state_display()}: nothing to try again.")
        if not may_be_tried_again(report):
            raise RecordError.of("report", f"The week of {long_date(report.day)} {IS_OVER}", str(report.day))
        report.state, report.error, report.attempts = ReportState.ASKED, "", 0
        report.rows_done, report.rows_total, report.finished_at = 0, None, None
        report.save(update_fields=["state", "error", "attempts", "rows_done", "rows_total", "finished_at"])
        return report


def may_be_tried_again(report: Report) -> bool:
    """Whether it failed or was cancelled; of the office’s, in its own week."""
    return report.state in AGAIN and not is_over(report, office_today())


def is_over(report: Report, today: dt.date) -> bool:
    """Whether it is the office’s of a week that is over: it lists what is open when it is made, and that is mailed as that
    week’s."""
    return report.owner_id is None and is_week_over(report.day, today)


def is_week_over(day: dt.date, today: dt.date) -> bool:
    """Of the week of which this day is the first."""
    return day + WEEK <= today


def may_change(report: Report, *, by: User) -> bool:
    """One's own; the office's, a manager."""
    return report.owner_id == by.pk if report.owner_id else may(by, RELEASE)


def require_change(report: Report, *, by: User) -> None:
    """Raise NotAllowed unless `by` may cancel it and have it tried again."""
    if not may_change(report, by=by):
        raise NotAllowed(Problem("by", "The weekly list is the office’s. Ask a manager or an administrator."))


def _locked(report: Report) -> Report:
    return Report.objects.select_for_update(no_key=True).get(pk=report.pk)


# --- the weekly list


def week_key(day: dt.date) -> str:
    """Under which the office’s list of the week that begins on this day is one."""
    return f"week {day}"


@dataclass(frozen=True)
class Kept:
    """When the list is made and who is told (keys), as a form was drawn of it, or as it is now."""

    is_on: bool
    weekday: int
    hour: int
    recipients: frozenset[uuid.UUID]

    def with_changes(self, chosen: Iterable[uuid.UUID], drawn: "Kept") -> frozenset[uuid.UUID]:
        """Who is told once what one person changed is done: whom they ticked is put on, whom they unticked is taken off."""
        ticked = frozenset(chosen)
        return (self.recipients | (ticked - drawn.recipients)) - (drawn.recipients - ticked)


def weekly_list() -> Kept:
    """As kept, or as the first round will begin it."""
    schedule = ReportSchedule.objects.first() or ReportSchedule()
    told = frozenset(ReportRecipient.objects.values_list("user_id", flat=True))
    return Kept(schedule.is_on, schedule.weekday, schedule.hour, told)


@transaction.atomic
def set_schedule(
    *,
    by: Actor,
    is_on: bool,
    weekday: int,
    hour: int,
    recipients: Iterable[User],
    drawn: Kept | None = None,
    now: dt.datetime | None = None,
) -> ReportSchedule:
    """When the weekly list is made, and who is told of it. Weekdays: 0 is Monday. What lies before is not made up for.

    `drawn` is what the person had before them: only what they changed is changed, and what somebody else changed since
    stays. RecordError where both changed the same thing, and not to the same.
    """  # fmt: skip
    require(by, RELEASE)
    problems = []
    if not 0 <= weekday <= 6:
        problems.append(Problem("weekday", f"The day is {weekday}. Choose one from 0 (Monday) to 6.", weekday))
    if not 0 <= hour <= 23:
        problems.append(Problem("hour", f"The hour is {hour}. Choose one from 0 (midnight) to 23.", hour))
    chosen = {user.pk: user for user in recipients}
    problems += [
        Problem("recipients", f"{user} can no longer sign in. Leave them out.", str(user))
        for user in chosen.values()
        if not user.is_active
    ]
    refuse_if(problems)
    with acting(by, why="weekly list"):
        schedule = _begun(now)
        there = weekly_list()
        wanted = Kept(is_on, weekday, hour, frozenset(chosen))
        if drawn:
            wanted = _changed(wanted, drawn, there)
        is_on, weekday, hour = wanted.is_on, wanted.weekday, wanted.hour
        if (schedule.is_on, schedule.weekday, schedule.hour) != (is_on, weekday, hour):
            schedule.is_on, schedule.weekday, schedule.hour = is_on, weekday, hour
            schedule.since = now or timezone.now()
            schedule.save()
        known, told = there.recipients, wanted.recipients
        ReportRecipient.objects.filter(user_id__in=known - told).delete()
        ReportRecipient.objects.bulk_create([ReportRecipient(user_id=pk) for pk in told - known])
        return schedule


def _changed(wanted: Kept, drawn: Kept, there: Kept) -> Kept:
    """What this person changed, and of the rest what is there now (invariant 7)."""
    problems: list[Problem] = []
    merged = {}
    for name, words in _SHOWN.items():
        want, was, now = (getattr(one, name) for one in (wanted, drawn, there))
        merged[name], told = settled(name, want, was, now, words)
        problems += told
    refuse_if(problems)
    return Kept(**merged, recipients=there.with_changes(wanted.recipients, drawn))


@transaction.atomic
def the_schedule(*, by: Actor, now: dt.datetime) -> ReportSchedule:
    """The schedule, begun at its first asking: the list of a week before that is not made up for."""
    with acting(by):
        return ReportSchedule.objects.first() or _begun(now)


def _begun(now: dt.datetime | None) -> ReportSchedule:
    ReportSchedule.objects.get_or_create(defaults={"since": now or timezone.now()}, singleton=True)
    return ReportSchedule.objects.select_for_update().get()
