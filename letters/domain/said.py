"""What an answer to "What did they say?" means for the record: one printed table, read by verbs, pages and docs.

Pure: no models, no clock. `docs/said.md` is made from here, and so is the help page of the form.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, ClosesAs, Coverage, ResponseKind, Said, Stance, Status

REVIEW_DAYS = 90  # calendar days after which we look again at an item whose agency takes no position


@dataclass(frozen=True)
class Meaning:
    """One line of the table: what the choice says about the reply as a whole, and about the item."""

    kind: ResponseKind
    coverage: Coverage
    stance: Stance
    status: Status
    asks: tuple[str, ...] = ()  # what the form asks for besides, by name
    moves: tuple[Status, ...] = OPEN_STATUSES  # the statuses it moves on from; from others the item stays where it is


# An ask for a deed is done when evidence proves it; an ask for words when the reply gives them.
_DONE_DEED = Meaning(
    ResponseKind.OFFICIAL_ACTION, Coverage.FULL, Stance.CONCURS, Status.IMPLEMENTED, ("evidence", "targets")
)
_DONE_WORDS = Meaning(ResponseKind.SUBSTANTIVE, Coverage.FULL, Stance.CONCURS, Status.ANSWERED, ("targets",))
_ANSWERED = Meaning(ResponseKind.SUBSTANTIVE, Coverage.FULL, Stance.UNKNOWN, Status.ANSWERED, ("questions",))
# Words alone are not the deed that was asked for: the clock runs on.
_ANSWERED_DEED = replace(_ANSWERED, coverage=Coverage.PARTIAL, status=Status.PARTLY_ADDRESSED)

TABLE: dict[Said, dict[ClosesAs, Meaning]] = {
    # It says that our letter came, and nothing about what we asked (invariant 3).
    Said.RECEIVED: dict.fromkeys(
        ClosesAs,
        Meaning(
            ResponseKind.ACKNOWLEDGEMENT,
            Coverage.EVADES,
            Stance.UNKNOWN,
            Status.ACKNOWLEDGED,
            moves=(Status.AWAITING,),
        ),
    ),
    Said.LOOKING: dict.fromkeys(
        ClosesAs,
        Meaning(
            ResponseKind.INTERIM,
            Coverage.EVADES,
            Stance.UNKNOWN,
            Status.CONSIDERING,
            moves=(Status.AWAITING, Status.ACKNOWLEDGED, Status.CLARIFICATION),
        ),
    ),
    Said.DONE: {
        ClosesAs.IMPLEMENTED: _DONE_DEED,
        ClosesAs.ANSWERED: _DONE_WORDS,
        ClosesAs.EITHER: _DONE_DEED,
    },
    # A yes is not the deed: the clock runs to the date they named.
    Said.PROMISED: dict.fromkeys(
        ClosesAs,
        Meaning(ResponseKind.SUBSTANTIVE, Coverage.PARTIAL, Stance.CONCURS, Status.PROMISED, ("promised_on",)),
    ),
    Said.PARTLY: dict.fromkeys(
        ClosesAs,
        Meaning(
            ResponseKind.SUBSTANTIVE, Coverage.PARTIAL, Stance.PARTLY_CONCURS, Status.PARTLY_ADDRESSED, ("targets",)
        ),
    ),
    Said.REFUSED: dict.fromkeys(
        ClosesAs, Meaning(ResponseKind.DECLINATION, Coverage.FULL, Stance.DOES_NOT_CONCUR, Status.DECLINED)
    ),
    # The reply clock stands still, and we look again on the review date.
    Said.NO_POSITION: dict.fromkeys(
        ClosesAs,
        Meaning(ResponseKind.NO_POSITION, Coverage.EVADES, Stance.NO_POSITION, Status.CONSIDERING, ("review_on",)),
    ),
    # The ball is with us: the clock is stopped.
    Said.NEEDS_US: dict.fromkeys(
        ClosesAs,
        Meaning(ResponseKind.CLARIFICATION_REQUEST, Coverage.EVADES, Stance.UNKNOWN, Status.CLARIFICATION),
    ),
    Said.OTHER_AGENCY: dict.fromkeys(
        ClosesAs,
        Meaning(ResponseKind.REFERRAL, Coverage.EVADES, Stance.UNKNOWN, Status.TRANSFERRED, ("agency", "reason")),
    ),
    Said.ANSWERED: {
        ClosesAs.IMPLEMENTED: _ANSWERED_DEED,
        ClosesAs.ANSWERED: _ANSWERED,
        ClosesAs.EITHER: _ANSWERED,
    },
}

# A reply that says several things is, as a whole, the first of these that it says of any item.
STRENGTH: tuple[ResponseKind, ...] = (
    ResponseKind.OFFICIAL_ACTION,
    ResponseKind.DECLINATION,
    ResponseKind.SUBSTANTIVE,
    ResponseKind.NO_POSITION,
    ResponseKind.REFERRAL,
    ResponseKind.CLARIFICATION_REQUEST,
    ResponseKind.EXTENSION_NOTICE,
    ResponseKind.INTERIM,
    ResponseKind.ACKNOWLEDGEMENT,
)
# Until somebody has read it, a reply is taken for the least that a letter with words in it can be.
UNREAD_KIND = ResponseKind.INTERIM
# Of an item that they only received, look into, ask us about or pass on, nothing was answered, whatever the rest says.
ANSWERS_NOTHING = (Said.RECEIVED, Said.LOOKING, Said.NEEDS_US, Said.OTHER_AGENCY)


@dataclass(frozen=True)
class Effect:
    """What one choice does to one item. `status` None: it stays where it is."""

    coverage: Coverage
    stance: Stance
    status: Status | None
    reviews: bool = False


def meaning(said: str, closes_as: str) -> Meaning:
    """The table's line for a choice and a kind of ask."""
    return TABLE[Said(said)][ClosesAs(closes_as)]


def effect(
    said: str,
    *,
    closes_as: str,
    status: str,
    complete: bool = True,
    before: str | None = None,
    since: Collection[str] = (),
) -> Effect:
    """What a choice does to an item of this kind in this status.

    `complete` False: only some of the questions are answered, or some of the companies covered, so that
    what would be done is partly done. A closed item stays closed: it is reopened with a reason, by a person.
    `before`: where its status rests on nothing but how this reply was read until now, the one it had before that: the
    choice counts from there, as if it had been read so at once (`moves.before_reading`).
    `since`: what replies said that came after this one, though they were logged before it (`standing.said_since`). One of
    them that would have moved the item on from where this one brings it has: it stays where it is.
    """
    line = meaning(said, closes_as)
    if not complete and line.coverage == Coverage.FULL and line.status in (Status.IMPLEMENTED, Status.ANSWERED):
        line = replace(line, coverage=Coverage.PARTIAL, status=Status.PARTLY_ADDRESSED)
    stood = before or status
    to = Status(stood) if stood in CLOSED_STATUSES or stood not in line.moves else line.status
    if any(_moved_on(later, closes_as, to) for later in since):
        to = Status(stood)
    reviews = said == Said.NO_POSITION and status not in CLOSED_STATUSES and not since
    return Effect(line.coverage, line.stance, None if to == status else to, reviews)


def _moved_on(later: str, closes_as: str, to: str) -> bool:
    """Whether what was said later would have moved an item on from there. What is done is done, whatever is said later; any
    other end would hide that they said something since. A reply that was read without a choice is one that says something."""
    if to in CLOSED_STATUSES:
        return to != Status.IMPLEMENTED
    return not later or to in meaning(later, closes_as).moves


def strongest(kinds: Iterable[str]) -> ResponseKind:
    """What a reply is as a whole, from what it says of each item."""
    found = {ResponseKind(kind) for kind in kinds}
    return min(found, key=STRENGTH.index) if found else UNREAD_KIND


def review_on(today: dt.date) -> dt.date:
    """When to look again at an item whose agency takes no position, unless a person says otherwise."""
    return today + dt.timedelta(days=REVIEW_DAYS)
