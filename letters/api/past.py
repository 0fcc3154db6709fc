"""What hung on a row at an earlier moment, from the versions that the database keeps: the answers of a reply, the other names of
a company. Rows that have a version of their own are `letters.domain.differences`'s."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import Model

from letters.enums import SystemProcess
from letters.models import Answer, AnswerQuestion, AnswerTarget, Question, Response, Target, TargetAlias, Tasking, User

ANSWER = ("tasking", "said", "coverage", "stance", "quote", "page")
MOMENTS = ("recorded_at", "assessed_at", "released_at")


class Past:
    """The versions of one row and of what hangs on it; the newest write of them all came `last`."""

    def __init__(self, row: Model):
        self.row = row
        self.own = list(row.history.order_by("pgh_id"))  # type: ignore[attr-defined]
        self.parts: dict[type[Model], list[Any]] = {}
        if isinstance(row, Response):
            answers = self._read(Answer, response=row.pk)
            keys = {one.pgh_obj_id for one in answers}
            for model in (AnswerQuestion, AnswerTarget):
                self._read(model, answer__in=keys)
        elif isinstance(row, Target):
            self._read(TargetAlias, target=row.pk)
        written = [*self.own, *(one for kept in self.parts.values() for one in kept)]
        # of each the moment its transaction began
        self.moments = sorted({one.pgh_created_at for one in written}, reverse=True)
        self.last = max(written, key=lambda one: one.pgh_created_at, default=None)

    def _read(self, model: type[Model], **which: Any) -> list[Any]:
        history = model.history.rel.related_model.objects  # type: ignore[attr-defined]
        self.parts[model] = list(history.filter(**which).order_by("pgh_id"))
        return self.parts[model]

    def before(self, moment: dt.datetime) -> Any:
        """The row's own version then; None where it was not there yet."""
        return next((one for one in reversed(self.own) if one.pgh_created_at < moment), None)

    def hung(self, moment: dt.datetime) -> dict[str, Any]:
        """What hung on it then, as its address would have shown it."""
        return {name: show(self, moment) for name, (of, show) in HANGING.items() if of is type(self.row)}

    def there(self, model: type[Model], moment: dt.datetime) -> list[Any]:
        """Of the rows of one kind that hung on it, the versions then."""
        stood = {one.pgh_obj_id: one for one in self.parts[model] if one.pgh_created_at < moment}
        return [one for one in stood.values() if one.pgh_label != "delete"]


def who(written: Any) -> str:
    """By whom a version was written, as events say it."""
    by = written.pgh_context or {}
    if process := by.get("process"):
        return SystemProcess(process).label
    return str(User.objects.filter(pk=by.get("user")).first() or "Somebody")


def _answers(past: Past, moment: dt.datetime) -> list[dict]:
    answers = past.there(Answer, moment)
    seen = Tasking.objects.for_keys().filter(pk__in=[one.tasking_id for one in answers])
    asks = dict(seen.values_list("pk", "ask"))
    asked, about = past.there(AnswerQuestion, moment), past.there(AnswerTarget, moment)
    numbers = {
        key: (ask, number)
        for key, ask, number in Question.objects.filter(pk__in=[one.question_id for one in asked]).values_list(
            "pk", "ask", "number"
        )
    }
    # in the order of the database, as where they are read
    named = Target.objects.filter(pk__in=[one.target_id for one in about]).order_by("name", "pk")
    slugs = dict(named.values_list("pk", "slug"))

    def questions(answer: uuid.UUID, ask: uuid.UUID) -> list[uuid.UUID]:
        mine = [one.question_id for one in asked if one.answer_id == answer]
        return sorted((key for key in mine if numbers.get(key, ("",))[0] == ask), key=lambda key: numbers[key][1])

    def targets(answer: uuid.UUID) -> list[str]:
        mine = {one.target_id for one in about if one.answer_id == answer}
        return [slug for key, slug in slugs.items() if key in mine]

    return [
        {"id": one.pgh_obj_id}
        | {name: getattr(one, "tasking_id" if name == "tasking" else name) for name in ANSWER}
        | {"questions": questions(one.pgh_obj_id, asks[one.tasking_id]), "targets": targets(one.pgh_obj_id)}
        | {name: getattr(one, name) for name in MOMENTS}
        for one in sorted(answers, key=lambda one: (one.recorded_at, one.pgh_obj_id))
        if one.tasking_id in asks
    ]


def _aliases(past: Past, moment: dt.datetime) -> list[str]:
    there = [one.pgh_id for one in past.there(TargetAlias, moment)]
    history = TargetAlias.history.rel.related_model.objects.filter(pgh_id__in=there)  # type: ignore[attr-defined]
    return list(history.order_by("name", "pgh_obj_id").values_list("name", flat=True))


HANGING: dict[str, tuple[type[Model], Callable[[Past, dt.datetime], list]]] = {
    "answers": (Response, _answers),
    "aliases": (Target, _aliases),
}
