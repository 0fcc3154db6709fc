"""Parts of a new office in every state, for the gallery: its first steps, and a spreadsheet on its way in."""

import uuid
from typing import Any

from letters.enums import ImportState
from letters.models import ImportBatch
from letters.reminders.trying import Tried
from letters.web.first_steps import Step
from letters.web.import_pages import outcome_words

LINKS = (("Agencies", "#steps"), ("Correct an agency", "#steps"))
STEPS = [
    Step("step-to-do", "To do", "TEST what the step is for, in a sentence.", False, "TEST no mail was taken yet.", "Send a test mail to me", LINKS),
    Step("step-done", "Done", "TEST what the step is for.", True, "TEST 2 people can sign in.", "Test invitations", LINKS[:1]),
    Step(
        "step-well", "Tried, and well", "TEST what the step is for.", True, "TEST mails go through mail.test.example:587.", "Send a test mail to me", LINKS,
        Tried(True, "TEST The mail server mail.test.example:587 took a mail to anna@test.example and said “250 OK”."),
    ),
    Step(
        "step-not", "Tried, and not well", "TEST what the step is for.", False, "TEST Of the 3 agencies you wrote to, 2 have no address.", "Check the agencies", LINKS,
        Tried(False, "TEST Of the 3 agencies you wrote to, 2 have no address.", "Enter the addresses under Reference data.", (("TEST Agency: no address.", "#steps"), ("TEST Bureau: no address.", "#steps"))),
    ),
]  # fmt: skip
PROGRESS = [
    {"what": "being read", "words": "1,500 rows so far", "done": 1500, "total": 0},
    {"what": "being checked", "words": "It has just begun.", "done": 0, "total": 0},
    {"what": "being imported", "words": "7,400 of 20,000 letters", "done": 7400, "total": 20_000},
    {"what": "being undone", "words": "19,800 of 20,000 letters", "done": 19_800, "total": 20_000},
]
COUNTS = {ImportState.IMPORTED: {"words": "TEST 3 new letters (first 2026-0001, last 2026-0009), 4 items; 1 reply"}}


def _cell(code: str, label: str, value: str, words: str, *, blocks: bool, is_long: bool = False) -> dict[str, Any]:
    return {"code": code, "label": label, "value": value, "findings": [{"words": words, "blocks": blocks}], "blocks": blocks, "is_long": is_long}  # fmt: skip


CELLS = [
    _cell("agency", "Agency", "TEST Tresury", "Agency: “TEST Tresury” is no agency we know. Perhaps Treasury.", blocks=True),
    _cell("status", "Status", "closed", "Status: “closed” says too little, so the item comes in as open.", blocks=False),
    _cell("note", "Notes", "TEST a note\nof two lines", "Notes: kept for the office.", blocks=False, is_long=True),
]  # fmt: skip


def lines() -> list[dict[str, Any]]:
    """A file in each state, as the list of files shows it."""
    batches = [
        ImportBatch(
            pk=uuid.UUID(int=place), file_name=f"TEST {state.label}.xlsx", state=state, counts=COUNTS.get(state, {})
        )
        for place, state in enumerate(ImportState)
    ]
    return [{"batch": one, "when": "November 23, 2026, 9:12 a.m.", "words": outcome_words(one)} for one in batches]
