"""Reply records: of each agency, how many of the items put to it were answered, by when, how, and how long that took.

Every function gets taskings already limited to what the reader may see, to what counts count (consulted agencies owe
nothing, what was entered in error counts nowhere) and to the filters in force. The conditions are `domain.outcomes`,
by which queue and API filter: what is counted here is the list there.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import BooleanField, Case, Count, Q, When

from letters.domain.outcomes import (
    IN_TIME,
    NOT_IN_TIME,
    NOTHING,
    acknowledged_condition,
    answered_condition,
    answered_day,
    case,
    replied_in_order,
    waited_days,
)
from letters.enums import OPEN_STATUSES
from letters.models.tasking_queries import TaskingQuerySet, late_against_original
from letters.reports.kaplan_meier import Curve, curve


@dataclass(frozen=True)
class Kept:
    """How many of those that can be judged were in time."""

    in_time: int
    judged: int


@dataclass(frozen=True)
class Longest:
    """The item that waited longest, or still waits."""

    tasking: uuid.UUID
    days: int
    came: bool  # it was answered then


@dataclass
class Record:
    """What is counted of one agency, or of several together. Lateness by basis is never added up."""

    asked: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)  # by IN_TIME and NOT_IN_TIME
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)  # by basis, and the same
    replied: Counter[str] = field(default_factory=Counter)  # by REPLIED
    more_time: int = 0
    late_original: int = 0
    late_both: int = 0  # and late against the date that counts now, too
    waits: Counter[tuple[int, bool]] = field(default_factory=Counter)  # by days, and whether an answer ended them
    longest: Longest | None = None

    @property
    def open(self) -> int:
        return sum(self.statuses[status] for status in OPEN_STATUSES)

    @property
    def first_word(self) -> Kept:
        """Their first word, by the day we expect it."""
        return Kept(self.acknowledged[IN_TIME], self.acknowledged[IN_TIME] + self.acknowledged[NOT_IN_TIME])

    def by(self, basis: str) -> Kept:
        """Their answers by a date that rests on this."""
        in_time = self.answered[basis, IN_TIME]
        return Kept(in_time, in_time + self.answered[basis, NOT_IN_TIME])

    @cached_property
    def curve(self) -> Curve:
        """Once everything is added up."""
        return curve(self.waits)


def records(taskings: TaskingQuerySet, today: dt.date) -> dict[uuid.UUID, Record]:
    """By agency. Three queries, however many."""
    found: dict[uuid.UUID, Record] = {}
    for agency, status, basis, acknowledged, answered, replied, more_time, late, number in _combinations(
        taskings, today
    ):
        record = found.setdefault(agency, Record())
        record.asked += number
        record.statuses[status] += number
        record.acknowledged[acknowledged] += number
        record.answered[basis, answered] += number
        record.replied[replied] += number
        record.more_time += number * more_time
        record.late_original += number * late
        record.late_both += number * (late and answered == NOT_IN_TIME)
    waits = _with_waits(taskings, today)
    for agency, days, came, number in waits.values_list("agency", "days", "came").annotate(number=Count("pk")):
        found[agency].waits[days, came] += number
    longest = waits.order_by("agency", "-days", "asked_on", "pk").distinct("agency")
    for agency, *item in longest.values_list("agency", "pk", "days", "came"):
        found[agency].longest = Longest(*item)
    return found


def together(several: Iterable[Record]) -> Record:
    """Of all of them: each item once, for none has two agencies."""
    whole = Record()
    for one in several:
        whole.asked += one.asked
        whole.more_time += one.more_time
        whole.late_original += one.late_original
        whole.late_both += one.late_both
        for name in ("statuses", "acknowledged", "answered", "replied", "waits"):
            getattr(whole, name).update(getattr(one, name))
        if one.longest and (whole.longest is None or one.longest.days > whole.longest.days):
            whole.longest = one.longest
    return whole


def _combinations(taskings: TaskingQuerySet, today: dt.date) -> Iterable[tuple]:
    """What the counts tell apart, each combination that occurs with its number."""
    columns = ("agency", "status", "due_basis", "is_acknowledged", "is_answered", "replies", "is_extended", "is_late")
    return (
        taskings.order_by()
        .annotate(
            is_acknowledged=case({name: acknowledged_condition(name, today) for name in (IN_TIME, NOT_IN_TIME)}),
            is_answered=case({name: answered_condition(name, today) for name in (IN_TIME, NOT_IN_TIME)}),
            replies=case(replied_in_order(), default=NOTHING),
            is_extended=_holds(Q(original_due_on__isnull=False)),
            is_late=_holds(late_against_original(today)),
        )
        .values_list(*columns)
        .annotate(number=Count("pk"))
    )


def _with_waits(taskings: TaskingQuerySet, today: dt.date) -> TaskingQuerySet:
    asked = taskings.filter(asked_on__isnull=False).order_by()
    return asked.alias(answer=answered_day()).annotate(days=waited_days(today), came=_holds(Q(answer__isnull=False)))


def _holds(condition: Q) -> Case:
    """True or false: a condition on what is null is neither."""
    return Case(When(condition, then=True), default=False, output_field=BooleanField())
