"""What happened, as the timeline draws it: one act is one line, with its parts beneath.

Recording one reply about three items writes nine events; a person did one thing, and the events share the id of that
act. Within it, what is about the same reply or of the same kind is told together, and what one thing brought with it (dates
that moved since a letter was corrected) stands beneath that thing.
"""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from letters.domain.deadlines import count, long_date
from letters.domain.words import initial
from letters.enums import EventKind, Status, TaskingRole
from letters.models import Event
from letters.web.happened_words import base_of, date_name, line_of, url_of

# A letter has its page once it was sent, and the line of that says when it was logged.
HIDDEN = (EventKind.LETTER_EDITED, EventKind.LETTER_DRAFTED)
# Events written before acts had ids: known by their hand and moment, since a person takes longer to do a second thing.
AT_ONCE = dt.timedelta(seconds=2)
MONTHS = tuple(f"{dt.date(2000, month, 1):%B} " for month in range(1, 13))
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
# What a person does to a letter or a reply as a whole, and all that one act of theirs may bring with it.
CAUSES = (
    EventKind.LETTER_ENTERED_IN_ERROR, EventKind.LETTER_AMENDED, EventKind.LETTER_ACCESS_CHANGED, EventKind.ADDRESSEE_UPDATED,
    EventKind.RESPONSE_IN_ERROR,
)  # fmt: skip
BROUGHT = (
    *FOLLOWS, EventKind.EXTENDED, EventKind.EVIDENCE_IN_ERROR, EventKind.LETTER_WITHDRAWN, EventKind.RESPONSE_WITHDRAWN,
    EventKind.ANSWER_WITHDRAWN, EventKind.EVIDENCE_WITHDRAWN,
)  # fmt: skip


def timeline(events: list[Event], *, one_item: bool = False) -> list[dict]:
    """Lines of components/timeline.html, newest first as the events are."""
    causes = {_act_of(event): event for event in events if event.kind in CAUSES and event.by_user_id}
    causes.pop("", None)
    return [_act(act, one_item) for act in reversed(list(_acts(reversed(events), causes)))]


def may_be_one(before: Event, after: Event) -> bool:
    """Whether two events, one beside the other, may be drawn in one line: then no page ends between them."""
    kinds = (before.kind, after.kind)
    if any(kind in PASSINGS for kind in kinds):
        return _passing(before) == _passing(after)
    if all(_began(event) or event.kind == EventKind.LETTER_SENT for event in (before, after)):
        return before.occurred_at == after.occurred_at
    by = [(event.by_user_id, event.by_process) for event in (before, after)]
    return by[0] == by[1] and _one_act(before, after)


def _act_of(event: Event) -> str:
    return event.payload.get("act", "")


def _acts(events: Iterator[Event], causes: dict[str, Event]) -> Iterator[list[Event]]:
    """Events in the order of writing, those of one act together. `causes`: by act, what all of it came of."""
    act: list[Event] = []
    for event in events:
        if event.kind in HIDDEN:
            continue
        if act and not _belongs(event, act, causes.get(_act_of(event))):
            yield act
            act = []
        act.append(event)
    if act:
        yield act


def _belongs(event: Event, act: list[Event], cause: Event | None) -> bool:
    first, last = act[0], act[-1]
    if event.kind in PASSINGS or first.kind in PASSINGS:
        return _passing(event) == _passing(first)
    if _began(event) and (_began(first) or first.kind == EventKind.LETTER_SENT):
        return event.occurred_at == first.occurred_at
    if (first.by_user_id, first.by_process) != (event.by_user_id, event.by_process) or not _one_act(last, event):
        return False
    if cause and all(one is cause or _is_brought(one, cause) for one in (*act, event)):
        return True
    if first.kind in OF_A_REPLY:
        if event.kind in (*OF_A_REPLY, EventKind.ATTACHMENT_ADDED):
            return event.payload.get("response") == first.payload.get("response")
        return event.kind in FOLLOWS
    if event.kind == first.kind and event.kind in ALIKE:
        return _content(event) == _content(first)
    if event.kind == first.kind == EventKind.ATTACHMENT_ADDED:
        return not (event.reason or first.reason)
    # a promise moves the date, and so does more time; what was passed on begins to wait elsewhere
    same_item = event.tasking_id == last.tasking_id
    return first.kind in (EventKind.STATUS_CHANGED, EventKind.EXTENDED) and event.kind in FOLLOWS[1:] and same_item


def _is_brought(event: Event, cause: Event) -> bool:
    """Whether it came of that: in the same act, and not of a day of its own."""
    same_day = timezone.localdate(event.occurred_at) == timezone.localdate(cause.occurred_at)
    return event.kind in BROUGHT and _act_of(event) == _act_of(cause) and same_day


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
        passed = f"passed {date_name(first)}"
        if first.kind == EventKind.ACKNOWLEDGEMENT_LATE:
            passed = f"without an acknowledgment by {long_date(first.due_on)}"
        return base_of(first, f"{_items(act)} {passed}")
    if first.kind == EventKind.LETTER_SENT and len(act) > 1:
        sent = line_of(first, one_item)
        return sent | {"words": f"{sent['words']}; {_items(act[1:])} began to wait"}
    if _began(first) and len(act) > 1 and not one_item and all(_began(event) for event in act):
        return base_of(first, f"{_items(act)} began to wait")
    if len(act) == 1:
        return line_of(first, one_item)
    if cause := next((event for event in act if event.kind in CAUSES), None):
        return _caused(cause, [event for event in act if event is not cause], one_item)
    if first.kind in OF_A_REPLY:
        return _reply(act, one_item)
    if first.kind == EventKind.ATTACHMENT_ADDED:
        parts = [{"words": event.payload.get("file") or "a file", "url": ""} for event in act]
        return base_of(first, f"{count(len(act), 'file')} added") | {"parts": parts}
    if len({event.tasking_id for event in act}) > 1:
        words = line_of(first, True)
        return words | {
            "words": f"{words['words']}: {count(len(_by_item(act)), 'item')}",
            "parts": [{"words": str(members[0].tasking), "url": url_of(members[0])} for members in _by_item(act)],
        }
    head = line_of(first, one_item)
    rest = [line_of(event, True)["words"] for event in act[1:]]
    return head | {"parts": [{"words": words, "url": ""} for words in rest]}


def _caused(cause: Event, rest: list[Event], one_item: bool) -> dict:
    """What a person did to the letter, or to a reply, and what it brought, item by item."""
    parts = [_of_item(events, one_item) for events in _by_item(rest)]
    return line_of(cause, one_item) | {"parts": parts}


def _of_item(events: list[Event], one_item: bool = False) -> dict:
    """All that happened to one item in one act; what is about none stands in its own words."""
    told = [line_of(event, True)["words"] for event in events if event.kind != EventKind.RESPONSE_RECORDED]
    if one_item or not events[0].tasking:
        return {"words": "; ".join([*told[:1], *map(_small, told[1:])]), "url": ""}
    words = f"{events[0].tasking}: {'; '.join(map(_small, told))}"
    return {"words": words.removesuffix(": "), "url": url_of(events[0])}


def _small(words: str) -> str:
    """As they go on a sentence; a date begins it with its month."""
    return words if words.startswith(MONTHS) else words[:1].lower() + words[1:]


def _reply(act: list[Event], one_item: bool) -> dict:
    """One reply: received when, about how many items, and what came of each."""
    first = act[0]
    head = line_of(first, True)
    if first.kind == EventKind.ANSWER_ASSESSED:
        head["words"] = "Reply read"
    files = [event for event in act if event.kind == EventKind.ATTACHMENT_ADDED]
    act = [event for event in act if event.kind != EventKind.ATTACHMENT_ADDED]
    kept = [{"words": line_of(event, True)["words"], "url": ""} for event in files]
    members = _by_item(act)
    if one_item or len(members) == 1:
        told = members[0] if first.kind == EventKind.ANSWER_ASSESSED else [e for e in act if e is not first]
        what = f"{first.tasking}: " if first.tasking and not one_item else ""
        words = what + (_small(head["words"]) if what else head["words"])
        parts = [{"words": line_of(event, True)["words"], "url": ""} for event in told]
        url = "" if one_item else url_of(first)
        return head | {"words": initial(words), "parts": [*parts, *kept], "url": url}
    parts = [_of_item(events) for events in members]
    return head | {"words": f"{head['words']}, about {count(len(members), 'item')}", "parts": [*parts, *kept]}


def _by_item(act: list[Event]) -> list[list[Event]]:
    found: dict = {}
    for event in act:
        found.setdefault(event.tasking_id, []).append(event)
    return list(found.values())


def _items(members: list[Event]) -> str:
    """How many; consulted ones owe nothing and are not counted."""
    leads = [e for e in members if e.tasking and e.tasking.role == TaskingRole.LEAD]
    return count(len(leads or members), "item")
