"""What was said of an item in a reply, and what it comes to by the table `said`. Reads, writes nothing.

What is wrong with it names the item in its field: "<id of the item>.promised_on".
"""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from letters.domain import said
from letters.domain.clocks import office_today
from letters.domain.covering import covered
from letters.domain.reply_kinds import line
from letters.domain.reply_rules import Bearing
from letters.domain.rules import check_ahead, check_required
from letters.domain.standing import said_since
from letters.enums import EvidenceKind, Said, Stance, Status
from letters.errors import Problem
from letters.models import Agency, Event, Question, Response, Target, Tasking


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
class Step:
    """A word with what it comes to."""

    word: Word
    tasking: Tasking
    coverage: str | None
    stance: str
    to: str | None
    reviews: bool = False
    questions: Collection[Question] = ()
    targets: Collection[Target] = ()
    back: Event | None = (
        None  # the move to what it stays, or goes back to: this reply, as it is read now, moves nothing
    )
    is_late: bool = False  # a reply that came after it, and was logged before, said otherwise

    @property
    def proves(self) -> bool:
        # also where it is partly done already, and of a reply that came after the end: both may be asked for it later
        becomes = self.to or self.tasking.status
        return self.to == Status.IMPLEMENTED or (
            self.word.said in (Said.DONE, Said.PARTLY)
            and (becomes == Status.PARTLY_ADDRESSED or not self.tasking.is_open or self.is_late)
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


def step_of(
    word: Word,
    tasking: Tasking,
    received_on: dt.date | None,
    response: Response | None = None,
    *,
    before: Event | None = None,
) -> Step:
    """`response`: the reply that is read anew; `before`: see `moves.before_reading`."""
    if not word.said:
        return Step(word, tasking, None, Stance.UNKNOWN, None)
    means = line(word.said, tasking)
    questions, targets, complete = covered(tasking, means, word.questions, word.targets, response=response)
    # where it goes says nothing of how much the reply covers; only that it ends as the table would end it
    complete = complete or word.status in (Status.IMPLEMENTED, Status.ANSWERED)
    of: dict[str, Any] = {
        "closes_as": tasking.ask.kind.closes_as, "status": tasking.status, "complete": complete,
        "before": before.to_status if before else None,
    }  # fmt: skip
    # who chooses where it goes knows what was said since
    later = said_since([tasking]).get(tasking.pk, []) if received_on and word.status is None else []
    found = said.effect(word.said, **of, since=[one for day, one in later if received_on and day > received_on])
    to = found.status
    if word.status is not None:
        to = None if word.status == tasking.status else Status(word.status)
    return Step(
        word, tasking, word.coverage or found.coverage, word.stance or found.stance, to,
        reviews=found.reviews and (to or tasking.status) == Status.CONSIDERING, questions=questions, targets=targets,
        back=before if before and word.status is None and means.status != to == before.to_status else None,
        is_late=found.status != said.effect(word.said, **of).status,
    )  # fmt: skip


def check_step(step: Step) -> Iterator[Problem]:
    """Everything wrong with it."""
    word, tasking = step.word, step.tasking
    if word.said == Said.PROMISED and step.to in (Status.PROMISED, None) and tasking.is_open:
        found = [
            *check_required("promised_on", "The date they promised", word.promised_on, "Enter the day they named."),
            *check_ahead(
                "promised_on", "The promised date", word.promised_on, "the day it was asked", tasking.asked_on, office_today()
            ),
        ]  # fmt: skip
        yield from (problem_of(step, problem.field, problem.message) for problem in found)
    if step.reviews and word.review_on and word.review_on <= office_today():
        yield problem_of(step, "review_on", "The review date has to come: enter a day after today.")
    if step.to == Status.TRANSFERRED and word.passed_to is None:
        yield problem_of(step, "agency", "Name the agency they pointed us to.")
    asked = {target.pk for target in tasking.ask.targets.all()}
    if any(target.pk not in asked for target in step.targets):
        yield problem_of(step, "targets", "Not all of these are companies, persons or programs of this ask.")
    if any(question.ask_id != tasking.ask_id for question in step.questions):
        yield problem_of(step, "questions", "Not all of these are questions of this ask.")
    if (
        word.said == Said.ANSWERED
        and word.questions is not None
        and not word.questions
        and tasking.ask.questions.exists()
    ):
        yield problem_of(step, "questions", "Tick the questions that it answers.")
    if word.said == Said.DONE and word.targets is not None and not word.targets and asked:
        yield problem_of(step, "targets", "Tick the companies, persons or programs for which it is done.")


def problem_of(step: Step, name: str, message: str) -> Problem:
    """One about this item, in its field `name`."""
    return Problem(f"{step.tasking.pk}.{name}", f"{step.tasking}: {message}")
