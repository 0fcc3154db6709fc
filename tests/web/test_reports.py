"""The pages of reports: what is kept, how far one is, and who may read it."""

import datetime as dt
import json

import pytest
import time_machine
from django.http import QueryDict

from letters import report_maker
from letters.domain import mailing, people, reporting, sending
from letters.domain.history import acting
from letters.domain.office import DEMO
from letters.listing import Listing
from letters.models import Office, Report, ReportRecipient, User
from letters.report_maker import make_reports
from letters.web.reports import CLOSED_SINCE
from tests import factories
from tests.web.test_pages import words

SIX = dt.datetime(2023, 7, 3, 10, tzinfo=dt.UTC)  # 6 a.m. in New York, a Monday


@pytest.fixture
def weekly(seed) -> Report:
    make_reports(now=SIX - dt.timedelta(days=6))
    make_reports(now=SIX)
    return Report.objects.get()


def test_before_the_first_it_says_when_it_comes(as_staff):
    with time_machine.travel(SIX, tick=False):
        page = words(as_staff.get("/reports/"))
    assert "No report is kept yet" in page
    assert "The weekly list is for everybody of this office: items of letters restricted" in page
    assert "The next list is made Monday, July 10, 2023, 6:00 a.m. Nobody gets a mail about it." in page
    assert "When, and for whom" not in page


def test_what_is_kept_is_shown_with_its_sentence_and_its_files(as_staff, weekly):
    page = as_staff.get("/reports/")
    assert "Week of July 3, 2023 7 open items from 5 asks, with 3 agencies." in words(page)
    assert "As of July 3, 2023, 6:00 a.m." in words(page)
    assert "hx-trigger" not in page.content.decode()
    for kind, begins in (("pdf", b"%PDF-"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfLetter,")):
        answer = as_staff.get(f"/reports/{weekly.pk}/open-items.{kind}")
        assert answer.content.startswith(begins)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="open-items-2023-07-03-demo.{kind}"'
    assert as_staff.get(f"/reports/{weekly.pk}/open-items.doc").status_code == 404


def test_a_report_of_the_list_is_asked_for_watched_and_read(as_staff, staff, seed):
    asked = as_staff.post("/reports/new/", {"query": "agency=treasury&cursor=TEST"})
    own = Report.objects.get()
    assert (asked.status_code, asked.headers["Location"]) == (302, f"/reports/{own.pk}/")
    assert (own.owner, own.query, own.about) == (staff, "agency=treasury", "Agency: Treasury")
    page = as_staff.get(f"/reports/{own.pk}/")
    assert f'hx-get="/reports/{own.pk}/" hx-trigger="every 2s"' in page.content.decode()
    assert "Waiting to be made" in words(page)
    make_reports()
    row = as_staff.get(f"/reports/{own.pk}/", headers={"HX-Request": "true"})
    # "Back" is not to find the row alone in the browser's cache
    assert "HX-Request" in row.headers["Vary"]
    assert "HX-Request" in page.headers["Vary"]
    drawn = row.content.decode()
    assert drawn.lstrip().startswith("<li")
    assert "hx-trigger" not in drawn
    assert "3 open items from 3 asks, with 1 agency." in drawn
    assert as_staff.get(f"/reports/{own.pk}/open-items.pdf").content.startswith(b"%PDF-")


@pytest.mark.parametrize("role", ["viewer", "manager", "admin"])
def test_one_s_own_is_there_for_nobody_else(staff, seed, role):
    own = reporting.ask_for_list(by=staff, query="", about="")
    make_reports()
    other = factories.client(factories.person(role))
    assert str(own.pk) not in other.get("/reports/").content.decode()
    for address in ("", "open-items.pdf", "open-items.csv"):
        assert other.get(f"/reports/{own.pk}/{address}").status_code == 404
    for verb in ("cancel", "again"):
        assert other.post(f"/reports/{own.pk}/{verb}/").status_code == 404


def test_how_far_it_is_in_words_and_in_a_bar(as_staff, staff, seed, monkeypatch):
    monkeypatch.setattr(report_maker, "PART", 3)
    own = reporting.ask_for_list(by=staff, query="", about="")
    seen = []

    def look(step: str) -> None:
        if step in ("report.claimed", "report.part"):
            page = as_staff.get(f"/reports/{own.pk}/")
            seen.append(words(page).split("Being made: ")[1].split(" Cancel")[0])
            assert f'width="{round(100 * (len(seen) - 1) * 3 / 7) if len(seen) < 4 else 100}"' in page.content.decode()

    monkeypatch.setattr(report_maker, "reached", look)
    make_reports()
    assert seen == [
        "looking for the items.",
        "3 of 7 items written.",
        "6 of 7 items written.",
        "7 items written, the files are being typeset.",
    ]


def test_cancelled_and_tried_again(as_viewer, viewer, seed):
    own = reporting.ask_for_list(by=viewer, query="", about="")
    page = words(as_viewer.post(f"/reports/{own.pk}/cancel/", follow=True))
    assert "The report is cancelled." in page
    assert "Try again" in page
    assert "nothing to cancel" in words(as_viewer.post(f"/reports/{own.pk}/cancel/", follow=True))
    assert "Waiting to be made" in words(as_viewer.post(f"/reports/{own.pk}/again/", follow=True))
    make_reports()
    assert Report.objects.get().state == "done"


def test_its_sentence_counts_a_co_signed_item_once_and_the_demo_says_that_it_is_one(staff, reference):
    factories.item()
    factories.moved(factories.item(our_role="co_signed"), "withdrawn")
    factories.item(our_role="co_signed")

    def cover(query: str):
        making = report_maker._Making(Report(owner=staff), Report.objects.none(), SIX)
        listing = Listing(QueryDict(query), user=staff)
        return making._cover(listing, SIX, listing.found.count())

    assert cover("").headline.endswith("1 more is on a letter we only co-signed.")
    both = cover("ours=all")
    assert both.headline.startswith("2 open items from 2 asks")
    assert "co-signed" not in both.headline
    closed = cover("ours=all&state=closed")
    assert (closed.title, closed.headline) == ("Items", "1 item, 0 of them open.")
    assert DEMO not in both.notes
    with acting(factories.SETUP):
        Office.objects.create(kind="committee", name="TEST", is_demo=True)
    assert cover("").notes[0] == DEMO


def test_a_failed_one_says_why(as_staff, staff):
    own = reporting.ask_for_list(by=staff, query="agency=test-gone", about="")
    make_reports()
    page = words(as_staff.get("/reports/"))
    assert "Not made. A filter of this list does not work any more. Agency: “test-gone” is not known." in page
    assert as_staff.get(f"/reports/{own.pk}/open-items.csv").status_code == 404


def test_the_office_s_is_managers_to_cancel(as_staff, manager, weekly):
    with acting(factories.SETUP):
        Report.objects.update(state="asked")
    assert "Cancel" not in words(as_staff.get("/reports/"))
    refused = as_staff.post(f"/reports/{weekly.pk}/cancel/")
    assert (refused.status_code, "Ask a manager" in words(refused)) == (403, True)
    factories.client(manager).post(f"/reports/{weekly.pk}/cancel/")
    assert Report.objects.get().state == "cancelled"


def test_whoever_may_no_longer_see_a_letter_may_not_have_the_reports_that_name_it(as_viewer, manager, seed, weekly):
    sending.change_access(seed, by=manager, access="restricted", staff=[])
    page = as_viewer.get("/reports/")
    assert CLOSED_SINCE in words(page)
    assert "open items from" not in words(page)
    assert "open-items" not in page.content.decode()
    refused = as_viewer.get(f"/reports/{weekly.pk}/open-items.csv")
    assert (refused.status_code, CLOSED_SINCE in words(refused)) == (403, True)
    assert factories.client(manager).get(f"/reports/{weekly.pk}/open-items.csv").status_code == 200


def test_a_wrong_filter_is_refused_by_name(as_staff):
    page = words(as_staff.post("/reports/new/", {"query": "agency=test-gone"}, follow=True))
    assert "No report was asked for. Agency: “test-gone” is not known." in page
    assert Report.objects.count() == 0


def test_without_a_broker_it_is_asked_for_all_the_same(as_staff, monkeypatch):
    def away(*args, **kwargs):
        raise OSError("TEST away")

    monkeypatch.setattr("letters.web.reports.app.send_task", away)
    assert as_staff.post("/reports/new/", {"query": ""}).status_code == 302
    assert Report.objects.count() == 1


def test_the_queue_offers_it_with_its_own_filters(as_staff, seed):
    page = as_staff.get("/?agency=treasury&group=letter").content.decode()
    form = page.split('action="/reports/new/"')[1].split("</form>")[0]
    assert 'name="query" value="agency=treasury&amp;group=letter"' in form


# --- when, and for whom


def test_a_manager_says_when_and_for_whom(manager, staff):
    client = factories.client(manager)
    mailing.set_wishes(by=manager, mode="none", hour=8, weekday=0, quiet_weekdays=[], quiet_until=None)
    page = words(client.get("/reports/settings/"))
    assert "staff (no address on record: gets none)" in page
    with acting(factories.SETUP):
        manager.email = "manager@office.example"
        manager.save()
    assert "manager (chose “not by mail”: gets none)" in words(client.get("/reports/settings/"))
    typed = {"is_on": "on", "weekday": "3", "hour": "7", "recipients": [str(staff.pk)]}
    with time_machine.travel(SIX, tick=False):
        page = words(client.post("/reports/settings/", typed, follow=True))
    assert "Saved. The next list is made Thursday, July 6, 2023, 7:00 a.m." in page
    assert "Nobody gets a mail about it. On the list without a mail: staff (no address on record)." in page
    assert [one.user for one in ReportRecipient.objects.all()] == [staff]
    page = words(client.post("/reports/settings/", {"weekday": "3", "hour": "7"}, follow=True))
    assert "No list is made: a manager turned it off." in page
    assert ReportRecipient.objects.count() == 0


def test_who_is_on_the_list_and_gets_no_mail_is_not_said_to_get_one(manager, admin):
    """Why, only to those who may do something about it."""
    ann, ben, cam, dan = (
        factories.user("staff", name, email=f"{name}@office.example") for name in ("ann", "ben", "cam", "dan")
    )
    reporting.set_schedule(by=manager, is_on=True, weekday=0, hour=6, recipients=[ann, ben, cam, dan])
    mailing.set_wishes(by=ben, mode="none", hour=8, weekday=0, quiet_weekdays=[], quiet_until=None)
    people.let_go(cam, by=admin)
    with acting(factories.SETUP):
        User.objects.filter(pk=dan.pk).update(email="")
    says = "A mail with the link goes to ann. On the list without a mail: {}."
    why = "ben (chose “not by mail”), cam (can no longer sign in), dan (no address on record)"
    assert says.format(why) in words(factories.client(manager).get("/reports/"))
    assert says.format("ben, cam, dan") in words(factories.client(ann).get("/reports/"))


def test_the_list_of_a_day_is_not_promised_once_more_at_a_later_hour_of_it(manager, seed):
    reporting.set_schedule(by=manager, is_on=True, weekday=0, hour=6, recipients=[], now=SIX - dt.timedelta(days=6))
    make_reports(now=SIX)
    with time_machine.travel(SIX + dt.timedelta(hours=1), tick=False):
        typed = {"is_on": "on", "weekday": "0", "hour": "9"}
        page = words(factories.client(manager).post("/reports/settings/", typed, follow=True))
    assert "Saved. The next list is made Monday, July 10, 2023, 9:00 a.m." in page
    # and so it is
    assert [make_reports(now=SIX + dt.timedelta(days=days, hours=3)).asked for days in (0, 7)] == [0, 1]
    with time_machine.travel(SIX + dt.timedelta(hours=1), tick=False):
        typed["weekday"] = "1"
        page = words(factories.client(manager).post("/reports/settings/", typed, follow=True))
    assert "Saved. The next list is made Tuesday, July 4, 2023, 9:00 a.m." in page


def test_of_a_week_that_is_over_none_is_made_as_of_now(manager, weekly):
    with acting(factories.SETUP):
        Report.objects.update(state="cancelled")
    client = factories.client(manager)
    for days, said in ((6, "The report is asked for again."), (7, "The week of July 3, 2023 is over")):
        with time_machine.travel(SIX + dt.timedelta(days=days), tick=False):
            with acting(factories.SETUP):
                Report.objects.update(state="cancelled")
            assert ("Try again" in words(client.get("/reports/"))) is (days == 6)
            assert said in words(client.post(f"/reports/{weekly.pk}/again/", follow=True))
    assert Report.objects.get().state == "cancelled"


def test_of_two_managers_who_change_the_list_at_once_neither_undoes_what_the_other_did(manager, staff):
    client = factories.client(manager)

    def ben(hour: int, told: list) -> None:
        reporting.set_schedule(by=manager, is_on=True, weekday=0, hour=hour, recipients=told)

    def kept() -> tuple:
        now = reporting.weekly_list()
        return now.hour, now.recipients

    def drawn() -> str:
        return json.dumps(client.get("/reports/settings/").context["form"].initial["drawn"])

    typed = {"is_on": "on", "weekday": "0", "hour": "7", "recipients": [], "drawn": drawn()}
    ben(6, [staff, manager])
    assert client.post("/reports/settings/", typed).status_code == 302
    assert kept() == (7, {staff.pk, manager.pk})
    typed |= {"hour": "8", "recipients": [str(staff.pk), str(manager.pk)], "drawn": drawn()}
    ben(9, [manager])
    answer = client.post("/reports/settings/", typed)
    assert (answer.status_code, kept()) == (422, (9, {manager.pk}))
    assert "it is 9 a.m. now. Save again to make it 8 a.m." in words(answer)
    form = answer.context["form"]
    again = typed | {name: form[name].value() for name in ("hour", "recipients", "drawn")}
    assert client.post("/reports/settings/", again).status_code == 302
    assert kept() == (8, {manager.pk})


def test_others_do_not(as_staff):
    refused = as_staff.get("/reports/settings/")
    assert (refused.status_code, "does not say when the weekly list is made" in words(refused)) == (403, True)


def test_wrong_choices_are_said_at_their_fields(manager):
    typed = {"is_on": "on", "weekday": "9", "hour": "7", "recipients": ["TEST"]}
    answer = factories.client(manager).post("/reports/settings/", typed)
    assert answer.status_code == 422
    assert sorted(answer.context["form"].errors) == ["recipients", "weekday"]
