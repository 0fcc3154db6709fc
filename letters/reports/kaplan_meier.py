"""How long answers take, where some have not come yet: the product-limit estimate of Kaplan and Meier (1958). Pure.

An average over what was answered flatters whoever answers little. Here every item counts for as long as it is known to
have waited: one that still waits holds the share of those waiting up to this day, and never drops out as if it had
never been asked. At each day on which answers came, the share still waiting is multiplied by the part of those at risk
that were not answered then.

Written by hand: it is thirty lines, and the libraries that have it (lifelines, scikit-survival) bring pandas and scipy,
more than everything else here together. Shares are exact fractions, so that "half" is half.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Step:
    """A day on which answers came."""

    day: int  # calendar days since it was asked
    waiting: int  # items known to be unanswered until then: "at risk"
    answered: int  # of those, on this day
    share: Fraction  # still waiting after it, of all


@dataclass(frozen=True)
class Curve:
    """The share of items still waiting, by days since they were asked: 1 at the start, falling at each step."""

    items: int
    steps: tuple[Step, ...]
    followed: int  # days: the longest that any item is known to have waited
    known: int  # days: the most that at least half of all items are known to have waited, whatever comes

    @property
    def answered(self) -> int:
        return sum(step.answered for step in self.steps)

    @property
    def half(self) -> int | None:
        """The first day by which half were answered; None where the curve stays above a half."""
        return next((step.day for step in self.steps if step.share <= HALF), None)

    def share_after(self, day: int) -> Fraction:
        """The share still waiting when this day is over."""
        return next((step.share for step in reversed(self.steps) if step.day <= day), Fraction(1))


def curve(waits: Mapping[tuple[int, bool], int]) -> Curve:
    """From how many items waited so many days until they were answered (True), or are known to have waited (False).

    An item known to have waited as long as another took to be answered was still waiting then. Raises ValueError for a
    wait of less than 0 days or a number below 0.
    """
    if any(days < 0 or number < 0 for (days, _), number in waits.items()):
        raise ValueError("a wait has no less than 0 days, a number is not below 0")
    answered, left = Counter[int](), Counter[int]()
    for (days, came), number in waits.items():
        (answered if came else left)[days] += number
    items = waiting = sum(waits.values())
    share, steps = Fraction(1), []
    for day in sorted({*answered, *left}):
        if answered[day]:
            share *= Fraction(waiting - answered[day], waiting)
            steps.append(Step(day, waiting, answered[day], share))
        waiting -= answered[day] + left[day]
    followed = max((days for (days, _), number in waits.items() if number), default=0)
    return Curve(items, tuple(steps), followed, _known(waits, items))


def _known(waits: Mapping[tuple[int, bool], int], items: int) -> int:
    """The last day after which at least half of the items are known to wait still; 0 where there is none.

    Who was answered on a day waited until the day before.
    """
    over = 0
    for day, number in sorted(((days - came, number) for (days, came), number in waits.items()), reverse=True):
        over += number
        if number and 2 * over >= items:
            return max(0, day)
    return 0
