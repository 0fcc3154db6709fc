"""Asks worker and beat whether they are there, and keeps the answers for those who must not wait for them.

Beat answers by itself, and only while its scheduler ticks: a worker cannot answer in its stead.
"""

import logging
import threading
import time

from django.core.cache import cache

from letters.reminders.signs import PING
from tracker.celery import app

log = logging.getLogger(__name__)
WAIT_SECONDS = 1.0  # for each answer
FRESH_SECONDS = 3  # anybody may ask, as often as they like: asked on at most this often
KEPT_SECONDS = 60  # what pages show; the web server asks again and again, so it is newer
EVERY_SECONDS = 15
ASKING = threading.Lock()
NODES = {"worker": "celery@*", "beat": "celerybeat@*"}


def answers(*, fresh: bool = False) -> dict[str, bool]:
    """Who answers: asked now if `fresh`, or when nobody has asked for three seconds."""
    came = time.time()
    with ASKING:  # one at a time: the others wait for its answer, and take it
        known = cache.get(PING)
        since = came if fresh else came - FRESH_SECONDS
        if known is None or not since <= known["at"] <= time.time():
            known = {name: _answers(pattern) for name, pattern in NODES.items()} | {"at": time.time()}
            cache.set(PING, known, KEPT_SECONDS)
    return {name: known[name] for name in NODES}


def _answers(pattern: str) -> bool:
    return bool(
        app.control.broadcast("ping", pattern=pattern, matcher="glob", reply=True, timeout=WAIT_SECONDS, limit=1)
    )


def keep_asking() -> threading.Thread:
    """In the web server: pages tell the truth although nobody probes `/health/`."""

    def ask() -> None:
        while True:
            try:
                answers(fresh=True)
            except Exception as error:  # the broker may be away; the pages see that themselves
                log.warning("Worker and beat could not be asked: %s", error)
            time.sleep(EVERY_SECONDS)

    thread = threading.Thread(target=ask, name="pings", daemon=True)
    thread.start()
    return thread


def broker_answers() -> bool:
    """Whether a connection can be made within a second."""
    try:
        with app.connection_for_read(connect_timeout=WAIT_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=WAIT_SECONDS)
        cache.get(PING)
    except Exception as error:  # whatever is broken, whoever asks has to be told rather than break too
        log.warning("The broker does not answer: %s", error)
        return False
    return True
