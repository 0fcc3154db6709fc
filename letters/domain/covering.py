"""Which questions and companies a reply covers, and whether none is left with those that earlier ones cover."""

from collections.abc import Collection

from letters.domain import said
from letters.domain.clocks import standing_answers, standing_evidence
from letters.enums import Coverage, Status
from letters.models import AnswerQuestion, AnswerTarget, EvidenceTarget, Question, Response, Target, Tasking


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
        before = AnswerQuestion.objects.filter(answer__tasking=tasking, answer__response__in_error_at__isnull=True)
        known = before.exclude(answer__response=response).values_list("question", flat=True)
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
    proven = EvidenceTarget.objects.filter(evidence__in=standing_evidence(tasking))
    return set(proven.values_list("target", flat=True))
