"""What happened, as the timeline draws it: one act is one line, with its parts beneath.

Recording one reply about three items writes nine events; a person did one thing, and the events share the id of that
act. Within it, what is about the same reply or of the same kind is told together.
"""

import datetime as dt
from collections.abc import Iterator

from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone

from letters.domain.deadlines import count, long_date
from letters.domain.words import office_time
from letters.enums import CLOSED_STATUSES, ContactChannel, Coverage, EventKind, ResponseKind, Said, Status, TaskingRole
from letters.models import Event
from letters.web.reply_words import in_a_word, restored

HIDDEN = (EventKind.LETTER_EDITED,)
# Events written before acts had ids: known by their hand and moment, since a person takes longer to do a second thing.
AT_ONCE = dt.timedelta(seconds=2)
OF_A_REPLY = (EventKind.RESPONSE_RECORDED, EventKind.ANSWER_ASSESSED)
# What may come with a reply, or with a status.
FOLLOWS = (
    EventKind.STATUS_CHANGED, EventKind.ROLE_CHANGED, EventKind.EVIDENCE_ADDED, EventKind.REVIEW_SET,
    EventKind.DUE_DATE_MOVED, EventKind.PAST_DUE_CLEARED,
)  # fmt: skip
PASSINGS = (EventKind.PAST_DUE, EventKind.ACKNOWLEDGEMENT_LATE)
# What one act does to several items in the same words.
ALIKE = (
    EventKind.STATUS_CHANGED, EventKind.ASSIGNED, EventKind.SNOOZED, EventKind.CONTACT_LOGGED, EventKind.RENEWED,
    EventKind.DUE_DATE_MOVED, EventKind.PAST_DUE_CLEARED, EventKind.REVIEW_SET, EventKind.CONTACT_IN_ERROR,
)  # fmt: skip


def timeline(events: list[Event], *, one_item: bool = False) -> list[dict]:
    """Lines of components/timeline.html, newest first as the events are."""
    return [_act(act, one_item) for act in reversed(list(_acts(reversed(events))))]


def _acts(events: Iterator[Event]) -> Iterator[list[Event]]:
    """Events in the order of writing, those of one act together."""
    act: list[Event] = []
    for event in events:
        if event.kind in HIDDEN:
            continue
        if act and not _belongs(event, act):
            yield act
            act = []
        act.append(event)
    if act:
        yield act


def _belongs(event: Event, act: list[Event]) -> bool:
    first, last = act[0], act[-1]
    if event.kind in PASSINGS or first.kind in PASSINGS:
        return _passing(event) == _passing(first)
    if _began(event) and (_began(first) or first.kind == EventKind.LETTER_SENT):
        return event.occurred_at == first.occurred_at
    if (first.by_user_id, first.by_process) != (event.by_user_id, event.by_process) or not _one_act(last, event):
        return False
    if first.kind in OF_A_REPLY:
        if event.kind in OF_A_REPLY:
            return event.payload.get("response") == first.payload.get("response")
        return event.kind in FOLLOWS
    if event.kind == first.kind and event.kind in ALIKE:
        return _content(event) == _content(first)
    # a promise moves the date, and so does more time; what was passed on begins to wait elsewhere
    same_item = event.tasking_id == last.tasking_id
    return first.kind in (EventKind.STATUS_CHANGED, EventKind.EXTENDED) and event.kind in FOLLOWS[1:] and same_item


def _passing(event: Event) -> tuple:
    return (event.kind, event.occurred_at, event.payload.get("due_basis"))


def _began(event: Event) -> bool:
    return event.kind == EventKind.STATUS_CHANGED and event.from_status == Status.DRAFT


def _one_act(before: Event, after: Event) -> bool:
    ids = before.payload.get("act"), after.payload.get("act")
    if any(ids):
        return ids[0] == ids[1]
    one, other = before.recorded_at, after.recorded_at
    return bool(one and other) and abs(other - one) <= AT_ONCE


def _content(event: Event) -> tuple:
    """What is the same where one act did it to several items."""
    names = ("to", "clock", "until", "contact", "on", "letter", "renewed_on", "review_on", "now_due_on", "taken_back")
    told = tuple(str(event.payload.get(name)) for name in names if name != "letter" or event.kind == EventKind.RENEWED)
    return (event.from_status, event.to_status, event.reason, event.due_on, told)


def _act(act: list[Event], one_item: bool) -> dict:
    """An act of one event is its line; of several, what was done, and to which items."""
    first = act[0]
    if first.kind in PASSINGS and not one_item and len(act) > 1:
        passed = f"passed {_date_name(first)}"
        if first.kind == EventKind.ACKNOWLEDGEMENT_LATE:
            passed = f"without an acknowledgment by {long_date(first.due_on)}"
        return _base(first, f"{_items(act)} {passed}")
    if first.kind == EventKind.LETTER_SENT and len(act) > 1:
        sent = _line(first, one_item)
        return sent | {"words": f"{sent['words']}; {_items(act[1:])} began to wait"}
    if _began(first) and len(act) > 1 and not one_item and all(_began(event) for event in act):
        return _base(first, f"{_items(act)} began to wait")
    if len(act) == 1:
        return _line(first, one_item)
    if first.kind in OF_A_REPLY:
        return _reply(act, one_item)
    if len({event.tasking_id for event in act}) > 1:
        words = _line(first, True)
        return words | {
            "words": f"{words['words']}: {count(len(_by_item(act)), 'item')}",
            "parts": [{"words": str(members[0].tasking), "url": _url(members[0])} for members in _by_item(act)],
        }
    head = _line(first, one_item)
    rest = [_line(event, True)["words"] for event in act[1:]]
    return head | {"parts": [{"words": words, "url": ""} for words in rest]}


def _reply(act: list[Event], one_item: bool) -> dict:
    """One reply: received when, about how many items, and what came of each."""
    first = act[0]
    head = _line(first, True)
    if first.kind == EventKind.ANSWER_ASSESSED:
        head["words"] = "Reply read"
    members = _by_item(act)
    if one_item or len(members) == 1:
        told = members[0] if first.kind == EventKind.ANSWER_ASSESSED else [e for e in act if e is not first]
        what = f"{first.tasking}: " if first.tasking and not one_item else ""
        words = what + (head["words"][:1].lower() + head["words"][1:] if what else head["words"])
        parts = [{"words": _line(event, True)["words"], "url": ""} for event in told]
        return head | {"words": words[:1].upper() + words[1:], "parts": parts, "url": "" if one_item else _url(first)}
    parts = [
        {
            "words": f"{events[0].tasking}: "
            + "; ".join(
                words[:1].lower() + words[1:]
                for event in events
                if event.kind != EventKind.RESPONSE_RECORDED
                for words in [_line(event, True)["words"]]
            ),
            "url": _url(events[0]),
        }
        for events in members
    ]
    parts = [part | {"words": part["words"].removesuffix(": ")} for part in parts]
    return head | {"words": f"{head['words']}, about {count(len(members), 'item')}", "parts": parts}


def _by_item(act: list[Event]) -> list[list[Event]]:
    found: dict = {}
    for event in act:
        found.setdefault(event.tasking_id, []).append(event)
    return list(found.values())


def _items(members: list[Event]) -> str:
    """How many; consulted ones owe nothing and are not counted."""
    leads = [e for e in members if e.tasking and e.tasking.role == TaskingRole.LEAD]
    return count(len(leads or members), "item")


def _url(event: Event) -> str:
    return reverse("item", args=[event.tasking_id]) if event.tasking_id else ""


def _line(event: Event, one_item: bool) -> dict:
    what = "" if one_item or not event.tasking else f"{event.tasking}: "
    detail = ""
    url = "" if one_item else _url(event)
    match event.kind:
        case EventKind.STATUS_CHANGED if event.from_status == Status.DRAFT:
            words = "began to wait"
        case EventKind.STATUS_CHANGED if _asks_anew(event):
            words = f"“{Status(event.from_status).label}” was reopened"
            detail = event.reason
        case EventKind.STATUS_CHANGED:
            became = f"“{Status(event.to_status).label}”"
            if event.payload.get("repeats"):
                became = "part of what was asked before"
            again = " again" if event.payload.get("undoes") else ""
            words = f"“{Status(event.from_status).label}” became {became}{again}"
            detail = event.reason or ("taken back" if again else "")
        case EventKind.PAST_DUE:
            words = f"passed {_date_name(event)}, {long_date(event.due_on)}"
        case EventKind.DUE_DATE_MOVED:
            which = "expected acknowledgment" if event.payload.get("clock") else "due date"
            words = f"{which} moved from {_day(event, 'from')} to {_day(event, 'to')}"
            detail = event.reason
        case EventKind.ACKNOWLEDGEMENT_LATE:
            words = f"no acknowledgment by {long_date(event.due_on)}"
        case EventKind.EXTENDED if event.payload.get("taken_back"):
            is_moved = event.payload["from"] != event.payload["to"]
            now = f"from {_day(event, 'from')} to {_day(event, 'to')}" if is_moved else f"still {_day(event, 'to')}"
            words = f"the time given is taken back: {now}"
            detail = event.reason
        case EventKind.EXTENDED:
            who = "they need more time" if event.payload.get("by_notice") else "we agreed to more time"
            words = f"{who}: from {_day(event, 'from')} to {_day(event, 'to')}"
            detail = event.reason
        case EventKind.RESPONSE_RECORDED:
            # what it is as a whole may only be known once it is read, but for an acknowledgment
            is_receipt = event.payload["kind"] == ResponseKind.ACKNOWLEDGEMENT
            what_came = ResponseKind.ACKNOWLEDGEMENT.label if is_receipt else "reply"
            words = f"{what_came} recorded, received {_day(event, 'received_on')}"
        case EventKind.ANSWER_ASSESSED:
            said = f": “{_label(Said, event, 'said')}”" if event.payload.get("said") else ""
            words = f"reply read{said}; it {_label(Coverage, event, 'coverage')}"
        case EventKind.REVIEW_SET:
            words = f"they take no position: look again on {_day(event, 'review_on')}"
        case EventKind.RENEWED:
            words, detail = f"asked again on {_day(event, 'renewed_on')}", event.reason
            words = f"not {words} after all" if event.payload.get("taken_back") else words
        case EventKind.RESPONSE_IN_ERROR | EventKind.EVIDENCE_IN_ERROR | EventKind.CONTACT_IN_ERROR:
            words = f"{event.get_kind_display()}{f': {event.reason}' if event.reason else ''}"
            detail = restored(event.payload)
        case EventKind.EVIDENCE_CHECKED:
            words = "evidence looked at again: it still proves it"
        case EventKind.EVIDENCE_ADDED:
            words = "evidence added"
            detail = event.payload.get("citation") or event.payload.get("url") or "a reply we hold"
        case EventKind.NOTE_ADDED if event.payload.get("taken_back"):
            words = "note taken back"
        case EventKind.ASSIGNED:
            words = f"owner: {event.payload.get('to') or 'nobody'}"
        case EventKind.SNOOZED:
            until = event.payload.get("until")
            words = f"remind me on {_day(event, 'until')}" if until else "reminders as usual again"
        case EventKind.CONTACT_LOGGED:
            words = f"our {_label(ContactChannel, event, 'channel')} on {_day(event, 'on')}"
        case EventKind.LETTER_SENT:
            words = f"Letter sent to {count(len(event.payload.get('agencies', [])), 'addressee')}"
        case _:
            words = in_a_word(event)
            detail = event.reason
    words = what + words
    return _base(event, words[:1].upper() + words[1:]) | {"detail": detail, "url": url}


def _asks_anew(event: Event) -> bool:
    # not "became no reply recorded": the replies it had are recorded still
    return event.from_status in CLOSED_STATUSES and "undoes" not in event.payload


def _base(event: Event, words: str) -> dict:
    # a letter's own day is a day, and so is that of a status written down later; what we did has a time
    moment = event.recorded_at if "undoes" in event.payload else event.occurred_at
    day = timezone.localdate(moment)
    later = event.kind == EventKind.STATUS_CHANGED and day < timezone.localdate(event.recorded_at)
    day_only = event.kind == EventKind.LETTER_SENT or event.from_status == Status.DRAFT or later
    return {
        "when": long_date(day) if day_only else office_time(moment),
        "iso": moment.isoformat(),
        "words": words,
        "by": _by_words(event),
        "kind": _line_kind(event),
    }


def _by_words(event: Event) -> str:
    """Who did it, and with which key where a program did it in their name."""
    if not event.by_user:
        return ""
    key = event.payload.get("by_key")
    return f"{event.by_user}, with the key “{key}”" if key else str(event.by_user)


def _line_kind(event: Event) -> str:
    if event.kind == EventKind.PAST_DUE:
        return "late" if event.payload.get("due_basis") == "yardstick" else "red"
    if event.kind == EventKind.STATUS_CHANGED and event.to_status in (Status.IMPLEMENTED, Status.ANSWERED):
        return "done"
    if event.kind in (EventKind.LETTER_SENT, EventKind.CONTACT_LOGGED, EventKind.RENEWED):
        return "ours"
    return ""


def _date_name(event: Event) -> str:
    return {
        "letter": "the date the letter set",
        "promise": "the date promised",
        "statute": "the date the law sets",
    }.get(event.payload.get("due_basis", ""), "our usual wait")


def _label(choices: type[TextChoices], event: Event, name: str) -> str:
    """The screen's word for a code in an event's payload; codes never reach the page."""
    return str(choices(event.payload[name]).label)


def _day(event: Event, name: str) -> str:
    value = event.payload.get(name)
    return long_date(dt.date.fromisoformat(value)) if value else "no date"
