"""Pages of other sites may read answers only where the office names those sites (`API_ORIGINS`); by default none may.

Keys travel in a header, never in a cookie, so no credentials of a browser are allowed with it.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from letters.api import throttles

READ = ("/api/v1/", "/feeds/")  # what takes a key
METHODS = "GET, HEAD, POST, PATCH, DELETE"
SENT = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
SHOWN = ", ".join(("ETag", "Location", "Retry-After", "Idempotency-Replayed", *throttles.TOLD))
A_DAY = str(24 * 3600)


class NamedOrigins:
    """Answers the question that browsers ask before such a request, and marks what may be read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = request.headers.get("Origin", "")
        if not request.path_info.startswith(READ) or origin not in settings.API_ORIGINS:
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = METHODS
            response["Access-Control-Allow-Headers"] = SENT
            response["Access-Control-Max-Age"] = A_DAY
        else:
            response = self.get_response(request)
            response["Access-Control-Expose-Headers"] = SHOWN
        response["Access-Control-Allow-Origin"] = origin
        response["Vary"] = ", ".join(filter(None, (response.get("Vary"), "Origin")))
        return response
