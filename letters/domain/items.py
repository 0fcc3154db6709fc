"""The small verbs of every day: who owns the next step, when to remind, what we noted, whom we called."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from letters.domain import clocks, payloads, same_form
from letters.domain.access import EDIT, Actor, may, require
from letters.domain.history import acting, record_event
from letters.domain.replies import touch
from letters.domain.reply_rules import may_answer
from letters.domain.rules import (
    check_ahead,
    check_known,
    check_not_future,
    check_order,
    check_required,
    check_text,
    refuse_if,
)
from letters.domain.situations import is_last_promise, is_promised
from letters.domain.workflow import lock
from letters.enums import ContactChannel, EventKind, Status, TaskingRole
from letters.errors import Problem, RecordError
from letters.models import Agency, Contact, ContactTasking, Letter, Note, Response, Tasking, User

MAX_NOTE = 20_000


@transaction.atomic
def assign(tasking: Tasking, *, by: Actor, owner: User | None, expected_version: int | None = None) -> Tasking:
    """Say who owns the next step; None: nobody."""
    letter = tasking.ask.letter
    require(by, EDIT, letter)
    if owner and not may(owner, EDIT, letter):
        raise RecordError.of(
            "owner",
            f"{owner} may not change this letter. Choose somebody who may, or name them as staff of the letter.",
            str(owner.pk),
        )
    with acting(by):
        tasking = lock(tasking, expected_version=expected_version)
        before, tasking.owner = tasking.owner, owner
        tasking.save(update_fields=["owner"])
        record_event(
            EventKind.ASSIGNED, by=by, letter=letter, tasking=tasking,
            payload={**payloads.tasking_state(tasking), "from": before.username if before else None, "to": owner.username if owner else None},
        )  # fmt: skip
        touch(tasking, by=by)
        return tasking


def why_no_reminder(tasking: Tasking) -> str:
    """Why nobody is ever reminded of this item; empty: somebody may be."""
    if tasking.role == TaskingRole.CONSULTED:
        return f"{tasking.agency} is only consulted and owes nothing: nobody is reminded of it."
    return "" if tasking.is_open else f"It is closed ({tasking.get_status_display()}): nobody is reminded of it."


def check_reminding(until: dt.date | None) -> list[Problem]:
    """A day to be reminded on: it is still to come."""
    return _check_to_come("until", "The day to remind", until)


def _check_to_come(field: str, label: str, day: dt.date | None) -> list[Problem]:
    today = clocks.office_today()
    return check_ahead(field, label, day, "tomorrow", today + dt.timedelta(days=1), today)


@transaction.atomic
def snooze(
    tasking: Tasking, *, by: Actor, until: dt.date | None, expected_version: int | None = None, undo: bool = False
) -> Tasking:
    """Remind nobody about this open item before `until`; None: as usual. Its dates stay as they are.

    `undo`: it takes back what was chosen last, so the day before counts again, and reminds who chose that one.
    """
    require(by, EDIT, tasking.ask.letter)
    refuse_if(check_reminding(until))
    with acting(by):
        tasking = lock(tasking, expected_version=expected_version)
        if until and (why_not := why_no_reminder(tasking)):
            raise RecordError.of("until", why_not, until)
        tasking.snoozed_until = until
        tasking.save(update_fields=["snoozed_until"])
        undone = tasking.events.filter(kind=EventKind.SNOOZED).order_by("-sequence").first() if undo else None
        record_event(
            EventKind.SNOOZED, by=by, letter=tasking.ask.letter, tasking=tasking,
            payload={
                **payloads.tasking_state(tasking), "until": until.isoformat() if until else None,
                **({"undoes": str(undone.pk)} if undone else {}),
            },
        )  # fmt: skip
        touch(tasking, by=by)
        return tasking


@transaction.atomic
def set_review(
    tasking: Tasking, *, by: Actor, on: dt.date, response: Response | None = None, expected_version: int | None = None
) -> Tasking:
    """The agency takes no position: its reply clock stands still, and we look again on this day.

    For an item that is looked into; any later status ends it. `response`: the reply that says so.
    """
    require(by, EDIT, tasking.ask.letter)
    refuse_if(_check_to_come("review_on", "The review date", on))
    with acting(by):
        tasking = lock(tasking, expected_version=expected_version)
        if tasking.status != Status.CONSIDERING:
            raise RecordError.of(
                "review_on",
                f"Only an item that is “{Status.CONSIDERING.label}” gets a review date; this one is "
                f"“{tasking.get_status_display()}”. Record first that they look into it.",
                on,
            )
        tasking.review_on = on
        tasking.save(update_fields=["review_on"])
        record_event(
            EventKind.REVIEW_SET, by=by, letter=tasking.ask.letter, tasking=tasking,
            payload={
                **payloads.tasking_state(tasking), "review_on": on.isoformat(),
                **({"response": str(response.pk)} if response else {}),
            },
        )  # fmt: skip
        touch(tasking, by=by)
        return tasking


@transaction.atomic
def move_promise(
    tasking: Tasking, *, by: Actor, to: dt.date, response: Response | None = None, expected_version: int | None = None
) -> Tasking:
    """They named another date for what they promised before; their clock runs to that one.

    `response`: the reply that names it; where they have named another since it came, it moves nothing. A date that only a
    reply named which is taken back gives way to the one before.
    """
    require(by, EDIT, tasking.ask.letter)
    with acting(by):
        tasking = lock(tasking, expected_version=expected_version)
        asked_on, today = tasking.asked_on, clocks.office_today()
        refuse_if(check_ahead("promised_on", "The promised date", to, "the day it was asked", asked_on, today))
        if not is_promised(tasking):
            now = f"Nothing is promised here; this item is “{tasking.get_status_display()}”."
            raise RecordError.of("promised_on", f"{now} Record first that they promised a day.", to)
        if response and not is_last_promise(tasking, response):
            return tasking
        tasking.promised_on = to
        tasking.save(update_fields=["promised_on"])
        told = {"promised_on": to.isoformat()} | ({"response": str(response.pk)} if response else {})
        clocks.set_due_date(tasking, by=by, also=told)
        touch(tasking, by=by)
        return tasking


@transaction.atomic
def add_note(
    *, by: Actor, text: str, letter: Letter, tasking: Tasking | None = None, key: uuid.UUID | None = None
) -> Note:
    """An internal note about a letter or one open item of it. Notes never leave the office.

    `key`: of the form it was typed into. The same words from the same form come back as they are, and are not kept twice;
    other words, by somebody who went back to that form, are another note.
    """
    require(by, EDIT, letter)
    refuse_if(
        [
            *check_required("text", "The note", text, "Write something."),
            *check_text("text", "The note", text, MAX_NOTE),
        ]
    )
    if tasking is not None and tasking.ask.letter_id != letter.pk:
        raise RecordError.of("tasking", "That open item belongs to another letter.", str(tasking.pk))
    said = {"letter": letter, "tasking": tasking, "text": text.strip(), "by": by if isinstance(by, User) else None}
    with acting(by):
        note, is_new = _note_of(key, said)
        if not is_new:
            return note
        # the note's words stay out of the event: feeds carry that there is one
        record_event(
            EventKind.NOTE_ADDED,
            by=by,
            letter=letter,
            tasking=tasking,
            payload={"letter": str(letter.pk), "note": str(note.pk)},
        )
        if tasking is not None:
            touch(lock(tasking), by=by)
        return note


def noted_from(key: uuid.UUID | None, by: Actor, *, text: str, tasking: Tasking) -> Note | None:
    """The note about this item that these very words made from the form with this key."""
    if key is None or not isinstance(by, User):
        return None
    return Note.objects.filter(pk=key, by=by, tasking=tasking, text=text.strip()).first()


def _note_of(key: uuid.UUID | None, said: dict[str, Any]) -> tuple[Note, bool]:
    """The note that says this, and whether it is new."""
    if key:
        note, is_new = Note.objects.get_or_create(pk=key, defaults=said)
        if is_new or all(getattr(note, name) == value for name, value in said.items()):
            return note, is_new
    return Note.objects.create(**said), True


@transaction.atomic
def take_back_note(note: Note, *, by: Actor, tasking: Tasking) -> None:
    """A note that is undone goes, and that it went is told. The words stay in the history of the record, as everything
    does. Inside a transaction of a verb that holds the item."""
    require(by, EDIT, tasking.ask.letter)
    with acting(by):
        told = {"letter": str(note.letter_id), "note": str(note.pk), "taken_back": True}
        record_event(EventKind.NOTE_ADDED, by=by, letter=tasking.ask.letter, tasking=tasking, payload=told)
        note.delete()
        touch(tasking, by=by)


@transaction.atomic
def log_contact(
    *,
    by: Actor,
    agency: Agency,
    taskings: Sequence[Tasking],
    channel: str,
    outcome: str,
    on: dt.date | None = None,
    with_whom: str = "",
    next_on: dt.date | None = None,
    key: uuid.UUID | None = None,
) -> Contact:
    """Our own call, e-mail or meeting about some items; `next_on` defers their next reminder.

    `key`: of the form it was typed into. The same from the same form comes back as it is, and is not logged again; other
    words, by somebody who went back to that form, are another contact (`logged_from`).
    """
    said: dict[str, Any] = {"agency": agency, "channel": channel, "outcome": outcome, "on": on, "with_whom": with_whom, "next_on": next_on}  # fmt: skip
    if logged := logged_from(key, by, taskings=taskings, **said):
        return logged
    pk = same_form.id_of(key, by, said | {"taskings": taskings})
    if key and Contact.objects.filter(pk=pk).exists():
        pk = uuid.uuid4()  # that one was taken back: it is logged once more
    for tasking in taskings:
        require(by, EDIT, tasking.ask.letter)
    said["on"] = on = on or clocks.office_today()
    problems = [
        *check_required("outcome", "What came of it", outcome, "A few words do: “left a message”."),
        *check_text("outcome", "What came of it", outcome, 2000),
        *check_text("with_whom", "With whom", with_whom, 200),
        *check_known("channel", "Channel", channel, ContactChannel),
        *check_not_future("on", "The day of the contact", on, clocks.office_today()),
    ]
    if on <= clocks.office_today():
        problems += check_ahead(
            "next_on", "The next date", next_on, "the day after the contact", on + dt.timedelta(days=1), clocks.office_today()
        )  # fmt: skip
    for tasking in taskings:
        problems += check_order("on", "The day of the contact", on, "the day this was asked", tasking.asked_on)
    if not taskings:
        problems.append(
            Problem("taskings", "A contact is about at least one open item. Tick the items it was about.", [])
        )
    for tasking in taskings:
        if not may_answer(agency, tasking):
            problems.append(
                Problem("agency", f"{agency} was not asked for “{tasking.ask}”; {tasking.agency} was.", agency.slug)
            )
    refuse_if(problems)
    with acting(by):
        said["by"] = by if isinstance(by, User) else None
        contact, is_new = Contact.objects.get_or_create(pk=pk, defaults=said)
        if not is_new:  # pressed twice at the same moment: the other one is kept
            return contact
        ContactTasking.objects.bulk_create(ContactTasking(contact=contact, tasking=tasking) for tasking in taskings)
        # in one order, so that two contacts about the same items wait for each other instead of both
        for tasking in sorted(taskings, key=lambda t: (t.ask_id, t.pk)):
            record_event(
                EventKind.CONTACT_LOGGED, by=by, letter=tasking.ask.letter, tasking=tasking,
                payload={
                    "tasking": str(tasking.pk), "letter": str(tasking.ask.letter_id), "contact": str(contact.pk), "channel": channel,
                    "on": on.isoformat(), "next_on": next_on.isoformat() if next_on else None,
                },
            )  # fmt: skip
            touch(lock(tasking), by=by)
        return contact


def logged_from(key: uuid.UUID | None, by: Actor, **said: Any) -> Contact | None:
    """The contact that these very facts of `log_contact` made from the form with this key, unless it was taken back."""
    found = Contact.objects.filter(pk=same_form.id_of(key, by, said), in_error_at__isnull=True)
    return found.first() if key else None
