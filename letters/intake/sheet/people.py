"""Who signed a letter and to whom it went, as its rows name them, each with whom the record knows by that name."""

import datetime as dt
import re
from typing import Any

from letters.domain.backlog import SentAddressee, SentSigner
from letters.domain.rules import plain
from letters.enums import Delivery, Match, OurRole
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.names import split_names, split_parts
from letters.intake.sheet.resolving import Directory
from letters.models import Agency, Legislator

COPY = ("cc:", "cc ", "copy:", "copy to ")


def read_signers(
    cells: Cells, rows: list[Row], directory: Directory, on: dt.date | None, resolved: dict[str, str]
) -> list[SentSigner]:
    """The names as printed, each with the member it seems to be on the letter's day: proposed, until a person confirms."""
    row, value = cells.first(rows, "signers")
    known = directory.known_name(on)
    names = split_names(value, known)
    leads = split_names(cells.first(rows, "leads")[1], known)
    names = names or leads
    ids = cells.aligned(rows, "bioguides", len(names), "signers")
    titles = cells.aligned(rows, "signer_titles", len(names), "signers")
    led = {plain(name) for name in leads}
    found: list[SentSigner] = []
    for name, bioguide, title in zip(names, ids, titles, strict=True):
        signer = _signer(cells, row, directory, name, bioguide, title, on, is_lead=plain(name) in led)
        if twin := next(
            (
                s
                for s in found
                if plain(s.printed_name) == plain(name) and not (bioguide and s.legislator != signer.legislator)
            ),
            None,
        ):
            cells.remark(row.number, "signers", f"Signers: {name} stands there twice; {twin.printed_name} signs once.")
            continue
        if signer.legislator and any(s.legislator == signer.legislator for s in found):
            signer = SentSigner(name, title, is_lead=signer.is_lead)
            cells.remark(
                row.number,
                "signers",
                f"Signers: {name} seems to be somebody who signed already, and is kept as printed.",
            )
        found.append(signer)
    for name in leads:
        if plain(name) not in {plain(one.printed_name) for one in found}:
            cells.remark(row.number, "leads", f"Led by: {name} is not among the signers, and is left out.")
    if found:
        resolved["signers"] = ", ".join(_shown(one) for one in found)
    return found


def _signer(
    cells: Cells,
    row: Row,
    directory: Directory,
    name: str,
    bioguide: str,
    title: str,
    on: dt.date | None,
    *,
    is_lead: bool,
) -> SentSigner:
    if bioguide:
        member = directory.member(bioguide)
        if member is None:
            cells.wrong(
                row.number, "bioguides",
                f"Bioguide IDs: “{bioguide}” belongs to no member in our rosters. Check it at bioguide.congress.gov, or write “-”.",
            )  # fmt: skip
        else:
            term = directory.term_on(member, on) if on else None
            is_sure = term is not None and is_named(member, name)
            if on and not is_sure:
                why = f"but the name beside it is “{name[:60]}”" if term else "who did not sit on that day"
                cells.remark(
                    row.number, "bioguides",
                    f"Bioguide IDs: {bioguide} is {member.official_full}, {why}. The match waits for a person to confirm it; check the order of the IDs.",
                )  # fmt: skip
            match = Match.CONFIRMED if is_sure else Match.PROPOSED
            return SentSigner(
                name, title, term.state if term else "", term.party if term else "", is_lead, member, match, "the imported sheet"
            )  # fmt: skip
    # one that stood in quotes is kept as it stands, and sought the way round that people are known
    printed = next(iter(split_names(name)), name).partition("(")[0].strip()
    proposals = directory.members(printed, on) if on else []
    sure = [one for one in proposals if not one.doubtful]
    if len(sure) == 1:
        one = sure[0]
        return SentSigner(
            name, title, one.term.state, one.term.party, is_lead, one.legislator, Match.PROPOSED, one.source[:300]
        )
    if on is None:
        return SentSigner(name, title, is_lead=is_lead)  # that its date cannot be read is said there
    why = "no member of this name sat then"
    if proposals:
        why = f"perhaps {' or '.join(one.source for one in proposals[:3])}"
    cells.remark(
        row.number, "signers", f"Signers: {name}: {why}. The name is kept as printed; match it on the letter’s page."
    )
    return SentSigner(name, title, is_lead=is_lead)


def _shown(signer: SentSigner) -> str:
    if signer.legislator is None:
        return f"{signer.printed_name} (not matched)"
    return (
        f"{signer.legislator.official_full} ({signer.party[:1]}-{signer.state})"
        if signer.state
        else signer.legislator.official_full
    )


def our_part(cells: Cells, rows: list[Row], directory: Directory, signers: list[SentSigner]) -> OurRole:
    """What the office did where the sheet does not say it: led, unless others did, or it is not among those who signed."""
    row, leads = cells.first(rows, "leads")
    ours = directory.ours
    if ours is None or not signers:
        return OurRole.LED
    mine = [
        one for one in signers if one.legislator == ours or (not one.legislator and is_named(ours, one.printed_name))
    ]
    if mine and (not leads or is_named(ours, leads) or any(one.is_lead for one in mine)):
        return OurRole.LED
    if mine:
        return OurRole.CO_SIGNED
    led = f"{leads[:80]} led, " if leads else ""
    cells.remark(
        row.number, "our_role",
        f"Our part: the cell is empty, {led}and {ours.official_full} is not among the signers, so it comes in as “{OurRole.FOLLOWED.label}”. "
        "Write led, co-led or co-signed if it is not so.",
    )  # fmt: skip
    return OurRole.FOLLOWED


def is_named(member: Legislator, words: str) -> bool:
    """Whether words hold the member's last name."""
    return re.search(rf"\b{re.escape(plain(member.last))}\b", plain(words)) is not None


def read_addressees(
    cells: Cells,
    rows: list[Row],
    directory: Directory,
    asked: list[Agency],
    on: dt.date | None,
    resolved: dict[str, str],
) -> tuple[list[SentAddressee], list[int]]:
    """To whom it went, and the place of each among the names of the sheet. Without names, each agency is addressed by its own."""
    row, value = cells.first(rows, "addressees")
    names = split_parts(value)
    agency_row, agencies = cells.first(rows, "addressed")
    if not names:
        named = [one for part in split_parts(agencies) for one in directory.split_agencies(part)]
        found = [agency for words in named if (agency := _agency(cells, agency_row, "addressed", words, directory))]
        found = found or asked
        alone = [SentAddressee(agency, agency.name) for agency in dict.fromkeys(found)]
        return alone, list(range(len(alone)))
    beside = cells.aligned(rows, "addressed", len(names), "addressees") if agencies else [""] * len(names)
    titles = cells.aligned(rows, "addressee_titles", len(names), "addressees")
    addresses = cells.aligned(rows, "addresses", len(names), "addressees")
    marks = [next((mark for mark in COPY if name.lower().startswith(mark)), "") for name in names]
    printed = [name[len(mark) :].strip() for name, mark in zip(names, marks, strict=True)]
    known = [
        directory.agency(words)
        if words
        else directory.agency(title) or directory.agency(name) or directory.post_of(name, on)
        for name, title, words in zip(printed, titles, beside, strict=True)
    ]
    to = [place for place, mark in enumerate(marks) if not mark]
    unknown = [place for place in to if known[place] is None and not beside[place]]
    left = [agency for agency in asked if not any(one and one.includes(agency) for one in known)]
    if len(unknown) == len(left):
        for place, agency in zip(unknown, left, strict=True):
            known[place] = agency
            if len(to) > 1 or len(asked) > 1:
                cells.remark(
                    row.number, "addressees",
                    f"Addressees: the sheet does not say of which agency {printed[place][:80]} is. It comes in as {agency}, by the order of the agencies. "
                    f"If that is wrong, fill “{BY_CODE['addressed'].label}” with one agency for each addressee.",
                )  # fmt: skip
    addressees: dict[tuple[Any, str], tuple[SentAddressee, int]] = {}
    for place, found_agency in enumerate(known):
        if found_agency is None:
            shown = beside[place] or printed[place]
            hint = directory.agency_hint(shown)
            cells.wrong(
                row.number, "addressed" if beside[place] else "addressees",
                f"{BY_CODE['addressed'].label}: the agency of “{shown[:80]}” is not known. {hint} "
                f"Fill “{BY_CODE['addressed'].label}” with one agency for each addressee, or take the name out.",
            )  # fmt: skip
            continue
        delivery = Delivery.CC if marks[place] else Delivery.TO
        one = SentAddressee(found_agency, printed[place], titles[place], delivery, addresses[place])
        addressees.setdefault((found_agency.pk, plain(printed[place])), (one, place))
    if addressees:
        resolved["addressees"] = ", ".join(f"{one.printed_name}: {one.agency}" for one, _ in addressees.values())
    return [one for one, _ in addressees.values()], [place for _, place in addressees.values()]


def _agency(cells: Cells, row: Row, code: str, words: str, directory: Directory) -> Agency | None:
    found = directory.agency(words)
    if found is None:
        cells.wrong(
            row.number,
            code,
            f"{BY_CODE[code].label}: “{words[:80]}” is no agency we know. {directory.agency_hint(words)}".rstrip(),
        )
    return found
