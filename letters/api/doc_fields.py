"""Tables of fields for the docs page, from the shapes in the OpenAPI document."""

from dataclasses import dataclass
from functools import cache

from letters.api.schema import document


@dataclass(frozen=True)
class Field:
    """One line of a table of fields. `part` names the table that a nested object has."""

    name: str
    type: str
    about: str
    part: str = ""
    released: str = ""  # yes, no, or how it differs


@cache
def of_shape(name: str) -> list[Field]:
    """The fields of an object of the document."""
    properties = document()["components"]["schemas"][name]["properties"]
    return [_field(field_name, schema) for field_name, schema in properties.items()]


def _field(name: str, schema: dict) -> Field:
    # what an enum's codes mean follows its own sentence
    about, _, codes = schema.get("description", "").partition("* `")
    about = about.strip()
    nullable = ""
    for choices in ("oneOf", "anyOf", "allOf"):
        if choices in schema:
            nullable = " or null" if {"type": "null"} in schema[choices] else ""
            schema = next(one for one in schema[choices] if one != {"type": "null"})
    if "$ref" in schema:
        return Field(name, "object" + nullable, about, _part(schema))
    if schema.get("type") == "array":
        inner = schema["items"]
        if "$ref" in inner:
            return Field(name, "list", about, _part(inner))
        return Field(name, f"list of {_type(inner)}", about)
    if codes:
        meanings = ("* `" + codes).replace("* `", "").replace("` - ", ": ").splitlines()
        about = f"{about} {'; '.join(meanings)}.".strip()
    return Field(name, _type(schema), about)


def _part(schema: dict) -> str:
    return schema["$ref"].rpartition("/")[2]


def _type(schema: dict) -> str:
    types = schema.get("type", "object")
    types = [types] if isinstance(types, str) else types
    words = {"date": "date", "date-time": "date and time", "uuid": "UUID", "uri": "URL"}
    if "enum" in schema:
        shown = "code"
    else:
        shown = words.get(schema.get("format", ""), next(one for one in types if one != "null"))
    return f"{shown} or null" if "null" in types else shown
