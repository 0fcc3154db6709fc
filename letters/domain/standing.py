"""What counts of an item now: its replies and its proofs, what they say of the agency's position, and whether its end still rests on one."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When
from django.utils import timezone

from letters.domain.access import EDIT, Actor, may
from letters.domain.said import ANSWERS_NOTHING
from letters.enums import PROOF_KINDS, SUBSTANTIVE_KINDS, Coverage, Said, Stance, Status
from letters.errors import Problem
from letters.models import Answer, Evidence, Response, Tasking
from letters.models.events import asked_again
from letters.models.tasking_queries import TaskingQuerySet

PROVED_BY_REPLY = (Status.ANSWERED, Status.DECLINED)


def reopened_at(tasking: Tasking) -> dt.datetime | None:
    """When it was last asked again after an end, unless that was taken back."""
    return asked_again().filter(tasking=tasking).order_by("-sequence").values_list("recorded_at", flat=True).first()


@dataclass(frozen=True)
class Reopening:
    """That an item waits again after an end: since when, and the day of the last reply about it, if one counts."""

    on: dt.date
    last_reply_on: dt.date | None


def with_reopening(found: TaskingQuerySet) -> TaskingQuerySet:
    """Annotate what `reopening` and `answered_once` read, for lists."""
    return found.annotate(**reopening_columns())


def reopening_columns(tasking: str = "") -> dict[str, Case]:
    """The same for rows that lead to an item by this name. Nothing is looked up but of items that wait, or lapsed."""
    key, status = OuterRef(tasking or "pk"), f"{tasking}__status" if tasking else "status"
    is_waiting = {status: Status.AWAITING}
    again = asked_again().filter(tasking=key).order_by("-sequence").values("occurred_at")
    replies = Answer.objects.filter(tasking=key, response__in_error_at__isnull=True)
    last = replies.order_by("-response__received_on").values("response__received_on")
    in_full = replies.filter(coverage=Coverage.FULL, response__kind__in=SUBSTANTIVE_KINDS)
    in_full = in_full.exclude(said__in=ANSWERS_NOTHING).order_by()
    return {
        "answered_once": Case(When(**{status: Status.NOT_IMPLEMENTED}, then=Exists(in_full)), default=False),
        "asked_again_at": Case(When(**is_waiting, then=Subquery(again[:1]))),
        "last_reply_on": Case(When(**is_waiting, then=Subquery(last[:1]))),
    }


def reopening(tasking: Tasking, found: Any = None) -> Reopening | None:
    """None where it waits as it did from the first, or waits no more. `found`: the row that has the columns, if it is not
    the item; where neither has them, they are asked for."""
    if tasking.status != Status.AWAITING:
        return None
    row: Any = found or tasking
    if not hasattr(row, "asked_again_at"):
        row = with_reopening(Tasking.objects.filter(pk=tasking.pk)).get()
    return Reopening(timezone.localdate(row.asked_again_at), row.last_reply_on) if row.asked_again_at else None


def answered_once(tasking: Tasking, found: Any = None) -> bool:
    """Of an item that lapsed: whether they had answered it in full, if only before we asked again. `found` as for
    `reopening`."""
    row: Any = found or tasking
    if not hasattr(row, "answered_once"):
        row = with_reopening(Tasking.objects.filter(pk=tasking.pk)).get()
    return row.answered_once


def standing_answers(tasking: Tasking) -> QuerySet[Answer]:
    """What was read of replies that count: none entered in error, none read before the item was asked again."""
    answers = tasking.answers.filter(coverage__isnull=False, response__in_error_at__isnull=True)
    reopened = reopened_at(tasking)
    return answers.filter(assessed_at__gt=reopened) if reopened else answers


def proving_answers(tasking: Tasking) -> QuerySet[Answer]:
    """Those on which an end can rest: of replies that say something about an ask, and they do of this one."""
    return standing_answers(tasking).filter(response__kind__in=PROOF_KINDS).exclude(said__in=ANSWERS_NOTHING)


def standing_evidence(tasking: Tasking) -> QuerySet[Evidence]:
    """What proves the outcome now: not entered in error, and looked at since the item was asked again."""
    evidence = tasking.evidence.not_in_error()
    reopened = reopened_at(tasking)
    return evidence.filter(checked_at__gt=reopened) if reopened else evidence


def position(tasking: Tasking) -> str:
    """What the last reply says that states one and still counts: the last to come, not to be read."""
    standing = tasking.answers.filter(coverage__isnull=False, response__in_error_at__isnull=True)
    said = standing.exclude(stance=Stance.UNKNOWN).order_by("-response__received_on", "-assessed_at")
    return said.values_list("stance", flat=True).first() or Stance.UNKNOWN


def said_since(taskings: Iterable[Tasking]) -> dict[uuid.UUID, list[tuple[dt.date, str]]]:
    """What replies that count say of each item, with the day each came, the last to come first: what one that is logged
    late, and came before, cannot undo. That a letter came says nothing. One query."""
    found: dict[uuid.UUID, list[tuple[dt.date, str]]] = {}
    read = Answer.objects.filter(
        tasking__in=[t.pk for t in taskings], coverage__isnull=False, response__in_error_at__isnull=True
    )
    read = read.exclude(said=Said.RECEIVED).exclude(said="", coverage=Coverage.EVADES, stance=Stance.UNKNOWN)
    for tasking, day, said in read.order_by("-response__received_on").values_list(
        "tasking", "response__received_on", "said"
    ):
        found.setdefault(tasking, []).append((day, said))
    return found


def takes_none_since(tasking: Tasking, response: Response) -> bool:
    """Whether a reply that came after this one, though it was logged before, takes no position."""
    later = tasking.answers.filter(
        said=Said.NO_POSITION, response__in_error_at__isnull=True, response__received_on__gt=response.received_on
    )
    return later.exists()


def settle_stance(tasking: Tasking) -> None:
    """Keep the agency's position on the item, where it is another one now."""
    stance = position(tasking)
    if tasking.stance != stance:
        tasking.stance = stance
        tasking.save(update_fields=["stance"])


def rests_on_reply(tasking: Tasking) -> bool:
    """Whether the item ended with a reply that proves it, as it is read now."""
    return tasking.status in PROVED_BY_REPLY and proving_answers(tasking).exists()


def loses_its_reply(tasking: Tasking, field: str, by: Actor) -> Problem:
    """The database asks for the reply when an item ends; this keeps what is said of it later from taking it away."""
    # whoever reads a reply may not know of each item it is about
    name = f"“{tasking}” is {tasking.get_status_display()}" if may(by, EDIT, tasking.ask.letter) else "An item ended"
    return Problem(
        field, f"{name} on this reply alone, as it was read before. Reopen it with a reason, then read it anew."
    )
