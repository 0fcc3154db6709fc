"""Exactly once, where several rounds hand mails over at the same moment, or one stands still in the middle."""

import datetime as dt
import time

from django.core.mail import get_connection
from django.db import transaction
from django.utils import timezone

from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.models import OutboxMessage
from letters.reminders import dispatch as dispatching
from letters.reminders.dispatch import dispatch
from letters.reminders.sweep import sweep
from tests.concurrency.beside import Beside
from tests.notices import told


def test_four_rounds_at_the_same_moment_send_each_once(three, mailbox, together):
    sweep()
    together([dispatch] * 4)
    dispatch()
    assert told() == len(mailbox.ids) == len(set(mailbox.ids)) > 0


def test_without_compare_and_set_four_rounds_send_some_twice(three, mailbox, together, monkeypatch):
    """The test of the test: who only looks, and neither takes nor holds, sends what another sends."""
    sweep()

    def look(now: dt.datetime) -> OutboxMessage | None:
        waiting = OutboxMessage.objects.filter(state="waiting", next_attempt_at__lte=now)
        found = waiting.select_related("to_user").order_by("id").first()
        time.sleep(0.05)
        return found

    monkeypatch.setattr(dispatching, "take", look)
    monkeypatch.setattr(dispatching, "_is_still_ours", lambda message: True)
    together([dispatch] * 4)
    assert len(mailbox.ids) > len(set(mailbox.ids))


LATER = dt.timedelta(minutes=6)  # longer than who took a mail has for sending it


def test_a_mail_that_is_being_handed_over_is_passed_over_by_others(three, mailbox, together):
    """The worker stands still in the middle of the exchange, for longer than it had."""
    sweep()
    mailbox.stands_still = "staff@office.example"

    def another() -> None:
        assert mailbox.stands.wait(30)
        dispatch(now=timezone.now() + LATER)
        mailbox.go_on.set()

    together([dispatch, another])
    dispatch()
    assert told() == len(mailbox.ids) == len(set(mailbox.ids)) > 1


def test_who_lost_the_race_for_a_mail_and_holds_it_for_a_moment_does_not_put_it_off(three, mailbox):
    sweep()
    with acting(SystemProcess.DISPATCH):
        dispatching.compose(timezone.now())
        taken, done = dispatching.take(timezone.now()), dispatching.Round()

    def hand_over() -> None:
        with acting(SystemProcess.DISPATCH), get_connection() as server:
            dispatching._send(taken, server, done, timezone.now())

    ours = Beside(hand_over)
    with transaction.atomic():
        OutboxMessage.objects.select_for_update().get(pk=taken.pk)
        ours.begin()
    assert (ours.came_to(), done.sent, mailbox.ids) == (None, 1, [taken.message_id])


def test_who_stood_still_before_handing_over_finds_the_mail_taken(three, mailbox):
    sweep()
    with acting(SystemProcess.DISPATCH):
        dispatching.compose(timezone.now())
        taken = dispatching.take(timezone.now())
    dispatch(now=timezone.now() + LATER)
    before = len(mailbox.ids)
    done = dispatching.Round()
    with acting(SystemProcess.DISPATCH):
        dispatching._send(taken, get_connection(), done, timezone.now())
    assert (len(mailbox.ids), done.sent, done.failed) == (before, 0, 0)
    assert before == told() > 1
