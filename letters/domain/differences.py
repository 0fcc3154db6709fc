"""What changed in a row since somebody read it: field by field, from the versions that the database keeps (invariant 2)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey, GeneratedField, Model, TextField
from django.db.models.expressions import RawSQL

from letters.models import Agency, User

# Bookkeeping of ours, which nobody edits.
NEVER_SHOWN = {
    *("version", "touched_at", "check_on", "status_event", "search"),
    *("public_status", "public_due_on", "public_due_basis"),
}


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
    for one in row._meta.concrete_fields:
        if one.name in NEVER_SHOWN or isinstance(one, GeneratedField) or not hasattr(before, one.attname):
            continue
        then, now = getattr(before, one.attname), getattr(row, one.attname)
        if then != now:
            changes.append(Change(one.name, _known_as(one, then), _known_as(one, now)))
    return changes


def _known_as(one: Any, value: Any) -> Any:
    """People by user name, agencies by slug, the rest as it is kept."""
    if not isinstance(one, ForeignKey) or value is None:
        return value
    known_by: dict[type, str] = {User: "username", Agency: "slug"}
    name = known_by.get(one.related_model)
    if name is None:
        return value
    return one.related_model._default_manager.filter(pk=value).values_list(name, flat=True).first()
