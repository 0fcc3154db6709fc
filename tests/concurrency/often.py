"""The site's Celery app with a beat that rings every second: a test that waits for minutes would not be run."""

from datetime import timedelta

from tracker.celery import app

for round_ in app.conf.beat_schedule.values():
    round_["schedule"] = timedelta(seconds=1)
