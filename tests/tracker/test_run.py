"""`manage.py run` as a person uses it: a real start on a folder of its own, a real Ctrl-C, a real kill -9."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.tracker.processes import (
    ROOT,
    environment,
    free_port,
    is_open,
    kill_all_of,
    manage,
    processes_of,
    started,
    wait_for,
)

pytestmark = [pytest.mark.slow, pytest.mark.once]
START_SECONDS = 300


class Run:
    """One `manage.py run` in a process group of its own; `by` is what starts it, as `nohup` does."""

    def __init__(self, data: Path, port: int, *by: str, **changes: str) -> None:
        self.data, self.port = data, port
        self.output = data.parent / f"{data.name}-{port}.out"
        with self.output.open("wb") as output:
            self.process = started(
                [*by, sys.executable, "manage.py", "run"],
                ends_by=signal.SIGTERM,
                cwd=ROOT,
                env=environment(TRACKER_DATA=str(data), PORT=str(port), **changes),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> None:
        opened_early = []

        def ready() -> bool:
            # Until its first step, the web server of a killed run may still be on its way out.
            if "system checks" in self.said() and is_open(self.port) and "web server" not in self.said():
                opened_early.append(self.said())
            assert self.process.poll() is None, self.said()
            return "Ready after" in self.said()

        wait_for(ready, START_SECONDS, "the site is ready")
        assert opened_early == []

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()

    def is_well(self) -> bool:
        try:
            return self.get("/health/")[0] == 200
        except OSError:  # also when it answers 503
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def role(self, role: str) -> psutil.Process:
        """The child that supervises nothing but this role."""
        for child in psutil.Process(self.process.pid).children():
            if child.is_running() and child.status() != psutil.STATUS_ZOMBIE and role in " ".join(child.cmdline()):
                return child
        raise AssertionError(f"no {role} among the children")


@pytest.fixture
def data():
    """Not pytest's own folder: that is closed to others, so root's PostgreSQL would have to live elsewhere."""
    with tempfile.TemporaryDirectory(prefix="letters-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"
        psutil.wait_procs(kill_all_of(Path(folder)), timeout=10)


def test_the_life_of_a_site(data):
    """One story, since a start takes seconds: start, look, break, mend, kill, start again, stop."""
    run = Run(data, free_port())
    run.wait_until_ready()
    said = run.said()
    steps = re.findall(r"^  (\S.*?) +\d+\.\d s$", said, re.M)
    assert steps == [
        "system checks",
        "PostgreSQL",
        "Valkey",
        "migrations",
        "reference data",
        "public stream",
        "seed letter",
        "demo accounts",
        "static files",
        "worker and beat, first sweep",
        "web server",
    ]
    password = (data / "demo-password").read_text().strip()
    assert f"Sign in as viewer, staff, manager or admin. Password: {password} (kept in {data}/demo-password)" in said
    assert (data / "demo-password").stat().st_mode & 0o777 == 0o600
    assert (data / "secret-key").stat().st_mode & 0o777 == 0o600
    assert run.get("/health/")[0] == 200

    second = manage("run", TRACKER_DATA=str(data), PORT=str(free_port()))
    assert second.returncode == 1
    assert f"The site already runs on the data folder {data}: process {run.process.pid}" in second.stdout

    other = manage("run", TRACKER_DATA=str(data.with_name("other")), PORT=str(run.port))
    assert other.returncode == 1
    assert f"PORT is {run.port}, which cannot be opened: Address already in use. Stop what uses it," in other.stdout

    for role in ("granian", "worker", "beat"):
        run.role(role).kill()
    wait_for(lambda: run.said().count("was killed by signal 9; starting it again") == 3, 20, "all three are noticed")
    wait_for(run.is_well, 60, "all three are back")

    held = told(data, "story", "x")["cursor"]
    before = told(data, "record", held)
    assert [(one["kind"], one["from"], one["to"]) for one in before["events"][-5:]] == STORY
    os.killpg(run.process.pid, signal.SIGKILL)
    run.process.wait()
    again = Run(data, run.port)
    again.wait_until_ready()
    assert again.is_well()
    assert told(data, "record", held) == before
    assert (data / "demo-password").read_text().strip() == password

    kill_all_of(data)
    again.process.wait()
    third = Run(data, run.port)
    third.wait_until_ready()
    assert told(data, "record", held) == before
    assert third.stop() == 0
    assert third.said().endswith("Stopped.\n")
    assert processes_of(data) == []
    assert not is_open(run.port)


# Item 4 is marked done with evidence, and reopened with a reason; the State Department, only consulted, comes along.
STORY = [
    ("evidence_added", "", ""),
    ("status_changed", "awaiting", "implemented"),
    ("status_changed", "awaiting", "overtaken"),
    ("status_changed", "implemented", "awaiting"),
    ("status_changed", "overtaken", "awaiting"),
]
# Run inside the site's own configuration: the first does the story and ends with the cursor of a follower who has read
# all of it; the second says everything that must outlive a kill, and what that cursor still gives.
SCRIPTS = {
    "story": """
import datetime as dt
from letters.domain import feed, replies, workflow
tasking = Tasking.objects.get(ask__number=4, agency__slug="treasury")
by = User.objects.get(username="staff")
replies.add_evidence(tasking, by=by, kind="federal_register", citation="TEST 88 FR 1", seen_on=dt.date(2023, 6, 1))
tasking = workflow.transition(tasking, to="implemented", by=by)
workflow.transition(tasking, to="awaiting", by=by, reason="TEST: it was another company")
said = {"cursor": feed.follow("office", after=None, size=500).cursor}
""",
    "record": """
from letters.domain import feed
said = {
    "events": [
        {"id": str(e.pk), "kind": e.kind, "from": e.from_status, "to": e.to_status, "reason": e.reason, "payload": e.payload}
        for e in Event.objects.order_by("sequence")
    ],
    "feed": [[e.stream, e.position, str(e.event_id)] for e in FeedEntry.objects.order_by("stream", "position")],
    "statuses": {str(t.pk): [t.status, str(t.status_event_id)] for t in Tasking.objects.order_by("pk")},
    "new": [str(entry.event_id) for entry in feed.follow("office", after=CURSOR, size=500).entries],
}
assert said["new"] == []
""",
}


def told(data: Path, script: str, cursor: str) -> dict:
    """What a script says, run by `manage.py shell` beside the site."""
    code = f"""
import json
from letters.models import Event, FeedEntry, Tasking, User
CURSOR = {cursor!r}
{SCRIPTS[script]}
print(json.dumps(said))"""
    done = manage("shell", "-v0", "-c", code, TRACKER_DATA=str(data))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_stopped_while_starting_it_leaves_nothing(data):
    """And `nohup` keeps it from stopping where the terminal goes."""
    run = Run(data, free_port(), "nohup")
    wait_for(lambda: "Valkey" in run.said(), 60, "it has begun")
    run.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "migrations" in run.said() or run.process.poll() is not None, 60, "it goes on")
    assert run.process.poll() is None, run.said()
    assert run.stop() == 0
    assert processes_of(data) == []


def as_an_ordinary_user() -> list[str]:
    """What makes a command run as one, who reads the programs of this clone wherever it lies."""
    if os.geteuid() != 0:
        return []
    plain = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--pdeathsig=TERM"]
    # below root's home, say: all is read, and still nothing written
    reader = [*plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    for by in (plain, reader):
        with contextlib.suppress(FileNotFoundError):  # `setpriv`, or the interpreter
            # its version, too: where its folder is closed, .venv is taken for another Python's
            asked = [*by, sys.executable, "-c", "import django, sys; print(sys.version)"]
            if subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.strip() == sys.version:
                return by
    pytest.skip(f"No ordinary user of this machine can run {sys.executable}, and root may not make one who can.")


def test_an_ordinary_user_on_a_folder_with_a_blank_in_its_name_and_a_second_start_on_its_port(data):
    """The port opens last; until the mark of a start is seen, two at once were both “Ready”, and shared it."""
    by = as_an_ordinary_user()
    home = data.parent / "Anna Smith"
    home.mkdir()
    if by:
        os.chown(home, 65534, 65534)
    run = Run(home / "her letters", free_port(), *by, HOME=str(home))
    wait_for(lambda: "system checks" in run.said() or run.process.poll() is not None, 60, "it has begun")
    assert run.process.poll() is None, run.said()
    second = manage("run", TRACKER_DATA=str(data.with_name("second")), PORT=str(run.port))
    assert second.returncode == 1
    assert f"PORT is {run.port}, which cannot be opened: Address already in use. Stop what uses it," in second.stdout
    run.wait_until_ready()
    assert run.is_well()
    everything = [run.data, *run.data.rglob("*")]
    assert {path.lstat().st_uid for path in everything} == {home.stat().st_uid}
    assert run.stop() == 0
    assert processes_of(home) == []


def test_a_taken_port_is_refused_before_anything_starts(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = manage("run", TRACKER_DATA=str(data), PORT=str(port))
    assert done.returncode == 1
    assert f"PORT is {port}, which cannot be opened: Address already in use." in done.stdout
    assert not (data / "postgres").exists()


def test_a_database_that_does_not_answer_is_refused_with_its_address_but_not_its_password(data):
    url = "postgres://me:secret@127.0.0.1:9/none"
    done = manage("run", TRACKER_DATA=str(data), PORT=str(free_port()), DATABASE_URL=url)
    assert done.returncode == 1
    assert "DATABASE_URL is 'postgres://me:***@127.0.0.1:9/none': it does not answer." in done.stdout
    assert re.search(r"[^.\s]\. Start it, or correct the URL\.\n", done.stdout)
    assert "secret" not in done.stdout + done.stderr
    assert processes_of(data) == []


def test_manage_by_itself_starts_what_it_needs_and_stops_it(data):
    done = manage("migrate", "--plan", "-v0", TRACKER_DATA=str(data))
    assert (done.returncode, done.stderr) == (0, "")
    assert (data / "postgres").exists()
    assert processes_of(data) == []
