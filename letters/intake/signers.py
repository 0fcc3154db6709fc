"""The signature block into rows: each printed line with the member it seems to be on the letter's day, or without one."""

import datetime as dt

from django.db.models import Prefetch

from letters.domain.clocks import office_today
from letters.enums import OurRole
from letters.intake import typed as sheets
from letters.intake.names import NO_DATE, letter_day, member_label
from letters.intake.signature_block import ReadSigner, read_signature_block
from letters.intake.typed import Typed
from letters.models import Legislator, Office, Term


def read_signers(typed: Typed) -> Typed:
    """The sheet with a row for each name of its block. Rows of names that stood there keep what a person chose."""
    typed = dict(typed)
    on = letter_day(typed)
    left = list(typed["signers"])  # several may have no printed name yet, or the same one
    found = read_signature_block(typed["signers_block"], on or office_today())
    members = members_with_terms([read.legislator.bioguide for read in found if read.legislator])
    rows = []
    for read in found:
        row = next((one for one in left if one["printed_name"].casefold() == read.printed_name.casefold()), None)
        if row is None:
            row = sheets.complete("signers")
        else:
            left.remove(row)
        if not (row["bioguide"] or row["member"].strip()):
            row |= {"printed_name": read.printed_name, "printed_title": read.title or row["printed_title"]}
            row |= _proposal(read, members, on)
        rows.append(row)
    typed["signers"] = [*rows, *left]
    if typed["our_role"] != OurRole.CO_SIGNED:
        _propose_lead(typed["signers"])
    return typed


def propose_waiting(typed: Typed) -> Typed:
    """The rows whose names were read before there was a date, now that there is one. What a person did with the rows stays."""
    on = letter_day(typed)
    waiting = [row for row in typed["signers"] if row["doubt"] == NO_DATE]
    if on is None or not waiting:
        return typed
    # in the block a name stands beside what the letter prints of it
    found = {read.printed_name.casefold(): read for read in read_signature_block(typed["signers_block"], on)}
    reads = [found.get(row["printed_name"].casefold()) or _alone(row["printed_name"], on) for row in waiting]
    members = members_with_terms([read.legislator.bioguide for read in reads if read and read.legislator])
    for row, read in zip(waiting, reads, strict=True):
        row |= _proposal(read, members, on) if read else {"doubt": ""}
    if typed["our_role"] != OurRole.CO_SIGNED:
        _propose_lead(typed["signers"])
    return typed


def _alone(printed_name: str, on: dt.date) -> ReadSigner | None:
    return next(iter(read_signature_block(printed_name, on)), None)


def _proposal(read: ReadSigner, members: dict[str, Legislator], on: dt.date | None) -> dict[str, str]:
    """Nothing without a date: a name is matched as of the letter's day. What is said holds for the name that was `read`."""
    said = {"doubt": read.doubt, "state": "", "party": "", "read": read.printed_name}
    if on is None:
        return said | {"doubt": NO_DATE}
    if read.legislator is None:
        perhaps = " or ".join(member_label(one.legislator, one.term) for one in read.candidates[:4])
        # state and party: what the letter prints beside the name
        return said | {"doubt": f"{read.doubt} {perhaps}".strip(), "state": read.state, "party": read.party}
    member = members[read.legislator.bioguide]
    return said | {"bioguide": member.bioguide, "member": label_on(member, on), "confirmed": ""}


def label_on(member: Legislator, on: dt.date | None) -> str:
    """A member with party and state as of a day; with the latest known where they did not sit then."""
    terms = sorted(member.terms.all(), key=lambda term: term.start)
    sat = [term for term in terms if on and term.start <= on < term.end]
    shown = sat or terms[-1:]
    return member_label(member, shown[0] if shown else None)


def members_with_terms(bioguides: list[str]) -> dict[str, Legislator]:
    """Those members by their Bioguide IDs, in two queries."""
    found = Legislator.objects.filter(bioguide__in=bioguides).prefetch_related(
        Prefetch("terms", Term.objects.order_by("start"))
    )
    return {member.bioguide: member for member in found}


def _propose_lead(rows: list[dict]) -> None:
    """Where nobody is marked as leading: the member whose office this is, if they signed."""
    if any(row["lead"] for row in rows):
        return
    office = Office.objects.select_related("legislator").first()
    ours = office.legislator.bioguide if office and office.legislator else ""
    for row in rows:
        if ours and row["bioguide"] == ours:
            row["lead"] = "on"
