"""Keeping reference data: agencies, officials, companies, kinds of ask, laws. For administrators; what letters name stays."""

import re
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Model

from letters.domain import clocks, closures
from letters.domain.access import ADMINISTER, Actor, require
from letters.domain.history import acting
from letters.domain.rules import check_known, check_order, check_required, check_text, check_url, refuse_if
from letters.enums import AgencyKind, ClosesAs, TargetKind
from letters.errors import Problem
from letters.models import Agency, AskKind, Official, StatutoryClock, Target, TargetAlias

# Of a law: what the dates that run by it are made of, or say.
RECOUNTED = frozenset({"days", "name", "citation", "trigger"})
# Of an agency: what says which rungs of the schedule are its items', those of whoever is above it among them.
IN_TREE = frozenset({"parent", "kind"})
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
CODES_OF: dict[type[Model], tuple[re.Pattern, str]] = {AskKind: (CODE, "underscores")}
MAX_STATUTE = 2000  # calendar days, as the table's constraint has it
# Each text: what the screen calls it, how long it may be, whether it must be there.
TEXTS: dict[type[Model], dict[str, tuple[str, int, bool]]] = {
    Agency: {
        "slug": ("The slug", 80, True),
        "name": ("The name", 200, True),
        "short_name": ("The short name", 80, True),
        "abbreviation": ("The abbreviation", 20, False),
        "address": ("The address", 500, False),
        "escalation_contacts": ("Whom to ask above", 2000, False),
    },
    Official: {"name": ("The name", 200, True), "title": ("The title", 200, True)},
    Target: {"slug": ("The slug", 120, True), "name": ("The name", 200, True)},
    AskKind: {
        "code": ("The code", 30, True),
        "name": ("The name", 60, True),
        "verb": ("The words of a summary", 120, True),
        "instrument": ("The legal instrument", 300, False),
        "requested_list": ("The list", 120, False),
        "done_word": ("The word for done", 60, True),
        "help": ("The help", 300, False),
    },
    StatutoryClock: {
        "code": ("The code", 40, True),
        "name": ("The name", 120, True),
        "citation": ("The citation", 200, True),
        "trigger": ("What starts the clock", 300, True),
    },
}
# One row each.
ALONE: dict[type[Model], tuple[str, ...]] = {
    Agency: ("slug", "name"),
    Target: ("slug", "name"),
    AskKind: ("code",),
    StatutoryClock: ("code",),
}
CODES: dict[type[Model], dict[str, tuple[str, Any]]] = {
    Agency: {"kind": ("Kind", AgencyKind)},
    Target: {"kind": ("Kind", TargetKind)},
    AskKind: {"closes_as": ("How it closes", ClosesAs)},
}


@transaction.atomic
def keep_agency(agency: Agency | None = None, *, by: Actor, **facts: Any) -> Agency:
    """A new agency, or a change of one. Dates that rest on our usual waits follow when those change, and
    reminders the rungs of those above it."""
    require(by, ADMINISTER)
    with acting(by, why="reference data"):
        row, changed = _set(agency or Agency(), facts)
        problems = _check(row)
        for name, label in (
            ("yardstick_days", "Our usual wait"),
            ("acknowledgement_days", "The wait for an acknowledgment"),
        ):
            days = getattr(row, name)
            if not 1 <= days <= 366:
                problems.append(Problem(name, f"{label}: {days} does not fit. Give 1 to 366 business days.", days))
        refuse_if([*problems, *check_parent(row, row.parent)])
        row.save()
        if agency and changed & {"yardstick_days", "acknowledgement_days"}:
            closures.recount_running(by=by)
        elif agency and changed & IN_TREE:
            clocks.look_again()
        return row


@transaction.atomic
def keep_official(official: Official | None = None, *, by: Actor, **facts: Any) -> Official:
    """Somebody who holds a post, or a change of that: an ask follows the office, so no letter changes."""
    require(by, ADMINISTER)
    with acting(by, why="reference data"):
        row, _ = _set(official or Official(), facts)
        problems = [*_check(row), *check_order("end", "The last day", row.end, "the first", row.start)]
        twin = Official.objects.filter(agency=row.agency_id, name=row.name, title=row.title, start=row.start)
        if twin.exclude(pk=row.pk).exists():
            problems.append(
                Problem(
                    "name", f"{row.name} is listed as {row.title} from that day already. Change that entry.", row.name
                )
            )
        refuse_if(problems)
        row.save()
        return row


@transaction.atomic
def keep_kind(kind: AskKind | None = None, *, by: Actor, **facts: Any) -> AskKind:
    """A kind of ask, or a change of what it proposes. Asks that were made keep what they say."""
    require(by, ADMINISTER)
    with acting(by, why="reference data"):
        row, changed = _set(kind or AskKind(), facts)
        problems = _check(row)
        if kind and "code" in changed:
            message = "The code of a kind is what programs and the import know it by. Make a new kind instead."
            problems.append(Problem("code", message, row.code))
        if kind and "closes_as" in changed and kind.asks.exists():
            message = "Asks of this kind exist, and how they close rests on it. Make a new kind instead."
            problems.append(Problem("closes_as", message, row.closes_as))
        refuse_if(problems)
        row.save()
        return row


@transaction.atomic
def keep_target(
    target: Target | None = None, *, by: Actor, aliases: Iterable[str] | None = None, **facts: Any
) -> Target:
    """A company, person, vessel or program, or a change of one; `aliases`: its other names from now on."""
    require(by, ADMINISTER)
    with acting(by, why="reference data"):
        row, _ = _set(target or Target(), facts)
        names = None if aliases is None else list(dict.fromkeys(" ".join(name.split()) for name in aliases))
        problems = [*_check(row), *check_parent(row, row.parent)]
        for name in names or ():
            problems += [*check_required("aliases", "Another name", name, "Leave empty ones out."), *check_text("aliases", "Another name", name, 200)]  # fmt: skip
        refuse_if(problems)
        row.save()
        if names is not None:
            TargetAlias.objects.filter(target=row).exclude(name__in=names).delete()
            there = set(row.aliases.values_list("name", flat=True))
            TargetAlias.objects.bulk_create(TargetAlias(target=row, name=name) for name in names if name not in there)
        return row


@transaction.atomic
def keep_statute(statute: StatutoryClock | None = None, *, by: Actor, **facts: Any) -> StatutoryClock:
    """A law with a clock, or a change of one. Dates that run by it follow when its days change."""
    require(by, ADMINISTER)
    with acting(by, why="reference data"):
        row, changed = _set(statute or StatutoryClock(), facts)
        problems = [*_check(row), *check_url("source_url", "The page that has it", row.source_url)]
        if not 1 <= row.days <= MAX_STATUTE:
            message = f"The law’s days: {row.days} does not fit. Give 1 to {MAX_STATUTE:,} calendar days."
            problems.append(Problem("days", message, row.days))
        refuse_if(problems)
        row.save()
        if statute and changed & RECOUNTED:
            closures.recount_running(by=by)
        return row


def _set(row: Any, facts: dict[str, Any]) -> tuple[Any, set[str]]:
    """The row as it would be, from the record as it is now, and what is other than before."""
    if not row._state.adding:
        row = type(row).objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    changed = set()
    for name, value in facts.items():
        value = value.strip() if isinstance(value, str) else value
        if getattr(row, name, None) != value:
            changed.add(name)
        setattr(row, name, value)
    return row, changed


def _check(row: Any) -> list[Problem]:
    model, problems = type(row), []
    for name, (label, limit, is_required) in TEXTS[model].items():
        value = getattr(row, name)
        if is_required:
            problems += check_required(name, label, value, "Type it.")
        problems += check_text(name, label, value, limit)
        shape, words = {"slug": (SLUG, "hyphens"), "code": CODES_OF.get(model, (SLUG, "hyphens"))}.get(name, (None, ""))
        if shape and value and not shape.fullmatch(value):
            message = f"{label}: “{value[:80]}” has other characters than small letters and digits, joined by {words}. Use only those."
            problems.append(Problem(name, message, value))
    for name, (label, choices) in CODES.get(model, {}).items():
        problems += check_known(name, label, getattr(row, name), choices)
    for name in ALONE.get(model, ()):
        value = getattr(row, name)
        twin = model.objects.filter(**{name: value}).exclude(pk=row.pk).first() if value and not problems else None
        if twin is not None:
            label = TEXTS[model][name][0]
            problems.append(
                Problem(name, f"{label}: “{value}” is taken. Choose another one, or change that entry.", value)
            )
    return problems


def check_parent(row: Any, parent: Any) -> list[Problem]:
    """Nothing is part of itself, however far down: whoever goes up from it would never arrive."""
    above, seen = parent, set()
    while above is not None and above.pk not in seen:
        if above.pk == row.pk:
            return [
                Problem("parent", f"{row} would be part of itself. Choose something it does not contain.", parent.slug)
            ]
        seen.add(above.pk)
        above = above.parent
    return []
