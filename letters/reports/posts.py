"""Whom a letter to an agency goes to: the office, and its holder only where an official's dates say who that is."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.db.models import Q

from letters.domain.deadlines import long_date
from letters.enums import LetterState
from letters.models import Addressee, Agency, Letter, Official, Renewal, Tasking, User


@dataclass(frozen=True)
class Post:
    """Whom the letter goes to: the office, and its holder only where the record knows one."""

    lines: list[str]
    salutation: str
    note: str
    official: Official | None = None


def post_of(agency: Agency, taskings: Sequence[Tasking], today: dt.date) -> Post:
    """Address the office. Its holder is named only where an official's dates say who that is today."""
    letters = {one.ask.letter_id: one.ask.letter for one in taskings}.values()
    newest_first = sorted(letters, key=lambda letter: letter.sent_on or dt.date.min, reverse=True)
    found = [(letter, a) for letter in newest_first for a in letter.addressees.all() if a.agency_id == agency.pk]
    # the newest that names the post; one that was addressed without a title says nothing of it
    latest, before = next((pair for pair in found if _title(pair[1])), found[0] if found else (None, None))
    title = _title(before) if before else ""
    address = (
        before.address.splitlines() if before and before.address else (agency.address.splitlines() or [agency.name])
    )
    holder = _holder(agency, title, today)
    if holder:
        named = (
            f"The record has {holder.name} as {holder.title} since {long_date(holder.start)}." if holder.start else ""
        )
        note = f"{_named(latest, before)}{named}"
        return Post([f"The Honorable {holder.name}", holder.title, *address], f"Dear {holder.name}:", note, holder)
    office = (
        [f"The {title}"] if title else ["The Head of the Agency", *([] if address[0] == agency.name else [agency.name])]
    )
    note = f"{_named(latest, before)}The record does not know who holds the post now, so this letter is addressed to the office."
    return Post([*office, *address], f"Dear {title or 'Sir or Madam'}:", note)


def changed_hands(agency: Agency, user: User, today: dt.date) -> str:
    """That a post has a new holder whom nobody asked yet for what is open there; empty: not that we know.

    Only where dates say so: an official without a first day proves nothing. Needs `agency.officials` prefetched.
    """
    for one in agency.officials.all():
        if one.start is None or one.start > today or (one.end and one.end < today):
            continue
        # by the title, or to the post itself, as `_title` reads it
        itself = Q(printed_title="", printed_name__iexact=f"The {one.title}")
        named = Q(printed_title__iexact=one.title) | itself
        to_the_post = Addressee.objects.filter(named, agency=agency).values("letter")
        since = Renewal.objects.filter(renewed_on__gte=one.start, letter__state=LetterState.SENT).values("tasking")
        found = Tasking.objects.visible_to(user).open().filter(agency=agency, ask__letter__in=to_the_post)
        if number := found.filter(asked_on__lt=one.start).exclude(pk__in=since).count():
            items, they = ("1 open item was", "it") if number == 1 else (f"{number:,} open items were", "they")
            return (
                f"{one.name} is {one.title} since {long_date(one.start)}. {items} asked before that day and not again "
                f"since: {they} can be sent again to the new holder."
            )
    return ""


def _title(addressee: Addressee) -> str:
    """The post that the letter names; without a title, a name that is a post's: “The Secretary of the Treasury”."""
    name = addressee.printed_name
    return addressee.printed_title or (name.removeprefix("The ") if _is_post(name) else "")


def _is_post(name: str) -> bool:
    return name.startswith("The ") and not name.startswith("The Honorable ")


def _named(letter: Letter | None, before: Addressee | None) -> str:
    if letter is None or before is None:
        return ""
    title = f", {before.printed_title}" if before.printed_title else ""
    return f"The letter of {day_words(letter.letter_date)} named {before.printed_name}{title}. "


def _holder(agency: Agency, title: str, today: dt.date) -> Official | None:
    holders = agency.officials.filter(title__iexact=title, start__lte=today).order_by("-start") if title else []
    standing = [one for one in holders if one.end is None or one.end >= today]
    return standing[0] if len(standing) == 1 else None


def day_words(day: dt.date | None) -> str:
    """A letter that was sent has its day."""
    return long_date(cast(dt.date, day))
