"""A follow-up letter that went out: logged by the verbs of every letter, repeating what is still open."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction

from letters.domain import drafting, renewals, sending
from letters.domain.access import EDIT, Actor, require
from letters.domain.history import acting
from letters.domain.rules import refuse_if
from letters.enums import Access, EventKind, TaskingRole
from letters.errors import Problem
from letters.models import Agency, Letter, Office, Official, Tasking, User


@transaction.atomic
def log_follow_up(
    *,
    by: Actor,
    agency: Agency,
    taskings: Sequence[Tasking],
    subject: str,
    text: str,
    sent_on: dt.date,
    addressee: Sequence[str],
    signers: Sequence[str],
    deadline_on: dt.date | None = None,
    official: Official | None = None,
    key: uuid.UUID | None = None,
) -> Letter:
    """One sent letter to one agency that repeats these open items: no new item, each goes on and was asked again.

    `addressee`: the lines of the address, whom it is to first. `signers`: a name a line. The letter is restricted
    where any letter it follows up is, to those named on all of them. `key`: of the form it was typed into; what was logged from the same form comes back
    as it is, and nothing is asked again.
    """
    if key and (logged := logged_from(key, by=by)):
        return logged
    letters = {tasking.ask.letter_id: tasking.ask.letter for tasking in taskings}
    for letter in letters.values():
        require(by, EDIT, letter)
    refuse_if(_check(agency, taskings))
    restricted = [letter for letter in letters.values() if letter.access == Access.RESTRICTED]
    with acting(by, why="follow-up logged as sent"):
        follow_up = drafting.draft_letter(
            by=by, subject=subject, letter_date=sent_on, text=text, deadline_on=deadline_on,
            access=Access.RESTRICTED if restricted else Access.OFFICE, staff=_named_on_all(restricted or list(letters.values())), key=key,
        )  # fmt: skip
        office = Office.objects.select_related("legislator").first()
        ours = office.legislator if office else None
        for place, name in enumerate(signers):
            # our own member, whom the form names, is nobody to be looked for
            is_ours = ours is not None and name.strip().casefold() == ours.official_full.casefold()
            drafting.sign(
                follow_up, by=by, printed_name=name, is_lead=place == 0, bioguide=ours.bioguide if ours and is_ours else "",
            )  # fmt: skip
        to, *lines = addressee or [""]
        title = lines.pop(0) if official and lines and lines[0] == official.title else ""
        drafting.address(
            follow_up, by=by, agency=agency, printed_name=to, printed_title=title, address_lines="\n".join(lines),
            official=official,
        )  # fmt: skip
        follow_up = sending.send_letter(follow_up, by=by, sent_on=sent_on)
        # sent without an ask of its own, it got “Reply to this letter”: the first item it repeats stands for that
        own = Tasking.objects.select_related("ask__letter", "agency").get(ask__letter=follow_up, agency=agency)
        for place, tasking in enumerate(sorted(taskings, key=lambda one: (one.ask_id, one.pk))):
            renewals.renew(tasking, by=by, letter=follow_up, quote=tasking.ask.quote, instead_of=None if place else own)
        return follow_up


def logged_from(key: uuid.UUID, *, by: Actor) -> Letter | None:
    """The letter that this person logged from the form with this key."""
    person = by if isinstance(by, User) else None
    return Letter.objects.filter(pk=key, events__kind=EventKind.LETTER_DRAFTED, events__by_user=person).first()


def _check(agency: Agency, taskings: Sequence[Tasking]) -> list[Problem]:
    if not taskings:
        return [Problem("items", "The letter repeats nothing. Tick at least one open item.", [])]
    return [
        Problem("items", f"“{tasking}” is not an open item of {agency}. Take it out.", str(tasking.pk))
        for tasking in taskings
        if tasking.agency_id != agency.pk or not tasking.is_open or tasking.role != TaskingRole.LEAD
    ]


def _named_on_all(letters: Sequence[Letter]) -> list[User]:
    """Who may see every one of them."""
    named = [set(letter.staff.all()) for letter in letters]
    return sorted(set.intersection(*named), key=lambda user: user.username) if named else []
