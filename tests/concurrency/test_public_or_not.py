"""Invariant 8 at the same moment: a letter becomes public or is taken back while somebody writes about its items."""

import threading

import pytest
from django.db import transaction

from letters.domain import releases, replies, sending, workflow
from letters.models import FeedEntry, Letter, Tasking
from tests import factories


def told(letter: Letter) -> list[tuple[str, dict]]:
    entries = FeedEntry.objects.filter(stream="released", event__letter=letter).order_by("position")
    return [(entry.event.kind, entry.event.public_payload) for entry in entries.select_related("event")]


@pytest.fixture
def in_flight(together):
    """`first` is done but not committed when `then` begins; it commits once that is done, or was kept waiting."""

    def run(first, then):
        begun, done = threading.Event(), threading.Event()

        def held():
            with transaction.atomic():
                result = first()
                begun.set()
                done.wait(1.5)
                return result

        def other():
            begun.wait(10)
            try:
                return then()
            finally:
                done.set()

        answers = together([held, other])
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers

    return run


def withdraw(letter, by):
    return sending.withdraw_release(letter, by=by, reason="TEST too early")


def restrict(letter, by):
    return sending.change_access(letter, by=by, access="restricted", reason="TEST")


@pytest.mark.parametrize("take_back", [withdraw, restrict])
def test_nothing_of_a_letter_is_told_after_it_was_taken_back(reference, staff, manager, in_flight, take_back):
    item = factories.item(released=True)
    in_flight(
        lambda: workflow.transition(item, to="overtaken", by=staff, reason="TEST"),
        lambda: take_back(Letter.objects.get(pk=item.ask.letter_id), manager),
    )
    assert [kind for kind, _ in told(item.ask.letter)] == ["letter_released", "status_changed", "letter_withdrawn"]


def test_nor_by_who_waited_for_that(reference, staff, manager, in_flight):
    item = factories.item(released=True)
    in_flight(
        lambda: withdraw(Letter.objects.get(pk=item.ask.letter_id), manager),
        lambda: workflow.transition(item, to="overtaken", by=staff, reason="TEST"),
    )
    assert [kind for kind, _ in told(item.ask.letter)] == ["letter_released", "letter_withdrawn"]


def test_nor_of_an_answer_that_is_read_anew_meanwhile(reference, staff, manager, in_flight):
    item = factories.item(released=True)
    reply = factories.reply(item, by=staff)
    for part in (reply, reply.answers.get()):
        releases.release_part(part, by=manager)
    answer = reply.answers.select_related("response", "tasking__ask__letter", "tasking__ask__kind").get()
    in_flight(
        lambda: withdraw(Letter.objects.get(pk=item.ask.letter_id), manager),
        lambda: replies.assess(answer, coverage="partial", by=staff),
    )
    assert [kind for kind, _ in told(item.ask.letter)][-1] == "letter_withdrawn"


def test_what_moves_while_a_letter_becomes_public_is_told(reference, staff, manager, in_flight):
    first, second = factories.item(), factories.item()
    in_flight(
        lambda: workflow.transition(first, to="overtaken", by=staff, reason="TEST"),
        lambda: sending.release(Letter.objects.get(pk=first.ask.letter_id), by=manager),
    )
    in_flight(
        lambda: sending.release(Letter.objects.get(pk=second.ask.letter_id), by=manager),
        lambda: workflow.transition(second, to="overtaken", by=staff, reason="TEST"),
    )
    assert Tasking.objects.filter(public_status="overtaken").count() == 2
    ((kind, payload),) = told(first.ask.letter)
    assert (kind, payload["released"]["asks"][0]["taskings"][0]["status"]) == ("letter_released", "overtaken")
    assert [kind for kind, _ in told(second.ask.letter)] == ["letter_released", "status_changed"]
