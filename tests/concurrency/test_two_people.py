"""Invariant 7 at the same moment: two people change one thing, one wins and the other is told."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import transaction
from django.test import Client

from letters.domain import bulk, bulk_once, drafting, feed, items, sending, workflow
from letters.errors import StaleVersion, TransitionRefused
from letters.models import FeedEpoch, Letter, Note, Renewal, Tasking, Worksheet
from tests import factories
from tests.concurrency.beside import Beside, wait_for_a_lock


@pytest.mark.parametrize("round_", range(3))
def test_two_moves_at_once_one_wins(reference, staff, manager, together, round_):
    tasking = factories.item()

    def move(to, by):
        return lambda: workflow.transition(tasking, to=to, by=by, expected_version=tasking.version, reason="TEST")

    answers = together([move("considering", staff), move("withdrawn", manager)])
    won = [answer for answer in answers if isinstance(answer, Tasking)]
    lost = [answer for answer in answers if isinstance(answer, StaleVersion)]
    assert (len(won), len(lost)) == (1, 1)
    winner = "staff" if won[0].status == "considering" else "manager"
    assert str(lost[0]).startswith(f"{winner} changed this item at ")
    now = Tasking.objects.get(pk=tasking.pk)
    assert (now.status, now.version, now.events.filter(kind="status_changed").count()) == (
        won[0].status,
        tasking.version + 1,
        2,
    )


def test_two_moves_without_a_version_follow_one_another(reference, staff, manager, together):
    tasking = factories.item()
    answers = together(
        [
            lambda: workflow.transition(tasking, to="withdrawn", by=staff, reason="TEST"),
            lambda: workflow.transition(tasking, to="overtaken", by=manager, reason="TEST"),
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Tasking", "TransitionRefused"]
    assert isinstance(next(a for a in answers if not isinstance(a, Tasking)), TransitionRefused)


def test_a_change_of_many_that_is_pressed_twice_at_once_is_made_once(reference, staff):
    """Also where both presses find something to change: what a person saw of its items may not be said."""
    chosen = [(factories.item(), None) for _ in range(2)]
    change, key = bulk.Change("note", text="TEST typed once"), uuid.uuid4()

    def press() -> bulk.Outcome:
        return bulk_once.apply_once(chosen, by=staff, change=change, key=key)

    other = Beside(press)
    with transaction.atomic():
        first = press()
        other.begin()
    second = other.came_to()
    assert isinstance(second, bulk.Outcome), second
    assert (second.change, set(second.changed), second.left) == (first.change, set(first.changed), [])
    assert Note.objects.count() == 2


def test_the_last_two_responsible_items_closed_at_once_close_the_consulted_one(reference, staff, together):
    for _ in range(3):
        letter = factories.draft(agencies=["treasury", "commerce", "state"])
        factories.ask(letter, "treasury", "commerce", consulted=["state"])
        sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
        lead = Tasking.objects.filter(ask__letter=letter, role="lead")
        close = [
            lambda one=one: workflow.transition(one, to="withdrawn", by=staff, reason="TEST").status for one in lead
        ]
        assert together(close) == ["withdrawn", "withdrawn"]
        assert Tasking.objects.get(ask__letter=letter, role="consulted").status == "overtaken"


def test_eight_assignments_at_once_all_count(reference, staff, together):
    tasking = factories.item()
    answers = together([lambda: items.assign(tasking, by=staff, owner=staff)] * 8)
    assert [type(answer) for answer in answers] == [Tasking] * 8
    assert sorted(answer.version for answer in answers) == list(range(tasking.version + 1, tasking.version + 9))


def test_two_first_readers_begin_one_epoch(reference, together):
    epochs = together([feed.current_epoch] * 4)
    assert (len({epoch.pk for epoch in epochs}), FeedEpoch.objects.count()) == (1, 1)


def test_two_corrections_at_once_keep_both(reference, staff, together):
    letter = factories.sent()
    answers = together(
        [
            lambda: sending.amend(letter, by=staff, reason="TEST", subject="TEST right"),
            lambda: sending.amend(letter, by=staff, reason="TEST", printed_date=dt.date(2022, 4, 25)),
        ]
    )
    letter.refresh_from_db()
    assert [type(answer).__name__ for answer in answers] == ["Letter", "Letter"]
    assert (letter.subject, letter.printed_date, letter.amendments.count()) == ("TEST right", dt.date(2022, 4, 25), 2)


def test_who_is_busy_with_a_letter_holds_up_nobody_who_notes_something_about_it(reference, staff, together):
    """A verb's lock lets events be written that point at the same letter: the feed is not held up."""
    letter = factories.sent()
    with transaction.atomic():
        drafting.lock_letter(letter)
        workflow.lock(Tasking.objects.get(ask__letter=letter))
        (note,) = together([lambda: items.add_note(by=staff, letter=letter, text="TEST").text], seconds=10)
    assert note == "TEST"


def test_a_follow_up_that_is_logged_twice_at_the_same_moment_is_logged_once(reference, staff, together):
    """A double click: both requests are of one form."""
    factories.item()
    address = "/follow-ups/new/?agency=treasury"
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(staff)
    form = clients[0].get(address).context["form"]
    typed = {name: value for name in form.fields if (value := form[name].value()) is not None}
    typed |= {"sent_on": "2023-06-01", "signers": "TEST Signer", "do": "log"}
    answers = together([lambda client=client: client.post(address, typed) for client in clients])
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (302, "/letters/2023-0002/")
    ] * 2
    assert (Letter.objects.count(), Renewal.objects.count()) == (2, 1)


def test_a_letter_logged_anew_twice_at_once_is_one_draft(reference, staff, together):
    at = f"/letters/{factories.sent().reference}/log-anew/"
    clients = [factories.client(staff) for _ in range(4)]
    answers = together([lambda one=one: one.post(at)["Location"] for one in clients])
    assert answers == [f"/letters/drafts/{Worksheet.objects.get().pk}/"] * 4


def test_a_reply_that_is_being_saved_is_shown_before_its_letter_is_taken_back(reference, staff, together):
    """The items are asked only once the reply is there: what waits for it is the page, and not the taking back."""
    item = factories.item()
    at = f"/letters/{item.ask.letter.reference}/take-back/"
    browser = factories.client(staff)
    version = browser.get(at).context["form"]["version"].value()
    replied = threading.Event()

    def reply() -> None:
        with transaction.atomic():
            factories.reply(item)
            replied.set()
            wait_for_a_lock()

    def take_back() -> int:
        replied.wait(20)
        return browser.post(at, {"reason": "TEST", "version": version}).status_code

    assert together([reply, take_back]) == [None, 409]
    assert Letter.objects.get().state == "sent"
