"""The standard feeds in the OpenAPI document: their parameters, and 304 for who has the present state."""

from typing import Any

from letters.api.feeds.about import BEFORE, FEEDS, About
from letters.api.parameters import Parameter
from letters.api.resources import SOURCES
from letters.api.write_schema import problem
from letters.enums import Scope

FEEDS_ARE = "Files for calendars, feed readers and spreadsheets, with the same keys and the same rows as the API."
ETAG = {"ETag": {"description": "Of this state of the file.", "schema": {"type": "string"}}}
SINCE = {
    "Last-Modified": {
        "description": "Since when it is so; left out in the very second in which that began, and where anything is filtered.",
        "schema": {"type": "string"},
    }
}
KNOWN: list[dict[str, Any]] = [
    {
        "name": name, "in": "header", "required": False, "schema": {"type": "string"},
        "description": f"The `{of}` of the file that you have: 304 where nothing in it changed.",
    }
    for name, of in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
]  # fmt: skip
UNCHANGED = {"description": "Nothing in it changed since. No body."}
PROBLEMS = ("bad-request", "unauthorized", "forbidden", "too-many-requests", "server-error", "busy")


def add_to(document: dict[str, Any]) -> None:
    """Put the feeds, and the conditional reads of single rows, into the document."""
    for feed in FEEDS:
        document["paths"][f"/feeds/{feed.name}"] = {"get": _operation(feed)}
    for path in (*(f"{name}/{{id}}/" for name in SOURCES), "attachments/{id}/download/"):
        detail = document["paths"][f"/api/v1/{path}"]["get"]
        detail["responses"]["200"].setdefault("headers", dict(ETAG))
        detail["parameters"].append(KNOWN[0] | {"description": "The `ETag` you have: 304 where the row is still so."})
        detail["responses"]["304"] = {"description": "The row is as you have it. No body.", "headers": dict(ETAG)}


def _operation(feed: About) -> dict[str, Any]:
    media = feed.content_type.partition(";")[0]
    responses = {
        "200": {
            "description": "The file.",
            "content": {media: {"schema": {"type": "string"}}},
            "headers": ETAG | SINCE,
        },
        "304": UNCHANGED | {"headers": ETAG | SINCE},
    }
    for kind in PROBLEMS:
        responses |= problem(kind)
    return {
        "operationId": "read_" + feed.name.replace(".", "_"),
        "summary": feed.title,
        "description": feed.about,
        "tags": ["feeds"],
        "security": [{"bearer": []}],
        "parameters": [*(_parameter(one, feed) for one in _known(feed)), *KNOWN],
        "responses": dict(sorted(responses.items())),
    }


def _known(feed: About) -> tuple[Parameter, ...]:
    if feed.fixed is None:
        return (BEFORE,)
    return tuple(one for one in SOURCES["taskings"][Scope.OFFICE].filtering if one.name not in feed.fixed)


def _parameter(one: Parameter, feed: About) -> dict[str, Any]:
    public = {BEFORE.name, *(known.name for known in SOURCES["taskings"][Scope.RELEASED].filtering)}
    only = "" if one.name in public else " Keys of scope `office` only."
    described = {
        "name": one.name,
        "in": "query",
        "required": False,
        "schema": one.schema(),
        "description": one.about + only,
    }
    return described | ({"style": "form", "explode": True} if one.many else {})
