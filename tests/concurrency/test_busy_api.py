"""A key asks while the database is held by somebody else's work, or does not answer: a problem with when to ask again."""

import datetime as dt
import threading
from collections.abc import Callable
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from letters.domain import arranging, workflow
from letters.domain.feed import start_epoch
from letters.domain.history import acting
from letters.domain.reference_data import keep_agency
from letters.models import Agency, Closure, Tasking
from tests.api.conftest import Answer, Reader, writing
from tests.factories import SETUP, ask, draft, item


@pytest.fixture
def writer(reference, staff) -> Reader:
    start_epoch()
    return writing(staff)


@pytest.fixture
def tasking(writer) -> Tasking:
    return item()


@contextmanager
def held(tasking: Tasking, *, patience: str = "", table: bool = False, cut: bool = False):
    """Another connection has locked the item, or the table of them, and goes on working; who waits here has `patience`.

    With `cut` it ends the connection that waits, as a restart of the database does.
    """
    taken, done = threading.Event(), threading.Event()
    with connection.cursor() as cursor:
        cursor.execute(f"SET {patience or 'lock_timeout = 0'}")
        cursor.execute("SELECT pg_backend_pid()")
        (waiting,) = cursor.fetchone()

    def work() -> None:
        try:
            with transaction.atomic(), connection.cursor() as other:
                workflow.lock(tasking)
                if table:
                    other.execute("LOCK TABLE letters_tasking IN ACCESS EXCLUSIVE MODE")
                taken.set()
                while not done.wait(0.05):
                    if cut:
                        ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE pid = %s AND NOT granted"
                        other.execute(ended, [waiting])
        finally:
            connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert taken.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join(30)
        connection.close()  # what was set for it goes with it


def is_busy(answer: Answer, said: str) -> bool:
    """The documented problem, whole."""
    body = answer.body
    assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json"), body
    assert body["type"].endswith("/api/docs/#problem-busy")
    assert (body["title"], body["status"], body["errors"]) == ("Busy", 503, [])
    assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("5", "no-store")
    return said in body["detail"]


def test_a_write_that_waits_too_long_for_a_lock_is_told_when_to_come_again(writer, tasking):
    path, body = f"taskings/{tasking.pk}/snooze/", {"until": "2031-01-15"}
    with held(tasking, patience="lock_timeout = '100ms'"):
        assert is_busy(writer.post(path, body), "Nothing was changed.")
        assert is_busy(writer.post(path, body, Idempotency_Key="TEST-1"), "Nothing was changed.")
    assert Tasking.objects.get(pk=tasking.pk).snoozed_until is None
    # the same write under the same name is done now, once
    again = [writer.post(path, body, Idempotency_Key="TEST-1") for _ in range(2)]
    assert [(one.status, one.headers.get("Idempotency-Replayed")) for one in again] == [(200, None), (200, "true")]
    assert str(Tasking.objects.get(pk=tasking.pk).snoozed_until) == "2031-01-15"


def test_a_read_that_takes_too_long_is_told_so_too(writer, tasking):
    with held(tasking, table=True, patience="statement_timeout = '100ms'"):
        assert is_busy(writer.get("taskings/"), "Nothing was changed.")
        assert is_busy(writer.get(f"taskings/{tasking.pk}/"), "Nothing was changed.")
    assert writer.get("taskings/").status == 200


def test_a_connection_that_is_lost_is_told_as_that(writer, tasking):
    path, body = f"taskings/{tasking.pk}/snooze/", {"until": "2031-01-15"}
    with held(tasking, cut=True):
        answer = writer.post(path, body, Idempotency_Key="TEST-1")
    assert is_busy(answer, "Of a write it is not known whether it was kept")
    assert Tasking.objects.get(pk=tasking.pk).snoozed_until is None
    assert writer.post(path, body, Idempotency_Key="TEST-1").status == 200


@contextmanager
def meanwhile(change: Callable[[], object]):
    """Another connection has made this change; it commits once this one waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (waiting,) = cursor.fetchone()
    made, waited, left = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic(), acting(SETUP), connection.cursor() as other:
                change()
                made.set()
                while not (waited.is_set() or left.wait(0.05)):
                    other.execute("SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted", [waiting])
                    if other.fetchone():
                        waited.set()
        finally:
            connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert made.wait(30)
    try:
        yield
    finally:
        left.set()
        thread.join(30)
    assert waited.is_set(), "nobody waited"


AGENCY = {"slug": "test-agency", "name": "TEST Agency", "short_name": "TEST", "kind": "independent"}


def test_two_who_add_the_same_at_once_are_not_both_told_that_they_did(reference, admin):
    start_epoch()
    writes = writing(admin)
    with meanwhile(lambda: keep_agency(by=admin, **AGENCY)):
        answer = writes.post("agencies/", AGENCY, Idempotency_Key="TEST-1")
    assert is_busy(answer, "Somebody else wrote the same at this very moment")
    again = writes.post("agencies/", AGENCY, Idempotency_Key="TEST-1")  # now it is seen, and said
    assert (again.status, again.body["errors"][0]["field"]) == (422, "/slug")


def test_what_a_write_names_is_taken_away_at_once(reference, admin):
    start_epoch()
    writes = writing(admin)
    parent = keep_agency(by=admin, **AGENCY)
    with meanwhile(parent.delete):
        answer = writes.post(
            "agencies/", AGENCY | {"slug": "test-other", "name": "TEST Other", "parent": "test-agency"}
        )
    assert is_busy(answer, "or took away what this names")
    assert not Agency.objects.filter(slug="test-other").exists()


def test_a_row_that_somebody_takes_away_at_once_is_gone(reference, admin):
    start_epoch()
    writes = writing(admin)
    with acting(SETUP):
        closure = Closure.objects.create(day=dt.date(2031, 3, 5), name="TEST")
    with meanwhile(Closure.objects.filter(pk=closure.pk).delete):
        answer = writes.send("DELETE", f"closures/{closure.pk}/", If_Match="*")
    assert (answer.status, answer.body["title"]) == (404, "Nothing here")


def test_a_part_of_a_draft_that_somebody_takes_out_at_once_is_gone(writer):
    letter = draft()
    asked = ask(letter)

    def taken_out() -> None:
        arranging.arrange_letter(letter, by=SETUP, asks=[])

    with meanwhile(taken_out):
        answer = writer.send("PATCH", f"asks/{asked.pk}/", {"summary": "TEST other"}, If_Match="*")
    assert (answer.status, answer.body["title"]) == (404, "Nothing here")
