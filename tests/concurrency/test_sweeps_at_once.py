"""Invariant 4 with several sweeps at once, and with one that is killed in the middle."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import task_success
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from letters.models import Event, Heartbeat, Notice, Reminder, Tasking
from letters.reminders.sweep import AT_WORK, SWEEP_LOCK, sweep
from tests import factories
from tests.tracker.processes import started, wait_for
from tracker.celery import app
from tracker.supervisor import preparation, site
from tracker.supervisor.console import Refused

TODAY = dt.date(2023, 5, 25)
# Advisory locks held in this database; its server may have others.
HELD = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND datname = current_database()
"""
# A sweep that takes its time between batches of three, in a process of its own.
SLOW = """
import datetime, sys, time
import django
django.setup()
from letters.reminders import sweep
sweep.BATCH = 3
look = sweep._batch
def slowly(schedule, done):
    more = look(schedule, done)
    print(done.past_due, flush=True)
    time.sleep(float(sys.argv[1]))
    return more
sweep._batch = slowly
print(sweep.sweep(today=datetime.date(2023, 5, 25)).words(), flush=True)
"""


def kept() -> tuple[int, int, int, int]:
    """Events, reminders of the day that came, notices of it, and how many different items they are about."""
    events, reminders = Event.objects.filter(kind="past_due"), Reminder.objects.filter(rule="due")
    different = set(events.values_list("tasking", "due_on")) | set(reminders.values_list("tasking", "due_on"))
    return events.count(), reminders.count(), Notice.objects.count(), len(different)


def start(*arguments: str, script: str = "") -> subprocess.Popen:
    """A process with the tests' database."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.concurrency.outside", "TEST_DATABASE": database()}
    command = [sys.executable, "-c", script] if script else [sys.executable, "-m", "django"]
    return started(
        [*command, *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def database() -> str:
    return connection.settings_dict["NAME"]


def test_two_sweeps_in_two_threads_find_each_item_once(seed, manager, together):
    rounds = together([lambda: sweep(today=TODAY)] * 4)
    assert (sum(r.past_due for r in rounds), sum(r.reminders for r in rounds)) == (7, 21)
    assert kept() == (7, 7, 7, 7)


@pytest.mark.slow
def test_two_sweeps_in_two_processes_find_each_item_once(seed, manager):
    sweeps = [start("sweep_reminders", "--today", "2023-05-25") for _ in range(2)]
    said = sorted(process.communicate(timeout=60) for process in sweeps)
    assert [(process.returncode, errors) for process, (_, errors) in zip(sweeps, said, strict=True)] == [
        (0, ""),
        (0, ""),
    ]
    assert kept() == (7, 7, 7, 7)
    assert {out.strip() for out, _ in said} <= {
        "2023-05-25: 7 dates passed, 7 acknowledgments late, 21 reminders, 7 notices",
        "2023-05-25: 0 dates passed, 0 acknowledgments late, 0 reminders, 0 notices",
        "another sweep is at work; nothing to do",
    }


def test_a_sweep_that_finds_another_at_work_leaves_at_once(seed, together, capsys):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SWEEP_LOCK])
    try:
        (round_,) = together([lambda: sweep(today=TODAY)])
        together([lambda: call_command("sweep_reminders", today="2023-05-25")])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
    assert (round_.taken, round_.words()) == (True, "another sweep is at work; nothing to do")
    # a command that ends without an exception exits 0
    assert capsys.readouterr().out == "another sweep is at work; nothing to do\n"
    assert kept() == (0, 0, 0, 0)


@pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")  # Celery's own call of redis-py
def test_the_port_waits_for_a_round_that_was_done_and_not_for_one_that_left_at_once(
    seed, manager, monkeypatch, tmp_path
):
    """A sweep by hand, or one of the run before, may still be at it: the first page would show dates of yesterday."""
    rounds: list[str] = []

    def note(result, **_):
        rounds.append(result)

    task_success.connect(note)  # until this function is gone
    starting = site.Site(tmp_path)
    monkeypatch.setattr(starting, "worker", SimpleNamespace(has_ended=lambda: False, log=tmp_path / "log"))
    app.control.purge()
    with start_worker(app, perform_ping_check=False), ThreadPoolExecutor(1) as pool:
        with connection.cursor() as cursor:  # only now: a worker closes the connections of who starts it
            cursor.execute("SELECT pg_advisory_lock(%s)", [SWEEP_LOCK])
        port = pool.submit(starting._sweep)
        wait_for(lambda: len(rounds) >= 2, 30, "a second round is ordered")
        before = (set(rounds), port.done(), Heartbeat.objects.exists())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
        port.result(30)
    assert before == ({AT_WORK}, False, False)
    assert Heartbeat.objects.get().name == "sweep"


def test_prepare_waits_for_a_round_that_was_done_too(seed, manager, monkeypatch):
    """The parts of `deploy/` start behind it: the version before may be sweeping, or somebody by hand."""
    said: list[str] = []
    call = preparation._call

    def noting(command: str) -> str:
        said.append(call(command).strip())
        return said[-1]

    def prepare() -> None:
        try:
            preparation.first_sweep()
        finally:
            connections.close_all()

    monkeypatch.setattr(preparation, "_call", noting)
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SWEEP_LOCK])
        try:
            step = pool.submit(prepare)
            wait_for(lambda: step.done() or len(said) >= 2, 30, "a second round is begun")
            before = (set(said), step.done(), Heartbeat.objects.exists())
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
        step.result(30)
    assert before == ({AT_WORK}, False, False)
    assert Heartbeat.objects.get().name == "sweep"


def test_prepare_gives_up_on_a_round_that_does_not_end(seed, together, monkeypatch):
    monkeypatch.setattr(preparation, "SWEEP_SECONDS", 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SWEEP_LOCK])
    try:
        (refused,) = together([preparation.first_sweep])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
    assert isinstance(refused, Refused)
    assert str(refused).startswith("Another sweep was at work for 0 seconds, so no round of ours was finished.")


def test_a_round_gives_its_lock_back(seed):
    sweep(today=TODAY)
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        assert cursor.fetchone() == (0,)


@pytest.mark.slow
def test_killed_in_the_middle_the_next_sweep_completes_it_without_doubles(seed, manager):
    process = start("30", script=SLOW)
    assert process.stdout.readline() == "3\n"  # one batch is committed, four dates are left
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert kept() == (3, 3, 3, 3)
    wait_until_the_lock_is_free()
    done = sweep(today=TODAY)
    assert (done.past_due, done.reminders, done.notices) == (4, 12, 4)
    assert kept() == (7, 7, 7, 7)
    assert sweep(today=TODAY).past_due == 0


def wait_until_the_lock_is_free() -> None:
    """The server ends a killed client's session when it notices: at once, but not in no time."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        with connection.cursor() as cursor:
            cursor.execute(HELD)
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("the killed sweep's lock is still held")


def test_a_round_that_fails_leaves_the_lock_and_what_was_committed(seed, manager, monkeypatch):
    from letters.reminders import sweep as sweeping

    fire, fired = sweeping._fire, []

    def fail(due, done):
        if fired:
            raise ZeroDivisionError
        fired.append(fire(due, done))

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "BATCH", 3)
        patch.setattr(sweeping, "_fire", fail)
        with pytest.raises(RuntimeError, match="4 items could not be looked at"):
            sweep(today=TODAY)
    assert kept() == (3, 3, 3, 3)
    assert sweep(today=TODAY).reminders == 12
    assert kept() == (7, 7, 7, 7)


def test_an_item_somebody_is_changing_waits_for_the_next_round(seed, manager, together):
    from django.db import transaction

    tasking = Tasking.objects.filter(role="lead").first()
    with transaction.atomic():
        Tasking.objects.select_for_update(of=("self",)).get(pk=tasking.pk)
        (round_,) = together([lambda: sweep(today=TODAY)])
        assert (round_.past_due, round_.reminders) == (6, 18)
        assert not tasking.reminders.exists()
    assert sweep(today=TODAY).past_due == 1
    assert kept() == (7, 7, 7, 7)


def test_a_sweep_and_a_person_at_once_both_count(seed, staff, manager, together):
    from letters.domain import workflow

    tasking = Tasking.objects.filter(role="lead").first()
    answers = together(
        [
            lambda: sweep(today=TODAY).words(),
            lambda: workflow.transition(tasking, to="considering", by=staff).status,
        ]
    )
    assert answers[1] == "considering"
    sweep(today=TODAY)
    assert kept() == (7, 7, 7, 7)
    assert factories.agency("treasury").taskings.get(ask__number=1).past_due_recorded == dt.date(2023, 5, 24)
