"""The columns that an import knows, and which column of a sheet is which. Pure: it reads no table and no clock.

One table: the page that matches columns, the file that is exported and the documentation are printed from it.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from letters.domain.rules import plain
from letters.enums import Said

LETTER, ASK, ITEM = "letter", "ask", "item"
HEADER_WITHIN = 25  # rows: above the header stand a title, a legend, the name of the office


@dataclass(frozen=True)
class Column:
    """One thing a sheet may say. `level`: whether it is said of the letter, of one ask, or of one ask at one agency."""

    code: str
    label: str
    level: str
    names: tuple[str, ...] = ()  # other headers that mean it, as `compared`
    help: str = ""
    parts: bool = False  # several, split by semicolons or line breaks


COLUMNS: tuple[Column, ...] = (
    Column("number", "Number", LETTER, ("no", "nr", "id", "letter number", "reference", "ref", "ref no", "tracking number", "log number", "letter no", "letter"), "Your own number. Rows with the same number belong to one letter, unless both date and subject differ."),
    Column("letter_date", "Letter date", LETTER, ("date", "date of letter", "dated", "letter dated", "date signed"), "The day it was signed."),
    Column("sent_on", "Sent", LETTER, ("sent on", "date sent", "sent date", "mailed", "date mailed", "transmitted"), "Empty: the letter’s date."),
    Column("printed_date", "Printed date", LETTER, ("date as printed", "date on letter"), "Where the paper prints another date."),
    Column("subject", "Subject", LETTER, ("letter subject", "re", "title", "letter title", "regarding", "matter", "issue"), "What the letter is about."),
    Column("signers", "Signers", LETTER, ("signer", "signed by", "signatories", "signatures", "signatory", "members", "senators", "from", "cosigners", "co signers", "signed"), "In order, as printed.", parts=True),
    Column("leads", "Led by", LETTER, ("lead", "lead signer", "lead senator", "lead member", "led", "lead office"), "Those of the signers who led.", parts=True),
    Column("bioguides", "Bioguide IDs", LETTER, ("bioguide", "bioguide id", "member id"), "One for each signer, in their order; - for none.", parts=True),
    Column("signer_titles", "Signer titles", LETTER, ("titles of signers",), "One for each signer, in their order; - for none.", parts=True),
    Column("addressees", "Addressees", LETTER, ("addressee", "addressed to", "recipient", "recipients", "to", "sent to"), "As printed. “cc:” before a name makes it a copy.", parts=True),
    Column("addressee_titles", "Addressee titles", LETTER, ("titles of addressees",), "One for each addressee; - for none.", parts=True),
    Column("addresses", "Addresses", LETTER, ("addresses of addressees", "addressee addresses"), "Where each addressee’s letter went, in quotes where it has several lines; - for none.", parts=True),
    Column("addressed", "Addressed agencies", LETTER, ("addressee agencies", "agencies addressed"), "One for each addressee. Empty: where the record knows them, else the agencies of the rows in their order.", parts=True),
    Column("delivered_on", "Received by them", LETTER, ("delivered", "delivered on", "date delivered", "delivery date", "delivery confirmed", "received by agency"), "The day it reached each addressee, in their order; - for none.", parts=True),
    Column("acknowledged_on", "Receipt acknowledged", LETTER, ("acknowledged on", "date acknowledged", "acknowledgment date", "acknowledgement date"), "The day each addressee’s office said that it came; - for none.", parts=True),
    Column("control_numbers", "Control numbers", LETTER, ("control number", "agency control number", "agency number"), "Each agency’s own number of the letter; - for none.", parts=True),
    Column("contacts_there", "Contacts there", LETTER, ("legislative affairs contact", "legislative affairs contacts"), "Whom to call at each addressee’s office; - for none.", parts=True),
    Column("our_role", "Our part", LETTER, ("our role", "role of our office", "lead or cosign"), "Led, co-led, co-signed, or followed. Empty: led, unless “Led by” names others, or our member is not among the signers."),
    Column("lead_office_contact", "Lead office contact", LETTER, ("lead office staff", "lead contact")),
    Column("on_behalf_of", "On behalf of", LETTER, ("committee", "on behalf of committee")),
    Column("deadline_on", "Deadline", LETTER, ("response due", "due", "due date", "reply due", "reply by", "respond by", "response deadline", "response requested by"), "A date the letter itself sets. Your own tickler date belongs in notes."),
    Column("term", "Deadline in days", LETTER, ("term", "days to respond"), "Where the letter sets no date: “within 30 days of receipt”."),
    Column("deadline_quote", "Sentence of the deadline", LETTER, ("deadline quote", "deadline sentence")),
    Column("published_url", "Published at", LETTER, ("url", "link", "web", "press release", "published", "web address")),
    Column("topics", "Topics", LETTER, ("topic", "issue area", "category", "categories", "policy area", "subject area"), parts=True),
    Column("text", "Text of the letter", LETTER, ("text", "full text", "body", "letter text")),
    Column("letter_note", "Notes on the letter", LETTER, ("letter notes", "note on letter")),
    Column("ask_number", "Ask number", ASK, ("ask no", "ask nr", "request number", "item no"), "Rows with the same number are one ask."),
    Column("kind", "Kind of ask", ASK, ("kind", "type", "ask type", "type of ask", "type of request", "request type")),
    Column("ask", "What we ask", ASK, ("request", "what was asked", "requests", "request s", "asked", "ask summary", "summary", "action requested", "description"), "In a few words. Without it the letter asks for a reply."),
    Column("quote", "In the letter’s words", ASK, ("quote", "quotation", "verbatim", "exact words")),
    Column("targets", "About", ASK, ("companies", "company", "target", "targets", "entity", "entities", "person or company"), "Companies, persons or programs.", parts=True),
    Column("instrument", "Legal instrument", ASK, ("authority", "legal authority", "statute")),
    Column("requested_list", "List", ASK, ("requested list", "list requested")),
    Column("requested_by", "Asked for by", ASK, ("ask deadline", "ask due", "request due"), "This ask’s own date."),
    Column("questions", "Questions", ASK, ("question",), "Of an ask for written answers; all in a cell, or one a row.", parts=True),
    Column("agency", "Agency", ITEM, ("agencies", "department", "departments", "dept", "depts", "department agency", "agency department", "responsible agency", "asked of"), "Who owes the reply.", parts=True),
    Column("consulted", "Consulted", ITEM, ("consulted agency", "in consultation with"), "Agencies that owe nothing.", parts=True),
    Column("acting", "Acting bureau", ITEM, ("bureau", "acting agency", "office responsible", "sub agency")),
    Column("owner", "Owner", ITEM, ("staff", "staffer", "assigned to", "assigned", "poc", "staff poc", "lead staffer", "responsible staff"), "User name, name or e-mail of a colleague."),
    Column("status", "Status", ITEM, ("state", "current status", "outcome", "disposition", "result")),
    Column("status_on", "Status since", ITEM, ("status date", "date closed", "closed on", "date of status"), "Empty: the day of the reply, or when the evidence was seen."),
    Column("reason", "Reason", ITEM, ("why", "reason for status", "closing reason")),
    Column("promised_on", "Promised for", ITEM, ("promise date", "promised by", "promised")),
    Column("extended_to", "More time to", ITEM, ("extended to", "extension", "extension to", "extended until", "extended deadline", "new due date"), "The later date that the agency was given."),
    Column("extended_on", "More time given on", ITEM, ("extended on", "extension date", "date of extension", "extension granted"), "The day it was given. Empty: the day of the reply, where that says so."),
    Column("extended_by", "More time by", ITEM, ("extended by", "extension by"), "They told us, or we agreed. Empty: we agreed, unless the reply says so."),
    Column("stance", "Position", ITEM, ("stance", "agency position"), "The agency’s own: agrees, partly agrees, takes no position, refuses."),
    Column("reply_on", "Reply received", ITEM, ("response", "response date", "reply date", "date of reply", "response received", "date response received", "replied", "date of response", "reply", "responded"), "The day the reply reached us."),
    Column("reply_kind", "Kind of reply", ITEM, ("response type", "type of response", "reply type")),
    Column("reply_from", "Reply from", ITEM, ("respondent", "responder", "response from"), "Who wrote. In a row of several agencies: which of them."),
    Column("reply_agency", "Replying agency", ITEM, ("replying bureau", "agency that replied"), "The bureau that wrote. Empty: the agency asked."),
    Column("reply_text", "What they said", ITEM, ("response text", "reply text", "response summary", "summary of response", "reply summary", "answer")),
    Column("coverage", "Answers", ITEM, ("answers in full", "complete answer")),
    Column("reply_said", "Said in short", ITEM, ("said",), f"What it says of this ask, as the page of a reply asks it: {'; '.join(Said.labels)}."),
    Column("reply_questions", "Questions answered", ITEM, ("answered questions",), "By their numbers within the ask: 1; 3.", parts=True),
    Column("reply_targets", "Reply speaks of", ITEM, ("companies in the reply",), "Those of the companies, persons or programs asked about of which the reply says it.", parts=True),
    Column("reply_channel", "How the reply came", ITEM, ("channel of reply", "reply channel", "form of reply"), "Letter, e-mail, phone call, briefing, testimony, answer for the record, or public notice. Empty: a letter."),
    Column("reply_sent_on", "Date on the reply", ITEM, ("reply dated", "reply sent", "response dated"), "The day they wrote it."),
    Column("reply_number", "Number of the reply", ITEM, ("reply number", "response number"), "The agency’s own."),
    Column("reply_held", "Reply held at", ITEM, ("held elsewhere", "where it is held"), "Of one that is not kept here (classified): where it is. It has no text and no quote."),
    Column("reply_quote", "Quote of the reply", ITEM, ("reply quote", "quote from reply"), "What it says of this ask."),
    Column("reply_page", "Page of the quote", ITEM, ("quote page",)),
    Column("evidence", "Evidence", ITEM, ("proof", "citation", "evidence of outcome", "federal register", "source of outcome"), "A citation of the Federal Register, an entry of an official list, the address of a page, or “This reply”: the one of this row."),
    Column("evidence_on", "Evidence seen", ITEM, ("evidence date", "date seen")),
    Column("evidence_targets", "Evidence is of", ITEM, ("companies in the evidence",), "Those of the companies, persons or programs asked about of which it proves it.", parts=True),
    Column("note", "Notes", ITEM, ("note", "comments", "comment", "remarks", "status notes", "internal notes"), "Office only."),
)  # fmt: skip
BY_CODE = {column.code: column for column in COLUMNS}
DATES = tuple(
    code
    for code in BY_CODE
    if code.endswith("_on") or code in ("letter_date", "printed_date", "requested_by", "extended_to")
)
NEEDED = ("subject", "letter_date")


def compared(header: str) -> str:
    """A header as headers are compared: lower case, no marks, single spaces."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(header).replace("’", "").replace("'", "")).split())


_NAMES: dict[str, str] = {}
for _column in COLUMNS:
    for _name in (compared(_column.label), compared(_column.code), *_column.names):
        _NAMES.setdefault(_name, _column.code)


def guess(headers: Sequence[str]) -> list[str]:
    """For each header the code of the column it seems to be, or nothing. A column is given once: to the better name."""
    found = ["" for _ in headers]
    taken: set[str] = set()
    for tries in (_exactly, _nearly):
        for place, header in enumerate(headers):
            code = "" if found[place] else tries(compared(header))
            if code and code not in taken:
                found[place] = code
                taken.add(code)
    return found


def _exactly(words: str) -> str:
    return _NAMES.get(words, "")


def _nearly(words: str) -> str:
    """ "Date Sent (M/D/Y)" or "Response Due Date": a known name of two words or more that it holds, the longest first."""
    held = [name for name in _NAMES if " " in name and f" {name} " in f" {words} "]
    return _NAMES[max(held, key=len)] if held else ""


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """The place of the row of headers among the first ones; None where no row has two that are known."""
    best, found = 1, None
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        known = sum(bool(code) for code in guess([cell if len(cell) < 60 else "" for cell in row]))
        if known > best:
            best, found = known, place
    return found


def fingerprint(headers: Sequence[str]) -> str:
    """What a set of headers is remembered by, whatever their capitals and marks."""
    return hashlib.sha256("\x1f".join(compared(header) for header in headers).encode()).hexdigest()


def clashes(chosen: Sequence[str]) -> list[str]:
    """Codes that were chosen for two columns."""
    given = [code for code in chosen if code]
    return sorted({code for code in given if given.count(code) > 1})


def missing(chosen: Sequence[str]) -> list[str]:
    """The labels of what no letter can do without. A letter is dated by its own date or the day it was sent."""
    has = set(chosen)
    return [
        BY_CODE[code].label
        for code in NEEDED
        if code not in has and not (code == "letter_date" and {"sent_on", "printed_date"} & has)
    ]
