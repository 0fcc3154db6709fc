"""Undoing an import: its letters are marked as entered in error, for what was sent is never deleted and keeps its number."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from letters.domain.access import EDIT, Actor, may
from letters.domain.history import acting, this_act
from letters.domain.in_error_many import enter_many_in_error
from letters.domain.rules import check_reason, refuse_if
from letters.enums import ImportState, LetterState
from letters.errors import RecordError
from letters.intake.sheet.batches import AT_ONCE, Tell, nothing, require_handling
from letters.models import Event, ImportBatch, Letter, User
from letters.models.letter_queries import LetterQuerySet

NAMED = 5
HIDDEN = "a letter that is restricted"
UNDOING = "undoing"  # in `counts`: the reason, from when it was let go until it is done


@dataclass(frozen=True)
class Standing:
    """What has become of the letters of a batch: how many stand as they came, and which somebody worked on since."""

    untouched: int
    touched: list[str]  # references; words for one that the reader may not see
    in_error: int


def standing(batch: ImportBatch, *, by: Actor) -> Standing:
    """As `by` may know it. Work by people and their programs counts; what the clock recorded does not."""
    letters = Letter.objects.filter(imported__batch=batch)
    sent = letters.filter(state=LetterState.SENT)
    touched = sent.filter(Exists(_work_since(batch)))
    return Standing(
        untouched=sent.exclude(Exists(_work_since(batch))).count(),
        touched=_named(touched, by=by),
        in_error=letters.exclude(state=LetterState.SENT).count(),
    )


def _work_since(batch: ImportBatch) -> QuerySet[Event]:
    return Event.objects.filter(letter=OuterRef("pk"), recorded_at__gt=batch.imported_at, by_process="")


def _named(letters: LetterQuerySet, *, by: Actor) -> list[str]:
    seen = set(letters.visible_to(by).values_list("pk", flat=True)) if isinstance(by, User) else None
    found = letters.order_by("reference").values_list("pk", "reference")
    return [str(reference) if seen is None or pk in seen else HIDDEN for pk, reference in found]


@transaction.atomic
def undo(batch: ImportBatch, *, by: Actor, reason: str, tell: Tell = nothing) -> int:
    """Mark every letter of the batch as entered in error, with the reason; how many those were.

    While all are untouched: asked again at the end, since a long undo lets others work on letters that it comes to later.
    Afterwards the same file can be imported again, and its letters get new numbers. `tell` hears of progress and must not
    write into this transaction.
    """
    with acting(by, why=reason):
        batch, letters = undoable(batch, by=by, reason=reason)
        for start in range(0, len(letters), AT_ONCE):
            enter_many_in_error(letters[start : start + AT_ONCE], by=by, reason=reason)
            tell(min(start + AT_ONCE, len(letters)), len(letters))
        # by now every item is held: who changes one waits, and then finds it entered in error
        work = _work_since(batch).exclude(payload__act=this_act())
        _refuse_touched(_named(Letter.objects.filter(Exists(work), pk__in=[one.pk for one in letters]), by=by))
        batch.state, batch.undone_at = ImportState.UNDONE, timezone.now()
        batch.counts.pop(UNDOING, None)
        batch.save(update_fields=["state", "undone_at", "counts"])
        return len(letters)


@transaction.atomic
def undoable(batch: ImportBatch, *, by: Actor, reason: str) -> tuple[ImportBatch, list[Letter]]:
    """The batch, locked, and its letters. Raises RecordError where it cannot be undone, NotAllowed where not by this person."""
    require_handling(by, batch)
    refuse_if(check_reason(reason, "Say why the import is undone."))
    with acting(by, why=reason):
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != ImportState.IMPORTED:
            raise RecordError.of(
                "state",
                f"“{batch.file_name}” is {batch.get_state_display()}; only an import that was done can be undone.",
            )
        _refuse_touched(standing(batch, by=by).touched)
        letters = list(Letter.objects.filter(imported__batch=batch, state=LetterState.SENT).order_by("reference"))
        hidden = [letter for letter in letters if not may(by, EDIT, letter)]
        if hidden:
            raise RecordError.of(
                "batch",
                f"{len(hidden)} of its letters are restricted since, and not yours to change. Ask a manager to undo it.",
            )
        return batch, letters


def _refuse_touched(touched: list[str]) -> None:
    if touched:
        named = ", ".join(touched[:NAMED]) + (f" and {len(touched) - NAMED} more" if len(touched) > NAMED else "")
        raise RecordError.of(
            "batch",
            f"Somebody worked on {named} since the import, so it is not undone as a whole. Mark single letters as entered in error on their own pages.",
            touched,
        )
