"""The weekly list: made once, whatever rings twice; it says what the dashboard says, and nothing that is not everybody's."""

import csv
import datetime as dt
import io
import json
import re

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from letters import report_maker
from letters.domain import mailing, people, reporting
from letters.domain.history import acting
from letters.domain.office import DEMO
from letters.enums import Role
from letters.errors import NotAllowed, RecordError
from letters.models import Heartbeat, OutboxMessage, Report, ReportFile, ReportSchedule
from letters.reminders.dispatch import dispatch
from letters.report_maker import KEPT_OWN, KEPT_WEEKLY, LEASE, MOST_ATTEMPTS, make_reports
from letters.reports.open_items import OFFICE_WIDE, Printed, left_to_the_workbook
from tests import factories
from tests.web.test_pages import words

SIX = dt.datetime(2023, 7, 3, 10, tzinfo=dt.UTC)  # 6 a.m. in New York, a Monday
APRIL = dt.datetime(2023, 4, 25)  # noqa: DTZ001 - a workbook knows no zones
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)


@pytest.fixture
def scheduled(reference):
    """As if the site had run for a week already."""
    make_reports(now=SIX - 6 * DAY)
    assert Report.objects.count() == 0


@pytest.fixture
def chosen(scheduled) -> list:
    """Two people with addresses, on the list."""
    told = [factories.user(role, email=f"{role}@office.example") for role in (Role.STAFF, Role.MANAGER)]
    reporting.set_schedule(by=told[1], is_on=True, weekday=0, hour=6, recipients=told)
    return told


def made(now: dt.datetime = SIX) -> Report:
    make_reports(now=now)
    return Report.objects.get()


def data(report: Report, kind: str) -> bytes:
    return bytes(report.files.get(kind=kind).data)


@pytest.fixture(autouse=True)
def typeset(monkeypatch) -> list[Printed]:
    """What was typeset: no reader of PDF is among our dependencies, and the template prints what it is given."""
    given, real = [], report_maker.as_pdf
    monkeypatch.setattr(report_maker, "as_pdf", lambda printed: (given.append(printed), real(printed))[1])
    return given


def said_in(given: list[Printed]) -> str:
    return json.dumps(given[-1].data(), ensure_ascii=False)


def rows_of(report: Report) -> list[dict]:
    return list(csv.DictReader(io.StringIO(data(report, "csv").decode("utf-8-sig"))))


# --- when


def test_the_first_round_begins_the_schedule_and_makes_up_for_nothing(reference):
    assert make_reports(now=SIX + 2 * DAY).asked == 0
    assert Report.objects.count() == 0
    assert (ReportSchedule.objects.get().weekday, ReportSchedule.objects.get().hour) == (0, 6)


def test_it_is_made_at_its_hour_and_once_however_often_it_is_rung(scheduled):
    assert make_reports(now=SIX - dt.timedelta(minutes=1)).asked == 0
    done = [make_reports(now=SIX + dt.timedelta(minutes=n)) for n in range(3)]
    assert [(one.asked, one.made) for one in done] == [(1, 1), (0, 0), (0, 0)]
    assert Report.objects.get().key == "week 2023-07-03"


def test_a_week_that_the_site_slept_through_is_made_later_under_its_own_day(scheduled):
    report = made(SIX + 2 * DAY)
    assert (report.key, report.as_of) == ("week 2023-07-03", SIX + 2 * DAY)


def test_another_hour_is_not_made_up_for_today(chosen):
    reporting.set_schedule(by=chosen[1], is_on=True, weekday=0, hour=5, recipients=[], now=SIX)
    assert make_reports(now=SIX).asked == 0
    assert make_reports(now=SIX + WEEK).asked == 1


def test_turned_off_nothing_is_made(chosen):
    reporting.set_schedule(by=chosen[1], is_on=False, weekday=0, hour=6, recipients=chosen, now=SIX - DAY)
    assert make_reports(now=SIX + WEEK).asked == 0


def test_wrong_times_are_refused_by_name(manager, staff):
    with pytest.raises(RecordError) as refused:
        reporting.set_schedule(by=manager, is_on=True, weekday=7, hour=24, recipients=[])
    assert [(p.field, p.value) for p in refused.value.problems] == [("weekday", 7), ("hour", 24)]
    with pytest.raises(NotAllowed):
        reporting.set_schedule(by=staff, is_on=True, weekday=0, hour=6, recipients=[])


def test_each_round_is_noted(scheduled):
    made()
    beat = Heartbeat.objects.get(name="reports")
    assert (beat.finished_at >= beat.started_at, beat.detail["made"]) == (True, 1)


# --- what it says


def test_it_says_what_the_dashboard_says(seed, scheduled, staff, typeset):
    with time_machine.travel(SIX, tick=False):
        report = made()
        client = Client()
        client.force_login(staff)
        page = client.get("/dashboard/").context
    assert report.headline == "".join(part["text"] for part in page["headline"])
    assert (
        "7 open items from 5 asks, with 3 agencies. None is past a date the letter set; 7 have waited"
        in report.headline
    )
    sheet = openpyxl.load_workbook(io.BytesIO(data(report, "xlsx")))["Summary"]
    (table,) = sheet.tables.values()
    counted = [[cell.value for cell in row] for row in sheet[table.ref]]
    assert counted[0] == [
        "Agency",
        "Open",
        "Past the letter’s date",
        "Past our usual wait",
        "Reply not read",
        "First asked",
    ]
    drawn = [
        (line.label, line.cells[0].number, line.cells[1].number, line.cells[2].number)
        for line in page["agencies"]["figures"].lines
    ]
    assert [(row[0], *row[1:4]) for row in counted[1:]] == drawn
    assert counted[1][5] == APRIL
    said = said_in(typeset)
    for part in (
        report.headline,
        "As of July 3, 2023, 6:00 a.m.",
        OFFICE_WIDE,
        "7 open items",
        '["Treasury", "3", "0", "3", "0", "Apr 25, 2023"]',
    ):
        assert part in said
    assert said.count("40 days past our usual wait") == 7
    assert "overdue" not in said


def test_the_workbook_has_real_tables(seed, scheduled):
    book = openpyxl.load_workbook(io.BytesIO(data(made(), "xlsx")))
    sheet = book["Open items"]
    table = sheet.tables["OpenItems"]
    assert (table.ref, table.autoFilter.ref, sheet.freeze_panes) == ("A1:Z8", "A1:Z8", "A2")
    assert [column.name for column in table.tableColumns] == [cell.value for cell in sheet[1]]
    assert sheet["C2"].value == APRIL
    assert sheet["C2"].number_format == "yyyy-mm-dd"


def test_it_is_the_queue_s_own_file(seed, scheduled, staff):
    with time_machine.travel(SIX, tick=False):
        report = made()
        client = Client()
        client.force_login(staff)
        queue = client.get("/queue.csv").getvalue()
    assert data(report, "csv") == queue.replace(b"http://testserver", b"http://127.0.0.1:8000")
    assert len(rows_of(report)) == report.rows_total == report.rows_done == 7


def test_words_never_become_formulas(scheduled):
    factories.sent(subject="=TEST()", ask_facts={"summary": "@TEST"})
    report = made()
    assert [(row["Letter subject"], row["Open item"]) for row in rows_of(report)] == [("'=TEST()", "'@TEST")]
    sheet = openpyxl.load_workbook(io.BytesIO(data(report, "xlsx")))["Open items"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("'=TEST()", "s")


def test_of_nothing_it_says_so(scheduled, typeset):
    report = made()
    assert report.headline == "Nothing is outstanding."
    assert "Nothing is outstanding." in said_in(typeset)
    assert openpyxl.load_workbook(io.BytesIO(data(report, "xlsx")))["Open items"].tables["OpenItems"].ref == "A1:Z2"


def test_what_the_pdf_leaves_out_it_says(seed, scheduled, monkeypatch, typeset):
    monkeypatch.setattr(report_maker, "MOST_LINES", 3)
    monkeypatch.setattr(report_maker, "PART", 2)
    report = made()
    assert "These are the first 3 of 7 items. The workbook and the CSV have them all." in said_in(typeset)
    assert len(rows_of(report)) == 7
    assert left_to_the_workbook(7, 7) == ""


def test_a_restricted_letter_is_in_none_of_its_numbers_and_lines(seed, scheduled, staff, typeset):
    factories.sent(subject="TEST Quoll", access="restricted", staff=[staff], ask_facts={"summary": "TEST Quoll"})
    report = made()
    assert report.headline.startswith("7 open items from 5 asks")
    assert "Quoll" not in data(report, "csv").decode() + said_in(typeset)
    assert report.letters.count() == 1


def test_a_letter_restricted_later_takes_its_numbers_along_one_that_was_only_co_signed_too(seed, chosen, mailoutbox):
    factories.sent(our_role="co_signed", agencies=["state"])
    co_signed = factories.sent(our_role="co_signed", agencies=["treasury"])
    report = made()
    assert report.headline.endswith("2 more are on letters we only co-signed.")
    assert report.letters.count() == 3
    factories.restrict(co_signed)
    dispatch(now=timezone.now())
    # nor is its sentence mailed to who may not see the letter, at once or when their mail has waited
    assert [mail.to for mail in mailoutbox] == [["manager@office.example"]]
    for person, said in zip(chosen, (False, True), strict=True):
        assert (report.headline in words(factories.client(person).get("/reports/"))) is said


def test_a_letter_restricted_while_it_is_made_was_counted_and_binds_it(seed, scheduled, monkeypatch):
    monkeypatch.setattr(report_maker, "PART", 100)
    real = report_maker._Making._progress

    def restricted(self, rows, total):
        real(self, rows, total)
        if not rows:
            factories.restrict(seed)

    monkeypatch.setattr(report_maker._Making, "_progress", restricted)
    report = made()
    assert (report.headline.startswith("7 open items"), len(rows_of(report)), report.letters.count()) == (True, 0, 1)


# --- one's own


def test_a_person_s_own_is_the_list_as_they_see_it(seed, manager, typeset):
    factories.sent(
        subject="TEST Quoll", access="restricted", agencies=["treasury"], ask_facts={"summary": "TEST Quoll"}
    )
    asked = reporting.ask_for_list(by=manager, query="agency=treasury", about="Agency Treasury")
    make_reports()
    asked.refresh_from_db()
    assert {row["Agency"] for row in rows_of(asked)} == {"Treasury"}
    assert "TEST Quoll" in data(asked, "csv").decode()
    said = said_in(typeset)
    assert "Made for manager, as manager sees the record." in said
    assert "Only: Agency Treasury." in said
    assert asked.headline.startswith("4 open items from 4 asks, with 1 agency")
    assert OutboxMessage.objects.count() == 0


def test_with_closed_items_it_counts_both(seed, staff):
    factories.moved(seed.asks.first().taskings.first(), "withdrawn")
    report = reporting.ask_for_list(by=staff, query="state=all&group=none", about="")
    make_reports()
    report.refresh_from_db()
    assert report.headline == "7 items, 6 of them open."
    assert len(rows_of(report)) == 7
    # nowhere called open, and its file says that it is a demo's, as the queue's own
    book = openpyxl.load_workbook(io.BytesIO(data(report, "xlsx")))
    assert (book.sheetnames, list(book["Items, open and closed"].tables)) == (
        ["Summary", "Items, open and closed"],
        ["Items"],
    )
    name = f"items-{timezone.localdate(report.as_of)}-demo.csv"
    answer = factories.client(staff).get(f"/reports/{report.pk}/open-items.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_more_than_can_be_made_is_refused_in_words(seed, staff, monkeypatch):
    monkeypatch.setattr(report_maker, "MOST", 6)
    report = reporting.ask_for_list(by=staff, query="", about="")
    make_reports()
    report.refresh_from_db()
    assert (report.state, report.error) == ("failed", "The list has more than 6 items. Add a filter, then ask again.")


def test_the_office_s_own_that_is_too_long_names_a_way_out_that_there_is(seed, scheduled, monkeypatch):
    monkeypatch.setattr(report_maker, "MOST", 6)
    error = made().error
    assert ("Make a report of this list" in error, "Add a filter, then" in error) == (True, False)


def test_five_at_a_time(staff):
    for _ in range(reporting.MOST_WAITING):
        reporting.ask_for_list(by=staff, query="", about="")
    with pytest.raises(RecordError, match="5 reports of yours are still to be made"):
        reporting.ask_for_list(by=staff, query="", about="")


# --- cancelled, failed, taken up again


def at_step(monkeypatch, step: str, act) -> None:
    monkeypatch.setattr(report_maker, "reached", lambda here: act() if here == step else None)


def test_cancelled_it_stops_at_the_next_part_and_keeps_nothing(seed, scheduled, manager, monkeypatch):
    monkeypatch.setattr(report_maker, "PART", 2)
    seen = []

    def act():
        report = Report.objects.get()
        seen.append(report.rows_done)
        if len(seen) == 2:
            reporting.cancel(report, by=manager)

    at_step(monkeypatch, "report.part", act)
    done = make_reports(now=SIX)
    assert (seen, done.stopped, done.made) == ([2, 4], 1, 0)
    assert (Report.objects.get().state, ReportFile.objects.count()) == ("cancelled", 0)
    with pytest.raises(RecordError, match="cancelled already: nothing to cancel"):
        reporting.cancel(Report.objects.get(), by=manager)


def test_cancelled_in_the_last_moment_it_is_not_made(seed, scheduled, manager, monkeypatch):
    real = report_maker.as_pdf

    def cancelled(printed):
        reporting.cancel(Report.objects.get(), by=manager)
        return real(printed)

    monkeypatch.setattr(report_maker, "as_pdf", cancelled)
    make_reports(now=SIX)
    assert (Report.objects.get().state, ReportFile.objects.count()) == ("cancelled", 0)


def test_whoever_died_over_it_leaves_it_to_be_begun_anew_when_the_claim_ends(seed, scheduled):
    with acting(factories.SETUP):
        report_maker.ask_for_week(SIX)
        first = report_maker.take(SIX)
        assert first.state == "running"
        assert report_maker.take(SIX + LEASE - dt.timedelta(seconds=1)) is None
    report = made(SIX + LEASE)
    assert (report.state, report.attempts) == ("done", 2)
    # and the first, come back to life, writes nothing
    mine = Report.objects.filter(pk=first.pk, state="running", attempts=first.attempts, started_at=first.started_at)
    with pytest.raises(report_maker.Stopped), acting(factories.SETUP):
        report_maker._Making(first, mine, SIX).run()
    assert ReportFile.objects.count() == 3


def test_what_kills_its_maker_again_and_again_is_given_up_and_told(chosen):
    now = SIX
    with acting(factories.SETUP):
        report_maker.ask_for_week(now)
        for _ in range(MOST_ATTEMPTS):
            assert report_maker.take(now)
            now += LEASE
    report = made(now)
    assert (report.state, report.error) == ("failed", "Whoever made it died over it 3 times. See log/worker.log.")
    assert OutboxMessage.objects.count() == 2


def test_a_failed_one_says_why_to_those_on_the_list_and_is_tried_again(chosen, monkeypatch):
    def broken(printed):
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(report_maker, "as_pdf", broken)
        report = made()
    why = "Something went wrong (OSError: No space left on device). See log/worker.log."
    assert (report.state, report.error) == ("failed", why)
    mail = OutboxMessage.objects.get(to_user=chosen[0])
    assert mail.subject == "Not made: Open items, week of July 3, 2023"
    assert f"The list of the week of July 3, 2023 was not made. {why}" in mail.body
    with time_machine.travel(SIX, tick=False):
        reporting.try_again(report, by=chosen[1])
    assert made(SIX + DAY).state == "done"
    assert OutboxMessage.objects.filter(to_user=chosen[0]).count() == 2
    with pytest.raises(RecordError, match="made: nothing to try again"):
        reporting.try_again(Report.objects.get(), by=chosen[1])


def test_one_that_fails_anew_is_told_anew_and_no_failure_once_it_was_made(chosen, monkeypatch, mailoutbox):
    with monkeypatch.context() as patched:
        for day, why in enumerate(("No space left on device", "Too many open files")):
            patched.setattr(report_maker, "as_pdf", lambda printed, why=why: int(why))
            report = made(SIX + day * DAY)
            assert OutboxMessage.objects.filter(to_user=chosen[0], body__contains=why).count() == 1
            with time_machine.travel(SIX, tick=False):
                reporting.try_again(report, by=chosen[1])
    assert made(SIX + 2 * DAY).state == "done"
    # as to somebody who was away meanwhile
    done = dispatch(now=timezone.now() + DAY)
    assert (done.sent, done.withdrawn) == (2, 4)
    assert {mail.subject for mail in mailoutbox} == {"Open items, week of July 3, 2023"}


@pytest.mark.parametrize("state", ["running", "asked"])
def test_what_was_left_unmade_is_not_made_as_of_its_week_once_that_is_over(chosen, state):
    """Whoever made it died, or it was tried again on the last day, and the site came back two weeks later."""
    with acting(factories.SETUP):
        report_maker.ask_for_week(SIX)
        assert report_maker.take(SIX)
        Report.objects.update(state=state)
    back = SIX + 2 * WEEK + DAY
    make_reports(now=back)
    assert dict(Report.objects.values_list("key", "state")) == {"week 2023-07-03": "failed", "week 2023-07-17": "done"}
    why = "Its week is over, and a list of now is not that week’s. Make a report of the queue instead."
    assert Report.objects.get(key="week 2023-07-03").error == why
    mails = {one.subject: one.body for one in OutboxMessage.objects.filter(to_user=chosen[0])}
    not_made = "Not made: Open items, week of July 3, 2023"
    assert set(mails) == {not_made, "Open items, week of July 17, 2023"}
    assert (why in mails[not_made], "tried again" in mails[not_made]) == (True, False)


def test_on_its_last_night_a_week_that_was_slept_through_is_not_made_up_for(chosen):
    assert make_reports(now=SIX + WEEK - dt.timedelta(hours=1)).asked == 0
    assert make_reports(now=SIX + WEEK).made == 1
    assert Report.objects.get().key == "week 2023-07-10"


def test_a_filter_that_no_longer_works_is_named(staff):
    report = reporting.ask_for_list(by=staff, query="agency=test-gone", about="")
    make_reports()
    report.refresh_from_db()
    assert report.error == (
        "A filter of this list does not work any more. Agency: “test-gone” is not known. "
        "Choose one from the list, or leave it out."
    )


def test_the_office_s_is_managers_to_cancel_and_one_s_own_is_one_s_own(scheduled, staff, manager):
    report_maker_asks = Report(key="week TEST", day=SIX.date())
    assert not reporting.may_change(report_maker_asks, by=staff)
    assert reporting.may_change(report_maker_asks, by=manager)
    own = reporting.ask_for_list(by=staff, query="", about="")
    with pytest.raises(NotAllowed):
        reporting.cancel(own, by=manager)
    assert reporting.cancel(own, by=staff).state == "cancelled"


# --- who is told


def test_those_on_the_list_get_one_mail_each_with_a_link_and_no_file(seed, chosen, mailoutbox, settings):
    report = made()
    make_reports(now=SIX + dt.timedelta(minutes=1))
    dispatch(now=SIX)
    assert sorted(mail.to[0] for mail in mailoutbox) == ["manager@office.example", "staff@office.example"]
    mail = mailoutbox[0]
    assert (mail.subject, mail.attachments) == ("Open items, week of July 3, 2023", [])
    assert report.headline in mail.body
    assert f"{settings.SITE_ADDRESS}/reports/{report.pk}/" in mail.body
    html = mail.alternatives[0].content
    assert report.headline in re.sub("&#x27;", "'", html)
    assert mail.body.startswith(DEMO)  # the seed letter's office is one


def test_who_wants_no_mail_gets_none_and_who_is_away_gets_it_on_return(chosen):
    wishes = {"hour": 8, "weekday": 0, "quiet_weekdays": []}
    mailing.set_wishes(by=chosen[0], mode="none", quiet_until=None, **wishes)
    mailing.set_wishes(by=chosen[1], mode="daily", quiet_until=dt.date(2023, 7, 6), **wishes)
    made()
    message = OutboxMessage.objects.get()
    assert (message.to_user, message.next_attempt_at) == (chosen[1], dt.datetime(2023, 7, 6, 12, tzinfo=dt.UTC))


def test_a_mail_that_waited_is_taken_back_from_who_was_let_go_or_taken_off(chosen, admin, mailoutbox):
    made()
    people.let_go(chosen[0], by=admin)
    reporting.set_schedule(by=chosen[1], is_on=True, weekday=0, hour=6, recipients=[])
    done = dispatch(now=timezone.now() + DAY)
    assert (done.sent, done.withdrawn, len(mailoutbox)) == (0, 2, 0)


def test_what_they_wish_once_a_mail_waits_is_kept_to(chosen, mailoutbox):
    """Monday is a day without mail for both: the list of Monday waits for Tuesday at eight, and they think again."""
    wishes = {"hour": 8, "weekday": 0, "quiet_weekdays": [0], "quiet_until": None}
    for one in chosen:
        mailing.set_wishes(by=one, mode="daily", **wishes)
    report, eight = made(), dt.datetime(2023, 7, 4, 12, tzinfo=dt.UTC)
    assert set(OutboxMessage.objects.values_list("next_attempt_at", flat=True)) == {eight}
    mailing.set_wishes(by=chosen[0], mode="none", **wishes)
    mailing.set_wishes(by=chosen[1], mode="daily", **wishes | {"quiet_until": dt.date(2023, 7, 18)})
    done = dispatch(now=eight)
    assert (done.sent, done.withdrawn, len(mailoutbox)) == (0, 1, 0)
    message = OutboxMessage.objects.get()
    assert (message.to_user, message.attempts, message.next_attempt_at) == (chosen[1], 0, eight + 2 * WEEK)
    assert dispatch(now=eight + 2 * WEEK).sent == 1
    assert report.headline in mailoutbox[0].body


# --- how long


def test_reports_are_forgotten_after_a_year_and_people_s_own_after_a_month(scheduled, staff):
    kept = made()
    own = reporting.ask_for_list(by=staff, query="", about="")
    with acting(factories.SETUP):
        Report.objects.filter(pk=own.pk).update(asked_at=SIX)
        assert report_maker.forget_old(SIX + KEPT_OWN) == 0
        assert report_maker.forget_old(SIX + KEPT_OWN + DAY) == 1
        assert Report.objects.get() == kept
        assert report_maker.forget_old(SIX + KEPT_WEEKLY + DAY) == 1
    assert ReportFile.objects.count() == 0
