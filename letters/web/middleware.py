"""What every request passes: an address that can be read, and an author for what it writes."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

from letters.domain.history import acting

READS = ("GET", "HEAD", "OPTIONS", "TRACE")


class ReadableAddressMiddleware:
    """Refuses NUL, which the database cannot hold: a page would fail on it. The API says it in its own words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            if "\0" in request.path_info:
                raise Http404("The address has a NUL character in it.")
            if b"\0" in unquote_to_bytes(request.META.get("QUERY_STRING", "")):
                raise BadRequest("The query has a NUL character in it.")
        return self.get_response(request)


class AttributionMiddleware:
    """Every write is attributed to who is signed in (invariant 2). Opens an author for whatever a page or the admin writes outside a verb; verbs name their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in READS or not request.user.is_authenticated:
            return self.get_response(request)
        with acting(request.user, why=f"{request.method} {request.path}"):
            return self.get_response(request)
