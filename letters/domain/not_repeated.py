"""A later letter that was said to repeat an item, and does not: as if that had never been said."""

from collections.abc import Iterable

from django.db import transaction

from letters.domain import clocks, letter_desk, payloads, putting_back, redating, workflow
from letters.domain.access import EDIT, Actor, require
from letters.domain.drafting import lock_letter
from letters.domain.history import acting, record_event
from letters.domain.renewals import leave_for, only_there, stands_for, take_over
from letters.domain.replies import touch
from letters.domain.rules import check_reason, refuse_if
from letters.enums import OPEN_STATUSES, EventKind, LetterState, LinkKind, Status
from letters.errors import RecordError
from letters.models import Ask, Letter, Renewal, Tasking
from letters.models.tasking_queries import TaskingQuerySet

# of the later letter's own item; whoever reads of it may not be allowed to know of the earlier letter
ASKS_AFTER_ALL = "It repeats no item of an earlier letter after all."


@transaction.atomic
def take_back_renewal(
    tasking: Tasking, *, by: Actor, letter: Letter, reason: str, expected_version: int | None = None
) -> Tasking:
    """This letter did not repeat the item after all: how often it was asked, its date, a review and what had answered it
    are what they are without it.

    The item of the letter that left in its stead is what it was before, unless the letter repeats another one that it
    stands for. A relation of the letters that only this had made goes, too.
    """
    require(by, EDIT, tasking.ask.letter)
    require(by, EDIT, letter)
    refuse_if(check_reason(reason, "Say what was wrong."))
    with acting(by, why=reason):
        letter = lock_letter(letter)  # before its items, as whoever corrects a letter holds it
        items = [*_passed_on_to(tasking), tasking]
        left, others = _left_for(items, letter), _others(items, letter)
        workflow.hold(touched(tasking, letter))
        tasking = workflow.lock(tasking, expected_version=expected_version)
        if letter.state != LetterState.SENT or not tasking.renewals.filter(letter=letter).exists():
            said = f"{letter.reference} does not repeat “{tasking}”. Choose a letter that does."
            raise RecordError.of("letter", said, letter.reference)
        if tasking.status == Status.TRANSFERRED and tasking.passed_to:
            at = tasking.passed_to.agency
            raise RecordError.of("letter", f"This item goes on at {at}. Take it back there.", letter.reference)
        for one in items:
            repeated = one.renewals.filter(letter=letter).first()
            if repeated is not None:
                _repeat_no_more(workflow.lock(one), repeated, left, by=by, reason=reason)
        _unlink(letter, tasking.ask.letter, by=by)
        for own in left:
            _ask_after_all(workflow.lock(own), others, by=by)
        return Tasking.objects.select_related("ask__letter", "ask__kind", "agency").get(pk=tasking.pk)


def touched(tasking: Tasking, letter: Letter) -> list[Tasking]:
    """The items that `take_back_renewal` holds, once it holds the letter."""
    items = [*_passed_on_to(tasking), tasking]
    return [*items, *_left_for(items, letter), *_others(items, letter)]


def _repeat_no_more(tasking: Tasking, repeated: Renewal, left: Iterable[Tasking], *, by: Actor, reason: str) -> None:
    letter = repeated.letter
    said = _told(tasking)
    came_along = [one for own in left for one in own.renewals.values_list("letter", flat=True) if str(one) not in said]
    record_event(
        EventKind.RENEWED, by=by, letter=tasking.ask.letter, tasking=tasking, reason=reason.strip(),
        payload={
            **payloads.tasking_state(tasking), "taken_back": True, "renewal": str(repeated.pk), "by_letter": str(letter.pk),
            "renewed_on": repeated.renewed_on.isoformat(), "reason": reason.strip(),
        },
    )  # fmt: skip
    tasking.renewals.filter(letter__in=[letter.pk, *came_along]).delete()
    clocks.asked_no_more(tasking, letter, by=by)
    # without the reason: who reads of this date may not be allowed to see the letter that it tells of
    redating.date_by_letter(tasking, by=by)
    touch(tasking, by=by)


def _told(tasking: Tasking) -> set[str]:
    """The letters of which somebody said that they repeat this very item, not one that it stands for."""
    asked = tasking.events.filter(kind=EventKind.RENEWED, payload__taken_back__isnull=True)
    return set(asked.values_list("payload__by_letter", flat=True))


def _passed_on_to(tasking: Tasking) -> list[Tasking]:
    """The items that were passed on to this one, which was asked as often as they were."""
    found: list[Tasking] = []
    for one in tasking.passed_from.select_related("ask__letter", "agency"):
        found += [*_passed_on_to(one), one]
    return found


def _left_for(items: Iterable[Tasking], letter: Letter) -> list[Tasking]:
    """Items of the letter that left since it repeats one of these; as a rule one, or none."""
    keys = [str(one.pk) for one in items]
    return list(
        Tasking.objects.filter(
            ask__letter=letter, status=Status.ENTERED_IN_ERROR, status_event__payload__repeats__in=keys
        )
    )


def _others(items: Iterable[Tasking], letter: Letter) -> list[Tasking]:
    """What else the letter repeats, in the order in which it was said when all was ticked at once."""
    found: TaskingQuerySet = Tasking.objects.filter(renewals__letter=letter).exclude(
        status__in=[Status.ENTERED_IN_ERROR, Status.TRANSFERRED]
    )
    return list(found.exclude(pk__in=[one.pk for one in items]).order_by("ask_id", "pk"))


def _ask_after_all(own: Tasking, others: Iterable[Tasking], *, by: Actor) -> None:
    """Put an item that had left back, or let it leave for another one that the letter repeats."""
    if Tasking.objects.filter(ask=own.ask, agency=own.agency, status__in=OPEN_STATUSES).exists():
        return  # the ask is open again there already
    own = putting_back.put_back(own, by=by, reason=ASKS_AFTER_ALL)
    asks = list(Ask.objects.filter(letter=own.ask.letter_id).select_related("kind"))
    for one in others:
        if stands_for(own, one, asks) and not only_there(one, own):
            other = workflow.lock(one)
            take_over(other, own)
            clocks.settle_acknowledged(other)
            clocks.set_due_date(other, by=by)
            touch(other, by=by)
            leave_for(other, own, by=by)
            return


def _unlink(letter: Letter, first: Letter, *, by: Actor) -> None:
    """Take away that the letter follows up this one, where nothing but a tick said so."""
    link = letter.links.filter(to_letter=first, kind=LinkKind.FOLLOW_UP_TO).first()
    if link is None or letter.renewals.filter(tasking__ask__letter=first).exists():
        return
    told = letter.events.filter(kind=EventKind.LETTER_LINKED)
    by_tick = told.filter(payload__to_letter=str(first.pk)).exists()
    if by_tick and not told.filter(payload__link=str(link.pk), payload__to_letter__isnull=True).exists():
        letter_desk.tell_linked(link, letter, by=by, linked=False)
        link.delete()
