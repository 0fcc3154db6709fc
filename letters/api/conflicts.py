"""What changed in a row since a consumer read it: for the answer 412, which would else only say that something did."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from letters.api import versions
from letters.api.links import Links
from letters.api.office import events
from letters.api.past import Past, who
from letters.api.resources import SOURCES, WRITTEN
from letters.domain import differences, feed
from letters.domain.differences import Change
from letters.enums import EventKind, Scope, Stream
from letters.models import Letter

TOLD = 100  # events, the newest
LOOKED_AT = 20  # earlier states of a row without a version: who read it before those reads it anew

# A column whose field in an answer has another name. What is no field of an answer is told as its events.
SHOWN_AS = {"ack_due_on": "acknowledgement_due_on"}
# What stands beside a row moves its version, and is none of its fields.
BESIDE = frozenset(
    {
        *(EventKind.NOTE_ADDED, EventKind.CONTACT_LOGGED, EventKind.CONTACT_IN_ERROR, EventKind.RENEWED),
        *(EventKind.RESPONSE_RECORDED, EventKind.RESPONSE_IN_ERROR, EventKind.ANSWER_ASSESSED, EventKind.LETTER_LINKED),
        *(EventKind.EVIDENCE_ADDED, EventKind.EVIDENCE_IN_ERROR, EventKind.EVIDENCE_CHECKED),
    }
)


def difference(of: str, row: Any, tags: list[str], now: dict, links: Links) -> list[Change]:
    """Field by field what the consumer did not see, and under `events` what happened beside the fields; empty where it is not
    known. `now` is the row as its address shows it."""
    if of not in versions.VERSIONED:
        return _by_digest(of, row, tags, now, links)
    version = versions.seen(tags)
    if version is None:
        return []
    parts = differences.parts_since(row, version) if isinstance(row, Letter) else []
    columns = [replace(one, field=SHOWN_AS.get(one.field, one.field)) for one in differences.since(row, version)]
    changes = [*(one for one in columns if one.field in now), *parts]
    told = _told(row, version, links)
    told = [one for one in told if one["kind"] in BESIDE] or ([] if changes else told)
    return [*changes, *([Change("events", [], told)] if told else [])]


def _told(row: Any, version: int, links: Links) -> Sequence[dict]:
    """What happened since, as a key reads it in the office's stream."""
    since = differences.events_since(row, version).order_by().values("pk")
    entries = feed.readable(Stream.OFFICE).filter(event__in=since).order_by("-position")
    newest = entries.select_related("event__letter", "event__tasking", "event__by_user")[:TOLD]
    return events.shown([entry.event for entry in reversed(newest)], links)


def utc(moment: dt.datetime) -> str:
    """A moment as the API writes it, for whoever reads a sentence somewhere else: 2026-11-30T14:05:00Z."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _by_digest(of: str, row: Model, tags: list[str], now: dict, links: Links) -> list[Change]:
    """Of a row without a version: its earlier states are shown anew until one has the digest that was sent."""
    source = SOURCES[of][Scope.OFFICE]
    found = source.find(row.pk, WRITTEN[of]() if of in WRITTEN else None)
    if found is None or not hasattr(row, "history"):
        return []
    past = Past(row)
    states = [(state, {}) for state in past.own[::-1][1 : LOOKED_AT + 1]]
    if past.parts:
        states += [(past.before(at), past.hung(at)) for at in past.moments[:LOOKED_AT]]
    for state, hung in states:
        if state is None:
            break
        then = source.alone(found._replace(**_as_then(row, state, found._fields)), links) | hung
        if versions.matches(tags, versions.etag(of, then)):
            return [Change(name, then[name], now[name]) for name in now if then[name] != now[name]]
    return []


def said_of(of: str, row: Any) -> str:
    """Who changed a row without a version last, and when, by its own history."""
    last = Past(row).last if of not in versions.VERSIONED and hasattr(row, "history") else None
    return f"{who(last)} changed this row at {utc(last.pgh_created_at)}." if last else ""


def _as_then(row: Model, state: Model, columns: tuple[str, ...]) -> dict[str, Any]:
    """The columns that are the row's own, as they were; what else is shown with it is as it is now."""
    values = {}
    for column in columns:
        name, _, rest = column.partition("__")
        try:
            field = row._meta.get_field(name.removesuffix("_id") if column.endswith("_id") else name)
        except FieldDoesNotExist:
            continue
        if not getattr(field, "concrete", False) or field.many_to_many or not hasattr(state, field.attname):
            continue
        value = getattr(state, field.attname)
        if not rest:
            values[column] = value
        elif value != getattr(row, field.attname):
            others = field.related_model._default_manager.filter(pk=value)
            values[column] = others.values_list(rest, flat=True).first()
    return values
