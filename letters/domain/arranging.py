"""The parts of a draft in another order, or taken out. A letter that was sent keeps its parts: see `amending`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from letters.domain.access import EDIT, Actor, require
from letters.domain.drafting import lock_letter, note_edit, still_draft
from letters.domain.history import acting
from letters.domain.rules import check_required, check_text, refuse_if
from letters.errors import Problem
from letters.models import Addressee, Ask, AskTarget, Letter, Question, Signature, Target, Tasking

ASIDE = 10_000  # numbers that no letter reaches: where parts wait whose numbers may not meet on the way


@dataclass(frozen=True)
class Asked:
    """One question in its new place: one there is, or with None a new one; `text` where it is new or changes."""

    question: Question | None
    text: str | None = None


@transaction.atomic
def arrange_letter(
    letter: Letter,
    *,
    by: Actor,
    signatures: Sequence[Signature] | None = None,
    addressees: Sequence[Addressee] | None = None,
    asks: Sequence[Ask] | None = None,
    expected_version: int | None = None,
) -> Letter:
    """Put the parts of a draft in this order; one that is left out is taken out. None: they stay as they are.

    Nobody is taken out whom an ask is still put to.
    """
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter, expected_version=expected_version)
        still_draft(letter, "signatures")
        given: dict[str, Sequence[Any] | None] = {"signatures": signatures, "addressees": addressees, "asks": asks}
        refuse_if(
            [
                problem
                for name, parts in given.items()
                for problem in _check_parts(name, parts, {part.pk for part in getattr(letter, name).all()})
            ]
        )
        if asks is not None:
            gone = letter.asks.exclude(pk__in=[one.pk for one in asks])
            Tasking.objects.filter(ask__in=gone).delete()
            gone.delete()
            put_in_order(asks, "number")
        if addressees is not None:
            letter.addressees.exclude(pk__in=[one.pk for one in addressees]).delete()
            refuse_if(check_addressees(letter))
            put_in_order(addressees, "position")
        if signatures is not None:
            letter.signatures.exclude(pk__in=[one.pk for one in signatures]).delete()
            put_in_order(signatures, "position")
        note_edit(letter, by, arranged=sorted(name for name, parts in given.items() if parts is not None))
        return letter


@transaction.atomic
def arrange_ask(
    ask: Ask,
    *,
    by: Actor,
    targets: Sequence[Target] | None = None,
    questions: Sequence[Asked] | None = None,
    taskings: Sequence[Tasking] | None = None,
    expected_version: int | None = None,
) -> Ask:
    """What an ask of a draft is about, its questions in order, and to whom it stays put. None: as they are.

    `expected_version`: of its letter.
    """
    require(by, EDIT, ask.letter)
    with acting(by):
        letter = lock_letter(ask.letter, expected_version=expected_version)
        still_draft(letter, "targets")
        kept = [one.question for one in questions or () if one.question]
        problems = [
            *_check_parts("taskings", taskings, set(ask.taskings.values_list("pk", flat=True))),
            *_check_parts("questions", kept, set(ask.questions.values_list("pk", flat=True))),
            *_check_parts("targets", targets, None),
        ]
        if targets is not None and not targets and ask.kind.needs_targets:
            way_out = "Keep at least one, or take the whole ask out."
            problems.append(
                Problem("targets", f"{ask.kind} needs the company, person or program it is about. {way_out}", [])
            )
        for place, one in enumerate(questions or ()):
            if one.text is not None or one.question is None:
                at = f"questions/{place}/text"
                problems += check_required(at, "A question", one.text, "Type it, or leave it out.")
                problems += check_text(at, "A question", one.text, 5000)
        refuse_if(problems)
        if targets is not None:
            _about(ask, targets)
        if questions is not None:
            _ask_questions(ask, questions)
        if taskings is not None:
            ask.taskings.exclude(pk__in=[one.pk for one in taskings]).delete()
        note_edit(letter, by, arranged="ask", number=ask.number)
        return ask


def _check_parts(name: str, parts: Sequence[Any] | None, there: set | None) -> list[Problem]:
    """Each once, and each one of those that are there (None: any)."""
    problems, seen = [], set()
    for place, part in enumerate(parts or ()):
        if there is not None and part.pk not in there:
            message = f"“{part}” is no part of it. Leave it out, or look at the draft again."
            problems.append(Problem(f"{name}/{place}", message, str(part.pk)))
        elif part.pk in seen:
            problems.append(Problem(f"{name}/{place}", f"“{part}” stands twice. Name it once.", str(part.pk)))
        seen.add(part.pk)
    return problems


def check_addressees(letter: Letter, *, field: str = "addressees") -> list[Problem]:
    """An ask goes to somebody the letter goes to."""
    addressed = [one.agency for one in letter.addressees.select_related("agency")]
    put = Tasking.objects.filter(ask__letter=letter).select_related("ask", "agency__parent__parent")
    return [
        Problem(
            field,
            f"Ask {one.ask.number} is put to {one.agency}, and the letter would no longer go there. "
            "Keep an addressee there, or take the agency out of the ask first.",
            one.agency.slug,
        )
        for one in put.order_by("ask__number", "agency__slug")
        if not any(department.includes(one.agency) for department in addressed)
    ]


def put_in_order(parts: Sequence[Any], name: str) -> None:
    """1, 2, 3 in this order; only what moves is written. The letter is locked: what they are now, they stay."""
    if not parts:
        return
    model = type(parts[0])
    now = dict(model._default_manager.filter(pk__in=[part.pk for part in parts]).values_list("pk", name))
    moved = [(place, part) for place, part in enumerate(parts, 1) if now[part.pk] != place]
    model._default_manager.filter(pk__in=[part.pk for _, part in moved]).update(**{name: F(name) + ASIDE})
    for place, part in moved:
        setattr(part, name, place)
        part.save(update_fields=[name])


def _about(ask: Ask, targets: Sequence[Target]) -> None:
    AskTarget.objects.filter(ask=ask).exclude(target__in=targets).delete()
    there = {one.target_id: one for one in AskTarget.objects.filter(ask=ask)}
    for place, target in enumerate(targets, 1):
        one = there.get(target.pk) or AskTarget(ask=ask, target=target)
        if one._state.adding or one.position != place:
            one.position = place
            one.save()


def _ask_questions(ask: Ask, questions: Sequence[Asked]) -> None:
    kept = [one.question.pk for one in questions if one.question]
    # a part of a question that goes stands alone from now on
    ask.questions.filter(pk__in=kept).exclude(parent__in=kept).exclude(parent=None).update(parent=None)
    ask.questions.exclude(pk__in=kept).delete()
    ask.questions.update(number=F("number") + ASIDE)
    for place, one in enumerate(questions, 1):
        question = one.question or Question(ask=ask)
        question.number = place
        if one.text is not None:
            question.text = one.text
        if one.question is None:
            question.save()
        else:  # what somebody else wrote in it since it was loaded stays
            question.save(update_fields=["number"] if one.text is None else ["number", "text"])
