"""A reply that is written down days after it came, and a deed after it was seen: the record counts by the day it came."""

import datetime as dt

import pytest
from django.utils import timezone

from letters.domain import replies, retractions, workflow
from letters.domain.outcomes import IN_TIME, NOT_IN_TIME, answered_condition
from letters.domain.reply_flow import record_reply
from letters.domain.reply_steps import Proof, Word
from letters.models import Tasking
from letters.web.happened import timeline
from letters.web.letter_timeline import in_order
from tests import factories
from tests.factories import fresh, on

JUNE_9, JUNE_10, JUNE_15 = (dt.date(2023, 6, day) for day in (9, 10, 15))


@pytest.fixture
def promised(reference, staff) -> Tasking:
    with on(4, 25):
        item = factories.item()
    with on(5, 22):
        return workflow.transition(item, to="promised", by=staff, promised_on=JUNE_10)


def came(tasking: Tasking, said: str, *, by, received_on: dt.date, **how):
    word = Word(fresh(tasking), said=said, **how)
    return record_reply(by=by, agency=tasking.agency, received_on=received_on, words=[word])


def day_of(tasking: Tasking) -> dt.date:
    return timezone.localdate(fresh(tasking).status_event.occurred_at)


def kept(tasking: Tasking) -> str:
    found = Tasking.objects.filter(pk=tasking.pk)
    return next(
        name for name in (IN_TIME, NOT_IN_TIME) if found.filter(answered_condition(name, dt.date(2023, 7, 1))).exists()
    )


def test_a_promise_is_kept_by_the_day_the_answer_came_not_by_the_day_it_was_written_down(promised, staff):
    with on(6, 15):
        came(promised, "answered", by=staff, received_on=JUNE_9)
    assert (fresh(promised).status, day_of(promised), kept(promised)) == ("answered", JUNE_9, IN_TIME)
    lines = timeline(in_order(list(promised.events.all())), one_item=True)
    # one act is one line, and a day that is only known as a day has no time
    assert lines[0]["words"] == "Reply recorded, received June 9, 2023"
    assert lines[0]["parts"][-1]["words"].endswith("became “answered”")


def test_what_a_person_then_ends_by_hand_ended_with_the_reply(promised, staff):
    with on(6, 14):
        factories.reply(promised, received_on=JUNE_9)
    with on(6, 15):
        workflow.transition(fresh(promised), to="answered", by=staff)
    assert (day_of(promised), kept(promised)) == (JUNE_9, IN_TIME)


def test_a_reply_that_stood_there_when_the_item_took_its_status_did_not_end_it(promised, staff):
    with on(6, 14):
        factories.reply(promised, received_on=JUNE_9)
    with on(6, 15):
        workflow.transition(fresh(promised), to="partly_addressed", by=staff)
    with on(6, 20):
        workflow.transition(fresh(promised), to="answered", by=staff)
    assert (day_of(promised), kept(promised)) == (dt.date(2023, 6, 20), NOT_IN_TIME)


@pytest.mark.parametrize(("seen_on", "day"), [(JUNE_9, JUNE_9), (None, JUNE_15)])
def test_a_deed_is_done_on_the_day_it_was_seen(promised, staff, seen_on, day):
    with on(6, 15):
        replies.add_evidence(promised, by=staff, kind="federal_register", citation="TEST 99 FR 9", seen_on=seen_on)
        workflow.transition(fresh(promised), to="implemented", by=staff)
    assert day_of(promised) == day


def test_a_reply_that_says_it_is_done_may_come_after_the_deed_was_seen(promised, staff):
    proof = Proof("federal_register", citation="TEST 99 FR 9", seen_on=JUNE_9)
    with on(6, 15):
        came(promised, "done", by=staff, received_on=dt.date(2023, 6, 12), proof=proof)
    assert (day_of(promised), kept(promised)) == (JUNE_9, IN_TIME)


def test_it_never_happens_before_the_item_took_the_status_that_it_leaves(promised, staff):
    with on(6, 15):
        came(promised, "refused", by=staff, received_on=dt.date(2023, 5, 8))
    assert day_of(promised) == dt.date(2023, 5, 22)
    with on(6, 16):
        workflow.reopen(fresh(promised), by=staff, reason="TEST")
        came(promised, "other_agency", by=staff, received_on=JUNE_9, passed_to=factories.agency("commerce"))
    assert day_of(promised) == dt.date(2023, 6, 16)
    with on(6, 20):
        came(fresh(promised).passed_to, "received", by=staff, received_on=dt.date(2023, 6, 19))
    assert day_of(fresh(promised).passed_to) == dt.date(2023, 6, 19)


def test_what_the_office_decides_is_of_the_day_it_decides(promised, staff):
    with on(6, 15):
        came(promised, "looking", by=staff, received_on=JUNE_9, status="not_implemented", reason="TEST too late")
    assert day_of(promised) == JUNE_15


def test_the_clock_stands_still_from_the_day_their_question_came(reference, staff):
    with on(4, 25):
        item = factories.item()
    with on(5, 30):
        question = came(item, "needs_us", by=staff, received_on=dt.date(2023, 5, 10))
    assert item.pauses.values_list("started_on", "ended_on").get() == (dt.date(2023, 5, 10), None)
    with on(6, 15):
        came(item, "looking", by=staff, received_on=dt.date(2023, 6, 12))
    # 22 business days stood still, with Memorial Day among them
    assert item.pauses.values_list("started_on", "ended_on").get() == (dt.date(2023, 5, 10), dt.date(2023, 6, 12))
    assert fresh(item).due_on == dt.date(2023, 6, 27)
    with on(6, 16):
        came(item, "needs_us", by=staff, received_on=dt.date(2023, 5, 11))
    # it is older than what they said last, so it stops nothing again
    assert not item.pauses.filter(ended_on=None).exists()
    assert question.pk


def test_of_a_letter_logged_late_no_day_of_a_question_taken_back_stays(reference, staff):
    item = factories.item()  # logged today, sent in April 2023
    question = came(item, "needs_us", by=staff, received_on=dt.date(2023, 5, 10))
    assert item.pauses.get().started_on == dt.date(2023, 5, 10)
    retractions.retract_response(question, by=staff, reason="TEST not theirs")
    pause = item.pauses.get()
    assert (fresh(item).status, fresh(item).due_on, pause.ended_on) == (
        "awaiting",
        dt.date(2023, 5, 24),
        pause.started_on,
    )


def test_of_a_question_taken_back_the_days_of_another_count_from_the_day_that_one_came(reference, staff):
    with on(4, 25):
        item = factories.item()
    with on(5, 30):
        mistaken = came(item, "needs_us", by=staff, received_on=dt.date(2023, 5, 10))
    with on(5, 31):
        came(item, "needs_us", by=staff, received_on=dt.date(2023, 5, 12))
    with on(6, 1):
        workflow.transition(fresh(item), to="considering", by=staff)
        retractions.retract_response(mistaken, by=staff, reason="TEST not theirs")
    assert item.pauses.values_list("started_on", "ended_on").get() == (dt.date(2023, 5, 12), dt.date(2023, 6, 1))


def test_a_promise_that_was_given_up_does_not_come_back_with_a_later_one_that_was_none(reference, staff):
    with on(4, 25):
        item = factories.item()
    with on(5, 1):
        came(item, "promised", by=staff, received_on=dt.date(2023, 5, 1), promised_on=dt.date(2023, 6, 1))
        workflow.transition(fresh(item), to="considering", by=staff)
    with on(6, 2):
        mistaken = came(item, "promised", by=staff, received_on=dt.date(2023, 6, 2), promised_on=dt.date(2023, 8, 1))
    with on(6, 3):
        came(item, "received", by=staff, received_on=dt.date(2023, 6, 2))
        retractions.retract_response(mistaken, by=staff, reason="TEST not theirs")
    assert (fresh(item).status, fresh(item).due_on, fresh(item).due_basis) == (
        "promised",
        dt.date(2023, 5, 24),
        "yardstick",
    )
