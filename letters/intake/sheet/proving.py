"""What a row says that an outcome rests on: the reply, what of the ask it covers, and the evidence."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from letters.domain.aftermath import SentReply
from letters.domain.backlog import SentAsk
from letters.domain.rules import check_not_future, check_url, plain
from letters.enums import EvidenceKind, TargetKind
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.names import split_parts
from letters.intake.sheet.proofs import is_this_reply, read_citation, split_proof
from letters.models import Target

MAX_CITATION = 500  # characters
ALL = ("all", "all of them")


@dataclass(frozen=True)
class SentEvidence:
    kind: str
    citation: str = ""
    url: str = ""
    seen_on: dt.date | None = None
    reply: SentReply | None = None  # which is the evidence itself
    targets: tuple[int, ...] = ()  # places in the ask, from 0, of those it proves the outcome of


def named(target: Target) -> str:
    """A company by its name alone, others with what they are behind it."""
    if target.kind == TargetKind.COMPANY:
        return target.name
    return f"{target.name} ({TargetKind(target.kind).label.lower()})"


def read_covered(cells: Cells, row: Row, asked: SentAsk, *, is_read: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of the ask’s questions and companies those that the reply answers or speaks of, by their places from 0."""
    for code in ("reply_questions", "reply_targets"):
        if row.get(code) and not is_read:
            cells.remark(
                row.number, code,
                f"{BY_CODE[code].label}: left out, since nobody says what the reply answers. Fill “{BY_CODE['coverage'].label}” to bring it along.",
            )  # fmt: skip
    if not is_read:
        return (), ()
    return _questions(cells, row, asked.questions), _targets(cells, row, "reply_targets", asked.targets)


def _questions(cells: Cells, row: Row, questions: Sequence[str]) -> tuple[int, ...]:
    words = row.get("reply_questions")
    if plain(words) in ALL:
        return tuple(range(len(questions)))
    found = []
    for part in re.split(r"[\s,;|]+", words.strip()) if words else ():
        number = int(part) if part.isdecimal() and len(part) < 6 else 0
        if 1 <= number <= len(questions):
            found.append(number - 1)
        else:
            cells.remark(
                row.number, "reply_questions",
                f"{BY_CODE['reply_questions'].label}: “{part[:40]}” is left out. The ask has {len(questions)} questions; write their numbers from 1, "
                "parted by semicolons, or “all”.",
            )  # fmt: skip
    return tuple(dict.fromkeys(found))


def _targets(cells: Cells, row: Row, code: str, targets: Sequence[Target]) -> tuple[int, ...]:
    if plain(row.get(code)) in ALL:
        return tuple(range(len(targets)))
    places = {plain(words): place for place, one in enumerate(targets) for words in (one.name, named(one))}
    found = []
    for name in split_parts(row.get(code)):
        if plain(name) in places:
            found.append(places[plain(name)])
        else:
            cells.remark(
                row.number, code,
                f"{BY_CODE[code].label}: “{name[:80]}” is not under “{BY_CODE['targets'].label}” of this ask, and is left out.",
            )  # fmt: skip
    return tuple(dict.fromkeys(found))


def read_evidence(
    cells: Cells, row: Row, asked: SentAsk, reply: SentReply | None, today: dt.date
) -> tuple[SentEvidence | None, str]:
    """A page with the day it was seen, a citation of the Federal Register, an entry of an official list, or the reply of
    this row; words that are none of these prove nothing, and are the second: a note.
    """
    words, seen_on = row.get("evidence"), cells.day(row, "evidence_on")
    if not words:
        return None, ""

    def as_note(why: str) -> tuple[None, str]:
        cells.remark(row.number, "evidence", f"Evidence: {why}")
        return None, f"Evidence in the imported sheet: {words}"

    for problem in check_not_future("evidence_on", "The day it was seen", seen_on, today):
        cells.wrong(row.number, "evidence_on", problem.message)
    targets = _targets(cells, row, "evidence_targets", asked.targets)
    if is_this_reply(words):
        if reply is None:
            return as_note(
                f"this row has no reply. Fill “{BY_CODE['reply_on'].label}” with the day it came to bring it along; it comes in as a note."
            )
        return SentEvidence(EvidenceKind.RESPONSE, seen_on=seen_on, reply=reply, targets=targets), ""
    citation, url, is_page = split_proof(words)
    if url:
        for problem in check_url("evidence", "Evidence", url):
            cells.wrong(row.number, "evidence", problem.message)
    if is_page:
        if seen_on is None:
            return as_note(
                f"{words[:60]} comes in as a note, since pages change: fill “{BY_CODE['evidence_on'].label}” with the day it said so."
            )
        cells.text(row, "evidence", MAX_CITATION, citation)
        return SentEvidence(EvidenceKind.URL, citation, url, seen_on, targets=targets), ""
    cited = read_citation(citation)
    if cited is None:
        return as_note(
            f"“{words[:60]}” is no citation of the Federal Register, no entry of an official list and no address of a page, so it "
            "comes in as a note. If a list or the Federal Register says it, write “List entry:” or “Federal Register:” before it."
        )
    cells.text(row, "evidence", MAX_CITATION, cited[1])
    return SentEvidence(cited[0], cited[1], url, seen_on, targets=targets), ""
