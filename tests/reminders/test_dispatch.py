"""From a notice to a mail server that is real: once each, as each person wants it, and only what is still so."""

import datetime as dt
import smtplib
import threading

import pytest
import time_machine
from django.core import mail as django_mail

from letters.domain import items, workflow
from letters.domain.history import acting
from letters.models import (
    Heartbeat,
    LetterStaff,
    MailPreference,
    Notice,
    OutboxMessage,
    ReminderRule,
    Report,
    ReportRecipient,
)
from letters.reminders import dispatch as dispatching
from letters.reminders import wording
from letters.reminders.dispatch import dispatch, take, wait_after
from letters.reminders.outbox import compose, lines_of
from tests import factories
from tests.mailbox import serving
from tests.notices import notice

# Thursday, the day after the seed's dates passed, at noon in Washington
NOON = dt.datetime(2023, 5, 25, 16, tzinfo=dt.UTC)


@pytest.fixture
def mailbox(settings):
    with serving() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", box.port, False
        settings.EMAIL_TIMEOUT = 5
        settings.DEFAULT_FROM_EMAIL = "correspondence@office.example"
        settings.SITE_ADDRESS = "https://letters.example"
        yield box


@pytest.fixture
def owner(staff):
    staff.email = "staff@office.example"
    staff.save()
    return staff


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def prefer(user, **wishes):
    with acting(user):
        MailPreference.objects.update_or_create(user=user, defaults=wishes)


def leads():
    return list(factories.Tasking.objects.filter(role="lead").order_by("agency__short_name", "ask__number"))


def told(user, taskings):
    return [notice(tasking, user) for tasking in taskings]


def test_one_mail_each_says_what_where_and_why(seed, owner, mailbox, clock):
    prefer(owner, mode="each")
    with acting(factories.SETUP):
        ReminderRule.objects.create(code="past_due", words="the day after the date", anchor="due", offset_days=1)
    told(owner, leads()[:1])
    assert dispatch().words() == "1 mails written, 1 sent"
    (got,) = mailbox.accepted
    item = leads()[0]
    assert (got["To"], got["From"], got["Auto-Submitted"]) == (
        "staff@office.example", "correspondence@office.example", "auto-generated",
    )  # fmt: skip
    assert got["Subject"] == f"Commerce: {item.ask.summary}"
    text = got.get_body(("plain",)).get_content()
    assert "no reply recorded, 1 day past our usual wait (May 24, 2023; nobody set a date)." in text
    assert "Why now: the day after the date." in text
    assert f"https://letters.example/items/{item.pk}/" in text
    assert "overdue" not in text
    html = got.get_body(("html",)).get_content()
    assert f'<a href="https://letters.example/items/{item.pk}/"' in html
    assert "No reply recorded, 1 day past our usual wait (May 24, 2023; nobody set a date)." in html


def _asked_us(tasking, by):
    workflow.transition(tasking, to="clarification", by=by)


def _answered(tasking, by):
    factories.reply(tasking, received_on=dt.date(2023, 5, 2))


def _no_position(tasking, by):
    workflow.transition(tasking, to="considering", by=by)
    items.set_review(factories.fresh(tasking), by=by, on=dt.date(2023, 8, 1))


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (_asked_us, "waiting on us, the clock stands still"),
        (_answered, "substantive reply received May 2, 2023"),
        (_no_position, "they take no position; we look again on August 1, 2023"),
    ],
    ids=["waits on us", "answered", "under review"],
)
def test_remind_me_on_says_no_lateness_where_the_clock_stands_still_and_which_day_it_was(
    reference, owner, clock, since, said
):
    tasking = factories.item(deadline_on=dt.date(2023, 5, 13))
    since(tasking, owner)
    notice(tasking, owner, rule="remind_me", due_on=dt.date(2023, 5, 22))  # told in a weekly mail, days after
    ((_, line),) = lines_of(Notice.objects.all(), NOON.date())
    assert line.fact == f"somebody chose May 22, 2023 to be reminded: {said}"


def test_a_digest_is_grouped_by_agency(seed, owner, mailbox, clock):
    told(owner, leads())
    clock.move_to(NOON + dt.timedelta(days=1))
    assert dispatch().words() == "1 mails written, 1 sent"
    (got,) = mailbox.accepted
    assert got["Subject"] == "7 reminders of the day, about 3 agencies"
    text = got.get_body(("plain",)).get_content()
    heads = [
        line
        for line, under in zip(text.splitlines(), text.splitlines()[1:], strict=False)
        if under == "-" * len(line) and line
    ]
    assert heads == ["Commerce", "State", "Treasury"]
    assert OutboxMessage.objects.get().notices.count() == 7


def test_once_a_day_and_what_comes_later_waits_for_the_next(seed, owner, mailbox, clock):
    items_ = leads()
    clock.move_to(NOON.replace(hour=11))
    told(owner, items_[:2])
    clock.move_to(NOON.replace(hour=12))
    assert dispatch().sent == 1
    told(owner, items_[2:])
    for minutes in (1, 2, 300):
        clock.move_to(NOON.replace(hour=12) + dt.timedelta(minutes=minutes))
        assert dispatch().words() == "0 mails written, 0 sent"
    clock.move_to(NOON.replace(hour=12) + dt.timedelta(days=1))
    assert dispatch().sent == 1
    assert [mail["Subject"][:13] for mail in mailbox.accepted] == ["2 reminders o", "5 reminders o"]


def test_a_week_has_one_mail_on_its_day_and_none_on_another(seed, owner, mailbox, clock):
    prefer(owner, mode="weekly", weekday=0, hour=8)
    items_ = leads()
    sent = []
    for day in range(12):  # from Thursday, May 25
        clock.move_to(NOON + dt.timedelta(days=day))
        sent.append((dispatch().sent, dispatch().sent))
        if day < 6:
            told(owner, items_[day : day + 1])
    assert sent == [(1, 0) if day in (4, 11) else (0, 0) for day in range(12)]
    subjects = [mail["Subject"] for mail in mailbox.accepted]
    assert [words[:24] for words in subjects] == ["4 reminders of the week,", "2 reminders of the week,"]


def test_nobody_is_mailed_on_a_quiet_day_or_before_they_are_back(seed, owner, mailbox, clock):
    told(owner, leads()[:1])
    prefer(owner, quiet_until=dt.date(2023, 5, 30))
    sent = []
    for day in range(1, 8):
        clock.move_to(NOON + dt.timedelta(days=day))
        sent.append(dispatch().sent)
    assert sent == [0, 0, 0, 0, 1, 0, 0]


def test_mode_none_inactive_people_and_people_without_an_address_get_no_mail(
    seed, owner, viewer, manager, mailbox, clock
):
    viewer.email, viewer.is_active = "viewer@office.example", False
    with acting(factories.SETUP):
        viewer.save()
    prefer(owner, mode="none")
    for person in (owner, viewer, manager):
        told(person, leads()[:1])
    clock.move_to(NOON + dt.timedelta(days=1))
    assert dispatch().words() == "0 mails written, 0 sent"
    assert Notice.objects.unread().count() == 3


def test_more_than_twenty_at_once_come_in_one(seed, owner, mailbox, clock, monkeypatch):
    monkeypatch.setattr("letters.reminders.outbox.ONE_AT_A_TIME", 6)
    prefer(owner, mode="each")
    told(owner, leads())
    assert dispatch().sent == 1
    assert mailbox.accepted[0]["Subject"] == "7 reminders, about 3 agencies"


# --- only what is still so


@pytest.mark.parametrize(
    "since",
    [
        lambda t, by: factories.reply(t, coverage=None),
        lambda t, by: factories.reply(t),
        lambda t, by: workflow.transition(t, to="promised", by=by, promised_on=dt.date(2023, 6, 15)),
        lambda t, by: workflow.transition(t, to="withdrawn", by=by, reason="TEST"),
        lambda t, by: workflow.transition(t, to="clarification", by=by),
        lambda t, by: items.snooze(t, by=by, until=dt.date(2023, 6, 1)),
        lambda t, by: items.log_contact(
            by=by, agency=t.agency, taskings=[t], channel="call", outcome="TEST", next_on=dt.date(2023, 6, 9)
        ),
    ],
    ids=["unread reply", "reply", "promise", "end", "pause", "snooze", "contact"],
)
def test_what_stopped_being_so_is_not_mailed(reference, owner, mailbox, clock, since):
    tasking = factories.item()
    told(owner, [tasking])
    since(tasking, owner)
    clock.move_to(NOON + dt.timedelta(days=1))
    assert dispatch().words() == "0 mails written, 0 sent"
    assert Notice.objects.inbox(owner).count() == 1


def test_what_was_read_in_the_inbox_is_not_mailed(reference, owner, mailbox, clock):
    (one,) = told(owner, [factories.item()])
    with acting(owner):
        Notice.objects.filter(pk=one.pk).update(read_at=NOON)
    clock.move_to(NOON + dt.timedelta(days=1))
    assert dispatch().sent == 0


def test_a_letter_one_may_no_longer_see_is_not_mailed(reference, owner, mailbox, clock):
    tasking = factories.item(access="restricted", staff=[owner])
    told(owner, [tasking])
    with acting(factories.SETUP):
        LetterStaff.objects.filter(letter=tasking.ask.letter).delete()
    clock.move_to(NOON + dt.timedelta(days=1))
    assert dispatch().sent == 0


def test_a_mail_that_waited_is_said_anew_before_it_goes(seed, owner, mailbox, clock, settings):
    items_ = leads()
    told(owner, items_)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1  # nobody listens there
    clock.move_to(NOON + dt.timedelta(days=1))
    assert dispatch().trouble
    settings.EMAIL_PORT = port
    for tasking in items_[:6]:
        factories.reply(tasking, coverage=None)
    clock.move_to(NOON + dt.timedelta(days=1, hours=1))
    assert dispatch().sent == 1
    assert mailbox.accepted[0]["Subject"] == "1 reminder of the day, about 1 agency"


def test_a_mail_that_waited_until_nothing_of_it_was_so_is_taken_back(reference, owner, mailbox, clock, settings):
    tasking = factories.item()
    told(owner, [tasking])
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    clock.move_to(NOON + dt.timedelta(days=1))
    dispatch()
    settings.EMAIL_PORT = port
    factories.reply(tasking)
    clock.move_to(NOON + dt.timedelta(days=1, hours=1))
    assert dispatch().words() == "0 mails written, 0 sent, 1 no longer needed"
    assert (mailbox.accepted, OutboxMessage.objects.count(), Notice.objects.inbox(owner).count()) == ([], 0, 1)


# --- what fails


def written(owner, number=3):
    prefer(owner, mode="each")
    told(owner, leads()[:number])


def test_a_server_that_is_away_costs_one_attempt_a_round_and_nothing_is_lost(seed, owner, mailbox, clock, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    written(owner)
    done = dispatch()
    assert (done.written, done.sent, done.failed) == (3, 0, 1)
    assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert Heartbeat.objects.get(name="dispatch").detail["trouble"] == done.trouble != ""
    settings.EMAIL_PORT = port
    assert dispatch().sent == 2
    clock.move_to(NOON + dt.timedelta(minutes=5))
    assert dispatch().sent == 1
    assert len(set(mailbox.ids)) == 3 == len(mailbox.ids)
    assert set(OutboxMessage.objects.values_list("last_error", flat=True)) == {""}


def test_a_server_that_is_slow_to_say_yes_gets_the_mail_once(seed, owner, mailbox, clock, settings):
    settings.EMAIL_TIMEOUT = 0.5  # for connecting and signing in
    mailbox.stands_still = "staff@office.example"
    written(owner, 1)
    later = threading.Timer(1.5, mailbox.go_on.set)
    later.start()
    assert dispatch().sent == 1
    later.join()
    clock.move_to(NOON + dt.timedelta(minutes=5))
    assert dispatch().sent == 0
    assert len(mailbox.ids) == 1


def test_a_server_that_never_says_yes_is_waited_for_so_long_and_no_longer(seed, owner, mailbox, clock, monkeypatch):
    monkeypatch.setattr(dispatching, "YES_SECONDS", 0.5)
    mailbox.stands_still = "staff@office.example"
    written(owner, 1)
    assert dispatch().trouble
    mailbox.go_on.set()
    assert OutboxMessage.objects.get().state == "waiting"


def test_an_address_refused_for_good_is_pushed_forward_a_day_and_the_others_go(seed, owner, manager, mailbox, clock):
    manager.email = "manager@office.example"
    manager.save()
    mailbox.refused["staff@office.example"] = "550 no such user here"
    prefer(manager, mode="each")
    told(manager, leads()[:2])
    written(owner, 2)
    done = dispatch()
    assert (done.written, done.sent, done.failed, done.trouble) == (4, 2, 2, "")
    assert {mail["To"] for mail in mailbox.accepted} == {"manager@office.example"}
    bad = OutboxMessage.objects.filter(to_user=owner)
    assert set(bad.values_list("state", "attempts", "last_error", "next_attempt_at")) == {
        ("waiting", 1, "staff@office.example: 550 no such user here", NOON + dt.timedelta(days=1))
    }
    for minutes in (1, 5, 60, 600):  # never a loop
        clock.move_to(NOON + dt.timedelta(minutes=minutes))
        assert dispatch().failed == 0
    del mailbox.refused["staff@office.example"]
    clock.move_to(NOON + dt.timedelta(days=1))
    assert dispatch().sent == 2


def test_an_address_refused_for_now_is_tried_again_in_five_minutes_then_ten(seed, owner, mailbox, clock):
    mailbox.refused["staff@office.example"] = "450 try later"
    written(owner, 1)
    tried = []
    for minute in range(40):
        clock.move_to(NOON + dt.timedelta(minutes=minute))
        if dispatch().failed:
            tried.append(minute)
    assert tried == [0, 5, 15, 35]
    assert [wait_after(n).total_seconds() // 60 for n in (1, 2, 3, 7, 50)] == [5, 10, 20, 320, 360]


def test_after_five_days_it_is_given_up_and_stays_visible(seed, owner, mailbox, clock):
    mailbox.refused["staff@office.example"] = "550 gone"
    written(owner, 1)
    states = []
    for day in range(8):
        clock.move_to(NOON + dt.timedelta(days=day, minutes=day))
        dispatch()
        states.append(OutboxMessage.objects.values_list("state", "attempts").get())
    assert states[4:] == [("waiting", 5), ("failed", 6), ("failed", 6), ("failed", 6)]


def weekly_list(owner, *, next_attempt_at: dt.datetime) -> None:
    """A list that was made, and the mail about it, not yet sent."""
    with acting(factories.SETUP):
        ReportRecipient.objects.create(user=owner)
        Report.objects.create(key="week TEST", day=NOON.date(), state="done", as_of=NOON, finished_at=NOON)
        OutboxMessage.objects.create(
            to_user=owner, kind="report", key="week TEST", message_id="<TEST@x>", subject="TEST", body="TEST",
            next_attempt_at=next_attempt_at,
        )  # fmt: skip


def test_a_mail_that_waited_for_somebody_s_return_has_five_days_from_then_on(reference, owner, mailbox, clock):
    mailbox.refused["staff@office.example"] = "450 try later"
    weekly_list(owner, next_attempt_at=NOON + dt.timedelta(days=14))

    def becomes(**after) -> tuple[str, int]:
        clock.move_to(NOON + dt.timedelta(**after))
        dispatch()
        return OutboxMessage.objects.values_list("state", "attempts").get()

    assert [becomes(days=day, minutes=1) for day in (13, 14, 18)] == [("waiting", 0), ("waiting", 1), ("waiting", 2)]
    assert [becomes(days=19), becomes(days=19, minutes=22)] == [("waiting", 3), ("failed", 4)]


def test_a_mail_that_failed_before_somebody_left_has_five_days_from_their_return_on(reference, owner, mailbox, clock):
    mailbox.refused["staff@office.example"] = "450 try later"
    weekly_list(owner, next_attempt_at=NOON)

    def becomes(**after) -> tuple[str, int]:
        clock.move_to(NOON + dt.timedelta(**after))
        dispatch()
        return OutboxMessage.objects.values_list("state", "attempts").get()

    assert becomes() == ("waiting", 1)
    prefer(owner, mode="daily", hour=8, weekday=0, quiet_weekdays=[], quiet_until=(NOON + dt.timedelta(days=14)).date())
    assert [becomes(minutes=6), becomes(days=13)] == [("waiting", 1)] * 2
    assert [becomes(days=day) for day in (14, 18)] == [("waiting", 2), ("waiting", 3)]
    assert [becomes(days=19), becomes(days=19, minutes=45)] == [("waiting", 4), ("failed", 5)]


def test_a_reminder_that_no_worker_tried_for_days_has_five_from_its_first_failure(seed, owner, mailbox, clock):
    mailbox.refused["staff@office.example"] = "450 try later"
    written(owner, 1)
    compose(NOON)

    def becomes(**after) -> tuple[str, int]:
        clock.move_to(NOON + dt.timedelta(**after))
        dispatch()
        return OutboxMessage.objects.values_list("state", "attempts").get()

    assert [becomes(days=6), becomes(days=11)] == [("waiting", 1), ("waiting", 2)]
    assert becomes(days=11, minutes=11) == ("failed", 3)


def test_a_mail_the_server_will_not_have_does_not_stop_the_others(seed, owner, mailbox, clock):
    mailbox.refuse_data = "554 looks like spam"
    written(owner)
    done = dispatch()
    assert (done.failed, done.trouble) == (3, "")
    assert set(OutboxMessage.objects.values_list("last_error", flat=True)) == {"554 looks like spam"}


def test_a_mail_that_cannot_be_made_does_not_stop_the_others(seed, owner, manager, mailbox, clock):
    manager.email = "odd\r\nBcc: all@office.example"
    with acting(factories.SETUP):
        manager.save()
    told(manager, leads()[:1])
    prefer(manager, mode="each")
    written(owner, 2)
    done = dispatch()
    assert (done.sent, done.failed, done.trouble) == (2, 1, "")
    assert OutboxMessage.objects.get(to_user=manager).next_attempt_at == NOON + dt.timedelta(days=1)


def test_who_cannot_be_written_to_stops_nobody_else_and_the_round_counts_as_failed(
    seed, owner, manager, mailbox, clock, monkeypatch
):
    """Silence must not look like calm: what fits nobody's words is red until it does, and the others have their mail."""
    manager.email = "a.manager@office.example"
    with acting(factories.SETUP):
        manager.save()
    for person in (manager, owner):  # in the order of their names, the one that fails first
        told(person, leads()[:1])
        prefer(person, mode="each")
    real = wording.line

    def line(notice, today):
        if notice.to_user_id == manager.pk:
            raise ValueError("TEST no words")
        return real(notice, today)

    monkeypatch.setattr(wording, "line", line)
    with pytest.raises(ValueError, match="TEST no words"):
        dispatch()
    assert [one["To"] for one in mailbox.accepted] == ["staff@office.example"]
    assert not Heartbeat.objects.filter(name="dispatch").exists()
    monkeypatch.setattr(wording, "line", real)
    assert dispatch().sent == 1


@pytest.mark.parametrize(
    ("error", "server", "for_good"),
    [
        (ConnectionRefusedError(), True, False),
        (TimeoutError(), True, False),
        (smtplib.SMTPServerDisconnected(), True, False),
        (smtplib.SMTPAuthenticationError(535, b"no"), True, False),
        (smtplib.SMTPSenderRefused(550, b"no", "a@b"), True, False),
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no")}), False, True),
        (smtplib.SMTPRecipientsRefused({"a@b": (451, b"later")}), False, False),
        (smtplib.SMTPDataError(554, b"no"), False, True),
        (smtplib.SMTPDataError(452, b"full"), False, False),
        (UnicodeEncodeError("ascii", "é", 0, 1, "no"), False, True),
        (ValueError("no address"), False, True),
    ],
)
def test_whose_trouble_it_is(error, server, for_good):
    assert dispatching.is_server_trouble(error) is server
    assert dispatching.is_refused_for_good(error) is for_good


# --- taking by compare-and-set


def test_who_takes_a_mail_pushes_it_forward_so_nobody_else_does(seed, owner, clock):
    written(owner, 2)
    with acting(factories.SETUP):
        assert compose(NOON) == (2, [])
        taken = [take(NOON), take(NOON), take(NOON)]
    assert (taken[0].pk != taken[1].pk, taken[2]) == (True, None)
    assert {one.next_attempt_at for one in taken[:2]} == {NOON + dt.timedelta(minutes=5)}


def test_without_a_mail_server_mails_are_kept_as_files(seed, owner, clock, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    written(owner, 2)
    done = dispatch()
    assert done.words() == f"2 mails written, 2 put into files in {tmp_path / 'mail'}, not sent: set EMAIL_URL"
    assert set(OutboxMessage.objects.values_list("state", "last_error")) == {("sent", "written to a file, not sent")}
    assert sum(file.read_text().count("Message-ID:") for file in (tmp_path / "mail").iterdir()) == 2
    assert django_mail.outbox == []
