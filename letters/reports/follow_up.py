"""A follow-up to one agency: what we wrote, each ask in its own words, how long it has waited, what came.

A draft that people send. It never calls our usual wait a deadline, and names no date that nobody set. Our own
numbers of letters stay in the office; theirs are quoted. As of a hand-over, it tells an agency nothing that another
house told us in its own name (`speakers`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import cast

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from letters.domain.covering import with_asked_since
from letters.domain.deadlines import long_date
from letters.domain.words import has_more_time, initial, with_yardstick
from letters.enums import PAUSED_STATUSES, Access, Basis
from letters.models import Agency, Answer, Letter, LetterStaff, Renewal, Tasking, User
from letters.models.tasking_queries import LED_BY_US, TaskingQuerySet
from letters.reports.brief_facts import house_of
from letters.reports.passed_on import passed_on, with_passing
from letters.reports.posts import Post, day_words
from letters.reports.speakers import House, with_speakers
from letters.reports.wordings import (
    asked_words,
    called,
    date_set,
    is_ours,
    join,
    letter_words,
    named,
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
    """What is open there of letters we led or co-led, and that this person may see; of one letter, whatever our role.

    Its `answers` are those of the agency's own house; `heard` has all.
    """
    found = Tasking.objects.visible_to(user).open().filter(agency=agency)
    found = found.filter(ask__letter=letter) if letter else found.filter(LED_BY_US)
    theirs = Answer.objects.filter(response__agency__in=house_of(agency))
    return (
        with_passing(with_speakers(with_yardstick(found)))
        .select_related("ask__letter", "agency")
        .prefetch_related(
            Prefetch("answers", with_asked_since(theirs)),
            "answers__response__agency",
            "answers__questions",
            "contacts",
            Prefetch("renewals", _told_to_all(user).select_related("letter")),
            "ask__letter__addressees",
            "ask__questions",
        )
        .order_by("ask__letter__sent_on", "ask__letter__reference", "ask__number", "id")
    )


def _told_to_all(user: User) -> QuerySet[Renewal]:
    """Of the repeats that this person may know of, those of which everybody may who will read the follow-up once it is
    logged: it is for the whole office, or for those named on the restricted letter that it follows up."""
    repeats = LetterStaff.objects.filter(letter=OuterRef(OuterRef("letter"))).order_by()
    asked = LetterStaff.objects.filter(letter=OuterRef("tasking__ask__letter")).order_by()
    as_restricted = Q(tasking__ask__letter__access=Access.RESTRICTED) & ~Exists(
        asked.exclude(user__in=repeats.values("user"))
    )
    seen = Renewal.objects.filter(letter__in=Letter.objects.visible_to(user).values("pk"))
    return seen.filter(Q(letter__access=Access.OFFICE) | as_restricted)


def not_owed_now(tasking: Tasking, today: dt.date) -> str:
    """Why one would not chase this item today, in a few words; empty: one would. Needs what `open_at` fetches.

    As reminders hold it: nobody is asked again for what came yesterday, or in the middle of the time they were given.
    """
    heard: list[Answer] = tasking.heard  # type: ignore[attr-defined]  # prefetched
    if any(answer.coverage is None and answer.response.in_error_at is None for answer in heard):
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
        if any(passed_on(one) for one in taskings):
            written = f"{'Our' if ours else 'The'} {letters} of {when} came to your office."
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
    house = house_of(taskings[0].agency) if taskings else frozenset()
    letters = [
        _earlier(letter, [_asked(one, next(numbers), today, house) for one in of], of, today, house)
        for letter, of in ((letter, list(of)) for letter, of in groupby(taskings, key=lambda one: one.ask.letter))
    ]
    return FollowUp(
        date=long_date(today), addressee=words.addressee, salutation=words.salutation, subject=words.subject,
        opening=words.opening, letters=letters, closing=words.closing, signers=words.signers, contact=words.contact,
        reply_by=f"We ask for a reply by {long_date(words.reply_by)}." if words.reply_by else "",
    )  # fmt: skip


def _earlier(letter: Letter, asks: list[Asked], taskings: list[Tasking], today: dt.date, house: frozenset) -> Earlier:
    agency = taskings[0].agency_id
    to = [a for a in letter.addressees.all() if a.agency_id == agency]
    contacts = {c.pk: c for one in taskings for c in one.contacts.all() if c.on <= today and c.agency_id in house}
    # a letter whose asks were only passed on to it was none to its department
    whom = named(to) or ("" if all(passed_on(one) for one in taskings) else "your department")
    return Earlier(
        heading=letter_words(letter, whom),
        date=day_words(letter.letter_date),
        subject=letter.subject,
        to=whom,
        control=to[0].control_number if to else "",
        asks=asks,
        contacts=called(contacts.values()),
    )


def _asked(tasking: Tasking, number: int, today: dt.date, house: House) -> Asked:
    waited = asked_words(tasking, today, tasking.agency_id, house, until=today)
    date = date_set(tasking, today, tasking.agency_id, house)
    return Asked(
        number,
        *words_of(tasking),
        f"{waited} {date}".rstrip(),
        _heard(tasking, today),
        *unanswered(tasking, today, by_you=True),
    )


def _heard(tasking: Tasking, today: dt.date) -> list[str]:
    lines = []
    for answer in standing(tasking, today):
        whose = f" of {answer.response.agency}" if answer.response.agency_id != tasking.agency_id else ""
        line = f"{initial(answer.kind_words)}{whose} received {long_date(answer.response.received_on)}"
        lines.append(f"{line}: “{answer.quote}”" if answer.quote else f"{line}.")
    return lines or ["We have recorded no reply of yours."]
