"""Which letters of a sheet are in the record already, as far as this person may know."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet

from letters.domain.access import Actor
from letters.domain.deadlines import long_date
from letters.domain.letter_desk import anew_among
from letters.domain.rules import plain
from letters.enums import LetterState, LinkKind
from letters.intake.sheet.findings import Finding
from letters.intake.sheet.grouping import REFERENCE
from letters.intake.sheet.planning import Planned
from letters.models import ImportBatch, ImportedLetter, Letter, LetterLink, User
from letters.models.letter_queries import LetterQuerySet

KNOWN = "known"  # in `counts`: by key the reference of the letter that rows were part of, or were mended to mean
CORRECTED = (
    "Number: {number} is here, of {day}: “{subject}”. If this row puts it right, leave the row out and correct that letter on its "
    "page: an import changes none, and this one comes in as another letter."
)


def known_before() -> dict[str, list[str]]:
    """By what rows of earlier sheets are known: the letters that they became, where `ImportedLetter` has no room to say so.

    The latest import last: an undo takes back the letters of one, and what others say of the same rows stands.
    """
    known: dict[str, list[str]] = defaultdict(list)
    batches = ImportBatch.objects.filter(counts__has_key=KNOWN).order_by("imported_at")
    for counts in batches.values_list("counts", flat=True):
        for key, reference in counts[KNOWN].items():
            known[key].append(reference)
    return known


def already_here(
    planned: Sequence[Planned], batch: ImportBatch, before: Mapping[str, list[str]], *, by: Actor
) -> dict[int, str]:
    """By the place of a letter: the reference of the one that is here. Five queries, however many letters; a few more where some
    were entered in error.

    By what it was imported as, whatever became of its subject since; else by its day and subject, the second of two
    alike being the second. What was entered in error is not here, but the letter is that was logged anew from it.
    Restricted letters are here for who may see them. What the batch itself brought in a moment ago was not here when its rows were looked at. `before`: of `known_before`.
    """
    seen = _seen(batch, by)
    keys = {letter.key: place for place, letter in enumerate(planned) if letter.key}
    references = {reference for key in keys for reference in before.get(key, ())}
    still = set(seen.filter(reference__in=references).values_list("reference", flat=True)) if references else set()
    imported = ImportedLetter.objects.filter(key__in=keys)
    gone = _gone(imported, keys, before, references - still)
    anew = _logged_anew({first for _, first in gone}, seen)
    found = {keys[key]: anew[first] for key, first in gone if first in anew}
    found |= {place: one for key, place in keys.items() for one in before.get(key, ()) if one in still}
    found |= {
        keys[key]: str(one) for key, one in imported.filter(letter__in=seen).values_list("key", "letter__reference")
    }
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


def _gone(
    imported: QuerySet[ImportedLetter],
    keys: Collection[str],
    before: Mapping[str, list[str]],
    references: Collection[str],
) -> list[tuple[str, UUID]]:
    """The keys that led to letters which are entered in error by now, with those; the latest import last."""
    in_error = LetterState.ENTERED_IN_ERROR
    letters = Letter.objects.filter(reference__in=references, state=in_error) if references else Letter.objects.none()
    by_reference = dict(letters.values_list("reference", "pk"))
    found = [(key, by_reference[one]) for key in keys for one in before.get(key, ()) if one in by_reference]
    return found + list(
        imported.filter(letter__state=in_error).order_by("batch__imported_at").values_list("key", "letter")
    )


def _logged_anew(letters: Collection[UUID], seen: LetterQuerySet) -> dict[UUID, str]:
    """By letters that are entered in error: the reference of the one that was logged anew from each, or anew from that one."""
    copies: dict[UUID, list[UUID]] = {}
    here: dict[UUID, str] = {}
    ahead = set(letters)
    while ahead:
        links = list(LetterLink.objects.filter(to_letter__in=ahead, kind=LinkKind.SUPERSEDES).order_by("pk"))
        anew = anew_among(links)
        for link in links:
            if link.pk in anew:
                copies.setdefault(link.to_letter_id, []).append(link.letter_id)
        ahead = {copy for first in ahead for copy in copies.get(first, ())} - copies.keys()
        here |= dict(seen.filter(pk__in=ahead).values_list("pk", "reference"))

    def of(letter: UUID) -> str:
        made = copies.get(letter, ())
        return next((str(here[copy]) for copy in made if copy in here), "") or next(filter(None, map(of, made)), "")

    return {letter: reference for letter in letters if (reference := of(letter))}


def say_numbers(planned: Sequence[Planned], here: Mapping[int, str], batch: ImportBatch, *, by: Actor) -> None:
    """Of a letter that is not here, a remark where one of its number is: perhaps it was corrected in the file."""
    new = {letter.number: letter for place, letter in enumerate(planned) if place not in here}
    found = _seen(batch, by).filter(reference__in=[number for number in new if REFERENCE.match(number)])
    for number, day, subject in found.values_list("reference", "letter_date", "subject"):
        words = CORRECTED.format(number=number, day=long_date(day), subject=subject[:80])
        new[number].findings.append(Finding(new[number].rows[0], "number", words, blocks=False))


def _seen(batch: ImportBatch, by: Actor) -> LetterQuerySet:
    seen = Letter.objects.visible_to(by) if isinstance(by, User) else Letter.objects.all()
    return seen.filter(state=LetterState.SENT).exclude(imported__batch=batch)
