"""The tables of reply records: what each column counts, how it is said, what it sorts by, and the list behind it.

Data first, as in `board`: a page, or a chart, draws it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from letters.domain.deadlines import count
from letters.domain.outcomes import (
    BEFORE,
    EVADES,
    FULL,
    IN_TIME,
    JUDGED,
    NOT_IN_TIME,
    NOTHING,
    PARTIAL,
    REPLIED,
    UNREAD,
)
from letters.enums import CLOSED_STATUSES, Basis, Status
from letters.reports.kaplan_meier import Curve
from letters.reports.reply_records import Kept, Record
from letters.web.board import Places
from letters.web.rows import item_url

PERCENT_FROM = 20  # of fewer a per cent says more than the counts do
TOO_EARLY = "too early to say"


@dataclass(frozen=True)
class Part:
    """A piece of a cell or a sentence; where it counts items, `count` is how many the list behind `url` has."""

    text: str
    url: str = ""
    count: int | None = None


class Behind:
    """Addresses of the lists of one agency, or of all (no slug), within the filters in force."""

    def __init__(self, places: Places, agency: str = ""):
        self.places, self.agency = places, agency

    def list(self, **more: str) -> str:
        """Open and closed items, narrowed further."""
        return self.places.changed(**self._with(more))

    def open(self) -> str:
        return self.places.items(**self._with({}))

    def _with(self, more: dict[str, str]) -> dict[str, str]:
        # what the page's own filter has narrowed further stays so
        more = {name: value for name, value in more.items() if value != JUDGED or name not in self.places.kept}
        return {"agency": self.agency, **more} if self.agency else more


Cell = list[Part]


@dataclass(frozen=True)
class Measure:
    """One column: `rank` is what it sorts by, None where there is nothing to say."""

    key: str
    label: str
    say: Callable[[Record, Behind], Cell]
    rank: Callable[[Record], float | None]


def number(value: int, url: str) -> Cell:
    """A number and its list; nothing leads nowhere."""
    return [Part(f"{value:,}", url, value)] if value else [Part("0")]


def kept(found: Kept, in_time: str, judged: str) -> Cell:
    """ "3 of 11", each with its list; per cent from 20 up; a dash where nothing can be judged yet."""
    if not found.judged:
        return [Part("–")]
    percent = f" ({percent_of(found)}%)" if found.judged >= PERCENT_FROM else ""
    return [*number(found.in_time, in_time), Part(" of "), *number(found.judged, judged), *([Part(percent)] if percent else [])]  # fmt: skip


def percent_of(found: Kept) -> int:
    """Rounded, but never to all or nothing where it is neither."""
    rounded = round(100 * found.in_time / found.judged)
    return min(max(rounded, 1), 99) if 0 < found.in_time < found.judged else rounded


def _is_estimate(curve: Curve) -> bool:
    """Where fewer than half were answered, the day on which half are is what the method makes of those still at risk."""
    return 2 * curve.answered < curve.items


def half_words(curve: Curve) -> str:
    """When half were answered, or how long half are known to wait."""
    if curve.half is not None:
        return f"{count(curve.half, 'day')}{' (estimate)' if _is_estimate(curve) else ''}"
    return f"more than {count(curve.known, 'day')}" if curve.known else TOO_EARLY


def half_sentence(curve: Curve) -> str:
    """The same as a clause of a sentence."""
    if curve.half is not None:
        within = f"answered within {count(curve.half, 'day')}"
        return (
            f"by estimate half are {within}, though fewer than half have been so far"
            if _is_estimate(curve)
            else f"half were {within}"
        )
    if not curve.known:
        return "it is too early to say when half will be answered"
    return f"fewer than half had been answered after {count(curve.known, 'day')}"


def _count(key: str, label: str, value: Callable[[Record], int], **narrow: str) -> Measure:
    return Measure(key, label, lambda record, behind: number(value(record), behind.list(**narrow)), value)


def _share(key: str, label: str, value: Callable[[Record], Kept], name: str, **narrow: str) -> Measure:
    def say(record: Record, behind: Behind) -> Cell:
        in_time, judged = (behind.list(**narrow, **{name: code}) for code in (IN_TIME, JUDGED))
        return kept(value(record), in_time, judged)

    def rank(record: Record) -> float | None:
        found = value(record)
        return found.in_time / found.judged if found.judged else None

    return Measure(key, label, say, rank)


def _longest(record: Record, behind: Behind) -> Cell:
    if record.longest is None:
        return [Part("–")]
    words = count(record.longest.days, "day")
    return [Part(words if record.longest.came else f"{words}, no answer", item_url(record.longest.tasking))]


def _half_rank(record: Record) -> float | None:
    # what half is known to exceed comes after all that is known
    curve = record.curve
    return curve.half if curve.half is not None else curve.known + 1e6 if curve.known else None


ASKED = _count("asked", "Asked", lambda record: record.asked)
OPEN = Measure("open", "Open", lambda r, behind: number(r.open, behind.open()), lambda r: r.open)
FIRST_WORD = _share("acknowledged", "First word in time", lambda r: r.first_word, "acknowledged")
# By what the date rests on, never added up. An agency is held to no date that is only ours: so the last one says.
BY_BASIS = {
    Basis.LETTER: "Answered by the letter’s date",
    Basis.PROMISE: "Promise kept in time",
    Basis.STATUTE: "Answered by a legal date",
    Basis.YARDSTICK: "Answered within our usual wait",
}
HALF = Measure("half", "Half answered within", lambda r, behind: [Part(half_words(r.curve))], _half_rank)
LONGEST = Measure("longest", "Longest wait", _longest, lambda r: r.longest.days if r.longest else None)


def _by_basis(basis: Basis) -> Measure:
    return _share(
        f"answered_{basis.value}", BY_BASIS[basis], lambda r: r.by(basis), "answered", due_basis=basis.value
    )  # fmt: skip


def _in_time(whole: Record) -> list[Measure]:
    shown = [b for b in BY_BASIS if whole.by(b).judged or b in (Basis.LETTER, Basis.YARDSTICK)]
    return [FIRST_WORD, *map(_by_basis, shown), HALF, LONGEST]


def _said(whole: Record) -> list[Measure]:
    words = {FULL: "In full", PARTIAL: "In part", EVADES: "Replied, did not answer", UNREAD: "Not yet read", BEFORE: "Replied, reopened since", NOTHING: "No reply, or a receipt only"}  # fmt: skip
    shown = [code for code in REPLIED if code != BEFORE or whole.replied[BEFORE]]
    return [_count(f"replied_{code}", words[code], lambda r, code=code: r.replied[code], replied=code) for code in shown]  # fmt: skip


def _ended(whole: Record) -> list[Measure]:
    ends = [status for status in CLOSED_STATUSES if status != Status.ENTERED_IN_ERROR]
    return [OPEN, *(
        _count(f"status_{s.value}", s.label.capitalize(), lambda r, s=s: r.statuses[s.value], status=s.value)
        for s in ends if whole.statuses[s.value] or s in (Status.ANSWERED, Status.IMPLEMENTED, Status.DECLINED)
    )]  # fmt: skip


def _more_time(whole: Record) -> list[Measure]:
    return [
        _count("more_time", "Given more time", lambda r: r.more_time, more_time="true"),
        _count("late_original", "Late against the original date", lambda r: r.late_original, late_original="true"),
        _count(
            "late_both", "Late against the later date, too", lambda r: r.late_both,
            late_original="true", answered=NOT_IN_TIME,
        ),
    ]  # fmt: skip


# By the name in the address: the word of its chip, its heading, its columns. Which of them occur, the whole says.
TABLES: dict[str, tuple[str, str, Callable[[Record], list[Measure]]]] = {
    "time": ("In time", "What came in time, and how long it took", _in_time),
    "said": ("What they said", "What their replies said, by the one that says most", _said),
    "ended": ("How it ended", "Where their items stand, or how they ended", _ended),
    "more": ("More time", "More time, and both dates", _more_time),
}
