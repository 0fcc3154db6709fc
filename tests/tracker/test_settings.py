"""The site as a whole: sign-up, sign-in to the admin, headers, health."""

import json
import logging
import os
import re
import ssl
import subprocess
import sys
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import Celery
from celery.app.log import Logging
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from kombu import Connection

from letters.domain.history import acting
from letters.enums import MailKind, SystemProcess
from letters.models import Heartbeat, Office, OutboxMessage
from letters.reminders.signs import PING, SINCE
from letters.reminders.silence import CHECKS, faults
from tests.tracker.processes import ROOT
from tracker import pings, services, settings
from tracker.celery import app
from tracker.health import signs
from tracker.logs import ExceptHealth
from tracker.supervisor.preparation import no_office_yet


def test_the_database_is_one_we_support(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int >= 150000, current_setting('server_encoding')"
        )
        assert cursor.fetchone() == (True, "UTF8")


def test_the_cache_is_shared_by_all_processes():
    cache.set("word", "shared", 10)
    assert (cache.get("word"), settings.CACHES["default"]["LOCATION"]) == ("shared", services.cache_url())


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("rediss://:pw@h:6380/0", "rediss://:pw@h:6380/0?ssl_cert_reqs=required"),
        ("rediss://h/0?ssl_ca_certs=/ca.pem", "rediss://h/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=required"),
        ("rediss://h/0?ssl_cert_reqs=none", "rediss://h/0?ssl_cert_reqs=none"),
        ("redis://h/0", "redis://h/0"),
    ],
)
def test_a_broker_over_tls_has_its_certificate_checked_by_all_who_use_it(monkeypatch, given, used):
    monkeypatch.setattr(services, "ENV", SimpleNamespace(BROKER_URL=given))
    assert (services.broker_url(), services.cache_url()) == (used, used)
    if given.startswith("rediss") and "none" not in given:
        results = Celery("TEST", broker=used, backend=used, set_as_current=False).backend
        assert results.connparams["ssl_cert_reqs"] == Connection(used).ssl["ssl_cert_reqs"] == ssl.CERT_REQUIRED


def test_what_a_database_url_sets_for_each_connection_is_kept_beside_what_the_site_needs(monkeypatch):
    ours = services.SET_FOR_EACH_CONNECTION
    for query, options in (("", ours), ("?options=-csearch_path%3Dx", f"-csearch_path=x {ours}")):
        monkeypatch.setattr(services, "ENV", SimpleNamespace(DATABASE_URL=f"postgres://h/x{query}"))
        assert services.database()["OPTIONS"] == {"options": options}


def test_the_worker_logs_as_much_as_the_site(monkeypatch):
    """What `celery worker` and `celery beat` do first, with Celery's own default."""
    for name in ("LOGLEVEL", "LOGFILE", "LOGFORMAT"):
        monkeypatch.setenv(f"_MP_FORK_{name}_", "")  # which it sets, and which ends with the test
    monkeypatch.setattr(Logging, "_setup", False)
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    app.log.setup(loglevel="CRITICAL")
    assert logging.getLogger().level == logging.DEBUG


@pytest.mark.django_db
def test_sign_up_is_closed(client):
    assert "/accounts/signup/" not in client.get("/accounts/login/").content.decode()
    client.post("/accounts/signup/", {"username": "me", "password1": "a-long-one-1", "password2": "a-long-one-1"})
    assert not get_user_model().objects.filter(username="me").exists()


@pytest.mark.django_db
def test_the_admin_signs_in_on_the_page_with_the_rate_limits(client):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/")


@pytest.mark.django_db
def test_every_page_carries_the_strict_policy(client):
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert {name: directives[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
    }
    assert (directives["base-uri"], directives["frame-ancestors"]) == ("'none'", "'none'")


@pytest.mark.django_db
def test_health_says_what_fails_and_nothing_private(client):
    cache.delete_many([PING, SINCE])
    response = client.get("/health/")  # no worker runs in the tests, and no sweep has finished
    assert (response.status_code, json.loads(response.content)) == (
        503,
        {
            "status": "failing",
            "database": True,
            "broker": True,
            "worker": False,
            "beat": False,
            "clock": True,
            "sweep": False,
            "items": True,
            "dispatch": "dispatch" not in settings.ROUNDS,
            "outbox": True,
            "mail_away": True,
            "reports": False,
            "mail": True,
            "mail_server": True,
            "backup": True,
            "last_sweep_finished_at": None,
            "next_sweep_at": None,
            "mails_waiting": 0,
            "mails_are_sent": True,
            "oldest_unsent_at": None,
        },
    )
    guide = (ROOT / "docs" / "operations.md").read_text()
    assert list(json.loads(guide.split("```json\n")[1].split("```")[0])) == list(response.json())
    rows = guide.split("| part | the question |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` ", rows, re.M) == [check.name for check in CHECKS]


@pytest.fixture
def all_answer(monkeypatch):
    monkeypatch.setattr(pings, "FRESH_SECONDS", 60)  # a slow machine makes its first request for longer than three
    cache.set(PING, {"worker": True, "beat": True, "at": time.time()}, 60)
    yield
    cache.delete(PING)


def rounds(**moved) -> None:
    """Every round done now, but for those moved."""
    for name in settings.ROUNDS:
        moment = timezone.now() + moved.get(name, timedelta())
        Heartbeat.objects.update_or_create(name=name, defaults={"started_at": moment, "finished_at": moment})


@pytest.mark.django_db
def test_health_is_well_with_worker_beat_and_a_recent_sweep(client, all_answer):
    rounds()
    sweep = Heartbeat.objects.get(name="sweep")
    response = client.get("/health/")
    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert response.json()["last_sweep_finished_at"] == sweep.finished_at.isoformat()
    assert response.json()["next_sweep_at"] == (sweep.started_at + settings.ROUNDS["sweep"]).isoformat()


@pytest.mark.django_db
def test_a_sweep_in_the_future_is_a_fault(client, all_answer):
    rounds(sweep=timedelta(hours=1))
    response = client.get("/health/")
    assert (response.status_code, response.json()["clock"], response.json()["sweep"]) == (503, False, True)


@pytest.mark.django_db
def test_mail_that_waits_too_long_is_a_fault_and_mail_that_fails_is_for_doctor_alone(client, all_answer):
    rounds()
    long_ago = timezone.now() - timedelta(hours=2)
    with acting(SystemProcess.SETUP):
        person = get_user_model().objects.create_user("test-person")
        mail = OutboxMessage.objects.create(
            to_user=person, kind=MailKind.values[0], key="TEST", message_id="<test@localhost>", subject="TEST", body="TEST",
            last_error="TEST refused",
        )  # fmt: skip
        OutboxMessage.objects.update(created_at=long_ago)
    found = {}
    for late in (False, True):
        with acting(SystemProcess.SETUP):
            OutboxMessage.objects.filter(pk=mail.pk).update(next_attempt_at=long_ago if late else timezone.now())
        found[late] = [fault.check.name for fault in faults(signs())]
        assert client.get("/health/").status_code == (503 if late else 200)
    assert found == {False: ["mail"], True: ["outbox", "mail"]}


def test_without_an_office_the_start_says_what_to_do(reference):
    assert no_office_yet() == (
        "There is no office yet, so nothing says whose letters these are: run “manage.py start_office --member BIOGUIDE --admin EMAIL” (or --committee NAME)."
    )
    with acting(SystemProcess.SETUP):
        Office.objects.create(kind="committee", name="TEST Committee")
    assert no_office_yet() == ""


def test_a_503_of_health_is_no_error_in_the_log():
    """The supervisor shows what its parts log as errors; a part that is being restarted is none."""
    kept = ExceptHealth()
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Service Unavailable: %s", ("/health/",), None)
    record.status_code, record.request = 503, RequestFactory().get("/health/")
    assert kept.filter(record) is False
    record.request = RequestFactory().get("/letters/")
    assert kept.filter(record) is True
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["no_health", "request", "no_rows"]


def test_celery_speaks_json_and_keeps_what_a_dead_worker_held():
    from tracker.celery import SWEEP, app

    assert (app.conf.task_serializer, app.conf.accept_content, app.conf.task_acks_late) == ("json", ["json"], True)
    assert app.conf.beat_schedule["sweep"]["task"] == SWEEP
    # what beat rings is what is called late when it does not come
    assert {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()} == settings.ROUNDS
    assert app.conf.enable_utc is True
    app.loader.import_default_modules()
    assert SWEEP in app.tasks


def test_no_page_waits_longer_for_the_database_than_its_reader_would(tmp_path):
    """Of the web process alone: a sweep or a migration may take its time. With the fewest threads, too: its pool was
    to begin with two connections of at most one, and every page an error."""
    asked = "from django.db import connection as c; k = c.cursor(); k.execute('SHOW statement_timeout'); print(*k.fetchone())"
    said = {}
    for start in ("import tracker.wsgi", "import django; django.setup()"):
        done = subprocess.run(
            [sys.executable, "-c", f"{start}; {asked}"],
            cwd=ROOT,
            env=dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "tracker.settings", "WEB_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said[start] = done.stdout.strip() or done.stderr
    assert list(said.values()) == ["30s", "0"]
