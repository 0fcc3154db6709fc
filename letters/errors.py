"""What the domain says when it refuses. Every message names the field, the value and the way out."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was asked: the field's name in the verb, a sentence, the value given.

    `codes`: what might be given instead, where the sentence has it in the words of the screen.
    """

    field: str
    message: str
    value: Any = None
    codes: tuple[str, ...] = ()


class RecordError(Exception):
    """The record would be wrong; nothing was written.

    Carries one `Problem` per thing wrong, so that a form can show each beside its field.
    """

    def __init__(self, *problems: Problem):
        # what is wrong with a reply is found at each of its items, and said once
        self.problems = tuple({(one.field, one.message): one for one in problems}.values())
        super().__init__(" ".join(problem.message for problem in self.problems))

    @classmethod
    def of(cls, field: str, message: str, value: Any = None) -> "RecordError":
        """A refusal with a single problem."""
        return cls(Problem(field, message, value))


class TransitionRefused(RecordError):
    """A status that may not follow the present one, or that lacks what it needs."""


class StaleVersion(RecordError):
    """Somebody else changed the row since it was read."""


class NotAllowed(RecordError):
    """The person or key may not do this."""


class CursorError(RecordError):
    """A feed cursor that is malformed or belongs to another stream."""


class CursorExpired(CursorError):
    """A cursor of an earlier feed epoch: the database was restored since; take a new snapshot."""
