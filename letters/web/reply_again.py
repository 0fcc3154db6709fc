"""A reply that is read again: the form begins with what is recorded, so that nothing goes that nobody took away."""

import uuid
from typing import Any

from letters.domain import said
from letters.enums import Coverage, Stance
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
    fields["coverage"] = "" if answer.coverage in by_table[0] else answer.coverage
    fields["stance"] = "" if answer.stance == by_table[1] else answer.stance
    for name in ("questions", "targets"):
        if covered := [str(one.pk) for one in getattr(answer, name).all()]:
            fields[name] = covered
    return fields
