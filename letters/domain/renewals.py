"""A later letter repeats what is still open: the same item goes on, counted once, asked since the first day."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from django.db import transaction

from letters.domain import clocks, letter_desk, payloads, situations, workflow
from letters.domain.access import EDIT, Actor, require
from letters.domain.asking import REPLY_KIND
from letters.domain.deadlines import long_date
from letters.domain.drafting import lock_letter
from letters.domain.history import acting, record_event
from letters.domain.replies import touch
from letters.domain.rules import check_order, check_text, refuse_if
from letters.enums import EventKind, LetterState, LinkKind, Stance, Status, TaskingRole
from letters.errors import Problem
from letters.models import Ask, Letter, LetterLink, Renewal, Response, Tasking
from letters.models.tasking_queries import TaskingQuerySet

IN_ITS_STEAD = "It repeats an item of an earlier letter, which goes on."
# of a later letter's own item; whoever reads of it may not be allowed to know of the earlier letter
ASKS_FOR_ITSELF = "The item of an earlier letter that it repeated was entered in error: this letter asks for it itself."


@dataclass(frozen=True)
class Proposal:
    """An open item that a later letter may repeat, why we think so, and the item it would otherwise be twice."""

    tasking: Tasking
    why: str
    duplicate: Tasking | None = None
    said: bool = False  # by a person, of the letter that this one was copied from


@transaction.atomic
def renew(
    tasking: Tasking,
    *,
    by: Actor,
    letter: Letter,
    quote: str = "",
    instead_of: Tasking | None = None,
    expected_version: int | None = None,
) -> Renewal:
    """A sent letter repeats this open item: no second item, one count, first asked when it was.

    A date that the letter sets becomes the item's, as one more revision. `instead_of` is the item the letter made of
    the same ask when it was sent: it leaves every count, and the older one goes on. A review of "no position" ends, and
    a reply in full that came before satisfies the clock no more: we have asked again.
    """
    require(by, EDIT, tasking.ask.letter)
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter)  # before its items, as whoever corrects a letter holds it
        if instead_of is not None:
            workflow.hold([tasking, instead_of])
            instead_of = workflow.lock(instead_of)  # as it is now: what hangs on it is judged
        tasking = workflow.lock(tasking, expected_version=expected_version)
        refuse_if(_check(tasking, letter, quote, instead_of))
        renewal = note_renewal(
            tasking, by=by, letter=letter, renewed_on=cast(dt.date, letter.sent_on), quote=quote.strip()
        )
        if instead_of is not None:
            take_over(tasking, instead_of)
        let_dates_follow(tasking, by=by)
        if instead_of is not None:
            leave_for(tasking, instead_of, by=by)
        return renewal


def note_renewal(tasking: Tasking, *, by: Actor, letter: Letter, renewed_on: dt.date, quote: str) -> Renewal:
    """The row with its event, and what else a later letter does at once. The item and that letter are locked by the caller."""
    renewal = Renewal.objects.create(tasking=tasking, letter=letter, renewed_on=renewed_on, quote=quote)
    _link(letter, tasking.ask.letter, by=by)
    ends_review = tasking.review_on is not None and not _spoke_since(tasking, renewed_on)
    reviewed = {"ended_review": payloads.iso(tasking.review_on)} if ends_review else {}
    if ends_review:
        tasking.review_on = None
        tasking.save(update_fields=["review_on"])
    record_event(
        EventKind.RENEWED,
        by=by, letter=tasking.ask.letter, tasking=tasking, occurred_at=letter.sent_at,
        payload={
            **payloads.tasking_state(tasking), "renewal": str(renewal.pk), "by_letter": str(letter.pk),
            "renewed_on": renewed_on.isoformat(), **reviewed,
        },
    )  # fmt: skip
    return renewal


def let_dates_follow(tasking: Tasking, *, by: Actor) -> None:
    """What the clocks rest on now that it was asked again."""
    clocks.settle_acknowledged(tasking)
    if tasking.answered_on:  # what they had sent did not do: the clock runs again, by what this letter asks
        clocks.settle_answered(tasking, by=by)
    clocks.set_due_date(tasking, by=by)
    touch(tasking, by=by)


@transaction.atomic
def renew_all(proposals: Collection[Proposal], *, by: Actor, letter: Letter) -> None:
    """`renew` of each that was ticked; one item of the letter may stand for several earlier ones, and leaves once."""
    replaced: set = set()
    lock_letter(letter)
    workflow.hold(one for each in proposals for one in (each.tasking, each.duplicate) if one is not None)
    # in one order, as whoever else holds several items does
    for one in sorted(proposals, key=lambda one: (one.tasking.ask_id, one.tasking.pk)):
        own = one.duplicate
        renew(one.tasking, by=by, letter=letter, instead_of=own if own and own.pk not in replaced else None)
        replaced.add(own.pk if own else None)


def _check(tasking: Tasking, letter: Letter, quote: str, instead_of: Tasking | None) -> list[Problem]:
    first = tasking.ask.letter
    problems = [
        *check_text("quote", "The quote", quote, 10_000),
        *check_order(
            "letter", "The day the letter was sent", letter.sent_on, "the day this was first asked", tasking.asked_on
        ),
    ]
    if letter.state != LetterState.SENT:
        problems.append(Problem("letter", "Only a sent letter repeats what was asked. Send it first.", str(letter.pk)))
    if letter.pk == first.pk:
        problems.append(
            Problem(
                "letter", f"{first.reference} is the letter that asked this first. Choose a later one.", first.reference
            )
        )
    if not tasking.is_open or tasking.role != TaskingRole.LEAD:
        message = f"“{tasking}” is {tasking.get_status_display()}: only an open item that owes a reply is repeated."
        problems.append(Problem("tasking", message, str(tasking.pk)))
    if tasking.renewals.filter(letter=letter).exists():
        message = f"{letter.reference} repeats “{tasking}” already. There is nothing left to do."
        problems.append(Problem("tasking", message, str(tasking.pk)))
    if instead_of is not None and (instead_of.ask.letter_id != letter.pk or not instead_of.is_open):
        message = f"“{instead_of}” is no open item of {letter.reference}. Choose one that is, or none."
        problems.append(Problem("instead_of", message, str(instead_of.pk)))
    elif instead_of is not None and (reply := only_there(tasking, instead_of)):
        message = (
            f"“{instead_of}” has a reply that “{tasking}” of {first.reference} does not have: {reply}. Read that reply "
            "again and tick the earlier item too, so that what they said goes on with it."
        )
        problems.append(Problem("instead_of", message, str(instead_of.pk)))
    elif instead_of is not None and (day := date_only_there(tasking, instead_of)):
        message = (
            f"“{instead_of}” {day}, and that day is not noted at “{tasking}” of {first.reference}. Note it there first, so that "
            "it goes on with that item."
        )
        problems.append(Problem("instead_of", message, str(instead_of.pk)))
    return problems


def date_only_there(tasking: Tasking, left: Tasking) -> str:
    """The day they have for the item that leaves, in words, where the other item has none as late; empty where nothing is lost."""
    if situations.is_promised(left):
        to, kept = left.promised_on, tasking.promised_on if situations.is_promised(tasking) else None
        words = f"is promised by {long_date(to)}" if to else ""
    else:
        to, kept = left.extended_to if left.extended_to == left.due_on else None, tasking.due_on
        words = f"was given time to {long_date(to)}" if to else ""
    return "" if to is None or (kept is not None and kept >= to) else words


def only_there(tasking: Tasking, left: Tasking) -> Response | None:
    """A reply that would leave every count with the item that leaves: the other item does not have it."""
    known = tasking.answers.values("response")
    answer = (
        left.answers.filter(response__in_error_at__isnull=True)
        .exclude(response__in=known)
        .select_related("response__agency")
        .first()
    )
    return answer.response if answer else None


def _spoke_since(tasking: Tasking, day: dt.date) -> bool:
    """Whether they said that they take no position after that day: a letter of it, found late, asked nothing since."""
    said = tasking.answers.filter(coverage__isnull=False, stance=Stance.NO_POSITION)
    return said.filter(response__in_error_at__isnull=True, response__received_on__gt=day).exists()


def take_over(tasking: Tasking, left: Tasking) -> bool:
    """Letters that repeated the item that leaves have asked for this one, and what they say of its date counts. Whether there
    are any."""
    known = tasking.renewals.values("letter")
    more = list(left.renewals.exclude(letter__in=known).exclude(letter=tasking.ask.letter_id))
    for one in more:
        Renewal.objects.create(tasking=tasking, letter_id=one.letter_id, renewed_on=one.renewed_on, quote=one.quote)
    return bool(more)


def leave_for(tasking: Tasking, left: Tasking, *, by: Actor) -> None:
    """The item that a later letter made of the same ask leaves every count; `tasking` goes on."""
    # which one, the event keeps: whoever reads of this letter may not be allowed to know of the earlier one
    workflow.leave(left, by=by, reason=IN_ITS_STEAD, also={"repeats": str(tasking.pk)})


def left_for(ended: list[str]) -> TaskingQuerySet:
    """Items of other sent letters that left since they repeat one of these: nobody would be asked for them any more."""
    left = Tasking.objects.filter(
        role=TaskingRole.LEAD,
        status=Status.ENTERED_IN_ERROR,
        status_event__payload__repeats__in=ended,
        ask__letter__state=LetterState.SENT,
    )
    return left.order_by("ask_id", "pk")


def _link(letter: Letter, first: Letter, *, by: Actor) -> None:
    link, made = LetterLink.objects.get_or_create(letter=letter, to_letter=first, kind=LinkKind.FOLLOW_UP_TO)
    if made:
        letter_desk.tell_linked(link, letter, by=by, linked=True, also={"to_letter": str(first.pk)})


def is_twin(own: Tasking, tasking: Tasking) -> bool:
    """The same agency, kind and companies: the letter would have it twice."""
    return own.is_open and _is_alike(own, tasking)


def stands_for(own: Tasking, tasking: Tasking, asks: Collection[Ask]) -> bool:
    """Whether an item of a letter with these asks is what it would have beside an earlier one: the same; or what a letter
    without an ask waits for, which stands for all that it repeats. One that asks for something, too, stands for no other ask."""
    no_ask = all(ask.kind.code == REPLY_KIND for ask in asks)
    return own.agency_id == tasking.agency_id and (no_ask or _is_alike(own, tasking))


def _is_alike(own: Tasking, tasking: Tasking) -> bool:
    return (
        own.agency_id == tasking.agency_id
        and own.ask.kind_id == tasking.ask.kind_id
        and {t.pk for t in own.ask.targets.all()} == {t.pk for t in tasking.ask.targets.all()}
    )
