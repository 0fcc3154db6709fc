"""The bodies of writes as OpenAPI has them: every object once, under its name."""

from collections.abc import Iterable
from typing import Any

from letters.api.bodies import Body, Many


def components(bodies: Iterable[Body]) -> dict[str, Any]:
    """The bodies, each object once."""
    return {name: _component(body) for name, body in all_fields(bodies).items()}


def _component(body: Body) -> dict[str, Any]:
    shape = body.shape()
    for name, one in body.fields.items():
        shape["properties"][name] = _nested(one) or shape["properties"][name]
    return shape


def _nested(one: Any) -> dict[str, Any] | None:
    if isinstance(one, Body):
        reference = {"$ref": f"#/components/schemas/{one.name}"}
        return {"anyOf": [reference, {"type": "null"}], "description": one.about} if one.null else reference
    if isinstance(one, Many) and isinstance(one.of, Body):
        schema = one.schema()
        return {**schema, "items": {"$ref": f"#/components/schemas/{one.of.name}"}}
    return None


def all_fields(bodies: Iterable[Body]) -> dict[str, Body]:
    """Each body, and each object inside one, by name."""
    found: dict[str, Body] = {}
    for body in bodies:
        found[body.name] = body
        for one in body.fields.values():
            inner = one.of if isinstance(one, Many) else one
            if isinstance(inner, Body):
                found |= all_fields([inner])
    return found
