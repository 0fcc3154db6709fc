"""Somebody sends a letter while an import holds the numbers of its year: a page that says so, and nothing is lost."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.test import Client

from letters.domain import sending
from letters.domain.history import acting
from letters.domain.references import next_reference
from letters.models import Letter, Tasking
from tests import factories
from tests.concurrency.beside import wait_for_a_lock
from tests.factories import SETUP
from tests.web.test_log_letter import address, saved
from tests.web.test_pages import words


@pytest.fixture
def held():
    """Another connection has taken a number of 2023 and goes on working."""
    taken, done = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic(), acting(SETUP):
                next_reference(2023)
                taken.set()
                done.wait(60)
                transaction.set_rollback(True)
        finally:
            connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert taken.wait(30)
    yield
    done.set()
    thread.join(30)


def test_a_letter_that_cannot_be_numbered_now_is_sent_later(reference, staff, request):
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    sheet = saved(client)
    request.getfixturevalue("held")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    try:
        answer = client.post(address(sheet, "send/"), {"version": sheet.version})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
    assert answer.status_code == 503
    assert "Nothing of yours was saved by this click, and nothing was changed." in words(answer)
    assert not Letter.objects.filter(state="sent").exists()
    sheet.refresh_from_db()
    assert sheet.finished_at is None
    assert "TEST words" in client.get(address(sheet)).content.decode()


def test_a_page_that_gives_way_to_somebody_elses_work_says_so_too(reference, staff, monkeypatch):
    """Two that hold what the other waits for: PostgreSQL ends one of them, here the page's."""
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    first, second = factories.item(), factories.item()
    crossing, sheet = threading.Barrier(2), saved(client)

    def other() -> None:
        try:
            with transaction.atomic():
                hold(second)
                crossing.wait(30)
                wait_for_a_lock()
                time.sleep(0.3)  # who has waited for a second looks, and gives way: the page, which began before
                hold(first)
        finally:
            connection.close()

    def crossed(year: int) -> str:
        hold(first)
        crossing.wait(30)
        hold(second)
        return next_reference(year)

    monkeypatch.setattr(sending, "next_reference", crossed)
    thread = threading.Thread(target=other, daemon=True)
    thread.start()
    answer = client.post(address(sheet, "send/"), {"version": sheet.version})
    thread.join(30)
    assert answer.status_code == 503
    assert "Nothing of yours was saved by this click, and nothing was changed." in words(answer)


def hold(tasking: Tasking) -> None:
    Tasking.objects.select_for_update().get(pk=tasking.pk)
