"""When a letter asks for a reply, on one line: a day, or a term such as “within 30 days of receipt”, or nothing."""

from typing import Any

from django import forms

from letters.domain.deadlines import long_date
from letters.domain.due_rules import Term
from letters.intake.days import read_day, read_term
from letters.web.forms import LineField

TERM_FACTS = ("term_days", "term_unit", "term_from")


class DeadlineField(LineField):
    """Its value is the day or the term in the one way in which it is written here."""

    def __init__(self) -> None:
        super().__init__(
            label="Reply asked for by", limit=60, required=False,
            help_text="Only if the letter sets one; most set none. A date, or “within 30 days of receipt”. Dates of open items follow.",
        )  # fmt: skip

    def clean(self, value: Any) -> str:
        words = super().clean(value)
        if term := read_term(words):
            return Term(*term).words()
        try:
            day = read_day(words)
        except ValueError as error:
            raise forms.ValidationError(
                f"“{words[:40]}” is neither a date nor a term. Write it as May 30, 2023, or as “within 30 days of receipt” "
                "or “within 10 business days of its date”."
            ) from error
        return long_date(day) if day else ""


def deadline_facts(words: str) -> dict[str, Any]:
    """The facts of a letter that a clean value stands for."""
    term = read_term(words)
    facts = dict(zip(TERM_FACTS, term or (None, None, None), strict=True))
    return facts | {"deadline_on": None if term else read_day(words)}
