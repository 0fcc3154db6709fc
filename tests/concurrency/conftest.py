"""Real transactions in real threads and processes. Tables are emptied afterwards, so these tests run last."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.db import connection, connections

from letters.domain.history import acting
from letters.models import MailPreference, Tasking
from tests import factories
from tests.mailbox import Mailbox, serving_the_site


@pytest.fixture(autouse=True)
def _real_transactions(transactional_db):
    """Every test here commits."""


@pytest.fixture
def together() -> Callable[..., list]:
    """Run functions at the same moment, each in a thread with a connection of its own: what each returned or raised."""

    def run(functions: Iterable[Callable[[], Any]], *, seconds: float = 30) -> list:
        functions = list(functions)
        gate = threading.Barrier(len(functions))
        results: list[Any] = [None] * len(functions)

        def one(place: int, function: Callable[[], Any]) -> None:
            try:
                connection.ensure_connection()
                gate.wait(seconds)
                results[place] = function()
            except Exception as error:
                results[place] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=pair, daemon=True) for pair in enumerate(functions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(seconds)
        assert not any(thread.is_alive() for thread in threads), "a thread hangs"
        return results

    return run


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    with serving_the_site(settings) as box:
        yield box


@pytest.fixture
def three(seed, staff, manager) -> list:
    """Two people with one mail each; the seed's items are the owner's, so that a sweep tells of seven."""
    for person in (staff, manager):
        person.email = f"{person.username}@office.example"
        with acting(factories.SETUP):
            person.save()
            every_day = {"mode": "each", "quiet_weekdays": []}
            MailPreference.objects.create(user=person, **every_day)
    with acting(factories.SETUP):
        Tasking.objects.filter(role="lead").update(owner=staff)
    return [staff, manager]
