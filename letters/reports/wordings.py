"""Sentences to an agency about one open item, as follow-ups and hand-overs print them: nothing internal in them.

They never call our usual wait a deadline, and name no date that nobody set.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import cast

from letters.domain.covering import answered_now
from letters.domain.deadlines import count, long_date
from letters.domain.due_rules import LetterTerms
from letters.domain.situations import standing_renewals
from letters.domain.words import day_named, has_more_time, term_moved
from letters.enums import Basis, ContactChannel, LetterState, OurRole
from letters.models import Addressee, Answer, Contact, Letter, Renewal, Tasking
from letters.reports.passed_on import passed_on
from letters.reports.posts import day_words
from letters.reports.sayings import NEEDS_TIME, TOLD, say
from letters.reports.speakers import House, is_elsewhere, more_time, more_time_by, promised_by, who

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


def asked_words(
    tasking: Tasking, on: dt.date, reader: uuid.UUID, house: House = None, until: dt.date = dt.date.max
) -> str:
    """When it was asked and, until that day, asked again, to an agency; what was passed on was asked of another, which is
    named to its own house. Needs `with_passing`."""
    day, passed = asked_on(tasking), passed_on(tasking)
    again = [one for one in repeated_on(tasking.renewals.all()) if one <= until]
    if passed is None:
        words = f"Asked on {_told(day, on)}."
    else:
        asked = passed.asked if house and passed.asked.pk in house else "another agency"
        to = "you" if tasking.agency_id == reader else tasking.agency
        words = f"Asked of {asked} on {long_date(day)}; passed on to {to} on {_told(passed.since, on)}."
        again = [one for one in again if one >= passed.since]
    return f"{words} Asked again on {join([long_date(one) for one in again])}." if again else words


def date_set(tasking: Tasking, on: dt.date, reader: uuid.UUID, house: House = None) -> str:
    """A date that somebody set, as of the day `on`, as they named it; of our usual wait not a word. Empty: nobody set one.

    `reader` is the agency to which it is said; `house`: where nothing may be said of what others told us.
    Needs `with_yardstick`, `with_speakers` and `with_passing`.
    """
    if tasking.due_on is None:
        return ""
    day = _told(tasking.due_on, on)
    if tasking.due_basis == Basis.PROMISE:
        named = promised_by(tasking)
        return "" if is_elsewhere(named, house) else f"{say(TOLD, who(named, reader))} to expect it by {day}."
    if has_more_time(tasking):
        return _more_time(tasking, on, reader, house)
    match tasking.due_basis:
        case Basis.YARDSTICK:
            return ""
        case Basis.STATUTE:
            return f"The law requires a reply by {day}."
    letter = _set_by(tasking)
    if letter is None or not _asked_to(tasking, letter):
        return ""
    asked = _who_asked(letter, tasking)
    counted = tasking.counted  # type: ignore[attr-defined]  # annotated
    if terms := term_moved(counted):
        return f"{asked} for a reply within {terms}."
    return f"{asked} for a reply by {_told(day_named(tasking.due_on, counted), on)}."


def _set_by(tasking: Tasking) -> Letter | None:
    """The letter that set the date: the one that asked, or one that asked again; None of one that the reader may not know of.

    The rule that was kept with the date says which: what is known of a receipt may have changed since.
    """
    rule = tasking.counted["rule"]  # type: ignore[attr-defined]  # annotated
    for one in reversed(standing_renewals(tasking)):
        says = LetterTerms(letter_on=one.renewed_on, again_on=one.renewed_on)
        if (one.letter.deadline_on or one.letter.term_days) and rule.startswith(says.who):
            return one.letter
    first = LetterTerms(letter_on=asked_on(tasking)).who
    return tasking.ask.letter if rule.startswith(first) else None


def _who_asked(letter: Letter, tasking: Tasking) -> str:
    if is_ours(letter):
        return "We asked"
    again = letter.pk != tasking.ask.letter_id
    return f"A letter of {day_words(letter.letter_date)}, which we follow, asked" if again else "The letter asked"


def _more_time(tasking: Tasking, on: dt.date, reader: uuid.UUID, house: House) -> str:
    """Whether they said that they need it or we agreed: what nobody conceded is not said to be."""
    # what was given, and not where days of waiting on us moved it: nobody told them that date
    to = f"to {_told(tasking.extended_to or cast(dt.date, tasking.due_on), on)}"
    given, by = more_time(tasking), more_time_by(tasking)
    if is_elsewhere(by, house):
        return ""
    if given and given.payload["by_notice"]:
        return f"{say(NEEDS_TIME, who(by, reader))} {to}."
    return f"{'We agreed to more time' if given else 'More time was given'}, {to}."


def _asked_to(tasking: Tasking, letter: Letter) -> bool:
    """Whether the letter that set the date asked its agency: of what was passed on, the first where it was one to it, too, or
    one that asked again since."""
    if (passed := passed_on(tasking)) is None:
        return True
    if letter.pk == tasking.ask.letter_id:
        return any(one.agency_id == tasking.agency_id for one in letter.addressees.all())
    return any(one.letter_id == letter.pk and one.renewed_on >= passed.since for one in tasking.renewals.all())


def _told(day: dt.date, on: dt.date) -> str:
    return f"{long_date(day)}{ago(day, on)}"


def unanswered(tasking: Tasking, on: dt.date = dt.date.max, *, by_you: bool = False) -> tuple[str, list[str]]:
    """The questions that no reply answers that came by the day `on` and counts, each in its own words as numbered in the letter.

    `by_you`: the replies at hand are those of the reader's house alone, and another's may have answered.
    """
    answered = answered_now(standing(tasking, on))
    asked = list(tasking.ask.questions.all())
    left = [one.printed for one in asked if one.pk not in answered]
    if not left:
        return "", []
    done = len(asked) - len(left)
    if by_you:
        return _you_answered(done, len(asked)), left
    if not done:
        none = f"None of the {len(asked)} questions has been answered:"
        return none if len(asked) > 1 else "The question has not been answered:", left
    rest = "this one remains:" if len(left) == 1 else f"these {len(left)} remain:"
    return f"Of the {len(asked)} questions, {done} {'was' if done == 1 else 'were'} answered; {rest}", left


def _you_answered(done: int, asked: int) -> str:
    if not done:
        return (
            f"You have answered none of the {asked} questions:" if asked > 1 else "You have not answered the question:"
        )
    rest = "this one" if asked - done == 1 else f"these {asked - done}"
    return f"You have answered {done} of the {asked} questions, and not {rest}:"


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
