"""Hold answers against the OpenAPI document, closed: a field that is not described is a failure, as is a missing one."""

import copy
from typing import Any

import jsonschema

from letters.api.schema import document


def closed_document() -> dict[str, Any]:
    """The document with no room for fields that it does not name."""
    closed = copy.deepcopy(document())
    for schema in closed["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return closed


def check(answer: Any, component: str) -> None:
    """Raise unless the answer is exactly of this shape, dates and UUIDs included."""
    schema = {**closed_document(), "$ref": f"#/components/schemas/{component}"}
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    problems = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in checker.iter_errors(answer)]
    assert problems == []
