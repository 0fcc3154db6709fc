"""The share still waiting, against examples worked by hand and against what must hold whatever is put in."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.reports.kaplan_meier import HALF, Step, curve

WAITS = st.dictionaries(st.tuples(st.integers(0, 40), st.booleans()), st.integers(0, 5), max_size=12)


def each(answered: list[int], left: list[int]) -> dict:
    return Counter([(days, True) for days in answered] + [(days, False) for days in left])


def test_nothing_asked_is_a_curve_without_steps():
    found = curve({})
    assert (found.items, found.steps, found.followed, found.known, found.half) == (0, (), 0, 0, None)


def test_where_all_were_answered_it_is_the_share_of_those_not_yet_answered():
    found = curve(each([3, 5, 5, 9], []))
    assert found.steps == (
        Step(3, 4, 1, Fraction(3, 4)),
        Step(5, 3, 2, Fraction(1, 4)),
        Step(9, 1, 1, Fraction(0)),
    )
    assert (found.half, found.followed, found.answered) == (5, 9, 4)


def test_the_remission_times_of_freireich_as_every_textbook_works_them():
    """6-mercaptopurine, 21 patients (Freireich et al. 1963): the estimate at each week, and the median of 23."""
    answered = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    left = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = curve(each(answered, left))
    assert [(s.day, s.waiting, s.answered, round(float(s.share), 4)) for s in found.steps] == [
        (6, 21, 3, 0.8571),
        (7, 17, 1, 0.8067),
        (10, 15, 1, 0.7529),
        (13, 12, 1, 0.6902),
        (16, 11, 1, 0.6275),
        (22, 7, 1, 0.5378),
        (23, 6, 1, 0.4482),
    ]
    assert (found.half, found.followed) == (23, 35)


def test_who_ignores_most_does_not_look_quick():
    """One answer after 5 days, nine items that wait for a year: the average over answered ones would say 5."""
    found = curve(each([5], [365] * 9))
    assert (found.half, found.share_after(365), found.known) == (None, Fraction(9, 10), 365)


def test_one_old_item_alone_does_not_make_the_number():
    found = curve(each([], [1279] + [30] * 10))
    assert (found.half, found.followed, found.known) == (None, 1279, 30)


def test_half_is_half_exactly():
    # (3/4)(2/3) is a little more than 0.5 in floating point
    assert curve(each([4, 6], [9, 9])).half == 6


def test_answered_and_left_on_one_day_counts_as_waiting_until_then():
    assert curve(each([7], [7])).steps == (Step(7, 2, 1, HALF),)


def test_a_wait_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="no less than 0 days"):
        curve({(-1, True): 1})
    with pytest.raises(ValueError, match="not below 0"):
        curve({(1, True): -1})


@given(WAITS)
def test_it_falls_from_one_and_stays_between_what_is_known(waits):
    found = curve(waits)
    shares = [Fraction(1), *(step.share for step in found.steps)]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)
    assert (found.items, found.answered) == (sum(waits.values()), sum(n for (_, came), n in waits.items() if came))
    for day in range(42):
        if found.items:
            waiting = sum(n for (d, came), n in waits.items() if (d > day if came else d >= day))
            answered = sum(n for (d, came), n in waits.items() if came and d <= day)
            assert Fraction(waiting, found.items) <= found.share_after(day) <= 1 - Fraction(answered, found.items)


@given(WAITS)
def test_what_half_are_known_to_wait_is_known_and_no_more(waits):
    def over(day):
        return sum(n for (d, came), n in waits.items() if (d > day if came else d >= day))

    found = curve(waits)
    if found.known:
        assert 2 * over(found.known) >= found.items > 2 * over(found.known + 1)
    elif found.items:
        assert 2 * over(1) < found.items
    assert not found.known or found.share_after(found.known) >= HALF


@given(WAITS, st.integers(0, 40), st.integers(1, 5))
def test_another_item_that_still_waits_never_makes_it_look_quicker(waits, days, number):
    """A censored item never drops out as if it had not been asked."""
    more = Counter(waits)
    more[days, False] += number
    before, after = curve(waits), curve(more)
    assert all(after.share_after(day) >= before.share_after(day) for day in range(42))
    assert before.half is not None or after.half is None
