"""The site as a whole: sign-up, sign-in to the admin, headers, health."""

import json
import os
import subprocess
import sys

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from letters.models import Heartbeat
from tests.tracker.processes import ROOT
from tracker import services, settings


def test_the_database_is_one_we_support(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int >= 150000, current_setting('server_encoding')"
        )
        assert cursor.fetchone() == (True, "UTF8")


def test_the_cache_is_shared_by_all_processes():
    cache.set("word", "shared", 10)
    assert (cache.get("word"), settings.CACHES["default"]["LOCATION"]) == ("shared", services.cache_url())


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
    cache.delete("health-worker")
    response = client.get("/health/")  # no worker runs in the tests, and no sweep has finished
    assert (response.status_code, json.loads(response.content)) == (
        503,
        {
            "status": "failing",
            "database": True,
            "broker": True,
            "worker": False,
            "sweep": False,
            "last_sweep_finished_at": None,
        },
    )


@pytest.mark.django_db
def test_health_is_well_with_a_worker_and_a_recent_sweep(client):
    cache.set("health-worker", True, 10)
    now = timezone.now()
    Heartbeat.objects.update_or_create(name="sweep", defaults={"started_at": now, "finished_at": now})
    response = client.get("/health/")
    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert response.json()["last_sweep_finished_at"] == now.isoformat()
    cache.delete("health-worker")


def test_celery_speaks_json_and_keeps_what_a_dead_worker_held():
    from tracker.celery import SWEEP, app

    assert (app.conf.task_serializer, app.conf.accept_content, app.conf.task_acks_late) == ("json", ["json"], True)
    assert [entry["task"] for entry in app.conf.beat_schedule.values()] == [SWEEP]
    assert app.conf.enable_utc is True
    app.loader.import_default_modules()
    assert SWEEP in app.tasks


def test_no_page_waits_longer_for_the_database_than_its_reader_would(tmp_path):
    """Of the web process alone: a sweep or a migration may take its time."""
    asked = "from django.db import connection as c; k = c.cursor(); k.execute('SHOW statement_timeout'); print(*k.fetchone())"
    said = {}
    for start in ("import tracker.wsgi", "import django; django.setup()"):
        done = subprocess.run(
            [sys.executable, "-c", f"{start}; {asked}"],
            cwd=ROOT,
            env=dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "tracker.settings"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said[start] = done.stdout.strip() or done.stderr
    assert list(said.values()) == ["30s", "0"]
