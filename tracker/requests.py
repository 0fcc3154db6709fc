"""Each request has an id: in its answer, in every line that the logs say about it, and in the measures of how long it took."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from tracker.counts import count_request

log = logging.getLogger(__name__)
HEADER = "X-Request-ID"
# What a proxy may say: letters, digits and dashes, so that no line of the logs is written from outside.
PROXYS = re.compile(r"[A-Za-z0-9-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_id() -> str:
    """Of the request that this thread answers, or has just answered; empty in a thread that answers none."""
    return _current.get()


def after_answer(request: HttpRequest, work: Callable[[], object]) -> None:
    """Does `work` once the answer was sent: how long it takes, or whether there was any, its reader cannot tell."""

    def done() -> None:
        try:
            work()
        except Exception:  # nobody is left to be told
            log.exception("What was to be done after an answer failed")

    request.__dict__.setdefault("after_answer", []).append(done)


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
        # closed by the web server behind the last byte, and before the connection to the database goes back
        response._resource_closers.extend(request.__dict__.get("after_answer", ()))  # type: ignore[attr-defined]
        match = request.resolver_match
        # by the name of the page: addresses are without number
        page = (match.view_name or "unnamed") if match else "none"
        count_request(request.method or "", page, response.status_code, time.perf_counter() - began)
        return response
