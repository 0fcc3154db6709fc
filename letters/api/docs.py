"""`/api/docs/`: our own page, made on the server from the OpenAPI document. Open to all, no script, one page to print."""

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.serializers import Serializer

from letters.api.about import ABOUT, INTRODUCTION
from letters.api.answered import examples
from letters.api.doc_fields import Field, of_shape
from letters.api.feed_schema import FEEDS_ARE
from letters.api.feeds.about import FEEDS
from letters.api.parameters import CURSOR
from letters.api.problems import KINDS
from letters.api.schema import document
from letters.api.scopes import READS, SCOPES
from letters.api.shapes.office import Snapshot
from letters.api.shapes.public import PublicSnapshot
from letters.api.vocabulary import vocabulary
from letters.api.write_schema import extras, tag_of
from letters.api.writes.all import WRITES
from letters.api.writing import Write
from letters.enums import EventKind, Scope

PROGRAMS = Path(__file__).resolve().parents[2] / "templates" / "api"
FOLLOWER, MIRROR, ROUND = (PROGRAMS / f"{name}.py.txt" for name in ("follower", "mirror", "round"))
SNAPSHOTS = (Snapshot, PublicSnapshot)
# The five minutes, as paths below /api/v1/: a test walks them.
STEPS: tuple[tuple[str, str], ...] = (
    ("See what there is. This needs no key.", ""),
    ("List the open items that agencies owe a reply to.", "taskings/?state=open&role=lead&limit=2"),
    ("Only those with Treasury, by the slug that each row carries.", "taskings/?state=open&role=lead&agency=treasury"),
    ("The letters of a member, newest first.", "letters/?signatory=H000601"),
    ("What happened, from the beginning. Keep the “cursor” of the answer.", "events/?limit=2"),
)


@dataclass(frozen=True)
class Address:
    """One GET."""

    path: str
    title: str
    about: str
    parameters: list[dict]
    fields: list[Field]
    answers: list[tuple[str, str]]  # scope, JSON
    beside: str = ""  # what else its answer has, said instead of listed


@dataclass(frozen=True)
class Change:
    """One write."""

    method: str
    path: str
    title: str
    about: str
    parameters: list[dict]
    fields: list[Field]
    example: str
    answers: str
    is_form: bool = False


@dataclass
class Resource:
    """One resource: its list and its single row, other reads beside them, and what can be written."""

    name: str
    scopes: tuple[Scope, ...]
    addresses: list[Address] = field(default_factory=list)
    others: list[Address] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The docs page."""
    api = request.build_absolute_uri(reverse("api:index"))
    context = {
        "introduction": INTRODUCTION,
        "api": api,
        "site": request.build_absolute_uri("/").rstrip("/"),
        "steps": [(words, path) for words, path in STEPS],
        "scopes": [(name, [_reads(scope, scopes) for scope in READS]) for name, scopes in SCOPES.items()],
        "resources": resources(),
        "feeds": feeds(),
        "feeds_are": FEEDS_ARE,
        "parts": parts(),
        "problems": [(code, *kind) for code, kind in KINDS.items()],
        "problem": json.dumps(examples().get("problem.bad-request", {}), indent=2, ensure_ascii=False),
        "event_kinds": EventKind.choices,
        "follower": FOLLOWER.read_text(),
        "mirror": MIRROR.read_text(),
        "vocabulary": vocabulary(Scope.OFFICE),
        "round": ROUND.read_text(),
    }
    return render(request, "api/docs.html", context)


def _reads(scope: Scope, allowed: tuple[Scope, ...]) -> str:
    if not set(READS[scope]) & set(allowed):
        return "no (403)"
    return "yes, what is public" if scope == Scope.RELEASED else "yes"


@cache
def resources() -> list[Resource]:
    """All resources, as the OpenAPI document has them."""
    found = []
    for name, about in ABOUT.items():
        resource = Resource(name, SCOPES[name])
        row, detail = (_fields(about, place) for place in (0, 1))
        in_rows = {one.name for one in row}
        more = [one for one in detail if one.name not in in_rows]
        resource.addresses.append(_address(name, f"/api/v1/{name}/", "list", row, "Each row of `results` has:"))
        beside = "All that a row has, and:" if more else "The same fields as a row."
        resource.addresses.append(_address(name, f"/api/v1/{name}/{{id}}/", "detail", more, beside))
        if name == "events":
            parts_of = _compared(Snapshot, PublicSnapshot)
            resource.addresses.append(_address("snapshot", "/api/v1/snapshot/", "all", parts_of, "It has:"))
        resource.others = [
            _address(name, path, "", fields := _answered(one["get"]), "It has:" if fields else "")
            for path, one in extras().items()
            if one["get"]["tags"] == [name]
        ]
        resource.changes = [_change(write) for write in WRITES if tag_of(write) == name]
        found.append(resource)
    return found


def _answered(operation: dict) -> list[Field]:
    """The fields of an answer that is one object; of the vocabulary none, which the page prints whole."""
    (content,) = operation["responses"]["200"]["content"].values()
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    return [replace(one, released="no") for one in of_shape(name)] if name not in ("", "Vocabulary") else []


@cache
def feeds() -> list[Address]:
    """The standard feeds."""
    return [_address("feeds", f"/feeds/{feed.name}", "", [], "") for feed in FEEDS]


def _change(write: Write) -> Change:
    path = f"/api/v1/{write.path}"
    operation = document()["paths"][path][write.method.lower()]
    answer = f"Answers {ABOUT[write.answers].one} as GET of it does" if write.answers else "Answers nothing (204)"
    return Change(
        write.method,
        path,
        operation["summary"],
        operation["description"],
        [
            {"name": one["name"], "about": one["description"]}
            for one in operation["parameters"]
            if one["in"] == "header"
        ],
        of_shape(write.body.name) if write.body.fields else [],
        json.dumps(write.example, indent=2, ensure_ascii=False) if write.example else "",
        answer + (", 201 with its address in `Location`." if write.creates else "."),
        write.uploads,
    )


@cache
def parts() -> list[tuple[str, list[Field]]]:
    """The nested objects, each once, in the order in which tables name them."""
    found: dict[str, list[Field]] = {}
    waiting = [one.part for write in WRITES if write.body.fields for one in of_shape(write.body.name) if one.part]
    waiting += [
        one.part
        for about in ABOUT.values()
        for shape in (*about.office, *(about.public or ()), *SNAPSHOTS)
        for one in of_shape(shape.__name__)
        if one.part
    ]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = of_shape(name)
            waiting += [one.part for one in found[name] if one.part]
    return list(found.items())


def _address(name: str, path: str, place: str, fields: list[Field], beside: str) -> Address:
    operation = document()["paths"][path]["get"]
    return Address(
        path,
        operation["summary"],
        operation["description"],
        [_parameter(one) for one in operation["parameters"]],
        fields,
        [
            (scope, json.dumps(value, indent=2, ensure_ascii=False))
            for scope in ("office", "office:write", "released")
            if (value := examples().get(f"{name}.{place}.{scope}"))
        ],
        beside,
    )


def _parameter(one: dict) -> dict:
    schema, about = one["schema"], one["description"]
    only = " Keys of scope `office` only."
    return {
        "name": one["name"],
        "about": about.removesuffix(only),
        "office_only": about.endswith(only),
        "values": _values(schema),
        "default": schema.get("default", ""),
    }


def _values(schema: dict) -> str:
    if schema["type"] == "array":
        return _values(schema["items"]) + "; may be repeated"
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if "maximum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    if schema.get("format") == "date":
        return "YYYY-MM-DD"
    if schema.get("format") == "uuid":
        return "UUID"
    if schema["type"] == "boolean":
        return "true, false"
    if "pattern" not in schema and "maxLength" not in schema:
        return "text"  # of a header
    if "maxLength" in schema:
        return f"up to {schema['maxLength']} characters"
    return "cursor" if CURSOR.pattern in schema["pattern"] else "slug or code"


def _fields(about, place: int) -> list[Field]:
    return _compared(about.office[place], about.public[place] if about.public else None)


def _compared(office: type[Serializer], released: type[Serializer] | None) -> list[Field]:
    """The office's fields, each with what a released key gets of it."""
    public = {one.name: one for one in of_shape(released.__name__)} if released else {}
    marked = []
    for one in of_shape(office.__name__):
        twin = public.get(one.name)
        released = "no" if twin is None else "yes"
        if twin and (twin.type, twin.part) != (one.type, one.part):
            released = f"yes, as {twin.part or twin.type}"
        marked.append(Field(one.name, one.type, one.about, one.part, released))
    offices = {one.name for one in marked}
    return marked + [
        Field(one.name, one.type, one.about, one.part, "only there")
        for one in public.values()
        if one.name not in offices
    ]
