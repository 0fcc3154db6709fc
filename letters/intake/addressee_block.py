"""The block of addressees at the head of a letter: one person or body each, as printed, with the agency it seems to mean."""

import re
from dataclasses import dataclass

from letters.domain.rules import plain
from letters.models import Agency, AgencyName

HONORED = re.compile(r"(the honorable|hon\.|honorable)\b", re.I)
SALUTATION = re.compile(r"dear\b", re.I)
COPY = re.compile(r"(cc|copy|copies to)\s*:?\s*", re.I)
STREET = re.compile(r"\d|\b(street|avenue|ave\.?|room|suite|washington)\b", re.I)


@dataclass(frozen=True)
class ReadAddressee:
    """As printed, with the agency proposed, or None: a person decides."""

    printed_name: str
    printed_title: str
    address: str
    agency: Agency | None
    is_copy: bool = False


def read_addressee_block(text: str) -> list[ReadAddressee]:
    """Each addressee of a pasted block. Blank lines part them, and so does "The Honorable"."""
    known = agency_names()
    return [_read(lines, is_copy, known) for lines, is_copy in _parts(text)]


def _parts(text: str) -> list[tuple[list[str], bool]]:
    """The lines of each addressee. Where blank lines stand between all lines (as on web pages) they part nothing."""
    rows = [line.strip() for line in text.splitlines()]
    if any(HONORED.match(row) for row in rows):
        rows = [row for row in rows if row]  # each begins with its honorific, so blank lines say nothing
    parts: list[list[str]] = [[]]
    copies, is_copy = [False], False
    for row in rows:
        if SALUTATION.match(row):
            break
        if found := COPY.match(row):
            is_copy, row = True, row[found.end() :].strip()
            parts.append([])
            copies.append(True)
        if not row or HONORED.match(row):
            parts.append([])
            copies.append(is_copy)
        if row:
            parts[-1].append(row)
    return [(part, copy) for part, copy in zip(parts, copies, strict=True) if part]


def _read(lines: list[str], is_copy: bool, known: dict[str, Agency]) -> ReadAddressee:
    name, rest = lines[0], lines[1:]
    title = ""
    if rest and not STREET.search(rest[0]) and compared(rest[0]) not in known:
        title, rest = rest[0], rest[1:]
    # the department's own line says it best; then the title ("Secretary of State"), then a body that has no more than a name
    agency = next((found for line in (*rest, title, name) if (found := named_in(line, known))), None)
    return ReadAddressee(name, title, "\n".join(rest), agency, is_copy)


def named_in(line: str, known: dict[str, Agency]) -> Agency | None:
    """The agency a line names: all of it, or what follows "of", or each part between commas."""
    words = compared(line)
    for candidate in (words, *[part.strip() for part in words.split(",")]):
        tried = [candidate, re.sub(r"^(the|u\.?s\.?|united states) ", "", candidate)]
        tried += [re.split(r"\bof (?:the )?", tried[-1], maxsplit=1)[-1]] if " of " in candidate else []
        tried += [re.sub(r" (secretary|administrator|director|chairman|chair|commissioner)$", "", tried[-1])]
        for words_tried in tried:
            if found := known.get(words_tried.strip(" .")):
                return found
    return None


def agency_names() -> dict[str, Agency]:
    """Each name of each agency, as `compared`; a name two of them share names neither."""
    names: dict[str, Agency | None] = {}

    def add(name: str, agency: Agency) -> None:
        key = compared(name)
        for form in {
            key,
            re.sub(r"^(the|u\.?s\.?|united states) ", "", key),
            re.sub(r"^department of (the )?", "", key),
        }:
            names[form] = agency if names.get(form, agency) == agency else None

    agencies = {agency.pk: agency for agency in Agency.objects.all()}
    for agency in agencies.values():
        for name in filter(None, (agency.name, agency.short_name, agency.abbreviation)):
            add(name, agency)
    for other in AgencyName.objects.all():
        add(other.name, agencies[other.agency_id])
    return {name: agency for name, agency in names.items() if agency}


def compared(name: str) -> str:
    """A name as names are compared: lower case, no accents, one kind of apostrophe."""
    return plain(name).replace("’", "'")
