"""Corrections to whom an ask of a sent letter is about, and to its questions. The verb, its reason and its event are `amending`'s.

What is on record of a company or a question stays true. None goes of which a reply or a piece of evidence says something, and none
comes while an item stands as done or answered: that was said of what the ask was, and a person says it anew.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from letters.domain.access import Actor
from letters.domain.arranging import put_in_order
from letters.domain.asking import MAX_SUMMARY, join_names, summary_of
from letters.domain.making import targets_named
from letters.domain.rules import check_required, check_text
from letters.domain.standing import standing_answers
from letters.enums import Coverage, EvidenceKind, Said, Status, TaskingRole
from letters.errors import Problem
from letters.models import (
    Amendment,
    AnswerQuestion,
    AnswerTarget,
    Ask,
    AskTarget,
    EvidenceTarget,
    Question,
    Target,
    Tasking,
)

FIELDS = ("add_targets", "remove_targets", "questions")
# Of these somebody said that nothing is left to do, of the companies and questions there were.
ENDED = (Status.IMPLEMENTED, Status.ANSWERED)


@dataclass(frozen=True)
class QuestionCorrection:
    """One question with other words, or one that the letter does not ask (`remove`); without `question` one that was
    left out, which stands before `before`, or last. `key` is where the page has it."""

    question: Question | None = None
    text: str | None = None
    remove: bool = False
    before: Question | None = None
    key: str = ""


def is_asked(fields: Mapping[str, Any]) -> bool:
    """Whether whom the ask is about, or what it asks, is to be another."""
    return any(fields.get(name) for name in FIELDS)


def with_new_targets(fields: Mapping[str, Any], key: str, *, by: Actor) -> dict[str, Any]:
    """The same with each name that is planned looked up, or added to the record. Inside the verb: a refusal undoes it."""
    return {**fields, "add_targets": targets_named(fields["add_targets"], f"{key}add_targets", by=by)}


def check_asked(ask: Ask, fields: Mapping[str, Any], key: str) -> list[Problem]:
    """What stands in the way, each with the way out. The ask is locked."""
    if not is_asked(fields):
        return []
    targets, is_about_more = _check_targets(ask, fields, key)
    questions, asks_more = _check_questions(ask, fields.get("questions", ()), key)
    problems = [*targets, *questions]
    if not problems and is_about_more:
        whole = Q(said=Said.DONE) | Q(pk__in=AnswerTarget.objects.values("answer"))
        problems += _check_open(ask, f"{key}add_targets", whole)
    if not problems and asks_more:
        whole = Q(said=Said.ANSWERED) | Q(pk__in=AnswerQuestion.objects.values("answer"))
        problems += _check_open(ask, f"{key}questions", whole)
    return problems


def correct_asked(ask: Ask, fields: Mapping[str, Any], name: str) -> list[Amendment]:
    """Write what `check_asked` let pass; the amendments, whose letter and reason are still to be said. `name`: "ask 2"."""
    if not is_asked(fields):
        return []
    amendments = [*_correct_targets(ask, fields, name), *_correct_questions(ask, fields.get("questions", ()), name)]
    if amendments:
        # their rows name the companies, and answers name the questions: who read one before has read another (invariant 7)
        Tasking.objects.filter(ask=ask).update(version=F("version") + 1)
    return amendments


def _check_targets(ask: Ask, fields: Mapping[str, Any], key: str) -> tuple[list[Problem], bool]:
    add, remove = _each(fields, "add_targets"), _each(fields, "remove_targets")
    there = set(AskTarget.objects.filter(ask=ask).values_list("target", flat=True))
    problems = [
        Problem(f"{key}add_targets", f"Ask {ask.number} is about {one} already. Leave it out.", one.slug)
        for one in add
        if one.pk in there
    ]
    problems += [
        Problem(
            f"{key}remove_targets", f"Ask {ask.number} is not about {one}, so there is nothing to take away.", one.slug
        )
        for one in remove
        if one.pk not in there
    ]
    if ask.kind.needs_targets and there and not (there - {one.pk for one in remove}) and not add:
        said = (
            f"{ask.kind} needs the company, person or program it is about. Name the right one in the same correction."
        )
        problems.append(Problem(f"{key}remove_targets", said, []))
    return [*problems, *_told_of(ask, remove, f"{key}remove_targets")], bool(add)


def _told_of(ask: Ask, targets: Collection[Target], at: str) -> list[Problem]:
    """Companies that a reply or a piece of evidence names: "3 of 8 companies" would count one that is none of the eight."""
    if not targets:
        return []
    answers = AnswerTarget.objects.filter(
        target__in=targets, answer__tasking__ask=ask, answer__response__in_error_at__isnull=True
    ).select_related("target", "answer__response__agency", "answer__tasking__ask", "answer__tasking__agency")
    problems, read = [], set()
    for one in answers.order_by("target__name", "answer__response__received_on"):
        read.add((one.target_id, one.answer.tasking_id, one.answer.response_id))
        said = f"{one.target} is covered by the {one.answer.response} ({one.answer.tasking})."
        problems.append(
            Problem(at, f"{said} Read that reply again without it, then take it away here.", one.target.slug)
        )
    named = EvidenceTarget.objects.filter(
        target__in=targets, evidence__tasking__ask=ask, evidence__in_error_at__isnull=True
    ).select_related("target", "evidence__response__agency", "evidence__tasking__ask", "evidence__tasking__agency")
    for proof in named.order_by("target__name", "evidence__added_at"):
        of = proof.evidence
        if of.kind == EvidenceKind.RESPONSE and (proof.target_id, of.tasking_id, of.response_id) in read:
            continue  # it goes with what the reply is read to say
        said = f"{proof.target} is named by the evidence “{of}” ({of.tasking})."
        way_out = "Take that evidence back, then take the name away here."
        problems.append(Problem(at, f"{said} {way_out}", proof.target.slug))
    return problems


def _check_questions(ask: Ask, given: Iterable[QuestionCorrection], key: str) -> tuple[list[Problem], bool]:
    known = {one.pk: one for one in Question.objects.filter(ask=ask)}
    given = list(given)
    gone = {one.question.pk for one in given if one.question and one.remove}
    problems: list[Problem] = []
    for place, one in enumerate(given):
        at = one.key or f"{key}questions/{place}"
        for part in (one.question, one.before):
            if part is not None and part.pk not in known:
                problems.append(
                    Problem(at, f"“{part}” is no question of ask {ask.number}. Look at it again.", str(part.pk))
                )
        if one.before is not None and one.before.pk in gone:
            problems.append(Problem(at, f"“{one.before}” is taken out. Choose another place.", str(one.before.pk)))
        if one.question is not None and one.before is not None:
            problems.append(Problem(at, f"“{one.question}” keeps its place. Only one that was left out is given one."))
        if one.question is None and one.remove:
            problems.append(Problem(at, "Say which question is taken out."))
        elif one.question is None or (one.text is not None and not one.remove):
            problems += check_required(at, "A question", one.text, "Type it as the letter prints it, or leave it out.")
            problems += check_text(at, "A question", one.text, 5000)
        if one.remove and one.question is not None:
            problems += _answered(one.question, at)
    return problems, any(one.question is None for one in given)


def _answered(question: Question, at: str) -> list[Problem]:
    found = AnswerQuestion.objects.filter(question=question, answer__response__in_error_at__isnull=True)
    found = found.select_related("answer__response__agency", "answer__tasking__ask", "answer__tasking__agency")
    return [
        Problem(
            at,
            f"“{question}” is answered by the {one.answer.response} ({one.answer.tasking}). Read that reply again without it, "
            "then take it out here.",
            str(question.pk),
        )
        for one in found.order_by("answer__response__received_on")
    ]


def _check_open(ask: Ask, at: str, whole: Q) -> list[Problem]:
    """Nothing is added to what somebody said is done, answered, or answered in full by a reply."""
    problems = []
    for tasking in ask.taskings.select_related("agency", "ask").order_by("agency__short_name", "pk"):
        if tasking.status in ENDED:
            if tasking.role == TaskingRole.LEAD:  # who is consulted ends with them
                said = f"“{tasking}” is {tasking.get_status_display()}, and that was said of the ask as it stands."
                way_out = "Reopen it with a reason, correct the ask, then say again what came of it."
                problems.append(Problem(at, f"{said} {way_out}", str(tasking.pk)))
            continue
        full = standing_answers(tasking).filter(whole, coverage=Coverage.FULL).select_related("response__agency")
        for answer in full.order_by("response__received_on"):
            said = f"The {answer.response} is read as answering “{tasking}” in full."
            problems.append(Problem(at, f"{said} Read it again as answering in part, then come back.", str(tasking.pk)))
    return problems


def _correct_targets(ask: Ask, fields: Mapping[str, Any], name: str) -> list[Amendment]:
    add, remove = _each(fields, "add_targets"), _each(fields, "remove_targets")
    if not add and not remove:
        return []
    was = ask.targets_in_order()
    before = [one.name for one in was]
    last = AskTarget.objects.filter(ask=ask).order_by("position").values_list("position", flat=True).last() or 0
    AskTarget.objects.filter(ask=ask, target__in=remove).delete()
    AskTarget.objects.bulk_create(AskTarget(ask=ask, target=one, position=last + n) for n, one in enumerate(add, 1))
    now = ask.targets_in_order()
    after = [one.name for one in now]
    amendments = [Amendment(field=f"{name}, whom it is about", before=join_names(before), after=join_names(after))]
    # a headline that was made of the names follows them; one that a person wrote is a person's to correct
    headline = summary_of(ask.kind, now)
    if "summary" not in fields and ask.summary == summary_of(ask.kind, was) and 0 < len(headline) <= MAX_SUMMARY:
        amendments.append(Amendment(field=f"{name}, what it asks", before=ask.summary, after=headline))
        ask.summary = headline
        ask.save(update_fields=["summary"])
    return amendments


def _correct_questions(ask: Ask, given: Sequence[QuestionCorrection], name: str) -> list[Amendment]:
    order = list(Question.objects.filter(ask=ask).order_by("number"))
    known = {one.pk: one for one in order}
    amendments: list[tuple[str, str, Question | None]] = []
    for one in given:
        question = known[one.question.pk] if one.question else None
        if question is None:
            question = Question(
                ask=ask, number=max((other.number for other in order), default=0) + 1, text=one.text or ""
            )
            question.save()
            order.insert(order.index(known[one.before.pk]) if one.before else len(order), question)
            amendments.append((f"{name}, a question left out", "", question))
        elif one.remove:
            amendments.append((f"{name}, a question taken out", question.printed, None))
            order.remove(question)
            _take_out(question)
        elif one.text is not None and one.text != question.text:
            before, question.text = question.printed, one.text
            question.save(update_fields=["text"])
            amendments.append((f"{name}, question {question.number}", before, question))
    put_in_order(order, "number")
    # printed with the number that each has in the end
    return [Amendment(field=at, before=before, after=now.printed if now else "") for at, before, now in amendments]


def _take_out(question: Question) -> None:
    # what a reply that was entered in error was read to answer counts for nothing, and would hold the question
    AnswerQuestion.objects.filter(question=question).delete()
    question.parts.update(parent=None)  # they stand alone from now on
    question.delete()


def _each(fields: Mapping[str, Any], name: str) -> list[Target]:
    return list(dict.fromkeys(fields.get(name) or ()))
