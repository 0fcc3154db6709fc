"""What may follow the question mark: known, well-formed, or refused with a sentence. Nothing is ignored silently."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

import django_filters as filters
from rest_framework.request import Request

from letters.api.problems import Refused, refuse_parameters
from letters.domain.feed import MAX_PAGE as MAX_EVENTS
from letters.domain.keyset import MAX_PAGE
from letters.domain.news import CHANGES
from letters.errors import Problem
from letters.filter_fields import EACH_MOST, EachFilter, WholeFilter
from letters.filters import WRONG

DEFAULT_PAGE, DEFAULT_EVENTS = 50, 100
MAX_PARAMETERS = 100
MAX_WORDS = 200
MOST_ASKS = 9999  # as the pages have it
# What filters of many take where nothing else is known.
CODES = {"change": tuple(CHANGES)}
SLUGS = frozenset({"target"})
CURSOR = re.compile(r"[A-Za-z0-9_-]{1,2000}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NO_NUL = r"^[^\u0000]*$"
SLUG = re.compile(r"[A-Za-z0-9_-]{1,120}")


@dataclass(frozen=True)
class Parameter:
    """One query parameter: how it is checked, and what schema and docs say of it."""

    name: str
    kind: str  # text, choice, date, boolean, key, integer (of rows), number, cursor
    about: str
    choices: tuple[str, ...] = ()
    maximum: int = 0  # characters of a text, value of an integer
    default: str | None = None
    many: bool = False
    most: int = 0  # of several values, each given once; 0: any number
    office_only: tuple[str, ...] = ()  # values that need a key of scope `office`, where this reader has none
    example: str = ""

    def problem(self, value: str) -> Problem | None:
        """What is wrong with a value, said with the way out; None when it can be used."""
        way_out = self._way_out(value)
        if way_out is None:
            return None
        shown = value if len(value) <= 80 else value[:80] + "…"
        said = "nothing was given" if value == "" else f"“{shown}” {way_out[0]}"
        return Problem(self.name, f"{self.name}: {said}. {way_out[1]}", value)

    def schema(self) -> dict[str, Any]:
        """The same limits, as OpenAPI has them."""
        match self.kind:
            case "integer":
                return {"type": "integer", "minimum": 1, "maximum": self.maximum, "default": int(self.default or 1)}
            case "number":
                return {"type": "integer", "minimum": 1, "maximum": self.maximum}
            case "choice":
                choices: dict = {"type": "string", "enum": list(self.choices)}
                if self.default:
                    choices["default"] = self.default
                if not self.many:
                    return choices
                bounds = {"maxItems": self.most, "uniqueItems": True} if self.most else {}
                return {"type": "array", "items": choices, "minItems": 1, **bounds}
            case "date":
                return {"type": "string", "format": "date"}
            case "boolean":
                return {"type": "boolean"}
            case "key":
                return {"type": "string", "pattern": f"^{SLUG.pattern}$"}
            case "cursor":
                return {"type": "string", "pattern": f"^{CURSOR.pattern}$"}
        return {"type": "string", "minLength": 1, "maxLength": self.maximum, "pattern": NO_NUL}

    def _way_out(self, value: str) -> tuple[str, str] | None:
        match self.kind:
            case "integer":
                fits = _is_whole(value, self.maximum)
                words = (
                    "is not a page size",
                    f"Use a whole number from 1 to {self.maximum}, and follow “next” for more.",
                )
            case "number":
                fits = _is_whole(value, self.maximum)
                words = ("is not known", self.about)
            case "choice":
                fits = value in self.choices
                words = ("is not known", f"Use one of: {', '.join(self.choices)}.")
            case "date":
                fits = _is_date(value)
                words = WRONG[filters.DateFilter]
            case "boolean":
                fits = value in ("true", "false")
                words = WRONG[filters.BooleanFilter]
            case "key":
                fits = SLUG.fullmatch(value) is not None
                words = ("is not known", self.about)
            case "cursor":
                fits = CURSOR.fullmatch(value) is not None
                words = (
                    "is not a cursor",
                    "Use one that an earlier answer gave, or leave it out to start at the beginning.",
                )
            case _:
                fits = 0 < len(value) <= self.maximum and "\x00" not in value
                words = ("cannot be searched for", f"Use 1 to {self.maximum} characters, none of them NUL.")
        return None if fits else words


LIMIT = Parameter("limit", "integer", "Rows on a page.", maximum=MAX_PAGE, default=str(DEFAULT_PAGE), example="50")
PAGE_CURSOR = Parameter("cursor", "cursor", "Where the page begins; taken from “next”, which carries it.")
EVENT_LIMIT = Parameter(
    "limit", "integer", "Events on a page.", maximum=MAX_EVENTS, default=str(DEFAULT_EVENTS), example="100"
)


@dataclass
class Asked:
    """The parameters of a request, all known and well-formed."""

    pairs: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value given, the last one of several."""
        return dict(self.pairs).get(name, default)

    def all(self, name: str) -> list[str]:
        """Each value given."""
        return [value for one, value in self.pairs if one == name]


def read(request: Request, known: tuple[Parameter, ...], office_only: Mapping[str, str] | None = None) -> Asked:
    """The query, checked. `office_only` says of each name why a public key may not use it (403).

    Raises 400 with every parameter at fault: unknown, malformed, given twice, not UTF-8, with NUL in it.
    """
    pairs = _decoded(request)
    by_name = {parameter.name: parameter for parameter in known}
    for name, value in pairs:
        if office_only and name in office_only:
            message = f"{name}: {office_only[name]} Leave it out, or use a key of scope “office”."
            raise Refused(403, message, problems=[Problem(name, message, value)])
    problems: list[Problem] = []
    seen: dict[str, list[str]] = {}
    for name, value in pairs:
        parameter = by_name.get(name)
        if parameter is None:
            problems.append(Problem(name, _unknown(name, by_name), value))
        elif value in parameter.office_only:
            message = f"{name}: “{value}” needs a key of scope “office”. Leave it out, or use such a key."
            raise Refused(403, message, problems=[Problem(name, message, value)])
        elif name in seen and not parameter.many:
            problems.append(Problem(name, f"{name}: it was given twice. Give it once.", value))
        elif parameter.most and value in seen.get(name, ()):
            problems.append(Problem(name, f"{name}: “{value}” was given twice. Give it once.", value))
        elif parameter.most and len(seen.get(name, ())) == parameter.most:
            problems.append(
                Problem(
                    name,
                    f"{name}: “{value}” is one too many; at most {parameter.most} are given at once. Ask again for it.",
                    value,
                )
            )
        elif problem := parameter.problem(value):
            problems.append(problem)
        seen.setdefault(name, []).append(value)
    refuse_parameters(problems)
    return Asked(pairs)


def of_filters(filterset: type[filters.FilterSet], about: Mapping[str, str]) -> tuple[Parameter, ...]:
    """The parameters that a set of filters takes, in words from `about`."""
    return tuple(
        _of_filter(name, one, about.get(name) or f"{one.label or name}.")
        for name, one in filterset.base_filters.items()
    )


def _of_filter(name: str, one: filters.Filter, about: str) -> Parameter:
    match one:
        case filters.ModelChoiceFilter():
            return Parameter(name, "key", about)
        case filters.MultipleChoiceFilter() | filters.ChoiceFilter():
            codes = tuple(str(code) for code, _ in one.extra["choices"])
            return Parameter(name, "choice", about, codes, many=isinstance(one, filters.MultipleChoiceFilter))
        case filters.DateFilter():
            return Parameter(name, "date", about, example="2023-05-24")
        case filters.BooleanFilter():
            return Parameter(name, "boolean", about)
        case WholeFilter():
            return Parameter(name, "number", about, maximum=MOST_ASKS)
        case EachFilter() if name in CODES:
            return Parameter(name, "choice", about, CODES[name], many=True, most=EACH_MOST)
    longest = one.extra.get("max_length", MAX_WORDS)
    kind = "key" if name in SLUGS and isinstance(one, EachFilter) else "text"
    return Parameter(name, kind, about, maximum=longest, many=isinstance(one, EachFilter))


def not_found(parameter: Parameter, value: str) -> Problem:
    """A slug or id that names nothing the reader may see."""
    return Problem(parameter.name, f"{parameter.name}: “{value}” is not known. {parameter.about}", value)


def _decoded(request: Request) -> list[tuple[str, str]]:
    raw = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    parts = [part for part in raw.split(b"&") if part]
    if len(parts) > MAX_PARAMETERS:
        raise Refused(400, f"The query has {len(parts)} parameters; at most {MAX_PARAMETERS} are read. Leave some out.")
    pairs = []
    for part in parts:
        name, _, value = part.replace(b"+", b" ").partition(b"=")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    decoded, problems = [], []
    for name, value in pairs:
        shown = name.decode("utf-8", "replace")
        try:
            decoded.append((name.decode(), value.decode()))
        except UnicodeDecodeError:
            problems.append(
                Problem(
                    shown,
                    f"{shown}: the bytes sent are not UTF-8 text. Percent-encode the UTF-8 form, for example %C3%A9 for é.",
                    value.decode("utf-8", "replace"),
                )
            )
            continue
        if b"\x00" in name + value:
            problems.append(
                Problem(shown, f"{shown}: it holds a NUL character (%00). Remove it.", value.decode("utf-8", "replace"))
            )
    refuse_parameters(problems)
    return decoded


def _unknown(name: str, known: Mapping[str, Parameter]) -> str:
    shown = (name if len(name) <= 80 else name[:80] + "…") or "(a parameter without a name)"
    if not known:
        return f"{shown}: there is no such parameter; this address takes none. Leave it out."
    return f"{shown}: there is no such parameter here. Known: {', '.join(sorted(known))}."


def _is_whole(value: str, maximum: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 6 and 1 <= int(value) <= maximum


def _is_date(value: str) -> bool:
    if not DATE.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def as_data(asked: Asked, names: set[str]) -> dict[str, Any]:
    """What a form reads its fields from: lists, for what may be given more than once."""
    data: dict[str, list[str]] = {}
    for name, value in asked.pairs:
        if name in names:
            data.setdefault(name, []).append(value)
    return data
