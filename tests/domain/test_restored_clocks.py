"""A mistaken reply that is taken back while another stands: its clock rests again on what stood before, and says so."""

import datetime as dt

import pytest
import time_machine

from letters.domain import items, reply_flow, retractions, workflow
from letters.domain.deadlines import Explanation
from letters.domain.due_rules import moved_because
from letters.models import Event, Response, Tasking
from letters.web.happened import timeline
from tests import factories

JUNE, JULY, AUGUST = (dt.date(2023, month, 1) for month in (6, 7, 8))
IN_ERROR = "A reply that promised it for July 1, 2023 was entered in error"


@pytest.fixture
def item(reference) -> Tasking:
    with time_machine.travel(dt.datetime(2023, 4, 25, 16, tzinfo=dt.UTC), tick=True):
        return factories.item()


@pytest.fixture
def on(staff):
    """The verbs of a day in 2023, at noon in Washington."""

    class Day:
        def __init__(self, month: int, day: int) -> None:
            self.day = dt.date(2023, month, day)

        def do(self, verb, *args, **more):
            with time_machine.travel(dt.datetime.combine(self.day, dt.time(16), dt.UTC), tick=True):
                return verb(*args, by=staff, **more)

        def said(self, tasking: Tasking, word: str, **more) -> Response:
            words = [reply_flow.Word(now(tasking), said=word, **more)]
            return self.do(reply_flow.record_reply, agency=tasking.agency, received_on=self.day, words=words)

        def back(self, response: Response) -> Tasking:
            self.do(retractions.retract_response, response, reason="TEST not theirs")
            return now(Tasking.objects.get(answers__response=response))

    return Day


def now(tasking: Tasking) -> Tasking:
    return Tasking.objects.select_related("ask__letter", "ask__kind", "agency").get(pk=tasking.pk)


def dates(tasking: Tasking) -> list[Explanation]:
    kept = tasking.due_dates.filter(clock="substantive").order_by("-revision")
    return [Explanation.from_json(one.explanation) for one in kept]


def why_moved(tasking: Tasking) -> str:
    after, before = dates(tasking)[:2]
    return moved_because(before, after)


def last_moved(tasking: Tasking) -> Event:
    return tasking.events.filter(kind="due_date_moved", payload__clock__isnull=True).latest("sequence")


def test_a_pause_that_it_began_and_somebody_ended_counts_for_nothing(item, on, staff):
    on(5, 1).said(item, "received")
    mistaken = on(5, 2).said(item, "needs_us")
    on(5, 16).do(workflow.transition, now(item), to="considering")
    assert now(item).due_on == dt.date(2023, 6, 8)
    item = on(6, 1).back(mistaken)
    assert (item.status, item.due_on) == ("considering", dt.date(2023, 5, 24))
    why = "The pause from May 2, 2023 counts for nothing: the reply that asked us something was entered in error"
    assert (why in dates(item)[0].sentences(), why_moved(item)) == (True, why)
    assert last_moved(item).by_user == staff
    told = timeline(list(item.events.filter(kind="response_in_error").order_by("-sequence")), one_item=True)
    assert [line["detail"] for line in told] == ["the pause that it began counts for nothing"]


def test_an_item_that_it_alone_made_wait_on_us_is_what_it_was_before(item, on):
    on(5, 1).said(item, "received")
    mistaken = on(5, 2).said(item, "needs_us")
    item = on(6, 1).back(mistaken)
    assert (item.status, item.due_on, item.pauses.filter(ended_on=None).count()) == (
        "acknowledged", dt.date(2023, 5, 24), 0,
    )  # fmt: skip
    moved = item.status_event
    assert (moved.from_status, moved.payload["taken_back"]) == ("clarification", str(mistaken.pk))


def test_where_more_was_said_since_it_waits_on_us_from_today_until_a_person_says_otherwise(item, on):
    mistaken = on(5, 2).said(item, "needs_us")
    on(5, 4).said(item, "received")  # moves nothing
    item = on(5, 16).back(mistaken)
    assert (item.status, [str(one) for one in item.pauses.all()]) == ("clarification", ["May 16, 2023 to now"])
    on(5, 17).do(workflow.transition, item, to="considering")
    assert now(item).due_on == dt.date(2023, 5, 25)


def test_a_pause_that_another_reply_asked_for_too_begins_with_that_one(item, on):
    mistaken = on(5, 2).said(item, "needs_us")
    on(5, 9).said(item, "needs_us")
    on(5, 16).do(workflow.transition, now(item), to="considering")
    item = on(6, 1).back(mistaken)
    assert [str(one) for one in item.pauses.all()] == ["May 9, 2023 to May 16, 2023"]
    assert (item.due_on, why_moved(item)) == (dt.date(2023, 6, 1), "a pause of 7 days is taken back")


def test_of_two_questions_that_were_none_no_day_counts_in_whatever_order_they_go(item, on):
    first = on(5, 2).said(item, "needs_us")
    second = on(5, 9).said(item, "needs_us")
    on(5, 16).do(workflow.transition, now(item), to="considering")
    on(6, 1).back(first)
    item = on(6, 2).back(second)
    assert ([one.ended_on - one.started_on for one in item.pauses.all()], item.due_on) == (
        [dt.timedelta(0)], dt.date(2023, 5, 24),
    )  # fmt: skip


def test_a_promise_that_came_before_the_last_one_and_is_logged_after_it_moves_nothing(item, on):
    last = on(5, 20).said(item, "promised", promised_on=AUGUST)
    words = [reply_flow.Word(now(item), said="promised", promised_on=JUNE)]
    came = {"agency": item.agency, "received_on": dt.date(2023, 5, 1), "words": words}
    on(6, 10).do(reply_flow.record_reply, **came)
    assert (now(item).promised_on, now(item).due_on) == (AUGUST, AUGUST)
    assert on(6, 11).back(last).due_on == JUNE


def test_that_they_look_into_it_ends_no_review_that_they_asked_for_later(item, on):
    on(6, 1).said(item, "no_position", review_on=AUGUST)
    words = [reply_flow.Word(now(item), said="looking")]
    came = {"agency": item.agency, "received_on": dt.date(2023, 5, 4), "words": words}
    on(6, 10).do(reply_flow.record_reply, **came)
    assert (now(item).stance, now(item).review_on) == ("no_position", AUGUST)


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_promised_day_that_it_moved_is_the_one_of_before(item, on, staff, by_hand):
    on(5, 2).said(item, "promised", promised_on=AUGUST)
    if by_hand:
        on(5, 3).do(items.move_promise, now(item), to=JUNE)
    else:
        on(5, 3).said(item, "promised", promised_on=JUNE)
    mistaken = on(5, 9).said(item, "promised", promised_on=JULY)
    assert now(item).due_on == JULY
    item = on(5, 10).back(mistaken)
    assert (item.status, item.promised_on, item.due_on, item.due_basis) == ("promised", JUNE, JUNE, "promise")
    assert dates(item)[0].notes == (IN_ERROR,)
    assert why_moved(item) == f"Treasury promised it for June 1, 2023, from April 25, 2023; {IN_ERROR}"
    assert last_moved(item).by_user == staff
    (told,) = timeline(list(item.events.filter(kind="response_in_error").order_by("-sequence")), one_item=True)
    assert told["detail"] == "promised for June 1, 2023 again"


def test_a_promised_day_that_another_named_since_stays(item, on):
    on(5, 2).said(item, "promised", promised_on=JUNE)
    mistaken = on(5, 3).said(item, "promised", promised_on=JULY)
    again = on(5, 4).said(item, "promised", promised_on=JULY)
    moves = Event.objects.filter(kind="due_date_moved").count()
    assert on(5, 5).back(mistaken).promised_on == JULY
    assert Event.objects.filter(kind="due_date_moved").count() == moves
    assert on(5, 6).back(again).promised_on == JUNE  # of both nothing is left


def test_a_promise_that_was_none_ends_with_it_and_where_a_person_has_to_say_its_day_does_not_count(item, on):
    on(5, 1).said(item, "looking")
    item = on(5, 3).back(on(5, 2).said(item, "promised", promised_on=JULY))
    assert (item.status, item.due_on, item.due_basis) == ("considering", dt.date(2023, 5, 24), "yardstick")
    mistaken = on(5, 4).said(item, "promised", promised_on=JULY)
    on(5, 5).said(item, "received")
    item = on(5, 6).back(mistaken)
    assert (item.status, item.due_on, item.due_basis) == ("promised", dt.date(2023, 5, 24), "yardstick")
    assert IN_ERROR in dates(item)[0].notes
    (told, *_) = timeline(list(item.events.filter(kind="response_in_error").order_by("-sequence")), one_item=True)
    assert told["detail"] == "the day it promised counts for nothing"


@pytest.mark.parametrize("partly_first", [True, False])
def test_of_what_is_partly_done_no_day_is_left_that_it_alone_promised(item, on, partly_first):
    on(5, 1).said(item, "partly")
    mistaken = on(5, 2).said(item, "promised", promised_on=JULY)
    if not partly_first:
        on(5, 3).do(workflow.transition, now(item), to="partly_addressed")
    item = on(5, 4).back(mistaken)
    assert (item.status, item.promised_on, item.due_on, item.due_basis) == (
        "partly_addressed", None, dt.date(2023, 5, 24), "yardstick",
    )  # fmt: skip


def test_a_review_date_that_it_set_is_the_one_of_before(item, on):
    on(5, 2).said(item, "no_position", review_on=JULY)
    mistaken = on(5, 3).said(item, "no_position", review_on=AUGUST)
    assert now(item).review_on == AUGUST
    assert on(5, 4).back(mistaken).review_on == JULY
