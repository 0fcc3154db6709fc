"""Reference data from `fixtures/`, loaded so that loading again changes nothing.

By command and not by migration: a test that flushes the database would lose what a migration put there.
"""

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import models, transaction

from letters.domain.clocks import look_again
from letters.domain.closures import recount_running
from letters.domain.history import acting
from letters.domain.rules import plain
from letters.enums import SystemProcess
from letters.intake.touched import touched_by_people
from letters.models import (
    Agency,
    AgencyName,
    AskKind,
    Closure,
    Legislator,
    Official,
    ReminderRule,
    StatutoryClock,
    Term,
)

FIXTURES: Path = settings.BASE_DIR / "fixtures"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@transaction.atomic
def load_reference(*, overwrite: bool = False) -> dict[str, int]:
    """Agencies, officials, kinds of ask, members of Congress, closures, laws and the reminder schedule. Returns rows written, by name.

    What people added, changed or deleted stays as they left it; the rest is made as the files say. With `overwrite`
    the files win over changes and deletions too, but not over our usual wait.
    """
    with acting(SystemProcess.REFERENCE_LOADER):
        agencies, ids = _load_agencies(overwrite)
        return {
            "agencies": agencies,
            "officials": _load_officials(ids, overwrite),
            "kinds of ask": _load_kinds(ids, overwrite),
            "members of Congress": _load_legislators(overwrite),
            "closures": _load_closures(overwrite),
            "laws with a clock": _merge(StatutoryClock, ("code",), read_yaml("statutes.yaml"), overwrite),
            "reminder rules": _load_reminder_rules(ids, overwrite),
        }


def read_yaml(name: str) -> Any:
    """One file of `fixtures/`."""
    return load_yaml(FIXTURES / name)


def load_yaml(file: Path) -> Any:
    """What a file says, by libyaml where PyYAML has it: eight times as fast."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both are safe ones


def _load_agencies(overwrite: bool) -> tuple[int, dict[str, Any]]:
    """Rows written; and the key of each agency by the slug that the files call it."""
    known = read_yaml("agencies.yaml")
    former = touched_by_people(Agency, ("slug",)).former
    theirs = _by_name(known, {slug for (slug,) in former})
    entries = [entry for entry in known if entry["slug"] not in theirs]
    written = _merge(
        Agency,
        ("slug",),
        (
            {
                "slug": entry["slug"],
                "name": entry["name"],
                "short_name": entry["short_name"],
                "abbreviation": entry.get("abbreviation", ""),
                "kind": entry["kind"],
                "address": entry.get("address", ""),
                **({"yardstick_days": entry["yardstick_days"]} if "yardstick_days" in entry else {}),
            }
            for entry in entries
        ),
        overwrite,
        keep=("yardstick_days",),
    )
    now = dict(Agency.objects.values_list("slug", "pk"))
    standing = set(now.values())
    # one whose slug a person changed goes on by the one that the files have
    ids = {slug: pk for (slug,), pk in former.items() if pk in standing} | theirs | now
    kept = [entry for entry in entries if entry["slug"] in ids]  # the others were deleted by people
    written += _merge(
        Agency,
        ("slug",),
        ({"slug": entry["slug"], "parent_id": ids.get(entry.get("parent"))} for entry in kept),
        overwrite,
    )
    if written:
        look_again()  # whose items they are, and so which rungs, follows from where an agency stands
    names = ((ids[entry["slug"]], name) for entry in kept for name in entry.get("aliases", ()))
    written += _merge(
        AgencyName,
        ("agency_id", "name"),
        ({"agency_id": agency, "name": name} for agency, name in dict.fromkeys(names)),
        overwrite,
    )
    return written, ids


def _load_officials(ids: dict[str, Any], overwrite: bool) -> int:
    """Those whom published letters name. Without dates: what an administrator enters there stays."""
    return _merge(
        Official,
        ("agency_id", "name", "title"),
        (
            {"agency_id": ids[entry["agency"]], "name": entry["name"], "title": entry["title"]}
            for entry in read_yaml("officials.yaml")
            if entry["agency"] in ids
        ),
        overwrite,
    )


def _by_name(entries: list[dict[str, Any]], former: set[str]) -> dict[str, Any]:
    """By the slug of the files, agencies that the office added itself before a file knew them: what they are called
    there, and where they stand, is for the office to say. `former`: slugs that people changed."""
    rows = list(Agency.objects.values_list("slug", "name", "pk"))
    known = {name.casefold(): pk for _, name, pk in rows}
    slugs = former | {slug for slug, _, _ in rows}
    new = (entry for entry in entries if entry["slug"] not in slugs)
    return {entry["slug"]: known[name] for entry in new if (name := entry["name"].casefold()) in known}


def _load_kinds(ids: dict[str, Any], overwrite: bool) -> int:
    return _merge(
        AskKind,
        ("code",),
        (
            {
                "code": entry["code"],
                "name": entry["name"],
                "verb": entry["verb"],
                "usual_agency_id": ids.get(entry.get("usual_agency")),
                "acting_agency_id": ids.get(entry.get("acting_agency")),
                "instrument": entry.get("instrument", ""),
                "requested_list": entry.get("requested_list", ""),
                "needs_targets": entry["needs_targets"],
                "closes_as": entry["closes_as"],
                "done_word": entry["done_word"],
                "help": entry.get("help", ""),
                "position": position,
            }
            for position, entry in enumerate(read_yaml("ask_kinds.yaml"), 1)
        ),
        overwrite,
    )


def _load_legislators(overwrite: bool) -> int:
    written = _merge(
        Legislator,
        ("bioguide",),
        (
            {
                "bioguide": row["bioguide"],
                "first": row["first"],
                "middle": row["middle"],
                "last": row["last"],
                "suffix": row["suffix"],
                "nickname": row["nickname"],
                "official_full": row["official_full"],
                "sort_name": plain(f"{row['last']}, {row['first']} {row['middle']} {row['suffix']}"),
                "seen_from": dt.date.fromisoformat(min(row["rosters"].split())),
                "seen_until": dt.date.fromisoformat(max(row["rosters"].split())),
            }
            for row in _rows("legislators.csv")
        ),
        overwrite,
    )
    ids = dict(Legislator.objects.values_list("bioguide", "pk"))
    return written + _merge(
        Term,
        ("legislator_id", "start"),
        (
            {
                "legislator_id": ids[row["bioguide"]],
                "start": dt.date.fromisoformat(row["start"]),
                "chamber": row["chamber"],
                "state": row["state"],
                "district": int(row["district"]) if row["district"] else None,
                "party": row["party"],
                "end": dt.date.fromisoformat(row["end"]),
            }
            for row in _rows("terms.csv")
            if row["bioguide"] in ids
        ),
        overwrite,
    )


def _load_closures(overwrite: bool) -> int:
    written = _merge(Closure, ("day",), read_yaml("closures.yaml") or [], overwrite)
    if written:
        recount_running(by=SystemProcess.REFERENCE_LOADER)
    return written


def _load_reminder_rules(agencies: dict[str, Any], overwrite: bool) -> int:
    kinds = dict(AskKind.objects.values_list("code", "pk"))
    # a rule for a kind or an agency that people deleted is for nothing
    entries = [
        entry
        for entry in read_yaml("reminder_rules.yaml")
        if entry.get("kind") in (None, *kinds) and entry.get("agency") in (None, *agencies)
    ]
    written = _merge(
        ReminderRule,
        ("code",),
        (
            {
                "code": entry["code"],
                "words": entry["words"],
                "anchor": entry["anchor"],
                "offset_days": entry["offset_days"],
                "business_days": entry.get("business_days", False),
                "basis": entry.get("basis"),
                "kind_id": kinds.get(entry.get("kind")),
                "agency_id": agencies.get(entry.get("agency")),
                "to_owner": entry["to_owner"],
                "to_staff": entry.get("to_staff", False),
                "to_managers": entry.get("to_managers", False),
                "position": position,
            }
            for position, entry in enumerate(entries, 1)
        ),
        overwrite,
    )
    if written:
        look_again()
    return written


def _merge(
    model: type[models.Model],
    key: tuple[str, ...],
    entries: Iterable[dict[str, Any]],
    overwrite: bool,
    *,
    keep: tuple[str, ...] = (),
) -> int:
    """Create what is missing, change what differs: but nothing that a person touched, and never what `keep` names."""
    rows = {row.pk: row for row in model._default_manager.all()}
    known = {tuple(getattr(row, name) for name in key): row for row in rows.values()}
    touched = touched_by_people(model, key)
    new, changed, fields = [], [], set()
    for entry in entries:
        where = tuple(entry[name] for name in key)
        row = known.get(where)
        if row is None and where in touched.former:
            if not overwrite:
                continue  # a person deleted it, or gave it another key
            row = rows.get(touched.former[where])
        if row is None:
            new.append(model(**entry))
            continue
        theirs = set() if overwrite else touched.fields.get(row.pk, set())
        facts = {name: value for name, value in entry.items() if name not in keep and name not in theirs}
        fields |= set(facts)
        if _set(row, facts):
            changed.append(row)
    model._default_manager.bulk_create(new, batch_size=1000)
    if changed:
        model._default_manager.bulk_update(changed, sorted(fields), batch_size=1000)
    return len(new) + len(changed)


def _set(row: models.Model, facts: dict[str, Any]) -> bool:
    changed = [name for name, value in facts.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, facts[name])
    return bool(changed)


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
