"""The embedded servers: shared, restarted, stopped with their last user, whatever is killed."""

import contextlib
import multiprocessing
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.tracker.processes import ROOT, environment, processes_of, wait_for
from tracker.embedded import places
from tracker.embedded.guard import status_path
from tracker.embedded.hold import NotStarted, hold, is_guarded
from tracker.embedded.servers import DATABASE, POSTGRES_SOCKET, ROLE
from tracker.secret_key import kept_in

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def data():
    """Not pytest's own folder: that is closed to others, so root's PostgreSQL would have to live elsewhere."""
    with tempfile.TemporaryDirectory(prefix="letters-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


def connect(data: Path) -> psycopg.Connection:
    folder = places.socket_folder(data, "postgres", POSTGRES_SOCKET)
    return psycopg.connect(host=str(folder), port=5432, user=ROLE, dbname=DATABASE, autocommit=True)


def server_pid(data: Path) -> int:
    """0 while there is none: the file goes and comes with the server."""
    path = data / "postgres" / "data" / "postmaster.pid"
    words = path.read_text().split() if path.exists() else []
    return int(words[0]) if words else 0


def is_up(data: Path) -> bool:
    try:
        connect(data).close()
    except psycopg.OperationalError:
        return False
    return True


def _start_and_tell(data: Path, gate, answers) -> None:
    gate.wait()
    share = hold(data, "postgres", unsafe_fast=True)
    with connect(data) as line:
        started = line.execute("SELECT pg_postmaster_start_time()::text").fetchone()[0]
    answers.put((server_pid(data), started))
    gate.wait()  # nobody lets go before all have it
    share.release()


def test_four_starters_at_once_share_one_server(data):
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(4), context.Queue()
    starters = [context.Process(target=_start_and_tell, args=(data, gate, answers)) for _ in range(4)]
    for starter in starters:
        starter.start()
    found = {answers.get(timeout=60) for _ in starters}
    for starter in starters:
        starter.join(60)
    assert [starter.exitcode for starter in starters] == [0, 0, 0, 0]
    assert len(found) == 1
    assert processes_of(data) == []


def test_the_server_stops_with_its_last_user_only(data):
    first = hold(data, "postgres", unsafe_fast=True)
    second = hold(data, "postgres", unsafe_fast=True)
    first.release()
    with connect(data) as line:  # each of the web server's threads keeps one: WEB_THREADS may be 256
        assert line.execute("SHOW max_connections").fetchone() == ("300",)
    second.release()
    assert not is_up(data)
    assert processes_of(data) == []


def test_the_server_s_log_keeps_no_word_of_what_it_refuses(data):
    """A note that breaks a rule, a statement that waited too long: neither its text nor its row."""
    share = hold(data, "postgres", unsafe_fast=True)
    with connect(data) as line:
        line.execute("CREATE TABLE note (words text CHECK (words <> 'TEST secret one'), n int UNIQUE)")
        line.execute("INSERT INTO note VALUES ('TEST secret two', 4711)")
        for statement in (
            "INSERT INTO note VALUES ('TEST secret one', 1)",
            "INSERT INTO note VALUES ('TEST secret two', 4711)",
            "SET statement_timeout = 1; SELECT pg_sleep(9), 'TEST secret three'",
        ):
            with pytest.raises(psycopg.Error):
                line.execute(statement)
    share.release()
    log = (data / "log" / "postgres.log").read_text()
    assert "note_words_check" in log  # which rule it was, it says
    assert not re.search("secret|4711", log), log


def test_a_killed_user_leaves_no_server(data):
    script = (
        "import sys; from pathlib import Path; from tracker.embedded.hold import hold; "
        f"hold(Path({str(data)!r}), 'postgres', unsafe_fast=True); print('up', flush=True); sys.stdin.read()"
    )
    user = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert user.stdout.readline() == b"up\n"
    assert is_up(data)
    user.kill()
    user.communicate()
    wait_for(lambda: not processes_of(data), 15, "the server has gone with its user")


def test_a_killed_server_comes_back_with_its_data(data):
    share = hold(data, "postgres")
    with connect(data) as line:
        line.execute("CREATE TABLE kept (word text)")
        line.execute("INSERT INTO kept VALUES ('still here')")
    before = server_pid(data)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: status_path(data, "postgres").read_text() != "ready" or server_pid(data) != before, 10, "noticed")
    wait_for(lambda: is_up(data), 30, "the server is back")
    with connect(data) as line:
        assert line.execute("SELECT word FROM kept").fetchall() == [("still here",)]
    share.release()


def test_everything_killed_then_started_again_keeps_its_data(data):
    share = hold(data, "postgres")
    with connect(data) as line:
        line.execute("CREATE TABLE kept (word text)")
        line.execute("INSERT INTO kept VALUES ('still here')")
    for process in processes_of(data):
        with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL's own helpers come and go
            if "tracker.embedded.guard" in process.cmdline():
                process.kill()
    wait_for(lambda: not is_guarded(data, "postgres"), 10, "the guard has gone")
    again = hold(data, "postgres")
    with connect(data) as line:
        assert line.execute("SELECT word FROM kept").fetchall() == [("still here",)]
    share.release(wait=False)
    again.release()
    assert processes_of(data) == []


def test_a_lock_file_with_a_strangers_number_does_not_stop_a_start(data):
    hold(data, "postgres", unsafe_fast=True).release()
    lock_file = data / "postgres" / "data" / "postmaster.pid"
    owner = (data / "postgres" / "data").stat()
    lock_file.write_text(f"{os.getpid()}\n{data}/postgres/data\n")
    os.chown(lock_file, owner.st_uid, owner.st_gid)
    share = hold(data, "postgres", unsafe_fast=True)
    assert is_up(data)
    share.release()


def test_a_path_too_long_for_a_socket_is_no_hindrance(data):
    deep = data / ("a" * 60) / ("b" * 60)
    share = hold(deep, "valkey")
    folder = places.socket_folder(deep, "valkey", "valkey.sock")
    assert deep not in folder.parents
    assert (folder.stat().st_mode & 0o777, (folder / "valkey.sock").is_socket()) == (0o700, True)
    share.release()
    assert processes_of(deep) == []


def test_a_data_folder_of_another_version_is_refused_with_the_way_out(data):
    hold(data, "postgres", unsafe_fast=True).release()
    (data / "postgres" / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(NotStarted, match=r"was made by PostgreSQL 14, but .* Set POSTGRES_BIN"):
        hold(data, "postgres", unsafe_fast=True)


def test_secrets_are_private_and_the_folder_only_lets_through(data):
    places.prepare_data_folder(data)
    (data / "mail").chmod(0o755)  # as Django made it once
    share = hold(data, "valkey")
    assert data.stat().st_mode & 0o777 == 0o711
    assert (data / "valkey").stat().st_mode & 0o777 == 0o700
    assert (data / "log").stat().st_mode & 0o777 == 0o700
    assert (data / "mail").stat().st_mode & 0o777 == 0o700
    share.release()


def test_a_folder_that_was_there_keeps_its_mode_and_that_of_its_mail(tmp_path):
    """Root's TRACKER_DATA=/tmp took /tmp from everybody else, and an ordinary user's own home opened it to all."""
    kept = []
    for name, mode in (("tmp", 0o1777), ("home", 0o700), ("var", 0o755)):
        (tmp_path / name / "mail").mkdir(parents=True)
        (tmp_path / name / "mail").chmod(0o775)
        (tmp_path / name).chmod(mode)
        for _ in range(2):  # the second time, what is ours lies in it already
            places.prepare_data_folder(tmp_path / name)
        kept.append([stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / name, tmp_path / name / "mail")])
    assert kept == [[0o1777, 0o775], [0o700, 0o775], [0o755, 0o775]]


def test_valkey_keeps_what_it_was_given_through_a_kill(data):
    import redis

    share = hold(data, "valkey")
    path = places.socket_folder(data, "valkey", "valkey.sock") / "valkey.sock"
    with redis.Redis(unix_socket_path=str(path)) as client:
        client.set("task", "not done")
        client.config_set("appendfsync", "always")
        client.set("task", "still not done")
        server = psutil.Process(client.info("server")["process_id"])
    server.kill()
    server.wait(10)
    wait_for(lambda: status_path(data, "valkey").read_text() == "ready" and path.exists(), 20, "it is back")

    def kept() -> bytes | None:
        try:
            with redis.Redis(unix_socket_path=str(path)) as client:
                return client.get("task")
        except redis.ConnectionError:
            return None

    assert wait_for(kept, 20, "it answers") == b"still not done"
    share.release()


def test_a_data_folder_below_a_closed_one_works_too(data):
    """Root's PostgreSQL runs as another account, which cannot get in there: it lives elsewhere, and a link says where."""
    data.mkdir(mode=0o700)
    closed = data / "below"
    share = hold(closed, "postgres", unsafe_fast=True)
    home = closed / "postgres"
    target = home.resolve()
    by_root = os.geteuid() == 0
    assert (is_up(closed), home.is_symlink(), target.parent == places.ELSEWHERE) == (True, by_root, by_root)
    assert data.stat().st_mode & 0o777 == 0o700  # folders above the data folder are not ours to open
    share.release()
    again = hold(closed, "postgres", unsafe_fast=True)
    assert home.resolve() == target
    again.release()
    shutil.rmtree(target)
    if by_root:
        with pytest.raises(NotStarted, match=r"which is gone\. Put it back, or remove the link to start afresh"):
            hold(closed, "postgres", unsafe_fast=True)


def test_a_key_that_a_power_cut_left_empty_is_made_anew(tmp_path):
    (tmp_path / "secret-key").touch()
    key = kept_in(tmp_path)
    assert len(key) == 64
    assert kept_in(tmp_path) == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_what_root_makes_in_the_folder_of_another_account_is_that_account_s(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    if os.geteuid() == 0:  # as where an administrator types a command before the site has ever started
        os.chown(data, 65534, 65534)
    kept_in(data)
    assert {path.name: path.owner() for path in data.iterdir()} == dict.fromkeys(("secret-key", "log", "locks", "mail"), data.owner())  # fmt: skip
