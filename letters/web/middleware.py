"""What every request passes: an address that can be read, and an author for what it writes."""

import hashlib
import logging
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from allauth.account.adapter import get_adapter
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.core.cache import cache
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from redis.exceptions import RedisError

from letters.domain.history import acting

log = logging.getLogger(__name__)
READS = ("GET", "HEAD", "OPTIONS", "TRACE")
SEEN_SECONDS = 300
FORM = "application/x-www-form-urlencoded"
FOR_PROGRAMS = ("/api/", "/feeds/")
OTHERS_FORMS = ("/admin/", "/accounts/")
# Waited too long for what another one holds, or gave way to it: the transaction was rolled back.
HELD = (LockNotAvailable, QueryCanceled, DeadlockDetected)


class LastSeenMiddleware(UserSessionsMiddleware):
    """Notes when and from where a session was last used, at most every five minutes: allauth's own writes a row at each request."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        # its digest: who can list the broker's keys must not find there what signs somebody in
        seen = f"seen-{hashlib.sha256(key.encode()).hexdigest()}" if key else ""
        if key and self._is_noted(seen, request, request.user.is_authenticated):
            return self.get_response(request)
        return super().__call__(request)

    def _is_noted(self, seen: str, request: HttpRequest, is_signed_in: bool) -> bool:
        """Without the cache each request is noted: a page must not fail because the broker does."""
        # a session that turns up elsewhere is noted at once: by the address of its row, not by that of the proxy
        where = f"{get_adapter().get_client_ip(request)} {request.META.get('HTTP_USER_AGENT')}"
        try:
            if cache.get(seen) == where:
                return True
            if is_signed_in:
                cache.set(seen, where, SEEN_SECONDS)
        except RedisError:
            pass
        return False


class ReadableAddressMiddleware:
    """Refuses bytes that are no UTF-8, and NUL, which the database cannot hold, by the name of the field they came in.

    The API says it in its own words. So do our forms, which give back what was typed; those of Django and allauth do not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(FOR_PROGRAMS):
            if "\0" in request.path_info:
                raise Http404("The address has a NUL character in it.")
            found = unreadable(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"), "in the address")
            if not found and request.content_type == FORM and request.path_info.startswith(OTHERS_FORMS):
                found = unreadable(request.body, "in the form")
            if found:
                return render(request, "400.html", {"found": found}, status=400)
        return self.get_response(request)


def unreadable(encoded: bytes, where: str) -> list[str]:
    """A sentence for each field of URL-encoded fields that cannot be read as text."""
    found = {}
    for part in encoded.split(b"&"):
        name, _, value = (unquote_to_bytes(half) for half in part.replace(b"+", b" ").partition(b"="))
        shown = name.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:80]
        if b"\0" in name + value:
            found[shown] = f"“{shown}” {where} holds a NUL character (%00). Remove it."
        elif not _is_text(name) or not _is_text(value):
            found[shown] = (
                f"“{shown}” {where} has characters that are not UTF-8 text. Type them again, or copy them from the original."
            )
    return list(found.values())


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


class BusyMiddleware:
    """A page that waited too long for somebody else's work, or gave way to it, says so: what it was about to write is not
    written. So does one that cannot do without the broker (the tries of a sign-in are counted there) while that is away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        is_held = isinstance(error, OperationalError) and isinstance(error.__cause__, HELD)
        is_away = isinstance(error, RedisError)
        if not (is_held or is_away) or request.path_info.startswith(FOR_PROGRAMS):
            return None
        log.warning("Busy: %s: %s", request.path, error)
        return render(request, "503.html", {"sends": request.method == "POST", "is_away": is_away}, status=503)


class AttributionMiddleware:
    """Every write is attributed to who is signed in (invariant 2). Opens an author for whatever a page or the admin writes outside a verb; verbs name their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in READS or not request.user.is_authenticated:
            return self.get_response(request)
        with acting(request.user, why=f"{request.method} {request.path}"):
            return self.get_response(request)
