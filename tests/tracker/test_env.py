"""A wrong variable is refused with its name, its value and the way out; secrets are not shown."""

import os
import re
import subprocess
import sys

import pytest

from tests.plugin import VARIABLES
from tests.tracker.processes import ROOT, manage
from tests.tracker.processes import environment as environment_of
from tracker import commandline, env, env_values
from tracker.embedded.hold import NotStarted
from tracker.env import WAY_OUT, Environment, explain, masked, read, table


@pytest.fixture
def environment(monkeypatch):
    for name in Environment.model_fields:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "eighty", "PORT is 'eighty': it is not a whole number."),
        ("PORT", "0", "PORT is '0': it is not between 1 and 65535."),
        ("PORT", "70000", "PORT is '70000': it is not between 1 and 65535."),
        ("TRACKER_DATA", "/etc/hostname", "TRACKER_DATA is '/etc/hostname': /etc/hostname is a file, not a folder."),
        (
            "TRACKER_DATA",
            "/etc/hostname/x",
            "TRACKER_DATA is '/etc/hostname/x': /etc/hostname is a file, not a folder.",
        ),
        ("TRACKER_DATA", "~no-such/x", "TRACKER_DATA is '~no-such/x': its ~ is nobody's home on this machine."),
        (
            "TRACKER_DATA",
            f"/{'x' * 256}",
            f"TRACKER_DATA is '/{'x' * 256}': this user cannot look at /{'x' * 256} (File name too long).",
        ),
        (
            "DATABASE_URL",
            "sqlite:///x",
            "DATABASE_URL is 'sqlite:///x': it does not begin with postgres:// or postgresql://.",
        ),
        (
            "BROKER_URL",
            "amqp://h",
            "BROKER_URL is 'amqp://h': it does not begin with redis:// or rediss:// or redis+socket://.",
        ),
        (
            "BROKER_URL",
            "redis://h:6379/letters",
            "BROKER_URL is 'redis://h:6379/letters': its path is not the number of a database.",
        ),
        (
            "BROKER_URL",
            "redis+socket:///run/v.sock?virtual_host=x",
            "BROKER_URL is 'redis+socket:///run/v.sock?virtual_host=x': its virtual_host is not the number of a database.",
        ),
        *(
            (
                "BROKER_URL",
                url,
                f"BROKER_URL is {url!r}: an option after its ? is unknown, or its value cannot be read.",
            )
            for url in ("redis://h/0?socket_timeout=5s", "redis://h/0?foo=1", "redis://h/0?ssl_cert_reqs=required")
        ),
        (
            "DATABASE_URL",
            "postgres://h:99999/x",
            "DATABASE_URL is 'postgres://h:99999/x': its host or its port cannot be read.",
        ),
        (
            "DATABASE_URL",
            "postgres://me:12#w@db:5432/x",
            "DATABASE_URL is 'postgres://me:***@db:5432/x': it names no database.",
        ),
        (
            "DATABASE_URL",
            "postgres://me:w@db.gov",
            "DATABASE_URL is 'postgres://me:***@db.gov': it names no database.",
        ),
        ("PORT", "9" * 5000, f"PORT is '{'9' * 5000}': it is not a whole number."),
        ("EMAIL_URL", "mail.gov", "EMAIL_URL is 'mail.gov': it begins with neither smtp:// nor smtps://."),
        ("EMAIL_URL", "smtp://h:99999", "EMAIL_URL is 'smtp://h:99999': its port is no number up to 65535."),
        ("TIME_ZONE", "Mars/Olympus", "TIME_ZONE is 'Mars/Olympus': this machine knows no such time zone."),
        ("TIME_ZONE", "../etc", "TIME_ZONE is '../etc': this machine knows no such time zone."),
        ("ALLOWED_HOSTS", "https://x.gov", "ALLOWED_HOSTS is 'https://x.gov': 'https://x.gov' is not a host name."),
        ("SECRET_KEY", "short", "SECRET_KEY is '***': it has fewer than 32 characters."),
        ("WEB_THREADS", "0", "WEB_THREADS is '0': it is not between 1 and 256."),
        ("SWEEP_MINUTES", "-5", "SWEEP_MINUTES is '-5': it is not between 1 and 1440."),
        ("FAULT_AT", "send.nowhere", "FAULT_AT is 'send.nowhere': there is no such step."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud': it is not a level of the logs."),
        ("POSTGRES_BIN", "/nowhere", "POSTGRES_BIN is '/nowhere': there is no postgres and no initdb in it."),
        ("POSTGRES_BIN", "~no-such/bin", "POSTGRES_BIN is '~no-such/bin': its ~ is nobody's home on this machine."),
    ],
)
def test_a_wrong_value_is_named_and_the_default_stands_in(environment, name, value, sentence):
    environment.setenv(name, value)
    found, problems = read()
    assert [explain(problem) for problem in problems] == [sentence]
    assert getattr(found, name) == Environment.model_fields[name].default


AS_AN_ORDINARY_USER = """
import os
from tracker.env import explain, read
os.geteuid() or os.setuid(65534)
print(*map(explain, read()[1]), sep="\\n")"""


def test_a_folder_that_is_closed_to_us_is_named_and_so_is_a_link_that_leads_nowhere(tmp_path):
    """Python of before 3.14 answers neither yes nor no of what lies in a colleague's home: it raises PermissionError."""
    tmp_path.chmod(0)
    wrong = {"TRACKER_DATA": str(tmp_path / "letters"), "POSTGRES_BIN": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", AS_AN_ORDINARY_USER], cwd=ROOT, env=environment_of(**wrong), capture_output=True, text=True
    )  # fmt: skip
    tmp_path.chmod(0o700)
    assert done.stdout.splitlines() == [
        f"TRACKER_DATA is '{tmp_path}/letters': this user cannot look at {tmp_path}/letters (Permission denied).",
        f"POSTGRES_BIN is '{tmp_path}': this user cannot look at {tmp_path}/postgres (Permission denied).",
    ], done.stderr
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(ValueError, match=r"/link is a link to something that is not there$"):
        env_values.usable_folder(tmp_path / "link" / "data")


def test_each_variable_has_a_way_out_and_a_description():
    assert set(WAY_OUT) == set(Environment.model_fields)
    assert [name for name, field in Environment.model_fields.items() if not field.description] == []


def test_an_empty_variable_counts_as_not_set(environment):
    environment.setenv("PORT", "")
    found, problems = read()
    assert (found.PORT, problems) == (8000, [])


def test_a_time_zone_that_django_does_not_find_is_refused_though_python_has_it(environment, tmp_path):
    """Of Debian 13 without tzdata-legacy, US/Eastern is in Python's package alone: Django broke off the start."""
    for zone in ("America/New_York", "Europe/Berlin"):
        (tmp_path / zone).parent.mkdir()
        (tmp_path / zone).touch()
    environment.setattr(env_values, "ZONES", tmp_path)
    problems = []
    for zone in ("Europe/Berlin", "US/Eastern"):
        environment.setenv("TIME_ZONE", zone)
        problems.append([explain(problem) for problem in read()[1]])
    assert problems == [[], ["TIME_ZONE is 'US/Eastern': this machine knows no such time zone."]]
    environment.setattr(env_values, "ZONES", tmp_path / "none")
    assert read()[1] == []


@pytest.mark.parametrize(
    "url",
    ["redis://h", "redis://h/", "redis://:pw@h:6379/2?socket_timeout=5", "rediss://h/0?ssl_cert_reqs=none",
     "redis+socket:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=1"],
)  # fmt: skip
def test_a_broker_is_written_in_several_ways(environment, url):
    environment.setenv("BROKER_URL", url)
    assert (read()[0].BROKER_URL, read()[1]) == (url, [])


def test_passwords_in_addresses_are_not_shown():
    assert masked("DATABASE_URL", "postgres://me:se:cret@host/db") == "postgres://me:***@host/db"
    assert masked("BROKER_URL", "redis://:secret@host/0") == "redis://:***@host/0"
    # as random bytes come, not percent-encoded: these are the addresses that are refused, and so shown
    assert masked("DATABASE_URL", "postgres://me:ab/cd+ef@db.gov:5432/x") == "postgres://me:***@db.gov:5432/x"
    assert masked("EMAIL_URL", "smtp://me:p@s?s@h/?from=a@x.gov") == "smtp://me:***@h/?from=a@x.gov"
    assert masked("EMAIL_URL", "me@x.gov:secret@h:587") == "***@h:587"
    assert (
        masked("DATABASE_URL", "postgres://db/x?user=me&password=sec/ret&b=1")
        == "postgres://db/x?user=me&password=***&b=1"
    )
    assert masked("TRACKER_DATA", "/srv/me@home") == "/srv/me@home"


def test_a_plus_in_the_senders_address_is_a_part_of_it(monkeypatch):
    monkeypatch.setattr(env, "ENV", Environment(EMAIL_URL="smtp://h:25/?from=letters+noreply%40x.gov"))
    assert env.mail_settings()["DEFAULT_FROM_EMAIL"] == "letters+noreply@x.gov"


def test_manage_refuses_and_says_the_way_out(tmp_path):
    done = manage("migrate", PORT="eighty", TRACKER_DATA=str(tmp_path / "data"))
    assert done.returncode == 1
    assert done.stderr == (
        "Not started.\n"
        "  PORT is 'eighty': it is not a whole number. "
        "Set it to a free port between 1 and 65535, or unset it for 8000.\n"
    )
    assert not (tmp_path / "data").exists()


def test_the_system_check_says_the_same_with_a_hint(tmp_path):
    done = manage("check", TIME_ZONE="Mars/Olympus", TRACKER_DATA=str(tmp_path / "data"))
    assert done.returncode == 1
    assert "?: (tracker.TIME_ZONE) TIME_ZONE is 'Mars/Olympus': this machine knows no such time zone." in done.stderr
    assert "HINT: Use an IANA name such as America/New_York or Europe/Berlin." in done.stderr


def test_a_command_without_the_units_environment_says_which_database_it_means(monkeypatch, tmp_path, capsys):
    def held() -> None:
        raise NotStarted("TEST not started")

    monkeypatch.setattr(commandline, "hold_embedded_servers", held)
    said = []
    for office, url in ((tmp_path, ""), (tmp_path / "none", ""), (tmp_path, "postgres://TEST@host/db")):
        monkeypatch.setattr(commandline, "OFFICE", str(office))
        monkeypatch.setattr(commandline, "ENV", Environment(DATABASE_URL=url, TRACKER_DATA=tmp_path))
        with pytest.raises(SystemExit):
            commandline.main(["manage.py", "sweep_reminders"])
        said.append(capsys.readouterr().err)
    assert said == [
        f"Note: DATABASE_URL is not set, so this speaks to the embedded database of {tmp_path}. "
        "For the office’s site type deploy/manage COMMAND, as root.\n", "", "",
    ]  # fmt: skip


def test_readme_carries_the_table():
    assert table() in (ROOT / "README.md").read_text(), "put the output of `python -m tracker.env` into README.md"


def test_the_tests_run_without_any_variable_of_whoever_starts_them():
    assert set(VARIABLES) == set(Environment.model_fields)
    assert {name for name in VARIABLES if os.environ.get(name)} <= {"DATABASE_URL", "BROKER_URL", "TRACKER_DATA"}


def test_nothing_else_reads_the_environment():
    """One place reads the variables; others may only hand the environment on, or set Django's settings module."""
    reads = re.compile(r"os\.environ\[|os\.environ\.get\(|os\.getenv\(|environ\.get\(")
    found = [
        str(path.relative_to(ROOT))
        for folder in ("tracker", "letters")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if reads.search(path.read_text())
    ]
    assert found == ["tracker/embedded/hold.py"]  # the guard's own environment: the caller's PATH, HOME and the like
