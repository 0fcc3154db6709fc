"""Many moves at once, of items that nobody else knows yet: what `workflow.transition` would write of each, in few statements."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from letters.domain import payloads
from letters.domain.access import Actor
from letters.domain.copying import copy_in, write_over
from letters.domain.history import acting, new_event
from letters.domain.moves import Move, check_move
from letters.domain.workflow import consulted_follow, stop_or_date
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, EventKind, Status, TaskingRole
from letters.models import Event, Tasking, User

# What verbs of many items at once may have changed of an item beside its status.
WRITTEN = ("version", "touched_at", "acknowledged_on", "answered_on", "stance", "promised_on")


@transaction.atomic
def begin_waiting(taskings: Sequence[Tasking], *, by: Actor) -> None:
    """`transition` to waiting for many items of letters that were just sent, each with its event, in few statements.

    They are drafts that nobody else knows yet; the caller has checked them, and gave them their dates. The objects
    know their new status afterwards.
    """
    with acting(by):
        events = [
            new_event(
                EventKind.STATUS_CHANGED,
                by=by, letter=tasking.ask.letter, tasking=tasking, from_status=Status.DRAFT, to_status=Status.AWAITING,
                occurred_at=tasking.ask.letter.sent_at,
                payload={
                    # as a single one tells it: its date is set after it begins
                    **payloads.tasking_state(tasking), "status": Status.AWAITING, "due_on": None, "due_basis": None, "from": Status.DRAFT,
                    "to": Status.AWAITING, "reason": "",
                },
            )
            for tasking in taskings
        ]  # fmt: skip
        for tasking in taskings:
            tasking.status = tasking.public_status = Status.AWAITING
        _write_moves(taskings, events)


@transaction.atomic
def move_waiting(moves: Sequence[Move], *, by: Actor) -> None:
    """`transition` of many items that wait, of letters that were logged in this transaction and that nobody else knows, each
    with its event, in few statements. None is consulted.

    What the caller changed of them since is written with it. The objects know their new status afterwards.
    """
    with acting(by):
        for move in moves:
            check_move(
                move.tasking, move.to,
                reason=move.reason, promised_on=move.promised_on, has_reply=move.has_reply, has_evidence=move.has_evidence,
            )  # fmt: skip
        events = []
        for move in moves:
            tasking, before = move.tasking, move.tasking.status
            began, at = tasking.status_event, move.occurred_at
            at = max(at, began.occurred_at) if at and began else at
            tasking.status = move.to
            if move.to in payloads.PUBLIC_ON_ITS_OWN:  # no part of it is public yet
                tasking.public_status = move.to
            events.append(
                new_event(
                    EventKind.STATUS_CHANGED,
                    by=by, letter=tasking.ask.letter, tasking=tasking, from_status=before, to_status=move.to,
                    reason=move.reason, occurred_at=at,
                    payload=payloads.status_changed(
                        tasking, before=before, to=move.to, reason=move.reason, promised_on=move.promised_on
                    ),
                )
            )  # fmt: skip
            if move.to == Status.PROMISED:
                tasking.promised_on = move.promised_on
            if move.to in OPEN_STATUSES:
                heard = timezone.localdate(at)  # None: today
                tasking.acknowledged_on = min(tasking.acknowledged_on or heard, heard)
        _write_moves([move.tasking for move in moves], events)
        for move in moves:
            if move.to in (Status.CLARIFICATION, Status.PROMISED):
                stop_or_date(move.tasking, by=by)
        ended = {
            move.tasking.ask_id: move.tasking for move in moves if move.to in CLOSED_STATUSES
        }  # the last of each ask
        consulted = Tasking.objects.filter(ask__in=ended, role=TaskingRole.CONSULTED, status__in=OPEN_STATUSES)
        for ask in consulted.order_by("ask").values_list("ask", flat=True).distinct():
            consulted_follow(ended[ask], by=by, also={})


@transaction.atomic
def end_in_error(items: Sequence[Tasking], *, by: Actor, reason: str) -> None:
    """`transition` of many open items of letters that are entered in error together, each with its event. The caller holds
    them; no clock of theirs stands still, and nothing of them is public. The objects know their new status afterwards.
    """
    with acting(by, why=reason):
        to, events = Status.ENTERED_IN_ERROR, []
        for item in items:
            check_move(item, to, reason=reason, has_reply=False, has_evidence=False)
            before, item.status, item.public_status = item.status, to, to
            if isinstance(by, User):
                item.touched_at = timezone.now()
            events.append(
                new_event(
                    EventKind.STATUS_CHANGED,
                    by=by, letter=item.ask.letter, tasking=item, from_status=before, to_status=to, reason=reason,
                    payload=payloads.status_changed(item, before=before, to=to, reason=reason),
                )
            )  # fmt: skip
        _write_moves(items, events)


def _write_moves(taskings: Sequence[Tasking], events: Sequence[Event]) -> None:
    """The events, then the rows that point at them."""
    copy_in(events)
    for tasking, event in zip(taskings, events, strict=True):
        tasking.status_event = event
        tasking.version += 1
    write_over(taskings, ("status", "public_status", "status_event", *WRITTEN))
