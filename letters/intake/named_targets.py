"""Companies, people and programs that a quote names and our record knows: proposed as buttons, one press each."""

import re
from collections.abc import Iterable

from django.db.models import Q

from letters.models import Target, User

# a run of capitalized words, as names are printed: "Huawei Cloud", "Bank of China", "Tencent Cloud"
RUN = re.compile(r"[A-Z0-9][\w.&’'-]*(?:\s+(?:(?:of|for|and|the)\s+)?[A-Z0-9][\w.&’'-]*)*")
MAX_WORDS = 6
MAX_QUOTES = 60
MAX_QUOTE = 10_000  # characters, as the record keeps it; what was typed may be any number
MAX_PHRASES = 10_000  # of all quotes together: each is a value of the query


def named_in(quotes: Iterable[str], user: User) -> dict[str, list[str]]:
    """For each quote the names of known targets in it, in its order. One query for all; what is looked up is what is printed."""
    phrases: dict[str, list[str]] = {}
    left = MAX_PHRASES
    for quote in list(quotes)[:MAX_QUOTES]:
        if quote not in phrases:
            phrases[quote] = list(dict.fromkeys(_phrases(quote[:MAX_QUOTE])))[:left]
            left -= len(phrases[quote])
    wanted = {phrase for found in phrases.values() for phrase in found}
    if not wanted:
        return {}
    known: dict[str, str] = {}
    found = Target.objects.visible_to(user).filter(Q(name__in=wanted) | Q(aliases__name__in=wanted))
    for name, alias in found.values_list("name", "aliases__name"):
        known[name] = name
        if alias in wanted:
            known.setdefault(alias, name)
    return {quote: _longest(found, known) for quote, found in phrases.items()}


def _phrases(quote: str) -> list[str]:
    """Every part of each run of capitalized words that could be a name, the longest first."""
    phrases: list[str] = []
    for run in RUN.findall(quote):
        words = [re.sub(r"(’s|'s)$", "", word.rstrip(".,")) for word in run.split()]
        for size in range(min(MAX_WORDS, len(words)), 0, -1):
            phrases += [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]
    return phrases


def _longest(phrases: list[str], known: dict[str, str]) -> list[str]:
    """ "Huawei Cloud" and not "Huawei" besides, where the one stands in the other."""
    found: list[str] = []
    for phrase in phrases:
        name = known.get(phrase)
        if (
            name
            and not any(phrase != other and phrase in other for other in phrases if other in known)
            and name not in found
        ):
            found.append(name)
    return found
