"""What the facts of a letter, one signature and one addressee must be like, in a draft and in a letter logged whole."""

import datetime as dt

from letters.domain import clocks
from letters.domain.rules import check_ahead, check_known, check_not_future, check_required, check_text, check_url
from letters.enums import Access, Delivery, OurRole, TermFrom, TermUnit
from letters.errors import Problem
from letters.models import Letter
from letters.models.base import MAX_TEXT

MAX_TERM = 2000  # days


def check_signer(
    printed_name: str, printed_title: str = "", state: str = "", party: str = "", bioguide: str = ""
) -> list[Problem]:
    """What one signature must be like, whoever it is."""
    return [
        *check_required("printed_name", "The signer’s name", printed_name, "Type it as the letter prints it."),
        *check_text("printed_name", "The signer’s name", printed_name, 200),
        *check_text("printed_title", "The signer’s title", printed_title, 200),
        *check_text("state", "The state", state, 2),
        *check_text("party", "The party", party, 40),
        *check_text("bioguide", "Bioguide ID", bioguide, 200),
    ]


def check_addressee(printed_name: str, printed_title: str, address_lines: str, delivery: str) -> list[Problem]:
    """What one addressee must be like."""
    return [
        *check_required("printed_name", "The addressee’s name", printed_name, "Type it as the letter prints it."),
        *check_text("printed_name", "The addressee’s name", printed_name, 200),
        *check_text("printed_title", "The addressee’s title", printed_title, 200),
        *check_text("address_lines", "The address", address_lines, 500),
        *check_known("delivery", "Delivery", delivery, Delivery),
    ]


def check_facts(letter: Letter, today: dt.date | None = None) -> list[Problem]:
    """What must be sound even in a draft: texts, dates in order, known codes."""
    today = today or clocks.office_today()
    its_date = ("deadline_on", "The date the letter sets", letter.deadline_on)
    return [
        *check_required("subject", "The subject", letter.subject, "Say in a few words what the letter is about."),
        *check_text("subject", "The subject", letter.subject, 300),
        *check_text("text", "The letter’s text", letter.text, MAX_TEXT),
        *check_text("deadline_quote", "The sentence that sets the date", letter.deadline_quote, 1000),
        *check_text("lead_office_contact", "The lead office’s contact", letter.lead_office_contact, 200),
        *check_text("on_behalf_of", "The committee it speaks for", letter.on_behalf_of, 200),
        *check_url("published_url", "The address where it was published", letter.published_url),
        *check_not_future("letter_date", "The letter’s date", letter.letter_date, today),
        *check_ahead(*its_date, "the letter’s date", letter.letter_date, today),
        *check_term(letter),
        *check_known("our_role", "Our role", letter.our_role, OurRole),
        *check_known("access", "Access", letter.access, Access),
    ]


def check_term(letter: Letter) -> list[Problem]:
    """A letter sets a date, or a number of days, or no deadline: an absent term gets its shape."""
    if letter.term_days is None and not letter.term_unit and not letter.term_from:
        letter.term_unit = letter.term_from = None
        return []
    problems = [
        *check_known("term_unit", "What the term counts", letter.term_unit or "", TermUnit),
        *check_known("term_from", "Where the term begins", letter.term_from or "", TermFrom),
    ]
    if letter.term_days is None or not 1 <= letter.term_days <= MAX_TERM:
        problems.append(
            Problem("term_days", f"The term is {letter.term_days} days. Give 1 to {MAX_TERM}.", letter.term_days)
        )
    if letter.deadline_on:
        problems.append(
            Problem("term_days", "The letter sets a date, or a number of days, not both. Clear one.", letter.term_days)
        )
    return problems
