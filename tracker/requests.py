"""Each request has an id: in its answer, in every line that the logs say about it, and in the measures of how long it took."""

import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from tracker.counts import count_request

HEADER = "X-Request-ID"
# What a proxy may say: letters, digits and dashes, so that no line of the logs is written from outside.
PROXYS = re.compile(r"[A-Za-z0-9-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_id() -> str:
    """Of the request that this thread answers, or has just answered; empty in a thread that answers none."""
    return _current.get()


class RequestMiddleware:
    """The outermost one: what it measures is what a visitor waits for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.headers.get(HEADER, "")
        name = said if PROXYS.fullmatch(said) else uuid.uuid4().hex
        # until the thread's next request: Django logs a refusal when this has returned already
        _current.set(name)
        began = time.perf_counter()
        response = self.get_response(request)
        response[HEADER] = name
        match = request.resolver_match
        # by the name of the page: addresses are without number
        page = (match.view_name or "unnamed") if match else "none"
        count_request(request.method or "", page, response.status_code, time.perf_counter() - began)
        return response
