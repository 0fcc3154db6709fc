"""Corrections to the parts of a sent letter: signers, addressees, asks. Its facts are corrected by `sending.amend`; whom an
ask is about, and its questions, as `amending_asks` says.

What was sent stays in the record: each field that is corrected leaves an Amendment with what stood before, and one reason.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Model

from letters.domain import clocks, redating, signers
from letters.domain.access import EDIT, Actor, require
from letters.domain.amending_asks import FIELDS, check_asked, correct_asked, is_asked, with_new_targets
from letters.domain.drafting import lock_letter
from letters.domain.extending import date_anew
from letters.domain.history import acting
from letters.domain.releases import public_before, record_amended
from letters.domain.rules import check_ahead, check_reason, check_required, check_text, refuse_if
from letters.enums import LetterState, Match
from letters.errors import Problem, RecordError
from letters.models import Addressee, Amendment, Ask, Legislator, Letter, Signature, Tasking

# What can be corrected of each part: its name on screen, and how long it may be (None: no text).
CORRECTABLE: dict[type[Model], dict[str, tuple[str, int | None]]] = {
    Signature: {"printed_name": ("name", 200), "printed_title": ("title", 200), "bioguide": ("member", 7), "is_lead": ("led", None)},
    Addressee: {"printed_name": ("name", 200), "printed_title": ("title", 200), "address": ("address", 500)},
    Ask: {
        "summary": ("wording", 300), "quote": ("quote", 10_000), "instrument": ("legal basis", 300),
        "requested_list": ("list", 120), "requested_by": ("its own date", None),
    },
}  # fmt: skip
REQUIRED = {"printed_name", "summary"}
CONFIRMED_BECAUSE = "The member who was proposed is confirmed."


@dataclass(frozen=True)
class Correction:
    """One part of the letter with the fields that were wrong. `key` is where the page has it; `remove`: it never signed.

    Of an ask also what `amending_asks.FIELDS` names: `add_targets` and `remove_targets`, lists of targets (those to add may be
    planned), and `questions`, a list of `QuestionCorrection`.
    """

    part: Signature | Addressee | Ask
    fields: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    remove: bool = False


@transaction.atomic
def amend_parts(
    letter: Letter, *, by: Actor, reason: str, corrections: Iterable[Correction], expected_version: int | None = None
) -> Letter:
    """Correct parts of a sent letter. A signer may be taken out; the rest is corrected where it stands. Dates follow."""
    require(by, EDIT, letter)
    with acting(by, why=reason):
        letter = lock_letter(letter, expected_version=expected_version)
        refuse_if(check_reason(reason, "Say why the record is corrected."))
        if letter.state != LetterState.SENT:
            raise RecordError.of("state", f"Only a sent letter is corrected; this one is {letter.get_state_display()}.")
        before_public = public_before(letter)
        corrections = [_with_targets(one, by=by) for one in sorted(corrections, key=_order)]
        asks = {one.part.pk for one in corrections if isinstance(one.part, Ask)}
        # held before the first is written, and in the order in which replies hold them
        list(Ask.objects.select_for_update(no_key=True).filter(pk__in=asks).order_by("pk"))
        problems = _check_names(corrections, letter)
        amendments: list[Amendment] = []
        for correction in corrections:
            problems += _check(correction, letter)
            if not problems:
                amendments += _correct(correction, letter, reason)
        refuse_if(problems)
        if not amendments:
            raise RecordError.of("reason", "Nothing was changed, so there is nothing to correct.")
        if not letter.signatures.exists():
            raise RecordError.of("signers", "Nobody would have signed the letter. Leave at least one signer.")
        Amendment.objects.bulk_create(amendments)
        letter.version += 1
        letter.save(update_fields=["version"])
        changed = [amendment.field for amendment in amendments]
        if any(name.endswith("its own date") for name in changed):
            for tasking in redating.that_waited(Tasking.objects.filter(ask__in=asks)):
                date_anew(tasking, by=by, reason=reason)
        moved = [one.part.pk for one in corrections if isinstance(one.part, Ask) and is_asked(one.fields)]
        items = list(Tasking.objects.filter(ask__in=moved).values_list("pk", flat=True)) if moved else []
        record_amended(letter, by=by, changed=changed, reason=reason, before_public=before_public, items=items)
        return letter


def confirming(signers: Iterable[Signature]) -> list[Correction]:
    """What `amend_parts` is told where a person says that those proposed for these signers did sign (invariant 9)."""
    return [
        Correction(signer, {"bioguide": value_of(signer, "bioguide")})
        for signer in signers
        if signer.match == Match.PROPOSED
    ]


def part_name(part: Signature | Addressee | Ask) -> str:
    """ "signer 3", as an amendment names it."""
    if isinstance(part, Ask):
        return f"ask {part.number}"
    return f"{'signer' if isinstance(part, Signature) else 'addressee'} {part.position}"


def value_of(part: Signature | Addressee | Ask, name: str) -> Any:
    """A field as it stands; the member of a signer by Bioguide ID."""
    if name == "bioguide" and isinstance(part, Signature):
        return part.legislator.bioguide if part.legislator else ""
    return getattr(part, name)


def _check(correction: Correction, letter: Letter) -> list[Problem]:
    part, key = correction.part, f"{correction.key}-" if correction.key else ""
    of_letter = part.letter_id == letter.pk
    problems = [] if of_letter else [Problem(f"{key}part", f"{part} is no part of {letter.reference}.")]
    known = CORRECTABLE[type(part)]
    more = FIELDS if isinstance(part, Ask) else ()
    for name, value in correction.fields.items():
        if name in more:
            continue
        if name not in known:
            what = ", ".join([*known, *more])
            problems.append(Problem(key + name, f"“{name}” cannot be corrected. What can: {what}.", value))
            continue
        label, limit = known[name]
        label = f"{part_name(part)}, {label}".capitalize()
        if name in REQUIRED:
            problems += check_required(key + name, label, value, "Type it as the letter prints it.")
        if limit:
            problems += check_text(key + name, label, value, limit)
        if name == "requested_by":
            problems += check_ahead(
                key + name, label, value, "the day it was sent", letter.sent_on, clocks.office_today()
            )
        if name == "bioguide" and value:
            problems += check_member(key + name, value, part, letter)
    if of_letter and isinstance(part, Ask):
        problems += check_asked(part, correction.fields, key)
    return problems


def _with_targets(correction: Correction, *, by: Actor) -> Correction:
    if not correction.fields.get("add_targets"):
        return correction
    key = f"{correction.key}-" if correction.key else ""
    return replace(correction, fields=with_new_targets(correction.fields, key, by=by))


def _order(correction: Correction) -> int:
    """Who is taken out leaves the name, and who becomes a member shares it, before anybody else is written: the database
    looks at each row."""
    return 0 if correction.remove else 1 if correction.fields.get("bioguide") else 2


def _check_names(corrections: Collection[Correction], letter: Letter) -> list[Problem]:
    """Two signers of one printed name, neither a member we know, would be one twice. Names that change places are put
    aside first: the database looks at each row as it is written."""
    of_signers = {one.part.pk: one for one in corrections if isinstance(one.part, Signature) and not one.remove}
    gone = {one.part.pk for one in corrections if one.remove}
    problems: list[Problem] = []
    first: dict[str, tuple[Signature, Correction | None]] = {}
    moving: dict[Any, tuple[str, str]] = {}
    for signer in letter.signatures.exclude(pk__in=gone).order_by("position"):
        one = of_signers.get(signer.pk)
        fields = one.fields if one else {}
        name = str(fields.get("printed_name", signer.printed_name))
        moving[signer.pk] = (signer.printed_name.lower(), name.lower())
        if fields.get("bioguide", signer.legislator_id):
            continue
        twin = first.setdefault(name.lower(), (signer, one))
        if twin[0] != signer and (by_us := one or twin[1]):
            said = (
                f"Signers {twin[0].position} and {signer.position} would both be printed as “{name}”. Two members of one "
                "name need their Bioguide IDs."
            )
            problems.append(Problem(f"{by_us.key}-printed_name" if by_us.key else "printed_name", said, name))
    taken = {moving[key][1] for key in of_signers if key in moving}
    aside = [key for key, (before, after) in moving.items() if before != after and before in taken]
    for key in aside if not problems else ():
        Signature.objects.filter(pk=key).update(printed_name=str(key))
    return problems


def check_member(at: str, bioguide: str, part: Any, letter: Letter) -> list[Problem]:
    """Whether a member of this Bioguide ID can be this signer of the letter."""
    if not Legislator.objects.filter(bioguide=bioguide).exists():
        return [Problem(at, f"“{bioguide}” belongs to no member in our rosters. Choose one from the list.", bioguide)]
    twin = letter.signatures.filter(legislator__bioguide=bioguide).exclude(pk=part.pk).first()
    return (
        [Problem(at, f"That member is signer {twin.position} ({twin.printed_name}) already.", bioguide)] if twin else []
    )


def _correct(correction: Correction, letter: Letter, reason: str) -> list[Amendment]:
    part = correction.part
    if correction.remove and isinstance(part, Signature):
        gone = Amendment(
            letter=letter, field=f"{part_name(part)}, taken out", before=part.printed_name, after="", reason=reason
        )
        part.delete()
        return [gone]
    amendments, written = [], []
    asked = correct_asked(part, correction.fields, part_name(part)) if isinstance(part, Ask) else []
    for amendment in asked:
        amendment.letter, amendment.reason = letter, reason
    for name, value in correction.fields.items():
        if isinstance(part, Ask) and name in FIELDS:
            continue
        before = value_of(part, name)
        # a member who was only proposed is not yet said to have signed: the same ID, said by a person, is news
        confirms = name == "bioguide" and isinstance(part, Signature) and bool(value) and part.match == Match.PROPOSED
        if before == value and not confirms:
            continue
        label = f"{part_name(part)}, {CORRECTABLE[type(part)][name][0]}"
        if before == value and isinstance(part, Signature):
            part.match, before = Match.CONFIRMED, f"{before}, proposed"  # with state, party and source as they stand
            written.append("match")
        elif name == "bioguide" and isinstance(part, Signature):
            rematch(part, value, letter.letter_date, source="corrected after it was sent")
            written += ["legislator", "match", "match_source", "state", "party"]
        else:
            setattr(part, name, value)
            written.append(name)
        amendments.append(
            Amendment(letter=letter, field=label, before=_shown(before), after=_shown(value), reason=reason)
        )
        if isinstance(part, Addressee) and name == "printed_name":
            forget_official(part)
            written.append("official")
    if amendments:
        # nothing else of a part that was read before it was held: of an ask, a law may have been chosen since
        part.save(update_fields=written)
    return [*amendments, *asked]


def forget_official(addressee: Addressee) -> None:
    """Another name or agency, without a word on who is meant: the official we knew stays only where the new name has
    theirs, and their post is there."""
    known = addressee.official
    if known and (
        known.name.casefold() not in addressee.printed_name.casefold() or known.agency_id != addressee.agency_id
    ):
        addressee.official = None


def rematch(signature: Signature, bioguide: str, on: dt.date | None, *, source: str) -> None:
    """Another member, with state and party as of the letter; or nobody: kept as printed."""
    member = Legislator.objects.filter(bioguide=bioguide).first() if bioguide else None
    signature.legislator = member
    signature.match = Match.CONFIRMED if member else Match.UNMATCHED
    signature.match_source = source
    signature.state, signature.party = signers.as_of(member, on) if member else ("", "")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
