"""Days are the office's: a round just before and just after its midnight, and on the nights when the clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine

from letters.domain import items
from letters.models import Event
from letters.reminders.sweep import sweep
from tests import factories

OFFICE = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "due_on",
    [dt.date(2023, 5, 24), dt.date(2024, 3, 9), dt.date(2024, 3, 10), dt.date(2023, 11, 4), dt.date(2023, 11, 5)],
    ids=["no change", "night before spring", "spring", "night before fall", "fall"],
)
def test_a_date_is_kept_until_its_day_is_over_and_told_on_its_day(reference, staff, due_on):
    letter_day = due_on - dt.timedelta(days=60)
    noon = dt.datetime.combine(letter_day, dt.time(12), OFFICE)
    with time_machine.travel(noon, tick=False):
        item = factories.item(sent_on=letter_day, deadline_on=due_on)
        items.assign(item, by=factories.SETUP, owner=staff)
    begins = dt.datetime.combine(due_on, dt.time(), OFFICE)
    ends = dt.datetime.combine(due_on + dt.timedelta(days=1), dt.time(), OFFICE)
    second = dt.timedelta(seconds=1)

    def rounds(moment: dt.datetime) -> tuple[int, int]:
        """Two at each moment: the second finds nothing."""
        with time_machine.travel(moment.astimezone(dt.UTC), tick=False):
            sweep()
            assert sweep().reminders == 0
        told = staff.notices.filter(reminder__rule="due", reminder__due_on=due_on).count()
        return told, Event.objects.filter(kind="past_due", due_on=due_on).count()

    def at(moment: dt.datetime, seconds: int) -> dt.datetime:
        return moment.astimezone(dt.UTC) + second * seconds

    assert rounds(at(begins, -1)) == (0, 0)
    assert rounds(at(begins, 1)) == (1, 0)
    # through every hour of the day, the one that is skipped and the one that comes twice
    for hour in range(1, 23):
        assert rounds(at(begins, hour * 3600)) == (1, 0)
    assert rounds(at(ends, -1)) == (1, 0)
    assert rounds(at(ends, 1)) == (1, 1)
