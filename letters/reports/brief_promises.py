"""What they promised, and whether it was kept, as of the day of the meeting."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from letters.domain.deadlines import count, long_date
from letters.domain.words import status_words
from letters.enums import Status
from letters.models import Agency, Event, Tasking
from letters.reports.brief_facts import THEIR_ENDS, Facts
from letters.reports.sayings import NOBODY, YOU
from letters.reports.speakers import (
    House,
    askings,
    is_elsewhere,
    knew_of_end,
    promised_by,
    promised_once_elsewhere,
    who,
)
from letters.reports.wordings import join, printed_words

KEPT = (Status.ANSWERED, Status.IMPLEMENTED)


@dataclass(frozen=True)
class Promise:
    """One promise: what was asked, for when it was promised, what came of it."""

    words: str
    promised: str
    kept: str


def promises(facts: Facts) -> list[Promise]:
    """Of what is open and of what ended in the last year, the earliest first. For them, as they know it themselves."""
    every: list[Any] = [*facts.open, *facts.closed]
    found = [(day, one.pk, told) for one in every for day, told in _of(one, facts)]
    return [told for *_, told in sorted(found, key=lambda row: row[:2])]


def _of(one: Any, facts: Facts) -> Iterator[tuple[dt.date, Promise]]:
    """Of each time that we asked for it, the last day that was named and what came of it: what was kept, and then asked again
    and promised anew, was not put off.

    A promise that counts no more is one they made. What another house told us is not theirs to hear; where it told us a day
    once, nobody can tell which of the earlier days were theirs.
    """
    if is_elsewhere(promised_by(one), facts.house):
        return
    is_told = not promised_once_elsewhere(one, facts.house)
    words = printed_words(one) if facts.scope.to_hand_over else str(one)
    left = facts.earlier_promises.get(one.pk, [])
    for asked in askings(one):
        moved = [day for day, sequence in left if asked.ended is None or sequence < asked.ended[1].sequence]
        left = [(day, sequence) for day, sequence in left if asked.ended and sequence >= asked.ended[1].sequence]
        heard = [named.day for named in reversed(asked.named)]
        days = [*(day for day in moved if day not in heard), *heard] if is_told else []
        day = one.promised_on if asked.ended is None and one.promised_on else days[-1] if days else None
        if day is None:
            continue
        promised = _promised(day, [before for before in _last_of_each(days) if before != day], _by(asked.by, facts))
        kept = _once(one, *asked.ended, day, facts.house) if asked.ended else _kept(one, day, facts)
        yield day, Promise(words, promised, kept)


def _last_of_each(days: list[dt.date]) -> list[dt.date]:
    return list(dict.fromkeys(reversed(days)))[::-1]


def promises_words(facts: Facts, told: list[Promise]) -> str:
    """Of which items the promises are: what ended longer ago, or is not shown, may have been promised, too."""
    is_cut = bool(facts.more_open or facts.more_closed)
    if not told:
        ours = not facts.scope.to_hand_over
        return (
            "No promise is recorded of the items named here; others may have been promised." if ours and is_cut else ""
        )
    if facts.scope.to_hand_over:
        return "Of the requests on this list, open or closed in the last year."
    cut = ", only the items named here" if is_cut else ""
    return f"Of what is open and what was closed in the last year{cut}."


def _by(speaker: Agency | None, facts: Facts) -> str:
    """The one that promised where it is not the one that reads this."""
    name = who(speaker, facts.scope.agency.pk)
    return "" if name in (YOU, NOBODY) else f" by {name}"


def _promised(day: dt.date, earlier: list[dt.date], by: str) -> str:
    before = f", before that for {join([long_date(one) for one in earlier])}" if earlier else ""
    return f"promised{by} for {long_date(day)}{before}"


def _kept(one: Tasking, promised: dt.date, facts: Facts) -> str:
    ours = facts.house is None
    if not one.is_open:
        return _on_time(one.status, _ended_now(one, ours=ours), one.status_since, promised)
    left = (promised - facts.scope.day).days
    when = (
        f"still ahead, in {count(left, 'day')}" if left > 0 else "today" if left == 0 else f"{count(-left, 'day')} ago"
    )
    if one.status == Status.PROMISED:
        return when if left >= 0 else f"{when}; not done in our record"
    return f"{when}; now “{status_words(one)}”" if ours else when


def _ended_now(one: Tasking, *, ours: bool) -> str:
    return status_words(one) if ours else str(Status(one.status).label)


def _on_time(status: str, ended: str, on: dt.date, promised: dt.date) -> str:
    after = f", {count((on - promised).days, 'day')} after the date" if on > promised else ", by the date"
    return f"{ended} on {long_date(on)}{after if status in KEPT else ''}"


def _once(one: Tasking, end: Event, again: Event, promised: dt.date, house: House) -> str:
    """What became of a promise before we asked again, to them where it was theirs to hear; then where the item stands, or
    how it ended since, which says nothing of the promise."""
    said = []
    if house is None or (end.to_status in THEIR_ENDS and knew_of_end(one, end, again, house)):
        done = f" ({one.ask.kind.done_word})" if house is None and end.to_status in KEPT else ""
        ended = f"{Status(end.to_status).label}{done}"
        said.append(_on_time(end.to_status, ended, timezone.localdate(end.occurred_at), promised))
    if one.is_open and house is None:
        said.append(f"now “{status_words(one)}”")
    else:
        said.append(f"asked again on {long_date(timezone.localdate(again.occurred_at))}")
    if not one.is_open:
        said.append(f"{_ended_now(one, ours=house is None)} on {long_date(one.status_since)}")
    return "; ".join(said)
