"""An agency's reply record in the OpenAPI document."""

from collections.abc import Iterable
from typing import Any

from letters import enums
from letters.api.office import record
from letters.domain.outcomes import REPLIED

RECORD_IS = (
    "What was put to one agency and what came of it, in the numbers of its page: what a key may see, lead taskings only, none "
    "entered in error. It takes the filters of `taskings/`, and each number is that of the rows of `taskings/` with "
    "`agency`, `role=lead` and the filter of that name. In time is counted by what the date rests on: a yardstick is not a "
    "deadline. The page counts `ours=led` where nothing is chosen. Keys of scope `office` only."
)


def _counts(names: Iterable[str], about: str) -> dict[str, Any]:
    named = dict.fromkeys(names, NUMBER)
    return {"type": "object", "properties": named, "required": list(named), "description": about}


NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}
KEPT = {
    "type": "object",
    "properties": {"in_time": NUMBER, "judged": NUMBER},
    "required": ["in_time", "judged"],
    "description": "Of those that can be judged (it came, or its date has passed), how many were in time.",
}
MAYBE = {"type": ["integer", "null"], "minimum": 0}
LONGEST = {
    "type": ["object", "null"],
    "properties": {
        "tasking": {"type": "string", "format": "uuid"},
        "url": {"type": "string", "format": "uri"},
        "days": NUMBER,
        "answered": {"type": "boolean", "description": "Whether an answer ended it; or it waits still, or was let go."},
    },
    "required": ["tasking", "url", "days", "answered"],
    "description": "The one that waited longest, in calendar days.",
}
PARTS: dict[str, dict[str, Any]] = {
    "agency": {"$ref": "#/components/schemas/AgencyRef"},
    "asked": NUMBER | {"description": "How many items were put to it."},
    "open": NUMBER | {"description": "Of these, open."},
    "statuses": _counts([one.value for one in record.ENDS], "Where they stand, or how they ended."),
    "first_word": KEPT
    | {"description": "Their first word, of whatever kind: how many came in time, of those that can be judged."},
    "answered": {
        "type": "object",
        "properties": {basis.value: KEPT for basis in enums.Basis},
        "required": [basis.value for basis in enums.Basis],
        "description": "By what the date rests on that counts now; never to be added up.",
    },
    "replied": _counts(REPLIED, "What the replies say of each, by the one that says most."),
    "more_time": NUMBER | {"description": "Given more time than their date first was."},
    "late_original": NUMBER | {"description": "Of these, late against the date before it."},
    "late_both": NUMBER | {"description": "Of these, late against the later date, too."},
    "half_answered_within": MAYBE
    | {"description": "Days within which half were answered, those still waiting counted as waiting; null: not yet."},
    "half_wait_more_than": MAYBE
    | {"description": "Where that is null: days that at least half are known to have waited."},
    "longest_wait": LONGEST,
}
AGENCY_RECORD = {"type": "object", "properties": PARTS, "required": list(PARTS)}


def filters() -> list[dict[str, Any]]:
    """The parameters it takes."""
    return [
        {"name": one.name, "in": "query", "required": False, "schema": one.schema(), "description": one.about}
        | ({"style": "form", "explode": True} if one.many else {})
        for one in record.PARAMETERS
    ]
