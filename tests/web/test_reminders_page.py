"""/reminders/: what the schedule sent, would send, and is."""

import datetime as dt
import html
import re

import pytest

from letters.domain import items, sending
from letters.domain.history import acting
from letters.models import Notice, ReminderRule, Tasking
from letters.reminders.facts import load_schedule
from letters.reminders.forecast import coming
from letters.reminders.hush import hush
from letters.reminders.sweep import sweep
from tests import factories
from tests.factories import on

DUE = dt.date(2023, 5, 24)


def text(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.fixture
def tasking(staff) -> Tasking:
    with on(4, 25):
        return items.assign(factories.item(), by=factories.SETUP, owner=staff)


def test_it_says_what_would_come_and_what_came(tasking, client, staff):
    with on(5, 20):
        client.force_login(staff)
        sweep()
        answer = client.get("/reminders/")
    page = text(answer)
    ahead, behind = page.split("Over the last 30 days", 1)
    item = "Treasury: TEST ask 2023-0001"
    assert f"May 24, 2023 {item} the day has come staff" in ahead
    assert f"May 31, 2023 {item} a week past the day staff" in ahead
    assert f"June 14, 2023 {item} three weeks past the day staff" in ahead
    assert "45 days past the day" not in ahead
    assert f"today {item} our usual wait, or the time given beyond it, ends within a week nobody; flagged" in behind
    assert f'href="/items/{tasking.pk}/"' in answer.content.decode()
    # a reply that lies unread is told of, and so is a chosen day while an item waits on us: the page promises no silence
    assert (
        "Nobody is chased about one that waits on us, was put off by a contact’s next date, or has a reply nobody has read: "
        "that such a reply lies unread is told all the same, and so is a “remind me on” while an item waits on us."
    ) in page


def test_what_told_nobody_says_every_reason_there_may_be(tasking, client, staff):
    """Of an import nothing was told before and nothing later spoke for it."""
    with on(7, 3):
        with acting(factories.SETUP):
            hush([tasking])
        client.force_login(staff)
        page = text(client.get("/reminders/"))
    assert (
        "5 more reminders told nobody: a later one of the same day spoke for them, they had been told of before, their day was "
        "past when the letter came in or the date was set, or there was nobody to tell."
    ) in page


def test_what_it_says_would_come_is_what_comes(seed, staff, manager):
    """The forecast of one day against a life of daily rounds: the same days, items, rungs and people."""
    with on(5, 10):
        for number, one in enumerate(Tasking.objects.filter(role="lead").order_by("pk")):
            if number % 2:
                items.assign(one, by=staff, owner=staff)
            if number == 3:
                items.snooze(one, by=staff, until=dt.date(2023, 6, 1))
        sweep()
        ahead, left_out = coming(load_schedule(), Tasking.objects.all(), today=dt.date(2023, 5, 11))
    said = {(one.day, one.tasking.pk, one.rung.code, person.username) for one in ahead for person in one.people}
    for number in range(31):
        day = dt.date(2023, 5, 11) + dt.timedelta(days=number)
        sweep(today=day)
    rows = Notice.objects.filter(reminder__fired_on__gte=dt.date(2023, 5, 11)).values_list(
        "reminder__fired_on", "reminder__tasking", "reminder__rule", "to_user__username"
    )
    assert (set(rows), left_out, len(said) > 10) == (said, 0, True)


def test_a_restricted_letter_is_absent_for_who_is_not_named(tasking, client, staff, viewer):
    sending.change_access(tasking.ask.letter, by=factories.SETUP, access="restricted")
    with on(5, 25):
        sweep()
        client.force_login(viewer)
        page = text(client.get("/reminders/"))
    assert "TEST ask" not in page
    assert "Nothing was sent." in page
    assert Notice.objects.filter(to_user=staff).count() == 0  # the owner is not named on it: nobody may tell them


def test_the_schedule_stands_there_as_it_is_kept(reference, client, staff, admin):
    client.force_login(staff)
    page = text(client.get("/reminders/"))
    assert "Nothing comes due." in page
    assert "45 days past the day 45 days after the date the reply is due every open item the owner and managers" in page
    assert (
        "a reply is unread for five business days 5 business days after the day a reply came that nobody has read "
        "every open item the owner"
    ) in page
    assert "only our usual wait nobody; the item is only flagged" in page
    assert "Administrators keep the schedule." in page
    client.force_login(admin)
    assert "Change the schedule" in text(client.get("/reminders/"))


def test_a_rung_changed_in_the_administration_counts_from_the_next_round(tasking, client, admin, staff):
    with on(5, 20):
        sweep()
        rule = ReminderRule.objects.get(code="due")
        client.force_login(admin)
        form = client.get(f"/admin/letters/reminderrule/{rule.pk}/change/").context["adminform"].form
        typed = {name: "" if value is None else value for name, value in form.initial.items()} | {"offset_days": -4}
        answer = client.post(
            f"/admin/letters/reminderrule/{rule.pk}/change/", {k: v for k, v in typed.items() if v is not False}
        )
        assert answer.status_code == 302
        sweep()
    assert list(Notice.objects.values_list("reminder__rule", "to_user__username")) == [("due", "staff")]
