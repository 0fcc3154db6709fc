"""Everything that goes wrong, told as RFC 9457 problem details that name field, value and way out."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.core import signals
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.urls import reverse
from rest_framework import exceptions

from letters.api import busy, throttles
from letters.api.said import shown
from letters.errors import CursorError, CursorExpired, NotAllowed, Problem, RecordError, StaleVersion

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
# A value that was sent comes back in the answer, but not a megabyte of it.
SHOWN = 200

# code: (status, title, what to do). The docs page prints it, and each problem's `type` leads there.
KINDS: dict[str, tuple[int, str, str]] = {
    "bad-request": (400, "Bad request", "Correct the parameters or fields named in `errors`, then ask again."),
    "unauthorized": (401, "Key missing or not known", "Send `Authorization: Bearer KEY` with a living key."),
    "forbidden": (403, "Not for this key", "Leave out what `detail` names, or use a key of the scope it names."),
    "wrong-scope": (403, "Not for keys of this scope", "Use a key of a scope that `detail` names."),
    "not-found": (
        404,
        "Nothing here",
        "Check the address; ids that a key may not see answer the same as unknown ones.",
    ),
    "method-not-allowed": (405, "Method not allowed", "Use a method that the `Allow` header names."),
    "not-acceptable": (406, "Only JSON", "Accept `application/json`, or leave the Accept header out."),
    "at-work": (409, "The same write is at work", "Wait as long as `Retry-After` says, then send it again."),
    "cursor-expired": (
        410,
        "Cursor of an earlier feed",
        "Take `snapshot`, whose address the problem gives, then follow from its `cursor`.",
    ),
    "length-required": (411, "Length missing", "Send `Content-Length`; a body in chunks is not read."),
    "changed": (
        412,
        "Changed since you read it",
        "Look at `difference`, read the row again, then send what you still want with its new `ETag`.",
    ),
    "too-large": (413, "Too large", "Send less at once; `detail` says how much fits."),
    "unsupported-media-type": (415, "Wrong kind of body", "Send the `Content-Type` that `detail` names."),
    "refused": (
        422,
        "The record refuses it",
        "Correct what `errors` names, or do first what it says; nothing was written.",
    ),
    "key-used": (422, "Idempotency-Key used for another write", "Send a new `Idempotency-Key` with a new write."),
    "match-required": (428, "If-Match missing", "Read the row, and send its `ETag` as `If-Match`."),
    "too-many-requests": (429, "Too many requests", "Wait as long as `Retry-After` says, then go on."),
    "server-error": (500, "Our mistake", "Ask again later; the office’s log says what happened."),
    "busy": (
        503,
        "Busy",
        "Wait as long as `Retry-After` says, then send it again; under the same `Idempotency-Key` a write is not done twice.",
    ),
}
BY_STATUS = {status: code for code, (status, *_) in reversed(KINDS.items())}


class Refused(exceptions.APIException):
    """A refusal with its status, sentence and the parameters at fault."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        problems: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ):
        super().__init__(detail)
        self.status_code = status
        self.sentence = detail
        self.kind = code or BY_STATUS[status]
        self.problems = tuple(problems)
        self.headers = dict(headers or {})
        self.more = dict(more or {})  # members of the problem beside those that all have


def refuse_parameters(problems: Iterable[Problem]) -> None:
    """400 with every parameter at fault, if any is."""
    problems = tuple(problems)
    if problems:
        raise Refused(400, " ".join(problem.message for problem in problems), problems=problems)


def handle(error: Exception, context: dict) -> HttpResponse:
    """DRF's exception handler: whatever was raised becomes a problem, an unforeseen error too."""
    request = context["request"]
    refusal = _expired(error, request) if isinstance(error, CursorExpired) else _as_refusal(error)
    if isinstance(error, exceptions.MethodNotAllowed):
        takes = ", ".join(context["view"].allowed_methods)
        refusal = Refused(405, f"{request.method}: {request.path} does not take it. Use one of: {takes}.")
    if refusal is None and (sentence := busy.said(error, f"{request.method} {request.path}")):
        refusal = Refused(503, sentence, headers={"Retry-After": str(busy.WAIT)})
    if refusal is None:
        log.exception("API: %s %s failed", request.method, request.path)
        # what watches for errors (and Django's test client) hears of it as of any other
        signals.got_request_exception.send(sender=None, request=request)
        refusal = Refused(500, OUR_MISTAKE)
    return answer(request, refusal)


def answer(request: Any, refusal: Refused) -> HttpResponse:
    """The problem as a response."""
    title = KINDS[refusal.kind][1]
    body = {
        "type": request.build_absolute_uri(reverse("api:docs") + f"#problem-{refusal.kind}"),
        "title": title,
        "status": refusal.status_code,
        "detail": refusal.sentence,
        "instance": request.path,
        "errors": [
            {"field": _shown(problem.field), "value": _shown(problem.value), "message": problem.message}
            for problem in refusal.problems
        ],
        **refusal.more,
    }
    response = HttpResponse(
        orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z),
        status=refusal.status_code,
        headers={"Content-Type": MEDIA_TYPE, **refusal.headers},
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _expired(error: CursorExpired, request: Any) -> Refused:
    """410 with the address of the snapshot, of the stream that was followed."""
    snapshot = request.build_absolute_uri(reverse("api:snapshot"))
    if stream := request.query_params.get("stream"):
        snapshot += f"?stream={stream}"
    return Refused(410, str(error), problems=error.problems, more={"snapshot": snapshot})


def _as_refusal(error: Exception) -> Refused | None:
    match error:
        case Refused():
            return error
        case NotAllowed():
            return Refused(403, str(error), problems=error.problems)
        case StaleVersion():
            return Refused(412, str(error), problems=error.problems)
        case CursorError():
            return Refused(400, str(error), problems=error.problems)
        case RecordError():
            return Refused(422, str(error), code="refused", problems=error.problems)
        case Http404() | exceptions.NotFound():
            return Refused(404, NOTHING_HERE)
        case PermissionDenied():
            return Refused(403, "This is not for you. Ask the office for a key that may read it.")
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            challenge = getattr(error, "auth_header", None)
            return Refused(401, NO_KEY, headers={"WWW-Authenticate": challenge} if challenge else None)
        case exceptions.NotAcceptable():
            return Refused(406, "Accept: answers are JSON only. Accept application/json, or leave the header out.")
        case exceptions.UnsupportedMediaType():
            return Refused(415, f"{error.detail} Send application/json.")
        case exceptions.Throttled():
            wait = max(1, int(error.wait or 1))
            said = f"Too many requests: a key may make {throttles.A_MINUTE:,} in a minute. Ask again in {wait} s."
            return Refused(429, said, headers={"Retry-After": str(wait)})
        case exceptions.APIException():
            known = error.status_code if error.status_code in BY_STATUS else 400
            return Refused(known, str(error.detail))
        case SuspiciousOperation():
            return Refused(400, f"The request cannot be read: {error}")
    return None


OUR_MISTAKE = "Something went wrong on our side; nothing was changed. Ask again later."
NOTHING_HERE = (
    "There is nothing at this address: it may be mistyped, or what it named is gone or not for this key. "
    "GET /api/v1/ lists what there is."
)
NO_KEY = (
    "Authorization: no key was sent. Send “Authorization: Bearer KEY” with a key the office gave you "
    "(manage.py create_api_key NAME --scope …)."
)


def _shown(value: Any) -> str | None:
    """What was sent, as text and not all of a megabyte."""
    if value is None:
        return None
    if not isinstance(value, str):
        # not orjson, which reads what it does not write: a number of more than 64 bits, a list in lists 300 deep
        try:
            value = json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":")).strip('"')
        except (ValueError, RecursionError):
            value = shown(value)
    return value[:SHOWN] + "…" if len(value) > SHOWN else value
