"""How much one reader may ask: so that a loop gone wrong is told to wait, before it slows everybody else."""

import functools
import logging
import math
from time import time
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from letters.models import ApiKey

log = logging.getLogger(__name__)
A_MINUTE = settings.API_A_MINUTE
WINDOW = 60  # seconds
# What each counted answer says: for the answer, the schema, and pages of other sites, which read no header unnamed.
TOLD = {
    "RateLimit-Limit": ("How many requests the key may make in a minute.", 1),
    "RateLimit-Remaining": ("How many of them are left.", 0),
    "RateLimit-Reset": ("In how many seconds the next minute begins.", 1),
}  # name: what it says, the least it says


class PerKey(BaseThrottle):
    """So many requests a minute by key, or by who is signed in; counted in the cache all processes share."""

    waits: float | None = None
    asked = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        minute, second = divmod(time(), WINDOW)
        name = f"api-{_reader(request)}-{int(minute)}"
        try:
            asked = count(name)
        except Exception:  # the count is a courtesy: without the cache the API still answers
            log.exception("API: the requests of a key could not be counted")
            return True
        self.waits, self.asked = WINDOW - second, asked
        request._request.rate = self  # type: ignore[attr-defined] - for the headers of the answer, a refusal's too
        return asked <= A_MINUTE

    def headers(self) -> dict[str, str]:
        """How much may be asked in a minute, how much of it is left, and in how many seconds the next one begins."""
        said = (A_MINUTE, max(0, A_MINUTE - self.asked), max(1, math.ceil(self.waits or 1)))
        return dict(zip(TOLD, map(str, said), strict=True))

    def wait(self) -> float | None:
        return self.waits


def count(name: str) -> int:
    """How often this was counted, now included: one round trip, where Django's cache would take three."""
    counter, name = _counter(), f"throttle:{name}"
    counted = counter.incr(name)
    if counted == 1:
        counter.expire(name, 2 * WINDOW)
    return counted


@functools.cache
def _counter() -> redis.Redis:
    """The server of the cache, which all processes share."""
    return redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])


def _reader(request: Request) -> str:
    if isinstance(request.auth, ApiKey):
        return f"key-{request.auth.pk}"
    return f"user-{request.user.pk}"
