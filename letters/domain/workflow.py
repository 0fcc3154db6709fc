"""The only writer of a tasking's status (invariant 1), with `workflow_many`: each move with its event, its proof and its clock."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.domain import clocks, payloads, publicity
from letters.domain.access import EDIT, Actor, require
from letters.domain.history import acting, events_about, record_event, that_stand, who_changed
from letters.domain.moves import check_move, goes_back, proven_on, status_from, waits_again
from letters.domain.spoken import GIVES_UP_THE_PROMISE
from letters.domain.standing import PROVED_BY_REPLY
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, Basis, EventKind, Status, TaskingRole
from letters.errors import Problem, StaleVersion, TransitionRefused
from letters.models import Agency, Ask, Renewal, Response, Tasking, User


def lock(tasking: Tasking, *, expected_version: int | None = None) -> Tasking:
    """The tasking as it is now, locked together with its ask, so that "the last one" has one meaning.

    Raises StaleVersion when somebody changed it since `expected_version` was read.
    """
    Ask.objects.select_for_update(no_key=True).get(pk=tasking.ask_id)
    fresh = (
        Tasking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("ask__kind", "ask__letter", "agency", "acting_agency")
        .get(pk=tasking.pk)
    )
    if expected_version is not None and fresh.version != expected_version:
        raise StaleVersion(Problem("version", who_changed(events_about(fresh), "item"), expected_version))
    return fresh


def hold(taskings: Iterable[Tasking]) -> None:
    """Lock several items, in the one order in which everybody locks them."""
    for tasking in sorted(set(taskings), key=lambda tasking: (tasking.ask_id, tasking.pk)):
        lock(tasking)


@transaction.atomic
def transition(
    tasking: Tasking,
    *,
    to: str,
    by: Actor,
    reason: str = "",
    occurred_at: dt.datetime | None = None,
    promised_on: dt.date | None = None,
    expected_version: int | None = None,
    also: dict[str, str] | None = None,
) -> Tasking:
    """Move an item to another status, with its event, and let its clock follow. `also` is kept with the event.

    What the move needs (`transitions.needs`) must be there: a reason and a promised date are given here,
    a reply or evidence is recorded first. Closing the last responsible item of an ask closes the consulted
    ones; reopening one reopens them. `occurred_at`: when it happened; not given, it is the day that what proves an end
    came, or now. It is never before the item took the status that it leaves. Raises TransitionRefused, StaleVersion, NotAllowed.
    """
    require(by, EDIT, tasking.ask.letter)
    with acting(by, why=reason):
        tasking = lock(tasking, expected_version=expected_version)
        check_move(tasking, to, reason=reason, promised_on=promised_on)
        occurred_at = occurred_at or clocks.moment_of(proven_on(tasking, to))
        moved = _move(tasking, to, by=by, reason=reason, occurred_at=occurred_at, promised_on=promised_on, also=also)
        if tasking.role == TaskingRole.LEAD:
            consulted_follow(moved, by=by, also=also or {})
        return moved


def close(tasking: Tasking, *, to: str, by: Actor, **details: Any) -> Tasking:
    """`transition` to a closed status."""
    if to not in CLOSED_STATUSES:
        raise TransitionRefused(
            Problem("to", f"“{Status(to).label}” is not an end. Choose one of the closed statuses.", to)
        )
    return transition(tasking, to=to, by=by, **details)


def reopen(tasking: Tasking, *, by: Actor, reason: str, expected_version: int | None = None) -> Tasking:
    """Back to waiting, with a reason."""
    return transition(tasking, to=Status.AWAITING, by=by, reason=reason, expected_version=expected_version)


@transaction.atomic
def transfer(
    tasking: Tasking,
    *,
    to_agency: Agency,
    by: Actor,
    reason: str,
    occurred_at: dt.datetime | None = None,
    expected_version: int | None = None,
    also: dict[str, str] | None = None,
) -> Tasking:
    """The agency passed the ask on: close it here and let the other agency's item carry the origin date. `also` is
    kept with both events.

    Returns the successor; onto an agency that already has the ask open, that item is the successor.
    """
    require(by, EDIT, tasking.ask.letter)
    with acting(by, why=reason):
        tasking = lock(tasking, expected_version=expected_version)
        if to_agency.pk == tasking.agency_id:
            raise TransitionRefused(
                Problem(
                    "agency", f"{to_agency} has this item already. Choose the agency it was passed to.", to_agency.slug
                )
            )
        check_move(tasking, Status.TRANSFERRED, reason=reason, to_agency=to_agency)
        successor = Tasking.objects.filter(ask=tasking.ask, agency=to_agency, status__in=OPEN_STATUSES).first()
        is_new = successor is None
        if successor is None:
            successor = Tasking.objects.create(
                ask=tasking.ask, agency=to_agency, role=tasking.role, asked_on=tasking.asked_on, owner=tasking.owner
            )
        becomes_responsible = tasking.role == TaskingRole.LEAD and successor.role == TaskingRole.CONSULTED
        # who is responsible already keeps its date, unless that of these letters is later
        is_later = (tasking.due_on or dt.date.min) > (successor.due_on or dt.date.max)
        goes_along = tasking.due_basis == Basis.LETTER and is_later
        if is_new or becomes_responsible or goes_along:
            # it was asked as often, and by the date that the last of these letters sets
            known = set() if is_new else set(successor.renewals.values_list("letter", flat=True))
            copies = [
                Renewal(tasking=successor, letter_id=one.letter_id, renewed_on=one.renewed_on, quote=one.quote)
                for one in tasking.renewals.all()
                if one.letter_id not in known
            ]
            Renewal.objects.bulk_create(copies)
        tasking.passed_to = successor
        _move(
            tasking, Status.TRANSFERRED, by=by, reason=reason, occurred_at=occurred_at, also={**(also or {}), "passed_to": str(successor.pk)},
        )  # fmt: skip
        if is_new:
            successor = _move(
                lock(successor), Status.AWAITING, by=by, reason=f"Passed on by {tasking.agency}: {reason}",
                occurred_at=occurred_at, also=_through(tasking, also),
            )  # fmt: skip
        if becomes_responsible:
            _make_responsible(successor, by=by, owner=successor.owner or tasking.owner)
        elif goes_along and copies:
            clocks.set_due_date(
                successor, by=by, reason=f"Passed on by {tasking.agency}, which was asked for it again."
            )
            successor.version += 1
            successor.save(update_fields=["version"])
        return successor


def ask_again(tasking: Tasking, *, by: Actor, reason: str) -> None:
    """Reopen an item that left since it repeated one of an earlier letter, which ended as an error; not where it is open
    again already. Inside a verb: who ended that one need not be able to change this letter."""
    tasking = lock(tasking)
    if Tasking.objects.filter(ask=tasking.ask, agency=tasking.agency, status__in=OPEN_STATUSES).exists():
        return
    check_move(tasking, Status.AWAITING, reason=reason)
    consulted_follow(_move(tasking, Status.AWAITING, by=by, reason=reason), by=by, also={})


def leave(tasking: Tasking, *, by: Actor, reason: str, also: dict[str, str]) -> None:
    """An open item leaves every count for one that goes on in its stead. Inside a verb, as `ask_again` is."""
    consulted_follow(_move(lock(tasking), Status.ENTERED_IN_ERROR, by=by, reason=reason, also=also), by=by, also=also)


def wait_again(tasking: Tasking, response: Response, *, by: Actor, reason: str) -> bool:
    """Undo what replies entered in error did to an item, where `waits_again` or `goes_back` says so: no other verb leads
    from an open status to waiting.

    The table of transitions is of what agencies say and people decide. This is neither: it was never said. The row is
    locked by the caller. Whether it moved.
    """
    also = {"taken_back": str(response.pk)}
    if tasking in waits_again([tasking], response):
        # a pause begins with the day of the question, which may be before the day it was recorded
        moves = that_stand(tasking.events.filter(kind=EventKind.STATUS_CHANGED).order_by("-sequence"))
        began = next(event for event in moves if event.to_status == Status.AWAITING)
        clocks.never_paused(tasking, since=timezone.localdate(began.occurred_at))
        _move(tasking, Status.AWAITING, by=by, reason=reason.strip(), also=also)
        return True
    if to := goes_back([tasking], response).get(tasking):
        clocks.never_asked(tasking, response, goes_on=True)
        _move(tasking, to, by=by, reason=reason.strip(), also=also)
        return True
    return False


def _make_responsible(tasking: Tasking, *, by: Actor, owner: User | None) -> None:
    """What was only consulted now owes the reply, since the day it was first asked."""
    tasking.role, tasking.owner = TaskingRole.LEAD, owner
    tasking.version += 1
    tasking.save(update_fields=["role", "owner", "version"])
    clocks.set_due_date(tasking, by=by)
    record_event(
        EventKind.ROLE_CHANGED, by=by, letter=tasking.ask.letter, tasking=tasking, payload=payloads.tasking_state(tasking),
        public_payload=None if publicity.is_hidden(tasking) else payloads.public_change(tasking),
    )  # fmt: skip


def _move(
    tasking: Tasking,
    to: str,
    *,
    by: Actor,
    reason: str = "",
    occurred_at: dt.datetime | None = None,
    promised_on: dt.date | None = None,
    also: dict[str, str] | None = None,
) -> Tasking:
    """Write the event, then the row that points at it, then the clock. The row is locked by the caller.

    `also` is more of what the event keeps: `follows`, the responsible item whose end this one shares; `repeats`, the
    item of an earlier letter that goes on in its stead; `passed_to`, the item that goes on at another agency; `response`,
    the reply that said so, and `through`, the item it said so of where that is another one; `taken_back`, the one that said
    so and was entered in error. The public sees the move where `publicity.may_show` says so, and else its last status.
    """
    before, before_public = tasking.status, tasking.public_status
    if occurred_at and (since := status_from(tasking)):
        occurred_at = max(occurred_at, since)
    if before == Status.TRANSFERRED:
        tasking.passed_to = None  # its successor was withdrawn; it may be passed on again
    tasking.status = to
    tasking.review_on = None
    if not (before != Status.DRAFT and before_public == Status.DRAFT) and publicity.may_show(tasking, to, also or {}):
        tasking.public_status = to
    public = None
    if tasking.public_status != before_public:
        public = payloads.public_change(tasking) | {"from": before_public, "to": to}
    tasking.status_event = record_event(
        EventKind.STATUS_CHANGED,
        by=by, letter=tasking.ask.letter, tasking=tasking, from_status=before, to_status=to,
        reason=reason, occurred_at=occurred_at,
        payload=payloads.status_changed(tasking, before=before, to=to, reason=reason, promised_on=promised_on) | (also or {}),
        public_payload=public,
    )  # fmt: skip
    tasking.version += 1
    if to == Status.PROMISED:
        tasking.promised_on = promised_on
    elif to in GIVES_UP_THE_PROMISE:
        tasking.promised_on = None
    if isinstance(by, User):
        tasking.touched_at = timezone.now()
    tasking.save(
        update_fields=[
            "status", "public_status", "status_event", "version", "promised_on", "review_on", "touched_at", "passed_to",
        ]
    )  # fmt: skip
    _let_clock_follow(tasking, before, by=by)
    return tasking


def _let_clock_follow(tasking: Tasking, before: str, *, by: Actor) -> None:
    if before in CLOSED_STATUSES or (tasking.status in PROVED_BY_REPLY and tasking.answered_on is None):
        clocks.settle_answered(tasking, by=by)
    if before == Status.AWAITING and tasking.is_open:
        clocks.settle_acknowledged(tasking)
    if before == Status.CLARIFICATION:
        clocks.resume(tasking, on=tasking.status_since)
        if not tasking.is_open:  # it is judged by the date with the days that we kept them waiting
            clocks.set_due_date(tasking, by=by)
    stop_or_date(tasking, by=by)


def stop_or_date(tasking: Tasking, *, by: Actor) -> None:
    """An open item's clock, as its new status wants it."""
    if tasking.status == Status.CLARIFICATION:
        clocks.pause(tasking, on=tasking.status_since, reason="the agency asked us something")
    elif tasking.status in OPEN_STATUSES:
        clocks.set_due_date(tasking, by=by)


def _through(tasking: Tasking, also: dict[str, str] | None) -> dict[str, str]:
    """What the event of an item keeps that goes where this one went, because of the same reply."""
    reply = (also or {}).get("response")
    return {"response": reply, "through": str(tasking.pk)} if reply else {}


def consulted_follow(tasking: Tasking, *, by: Actor, also: dict[str, str]) -> None:
    """A consulted agency owes nothing: its item ends with the last responsible one, and begins again with it."""
    others = Tasking.objects.filter(ask=tasking.ask).exclude(pk=tasking.pk)
    if tasking.status in CLOSED_STATUSES:
        if others.filter(role=TaskingRole.LEAD, status__in=OPEN_STATUSES).exists():
            return
        for consulted in others.filter(role=TaskingRole.CONSULTED, status__in=OPEN_STATUSES):
            _move(
                lock(consulted), Status.OVERTAKEN,
                by=by, reason="The last responsible item of this ask was closed.",
                also={"follows": str(tasking.pk)},
            )  # fmt: skip
    elif tasking.status == Status.AWAITING:
        for consulted in others.filter(
            role=TaskingRole.CONSULTED,
            status=Status.OVERTAKEN,
            status_event__payload__follows__isnull=False,
        ):
            _move(
                lock(consulted), Status.AWAITING,
                by=by, reason="A responsible item of this ask was reopened.", also=_through(tasking, also),
            )  # fmt: skip
