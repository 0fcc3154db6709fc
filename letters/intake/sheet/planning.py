"""The rows of one letter into the letter they mean, with all that is wrong or doubtful about them. Writes nothing."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

from letters.domain.backlog import SentAddressee, SentLetter, SentSigner, check_sent
from letters.domain.rules import plain
from letters.enums import Delivery, Match, OurRole
from letters.intake.days import read_term
from letters.intake.sheet.asks import AskPlan, read_asks
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.findings import Finding
from letters.intake.sheet.names import split_names, split_parts
from letters.intake.sheet.outcomes import Outcome
from letters.intake.sheet.resolving import Directory
from letters.models import Agency

ROLE_WORDS = {
    **dict.fromkeys(("", "led", "lead", "led by us", "original", "our letter", "yes"), OurRole.LED),
    **dict.fromkeys(("co-led", "co led", "co_led", "co-lead", "co-led by us"), OurRole.CO_LED),
    **dict.fromkeys(("co-signed", "co signed", "co_signed", "cosigned", "cosign", "signed", "signed on", "co-signed by us", "no"), OurRole.CO_SIGNED),
    **dict.fromkeys(("followed", "following", "not signed", "followed by us, not signed"), OurRole.FOLLOWED),
}  # fmt: skip
# Where a problem of the verbs belongs in a sheet.
PLACES = {
    "printed_name": "signers", "printed_title": "signer_titles", "signatures": "signers", "addressees": "addressed", "summary": "ask",
    "term_days": "term",
}  # fmt: skip
COPY = ("cc:", "cc ", "copy:", "copy to ")


@dataclass
class Planned:
    """One letter of the sheet. `sent` is None where something blocks it."""

    rows: list[int]
    key: str = ""
    day: dt.date | None = None
    subject: str = ""
    nth: int = 0  # of those with the same day and subject
    number: str = ""
    sent: SentLetter | None = None
    asks: list[AskPlan] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    note: str = ""
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
    planned = Planned([row.number for row in rows])
    facts = _facts(cells, rows)
    sent_on = cells.first_day(rows, "sent_on")
    facts["letter_date"] = facts["letter_date"] or sent_on or facts["printed_date"]
    sent_on = sent_on or facts["letter_date"]
    planned.day, planned.subject = facts["letter_date"], facts["subject"]
    planned.number = cells.first(rows, "number")[1]
    planned.note = cells.first(rows, "letter_note")[1]
    planned.topics = split_parts(cells.first(rows, "topics")[1])
    signers = _signers(cells, rows, directory, facts["letter_date"], planned.resolved)
    asks = read_asks(cells, rows, directory, sent_on=sent_on, today=today)
    planned.asks, planned.outcomes = asks.plans, asks.outcomes
    addressees = _addressees(cells, rows, directory, asks.agencies, planned.resolved)
    if asks.agencies:
        planned.resolved["agency"] = ", ".join(str(agency) for agency in asks.agencies)
    if not facts["subject"]:
        cells.wrong(rows[0].number, "subject", "Subject: missing. Say in a few words what the letter is about.")
    if facts["letter_date"] is None and not any(f.field in ("letter_date", "sent_on") for f in cells.findings):
        cells.wrong(rows[0].number, "letter_date", "Letter date: missing. Enter the day it was signed.")
    sound = not any(finding.blocks for finding in cells.findings)
    if sound and sent_on is not None:
        sent = SentLetter(facts, sent_on, tuple(signers), tuple(addressees), tuple(plan.sent for plan in planned.asks))
        for problem in check_sent(sent):
            cells.wrong(rows[0].number, _place(problem.field, rows), problem.message)
            sound = False
        planned.sent = sent if sound else None
    planned.findings = list(dict.fromkeys(cells.findings))
    return planned


def key_of(day: dt.date, subject: str, nth: int) -> str:
    """What tells a letter from every other: its day, its subject, and which of those alike it is."""
    return hashlib.sha256(f"{day.isoformat()}\x1f{plain(subject)}\x1f{nth}".encode()).hexdigest()


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
        "subject": " ".join(words("subject").split()),
        "letter_date": cells.first_day(rows, "letter_date"),
        "printed_date": cells.first_day(rows, "printed_date"),
        "our_role": our_role or OurRole.LED,
        "lead_office_contact": words("lead_office_contact"),
        "on_behalf_of": words("on_behalf_of"),
        "deadline_on": cells.first_day(rows, "deadline_on"),
        "deadline_quote": words("deadline_quote"),
        "published_url": words("published_url"),
        "text": words("text"),
    }


def _signers(
    cells: Cells, rows: list[Row], directory: Directory, on: dt.date | None, resolved: dict[str, str]
) -> list[SentSigner]:
    """The names as printed, each with the member it seems to be on the letter's day: proposed, until a person confirms."""
    row, value = cells.first(rows, "signers")
    known = directory.known_name(on)
    names = split_names(value, known)
    leads = split_names(cells.first(rows, "leads")[1], known)
    names = names or leads
    ids = cells.aligned(rows, "bioguides", len(names), "signers")
    titles = cells.aligned(rows, "signer_titles", len(names), "signers")
    led = {plain(name) for name in leads}
    found: list[SentSigner] = []
    for name, bioguide, title in zip(names, ids, titles, strict=True):
        signer = _signer(cells, row, directory, name, bioguide, title, on, is_lead=plain(name) in led)
        if twin := next(
            (
                s
                for s in found
                if plain(s.printed_name) == plain(name) and not (bioguide and s.legislator != signer.legislator)
            ),
            None,
        ):
            cells.remark(row.number, "signers", f"Signers: {name} stands there twice; {twin.printed_name} signs once.")
            continue
        if signer.legislator and any(s.legislator == signer.legislator for s in found):
            signer = SentSigner(name, title, is_lead=signer.is_lead)
            cells.remark(
                row.number,
                "signers",
                f"Signers: {name} seems to be somebody who signed already, and is kept as printed.",
            )
        found.append(signer)
    for name in leads:
        if plain(name) not in {plain(one.printed_name) for one in found}:
            cells.remark(row.number, "leads", f"Led by: {name} is not among the signers, and is left out.")
    if found:
        resolved["signers"] = ", ".join(_shown(one) for one in found)
    return found


def _signer(
    cells: Cells,
    row: Row,
    directory: Directory,
    name: str,
    bioguide: str,
    title: str,
    on: dt.date | None,
    *,
    is_lead: bool,
) -> SentSigner:
    if bioguide:
        member = directory.member(bioguide)
        if member is None:
            cells.wrong(
                row.number, "bioguides",
                f"Bioguide IDs: “{bioguide}” belongs to no member in our rosters. Check it at bioguide.congress.gov, or write “-”.",
            )  # fmt: skip
        else:
            term = directory.term_on(member, on) if on else None
            return SentSigner(
                name, title, term.state if term else "", term.party if term else "", is_lead, member, Match.CONFIRMED, "the imported sheet"
            )  # fmt: skip
    # one that stood in quotes is kept as it stands, and sought the way round that people are known
    printed = next(iter(split_names(name)), name).partition("(")[0].strip()
    proposals = directory.members(printed, on) if on else []
    sure = [one for one in proposals if not one.doubtful]
    if len(sure) == 1:
        one = sure[0]
        return SentSigner(
            name, title, one.term.state, one.term.party, is_lead, one.legislator, Match.PROPOSED, one.source[:300]
        )
    if on is None:
        return SentSigner(name, title, is_lead=is_lead)  # that its date cannot be read is said there
    why = "no member of this name sat then"
    if proposals:
        why = f"perhaps {' or '.join(one.source for one in proposals[:3])}"
    cells.remark(
        row.number, "signers", f"Signers: {name}: {why}. The name is kept as printed; match it on the letter’s page."
    )
    return SentSigner(name, title, is_lead=is_lead)


def _shown(signer: SentSigner) -> str:
    if signer.legislator is None:
        return f"{signer.printed_name} (not matched)"
    return (
        f"{signer.legislator.official_full} ({signer.party[:1]}-{signer.state})"
        if signer.state
        else signer.legislator.official_full
    )


def _addressees(
    cells: Cells, rows: list[Row], directory: Directory, asked: list[Agency], resolved: dict[str, str]
) -> list[SentAddressee]:
    """To whom it went. Without names, each agency is addressed by its own."""
    row, value = cells.first(rows, "addressees")
    names = split_parts(value)
    agency_row, agencies = cells.first(rows, "addressed")
    if not names:
        named = [one for part in split_parts(agencies) for one in directory.split_agencies(part)]
        found = [agency for words in named if (agency := _agency(cells, agency_row, "addressed", words, directory))]
        found = found or asked
        return [SentAddressee(agency, agency.name) for agency in dict.fromkeys(found)]
    beside = cells.aligned(rows, "addressed", len(names), "addressees") if agencies else [""] * len(names)
    titles = cells.aligned(rows, "addressee_titles", len(names), "addressees")
    addressees = []
    for name, title, words in zip(names, titles, beside, strict=True):
        copy = next((mark for mark in COPY if name.lower().startswith(mark)), "")
        printed = name[len(copy) :].strip()
        agency = directory.agency(words) if words else directory.agency(title) or directory.agency(printed)
        if agency is None and not words and len(asked) == 1:
            agency = asked[0]
        if agency is None and not words and len(names) == len(asked):
            agency = asked[names.index(name)]
        if agency is None:
            shown = words or printed
            hint = directory.agency_hint(shown)
            cells.wrong(
                row.number, "addressed" if words else "addressees",
                f"{BY_CODE['addressed'].label}: the agency of “{shown[:80]}” is not known. {hint} "
                f"Fill “{BY_CODE['addressed'].label}” with one agency for each addressee.",
            )  # fmt: skip
            continue
        addressees.append(SentAddressee(agency, printed, title, Delivery.CC if copy else Delivery.TO))
    unique = {(one.agency.pk, plain(one.printed_name)): one for one in reversed(addressees)}
    addressees = list(reversed(unique.values()))
    if addressees:
        resolved["addressees"] = ", ".join(f"{one.printed_name}: {one.agency}" for one in addressees)
    return addressees


def _agency(cells: Cells, row: Row, code: str, words: str, directory: Directory) -> Agency | None:
    found = directory.agency(words)
    if found is None:
        cells.wrong(
            row.number,
            code,
            f"{BY_CODE[code].label}: “{words[:80]}” is no agency we know. {directory.agency_hint(words)}".rstrip(),
        )
    return found


def _place(problem: str, rows: list[Row]) -> str:
    if problem == "sent_on" and not any(row.get("sent_on") for row in rows):
        return "letter_date"  # it is the day it was sent, too
    return problem if problem in BY_CODE else PLACES.get(problem, "")
