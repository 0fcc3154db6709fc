"""`Idempotency-Key`: a write that a consumer named is done once, and sent again it is answered again.

The answer is kept in the transaction of the write itself: it is there exactly when what it tells of is. Whoever is at
work holds the row's lock, so a second request at the same time is told to wait, and a crash leaves nothing behind that
would have to time out. A refusal changed nothing and is not kept: corrected, the request may go under the same key.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable

from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.utils import timezone
from psycopg.errors import LockNotAvailable
from rest_framework.request import Request

from letters.api.problems import Refused
from letters.errors import Problem
from letters.models import ApiKey, IdempotencyKey

HEADER = "Idempotency-Key"
KEPT = dt.timedelta(hours=24)
SHAPE = re.compile(r"[\x21-\x7e]{1,200}")
COPIED = ("Content-Type", "Location", "ETag")


def name_of(request: Request) -> str:
    """What the consumer calls this write; empty where it does not. Raises 400 for what cannot be a name."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return ""
    if not SHAPE.fullmatch(sent):
        message = f"{HEADER}: “{sent[:80]}” cannot be one. Send 1 to 200 visible ASCII characters, a UUID for example."
        raise Refused(400, message, problems=[Problem(HEADER, message, sent)])
    return sent


def fingerprint(*parts: bytes | str) -> str:
    """What makes two requests the same one."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


def once(key: ApiKey, name: str, mark: str, write: Callable[[], HttpResponse]) -> HttpResponse:
    """Do the write and keep its answer, or give the answer that was kept. Raises 409 and 422."""
    _forget()
    row, _ = IdempotencyKey.objects.get_or_create(api_key=key, key=name, defaults={"fingerprint": mark})
    refusal: Exception | None = None
    with transaction.atomic():
        kept = _locked(row)
        if kept.fingerprint != mark and kept.status is not None:
            message = (
                f"{HEADER}: “{name}” was used for another write within the last {KEPT.total_seconds() / 3600:.0f} hours. "
                "Send a new one with a new write."
            )
            raise Refused(422, message, code="key-used", problems=[Problem(HEADER, message, name)])
        if kept.status is not None:
            return _again(kept)
        try:
            with transaction.atomic():
                response = write()
        except Exception as error:  # whatever it was, nothing was written; it is raised below
            refusal = error
            kept.delete()
        else:
            headers = {header: response[header] for header in COPIED if header in response}
            IdempotencyKey.objects.filter(pk=kept.pk).update(
                fingerprint=mark, status=response.status_code, headers=headers, body=response.content.decode()
            )
    if refusal:
        raise refusal
    return response


def kept(key: ApiKey, name: str, mark: str) -> HttpResponse | None:
    """The answer that this very write was given, where one is kept."""
    since = timezone.now() - KEPT
    row = IdempotencyKey.objects.filter(api_key=key, key=name, fingerprint=mark, created_at__gte=since).first()
    return _again(row) if row and row.status is not None else None


def _locked(row: IdempotencyKey) -> IdempotencyKey:
    try:
        with transaction.atomic():
            kept = IdempotencyKey.objects.select_for_update(nowait=True).filter(pk=row.pk).first()
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise  # the database is away: nobody knows who is at work
        kept = None
    if kept is None:
        raise at_work(row.key)
    return kept


def at_work(name: str) -> Refused:
    """409: whoever sent it first has no answer yet."""
    message = f"{HEADER}: a write of this name is at work. Send the same again in a second for its answer."
    problems = [Problem(HEADER, message, name)]
    return Refused(409, message, code="at-work", problems=problems, headers={"Retry-After": "1"})


def _again(kept: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(kept.body, status=kept.status, headers=kept.headers)
    response["Idempotency-Replayed"] = "true"
    return response


def _forget() -> None:
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
