"""The web server asks worker and beat by itself, so that pages tell of either although nobody probes `/health/`."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache

from letters.reminders.signs import PING
from tests.tracker.processes import ROOT, started, wait_for
from tracker import pings
from tracker.celery import app

# As granian imports it; it asks again at once, and not in a quarter of a minute.
SERVED = """
import django, time
django.setup()
from tracker import pings
pings.EVERY_SECONDS = 0
import tracker.handler, tracker.wsgi
assert type(tracker.wsgi.application) is tracker.handler.Handler
time.sleep(600)
"""


@pytest.fixture
def nobody_has_asked():
    cache.delete(PING)
    yield
    cache.delete(PING)


def test_many_who_ask_at_once_cost_one_asking(nobody_has_asked, monkeypatch):
    """`/health/` is open to everybody: each asking waits two seconds where worker and beat are away."""
    asked, ask = [], app.control.broadcast
    monkeypatch.setattr(
        app.control, "broadcast", lambda *words, **how: asked.append(how["pattern"]) or ask(*words, **how)
    )
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda _: pings.answers(), range(8)))
    assert (len(asked), said) == (2, [{"worker": False, "beat": False}] * 8)


def test_once_started_the_web_server_asks_again_and_again(nobody_has_asked):
    own = os.environ | {"DJANGO_SETTINGS_MODULE": "tracker.settings"}
    server = started([sys.executable, "-c", SERVED], ends_by=signal.SIGTERM, cwd=ROOT, env=own)
    try:
        wait_for(lambda: cache.get(PING), 120, "worker and beat were asked")
        asked = time.time()
        wait_for(lambda: cache.get(PING)["at"] > asked, 60, "they were asked again")
    finally:
        server.terminate()
        server.wait(60)
