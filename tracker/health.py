"""`/health/`: is the site fit for work? 200 if so, else 503. Open to all, so it names no one and nothing private."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from letters.models import Heartbeat
from tracker.celery import app
from tracker.env import ENV

log = logging.getLogger(__name__)
PING_SECONDS = 1.0
# Anybody may ask, as often as they like: a worker is pinged at most this often.
CACHE_SECONDS = 3
# A sweep may be missed by a restart; two in a row mean that something is wrong.
LATE_AFTER = timedelta(minutes=2 * ENV.SWEEP_MINUTES + 1)


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def broker_answers() -> bool:
    with app.connection_for_read(connect_timeout=PING_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=PING_SECONDS)
        return True


def worker_answers() -> bool:
    """Whether one worker, no matter which, answers within a second."""
    if (known := cache.get("health-worker")) is not None:
        return known
    answer = bool(app.control.broadcast("ping", reply=True, timeout=PING_SECONDS, limit=1))
    cache.set("health-worker", answer, CACHE_SECONDS)
    return answer


def last_sweep() -> str | None:
    """When the last sweep finished (ISO 8601, UTC)."""
    finished = Heartbeat.objects.filter(name="sweep").values_list("finished_at", flat=True).first()
    return finished.isoformat() if finished else None


def sweep_is_recent() -> bool:
    return Heartbeat.objects.filter(name="sweep", finished_at__gte=timezone.now() - LATE_AFTER).exists()


def _answer(question: Callable) -> object:
    """The question's answer, or None when asking it failed; the reason goes to the log, not to the visitor."""
    try:
        return question()
    except Exception:  # whatever is broken, the page has to say so rather than break too
        log.exception("Health: %s failed", question.__name__)
        return None


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """One word on each part, and on the whole."""
    parts = {
        "database": bool(_answer(database_answers)),
        "broker": bool(_answer(broker_answers)),
    }
    parts["worker"] = parts["broker"] and bool(_answer(worker_answers))
    parts["sweep"] = parts["database"] and bool(_answer(sweep_is_recent))
    well = all(parts.values())
    body = {
        "status": "ok" if well else "failing",
        **parts,
        "last_sweep_finished_at": _answer(last_sweep) if parts["database"] else None,
    }
    return JsonResponse(body, status=200 if well else 503)
