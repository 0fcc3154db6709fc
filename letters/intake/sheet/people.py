"""Who signed a letter and to whom it went, as its rows name them, each with whom the record knows by that name."""

import datetime as dt

from letters.domain.backlog import SentAddressee, SentSigner
from letters.domain.rules import plain
from letters.enums import Delivery, Match
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.names import split_names, split_parts
from letters.intake.sheet.resolving import Directory
from letters.models import Agency

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
            return SentSigner(
                name, title, term.state if term else "", term.party if term else "", is_lead, member, Match.CONFIRMED, "the imported sheet"
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


def read_addressees(
    cells: Cells, rows: list[Row], directory: Directory, asked: list[Agency], resolved: dict[str, str]
) -> list[SentAddressee]:
    """To whom it went. Without names, each agency is addressed by its own."""
    row, value = cells.first(rows, "addressees")
    names = split_parts(value)
    agency_row, agencies = cells.first(rows, "addressed")
    if not names:
        named = [one for part in split_parts(agencies) for one in directory.split_agencies(part)]
        found = [agency for words in named if (agency := _agency(cells, agency_row, "addressed", words, directory))]
        found = found or asked
        return [SentAddressee(agency, agency.name) for agency in dict.fromkeys(found)]
    beside = cells.aligned(rows, "addressed", len(names), "addressees") if agencies else [""] * len(names)
    titles = cells.aligned(rows, "addressee_titles", len(names), "addressees")
    addressees = []
    for name, title, words in zip(names, titles, beside, strict=True):
        copy = next((mark for mark in COPY if name.lower().startswith(mark)), "")
        printed = name[len(copy) :].strip()
        agency = directory.agency(words) if words else directory.agency(title) or directory.agency(printed)
        if agency is None and not words and len(asked) == 1:
            agency = asked[0]
        if agency is None and not words and len(names) == len(asked):
            agency = asked[names.index(name)]
        if agency is None:
            shown = words or printed
            hint = directory.agency_hint(shown)
            cells.wrong(
                row.number, "addressed" if words else "addressees",
                f"{BY_CODE['addressed'].label}: the agency of “{shown[:80]}” is not known. {hint} "
                f"Fill “{BY_CODE['addressed'].label}” with one agency for each addressee.",
            )  # fmt: skip
            continue
        addressees.append(SentAddressee(agency, printed, title, Delivery.CC if copy else Delivery.TO))
    unique = {(one.agency.pk, plain(one.printed_name)): one for one in reversed(addressees)}
    addressees = list(reversed(unique.values()))
    if addressees:
        resolved["addressees"] = ", ".join(f"{one.printed_name}: {one.agency}" for one in addressees)
    return addressees


def _agency(cells: Cells, row: Row, code: str, words: str, directory: Directory) -> Agency | None:
    found = directory.agency(words)
    if found is None:
        cells.wrong(
            row.number,
            code,
            f"{BY_CODE[code].label}: “{words[:80]}” is no agency we know. {directory.agency_hint(words)}".rstrip(),
        )
    return found
