"""What makes a mail go once: who comes second takes nothing, and every try goes under the one Message-ID of the row."""

import datetime as dt

import pytest
from django.core.mail import get_connection
from django.utils import timezone

from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.models import Notice, OutboxMessage
from letters.reminders import dispatch as dispatching
from letters.reminders.dispatch import dispatch, take
from letters.reminders.outbox import compose, message_id
from tests import factories
from tests.reminders.test_dispatch import NOON, clock, leads, mailbox, owner, written  # noqa: F401 - fixtures


@pytest.mark.parametrize("changed", [{"attempts": 1}, {"next_attempt_at": NOON + dt.timedelta(hours=1)}])
def test_who_looked_at_the_same_moment_and_comes_second_takes_nothing(seed, owner, clock, monkeypatch, changed):  # noqa: F811
    written(owner, 1)
    with acting(factories.SETUP):
        compose(NOON)
        real, seen = dispatching.wait_after, []

        def meanwhile(attempts: int) -> dt.timedelta:  # called between looking and taking
            if not seen:
                seen.append(
                    OutboxMessage.objects.update(**{"next_attempt_at": NOON + dt.timedelta(minutes=5), **changed})
                )
            return real(attempts)

        monkeypatch.setattr(dispatching, "wait_after", meanwhile)
        assert take(NOON) is None
    assert seen == [1]


def test_who_stood_still_until_it_was_old_leaves_alone_what_another_sent(seed, owner, mailbox, clock):  # noqa: F811
    written(owner, 1)
    with acting(SystemProcess.DISPATCH):
        compose(NOON)
        taken = take(NOON)
    clock.move_to(NOON + dt.timedelta(minutes=6))
    assert dispatch().sent == 1
    factories.reply(leads()[0])  # nothing of it is so any more
    clock.move_to(NOON + dt.timedelta(minutes=16))
    done = dispatching.Round()
    with acting(SystemProcess.DISPATCH):
        dispatching._send(taken, get_connection(), done, timezone.now())
    assert (done.withdrawn, done.sent, len(mailbox.ids)) == (0, 0, 1)
    assert Notice.objects.get().message == OutboxMessage.objects.get(state="sent")


def test_what_is_tried_again_is_still_so(seed, owner, mailbox, clock, settings):  # noqa: F811
    """Also minutes after it was written: whoever had a reply meanwhile is not nagged."""
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1  # nobody listens there
    written(owner, 1)
    assert dispatch().trouble
    settings.EMAIL_PORT = port
    factories.reply(leads()[0])
    clock.move_to(NOON + dt.timedelta(minutes=5))
    assert (dispatch().withdrawn, mailbox.ids) == (1, [])


def test_every_try_goes_under_the_message_id_of_the_row(seed, owner, mailbox, clock):  # noqa: F811
    written(owner, 1)
    dispatch()
    kept = OutboxMessage.objects.get()
    assert mailbox.ids == [kept.message_id]
    with acting(factories.SETUP):  # as a kill between the server's yes and our noting it leaves it
        OutboxMessage.objects.update(state="waiting", sent_at=None, next_attempt_at=NOON)
    dispatch()
    assert mailbox.ids == [kept.message_id] * 2
    assert message_id(owner, kept.kind, kept.key) == kept.message_id
