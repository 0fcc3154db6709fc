"""One reply in one step: what was said of each item becomes answers, evidence and statuses, by the table `said`.

It adds no rule of its own: `replies`, `workflow` and `items` do the writing and the refusing.
A refusal about one item names it in its field: "<id of the item>.promised_on".
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import transaction

from letters.domain import items, moves, replies, retractions, said, workflow
from letters.domain.access import EDIT, Actor, require
from letters.domain.clocks import end_review, moment_of, office_today
from letters.domain.covering import covered, said_of
from letters.domain.history import acting
from letters.domain.reply_kinds import check_chosen, chosen_kind, line, table_kind
from letters.domain.reply_rules import Bearing, check_reply
from letters.domain.rules import check_ahead, check_required, refuse_if
from letters.domain.standing import takes_none_since
from letters.enums import Channel, Coverage, EvidenceKind, Said, Stance, Status, TaskingRole
from letters.errors import Problem, RecordError
from letters.models import Agency, Question, Response, Target, Tasking


@dataclass(frozen=True)
class Proof:
    """What shows that it was done: the reply itself, unless a person names something better."""

    kind: str = EvidenceKind.RESPONSE
    citation: str = ""
    url: str = ""
    seen_on: dt.date | None = None


@dataclass(frozen=True)
class Word:
    """What a reply says about one item, as a person chose it. What is None follows the table.

    `said` empty: not read yet. `quote` and `page` None: as they were typed before, if they were. `status` may be the
    present one, to leave the item where it is.
    """

    tasking: Tasking
    said: str = ""
    version: int | None = None
    quote: str | None = None
    page: str | None = None
    promised_on: dt.date | None = None
    review_on: dt.date | None = None
    passed_to: Agency | None = None
    reason: str = ""
    questions: Collection[Question] | None = None
    targets: Collection[Target] | None = None
    proof: Proof = field(default_factory=Proof)
    coverage: str | None = None
    stance: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class _Step:
    """A word with what it comes to."""

    word: Word
    tasking: Tasking
    coverage: str | None
    stance: str
    to: str | None
    reviews: bool = False
    questions: Collection[Question] = ()
    targets: Collection[Target] = ()

    @property
    def proves(self) -> bool:
        # also where it is partly done already, and of a reply that came after the end: both may be asked for it later
        becomes = self.to or self.tasking.status
        return self.to == Status.IMPLEMENTED or (
            self.word.said in (Said.DONE, Said.PARTLY)
            and (becomes == Status.PARTLY_ADDRESSED or not self.tasking.is_open)
            and said.meaning(Said.DONE, self.tasking.ask.kind.closes_as).status == Status.IMPLEMENTED
            and (self.word.said == Said.DONE or bool(self.targets))
        )

    @property
    def says(self) -> set:
        # as `said_of` tells it
        return {(self.word.said, target.pk) for target in self.targets} or {(self.word.said, None)}

    @property
    def promises(self) -> dt.date | None:
        return self.word.promised_on if self.word.said == Said.PROMISED or self.to == Status.PROMISED else None

    def bearing(self) -> Bearing:
        word = self.word
        return Bearing(
            self.tasking, coverage=self.coverage, stance=self.stance, quote=word.quote or "", page=word.page or "",
            said=word.said,
            questions=self.questions, targets=self.targets, promised_on=self.promises,
        )  # fmt: skip


@transaction.atomic
def record_reply(
    *,
    by: Actor,
    agency: Agency,
    received_on: dt.date | None,
    words: Sequence[Word],
    kind: str = "",
    channel: str = Channel.LETTER,
    **facts: Any,
) -> Response:
    """Keep a reply and do what it says to each item it is about; all of it, or with every problem named, nothing.

    `facts` as for `replies.record_response`; `kind` where a person knows better than the table.
    """
    for word in words:
        require(by, EDIT, word.tasking.ask.letter)
    with acting(by):
        steps = [_step(word, tasking) for word, tasking in _locked(words)]
        kind = kind or table_kind((step.word.said, step.tasking) for step in steps)
        bearings = [step.bearing() for step in steps]
        checked = {name: value for name, value in facts.items() if name != "official"}
        problems = check_reply(
            agency=agency, kind=kind, channel=channel, received_on=received_on, bearings=bearings, **checked
        )
        refuse_if([*problems, *(problem for step in steps for problem in _check(step))])
        response = replies.record_response(
            by=by, agency=agency, kind=kind, channel=channel, received_on=cast(dt.date, received_on), bearings=bearings, **facts
        )  # fmt: skip
        _follow(response, steps, by=by, anew={})
        return response


@transaction.atomic
def read_reply(response: Response, *, by: Actor, words: Sequence[Word], kind: str = "") -> Response:
    """Say what a reply that was kept to be read later says, of some of its items or all; others may be added."""
    for word in words:
        require(by, EDIT, word.tasking.ask.letter)
    with acting(by):
        if response.released_at:
            # it may be taken back from all its letters: their items are held in one order with these
            workflow.hold([*Tasking.objects.filter(answers__response=response), *(word.tasking for word in words)])
        steps = [_step(word, tasking, response) for word, tasking in _locked(words)]
        if not steps:
            raise RecordError.of("bearings", "Say of at least one item what the reply says about it.", [])
        # who took it back while these items were held by them did so after this object was loaded
        response.refresh_from_db(from_queryset=Response.objects.select_for_update(no_key=True))
        if response.in_error_at:
            raise RecordError.of("bearings", "This reply was entered in error. Record it anew, with what is right.")
        known = {
            answer.tasking_id: answer
            for answer in response.answers.select_related("response", "tasking__ask__letter", "tasking__ask__kind")
        }
        others = [a for a in known.values() if a.coverage and a.tasking_id not in {s.tasking.pk for s in steps}]
        chosen = "" if kind else chosen_kind(list(known.values()))
        kind = kind or chosen or table_kind([(step.word.said, step.tasking) for step in steps], others)
        added = [step.bearing() for step in steps if step.tasking.pk not in known]
        problems = check_chosen(chosen, [step.to for step in steps])
        problems += [problem for step in steps for problem in _check(step)]
        if added:
            problems += check_reply(
                agency=response.agency, kind=kind, channel=response.channel, received_on=response.received_on, bearings=added
            )  # fmt: skip
        for step in steps:
            if not step.word.said:
                problems.append(_of(step, "said", "Say what they said about it, or leave the page."))
        refuse_if(problems)
        stood = said_of(response)
        replies.set_kind(response, by=by, kind=kind)
        for step in steps:
            answer, word = known.get(step.tasking.pk), step.word
            if answer is None:
                replies.add_answer(response, step.bearing(), by=by)
                continue
            with _about(step):
                replies.assess(
                    answer, by=by, coverage=step.coverage or Coverage.EVADES, stance=step.stance, said=word.said,
                    quote=word.quote, page=word.page, questions=step.questions, targets=step.targets,
                    promised_on=step.promises,
                )  # fmt: skip
        _follow(response, steps, by=by, anew=stood)
        return response


def _locked(words: Sequence[Word]) -> Iterator[tuple[Word, Tasking]]:
    # in one order, so that two replies about the same items wait for each other instead of both
    for word in sorted(words, key=lambda word: (word.tasking.ask_id, word.tasking.pk)):
        yield word, workflow.lock(word.tasking, expected_version=word.version)


def _step(word: Word, tasking: Tasking, response: Response | None = None) -> _Step:
    if not word.said:
        return _Step(word, tasking, None, Stance.UNKNOWN, None)
    means = line(word.said, tasking)
    questions, targets, complete = covered(tasking, means, word.questions, word.targets, response=response)
    # where it goes says nothing of how much the reply covers; only that it ends as the table would end it
    complete = complete or word.status in (Status.IMPLEMENTED, Status.ANSWERED)
    found = said.effect(word.said, closes_as=tasking.ask.kind.closes_as, status=tasking.status, complete=complete)
    to = found.status
    if word.status is not None:
        to = None if word.status == tasking.status else Status(word.status)
    return _Step(
        word, tasking, word.coverage or found.coverage, word.stance or found.stance, to,
        reviews=found.reviews and (to or tasking.status) == Status.CONSIDERING, questions=questions, targets=targets,
    )  # fmt: skip


def _check(step: _Step) -> Iterator[Problem]:
    word, tasking = step.word, step.tasking
    if word.said == Said.PROMISED and step.to in (Status.PROMISED, None) and tasking.is_open:
        found = [
            *check_required("promised_on", "The date they promised", word.promised_on, "Enter the day they named."),
            *check_ahead(
                "promised_on", "The promised date", word.promised_on, "the day it was asked", tasking.asked_on, office_today()
            ),
        ]  # fmt: skip
        yield from (_of(step, problem.field, problem.message) for problem in found)
    if step.reviews and word.review_on and word.review_on <= office_today():
        yield _of(step, "review_on", "The review date has to come: enter a day after today.")
    if step.to == Status.TRANSFERRED and word.passed_to is None:
        yield _of(step, "agency", "Name the agency they pointed us to.")
    asked = {target.pk for target in tasking.ask.targets.all()}
    if any(target.pk not in asked for target in step.targets):
        yield _of(step, "targets", "Not all of these are companies, persons or programs of this ask.")
    if any(question.ask_id != tasking.ask_id for question in step.questions):
        yield _of(step, "questions", "Not all of these are questions of this ask.")
    if (
        word.said == Said.ANSWERED
        and word.questions is not None
        and not word.questions
        and tasking.ask.questions.exists()
    ):
        yield _of(step, "questions", "Tick the questions that it answers.")
    if word.said == Said.DONE and word.targets is not None and not word.targets and asked:
        yield _of(step, "targets", "Tick the companies, persons or programs for which it is done.")


def _follow(response: Response, steps: Sequence[_Step], *, by: Actor, anew: Mapping[uuid.UUID, set]) -> None:
    """Evidence first, then the status that rests on it. Consulted items first: they may end with the last responsible one.

    `anew`: `said_of` the reply before. What it was thought to prove goes with what it says no more; where it says the
    same, what stands as evidence stays, and nothing is added to it that nobody named.
    """
    told = {"response": str(response.pk)}
    for step in sorted(steps, key=lambda step: step.tasking.role == TaskingRole.LEAD):
        word = step.word
        if not word.said:
            continue
        tasking = Tasking.objects.select_related("ask__letter", "ask__kind").get(pk=step.tasking.pk)
        with _about(step):
            if not (step.to is None and anew.get(tasking.pk) == step.says and retractions.is_kept(word.proof, tasking)):
                _prove(response, step, tasking, by=by, anew=tasking.pk in anew)
            at = moment_of(moves.came_on(step.to, response, seen_on=word.proof.seen_on))
            if step.to == Status.TRANSFERRED and word.passed_to:
                reason = word.reason.strip() or f"{response.agency} pointed us to {word.passed_to}."
                workflow.transfer(tasking, to_agency=word.passed_to, by=by, reason=reason, also=told, occurred_at=at)
            elif step.to is not None:
                workflow.transition(
                    tasking, to=step.to, by=by, reason=word.reason, promised_on=word.promised_on, also=told,
                    occurred_at=at,
                )  # fmt: skip
            elif word.said == Said.PROMISED and tasking.status == Status.PROMISED and word.promised_on:
                items.move_promise(tasking, by=by, to=word.promised_on, response=response)
            if word.said == Said.LOOKING and tasking.review_on and not takes_none_since(tasking, response):
                end_review(workflow.lock(tasking), by=by)
            if step.reviews:
                items.set_review(tasking, by=by, on=word.review_on or said.review_on(office_today()), response=response)


def _prove(response: Response, step: _Step, tasking: Tasking, *, by: Actor, anew: bool) -> None:
    proof = step.word.proof
    before = retractions.proofs_by(response, tasking) if anew else []
    itself = step.proves and proof.kind == EvidenceKind.RESPONSE
    same = [one for one in before if itself and one.is_standing and one.covers == {t.pk for t in step.targets}][:1]
    if step.proves and not same:
        replies.add_evidence(
            tasking, by=by, kind=proof.kind, citation=proof.citation, url=proof.url, seen_on=proof.seen_on,
            response=response if itself else None, targets=step.targets,
        )  # fmt: skip
    retractions.prove_no_more([one.evidence for one in before if one not in same], tasking, by=by)


@contextmanager
def _about(step: _Step) -> Iterator[None]:
    """A refusal inside is one about this item."""
    try:
        yield
    except RecordError as error:
        raise type(error)(*(_of(step, problem.field, problem.message) for problem in error.problems)) from error


def _of(step: _Step, name: str, message: str) -> Problem:
    return Problem(f"{step.tasking.pk}.{name}", f"{step.tasking}: {message}")
