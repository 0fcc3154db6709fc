"""Two people on one draft: what each changed since the page was opened, row by row and field by field. Pure.

A page carries, hidden, a short mark of each field as it was drawn (`marks_of`). By that it is known who changed what: the
mark against what is typed is what this person changed, against what is saved now what somebody else did.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from letters.intake.typed import MANY, MOST_REMOVED, ROWS, SINGLE, Typed, is_empty, removed

# Fields of a row that only have a meaning together: a name and the id of what it names, two ticks of which one excludes the other.
PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "signers": {
        "printed_name": ("printed_name",),
        "printed_title": ("printed_title",),
        "member": ("member", "bioguide", "confirmed", "doubt", "state", "party", "read", "read_on"),
        "lead": ("lead",),
    },
    "addressees": {
        "agency": ("agency", "agency_id"),
        "printed_name": ("printed_name", "official"),
        "printed_title": ("printed_title",),
        "address": ("address",),
        "delivery": ("delivery",),
    },
    "asks": {
        "kind": ("kind", "proposed"),
        "target": ("target", "target_id", "target_kind", "target_parent"),
        "responsible": ("responsible", "consulted"),
        "quote": ("quote",),
        "questions": ("questions",),
        "summary": ("summary",),
        "requested_by": ("requested_by",),
        "acting": ("acting", "acting_id"),
        "bureau": ("bureau", "bureau_id"),
        "instrument": ("instrument",),
        "requested_list": ("requested_list",),
    },
}
# what can be put back goes with whoever took it away: see `with_removed`
FIELDS = tuple(name for name in (*SINGLE, *MANY) if not name.startswith("removed_"))
ORDER = "order"
MARK = 8  # hexadecimal digits


@dataclass(frozen=True)
class Difference:
    """One thing that somebody else changed, and that this person has otherwise.

    `name`: a field ("subject"), a part of a row ("asks-3f2a-quote"), a whole row that one has and the other has not
    ("asks-3f2a"), the order of rows ("asks-order"). `theirs`, `yours`: the value, the row or None, the ids in order.
    `both`: this person changed it too, or it is not known that they did not.
    """

    name: str
    theirs: Any
    yours: Any
    both: bool


def marks_of(typed: Typed) -> str:
    """What a page carries of the sheet that it was drawn from."""
    rows = {kind: {row["id"]: _row_marks(kind, row) for row in typed[kind]} for kind in ROWS}
    return json.dumps({"": "".join(_mark(typed[name]) for name in FIELDS)} | rows, separators=(",", ":"))


def differences(opened: str, mine: Typed, theirs: Typed) -> list[Difference]:
    """What somebody else changed since the page with these marks was drawn. Of a page without marks, all that differs."""
    was = _read(opened)
    found = []
    for name, before in zip(FIELDS, _cut(was.get("", ""), len(FIELDS)), strict=True):
        if (one := _changed(name, before, mine[name], theirs[name])) is not None:
            found.append(one)
    for kind in ROWS:
        found += _rows(kind, was.get(kind), mine[kind], theirs[kind])
    return found


def _rows(kind: str, was: Mapping[str, str] | None, mine: list[dict], theirs: list[dict]) -> list[Difference]:
    own, others = {row["id"]: row for row in mine}, {row["id"]: row for row in theirs}
    found = []
    for key in dict.fromkeys([*own, *others]):
        name, before = f"{kind}-{key}", (was or {}).get(key, "")
        yours, other = own.get(key), others.get(key)
        if yours is not None and other is not None:
            for (part, columns), mark in zip(PARTS[kind].items(), _cut(before, len(PARTS[kind])), strict=True):
                changed = _changed(f"{name}-{part}", mark, _of(yours, columns), _of(other, columns))
                if changed and part == "member" and yours["bioguide"] and not yours["confirmed"]:
                    changed = replace(changed, both=False)  # what the program proposed is nobody's word
                found += [changed] if changed else []
        elif yours is not None and not is_empty(kind, yours):
            if before or was is None:  # they took it away
                found.append(Difference(name, None, yours, both=before != _row_marks(kind, yours)))
        elif other is not None and not is_empty(kind, other):
            if before == _row_marks(kind, other):
                continue  # this person took it away, and nobody touched it
            found.append(Difference(name, other, None, both=bool(before) or was is None))
    return [*found, *_order(kind, was, own, others)]


def _order(kind: str, was: Mapping[str, str] | None, own: Iterable[str], others: Iterable[str]) -> list[Difference]:
    shared = set(own) & set(others)
    yours, theirs = [key for key in own if key in shared], [key for key in others if key in shared]
    before = [key for key in was or () if key in shared]
    if theirs in (yours, before):
        return []
    return [Difference(f"{kind}-{ORDER}", theirs, yours, both=yours != before)]


def _changed(name: str, before: str, yours: Any, theirs: Any) -> Difference | None:
    if _plain(yours) == _plain(theirs) or _mark(theirs) == before:
        return None
    return Difference(name, theirs, yours, both=_mark(yours) != before)


def taken(mine: Typed, theirs: Typed, names: Iterable[str]) -> Typed:
    """The sheet with what is theirs under these names (of `Difference`), and all else as it is mine."""
    typed = mine | {kind: [dict(row) for row in mine[kind]] for kind in ROWS}
    orders = []
    for name in names:
        kind, _, rest = name.partition("-")
        if name in FIELDS:
            typed[name] = theirs[name]
        elif kind in ROWS and rest == ORDER:
            orders.append(kind)
        elif kind in ROWS:
            key, _, part = rest.partition("-")
            _take(typed[kind], theirs[kind], key, PARTS[kind].get(part))
    for kind in orders:  # last, when all rows are there
        _arrange(typed[kind], [row["id"] for row in theirs[kind]])
    return typed


def _take(rows: list[dict], theirs: list[dict], key: str, columns: tuple[str, ...] | None) -> None:
    place = next((place for place, row in enumerate(rows) if row["id"] == key), None)
    order = [row["id"] for row in theirs]
    if key not in order:
        if place is not None and columns is None:
            del rows[place]
        return
    other = theirs[order.index(key)]
    if place is None:
        before = [row["id"] for row in rows]
        above = [one for one in order[: order.index(key)] if one in before]
        rows.insert(before.index(above[-1]) + 1 if above else 0, dict(other))
    elif columns is not None:
        rows[place] |= _of(other, columns)


def _arrange(rows: list[dict], order: list[str]) -> None:
    """In their order; a row of one's own stays where it stands."""
    places = [place for place, row in enumerate(rows) if row["id"] in order]
    for place, row in zip(
        places, sorted((rows[one] for one in places), key=lambda row: order.index(row["id"])), strict=True
    ):
        rows[place] = row


def with_removed(mine: Typed, theirs: Typed) -> Typed:
    """With the way back of what either took away, as far as it stands on the sheet no more."""
    typed = dict(mine)
    for kind in ROWS:
        own, there = removed(mine, kind), {row["id"] for row in mine[kind]}
        known = {one["row"]["id"] for one in own} | there
        kept = [*(one for one in removed(theirs, kind) if one["row"]["id"] not in known), *own]
        kept = [one for one in kept if one["row"]["id"] not in there][-MOST_REMOVED:]
        typed[f"removed_{kind}"] = json.dumps(kept, ensure_ascii=False) if kept else ""
    return typed


def _of(row: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in columns}


def _plain(value: Any) -> Any:
    """As it is compared: a browser sends ticks in the order of the page, an empty line for no company, “to” for nothing."""
    if isinstance(value, list):
        return sorted(value)
    if isinstance(value, dict) and "target" in value:
        return [line for line in zip_longest(*value.values(), fillvalue="") if line[0].strip()]
    if isinstance(value, dict):
        return {name: _plain(one) or ("to" if name == "delivery" else "") for name, one in value.items()}
    return value


def _row_marks(kind: str, row: Mapping[str, Any]) -> str:
    return "".join(_mark(_of(row, columns)) for columns in PARTS[kind].values())


def _mark(value: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()[:MARK]


def _cut(marks: str, number: int) -> list[str]:
    """Mark by mark; of an older version of the program, which had other fields, none is known."""
    if len(marks) != number * MARK:
        return [""] * number
    return [marks[place : place + MARK] for place in range(0, len(marks), MARK)]


def _read(opened: str) -> dict[str, Any]:
    """The marks as the page sent them back; what is none of ours says nothing."""
    try:
        was = json.loads(opened)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(was, dict) or not isinstance(was.get("", ""), str):
        return {}
    rows = [was.get(kind, {}) for kind in ROWS]
    sound = all(isinstance(marks, dict) and all(isinstance(one, str) for one in marks.values()) for marks in rows)
    return was if sound else {}
