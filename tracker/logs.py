"""What the logs leave out, and what each of their lines says."""

import datetime as dt
import logging
import re
from typing import Any

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
