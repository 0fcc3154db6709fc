"""Asks as the office reads them inside their letter, sent or still a draft: words, companies, questions."""

from collections.abc import Mapping
from typing import Any

from letters.api.office import taskings
from letters.models import Ask, Question


def asks_of(letters: list, put_to: Mapping[Any, list[dict]]) -> dict[Any, list[dict]]:
    """The asks of each letter in order; `put_to` has the taskings of each, as they are shown there."""
    asks = Ask.objects.filter(letter__in=letters).order_by("number").values_list(
        "pk", "letter_id", "number", "kind__code", "kind__name", "summary", "quote", "instrument", "requested_list",
        "requested_by", "statute__code", named=True,
    )  # fmt: skip
    targets, questions = taskings.targets_of({ask.pk for ask in asks}), _questions_of(letters)
    found: dict[Any, list[dict]] = {}
    for ask in asks:
        found.setdefault(ask.letter_id, []).append(
            {
                "id": ask.pk,
                "number": ask.number,
                "kind": {"code": ask.kind__code, "name": ask.kind__name},
                "summary": ask.summary,
                "quote": ask.quote,
                "instrument": ask.instrument,
                "requested_list": ask.requested_list,
                "requested_by": ask.requested_by,
                "statute": ask.statute__code,
                "targets": targets.get(str(ask.pk), []),
                "questions": questions.get(ask.pk, []),
                "taskings": put_to.get(ask.pk, []),
            }
        )
    return found


def _questions_of(letters: list) -> dict[Any, list[dict]]:
    """The questions of each ask of these letters, in order."""
    questions: dict[Any, list[dict]] = {}
    for ask, key, number, text in (
        Question.objects.filter(ask__letter__in=letters)
        .order_by("number")
        .values_list("ask_id", "pk", "number", "text")
    ):
        questions.setdefault(ask, []).append({"id": key, "number": number, "text": text})
    return questions
