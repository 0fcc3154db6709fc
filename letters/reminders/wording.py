"""What a reminder says, to whoever reads it: inbox, mail and calendar. No page and no template.

Lateness names what it rests on; our usual wait is never called a deadline and nothing past it is "overdue".
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from letters.domain.deadlines import count, days_past, long_date
from letters.domain.standing import reopening_columns
from letters.domain.words import asked_words, counted_with, has_more_time, status_words
from letters.enums import PAUSED_STATUSES, Basis, ReminderAnchor, Status
from letters.models import Notice, Tasking
from letters.models.notice_queries import NoticeQuerySet


@dataclass(frozen=True)
class Line:
    """One reminder in words: the item, what is so, why that date, where to look."""

    agency: str
    title: str
    fact: str
    why: str
    letter: str
    path: str
    escalated: bool = False


def with_lines(notices: NoticeQuerySet) -> NoticeQuerySet:
    """All that `line` reads, in one query."""
    return notices.for_rows().annotate(
        counted=counted_with("reminder__tasking"), **reopening_columns("reminder__tasking")
    )


def line(notice: Notice, today: dt.date) -> Line:
    """Needs `with_lines`."""
    tasking = notice.reminder.tasking
    letter = tasking.ask.letter
    return Line(
        agency=str(tasking.agency),
        title=tasking.ask.summary,
        fact=fact(notice, today),
        why=why(notice),
        letter=f"{letter.reference}, {letter.subject}",
        path=f"/items/{tasking.pk}/",
        escalated=notice.as_manager,
    )


def fact(notice: Notice, today: dt.date) -> str:
    """What is so today, in half a sentence."""
    tasking = notice.reminder.tasking
    on = notice.reminder.due_on
    stands = clock_words(tasking, today, notice.counted, notice)  # type: ignore[attr-defined]  # annotated
    match notice.anchor:  # type: ignore[attr-defined]  # annotated
        case ReminderAnchor.ACKNOWLEDGEMENT:
            return f"no word that it was received; we expected one by {long_date(on)}"
        case ReminderAnchor.UNREAD:
            came = notice.unread_received_on or on  # type: ignore[attr-defined]  # annotated
            recorded = f", recorded on {long_date(on)}" if came != on else ""
            return f"a reply came on {long_date(came)}{recorded}, and nobody has said what it says about this"
        case ReminderAnchor.SNOOZE:
            # not "today": a weekly mail tells it days after
            return f"somebody chose {long_date(on)} to be reminded: {stands}"
        case ReminderAnchor.CONTACT:
            return f"our last contact named {long_date(on)} as the next date: {stands}"
        case ReminderAnchor.REVIEW:
            again = "we look again on" if on > today else "we wanted to look again on"
            return f"they take no position; {again} {long_date(on)}"
    return stands


def clock_words(tasking: Tasking, today: dt.date, counted: Mapping, found: Any = None) -> str:
    """How an item stands with its date: "no reply recorded, 40 days past our usual wait"; no lateness where none runs.

    `counted`: what `words.counted_with` finds of it; `found` as for `words.status_words`.
    """
    if stands_still := _stands_still(tasking):
        return stands_still
    state = "" if tasking.status == Status.PROMISED else f"{status_words(tasking, found)}, "
    if tasking.due_on is None:
        return state.removesuffix(", ") or "promised"
    past, left = days_past(tasking.due_on, today), (tasking.due_on - today).days
    when = f"in {count(left, 'day')}" if left > 0 else "today"
    ago, day = count(past, "day"), long_date(tasking.due_on)
    if has_more_time(tasking):
        return f"{state}{ago} past the time they were given ({day})" if past else f"{state}more time to {day}"
    match tasking.due_basis:
        case Basis.PROMISE:
            return f"{state}promised for {day}, {ago} ago" if past else f"{state}promised for {day}, {when}"
        case Basis.YARDSTICK:
            ends = f"{ago} past our usual wait" if past else f"our usual wait ends {when}"
            return f"{state}{ends} ({day}; nobody set a date)"
    set_by = f"required by law by {day}" if tasking.due_basis == Basis.STATUTE else asked_words(tasking.due_on, counted)
    return f"{state}{ago} overdue, {set_by}" if past else f"{state}due {when}, {set_by}"


def _stands_still(tasking: Tasking) -> str:
    """Why the clock of an open item does not run, as `words.wait` says it; empty where it runs."""
    if tasking.status in PAUSED_STATUSES:
        return f"{Status(tasking.status).label}, the clock stands still"
    if tasking.due_basis == Basis.PROMISE or not tasking.is_open:
        return ""
    if tasking.answered_on:
        return f"substantive reply received {long_date(tasking.answered_on)}"
    if tasking.review_on:
        return f"they take no position; we look again on {long_date(tasking.review_on)}"
    return ""


def why(notice: Notice) -> str:
    """Which rung of the schedule this is."""
    words = notice.rule_words or "a date has passed"  # type: ignore[attr-defined]  # annotated
    return f"{words}; escalated to managers" if notice.as_manager else str(words)
