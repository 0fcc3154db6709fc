"""Words that somebody types to find a name: how they are compared, and which names they may begin. Knows no table."""

import re
from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_

from django.db.models import Q

from letters.domain.rules import accents_apart, plain

Begins = Callable[[str], Q]
MAX_WORDS, MAX_LENGTH = 8, 120  # more is a paragraph somebody pasted
LEAST = 4  # letters of a word that is looked for alone
IN_MANY_NAMES = (
    "company", "corp", "corporation", "group", "holding", "holdings", "incorporated", "international", "limited", "technology",
    "technologies",
)  # fmt: skip
PARENT_OF = re.compile(
    r"(?:the )?(?:parent|owner)(?: company| group)? of (?P<of>.+)"
    r"|(?P<whose>.+?)(?:['’]s|['’])? (?:parent|owner)(?: company| group)?"
)


def parts_of(words: str) -> list[str]:
    """The words one by one, the first few of a paragraph."""
    return re.findall(r"[\w&'’.-]+", words)[:MAX_WORDS]


def compared(words: str) -> str:
    """What was typed, as names are compared: lower case, no accents, single spaces; nothing where no letter or digit is."""
    words = plain(words.replace("\0", "")[: MAX_LENGTH * 2])[:MAX_LENGTH]
    words = words.encode(errors="ignore").decode()  # half a character has no place in the database
    return words if re.search(r"\w", words) else ""


def beginning(patterns: Iterable[str]) -> Begins:
    """A condition on a field: each word typed begins a word of it, in whatever order."""
    patterns = list(patterns)
    return lambda field: reduce(and_, (Q(**{f"{field}__iregex": rf"\m{pattern}"}) for pattern in patterns), Q())


def swapped(word: str) -> str:
    """ "hauwei" as a pattern that "huawei" fits."""
    swaps = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    return "(" + "|".join(accents_apart(swap) for swap in sorted(swaps | {word})) + ")"


def telling(words: str) -> list[str]:
    """The words that tell one company from another: no short ones, and none that half of all companies have in their names."""
    return [
        part
        for part in parts_of(compared(words))
        if len(part.strip(".")) >= LEAST and part.strip(".") not in IN_MANY_NAMES
    ]


def whose_parent(words: str) -> str:
    """ "alibaba" of "Alibaba's parent company"; nothing where no parent is meant."""
    found = PARENT_OF.fullmatch(compared(words))
    return (found["of"] or found["whose"]) if found else ""
