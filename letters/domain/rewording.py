"""A draft, changed where it stands: its parts keep their place and their id. Their order is `arranging`'s."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from letters.domain.access import EDIT, Actor, require
from letters.domain.amending import check_member, forget_official, rematch
from letters.domain.arranging import check_addressees
from letters.domain.asking import check_ask
from letters.domain.clocks import office_today
from letters.domain.drafting import lock_letter, note_edit, still_draft
from letters.domain.history import acting
from letters.domain.letter_checks import check_addressee, check_signer
from letters.domain.making import topics_named
from letters.domain.naming import name_staff
from letters.domain.rules import check_ahead, refuse_if
from letters.errors import Problem, RecordError
from letters.models import Addressee, Ask, Letter, Signature, User

OF_ASK = ("kind", "summary", "quote", "instrument", "requested_list", "requested_by")
OF_SIGNER = ("printed_name", "printed_title", "is_lead", "bioguide")
OF_ADDRESSEE = ("agency", "printed_name", "printed_title", "address", "delivery", "official")


@transaction.atomic
def refile(
    letter: Letter,
    *,
    by: Actor,
    topics: Iterable[str] | None = None,
    staff: Iterable[User] | None = None,
    expected_version: int | None = None,
) -> Letter:
    """What a draft is filed under, by names old or new, and who works on it, from now on. None: as it is."""
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter, expected_version=expected_version)
        still_draft(letter, "topics")
        if topics is not None:
            letter.topics.set(topics_named(topics))
        if staff is not None:
            name_staff(letter, staff, by=by)
        given = {"topics": topics, "staff": staff}
        note_edit(letter, by, changed=sorted(name for name, value in given.items() if value is not None))
        return letter


@transaction.atomic
def reword_ask(ask: Ask, *, by: Actor, expected_version: int | None = None, **facts: Any) -> Ask:
    """Change what an ask of a draft says: `facts` are of `OF_ASK`, the rest stays. Whom it is about is `arrange_ask`'s.

    `expected_version`: of its letter.
    """
    require(by, EDIT, ask.letter)
    with acting(by):
        letter = _begin(ask.letter, expected_version, facts, OF_ASK)
        ask = Ask.objects.select_related("kind").get(pk=ask.pk)
        _set(ask, facts)
        its_date = ("requested_by", "The ask’s own date", ask.requested_by)
        refuse_if(
            [
                *check_ask(
                    ask.kind, ask.summary, list(ask.targets.all()), ask.quote, ask.instrument, ask.requested_list, ()
                ),
                *check_ahead(*its_date, "the letter’s date", letter.letter_date, office_today()),
            ]
        )
        ask.save(update_fields=list(facts))
        note_edit(letter, by, changed="ask", number=ask.number, fields=sorted(facts))
        return ask


@transaction.atomic
def reword_signature(
    signature: Signature, *, by: Actor, expected_version: int | None = None, **facts: Any
) -> Signature:
    """Change a name under a draft: `facts` are of `OF_SIGNER`. With `bioguide` a person has said who it is; empty:
    nobody we know. Another name alone leaves who it is as it was."""
    require(by, EDIT, signature.letter)
    with acting(by):
        letter = _begin(signature.letter, expected_version, facts, OF_SIGNER)
        signature = Signature.objects.select_related("legislator").get(pk=signature.pk)
        bioguide = facts.pop("bioguide", None)
        _set(signature, facts)
        signature.printed_name = signature.printed_name.strip()
        problems = check_signer(signature.printed_name, signature.printed_title, bioguide=bioguide or "")
        if bioguide:
            problems += check_member("bioguide", bioguide, signature, letter)
        same = letter.signatures.filter(printed_name__iexact=signature.printed_name).exclude(pk=signature.pk).first()
        if same and not (bioguide or (bioguide is None and signature.legislator_id)):
            said = f"{same.printed_name} has already signed, as number {same.position}. Two members of one name need their Bioguide IDs."
            problems.append(Problem("printed_name", said, signature.printed_name))
        refuse_if(problems)
        if bioguide is not None:
            rematch(signature, bioguide, letter.letter_date, source="confirmed when the letter was logged")
        signature.save()
        note_edit(letter, by, changed="signature", name=signature.printed_name)
        return signature


@transaction.atomic
def reword_addressee(
    addressee: Addressee, *, by: Actor, expected_version: int | None = None, **facts: Any
) -> Addressee:
    """Change to whom a draft goes: `facts` are of `OF_ADDRESSEE`. Nobody is lost to whom an ask is still put.

    With another name or agency and no `official`, the one who was meant is meant no longer, unless the name has theirs.
    """
    require(by, EDIT, addressee.letter)
    with acting(by):
        letter = _begin(addressee.letter, expected_version, facts, OF_ADDRESSEE)
        addressee = Addressee.objects.select_related("agency", "official").get(pk=addressee.pk)
        before = (addressee.printed_name, addressee.agency_id)
        _set(addressee, facts)
        addressee.printed_name = addressee.printed_name.strip()
        if "official" not in facts and before != (addressee.printed_name, addressee.agency_id):
            forget_official(addressee)
        refuse_if(
            check_addressee(addressee.printed_name, addressee.printed_title, addressee.address, addressee.delivery)
        )
        others = letter.addressees.filter(agency=addressee.agency).exclude(pk=addressee.pk)
        if others.filter(printed_name__iexact=addressee.printed_name).exists():
            said = f"The letter is already addressed to {addressee.printed_name} at {addressee.agency}."
            refuse_if([Problem("printed_name", said, addressee.printed_name)])
        addressee.save(update_fields=[*{*facts, "official"}])
        refuse_if(check_addressees(letter, field="agency"))
        note_edit(letter, by, changed="addressee", name=addressee.printed_name, agency=addressee.agency.slug)
        return addressee


def _begin(letter: Letter, version: int | None, facts: dict[str, Any], known: tuple[str, ...]) -> Letter:
    """The draft, locked, if it is one, and if what changes can."""
    letter = lock_letter(letter, expected_version=version)
    still_draft(letter, "state")
    for name, value in facts.items():
        if name not in known:
            raise RecordError.of(name, f"“{name}” cannot be changed there. What can: {', '.join(known)}.", value)
    if not facts:
        raise RecordError.of(known[0], f"Nothing was given to change. What can: {', '.join(known)}.")
    return letter


def _set(part: Ask | Signature | Addressee, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        setattr(part, name, value.strip() if name == "quote" else value)
