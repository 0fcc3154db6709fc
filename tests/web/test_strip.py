"""The strip under the header: silence never looks like calm, and only administrators read particulars."""

import datetime as dt
import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis.exceptions import ConnectionError as BrokerAway

from letters.models import Heartbeat
from letters.reminders.signs import PING
from tests.web.test_pages import words
from tracker.rounds import ROUNDS


@pytest.fixture(autouse=True)
def answered():
    ping(worker=True, beat=True)
    yield
    cache.delete(PING)


def ping(**who: bool) -> None:
    cache.set(PING, who | {"at": time.time()}, 60)


def swept(**ago) -> None:
    now = timezone.now()
    for name in ROUNDS:
        moment = now - dt.timedelta(**ago) if name == "sweep" else now
        Heartbeat.objects.update_or_create(name=name, defaults={"started_at": moment, "finished_at": moment})


def page(user) -> str:
    client = Client()
    client.force_login(user)
    return words(client.get("/help/rights/"))


def test_all_is_well(viewer):
    swept(minutes=2)
    said = page(viewer)
    assert "Reminders checked 2\xa0minutes ago, next check" in said.replace("2 minutes", "2\xa0minutes")
    assert "not running" not in said


@pytest.mark.parametrize(
    ("ago", "who", "sentence"),
    [
        ({"minutes": 12}, {}, "Dates have not been checked, so items past their date may not be marked."),
        ({"hours": -5}, {}, "The last round lies in the future: a clock of this machine was set back, or is wrong."),
        ({"minutes": 1}, {"beat": False}, "Beat does not answer, so no round is started."),
        ({"minutes": 1}, {"worker": False}, "The worker does not answer, so nothing is checked or sent."),
    ],
)
def test_whoever_is_signed_in_is_told_in_words_and_administrators_what_to_do(viewer, admin, ago, who, sentence):
    swept(**ago)
    ping(**{"worker": True, "beat": True} | who)
    said = page(viewer)
    assert "Reminders are not running (last checked" in said
    assert sentence in said
    assert "For administrators: what is wrong, and what to do" not in said
    assert "log/" not in said
    assert "For administrators: what is wrong, and what to do" in page(admin)


def test_without_any_sweep_it_is_red(viewer):
    assert "Reminders are not running. Dates have not been checked" in page(viewer)


def test_a_broker_that_is_away_breaks_no_page_and_is_said(viewer, monkeypatch):
    def away(*args, **kwargs):
        raise BrokerAway("TEST")

    swept(minutes=1)
    client = Client()
    client.force_login(viewer)
    for name in ("get", "get_many", "set"):
        monkeypatch.setattr(cache, name, away)
    response = client.get("/help/rights/")
    assert response.status_code == 200
    assert "The broker does not answer, so no round can be ordered." in words(response)


def test_the_strip_asks_one_query(viewer):
    swept(minutes=1)
    client = Client()
    client.force_login(viewer)
    client.get("/help/rights/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/help/rights/")
    assert len(captured) == 3  # the session, the person, the strip
