"""Where the parts of a pasted letter stand: its date, the addressees above "Dear", the names below "Sincerely". Pure.

Only proposals: each is a button that a person presses or not.
"""

import datetime as dt
import re

from letters.intake.days import read_day

CLOSING = re.compile(
    r"^(sincerely|respectfully|very respectfully|sincerely yours|with (great )?respect|best regards|regards)\s*,?$",
    re.I,
)
SALUTATION = re.compile(r"^dear\b.{0,120}[:,]$|^dear (mr|mrs|ms|madam|secretar|senator|president)", re.I)
HONORED = re.compile(r"^(the honorable|hon\.|honorable)\b", re.I)


def printed_day(text: str) -> dt.date | None:
    """The date the letter prints: the first line that is nothing but a date."""
    for line in text.splitlines():
        if any(character.isdigit() for character in line) and len(line) < 40:
            try:
                return read_day(line)
            except ValueError:
                continue
    return None


def head_block(text: str) -> str:
    """The addressees: what stands above "Dear", from the first "The Honorable" or from the date on."""
    lines = [line.strip() for line in text.splitlines()]
    end = next((place for place, line in enumerate(lines) if SALUTATION.match(line)), None)
    if end is None:
        return ""
    above = lines[:end]
    start = next((place for place, line in enumerate(above) if HONORED.match(line)), None)
    if start is None:
        start = next((place + 1 for place in range(end - 1, -1, -1) if _is_day(above[place])), None)
    return "\n".join(above[start:]).strip() if start is not None else ""


def closing_block(text: str) -> str:
    """The names: what stands below the last "Sincerely"."""
    lines = [line.strip() for line in text.splitlines()]
    last = next((place for place in range(len(lines) - 1, -1, -1) if CLOSING.match(lines[place])), None)
    return "\n".join(lines[last + 1 :]).strip() if last is not None else ""


def _is_day(line: str) -> bool:
    try:
        return read_day(line) is not None
    except ValueError:
        return False
