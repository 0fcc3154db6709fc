"""Real transactions in real threads and processes. Tables are emptied afterwards, so these tests run last."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connection, connections


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
