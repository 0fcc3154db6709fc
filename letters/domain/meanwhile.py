"""Two people with one page open, of what has no version: each changes what they changed, and nothing else (invariant 7)."""

from collections.abc import Callable
from typing import TypeVar

from letters.errors import Problem

Value = TypeVar("Value")


def settled(
    field: str, want: Value, was: Value, now: Value, shown: Callable[[Value], str] = str
) -> tuple[Value, list[Problem]]:
    """What becomes of a field that somebody wants, who had `was` before them while it is `now`; and what they have to see
    first, where somebody else changed it since, and not to the same."""
    value = now if want == was else want
    if now in (was, value):
        return value, []
    said = f"Somebody changed this while you had the page open: it is {shown(now)} now. Save again to make it {shown(want)}."
    return value, [Problem(field, said, str(want))]
