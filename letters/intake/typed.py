"""What the page "Log a letter" sends, as it is kept: flat names with an index in, rows of raw words out. Judges nothing."""

import hashlib
import json
import re
import secrets
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
    "signers": ("printed_name", "printed_title", "member", "bioguide", "confirmed", "lead", "doubt", "state", "party", "read", "read_on", "id"),
    "addressees": ("printed_name", "official", "printed_title", "address", "agency", "agency_id", "delivery", "id"),
    "asks": (
        "kind", "proposed", "summary", "quote", "bureau", "bureau_id", "acting", "acting_id", "instrument", "requested_list",
        "requested_by", "questions", "id",
    ),
}  # fmt: skip
ROWS_MANY = {"asks": ("responsible", "consulted", "target", "target_id", "target_kind", "target_parent")}
# what a new row is about: two people who read the same block or mark the same words make the same row
ABOUT = {"signers": ("printed_name",), "addressees": ("printed_name", "agency_id"), "asks": ("quote", "questions")}
ROW_ID = re.compile(r"[0-9a-f]{1,12}")
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
    return identified(found | {kind: [complete(kind, row) for row in found[kind]] for kind in ROWS})


def identified(typed: Typed, *, new: bool = False) -> Typed:
    """The sheet with an id for each of its rows, by which it is known wherever it stands. A row without one is of an older
    page, and has its place for an id: the same for everybody who has that page; unless it is `new`."""
    for kind in ROWS:
        taken: set[str] = set()
        without = []
        for place, row in enumerate(typed[kind]):
            if row["id"] in taken or not ROW_ID.fullmatch(row["id"]):
                without.append((place, row))
            else:
                taken.add(row["id"])
        for place, row in without:
            own = _new_id(kind, row) if new else f"{place:x}"
            row["id"] = own if own not in taken else _unlike(taken)
            taken.add(row["id"])
    return typed


def _new_id(kind: str, row: Mapping[str, Any]) -> str:
    about = [row[name] for name in ABOUT[kind]]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:10] if any(about) else secrets.token_hex(5)


def _unlike(taken: set[str]) -> str:
    """For the second of two rows alike: the same at each reading of the same sheet."""
    return next(own for number in range(1, len(taken) + 2) if (own := f"ff{number:x}") not in taken)


def is_empty(kind: str, row: Mapping[str, Any]) -> bool:
    """Whether nothing stands in it. Of a row that nobody filled in a page sends a line for no company, and “to”."""
    lines: dict[str, Any] = {name: [] for name, value in row.items() if isinstance(value, list) and not any(value)}
    to_nobody = {"delivery": ""} if row.get("delivery") == "to" else {}
    return {**row, **lines, **to_nobody} == complete(kind, {"id": row["id"]})


MOST_REMOVED = 20  # rows of each kind that can be put back, the latest first


def remove(typed: Typed, kind: str, place: int) -> None:
    """Take a row off the sheet. One with words in it is kept beside it, so that `put_back` gives it again."""
    row = typed[kind].pop(place)
    if is_empty(kind, row):
        return
    # an agency that is no longer addressed has no ticks on the page, so they would not come back with it
    # by the id of the ask, which may be moved meanwhile
    asked = [
        [ask["id"] if ROW_ID.fullmatch(ask["id"]) else number, name]
        for number, ask in enumerate(typed["asks"] if kind == "addressees" else [])
        for name in ("responsible", "consulted")
        if row["agency_id"] and row["agency_id"] in ask[name]
    ]
    keep_removed(typed, kind, [*removed(typed, kind), {"place": place, "row": row, "asked": asked}][-MOST_REMOVED:])


def put_back(typed: Typed, kind: str) -> int:
    """The row that was removed last, where it stood, and its place; -1 where none is kept."""
    kept = removed(typed, kind)
    if not kept:
        return -1
    last = kept.pop()
    place = min(last["place"], len(typed[kind]))
    typed[kind].insert(place, last["row"])
    for which, name in last["asked"]:
        for number, ask in enumerate(typed["asks"]):
            if which in (ask["id"], number) and last["row"]["agency_id"] not in ask[name]:
                ask[name].append(last["row"]["agency_id"])
    keep_removed(typed, kind, kept)
    return place


def keep_removed(typed: Typed, kind: str, kept: list[dict[str, Any]]) -> None:
    """What can be put back from now on, as `removed` gives it."""
    typed[f"removed_{kind}"] = json.dumps(kept, ensure_ascii=False) if kept else ""


def removed(typed: Typed, kind: str) -> list[dict[str, Any]]:
    """What can be put back, the latest last. It comes from the page like every field: what is none of ours is left out."""
    try:
        given = json.loads(typed.get(f"removed_{kind}") or "[]")
        return [_kept(kind, one) for one in given]
    except (ValueError, OverflowError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _kept(kind: str, one: Mapping[str, Any]) -> dict[str, Any]:
    row = complete(kind)
    for name, empty_value in row.items():
        value = one["row"].get(name, empty_value)
        row[name] = [str(line) for line in value] if isinstance(empty_value, list) else str(value)
    asked = [
        # the number of the ask in a draft that is older than the ids of asks
        (which if isinstance(which, str) else abs(int(which)), "consulted" if name == "consulted" else "responsible")
        for which, name in (one["asked"] if "agency_id" in row else ())  # nobody but an addressee is asked
    ]
    return {"place": abs(int(one["place"])), "row": row, "asked": asked}


def is_blank(typed: Typed) -> bool:
    """Whether nothing has been written yet."""
    return typed == empty() or not any(
        value for name, value in typed.items() if name not in DEFAULTS and value and value != DEFAULTS.get(name)
    )


def _storable(value: str) -> str:
    """As a browser typed it, but for line ends and what the database cannot hold; that is flagged when it is read."""
    value = value.replace("\r\n", "\n").replace(NUL, "\N{REPLACEMENT CHARACTER}")
    return value.encode("utf-8", "replace").decode("utf-8")
