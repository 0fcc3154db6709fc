"""A follow-up to one agency: what we wrote, each ask in its own words, how long it has waited, what came.

A draft that people send. It never calls our usual wait a deadline, and names no date that nobody set. Our own
numbers of letters stay in the office; theirs are quoted.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import cast

from django.db.models import Prefetch

from letters.domain.covering import with_asked_since
from letters.domain.deadlines import count, long_date
from letters.domain.words import has_more_time, initial, with_yardstick
from letters.enums import PAUSED_STATUSES, Basis
from letters.models import Agency, Answer, Letter, Renewal, Tasking, User
from letters.models.tasking_queries import LED_BY_US, TaskingQuerySet
from letters.reports.posts import Post, day_words
from letters.reports.speakers import with_speakers
from letters.reports.wordings import (
    asked_on,
    called,
    date_set,
    is_ours,
    join,
    letter_words,
    named,
    repeated_on,
    standing,
    unanswered,
    words_of,
)


@dataclass(frozen=True)
class Asked:
    """One open item: `words` are the letter's own, or (`is_quote` False) its summary."""

    number: int
    words: str
    is_quote: bool
    waited: str
    heard: list[str]
    questions_words: str = ""  # how many of its questions are answered, before those that are not
    questions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Earlier:
    """One earlier letter, with what of it is open. `heading`: whose it is, of when, to whom; the rest are its parts."""

    heading: str
    date: str
    subject: str
    to: str
    control: str
    asks: list[Asked]
    contacts: list[str]


@dataclass(frozen=True)
class FollowUp:
    """All that a template prints."""

    date: str
    addressee: list[str]
    salutation: str
    subject: str
    opening: list[str]
    letters: list[Earlier]
    reply_by: str
    closing: list[str]
    signers: list[str]
    contact: list[str]
    banner: str = ""  # on paper of the demo, that it is one; no word of the letter

    def data(self) -> dict:
        """For the templates: words only."""
        return asdict(self)

    def text(self) -> str:
        """As plain text, for the preview and for the record."""
        parts = [self.date, "\n".join(self.addressee), f"Re: {self.subject}", self.salutation, *self.opening]
        for letter in self.letters:
            number = f" (your number {letter.control})" if letter.control else ""
            parts.append(f"{letter.heading}, “{letter.subject}”{number}")
            parts += [
                "\n".join(
                    [
                        f"{ask.number}. {f'“{ask.words}”' if ask.is_quote else ask.words}",
                        *(f"   {line}" for line in _beneath(ask)),
                    ]
                )
                for ask in letter.asks
            ]
            parts += ["\n".join(letter.contacts)] if letter.contacts else []
        parts += [
            *([self.reply_by] if self.reply_by else []),
            *self.closing,
            "\n".join(self.signers),
            "\n".join(self.contact),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"


def _beneath(ask: Asked) -> list[str]:
    asked_still = [ask.questions_words, *(f"   {line}" for line in ask.questions)] if ask.questions else []
    return [ask.waited, *ask.heard, *asked_still]


@dataclass
class Words:
    """What a person may change before the letter goes."""

    addressee: list[str]
    salutation: str
    subject: str
    opening: list[str]
    closing: list[str]
    signers: list[str]
    contact: list[str]
    reply_by: dt.date | None = None
    notes: list[str] = field(default_factory=list)


def open_at(agency: Agency, user: User, letter: Letter | None = None) -> TaskingQuerySet:
    """What is open there of letters we led or co-led, and that this person may see; of one letter, whatever our role."""
    seen = Letter.objects.visible_to(user).values("pk")
    found = Tasking.objects.visible_to(user).open().filter(agency=agency)
    found = found.filter(ask__letter=letter) if letter else found.filter(LED_BY_US)
    return (
        with_speakers(with_yardstick(found))
        .select_related("ask__letter", "agency")
        .prefetch_related(
            Prefetch("answers", with_asked_since(Answer.objects.all())),
            "answers__response",
            "answers__questions",
            "contacts",
            # a restricted letter that asks for it again is told to who may see it
            Prefetch("renewals", Renewal.objects.filter(letter__in=seen).select_related("letter")),
            "ask__letter__addressees",
            "ask__questions",
        )
        .order_by("ask__letter__sent_on", "ask__letter__reference", "ask__number", "id")
    )


def not_owed_now(tasking: Tasking, today: dt.date) -> str:
    """Why one would not chase this item today, in a few words; empty: one would. Needs what `open_at` fetches.

    As reminders hold it: nobody is asked again for what came yesterday, or in the middle of the time they were given.
    """
    if any(answer.coverage is None and answer.response.in_error_at is None for answer in tasking.answers.all()):
        return "a reply came that nobody has read yet"
    if tasking.status in PAUSED_STATUSES:
        return "waiting on us"
    if tasking.snoozed_until and tasking.snoozed_until > today:
        return f"remind me on {long_date(tasking.snoozed_until)}"
    named = [one for one in tasking.contacts.all() if one.next_on and one.in_error_at is None]
    next_on = max(named, key=lambda one: (one.on, one.recorded_at)).next_on if named else None  # as `reminders.facts`
    if next_on and next_on > today:
        return f"after our contact: next on {long_date(next_on)}"
    ahead = tasking.due_on is not None and tasking.due_on >= today
    if tasking.due_basis == Basis.PROMISE:
        return f"promised for {long_date(cast(dt.date, tasking.due_on))}" if ahead else ""
    if tasking.answered_on:
        return f"substantive reply received {long_date(tasking.answered_on)}"
    if tasking.review_on and tasking.review_on > today:
        return f"they take no position: we look again on {long_date(tasking.review_on)}"
    return f"they have time to {long_date(cast(dt.date, tasking.due_on))}" if ahead and has_more_time(tasking) else ""


def proposed(taskings: Sequence[Tasking], post: Post, *, office: str, by: User, again: bool) -> Words:
    """The words a person starts from. `again`: sent once more because the post may have a new holder."""
    days = sorted({one.ask.letter.letter_date for one in taskings if one.ask.letter.letter_date})
    number = len({one.ask.letter_id for one in taskings})  # two may be of one day, or about the same
    letters = "letter" if number == 1 else "letters"
    when = join([long_date(day) for day in days])
    subjects = sorted({one.ask.letter.subject for one in taskings})
    # one that others wrote and signed is not ours, in whatever company
    ours = all(is_ours(one.ask.letter) for one in taskings)
    await_reply = f"{number} letters that await your reply"
    subject = subjects[0] if len(subjects) == 1 else f"Our {await_reply}" if ours else await_reply
    one = len(taskings) == 1
    open_ = "the request below" if one else f"the {len(taskings)} requests below"
    if again:
        written = (
            f"We wrote to your office by {letters} of {when}."
            if ours
            else f"The {letters} of {when} {'was' if number == 1 else 'were'} addressed to your office."
        )
        opening = [
            f"{written} Because the post may have changed hands since, we send "
            f"{open_} again. {'It is' if one else 'They are'} addressed to the office, and {'remains' if one else 'remain'} open in our records."
        ]
    else:
        opening = [
            f"We write to follow up on {'our' if ours else 'the'} {letters} of {when}. In our records {open_} {'remains' if one else 'remain'} open."
        ]
    who = by.get_full_name() or by.username
    return Words(
        addressee=post.lines, salutation=post.salutation, subject=f"{'Sent again: ' if again else 'Follow-up: '}{subject}"[:300],
        opening=opening,
        closing=[f"Please tell us where {'this' if one else 'each of these'} stands, and who in your office is handling it.", "Sincerely,"],
        signers=[office],
        contact=[f"Our contact: {who}{f', {by.email}' if by.email else ''}"],
        notes=[post.note],
    )  # fmt: skip


def follow_up(taskings: Sequence[Tasking], words: Words, *, today: dt.date) -> FollowUp:
    """The letter as it will be printed, or was on the day it went: nothing that came after `today` is in it.

    Needs what `open_at` fetches.
    """
    numbers = iter(range(1, len(taskings) + 1))
    letters = [
        _earlier(letter, [_asked(one, next(numbers), today) for one in of], list(of), today)
        for letter, of in ((letter, list(of)) for letter, of in groupby(taskings, key=lambda one: one.ask.letter))
    ]
    return FollowUp(
        date=long_date(today), addressee=words.addressee, salutation=words.salutation, subject=words.subject,
        opening=words.opening, letters=letters, closing=words.closing, signers=words.signers, contact=words.contact,
        reply_by=f"We ask for a reply by {long_date(words.reply_by)}." if words.reply_by else "",
    )  # fmt: skip


def _earlier(letter: Letter, asks: list[Asked], taskings: list[Tasking], today: dt.date) -> Earlier:
    agency = taskings[0].agency_id
    to = [a for a in letter.addressees.all() if a.agency_id == agency]
    contacts = {c.pk: c for one in taskings for c in one.contacts.all() if c.on <= today}
    whom = named(to) or "your department"
    return Earlier(
        heading=letter_words(letter, whom),
        date=day_words(letter.letter_date),
        subject=letter.subject,
        to=whom,
        control=to[0].control_number if to else "",
        asks=asks,
        contacts=called(contacts.values()),
    )


def _asked(tasking: Tasking, number: int, today: dt.date) -> Asked:
    waited = f"Asked on {long_date(asked_on(tasking))}, {count((today - asked_on(tasking)).days, 'day')} ago."
    again = [long_date(day) for day in repeated_on(tasking.renewals.all()) if day <= today]
    waited += f" Asked again on {join(again)}." if again else ""
    date = date_set(tasking, today, tasking.agency_id)
    return Asked(
        number, *words_of(tasking), f"{waited} {date}".rstrip(), _heard(tasking, today), *unanswered(tasking, today)
    )


def _heard(tasking: Tasking, today: dt.date) -> list[str]:
    lines = []
    for answer in standing(tasking, today):
        line = f"{initial(answer.kind_words)} received {long_date(answer.response.received_on)}"
        lines.append(f"{line}: “{answer.quote}”" if answer.quote else f"{line}.")
    return lines or ["We have recorded no reply."]
