"""Which rule sets the date of an item: an ordered table, the first that applies counts. Pure: no models, no clock.

A promise of theirs; the ask's own date; a date that the letter sets, or a later letter that repeats the ask; a term that
it sets (“within 30 days of receipt”); a law, whose days count from receipt; our usual wait. Only the last is not a deadline.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from letters.domain.deadlines import (
    DAY,
    MOVED_NOTHING,
    Calendar,
    Explanation,
    Interval,
    after_business_days,
    count,
    fixed,
    long_date,
    moved_nothing,
    yardstick,
)
from letters.enums import Basis, TermFrom, TermUnit

NO_DEADLINE = "The letter sets no deadline"
NO_RECEIPT = "no receipt is recorded"  # of a term that counts from it
LAW_FROM_RECEIPT = "The law counts from receipt, which is not recorded: until it is, the letter’s own date counts"
OVER = "was over before this was asked, so the day it was asked"  # of the day a term ends
TERM_FROM_WORDS = {TermFrom.LETTER_DATE: "of its date", TermFrom.RECEIPT: "of receipt"}


@dataclass(frozen=True)
class Term:
    """A deadline that a letter sets as a number of days."""

    days: int
    unit: str
    since: str

    def words(self) -> str:
        """ "within 10 business days of receipt"."""
        noun = "business day" if self.unit == TermUnit.BUSINESS else "day"
        return f"within {count(self.days, noun)} {TERM_FROM_WORDS[TermFrom(self.since)]}"


@dataclass(frozen=True)
class LetterTerms:
    """What a letter that asks, or asks again, says about when."""

    letter_on: dt.date  # its own date
    deadline_on: dt.date | None = None
    term: Term | None = None
    received_on: dt.date | None = None  # by the agency asked, where it is known
    again_on: dt.date | None = None  # a later letter repeated the ask on this day; None: the letter itself

    @property
    def who(self) -> str:
        # never by its number: who reads this may not know that letter (invariant 8), and a kept explanation stays
        return f"A letter of {long_date(self.again_on)} repeats this, and asks" if self.again_on else "The letter asks"

    @property
    def term_starts_on(self) -> dt.date | None:
        """The day from which the term counts; None while receipt is not known."""
        if self.term is None:
            return None
        return self.received_on if self.term.since == TermFrom.RECEIPT else self.letter_on

    @property
    def sets_a_date(self) -> bool:
        return self.deadline_on is not None or self.term_starts_on is not None


@dataclass(frozen=True)
class Statute:
    """A law whose clock this ask started."""

    name: str
    citation: str
    trigger: str
    days: int  # calendar days from receipt


@dataclass(frozen=True)
class Situation:
    """Everything about one item that may set its date."""

    asked_on: dt.date
    agency: str
    letter: LetterTerms
    usual_wait: int  # business days
    usual_wait_source: str = ""
    promised_on: dt.date | None = None
    # the last letter that repeats the ask and sets a date, else the last that says when
    again: LetterTerms | None = None
    again_waits: LetterTerms | None = None  # one after that, whose term counts from a receipt that is not known
    requested_by: dt.date | None = None
    statute: Statute | None = None
    pauses: tuple[Interval, ...] = ()
    extended_to: dt.date | None = None
    extended_on: dt.date | None = None  # the day the time was given
    extended_words: str = ""
    taken_back: tuple[str, ...] = ()  # what no longer counts, in words


@dataclass(frozen=True)
class Rule:
    """One line of the table."""

    name: str
    basis: Basis
    applies: Callable[[Situation], bool]
    explain: Callable[[Situation, Calendar], Explanation]


# Each of these is asked only where its rule applies: what it casts is there then.


def _promise(item: Situation, calendar: Calendar) -> Explanation:
    day = cast(dt.date, item.promised_on)
    rule = f"{item.agency} promised it for {long_date(day)}"
    return fixed(day, basis=Basis.PROMISE, sent_on=item.asked_on, rule=rule, calendar=calendar)


def _own_date(item: Situation, calendar: Calendar) -> Explanation:
    day = cast(dt.date, item.requested_by)
    rule = f"The letter asks for this by {long_date(day)}"
    return _set_by_letter(day, rule, item, calendar, item.pauses)


def _letters_date(said: LetterTerms, item: Situation, calendar: Calendar) -> Explanation:
    day = cast(dt.date, said.deadline_on)
    rule = f"{said.who} for a reply by {long_date(day)}"
    return _set_by_letter(day, rule, item, calendar, _from(said.again_on, item.pauses))


def _term(said: LetterTerms, item: Situation, calendar: Calendar) -> Explanation:
    term, start = cast(Term, said.term), cast(dt.date, said.term_starts_on)
    rule = f"{said.who} for a reply {term.words()}"
    event = "Received" if term.since == TermFrom.RECEIPT else "Dated"
    pauses = _from(said.again_on, item.pauses)
    if term.unit == TermUnit.CALENDAR:
        found = _set_by_letter(start + DAY * term.days, rule, item, calendar, pauses)
        return replace(found, start_on=start, start_event=event)
    due_on, skipped = after_business_days(start, term.days, calendar, pauses)
    return Explanation(
        due_on=max(due_on, item.asked_on), basis=Basis.LETTER, start_on=start, start_event=event, rule=rule,
        business_days=term.days, skipped=skipped, pauses=tuple(pause for pause in pauses if pause.start <= due_on),
        notes=(*_over(due_on, item), *moved_nothing(pause for pause in pauses if pause.start > due_on)),
    )  # fmt: skip


def _statute(item: Situation, calendar: Calendar) -> Explanation:
    law, received_on = cast(Statute, item.statute), item.letter.received_on
    start = received_on or item.letter.letter_on
    rule = f"{law.name}, {law.citation}: {count(law.days, 'day')} from receipt of the request ({law.trigger})"
    due_on = start + DAY * law.days
    # a law's days run on while the agency waits for us
    found = fixed(max(due_on, item.asked_on), basis=Basis.STATUTE, sent_on=start, rule=rule, calendar=calendar)
    notes = (*(() if received_on else (LAW_FROM_RECEIPT,)), *_over(due_on, item))
    return replace(found, start_event="Received" if received_on else "Dated", notes=notes)


def _usual_wait(item: Situation, calendar: Calendar) -> Explanation:
    found = yardstick(item.asked_on, item.usual_wait, calendar, source=item.usual_wait_source, pauses=item.pauses)
    said = item.again if item.again and item.again.term else item.letter
    if said.term is None:
        return found
    waits = f"{said.who} for a reply {said.term.words()}, and {NO_RECEIPT}: until it is, our usual wait counts"
    return replace(found, notes=(waits, *found.notes))


def _set_by_letter(
    day: dt.date, rule: str, item: Situation, calendar: Calendar, pauses: tuple[Interval, ...]
) -> Explanation:
    # a term that ends before the letter went out ends when it went out
    due_on = max(day, item.asked_on)
    found = fixed(due_on, basis=Basis.LETTER, sent_on=item.asked_on, rule=rule, calendar=calendar, pauses=pauses)
    return replace(found, notes=(*_over(day, item), *found.notes))


def _over(day: dt.date, item: Situation) -> tuple[str, ...]:
    return (f"{long_date(day)} {OVER}, {long_date(item.asked_on)}, counts",) if day < item.asked_on else ()


def _from(day: dt.date | None, pauses: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """What of the pauses a date can feel that was set on this day: nothing that was over by then. None: all of it."""
    if day is None:
        return pauses
    return tuple(Interval(max(pause.start, day), pause.end) for pause in pauses if pause.end > day)


RULES: tuple[Rule, ...] = (
    Rule("their promise", Basis.PROMISE, lambda item: item.promised_on is not None, _promise),
    # a later letter that says when takes the place of what the first one said
    Rule(
        "the date of a later letter that asks again", Basis.LETTER,
        lambda item: item.again is not None and item.again.deadline_on is not None,
        lambda item, calendar: _letters_date(item.again or item.letter, item, calendar),
    ),
    Rule(
        "the term of a later letter that asks again", Basis.LETTER,
        lambda item: item.again is not None and item.again.term_starts_on is not None,
        lambda item, calendar: _term(item.again or item.letter, item, calendar),
    ),
    Rule("the ask’s own date", Basis.LETTER, lambda item: item.requested_by is not None, _own_date),
    Rule(
        "the date the letter sets", Basis.LETTER, lambda item: item.letter.deadline_on is not None,
        lambda item, calendar: _letters_date(item.letter, item, calendar),
    ),
    Rule(
        "the term the letter sets", Basis.LETTER, lambda item: item.letter.term_starts_on is not None,
        lambda item, calendar: _term(item.letter, item, calendar),
    ),
    Rule("a law", Basis.STATUTE, lambda item: item.statute is not None, _statute),
    Rule("our usual wait", Basis.YARDSTICK, lambda item: True, _usual_wait),
)  # fmt: skip


def original(item: Situation, calendar: Calendar) -> Explanation:
    """The date by the first rule that applies, as it stands without more time that was given."""
    found = next(rule for rule in RULES if rule.applies(item)).explain(item, calendar)
    notes = (*found.notes, *item.taken_back)
    waits = item.again_waits
    if waits and waits.term and found.basis == Basis.LETTER:
        unknown = (
            f"{waits.who} for a reply {waits.term.words()}, and {NO_RECEIPT}: until it is, the date before it counts"
        )
        notes = (*notes, unknown)
    return replace(found, notes=notes)


def explain(item: Situation, calendar: Calendar) -> Explanation:
    """The date as it counts. More time moves it later, never sooner; a promise has its own date and no other, and so has a
    letter that asked again after the time was given."""
    found = original(item, calendar)
    if item.extended_to is None or found.basis == Basis.PROMISE:
        return found
    since = item.extended_on or item.asked_on
    again = item.again
    if again and again.again_on and again.sets_a_date and since < again.again_on:
        gone = f"More time, to {long_date(item.extended_to)}{item.extended_words}, was given before that letter"
        return replace(found, notes=(*found.notes, gone))
    moved = fixed(
        item.extended_to, basis=found.basis, sent_on=item.asked_on, rule="", calendar=calendar,
        pauses=_from(since, item.pauses),
    )  # fmt: skip
    if moved.due_on <= found.due_on:
        return found
    note = f"More time, to {long_date(item.extended_to)}{item.extended_words}"
    # a pause is told as it moved the date that counts: from the day the time was given, and once
    told = {pause.end for pause in moved.pauses}
    return replace(
        found, due_on=moved.due_on, hint=moved.hint, extended_from=found.due_on,
        notes=(*(one for one in found.notes if MOVED_NOTHING not in one), *moved.notes, note),
        pauses=(*(pause for pause in found.pauses if pause.end not in told), *moved.pauses),
    )  # fmt: skip


def acknowledgement(asked_on: dt.date, business_days: int, calendar: Calendar) -> Explanation:
    """When we expect to have heard that the letter came; this clock ends with their first word, whatever it is."""
    found = yardstick(asked_on, business_days, calendar)
    rule = f"We expect word that the letter came within {count(business_days, 'business day')}"
    return replace(found, rule=rule)


def moved_because(before: Explanation, after: Explanation) -> str:
    """What made a date another one, read off the two explanations."""
    new = [note for note in after.notes if note not in before.notes]
    if before.rule != after.rule or before.start_on != after.start_on:
        return "; ".join([f"{after.rule}, from {long_date(after.start_on)}", *new])
    if new:
        return "; ".join(new)
    if before.extended_from and not after.extended_from:
        return "no more time was given after all"
    if any(OVER in note for note in before.notes if note not in after.notes):
        return "it was asked before that day was over"
    if after.extended_from != before.extended_from or after.notes != before.notes:
        return after.notes[-1] if after.notes else "no more time was given after all"
    if before.pauses != after.pauses:
        days = _paused_days(after) - _paused_days(before)  # an earlier pause moved it when that one ended
        if days < 0:
            return f"a pause of {count(-days, 'day')} is taken back"
        return f"the clock stood still for {count(days, 'day')}: waiting on us"
    added, removed = ({one for one in these if one not in those} for these, those in _skipped(before, after))
    parts = [f"{one.why} ({long_date(one.day)}) does not count" for one in sorted(added, key=lambda one: one.day)]
    parts += [f"{long_date(one.day)} counts again" for one in sorted(removed, key=lambda one: one.day)]
    return "; ".join(parts) or "computed anew"


def _paused_days(explanation: Explanation) -> int:
    return sum(pause.days for pause in explanation.pauses)


def _skipped(before: Explanation, after: Explanation) -> tuple[tuple, tuple]:
    """Days that are no weekend, up to the earlier of the two dates: a later date passes more of them by itself."""
    end = min(before.due_on, after.due_on)
    named = [tuple(one for one in x.skipped if one.day.weekday() < 5 and one.day <= end) for x in (after, before)]
    return (named[0], named[1]), (named[1], named[0])
