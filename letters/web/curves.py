"""The curves of reply records as a table of days and shares, from which the chart is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from letters.domain.deadlines import count
from letters.reports.kaplan_meier import Curve
from letters.web.record_tables import half_sentence

MOST = 5  # that a reader, and a copier, can still tell apart


@dataclass(frozen=True)
class Point:
    """One line of the table: after this day, this share still waits. Counts are empty at either end of a curve."""

    name: str
    day: int
    share: str  # as it is said: two decimals, for per cent say too much of few
    exact: str  # as it is drawn
    waiting: int | None = None
    answered: int | None = None


@dataclass(frozen=True)
class Curves:
    """What is drawn, and what it shows, in a sentence."""

    finding: str
    points: list[Point]
    named: bool  # more than one: each line says whose


def curves_of(curves: Mapping[str, Curve], *, of: int = 0) -> Curves:
    """By the name of each; `of` so many agencies in all, where these are only the ones asked most."""
    said = "; ".join(f"{name} ({count(curve.items, 'item')}): {half_sentence(curve)}" for name, curve in curves.items())
    few = f"The {len(curves)} agencies asked most, of {of}. " if of > len(curves) else ""
    return Curves(f"{few}{said}.", [p for name, curve in curves.items() for p in _points(name, curve)], len(curves) > 1)


def _points(name: str, curve: Curve) -> list[Point]:
    points = [Point(name, 0, "1.00", "1")]
    for step in curve.steps:
        points.append(_point(name, step.day, float(step.share), step.waiting, step.answered))
    if not curve.steps or curve.followed > curve.steps[-1].day:
        points.append(_point(name, curve.followed, float(curve.share_after(curve.followed))))
    return points


def _point(name: str, day: int, share: float, waiting: int | None = None, answered: int | None = None) -> Point:
    return Point(name, day, f"{share:.2f}", f"{share:.4f}", waiting, answered)
