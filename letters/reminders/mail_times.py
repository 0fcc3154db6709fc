"""When a person is mailed. Pure: no models, and the moment is an argument.

Days and hours are the office's. An hour that a change of the clocks skips is the moment after the gap; one that it
repeats counts the first time. A mail has the day as its key, so neither can give two.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from letters.domain.office_hours import DAY, at
from letters.enums import MailMode


@dataclass(frozen=True)
class Wishes:
    """How one person wants reminders by mail. Weekdays: 0 is Monday."""

    mode: str = MailMode.DAILY
    hour: int = 8
    weekday: int = 0
    quiet_weekdays: tuple[int, ...] = (5, 6)
    quiet_until: dt.date | None = None

    def is_quiet(self, day: dt.date) -> bool:
        """No mail on that day."""
        return day.weekday() in self.quiet_weekdays or bool(self.quiet_until and day < self.quiet_until)


@dataclass(frozen=True)
class Slot:
    """What may be mailed now: what was noticed from `since` (None: ever) up to `upto`; `key` tells one digest from the next."""

    upto: dt.datetime
    since: dt.datetime | None = None
    key: str = ""


def slot(wishes: Wishes, now: dt.datetime, zone: dt.tzinfo) -> Slot | None:
    """What goes to this person at the moment `now`; None: nothing, whatever there is."""
    today = now.astimezone(zone).date()
    if wishes.mode == MailMode.NONE or wishes.is_quiet(today):
        return None
    hour_has_come = now >= at(today, wishes.hour, zone)
    if wishes.mode == MailMode.EACH:
        # what came on quiet days waits for the person's hour; anything else goes at once
        waits = not hour_has_come and wishes.is_quiet(today - DAY)
        return Slot(upto=now, since=at(today, 0, zone) if waits else None)
    if not hour_has_come:
        return None
    if wishes.mode == MailMode.DAILY:
        return Slot(upto=at(today, wishes.hour, zone), key=f"day {today}")
    # on a quiet day, or while the site was down, the week's mail was not made: then on the next day that is neither
    day = today - DAY * ((today.weekday() - wishes.weekday) % 7)
    return Slot(upto=at(day, wishes.hour, zone), key=f"week {day}")


def next_day(
    wishes: Wishes, now: dt.datetime, zone: dt.tzinfo, *, made: Collection[str] = ()
) -> dt.date | None:  # fmt: skip
    """The next day on which a mail may go; None: never, or not within a year. `made`: keys of digests there are already."""
    if wishes.mode == MailMode.NONE:
        return None
    day = now.astimezone(zone).date()
    if wishes.mode != MailMode.EACH and now >= at(day, wishes.hour, zone):
        day += DAY
    for _ in range(366):
        if not wishes.is_quiet(day) and (wishes.mode != MailMode.WEEKLY or _begins_week(wishes, day, made)):
            return day
        day += DAY
    return None


def _begins_week(wishes: Wishes, day: dt.date, made: Collection[str]) -> bool:
    """Whether the week's mail goes on this day: on its weekday, or on the first day after it that is not quiet."""
    since = (day.weekday() - wishes.weekday) % 7
    before = (day - DAY * (one + 1) for one in range(since))
    return f"week {day - DAY * since}" not in made and all(wishes.is_quiet(one) for one in before)
