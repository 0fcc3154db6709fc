"""The table of "What did they say?" in words: for docs/said.md and the help page. Pure: data in, text out."""

from dataclasses import dataclass

from letters.domain.said import REVIEW_DAYS, STRENGTH, TABLE, Meaning
from letters.enums import OPEN_STATUSES, ClosesAs, Said, Status

ASKED_WORDS = {
    "evidence": "what proves it (the reply itself may)",
    "targets": "which companies it covers",
    "questions": "which questions it answers",
    "promised_on": "the date they promised",
    "review_on": f"when we look again ({REVIEW_DAYS} days)",
    "agency": "which agency",
    "reason": "why",
}
KIND_WORDS = {ClosesAs.IMPLEMENTED: "a deed", ClosesAs.ANSWERED: "words", ClosesAs.EITHER: "either"}


@dataclass(frozen=True)
class Line:
    """One line as it is printed."""

    said: str
    asks_for: str
    kind: str
    coverage: str
    stance: str
    status: str
    asked: str
    moves: str


def lines() -> list[Line]:
    """The whole table, in the order of the form; kinds of ask that are treated alike share a line."""
    found = []
    for said, by_kind in TABLE.items():
        different = list(dict.fromkeys(by_kind.values()))
        for line in different:
            kinds = [KIND_WORDS[kind] for kind, member in by_kind.items() if member == line]
            found.append(_line(said, "any" if len(different) == 1 else " or ".join(kinds), line))
    return found


def _line(said: Said, asks_for: str, line: Meaning) -> Line:
    return Line(
        said=str(said.label),
        asks_for=asks_for,
        kind=str(line.kind.label),
        coverage=str(line.coverage.label),
        stance=str(line.stance.label),
        status=str(line.status.label),
        asked=", ".join(ASKED_WORDS[name] for name in line.asks),
        moves="" if line.moves == OPEN_STATUSES else _from(line.moves),
    )


def _from(moves: tuple[Status, ...]) -> str:
    return "only from " + ", ".join(f"“{status.label}”" for status in moves)


RULES = (
    "What a person sees before saving is this table; each part of it may be changed for each item.",
    "A closed item stays closed: a reply is recorded, and somebody reopens the item with a reason.",
    "Where the status of an open item rests on nothing but how this reply was read, a reading that corrects it counts from "
    "the status before that, as if the reply had been read so at once. What a person, or another reply, said since stays.",
    "A reply that came before another one which was read already, though it is logged after it, moves the item nowhere from "
    "which that one would have moved it on: no promise goes, no clock stops, no pause ends. What is done is done all the "
    "same, and a person may choose where the item goes.",
    "Where only some of the questions are answered, or some of the companies covered, “done” and “answered” become "
    "“partly done”, and the reply answers in part. What earlier replies covered counts.",
    "A reply that says several things is, as a whole, the first of these that it says of any item: "
    + ", ".join(str(kind.label) for kind in STRENGTH)
    + ".",
    "Where an agency that took no position now looks into it, the review date goes, and the reply clock runs again.",
    "An acknowledgment is read by being one: it never waits to be read, and never stops the reply clock.",
)


def as_markdown() -> str:
    """The table for docs/said.md."""
    head = "| they said | the ask is for | the reply is | it | their position | the item becomes | asked besides |"
    body = [
        f"| {one.said} | {one.asks_for} | {one.kind} | {one.coverage} | {one.stance} | "
        f"{one.status}{f' ({one.moves})' if one.moves else ''} | {one.asked} |"
        for one in lines()
    ]
    return "\n".join(
        [
            "<!-- Made by `manage.py draw_transitions` from letters/domain/said.py. Change it there. -->",
            "# What did they say?",
            "",
            "One question about each item that a reply is about, and what each answer to it does.",
            "",
            head,
            "|---|---|---|---|---|---|---|",
            *body,
            "",
            *(f"- {rule}" for rule in RULES),
            "",
        ]
    )
