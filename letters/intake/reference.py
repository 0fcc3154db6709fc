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

from letters.domain.closures import recount_running
from letters.domain.history import acting
from letters.domain.rules import plain
from letters.enums import SystemProcess
from letters.models import Agency, AgencyName, AskKind, Closure, Legislator, Term

FIXTURES: Path = settings.BASE_DIR / "fixtures"


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Agencies, kinds of ask, members of Congress with their terms, and closures. Returns rows written, by name.

    Rows that an administrator added stay; rows that the files name are made as the files say.
    """
    with acting(SystemProcess.REFERENCE_LOADER):
        return {
            "agencies": _load_agencies(),
            "kinds of ask": _load_kinds(),
            "members of Congress": _load_legislators(),
            "closures": _load_closures(),
        }


def read_yaml(name: str) -> Any:
    """One file of `fixtures/`."""
    return yaml.safe_load((FIXTURES / name).read_text(encoding="utf-8"))


def _load_agencies() -> int:
    entries = read_yaml("agencies.yaml")
    written = _merge(
        Agency,
        "slug",
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
        keep=("yardstick_days",),
    )
    ids = dict(Agency.objects.values_list("slug", "pk"))
    written += _merge(
        Agency, "slug", ({"slug": entry["slug"], "parent_id": ids.get(entry.get("parent"))} for entry in entries)
    )
    names = {(ids[entry["slug"]], alias) for entry in entries for alias in entry.get("aliases", ())}
    known = set(AgencyName.objects.values_list("agency_id", "name"))
    AgencyName.objects.bulk_create(
        AgencyName(agency_id=agency, name=name) for agency, name in sorted(names - known, key=str)
    )
    return written + len(names - known)


def _load_kinds() -> int:
    ids = dict(Agency.objects.values_list("slug", "pk"))
    return _merge(
        AskKind,
        "code",
        (
            {
                "code": entry["code"],
                "name": entry["name"],
                "verb": entry["verb"],
                "usual_agency_id": ids[entry["usual_agency"]] if entry.get("usual_agency") else None,
                "acting_agency_id": ids[entry["acting_agency"]] if entry.get("acting_agency") else None,
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
    )


def _load_legislators() -> int:
    written = _merge(
        Legislator,
        "bioguide",
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
    )
    ids = dict(Legislator.objects.values_list("bioguide", "pk"))
    known = {(t.legislator_id, t.start): t for t in Term.objects.all()}
    new, changed = [], []
    for row in _rows("terms.csv"):
        facts = {
            "chamber": row["chamber"],
            "state": row["state"],
            "district": int(row["district"]) if row["district"] else None,
            "party": row["party"],
            "end": dt.date.fromisoformat(row["end"]),
        }
        key = (ids[row["bioguide"]], dt.date.fromisoformat(row["start"]))
        if key not in known:
            new.append(Term(legislator_id=key[0], start=key[1], **facts))
        elif _set(known[key], facts):
            changed.append(known[key])
    Term.objects.bulk_create(new, batch_size=1000)
    if changed:
        Term.objects.bulk_update(changed, ["chamber", "state", "district", "party", "end"])
    return written + len(new) + len(changed)


def _load_closures() -> int:
    written = _merge(Closure, "day", read_yaml("closures.yaml") or [])
    if written:
        recount_running(by=SystemProcess.REFERENCE_LOADER)
    return written


def _merge(
    model: type[models.Model], key: str, entries: Iterable[dict[str, Any]], *, keep: tuple[str, ...] = ()
) -> int:
    """Create what is missing, change what differs (but not what `keep` leaves to administrators)."""
    known = {getattr(row, key): row for row in model._default_manager.all()}
    new, changed, fields = [], [], set()
    for entry in entries:
        row = known.get(entry[key])
        facts = {name: value for name, value in entry.items() if name != key}
        fields |= set(facts)
        if row is None:
            new.append(model(**entry))
        elif _set(row, {name: value for name, value in facts.items() if name not in keep}):
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
