"""Keeping a sent letter's company: how it relates to others, what the office files it under, what each addressee's office tells."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from letters.domain import clocks, redating
from letters.domain.access import EDIT, Actor, require
from letters.domain.drafting import lock_letter
from letters.domain.extending import date_anew
from letters.domain.history import acting, record_event
from letters.domain.making import topics_named
from letters.domain.rules import check_known, check_not_future, check_order, check_text, refuse_if
from letters.enums import Access, EventKind, LetterState, LinkKind
from letters.errors import RecordError
from letters.models import Addressee, Event, Letter, LetterLink, Tasking

DELIVERY = ("control_number", "delivered_on", "acknowledged_on", "legislative_affairs_contact")


@transaction.atomic
def link_letters(letter: Letter, *, by: Actor, to: Letter, kind: str) -> LetterLink:
    """Say how a letter relates to another: a follow-up to it, superseding it, a reply to it, the same one elsewhere."""
    require(by, EDIT, letter)
    require(by, EDIT, to)
    refuse_if(check_known("kind", "How they relate", kind, LinkKind))
    if letter.pk == to.pk:
        raise RecordError.of("to", f"{to.reference} is this letter. Give the number of the other one.", to.reference)
    if to.state not in (LetterState.SENT, LetterState.ENTERED_IN_ERROR):
        raise RecordError.of("to", "A draft has no number yet. Send it first, then link it.", to.reference)
    with acting(by):
        letter = lock_letter(letter)
        words = LinkKind(kind).label
        if letter.links.filter(to_letter=to, kind=kind).exists():
            said = (
                f"{letter.reference} is “{words} {to.reference}” already. Leave it as it is, or choose another letter."
            )
            raise RecordError.of("to", said, to.reference)
        if kind == LinkKind.SAME_LETTER and to.links.filter(to_letter=letter, kind=kind).exists():
            said = (
                f"{to.reference} says so already, which holds both ways. Leave it as it is, or choose another letter."
            )
            raise RecordError.of("to", said, to.reference)
        link = LetterLink.objects.create(letter=letter, to_letter=to, kind=kind)
        tell_linked(link, letter, by=by, linked=True)
        return link


def goes_along(first: Letter, access: str) -> bool:
    """Whether what is known of a letter may stand in one that these people see (invariant 8)."""
    return first.access == Access.OFFICE or access == Access.RESTRICTED


@transaction.atomic
def link_anew(letter: Letter, *, by: Actor, first: Letter, asks: Mapping[str, str] | None = None) -> LetterLink:
    """A letter that was logged anew supersedes the entry that it was copied from, and each of the two tells of the other, and
    which of its asks is which of that one: `asks`, the keys of the letter's with those of the first one's.

    Whoever sends the copy may not see the first one any more: that they belong together stays true. One that more people see
    is told nothing of one that fewer do (invariant 8).
    """
    require(by, EDIT, letter)
    with acting(by):
        link = LetterLink.objects.create(letter=letter, to_letter=first, kind=LinkKind.SUPERSEDES)
        pairs = dict(asks or {})
        turned = {before: ask for ask, before in pairs.items()}
        for one, other, how, same in ((letter, first, "from", pairs), (first, letter, "as", turned)):
            if goes_along(other, one.access):
                also = {"anew": how, "other": str(other.pk), "asks": same}
                tell_linked(link, lock_letter(one), by=by, linked=True, also=also)
        return link


def asks_anew(told: Event) -> dict[str, str]:
    """By the key of an ask of the first letter: which of the copy's it is, as the event of either of the two tells."""
    pairs = told.payload.get("asks", {})
    return pairs if told.payload["anew"] == "as" else {before: ask for ask, before in pairs.items()}


def anew_among(links: Iterable[LetterLink]) -> set[Any]:
    """The keys of those that came of logging a letter anew, as one of the two letters tells. No query where none can have."""
    found = [link for link in links if link.kind == LinkKind.SUPERSEDES]
    if not found:
        return set()
    letters = {key for link in found for key in (link.letter_id, link.to_letter_id)}
    told = Event.objects.filter(kind=EventKind.LETTER_LINKED, letter__in=letters, payload__has_key="anew")
    keys = set(told.values_list("payload__link", flat=True))
    return {link.pk for link in found if str(link.pk) in keys}


@transaction.atomic
def unlink_letters(link: LetterLink, *, by: Actor) -> LetterLink:
    """Take such a relation away. What stood is kept in the history.

    Raises LetterLink.DoesNotExist where somebody took it away meanwhile: one act is told once.
    """
    require(by, EDIT, link.letter)
    require(by, EDIT, link.to_letter)
    with acting(by):
        letter = lock_letter(link.letter)
        LetterLink.objects.get(pk=link.pk)
        tell_linked(link, letter, by=by, linked=False)
        LetterLink.objects.filter(pk=link.pk).delete()
        return link


def tell_linked(
    link: LetterLink, letter: Letter, *, by: Actor, linked: bool, also: dict[str, Any] | None = None
) -> None:
    """The event of a relation that was made or taken away, and the letter's version: its row names what it is linked to. The
    letter is locked by the caller; `also` is more of what the event keeps."""
    letter.version += 1
    letter.save(update_fields=["version"])
    # not to which letter, but for what `also` says: who follows this one may not be able to see the other. Where it names one,
    # `withheld` and the API's stream keep that from who may not see it.
    record_event(
        EventKind.LETTER_LINKED, by=by, letter=letter,
        payload={"letter": str(letter.pk), "link": str(link.pk), "kind": link.kind, "linked": linked} | (also or {}),
    )  # fmt: skip


@transaction.atomic
def file_under(letter: Letter, *, by: Actor, topics: Iterable[str], expected_version: int | None = None) -> Letter:
    """What the office files a sent letter under from now on: topics by name, old or new.

    They are the office's own and stand nowhere in the letter: so it is no amendment, and nobody is asked why. The event
    keeps what stood before.
    """
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter, expected_version=expected_version)
        if letter.state != LetterState.SENT:
            raise RecordError.of(
                "topics", f"Only a sent letter is filed here; this one is {letter.get_state_display()}."
            )
        before = sorted(letter.topics.values_list("name", flat=True))
        letter.topics.set(topics_named(topics))
        after = sorted(letter.topics.values_list("name", flat=True))
        if before == after:
            return letter
        letter.version += 1
        letter.save(update_fields=["version"])
        record_event(
            EventKind.LETTER_AMENDED, by=by, letter=letter,
            payload={
                "letter": str(letter.pk), "reference": letter.reference, "changed": ["topics"], "reason": "",
                "filed_under": after, "filed_before": before,
            },
        )  # fmt: skip
        return letter


@transaction.atomic
def update_addressee(
    addressee: Addressee, *, by: Actor, expected_version: int | None = None, **facts: Any
) -> Addressee:
    """Note what an addressee's office tells: its own number, when it came and was acknowledged, whom to call.

    `facts` are fields named in `DELIVERY`; days are the office's. `expected_version` is the letter's.
    """
    letter = addressee.letter
    require(by, EDIT, letter)
    today = clocks.office_today()
    unknown = [name for name in facts if name not in DELIVERY]
    if unknown:
        raise RecordError.of(unknown[0], f"“{unknown[0]}” is not noted here. What is: {', '.join(DELIVERY)}.")
    delivered, acknowledged = facts.get("delivered_on"), facts.get("acknowledged_on")
    refuse_if(
        [
            *check_text("control_number", "The agency’s number", facts.get("control_number"), 60),
            *check_text("legislative_affairs_contact", "The contact", facts.get("legislative_affairs_contact"), 200),
            *check_not_future("delivered_on", "The day it was delivered", delivered, today),
            *check_not_future("acknowledged_on", "The day it was acknowledged", acknowledged, today),
            *check_order("delivered_on", "The day it was delivered", delivered, "the day it was sent", letter.sent_on),
            *check_order(
                "acknowledged_on", "The day it was acknowledged", acknowledged, "the day it was sent", letter.sent_on
            ),
        ]
    )
    with acting(by):
        letter = lock_letter(letter, expected_version=expected_version)
        addressee = Addressee.objects.select_for_update(no_key=True).get(pk=addressee.pk)
        changed = [name for name, value in facts.items() if delivery_fact(addressee, name) != (value or _empty(name))]
        if not changed:
            return addressee
        for name in changed:
            _set(addressee, name, facts[name])
        addressee.save()
        letter.version += 1
        letter.save(update_fields=["version"])
        if {"delivered_on", "acknowledged_on"} & set(changed):
            _let_clocks_follow(letter, by=by)
        record_event(
            EventKind.ADDRESSEE_UPDATED, by=by, letter=letter,
            payload={
                "letter": str(letter.pk), "addressee": str(addressee.pk), "agency": addressee.agency.slug,
                "changed": sorted(changed),
            },
        )  # fmt: skip
        return addressee


def _let_clocks_follow(letter: Letter, *, by: Actor) -> None:
    """A term counts from receipt, and that it was acknowledged ends the acknowledgment clock: here, and where it repeats."""
    of_it = Tasking.objects.filter(Q(ask__letter=letter) | Q(renewals__letter=letter))
    for tasking in redating.that_waited(of_it):
        date_anew(tasking, by=by, heard=True)


def delivery_fact(addressee: Addressee, name: str) -> Any:
    """One of the facts named in `DELIVERY`, days as the office counts them."""
    if not name.endswith("_on"):
        return getattr(addressee, name)
    moment = getattr(addressee, name.replace("_on", "_at"))
    return timezone.localdate(moment) if moment else None


def _empty(name: str) -> Any:
    return None if name.endswith("_on") else ""


def _set(addressee: Addressee, name: str, value: Any) -> None:
    if name.endswith("_on"):
        # only the day is known: noon keeps it the same day in every American time zone
        at = timezone.make_aware(dt.datetime.combine(value, dt.time(12))) if value else None
        setattr(addressee, name.replace("_on", "_at"), at)
    else:
        setattr(addressee, name, value or "")
