"""Whether a draft is ready to be sent: what is missing, and which dates do not fit. Reads, writes nothing."""

import datetime as dt

from letters.domain import clocks
from letters.domain.asking import check_addressed
from letters.domain.deadlines import long_date
from letters.domain.letter_checks import check_facts
from letters.domain.rules import check_ahead, check_not_future, check_order, check_required
from letters.enums import Delivery, TaskingRole
from letters.errors import Problem
from letters.models import Letter


def check_ready(letter: Letter, sent_on: dt.date) -> list[Problem]:
    """All that is missing or out of order before a draft is sent on that day; of the second ask at “asks-2-…”."""
    today = clocks.office_today()
    problems = [
        *check_facts(letter),
        *check_not_future("sent_on", "The day it was sent", sent_on, today),
        *check_dates(letter, sent_on),
    ]
    if not letter.addressees.filter(delivery=Delivery.TO).exists():
        problems.append(Problem("addressees", "The letter is addressed to nobody. Add at least one addressee."))
    if not letter.signatures.exists():
        problems.append(Problem("signatures", "Nobody has signed the letter. Add at least one signature."))
    for ask in letter.asks.prefetch_related("taskings__agency__parent"):
        its_date = f"The date of ask {ask.number}"
        problems += check_ahead(
            f"asks-{ask.number}-requested_by", its_date, ask.requested_by, "the day it was sent", sent_on, today
        )
        taskings = list(ask.taskings.all())
        if not any(tasking.role == TaskingRole.LEAD for tasking in taskings):
            nobody = f"Ask {ask.number} (“{ask.summary}”) is put to no responsible agency. Choose at least one."
            problems.append(Problem("taskings", nobody))
        for tasking in taskings:
            problems += check_addressed(letter, tasking.agency)
    return problems


def check_dates(letter: Letter, sent_on: dt.date | None, *, stands: bool = True) -> list[Problem]:
    """The letter’s own dates, in order. After it was sent the day of that `stands`, unless it is what is corrected, and the
    letter’s date has to fit it."""
    if stands and letter.sent_on and letter.letter_date and letter.letter_date > letter.sent_on:
        return [
            Problem(
                "letter_date",
                f"The letter’s date ({long_date(letter.letter_date)}) is after the day it was sent "
                f"({long_date(letter.sent_on)}). Enter that day or an earlier one; or correct the day it was sent, too.",
                letter.letter_date,
            )
        ]
    return [
        *check_required("letter_date", "The letter’s date", letter.letter_date, "Enter the day it was signed."),
        *check_order("sent_on", "The day it was sent", sent_on, "the letter’s date", letter.letter_date),
        *check_order("deadline_on", "The date the letter sets", letter.deadline_on, "the day it was sent", sent_on),
    ]
