"""Invariant 6 under load: writers that sleep, roll back and commit out of order; followers of tiny pages.

The same writers before a follower of a bare sequence lose entries: the test of the test.
"""

import random
import threading
import time

from django.db import connection, connections, transaction

from letters.domain import feed
from letters.domain.history import acting, record_event
from letters.enums import EventKind
from letters.models import Event, FeedEntry
from tests import factories

# each: a number of them and no time, or a slow machine writes too little to prove anything
WRITERS, TRANSACTIONS = 8, 20


class Changed(Exception):
    """Thrown inside a transaction to roll it back."""


def write(letter, seed: int) -> None:
    """Transactions of one to three events that sleep between writing and committing; every fifth rolls back."""
    dice = random.Random(seed)
    for _ in range(TRANSACTIONS):
        try:
            with transaction.atomic(), acting(factories.SETUP):
                for _ in range(dice.randint(1, 3)):
                    record_event(EventKind.NOTE_ADDED, by=factories.SETUP, letter=letter)
                    time.sleep(dice.choice([0, 0, 0.001, 0.02]))
                if dice.random() < 0.2:
                    raise Changed
        except Changed:
            continue


def follow_feed(size: int, done: threading.Event) -> list[int]:
    """Positions a follower of cursors saw, until the writers are done and it has caught up."""
    seen, cursor = [], None
    while True:
        last_look = done.is_set()
        page = feed.follow("office", after=cursor, size=size)
        seen += [entry.position for entry in page.entries]
        cursor = page.cursor
        if not page.entries and last_look:
            return seen


def follow_sequence(done: threading.Event) -> list[int]:
    """What a naive follower of `sequence > last` saw: numbers of a bare sequence become visible out of order."""
    seen: list[int] = []
    while True:
        last_look = done.is_set()
        found = list(
            Event.objects.filter(sequence__gt=seen[-1] if seen else 0)
            .order_by("sequence")
            .values_list("sequence", flat=True)[:50]
        )
        seen += found
        if not found and last_look:
            return seen


def soak(letter, followers) -> list[list[int]]:
    """Run the writers and the followers together: what each follower saw."""
    done = threading.Event()
    seen: list[list[int]] = [[] for _ in followers]

    def run(function, *arguments) -> None:
        try:
            function(*arguments)
        finally:
            connections.close_all()

    def look(place: int, follower) -> None:
        seen[place] = follower(done)

    writers = [threading.Thread(target=run, args=(write, letter, n)) for n in range(WRITERS)]
    readers = [threading.Thread(target=run, args=(look, *pair)) for pair in enumerate(followers)]
    for thread in [*writers, *readers]:
        thread.start()
    for thread in writers:
        thread.join(120)
    done.set()
    for thread in readers:
        thread.join(120)
    assert not any(thread.is_alive() for thread in [*writers, *readers])
    return seen


def test_no_follower_of_cursors_loses_or_repeats_anything_and_a_naive_one_does(reference):
    letter = factories.sent()
    followers = [lambda done, size=size: follow_feed(size, done) for size in (2, 3, 7, 50)]
    *seen, naive = soak(letter, [*followers, follow_sequence])

    written = list(FeedEntry.objects.filter(stream="office").order_by("position").values_list("position", flat=True))
    assert len(written) > 100
    assert [positions == written for positions in seen] == [True] * 4

    committed = set(Event.objects.values_list("sequence", flat=True))
    lost = committed - set(naive)
    assert len(lost) > 0, "the naive follower lost nothing: these writers prove nothing"

    # nothing that rolled back is in the feed, nothing that was committed is missing, each once
    office = Event.objects.filter(kind__in=["note_added", "letter_sent", "status_changed"])
    assert FeedEntry.objects.filter(stream="office").count() == office.count()


def test_positions_become_visible_in_order(reference):
    """Whoever sees a position sees every one before it, at any moment."""
    letter = factories.sent()
    holes: list[list[int]] = []

    def look(done: threading.Event) -> list[int]:
        known: set[int] = set()
        while not done.is_set():
            now = list(
                FeedEntry.objects.filter(stream="office").order_by("position").values_list("position", flat=True)
            )
            late = [position for position in now if known and position < max(known) and position not in known]
            if late:
                holes.append(late)
            known = set(now)
        return []

    soak(letter, [look])
    assert holes == []


def test_no_later_position_is_seen_before_an_earlier_one_that_is_still_to_come(reference):
    """Between taking a number and being seen lies a moment too short for the soak to hit: here it is held open."""
    letter, other = factories.sent(), factories.sent()
    finished: list[str] = []

    def quick() -> None:
        with transaction.atomic(), acting(factories.SETUP):
            record_event(EventKind.NOTE_ADDED, by=factories.SETUP, letter=other)
        finished.append("the later one")
        connection.close()

    thread = threading.Thread(target=quick)
    with transaction.atomic(), acting(factories.SETUP):
        record_event(EventKind.NOTE_ADDED, by=factories.SETUP, letter=letter)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit does first: the number is taken
        thread.start()
        thread.join(1)
        finished.append("the earlier one")
    thread.join(10)
    assert finished == ["the earlier one", "the later one"]


def test_a_writer_that_waits_does_not_hold_up_the_others(reference):
    """The lock is taken at commit and not when an event is written."""
    letter = factories.sent()
    other = factories.sent()
    finished: list[float] = []

    def quick() -> None:
        with transaction.atomic(), acting(factories.SETUP):
            record_event(EventKind.NOTE_ADDED, by=factories.SETUP, letter=other)
        finished.append(time.monotonic())
        connection.close()

    with transaction.atomic(), acting(factories.SETUP):
        record_event(EventKind.NOTE_ADDED, by=factories.SETUP, letter=letter)
        thread = threading.Thread(target=quick)
        thread.start()
        thread.join(10)
        still_open = time.monotonic()
    assert [at < still_open for at in finished] == [True]
