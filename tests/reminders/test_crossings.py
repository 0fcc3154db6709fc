"""Across midnight and the two nights on which clocks change: every reminder once, every mail once, none early.

A sweep and a round of mail every hour, as worker and beat do them, to a mail server that is real.
"""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from letters.domain import items
from letters.domain.history import acting
from letters.models import Event, MailPreference, Notice, OutboxMessage, Reminder, Tasking
from letters.reminders.dispatch import dispatch
from letters.reminders.sweep import sweep
from tests import factories
from tests.mailbox import serving

ZONE = ZoneInfo("America/New_York")
STEP = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(dt.date(2023, 5, 25), 24), (dt.date(2023, 3, 12), 23), (dt.date(2023, 11, 5), 25), (dt.date(2024, 1, 1), 24)],
    ids=["an ordinary night", "an hour is skipped", "an hour comes twice", "a new year"],
)
@pytest.mark.parametrize(("mode", "hour"), [("each", 8), ("daily", 1), ("daily", 2), ("daily", 0)])
def test_a_date_passes_at_midnight_and_is_mailed_once(reference, staff, settings, day, hours, mode, hour):
    staff.email = "staff@office.example"
    staff.save()
    eve = day - dt.timedelta(days=1)
    start = dt.datetime.combine(eve, dt.time(20), ZONE).astimezone(dt.UTC)
    end = dt.datetime.combine(day + dt.timedelta(days=2), dt.time(4), ZONE).astimezone(dt.UTC)
    assert (end - start) == dt.timedelta(hours=4 + hours + 24 + 4)
    with serving() as box, time_machine.travel(start, tick=False) as clock:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", box.port, False
        with acting(staff):
            MailPreference.objects.create(user=staff, mode=mode, hour=hour, quiet_weekdays=[])
        # asked for by the eve: late from midnight on
        for number in range(3):
            letter = factories.sent(
                sent_on=eve - dt.timedelta(days=30), deadline_on=eve, subject=f"TEST letter {number}"
            )
            items.assign(Tasking.objects.get(ask__letter=letter), by=staff, owner=staff)
        began, moment = {}, start
        while moment < end:
            clock.move_to(moment)
            sweep()
            dispatch()
            late = Event.objects.filter(kind="past_due").count()
            if late and "late" not in began:
                began["late"] = timezone.localtime()
            moment += STEP
        midnight = dt.datetime.combine(day, dt.time(), ZONE)
        assert began["late"] == midnight
        assert set(Event.objects.filter(kind="past_due").values_list("occurred_at", flat=True)) == {midnight}
        assert (
            Counter(Event.objects.filter(kind="past_due").values_list("tasking", flat=True)).most_common(1)[0][1] == 1
        )
        keys = list(Reminder.objects.values_list("tasking", "rule", "due_on"))
        assert len(keys) == len(set(keys)) >= 3
        assert Notice.objects.filter(message__isnull=True).count() == 0
        assert OutboxMessage.objects.filter(state="sent").count() == OutboxMessage.objects.count()
        assert sorted(box.ids) == sorted(OutboxMessage.objects.values_list("message_id", flat=True))
        if mode == "daily":
            days = [timezone.localdate(one) for one in OutboxMessage.objects.values_list("sent_at", flat=True)]
            assert len(days) == len(set(days)), "two mails on one day"
            # an hour that does not exist begins when the gap ends
            assert {
                timezone.localtime(one).hour for one in OutboxMessage.objects.values_list("sent_at", flat=True)
            } <= {hour, 3 if day.month == 3 and hour == 2 else hour}
