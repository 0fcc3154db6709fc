"""Within version 1 nothing is taken away: the document against the one that consumers build on.

After adding to the API on purpose: `WRITE_SCHEMA=1 .venv/bin/python -m pytest tests/api/test_breaking.py`.
"""

import copy
import json
import os
from collections.abc import Iterator

from django.conf import settings

from letters.api.schema import document

KEPT = settings.BASE_DIR / "docs" / "openapi-v1.json"
PROSE = ("description", "summary", "title", "examples", "example")
# What is said of a value where nothing was said, it may be less than before.
NARROWS = (
    "enum", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip


def missing(before, now) -> list[str]:
    """What was promised and is gone, or is asked for anew of those who write, by its place; words for people may change."""
    return list(_missing(before, now, "", _sent(before)))


def _missing(before, now, at: str, sent: set[str]) -> Iterator[str]:
    if isinstance(before, dict):
        if not isinstance(now, dict):
            yield at
            return
        if _is_sent(at, sent):
            yield from (f"{at}/required/{one} is new" for one in _required(now) if one not in _required(before))
        if (_is_sent(at, sent) or "/parameters/" in at) and not at.endswith("/properties"):
            yield from (f"{at}/{one} is new" for one in NARROWS if one in now and one not in before)
        for name in before:
            if name not in PROSE or at.endswith("/properties"):
                if name in now:
                    yield from _missing(before[name], now[name], f"{at}/{name}", sent)
                else:
                    yield f"{at}/{name}"
    elif isinstance(before, list):
        if not isinstance(now, list) or any(one not in now for one in before if not isinstance(one, dict)):
            yield at
            return
        promised, given = _by_name(before), _by_name(now)
        yield from _missing(promised, given, at, sent)
        for name, one in given.items():
            # the only objects that are required are parameters
            if name not in promised and one.get("required") is True:
                yield f"{at}/{name} is new"
    elif before != now:
        yield at


def _by_name(parts: list) -> dict[str, dict]:
    """The objects in a list: parameters by where they stand and their name, others by their place."""
    return {
        f"{one['in']}:{one['name']}" if {"in", "name"} <= one.keys() else str(place): one
        for place, one in enumerate(parts)
        if isinstance(one, dict)
    }


def _required(schema: dict) -> list[str]:
    """Names; of a parameter or a whole body, where it is a yes or no, none."""
    names = schema.get("required", [])
    return names if isinstance(names, list) else []


def _is_sent(at: str, sent: set[str]) -> bool:
    """Whether a place is of what consumers send."""
    return "/requestBody/" in at or at.removeprefix("/components/schemas/").partition("/")[0] in sent


def _sent(part: dict) -> set[str]:
    """The schemas that bodies of requests are made of."""
    schemas = part["components"]["schemas"]
    bodies = [one["requestBody"] for path in part["paths"].values() for one in path.values() if "requestBody" in one]
    found, ahead = set(), _references(bodies)
    while ahead:
        found |= ahead
        ahead = _references([schemas[name] for name in ahead]) - found
    return found


def _references(part) -> set[str]:
    if isinstance(part, list):
        return set().union(*(_references(one) for one in part))
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"].rpartition("/")[2]} if isinstance(part.get("$ref"), str) else set()
    return own | _references(list(part.values()))


def test_nothing_that_was_promised_is_gone():
    if os.environ.get("WRITE_SCHEMA"):
        KEPT.write_text(json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    assert missing(json.loads(KEPT.read_text()), document()) == []


def test_what_is_taken_away_is_seen():
    changed = copy.deepcopy(document())
    del changed["components"]["schemas"]["Tasking"]["properties"]["due_on"]
    del changed["paths"]["/api/v1/contacts/"]["post"]
    assert sorted(missing(document(), changed)) == [
        "/components/schemas/Tasking/properties/due_on",
        "/paths//api/v1/contacts//post",
    ]


def test_a_parameter_that_is_taken_away_or_narrowed_is_seen():
    changed = copy.deepcopy(document())
    asked = changed["paths"]["/api/v1/taskings/"]["get"]["parameters"]
    names = [one["name"] for one in asked]
    asked[names.index("order")]["schema"]["enum"].remove("due_on")
    del asked[names.index("owner")]
    asked.append({"name": "test", "in": "query", "required": False, "schema": {"type": "string"}})
    assert sorted(missing(document(), changed)) == [
        "/paths//api/v1/taskings//get/parameters/query:order/schema/enum",
        "/paths//api/v1/taskings//get/parameters/query:owner",
    ]


def test_what_is_asked_for_anew_is_seen():
    changed = copy.deepcopy(document())
    paths, schemas = changed["paths"], changed["components"]["schemas"]
    wanted = {"name": "test", "in": "query", "required": True, "schema": {"type": "string"}}
    paths["/api/v1/taskings/"]["get"]["parameters"].append(wanted)
    match = next(
        one for one in paths["/api/v1/taskings/{id}/owner/"]["post"]["parameters"] if one["name"] == "If-Match"
    )
    match["required"] = True
    schemas["NewDraft"]["required"].append("text")
    schemas["NewSignature"]["required"] = [*schemas["NewSignature"].get("required", []), "printed_title"]
    schemas["Tasking"]["required"].append("test")  # what answers have more of is no harm
    assert sorted(missing(document(), changed)) == [
        "/components/schemas/NewDraft/required/text is new",
        "/components/schemas/NewSignature/required/printed_title is new",
        "/paths//api/v1/taskings//get/parameters/query:test is new",
        "/paths//api/v1/taskings/{id}/owner//post/parameters/header:If-Match/required",
    ]


def test_what_may_be_sent_and_becomes_narrower_is_seen():
    changed = copy.deepcopy(document())
    changed["components"]["schemas"]["NewNote"]["properties"]["text"]["pattern"] = "^TEST"
    asked = changed["paths"]["/api/v1/taskings/"]["get"]["parameters"]
    next(one for one in asked if one["name"] == "due_after")["schema"]["enum"] = ["2023-05-24"]
    assert sorted(missing(document(), changed)) == [
        "/components/schemas/NewNote/properties/text/pattern is new",
        "/paths//api/v1/taskings//get/parameters/query:due_after/schema/enum is new",
    ]
