"""The day a letter was sent, corrected: whatever counts from it follows. The verb, its reason and its event are `sending.amend`'s.

The number stays, by the year that was noted first. So does the event of the sending: what was said then is history.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from letters.domain import clocks, situations, workflow
from letters.domain.access import Actor
from letters.domain.deadlines import long_date
from letters.domain.extending import date_anew
from letters.domain.history import known_to
from letters.domain.replies import touch
from letters.domain.rules import check_ahead, check_not_future, check_required
from letters.enums import Basis, LetterState, Status
from letters.errors import Problem
from letters.models import Contact, Letter, Renewal, Response, Tasking
from letters.models.tasking_queries import TaskingQuerySet

LABEL = "The day it was sent"
FIELD = "sent_on"


def moment(day: dt.date) -> dt.datetime:
    """The moment of a sending of which only the day is known."""
    return clocks.moment_of(day) or timezone.now()


def check(letter: Letter, *, by: Actor) -> list[Problem]:
    """What stands against the new day, which the letter has already: nothing comes before what it is about, each with the
    way out. Of each kind the first; of other letters what whoever corrects may see;
    where a key writes, what keys may.
    """
    day, today = letter.sent_on, clocks.office_today()
    if day is None:
        return check_required(FIELD, LABEL, day, "Enter the day it went out.")
    problems = check_not_future(FIELD, LABEL, day, today)
    for ask in letter.asks.order_by("number"):
        its_date = f"The date of ask {ask.number}"
        problems += check_ahead(FIELD, its_date, ask.requested_by, "the day it was sent", day, today)
    return [*problems, *(Problem(FIELD, words, day) for words in _contradicted(letter, day, by))]


def follow(letter: Letter, *, by: Actor, reason: str) -> list[Any]:
    """Let all that counts from the day follow: of its own items the day they were asked and their dates, of those of earlier
    letters the day they were asked again. The keys of its own items. The letter is locked, and written.
    """
    assert letter.sent_on is not None
    own = Tasking.objects.filter(ask__letter=letter, asked_on__isnull=False)
    repeated = Tasking.objects.filter(renewals__letter=letter).exclude(ask__letter=letter)
    Renewal.objects.filter(letter=letter).update(renewed_on=letter.sent_on)
    keys = set(own.values_list("pk", flat=True))
    for tasking in (own | repeated).distinct().order_by("ask_id", "pk"):  # in the order in which replies hold them
        locked = workflow.lock(tasking)
        if locked.pk in keys:
            _asked(locked, letter.sent_on, by=by, reason=reason)
            touch(locked, by=by)
        else:  # why this letter is corrected may be for the eyes of its named staff, and that it was, where no date moves
            date_anew(locked, by=by, answered=True)
    return list(keys)


def _asked(tasking: Tasking, day: dt.date, *, by: Actor, reason: str) -> None:
    """The database holds that nothing is due before it was asked: so whichever moves first makes room for the other."""
    is_later = tasking.asked_on is not None and day > tasking.asked_on
    tasking.asked_on = day
    if not is_later:
        tasking.save(update_fields=["asked_on"])
    if tasking.is_open or tasking.due_basis != Basis.PROMISE:  # by a promise it ended in time, or late, for good
        clocks.set_due_date(tasking, by=by, reason=reason, asked_anew=True)
    if is_later:
        tasking.save(update_fields=["asked_on"])


def _contradicted(letter: Letter, day: dt.date, by: Actor) -> Iterator[str]:
    own, when = Tasking.objects.filter(ask__letter=letter), long_date(day)
    replies = Response.objects.filter(answers__tasking__in=own, in_error_at__isnull=True, received_on__lt=day)
    if reply := replies.select_related("agency").order_by("received_on", "pk").first():
        yield (
            f"The {reply} came before {when}. Enter {long_date(reply.received_on)} or an earlier day; or, if it answers "
            "another letter, take that reply back first, or read it again without this one."
        )
    contacts = Contact.objects.filter(taskings__in=own, in_error_at__isnull=True, on__lt=day)
    if contact := contacts.order_by("on", "pk").first():
        yield (
            f"Our {contact} was before {when}. Enter {long_date(contact.on)} or an earlier day; or, if it was about another "
            "letter, take that contact back first."
        )
    for addressee in letter.addressees.order_by("position"):
        told = [timezone.localdate(at) for at in (addressee.delivered_at, addressee.acknowledged_at) if at]
        if told and min(told) < day:
            yield (
                f"{addressee.printed_name}’s office has had it since {long_date(min(told))}, before {when}. Enter that day or "
                "an earlier one, or correct what is noted of that addressee first."
            )
            break
    for item in own.select_related("ask", "agency", "status_event").order_by("ask__number", "pk"):
        if words := _item_before(item, day):
            yield words
            break
    yield from _repeats_before(letter, day, by)


def _item_before(item: Tasking, day: dt.date) -> str:
    """What an item says that cannot be before it was asked."""
    given = situations.last_extension(item)
    days = {
        "is promised for": item.promised_on,
        "was given more time on": situations.extended_on(given) if given else None,
    }
    if item.status_event and item.status_event.from_status != Status.DRAFT and item.status != Status.ENTERED_IN_ERROR:
        days[f"is “{item.get_status_display()}” since"] = item.status_since
    for words, its_day in days.items():
        if its_day and its_day < day:
            return (
                f"“{item}” {words} {long_date(its_day)}, before {long_date(day)}. Enter that day or an earlier one, or put that right "
                "on the item’s page first."
            )
    return ""


def _repeats_before(letter: Letter, day: dt.date, by: Actor) -> Iterator[str]:
    """A letter that repeats an item went out after the one that asked it."""
    seen: TaskingQuerySet = known_to(by, Tasking.objects)  # no key is told of a restricted letter, a manager's neither
    known = known_to(by, Letter.objects)
    way_out = "Enter {} day, or say on the item’s page that it is not repeated after all."
    earlier = seen.filter(renewals__letter=letter, asked_on__gt=day).exclude(ask__letter=letter)
    if item := earlier.select_related("ask__letter", "agency").order_by("-asked_on", "pk").first():
        first = item.ask.letter.reference
        asked = long_date(item.asked_on) if item.asked_on else ""
        yield f"It repeats “{item}” of {first}, which was asked on {asked}. {way_out.format('that or a later')}"
    later = Renewal.objects.filter(tasking__ask__letter=letter, renewed_on__lt=day, letter__state=LetterState.SENT)
    later = later.filter(letter__in=known).exclude(letter=letter)
    if again := later.select_related("letter", "tasking__ask", "tasking__agency").order_by("renewed_on", "pk").first():
        on = long_date(again.renewed_on)
        yield f"{again.letter.reference} repeats “{again.tasking}” since {on}. {way_out.format('that or an earlier')}"
