"""A report whose maker is killed with signal 9 at each step is made all the same, once; two makers make one."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading

import pytest
from django.db import connection
from django.utils import timezone

from letters import report_maker
from letters.domain import reporting
from letters.domain.history import acting
from letters.models import OutboxMessage, Report, ReportFile, ReportSchedule
from letters.models.reports import ReportQuerySet
from letters.report_maker import make_reports
from tests import factories
from tests.tracker.processes import ROOT
from tracker.fault_points import STEPS

MAKING = [step for step in STEPS if step.startswith("report.")]


@pytest.fixture
def asked(seed, manager) -> Report:
    """The list of a week that has just come due, with one person to tell."""
    manager.email = "manager@office.example"
    with acting(factories.SETUP):
        manager.save()
        # Yesterday's weekday: a test that ran at six on a Monday morning had the next week's list come due in the middle.
        yesterday = timezone.localdate() - dt.timedelta(days=1)
        reporting.set_schedule(by=manager, is_on=True, weekday=yesterday.weekday(), hour=6, recipients=[manager])
        return Report.objects.create(key="week TEST", day=timezone.localdate())


def round_of_its_own(fault: str = "") -> int:
    """`manage.py make_reports` in a process of its own, on the test's database; how it ended."""
    own = {
        "DJANGO_SETTINGS_MODULE": "tests.concurrency.outside",
        "TEST_DATABASE": connection.settings_dict["NAME"],
        "FAULT_AT": fault,
    }
    command = [sys.executable, "-m", "django", "make_reports"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | own, capture_output=True, start_new_session=True, timeout=120, check=False)  # fmt: skip
    return done.returncode


@pytest.mark.slow
@pytest.mark.parametrize("step", MAKING)
def test_killed_at_each_step_it_is_made_all_the_same_and_told_once(asked, step):
    assert round_of_its_own(step) == -signal.SIGKILL, STEPS[step]
    left = Report.objects.get()
    if step == "report.done":
        assert left.state == "done"
    else:
        assert (left.state, ReportFile.objects.count(), OutboxMessage.objects.count()) == ("running", 0, 0)
        with acting(factories.SETUP):  # as if the two minutes had passed
            Report.objects.update(claimed_until=timezone.now())
    make_reports()
    report = Report.objects.get(key="week TEST")
    assert (report.state, report.rows_done, ReportFile.objects.filter(report=report).count()) == ("done", 7, 3)
    assert OutboxMessage.objects.filter(key="week TEST").count() == 1


def test_four_makers_at_the_same_moment_make_one_of_each(asked, together):
    with acting(factories.SETUP):
        asked.delete()
        ReportSchedule.objects.update(since=timezone.now() - dt.timedelta(days=8))
    done = together([make_reports] * 4)
    assert [one for one in done if isinstance(one, Exception)] == []
    assert (sum(one.asked for one in done), sum(one.made for one in done)) == (1, 1)
    assert (Report.objects.count(), ReportFile.objects.count(), OutboxMessage.objects.count()) == (1, 3, 1)


def test_two_who_have_seen_the_same_one_do_not_both_take_it(asked, together, monkeypatch):
    gate, mine, real = threading.Barrier(2), threading.local(), ReportQuerySet.first

    def first(self):
        found = real(self)
        if not getattr(mine, "has_seen", False):
            mine.has_seen = True
            gate.wait(30)
        return found

    def take() -> Report | None:
        with acting(factories.SETUP):
            return report_maker.take(timezone.now())

    monkeypatch.setattr(ReportQuerySet, "first", first)
    taken = together([take, take])
    assert sorted(str(one) for one in taken) == ["None", "week TEST"]
    assert Report.objects.get().attempts == 1
