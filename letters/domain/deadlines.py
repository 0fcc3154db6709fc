"""When a reply is due, and why that day. Pure: no models, and `today` is always an argument.

Days are `datetime.date`. A business day is a weekday that is neither a federal holiday (5 U.S.C. 6103,
as observed) nor a closure of ours. The yardstick of 21 business days is State's own goal for
congressional correspondence (GAO-14-424); it is our usual wait and not a deadline.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

import holidays

from letters.enums import Basis

MAX_BUSINESS_DAYS = 2000
# What is said where no pause moved a date. A law's and a promise's run on, so the item may have been paused all the same.
WITHOUT_PAUSE = {
    Basis.LETTER: "No pause",
    Basis.YARDSTICK: "No pause",
    Basis.STATUTE: "A law’s days run on while they wait for us",
}
STOPS = (Basis.LETTER, Basis.YARDSTICK)  # dates that move by a pause
MOVED_NOTHING = "began when the date had passed and moved nothing"  # of a pause
MANY_DAYS = 26  # a quarter's weekends
DAY = dt.timedelta(days=1)


def days_after(day: dt.date, days: int) -> dt.date:
    """So many days later, and at most the last day there is: rows from before days ahead were bounded may be near it."""
    return day + DAY * days if (dt.date.max - day).days >= days else dt.date.max


@dataclass(frozen=True)
class Skipped:
    """A day that did not count, and why."""

    day: dt.date
    why: str


@lru_cache(maxsize=256)
def _federal_holidays(year: int) -> dict[dt.date, str]:
    # the year after, too: January 1 on a Saturday is observed on December 31
    return {
        day: name for day, name in holidays.country_holidays("US", years=[year, year + 1]).items() if day.year == year
    }


@lru_cache(maxsize=8192)  # an import asks of each day of some years over and over
def _skipped_by_all(day: dt.date) -> Skipped | None:
    why = day.strftime("%A") if day.weekday() >= 5 else _federal_holidays(day.year).get(day)
    return Skipped(day, why) if why else None


@dataclass(frozen=True)
class Interval:
    """Days from `start` up to but not including `end`."""

    start: dt.date
    end: dt.date

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.end - self.start).days


@dataclass(frozen=True)
class Calendar:
    """Federal holidays, with what this office knows better: `closures[day] = (name, closed)`."""

    closures: Mapping[dt.date, tuple[str, bool]] = field(default_factory=dict)

    def skips(self, day: dt.date) -> Skipped | None:
        """`day` with the reason, where it is not a business day."""
        if day in self.closures and day.weekday() < 5:
            name, closed = self.closures[day]
            return Skipped(day, name) if closed else None
        return _skipped_by_all(day)

    def why_skipped(self, day: dt.date) -> str | None:
        """Why `day` is not a business day; None when it is one."""
        return found.why if (found := self.skips(day)) else None

    def next_business_day(self, day: dt.date) -> dt.date:
        """`day` itself, or the first business day after it."""
        while self.why_skipped(day):
            day += DAY
        return day


@dataclass(frozen=True)
class Explanation:
    """A due date that can explain itself (invariant 5)."""

    due_on: dt.date
    basis: Basis
    start_on: dt.date
    start_event: str
    rule: str
    business_days: int | None = None
    skipped: tuple[Skipped, ...] = ()
    pauses: tuple[Interval, ...] = ()
    hint: str = ""
    notes: tuple[str, ...] = ()  # what else to know of the rule
    extended_from: dt.date | None = None  # the date without the time that was given

    def as_json(self) -> dict:
        """For the database and the API: ISO dates. What is said of few dates is left out where it is not said."""
        found = vars(self) | {
            "due_on": self.due_on.isoformat(), "start_on": self.start_on.isoformat(),
            "skipped": [{"day": one.day.isoformat(), "why": one.why} for one in self.skipped],
            "pauses": [{"start": one.start.isoformat(), "end": one.end.isoformat()} for one in self.pauses],
            "notes": list(self.notes), "extended_from": self.extended_from and self.extended_from.isoformat(),
        }  # fmt: skip
        return {name: value for name, value in found.items() if value or name not in ("notes", "extended_from")}

    def sentences(self, *, stopped: dt.date | None = None) -> list[str]:
        """In words, one step a line, for a person. `stopped`: since when the clock stands still, a pause without an end."""
        lines = [f"{self.start_event} {long_date(self.start_on)}", self.rule, *self.notes]
        if self.business_days is not None:
            lines.append(f"Skipped: {skipped_words(self.skipped)}")
        for pause in self.pauses:
            lines.append(
                f"Paused {long_date(pause.start)} to {long_date(pause.end)}: waiting on us, {count(pause.days, 'day')}"
            )
        too_late = any(MOVED_NOTHING in note for note in self.notes)
        stands = stopped is not None and self.basis in STOPS
        if not self.pauses and not too_late and not stands and self.basis in WITHOUT_PAUSE:
            lines.append(WITHOUT_PAUSE[self.basis])
        if self.extended_from:
            lines.append(f"Without more time it would be {long_date(self.extended_from)}, which is kept")
        if self.hint:
            lines.append(self.hint + ("" if stands else f". {long_date(self.due_on)} stays the date: it is late once that day is over"))  # fmt: skip
        if stopped is not None and stands:
            moves = "it moves by as many days as the clock stands"
            follows = moves if stopped <= self.due_on else "the date stays: it had passed before"
            lines.append(
                f"Paused since {long_date(stopped)}: waiting on us. As soon as the item is marked otherwise, {follows}"
            )
        return lines

    @classmethod
    def from_json(cls, data: Mapping) -> "Explanation":
        """Read back what `as_json` wrote."""
        return cls(
            due_on=dt.date.fromisoformat(data["due_on"]),
            basis=Basis(data["basis"]),
            start_on=dt.date.fromisoformat(data["start_on"]),
            start_event=data["start_event"],
            rule=data["rule"],
            business_days=data["business_days"],
            skipped=tuple(Skipped(dt.date.fromisoformat(s["day"]), s["why"]) for s in data["skipped"]),
            pauses=tuple(
                Interval(dt.date.fromisoformat(p["start"]), dt.date.fromisoformat(p["end"])) for p in data["pauses"]
            ),
            hint=data["hint"],
            notes=tuple(data.get("notes", ())),
            extended_from=dt.date.fromisoformat(data["extended_from"]) if data.get("extended_from") else None,
        )


def yardstick(
    sent_on: dt.date, business_days: int, calendar: Calendar, *, source: str = "", pauses: Iterable[Interval] = ()
) -> Explanation:
    """Our usual wait: `business_days` after the day of sending, which itself does not count."""
    pauses = tuple(pauses)
    due_on, skipped = after_business_days(sent_on, business_days, calendar, pauses)
    where_from = f" ({source})" if source else ""
    return Explanation(
        due_on=due_on,
        basis=Basis.YARDSTICK,
        start_on=sent_on,
        start_event="Sent",
        rule=f"Our usual wait: {count(business_days, 'business day')}{where_from}",
        business_days=business_days,
        skipped=skipped,
        pauses=tuple(pause for pause in pauses if pause.start <= due_on),
        notes=moved_nothing(pause for pause in pauses if pause.start > due_on),
    )


def fixed(
    day: dt.date, *, basis: Basis, sent_on: dt.date, rule: str, calendar: Calendar, pauses: Iterable[Interval] = ()
) -> Explanation:
    """A date somebody set. It is kept even on a weekend, with the next business day as a hint.

    While the ball was with us the date did not run: it moves by as many calendar days. A pause that began
    when the date had passed moves nothing.
    """
    due_on = day
    counted, too_late = [], []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        if pause.start <= due_on:
            due_on += DAY * pause.days
            counted.append(pause)
        else:
            too_late.append(pause)
    why = calendar.why_skipped(due_on)
    hint = ""
    if why:
        hint = f"{long_date(due_on)} is not a business day ({why}); the next one is {long_date(calendar.next_business_day(due_on))}"
    return Explanation(
        due_on=due_on, basis=basis, start_on=sent_on, start_event="Sent", rule=rule, pauses=tuple(counted), hint=hint,
        notes=moved_nothing(too_late),
    )  # fmt: skip


def moved_nothing(pauses: Iterable[Interval]) -> tuple[str, ...]:
    """What is said of pauses that are no part of how a date came about."""
    return tuple(f"A pause from {long_date(pause.start)} {MOVED_NOTHING}" for pause in pauses)


def named_before(due_on: dt.date, pauses: Iterable[Interval]) -> dt.date:
    """The date that `fixed` moved to `due_on`: the one that somebody named, without the days the ball was with us."""
    for pause in sorted(pauses, key=lambda pause: pause.start, reverse=True):
        if pause.start <= due_on - DAY * pause.days:
            due_on -= DAY * pause.days
    return due_on


def after_business_days(
    start: dt.date, business_days: int, calendar: Calendar, pauses: Iterable[Interval] = ()
) -> tuple[dt.date, tuple[Skipped, ...]]:
    """The day `business_days` after `start` (not counted), and every day skipped on the way.

    Raises ValueError outside 1..2000.
    """
    if not 1 <= business_days <= MAX_BUSINESS_DAYS:
        raise ValueError(f"business_days is {business_days}: give 1 to {MAX_BUSINESS_DAYS}")
    pauses = tuple(pauses)
    skipped: list[Skipped] = []
    day, left = start, business_days
    while left:
        day += DAY
        if found := calendar.skips(day):
            skipped.append(found)
        elif pauses and any(day in pause for pause in pauses):
            skipped.append(Skipped(day, "paused: waiting on us"))
        else:
            left -= 1
    return day, tuple(skipped)


def business_days_since(day: dt.date, today: dt.date, calendar: Calendar) -> int:
    """How many business days have begun after `day`, today among them."""
    passed = (day + DAY * n for n in range(1, (today - day).days + 1))
    return sum(1 for one in passed if not calendar.why_skipped(one))


def days_past(due_on: dt.date, today: dt.date) -> int:
    """Calendar days past a date; 0 on the day itself and before. A date is kept until its day is over."""
    return max(0, (today - due_on).days)


def skipped_words(skipped: Iterable[Skipped]) -> str:
    """ "8 weekend days (April 29–30; May 6–7, 13–14, 20–21), no federal holiday": each day by its date."""
    skipped = list(skipped)
    weekends = [s for s in skipped if s.day.weekday() >= 5]
    named = [s for s in skipped if s.day.weekday() < 5 and not s.why.startswith("paused")]
    paused = len(skipped) - len(weekends) - len(named)
    words = [
        f"{count(len(weekends), 'weekend day')}{f' ({_weekends_words([s.day for s in weekends])})' if weekends else ''}"
    ]
    words.append(", ".join(f"{s.why} ({long_date(s.day)})" for s in named) if named else "no federal holiday")
    if paused:
        words.append(count(paused, "paused business day"))
    return ", ".join(words)


def _weekends_words(days: Sequence[dt.date]) -> str:
    """Each by its date, "April 29–30; May 6–7, 13–14, 20–21"; many: "each Saturday and Sunday from … to …"."""
    if len(days) > MANY_DAYS:
        return f"each Saturday and Sunday from {long_date(days[0])} to {long_date(days[-1])}"
    months = []
    for (_, month), of in groupby(days, key=lambda day: (day.year, f"{day:%B}")):
        runs: list[list[int]] = []
        for day in of:
            if runs and day.day - runs[-1][-1] == 1:
                runs[-1].append(day.day)
            else:
                runs.append([day.day])
        months.append(f"{month} {', '.join(f'{run[0]}–{run[-1]}' if run[1:] else str(run[0]) for run in runs)}")
    return "; ".join(months)


def long_date(day: dt.date) -> str:
    """American, as on screen: May 24, 2023."""
    return f"{day:%B} {day.day}, {day.year}"


def count(number: int, noun: str) -> str:
    """ "1 day", "21 days"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
