"""The strip under the header: silence never looks like calm, and only administrators read particulars."""

import datetime as dt
import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from redis.exceptions import ConnectionError as BrokerAway

from letters.domain.history import acting
from letters.models import Heartbeat, OutboxMessage
from letters.reminders.signs import PING
from tests import factories
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
    assert "; no mail waiting" in said


def test_what_waits_to_be_mailed_is_said_before_it_is_late_and_after(viewer, staff):
    """By the strip and by `/health/` (by doctor: tests/tracker/test_silence.py): how many, and since when the oldest."""
    now = timezone.now()
    with acting(factories.SETUP):
        for minutes in (1, 3):
            key = f"TEST {minutes}"  # each is to be tried again later: none of them is late
            one = OutboxMessage.objects.create(
                to_user=staff, kind="digest", key=key, message_id=key, next_attempt_at=now + dt.timedelta(minutes=5)
            )
            OutboxMessage.objects.filter(pk=one.pk).update(created_at=now - dt.timedelta(minutes=minutes))
    oldest = timezone.localtime(now - dt.timedelta(minutes=3))
    swept(minutes=2)
    assert f"; 2 mails waiting, the oldest since {date_format(oldest, 'F j, P')}" in page(viewer)
    body = Client().get("/health/").json()
    assert (body["mails_waiting"], dt.datetime.fromisoformat(body["oldest_unsent_at"])) == (2, oldest)
    ping(worker=False, beat=True)
    assert f"Mails waiting: 2 (the oldest since {date_format(oldest, 'F j, Y, P')})." in page(viewer).replace(" )", ")")


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


def test_items_that_nobody_is_reminded_of_are_said_to_everybody_though_the_rest_goes_on(viewer):
    swept(minutes=1)
    sentence = "Some items cannot be looked at, so nobody is reminded of them."
    assert sentence not in page(viewer)
    Heartbeat.objects.filter(name="sweep").update(detail={"left_out": 1})
    said = page(viewer)
    assert ("Reminders checked 1" in said, sentence in said, "log/" in said) == (True, True, False)
    ping(worker=False, beat=True)  # with another fault it stands beside that one, once
    said = page(viewer)
    assert ("Reminders are not running" in said, said.count(sentence)) == (True, 1)


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
