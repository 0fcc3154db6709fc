"""The rungs of the reminder schedule, and on which day each falls. Pure: no models, no clock.

The rungs are the office's data (`ReminderRule`, `fixtures/reminder_rules.yaml`). A rung may be for everything, or for
one basis, kind of ask or agency; at the same place of the schedule the more particular one takes the general one's.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from letters.domain.deadlines import DAY, Calendar, count, days_after
from letters.enums import Basis, ReminderAnchor


@dataclass(frozen=True)
class Rung:
    """One line of the schedule: when it comes due, for which items, and who is told. Keys are those of the rows."""

    code: str
    words: str
    anchor: ReminderAnchor
    offset_days: int  # after the day it counts from; negative: before it
    business_days: bool = False
    basis: Basis | None = None
    kind: uuid.UUID | None = None
    agency: uuid.UUID | None = None
    to_owner: bool = True
    to_staff: bool = False
    to_managers: bool = False
    position: int = 0

    @property
    def tells(self) -> bool:
        """Whether anybody is told; otherwise the item is only flagged."""
        return self.to_owner or self.to_staff or self.to_managers

    @property
    def is_before(self) -> bool:
        """Whether it comes before the date the reply is due. A promise defers chasing to its day: of one, only a rung
        made for promises tells before it."""
        return self.anchor == ReminderAnchor.DUE and self.offset_days < 0

    @property
    def place(self) -> tuple[str, int, bool]:
        """Two rungs of one place would say the same thing twice."""
        return self.anchor, self.offset_days, self.business_days

    def fits(self, *, basis: str | None, kind: uuid.UUID, agencies: Collection[uuid.UUID]) -> bool:
        """Whether it is for such an item; `agencies` are the one asked and those above it."""
        return (
            (self.basis == basis if self.basis else not (basis == Basis.PROMISE and self.is_before))
            and (self.kind is None or self.kind == kind)
            and (self.agency is None or self.agency in agencies)
        )

    def falls_on(self, day: dt.date, calendar: Calendar) -> dt.date:
        """The day on which it comes due, counted from `day`."""
        if self.business_days and day.year < dt.MAXYEAR - 20:  # no calendar reaches further
            return shifted(day, self.offset_days, calendar)
        return days_after(day, self.offset_days)


def rungs_for(
    rungs: Iterable[Rung], *, basis: str | None, kind: uuid.UUID, agencies: Collection[uuid.UUID]
) -> list[Rung]:
    """The rungs that count for such an item, one a place, in the order of the schedule; those of one anchor in that of time,
    wherever the office has put them: who hears of several hears of the last."""
    chosen: dict[tuple, Rung] = {}
    for rung in rungs:
        if rung.fits(basis=basis, kind=kind, agencies=agencies):
            known = chosen.get(rung.place)
            if known is None or _particular(rung) > _particular(known):
                chosen[rung.place] = rung
    ordered = sorted(chosen.values(), key=lambda rung: (rung.position, rung.code))
    in_time = sorted(ordered, key=lambda rung: rung.offset_days * (7 / 5 if rung.business_days else 1))
    of = {anchor: iter([rung for rung in in_time if rung.anchor == anchor]) for anchor in ReminderAnchor}
    return [next(of[ReminderAnchor(rung.anchor)]) for rung in ordered]


def shifted(day: dt.date, business_days: int, calendar: Calendar) -> dt.date:
    """So many business days after `day`, which does not count; negative: before it; 0: the day itself."""
    step, left = (DAY if business_days > 0 else -DAY), abs(business_days)
    while left:
        day += step
        left -= not calendar.why_skipped(day)
    return day


def when_words(rung: Rung) -> str:
    """When it comes due, said from its numbers: “7 days after the date the reply is due”."""
    days = count(abs(rung.offset_days), "business day" if rung.business_days else "day")
    anchor = ReminderAnchor(rung.anchor).label
    if not rung.offset_days:
        return f"on {anchor}"
    return f"{days} {'after' if rung.offset_days > 0 else 'before'} {anchor}"


def told_words(rung: Rung) -> str:
    """Who is told, said from its marks: “the owner and managers”."""
    names = [
        name
        for name, told in (
            ("the owner", rung.to_owner),
            ("the letter’s staff", rung.to_staff),
            ("managers", rung.to_managers),
        )
        if told
    ]
    if not names:
        return "nobody; the item is only flagged"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _particular(rung: Rung) -> tuple[bool, bool, bool, int]:
    return rung.agency is not None, rung.kind is not None, rung.basis is not None, -rung.position
