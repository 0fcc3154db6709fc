"""More time that an agency was given, as a row tells it: to which day, on which day, and who said so."""

import datetime as dt
from dataclasses import dataclass

from letters.domain.backlog import SentAsk, SentItem, SentLetter
from letters.domain.deadlines import Calendar
from letters.domain.due_rules import LetterTerms, Situation, Term, explain
from letters.domain.rules import check_ahead, check_not_future, check_order, plain
from letters.enums import ResponseKind
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE

TOLD, AGREED = "they told us", "we agreed"
WHO = {
    **dict.fromkeys((TOLD, "they", "them", "agency", "the agency", "notice", "their notice"), True),
    **dict.fromkeys((AGREED, "we", "us", "our office", "agreed", "by agreement"), False),
}
CODES = ("extended_to", "extended_on", "extended_by")


@dataclass(frozen=True)
class SentExtension:
    """As `extending.extend` gives it."""

    to: dt.date
    on: dt.date
    by_notice: bool


def read_extension(
    cells: Cells, row: Row, told: tuple[str, dt.date] | None, *, sent_on: dt.date | None, today: dt.date
) -> SentExtension | None:
    """What the row says of it; None, with a remark, where it lacks the day. `told`: the kind and the day of the row’s reply."""
    to, on = cells.day(row, "extended_to"), cells.day(row, "extended_on")
    if to is None:
        for code in CODES[1:]:
            if row.get(code) and not row.get("extended_to"):
                cells.remark(row.number, code, f"{BY_CODE[code].label}: left out, since “{BY_CODE['extended_to'].label}” is empty.")  # fmt: skip
        return None
    by_reply = told[1] if told and told[0] == ResponseKind.EXTENSION_NOTICE else None
    words = row.get("extended_by")
    by_notice = WHO.get(plain(words).strip(" .")) if words else by_reply is not None
    if by_notice is None:
        cells.remark(
            row.number, "extended_by", f"More time by: “{words[:60]}” is neither “{TOLD}” nor “{AGREED}”. It comes in as “{AGREED}”."
        )  # fmt: skip
    on = on or by_reply
    if on is None:
        cells.remark(
            row.number, "extended_to",
            f"More time to: nobody says when it was given, so it is left out. Fill “{BY_CODE['extended_on'].label}” to bring it along.",
        )  # fmt: skip
        return None
    for problem in [
        *check_ahead("extended_to", "The later date", to, "the day it was sent", sent_on, today),
        *check_not_future("extended_on", "The day more time was given", on, today),
        *check_order("extended_on", "The day more time was given", on, "the day the letter was sent", sent_on),
    ]:
        cells.wrong(row.number, problem.field, problem.message)
    return SentExtension(to, on, bool(by_notice))


def first_due(
    sent: SentLetter, ask: SentAsk, item: SentItem, received_on: dt.date | None, calendar: Calendar
) -> dt.date:
    """The day an item is due before anything came of it."""
    facts = sent.facts
    term = Term(facts["term_days"], facts["term_unit"], facts["term_from"]) if facts.get("term_days") else None
    terms = LetterTerms(
        letter_on=facts["letter_date"], deadline_on=facts.get("deadline_on"), term=term, received_on=received_on
    )
    known = Situation(
        asked_on=sent.sent_on, agency=str(item.agency), letter=terms, usual_wait=item.agency.yardstick_days,
        requested_by=ask.requested_by,
    )  # fmt: skip
    return explain(known, calendar).due_on
