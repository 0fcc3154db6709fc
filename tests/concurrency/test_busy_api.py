"""A key asks while the database is held by somebody else's work, or does not answer: a problem with when to ask again."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from letters.domain import workflow
from letters.domain.feed import start_epoch
from letters.models import Tasking
from tests.api.conftest import Answer, Reader, writing
from tests.factories import item


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
