"""The rows of one letter into the letter they mean, with all that is wrong or doubtful about them. Writes nothing."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from letters.domain.backlog import SentLetter, check_sent
from letters.domain.deadlines import Calendar, long_date
from letters.domain.items import MAX_NOTE
from letters.domain.making import check_topic
from letters.domain.rules import plain
from letters.enums import OurRole
from letters.intake.days import read_term
from letters.intake.sheet.asks import AskPlan, parted, read_asks
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.findings import Finding
from letters.intake.sheet.more_time import first_due
from letters.intake.sheet.names import split_parts
from letters.intake.sheet.outcomes import Outcome
from letters.intake.sheet.people import our_part, read_addressees, read_signers
from letters.intake.sheet.receipts import Receipt, read_receipts, received_on
from letters.intake.sheet.resolving import Directory

ROLE_WORDS = {
    **dict.fromkeys(("", "led", "lead", "led by us", "original", "our letter", "yes"), OurRole.LED),
    **dict.fromkeys(("co-led", "co led", "co_led", "co-lead", "co-led by us"), OurRole.CO_LED),
    **dict.fromkeys(("co-signed", "co signed", "co_signed", "cosigned", "cosign", "signed", "signed on", "co-signed by us", "no"), OurRole.CO_SIGNED),
    **dict.fromkeys(("followed", "following", "not signed", "followed by us, not signed"), OurRole.FOLLOWED),
}  # fmt: skip
MAX_NUMBER = 200  # characters
# Where a problem of the verbs belongs in a sheet.
PLACES = {
    "printed_name": "signers", "printed_title": "signer_titles", "signatures": "signers", "addressees": "addressed", "summary": "ask", "address_lines": "addresses",
    "term_days": "term",
}  # fmt: skip


@dataclass
class Planned:
    """One letter of the sheet. `sent` is None where something blocks it."""

    rows: list[int]
    key: str = ""  # by which it is found, should it be here
    filed: list[str] = field(default_factory=list)  # by which it is found when the same file comes in again
    day: dt.date | None = None
    subject: str = ""
    nth: int = 0  # of those with the same day and subject
    number: str = ""
    sent: SentLetter | None = None
    asks: list[AskPlan] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)  # one for each addressee of `sent`
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    resolved: dict[str, str] = field(default_factory=dict)  # by code, who or what was found

    @property
    def is_blocked(self) -> bool:
        return self.sent is None


def plan_letter(rows: list[Row], directory: Directory, *, day_first: bool | None, today: dt.date) -> Planned:
    """What the rows mean. Asks the database nothing but for hints about what nobody knows."""
    cells = Cells(day_first=day_first)
    for row in rows:
        cells.check_row(row)
        for code in ("letter_note", "note"):  # each becomes a note, of the letter or of an item
            cells.text(row, code, MAX_NOTE)
    planned = Planned([row.number for row in rows])
    facts = _facts(cells, rows)
    sent_on = cells.first_day(rows, "sent_on") or facts["letter_date"]
    planned.day, planned.subject = facts["letter_date"], facts["subject"]
    planned.number = _number(cells, rows)
    planned.topics = _topics(cells, rows)
    signers = read_signers(cells, rows, directory, facts["letter_date"], planned.resolved)
    if not cells.first(rows, "our_role")[1]:
        facts["our_role"] = our_part(cells, rows, directory, signers)
        if facts["our_role"] != OurRole.LED:
            planned.resolved["our_role"] = facts["our_role"].label
    asks = read_asks(cells, rows, directory, sent_on=sent_on, today=today)
    planned.asks, planned.outcomes = asks.plans, asks.outcomes
    # each row may have one of its own: rows further down repeat the letter's, and an export has one a row
    planned.notes = list(dict.fromkeys(filter(None, (*(row.get("letter_note") for row in rows), *asks.notes))))
    addressees, places = read_addressees(cells, rows, directory, asks.agencies, planned.day, planned.resolved)
    named = len(split_parts(cells.first(rows, "addressees")[1])) or len(addressees)
    receipts = read_receipts(cells, rows, named, sent_on=sent_on, today=today)
    planned.receipts = [receipts[place] for place in places]
    if asks.agencies:
        planned.resolved["agency"] = ", ".join(str(agency) for agency in asks.agencies)
    if not facts["subject"]:
        cells.wrong(rows[0].number, "subject", "Subject: missing. Say in a few words what the letter is about.")
    if facts["letter_date"] is None and not any(f.field in ("letter_date", "sent_on") for f in cells.findings):
        cells.wrong(rows[0].number, "letter_date", "Letter date: missing. Enter the day it was signed.")
    sound = not any(finding.blocks for finding in cells.findings)
    if sound and sent_on is not None:
        sent = SentLetter(facts, sent_on, tuple(signers), tuple(addressees), tuple(plan.sent for plan in planned.asks))
        for problem in check_sent(sent, today):
            cells.wrong(rows[0].number, _place(problem.field, rows), problem.message)
            sound = False
        planned.sent = sent if sound else None
    if planned.sent and any(outcome.extension for outcome in planned.outcomes):
        planned.outcomes = [_with_time(cells, outcome, planned, directory.calendar) for outcome in planned.outcomes]
    planned.findings = list(dict.fromkeys(cells.findings))
    return planned


def _with_time(cells: Cells, outcome: Outcome, planned: Planned, calendar: Calendar) -> Outcome:
    """The outcome with the time that was given, where it is later than the day the item is due anyway."""
    sent, given = planned.sent, outcome.extension
    if sent is None or given is None:
        return outcome
    ask = sent.asks[outcome.ask]
    item = next(one for one in ask.items if one.agency == outcome.agency)
    due_on = first_due(sent, ask, item, received_on(sent.addressees, planned.receipts, item.agency), calendar)
    if given.to > due_on:
        return outcome
    cells.remark(
        outcome.row, "extended_to",
        f"More time to: {long_date(given.to)} gives no more time, since the item is due {long_date(due_on)}. It is left out.",
    )  # fmt: skip
    return replace(outcome, extension=None)


def day_of(cells: Cells, rows: list[Row]) -> dt.date | None:
    """The letter's own day, else the day it was sent, else the one it prints."""
    days = [cells.first_day(rows, code) for code in ("letter_date", "sent_on", "printed_date")]
    return next(filter(None, days), None)


def subject_of(words: str) -> str:
    """On one line."""
    return " ".join(words.split())


def key_of(day: dt.date, subject: str, nth: int) -> str:
    """What tells a letter from every other: its day, its subject, and which of those alike it is."""
    return hashlib.sha256(f"{day.isoformat()}\x1f{plain(subject)}\x1f{nth}".encode()).hexdigest()


def _number(cells: Cells, rows: list[Row]) -> str:
    """The office's own number. Rows of one letter have several where the numbers count rows: the first, and a remark."""
    first = next((row for row in rows if row.get("number")), rows[0])
    number = first.get("number")
    cells.text(first, "number", MAX_NUMBER)  # kept as a note where the letter gets another one
    for row in rows:
        if row.get("number") and plain(row.get("number")) != plain(number):
            cells.remark(
                row.number, "number",
                f"Number: “{row.get('number')[:40]}” here, “{number[:40]}” in row {first.number}, which has the same day and subject: one letter, "
                "since the numbers of this sheet seem to count rows. If they are two letters, give them different subjects.",
            )  # fmt: skip
    return number


def _topics(cells: Cells, rows: list[Row]) -> list[str]:
    row, words = cells.first(rows, "topics")
    topics = split_parts(words)
    for topic in topics:
        for problem in check_topic(" ".join(topic.split()), "topics"):
            cells.wrong(row.number, "topics", f"Topics: “{topic[:40]}”: {problem.message}{parted(topic)}")
    return topics


def _facts(cells: Cells, rows: list[Row]) -> dict[str, Any]:
    def words(code: str) -> str:
        return cells.first(rows, code)[1]

    row, role = cells.first(rows, "our_role")
    our_role = ROLE_WORDS.get(plain(role).strip(" ."))
    if our_role is None:
        cells.wrong(
            row.number,
            "our_role",
            f"Our part: “{role[:40]}” is none of led, co-led, co-signed, followed. Write one of them, or clear it.",
        )
    term_row, term_words = cells.first(rows, "term")
    term = read_term(term_words) if term_words else None
    if term_words and term is None:
        cells.wrong(
            term_row.number,
            "term",
            f"Deadline in days: “{term_words[:60]}” cannot be read. Write it as “within 30 days of receipt” or “within 10 business days of its date”.",
        )
    days, unit, since = term or (None, None, None)
    return {
        "term_days": days,
        "term_unit": unit,
        "term_from": since,
        "subject": subject_of(words("subject")),
        "letter_date": day_of(cells, rows),
        "printed_date": cells.first_day(rows, "printed_date"),
        "our_role": our_role or OurRole.LED,
        "lead_office_contact": words("lead_office_contact"),
        "on_behalf_of": words("on_behalf_of"),
        "deadline_on": cells.first_day(rows, "deadline_on"),
        "deadline_quote": words("deadline_quote"),
        "published_url": words("published_url"),
        "text": words("text"),
    }


def _place(problem: str, rows: list[Row]) -> str:
    if problem == "sent_on" and not any(row.get("sent_on") for row in rows):
        return "letter_date"  # it is the day it was sent, too
    return problem if problem in BY_CODE else PLACES.get(problem, "")
