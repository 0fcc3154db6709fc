"""`/metrics`: what a monitoring system reads, in Prometheus' text form, for whoever has `METRICS_TOKEN`.

Counts since the web server started, and the signs that `/health/` judges. Nothing of a letter, of a person or of an
agency: totals only.
"""

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from letters.reminders.silence import CHECKS, not_well
from tracker import health
from tracker.counts import REGISTRY


class SignsCollector(Collector):
    """What `/health/` and `doctor` judge, as numbers, read when asked."""

    def collect(self) -> Iterator[Metric]:
        signs = health.signs()
        failed = not_well(signs)
        well = GaugeMetricFamily(
            "letters_part_is_well", "1 when the part does what it has to, else 0.", labels=["part"]
        )
        for check in CHECKS:
            well.add_metric([check.name], float(check.name not in failed))
        yield well
        last = GaugeMetricFamily(
            "letters_round_finished_timestamp_seconds", "When the last round finished (Unix time).", labels=["round"]
        )
        for name, one in sorted(signs.rounds.items()):
            if one.finished_at:
                last.add_metric([name], one.finished_at.timestamp())
        yield last
        if not signs.database:
            return  # how many mails wait is not known: no number, and above all not 0
        yield GaugeMetricFamily("letters_mails_waiting", "Mails not sent yet.", signs.waiting)
        yield GaugeMetricFamily("letters_mails_overdue", "Mails that should be gone.", signs.overdue)
        yield GaugeMetricFamily("letters_mails_failing", "Mails in trouble for an hour, or given up.", signs.failing)
        oldest = (signs.now - signs.oldest_unsent).total_seconds() if signs.oldest_unsent else 0.0
        yield GaugeMetricFamily("letters_oldest_unsent_mail_seconds", "Age of the oldest mail not sent.", oldest)


REGISTRY.register(SignsCollector())


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The numbers; without a token set, or without saying it, there is no such page."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
