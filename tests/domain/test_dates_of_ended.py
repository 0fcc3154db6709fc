"""The date by which an ended item is judged: with the days it waited on us, and as what it rests on is corrected later."""

import datetime as dt

import pytest
import time_machine

from letters.domain import (
    amending,
    extending,
    letter_desk,
    outcomes,
    replies,
    reply_flow,
    retractions,
    sending,
    workflow,
)
from letters.domain.amending import Correction
from letters.models import Response, StatutoryClock, Tasking
from tests import factories
from tests.factories import fresh

MAY_24 = dt.date(2023, 5, 24)
AUGUST = dt.date(2023, 8, 1)


def day(month: int, number: int) -> dt.date:
    return dt.date(2023, month, number)


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel(dt.datetime(2023, 10, 2, 16, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def tasking(reference) -> Tasking:
    return factories.item()


def said(tasking: Tasking, choice: str, on: dt.date, *, by, **how) -> Response:
    words = [reply_flow.Word(fresh(tasking), said=choice, **how)]
    return reply_flow.record_reply(by=by, agency=tasking.agency, received_on=on, words=words)


def judged(tasking: Tasking) -> tuple:
    now = fresh(tasking)
    return now.due_on, now.due_basis


def test_days_that_it_waited_on_us_move_the_date_it_is_judged_by(tasking, staff):
    said(tasking, "needs_us", day(5, 10), by=staff)
    said(tasking, "refused", day(6, 1), by=staff)
    assert (fresh(tasking).status, judged(tasking)) == ("declined", (day(6, 15), "yardstick"))
    assert Tasking.objects.filter(outcomes.answered_condition("in_time", day(10, 2))).exists()


def test_a_letter_corrected_after_the_end_is_what_it_is_judged_by(tasking, staff):
    said(tasking, "refused", day(5, 15), by=staff)
    sending.amend(tasking.ask.letter, by=staff, reason="TEST misread", deadline_on=day(6, 1))
    assert judged(tasking) == (day(6, 1), "letter")
    correction = Correction(tasking.ask, {"requested_by": day(5, 12)})
    amending.amend_parts(tasking.ask.letter, by=staff, reason="TEST", corrections=[correction])
    assert judged(tasking) == (day(5, 12), "letter")


def test_a_receipt_noted_after_the_end_is_what_a_laws_days_count_from(tasking, staff):
    law = StatutoryClock.objects.get()
    extending.set_statute(tasking.ask, by=staff, statute=law, reason="TEST")
    said(tasking, "refused", day(8, 30), by=staff)
    assert judged(tasking) == (day(8, 23), "statute")
    letter_desk.update_addressee(tasking.ask.letter.addressees.get(), by=staff, delivered_on=day(5, 9))
    assert judged(tasking) == (day(9, 6), "statute")


def test_a_receipt_noted_after_the_end_was_their_first_word(tasking, staff):
    said(tasking, "refused", day(6, 20), by=staff)
    addressee = tasking.ask.letter.addressees.get()
    letter_desk.update_addressee(addressee, by=staff, acknowledged_on=day(5, 2))
    assert (fresh(tasking).acknowledged_on, judged(tasking)) == (day(5, 2), (MAY_24, "yardstick"))


def test_a_mistaken_reply_leaves_an_ended_item_the_promise_that_stands_and_takes_its_own(tasking, staff):
    more = said(tasking, "looking", day(5, 2), by=staff)
    extending.extend(fresh(tasking), by=staff, to=day(6, 30), by_notice=True, response=more)
    mistaken = said(tasking, "promised", day(5, 20), by=staff, promised_on=AUGUST)
    replies.add_evidence(fresh(tasking), by=staff, kind="list_entry", citation="TEST SDN 1")
    workflow.close(fresh(tasking), to="implemented", by=staff)
    retractions.retract_response(more, by=staff, reason="TEST not theirs")
    assert judged(tasking) == (AUGUST, "promise")
    retractions.retract_response(mistaken, by=staff, reason="TEST not theirs")
    assert (fresh(tasking).status, judged(tasking)) == ("implemented", (MAY_24, "yardstick"))
