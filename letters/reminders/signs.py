"""Reads what `silence` judges: rounds and mails from the database in one query, the last ping from the cache."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Count, F, JSONField, Min, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.utils import timezone
from redis.exceptions import RedisError

from letters.enums import OutboxState
from letters.models import Heartbeat, OutboxMessage
from letters.reminders.silence import MAIL_FAILS, MAIL_WAITS, LastRound, Signs

HERE = ("localhost", "127.0.0.1", "::1")
# as `dispatch` notes it, `sweep`, and `prepare` of nights to come
DETAIL = {name: F(f"detail__{name}") for name in ("trouble_since", "left_out", "only_expected")}
PING, SINCE = "health-ping", "beat-since"  # who answered; when beat started


def mail_folder() -> str:
    """Where mails are written instead of being sent, on a site without a mail server; empty: they are sent."""
    return str(getattr(settings, "EMAIL_FILE_PATH", "")) if "filebased" in settings.EMAIL_BACKEND else ""


def signs_beside(*, waits_before: dt.datetime, fails_before: dt.datetime) -> dict[str, Subquery]:
    """The signs as columns of any row, so that a page that reads a row anyway asks nothing more."""
    each = JSONObject(name=F("name"), started_at=F("started_at"), finished_at=F("finished_at"), **DETAIL)
    mails = _mails(waits_before, fails_before)
    return {
        "rounds": ArraySubquery(Heartbeat.objects.order_by("name").values(each=each)),
        "mails": Subquery(mails.values("mails"), output_field=JSONField()),
    }


def moments() -> dict[str, dt.datetime]:
    """From when on mails are in trouble, as of now: the arguments of `signs_beside`."""
    now = timezone.now()
    return {"waits_before": now - MAIL_WAITS, "fails_before": now - MAIL_FAILS}


def signs_of(rounds: list[str], mails: str | None) -> Signs:
    """What those columns hold, as PostgreSQL writes JSON, with what the last ping found."""
    return _signs([json.loads(one) for one in rounds], json.loads(mails) if mails else None)


def read_signs() -> Signs:
    """The same, asked for by itself."""
    rounds = Heartbeat.objects.values("name", "started_at", "finished_at", **DETAIL)
    return _signs(rounds, next(iter(_mails(**moments()).values_list("mails", flat=True)), None))


def _mails(waits_before: dt.datetime, fails_before: dt.datetime) -> QuerySet:
    waits = Q(state=OutboxState.WAITING)
    trouble = ~Q(last_error="") & (Q(state=OutboxState.FAILED) | Q(created_at__lt=fails_before))
    unsent = OutboxMessage.objects.exclude(state=OutboxState.SENT).order_by().annotate(all=Value(1)).values("all")
    return unsent.annotate(
        mails=JSONObject(
            waiting=Count("pk", filter=waits),
            overdue=Count("pk", filter=waits & Q(next_attempt_at__lt=waits_before)),
            oldest=Min("created_at", filter=waits),
            failing=Count("pk", filter=trouble),
        )
    )


def _signs(rounds: Iterable[Any], mails: dict[str, Any] | None) -> Signs:
    mails = mails or {}
    return Signs(
        now=timezone.now(),
        periods=settings.ROUNDS,
        rounds={
            one.pop("name"): LastRound(**{name: _moment(moment) for name, moment in one.items()}) for one in rounds
        },
        waiting=mails.get("waiting", 0),
        overdue=mails.get("overdue", 0),
        oldest_unsent=_moment(mails.get("oldest")),
        failing=mails.get("failing", 0),
        mail_folder=mail_folder(),
        has_others=urlsplit(settings.SITE_ADDRESS).hostname not in HERE,
        **last_ping(),
    )


def last_ping() -> dict[str, Any]:
    """Who answered when they were last pinged: nobody has to have asked lately, but the broker must answer now."""
    try:
        kept = cache.get_many([PING, SINCE])
    except (RedisError, OSError):
        return {"broker": False}
    known = kept.get(PING)
    return {
        "watched_since": dt.datetime.fromtimestamp(kept[SINCE], dt.UTC) if SINCE in kept else None,
        **({name: known[name] for name in ("worker", "beat")} if known else {}),
    }


def _moment(written: Any) -> Any:
    """A column has a moment, JSON its text, and some rounds have no end."""
    return dt.datetime.fromisoformat(written) if isinstance(written, str) else written
