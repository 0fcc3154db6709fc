"""Within version 1 nothing is taken away: the document against the one that consumers build on.

After adding to the API on purpose: `WRITE_SCHEMA=1 .venv/bin/python -m pytest tests/api/test_breaking.py`.
"""

import copy
import json
import os

from django.conf import settings

from letters.api.schema import document

KEPT = settings.BASE_DIR / "docs" / "openapi-v1.json"
PROSE = ("description", "summary", "title", "examples", "example")


def missing(before, now, at: str = "") -> list[str]:
    """What was promised and is gone, by its place; words for people may change."""
    if isinstance(before, dict):
        if not isinstance(now, dict):
            return [at]
        names = [name for name in before if name not in PROSE or at.endswith("/properties")]
        return [
            one
            for name in names
            for one in (missing(before[name], now[name], f"{at}/{name}") if name in now else [f"{at}/{name}"])
        ]
    if isinstance(before, list):
        return (
            [at] if not isinstance(now, list) or any(one not in now for one in before if isinstance(one, str)) else []
        )
    return [] if before == now else [at]


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
