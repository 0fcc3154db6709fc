"""What a reply is as a whole: as the table makes it of what it says of each item, unless a person chose otherwise."""

from collections.abc import Collection, Iterable

from letters.domain import said
from letters.domain.standing import PROVED_BY_REPLY
from letters.enums import PROOF_KINDS, ResponseKind
from letters.errors import Problem
from letters.models import Answer, Tasking


def line(choice: str, tasking: Tasking) -> said.Meaning:
    """The table's line for what was said of this item."""
    return said.meaning(choice, tasking.ask.kind.closes_as)


def table_kind(words: Iterable[tuple[str, Tasking]], answers: Iterable[Answer] = ()) -> str:
    """What the table makes of these words about items, and of what it was read to say of others before."""
    kinds: list[str] = [line(choice, tasking).kind for choice, tasking in words if choice]
    kinds += [line(answer.said, answer.tasking).kind if answer.said else answer.response.kind for answer in answers]
    return said.strongest(kinds)


def chosen_kind(answers: Collection[Answer]) -> str:
    """The kind that a person chose for the reply whose answers these all are; empty: it is what the table says."""
    read = [answer for answer in answers if answer.coverage]
    kind = read[0].response.kind if read else ""
    return "" if kind == table_kind([], read) else kind


def check_chosen(kind: str, ends: Iterable[str | None]) -> list[Problem]:
    """A kind that was chosen before stays; where it proves no end, a person says what the reply is now."""
    if not kind or kind in PROOF_KINDS or not any(to in PROVED_BY_REPLY for to in ends):
        return []
    name = ResponseKind(kind).label
    message = f"Somebody chose that this reply as a whole is “{name}”, which ends no item. Choose what it is now."
    return [Problem("kind", message, kind)]
