"""Somebody saved first: who, when, what they did, and what is different (invariant 7)."""

import datetime as dt
from dataclasses import asdict, dataclass

from django import forms

from letters.domain.deadlines import long_date
from letters.domain.history import events_about
from letters.enums import Status
from letters.models import Tasking, User
from letters.web.merge import who_since


@dataclass(frozen=True)
class Difference:
    """A field as saved now, and as this person has it: as typed, or as it was when they opened the form."""

    label: str
    theirs: str
    yours: str


def changed_elsewhere(tasking: Tasking, form: forms.Form, reader: User, version: str = "") -> dict:
    """For components/changed_elsewhere.html: the form was drawn of an older version of the item than the one saved now."""
    by, when, lines = who_since(events_about(tasking), reader, lines=1)
    return {
        "by": by,
        "when": when,
        "what": lines[0]["words"] if lines else "",
        "differences": [asdict(difference) for difference in _differences(tasking, form, version)],
    }


def _differences(tasking: Tasking, form: forms.Form, version: str) -> list[Difference]:
    if version:
        form.full_clean()
    typed = form.cleaned_data
    # the first row of a version is the one that made it: all that its verb changed, nothing of the next verb
    opened = tasking.history.filter(version=version or typed["version"]).order_by("pgh_id").first() or tasking
    rows = [
        (
            "Status",
            str(Status(tasking.status).label),
            str(Status(opened.status).label),
            str(form.to.label) if hasattr(form, "to") else None,
        ),
        ("Owner", _owner(tasking.owner), _owner(opened.owner), _owner(typed["owner"]) if "owner" in typed else None),
        (
            "Remind me on",
            _day(tasking.snoozed_until),
            _day(opened.snoozed_until),
            _day(typed["until"]) if "until" in typed else None,
        ),
    ]
    return [
        Difference(label, now, then if yours is None else yours)
        for label, now, then, yours in rows
        if now != then or (yours is not None and yours != now)
    ]


def _owner(owner: User | None) -> str:
    return str(owner) if owner else "nobody"


def _day(day: dt.date | None) -> str:
    return long_date(day) if day else "as usual"
