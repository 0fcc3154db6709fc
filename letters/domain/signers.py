"""Who a printed name probably is, as of the letter's date. It proposes; a person confirms (invariant 9)."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet, Subquery

from letters.domain.deadlines import long_date
from letters.domain.nicknames import LONG_FORMS
from letters.domain.rules import plain
from letters.models import Legislator, Term

HONORIFICS = re.compile(r"^(the honorable|hon\.?|senator|sen\.?|representative|rep\.?|congress(wo)?man)\s+", re.I)
LAST_NAME_WORDS = 4  # "Van Hollen" has two
# "Jr." and what doctors and others carry: "John Barrasso, M.D."
SUFFIX = re.compile(r",?\s+(jr|sr|ii|iii|iv|m\.?\s?d|ph\.?\s?d|d\.?d\.?s|d\.?v\.?m|r\.?n|esq)\.?$", re.I)


@dataclass(frozen=True)
class Proposal:
    """A member who may have signed, the term they sat in, and why we think so."""

    legislator: Legislator
    term: Term
    source: str
    doubtful: bool


def propose(printed_name: str, on: dt.date, *, chamber: str = "") -> list[Proposal]:
    """Members serving on `on` whose name fits, best first; none when nobody fits.

    A scheduled term proves nothing: a member whom a later roster does not list may have resigned before `on`, so such a
    proposal is doubtful. Who stands in the newest one is not: of a letter that is newer still, no roster could say more.
    """
    words = _words(printed_name)
    if not words:
        return []
    # only those whose last name ends the printed one; `among` looks at the rest
    ends = [" ".join(words[place:]) + "," for place in range(max(0, len(words) - LAST_NAME_WORDS), len(words))]
    named = reduce(or_, (Q(legislator__sort_name__startswith=end) for end in ends))
    return among(serving(on).filter(named), printed_name, on, chamber=chamber)


def serving(on: dt.date) -> QuerySet[Term]:
    """The terms that run on `on`, each with its member: loaded once, they answer for a whole block of names."""
    return known_terms().filter(start__lte=on, end__gt=on)


def known_terms() -> QuerySet[Term]:
    """Each with its member, and the day of the newest roster (`newest_roster`)."""
    newest = Legislator.objects.order_by("-seen_until").values("seen_until")[:1]
    return Term.objects.select_related("legislator").annotate(newest_roster=Subquery(newest))


def by_last_word(terms: Iterable[Term]) -> dict[str, list[Term]]:
    """The terms under the word that ends each last name: who may fit a printed name is found at once."""
    found: dict[str, list[Term]] = {}
    for term in terms:
        found.setdefault(plain(term.legislator.last).split()[-1], []).append(term)
    return found


def ending(terms: dict[str, list[Term]], printed_name: str) -> list[Term]:
    """Of `by_last_word`, those that `among` and `nearly` can find for this name."""
    words = _words(printed_name)
    return terms.get(words[-1], []) if words else []


def among(terms: Iterable[Term], printed_name: str, on: dt.date, *, chamber: str = "") -> list[Proposal]:
    """As `propose`, from terms that were loaded before."""
    words = _words(printed_name)
    fitting = [term for term in terms if words and chamber in ("", term.chamber) and _fits(words, term.legislator)]
    # two of one name are both doubtful: a person decides
    return sorted((_proposal(term, on) for term in fitting), key=lambda p: (p.doubtful, p.legislator.sort_name))


def nearly(terms: Iterable[Term], printed_name: str, on: dt.date, *, chamber: str = "") -> list[Proposal]:
    """Members whose last name fits but not the first ("Lynda Sanchez", "Senator Budd"): all doubtful, the likeliest first."""
    words = _words(printed_name)
    found = []
    for term in terms:
        last = plain(term.legislator.last).split()
        if words[-len(last) :] == last and chamber in ("", term.chamber):
            given = " ".join(words[: -len(last)])
            likeness = SequenceMatcher(None, given, plain(term.legislator.first)).ratio() if given else 1.0
            found.append((likeness, replace(_proposal(term, on), doubtful=True)))
    return [proposal for _, proposal in sorted(found, key=lambda pair: (-pair[0], pair[1].legislator.sort_name))]


def _proposal(term: Term, on: dt.date) -> Proposal:
    member, newest = term.legislator, term.newest_roster  # type: ignore[attr-defined] # annotated
    doubtful = member.seen_until < min(on, newest)
    source = f"{member.official_full}, {term.get_chamber_display()} {term.state}, term {long_date(term.start)} to {long_date(term.end)}"
    if doubtful:
        source += f"; on no roster after {long_date(member.seen_until)}"
    elif on > newest:
        source += f"; on the newest roster, of {long_date(newest)}"
    return Proposal(member, term, source, doubtful)


def _words(name: str) -> list[str]:
    name = SUFFIX.sub("", HONORIFICS.sub("", name.strip()))
    return [word.strip(".,") for word in plain(name).replace("’", "'").split()]


def _fits(words: list[str], member: Legislator) -> bool:
    """The last name in full, and a first name, nickname or initial of theirs."""
    last = plain(member.last).split()
    if words[-len(last) :] != last:
        return False
    given = words[: -len(last)]
    if not given:
        return False
    official = _words(member.official_full)[: -len(last)]
    known = {*plain(member.first).split(), *plain(member.nickname).split(), *plain(member.middle).split(), *official}
    known = {word.strip(".") for word in known if word}
    first = given[0].strip(".")
    if LONG_FORMS.get(first, set()) & known or any(first in LONG_FORMS.get(name, ()) for name in known):
        return True
    return first in known or (len(first) == 1 and any(name.startswith(first) for name in known))


def as_of(member: Legislator, on: dt.date | None) -> tuple[str, str]:
    """State and party of a member on that day; empty where no term of theirs is known."""
    term = member.terms.filter(start__lte=on, end__gt=on).order_by("-start").first() if on else None
    return (term.state, term.party) if term else ("", "")
