"""When the database does not answer: held by somebody else's work, out of connections, restarted, gone. It passes, so who asked is told when to ask again."""

import logging

from django.db import InterfaceError, OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled, SerializationFailure

log = logging.getLogger(__name__)
WAIT = 5  # seconds
# Waited too long for what another one holds, or gave way to it: the transaction was rolled back.
HELD = (LockNotAvailable, QueryCanceled, DeadlockDetected, SerializationFailure)
BUSY = (
    "Somebody else’s work holds what this needs, or much was asked for at once, and it took too long. Nothing was changed. "
    f"Ask again in {WAIT} s."
)
# A connection that is lost while a write is being kept leaves open whether it was.
LOST = (
    f"The database does not answer: it is being restarted, or has no connection left. Ask again in {WAIT} s. Of a write it is "
    "not known whether it was kept: send it again under the same Idempotency-Key, or read its row first."
)


def said(error: Exception, asked: str) -> str | None:
    """What to say of it, or None for what is no such thing. `asked`: method and path, for the log."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    if isinstance(error.__cause__, HELD):
        log.warning("Busy: %s: %s", asked, error)
        return BUSY
    log.error("API: %s had no database", asked, exc_info=error)
    return LOST
