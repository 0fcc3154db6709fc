"""What changed in a row since somebody read it: field by field, from the versions that the database keeps (invariant 2)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey, GeneratedField, Min, Model, QuerySet, TextField
from django.db.models.expressions import RawSQL

from letters.domain.history import events_about
from letters.models import (
    Addressee,
    Agency,
    Ask,
    AskKind,
    AskTarget,
    Event,
    Legislator,
    Letter,
    LetterStaff,
    LetterTopic,
    Question,
    Signature,
    Target,
    Tasking,
    Topic,
    User,
)

# Bookkeeping of ours, which nobody edits.
NEVER_SHOWN = {
    *("version", "touched_at", "check_on", "status_event", "search"),
    *("public_status", "public_due_on", "public_due_basis"),
}
# What hangs on a letter and moves its version: its links name other letters, which not everybody may see.
PARTS: dict[str, tuple[type[Model], str]] = {
    "signatures": (Signature, "letter"),
    "addressees": (Addressee, "letter"),
    "asks": (Ask, "letter"),
    "targets": (AskTarget, "ask__letter"),
    "questions": (Question, "ask__letter"),
    "topics": (LetterTopic, "letter"),
    "staff": (LetterStaff, "letter"),
}
KNOWN_BY: dict[type[Model], str] = {
    User: "username", Agency: "slug", Topic: "slug", Target: "slug", Legislator: "bioguide", AskKind: "code",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One field: what it was then, what it is now."""

    field: str
    then: Any
    now: Any


def since(row: Model, version: int) -> list[Change]:
    """What is different now from when `row` had this version. Empty where its past is not known."""
    kept = row.history.annotate(written_by=RawSQL("xmin::text", [], output_field=TextField()))  # type: ignore[attr-defined]
    history = kept.order_by("pgh_id")
    later = history.filter(version__gt=version).first()
    if later is None:
        return []
    # a verb saves a row in steps, and its version in one of them: what stood is what was there before its transaction
    before = history.filter(pgh_id__lt=later.pgh_id).exclude(written_by=later.written_by).last()
    before = before or history.filter(version__lte=version).first()
    if before is None:
        return []
    changes = []
    for one in _fields(row):
        if not hasattr(before, one.attname):
            continue
        then, now = getattr(before, one.attname), getattr(row, one.attname)
        if then != now:
            changes.append(Change(one.name, _known_as(one, then), _known_as(one, now)))
    return changes


def events_since(row: Letter | Tasking, version: int) -> QuerySet[Event]:
    """What was recorded about it since it had this version. None where its past is not known."""
    began = _began(row, version)
    about = events_about(row) if isinstance(row, Tasking) else Event.objects.filter(letter=row)
    if began is None or not row.history.filter(version__lte=version, pgh_created_at__lt=began).exists():  # type: ignore[union-attr]
        return about.none()
    return about.filter(recorded_at__gte=began)


def _began(row: Letter | Tasking, version: int) -> dt.datetime | None:
    """When the transaction began that moved its version on from there."""
    later = row.history.filter(version__gt=version)  # type: ignore[union-attr]
    return later.aggregate(first=Min("pgh_created_at"))["first"]


def parts_since(letter: Letter, version: int) -> list[Change]:
    """The parts of a letter that are others now than when it had this version: of each kind the rows that changed, with
    their ids and the fields that did. A part's history has the moment its transaction began, as the letter's has."""
    began = _began(letter, version)
    if began is None:
        return []
    changes = []
    for name, (model, path) in PARTS.items():
        history = model.history.rel.related_model.objects.filter(**{path: letter.pk})  # type: ignore[attr-defined]
        moved = set(history.filter(pgh_created_at__gte=began).values_list("pgh_obj_id", flat=True))
        live = model._default_manager.in_bulk(moved)
        earlier = history.filter(pgh_obj_id__in=moved, pgh_created_at__lt=began).order_by("pgh_id")
        stood = {row.pgh_obj_id: row for row in earlier}
        then, now = [], []
        for key in sorted(moved, key=str):
            was, is_now = stood.get(key), live.get(key)
            names = [one for one in _fields(model) if _value(was, one) != _value(is_now, one)]
            then += [_part(key, was, names)] if was and names else []
            now += [_part(key, is_now, names)] if is_now and names else []
        if then or now:
            changes.append(Change(name, then, now))
    return changes


def _fields(row: Model | type[Model]) -> list[Any]:
    return [
        one
        for one in row._meta.concrete_fields
        if one.name not in NEVER_SHOWN and not isinstance(one, GeneratedField) and not one.primary_key
    ]


def _value(row: Any, one: Any) -> Any:
    return getattr(row, one.attname) if row is not None else None


def _part(key: Any, row: Any, names: list[Any]) -> dict[str, Any]:
    return {"id": key} | {one.name: _known_as(one, getattr(row, one.attname)) for one in names}


def _known_as(one: Any, value: Any) -> Any:
    """People by user name, agencies by slug, what has a code by that, the rest as it is kept."""
    if not isinstance(one, ForeignKey) or value is None:
        return value
    name = KNOWN_BY.get(one.related_model)
    if name is None:
        return value
    return one.related_model._default_manager.filter(pk=value).values_list(name, flat=True).first()
