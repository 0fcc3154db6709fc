"""What they promised, and whether it was kept, as of the day of the meeting."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from letters.domain.deadlines import count, long_date
from letters.domain.words import status_words
from letters.enums import Status
from letters.models import Tasking
from letters.reports.brief_facts import Facts
from letters.reports.speakers import YOU, who
from letters.reports.wordings import join, printed_words

KEPT = (Status.ANSWERED, Status.IMPLEMENTED)


@dataclass(frozen=True)
class Promise:
    """One promise: what was asked, for when it was promised, what came of it."""

    words: str
    promised: str
    kept: str


def promises(facts: Facts) -> list[Promise]:
    """Of what is open and of what ended in the last year, the earliest first. For them, as they know it themselves.

    A promise that counts no more, since the item was asked again, is one they made. What another house told us is not
    theirs to hear; where it told us a day once, nobody can tell which of the earlier days were theirs.
    """
    ours = not facts.scope.to_hand_over
    found = []
    every: list[Any] = [*facts.open, *facts.closed]
    for one in every:
        if not ours and one.promised_elsewhere:
            continue
        earlier = facts.earlier_promises.get(one.pk, [])
        if not ours and one.ever_promised_elsewhere:
            earlier = []
        if day := one.promised_on or (earlier[-1] if earlier else None):
            found.append((day, one, [before for before in earlier if before != day]))
    return [
        Promise(
            words=str(one) if ours else printed_words(one),
            promised=_promised(day, earlier, "" if ours else _by_another(one, facts.scope.agency.pk)),
            kept=_kept(one, day, facts.scope.day, ours=ours),
        )
        for day, one, earlier in sorted(found, key=lambda row: (row[0], row[1].pk))
    ]


def _by_another(one: Any, reader: uuid.UUID) -> str:
    """Of their house, the one that promised where it is not the one that reads this."""
    name = who(one.promised_by, one.promised_by_name, reader)
    return "" if name == YOU else f" by {name}"


def _promised(day: dt.date, earlier: list[dt.date], by: str) -> str:
    before = f", before that for {join([long_date(one) for one in earlier])}" if earlier else ""
    return f"promised{by} for {long_date(day)}{before}"


def _kept(one: Tasking, promised: dt.date, on: dt.date, *, ours: bool) -> str:
    if not one.is_open:
        ended = one.status_since
        after = f", {count((ended - promised).days, 'day')} after the date" if ended > promised else ", by the date"
        what = status_words(one) if ours else str(Status(one.status).label)
        return f"{what} on {long_date(ended)}{after if one.status in KEPT else ''}"
    left = (promised - on).days
    when = (
        f"still ahead, in {count(left, 'day')}" if left > 0 else "today" if left == 0 else f"{count(-left, 'day')} ago"
    )
    if one.status == Status.PROMISED:
        return when if left >= 0 else f"{when}; not done in our record"
    return f"{when}; now “{status_words(one)}”" if ours else when
