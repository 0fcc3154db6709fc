"""Days that do not count, and what moves when one is added or removed: every date still running (invariant 5)."""

import datetime as dt

from django.db import transaction

from letters.domain import clocks
from letters.domain.access import ADMINISTER, Actor, require
from letters.domain.history import acting
from letters.domain.rules import check_required, check_text, refuse_if
from letters.domain.situations import READS
from letters.models import Closure, Tasking
from letters.models.tasking_queries import RUNNING


@transaction.atomic
def set_closure(*, by: Actor, day: dt.date, name: str, closed: bool = True) -> Closure:
    """Close the offices on a day (or, with `closed` False, count a listed holiday as a business day)."""
    require(by, ADMINISTER)
    refuse_if(
        [
            *check_required("name", "The name of the day", name, "Say why it does not count."),
            *check_text("name", "The name of the day", name, 200),
        ]
    )
    with acting(by, why=f"closure {day}: {name}"):
        closure, _ = Closure.objects.update_or_create(day=day, defaults={"name": name, "closed": closed})
        recount_running(by=by)
        return closure


@transaction.atomic
def remove_closure(closure: Closure, *, by: Actor) -> None:
    """The day counts again as the calendar says."""
    require(by, ADMINISTER)
    with acting(by, why=f"closure {closure.day} removed"):
        closure.delete()
        recount_running(by=by)


@transaction.atomic
def recount_now(*, by: Actor) -> int:
    """Let running dates follow a usual wait that was changed; the number of dates that moved."""
    require(by, ADMINISTER)
    with acting(by, why="our usual wait changed"):
        return recount_running(by=by)


def recount_running(*, by: Actor) -> int:
    """Compute every running date anew; the number of items whose date moved. Finished clocks keep theirs.

    A date that somebody set is literal: a closure does not move it, only the business day named beside it. In batches,
    so that memory stays flat; inside the caller's transaction, so that the calendar and the dates agree.
    """
    calendar = clocks.load_calendar()
    running = Tasking.objects.filter(RUNNING)
    # held in the order in which replies and contacts hold items, so that two writers wait for each other instead of both
    order = ("ask_id", "pk")
    keys = list(running.order_by(*order).values_list("pk", flat=True))
    moved = 0
    for start in range(0, len(keys), clocks.BATCH):
        batch = (
            running.filter(pk__in=keys[start : start + clocks.BATCH])
            .select_related("ask__letter", "ask__statute", "agency__parent")
            .prefetch_related(*READS)
            .order_by(*order)
            .select_for_update(of=("self",), no_key=True)
        )
        for tasking in batch:
            before = tasking.due_on
            clocks.set_due_date(tasking, by=by, calendar=calendar)
            moved += tasking.due_on != before
    clocks.look_again()
    return moved
