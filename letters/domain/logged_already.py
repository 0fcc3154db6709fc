"""Is this letter in the record already? Sent on the same day, with the same subject, nearly the same words, or the same people
to the same people. A question for whoever logs it, never a refusal: one office may write twice on one day."""

import datetime as dt
import re
from collections.abc import Collection, Iterable

from django.db.models import F
from django.db.models.functions import Left

from letters.domain.rules import plain
from letters.models import Letter, User

MOST_READ = 50  # letters of one day
MOST_NAMED = 3
HEAD = 12_000  # characters: two pages
RUN = 3  # words
ALIKE = 0.8  # of the runs of words of the shorter one; a scanned letter differs from a typed one in a few words
FEW = 12  # runs; of less than that nothing is said by likeness


def logged_already(
    user: User,
    *,
    days: Collection[dt.date | None],
    subject: str = "",
    text: str = "",
    signers: Iterable[str] = (),
    addressees: Collection[str] = (),
    but: Collection[Letter] = (),
) -> list[Letter]:
    """Sent letters that this person may see and that may be this one. `signers`: Bioguide IDs or printed names; `addressees`:
    slugs of agencies; `but`: not this letter itself, nor the one that it was copied from."""
    on = {day for day in days if day}
    if not on:
        return []
    words, title = _runs(text), plain(subject)
    who, to = {plain(name) for name in signers if name}, set(addressees)
    of_the_day = Letter.objects.visible_to(user).sent().filter(sent_on__in=on).order_by("reference")
    of_the_day = of_the_day.exclude(pk__in=[one.pk for one in but]) if but else of_the_day
    same = []
    for letter in (
        of_the_day.annotate(head=Left(F("text"), HEAD))
        .only("reference", "subject", "sent_on")
        .prefetch_related("signatures__legislator", "addressees__agency")[:MOST_READ]
    ):
        says_the_same = (title and plain(letter.subject) == title) or _alike(words, _runs(letter.head))
        if says_the_same or (who and to and (_signers(letter), _addressees(letter)) == (who, to)):
            same.append(letter)
    return same[:MOST_NAMED]


def _signers(letter: Letter) -> set[str]:
    return {plain(one.legislator.bioguide if one.legislator else one.printed_name) for one in letter.signatures.all()}


def _addressees(letter: Letter) -> set[str]:
    return {one.agency.slug for one in letter.addressees.all()}


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every three words that follow one another, however they are written and set."""
    words = re.findall(r"\w+", plain(text[:HEAD]))
    return set(zip(*(words[place:] for place in range(RUN)), strict=False))


def _alike(one: set, other: set) -> bool:
    least = min(len(one), len(other))
    if least < FEW:
        return bool(one) and one == other
    return len(one & other) >= ALIKE * least
