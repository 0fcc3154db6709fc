"""Letters that come in long after they were sent: what would have been said meanwhile is said to nobody."""

from collections.abc import Sequence

from letters.domain.clocks import office_today
from letters.enums import OPEN_STATUSES
from letters.models import Letter, Reminder, Tasking
from letters.reminders.facts import load_schedule


def hush(letters: Sequence[Letter]) -> None:
    """Keep, quietly, every rung of their items whose day is past: the next one fires as usual. The caller says who acts.

    The dates that passed are still recorded by the next sweep, once, as what they are.
    """
    if not letters:
        return
    today = office_today()
    items = Tasking.objects.filter(ask__letter__in=letters, status__in=OPEN_STATUSES).select_related(
        "ask__letter", "agency"
    )
    Reminder.objects.bulk_create(
        Reminder(tasking=tasking, rule=firing.rung.code, due_on=firing.counts_from, fired_on=today, quiet=True)
        for tasking, decision in load_schedule().decide(list(items), today)
        for firing in decision.fires
    )
