"""Exactly once, on the wire: a real worker killed with signal 9 at each step, two of everything, an emptied broker.

What counts is what a real mail server accepted. Each mail comes once; where the kill falls between the server's yes
and our noting it, twice with the same Message-ID, and nowhere else.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from letters.domain import items
from letters.domain.history import acting
from letters.models import Heartbeat, Notice, OutboxMessage, Reminder
from letters.reminders.sweep import sweep
from tests import factories
from tests.mailbox import Mailbox
from tests.notices import told
from tests.tracker.processes import ROOT, wait_for
from tests.tracker.processes import started as started_process
from tracker.celery import app
from tracker.fault_points import STEPS

pytestmark = pytest.mark.slow
START_SECONDS = 300
NOBODY = 1  # a port at which no server answers
SENDING = [step for step in STEPS if not step.startswith(("sweep.", "report."))]
SWEEPING = [step for step in STEPS if step.startswith("sweep.")]


@pytest.fixture
def process(mailbox, tmp_path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts a process of the site in a group of its own, on the test's database, broker and mail server."""
    started = []

    def run(*command: str, fault: str = "", port: int = mailbox.port) -> subprocess.Popen:
        own = {
            "DJANGO_SETTINGS_MODULE": "tests.concurrency.outside",
            "TEST_DATABASE": connection.settings_dict["NAME"],
            "EMAIL_URL": f"smtp://127.0.0.1:{port}/?from=correspondence@office.example",
            "FAULT_AT": fault,
        }
        with (tmp_path / f"{len(started)}.log").open("ab") as log:
            one = started_process(
                [sys.executable, *command], cwd=ROOT, env=os.environ | own, stdout=log, stderr=log, start_new_session=True
            )  # fmt: skip
        started.append(one)
        return one

    yield run
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()


def worker(process, **how) -> subprocess.Popen:
    pool = ("--concurrency", "1", "--without-gossip", "--without-mingle")
    return process("-m", "celery", "-A", "tracker.celery", "worker", *pool, **how)


def ring(name: str) -> None:
    app.send_task(f"letters.tasks.{name}")


def wait_over() -> None:
    """As if the five minutes had passed that somebody who took a mail has for sending it."""
    with acting(factories.SETUP):
        OutboxMessage.objects.filter(state="waiting").update(next_attempt_at=timezone.now())


def died(one: subprocess.Popen) -> bool:
    return one.poll() == -signal.SIGKILL


def doubled(mailbox: Mailbox) -> list[str]:
    return [one for one, times in Counter(mailbox.ids).items() if times > 1]


def test_workers_killed_at_each_step_of_sending_lose_nothing_and_double_nothing(three, mailbox, process):
    """One after the other, each on what the one before it left: what is lost or doubled at a step stays so to the end."""
    sweep()
    notices, handed_over = told(), set()
    for step in SENDING:
        dies = worker(process, fault=step, **({"port": NOBODY} if step == "send.refused" else {}))
        ring("dispatch_mail")
        wait_for(lambda one=dies: died(one), START_SECONDS, f"the worker dies at {step}: {STEPS[step]}")
        app.control.purge()  # the broker holds no fact: whatever it still had is gone
        wait_over()
        if step == "send.accepted":
            handed_over = set(mailbox.ids)
        assert len(doubled(mailbox)) == (1 if SENDING.index(step) > SENDING.index("send.accepted") else 0), step
    worker(process)
    ring("dispatch_mail")

    def done() -> bool:
        return (
            OutboxMessage.objects.filter(state="sent").count() == notices
            and Heartbeat.objects.filter(name="dispatch").exists()
        )

    wait_for(done, START_SECONDS, "everything is sent")
    accepted = Counter(mailbox.ids)
    assert len(accepted) == notices == 14  # seven items, each told to its owner and, so late, to the manager
    assert Notice.objects.filter(message__isnull=True).count() == 0
    (twice,) = doubled(mailbox)
    assert (accepted[twice], twice in handed_over) == (2, True)


def test_workers_killed_at_each_step_of_the_sweep_tell_everybody_once(three, mailbox, process):
    """One after the other, each on what the one before it left."""
    for step in SWEEPING:
        dies = worker(process, fault=step)
        ring("sweep_reminders")
        wait_for(lambda one=dies: died(one), START_SECONDS, f"the worker dies at {step}: {STEPS[step]}")
        app.control.purge()
        wait_for(lambda: not held(), 30, "the killed sweep's lock is free")
    worker(process)
    ring("sweep_reminders")
    wait_for(lambda: Heartbeat.objects.filter(name="sweep").exists(), START_SECONDS, "a sweep finishes")
    assert told() == Notice.objects.values("to_user", "reminder").distinct().count() > 0
    assert {(r.tasking_id, r.rule, r.due_on) for r in Reminder.objects.all()} == due_once()


def due_once() -> set:
    """What a sweep fires that nobody disturbs."""
    keys = list(Reminder.objects.values_list("tasking_id", "rule", "due_on"))
    assert len(keys) == len(set(keys))
    sweep()
    assert Reminder.objects.count() == len(keys), "an undisturbed sweep would have fired more"
    return set(keys)


def held() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
            "WHERE locktype = 'advisory' AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


def lines(log: Path, said: str) -> int:
    """How often a process said this so far."""
    return log.read_text().count(said)


RUNG, SWEPT, MAILED = "Sending due task", "Task letters.tasks.sweep_reminders[", "Task letters.tasks.dispatch_mail["


def test_two_workers_two_beats_and_an_emptied_broker_make_each_once(three, mailbox, process, tmp_path):
    """Nobody rings but two beats, each every second; two workers answer; the broker is emptied again and again."""
    mailbox.takes = 0.3  # so that the rounds of two workers meet
    often = ("-m", "celery", "-A", "tests.concurrency.often")
    pool = ("--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
    for name in ("one", "two"):
        process(*often, "worker", *pool, "--hostname", f"{name}@%h")
        process(*often, "beat", "--loglevel", "INFO")
    workers, beats = ([tmp_path / f"{number}.log" for number in pair] for pair in ((0, 2), (1, 3)))

    def go_on(*, more: int, every: Callable[[], bool] = lambda: True) -> None:
        """Until each beat has rung, and each worker has been called to both rounds, so many times more."""
        watched = [(log, said) for logs, said in ((beats, RUNG), (workers, SWEPT), (workers, MAILED)) for log in logs]
        before, emptied = {one: lines(*one) for one in watched}, [0.0]

        def went_on() -> bool:
            if time.monotonic() > emptied[0] + 1:  # oftener, and on a busy machine next to nothing would come through
                with app.connection_for_write() as broker:
                    broker.default_channel.client.flushdb()  # ours alone: in the second round the workers share one server
                emptied[0] = time.monotonic()
            return every() and all(lines(*one) >= before[one] + more for one in watched)

        try:
            wait_for(went_on, START_SECONDS, "each beat rings, and each worker answers")
        except AssertionError as error:
            error.add_note(f"{before}, {list(OutboxMessage.objects.values_list('state', 'attempts', 'last_error'))}")
            raise

    def all_sent(told_so_far: int) -> bool:
        return told() == OutboxMessage.objects.filter(state="sent").count() == told_so_far

    go_on(more=1)
    for number in range(1, 4):  # these fall to four who are at work already
        items.assign(factories.item(subject=f"TEST {number}"), by=three[1], owner=three[0])
        # Two people are told of each. A round counts as soon as it is called, so what it makes is waited for by itself.
        go_on(more=2, every=lambda number=number: all_sent(14 + 2 * number))
    go_on(more=2)  # what would come twice comes now
    assert told() == OutboxMessage.objects.count() == len(mailbox.ids) == len(set(mailbox.ids)) == 20
    assert {(one.tasking_id, one.rule, one.due_on) for one in Reminder.objects.all()} == due_once()


def test_the_steps_are_those_in_the_code():
    """A step that no line reaches would make its test wait for ever; one that is not listed would never be tried."""
    named = ("reminders/sweep.py", "reminders/outbox.py", "reminders/dispatch.py", "report_maker.py")
    code = "".join((ROOT / "letters" / name).read_text() for name in named)
    assert {step for step in STEPS if f'reached("{step}")' in code} == set(STEPS)
    assert code.count("reached(") == len(STEPS)
