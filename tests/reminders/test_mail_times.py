"""When a person is mailed: hours, quiet days, weeks, and the two nights on which clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from letters.reminders.mail_times import Slot, Wishes, next_day, slot

ZONE = ZoneInfo("America/New_York")
WEDNESDAY = dt.date(2023, 5, 24)


def at(day: dt.date, hour: int, minute: int = 0, fold: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute, fold=fold), ZONE).astimezone(dt.UTC)


def keys(wishes: Wishes, start: dt.date, days: int) -> list[tuple[str, str]]:
    """Each first minute, by UTC, at which a new key comes up; looked at every minute."""
    found, moment = {}, at(start, 0)
    for _ in range(days * 24 * 60):
        chosen = slot(wishes, moment, ZONE)
        if chosen and chosen.key not in found:
            found[chosen.key] = f"{moment:%m-%d %H:%M}"
        moment += dt.timedelta(minutes=1)
    return list(found.items())


def test_one_mail_a_day_at_the_hour_and_not_on_a_weekend():
    assert keys(Wishes(), dt.date(2023, 5, 25), 5) == [
        ("day 2023-05-25", "05-25 12:00"),
        ("day 2023-05-26", "05-26 12:00"),
        ("day 2023-05-29", "05-29 12:00"),
    ]


def test_a_daily_mail_carries_what_came_before_its_hour():
    assert slot(Wishes(), at(WEDNESDAY, 15), ZONE) == Slot(upto=at(WEDNESDAY, 8), key="day 2023-05-24")
    assert slot(Wishes(), at(WEDNESDAY, 7, 59), ZONE) is None


@pytest.mark.parametrize(
    ("day", "hour", "first"),
    [
        (dt.date(2023, 3, 12), 2, "03-12 07:00"),  # 2 a.m. is skipped: 3 a.m. daylight time
        (dt.date(2023, 3, 12), 3, "03-12 07:00"),
        (dt.date(2023, 3, 12), 8, "03-12 12:00"),
        (dt.date(2023, 11, 5), 1, "11-05 05:00"),  # 1 a.m. comes twice: the first
        (dt.date(2023, 11, 5), 2, "11-05 07:00"),
        (dt.date(2023, 11, 5), 0, "11-05 04:00"),
    ],
)
def test_on_the_two_nights_that_clocks_change_each_day_has_one_mail(day, hour, first):
    wishes = Wishes(hour=hour, quiet_weekdays=())
    found = keys(wishes, day - dt.timedelta(days=1), 3)
    assert [key for key, _ in found] == [f"day {day + dt.timedelta(days=n)}" for n in (-1, 0, 1)]
    assert dict(found)[f"day {day}"] == first


def test_one_mail_a_week_carries_what_came_before_that_moment():
    friday = Wishes(mode="weekly", weekday=4, hour=17)
    assert slot(friday, at(dt.date(2023, 5, 26), 17), ZONE) == Slot(
        upto=at(dt.date(2023, 5, 26), 17), key="week 2023-05-26"
    )
    # the site was down on Friday: on Monday at the hour, and still Friday's
    assert slot(friday, at(dt.date(2023, 5, 29), 16), ZONE) is None
    assert slot(friday, at(dt.date(2023, 5, 29), 17), ZONE) == Slot(
        upto=at(dt.date(2023, 5, 26), 17), key="week 2023-05-26"
    )
    assert [key for key, _ in keys(friday, dt.date(2023, 5, 22), 14)][-2:] == ["week 2023-05-26", "week 2023-06-02"]


def test_one_mail_each_goes_at_once_but_not_on_a_quiet_day():
    each = Wishes(mode="each")
    assert slot(each, at(WEDNESDAY, 0, 5), ZONE) == Slot(upto=at(WEDNESDAY, 0, 5))
    assert slot(each, at(dt.date(2023, 5, 27), 12), ZONE) is None
    monday = dt.date(2023, 5, 29)
    # at night only what is new; at the hour what came at the weekend
    assert slot(each, at(monday, 0, 5), ZONE) == Slot(upto=at(monday, 0, 5), since=at(monday, 0))
    assert slot(each, at(monday, 8), ZONE) == Slot(upto=at(monday, 8))


def test_away_until_a_day_means_no_mail_before_it():
    away = Wishes(quiet_until=dt.date(2023, 5, 25))
    assert slot(away, at(WEDNESDAY, 12), ZONE) is None
    assert slot(away, at(dt.date(2023, 5, 25), 8), ZONE) is not None


def test_who_wants_none_gets_none():
    assert slot(Wishes(mode="none"), at(WEDNESDAY, 12), ZONE) is None


@pytest.mark.parametrize(
    ("wishes", "hour", "day"),
    [
        (Wishes(), 7, WEDNESDAY),
        (Wishes(), 8, dt.date(2023, 5, 25)),
        (Wishes(mode="each"), 9, WEDNESDAY),
        (Wishes(mode="each", quiet_weekdays=(2, 3)), 9, dt.date(2023, 5, 26)),
        (Wishes(mode="weekly", weekday=0), 9, dt.date(2023, 5, 29)),
        (Wishes(mode="weekly", weekday=5), 9, dt.date(2023, 5, 29)),
        (Wishes(quiet_until=dt.date(2023, 7, 1)), 9, dt.date(2023, 7, 3)),
        (Wishes(quiet_weekdays=tuple(range(7))), 9, None),
        (Wishes(mode="none"), 9, None),
        # away on the week's day: the week's mail goes on the first day that is not without mail
        (Wishes(mode="weekly", weekday=0, quiet_until=dt.date(2023, 5, 26)), 9, dt.date(2023, 5, 26)),
        (Wishes(mode="weekly", weekday=1, quiet_weekdays=(1, 2)), 9, dt.date(2023, 5, 25)),
        (Wishes(mode="weekly", weekday=1, quiet_weekdays=(1,)), 9, dt.date(2023, 5, 31)),
    ],
)
def test_the_next_day_of_mail(wishes, hour, day):
    assert next_day(wishes, at(WEDNESDAY, hour), ZONE) == day
    chosen = slot(wishes, at(day, wishes.hour), ZONE) if day else None
    assert (chosen is None) == (day is None)


def test_a_weekly_mail_that_was_made_before_somebody_went_away_is_not_named_again():
    away = Wishes(mode="weekly", weekday=0, quiet_until=dt.date(2023, 5, 26))
    found = next_day(away, at(WEDNESDAY, 9), ZONE, made=["week 2023-05-22"])
    assert found == dt.date(2023, 5, 29)
