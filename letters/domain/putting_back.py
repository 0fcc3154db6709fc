"""Taking back a move between statuses: as if it had never been, the item is what it was, and what counted counts on.

Reopening asks anew, and what was read before counts no more. Who takes a move back asks nothing: it was a slip. So the
event says which move it `undoes`, and whoever reads the story leaves both out (`history.that_stand`, `events.asked_again`).
"""

from typing import Any

from letters.domain import clocks, payloads, publicity, workflow
from letters.domain.access import Actor
from letters.domain.history import record_event
from letters.domain.moves import check_move, has_proof_reply
from letters.domain.standing import standing_evidence
from letters.domain.transitions import NEED_WORDS, needs
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, EventKind, Status, TaskingRole
from letters.errors import Problem, TransitionRefused
from letters.models import Event, Tasking

# What a move changes of an item beside its status, and what its event keeps of where it came from (`workflow._move`).
WITH_A_MOVE = ("promised_on", "review_on", "passed_to_id", "touched_at")
CAME_FROM = ("follows", "repeats", "response", "through")


def put_back(tasking: Tasking, *, by: Actor, reason: str) -> Tasking:
    """Undo the last move of an item, which nothing followed; what ended or began again with it goes back too.

    An end has its own day and reason again; an open item is given `reason`. The table of transitions is not asked, since
    nobody decides anything anew. The row is locked by the caller. Raises TransitionRefused.
    """
    undone, was, was_public = tasking.status_event, tasking.status, tasking.public_status
    assert undone is not None  # what was moved has one
    if was in CLOSED_STATUSES:
        check_move(tasking, Status.AWAITING, reason=reason)
    moves = tasking.events.filter(kind=EventKind.STATUS_CHANGED, sequence__lt=undone.sequence)
    first = moves.latest("sequence")  # what began to wait before it was moved has one
    ended = undone.from_status in CLOSED_STATUSES
    reason = first.reason if ended else reason
    tasking.status = undone.from_status
    # the row as the move found it, from the history that each audited row has
    rows: Any = tasking
    stood = rows.history.exclude(status_event=undone.pk).order_by("pgh_id").last() or tasking
    for name in WITH_A_MOVE:
        setattr(tasking, name, getattr(stood, name))
    tasking.public_status = publicity.public_status(tasking, without=undone)
    public = None
    if tasking.public_status != was_public:
        public = payloads.public_change(tasking) | {"from": was_public, "to": tasking.public_status}
    came_from = {name: first.payload[name] for name in CAME_FROM if name in first.payload}
    tasking.status_event = record_event(
        EventKind.STATUS_CHANGED,
        by=by, letter=tasking.ask.letter, tasking=tasking, from_status=was, to_status=tasking.status, reason=reason,
        occurred_at=first.occurred_at if ended else None,
        payload={
            **payloads.tasking_state(tasking), "from": was, "to": tasking.status, "reason": reason, **came_from,
            "undoes": str(undone.pk),
        },
        public_payload=public,
    )  # fmt: skip
    _check_proof(tasking)
    tasking.version += 1
    tasking.save(update_fields=["status", "public_status", "status_event", "version", *WITH_A_MOVE])
    clocks.put_back(tasking, stood, undone, by=by)
    if tasking.role == TaskingRole.LEAD:
        for consulted in _went_along(tasking, undone):
            put_back(workflow.lock(consulted), by=by, reason=reason)
        workflow.consulted_follow(tasking, by=by, also={})
    return tasking


def _check_proof(tasking: Tasking) -> None:
    """A reply may have been read anew since, for another of its items. Before the row is written, whose trigger refuses too."""
    needed = needs(Status.AWAITING, tasking.status)
    lacks = {"reply": not has_proof_reply(tasking), "evidence": not standing_evidence(tasking).exists()}
    words = [f"“{tasking.get_status_display()}” needs {NEED_WORDS[need]}." for need in needed if lacks.get(need)]
    if words:
        raise TransitionRefused(*(Problem("to", f"{one} What there was proves it no longer.") for one in words))


def _went_along(tasking: Tasking, undone: Event) -> list[Tasking]:
    """Consulted items that ended with this responsible one, or began again with it, as `undone` did."""
    of_ask = Tasking.objects.filter(ask=tasking.ask).exclude(pk=tasking.pk)
    consulted = of_ask.filter(role=TaskingRole.CONSULTED)
    if tasking.is_open:
        return list(consulted.filter(status=Status.OVERTAKEN, status_event__payload__follows__isnull=False))
    if of_ask.filter(role=TaskingRole.LEAD, status__in=OPEN_STATUSES).exists():
        return []
    again = consulted.filter(status=Status.AWAITING, status_event__from_status=Status.OVERTAKEN)
    return list(again.filter(status_event__payload__act=undone.payload.get("act")))
