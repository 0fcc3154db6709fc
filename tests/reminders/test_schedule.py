"""The rungs of the schedule: for which items, on which day, in which words."""

import datetime as dt
import uuid
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from letters.domain.deadlines import Calendar, after_business_days
from letters.reminders.facts import load_schedule
from letters.reminders.schedule import Rung, rungs_for, shifted, told_words, when_words

KIND, OTHER_KIND, TREASURY, OFAC, STATE = (uuid.uuid4() for _ in range(5))
CALENDAR = Calendar()
GENERAL = Rung("week", "a week past the day", "due", 7)
DAYS = st.dates(dt.date(2023, 1, 1), dt.date(2026, 12, 31))


def codes(*rungs: Rung, basis="letter", kind=KIND, agencies=(TREASURY,)) -> list[str]:
    return [rung.code for rung in rungs_for(rungs, basis=basis, kind=kind, agencies=agencies)]


def test_the_more_particular_rung_takes_the_place_of_the_general_one():
    usual = replace(GENERAL, code="usual", basis="yardstick")
    briefings = replace(GENERAL, code="briefings", kind=KIND)
    treasury = replace(GENERAL, code="treasury", agency=TREASURY)
    everything = (GENERAL, usual, briefings, treasury)
    assert codes(*everything, basis="yardstick", kind=OTHER_KIND, agencies=(STATE,)) == ["usual"]
    assert codes(*everything, basis="yardstick", kind=KIND, agencies=(STATE,)) == ["briefings"]
    assert codes(*everything, basis="yardstick", kind=KIND) == ["treasury"]
    assert codes(*everything, basis="letter", kind=OTHER_KIND, agencies=(STATE,)) == ["week"]
    # what is asked of a bureau is asked of its department's rung too
    assert codes(*everything, kind=OTHER_KIND, agencies=(OFAC, TREASURY)) == ["treasury"]


def test_at_another_place_it_stands_beside_the_general_one():
    assert codes(GENERAL, replace(GENERAL, code="later", offset_days=21, position=2, basis="letter")) == [
        "week", "later",
    ]  # fmt: skip
    assert codes(GENERAL, replace(GENERAL, code="business", business_days=True)) == ["week", "business"]


def test_rungs_of_one_anchor_stand_in_the_order_of_time_wherever_the_office_put_them():
    """A rung added at /admin/ has position 0 there: who hears of several of a round hears of the last."""
    week, three = replace(GENERAL, position=5), replace(GENERAL, code="three", offset_days=21, position=7)
    word = replace(GENERAL, code="word", anchor="acknowledgement", offset_days=0, position=6)
    added = replace(GENERAL, code="thirty", offset_days=30, position=0)
    assert codes(week, word, three, added) == ["week", "three", "word", "thirty"]


def test_a_rung_falls_on_calendar_or_business_days():
    friday = dt.date(2023, 5, 26)  # before Memorial Day
    assert replace(GENERAL, offset_days=3).falls_on(friday, CALENDAR) == dt.date(2023, 5, 29)
    assert replace(GENERAL, offset_days=3, business_days=True).falls_on(friday, CALENDAR) == dt.date(2023, 6, 1)
    assert replace(GENERAL, offset_days=-1, business_days=True).falls_on(dt.date(2023, 5, 30), CALENDAR) == friday
    assert replace(GENERAL, offset_days=0, business_days=True).falls_on(dt.date(2023, 5, 28), CALENDAR) == dt.date(
        2023, 5, 28
    )


@given(DAYS, st.integers(1, 60))
def test_forward_it_counts_as_a_deadline_does_and_backward_it_undoes_it(day, days):
    assert shifted(day, days, CALENDAR) == after_business_days(day, days, CALENDAR)[0]
    start = CALENDAR.next_business_day(day)
    assert shifted(shifted(start, days, CALENDAR), -days, CALENDAR) == start


@given(DAYS, st.integers(-60, 60))
def test_more_days_never_come_sooner(day, days):
    assert shifted(day, days, CALENDAR) < shifted(day, days + 1, CALENDAR)


def test_a_rung_says_itself():
    assert when_words(GENERAL) == "7 days after the date the reply is due"
    assert when_words(replace(GENERAL, offset_days=-1, business_days=True)) == (
        "1 business day before the date the reply is due"
    )
    assert when_words(replace(GENERAL, offset_days=0, anchor="snooze")) == "on the day somebody chose: remind me on"
    assert told_words(replace(GENERAL, to_staff=True, to_managers=True)) == "the owner, the letter’s staff and managers"
    assert told_words(GENERAL) == "the owner"
    assert told_words(replace(GENERAL, to_owner=False)) == "nobody; the item is only flagged"


def test_the_schedule_as_loaded(reference):
    """The ladder of the issue: due soon, due, +7, +21, +45, long late; then what people chose, then unread replies."""
    rungs = load_schedule().rungs
    assert [(r.code, r.anchor.value, r.offset_days, r.business_days) for r in rungs] == [
        ("due_soon", "due", -7, False),
        ("usual_wait_soon", "due", -7, False),
        ("no_acknowledgement", "acknowledgement", 0, False),
        ("due", "due", 0, False),
        ("one_week", "due", 7, False),
        ("three_weeks", "due", 21, False),
        ("escalated", "due", 45, False),
        ("long_late", "due", 90, False),
        ("review_soon", "review", -7, False),
        ("review", "review", 0, False),
        ("review_one_week", "review", 7, False),
        ("review_three_weeks", "review", 21, False),
        ("review_escalated", "review", 45, False),
        ("next_contact", "contact", 0, False),
        ("remind_me", "snooze", 0, False),
        ("unread", "unread", 5, True),
        ("unread_escalated", "unread", 10, True),
    ]
    managers = {r.code for r in rungs if r.to_managers}
    assert managers == {"escalated", "long_late", "review_escalated", "unread_escalated"}
    assert {r.code for r in rungs if not r.tells} == {"usual_wait_soon"}
