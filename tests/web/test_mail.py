"""Inbox, choices of mail, calendars and mail that fails, as a person meets them."""

import datetime as dt
import re

import icalendar
import pytest
import time_machine
from django.test import Client

from letters.domain import extending, items, mailing
from letters.domain.history import acting
from letters.models import CalendarSubscription, MailPreference, Notice, OutboxMessage, Tasking
from letters.reminders.dispatch import dispatch
from tests import factories
from tests.mailbox import serving
from tests.notices import notice
from tests.web.test_pages import words

NOON = dt.datetime(2023, 5, 25, 16, tzinfo=dt.UTC)
CHOICES = {
    "do": "wishes",
    "mode": "weekly",
    "hour": "17",
    "weekday": "4",
    "quiet_weekdays": ["5", "6"],
    "quiet_until": "",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def as_admin(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def unread_in_head(client: Client) -> str:
    found = re.search(r'data-notices="(\d+)"', client.get("/help/rights/").content.decode())
    return found[1] if found else ""


# --- inbox


def test_told_counted_read_and_unread_again(as_staff, staff):
    tasking = factories.item()
    one = notice(tasking, staff)
    assert unread_in_head(as_staff) == "1"
    page = words(as_staff.get("/inbox/"))
    assert "Treasury: TEST ask No reply recorded, 1 day past our usual wait (May 24, 2023; nobody set a date)" in page
    assert (
        as_staff.post("/inbox/mark/", {"do": "read", "notice": one.pk, "back": "/inbox/?show=all"}).url
        == "/inbox/?show=all"
    )
    assert unread_in_head(as_staff) == ""
    assert "Nothing unread" in words(as_staff.get("/inbox/"))
    assert "Mark as unread" in words(as_staff.get("/inbox/?show=all"))
    as_staff.post("/inbox/mark/", {"do": "unread", "notice": one.pk})
    assert unread_in_head(as_staff) == "1"


def test_all_that_was_shown_at_once_and_only_ones_own(as_staff, staff, manager, clock):
    for person in (staff, manager):
        for _ in range(2):
            notice(factories.item(), person)
    others = Notice.objects.filter(to_user=manager)
    as_staff.post("/inbox/mark/", {"do": "read", "notice": [one.pk for one in others]})
    assert others.unread().count() == 2
    drawn = as_staff.get("/inbox/").content.decode()
    sent = {"do": "all", "upto": re.search(r'name="upto" value="([^"]+)"', drawn)[1]}
    clock.shift(1)
    unseen = notice(factories.item(), staff)
    assert "2 reminders marked as read." in words(as_staff.post("/inbox/mark/", sent, follow=True))
    assert list(Notice.objects.filter(to_user=staff).unread()) == [unseen]
    assert others.unread().count() == 2


def test_what_is_no_longer_so_says_it(as_staff, staff):
    tasking = factories.item()
    notice(tasking, staff)
    factories.moved(tasking, "promised")
    assert "no longer so: promised by June 24, 2023" in words(as_staff.get("/inbox/"))


def test_what_is_no_longer_so_says_what_made_it_so_and_not_what_never_changed(as_staff, staff):
    happened = {
        "reply received, not yet read": lambda item: factories.reply(item, coverage=None),
        "remind me on June 1, 2023": lambda item: items.snooze(item, by=staff, until=dt.date(2023, 6, 1)),
        "its date is June 30, 2023 now": lambda item: extending.extend(
            item, by=staff, to=dt.date(2023, 6, 30), by_notice=True
        ),
    }
    for does in happened.values():
        tasking = factories.item()
        notice(tasking, staff)
        does(tasking)
    page = words(as_staff.get("/inbox/"))
    assert sorted(re.findall(r"no longer so: (.+?) Why:", page)) == sorted(happened)


def test_a_letter_that_is_closed_to_somebody_is_in_no_count_of_theirs(as_staff, staff):
    tasking = factories.item(access="restricted", staff=[staff])
    notice(tasking, staff)
    assert unread_in_head(as_staff) == "1"
    with acting(factories.SETUP):
        tasking.ask.letter.staff.clear()
    assert unread_in_head(as_staff) == ""
    assert "TEST ask" not in words(as_staff.get("/inbox/?show=all"))


def test_pages_by_a_cursor_show_each_once(as_staff, staff, monkeypatch, clock):
    monkeypatch.setattr("letters.web.inbox.PAGE", 2)
    for _ in range(5):
        notice(factories.item(), staff)
        clock.shift(60)
    address, seen = "/inbox/", []
    while address:
        page = as_staff.get(address).content.decode()
        seen += re.findall(r'href="/items/([0-9a-f-]{36})/" data-open', page)
        found = re.search(r'href="(\?[^"]+)" rel="next"', page)
        address = "/inbox/" + found[1].replace("&amp;", "&") if found else ""
    assert (len(seen), len(set(seen))) == (5, 5)


@pytest.mark.parametrize(
    ("sent", "status"), [({"do": "read", "notice": "x"}, 404), ({"do": "burn"}, 400), ({}, 400), ({"do": "all"}, 400)]
)
def test_what_cannot_be_marked(as_staff, sent, status):
    assert as_staff.post("/inbox/mark/", sent).status_code == status


def test_it_leads_to_no_other_site(as_staff, staff):
    answer = as_staff.post("/inbox/mark/", {"do": "read", "back": "https://elsewhere.example/"})
    assert answer.url == "/inbox/"


# --- choices and the next mail


def test_choices_are_kept_and_said(as_staff, staff):
    assert "Next mail: May 26, 2023 at 8 a.m." in words(as_staff.get("/mail/"))
    assert "Saved." in words(as_staff.post("/mail/", CHOICES, follow=True))
    kept = MailPreference.objects.get(user=staff)
    assert (kept.mode, kept.hour, kept.weekday, kept.quiet_weekdays) == ("weekly", 17, 4, [5, 6])
    assert "Next mail: May 26, 2023 at 5 p.m." in words(as_staff.get("/mail/"))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"quiet_until": "soon"}, "“soon” is not a date. Write it as 2023-05-24, 05/24/2023 or May 24, 2023."),
        ({"quiet_weekdays": list("0123456")}, "Every day is without mail. Leave one, or choose “not by mail”."),
        ({"hour": "25"}, "25"),
        ({"mode": "hourly"}, "hourly"),
    ],
)
def test_wrong_choices_are_said_and_stay(as_staff, changed, sentence):
    page = as_staff.post("/mail/", CHOICES | changed)
    assert page.status_code == 422
    assert sentence in words(page)
    assert not MailPreference.objects.exists()


def test_the_next_mail_is_shown_as_text_and_in_a_frame_that_may_do_nothing(as_staff, staff, settings):
    tasking = factories.item(ask_facts={"summary": "TEST <script>alert(1)</script>"})
    notice(tasking, staff)
    page = as_staff.get("/mail/")
    assert "1 reminder of the day, about 1 agency" in words(page)
    assert '<iframe class="mail-preview"' in page.content.decode()
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    framed = as_staff.get("/mail/preview/0/")
    policy = framed.headers["Content-Security-Policy"]
    assert ("sandbox" in policy, "default-src 'none'" in policy, "script" in policy) == (True, True, False)
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "TEST &lt;script&gt;" in framed.content.decode()
    assert not OutboxMessage.objects.exists()  # looking sends nothing
    assert as_staff.get("/mail/preview/1/").status_code == 404


def test_without_a_mail_server_the_page_says_so_and_of_each_mail_too(as_staff, staff, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    staff.email = "staff@office.example"
    with acting(staff):
        staff.save()
        MailPreference.objects.create(user=staff, mode="each", quiet_weekdays=[])
    notice(factories.item(), staff)
    dispatch()
    page = words(as_staff.get("/mail/"))
    assert "This site has no mail server (EMAIL_URL is not set). Mails are written to files on it and not sent" in page
    assert "written to a file, not sent, " in page
    assert Client().get("/health/").json()["mails_are_sent"] is False


# --- calendars


def made(client: Client) -> str:
    page = client.post("/mail/", {"do": "calendar", "name": "TEST phone"}).content.decode()
    return re.search(r"http://[^<\s]+(/calendar/[\w-]{43}\.ics)", page)[1]


def test_a_calendar_program_reads_the_dates_with_their_reasons_and_each_once(as_staff, staff, manager):
    tasking = factories.item()
    items.assign(tasking, by=staff, owner=staff)
    factories.item(ask_facts={"summary": "TEST of nobody"})
    factories.item(ask_facts={"summary": "TEST of mine to work on"}, staff=[staff, manager])
    with acting(factories.SETUP):
        tasking.ask.letter.staff.add(staff, manager)
    address = made(as_staff)
    answer = Client().get(address)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    events = {str(event["summary"]): event for event in calendar.walk("VEVENT")}
    assert len(calendar.walk("VEVENT")) == len(events)
    assert sorted(events) == [
        "Treasury: TEST ask (our usual wait ends; nobody set a date)",
        "Treasury: TEST of mine to work on (our usual wait ends; nobody set a date)",
    ]
    event = events["Treasury: TEST ask (our usual wait ends; nobody set a date)"]
    assert (event["dtstart"].dt, event["dtend"].dt) == (dt.date(2023, 5, 24), dt.date(2023, 5, 25))
    assert str(event["description"]).startswith(
        "Sent April 25, 2023. Our usual wait: 21 business days (State’s own goal, GAO-14-424). Skipped: 8 weekend days"
    )
    assert str(event["uid"]) == f"{tasking.pk}-due@correspondence"


@pytest.mark.parametrize("deadline_on", [None, dt.date(2023, 5, 24)], ids=["our usual wait", "the letter's date"])
def test_a_date_that_more_time_gave_is_called_that(as_staff, staff, deadline_on):
    tasking = factories.item(deadline_on=deadline_on)
    items.assign(tasking, by=staff, owner=staff)
    extending.extend(Tasking.objects.get(pk=tasking.pk), by=staff, to=dt.date(2023, 6, 30), by_notice=False)
    (event,) = icalendar.Calendar.from_ical(Client().get(made(as_staff)).content).walk("VEVENT")
    assert str(event["summary"]) == "Treasury: TEST ask (the time they were given ends)"
    assert event["dtstart"].dt == dt.date(2023, 6, 30)


def test_a_closed_item_leaves_and_remind_me_on_stands(as_staff, staff):
    tasking, other = factories.item(), factories.item()
    for one in (tasking, other):
        items.assign(one, by=staff, owner=staff)
    items.snooze(Tasking.objects.get(pk=tasking.pk), by=staff, until=dt.date(2023, 6, 1))
    factories.moved(other, "withdrawn")
    days = [
        event["dtstart"].dt
        for event in icalendar.Calendar.from_ical(Client().get(made(as_staff)).content).walk("VEVENT")
    ]
    assert sorted(days) == [dt.date(2023, 5, 24), dt.date(2023, 6, 1)]


def test_a_calendar_that_is_cut_keeps_the_days_to_come(as_staff, staff, monkeypatch):
    days = [dt.date(2023, month, 9) for month in (5, 6, 7)]
    for day in days:
        items.assign(factories.item(deadline_on=day), by=staff, owner=staff)
    chosen = Tasking.objects.get(due_on=days[0])  # its date has passed, and somebody chose a day to come
    items.snooze(chosen, by=staff, until=dt.date(2023, 8, 1))
    items.assign(factories.item(), by=staff, owner=staff)
    monkeypatch.setattr("letters.reminders.calendar.MOST", 3)
    events = icalendar.Calendar.from_ical(Client().get(made(as_staff)).content).walk("VEVENT")
    assert sorted(event["dtstart"].dt for event in events) == [*days, dt.date(2023, 8, 1)]


def test_the_address_is_shown_once_kept_as_a_digest_and_ended_for_good(as_staff, staff):
    address = made(as_staff)
    kept = CalendarSubscription.objects.get()
    assert address.removeprefix("/calendar/")[:43] not in str(vars(kept))
    assert address not in as_staff.get("/mail/").content.decode()
    assert Client().get(address).status_code == 200
    as_staff.post(f"/mail/calendars/{kept.pk}/end/")
    gone = Client().get(address)
    assert (gone.status_code, gone.content.decode()) == (
        404, "There is no such calendar. It may have been ended; make a new one under Mail.",
    )  # fmt: skip


def test_who_may_no_longer_sign_in_has_no_calendar(as_staff, staff):
    address = made(as_staff)
    with acting(factories.SETUP):
        staff.is_active = False
        staff.save()
    assert Client().get(address).status_code == 404


def test_a_restricted_letter_is_in_the_calendar_of_named_staff_only(as_staff, staff):
    tasking = factories.item(access="restricted", staff=[staff])
    items.assign(tasking, by=staff, owner=staff)
    address = made(as_staff)
    assert b"TEST ask" in Client().get(address).content
    with acting(factories.SETUP):
        tasking.ask.letter.staff.clear()
    assert b"TEST ask" not in Client().get(address).content


def test_nobody_ends_anothers_calendar(as_staff, manager):
    calendar, _ = mailing.subscribe(by=manager, name="TEST")
    assert as_staff.post(f"/mail/calendars/{calendar.pk}/end/").status_code == 404
    calendar.refresh_from_db()
    assert calendar.revoked_at is None


def test_a_calendar_needs_a_name(as_staff):
    page = as_staff.post("/mail/", {"do": "calendar", "name": " "})
    assert (page.status_code, "The name is missing." in words(page)) == (422, True)


# --- mail that fails


def test_an_administrator_sees_the_answer_corrects_the_address_and_it_goes(as_admin, staff, settings, clock):
    staff.email = "wrong@office.example"
    staff.save()
    notice(factories.item(), staff)
    clock.shift(dt.timedelta(days=1))
    with serving() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", box.port, False
        box.refused["wrong@office.example"] = "550 5.1.1 no such user"
        assert dispatch().failed == 1
        page = words(as_admin.get("/mail/failing/"))
        assert (
            "staff wrong@office.example 1 mail; the newest, “1 reminder of the day, about 1 agency”, was tried once."
            in page
        )
        assert "wrong@office.example: 550 5.1.1 no such user" in page
        address = f"/mail/failing/{staff.pk}/"
        refused = as_admin.post(address, {"do": "address", "email": "no address"})
        assert (refused.status_code, "“no address” is not an e-mail address." in words(refused)) == (422, True)
        assert 'value="no address"' in refused.content.decode()
        done = as_admin.post(address, {"do": "address", "email": "right@office.example"}, follow=True)
        assert "The address of staff is right@office.example." in words(done)
        assert dispatch().sent == 1
        assert [mail["To"] for mail in box.accepted] == ["right@office.example"]
    assert "No mail is in trouble" in words(as_admin.get("/mail/failing/"))


def test_one_person_with_many_mails_in_trouble_hides_nobody(as_admin, staff, manager, clock):
    def in_trouble(user, number):
        return OutboxMessage(
            to_user=user, kind="reminder", key=f"TEST {number}", message_id=f"<{user} {number}@x>", subject=f"TEST {number}",
            body="TEST", attempts=1, last_error="550 no", next_attempt_at=NOON + dt.timedelta(days=1, minutes=-number),
        )  # fmt: skip

    with acting(factories.SETUP):
        in_trouble(manager, 1).save()
        clock.shift(60)
        OutboxMessage.objects.bulk_create([in_trouble(staff, number) for number in range(101)])
        OutboxMessage.objects.filter(subject="TEST 7").update(created_at=NOON + dt.timedelta(hours=1))
    page = words(as_admin.get("/mail/failing/"))
    assert "101 mails; the newest, “TEST 7”, was tried once. Next attempt: May 26, 2023, 10:20 a.m." in page
    assert "manager no address 1 mail; the newest, “TEST 1”" in page
    assert page.index("101 mails") < page.index("manager no address")


def test_what_was_given_up_is_tried_again_when_told_to(as_admin, staff):
    with acting(factories.SETUP):
        OutboxMessage.objects.create(
            to_user=staff, kind="report", key="TEST", message_id="<TEST@x>", subject="TEST", body="TEST", state="failed",
            attempts=9, last_error="550 no",
        )  # fmt: skip
    assert "It is given up." in words(as_admin.get("/mail/failing/"))
    as_admin.post(f"/mail/failing/{staff.pk}/", {"do": "again"})
    message = OutboxMessage.objects.get()
    assert (message.state, message.attempts, message.next_attempt_at) == ("waiting", 0, NOON)


def test_people_without_an_address_are_named(as_admin, staff):
    assert "No address on record" in words(as_admin.get("/mail/failing/"))


def test_only_administrators_see_it(as_staff):
    answer = as_staff.get("/mail/failing/")
    assert (answer.status_code, "Ask an administrator." in words(answer)) == (403, True)
