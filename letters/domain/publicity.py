"""Which status of an item the public may see: one that says nothing about what is not public itself (invariant 8)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from letters.domain.history import that_stand
from letters.domain.payloads import PUBLIC_ON_ITS_OWN
from letters.domain.standing import PROVED_BY_REPLY
from letters.enums import CLOSED_STATUSES, PROOF_KINDS, EventKind, EvidenceKind, Status, TaskingRole
from letters.models import Answer, Event, Letter, Response, Tasking


def rests_on_public(tasking: Tasking, to: str, *, until: dt.datetime | None = None) -> bool:
    """Whether all that a status rests on is public: what was recorded before it, or before now.

    Done rests on evidence, and one public piece of it is enough. An answer or a refusal rests on each reply that
    says something about the ask, any other status on each reply there was. A status that rests on nothing we hold
    was told to us in some way that is not public.
    """
    if to in PUBLIC_ON_ITS_OWN:
        return True
    if to == Status.IMPLEMENTED:
        evidence = tasking.evidence.not_in_error().filter(released_at__isnull=False)
        evidence = evidence.exclude(kind=EvidenceKind.RESPONSE, response__released_at__isnull=True)
        return (evidence.filter(added_at__lte=until) if until else evidence).exists()
    answers = tasking.answers.filter(response__in_error_at__isnull=True)
    if to in PROVED_BY_REPLY:
        answers = answers.filter(response__kind__in=PROOF_KINDS)
    if until:
        answers = answers.filter(recorded_at__lte=until)
    found = list(answers.values_list("released_at", "response__released_at"))
    return bool(found) and all(its_own and of_reply for its_own, of_reply in found)


def may_show(tasking: Tasking, to: str, why: Mapping[str, Any], *, until: dt.datetime | None = None) -> bool:
    """Whether the public may see a move to `to`. `why` is what its event keeps of where it came from (`workflow._move`)."""
    if leader := why.get("follows"):
        return all_ended(Tasking.objects.get(pk=leader))
    if earlier := why.get("repeats"):
        return may_be_known(earlier)
    # done rests on its evidence, whatever told us; any other move that a reply made is no more public than the reply
    if to != Status.IMPLEMENTED and not _said_in_public(tasking, why):
        # An end that stands although its reply was entered in error rests on another that proves it, such as its twin.
        return to in PROVED_BY_REPLY and _was_an_error(why) and rests_on_public(tasking, to)
    return rests_on_public(tasking, to, until=until)


def public_status(tasking: Tasking, *, without: Event | None = None) -> str:
    """The last status of its story that the public may see, with what is public now; as if `without` had never been."""
    events = that_stand(tasking.events.filter(kind=EventKind.STATUS_CHANGED).order_by("-sequence"))
    events = [event for event in events if event != without]
    if events and not _said_in_public(tasking, events[-1].payload):
        return Status.DRAFT  # a reply that is not public made this item
    for event in events:
        if may_show(tasking, event.to_status, event.payload, until=event.recorded_at):
            return event.to_status
    return Status.DRAFT


def is_hidden(tasking: Tasking) -> bool:
    """Whether the public knows nothing of an item of a sent letter: it was passed on by a reply that is not public."""
    return tasking.status != Status.DRAFT and tasking.public_status == Status.DRAFT


def _said_in_public(tasking: Tasking, why: Mapping[str, Any]) -> bool:
    """Whether the reply that made a move, if one did, is public, with what it says of the item (`through`: of another
    one, which took this one along), and was not entered in error."""
    reply = why.get("response")
    if reply is None:
        return True
    said = Answer.objects.filter(response=reply, tasking=why.get("through", tasking.pk), released_at__isnull=False)
    return said.filter(response__released_at__isnull=False, response__in_error_at__isnull=True).exists()


def _was_an_error(why: Mapping[str, Any]) -> bool:
    """Whether the reply that made a move of this very item was entered in error."""
    return "through" not in why and Response.objects.filter(pk=why["response"], in_error_at__isnull=False).exists()


def all_ended(tasking: Tasking) -> bool:
    """Whether every responsible item of its ask has ended for the public, which is when a consulted one does: that it
    ended would tell as much of each of them."""
    leads = Tasking.objects.filter(ask=tasking.ask_id, role=TaskingRole.LEAD)
    return not leads.exclude(public_status__in=CLOSED_STATUSES).exists()


def may_be_known(tasking: str) -> bool:
    """Whether the item of this id is one of a public letter. Where it is not, an item that left because it repeats
    that one has not left for the public: it would tell that there is an earlier letter."""
    return Tasking.objects.filter(pk=tasking, ask__letter__in=Letter.objects.released().values("pk")).exists()
