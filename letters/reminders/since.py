"""Why a reminder that somebody was told is no longer so, in half a sentence: what the schedule has against it today."""

import datetime as dt
import uuid
from collections.abc import Sequence

from letters.domain.deadlines import long_date
from letters.domain.words import status_words
from letters.enums import Basis, LetterState, ReminderAnchor, Status
from letters.models import Notice, Tasking
from letters.reminders.facts import load_schedule
from letters.reminders.ladder import Facts, silences

A = ReminderAnchor


def no_longer(notices: Sequence[Notice], today: dt.date) -> dict[uuid.UUID, str]:
    """For each notice that does not stand (`with_standing`), why. Needs `for_rows`. Eight queries, or none."""
    if not notices:
        return {}
    taskings = list({one.reminder.tasking_id: one.reminder.tasking for one in notices}.values())
    known = {tasking.pk: facts for tasking, facts, _ in load_schedule().known(taskings)}
    return {one.pk: _why(one, known[one.reminder.tasking_id], today) for one in notices}


def _why(notice: Notice, item: Facts, today: dt.date) -> str:
    tasking, anchor = notice.reminder.tasking, A(notice.anchor)  # type: ignore[attr-defined]  # annotated
    if not item.is_open or tasking.ask.letter.state != LetterState.SENT:
        return status_words(tasking, notice)
    if held := next((one.words for one in silences(item, today) if anchor in one.stops), ""):
        return held
    return _moved(anchor, item, tasking) or status_words(tasking, notice)


def _moved(anchor: ReminderAnchor, item: Facts, tasking: Tasking) -> str:
    """Nothing holds it, so the day it spoke of is another one now, or none."""
    now = item.counts_from(anchor)
    match anchor:
        case A.DUE:
            if tasking.status == Status.PROMISED:
                return status_words(tasking)
            promised = ", promised by them" if item.due_basis == Basis.PROMISE else ""
            return f"its date is {long_date(now)} now{promised}" if now else ""
        case A.ACKNOWLEDGEMENT:
            if item.acknowledged_on:
                return f"their first word came on {long_date(item.acknowledged_on)}"
            return f"we expect word that it was received by {long_date(now)} now" if now else ""
        case A.UNREAD:
            return f"that reply was read; another one was recorded on {long_date(now)}" if now else "the reply was read"
        case A.SNOOZE:
            return f"the day chosen is {long_date(now)} now" if now else "no day is chosen any more"
        case A.CONTACT:
            return f"the next date named since is {long_date(now)}" if now else "no contact names a next date any more"
        case A.REVIEW:
            return f"we look again on {long_date(now)} now" if now else "we are not waiting to look again any more"
