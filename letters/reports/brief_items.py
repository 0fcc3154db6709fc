"""The items of a meeting brief, letter by letter: what was asked, what they said of it, and what only we know."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from letters import enums
from letters.domain.covering import answered_now
from letters.domain.deadlines import count, long_date
from letters.domain.standing import reopening
from letters.domain.words import answer_words, initial, status_words, wait
from letters.enums import PAUSED_STATUSES, Access, Basis, Channel, OurRole
from letters.models import Answer, Letter, Note, Tasking
from letters.reports.brief_facts import Facts, Scope
from letters.reports.passed_on import passed_on
from letters.reports.sayings import ASKED_OF_US, say
from letters.reports.speakers import answered_by, is_elsewhere, last_reply, moved_by, promised_by, who
from letters.reports.suggested_questions import Standing, question
from letters.reports.wordings import (
    ago,
    asked_on,
    asked_words,
    called,
    date_set,
    letter_words,
    named,
    often,
    repeated_on,
    standing,
    unanswered,
    words_of,
)

NOTES_MOST = 3  # of one item or letter, the latest


@dataclass(frozen=True)
class Said:
    """One thing they said: where it stands, in their words; `remark` is our reading of it, and ours alone.

    `about` is what was asked, with quotation marks where these are the letter’s own words.
    """

    citation: str
    words: str
    remark: str = ""
    about: str = ""


@dataclass(frozen=True)
class Inside:
    """What only the office knows of an item."""

    key: str
    title: str
    status: str
    waits: str
    owner: str
    question: str
    calls: str
    notes: list[str]


@dataclass(frozen=True)
class Item:
    """One open item: `words` are the letter's own, or (`is_quote` False) its summary."""

    number: int
    words: str
    is_quote: bool
    about: str
    asked: str
    date: str
    said: list[Said]
    no_reply: str  # that none came; empty where one did, or where the status says so already
    calls: list[str]
    questions_words: str
    questions: list[str]
    inside: Inside | None


@dataclass(frozen=True)
class BriefLetter:
    """One letter, with what of it is open. `reference`, `part` and `notes`: ours alone."""

    heading: str
    control: str
    asks: list[Item]
    reference: str = ""
    part: str = ""
    notes: list[str] = field(default_factory=list)


def letter_of(letter: Letter, items: list[Tasking], number: Iterator[int], facts: Facts) -> BriefLetter:
    ours = not facts.scope.to_hand_over
    asked = {one.agency_id for one in items}
    near = [a for a in letter.addressees.all() if a.agency_id in asked] or (
        list(letter.addressees.all()) if ours else []
    )
    heading = f"{letter_words(letter, named(near))}: “{letter.subject}”"
    control = next((a.control_number for a in near if a.control_number and a.agency_id in asked), "")
    made = [_item(one, next(number), facts) for one in items]
    if not ours:
        return BriefLetter(heading, control, made)
    part = [str(OurRole(letter.our_role).label)] if letter.our_role != OurRole.LED else []
    part += [str(Access.RESTRICTED.label)] if letter.access == Access.RESTRICTED else []
    return BriefLetter(heading, control, made, str(letter.reference), ", ".join(part), _notes(list(letter.notes.all())))


def _item(tasking: Tasking, number: int, facts: Facts) -> Item:
    scope, ours = facts.scope, not facts.scope.to_hand_over
    left, questions = unanswered(tasking, by_you=not ours)
    text, is_quote = words_of(tasking)
    heard = [said(answer, ours=ours) for answer in standing(tasking)]
    return Item(
        number=number, words=text, is_quote=is_quote, about=", ".join(target.name for target in tasking.ask.targets.all()),
        asked=_asked(tasking, facts), date="" if ours else _date(tasking, facts),
        said=heard, no_reply="" if heard else _no_reply(tasking, ours=ours),
        calls=[] if ours else called(tasking.contacts.all()), questions_words=left, questions=questions,
        inside=_inside(tasking, scope) if ours else None,
    )  # fmt: skip


def _no_reply(tasking: Tasking, *, ours: bool) -> str:
    if not ours:
        return "We have recorded no reply of yours."
    return "" if tasking.status == enums.Status.AWAITING else "No reply recorded."  # `status_words` says it of that one


def _asked(tasking: Tasking, facts: Facts) -> str:
    scope = facts.scope
    if scope.to_hand_over:
        return asked_words(tasking, scope.day, scope.agency.pk, facts.house)
    day, passed = asked_on(tasking), passed_on(tasking)
    again = repeated_on(tasking.renewals.all())
    repeated = f"; repeated {often(len(again))}, last on {long_date(again[-1])}" if again else ""
    whom = f" of {passed.asked if passed else tasking.agency}" if passed or tasking.agency_id != scope.agency.pk else ""
    came = f"; passed on to {tasking.agency} on {long_date(passed.since)}" if passed else ""
    act = f"; {tasking.acting_agency} would act" if tasking.acting_agency else ""
    return f"Asked{whom} on {long_date(day)}{ago(day, scope.day)}{came}{repeated}{act}."


def _date(tasking: Tasking, facts: Facts) -> str:
    """For them: what date they have, if somebody set one and it still runs; nothing of what another house told us."""
    one: Any = tasking  # annotated
    reader, house = facts.scope.agency.pk, facts.house
    if tasking.status in PAUSED_STATUSES:
        asked = moved_by(tasking)
        return "" if is_elsewhere(asked, house) else f"This one waits on us: {say(ASKED_OF_US, who(asked, reader))}."
    stands = (tasking.answered_on or tasking.review_on) and tasking.due_basis != Basis.PROMISE
    return "" if stands or one.dated_elsewhere else date_set(tasking, facts.scope.day, reader, house)


def said(answer: Answer, *, ours: bool, about: str = "") -> Said:
    """With how we read it, for us; they know what they said."""
    response = answer.response
    dated = f"dated {long_date(response.sent_on)}, " if response.sent_on else ""
    who = response.responder or (response.official.name if response.official else "")
    parts = [
        f"{initial(answer.kind_words)} by {Channel(response.channel).label}, {dated}received {long_date(response.received_on)}",
        f"from {who}, {response.agency}" if who else f"from {response.agency}",
        f"page {answer.page}" if answer.page else "",
        f"their number {response.control_number}" if response.control_number and ours else "",
        f"your number {response.control_number}" if response.control_number and not ours else "",
    ]  # fmt: skip
    held = f"; classified, held elsewhere: {response.held_elsewhere}" if response.held_elsewhere else ""
    return Said(
        citation=", ".join(filter(None, parts)), words=answer.quote,
        remark=f"{answer_words(answer)}{held}" if ours else "", about=about,
    )  # fmt: skip


def _inside(tasking: Tasking, scope: Scope) -> Inside:
    calls = list(tasking.contacts.all())
    last = max((contact.on for contact in calls), default=None)
    return Inside(
        key=str(tasking.pk), title=str(tasking), status=initial(status_words(tasking)), waits=_waits(tasking, scope.day),
        owner=str(tasking.owner) if tasking.owner else "nobody", question=question(_standing(tasking, scope.agency.pk), scope.day),
        calls=f"chased {often(len(calls))}, last {long_date(last)}" if last else "no call or mail of ours logged", notes=_notes(list(tasking.notes.all())),
    )  # fmt: skip


def _waits(tasking: Tasking, on: dt.date) -> str:
    """How long it has waited, and past what, on one line."""
    found = wait(tasking, on)
    return found.words if found.detail in ("", "their own date") else f"{found.words}, {found.detail}"


def _standing(tasking: Tasking, reader: UUID) -> Standing:
    replies = standing(tasking)
    questions = list(tasking.ask.questions.all())
    answered = answered_now(replies)
    read = [answer for answer in replies if answer.coverage is not None]
    refused = read[-1].response.received_on if read and read[-1].said == enums.Said.REFUSED else None
    none_by = read[-1].response.agency if read and _takes_none(read[-1]) else None
    last, again = last_reply(tasking), reopening(tasking)
    return Standing(
        status=tasking.status, kind=tasking.ask.kind.code, due_on=tasking.due_on, due_basis=tasking.due_basis,
        unread_on=next((answer.response.received_on for answer in replies if answer.coverage is None), None),
        replied_on=tasking.answered_on, refused_on=refused, again_on=last.response.received_on if last and again else None,
        takes_no_position=tasking.review_on is not None or (none_by is not None and _is_still_none(tasking, read[-1])),
        questions=len(questions), questions_left=sum(one.pk not in answered for one in questions),
        promised_by=who(promised_by(tasking), reader), moved_by=who(moved_by(tasking), reader), none_by=who(none_by, reader),
        replied_by=who(answered_by(tasking), reader), again_by=who(last.response.agency if last else None, reader),
    )  # fmt: skip


def _takes_none(answer: Answer) -> bool:
    return answer.said == enums.Said.NO_POSITION or (not answer.said and answer.stance == enums.Stance.NO_POSITION)


def _is_still_none(tasking: Tasking, answer: Answer) -> bool:
    """Whether nobody moved the item since this reply was read: a letter that asks again ends the review, and not what they said."""
    move, read_at = tasking.status_event, answer.assessed_at
    if move is None or read_at is None:
        return False
    return move.payload.get("response") == str(answer.response_id) or move.recorded_at <= read_at


def _notes(notes: list[Note]) -> list[str]:
    """The latest, newest first, each with who wrote it and when."""
    shown = [
        f"{note.text} ({f'{note.by}, ' if note.by else ''}{long_date(timezone.localdate(note.written_at))})"
        for note in notes[:NOTES_MOST]
    ]
    return [*shown, f"{count(len(notes) - NOTES_MOST, 'older note')} not shown"] if len(notes) > NOTES_MOST else shown
