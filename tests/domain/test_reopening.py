"""Asked again, an item waits again; a promise has a date of its own; what an end brought along comes back with it."""

import datetime as dt

import pytest
import time_machine

from letters.domain import replies, sending, workflow
from letters.errors import TransitionRefused
from letters.models import Event, Tasking
from letters.reminders.sweep import sweep
from tests import factories
from tests.domain.refusals import refused

LATER = dt.date(2023, 9, 1)


def late() -> int:
    return Tasking.objects.late(LATER).count()


def test_what_was_answered_before_does_not_settle_what_is_asked_again(reference, staff):
    tasking = factories.moved(factories.item(), "answered")
    assert (Tasking.objects.get(pk=tasking.pk).answered_on is not None, late()) == (True, 0)
    tasking = workflow.reopen(tasking, by=staff, reason="TEST it was not so")
    tasking.refresh_from_db()
    assert (tasking.answered_on, late()) == (None, 1)
    factories.reply(tasking, received_on=dt.date(2023, 6, 1))
    assert (Tasking.objects.get(pk=tasking.pk).answered_on, late()) == (dt.date(2023, 6, 1), 0)


def test_that_they_answered_with_a_promise_does_not_mean_that_they_kept_it(reference, staff):
    tasking = factories.item()
    factories.reply(tasking)
    promised = workflow.transition(tasking, to="promised", by=staff, promised_on=dt.date(2023, 7, 1))
    assert (Tasking.objects.late(dt.date(2023, 7, 1)).count(), late()) == (0, 1)
    sweep(today=dt.date(2023, 7, 2))
    assert list(Event.objects.filter(kind="past_due").values_list("tasking", "due_on")) == [
        (promised.pk, dt.date(2023, 7, 1))
    ]


def test_a_promise_partly_kept_keeps_its_date(reference, staff):
    promised = workflow.transition(factories.item(), to="promised", by=staff, promised_on=dt.date(2023, 7, 1))
    partly = workflow.transition(promised, to="partly_addressed", by=staff)
    partly.refresh_from_db()
    assert (partly.due_on, partly.due_basis) == (dt.date(2023, 7, 1), "promise")


def test_a_promise_that_was_given_up_does_not_come_back(reference, staff):
    promised = workflow.transition(factories.item(), to="promised", by=staff, promised_on=dt.date(2023, 7, 1))
    # while they wait for us it stands
    asked = workflow.transition(promised, to="clarification", by=staff)
    partly = workflow.transition(asked, to="partly_addressed", by=staff)
    assert (partly.due_on, partly.due_basis) == (dt.date(2023, 7, 1), "promise")
    partly = workflow.transition(
        workflow.transition(partly, to="considering", by=staff), to="partly_addressed", by=staff
    )
    partly.refresh_from_db()
    assert (partly.promised_on, partly.due_on, partly.due_basis) == (None, dt.date(2023, 5, 24), "yardstick")


def test_items_of_a_letter_in_error_stay_closed(reference, staff):
    tasking = factories.item()
    sending.enter_in_error(tasking.ask.letter, by=staff, reason="TEST")
    assert refused(workflow.reopen, tasking, by=staff, reason="TEST", error=TransitionRefused) == {
        "to": "Its letter is entered in error, so its items stay closed. Log the letter anew."
    }


def test_a_consulted_item_does_not_open_alone(seed, staff):
    lead = Tasking.objects.get(ask__letter=seed, ask__number=4, role="lead")
    workflow.transition(lead, to="withdrawn", by=staff, reason="TEST")
    consulted = Tasking.objects.get(ask__letter=seed, ask__number=4, role="consulted")
    assert refused(workflow.reopen, consulted, by=staff, reason="TEST", error=TransitionRefused) == {
        "to": "No responsible item of this ask is open. Reopen that one, and this one opens with it."
    }
    workflow.reopen(Tasking.objects.get(pk=lead.pk), by=staff, reason="TEST")
    assert Tasking.objects.get(pk=consulted.pk).status == "awaiting"


def test_who_becomes_responsible_is_told_to_followers(seed, staff):
    lead = Tasking.objects.get(ask__letter=seed, ask__number=4, role="lead")
    successor = workflow.transfer(lead, to_agency=factories.agency("state"), by=staff, reason="TEST")
    event = Event.objects.get(kind="role_changed")
    assert (event.tasking, event.by_user, event.payload["role"], event.payload["due_on"]) == (
        successor,
        staff,
        "lead",
        "2023-05-24",
    )
    public = event.public_payload
    assert (public["ask"], public["tasking"]["id"], public["tasking"]["role"]) == (
        str(lead.ask_id),
        str(successor.pk),
        "lead",
    )


def test_of_a_reply_held_elsewhere_no_quote_is_kept(reference, staff):
    tasking = factories.item()
    how = {"by": staff, "agency": tasking.agency, "kind": "substantive", "received_on": dt.date(2023, 5, 2)}
    bearings = [replies.Bearing(tasking, quote="TEST secret")]
    assert refused(replies.record_response, **how, held_elsewhere="TEST vault", bearings=bearings) == {
        "quote": "A reply held elsewhere keeps none of its words here. Remove the quote."
    }
    answer = factories.reply(tasking, text="", held_elsewhere="TEST vault", coverage=None).answers.get()
    assert list(refused(replies.assess, answer, by=staff, coverage="full", quote="TEST secret")) == ["quote"]


@pytest.mark.parametrize("hour", [0, 23])
def test_paused_at_any_hour_the_days_are_the_offices(reference, staff, hour):
    tasking = factories.item()
    with time_machine.travel(dt.datetime(2023, 5, 2, 4 + hour if hour == 0 else 23, 30, tzinfo=dt.UTC), tick=False):
        paused = workflow.transition(tasking, to="clarification", by=staff)
    assert paused.pauses.get().started_on == dt.date(2023, 5, 2)
