"""What a choice will do, said before it is saved: "→ looking into it; their words: takes no position; we look again on …"."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from letters.domain import said
from letters.domain.deadlines import long_date
from letters.enums import RUNNING_STATUSES, ClosesAs, Said, Stance, Status
from letters.models import Event, Tasking


def effects(tasking: Tasking, today: dt.date, *, before: str | None = None) -> list[dict]:
    """Each choice with its words for this item; twice where they differ with something left unticked: the stylesheet
    shows which of the two holds. `when`: empty where it is one. `before` as for `said.effect`."""
    found = []
    for choice in Said:
        whole, part = (
            effect_words(choice, tasking, today, complete=complete, before=before) for complete in (True, False)
        )
        lines = [("", whole)] if whole == part else [("whole", whole), ("part", part)]
        found += [{"code": choice.value, "when": when, "words": words} for when, words in lines]
    return found


def effect_words(
    choice: str, tasking: Tasking, today: dt.date, *, complete: bool = True, before: str | None = None
) -> str:
    """One choice for this item, by the table; `complete` and `before` as for `said.effect`."""
    of = {"closes_as": tasking.ask.kind.closes_as, "status": tasking.status, "before": before}
    found = said.effect(choice, **of, complete=complete)
    if found.status and found.status == before != said.meaning(choice, of["closes_as"]).status:
        # this choice moves nothing, and what moved the item was another
        parts = [f"→ “{found.status.label}” again, as before this reply"]
    else:
        parts = [f"→ {_status_words(found.status, tasking)}" if found.status else _stays(tasking, choice)]
    if not complete and found.status != said.effect(choice, **of).status:
        parts[0] += ", unless what is not ticked was covered before"
    if found.stance != Stance.UNKNOWN:
        parts.append(f"their words: {Stance(found.stance).label}")
    if found.reviews:
        parts.append(f"we look again on {long_date(said.review_on(today))}")
    match choice:
        case Said.RECEIVED if _runs_on(found.status, tasking):
            parts.append("the reply clock runs on")
        case Said.LOOKING if tasking.review_on:
            parts.append("the reply clock, which stood still, runs again")
        case Said.NEEDS_US if tasking.is_open:
            parts.append("the clock stops: the ball is with us")
        case Said.ANSWERED if tasking.ask.kind.closes_as == ClosesAs.IMPLEMENTED:
            parts.append("words are not yet the deed")
    return "; ".join(parts)


def status_after(choice: str, tasking: Tasking) -> str:
    """Where a choice would leave this item, in words."""
    found = said.effect(choice, closes_as=tasking.ask.kind.closes_as, status=tasking.status)
    return _status_words(found.status, tasking) if found.status else str(tasking.get_status_display())


def _status_words(status: Status, tasking: Tasking) -> str:
    match status:
        case Status.IMPLEMENTED | Status.ANSWERED:
            return f"{status.label} ({tasking.ask.kind.done_word})"
        case Status.PROMISED:
            return "promised by the date you give"
        case Status.TRANSFERRED:
            return "passed to the agency you name, asked since the same day"
    return str(status.label)


def _runs_on(to: Status | None, tasking: Tasking) -> bool:
    return to in RUNNING_STATUSES if to else tasking.status in RUNNING_STATUSES and tasking.review_on is None


def _stays(tasking: Tasking, choice: str) -> str:
    if not tasking.is_open:
        return f"stays “{tasking.get_status_display()}”: reopen it, with a reason, if this changes that"
    if choice == Said.PROMISED:
        return "→ promised by the new date you give"
    return f"stays “{tasking.get_status_display()}”"


def restored(told: Mapping[str, Any]) -> str:
    """What the clock rests on since a reply was taken back that had moved it, as its event tells it."""
    words = []
    if told.get("no_pause"):
        words.append("the pause that it began counts for nothing")
    if "promised_on" in told:
        day = told["promised_on"]
        words.append(f"promised for {_day(day)} again" if day else "the day it promised counts for nothing")
    if told.get("review_on"):
        words.append(f"look again on {_day(told['review_on'])} again")
    return "; ".join(words)


def _day(iso: str) -> str:
    return long_date(dt.date.fromisoformat(iso))


def in_a_word(event: Event) -> str:
    """What happened, by its kind; of a correction that makes items others, and of a filing, also what."""
    if event.payload.get("put_back"):
        return "file put back"
    if "filed_under" in event.payload:
        return f"filed under: {', '.join(event.payload['filed_under']) or 'no topic'}"
    if event.payload.get("linked") is False:
        return "no longer linked to another letter"
    changed = f": {', '.join(event.payload['changed'])}" if event.payload.get("items") else ""
    return f"{event.get_kind_display()}{changed}"
