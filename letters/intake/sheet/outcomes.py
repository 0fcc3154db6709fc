"""What a row says came of an ask: its status, the reply, the evidence. Nothing is made up where the row lacks the proof.

A status that needs more than the row brings stays open, and says so at its place.
"""

import datetime as dt
from dataclasses import dataclass, replace

from letters.domain.aftermath import SentReply
from letters.domain.backlog import SentAsk
from letters.domain.items import MAX_NOTE
from letters.domain.rules import MAX_REASON, check_ahead, check_not_future, check_order, check_text, plain
from letters.domain.said import ANSWERS_NOTHING, meaning
from letters.domain.transitions import NEED_WORDS
from letters.enums import (
    PROOF_KINDS,
    REASON_STATUSES,
    Channel,
    ClosesAs,
    Coverage,
    ResponseKind,
    Said,
    Stance,
    Status,
)
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.more_time import SentExtension, read_extension
from letters.intake.sheet.proving import SentEvidence, read_covered, read_evidence
from letters.intake.sheet.statuses import SAYS, UNCLEAR, read_choice, read_status
from letters.models import Agency, AskKind

OF_A_REPLY = (
    "reply_channel", "reply_sent_on", "reply_number", "reply_held", "reply_quote", "reply_page", "reply_agency", "reply_said",
    "reply_questions", "reply_targets",
)  # fmt: skip
# what of a reply is text, with the most characters it may have
TEXTS = {"reply_from": 200, "reply_text": 200_000, "reply_number": 60, "reply_held": 300, "reply_quote": 10_000, "reply_page": 20}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of one ask at one agency. `coverage` None: the reply is there, and nobody says what it answers."""

    row: int
    ask: int  # its place among the letter's asks, from 0
    agency: Agency
    status: Status = Status.AWAITING
    happened_on: dt.date | None = None
    reason: str = ""
    promised_on: dt.date | None = None
    stance: str = Stance.UNKNOWN
    coverage: str | None = None
    reply: SentReply | None = None
    evidence: SentEvidence | None = None
    note: str = ""
    extension: SentExtension | None = None
    quote: str = ""
    page: str = ""
    said: str = ""
    questions: tuple[int, ...] = ()  # places in the ask, from 0, of those that the reply answers
    targets: tuple[int, ...] = ()  # and of those it speaks of

    @property
    def says(self) -> bool:
        """Whether the row says anything of the item."""
        return self.moves or bool(self.note or self.extension)

    @property
    def moves(self) -> bool:
        """Whether anything came of it; else there is at most a note, or more time."""
        return self.status != Status.AWAITING or bool(self.reply or self.evidence)


def read_outcome(
    cells: Cells,
    row: Row,
    *,
    ask: int,
    asked: SentAsk,
    agency: Agency,
    replier: Agency | None = None,
    sent_on: dt.date | None,
    today: dt.date,
) -> Outcome:
    """One row's word on one item. Every date is checked against the day the letter was sent. `replier`: who wrote, where
    that is another than the agency asked."""
    kind = asked.kind
    wanted = _status(cells, row, kind)
    stance = _choice(cells, row, "stance", Stance) or Stance.UNKNOWN
    reply, coverage = _reply(cells, row, wanted, kind, replier or agency, sent_on, today)
    evidence, unproven = read_evidence(cells, row, asked, reply, today)
    said = _choice(cells, row, "reply_said", Said) or ""
    if said == Said.RECEIVED and coverage == Coverage.FULL:
        cells.wrong(
            row.number, "reply_said",
            f"{BY_CODE['reply_said'].label}: that our letter came answers nothing of it. Write “{Coverage.EVADES.label}” under “{BY_CODE['coverage'].label}”, "
            "or what else they said.",
        )  # fmt: skip
    questions, targets = read_covered(cells, row, asked, is_read=coverage is not None) if reply else ((), ())
    reason = row.get("reason")
    cells.text(row, "reason", MAX_REASON)
    promised_on = cells.day(row, "promised_on")
    happened_on = cells.day(row, "status_on")
    for problem in [
        *check_not_future("status_on", BY_CODE["status_on"].label, happened_on, today),
        *check_order("status_on", BY_CODE["status_on"].label, happened_on, "the day the letter was sent", sent_on),
    ]:
        cells.wrong(row.number, "status_on", problem.message)
    happened_on = happened_on or (reply.received_on if reply else None) or (evidence.seen_on if evidence else None)
    found = Outcome(
        row.number, ask, agency, wanted, happened_on, reason, promised_on, stance, coverage, reply, evidence,
        "\n\n".join(filter(None, (row.get("note"), unproven))),
        read_extension(cells, row, (reply.kind, reply.received_on) if reply else None, sent_on=sent_on, today=today),
        row.get("reply_quote") if reply else "", row.get("reply_page") if reply else "",
        said if coverage is not None else "", questions, targets,
    )  # fmt: skip
    if unproven and cells.text(row, "evidence", MAX_NOTE, unproven):  # the note alone is looked at with the letter
        cells.text(row, "note", MAX_NOTE, found.note)
    return replace(found, status=_allowed(cells, row, found, kind, sent_on, today))


def _status(cells: Cells, row: Row, kind: AskKind) -> Status:
    words = row.get("status")
    found = read_status(words)
    if found is None:
        way_out = UNCLEAR.get(plain(words).strip(" .!"), "The page Import lists the words it knows.")
        cells.remark(
            row.number,
            "status",
            f"Status: “{words[:60]}” says no status that we know, so the item comes in as open. {way_out}",
        )
        return Status.AWAITING
    if found == Status.IMPLEMENTED and kind.closes_as == ClosesAs.ANSWERED:
        return Status.ANSWERED  # of an ask for words, done is answered
    if found == Status.ANSWERED and kind.closes_as == ClosesAs.IMPLEMENTED:
        return Status.PARTLY_ADDRESSED if row.get("reply_on") else Status.ANSWERED
    return found


def _allowed(cells: Cells, row: Row, found: Outcome, kind: AskKind, sent_on: dt.date | None, today: dt.date) -> Status:
    """The status, if the row brings what it needs; else open, with a sentence why."""
    lacks = {
        Status.IMPLEMENTED: ("evidence", found.evidence is None),
        Status.ANSWERED: ("reply", not _proves(found)),
        Status.DECLINED: ("reply", not _proves(found)),
        Status.PROMISED: ("promised_on", found.promised_on is None),
    } | {status: ("reason", not found.reason.strip()) for status in REASON_STATUSES}
    need, is_lacking = lacks.get(found.status, ("", False))
    label = f"“{row.get('status')[:60]}”"
    if is_lacking:
        place = {"evidence": "evidence", "reply": "reply_on", "reason": "reason", "promised_on": "promised_on"}[need]
        cells.remark(
            row.number, "status",
            f"Status: {label} needs {NEED_WORDS[need]}. The item comes in as open; fill “{BY_CODE[place].label}” to bring the status along.",
        )  # fmt: skip
        return Status.AWAITING
    if found.status == Status.ANSWERED and kind.closes_as == ClosesAs.IMPLEMENTED:
        cells.remark(
            row.number, "status",
            f"Status: “{kind}” asks for a deed, so no reply alone ends it. The item comes in as open, with the reply if there is one.",
        )  # fmt: skip
        return Status.AWAITING
    if found.status != Status.AWAITING and found.happened_on is None:
        # dated as the letter, it would tell of a first word, an answer or an end on the very day it was sent
        cells.remark(
            row.number, "status",
            f"Status: {label} has no day. The item comes in as open; fill “{BY_CODE['status_on'].label}” to bring the status along.",
        )  # fmt: skip
        return Status.AWAITING
    if found.status == Status.PROMISED:
        for problem in check_ahead(
            "promised_on", "The promised date", found.promised_on, "the day it was asked", sent_on, today
        ):
            cells.wrong(row.number, "promised_on", problem.message)
    return found.status


def _proves(found: Outcome) -> bool:
    """As `standing.proving_answers` finds it."""
    is_read = found.reply is not None and found.coverage is not None and found.reply.kind in PROOF_KINDS
    return is_read and found.said not in ANSWERS_NOTHING


def _reply(
    cells: Cells, row: Row, status: Status, kind: AskKind, agency: Agency, sent_on: dt.date | None, today: dt.date
) -> tuple[SentReply | None, str | None]:
    """The reply of a row and what it covers; what kind it is says its own column, else the status, else nobody has read it."""
    received_on = cells.day(row, "reply_on")
    given_kind = _choice(cells, row, "reply_kind", ResponseKind)
    channel = _choice(cells, row, "reply_channel", Channel) or Channel.LETTER
    written_on = cells.day(row, "reply_sent_on")
    coverage = _choice(cells, row, "coverage", Coverage)
    if received_on is None:
        for code in ("reply_kind", "reply_text", "reply_from", "coverage", *OF_A_REPLY):
            if row.get(code) and not row.get("reply_on"):
                cells.remark(
                    row.number, code,
                    f"{BY_CODE[code].label}: left out, since the day the reply came is missing. Fill “{BY_CODE['reply_on'].label}” to bring it along.",
                )  # fmt: skip
        return None, None
    for problem in [
        *check_not_future("reply_on", "The day it was received", received_on, today),
        *check_order("reply_on", "The day it was received", received_on, "the day the letter was sent", sent_on),
        *check_order("reply_sent_on", "The day it was received", received_on, "the date on it", written_on),
        *(
            problem
            for code, most in TEXTS.items()
            for problem in check_text(code, BY_CODE[code].label, row.get(code), most)
        ),
    ]:
        cells.wrong(row.number, problem.field, problem.message)
    if row.get("reply_held") and (row.get("reply_text") or row.get("reply_quote")):
        cells.wrong(
            row.number, "reply_held",
            f"{BY_CODE['reply_held'].label}: a reply that is held elsewhere has no text and no quote here. Empty those cells, or this one.",
        )  # fmt: skip
    said = SAYS.get(status)
    line = meaning(said, kind.closes_as) if said else None
    if given_kind is None and line:
        given_kind = line.kind
    if coverage is None and line:
        coverage = line.coverage
    reply = SentReply(
        agency, received_on, given_kind or ResponseKind.INTERIM, row.get("reply_from"), row.get("reply_text"),
        channel, written_on, row.get("reply_number"), row.get("reply_held"),
    )  # fmt: skip
    return reply, coverage


def _choice(
    cells: Cells,
    row: Row,
    code: str,
    choices: type[Stance] | type[ResponseKind] | type[Coverage] | type[Channel] | type[Said],
) -> str | None:
    words = row.get(code)
    if not words:
        return None
    found = read_choice(words, choices)
    if found is None:
        known = ", ".join(str(choice.label) for choice in choices)
        cells.remark(row.number, code, f"{BY_CODE[code].label}: “{words[:60]}” is left out. Known: {known}.")
    return found
