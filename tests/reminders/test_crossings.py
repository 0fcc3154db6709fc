"""Across midnight and the two nights on which clocks change: every reminder once, every mail once, none early.

A sweep and a round of mail every hour, as worker and beat do them, to a mail server that is real.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from letters.domain import items
from letters.domain.history import acting
from letters.models import Event, MailPreference, Notice, OutboxMessage, Reminder, User
from letters.reminders.dispatch import dispatch
from letters.reminders.sweep import sweep
from tests import factories
from tests.mailbox import serving

ZONE = ZoneInfo("America/New_York")
STEP = dt.timedelta(hours=1)
# One at a time, or one digest a day at this hour: among them the hour that is skipped, and the one that comes twice.
MODES = [("each", 8), ("daily", 1), ("daily", 2), ("daily", 0)]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(dt.date(2023, 5, 25), 24), (dt.date(2023, 3, 12), 23), (dt.date(2023, 11, 5), 25), (dt.date(2024, 1, 1), 24)],
    ids=["an ordinary night", "an hour is skipped", "an hour comes twice", "a new year"],
)
def test_a_date_passes_at_midnight_and_is_mailed_once_to_each_as_each_wants_it(reference, settings, day, hours):
    eve = day - dt.timedelta(days=1)
    start = dt.datetime.combine(eve, dt.time(20), ZONE).astimezone(dt.UTC)
    end = dt.datetime.combine(day + dt.timedelta(days=2), dt.time(4), ZONE).astimezone(dt.UTC)
    assert (end - start) == dt.timedelta(hours=4 + hours + 24 + 4)
    with serving() as box, time_machine.travel(start, tick=False) as clock:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", box.port, False
        people = {(mode, hour): owner_of_two(mode, hour, eve) for mode, hour in MODES}
        began, moment = None, start
        while moment < end:
            clock.move_to(moment)
            sweep()
            dispatch()
            if began is None and Event.objects.filter(kind="past_due").exists():
                began = timezone.localtime()
            moment += STEP
    midnight = dt.datetime.combine(day, dt.time(), ZONE)
    assert began == midnight
    events = list(Event.objects.filter(kind="past_due").values_list("tasking", "occurred_at"))
    assert {moment for _, moment in events} == {midnight}
    assert len({tasking for tasking, _ in events}) == len(events) == 2 * len(MODES)
    keys = list(Reminder.objects.values_list("tasking", "rule", "due_on"))
    assert len(keys) == len(set(keys)) >= 2 * len(MODES)
    assert Notice.objects.filter(message__isnull=True).count() == 0
    assert OutboxMessage.objects.filter(state="sent").count() == OutboxMessage.objects.count()
    assert sorted(box.ids) == sorted(OutboxMessage.objects.values_list("message_id", flat=True))
    for (mode, hour), person in people.items():
        sent = [timezone.localtime(one) for one in person.messages.values_list("sent_at", flat=True)]
        assert sent, (mode, hour)
        if mode == "daily":
            assert len({one.date() for one in sent}) == len(sent), "two mails on one day"
            # an hour that does not exist begins when the gap ends
            assert {one.hour for one in sent} <= {hour, 3 if day.month == 3 and hour == 2 else hour}


def owner_of_two(mode: str, hour: int, eve: dt.date) -> User:
    """A person who wants mail this way, with two items that were asked for by the eve: late from midnight on."""
    name = f"{mode}-{hour}"
    person = factories.user(username=name, email=f"{name}@office.example")
    with acting(person):
        MailPreference.objects.create(user=person, mode=mode, hour=hour, quiet_weekdays=[])
    for number in range(2):
        item = factories.item(
            sent_on=eve - dt.timedelta(days=30), deadline_on=eve, subject=f"TEST letter {name} {number}"
        )
        items.assign(item, by=person, owner=person)
    return person
