"""What a verb refuses, in the words of who asked the API: the place in the body, the codes, and the address of the way out.

A verb speaks of its own fields, of words on screen and of pages.
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from letters.api.bodies import Body
from letters.errors import Problem

OF_A_DRAFTS_ASK = re.compile(r"^asks-\d+-")  # as `readiness.check_ready` names it


class Pointed(Protocol):
    """What there is to know of a write (`writing.Write`)."""

    @property
    def body(self) -> Body: ...
    @property
    def fields(self) -> Mapping[str, str]: ...
    @property
    def ways(self) -> Mapping[str, str]: ...


def told(write: Pointed, problem: Problem, sent: Any, key: Any = "") -> Problem:
    """With what was sent at its place: of a row that is named a verb knows the row, and of a rule of its own nothing.
    `key`: the id in the address."""
    at = pointer(write, problem.field)
    there = _there(sent, at)
    codes = f"As codes: {', '.join(problem.codes)}." if problem.codes else ""
    # what may follow is nothing where the record keeps the item closed: then the sentence has the way out
    is_told = problem.field != "to" or problem.codes
    way = write.ways.get(problem.field, "").format(id=key) if is_told else ""
    message = " ".join(part for part in (problem.message, codes, way) if part)
    return Problem(at, message, there if isinstance(there, str | int | float) else problem.value)


def pointer(write: Pointed, name: str) -> str:
    """Where in the body a field of the verb is: `promised_on` is /promised_on. What is in no body keeps its name, as the
    asks of a draft that is sent: the sentence says which."""
    name = OF_A_DRAFTS_ASK.sub("", name)
    name = write.fields.get(name, name)
    if name.startswith("/"):  # a plan's own key: /asks/0-summary
        place, _, inner = name.partition("-")
        if "-" in inner:  # /asks/0-treasury-agency: one of its agencies, and /asks/0-consulted-treasury-agency
            inner = "consulted" if inner.startswith("consulted-") else "responsible"
        inner = write.fields.get(inner, inner)
        return f"{place}/{inner}" if inner else place
    return f"/{name}" if name.partition("/")[0] in write.body.fields else name


def _there(sent: Any, at: str) -> Any:
    """What was sent at this place, if anything."""
    for name in at.split("/")[1:]:
        parts = {str(n): one for n, one in enumerate(sent)} if isinstance(sent, list) else sent
        sent = parts.get(name) if isinstance(parts, dict) else None
    return sent
