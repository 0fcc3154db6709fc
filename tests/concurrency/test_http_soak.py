"""Invariant 6 as a consumer meets it: over HTTP, at the real web server, with snapshots taken in the middle of it all."""

import json
import os
import random
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction

from letters.domain import feed, items, snapshot
from letters.domain.keys import create_key
from letters.domain.snapshot import one_moment
from letters.enums import SystemProcess
from letters.models import Event, FeedEntry, Tasking
from letters.models.events import DRAFTING
from tests import factories
from tests.tracker.processes import started

FOLLOWERS, TRANSACTIONS = (2, 3, 50, 1000), 10  # page sizes; of each of the eight writers


class Changed(Exception):
    """Thrown inside a transaction to roll it back."""


@pytest.fixture
def site(reference) -> Iterator[str]:
    """The address of the API at a web server of its own, with the tests' database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "8", "--no-ws", "--log-level", "error", "tracker.wsgi:application"),
    ]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.concurrency.outside",
        "TEST_DATABASE": connection.settings_dict["NAME"],
    }
    server = started(command, ends_by=signal.SIGTERM, cwd=settings.BASE_DIR, env=environment)
    address = f"http://127.0.0.1:{port}/api/v1/"
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(address: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=30).close()
            return
        except OSError:
            assert time.monotonic() < until, "the web server did not come up"
            time.sleep(0.1)


@pytest.fixture
def get(site) -> Callable[[str], dict]:
    key = create_key("TEST soak", scope="office", by=SystemProcess.COMMAND)

    def got(path: str) -> dict:
        request = urllib.request.Request(site + path, headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    return got


@pytest.fixture
def eight(reference) -> list[Tasking]:
    """One item for each writer, each of a letter of its own: a letter's lock would put its writers in a row."""
    return [factories.item(subject=f"TEST {number}") for number in range(8)]


def write(tasking: Tasking, people: list, seed: int) -> None:
    """Hands an item to and fro, sleeping between writing and committing; every fifth time it rolls back."""
    dice = random.Random(seed)
    for _ in range(TRANSACTIONS):
        try:
            with transaction.atomic():
                for _ in range(dice.randint(1, 3)):
                    now = Tasking.objects.get(pk=tasking.pk).owner_id
                    items.assign(tasking, by=people[0], owner=people[0] if now != people[0].pk else people[1])
                    time.sleep(dice.choice([0, 0, 0.001, 0.03]))
                if dice.random() < 0.2:
                    raise Changed
        except Changed:
            continue


def follow(get: Callable, size: int, done: threading.Event, after: str = "") -> list[dict]:
    """Every event after a cursor that a client sees, until the writers are done and it has caught up."""
    seen: list[dict] = []
    query = f"&after={after}" if after else ""
    while True:
        last_look = done.is_set()
        page = get(f"events/?limit={size}{query}")
        seen += page["results"]
        query = f"&after={page['cursor']}"
        if last_look and not page["next"]:
            return seen


def versions(taken: dict) -> Counter:
    """How often each item was changed, as a snapshot says it."""
    asks = [ask for letter in taken["letters"] for ask in letter["asks"]]
    return Counter({one["id"]: one["version"] for ask in asks for one in ask["taskings"]})


@pytest.mark.slow
def test_eight_writers_four_followers_and_snapshots_over_http(get, eight, staff, manager):
    done = threading.Event()
    seen: dict[int, list[dict]] = {}
    taken: list[dict] = []

    def run(function, *arguments) -> None:
        try:
            function(*arguments)
        finally:
            connections.close_all()

    def look(size: int) -> None:
        seen[size] = follow(get, size, done)

    def snapshots() -> None:
        while not done.is_set():
            taken.append(get("snapshot/"))

    writers = [threading.Thread(target=run, args=(write, one, [staff, manager], n)) for n, one in enumerate(eight)]
    readers = [threading.Thread(target=look, args=(size,)) for size in FOLLOWERS]
    readers.append(threading.Thread(target=snapshots))
    for thread in [*writers, *readers]:
        thread.start()
    for thread in writers:
        thread.join(120)
    done.set()
    for thread in readers:
        thread.join(120)
    assert not any(thread.is_alive() for thread in [*writers, *readers])

    # nothing lost, nothing repeated, the same order for all
    entries = FeedEntry.objects.filter(stream="office").order_by("position")
    written = [str(key) for key in entries.values_list("event", flat=True)]
    assert len(written) == Event.objects.exclude(kind__in=DRAFTING).count() > 100
    assert {size: [one["id"] for one in events] for size, events in seen.items()} == dict.fromkeys(FOLLOWERS, written)
    # the writers did commit in another order than they wrote in
    sequences = list(entries.values_list("event__sequence", flat=True))
    assert sequences != sorted(sequences)

    # a snapshot holds what came before its cursor, and nothing of what comes after
    final = Counter({str(one.pk): one.version for one in Tasking.objects.all()})
    assert len(taken) > 1
    wrong = []
    for one in taken:
        after = Counter(event["tasking"] for event in follow(get, 1000, done, one["cursor"]))
        if versions(one) + after != final:
            wrong.append((versions(one), after))
    assert wrong == []


def test_what_is_committed_during_a_snapshot_is_after_its_cursor(eight, staff, together):
    """The moment is one moment: a change is in the snapshot or after its cursor, never both and never neither."""
    first = eight[0]
    with one_moment("office") as cursor:
        (changed,) = together([lambda: items.assign(first, by=staff, owner=staff)])
        assert changed.version == first.version + 1
        assert Tasking.objects.get(pk=first.pk).version == first.version
    (entry,) = feed.follow("office", after=cursor, size=10).entries
    assert (entry.event.tasking_id, Tasking.objects.get(pk=first.pk).version) == (first.pk, first.version + 1)


def test_who_stops_reading_a_snapshot_does_not_hold_the_database(eight, monkeypatch):
    monkeypatch.setattr(snapshot, "IDLE_SECONDS", 1)

    def stall() -> None:
        with one_moment("office"):
            time.sleep(1.5)
            Tasking.objects.count()

    with pytest.raises(DatabaseError, match="idle-in-transaction"):
        stall()
    connection.close()
