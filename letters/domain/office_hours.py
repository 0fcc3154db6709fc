"""When the weekly list is made, by the office's clock. Pure: no models, and the moment is an argument."""

import datetime as dt

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clock_hour(hour: int) -> str:
    """8 a.m., noon, midnight."""
    if hour in (0, 12):
        return "noon" if hour else "midnight"
    return f"{hour % 12} {'a.m.' if hour < 12 else 'p.m.'}"


def at(day: dt.date, hour: int, zone: dt.tzinfo) -> dt.datetime:
    """The first moment of an hour of the office's day; of one that the clocks skip, the moment after the gap; of one that comes twice, the first."""
    return dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)


def latest(weekday: int, hour: int, now: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """The last day, today or before, whose moment has come."""
    today = now.astimezone(zone).date()
    day = today - DAY * ((today.weekday() - weekday) % 7)
    return day if now >= at(day, hour, zone) else day - WEEK


def following(weekday: int, hour: int, now: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The next moment."""
    return at(latest(weekday, hour, now, zone) + WEEK, hour, zone)
