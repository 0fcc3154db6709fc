"""Names as a signature block or a press release prints them: lines, columns, lists, sentences. Knows no database.

Whether words are the name of a member is asked of `known`, which decides where "Tom Cotton Bill Hagerty" is cut.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

from letters.enums import Chamber
from letters.intake.states import state_code

Known = Callable[[str], bool]

PARTIES = {"R": "Republican", "D": "Democrat", "I": "Independent", "ID": "Independent", "DFL": "Democrat"}
DASH = r"\s*[-\u2010-\u2015]\s*"
# (R-TN), (R–Fla.), (D-CA-27), (CA-27), (D-N.Y.); or, without parentheses, ", R-Tenn."
AFFILIATION = re.compile(
    rf"\(\s*(?:(?P<party>R|D|I|ID|DFL){DASH})?(?P<state>[A-Z][A-Za-z.]*(?:\s[A-Z][a-z.]+)*)"
    rf"(?:{DASH}(?P<district>\d+|AL)(?:st|nd|rd|th)?)?\s*\)"
    rf"|,\s+(?P<party2>R|D|I){DASH}(?P<state2>[A-Z][A-Za-z.]*)"
)
OF_US = r"(?:u\.\s?s\.|united\s+states)\s+"
HONORIFIC = re.compile(
    rf"(?<!\w)(?:(?:the\s+honorable|hon\.|(?:{OF_US})?(?:senators?|sens?\.|representatives?|reps?\.)|congress(?:wo)?m[ae]n|delegate"
    r"|leader|whip|ranking\s+member|(?:vice\s+)?chair(?:wo)?(?:man)?|member)\s+)+(?!of\b)",
    re.I,
)
TITLE = re.compile(
    rf"\W*(?:{OF_US}(?:senat|representative|house|congress)|member\s+of\s+(?:congress|the)|senator\s*$|senate\b"
    r"|representative\s*$|congress(?:wo)?man\s*$|delegate\s*$|(?:vice\s+|co-)?chair(?:man|woman|person)?\b|ranking\b"
    r"|(?:sub)?committee\b|majority\b|minority\b|speaker\b|president\s+pro|assistant\b|house\s)",
    re.I,
)
# what repeats in a line of titles that lost its columns
TITLES = re.compile(
    rf"{OF_US}(?:senator|representative)|member\s+of\s+congress|(?<!\bstates )(?<!\bu\.s\. )\bsenator\b", re.I
)
NO_NAME = re.compile(
    r"^(dear|enclosures?|attachments?|washington,|page|full text|the letter|with (great )?respect|(best |kind )?regards|yours"
    r"|thank you)\b|[:!?]$|://|@|\d{3}",
    re.I,
)
DEAR = re.compile(r"\s*dear\b", re.I)
CLOSING = re.compile(r"\s*(?:sincerely|respectfully(?:\s+yours)?|very\s+(?:truly|respectfully)(?:\s+yours)?)\W*$", re.I)
COPY = re.compile(r"\s*cc\s*:", re.I)
SIGNED = re.compile(r"^\s*/?s/+\s*", re.I)  # /s/
BULLET = re.compile(r"^\s*(?:[•▪◦‣·*–—-]\s+|\(?\d{1,3}[.)]\s+)")
AFTER_NAME = r"Jr|Sr|JR|SR|II|III|IV|M\.?\s?D|Ph\.?\s?D|D\.?D\.?S|D\.?V\.?M|R\.?N"
CAPITAL = "[A-ZÀ-ÖØ-ÞĀĆČĐĒĘĞĪİŁŃŌŐŚŞŠŪŰŹŻŽ]"
WORD = rf"(?:{CAPITAL}[\w.'’-]*|[\"“(]{CAPITAL}[\w.'’]*[\"”)])"
PARTICLE = r"(?:van|von|de|la|del|der|den|di|da)"
NAME = rf"{WORD}(?:\s+(?:{WORD}|{PARTICLE}(?=\s))){{0,5}}(?:[,\x01]?\s+(?:{AFTER_NAME})\b\.?)?"
MOST_IN_A_LINE = 14  # words; a line with more is a sentence, and none of a signature block
MOST_WORDS = 8  # of NAME: six, and what follows it ("Ph. D")
LEFT_OVER = re.compile(rf"(?:{AFTER_NAME})\b")
WHOLE = re.compile(rf"{NAME}$")
AT_START = re.compile(rf"({NAME})")
AT_END = re.compile(rf"(?<![\w'’])({NAME})\s*,?\s*$")
PLURAL = re.compile(rf"\b(?:Senators|Sens\.|Representatives|Reps\.|Congress(?:wo)?men)\s+(?={CAPITAL})")
SINGLE = re.compile(rf"\b(?P<honorific>Senator|Sen\.|Representative|Rep\.|Congress(?:wo)?man)\s+(?P<name>{NAME})")
JOINT = re.compile(r"\s*(?:,\s*and\s+|,\s*&\s*|,\s*|\s+and\s+|\s+&\s+|;\s*)")
COLUMNS = re.compile(r"\t+|\s{2,}")


@dataclass(frozen=True)
class Printed:
    """One name with what stands beside or under it."""

    name: str
    title: str = ""
    party: str = ""
    state: str = ""
    affiliation: str = ""
    chamber: str = ""
    unread: bool = False  # it fits no pattern of a name: kept as printed, for a person to correct or to drop


def read_lines(text: str, known: Known) -> list[Printed]:
    """The names in order: those of a block under "Sincerely," first, then those that only a release beside it names.

    A line of titles belongs to the line of names above it, column by column. What is no name that we know how to read is kept
    in its place, `unread`; but not of a release, whose sentences are no block.
    """
    lines = [line for line in map(_cleaned, _unified(text).split("\n")) if re.search(r"[^\W_]", line)]
    dear, signs = _place(lines, DEAR), _place(lines, CLOSING)
    beside: list[Printed] = []
    block: list[Printed] = []
    row: list[Printed] = []
    prose = False
    for place, line in enumerate(lines):
        if COPY.match(line) and (block or row):
            break
        # in a whole letter or release, only the end is a block; its words may name members who did not sign
        in_block = place > signs if signs is not None else dear is None
        in_release = dear is None or place < dear
        affiliations = _affiliations(line)
        prose |= (
            in_block and not affiliations and len(line.split()) > MOST_IN_A_LINE and not COLUMNS.search(line.strip())
        )
        if in_block and TITLE.match(line) and not affiliations:
            row = _titled(row, line)
            continue
        below = lines[place + 1] if place + 1 < len(lines) else ""
        columns = len(TITLES.findall(below)) if TITLE.match(below) else 1
        if affiliations:
            names = _affiliated(line, affiliations, known) + (_mentioned(line) if in_release else [])
        elif not (names := _mentioned(line) if in_release else []) and in_block:
            names = _cells(line, columns, known)
        names = names if in_block and not prose else [one for one in names if not one.unread]
        if names and in_block:
            block += row
            row = names
        elif names:
            beside += names
    if prose and signs is None:
        block, row = ([one for one in part if not one.unread] for part in (block, row))
    return block + row + beside


def _unified(text: str) -> str:
    return re.sub(r"[\u00a0\u2007\u202f]", " ", text).replace("\r\n", "\n").replace("\r", "\n")


def _cleaned(line: str) -> str:
    return BULLET.sub("", SIGNED.sub("", line)).rstrip()


def _place(lines: list[str], pattern: re.Pattern) -> int | None:
    return next((place for place, line in enumerate(lines) if pattern.match(line)), None)


def _titled(row: list[Printed], line: str) -> list[Printed]:
    """The names of a row with the titles under them."""
    cells = COLUMNS.split(line.strip())
    if len(cells) != len(row):
        same = TITLES.findall(line)
        cells = same if len(same) == len(row) else [(same or [line.strip()])[0] if len(same) > 1 else line.strip()]
    if len(cells) != len(row):
        return row
    return [
        replace(one, title=", ".join(filter(None, [one.title, cell])), chamber=one.chamber or _chamber(cell))
        for one, cell in zip(row, cells, strict=True)
    ]


def _chamber(words: str) -> str:
    """What a title says about the chamber; "Member of Congress" is how representatives sign."""
    if re.search(r"\bsen(ators?|ate|s)?\b", words, re.I):
        return Chamber.SENATE
    return Chamber.HOUSE if re.search(r"\brep(resentatives?|s)?\b|\bcongress|\bhouse\b", words, re.I) else ""


def _affiliations(line: str) -> list[re.Match]:
    """Each "(R-TN)" of a line; "(CFIUS)" is none."""
    return [
        found
        for found in AFFILIATION.finditer(line)
        if state_code(found["state"] or found["state2"]) and (found["party"] or found["party2"] or found["district"])
    ]


def _affiliated(line: str, affiliations: list[re.Match], known: Known) -> list[Printed]:
    """Names before their "(R-TN)"; members named before them without one stand beside."""
    names: list[Printed] = []
    chamber, begin = "", 0
    for found in affiliations:
        before, begin = line[begin : found.start()], found.end()
        *_, words = HONORIFIC.split(before)
        honorifics = HONORIFIC.findall(before)
        chamber = next((c for c in map(_chamber, reversed(honorifics)) if c), chamber)
        *others, last = JOINT.split(_joined(words)) or [""]
        names += [
            Printed(_parted(o), chamber=chamber) for o in map(str.strip, others) if WHOLE.match(o) and known(_parted(o))
        ]
        end = AT_END.search(last)
        if end or _has_letters(last):
            names.append(
                Printed(
                    name=_parted(end[1] if end else last),
                    unread=end is None,
                    title=_single(honorifics[-1:]),
                    party=PARTIES.get(found["party"] or found["party2"] or "", ""),
                    state=state_code(found["state"] or found["state2"]),
                    affiliation=found[0].strip(", "),
                    chamber=Chamber.HOUSE if found["district"] else chamber,
                )
            )
    return names


def _mentioned(line: str) -> list[Printed]:
    """ "Senators Rick Scott, Marsha Blackburn, and Bernie Moreno sent"; "joined by Senator Budd"."""
    names: list[Printed] = []
    joined = _joined(line)
    for found in PLURAL.finditer(joined):
        place: int | None = found.end()
        # name by name from here, not the rest of the line at once: in a long line of "Senators Senators" that took minutes
        while place is not None and (name := AT_START.match(joined, place)):
            names.append(Printed(re.sub(r"['’]s$|(?<=[a-z]{2})\.$", "", _parted(name[1])), chamber=_chamber(found[0])))
            follows = JOINT.match(joined, name.end())
            place = follows.end() if follows else None
    for found in SINGLE.finditer(line):
        alone = re.sub(r"['’]s$|(?<=[a-z]{2})\.$", "", found["name"])
        names.append(Printed(alone, title=_single([found["honorific"]]), chamber=_chamber(found["honorific"])))
    return names


def _cells(line: str, columns: int, known: Known) -> list[Printed]:
    """A line of a block: one name, several in columns, or several that lost their columns on the way."""
    cells = COLUMNS.split(line.strip())
    if len(cells) == 1 and (parts := [part.strip() for part in JOINT.split(_joined(cells[0]))])[1:]:
        if TITLE.match(parts[1]):  # "Bill Hagerty, United States Senator"
            return _titled(_cells(parts[0], 1, known), cells[0].partition(",")[2].strip())
        if all(WHOLE.match(part) or known(part) for part in parts):
            cells = [_parted(part) for part in parts]
    elif len(cells) == 1:
        cells = _cut(cells[0], columns, known)
    names = []
    for cell in cells:
        honorific = HONORIFIC.match(cell)
        name = cell[honorific.end() :].strip() if honorific else cell
        if NO_NAME.search(name) or not _has_letters(name):
            continue
        is_name = known(name) or (" " in name and WHOLE.match(name) is not None)
        title = _single([honorific[0]]) if honorific else ""
        printed = name if is_name else cell
        names.append(Printed(printed.strip(" ,;"), title=title, chamber=_chamber(cell), unread=not is_name))
    return names


def _has_letters(words: str) -> bool:
    return len(re.findall(r"[^\W\d_]", words)) > 1


def _cut(words: str, columns: int, known: Known) -> list[str]:
    """ "Tom Cotton Bill Hagerty" is two names: where most parts are known, and as many as titles stand below."""
    if known(words) or len(words.split()) < 4:
        return [words]
    parts = words.split()
    best, most = [words], 0
    for number in [columns] if columns > 1 else [2, 3]:
        if len(parts) > number * MOST_WORDS:
            continue  # some part would be no name, however it is cut
        for places in combinations(range(2, len(parts) - 1), number - 1):
            cut = [" ".join(parts[a:b]) for a, b in zip([0, *places], [*places, len(parts)], strict=True)]
            if not all(WHOLE.match(part) for part in cut) or any(LEFT_OVER.match(part) for part in cut):
                continue
            fits = sum(map(known, cut)) if all(len(part.split()) > 1 for part in cut) else 0
            if fits > most and (fits == number or columns > 1):
                best, most = cut, fits
    return best


def _single(honorifics: list[str]) -> str:
    """The title that an honorific before one name says."""
    words = " ".join(honorifics).strip().lower()
    for begin, title in (
        ("senators", ""),
        ("sens", ""),
        ("reps", ""),
        ("representatives", ""),
        ("sen", "Senator"),
        ("rep", "Representative"),
    ):
        if words.startswith(begin):
            return title
    return ""


def _joined(words: str) -> str:
    """Commas inside a name out of the way: "John Barrasso, M.D."."""
    return re.sub(rf",(?=\s+(?:{AFTER_NAME})\b)", "\x01", words)


def _parted(words: str) -> str:
    return words.replace("\x01", ",").strip()
