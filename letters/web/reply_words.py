"""What a choice will do, said before it is saved: "→ looking into it; their words: takes no position; we look again on …"."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from letters.domain import said
from letters.domain.deadlines import long_date
from letters.domain.spoken import Promise
from letters.enums import RUNNING_STATUSES, ClosesAs, EventKind, Said, Stance, Status, TaskingRole
from letters.models import Event, Tasking

# The fields of a letter, as a person says them.
CORRECTED_WORDS = {
    "subject": "the subject",
    "letter_date": "the day it was signed",
    "printed_date": "the date printed on it",
    "sent_on": "the day it was sent",
    "our_role": "our role",
    "lead_office_contact": "the lead office’s contact",
    "on_behalf_of": "on whose behalf it speaks",
    "published_url": "where it was published",
    "deadline_on": "the date it sets",
    "term_days": "the number of days it gives",
    "term_unit": "which days it counts",
    "term_from": "where it begins to count",
    "deadline_quote": "the sentence that sets the date",
    "text": "the text",
}


def effects(tasking: Tasking, today: dt.date, **known: Any) -> list[dict]:
    """Each choice with its words for this item; twice where they differ with something left unticked: the stylesheet
    shows which of the two holds. `when`: empty where it is one. `known` as for `effect_words`."""
    found = []
    for choice in Said:
        whole, part = (effect_words(choice, tasking, today, complete=complete, **known) for complete in (True, False))
        lines = [("", whole)] if whole == part else [("whole", whole), ("part", part)]
        found += [{"code": choice.value, "when": when, "words": words} for when, words in lines]
    return found


def effect_words(
    choice: str,
    tasking: Tasking,
    today: dt.date,
    *,
    complete: bool = True,
    before: str | None = None,
    since: Sequence[tuple[dt.date, str]] = (),
    named: Promise | None = None,
    received_on: dt.date | None = None,
) -> str:
    """One choice for this item, by the table; `complete` and `before` as for `said.effect`.

    `since`: what other replies said, with the day each came, as `standing.said_since` tells it; `named`: the day that was
    named last for what is promised. Without `received_on` the day of this one is not known yet, and the words say for
    which days they hold.
    """
    of: dict[str, Any] = {"closes_as": tasking.ask.kind.closes_as, "status": tasking.status, "before": before}
    found = said.effect(choice, **of, complete=complete)
    later = _undone_by(choice, found, since, **of, complete=complete) or _clock_kept_by(choice, tasking, since, named)
    if later and received_on and later.on > received_on:
        return later.words
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
        case Said.PROMISED if (
            found.status in (None, Status.PROMISED) and tasking.is_open and not _owes_nothing(tasking)
        ):
            instead = f" instead of on {long_date(tasking.due_on)}" if tasking.due_on else ""
            parts.append(f"it is due on that day{instead}, and reminders count from it")
        case Said.RECEIVED if _runs_on(found.status, tasking):
            parts.append("the reply clock runs on")
        case Said.LOOKING if tasking.review_on:
            parts.append("the reply clock, which stood still, runs again")
        case Said.NEEDS_US if tasking.is_open:
            parts.append("the clock stops: the ball is with us")
        case Said.ANSWERED if tasking.ask.kind.closes_as == ClosesAs.IMPLEMENTED:
            parts.append("words are not yet the deed")
    if later and not received_on:
        parts.append(f"if it came before {long_date(later.on)}, {later.unless}")
    return "; ".join(parts)


@dataclass(frozen=True)
class _Later:
    """What a choice of a reply that came before it cannot undo: when it was heard, and what is said of the item then."""

    on: dt.date
    words: str
    unless: str  # goes on "if it came before …, "


def _undone_by(choice: str, found: said.Effect, since: Sequence[tuple[dt.date, str]], **of: Any) -> _Later | None:
    """The last reply that keeps the item where it is."""
    on = next((day for day, word in since if said.effect(choice, **of, since=[word]) != found), None)
    if on is None:
        return None
    stays = f"stays “{Status(of['before'] or of['status']).label}”: a later reply ({long_date(on)}) said otherwise"
    return _Later(on, stays, "it stays as it is, as a later reply said otherwise")


def _clock_kept_by(
    choice: str, tasking: Tasking, since: Sequence[tuple[dt.date, str]], named: Promise | None
) -> _Later | None:
    """Where the choice would move no status but the clock: what keeps that, as `record_reply` does. A person may have
    named the day, and no reply."""
    if choice == Said.PROMISED and tasking.status == Status.PROMISED and named:
        day = long_date(named.day)
        words = f"stays promised for {day}: that day was named later, on {long_date(named.heard_on)}"
        return _Later(named.heard_on, words, f"it stays promised for {day}, the day they named later")
    takes_none = [day for day, word in since if word == Said.NO_POSITION]
    if choice == Said.LOOKING and tasking.review_on and takes_none:
        on = max(takes_none)
        stands = f"stays “{tasking.get_status_display()}”, and the reply clock stands still"
        words = f"{stands}: a later reply ({long_date(on)}) takes no position"
        return _Later(on, words, "the reply clock stands still, as a later reply takes no position")
    return None


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


def _owes_nothing(tasking: Tasking) -> bool:
    return tasking.role == TaskingRole.CONSULTED


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
    if "anew" in event.payload:
        return f"logged anew {event.payload['anew']} {event.payload.get('other_reference', 'another letter')}"
    if event.payload.get("linked") is False:
        return "no longer linked to another letter"
    if event.kind == EventKind.PAST_DUE_CLEARED and event.due_on:
        # the date that it counts from now may be over as well: then the next round records that
        now = event.payload.get("now_due_on")
        instead = f": the date is {long_date(dt.date.fromisoformat(now))}" if now else ""
        return f"{long_date(event.due_on)}, which it was past, counts no more{instead}"
    names = [CORRECTED_WORDS.get(name, name) for name in event.payload.get("changed", ())]
    changed = f": {', '.join(names)}" if event.payload.get("items") else ""
    return f"{event.get_kind_display()}{changed}"
