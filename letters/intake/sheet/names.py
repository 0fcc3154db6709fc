"""Several names in one cell. Pure: whether words are somebody's name is asked of `known`."""

import re
from collections.abc import Callable

Known = Callable[[str], bool]

PARTS = re.compile(r"\s*(?:;|\r?\n|\u2028|\|)\s*")
AND = re.compile(r"\s+(?:and|&)\s+", re.I)
SUFFIX = re.compile(r"^(jr|sr|ii|iii|iv|m\.?\s?d|ph\.?\s?d|d\.?d\.?s|esq)\.?$", re.I)
AFFILIATION = re.compile(r"^\(?(?:R|D|I)(?:\s*-\s*[A-Za-z.]+)?\)?$")  # what follows a comma in “Hagerty, R-TN”
NOTHING = re.compile(r"^[-–—]?$")


def nobody(name: str) -> bool:
    """An unknown name: never taken for somebody."""
    return False


def split_parts(cell: str) -> list[str]:
    """What semicolons, bars or line breaks part; nothing is cut at a comma."""
    return [part for part in (one.strip(" \t,") for one in PARTS.split(cell.strip())) if part]


def split_aligned(cell: str) -> list[str]:
    """The same where each part stands for one of another column: “-” and nothing keep their place."""
    if not cell.strip():
        return []
    return ["" if NOTHING.match(part.strip()) else part.strip() for part in PARTS.split(cell.strip())]


def split_names(cell: str, known: Known = nobody) -> list[str]:
    """The names of a cell, each as one would print it: “Hagerty, Bill” is one person, and comes as Bill Hagerty.

    Semicolons and line breaks part names. Commas part them only where each side is a whole name, or where `known`
    says that the sides are people of their own.
    """
    found: list[str] = []
    for part in split_parts(cell):
        found += _by_commas(part, known)
    return [name for name in found if name]


def _by_commas(part: str, known: Known) -> list[str]:
    pieces = _with_suffixes([piece.strip() for piece in part.split(",") if piece.strip()])
    if len(pieces) == 1:
        return _by_and(pieces[0], known)
    if len(pieces) == 2 and _is_turned(pieces[0], pieces[1], known):
        return [f"{pieces[1]} {pieces[0]}"]
    if all(" " in AND.sub(" and ", piece).removeprefix("and ").strip() for piece in pieces):
        return [name for piece in pieces for name in _by_and(piece.removeprefix("and ").strip(), known)]
    if len(pieces) % 2 == 0 and all(_is_turned(pieces[n], pieces[n + 1], known) for n in range(0, len(pieces), 2)):
        return [f"{pieces[n + 1]} {pieces[n]}" for n in range(0, len(pieces), 2)]
    return [name for piece in pieces for name in _by_and(piece.removeprefix("and ").strip(), known)]


def _is_turned(last: str, first: str, known: Known) -> bool:
    """“Hagerty, Bill”, also “Van Hollen, Chris” and “Scott, Rick”; not “Hagerty, Cotton”, who are two."""
    if known(f"{first} {last}"):
        return True
    if "(" in last or (known(last) and known(first)):
        return False
    return len(last.split()) <= 2 and len(first.split()) <= 2 and not (" " in last and known(last))


def _by_and(piece: str, known: Known) -> list[str]:
    """“Bill Hagerty and Marsha Blackburn” are two; “Health and Human Services” would be one."""
    sides = [side.strip() for side in AND.split(piece)]
    if len(sides) > 1 and (all(known(side) for side in sides) or all(" " in side for side in sides)):
        return sides
    return [piece]


def _with_suffixes(pieces: list[str]) -> list[str]:
    """“John Barrasso, M.D.” and “Bill Hagerty, R-TN” are one each."""
    joined: list[str] = []
    for piece in pieces:
        if joined and SUFFIX.match(piece):
            joined[-1] += f", {piece}"
        elif joined and AFFILIATION.match(piece):
            joined[-1] += f" ({piece.strip('()')})"
        else:
            joined.append(piece)
    return joined
