"""A reminder as told to one person, as the sweep writes it."""

import datetime as dt

from letters.domain.history import acting
from letters.models import Notice, Reminder, Tasking, User
from tests.factories import SETUP


def notice(
    tasking: Tasking, to: User, *, rule: str = "past_due", due_on: dt.date | None = None, as_manager: bool = False
) -> Notice:
    due_on = due_on or tasking.due_on
    with acting(SETUP):
        reminder, _ = Reminder.objects.get_or_create(
            tasking=tasking, rule=rule, due_on=due_on, defaults={"fired_on": due_on}
        )
        return Notice.objects.create(to_user=to, reminder=reminder, as_manager=as_manager)


def told() -> int:
    """How many times a person was told of something."""
    return Notice.objects.count()
