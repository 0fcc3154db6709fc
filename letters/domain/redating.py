"""Dates of items that ended, where what they rest on turns out to be something else: reply records judge by them for good."""

from letters.domain import clocks
from letters.domain.access import Actor
from letters.enums import Basis, Status
from letters.models import Tasking
from letters.models.tasking_queries import TaskingQuerySet

NEVER_WAITED = (Status.DRAFT, Status.ENTERED_IN_ERROR)


def that_waited(taskings: TaskingQuerySet) -> TaskingQuerySet:
    """Open or ended, in the order in which replies and contacts hold them."""
    return taskings.exclude(status__in=NEVER_WAITED).distinct().order_by("ask_id", "pk")


def date_by_letter(tasking: Tasking, *, by: Actor, reason: str = "") -> None:
    """The date of an item, open or ended, whose letter says something else than we had noted. The row is locked.

    What ended is dated anew only where a letter's date counts, or a law's, which begins with the letter: our usual wait as
    it is now is not that of then.
    """
    if tasking.is_open:
        clocks.set_due_date(tasking, by=by, reason=reason)
    elif tasking.asked_on is not None:
        calendar = clocks.load_calendar()
        if {Basis.LETTER, Basis.STATUTE} & {tasking.due_basis, clocks.explain(tasking, calendar).basis}:
            clocks.set_due_date(tasking, by=by, reason=reason, calendar=calendar)


def date_without(tasking: Tasking, *, by: Actor) -> None:
    """The date of an item, open or ended, without what a reply entered in error had done to it. The row is locked."""
    if tasking.is_open:
        clocks.run_again(tasking, by=by)
    elif tasking.status not in NEVER_WAITED:
        clocks.set_due_date(tasking, by=by)
