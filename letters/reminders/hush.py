"""Letters that come in long after they were sent: what would have been said meanwhile is said to nobody."""

from collections.abc import Sequence

from letters.domain.clocks import office_today
from letters.domain.copying import copy_new
from letters.models import Reminder, Tasking
from letters.reminders.facts import load_schedule


def hush(items: Sequence[Tasking]) -> None:
    """Keep, quietly, every rung of open items whose day is past: the next one fires as usual. The caller says who acts.

    The dates that passed are still recorded by the next sweep, once, as what they are.
    """
    if not items:
        return
    today = office_today()
    copy_new(
        Reminder,
        (
            {
                "tasking": tasking,
                "rule": firing.rung.code,
                "due_on": firing.counts_from,
                "fired_on": today,
                "quiet": True,
            }
            for tasking, decision in load_schedule().decide(items, today)
            for firing in decision.fires
        ),
    )
