"""Where the parts of a pasted letter stand: its date, the addressees above "Dear", the names below "Sincerely". Pure.

Only proposals: each is a button that a person presses or not. They are looked for each time the page is drawn, so not in
all of it: a table of 100,000 short lines that somebody pasted in would keep everybody waiting.
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
HEAD = 500  # lines from the top; the lowest "Dear" of our 19 signed letters is in the 104th
END = 5_000  # lines from the bottom: the names, and what is attached below them
LONGEST_CLOSING = 60  # characters; "Sincerely" before a million spaces would be tried at each of them


def printed_day(text: str) -> dt.date | None:
    """The date the letter prints: the first line of its head that is nothing but a date."""
    for line in text.splitlines()[:HEAD]:
        if any(character.isdigit() for character in line) and len(line) < 40:
            try:
                return read_day(line)
            except ValueError:
                continue
    return None


def head_block(text: str) -> str:
    """The addressees: what stands above "Dear", from the first "The Honorable" or from the date on."""
    lines = [line.strip() for line in text.splitlines()[:HEAD]]
    end = next((place for place, line in enumerate(lines) if SALUTATION.match(line)), None)
    if end is None:
        return ""
    above = lines[:end]
    start = next((place for place, line in enumerate(above) if HONORED.match(line)), None)
    if start is None:
        start = next((place + 1 for place in range(end - 1, -1, -1) if _is_day(above[place])), None)
    return "\n".join(above[start:]).strip() if start is not None else ""


def first_words(text: str) -> str:
    """How the letter itself begins: below its "Dear"; of one without, from its top."""
    lines = [line.strip() for line in text.splitlines()[:HEAD]]
    dear = next((place for place, line in enumerate(lines) if SALUTATION.match(line)), -1)
    return " ".join(" ".join(lines[dear + 1 :]).split()) or " ".join(text.split())


def closing_block(text: str) -> str:
    """The names: what stands below the last "Sincerely"."""
    lines = [line.strip() for line in text.splitlines()[-END:]]
    last = next((place for place in range(len(lines) - 1, -1, -1) if _closes(lines[place])), None)
    return "\n".join(lines[last + 1 :]).strip() if last is not None else ""


def _closes(line: str) -> bool:
    return len(line) <= LONGEST_CLOSING and CLOSING.match(line) is not None


def _is_day(line: str) -> bool:
    try:
        return read_day(line) is not None
    except ValueError:
        return False
