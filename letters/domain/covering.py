"""Which questions and companies a reply covers, and whether none is left with those that earlier ones cover."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet

from letters.domain import said
from letters.domain.standing import standing_answers, standing_evidence
from letters.enums import Coverage, EvidenceKind, Status, TaskingRole
from letters.models import (
    Answer,
    AnswerQuestion,
    AnswerTarget,
    Ask,
    EvidenceTarget,
    Question,
    Response,
    Target,
    Tasking,
)
from letters.models.events import asked_again_since_read


def answered_questions(tasking: Tasking) -> QuerySet[AnswerQuestion]:
    """Which of its questions are answered now, and by which reply: none that was read before the item was asked again."""
    return AnswerQuestion.objects.filter(answer__in=standing_answers(tasking).exclude(coverage=Coverage.EVADES))


def with_asked_since(answers: QuerySet[Answer]) -> QuerySet[Answer]:
    """Annotate `asked_since`: its item was asked again after it was read. For `answered_now`, of many items at once."""
    return answers.annotate(asked_since=asked_again_since_read())


def counting_answers() -> QuerySet[Answer]:
    """Of all items, the answers whose questions count as answered now, as `answered_questions` finds them of one."""
    standing = Answer.objects.filter(coverage__isnull=False, response__in_error_at__isnull=True)
    return standing.exclude(coverage=Coverage.EVADES).filter(~asked_again_since_read())


def answered_now(answers: Iterable[Any]) -> set:
    """As `answered_questions` finds it, of answers that stand, in memory: `with_asked_since`, and their questions."""
    counting = [one for one in answers if one.coverage not in (None, Coverage.EVADES) and not one.asked_since]
    return {question.pk for answer in counting for question in answer.questions.all()}


def proven_targets(tasking: Tasking, *, without: Response | None = None) -> set:
    """Keys of the companies of which evidence that stands proves the deed; `without` what this reply itself is to prove."""
    evidence = standing_evidence(tasking)
    if without is not None:
        evidence = evidence.exclude(kind=EvidenceKind.RESPONSE, response=without)
    return set(EvidenceTarget.objects.filter(evidence__in=evidence).values_list("target", flat=True))


def whole_now(asks: Iterable[Ask]) -> list[Tasking]:
    """Open items of these asks that are only partly done, though of their questions or companies nothing is left: what they
    have come to is for a person to say."""
    partly = Tasking.objects.filter(ask__in=asks, status=Status.PARTLY_ADDRESSED, role=TaskingRole.LEAD)
    return [one for one in partly.select_related("ask", "agency").order_by("ask__number", "pk") if _is_whole(one)]


def _is_whole(tasking: Tasking) -> bool:
    asked = {question.pk for question in tasking.ask.questions.all()}
    about = {target.pk for target in tasking.ask.targets.all()}
    answered = set(answered_questions(tasking).values_list("question", flat=True))
    return bool(asked and asked <= answered) or bool(about and not asked and about <= proven_targets(tasking))


def said_of(response: Response) -> dict[uuid.UUID, set[tuple[str, uuid.UUID | None]]]:
    """What a reply is read to say now, by item: the choice with each company it is said of, or with None."""
    found: dict[uuid.UUID, set[tuple[str, uuid.UUID | None]]] = {}
    for tasking, choice, target in response.answers.values_list("tasking", "said", "targets"):
        found.setdefault(tasking, set()).add((choice, target))
    return found


def covered(
    tasking: Tasking,
    line: said.Meaning,
    questions: Collection[Question] | None,
    targets: Collection[Target] | None,
    *,
    response: Response | None,
) -> tuple[list[Question], list[Target], bool]:
    """`questions` and `targets` as somebody ticked them, None: nobody was asked. `response` is the reply that is read
    anew, if one is: what it was found to cover before is not counted beside what it is found to cover now."""
    found_questions: list[Question] = []
    found_targets: list[Target] = []
    complete = True
    if "questions" in line.asks:
        asked = list(tasking.ask.questions.all())
        found_questions = asked if questions is None else list(questions)
        known = answered_questions(tasking).exclude(answer__response=response).values_list("question", flat=True)
        complete = {q.pk for q in asked} <= {q.pk for q in found_questions} | set(known)
    if "targets" in line.asks:
        of_ask = list(tasking.ask.targets.all())
        all_of_them = of_ask if line.coverage == Coverage.FULL else []
        found_targets = all_of_them if targets is None else list(targets)
        complete = {t.pk for t in of_ask} <= {t.pk for t in found_targets} | _before(tasking, line, response)
    return found_questions, found_targets, complete


def _before(tasking: Tasking, line: said.Meaning, response: Response | None) -> set:
    """Companies covered before: of an ask for words by the replies that gave them, of one for a deed by what proves it."""
    if line.status == Status.ANSWERED:
        answers = standing_answers(tasking).exclude(coverage=Coverage.EVADES).exclude(response=response)
        return set(AnswerTarget.objects.filter(answer__in=answers).values_list("target", flat=True))
    return proven_targets(tasking, without=response)
