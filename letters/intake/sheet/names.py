"""Several names in one cell. Pure: whether words are somebody's name is asked of `known`."""

import re
from collections.abc import Callable, Iterator

Known = Callable[[str], bool]

PARTS = re.compile(r"\s*(?:;|\r?\n|\u2028|\|)\s*")
QUOTED = re.compile(r'\s*"(?P<words>(?:[^"]|"")*)"\s*(?:(?P<mark>;|\r?\n|\u2028|\|)\s*|\Z)')  # the whole part in quotes
AND = re.compile(r"\s+(?:and|&)\s+", re.I)
SUFFIX = re.compile(r"^(jr|sr|ii|iii|iv|m\.?\s?d|ph\.?\s?d|d\.?d\.?s|esq)\.?$", re.I)
AFFILIATION = re.compile(r"^\(?(?:R|D|I)(?:\s*-\s*[A-Za-z.]+)?\)?$")  # what follows a comma in “Hagerty, R-TN”
BEHIND = re.compile(r"(?:, [^,]+)?(?: \([^)]*\))?$")  # a suffix or an affiliation that `_with_suffixes` joined
NOTHING = re.compile(r"^[-–—]?$")


def nobody(name: str) -> bool:
    """An unknown name: never taken for somebody."""
    return False


def as_part(words: str) -> str:
    """Words as a part of a cell, so that `split_parts` gives them back: in quotes, where it would cut or trim them."""
    is_plain = split_parts(words) == [words] and not words.startswith('"')
    return words if is_plain else _in_quotes(words)


def as_name(name: str) -> str:
    """A name as a part of a cell, so that `split_names` gives it back whoever is known: “Hagerty, Bill” in quotes is not turned."""
    is_plain = _with_suffixes(_pieces(name)) == [name] and not AND.search(name)
    return as_part(name) if is_plain else _in_quotes(name)


def _in_quotes(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _cut(cell: str) -> Iterator[tuple[str, bool]]:
    """The parts of a cell, each with whether it stood in quotes and is to be taken as it is."""
    while True:
        if found := QUOTED.match(cell):
            yield found["words"].replace('""', '"'), True
            if not found["mark"]:
                return
        elif not (found := PARTS.search(cell)):
            yield cell, False
            return
        else:
            yield cell[: found.start()], False
        cell = cell[found.end() :]


def split_parts(cell: str) -> list[str]:
    """What semicolons, bars or line breaks part; nothing is cut at a comma, and nothing inside quotes."""
    parts = (words if is_quoted else words.strip(" \t,") for words, is_quoted in _cut(cell.strip()))
    return [part for part in parts if part]


def split_aligned(cell: str) -> list[str]:
    """The same where each part stands for one of another column: “-” and nothing keep their place."""
    if not cell.strip():
        return []
    return [
        words if is_quoted else "" if NOTHING.match(words.strip()) else words.strip()
        for words, is_quoted in _cut(cell.strip())
    ]


def split_names(cell: str, known: Known = nobody) -> list[str]:
    """The names of a cell, each as one would print it: “Hagerty, Bill” is one person, and comes as Bill Hagerty; in
    quotes ("Hagerty, Bill") it stays as it stands.

    Semicolons and line breaks part names. Commas part them only where each side is a whole name, or where `known`
    says that the sides are people of their own.
    """
    found: list[str] = []
    for words, is_quoted in _cut(cell.strip()):
        found += [words] if is_quoted else _by_commas(words, known)
    return [name for name in found if name]


def _by_commas(part: str, known: Known) -> list[str]:
    pieces = _with_suffixes(_pieces(part))
    if not pieces:
        return []
    if len(pieces) == 1:
        return _by_and(pieces[0], known)
    if len(pieces) == 2 and _is_turned(pieces[0], pieces[1], known):
        return [_turned(*pieces)]
    if all(" " in AND.sub(" and ", piece).removeprefix("and ").strip() for piece in pieces):
        return [name for piece in pieces for name in _by_and(piece.removeprefix("and ").strip(), known)]
    if len(pieces) % 2 == 0 and all(_is_turned(pieces[n], pieces[n + 1], known) for n in range(0, len(pieces), 2)):
        return [_turned(pieces[n], pieces[n + 1]) for n in range(0, len(pieces), 2)]
    return [name for piece in pieces for name in _by_and(piece.removeprefix("and ").strip(), known)]


def _pieces(part: str) -> list[str]:
    return [piece.strip() for piece in part.split(",") if piece.strip()]


def _turned(last: str, first: str) -> str:
    """What follows the first name follows the whole: “Barrasso, John, M.D.” is John Barrasso, M.D."""
    given = BEHIND.sub("", first)
    return f"{given} {last}{first.removeprefix(given)}"


def _is_turned(last: str, first: str, known: Known) -> bool:
    """“Hagerty, Bill”, also “Van Hollen, Chris” and “Scott, Rick”; not “Hagerty, Cotton”, who are two."""
    first = BEHIND.sub("", first)
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
