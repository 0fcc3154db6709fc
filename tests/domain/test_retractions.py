"""What was entered in error stays in the record, with the reason, and counts for nothing."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from letters.domain import clocks, closures, items, news, replies, reply_flow, retractions, workflow
from letters.domain.deadlines import Explanation
from letters.domain.history import acting
from letters.errors import NotAllowed
from letters.models import Contact, Event, Evidence, Response, Tasking
from tests import factories
from tests.domain.refusals import refused

LATER = dt.date(2023, 9, 1)
REOPEN_FIRST = "“{}” is {} on this alone. Reopen it with a reason, then come back."


def again(tasking: Tasking) -> Tasking:
    return Tasking.objects.get(pk=tasking.pk)


def test_a_reply_in_error_stays_with_its_reason_and_settles_nothing(reference, staff):
    tasking = factories.item()
    response = factories.reply(tasking)
    assert (again(tasking).answered_on is None, Tasking.objects.late(LATER).count()) == (False, 0)
    retractions.retract_response(response, by=staff, reason=" TEST it was for another office ")
    response.refresh_from_db()
    assert (response.in_error_at is None, response.in_error_reason) == (False, "TEST it was for another office")
    assert (again(tasking).answered_on, Tasking.objects.late(LATER).count()) == (None, 1)
    event = Event.objects.get(kind="response_in_error")
    assert (event.tasking, event.by_user, event.reason, event.payload["response"]) == (
        tasking,
        staff,
        "TEST it was for another office",
        str(response.pk),
    )


def said_of(tasking: Tasking, by, word: str, received_on=dt.date(2023, 5, 2), **more) -> Response:
    words = [reply_flow.Word(tasking, said=word, **more)]
    return reply_flow.record_reply(by=by, agency=tasking.agency, received_on=received_on, words=words)


def test_an_item_that_a_reply_moved_goes_back_with_it(reference, staff, settle):
    tasking = factories.item()
    response = said_of(tasking, staff, "looking")
    assert (again(tasking).status, again(tasking).acknowledged_on) == ("considering", dt.date(2023, 5, 2))
    retractions.retract_response(response, by=staff, reason="TEST not theirs")
    now = again(tasking)
    assert (now.status, now.acknowledged_on, now.answered_on) == ("awaiting", None, None)
    moved = now.status_event
    assert (moved.from_status, moved.to_status, moved.reason, moved.payload["taken_back"], moved.by_user) == (
        "considering", "awaiting", "TEST not theirs", str(response.pk), staff,
    )  # fmt: skip
    assert (Tasking.objects.late(LATER).count(), Tasking.objects.unread().count()) == (1, 0)


@pytest.mark.parametrize("word", ["received", "looking", "needs_us", "partly", "promised", "no_position"])
def test_of_a_reply_logged_twice_either_goes_and_the_other_stands(reference, staff, word):
    more = {"promised_on": dt.date(2023, 6, 1)} if word == "promised" else {}
    for which in (0, 1):
        tasking = factories.item()
        twice = [said_of(tasking, staff, word, **more) for _ in range(2)]
        before = again(tasking)
        retractions.retract_response(twice[which], by=staff, reason="TEST logged twice")
        now = again(tasking)
        names = ("status", "stance", "acknowledged_on", "promised_on", "review_on", "due_on", "due_basis")
        assert [getattr(now, name) for name in names] == [getattr(before, name) for name in names]
        retractions.retract_response(twice[1 - which], by=staff, reason="TEST")
        now = again(tasking)
        assert (now.status, now.acknowledged_on, now.promised_on, now.review_on, now.due_on, now.due_basis) == (
            "awaiting", None, None, None, dt.date(2023, 5, 24), "yardstick",
        )  # fmt: skip


def test_where_another_reply_stands_a_person_says_what_the_item_comes_to(reference, staff):
    tasking = factories.item()
    first = said_of(tasking, staff, "promised", promised_on=dt.date(2023, 6, 1))
    second = said_of(tasking, staff, "needs_us")
    retractions.retract_response(second, by=staff, reason="TEST")
    assert (again(tasking).status, again(tasking).promised_on) == ("clarification", dt.date(2023, 6, 1))
    retractions.retract_response(first, by=staff, reason="TEST")
    now = again(tasking)
    assert (now.status, now.promised_on, now.due_on, now.due_basis) == (
        "awaiting", None, dt.date(2023, 5, 24), "yardstick",
    )  # fmt: skip


def test_what_was_said_before_a_reopening_keeps_nothing_open(reference, staff):
    tasking = factories.moved(factories.item(), "answered")
    workflow.reopen(tasking, by=staff, reason="TEST")
    response = said_of(tasking, staff, "looking")
    retractions.retract_response(response, by=staff, reason="TEST")
    assert again(tasking).status == "awaiting"


def test_what_somebody_said_since_stands(reference, staff):
    tasking = factories.item()
    response = said_of(tasking, staff, "looking")
    workflow.transition(tasking, to="clarification", by=staff, reason="TEST by phone")
    retractions.retract_response(response, by=staff, reason="TEST")
    assert (again(tasking).status, again(tasking).acknowledged_on) == ("clarification", clocks.office_today())


def test_a_question_that_was_never_asked_stopped_no_clock(reference, staff):
    with time_machine.travel("2023-05-01T12:00:00-04:00", tick=False):
        tasking = factories.item()
        response = said_of(tasking, staff, "needs_us", received_on=dt.date(2023, 5, 1))
    with time_machine.travel("2023-06-01T12:00:00-04:00", tick=False):
        retractions.retract_response(response, by=staff, reason="TEST")
    now = again(tasking)
    assert (now.status, now.due_on) == ("awaiting", dt.date(2023, 5, 24))
    assert "Paused" not in " ".join(
        Explanation.from_json(now.due_dates.order_by("-revision")[0].explanation).sentences()
    )


def test_a_reply_taken_back_is_no_news(reference, staff):
    since = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    one, two = factories.item(), factories.item()
    response = said_of(one, staff, "looking")
    said_of(two, staff, "looking")
    assert news.changed(Tasking.objects.all(), since, staff)["replied"] == 2
    retractions.retract_response(response, by=staff, reason="TEST")
    assert news.changed(Tasking.objects.all(), since, staff)["replied"] == 1
    assert list(Tasking.objects.happened_to(news.CHANGES["replied"][1])) == [two]


REOPENS = {
    "taken back": lambda answer, by: retractions.retract_response(answer.response, by=by, reason="TEST"),
    "read anew": lambda answer, by: replies.assess(answer, coverage="partial", by=by),
    "another kind": lambda answer, by: replies.set_kind(answer.response, by=by, kind="interim"),
}


@pytest.mark.parametrize("how", REOPENS)
def test_a_clock_that_runs_again_counts_the_closures_that_came_meanwhile(reference, staff, admin, how):
    tasking = factories.item()
    answer = factories.reply(tasking).answers.get()
    closures.set_closure(by=admin, day=dt.date(2023, 5, 1), name="TEST snow")
    assert (again(tasking).answered_on is None, again(tasking).due_on) == (False, dt.date(2023, 5, 24))
    REOPENS[how](answer, staff)
    assert (again(tasking).answered_on, again(tasking).due_on) == (None, dt.date(2023, 5, 25))
    moved = Event.objects.get(kind="due_date_moved", tasking=tasking, payload__clock__isnull=True)
    assert (moved.by_user, moved.payload["to"]) == (staff, "2023-05-25")
    is_heard = how != "taken back"  # else no word of theirs is left, and that clock runs again too
    assert again(tasking).ack_due_on == dt.date(2023, 5, 24 if is_heard else 25)


def test_so_does_one_that_stood_still_for_a_review_that_is_taken_back(reference, staff, admin):
    tasking = factories.item()
    words = [reply_flow.Word(tasking, said="no_position")]
    reply = reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 5, 2), words=words)
    closures.set_closure(by=admin, day=dt.date(2023, 5, 1), name="TEST snow")
    assert again(tasking).due_on == dt.date(2023, 5, 24)
    retractions.retract_response(reply, by=staff, reason="TEST")
    assert (again(tasking).review_on, again(tasking).due_on) == (None, dt.date(2023, 5, 25))


def test_an_unread_reply_in_error_waits_for_nobody(reference, staff):
    tasking = factories.item()
    response = factories.reply(tasking, coverage=None)
    assert Tasking.objects.unread().count() == 1
    retractions.retract_response(response, by=staff, reason="TEST")
    assert (Tasking.objects.unread().count(), Tasking.objects.without_unread().count()) == (0, 1)


@pytest.mark.parametrize("status", ["answered", "declined"])
def test_a_reply_an_item_is_closed_on_stays_until_it_is_reopened(reference, staff, status):
    closed = factories.moved(factories.item(), status)
    response = Response.objects.get()
    words = REOPEN_FIRST.format(closed, closed.get_status_display())
    assert refused(retractions.retract_response, response, by=staff, reason="TEST") == {"in_error_at": words}
    with pytest.raises(IntegrityError, match="an item is closed on reply"), transaction.atomic(), acting(staff):
        Response.objects.update(in_error_at=dt.datetime(2023, 9, 1, tzinfo=dt.UTC), in_error_reason="TEST")
    workflow.reopen(closed, by=staff, reason="TEST")
    assert retractions.retract_response(response, by=staff, reason="TEST").in_error_at is not None


def test_whether_a_reply_stands_is_asked_once_its_items_are_held(reference, staff):
    tasking = factories.item()
    stale = factories.reply(tasking, coverage=None)
    retractions.retract_response(Response.objects.get(pk=stale.pk), by=staff, reason="TEST")
    assert stale.in_error_at is None
    read = {"by": staff, "words": [reply_flow.Word(again(tasking), said="looking")]}
    assert list(refused(reply_flow.read_reply, stale, **read)) == ["bearings"]


@pytest.mark.parametrize("how", ["read", "taken back"])
def test_the_reply_is_held_after_its_items(reference, staff, how):
    tasking = factories.item()
    response = factories.reply(tasking, coverage=None)
    with CaptureQueriesContext(connection) as asked:
        if how == "read":
            reply_flow.read_reply(response, by=staff, words=[reply_flow.Word(again(tasking), said="looking")])
        else:
            retractions.retract_response(response, by=staff, reason="TEST")
    locks = [re.search(r'FROM "letters_(\w+)"', one["sql"])[1] for one in asked if " FOR NO KEY UPDATE" in one["sql"]]
    assert locks[:3] == ["ask", "tasking", "response"]


def test_one_of_two_replies_may_go(reference, staff):
    tasking = factories.item()
    first = factories.reply(tasking)
    factories.reply(tasking)
    workflow.transition(again(tasking), to="answered", by=staff)
    retractions.retract_response(first, by=staff, reason="TEST logged twice")
    assert again(tasking).status == "answered"


def test_a_reply_that_is_evidence_stays_until_the_evidence_goes(reference, staff):
    tasking = factories.item()
    response = factories.reply(tasking)
    proof = replies.add_evidence(tasking, by=staff, kind="response", response=response)
    assert refused(retractions.retract_response, response, by=staff, reason="TEST") == {
        "in_error_at": "It is kept as evidence of an outcome. Mark that evidence as entered in error first."
    }
    retractions.retract_evidence(proof, by=staff, reason="TEST")
    assert retractions.retract_response(response, by=staff, reason="TEST").in_error_at is not None


def test_evidence_in_error_proves_nothing(reference, staff):
    tasking = factories.item()
    proof = factories.evidence(tasking)
    retractions.retract_evidence(proof, by=staff, reason="TEST another company")
    assert list(refused(workflow.transition, again(tasking), to="implemented", by=staff)) == ["evidence"]


def test_evidence_an_item_is_done_on_stays_until_it_is_reopened(reference, staff):
    done = factories.moved(factories.item(), "implemented")
    proof = Evidence.objects.get()
    words = REOPEN_FIRST.format(done, "done")
    assert refused(retractions.retract_evidence, proof, by=staff, reason="TEST") == {"in_error_at": words}
    with pytest.raises(IntegrityError, match="is closed on this row"), transaction.atomic(), acting(staff):
        Evidence.objects.update(in_error_at=dt.datetime(2023, 9, 1, tzinfo=dt.UTC), in_error_reason="TEST")


def test_what_proved_it_before_proves_it_again_only_when_looked_at_again(reference, staff):
    with time_machine.travel("2023-06-01", tick=True):
        done = factories.moved(factories.item(), "implemented")
    with time_machine.travel("2023-06-02", tick=True):
        open_again = workflow.reopen(done, by=staff, reason="TEST taken off the list")
        assert list(refused(workflow.transition, open_again, to="implemented", by=staff)) == ["evidence"]
        retractions.check_evidence(Evidence.objects.get(), by=staff)
        assert workflow.transition(again(done), to="implemented", by=staff).status == "implemented"
    assert Event.objects.filter(kind="evidence_checked").count() == 1


def test_a_contact_in_error_is_no_chase(reference, staff):
    tasking = factories.item()
    contact = items.log_contact(by=staff, agency=tasking.agency, taskings=[tasking], channel="call", outcome="TEST")
    retractions.retract_contact(contact, by=staff, reason="TEST it was about another letter")
    assert Contact.objects.get().in_error_reason == "TEST it was about another letter"
    assert Event.objects.filter(kind="contact_in_error", tasking=tasking).count() == 1


def test_taking_back_needs_a_reason_a_right_and_happens_once(reference, staff, viewer):
    response = factories.reply(factories.item())
    assert refused(retractions.retract_response, response, by=staff, reason=" ") == {
        "reason": "The reason is missing. Say what was wrong with it."
    }
    refused(retractions.retract_response, response, by=viewer, reason="TEST", error=NotAllowed)
    retractions.retract_response(response, by=staff, reason="TEST")
    assert refused(retractions.retract_response, response, by=staff, reason="TEST") == {
        "in_error_at": "It is marked as entered in error already. There is nothing left to do."
    }


def test_evidence_in_error_is_not_looked_at_again(reference, staff):
    proof = factories.evidence(factories.item())
    retractions.retract_evidence(proof, by=staff, reason="TEST")
    assert refused(retractions.check_evidence, proof, by=staff) == {
        "evidence": "This evidence was entered in error. Add it anew, with what is right."
    }


def test_a_position_and_a_review_go_with_the_only_reply_that_took_it(reference, staff):
    tasking = factories.item()
    words = [reply_flow.Word(tasking, said="no_position")]
    first = reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 5, 2), words=words)
    second = factories.reply(tasking, stance="concurs", coverage="partial")
    retractions.retract_response(second, by=staff, reason="TEST")
    assert (again(tasking).stance, again(tasking).review_on is None) == ("no_position", False)
    retractions.retract_response(first, by=staff, reason="TEST")
    assert (again(tasking).stance, again(tasking).review_on, again(tasking).status) == ("unknown", None, "awaiting")
    assert Tasking.objects.late(LATER).count() == 1
