"""What the logs leave out."""

import logging

HEALTH = "/health/"


class ExceptHealth(logging.Filter):
    """Django logs each 5xx as an error; a 503 of `/health/` is what was asked for, and its checks log what they found."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return not (getattr(record, "status_code", None) == 503 and getattr(request, "path", None) == HEALTH)
