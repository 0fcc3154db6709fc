"""What every page shows: whether reminders run. Silence must never look like calm."""

import datetime as dt

from django.conf import settings
from django.db.models import Exists
from django.http import HttpRequest
from django.utils import timezone

from letters.models import Heartbeat, Office

SWEEP = "sweep"


def sweep_strip(request: HttpRequest) -> dict:
    """`sweep_strip` for templates/components/strip.html; only for who is signed in."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    demo = Office.objects.filter(is_demo=True)
    heartbeat = Heartbeat.objects.filter(name=SWEEP).annotate(is_demo=Exists(demo)).first()
    every = dt.timedelta(minutes=settings.SWEEP_MINUTES)
    last = heartbeat.finished_at if heartbeat else None
    # one round may be missed by a restart; two in a row mean that something is wrong
    red = last is None or timezone.now() - last > 2 * every + dt.timedelta(minutes=1)
    return {
        "sweep_strip": {
            "last_sweep_at": last,
            "next_sweep_at": heartbeat.started_at + every if heartbeat else None,
            "is_red": red,
            "is_demo": heartbeat.is_demo if heartbeat else demo.exists(),
        }
    }
