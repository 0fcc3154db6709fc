"""Somebody else at work on a connection of their own, who comes to a lock that is held here."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

SECONDS = 30


def wait_for_a_lock() -> None:
    """Until another connection waits for one."""
    ends = time.monotonic() + SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            # not pg_stat_activity: a transaction goes on seeing that as it first did
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks AS here "
                "JOIN pg_database ON pg_database.oid = here.database WHERE datname = current_database())"
            )
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


class Beside:
    """Their work, to be begun while the lock is held."""

    def __init__(self, work: Callable[[], Any]):
        self._work, self._came = work, []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self._came.append(self._work())
        except Exception as error:
            self._came.append(error)
        finally:
            connections.close_all()

    def begin(self) -> None:
        """Until they wait for the lock; who has begun already goes on."""
        if not self._thread.ident:
            self._thread.start()
            wait_for_a_lock()

    def came_to(self) -> Any:
        """What it returned or raised, once the lock was let go."""
        self._thread.join(SECONDS)
        assert self._came, "they still wait"
        return self._came[0]
