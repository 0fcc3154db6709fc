"""The printed table of what to ask: each line is reached, none names what the record does not have."""

import datetime as dt
import re

import pytest
from django.conf import settings

from letters.enums import OPEN_STATUSES
from letters.management.commands.draw_transitions import documents
from letters.reports.suggested_questions import PLACES, TABLE, Standing, question

DAY = dt.date(2023, 7, 10)
BEFORE, AFTER = dt.date(2023, 7, 1), dt.date(2023, 7, 20)


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ({}, "Has anybody been assigned this request, and when may we expect a reply?"),
        ({"kind": "sanction"}, "Has this listing been taken up, by which office, and when may we expect a reply?"),
        ({"kind": "briefing"}, "Whom do we call to set a day for this briefing?"),
        ({"due_on": BEFORE, "due_basis": "yardstick"}, "Has anybody been assigned this request, and when may we expect a reply?"),
        ({"status": "promised", "due_on": BEFORE, "due_basis": "promise"}, "You told us to expect this by July 1, 2023. Where does it stand?"),
        ({"status": "promised", "due_on": DAY, "due_basis": "promise"}, "You told us to expect this by July 10, 2023. Does that date hold?"),
        ({"status": "promised", "due_on": AFTER, "due_basis": "promise"}, "You told us to expect this by July 20, 2023. Does that date hold?"),
        ({"status": "promised", "due_on": BEFORE, "due_basis": "promise", "unread_on": BEFORE}, "Read the reply received July 1, 2023 before you ask."),
        ({"status": "clarification", "due_on": BEFORE, "due_basis": "promise"}, "This one waits on us: have we sent what they asked for? If not, say by when they will have it."),
        ({"takes_no_position": True}, "You have taken no position on this. What would be needed to take one, and by when?"),
        ({"takes_no_position": True, "none_by": "the President"}, "The President has taken no position on this. What would be needed to take one, and by when?"),
        ({"replied_on": BEFORE, "replied_by": "the President"}, "We have the President’s reply of July 1, 2023. What is left to be done, and by when?"),
        ({"again_on": BEFORE, "again_by": ""}, "We have a reply of July 1, 2023 and have asked again. What has changed since, and when may we expect an answer?"),
        ({"status": "promised", "due_on": BEFORE, "due_basis": "promise", "promised_by": "OFAC"}, "OFAC told us to expect this by July 1, 2023. Where does it stand?"),
        ({"refused_on": BEFORE, "kind": "sanction"}, "The reply of July 1, 2023 refused this, and we still ask it. What would have to change for another answer?"),
        ({"questions": 13, "questions_left": 4, "kind": "written_answers"}, "4 of our 13 questions are not answered yet. When may we expect the rest?"),
        ({"questions": 13, "questions_left": 13, "kind": "written_answers"}, "Who drafts the answers to our questions, and when may we expect them?"),
        ({"questions": 2, "questions_left": 1}, "1 of our 2 questions is not answered yet. When may we expect the rest?"),
        ({"status": "considering", "replied_on": BEFORE}, "We have your reply of July 1, 2023. What is left to be done, and by when?"),
        ({"status": "partly_addressed"}, "Part of this is done. What is left, and by when?"),
        ({"status": "considering"}, "You are looking into this. What has been found so far, and when may we expect a reply?"),
        ({"status": "acknowledged"}, "You have our letter. Has anybody been assigned this request, and when may we expect a reply?"),
    ],
)  # fmt: skip
def test_the_first_line_that_fits_is_asked(known, asked):
    assert question(Standing(**{"status": "awaiting", "kind": "other", **known}), DAY) == asked


@pytest.mark.parametrize("status", OPEN_STATUSES)
def test_no_open_item_is_without_a_question_and_no_brace_is_left(status):
    for promised in (None, BEFORE, AFTER):
        for unread in (None, BEFORE):
            known = Standing(
                status, "other", due_on=promised, due_basis="promise" if promised else None, unread_on=unread
            )
            assert re.fullmatch(r"[A-Z1-9][^{}]+[.?]", question(known, DAY))


def test_every_place_ends_in_a_line_for_any_kind():
    lines = {place: [one.kinds for one in TABLE if one.place == place] for place in PLACES}
    assert {place for place, kinds in lines.items() if not kinds or kinds[-1] != ()} == set()


def test_the_document_is_the_table():
    found = (settings.BASE_DIR / "docs" / "questions.md").read_text()
    assert found == documents()["docs/questions.md"], (
        "docs/questions.md is out of date: run `manage.py draw_transitions`"
    )
