"""The files of `deploy/`: units that systemd's own tool accepts, and that start the site when their lines are run."""

import configparser
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import yaml
from django.core.cache import cache
from django.db import connection

from tests.tracker.processes import ROOT, environment, free_port, started, wait_for
from tracker.celery import app
from tracker.env import Environment

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
HERE = "/opt/letters"  # where the units expect the site
SERVED = ("web", "worker", "beat")
START_SECONDS = 180


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read(DEPLOY / "systemd" / f"letters-{name}.service")
    return parser


def command(name: str) -> list[str]:
    """What the unit runs, as words."""
    return shlex.split(unit(name)["Service"]["ExecStart"])


def example() -> dict[str, str]:
    lines = (DEPLOY / "letters.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_systemd_takes_every_unit_without_a_word(tmp_path):
    assert shutil.which("systemd-analyze"), (
        "The units are checked by systemd-analyze, which is missing. Install it (Debian, as root: apt-get install systemd)."
    )
    for one in UNITS:
        (tmp_path / one.name).write_text(one.read_text().replace(HERE, str(ROOT)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *(str(tmp_path / one.name) for one in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    # of other units of this machine it may complain as well
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "letters" in line]
    assert ours == []


@pytest.mark.parametrize("name", ["prepare", *SERVED])
def test_each_unit_runs_confined_and_as_nobody_else(name):
    service = unit(name)["Service"]
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"], service["CapabilityBoundingSet"]) == (
        "letters", "yes", "strict", "",
    )  # fmt: skip
    tied = {word: unit(name)["Unit"].get(word) for word in ("Wants", "Requires", "After")}
    if name == "prepare":
        assert service["Restart"] == "on-failure"  # where the database comes up later
    else:
        # no Requires=: with it each upgrade stops what serves, and a migration that fails leaves it stopped
        assert service["Restart"] == "always"
        assert tied == {"Wants": "letters-prepare.service", "Requires": None, "After": "letters-prepare.service"}


def test_the_example_of_the_environment_is_one_the_site_takes(monkeypatch, tmp_path):
    given = {name: value for name, value in example().items() if name != "BACKUP_PASSPHRASE_FILE"}
    assert set(given) <= set(Environment.model_fields)
    for name in Environment.model_fields:
        monkeypatch.delenv(name, raising=False)
    for name, value in (given | {"TRACKER_DATA": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    read = Environment()
    assert (read.ALLOWED_HOSTS, read.LOG_FORMAT, str(read.PORT)) == ("letters.example.gov", "json", given["PORT"])


def test_what_the_file_of_the_environment_leaves_out_the_units_have():
    """None is required: systemd would put nothing into the command, which the web server refuses."""
    for name in SERVED:
        own = dict(word.split("=") for word in unit(name)["Service"].get("Environment", "").split())
        assert set(own) == set(re.findall(r"\$\{(\w+)\}", unit(name)["Service"]["ExecStart"])), name
        assert own == {key: str(Environment.model_fields[key].default) for key in own}
        lines = (DEPLOY / "systemd" / f"letters-{name}.service").read_text().splitlines()
        places = [place for place, line in enumerate(lines) if line.startswith("Environment")]
        assert [lines[place].partition("=")[0] for place in places][-1] == "EnvironmentFile"


def test_the_containers_run_what_the_units_run():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    spoken = {"${PORT}": "8000", "${WEB_THREADS}": "32", "127.0.0.1": "0.0.0.0", f"{HERE}/.venv/bin/python": "python"}
    for name in ("prepare", *SERVED):
        assert services[name]["command"] == [spoken.get(word, word) for word in command(name)], name
        assert services[name]["environment"]["TRACKER_DATA"] == example()["TRACKER_DATA"]
        assert "ports" not in services[name]
    assert set(services) - {"postgres", "valkey", "proxy", "prepare"} == {*SERVED, "backup"}
    nightly = services["backup"]
    assert "deploy/backup" in nightly["command"][-1]
    places = [nightly["environment"]["BACKUP_DIR"], nightly["environment"]["BACKUP_PASSPHRASE_FILE"]]
    assert [example()[name] for name in ("BACKUP_DIR", "BACKUP_PASSPHRASE_FILE")] == places
    assert f"backups:{places[0]}" in nightly["volumes"]


def test_no_image_and_no_commit_takes_in_what_is_secret_or_made_on_the_machine():
    def lines(name: str) -> set[str]:
        return {line.removeprefix("**/").rstrip("/") for line in (ROOT / name).read_text().splitlines() if line[:1] not in ("", "#")}  # fmt: skip

    secret = {"deploy/letters.env", "deploy/.env", "deploy/backup-words"}
    assert secret <= lines(".gitignore")
    of_an_archive = {"wheels", "offline.lock"}  # of scripts/offline, for another machine
    assert lines(".gitignore") | {".git"} | of_an_archive == lines(".dockerignore")


def test_each_variable_that_the_files_of_deploy_read_is_in_readme():
    read = set(Environment.model_fields)
    words = "".join(path.read_text() for path in DEPLOY.rglob("*") if path.is_file())
    ours = set(re.findall(r"\b(?:BACKUP|LETTERS)_[A-Z_]*[A-Z]\b|(?<=\$\{)[A-Z_]+", words)) - read
    table = (ROOT / "README.md").read_text().partition("| `BACKUP_DAYS` |")[2].partition("\n\n")[0]
    # of our own tools, beside those of deploy/
    assert ours | {"PYTHON"} == set(re.findall(r"^\| `([A-Z_]+)` ", table, re.M))


def run(name: str, *words: str, **variables: str) -> tuple[int, str]:
    done = subprocess.run([DEPLOY / name, *words], env=environment(**variables), capture_output=True, text=True, check=False)  # fmt: skip
    return done.returncode, done.stderr.strip()


def test_a_wrong_number_of_days_is_refused_before_a_backup_is_made(tmp_path):
    for days in ("x", "0", "-1", "3.5", "12345"):
        assert run("backup", BACKUP_DIR=str(tmp_path), BACKUP_DAYS=days) == (
            2, f"No backup was made. BACKUP_DAYS is '{days}': Use a whole number of days from 1 to 9999.",
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_command_is_run_in_the_environment_of_the_units(tmp_path):
    own = {"LETTERS_ENV": str(tmp_path / "env"), "LETTERS_USER": Path(tmp_path).owner()}
    assert run("manage", "migrate", **own) == (2, f"{tmp_path}/env cannot be read, and it says which database is meant. Type this as root.")  # fmt: skip
    # as systemd reads it: quotes and blanks at the end taken off, nothing expanded; the file's word counts
    (tmp_path / "env").write_text("# TEST\nPORT=\"80 80\" \n\nLOG_LEVEL=$HOME&x\nTIME_ZONE='Mars/TEST'")
    code, said = run("manage", "migrate", **own, PORT="8000")
    assert (code, [line.split(":")[0].strip() for line in said.splitlines()]) == (
        1, ["Not started.", "PORT is '80 80'", "TIME_ZONE is 'Mars/TEST'", "LOG_LEVEL is '$HOME&x'"],
    )  # fmt: skip


def test_a_command_reads_files_from_where_it_is_typed(tmp_path):
    """With a Python that only says what it was asked, and where."""
    here = tmp_path / "site"
    for folder in (here / "deploy", here / ".venv" / "bin", tmp_path / "typed"):
        folder.mkdir(parents=True)
    shutil.copy(DEPLOY / "manage", here / "deploy" / "manage")
    (here / ".venv" / "bin" / "python").write_text('#!/bin/sh\necho "$PWD $*"\n')
    (here / ".venv" / "bin" / "python").chmod(0o755)
    (tmp_path / "env").write_text("")
    own = environment(LETTERS_ENV=str(tmp_path / "env"), LETTERS_USER=Path(tmp_path).owner())
    command = [here / "deploy" / "manage", "import_letters", "TEST.csv"]
    done = subprocess.run(command, env=own, cwd=tmp_path / "typed", capture_output=True, text=True, check=False)
    assert done.stdout == f"{tmp_path}/typed {here}/manage.py import_letters TEST.csv\n", done.stderr


def test_an_environment_that_was_cut_short_is_made_anew(tmp_path):
    """`python -m venv` puts Python there first and pip last: Ctrl-C in between left one that nothing could be put into."""
    for folder in ("scripts", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup", tmp_path / "scripts" / "setup")
    half, whole = tmp_path / ".venv" / "bin" / "python", tmp_path / "python"
    half.write_text('#!/bin/sh\ncase "$2" in *pip* | *django*) exit 1 ;; esac\n')
    whole.write_text(f'#!/bin/sh\n[ "$2" != venv ] || echo made >{tmp_path}/made\n')
    for one in (half, whole):
        one.chmod(0o755)
    subprocess.run(
        [tmp_path / "scripts" / "setup", "python"],
        env=os.environ | {"PYTHON": str(whole)},
        capture_output=True,
        check=False,
    )
    assert (tmp_path / "made").exists()
    # where an upgrade of the machine's Python did the same later, `make` does not rest on what was installed once
    shutil.copy(ROOT / "Makefile", tmp_path / "Makefile")
    (tmp_path / "requirements.lock").touch()
    (tmp_path / ".venv" / ".installed").touch()
    done = subprocess.run(["make", "-n", "setup"], cwd=tmp_path, capture_output=True, text=True, check=False)
    # after “Entering directory”, where a make runs the tests
    assert "scripts/setup python\n" in done.stdout, done.stderr


@pytest.fixture
def office(django_db_blocker, transactional_db, tmp_path) -> Iterator[dict[str, str]]:
    """The environment of the example, on an empty database of the test's own server."""
    name = f"deploy_{uuid.uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    there = connection.settings_dict
    login = quote(there["USER"] or "", safe="") + (f":{quote(there['PASSWORD'], safe='')}" if there["PASSWORD"] else "")
    port = f":{there['PORT']}" if there["PORT"] else ""
    yield example() | {
        "DATABASE_URL": f"postgres://{login}@{quote(there['HOST'], safe='')}{port}/{name}",
        "BROKER_URL": app.conf.broker_url, "TRACKER_DATA": str(tmp_path / "data"), "PORT": str(free_port()),
        "EMAIL_URL": "", "METRICS_TOKEN": "TEST-token-of-forty-characters-or-more-xxxx",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    cache.clear()


@pytest.mark.slow
def test_the_lines_of_the_units_start_the_site_and_stop_it(office, tmp_path):
    given = environment(**office)

    def words(name: str) -> list[str]:
        line = os.path.expandvars(" ".join(command(name)).replace(HERE, str(ROOT)))
        return [office.get(word.strip("${}"), word) for word in shlex.split(line)]

    def prepared(**variables: str) -> subprocess.CompletedProcess:
        return subprocess.run(words("prepare"), cwd=ROOT, env=given | variables, capture_output=True, text=True, check=False)  # fmt: skip

    refused = prepared(BACKUP_DAYS="x")
    assert (refused.returncode, "BACKUP_DAYS is 'x': it is not a whole number." in refused.stderr) == (1, True)
    done = prepared()
    assert (done.returncode, done.stdout.splitlines()[3]) == (0, "migrations: done"), done.stderr
    # of a timer that nobody enabled the site tells after the first night
    assert nights(office) == [({"only_expected": True}, False)]
    assert backed_up(given, tmp_path) == 1
    assert nights(office) == [({}, True)]
    running = {}
    for name in SERVED:
        with (tmp_path / f"{name}.log").open("wb") as log:
            running[name] = started(words(name), ends_by=signal.SIGTERM, cwd=ROOT, env=given, stdout=log, stderr=log)
    try:
        wait_for(
            lambda: status(office, "/health/") == 200, START_SECONDS, "the site is well: worker, beat and a first sweep"
        )
        # reached through the proxy, under its name; plain HTTP is sent to HTTPS by the proxy alone
        assert status(office, "/", host="letters.example.gov", proto="https") == 200  # the page of sign-in
        assert status(office, "/", host="other.example", proto="https") == 400
        assert status(office, "/metrics", token=office["METRICS_TOKEN"]) == 200
    finally:
        for one in running.values():
            one.terminate()
        codes = {name: one.wait(60) for name, one in running.items()}
    assert set(codes.values()) <= {0, -signal.SIGTERM}, codes
    assert '"logger":"' in Path(tmp_path / "web.log").read_text() + Path(tmp_path / "worker.log").read_text()


def nights(office: dict[str, str]) -> list[tuple[dict, bool]]:
    """What the site knows of nightly backups."""
    with psycopg.connect(office["DATABASE_URL"]) as line:
        return line.execute("SELECT detail, finished_at IS NOT NULL FROM letters_heartbeat WHERE name = 'backup'").fetchall()  # fmt: skip


def backed_up(given: dict[str, str], tmp_path: Path) -> int:
    """How many backups there are after a night that finds one of 40 days ago."""
    folder, words = tmp_path / "backups", tmp_path / "words"
    folder.mkdir()
    words.write_text("TEST words of a passphrase\n")
    old = folder / "letters-2023-05-01T023000Z.backup"
    old.touch()
    os.utime(old, (time.time() - 40 * 86_400,) * 2)
    own = {"BACKUP_DIR": str(folder), "BACKUP_PASSPHRASE_FILE": str(words)}
    done = subprocess.run(
        [unit("backup")["Service"]["ExecStart"].replace(HERE, str(ROOT))],
        env=given | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "encrypted" in done.stdout) == (0, True), done.stderr
    assert not old.exists()
    return len(list(folder.iterdir()))


def status(office: dict[str, str], path: str, *, host: str = "127.0.0.1", proto: str = "", token: str = "") -> int:
    headers = {"Host": host} | ({"X-Forwarded-Proto": proto} if proto else {})
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{office['PORT']}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
