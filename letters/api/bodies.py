"""What a request may carry: fields as data, which read a body, refuse it by JSON pointer, and describe themselves.

One table of fields serves three readers: the check of a request, the OpenAPI document and the docs page.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from letters.api.said import escaped, shown
from letters.errors import Problem

SLUG = r"[A-Za-z0-9_-]{1,120}"
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_ROWS = 300  # the longest list of signers we know has 223
MOST_TOLD = 100  # problems, each with the way out: a body has room for some hundred thousand
NOTHING: Any = object()  # a field that was not sent


@dataclass
class Reading:
    """A body as it is read: whatever is wrong with it, each by its JSON pointer (RFC 6901)."""

    problems: list[Problem] = field(default_factory=list)

    def wrong(self, at: str, value: Any, message: str) -> Any:
        """Note a problem; nothing is read from there."""
        if len(self.problems) < MOST_TOLD:
            self.problems.append(Problem(at, f"{at or 'The body'}: {message}", value))
        elif len(self.problems) == MOST_TOLD:
            more = f"The body: more is wrong with it than these {MOST_TOLD}. Mend them, and the rest is told."
            self.problems.append(Problem("", more))
        return NOTHING


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. `default` stands where it was not sent, but in a PATCH, where it stays as it is."""

    about: str = ""
    required: bool = False
    null: bool = False
    default: Any = None
    kind: str = ""

    def read(self, value: Any, at: str, reading: Reading) -> Any:
        """The value as verbs take it, or NOTHING with a problem noted."""
        if value is None:
            if self.null:
                return None
            return reading.wrong(at, value, f"null says nothing here. {self.way_out()}")
        return self.convert(value, at, reading)

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        raise NotImplementedError

    def way_out(self) -> str:
        raise NotImplementedError

    def schema(self) -> dict:
        """As OpenAPI 3.1 has it."""
        shape = self.shape()
        if self.null:
            shape = {**shape, "type": [shape["type"], "null"]}
            if "enum" in shape:
                shape["enum"] = [*shape["enum"], None]
        if self.default not in (None, NOTHING, ()):
            shape["default"] = self.default
        return {**shape, "description": self.about} if self.about else shape

    def shape(self) -> dict:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """Words. How long they may be is the verb's to say, in its own sentence."""

    limit: int
    kind: str = "text"
    default: Any = ""

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        if not isinstance(value, str):
            return reading.wrong(at, value, f"this is no text. {self.way_out()}")
        if "\x00" in value:
            # here, since some verbs ask the database for it before they check it, which takes none
            return reading.wrong(at, value, "it holds a NUL character (\\u0000). Remove it.")
        return value

    def way_out(self) -> str:
        return f"Send a string of at most {self.limit:,} characters."

    def shape(self) -> dict:
        return {"type": "string", "maxLength": self.limit}


@dataclass(frozen=True, kw_only=True)
class Code(Field):
    """One of a few words of ours; `/api/v1/vocabulary/` says what each means."""

    choices: tuple[str, ...]
    kind: str = "code"

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        if isinstance(value, str) and value in self.choices:
            return value
        return reading.wrong(at, value, f"{shown(value)} is not known. {self.way_out()}")

    def way_out(self) -> str:
        return f"Use one of: {', '.join(self.choices)}."

    def shape(self) -> dict:
        return {"type": "string", "enum": list(self.choices)}


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A day of the office's calendar."""

    kind: str = "date"

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        if isinstance(value, str) and DATE.fullmatch(value):
            try:
                return dt.date.fromisoformat(value)
            except ValueError:
                pass
        return reading.wrong(at, value, f"{shown(value)} is not a date. {self.way_out()}")

    def way_out(self) -> str:
        return "Write it as YYYY-MM-DD, for example 2023-05-24."

    def shape(self) -> dict:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    """Yes or no."""

    kind: str = "boolean"
    default: Any = False

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        if isinstance(value, bool):
            return value
        return reading.wrong(at, value, f"{shown(value)} is neither true nor false. {self.way_out()}")

    def way_out(self) -> str:
        return "Send true or false, without quotes."

    def shape(self) -> dict:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A whole number."""

    least: int
    most: int
    kind: str = "number"

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        # 7.0 is a whole number to JSON
        whole = float(value).is_integer() if isinstance(value, float) else type(value) is int
        if whole and self.least <= value <= self.most:
            return int(value)
        return reading.wrong(at, value, f"{shown(value)} does not fit. {self.way_out()}")

    def way_out(self) -> str:
        return f"Send a whole number from {self.least:,} to {self.most:,}."

    def shape(self) -> dict:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, kw_only=True)
class Known(Field):
    """A row that the record has already, by its id, slug or other name. `find` gives it, or None where a key sees none."""

    find: Callable[[str], Any]
    where: str  # how to learn what there is
    by: str = "slug"  # slug or id
    kind: str = "key"

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        found = self.find(value) if isinstance(value, str) and self._is_well_formed(value) else None
        if found is None:
            return reading.wrong(at, value, f"{shown(value)} is not known. {self.way_out()}")
        return found

    def _is_well_formed(self, value: str) -> bool:
        if self.by == "slug":
            return re.fullmatch(SLUG, value) is not None
        if self.by == "name":
            return 0 < len(value) <= 150 and value.isprintable()
        try:
            return str(uuid.UUID(value)) == value.lower()
        except ValueError:
            return False

    def way_out(self) -> str:
        return self.where

    def shape(self) -> dict:
        match self.by:
            case "slug":
                return {"type": "string", "pattern": f"^{SLUG}$"}
            case "name":
                return {"type": "string", "minLength": 1, "maxLength": 150}
        return {"type": "string", "format": "uuid"}


@dataclass(frozen=True, kw_only=True)
class Many(Field):
    """A list of fields of one kind."""

    of: Field
    most: int = MOST_ROWS
    kind: str = "list"
    default: Any = ()

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        if not isinstance(value, list):
            return reading.wrong(at, value, f"this is no list. {self.way_out()}")
        if len(value) > self.most:
            return reading.wrong(at, len(value), f"there are {len(value):,} in it. {self.way_out()}")
        read = [self.of.read(one, f"{at}/{place}", reading) for place, one in enumerate(value)]
        named: list[Any] = []
        for place, one in enumerate(read):
            # no verb has to say what both together would mean
            if (row := _row_of(one)) and row in named:
                read[place] = reading.wrong(f"{at}/{place}", value[place], "it stands twice. Name it once.")
            named.append(row)
        return NOTHING if NOTHING in read else read

    def way_out(self) -> str:
        return f"Send a list of at most {self.most}."

    def shape(self) -> dict:
        once = {"uniqueItems": True} if isinstance(self.of, Known) else {}
        return {"type": "array", "items": self.of.schema(), "maxItems": self.most, **once}


def _row_of(read: Any) -> Any:
    """The row that one of a list is, or is about; empty where it names none."""
    if isinstance(read, dict):
        named = read.get("id", read.get("tasking"))
        return named.lower() if isinstance(named, str) else getattr(named, "pk", None)
    return getattr(read, "pk", None)


@dataclass(frozen=True, kw_only=True)
class Body(Field):
    """An object: its fields by name. Unknown ones are refused, so that a typing error never looks like success."""

    name: str
    fields: Mapping[str, Field]
    partial: bool = False  # a PATCH: what is not sent stays as it is
    kind: str = "object"

    def convert(self, value: Any, at: str, reading: Reading) -> Any:
        if not isinstance(value, dict):
            return reading.wrong(at, value, f"this is no object. {self.way_out()}")
        known = ", ".join(self.fields) or "none"
        for name in value:
            if name not in self.fields:
                there = f"{at}/{escaped(name)}"
                reading.wrong(there, value[name], f"there is no such field here. Known: {known}.")
        read = {}
        for name, one in self.fields.items():
            there = f"{at}/{name}"
            if name in value:
                read[name] = one.read(value[name], there, reading)
            elif one.required:
                reading.wrong(there, None, f"it is missing. {one.way_out()}")
            elif not self.partial:
                read[name] = one.default
        return read

    def way_out(self) -> str:
        return f"Send an object with these fields: {', '.join(self.fields)}."

    @property
    def is_optional(self) -> bool:
        """Whether a request may leave the body out."""
        return not any(one.required for one in self.fields.values())

    def shape(self) -> dict:
        described = {name: one.schema() for name, one in self.fields.items()}
        required = [name for name, one in self.fields.items() if one.required]
        return {
            "type": "object", "properties": described, "additionalProperties": False,
            **({"required": required} if required else {}),
        }  # fmt: skip
