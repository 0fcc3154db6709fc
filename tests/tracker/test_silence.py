"""Real worker and real beat, killed: the right line turns red within the documented time, and recovers."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from letters.domain.history import acting
from letters.models import Heartbeat, OutboxMessage
from letters.reminders.signs import PING, last_ping
from tests import factories
from tests.tracker.processes import ROOT, wait_for
from tests.tracker.processes import started as started_process
from tracker import pings
from tracker.celery import TICKS_WITHIN
from tracker.rounds import ROUNDS

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
START_SECONDS = 180
SAID_WITHIN = pings.FRESH_SECONDS + 2 * pings.WAIT_SECONDS + 5  # docs/operations.md says ten seconds
SLOW = 20  # seconds that a slow machine may take besides: who lives has a second to answer, and may miss it


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen]]:
    """Starts a worker or beat on the test's own database and broker."""
    started = []

    def run(role: str) -> subprocess.Popen:
        more = ["--concurrency", "1", "--without-gossip", "--without-mingle"] if role == "worker" else []
        own = {"DJANGO_SETTINGS_MODULE": "tests.concurrency.outside", "TEST_DATABASE": connection.settings_dict["NAME"]}
        with (tmp_path / f"{role}.log").open("ab") as log:
            process = started_process(
                [sys.executable, "-m", "celery", "-A", "tracker.celery", role, *more],
                cwd=ROOT,
                env=os.environ | own,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def kill(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def red(*, parts: tuple[str, ...] = ("worker", "beat")) -> set[str]:
    body = Client().get("/health/").json()
    return {name for name in parts if not body[name]}


def doctor(capsys) -> tuple[int, list[str]]:
    """Its exit code, and the name at the beginning of each line."""
    code = 0
    try:
        call_command("doctor")
    except SystemExit as ended:
        code = ended.code
    return code, [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]


def pinged() -> str:
    """What the button of the first steps says."""
    client = Client()
    client.force_login(factories.person("admin"))
    page = client.post("/first-steps/", {"step": "background"}).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def says_of_mails(capsys) -> str:
    """How its line ends when all is well."""
    call_command("doctor")
    line = capsys.readouterr().out.splitlines()[0]
    return line[line.index("Mails") :]


def waiting(*, since: datetime, again: datetime) -> None:
    """A mail that is not late: it is tried again later."""
    with acting(factories.SETUP):
        mail = OutboxMessage.objects.create(
            to_user=factories.person("staff"), kind="digest", key="TEST", message_id="TEST", next_attempt_at=again
        )
        OutboxMessage.objects.filter(pk=mail.pk).update(created_at=since)


def swept() -> None:
    now = timezone.now()
    for name in ROUNDS:
        Heartbeat.objects.update_or_create(name=name, defaults={"started_at": now, "finished_at": now})


def test_worker_and_beat_are_each_missed_when_killed_and_neither_answers_for_the_other(start, capsys, monkeypatch):
    cache.delete(PING)
    swept()
    assert red() == {"worker", "beat"}
    assert doctor(capsys) == (1, ["worker", "beat"])
    assert "Not yet. The worker does not answer" in pinged()
    beat = start("beat")
    wait_for(lambda: red() == {"worker"}, START_SECONDS, "beat answers, and not for the worker")
    assert timezone.now() - last_ping()["watched_since"] < timedelta(seconds=START_SECONDS)
    worker = start("worker")
    wait_for(lambda: red() == set(), START_SECONDS, "both answer")
    swept()
    with monkeypatch.context() as patient:  # asked once each: on a slow machine one that lives may take its time
        patient.setattr(pings, "WAIT_SECONDS", 10 * pings.WAIT_SECONDS)
        code, lines = doctor(capsys)
        assert (code, len(lines), lines[0][:24]) == (0, 1, "All is well. Last sweep ")
        assert "It works. Worker and scheduler answered just now" in pinged()
        assert says_of_mails(capsys) == "Mails waiting: 0."
        waiting(since=timezone.now() - timedelta(hours=1), again=timezone.now() + timedelta(hours=1))
        assert says_of_mails(capsys).startswith("Mails waiting: 1, the oldest since ")
    kill(beat)
    wait_for(lambda: red() == {"beat"}, SAID_WITHIN + SLOW, "a killed beat is missed")
    wait_for(lambda: doctor(capsys) == (1, ["beat"]), SLOW, "doctor misses it, and it alone")
    start("beat")
    wait_for(lambda: red() == set(), START_SECONDS, "beat is back")
    kill(worker)
    wait_for(lambda: red() == {"worker"}, SAID_WITHIN + SLOW, "a killed worker is missed")
    wait_for(lambda: doctor(capsys) == (1, ["worker"]), SLOW, "doctor misses it, and it alone")
    start("worker")
    wait_for(lambda: red() == set(), START_SECONDS, "the worker is back")
    cache.delete(PING)


def test_a_beat_that_hangs_is_missed_too(start):
    cache.delete(PING)
    beat = start("beat")
    wait_for(lambda: red() == {"worker"}, START_SECONDS, "beat answers")
    os.kill(beat.pid, signal.SIGSTOP)
    wait_for(lambda: "beat" in red(), TICKS_WITHIN + SAID_WITHIN + SLOW, "a beat that hangs is missed")
    os.kill(beat.pid, signal.SIGCONT)
    wait_for(lambda: red() == {"worker"}, START_SECONDS, "beat goes on")
