"""A sent letter as somebody would have typed it: a new sheet with all that it says, to be put right and sent anew.

Copied is what the letter says, not what came of it: replies, contacts, notes and files stay with the letter they are about.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from letters.domain.asking import join_names
from letters.domain.deadlines import long_date
from letters.domain.due_rules import Term
from letters.domain.logged_anew import row_id
from letters.domain.worksheets import COPIED_FROM
from letters.enums import Access, EventKind, Match, Status, TaskingRole
from letters.intake import typed as sheets
from letters.intake.questions import as_typed
from letters.intake.signature_block import read_signature_block
from letters.intake.signers import label_on, members_with_terms
from letters.intake.worksheet import WORDS
from letters.models import Addressee, Ask, Letter, Signature, Tasking
from letters.models.asks import targets_in_order

DAYS = ("printed_date", "letter_date", "sent_on")


def copied(letter: Letter) -> tuple[sheets.Typed, list[str]]:
    """The sheet, and in sentences what has no place on it. Whoever gets it may see the letter."""
    typed = sheets.empty() | {name: getattr(letter, name) for name in WORDS}
    typed |= {name: long_date(day) if (day := getattr(letter, name)) else "" for name in DAYS}
    typed["deadline_on"] = deadline_as_typed(letter)
    typed[COPIED_FROM] = str(letter.pk)
    typed["topics"] = sorted(letter.topics.values_list("name", flat=True))
    if letter.access == Access.RESTRICTED:
        typed["staff"] = sorted(letter.staff.values_list("username", flat=True))
    typed["signers"] = _signers(letter)
    addressees = list(letter.addressees.select_related("agency").order_by("position"))
    typed["addressees"] = [_addressee(one) for one in addressees]
    addressed = {one.agency.slug for one in addressees}
    left: list[str] = []
    asks = (
        letter.asks.select_related("kind", "letter")
        .prefetch_related(targets_in_order(), "questions")
        .order_by("number")
    )
    put = _put(letter)
    typed["asks"] = [row for ask in asks if (row := _ask(ask, put[ask.pk], addressed, left))]
    return sheets.identified(typed), left


def deadline_as_typed(letter: Letter) -> str:
    """What a letter sets, as one would type it; empty: it sets no deadline."""
    if letter.deadline_on:
        return long_date(letter.deadline_on)
    if letter.term_days and letter.term_unit and letter.term_from:
        return Term(letter.term_days, letter.term_unit, letter.term_from).words()
    return ""


def _signers(letter: Letter) -> list[dict[str, Any]]:
    signers = list(letter.signatures.select_related("legislator").order_by("position"))
    members = members_with_terms([one.legislator.bioguide for one in signers if one.legislator])
    unmatched = "\n".join(one.printed_name for one in signers if not one.legislator)
    read = read_signature_block(unmatched, letter.letter_date) if unmatched and letter.letter_date else []
    # a name that somebody fits was kept as printed by a person, who threw that one out
    doubts = {one.printed_name.casefold(): one.doubt for one in read if one.legislator is None}
    return [_signer(one, members, letter, doubts) for one in signers]


def _signer(signer: Signature, members: dict, letter: Letter, doubts: dict[str, str]) -> dict[str, Any]:
    """What nobody confirmed was read as of this letter's day, and is read once more where that is put right."""
    as_read = {"read": signer.printed_name, "read_on": letter.letter_date.isoformat() if letter.letter_date else ""}
    row = {
        "printed_name": signer.printed_name,
        "printed_title": signer.printed_title,
        "lead": "on" if signer.is_lead else "",
    }
    if signer.legislator:
        member = members[signer.legislator.bioguide]
        confirmed = "on" if signer.match == Match.CONFIRMED else ""
        row |= {"bioguide": member.bioguide, "member": label_on(member, letter.letter_date), "confirmed": confirmed}
        if not confirmed:
            row |= as_read | {"doubt": signer.doubt}
    else:  # what the letter prints beside the name
        doubt = doubts.get(signer.printed_name.casefold(), "")
        row |= as_read | {"state": signer.state, "party": signer.party, "doubt": doubt}
    return sheets.complete("signers", row)


def _addressee(addressee: Addressee) -> dict[str, Any]:
    return sheets.complete(
        "addressees",
        {
            "printed_name": addressee.printed_name, "printed_title": addressee.printed_title, "address": addressee.address,
            "official": str(addressee.official_id or ""), "delivery": addressee.delivery,
            "agency": addressee.agency.name, "agency_id": addressee.agency.slug, "id": row_id(addressee),
        },
    )  # fmt: skip


def _put(letter: Letter) -> dict[Any, list[Tasking]]:
    """By the key of an ask, whom the letter asked; who carries on what was passed on, it did not ask."""
    put = Tasking.objects.filter(ask__letter=letter, passed_from__isnull=True)
    found: dict[Any, list[Tasking]] = defaultdict(list)
    for one in put.select_related("agency", "acting_agency", "status_event").order_by(
        "role", "agency__short_name", "pk"
    ):
        found[one.ask_id].append(one)
    return found


def _never_asked(tasking: Tasking, letter: Letter) -> bool:
    """Whether a person found that the letter asked no such thing: not that another item goes on in its stead, nor that it
    ended with the whole letter."""
    moved = tasking.status_event
    if tasking.status != Status.ENTERED_IN_ERROR or moved is None or "repeats" in moved.payload:
        return False
    whole = letter.events.filter(kind=EventKind.LETTER_ENTERED_IN_ERROR).last()
    return whole is None or moved.payload.get("act") != whole.payload.get("act")


def _ask(ask: Ask, put: list[Tasking], addressed: set[str], left: list[str]) -> dict[str, Any]:
    """Its row; none where a person marked all of it as entered in error."""
    wrong = [one for one in put if _never_asked(one, ask.letter)]
    put = [one for one in put if one not in wrong]
    if wrong and not any(one.role == TaskingRole.LEAD for one in put):
        left.append(f"Ask {ask.number}, “{ask.summary}”, is left out: it is marked as entered in error.")
        return {}
    if wrong:
        names = join_names([str(one.agency) for one in wrong])
        left.append(f"Ask {ask.number} is not put to {names} any more: that was marked as entered in error.")
    responsible = list({one.agency.slug: one.agency for one in put if one.role == TaskingRole.LEAD}.values())
    consulted = list({one.agency.slug: one.agency for one in put if one.role == TaskingRole.CONSULTED}.values())
    beside = [agency for agency in responsible if agency.slug not in addressed]
    bureau = beside[0] if beside else None
    lost = [str(one) for one in (*beside[1:], *(one for one in consulted if one.slug not in addressed))]
    if lost:
        left.append(
            f"Ask {ask.number} was also put to {join_names(lost)}, which the sheet has no box for: add "
            f"{'it as an addressee' if len(lost) == 1 else 'them as addressees'}, or put it to them once it is sent."
        )
    acting = next((one.acting_agency for one in put if one.acting_agency), None)
    targets = ask.targets_in_order()
    return sheets.complete(
        "asks",
        {
            "kind": ask.kind.code, "proposed": ask.kind.code, "summary": ask.summary, "quote": ask.quote,
            "bureau": bureau.name if bureau else "", "bureau_id": bureau.slug if bureau else "",
            "acting": acting.name if acting else "", "acting_id": acting.slug if acting else "",
            "instrument": ask.instrument, "requested_list": ask.requested_list,
            "requested_by": long_date(ask.requested_by) if ask.requested_by else "",
            "questions": as_typed([question.text for question in sorted(ask.questions.all(), key=_number)]),
            "responsible": _ticked(responsible, addressed), "consulted": _ticked(consulted, addressed),
            "target": [one.name for one in targets], "target_id": [one.slug for one in targets], "id": row_id(ask),
        },
    )  # fmt: skip


def _ticked(agencies: Iterable[Any], addressed: set[str]) -> list[str]:
    return [agency.slug for agency in agencies if agency.slug in addressed]


def _number(question: Any) -> int:
    return question.number
