"""`/health/`: is the site fit for work? 200 if so, else 503. Open to all, so it names no one and nothing private."""

import logging
from dataclasses import replace

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from letters.reminders.signs import read_signs
from letters.reminders.silence import CHECKS, Signs, are_stopped, faults, not_well
from tracker import pings
from tracker.rounds import ROUNDS

log = logging.getLogger(__name__)


def signs(*, fresh: bool = False) -> Signs:
    """Everything that can be told now. Worker and beat are asked anew if `fresh`."""
    broker = pings.broker_answers()
    answered = pings.answers(fresh=fresh) if broker else {}
    try:
        read = read_signs()
    except Error as error:
        log.warning("Health: the database does not answer: %s", error)
        read = Signs(now=timezone.now(), periods=ROUNDS, database=False)
    return replace(read, broker=broker, worker=answered.get("worker"), beat=answered.get("beat"))


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """One word on each part, and on the whole."""
    seen = signs()
    found = faults(seen)
    failed = not_well(seen)
    parts = {check.name: check.name not in failed for check in CHECKS}
    last, following = seen.rounds.get("sweep"), seen.next_round("sweep")
    stopped = are_stopped(found)
    body = {
        "status": "failing" if stopped else "degraded" if found else "ok",
        **parts,
        "last_sweep_finished_at": last.finished_at.isoformat() if last and last.finished_at else None,
        "next_sweep_at": following.isoformat() if following else None,
        "mails_waiting": seen.waiting,
        "mails_are_sent": not seen.mail_folder,
        "oldest_unsent_at": seen.oldest_unsent.isoformat() if seen.oldest_unsent else None,
    }
    return JsonResponse(body, status=503 if stopped else 200)
