"""Each thing that can be wrong is made wrong, and `manage.py doctor` says that line and no other; so does `/health/`.

Worker and beat, killed and hung, are in `test_silence.py`; here nothing of the two runs, and their lines are left out.
"""

import datetime as dt

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from letters.domain.history import acting
from letters.models import Heartbeat, MailPreference
from letters.reminders.dispatch import dispatch
from letters.reminders.outbox import compose
from letters.reminders.signs import PING, SINCE
from letters.reminders.sweep import sweep
from letters.report_maker import make_reports
from tests import factories
from tests.mailbox import serving, serving_the_site
from tests.notices import notice
from tests.tracker.processes import free_port, manage

NOW = dt.datetime(2026, 5, 27, 16, tzinfo=dt.UTC)  # a Wednesday, noon in Washington


@pytest.fixture
def clock(db):
    with time_machine.travel(NOW, tick=False) as traveller:
        cache.delete_many([PING, SINCE])
        yield traveller
    cache.delete_many([PING, SINCE])


@pytest.fixture
def said(capsys, clock):
    """The names of doctor's lines, and of the parts that `/health/` calls broken: without worker and beat.

    Reports have a round of their own, which only the test about it asks for.
    """

    def ask(*, reports: bool = False) -> tuple[set[str], set[str]]:
        with pytest.raises(SystemExit) as ended:
            call_command("doctor")
        assert ended.value.code == 1  # worker and beat do not run here
        lines = {line.partition(":")[0] for line in capsys.readouterr().out.splitlines()}
        body = Client().get("/health/").json()
        broken = {name for name, well in body.items() if well is False}
        left_out = {"worker", "beat"} | (set() if reports else {"reports"})
        return lines - left_out, broken - left_out

    return ask


@pytest.fixture
def mailed(staff, settings):
    """Somebody who is mailed at once, on a server that takes everything unless told not to."""
    staff.email = "staff@office.example"
    staff.save()
    with acting(staff):
        MailPreference.objects.create(user=staff, mode="each", quiet_weekdays=[])
    with serving_the_site(settings) as box:
        yield box


def test_after_a_round_of_each_all_is_well(said, reference):
    sweep()
    dispatch()
    assert said() == (set(), set())


ROUNDS = {"sweep": sweep, "dispatch": dispatch, "reports": make_reports}


@pytest.mark.parametrize(("silent", "within"), [("sweep", 11), ("dispatch", 3), ("reports", 3)])
def test_a_round_that_does_not_come(said, clock, reference, silent, within):
    ROUNDS[silent]()
    for minutes, lines in ((within, set()), (1, {silent})):
        clock.shift(dt.timedelta(minutes=minutes))
        for name in ROUNDS.keys() - {silent}:
            ROUNDS[name]()
        assert said(reports=True) == (lines, lines)


def test_a_clock_that_was_set_back(said, clock, reference):
    clock.shift(dt.timedelta(hours=3))
    sweep()
    dispatch()
    clock.shift(dt.timedelta(hours=-3))
    assert said() == ({"clock"}, {"clock"})


def test_mail_that_waits(said, clock, staff, mailed):
    notice(factories.item(), staff)
    with acting(staff):
        compose(timezone.now())
    clock.shift(dt.timedelta(minutes=11))
    sweep()
    Heartbeat.objects.create(name="dispatch", started_at=timezone.now(), finished_at=timezone.now())
    assert said() == ({"outbox"}, {"outbox"})
    body = Client().get("/health/").json()
    assert (body["mails_waiting"], body["oldest_unsent_at"]) == (1, NOW.isoformat())
    dispatch()
    assert said() == (set(), set())
    assert Client().get("/health/").json()["mails_waiting"] == 0


def test_a_mail_server_that_is_away_for_long_is_said_by_both_and_loses_nothing(said, clock, staff, mailed, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    for _ in range(3):
        notice(factories.item(), staff)
    for _ in range(61):
        dispatch()
        clock.shift(dt.timedelta(minutes=1))
    sweep()
    assert all("mail_away" in names for names in said())
    settings.EMAIL_PORT = port
    for _ in range(2):  # in the first whatever is due; it shows that the server is back
        dispatch()
    assert len(set(mailed.ids)) == len(mailed.ids) == 3  # at once, whenever each was to be tried next
    assert said() == (set(), set())


def test_a_mail_server_that_was_stopped_days_ago_is_said_by_all_three_though_no_mail_is_late(
    said, clock, staff, admin, settings
):
    """A real server, really stopped, and one mail: between its tries nothing is overdue, and yet nothing goes."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_USE_TLS = False
    staff.email = "staff@office.example"
    staff.save()
    with acting(staff):
        MailPreference.objects.create(user=staff, mode="each", quiet_weekdays=[])
    client = Client()
    client.force_login(admin)
    strip = "The mail server takes no mail, so no reminder is mailed."
    with serving() as box:
        settings.EMAIL_PORT = box.port
        notice(factories.item(), staff)
        dispatch()
        assert len(box.ids) == 1
    notice(factories.item(), staff)
    for hours in (0, 0.5, 1, 30, 30):
        clock.shift(dt.timedelta(hours=hours))
        sweep()
        dispatch()
        is_said = {"mail_away"} if hours >= 1 else set()
        assert said() == (is_said, is_said)
        body = Client().get("/health/")
        assert (body.status_code, body.json()["mails_waiting"]) == (503, 1)  # worker and beat do not run here
        assert (strip in client.get("/help/rights/").content.decode()) == bool(is_said)


def test_an_address_that_is_refused_is_said_by_both_and_stops_nothing(said, clock, staff, mailed):
    mailed.refused["staff@office.example"] = "550 no such user"
    notice(factories.item(), staff)
    dispatch()
    clock.shift(dt.timedelta(minutes=61))
    dispatch()
    sweep()
    assert said() == ({"mail"}, {"mail"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "url", "lines"),
    [
        ("DATABASE_URL", "postgres://me@127.0.0.1:{}/none", ["database"]),
        # a new folder has no tables either, and behind a database nothing else can be known
        ("BROKER_URL", "redis://127.0.0.1:{}/0", ["database", "broker"]),
    ],
)
def test_a_server_that_is_away_is_said_first_and_nothing_behind_it(name, url, lines, tmp_path):
    tmp_path.chmod(0o711)
    done = manage("doctor", TRACKER_DATA=str(tmp_path / "data"), **{name: url.format(free_port())})
    said = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert (done.returncode, [part for part in said if part not in ("worker", "beat")]) == (1, lines), done.stderr[
        -2000:
    ]
