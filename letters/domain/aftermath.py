"""What came of letters that were sent before they came here: what `record_response`, `add_evidence` and `transition` would
write, in a few statements for all instead of thirty for each.

The same checks, the same rows, the same events. A test holds the two ways against each other.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.domain import payloads
from letters.domain.access import EDIT, Actor, require
from letters.domain.copying import copy_in, copy_new, write_over
from letters.domain.history import acting, event_values
from letters.domain.items import MAX_NOTE
from letters.domain.moves import Move
from letters.domain.reply_rules import Bearing, check_evidence, check_reply
from letters.domain.rules import check_text, refuse_if
from letters.domain.said import ANSWERS_NOTHING
from letters.domain.workflow_many import WRITTEN, move_waiting
from letters.enums import (
    PROOF_KINDS,
    SUBSTANTIVE_KINDS,
    Channel,
    Coverage,
    EventKind,
    ResponseKind,
    Said,
    Stance,
)
from letters.models import Agency, Answer, Event, Evidence, Letter, Note, Response, Tasking, User


@dataclass(frozen=True)
class SentReply:
    """The facts of one reply."""

    agency: Agency
    received_on: dt.date
    kind: str
    responder: str = ""
    text: str = ""
    channel: str = Channel.LETTER
    sent_on: dt.date | None = None
    control_number: str = ""
    held_elsewhere: str = ""


@dataclass(frozen=True)
class Told:
    """A reply, and the items it bears on."""

    reply: SentReply
    bearings: tuple[Bearing, ...]  # without questions and targets


@dataclass(frozen=True)
class Proof:
    tasking: Tasking
    kind: str
    citation: str = ""
    url: str = ""
    seen_on: dt.date | None = None


@transaction.atomic
def log_aftermath(*, by: Actor, told: Sequence[Told], proofs: Sequence[Proof], moves: Sequence[Move]) -> None:
    """Replies, evidence and at most one move of items that wait, of letters logged in this transaction; no consulted one moves.

    The objects know afterwards what became of them. Raises RecordError with every problem of any reply or evidence, or the
    first refused move; then nothing is kept.
    """
    taskings = {
        tasking.pk: tasking
        for tasking in [
            *(bearing.tasking for reply in told for bearing in reply.bearings),
            *(proof.tasking for proof in proofs),
            *(move.tasking for move in moves),
        ]
    }
    for letter in {tasking.ask.letter_id: tasking.ask.letter for tasking in taskings.values()}.values():
        require(by, EDIT, letter)
    refuse_if(problem for problems in _problems(told, proofs) for problem in problems)
    with acting(by):
        answers = _replies(told, by=by)
        evidence = _evidence(proofs)
        copy_new(Event, _events(answers, evidence, by=by))
        rests_on_reply = {answer.tasking_id for answer in answers if _proves(answer)}
        rests_on_evidence = {one.tasking_id for one in evidence}
        _touch([*(answer.tasking for answer in answers), *(one.tasking for one in evidence)], by=by)
        moved = {move.tasking.pk for move in moves}
        if isinstance(by, User):
            for move in moves:
                move.tasking.touched_at = timezone.now()
        write_over([tasking for key, tasking in taskings.items() if key not in moved], WRITTEN)
        move_waiting(
            [
                replace(
                    move,
                    has_reply=move.tasking.pk in rests_on_reply,
                    has_evidence=move.tasking.pk in rests_on_evidence,
                )
                for move in moves
            ],
            by=by,
        )


def _problems(told: Sequence[Told], proofs: Sequence[Proof]) -> Iterator[list]:
    for one in told:
        yield check_reply(bearings=one.bearings, **vars(one.reply))
    for proof in proofs:
        yield check_evidence(proof.kind, proof.citation, proof.url, proof.seen_on)


def _replies(told: Sequence[Told], *, by: Actor) -> list[Answer]:
    """The replies and their answers, written; what each says of its item, on the item."""
    responses, answers = [], []
    now = timezone.now()
    for one in told:
        response = Response(**vars(one.reply))
        responses.append(response)
        for bearing in one.bearings:
            answer = Answer(response=response, tasking=bearing.tasking, quote=bearing.quote, page=bearing.page)
            if bearing.coverage is not None:
                answer.coverage, answer.stance, answer.said = bearing.coverage, bearing.stance, bearing.said
            elif response.kind == ResponseKind.ACKNOWLEDGEMENT:
                # read by being one: it is no unread reply, and so silences no reminder (invariant 3)
                answer.coverage, answer.stance, answer.said = Coverage.EVADES, Stance.UNKNOWN, Said.RECEIVED
            if answer.coverage is not None:
                answer.assessed_at = now
                answer.assessed_by = by if isinstance(by, User) else None
            answers.append(answer)
    for answer in sorted(answers, key=lambda answer: answer.response.received_on):
        _tell(answer)  # the position is of the last that came
    copy_in(responses)
    copy_in(answers)
    return answers


def _tell(answer: Answer) -> None:
    """What the item itself keeps of an answer: their first word, their stance, whether the reply clock is satisfied."""
    tasking, response = answer.tasking, answer.response
    tasking.acknowledged_on = min(tasking.acknowledged_on or response.received_on, response.received_on)
    if answer.coverage is not None and answer.stance != Stance.UNKNOWN:
        tasking.stance = answer.stance
    if _proves(answer) and answer.coverage == Coverage.FULL and response.kind in SUBSTANTIVE_KINDS:
        tasking.answered_on = min(tasking.answered_on or response.received_on, response.received_on)


def _proves(answer: Answer) -> bool:
    """As `standing.proving_answers` finds it."""
    return answer.coverage is not None and answer.response.kind in PROOF_KINDS and answer.said not in ANSWERS_NOTHING


def _evidence(proofs: Sequence[Proof]) -> list[Evidence]:
    evidence = [
        Evidence(
            tasking=one.tasking, kind=one.kind, citation=one.citation.strip(), url=one.url.strip(), seen_on=one.seen_on
        )
        for one in proofs
    ]
    copy_in(evidence)
    return evidence


def _events(answers: Sequence[Answer], evidence: Sequence[Evidence], *, by: Actor) -> Iterator[dict[str, Any]]:
    """Told while all of them wait still."""

    def told(kind: EventKind, tasking: Tasking, payload: dict[str, Any]) -> dict[str, Any]:
        return event_values(kind, by=by, letter=tasking.ask.letter, tasking=tasking, payload=payload)

    for answer in answers:
        tasking = answer.tasking
        yield told(EventKind.RESPONSE_RECORDED, tasking, payloads.reply_recorded(tasking, answer.response))
        if answer.coverage is not None:
            yield told(EventKind.ANSWER_ASSESSED, tasking, payloads.answer_assessed(tasking, answer))
    for one in evidence:
        yield told(EventKind.EVIDENCE_ADDED, one.tasking, payloads.evidence_added(one.tasking, one))


def _touch(taskings: Sequence[Tasking], *, by: Actor) -> None:
    """As `replies.touch`, once for each time it is named."""
    for tasking in taskings:
        tasking.version += 1
        if isinstance(by, User):
            tasking.touched_at = timezone.now()


@transaction.atomic
def add_notes(*, by: Actor, notes: Sequence[tuple[Letter, Tasking | None, str]]) -> None:
    """`add_note` many times, in few statements: about letters of this transaction, which nobody else has seen yet, so that
    no version has to tell that they changed."""
    for letter in {letter.pk: letter for letter, _, _ in notes}.values():
        require(by, EDIT, letter)
    refuse_if(problem for _, _, text in notes for problem in check_text("text", "The note", text, MAX_NOTE))
    with acting(by):
        person = by if isinstance(by, User) else None
        rows: list[dict[str, Any]] = [
            {"id": uuid.uuid4(), "letter": letter, "tasking": tasking, "text": text.strip(), "by": person}
            for letter, tasking, text in notes
        ]
        copy_new(Note, rows)
        copy_new(
            Event,
            (
                event_values(
                    EventKind.NOTE_ADDED, by=by, letter=row["letter"], tasking=row["tasking"],
                    payload={"letter": str(row["letter"].pk), "note": str(row["id"])},
                )
                for row in rows
            ),
        )  # fmt: skip
