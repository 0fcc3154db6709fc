"""A reply that is read again: the form begins with what is recorded, so that nothing goes that nobody took away."""

import uuid
from typing import Any

from letters.domain import said
from letters.domain.clocks import office_today
from letters.domain.covering import covered
from letters.domain.situations import promises
from letters.enums import Coverage, Said, Stance
from letters.models import Answer, Response


def readings(response: Response | None) -> dict[uuid.UUID, Answer]:
    """What the reply is said to say, or was kept to say later, by the key of the item. Three queries."""
    if response is None:
        return {}
    found = response.answers.select_related("response", "tasking__ask__kind").prefetch_related("questions", "targets")
    return {answer.tasking_id: answer for answer in found}


def as_read(answer: Answer) -> dict[str, Any]:
    """The fields of the item's form with what is recorded; coverage and position only where the table says another."""
    fields: dict[str, Any] = {"quote": answer.quote, "page": answer.page, "said": answer.said}
    if answer.coverage is None:
        return fields
    by_table: tuple[set, str] = (set(), Stance.UNKNOWN)
    if answer.said:
        line = said.meaning(answer.said, answer.tasking.ask.kind.closes_as)
        # "in full" becomes "in part" where not all is covered
        in_part = {Coverage.PARTIAL} if line.coverage == Coverage.FULL else set()
        by_table = {line.coverage, *in_part}, line.stance
        if in_part and answer.coverage == Coverage.FULL and not _is_complete(answer, line):
            by_table = set(in_part), line.stance  # somebody chose that it is in full all the same
    fields["coverage"] = "" if answer.coverage in by_table[0] else answer.coverage
    fields["stance"] = "" if answer.stance == by_table[1] else answer.stance
    for name in ("questions", "targets"):
        if found := [str(one.pk) for one in getattr(answer, name).all()]:
            fields[name] = found
    return fields | _days(answer)


def _is_complete(answer: Answer, line: said.Meaning) -> bool:
    questions, targets = list(answer.questions.all()), list(answer.targets.all())
    return covered(answer.tasking, line, questions, targets, response=answer.response)[2]


def _days(answer: Answer) -> dict[str, Any]:
    """The day that they named, and the one on which we look again, which may be another than the usual."""
    tasking = answer.tasking
    if answer.said == Said.PROMISED:
        day = next((one.day for one in promises(tasking) if one.response == str(answer.response_id)), None)
        return {"promised_on": day} if day else {}
    if answer.said == Said.NO_POSITION and tasking.review_on and tasking.review_on > office_today():
        return {"review_on": tasking.review_on}
    return {}
