"""What happens to a letter as a whole: sent once, corrected with a reason, made public or taken back."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.domain import clocks, feed, logged_anew, payloads, redating, releases, sent_day, workflow
from letters.domain.access import EDIT, RELEASE, RESTRICT, Actor, require
from letters.domain.asking import ask_for_a_reply
from letters.domain.congress import congress_on
from letters.domain.drafting import EDITABLE, lock_letter
from letters.domain.extending import date_anew
from letters.domain.history import acting, record_event
from letters.domain.letter_checks import check_facts
from letters.domain.naming import name_staff
from letters.domain.readiness import check_dates, check_ready
from letters.domain.references import next_reference
from letters.domain.renewals import ASKS_FOR_ITSELF, left_for
from letters.domain.rules import MAX_REASON, check_known, check_reason, check_text, refuse_if
from letters.domain.seats import follow_the_day
from letters.enums import OPEN_STATUSES, Access, EventKind, LetterState, Status
from letters.errors import Problem, RecordError
from letters.models import Amendment, Letter, Tasking, User
from letters.models.tasking_queries import TaskingQuerySet

# Who may see a letter is not corrected but changed, with its own right: `change_access`.
DATED_BY = {"deadline_on", "letter_date", "term_days", "term_unit", "term_from"}
AMENDABLE = (*(name for name in EDITABLE if name != "access"), "sent_on")


@transaction.atomic
def send_letter(
    letter: Letter, *, by: Actor, sent_on: dt.date | None = None, expected_version: int | None = None
) -> Letter:
    """Fix a draft as sent: it gets its reference, and every item begins to wait.

    `sent_on` is the office's day, today when not given. A letter without an ask gets "Reply to this letter".
    """
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter, expected_version=expected_version)
        if letter.state != LetterState.DRAFT:
            raise RecordError.of(
                "state", f"{letter.reference or 'This draft'} is {letter.get_state_display()} already."
            )
        now = timezone.now()
        sent_on = sent_on or timezone.localdate(now)
        refuse_if(check_ready(letter, sent_on))
        if not letter.asks.exists():
            ask_for_a_reply(letter, by=by)
            letter.refresh_from_db()
        letter.state = LetterState.SENT
        letter.sent_on = sent_on
        letter.sent_at = now if sent_on == timezone.localdate(now) else clocks.noon(sent_on)
        letter.congress = congress_on(letter.letter_date)
        letter.reference = next_reference(sent_on.year)
        letter.version += 1
        letter.save()
        record_event(
            EventKind.LETTER_SENT,
            by=by, letter=letter, occurred_at=letter.sent_at,
            payload={
                "letter": str(letter.pk), "reference": letter.reference, "subject": letter.subject,
                "sent_on": sent_on.isoformat(), "agencies": [a.agency.slug for a in letter.addressees.select_related("agency")],
            },
        )  # fmt: skip
        for tasking in _taskings(letter):
            Tasking.objects.filter(pk=tasking.pk).update(asked_on=sent_on, touched_at=letter.sent_at)
            workflow.transition(tasking, to=Status.AWAITING, by=by, occurred_at=letter.sent_at)
        return letter


@transaction.atomic
def discard_draft(letter: Letter, *, by: Actor) -> Letter:
    """Give a draft up. It stays in the history and in no list."""
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter)
        if letter.state != LetterState.DRAFT:
            raise RecordError.of(
                "state", f"{letter.reference} was sent and is kept. Mark it as entered in error instead."
            )
        for tasking in _taskings(letter):
            workflow.transition(tasking, to=Status.WITHDRAWN, by=by, reason="The draft was discarded.")
        letter.state = LetterState.DISCARDED
        letter.version += 1
        letter.save(update_fields=["state", "version"])
        record_event(EventKind.LETTER_DISCARDED, by=by, letter=letter, payload={"letter": str(letter.pk)})
        return letter


@transaction.atomic
def amend(letter: Letter, *, by: Actor, reason: str, expected_version: int | None = None, **facts: Any) -> Letter:
    """Correct a sent letter: each field with what stood before, and one reason. Dates that rest on it follow."""
    require(by, EDIT, letter)
    with acting(by, why=reason):
        letter = lock_letter(letter, expected_version=expected_version)
        problems = [
            *check_reason(reason, "Say why the record is corrected."),
            *(
                Problem(name, f"“{name}” cannot be corrected. What can: {', '.join(AMENDABLE)}.", value)
                for name, value in facts.items()
                if name not in AMENDABLE
            ),
        ]
        if letter.state != LetterState.SENT:
            problems.append(
                Problem("state", f"Only a sent letter is corrected; this one is {letter.get_state_display()}.")
            )
        refuse_if(problems)
        before, before_public = {name: getattr(letter, name) for name in facts}, releases.public_before(letter)
        for name, value in facts.items():
            setattr(letter, name, value)
        moved = "sent_on" in facts and before["sent_on"] != letter.sent_on
        against = sent_day.check(letter, by=by) if moved else []
        refuse_if([*check_facts(letter), *check_dates(letter, letter.sent_on, stands=not moved), *against])
        changed = [name for name in facts if before[name] != facts[name]]
        if not changed:
            raise RecordError.of("subject", "Nothing was changed, so there is nothing to correct.")
        letter.congress = congress_on(letter.letter_date)
        letter.sent_at = sent_day.moment(facts["sent_on"]) if moved else letter.sent_at
        letter.version += 1
        # not `reference`: naming a unique column locks the row against the feed's and the sweep's foreign keys
        letter.save(update_fields=[*facts, "congress", "version", *(["sent_at"] if moved else [])])
        Amendment.objects.bulk_create(
            Amendment(letter=letter, field=name, before=_shown(before[name]), after=_shown(facts[name]), reason=reason)
            for name in changed
        )
        changed += follow_the_day(letter, before["letter_date"] if "letter_date" in changed else None, reason=reason)
        items = sent_day.follow(letter, by=by, reason=reason) if moved else []
        if DATED_BY & set(changed):
            _move_dates(letter, by=by, reason=reason)
        releases.record_amended(letter, by=by, changed=changed, reason=reason, before_public=before_public, items=items)
        return letter


@transaction.atomic
def release(letter: Letter, *, by: Actor) -> Letter:
    """Make a sent letter public: its public state enters the released feed at a new position."""
    require(by, RELEASE, letter)
    with acting(by):
        letter = lock_letter(letter)
        releases.lock_asks(letter)
        if letter.state != LetterState.SENT:
            raise RecordError.of(
                "state", f"Only a sent letter can be made public; this one is {letter.get_state_display()}."
            )
        if letter.access == Access.RESTRICTED:
            raise RecordError.of(
                "access", f"{letter.reference} is open to named staff only. Open it to the office first."
            )
        if letter.is_released:
            raise RecordError.of("released_at", f"{letter.reference} is public already. There is nothing left to do.")
        letter.released_at = timezone.now()
        letter.version += 1
        letter.save(update_fields=["released_at", "version"])
        record_event(
            EventKind.LETTER_RELEASED,
            by=by, letter=letter,
            payload={"letter": str(letter.pk), "reference": letter.reference},
            public_payload={"released": payloads.public_letter(letter)},
        )  # fmt: skip
        releases.let_repeats_follow(letter, by=by)
        return letter


@transaction.atomic
def withdraw_release(letter: Letter, *, by: Actor, reason: str) -> Letter:
    """Take a letter out of the public record: followers of the released feed are told, once."""
    require(by, RELEASE, letter)
    refuse_if(check_reason(reason, "Say why it is no longer public."))
    with acting(by, why=reason):
        letter = lock_letter(letter)
        releases.lock_asks(letter)
        if not letter.is_released:
            raise RecordError.of("released_at", f"{letter.reference} is not public, so there is nothing to take back.")
        letter.released_at = None
        letter.version += 1
        letter.save(update_fields=["released_at", "version"])
        record_event(
            EventKind.LETTER_WITHDRAWN,
            by=by, letter=letter, reason=reason,
            payload={"letter": str(letter.pk), "reference": letter.reference, "reason": reason},
            public_payload={"withdrawn": {"id": str(letter.pk)}},
        )  # fmt: skip
        releases.let_repeats_follow(letter, by=by)
        return letter


@transaction.atomic
def change_access(
    letter: Letter,
    *,
    by: Actor,
    access: str,
    reason: str = "",
    staff: Iterable[User] | None = None,
    expected_version: int | None = None,
) -> Letter:
    """Restrict a letter to its named staff, or open it to the office; `staff`: who is named from now on.

    Who works on a letter may restrict it; only who may make letters public opens it again. A public one is taken
    back first.
    """
    require(by, RESTRICT if access == Access.RESTRICTED else RELEASE, letter)
    refuse_if(
        [*check_known("access", "Access", access, Access), *check_text("reason", "The reason", reason, MAX_REASON)]
    )
    with acting(by, why=reason):
        letter = lock_letter(letter, expected_version=expected_version)
        restricted, was_restricted = access == Access.RESTRICTED, letter.access == Access.RESTRICTED
        if restricted:
            releases.lock_asks(letter)
        if letter.is_released and access == Access.RESTRICTED:
            letter = withdraw_release(letter, by=by, reason=reason or "Restricted to named staff.")
        if access == Access.RESTRICTED:
            releases.take_back_replies(letter, by=by, reason=reason or "Restricted to named staff.")
        letter.access = access
        if staff is not None:
            name_staff(letter, staff, by=by)
        letter.version += 1
        letter.save(update_fields=["access", "version"])
        # to followers a restricted letter is gone, whoever is named on it; one open again brings its items as they are
        now = {} if restricted else {"taskings": [payloads.tasking_state(tasking) for tasking in _taskings(letter)]}
        record_event(
            EventKind.LETTER_ACCESS_CHANGED,
            by=by, letter=letter, reason=reason,
            payload={"letter": str(letter.pk), "withdrawn": restricted, **now}
            | ({feed.STAYS: True} if restricted and was_restricted else {}),
        )  # fmt: skip
        return letter


@transaction.atomic
def enter_in_error(letter: Letter, *, by: Actor, reason: str, expected_version: int | None = None) -> Letter:
    """The letter should not be in the record: it leaves every count and keeps its number."""
    require(by, EDIT, letter)
    refuse_if(check_reason(reason, "Say what was wrong."))
    with acting(by, why=reason):
        letter = lock_letter(letter, expected_version=expected_version)
        if letter.state != LetterState.SENT:
            raise RecordError.of(
                "state", f"Only a sent letter can be entered in error; this one is {letter.get_state_display()}."
            )
        logged_anew.hold(letter)
        if letter.is_released:
            letter = withdraw_release(letter, by=by, reason=reason)
        ended = []
        for tasking in _taskings(letter).filter(status__in=OPEN_STATUSES):
            if Tasking.objects.get(pk=tasking.pk).is_open:
                ended.append(workflow.transition(tasking, to=Status.ENTERED_IN_ERROR, by=by, reason=reason))
        letter.state = LetterState.ENTERED_IN_ERROR
        letter.version += 1
        letter.save(update_fields=["state", "version"])
        _move_dates(letter, by=by, reason=reason)
        logged_anew.go_on_in_copies(letter, ended, by=by)
        for tasking in left_for([str(one.pk) for one in ended]):
            workflow.ask_again(tasking, by=by, reason=ASKS_FOR_ITSELF)
        record_event(
            EventKind.LETTER_ENTERED_IN_ERROR,
            by=by, letter=letter, reason=reason,
            payload={"letter": str(letter.pk), "reference": letter.reference, "reason": reason},
        )  # fmt: skip
        return letter


def _move_dates(letter: Letter, *, by: Actor, reason: str) -> None:
    """The dates that rest on the letter: of its own items, and of those of earlier letters that it repeats."""
    repeated = Tasking.objects.filter(renewals__letter=letter)
    for tasking in redating.that_waited(_taskings(letter) | repeated):
        # why this letter is corrected may be for the eyes of its named staff; what it repeats belongs to other letters
        told = reason if tasking.ask.letter_id == letter.pk else ""
        in_error = letter if letter.state != LetterState.SENT else None
        date_anew(tasking, by=by, reason=told, without=in_error)


def _taskings(letter: Letter) -> TaskingQuerySet:
    return (
        Tasking.objects.filter(ask__letter=letter)
        .select_related("ask__letter", "ask__kind", "agency")
        .order_by("ask__number", "role", "agency__short_name", "pk")
    )


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
