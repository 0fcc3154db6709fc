"""What agencies said: recording a reply, saying how it bears on each open item, and what proves an outcome."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from letters.domain import clocks, payloads, public_replies, releases
from letters.domain.access import EDIT, Actor, may, require
from letters.domain.history import acting, record_event
from letters.domain.reply_rules import HELD_ELSEWHERE, Bearing, check_evidence, check_reading, check_reply
from letters.domain.rules import check_known, refuse_if
from letters.domain.said import ANSWERS_NOTHING
from letters.domain.standing import loses_its_reply, rests_on_reply, settle_stance
from letters.domain.workflow import lock
from letters.enums import Channel, Coverage, EventKind, EvidenceKind, ResponseKind, Said, Stance
from letters.errors import Problem, RecordError
from letters.models import (
    Agency,
    Answer,
    AnswerQuestion,
    AnswerTarget,
    Evidence,
    EvidenceTarget,
    Official,
    Question,
    Response,
    Target,
    Tasking,
    User,
)


@transaction.atomic
def record_response(
    *,
    by: Actor,
    agency: Agency,
    kind: str,
    received_on: dt.date,
    bearings: Sequence[Bearing],
    channel: str = Channel.LETTER,
    sent_on: dt.date | None = None,
    official: Official | None = None,
    responder: str = "",
    text: str = "",
    control_number: str = "",
    held_elsewhere: str = "",
    key: uuid.UUID | None = None,
) -> Response:
    """Keep one reply and which open items it bears on; at least one. Statuses move by `transition`.

    The reply may come from the agency asked, from a bureau of it, or from the bureau that would act.
    Raises RecordError with every problem found.
    """
    for bearing in bearings:
        require(by, EDIT, bearing.tasking.ask.letter)
    refuse_if(
        check_reply(
            agency=agency, kind=kind, channel=channel, received_on=received_on, bearings=bearings, sent_on=sent_on,
            responder=responder, text=text, control_number=control_number, held_elsewhere=held_elsewhere,
        )
    )  # fmt: skip

    with acting(by):
        response = Response.objects.create(
            id=key or uuid.uuid4(), agency=agency, official=official, responder=responder or (official.name if official else ""), channel=channel,
            kind=kind, sent_on=sent_on, received_on=received_on, text=text, control_number=control_number,
            held_elsewhere=held_elsewhere,
        )  # fmt: skip
        # in one order, so that two replies about the same items wait for each other instead of both
        for bearing in sorted(bearings, key=lambda b: (b.tasking.ask_id, b.tasking.pk)):
            add_answer(response, bearing, by=by)
        return response


def add_answer(response: Response, bearing: Bearing, *, by: Actor) -> Answer:
    """Let a recorded reply bear on one more item. Inside a transaction of a verb that has checked both."""
    tasking = lock(bearing.tasking)
    answer = Answer.objects.create(
        response=response,
        tasking=tasking,
        quote=bearing.quote,
        page=bearing.page,
    )
    record_event(
        EventKind.RESPONSE_RECORDED,
        by=by, letter=tasking.ask.letter, tasking=tasking,
        payload=payloads.reply_recorded(tasking, response),
    )  # fmt: skip
    public_replies.let_one_more_follow(response, tasking, by=by)
    clocks.settle_acknowledged(tasking)
    if bearing.coverage is not None:
        _cover(answer, bearing.questions, bearing.targets)
        _assess(
            answer, tasking, bearing.coverage, bearing.stance, by=by, said=bearing.said, promised_on=bearing.promised_on
        )
    elif response.kind == ResponseKind.ACKNOWLEDGEMENT:
        # read by being one: it is no unread reply, and so silences no reminder (invariant 3)
        _assess(answer, tasking, Coverage.EVADES, Stance.UNKNOWN, by=by, said=Said.RECEIVED)
    touch(tasking, by=by)
    return answer


def _cover(answer: Answer, questions: Collection[Question], targets: Collection[Target]) -> None:
    AnswerQuestion.objects.filter(answer=answer).delete()
    AnswerTarget.objects.filter(answer=answer).delete()
    AnswerQuestion.objects.bulk_create(AnswerQuestion(answer=answer, question=question) for question in questions)
    AnswerTarget.objects.bulk_create(AnswerTarget(answer=answer, target=target) for target in targets)


@transaction.atomic
def assess(
    answer: Answer,
    *,
    coverage: str,
    by: Actor,
    stance: str = Stance.UNKNOWN,
    said: str | None = None,
    quote: str | None = None,
    page: str | None = None,
    questions: Collection[Question] | None = None,
    targets: Collection[Target] | None = None,
    promised_on: dt.date | None = None,
    expected_version: int | None = None,
) -> Answer:
    """Say what a received reply says about one item: in full, in part, or not at all, and the agency's stance.

    What is None stays as it was. `promised_on`: the day it promises; it moves no clock.
    """
    require(by, EDIT, answer.tasking.ask.letter)
    if said is None:
        # a choice that answers nothing does not outlive the finding that it answers in full
        said = "" if coverage == Coverage.FULL and answer.said in ANSWERS_NOTHING else answer.said
    refuse_if(
        [
            *check_reading(coverage, stance, said, quote, page),
            *([Problem("quote", HELD_ELSEWHERE, quote)] if quote and answer.response.held_elsewhere else []),
        ]
    )
    with acting(by):
        tasking = lock(answer.tasking, expected_version=expected_version)
        if quote is not None:
            answer.quote = quote
        if page is not None:
            answer.page = page
        if questions is not None or targets is not None:
            _cover(answer, questions or (), targets or ())
        _assess(answer, tasking, coverage, stance, by=by, said=said, promised_on=promised_on)
        touch(tasking, by=by)
        return answer


def _assess(
    answer: Answer, tasking: Tasking, coverage: str, stance: str, *, by: Actor, said: str, promised_on: dt.date | None = None
) -> None:  # fmt: skip
    releases.take_back(answer, by=by, reason="It was read anew.")  # what the public sees is looked at again
    rested, stated = rests_on_reply(tasking), {stance, answer.stance} != {Stance.UNKNOWN}
    answer.coverage, answer.stance, answer.said = coverage, stance, said
    answer.assessed_at = timezone.now()
    answer.assessed_by = by if isinstance(by, User) else None
    # not the item it is about: naming that column asks whether a closed item loses its reply
    answer.save(update_fields=["coverage", "stance", "said", "quote", "page", "assessed_at", "assessed_by"])
    if rested and not rests_on_reply(tasking):
        raise RecordError(loses_its_reply(tasking, "said", by))
    if stated:
        settle_stance(tasking)
    clocks.settle_answered(tasking, by=by)
    record_event(
        EventKind.ANSWER_ASSESSED,
        by=by, letter=tasking.ask.letter, tasking=tasking,
        payload={
            **payloads.answer_assessed(tasking, answer),
            # kept by the reply: it tells what stands when another one is taken back (`situations.promises`)
            **({"promised_on": promised_on.isoformat()} if promised_on else {}),
        },
    )  # fmt: skip


@transaction.atomic
def set_kind(response: Response, *, by: Actor, kind: str) -> Response:
    """Say what a reply is as a whole, now that somebody has read it; the clocks of all its items follow."""
    answers = list(response.answers.select_related("tasking__ask__letter").order_by("tasking__ask_id", "tasking_id"))
    if not any(may(by, EDIT, answer.tasking.ask.letter) for answer in answers):
        require(by, EDIT, answers[0].tasking.ask.letter)
    refuse_if(check_known("kind", "Kind of reply", kind, ResponseKind))
    with acting(by):
        if kind != response.kind:
            locked = [lock(answer.tasking) for answer in answers]
            rested = [tasking for tasking in locked if rests_on_reply(tasking)]
            response.kind = kind
            response.version += 1
            response.save(update_fields=["kind", "version"])
            refuse_if(loses_its_reply(tasking, "kind", by) for tasking in rested if not rests_on_reply(tasking))
            public_replies.let_kind_follow(response, locked, _answered_anew(locked, by=by), by=by)
        return response


def _answered_anew(taskings: list[Tasking], *, by: Actor) -> list[Tasking]:
    """Those that count as answered on another day now, or not at all: their rows are others, so their versions are."""
    found = []
    for tasking in taskings:
        before = tasking.answered_on
        clocks.settle_answered(tasking, by=by)
        if tasking.answered_on != before:
            tasking.version += 1
            tasking.save(update_fields=["version"])
            found.append(tasking)
    return found


@transaction.atomic
def add_evidence(
    tasking: Tasking,
    *,
    kind: str,
    by: Actor,
    citation: str = "",
    url: str = "",
    seen_on: dt.date | None = None,
    response: Response | None = None,
    targets: Iterable[Target] = (),
    expected_version: int | None = None,
) -> Evidence:
    """Keep what proves an outcome: a citation, a list entry, a page with the day it was seen, or a reply."""
    require(by, EDIT, tasking.ask.letter)
    targets = list(targets)
    problems = check_evidence(kind, citation, url, seen_on)
    if kind == EvidenceKind.RESPONSE and response is None:
        problems.append(Problem("response", "Which reply proves it? Choose one recorded for this item.", None))
    if response is not None and not response.answers.filter(tasking=tasking).exists():
        problems.append(
            Problem("response", "That reply is about other items. Choose one recorded for this item.", str(response.pk))
        )
    with acting(by):
        tasking = lock(tasking, expected_version=expected_version)
        # under the lock: who corrects whom the ask is about holds it
        asked = set(tasking.ask.targets.values_list("pk", flat=True))
        problems += [
            Problem("targets", f"{target} is not among the companies, persons or programs of this ask.", target.slug)
            for target in targets
            if target.pk not in asked
        ]
        refuse_if(problems)
        if response is not None:
            # under the lock: who takes that reply back holds the item
            response.refresh_from_db(fields=["in_error_at"])
            if response.in_error_at:
                raise RecordError.of(
                    "response", "That reply was entered in error, so it proves nothing. Choose another."
                )
        evidence = Evidence.objects.create(
            tasking=tasking, kind=kind, response=response, citation=citation.strip(), url=url.strip(), seen_on=seen_on
        )
        EvidenceTarget.objects.bulk_create(EvidenceTarget(evidence=evidence, target=target) for target in targets)
        record_event(
            EventKind.EVIDENCE_ADDED,
            by=by, letter=tasking.ask.letter, tasking=tasking,
            payload=payloads.evidence_added(tasking, evidence, targets),
        )  # fmt: skip
        touch(tasking, by=by)
        return evidence


def touch(tasking: Tasking, *, by: Actor) -> None:
    """Somebody did something about it: the version moves, and for a person the "untouched" clock restarts."""
    tasking.version += 1
    fields = ["version"]
    if isinstance(by, User):
        tasking.touched_at = timezone.now()
        fields.append("touched_at")
    tasking.save(update_fields=fields)
