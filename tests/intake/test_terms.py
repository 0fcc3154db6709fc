"""Terms as letters set them: a number of days, of which kind, from when."""

import pytest

from letters.intake.days import read_term
from letters.intake.typed import empty
from letters.intake.worksheet import read_sheet


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("within 30 days of receipt", (30, "calendar", "receipt")),
        ("Within 30 days of your receipt of this letter.", (30, "calendar", "receipt")),
        ("within 10 business days of receipt", (10, "business", "receipt")),
        ("within 10 working days from the date of this letter", (10, "business", "letter_date")),
        ("in 45 calendar days", (45, "calendar", "letter_date")),
        ("within 1 day", (1, "calendar", "letter_date")),
        ("within 30 days of the hearing", None),
        ("May 16, 2023", None),
        ("30", None),
        ("", None),
    ],
)
def test_a_term_is_read_as_it_is_written(words, read):
    assert read_term(words) == read


def test_typed_where_a_date_goes_it_becomes_the_letters_term():
    read = read_sheet(
        empty() | {"subject": "TEST", "deadline_on": "within 30 days of receipt"}, read_questions=lambda text: []
    )
    names = ("deadline_on", "term_days", "term_unit", "term_from")
    assert [read.plan.facts[name] for name in names] == [None, 30, "calendar", "receipt"]
    assert "deadline_on" not in {problem.field for problem in read.problems}
