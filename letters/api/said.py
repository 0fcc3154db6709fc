"""Values and names of a request inside a sentence about it."""

from typing import Any


def shown(value: Any) -> str:
    """A value in a sentence, and not a megabyte of it."""
    if isinstance(value, str):
        text = value if len(value) <= 80 else value[:80] + "…"
        return f"“{text}”" if text.strip() else "an empty text"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return str(value)[:80]
    return "a list" if isinstance(value, list) else "an object"


def escaped(name: str) -> str:
    """A name as a step of a JSON pointer."""
    name = name if len(name) <= 80 else name[:80] + "…"
    return name.replace("~", "~0").replace("/", "~1")
