"""The signature block into rows: each printed line with the member it seems to be on the letter's day, or without one."""

import datetime as dt

from django.db.models import Prefetch

from letters.domain.clocks import office_today
from letters.enums import OurRole
from letters.intake import typed as sheets
from letters.intake.names import letter_day, member_label
from letters.intake.signature_block import ReadSigner, read_signature_block
from letters.intake.typed import Typed
from letters.models import Legislator, Office, Term

NO_DATE = "no date"


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


def _proposal(read: ReadSigner, members: dict[str, Legislator], on: dt.date | None) -> dict[str, str]:
    """Nothing without a date: a name is matched as of the letter's day."""
    if on is None:
        return {"doubt": NO_DATE, "state": "", "party": ""}
    perhaps = [member_label(one.legislator, one.term) for one in read.candidates if one.legislator != read.legislator]
    doubt = f"{read.doubt} {' or '.join(perhaps[:4])}".strip() if read.doubt and not read.legislator else read.doubt
    if read.legislator is None:
        return {"doubt": doubt, "state": read.state, "party": read.party}  # what the letter prints beside the name
    member = members[read.legislator.bioguide]
    return {
        "bioguide": member.bioguide,
        "member": label_on(member, on),
        "confirmed": "",
        "doubt": doubt,
        "state": "",
        "party": "",
    }


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
