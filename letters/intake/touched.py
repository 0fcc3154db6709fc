"""What people changed in reference data since it was loaded, from its history: the loader leaves that as it is."""

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from letters.enums import SystemProcess

Key = tuple[Any, ...]


@dataclass
class Touched:
    """Of one table: fields whose value a person set last, and which row once had which key."""

    fields: dict[Any, set[str]] = field(default_factory=dict)
    former: dict[Key, Any] = field(default_factory=dict)


def touched_by_people(model: type[models.Model], key: tuple[str, ...]) -> Touched:
    """Reads only the versions of rows that somebody other than the loader wrote to: after most starts, none."""
    versions = model.pgh_event_model._default_manager  # type: ignore[attr-defined]  # what `audited` adds
    process = Coalesce(KeyTextTransform("process", "pgh_context"), Value(""), output_field=models.TextField())
    theirs = versions.alias(process=process).exclude(process=SystemProcess.REFERENCE_LOADER).values("pgh_obj_id")
    names = [one.attname for one in model._meta.concrete_fields if not one.primary_key]
    found, last = Touched(), dict[Any, dict[str, Any]]()
    for row in (
        versions.filter(pgh_obj_id__in=theirs)
        .order_by("pgh_id")
        .values("pgh_obj_id", "pgh_context", "pgh_label", *names)
    ):
        pk = row["pgh_obj_id"]
        found.former[tuple(row[name] for name in key)] = pk
        before = last.get(pk)
        changed = {name for name in names if before is None or before[name] != row[name]}
        set_by_people = found.fields.setdefault(pk, set())
        if (row["pgh_context"] or {}).get("process") == SystemProcess.REFERENCE_LOADER:
            set_by_people -= changed
        else:
            set_by_people |= changed
        last[pk] = row
    return found
