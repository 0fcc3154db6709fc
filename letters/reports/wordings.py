"""Sentences to an agency about one open item, as follow-ups and hand-overs print them: nothing internal in them.

They never call our usual wait a deadline, and name no date that nobody set.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import cast

from letters.domain.covering import answered_now
from letters.domain.deadlines import count, long_date
from letters.domain.words import day_named, has_more_time, initial, term_moved
from letters.enums import Basis, ContactChannel, LetterState, OurRole
from letters.models import Addressee, Answer, Contact, Letter, Renewal, Tasking
from letters.reports.posts import day_words
from letters.reports.speakers import who

CALLED = {
    ContactChannel.CALL: "We called",
    ContactChannel.EMAIL: "We wrote an e-mail",
    ContactChannel.MEETING: "We met",
}


def join(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def often(times: int) -> str:
    """Once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(times, f"{times:,} times")


def ago(day: dt.date, on: dt.date) -> str:
    """ ", 69 days ago" as of the day `on`; nothing of a day that had not come by then."""
    return f", {count((on - day).days, 'day')} ago" if day < on else ""


def is_ours(letter: Letter) -> bool:
    """Whether we wrote or signed it; of one that we only follow, nothing may say so to an agency."""
    return letter.our_role != OurRole.FOLLOWED


def named(addressees: Sequence[Addressee]) -> str:
    """Each as printed, with the title that is."""
    return join([f"{a.printed_name}, {a.printed_title}" if a.printed_title else a.printed_name for a in addressees])


def letter_words(letter: Letter, whom: str) -> str:
    """How a letter is called to an agency: "Our letter of April 25, 2023 to Janet Yellen"."""
    dated = f"of {day_words(letter.letter_date)}{f' to {whom}' if whom else ''}"
    return f"Our letter {dated}" if is_ours(letter) else f"Letter {dated}, which we follow"


def words_of(tasking: Tasking) -> tuple[str, bool]:
    """What was asked, and whether these are the letter's own words: only those stand between quotation marks."""
    return tasking.ask.quote or tasking.ask.summary, bool(tasking.ask.quote)


def standing(tasking: Tasking, on: dt.date = dt.date.max) -> list[Answer]:
    """What replies that came by the day `on` say about the item, none entered in error, in the order they came.

    Needs answers with their replies.
    """
    answers = [answer for answer in tasking.answers.all() if answer.response.in_error_at is None]
    found = [answer for answer in answers if answer.response.received_on <= on]
    return sorted(found, key=lambda answer: (answer.response.received_on, answer.recorded_at))


def repeated_on(renewals: Iterable[Renewal]) -> list[dt.date]:
    """The days on which later letters asked again; one entered in error repeats nothing."""
    return sorted(one.renewed_on for one in renewals if one.letter.state == LetterState.SENT)


def printed_words(tasking: Tasking) -> str:
    """The same with the marks that it needs: the letter’s own between quotation marks, our summary of it bare."""
    words, is_quote = words_of(tasking)
    return f"“{words}”" if is_quote else words


def date_set(tasking: Tasking, on: dt.date, reader: uuid.UUID) -> str:
    """A date that somebody set, as of the day `on`, as they named it; of our usual wait not a word. Empty: nobody set one.

    `reader` is the agency to which it is said. Needs `with_yardstick` and `with_speakers`.
    """
    if tasking.due_on is None:
        return ""
    day = _told(tasking.due_on, on)
    if tasking.due_basis == Basis.PROMISE:
        told = who(tasking.promised_by, tasking.promised_by_name, reader)  # type: ignore[attr-defined]  # annotated
        return f"{initial(told)} told us to expect it by {day}."
    if has_more_time(tasking):
        # what was agreed, and not where days of waiting on us moved it: nobody told them that date
        return f"More time was agreed, to {_told(tasking.extended_to or tasking.due_on, on)}."
    match tasking.due_basis:
        case Basis.YARDSTICK:
            return ""
        case Basis.STATUTE:
            return f"The law requires a reply by {day}."
    asked = "We asked" if is_ours(tasking.ask.letter) else "The letter asked"
    counted = tasking.counted  # type: ignore[attr-defined]  # annotated
    if terms := term_moved(counted):
        return f"{asked} for a reply within {terms}."
    return f"{asked} for a reply by {_told(day_named(tasking.due_on, counted), on)}."


def _told(day: dt.date, on: dt.date) -> str:
    return f"{long_date(day)}{ago(day, on)}"


def unanswered(tasking: Tasking, on: dt.date = dt.date.max) -> tuple[str, list[str]]:
    """The questions that no reply answers that came by the day `on` and counts, each in its own words as numbered in the letter."""
    answered = answered_now(standing(tasking, on))
    asked = list(tasking.ask.questions.all())
    left = [one.printed for one in asked if one.pk not in answered]
    if not left:
        return "", []
    if len(left) == len(asked):
        none = f"None of the {len(asked)} questions has been answered:"
        return none if len(asked) > 1 else "The question has not been answered:", left
    was = "was" if len(asked) - len(left) == 1 else "were"
    rest = "this one remains:" if len(left) == 1 else f"these {len(left)} remain:"
    return f"Of the {len(asked)} questions, {len(asked) - len(left)} {was} answered; {rest}", left


def called(contacts: Iterable[Contact]) -> list[str]:
    """That we called, and when; what came of it is ours."""
    ours = {contact.pk: contact for contact in contacts if contact.in_error_at is None}.values()
    return [
        f"{CALLED[ContactChannel(c.channel)]} about this on {long_date(c.on)}."
        for c in sorted(ours, key=lambda c: c.on)
    ]


def asked_on(tasking: Tasking) -> dt.date:
    """Whatever is open was asked."""
    return cast(dt.date, tasking.asked_on)
