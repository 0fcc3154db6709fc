"""Who writes, and what happened: the author of every write, and the events of the record."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Required, TypedDict, Unpack

import pghistory
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from psycopg.pq import TransactionStatus

from letters.domain.access import Actor
from letters.domain.withheld import shown_to
from letters.enums import EventKind, Status, SystemProcess
from letters.models import Event, Letter, Tasking, User

# The name of the API key that a person's program writes with; empty where the person does.
_key: ContextVar[str] = ContextVar("key", default="")
# What is written between the outermost `acting` and its end is one act: one request, one round, one command.
_act: ContextVar[str] = ContextVar("act", default="")


@contextmanager
def acting(by: Actor, *, why: str = "", key: str = "") -> Iterator[None]:
    """Attribute every write inside the block to `by` (invariant 2). Blocks nest; the inner one counts.

    `key` is the name of the API key that writes in the person's name; blocks inside keep it.

    pghistory's own context is shared by nested blocks and outlives them inside a transaction. Here the
    outer author returns when the inner block ends, and nobody's name is left behind when the last one does.
    """
    who = {"process": by.value} if isinstance(by, SystemProcess) else {"user": str(by.pk)}
    key = key or _key.get()
    if key:
        who["key"] = key
    token = _key.set(key)
    act = _act.set(_act.get() or str(uuid.uuid4()))
    with pghistory.context() as context:
        outer = dict(context.metadata)
        context.metadata.clear()
        context.metadata.update(who, why=why)
        try:
            yield
        finally:
            _act.reset(act)
            _key.reset(token)
            context.metadata.clear()
            context.metadata.update(outer)
            if not outer and connection.in_atomic_block and not connection.needs_rollback:
                _forget()


def this_act() -> str:
    """What the events of this act have in their payload, as `act`."""
    return _act.get()


def is_by_key() -> bool:
    """Whether a program writes in a person's name: it is told what keys are told, whatever that person may see."""
    return bool(_key.get())


def known_to(by: Actor, rows: Any) -> Any:
    """Of these rows those that whoever writes may be told of: all of them the program itself, and a key what every key is
    told, not what the person may see in whose name it writes (invariant 8)."""
    if isinstance(by, SystemProcess):
        return rows.all()
    return rows.visible_to(None if is_by_key() else by)


def _forget() -> None:
    if connection.connection.info.transaction_status == TransactionStatus.INERROR:
        return  # it will be rolled back; another statement would only hide the error that broke it
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_metadata', '', true)")


class Happened(TypedDict, total=False):
    """What an event tells beside its kind. `payload` is for the office, `public_payload` for everybody and only where
    the letter is released."""

    by: Required[Actor]
    letter: Required[Letter]
    tasking: Tasking | None
    occurred_at: dt.datetime | None  # None: now
    from_status: str
    to_status: str
    due_on: dt.date | None
    reason: str
    payload: dict[str, Any] | None
    public_payload: dict[str, Any] | None


def record_event(kind: EventKind, **happened: Unpack[Happened]) -> Event:
    """Append one event; its place in the feeds is given at commit.

    Both payloads are frozen here. Events of one act share its id in that of the office: `act`.
    """
    event = new_event(kind, **happened)
    event.save(force_insert=True)
    return event


def new_event(kind: EventKind, **happened: Unpack[Happened]) -> Event:
    """The event as `record_event` appends it, not written yet: for whoever appends many at once."""
    return Event(**event_values(kind, **happened))


def event_values(kind: EventKind, **happened: Unpack[Happened]) -> dict[str, Any]:
    """What that event is made of, for `copy_new`."""
    by, letter = happened["by"], happened["letter"]
    beside = {"act": _act.get(), "by_key": _key.get()}
    return {
        "kind": kind,
        "letter": letter,
        "tasking": happened.get("tasking"),
        "by_user": by if isinstance(by, User) else None,
        "by_process": by.value if isinstance(by, SystemProcess) else "",
        "occurred_at": happened.get("occurred_at") or timezone.now(),
        "from_status": happened.get("from_status", ""),
        "to_status": happened.get("to_status", ""),
        "due_on": happened.get("due_on"),
        "reason": happened.get("reason", ""),
        "payload": (happened.get("payload") or {}) | {name: value for name, value in beside.items() if value},
        "public_payload": happened.get("public_payload") if letter.is_released or kind in PUBLISHING else None,
    }


# Events that change what is public are public themselves.
PUBLISHING = (EventKind.LETTER_RELEASED, EventKind.LETTER_WITHDRAWN)


def that_stand(events: Iterable[Event]) -> list[Event]:
    """Without the moves that were taken back, and without those that took them back (`undoes`): neither ever happened."""
    events = list(events)
    undone = {event.payload["undoes"] for event in events if "undoes" in event.payload}
    return [event for event in events if "undoes" not in event.payload and str(event.pk) not in undone]


def events_about(tasking: Tasking) -> QuerySet[Event]:
    """What happened to an item, with the corrections of its letter that made its row another: of whom it is about."""
    corrected = Q(letter=tasking.ask.letter_id, tasking=None, payload__items__contains=[str(tasking.pk)])
    return Event.objects.filter(Q(tasking=tasking) | corrected)


def who_changed(events: QuerySet[Event], what: str) -> str:
    """Who changed an item or letter last, when and how, said to somebody whose page is out of date."""
    return f"{last_change(events, what)} What you typed is below; compare and save again."


def in_the_office(moment: dt.datetime) -> str:
    """A moment as somebody says it who sits beside us: 9:05 a.m. on November 23."""
    at = timezone.localtime(moment)
    return f"{at.hour % 12 or 12}:{at:%M} {'a.m.' if at.hour < 12 else 'p.m.'} on {at:%B} {at.day}"


def last_change(events: QuerySet[Event], what: str, *, moment: Callable[[dt.datetime], str] = in_the_office) -> str:
    """Who changed an item or letter last, when (said by `moment`) and how; nothing of a change that not everybody may know of."""
    latest = list(events.select_related("by_user").order_by("-sequence")[:1])
    told = shown_to(None, latest)  # the verb that refuses does not know who reads, and a key does
    if not told:
        return f"This {what} changed while you had it open."
    event = told[0]
    who = str(event.by_user) if event.by_user else SystemProcess(event.by_process).label
    change = event.get_kind_display()
    if event.payload.get("not_about"):
        change = "a reply that says nothing about it was taken off"  # that reply stands
    if event.to_status:
        change = f"status went from “{Status(event.from_status).label}” to “{Status(event.to_status).label}”"
    return f"{who} changed this {what} at {moment(event.recorded_at)}: {change}."


def settle() -> None:
    """Run what is deferred to commit now (tests, and bulk loads that want their feed entries early)."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
