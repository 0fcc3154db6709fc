"""Which letters of a sheet are in the record already, as far as this person may know."""

from collections import defaultdict
from collections.abc import Sequence

from letters.domain.access import Actor
from letters.domain.rules import plain
from letters.enums import LetterState
from letters.intake.sheet.planning import Planned
from letters.models import ImportBatch, ImportedLetter, Letter, User


def already_here(planned: Sequence[Planned], batch: ImportBatch, *, by: Actor) -> dict[int, str]:
    """By the place of a letter: the reference of the one that is here. Three queries, however many letters.

    By what it was imported as, whatever became of its subject since; else by its day and subject, the second of two
    alike being the second. What was entered in error is not here. Restricted letters are here for who may see them.
    What the batch itself brought in a moment ago was not here when its rows were looked at.
    """
    seen = Letter.objects.visible_to(by) if isinstance(by, User) else Letter.objects.all()
    seen = seen.filter(state=LetterState.SENT).exclude(imported__batch=batch)
    keys = {letter.key: place for place, letter in enumerate(planned) if letter.key}
    imported = ImportedLetter.objects.filter(key__in=keys, letter__in=seen).values_list("key", "letter__reference")
    found = {keys[key]: str(reference) for key, reference in imported}
    days = {letter.day for letter in planned if letter.day}
    alike: dict[tuple, list[str]] = defaultdict(list)
    for day, subject, reference in (
        seen.filter(letter_date__in=days).order_by("reference").values_list("letter_date", "subject", "reference")
    ):
        alike[day, plain(subject)].append(str(reference))
    for place, letter in enumerate(planned):
        same = alike[letter.day, plain(letter.subject)]
        if place not in found and len(same) >= letter.nth > 0:
            found[place] = same[letter.nth - 1]
    return found
