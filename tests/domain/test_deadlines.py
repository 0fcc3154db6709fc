"""Invariant 5: a deadline can explain itself. Pure: no database here."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.domain.deadlines import (
    MAX_BUSINESS_DAYS,
    Calendar,
    Explanation,
    Interval,
    after_business_days,
    days_past,
    fixed,
    long_date,
    skipped_words,
    yardstick,
)
from letters.enums import Basis

DAY = dt.timedelta(days=1)
PLAIN = Calendar()
SENT = dt.date(2023, 4, 25)
# library and law: the days observed, by 5 U.S.C. 6103
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))
LENGTHS = st.integers(1, 120)


@st.composite
def pauses(draw, start: dt.date):
    """Up to three stopped intervals after `start` that do not overlap."""
    found, day = [], start
    for _ in range(draw(st.integers(0, 3))):
        begin = day + DAY * draw(st.integers(0, 40))
        day = begin + DAY * draw(st.integers(1, 40))
        found.append(Interval(begin, day))
    return tuple(found)


def counted(start: dt.date, end: dt.date, calendar: Calendar, stopped=()) -> int:
    """Business days after `start` up to and with `end`, counted one by one."""
    days = (start + DAY * n for n in range(1, (end - start).days + 1))
    return sum(1 for day in days if calendar.why_skipped(day) is None and not any(day in pause for pause in stopped))


# --- the seed letter


def test_the_letter_of_april_25_2023_is_due_on_may_24():
    why = yardstick(SENT, 21, PLAIN, source="State’s own goal, GAO-14-424")
    assert (why.due_on, why.basis, why.business_days, why.start_on) == (dt.date(2023, 5, 24), Basis.YARDSTICK, 21, SENT)
    weekends = [(4, 29), (4, 30), (5, 6), (5, 7), (5, 13), (5, 14), (5, 20), (5, 21)]
    assert [(s.day, s.why) for s in why.skipped] == [
        (dt.date(2023, month, day), "Saturday" if n % 2 == 0 else "Sunday") for n, (month, day) in enumerate(weekends)
    ]
    assert why.sentences() == [
        "Sent April 25, 2023",
        "Our usual wait: 21 business days (State’s own goal, GAO-14-424)",
        "Skipped: 8 weekend days (April 29–30; May 6–7, 13–14, 20–21), no federal holiday",
        "No pause",
    ]


# --- the calendar


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (dt.date(2021, 7, 4), "Sunday"),
        (dt.date(2021, 7, 5), "Independence Day (observed)"),
        (dt.date(2021, 12, 31), "New Year's Day (observed)"),
        (dt.date(2022, 1, 1), "Saturday"),
        (dt.date(2022, 1, 3), None),
        (dt.date(2021, 6, 18), "Juneteenth National Independence Day (observed)"),
        (dt.date(2022, 6, 20), "Juneteenth National Independence Day (observed)"),
        (dt.date(2020, 6, 19), None),  # not yet a holiday
        (dt.date(2023, 5, 29), "Memorial Day"),
        (dt.date(2023, 11, 23), "Thanksgiving Day"),
        (dt.date(2023, 11, 24), None),
        (dt.date(2023, 4, 17), None),  # Emancipation Day is the District's alone
        (dt.date(2025, 1, 20), "Martin Luther King Jr. Day"),
        (dt.date(2023, 5, 24), None),
    ],
)
def test_a_day_counts_or_says_why_not(day, why):
    assert PLAIN.why_skipped(day) == why


def test_a_closure_takes_a_day_away_and_a_day_worked_gives_one_back():
    calendar = Calendar({dt.date(2023, 5, 1): ("TEST snow", True), dt.date(2023, 5, 29): ("TEST worked", False)})
    assert calendar.why_skipped(dt.date(2023, 5, 1)) == "TEST snow"
    assert calendar.why_skipped(dt.date(2023, 5, 29)) is None
    assert yardstick(SENT, 21, calendar).due_on == dt.date(2023, 5, 25)
    assert yardstick(dt.date(2023, 5, 26), 1, calendar).due_on == dt.date(2023, 5, 29)
    assert yardstick(dt.date(2023, 5, 26), 1, PLAIN).due_on == dt.date(2023, 5, 30)


def test_a_weekend_is_one_even_where_a_closure_says_otherwise():
    saturday = dt.date(2023, 4, 29)
    assert Calendar({saturday: ("TEST", False)}).why_skipped(saturday) == "Saturday"


@pytest.mark.parametrize("days", [0, -1, MAX_BUSINESS_DAYS + 1])
def test_a_wait_of_no_or_too_many_days_is_refused(days):
    with pytest.raises(ValueError, match=f"business_days is {days}: give 1 to 2000"):
        after_business_days(SENT, days, PLAIN)


# --- properties


@given(start=DAYS, length=LENGTHS)
def test_the_due_day_is_a_business_day_and_exactly_so_many_lie_between(start, length):
    due, skipped = after_business_days(start, length, PLAIN)
    assert PLAIN.why_skipped(due) is None
    assert counted(start, due, PLAIN) == length
    assert len(skipped) + length == (due - start).days
    assert [s.why for s in skipped] == [PLAIN.why_skipped(s.day) for s in skipped]


@given(start=DAYS, length=LENGTHS, data=st.data())
def test_so_with_pauses(start, length, data):
    stopped = data.draw(pauses(start))
    due, skipped = after_business_days(start, length, PLAIN, stopped)
    assert counted(start, due, PLAIN, stopped) == length
    assert len(skipped) + length == (due - start).days
    assert due >= after_business_days(start, length, PLAIN)[0]


@given(start=DAYS, length=LENGTHS, later=st.integers(0, 60))
def test_who_asks_later_is_answered_no_earlier(start, length, later):
    assert after_business_days(start + DAY * later, length, PLAIN)[0] >= after_business_days(start, length, PLAIN)[0]


@given(start=DAYS, length=LENGTHS)
def test_a_longer_wait_ends_later(start, length):
    assert after_business_days(start, length + 1, PLAIN)[0] > after_business_days(start, length, PLAIN)[0]


@given(start=DAYS, length=LENGTHS, closed=st.sets(st.integers(1, 200), max_size=20))
def test_a_day_closed_never_brings_a_date_forward(start, length, closed):
    calendar = Calendar({start + DAY * n: ("TEST", True) for n in closed})
    assert after_business_days(start, length, calendar)[0] >= after_business_days(start, length, PLAIN)[0]


@given(start=DAYS, length=LENGTHS, set_after=st.integers(0, 400), data=st.data())
def test_no_date_is_before_the_letter(start, length, set_after, data):
    stopped = data.draw(pauses(start))
    assert yardstick(start, length, PLAIN, pauses=stopped).due_on > start
    literal = fixed(start + DAY * set_after, basis=Basis.LETTER, sent_on=start, rule="", calendar=PLAIN, pauses=stopped)
    assert literal.due_on >= start


@given(start=DAYS, length=LENGTHS, data=st.data())
def test_an_explanation_survives_the_database(start, length, data):
    why = yardstick(start, length, PLAIN, source="TEST", pauses=data.draw(pauses(start)))
    assert Explanation.from_json(json.loads(json.dumps(why.as_json()))) == why


@given(start=DAYS, after=st.integers(0, 400), data=st.data())
def test_so_does_that_of_a_date_somebody_set(start, after, data):
    why = fixed(
        start + DAY * after, basis=Basis.PROMISE, sent_on=start, rule="TEST", calendar=PLAIN,
        pauses=data.draw(pauses(start)),
    )  # fmt: skip
    assert Explanation.from_json(json.loads(json.dumps(why.as_json()))) == why


@given(start=DAYS, length=LENGTHS, data=st.data())
def test_every_step_is_said(start, length, data):
    stopped = data.draw(pauses(start))
    why = yardstick(start, length, PLAIN, source="TEST source", pauses=stopped)
    said = "\n".join(why.sentences())
    assert long_date(start) in said
    assert f"{length} business day" in said
    assert "TEST source" in said
    assert ("No pause" in said) == (not stopped)
    counted = [p for p in stopped if f"Paused {long_date(p.start)} to {long_date(p.end)}" in said]
    assert counted == [p for p in stopped if p.start <= why.due_on]
    assert said.count("moved nothing") == len(stopped) - len(counted)
    named = [s for s in why.skipped if s.day.weekday() < 5 and not s.why.startswith("paused")]
    assert [s for s in named if f"{s.why} ({long_date(s.day)})" not in said] == []


# --- dates that somebody set


def set_for(day: dt.date, **how) -> Explanation:
    return fixed(day, basis=Basis.LETTER, sent_on=SENT, rule="TEST rule", calendar=PLAIN, **how)


def test_a_date_on_a_saturday_is_kept_with_a_hint():
    why = set_for(dt.date(2023, 5, 27))
    assert (why.due_on, why.hint) == (
        dt.date(2023, 5, 27),
        "May 27, 2023 is not a business day (Saturday); the next one is May 30, 2023",  # Monday is Memorial Day
    )
    counts = f"{why.hint}. May 27, 2023 stays the date: it is late once that day is over"
    assert why.sentences() == ["Sent April 25, 2023", "TEST rule", "No pause", counts]


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        (Basis.LETTER, ["No pause"]),
        (Basis.STATUTE, ["A law’s days run on while they wait for us"]),  # so it may well have been paused
        (Basis.PROMISE, []),
    ],
)
def test_of_a_date_that_no_pause_moves_nothing_is_said_of_pauses(basis, said):
    why = fixed(dt.date(2023, 5, 26), basis=basis, sent_on=SENT, rule="TEST rule", calendar=PLAIN)
    assert why.sentences() == ["Sent April 25, 2023", "TEST rule", *said]


def test_a_date_on_a_business_day_needs_no_hint():
    assert (set_for(dt.date(2023, 5, 26)).due_on, set_for(dt.date(2023, 5, 26)).hint) == (dt.date(2023, 5, 26), "")


def test_while_the_ball_was_with_us_a_date_did_not_run():
    why = set_for(dt.date(2023, 5, 26), pauses=[Interval(dt.date(2023, 5, 1), dt.date(2023, 5, 4))])
    assert why.due_on == dt.date(2023, 5, 29)
    assert why.sentences()[2] == "Paused May 1, 2023 to May 4, 2023: waiting on us, 3 days"


def test_a_pause_that_began_when_the_date_had_passed_moves_nothing():
    late = Interval(dt.date(2023, 6, 1), dt.date(2023, 6, 10))
    assert set_for(dt.date(2023, 5, 26), pauses=[late]).due_on == dt.date(2023, 5, 26)
    assert yardstick(SENT, 21, PLAIN, pauses=[late]).due_on == dt.date(2023, 5, 24)


# --- words


@pytest.mark.parametrize(
    ("day", "past"),
    [(dt.date(2023, 5, 23), 0), (dt.date(2023, 5, 24), 0), (dt.date(2023, 5, 25), 1), (dt.date(2024, 5, 24), 366)],
)
def test_a_date_is_kept_until_its_day_is_over(day, past):
    assert days_past(dt.date(2023, 5, 24), day) == past


def test_each_skipped_day_is_named():
    _, skipped = after_business_days(
        dt.date(2023, 12, 22), 6, PLAIN, [Interval(dt.date(2023, 12, 27), dt.date(2023, 12, 28))]
    )
    assert skipped_words(skipped) == (
        "4 weekend days (December 23–24, 30–31), Christmas Day (December 25, 2023), New Year's Day (January 1, 2024), 1 paused business day"
    )


@pytest.mark.parametrize(
    ("start", "days", "words"),
    [
        (dt.date(2024, 5, 31), 1, "2 weekend days (June 1–2), no federal holiday"),
        (dt.date(2023, 4, 24), 1, "0 weekend days, no federal holiday"),
        (dt.date(2021, 12, 30), 2, "2 weekend days (January 1–2), New Year's Day (observed) (December 31, 2021)"),
        (dt.date(2023, 9, 29), 1, "2 weekend days (September 30; October 1), no federal holiday"),
    ],
)  # fmt: skip
def test_weekends_stand_month_by_month(start, days, words):
    assert skipped_words(after_business_days(start, days, PLAIN)[1]) == words


def test_many_weekends_are_told_by_their_first_and_last_day():
    _, skipped = after_business_days(dt.date(2023, 1, 3), 90, PLAIN)
    assert skipped_words(skipped) == (
        "36 weekend days (each Saturday and Sunday from January 7, 2023 to May 7, 2023), Martin Luther King Jr. Day (January 16, 2023), "
        "Washington's Birthday (February 20, 2023)"
    )


def test_one_is_not_many():
    _, skipped = after_business_days(dt.date(2023, 4, 28), 1, PLAIN)
    assert skipped_words(skipped[:1]) == "1 weekend day (April 29), no federal holiday"
