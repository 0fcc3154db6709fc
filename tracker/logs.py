"""What the logs leave out, and what each of their lines says."""

import datetime as dt
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import django.db
import psycopg
from pythonjsonlogger.orjson import OrjsonFormatter

from tracker.requests import current_id

HEALTH = "/health/"
# of somebody's calendar, and of the page on which a password is chosen
SECRET_ADDRESS = re.compile(r"(?<=/calendar/)[^/\s]+|(?<=/reset/key/)[^/\s]+")


class ExceptHealth(logging.Filter):
    """Django logs each 5xx as an error; a 503 of `/health/` is what was asked for, and its checks log what they found."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return not (getattr(record, "status_code", None) == 503 and getattr(request, "path", None) == HEALTH)


class NamesItsRequest(logging.Filter):
    """Adds `request_id`, and the same in the words of a line. Takes out of addresses what opens them to whoever knows it.

    A calendar program asks with OPTIONS and PROPFIND first, which are refused, and Django logs each refusal's address.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(SECRET_ADDRESS.sub("***", one) if isinstance(one, str) else one for one in record.args)
        record.request_id = current_id()
        record.of_request = f" [{record.request_id}]" if record.request_id else ""
        return True


class WithoutRows(logging.Filter):
    """Takes out what the database says of the rows it refuses: “Key (name)=(…) already exists”, “Failing row contains (…)”.

    Its own log is told to leave that out, but whoever asked is told it all the same, and has it in the words of the error.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        args = record.args.values() if isinstance(record.args, dict) else record.args or ()
        errors = [*args, record.exc_info[1] if record.exc_info else None, sys.exc_info()[1]]
        kept = {said: may_be_said for error in _behind(errors) for said, may_be_said in _words(error)}
        if kept:
            message = record.getMessage()
            if (said := _replaced(message, kept)) != message:
                record.msg, record.args = said, ()
            if record.exc_info:
                # as text, which no formatter makes anew
                record.exc_text = _replaced(logging.Formatter().formatException(record.exc_info), kept)
                record.exc_info = None
        return True


def _behind(errors: Iterable[Any]) -> Iterator[BaseException]:
    """These that are errors, and all that led to them."""
    ahead, seen = [error for error in errors if isinstance(error, BaseException)], set()
    while ahead:
        error = ahead.pop()
        if id(error) not in seen:
            seen.add(id(error))
            yield error
            led = (error.__cause__, error.__context__, *getattr(error, "exceptions", ()))
            ahead += [one for one in led if one is not None]


def _words(error: BaseException) -> Iterator[tuple[str, str]]:
    """The words of an error of the database, also as a program writes them, with those that may be said instead."""
    known = error.__cause__ if isinstance(error, django.db.Error) else error
    if not isinstance(known, psycopg.Error) or not known.diag.message_primary:
        return  # it is not the server's
    said = str(error)
    # a value that is none of its type is named in the first line
    safe = known.diag.message_primary.partition(': "')[0]
    constraint = known.diag.constraint_name
    about = f"{known.sqlstate}, {constraint}" if constraint and constraint not in safe else known.sqlstate
    yield said, f"{safe} ({about}; what it is about is not logged)"
    yield repr(said)[1:-1], f"{safe} ({about}; what it is about is not logged)"


def _replaced(words: str, kept: dict[str, str]) -> str:
    for said in sorted(kept, key=len, reverse=True):
        words = words.replace(said, kept[said])
    return words


class OneObject(OrjsonFormatter):
    """One JSON object a line: `at` (UTC), `level`, `logger`, `message`, `request_id`, and `exc_info` of an error.

    What else a record carries, the request object among it, stays out: nothing is written that was not chosen.
    """

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {
            name: log_data[name]
            for name in ("at", "level", "logger", "message", "request_id", "exc_info")
            if log_data.get(name)
        }

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data["at"] = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat()
        log_data["level"], log_data["logger"] = record.levelname, record.name
