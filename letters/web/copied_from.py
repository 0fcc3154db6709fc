"""Of a draft that was copied from a letter ("Log it anew"): which one that is, and what goes along when the draft is sent."""

from typing import Any

from letters.domain import letter_desk, worksheets
from letters.domain.asking import join_names
from letters.domain.letter_desk import goes_along
from letters.domain.logged_anew import row_id
from letters.domain.words import initial
from letters.enums import LetterState
from letters.intake.typed import Typed
from letters.models import Letter, Tasking, User, Worksheet
from letters.web.letter_parts import related


def copied_from(sheet: Worksheet | None, user: User, typed: Typed) -> dict[str, Any] | None:
    """The letter and two sentences; nothing to who may not see it. `typed`: the sheet as it is to be sent."""
    letter = worksheets.original(sheet).visible_to(user).first() if sheet else None
    if letter is None:
        return None
    stands = letter.state == LetterState.SENT
    then = "take that one back on its page once this is sent." if stands else "it is marked as entered in error."
    return {"letter": letter, "then": then, "along": _along(letter, user, typed)}


def _along(letter: Letter, user: User, typed: Typed) -> str:
    noted = _noted(letter, user, typed)
    if not noted:
        return ""
    if goes_along(letter, typed["access"]):
        return f"{initial(join_names(noted))}, as noted there, go along."
    return f"More people are to see this one, so what is noted there stays there: {join_names(noted)}."


def _noted(letter: Letter, user: User, typed: Typed) -> list[str]:
    """What is known of a letter beside what it says, and goes along with the rows that the sheet still has of it; each of
    them plural. A row is known by its id: one of an older sheet has none of the letter's."""
    asks = {row["id"]: row for row in typed["asks"]}
    addressed = {row["id"]: row["agency_id"] for row in typed["addressees"]}
    noted = []
    if any(row_id(ask) in asks for ask in letter.asks.filter(statute__isnull=False)):
        noted.append("laws that asks started")
    there = [one for one in letter.addressees.select_related("agency") if addressed.get(row_id(one)) == one.agency.slug]
    if any(letter_desk.delivery_fact(one, name) for one in there for name in letter_desk.DELIVERY):
        noted.append("days of receipt and the agencies’ numbers")
    owned = Tasking.objects.filter(ask__letter=letter, owner__isnull=False).select_related("ask", "agency")
    if any(one.agency.slug in _asked(asks.get(row_id(one.ask))) for one in owned):
        noted.append("owners")
    if any(not one["anew"] for one in related(user, letter)):
        noted.append("links to other letters")
    return noted


def _asked(row: dict | None) -> list[str]:
    return [*row["responsible"], *row["consulted"], row["bureau_id"]] if row else []
