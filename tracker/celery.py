"""The Celery app: one worker pool, one beat with the schedule below. The broker is only a doorbell.

What is due lives in the database; a lost message costs nothing but the wait for the next sweep.
"""

import os
import time
from datetime import timedelta
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, setup_logging, worker_init

from tracker.env import ENV, refuse_if_wrong
from tracker.rounds import ROUNDS
from tracker.services import broker_url, hold_embedded_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
SWEEP = "letters.tasks.sweep_reminders"
DISPATCH = "letters.tasks.dispatch_mail"
REPORTS = "letters.tasks.make_reports"
# Seconds after which an unfinished task of a killed worker is given to another one.
REDELIVERY = 60
# Seconds without a tick after which beat counts as hung.
TICKS_WITHIN = 20


class AttributedTask(Task):
    """A task whose changes are recorded as made by the system process it names, or else by "worker".

    @shared_task(process=SystemProcess.SWEEP)
    """

    abstract = True
    process: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # Imported here: workers import this module before Django's apps are loaded.
        from letters.domain.history import acting
        from letters.enums import SystemProcess

        with acting(self.process or SystemProcess.WORKER, why=f"task {self.name}"):
            return super().__call__(*args, **kwargs)


app = Celery("tracker", task_cls=AttributedTask)
app.conf.update(
    broker_url=broker_url(),
    result_backend=broker_url(),
    result_expires=timedelta(hours=1),
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": REDELIVERY,
        # How often kombu looks for such tasks: by default every 10 seconds, but then only each tenth time.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
    # A task is acknowledged when it is done: a killed worker loses none. So tasks must bear being run twice.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_time_limit=15 * 60,
    task_ignore_result=False,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    enable_utc=True,
    timezone=ENV.TIME_ZONE,
    # Superfluous after one period: the next round does the same work.
    beat_schedule={
        name: {"task": task, "schedule": ROUNDS[name], "options": {"expires": ROUNDS[name].total_seconds()}}
        for name, task in {"sweep": SWEEP, "dispatch": DISPATCH, "reports": REPORTS}.items()
    },
    # In memory: a schedule of plain intervals needs no file, which a kill -9 could damage.
    beat_scheduler="celery.beat:Scheduler",
    # Beat answers pings, from a thread of its own, and goes silent when its scheduler has not ticked for so long.
    beat_enable_remote_control=True,
    beat_max_loop_interval=2,
    beat_remote_control_max_tick_age=TICKS_WITHIN,
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Nothing: where somebody answers, Celery sets up no logs of its own, whose level would stand in LOG_LEVEL’s stead."""


@worker_init.connect
@beat_init.connect
def start_services(**kwargs: Any) -> None:
    """A worker or beat started by hand brings its embedded servers along, and refuses a wrong environment."""
    refuse_if_wrong()
    hold_embedded_servers()


@beat_init.connect
def note_start(**kwargs: Any) -> None:
    """A round that never was is late only once it had time to come."""
    from django.core.cache import cache

    from letters.reminders.signs import SINCE

    cache.set(SINCE, time.time(), None)
