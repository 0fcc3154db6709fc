"""When the database does not answer: held by somebody else's work, out of connections, restarted, gone. It passes, so who asked is told when to ask again."""

import logging

from django.db import IntegrityError, InterfaceError, OperationalError
from psycopg.errors import (
    DeadlockDetected,
    ForeignKeyViolation,
    LockNotAvailable,
    QueryCanceled,
    SerializationFailure,
    UniqueViolation,
)

log = logging.getLogger(__name__)
WAIT = 5  # seconds
# Waited too long for what another one holds, or gave way to it: the transaction was rolled back.
HELD = (LockNotAvailable, QueryCanceled, DeadlockDetected, SerializationFailure)
# The verbs look before they write: another one wrote the same, or took away what is named, after they had looked.
CROSSED = (UniqueViolation, ForeignKeyViolation)
BUSY = (
    "Somebody else’s work holds what this needs, or much was asked for at once, and it took too long. Nothing was changed. "
    f"Ask again in {WAIT} s."
)
AT_ONCE = (
    "Somebody else wrote the same at this very moment, or took away what this names. Nothing was changed. "
    f"Ask again in {WAIT} s."
)
# A connection that is lost while a write is being kept leaves open whether it was.
LOST = (
    f"The database does not answer: it is being restarted, or has no connection left. Ask again in {WAIT} s. Of a write it is "
    "not known whether it was kept: send it again under the same Idempotency-Key, or read its row first."
)


def said(error: Exception, asked: str) -> str | None:
    """What to say of it, or None for what is no such thing. `asked`: method and path, for the log."""
    if isinstance(error, IntegrityError) and isinstance(error.__cause__, CROSSED):
        # with the trace: told more than once at one address, it is no accident but a mistake of ours
        log.warning("Crossed: %s", asked, exc_info=error)
        return AT_ONCE
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    if isinstance(error.__cause__, HELD):
        log.warning("Busy: %s: %s", asked, error)
        return BUSY
    log.error("API: %s had no database", asked, exc_info=error)
    return LOST
