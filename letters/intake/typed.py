"""What the page "Log a letter" sends, as it is kept: flat names with an index in, rows of raw words out. Judges nothing."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

# The page's fields by name. What is not named here is not kept.
SINGLE = (
    "text", "subject", "printed_date", "letter_date", "sent_on", "our_role", "lead_office_contact", "on_behalf_of",
    "deadline_on", "deadline_quote", "access", "published_url", "new_topics", "signers_block", "addressees_block",
    "removed_signers", "removed_addressees", "removed_asks",
)  # fmt: skip
MANY = ("topics", "staff")
ROWS: dict[str, tuple[str, ...]] = {
    "signers": ("printed_name", "printed_title", "member", "bioguide", "confirmed", "lead", "doubt", "state", "party", "read"),
    "addressees": ("printed_name", "official", "printed_title", "address", "agency", "agency_id", "delivery"),
    "asks": (
        "kind", "proposed", "summary", "quote", "bureau", "bureau_id", "acting", "acting_id", "instrument", "requested_list",
        "requested_by", "questions",
    ),
}  # fmt: skip
ROWS_MANY = {"asks": ("responsible", "consulted", "target", "target_id", "target_kind", "target_parent")}
DEFAULTS = {"our_role": "led", "access": "office"}
INDEXED = re.compile(r"(signers|addressees|asks)-(\d{1,4})-(\w+)$")
NUL = "\x00"

Typed = dict[str, Any]


def empty() -> Typed:
    """A sheet on which nothing is written."""
    return {name: DEFAULTS.get(name, "") for name in SINGLE} | {name: [] for name in (*MANY, *ROWS)}


def from_fields(fields: Iterable[tuple[str, list[str]]]) -> Typed:
    """The sheet from the fields of the form: each name with all its values."""
    typed = empty()
    rows: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in ROWS}
    for name, values in fields:
        values = [_storable(value) for value in values]
        if name in SINGLE:
            typed[name] = values[-1]
        elif name in MANY:
            typed[name] = [value for value in values if value]
        elif found := INDEXED.match(name):
            kind, number, part = found[1], int(found[2]), found[3]
            if part in ROWS[kind]:
                rows[kind].setdefault(number, {})[part] = values[-1]
            elif part in ROWS_MANY.get(kind, ()):
                # a column of lines keeps its empty ones, so that the columns beside it stay beside it
                kept = values if part.startswith("target") else [value for value in values if value]
                rows[kind].setdefault(number, {})[part] = kept
    for kind in ROWS:
        typed[kind] = [complete(kind, rows[kind][number]) for number in sorted(rows[kind])]
    return typed


def complete(kind: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A row with each of its fields; what is not given is empty."""
    row: dict[str, Any] = dict.fromkeys(ROWS[kind], "") | {name: [] for name in ROWS_MANY.get(kind, ())}
    return row | dict(given or {})


def stored(typed: Mapping[str, Any]) -> Typed:
    """A sheet as it was kept, perhaps by an earlier version of the program: with every field that there is now."""
    found = empty() | dict(typed)
    return found | {kind: [complete(kind, row) for row in found[kind]] for kind in ROWS}


MOST_REMOVED = 20  # rows of each kind that can be put back, the latest first


def remove(typed: Typed, kind: str, place: int) -> None:
    """Take a row off the sheet. One with words in it is kept beside it, so that `put_back` gives it again."""
    row = typed[kind].pop(place)
    if row == complete(kind):
        return
    # an agency that is no longer addressed has no ticks on the page, so they would not come back with it
    asked = [
        [number, name]
        for number, ask in enumerate(typed["asks"] if kind == "addressees" else [])
        for name in ("responsible", "consulted")
        if row["agency_id"] and row["agency_id"] in ask[name]
    ]
    kept = [*removed(typed, kind), {"place": place, "row": row, "asked": asked}][-MOST_REMOVED:]
    typed[f"removed_{kind}"] = json.dumps(kept, ensure_ascii=False)


def put_back(typed: Typed, kind: str) -> int:
    """The row that was removed last, where it stood, and its place; -1 where none is kept."""
    kept = removed(typed, kind)
    if not kept:
        return -1
    last = kept.pop()
    place = min(last["place"], len(typed[kind]))
    typed[kind].insert(place, last["row"])
    for number, name in last["asked"]:
        if number < len(typed["asks"]) and last["row"]["agency_id"] not in typed["asks"][number][name]:
            typed["asks"][number][name].append(last["row"]["agency_id"])
    typed[f"removed_{kind}"] = json.dumps(kept, ensure_ascii=False) if kept else ""
    return place


def removed(typed: Typed, kind: str) -> list[dict[str, Any]]:
    """What can be put back, the latest last. It comes from the page like every field: what is none of ours is left out."""
    try:
        given = json.loads(typed.get(f"removed_{kind}") or "[]")
        return [_kept(kind, one) for one in given]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _kept(kind: str, one: Mapping[str, Any]) -> dict[str, Any]:
    row = complete(kind)
    for name, empty_value in row.items():
        value = one["row"].get(name, empty_value)
        row[name] = [str(line) for line in value] if isinstance(empty_value, list) else str(value)
    asked = [
        (abs(int(number)), "consulted" if name == "consulted" else "responsible")
        for number, name in (one["asked"] if "agency_id" in row else ())  # nobody but an addressee is asked
    ]
    return {"place": abs(int(one["place"])), "row": row, "asked": asked}


def is_blank(typed: Typed) -> bool:
    """Whether nothing has been written yet."""
    return typed == empty() or not any(
        value for name, value in typed.items() if name not in DEFAULTS and value and value != DEFAULTS.get(name)
    )


def differences(mine: Typed, theirs: Typed) -> list[tuple[str, str, str]]:
    """What two people typed differently: where (a name such as `asks-0-quote`), mine, theirs."""
    flat_mine, flat_theirs = _flat(mine), _flat(theirs)
    names = dict.fromkeys([*flat_mine, *flat_theirs])
    return [
        (name, flat_mine.get(name, ""), flat_theirs.get(name, ""))
        for name in names
        if flat_mine.get(name, "") != flat_theirs.get(name, "")
    ]


def _flat(typed: Typed) -> dict[str, str]:
    flat = {name: str(typed.get(name, "")) for name in SINGLE}
    flat |= {name: ", ".join(typed.get(name, [])) for name in MANY}
    for kind in ROWS:
        for number, row in enumerate(typed.get(kind, [])):
            for name, value in row.items():
                flat[f"{kind}-{number}-{name}"] = ", ".join(value) if isinstance(value, list) else str(value)
    return flat


def _storable(value: str) -> str:
    """As a browser typed it, but for line ends and what the database cannot hold; that is flagged when it is read."""
    value = value.replace("\r\n", "\n").replace(NUL, "\N{REPLACEMENT CHARACTER}")
    return value.encode("utf-8", "replace").decode("utf-8")
