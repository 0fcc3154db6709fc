"""A pasted signature block, or the list of signers in a press release, read name by name as of the letter's date.

Nothing is lost: what fits no member is kept as printed and flagged; what is proposed waits for a person (invariant 9).
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache

from letters.domain import signers
from letters.domain.rules import plain
from letters.domain.signers import Proposal
from letters.enums import Match
from letters.intake.printed_names import Printed, read_lines
from letters.intake.states import STATES
from letters.models import Legislator, Term

MAX_LENGTH = 50_000  # characters; the longest real block we know has 2,500
MAX_CANDIDATES = 5
UNREAD = "Not understood, kept as printed."
ROSTERS_SAY = "but our rosters say"  # the one doubt about somebody who is proposed all the same


@dataclass(frozen=True)
class ReadSigner:
    """One name, in order and as printed, and who it probably is.

    `legislator` is None where nobody fits or several do; `candidates` are then whom to offer. `doubt` says in a
    sentence why a person should look, also where somebody is proposed. `state` is a code and `party` a word, both
    from what is printed where it is, else from the proposal's term.
    """

    order: int
    printed_name: str
    title: str
    party: str
    state: str
    legislator: Legislator | None
    match: Match
    source: str
    doubt: str
    candidates: tuple[Proposal, ...]


def read_signature_block(text: str, on: dt.date) -> list[ReadSigner]:
    """The signers of a letter of `on`. One query, however many names."""
    terms = signers.by_last_word(signers.serving(on))
    known = cache(lambda name: bool(signers.among(signers.ending(terms, name), name, on)))
    printed = read_lines(text.replace("\0", "")[:MAX_LENGTH], known)
    kept: list[Printed] = []
    found: list[ReadSigner] = []
    for one in dict.fromkeys(printed):  # the same words again say nothing new
        signer = _resolved(one, signers.ending(terms, one.name), on, len(found) + 1)
        twin = _twin(signer, found)
        if twin is None:
            kept.append(one)
            found.append(signer)
        elif not kept[twin].affiliation:  # what only the second place prints counts for the first
            kept[twin] = replace(kept[twin], party=one.party, state=one.state, affiliation=one.affiliation)
            found[twin] = _resolved(kept[twin], signers.ending(terms, kept[twin].name), on, twin + 1)
    return found


def _resolved(one: Printed, terms: list[Term], on: dt.date, order: int) -> ReadSigner:
    fitting = signers.among(terms, one.name, on, chamber=one.chamber) or signers.among(terms, one.name, on)
    agreeing = [proposal for proposal in fitting if _agrees(one, proposal.term)]
    chosen: Proposal | None = None
    doubt = ""
    if len(agreeing) == 1:
        chosen = agreeing[0]
        # a member whom no later roster lists may have left; that the letter itself prints party or state says not
        if chosen.doubtful and not (one.state or one.party):
            doubt = f"{chosen.source}: may have left before."
            chosen = None
    elif not agreeing and len(fitting) == 1 and not fitting[0].doubtful:
        chosen = fitting[0]
        doubt = f"Printed {one.affiliation}, {ROSTERS_SAY} {chosen.term.party}, {STATES.get(chosen.term.state, chosen.term.state)}."
    elif len(agreeing or fitting) > 1:
        doubt = f"{len(agreeing or fitting)} members of this name served then."
    candidates = agreeing or fitting or _near(one, terms, on)
    if not fitting and len(candidates) == 1 and " " not in one.name and one.chamber:  # "Senator Budd", the only one
        (chosen,) = candidates
    if chosen is None and one.unread:
        doubt = UNREAD
    if chosen is None and not doubt:
        doubt = "No member of this name served then." + (" Perhaps one of these." if candidates else "")
    term = chosen.term if chosen else None
    return ReadSigner(
        order=order,
        printed_name=one.name,
        title=one.title,
        party=one.party or (term.party if term else ""),
        state=one.state or (term.state if term else ""),
        legislator=chosen.legislator if chosen else None,
        match=Match.PROPOSED if chosen else Match.UNMATCHED,
        source=chosen.source if chosen else "",
        doubt=doubt,
        candidates=tuple(candidates[:MAX_CANDIDATES]),
    )


def _agrees(one: Printed, term: Term) -> bool:
    return one.state in ("", term.state) and one.party in ("", term.party)


def _near(one: Printed, terms: list[Term], on: dt.date) -> list[Proposal]:
    """The last name fits: those whose printed state and party agree too, else all of that name."""
    near = signers.nearly(terms, one.name, on, chamber=one.chamber) or signers.nearly(terms, one.name, on)
    return [proposal for proposal in near if _agrees(one, proposal.term)] or near


def _twin(signer: ReadSigner, found: list[ReadSigner]) -> int | None:
    """Whom of those found it names again: a release names its lead in a sentence and in the list, and nobody signs twice."""
    words = plain(signer.printed_name).split()
    members = {signer.legislator, *(proposal.legislator for proposal in signer.candidates)} - {None}
    for place, other in enumerate(found):
        if signer.legislator is not None and signer.legislator == other.legislator:
            return place
        others = plain(other.printed_name).split()
        if words == others and not (signer.legislator and other.legislator):
            return place
        # "Senator Budd", and Ted Budd stands there
        if len(words) == 1 and (other.legislator in members or others[-1] == words[0]):
            return place
    return None
