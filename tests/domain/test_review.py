"""No position: the reply clock stands still, and we look again on a day."""

import datetime as dt

import pytest
import time_machine

from letters.domain import items, workflow
from letters.domain.words import wait, with_yardstick
from letters.errors import NotAllowed
from letters.models import Event, Tasking
from letters.reminders.sweep import sweep
from tests import factories
from tests.domain.refusals import refused

LATER = dt.date(2023, 9, 1)
REVIEW = dt.date(2023, 8, 30)


@pytest.fixture
def reviewed(reference, staff):
    """An item whose agency takes no position, to be looked at again on August 30."""
    tasking = workflow.transition(factories.item(), to="considering", by=staff)
    with time_machine.travel("2023-06-01T12:00", tick=True):
        return items.set_review(tasking, by=staff, on=REVIEW)


def words(today: dt.date) -> tuple[str, str]:
    told = wait(with_yardstick(Tasking.objects.all()).get(), today)
    return told.words, told.detail


def test_who_takes_no_position_owes_no_reply_until_asked_again(reviewed, staff):
    assert Tasking.objects.late(LATER).count() == 0
    sweep(today=LATER)
    assert Event.objects.filter(kind="past_due").count() == 0
    assert words(dt.date(2023, 8, 29)) == ("they take no position", "we look again on August 30, 2023")
    assert words(LATER) == ("they take no position", "look again today")


def test_it_comes_back_on_its_day(reviewed):
    days = [REVIEW - dt.timedelta(days=1), REVIEW, LATER]
    assert [Tasking.objects.to_review(day).count() for day in days] == [0, 1, 1]


def test_any_later_status_ends_it_and_the_clock_runs_again(reviewed, staff):
    moved = workflow.transition(reviewed, to="partly_addressed", by=staff)
    moved.refresh_from_db()
    assert (moved.review_on, Tasking.objects.late(LATER).count()) == (None, 1)


def test_the_event_says_the_day(reviewed, staff):
    event = Event.objects.get(kind="review_set")
    assert (event.by_user, event.payload["review_on"], event.public_payload) == (staff, "2023-08-30", None)


def test_only_an_item_that_is_looked_into_gets_one(reference, staff):
    assert refused(items.set_review, factories.item(), by=staff, on=dt.date(2099, 1, 4)) == {
        "review_on": "Only an item that is “looking into it” gets a review date; this one is “no reply recorded”. "
        "Record first that they look into it."
    }


def test_it_lies_ahead_and_is_for_who_may_edit(reviewed, staff, viewer):
    assert list(refused(items.set_review, reviewed, by=staff, on=dt.date(2023, 5, 1))) == ["review_on"]
    refused(items.set_review, reviewed, by=viewer, on=dt.date(2099, 1, 4), error=NotAllowed)
