"""What an item ended on proves it until the item is asked again, whatever is done to the rows behind the verbs’ backs."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from letters.domain import putting_back, replies, workflow
from letters.domain.history import acting
from letters.models import Response, Tasking
from tests import factories


@pytest.fixture
def someone(reference):
    """Writes below are attributed, so that only the rule in question refuses them."""
    with acting(factories.SETUP):
        yield


@pytest.fixture
def at_commit(someone, run_sql, settle):
    """One statement as a transaction of its own, with what is asked at its end."""

    def run(statement: str, *values) -> None:
        with transaction.atomic():
            run_sql(statement, *values)
            settle()

    return run


def ended(to: str) -> Tasking:
    """An item that ended in May, was asked again and ended anew in June."""
    with factories.on(5, 5):
        again = workflow.reopen(factories.moved(factories.item(), to), by=factories.SETUP, reason="TEST")
    with factories.on(6, 1):
        return factories.moved(again, to)


def done_on_a_reply() -> tuple[Tasking, Response]:
    item = factories.item()
    reply = factories.reply(item)
    replies.add_evidence(factories.fresh(item), kind="response", by=factories.SETUP, response=reply)
    return workflow.transition(factories.fresh(item), to="implemented", by=factories.SETUP), reply


UNREAD = "UPDATE letters_answer SET coverage = NULL, assessed_at = NULL"
RECEIPT = "UPDATE letters_response SET kind = 'acknowledgement'"
LESS = {
    "answered, read by nobody": ("answered", UNREAD, "the reply that it is answered on"),
    "declined, read by nobody": ("declined", UNREAD, "the reply that it is declined on"),
    "declined, by a mere receipt": ("declined", RECEIPT, "the reply that it is declined on"),
    "answered, read before it was asked again": ("answered", "UPDATE letters_answer SET assessed_at = '2023-05-01'", "the reply"),
    "done, looked at before it was asked again": ("implemented", "UPDATE letters_evidence SET checked_at = '2023-05-01'", "what it was done on"),
}  # fmt: skip


@pytest.mark.parametrize(("to", "statement", "words"), LESS.values(), ids=LESS)
def test_what_a_closed_item_rests_on_is_not_made_into_less(at_commit, to, statement, words):
    item = ended(to)
    with pytest.raises(IntegrityError, match=f"tasking {item.pk}: {words}.* proves it no longer"):
        at_commit(statement)
    assert factories.fresh(item).status == to


def test_nor_does_it_come_to_rest_on_a_reply_that_was_entered_in_error(at_commit):
    item, reply = done_on_a_reply()
    error = "UPDATE letters_response SET in_error_at = now(), in_error_reason = 'TEST' WHERE id = %s"
    with pytest.raises(IntegrityError, match=f"tasking {item.pk}: what it was done on"):
        at_commit(error, reply.pk)


def test_nor_is_its_answer_given_to_a_reply_that_says_nothing(at_commit):
    item = factories.moved(factories.item(), "answered")
    receipt = factories.reply(factories.item(), kind="acknowledgement", coverage="evades")
    with pytest.raises(IntegrityError, match="proves it no longer"):
        at_commit("UPDATE letters_answer SET response_id = %s WHERE tasking_id = %s", receipt.pk, item.pk)


def test_with_another_proof_or_with_the_item_asked_again_it_may_be(someone, run_sql, settle, staff):
    two, again, is_open = (factories.item() for _ in range(3))
    for item in (two, two, is_open):
        factories.reply(factories.fresh(item), received_on=dt.date(2023, 5, 2))
    workflow.transition(factories.fresh(two), to="answered", by=staff)
    again = factories.moved(again, "answered")
    settle()
    first = two.answers.order_by("recorded_at").first()
    for key in (first.pk, again.answers.get().pk, is_open.answers.get().pk):
        run_sql(f"{UNREAD} WHERE id = %s", key)
    workflow.reopen(factories.fresh(again), by=staff, reason="TEST misread")  # in the same transaction, after it
    settle()
    assert [factories.fresh(one).status for one in (two, again, is_open)] == ["answered", "awaiting", "awaiting"]


def test_a_reopening_that_was_taken_back_makes_nothing_old(at_commit, staff):
    """As when the item ended: what was read before it counts on."""
    item = factories.moved(factories.item(), "answered")
    slip = workflow.reopen(factories.fresh(item), by=staff, reason="TEST a slip")
    with acting(staff):
        putting_back.put_back(workflow.lock(slip), by=staff, reason="TEST")
    at_commit("UPDATE letters_answer SET coverage = 'partial' WHERE tasking_id = %s", item.pk)
    with pytest.raises(IntegrityError, match="proves it no longer"):
        at_commit(f"{UNREAD} WHERE tasking_id = %s", item.pk)
    assert factories.fresh(item).status == "answered"
