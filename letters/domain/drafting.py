"""Writing a letter down: draft it, sign it, address it. What it asks is in `asking`."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max

from letters.domain import signers
from letters.domain.access import EDIT, Actor, require
from letters.domain.history import acting, record_event, who_changed
from letters.domain.letter_checks import check_addressee, check_facts, check_signer
from letters.domain.rules import refuse_if
from letters.enums import Delivery, EventKind, LetterState, Match
from letters.errors import Problem, RecordError, StaleVersion
from letters.models import (
    Addressee,
    Agency,
    Legislator,
    Letter,
    LetterStaff,
    LetterTopic,
    Official,
    Signature,
    Topic,
    User,
)
from letters.models.signatures import DOUBTED

EDITABLE = (
    "subject",
    "printed_date",
    "letter_date",
    "text",
    "our_role",
    "lead_office_contact",
    "on_behalf_of",
    "published_url",
    "deadline_on",
    "deadline_quote",
    "term_days",
    "term_unit",
    "term_from",
    "access",
)


@transaction.atomic
def draft_letter(
    *, by: Actor, subject: str, topics: Iterable[Topic] = (), staff: Iterable[User] = (), key: uuid.UUID | None = None,
    **facts: Any,
) -> Letter:  # fmt: skip
    """A new draft, without a reference. `facts` are fields named in `EDITABLE`; what is unknown can wait.

    `key`: of the form it was typed into, so that two drafts of one form cannot be.
    """
    require(by, EDIT)
    letter = Letter(id=key or uuid.uuid4(), subject=subject)
    _set_facts(letter, facts)
    refuse_if(check_facts(letter))
    with acting(by):
        letter.save(force_insert=True)
        LetterTopic.objects.bulk_create(LetterTopic(letter=letter, topic=topic) for topic in topics)
        LetterStaff.objects.bulk_create(LetterStaff(letter=letter, user=user) for user in staff)
        record_event(
            EventKind.LETTER_DRAFTED, by=by, letter=letter, payload={"letter": str(letter.pk), "subject": subject}
        )
        return letter


@transaction.atomic
def edit_letter(letter: Letter, *, by: Actor, expected_version: int | None = None, **facts: Any) -> Letter:
    """Change a draft. A sent letter is a historical document: use `sending.amend`."""
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter, expected_version=expected_version)
        still_draft(letter, "subject")
        before = {name: getattr(letter, name, None) for name in facts}
        _set_facts(letter, facts)
        refuse_if(check_facts(letter))
        letter.version += 1
        letter.save()
        changed = sorted(name for name in facts if before[name] != getattr(letter, name))
        record_event(
            EventKind.LETTER_EDITED, by=by, letter=letter, payload={"letter": str(letter.pk), "changed": changed}
        )
        return letter


@transaction.atomic
def sign(
    letter: Letter,
    *,
    by: Actor,
    printed_name: str,
    printed_title: str = "",
    bioguide: str = "",
    confirmed: bool = True,
    state: str = "",
    party: str = "",
    is_lead: bool = False,
    propose: bool = True,
    doubt: str = "",
) -> Signature:
    """The next name under the letter, as printed.

    With `bioguide` a person has said who it is: the match is confirmed; `confirmed` False: it was proposed to a person,
    who has not said yes. Without, one is proposed as of the letter's date, or the name is kept unmatched: a doubtful
    signer never blocks saving. `propose` False: a person has looked and wants the name as printed. `doubt`: what speaks
    against the one who was proposed.
    """
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter)
        still_draft(letter, "printed_name")
        signature = new_signature(
            letter, printed_name=printed_name, printed_title=printed_title, bioguide=bioguide, confirmed=confirmed, state=state,
            party=party, is_lead=is_lead, propose=propose,
            said=f"{DOUBTED}{doubt}"[:300] if doubt and not confirmed else "",
        )  # fmt: skip
        note_edit(letter, by, added="signature", name=signature.printed_name)
        return signature


def new_signature(
    letter: Letter, *, printed_name: str, printed_title: str = "", bioguide: str = "", confirmed: bool = True, state: str = "",
    party: str = "", is_lead: bool = False, propose: bool = True, said: str = "",
) -> Signature:  # fmt: skip
    """The next name, judged and written. Inside a verb that holds the letter; `said`: when a person said who it is."""
    problems = check_signer(printed_name, printed_title, state, party, bioguide)
    refuse_if(problems)
    member, match, source = None, Match.UNMATCHED, ""
    given = state, party
    if bioguide:
        member = Legislator.objects.filter(bioguide=bioguide).first()
        match = Match.CONFIRMED if confirmed else Match.PROPOSED
        source = said or f"{match} when the letter was logged"
        if member is None:
            problems.append(
                Problem(
                    "bioguide",
                    f"Bioguide ID: “{bioguide}” belongs to no member in our rosters. Check it at "
                    "bioguide.congress.gov, or leave it empty: the name is kept as printed.",
                    bioguide,
                )
            )
        elif not (state or party):
            state, party = signers.as_of(member, letter.letter_date)
    else:
        proposals = signers.propose(printed_name, letter.letter_date) if propose and letter.letter_date else []
        sure = [proposal for proposal in proposals if not proposal.doubtful]
        if len(sure) == 1:
            member, match, source = sure[0].legislator, Match.PROPOSED, sure[0].source
            state, party = state or sure[0].term.state, party or sure[0].term.party
    same_name = letter.signatures.filter(printed_name__iexact=printed_name.strip())
    if member and (twin := letter.signatures.filter(legislator=member).first()):
        if match == Match.PROPOSED and not same_name.exists():
            member, match, source = None, Match.UNMATCHED, f"{source}; but {twin.printed_name} is matched to them"
            state, party = given
        else:
            problems.append(_twice(printed_name, twin))
    elif match != Match.CONFIRMED and (twin := same_name.first()) and not (bioguide and twin.legislator_id):
        problems.append(_twice(printed_name, twin))  # two members of one name are told apart by their IDs
    refuse_if(problems)
    last = letter.signatures.aggregate(last=Max("position"))["last"] or 0
    return Signature.objects.create(
        letter=letter, position=last + 1, printed_name=printed_name.strip(), printed_title=printed_title,
        state=state, party=party, is_lead=is_lead, legislator=member, match=match, match_source=source,
    )  # fmt: skip


@transaction.atomic
def address(
    letter: Letter,
    *,
    by: Actor,
    agency: Agency,
    printed_name: str,
    printed_title: str = "",
    address_lines: str = "",
    delivery: str = Delivery.TO,
    official: Official | None = None,
) -> Addressee:
    """The next person or body the letter goes to, as printed."""
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter)
        still_draft(letter, "printed_name")
        problems = check_addressee(printed_name, printed_title, address_lines, delivery)
        refuse_if(problems)
        if letter.addressees.filter(agency=agency, printed_name__iexact=printed_name.strip()).exists():
            problems.append(
                Problem("printed_name", f"The letter is already addressed to {printed_name} at {agency}.", printed_name)
            )
        refuse_if(problems)
        last = letter.addressees.aggregate(last=Max("position"))["last"] or 0
        addressee = Addressee.objects.create(
            letter=letter, position=last + 1, agency=agency, printed_name=printed_name.strip(),
            printed_title=printed_title, address=address_lines, delivery=delivery, official=official,
        )  # fmt: skip
        note_edit(letter, by, added="addressee", name=addressee.printed_name, agency=agency.slug)
        return addressee


def lock_letter(letter: Letter, *, expected_version: int | None = None) -> Letter:
    """The letter as it is now, locked. Raises StaleVersion when it changed since `expected_version` was read."""
    fresh = Letter.objects.select_for_update(no_key=True).get(pk=letter.pk)
    if expected_version is not None and fresh.version != expected_version:
        raise StaleVersion(Problem("version", who_changed(fresh.events.all(), "letter"), expected_version))
    return fresh


def _set_facts(letter: Letter, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        if name not in EDITABLE:
            raise RecordError.of(name, f"“{name}” is not a field of a draft. Known: {', '.join(EDITABLE)}.", value)
        setattr(letter, name, value)


def still_draft(letter: Letter, field: str) -> None:
    """Refuse, beside `field`, to write into a letter that was sent or given up."""
    if letter.state != LetterState.DRAFT:
        raise RecordError.of(
            field,
            f"{letter.reference or 'This draft'} is {letter.get_state_display()} and no longer a draft. "
            "Correct a sent letter by an amendment with a reason.",
        )


def _twice(printed_name: str, twin: Signature) -> Problem:
    return Problem(
        "printed_name",
        f"{printed_name} has already signed, as number {twin.position} ({twin.printed_name}). "
        "Remove one; two members of one name need their Bioguide IDs.",
        printed_name,
    )


def note_edit(letter: Letter, by: Actor, **what: Any) -> None:
    """A draft gained something: its version moves, with an event that says what."""
    letter.version += 1
    letter.save(update_fields=["version"])
    record_event(EventKind.LETTER_EDITED, by=by, letter=letter, payload={"letter": str(letter.pk), **what})
