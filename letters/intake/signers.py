"""The signature block into rows: each printed line with the member it seems to be on the letter's day, or without one."""

import datetime as dt
import re

from django.db.models import Prefetch

from letters.domain.clocks import office_today
from letters.enums import OurRole
from letters.intake import typed as sheets
from letters.intake.names import NO_DATE, is_emptied, letter_day, member_label
from letters.intake.signature_block import ReadSigner, read_signature_block
from letters.intake.typed import Typed
from letters.models import Legislator, Office, Term


def read_signers(typed: Typed, marked: str = "") -> Typed:
    """The sheet with a row for each name of its block. Rows of names that stood there keep what a person chose, that it is
    nobody and another title among it; and a name that was removed stays so, unless it stands in the words that were `marked`
    now."""
    typed = dict(typed)
    gone = _removed_names(typed, marked)
    on = letter_day(typed)
    left = list(typed["signers"])  # several may have no printed name yet, or the same one
    found = read_signature_block(typed["signers_block"], on or office_today())
    members = members_with_terms([read.legislator.bioguide for read in found if read.legislator])
    rows = []
    for read in found:
        row = next((one for one in left if one["printed_name"].casefold() == read.printed_name.casefold()), None)
        if row is None and read.printed_name.casefold() in gone:
            continue
        if row is None:
            row = sheets.complete("signers")
        else:
            left.remove(row)
        is_read = row["read"].casefold() == read.printed_name.casefold()
        if not (row["bioguide"] or row["member"].strip() or (is_read and is_emptied(row))):
            title = row["printed_title"] if is_read else row["printed_title"] or read.title
            row |= {"printed_name": read.printed_name, "printed_title": title}
            row |= _proposal(read, members, on)
        rows.append(row)
    typed["signers"] = [*rows, *left]
    if typed["our_role"] != OurRole.CO_SIGNED:
        _propose_lead(typed["signers"])
    return typed


def _removed_names(typed: Typed, marked: str) -> set[str]:
    names = {name for one in sheets.removed(typed, "signers") for name in _names_of(one["row"])}
    return {name for name in names if not _stands_in(name, marked)}


def removed_of_block(typed: Typed) -> list[str]:
    """Names that were removed and stand in the block all the same, so that reading it leaves them out."""
    there = {name for row in typed["signers"] for name in _names_of(row)}
    rows = [one["row"] for one in sheets.removed(typed, "signers") if not there & _names_of(one["row"])]
    found = [row for row in rows if any(_stands_in(name, typed["signers_block"]) for name in _names_of(row))]
    return list(dict.fromkeys(map(_called, found)))


def read_removed(typed: Typed) -> Typed:
    """The sheet with those once more, as they stood, at their place in the block."""
    typed, names = dict(typed), removed_of_block(typed)
    kept = sheets.removed(typed, "signers")
    back = {name: one["row"] for one in kept if (name := _called(one["row"])) in names}
    sheets.keep_removed(typed, "signers", [one for one in kept if _called(one["row"]) not in names])
    return read_signers(typed | {"signers": [*typed["signers"], *back.values()]})


def _called(row: dict) -> str:
    return row["printed_name"].strip() or row["read"]


def _names_of(row: dict) -> set[str]:
    return {row[name].strip().casefold() for name in ("printed_name", "read")} - {""}


def _stands_in(name: str, words: str) -> bool:
    # whole words: “Ann Lee” is not in “Joann Lee”
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", " ".join(words.split()).casefold()))


def is_of_another_day(row: dict, on: dt.date | None) -> bool:
    """Whether it is what was read of a name as of another day than the letter's, or of none, and no person's word."""
    is_read = row["doubt"] == NO_DATE or (row["read"] and (row["bioguide"] or not is_emptied(row)))
    return on is not None and bool(is_read) and not row["confirmed"] and row["read_on"] != on.isoformat()


def propose_waiting(typed: Typed) -> Typed:
    """The rows whose names were read before there was a date, or as of one that was corrected since. What a person did with
    the rows stays: whom they confirmed or named, and that a name is kept as printed."""
    on = letter_day(typed)
    waiting = [row for row in typed["signers"] if is_of_another_day(row, on)]
    if on is None or not waiting:
        return typed
    # in the block a name stands beside what the letter prints of it
    found = {read.printed_name.casefold(): read for read in read_signature_block(typed["signers_block"], on)}
    reads = [found.get(row["printed_name"].casefold()) or _alone(row["printed_name"], on) for row in waiting]
    members = members_with_terms([read.legislator.bioguide for read in reads if read and read.legislator])
    for row, read in zip(waiting, reads, strict=True):
        before = dict(row)
        row |= {"bioguide": "", "member": "", "doubt": ""} | (_proposal(read, members, on) if read else {})
        if row["printed_name"].casefold() not in found:
            row |= _printed_beside(row, before)
    if typed["our_role"] != OurRole.CO_SIGNED:
        _propose_lead(typed["signers"])
    return typed


def _printed_beside(row: dict, before: dict) -> dict[str, str]:
    """Of a name in no block, as on a sheet that was copied: what was read of what the letter prints beside it stands."""
    if before["read"].casefold() != row["printed_name"].casefold():
        return {}
    if row["bioguide"]:
        again = row["bioguide"] == before["bioguide"] and before["doubt"] != NO_DATE
        return {"doubt": row["doubt"] or (before["doubt"] if again else "")}
    return {name: row[name] or before[name] for name in ("state", "party")}


def _alone(printed_name: str, on: dt.date) -> ReadSigner | None:
    return next(iter(read_signature_block(printed_name, on)), None)


def _proposal(read: ReadSigner, members: dict[str, Legislator], on: dt.date | None) -> dict[str, str]:
    """Nothing without a date: a name is matched as of the letter's day. What is said holds for the name that was `read`."""
    said = {
        "doubt": read.doubt,
        "state": "",
        "party": "",
        "read": read.printed_name,
        "read_on": on.isoformat() if on else "",
    }
    if on is None:
        return said | {"doubt": NO_DATE}
    if read.legislator is None:
        others = [one for one in read.candidates[:4] if one.legislator.official_full not in read.doubt]  # said already
        perhaps = " or ".join(member_label(one.legislator, one.term) for one in others)
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
