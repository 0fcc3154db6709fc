"""The pages of reply records: every number leads to exactly its items, whoever looks, within whatever filters."""

import datetime as dt
import html
import re

import pytest
import time_machine
from django.http import QueryDict

from letters.domain import extending, sending
from letters.domain.history import acting
from letters.listing import Listing
from letters.models import Agency, Tasking
from letters.reports.kaplan_meier import curve
from letters.reports.reply_records import Kept
from letters.web.record_tables import half_sentence, half_words, kept
from tests import factories
from tests import kept as kept_rows
from tests.factories import moved, on, reply
from tests.web.test_dashboard import LINK
from tests.web.test_pages import data_total, words

NOON = "2023-07-03T12:00:00-04:00"
PAGES = ("/reports/replies/?show=", "/agencies/treasury/record/?x=")


def make_office() -> None:
    """Treasury: answered, partly, promised, given more time, refused, done, unread; others; one letter is restricted."""
    staff, manager = factories.user("staff"), factories.user("manager")
    with on(5, 10):
        moved(factories.item(), "answered")
        moved(factories.item(), "declined")
        moved(factories.item(), "implemented")
        moved(factories.item(deadline_on=dt.date(2023, 6, 20)), "promised")
        reply(factories.item(deadline_on=dt.date(2023, 6, 1)), coverage="partial")
        reply(factories.item(), coverage=None, kind="interim")
        extending.extend(factories.item(), by=staff, to=dt.date(2023, 6, 30), by_notice=True)
        secret = factories.item()
        factories.item(agencies=["ofac"])
        factories.item(agencies=["state"], our_role="co_signed")
        factories.item(agencies=["dhs-oig"], sent_on=dt.date(2021, 3, 1))
        sending.change_access(secret.ask.letter, by=manager, access="restricted", reason="TEST")


@pytest.fixture(scope="module")
def _kept_office(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        kept_rows.make("reply_records", make_office)


@pytest.fixture
def office(_kept_office, reference):
    kept_rows.put_back("reply_records")
    with time_machine.travel(NOON, tick=False):
        yield


def numbers(page) -> list[tuple[str, int]]:
    body = page.content.decode()
    found = LINK.findall(body[body.index("<main") :])
    return [(html.unescape(address), int(number)) for address, number in found]


# Each page once in each role, narrowed by one of these: where a link would widen what a filter narrowed.
NARROWED = (
    ("/reports/replies/?show=time", "replied=full&answered=in_time"),
    ("/reports/replies/?show=time", "ours=all&asked_after=2023-01-01"),
    ("/reports/replies/?show=said", "late=any"),
    ("/reports/replies/?show=ended", "status=declined&status=promised"),
    ("/reports/replies/?show=more", "state=open"),
    ("/agencies/treasury/record/?", ""),
)


@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_every_number_is_the_total_of_the_list_it_leads_to(office, role):
    """One link in three of each page."""
    person = factories.person(role)
    client, known = factories.client(person), {}
    for turn, (address, filters) in enumerate(NARROWED):
        page = client.get(f"{address}&{filters}")
        assert (address, filters, page.status_code) == (address, filters, 200)
        for link, number in numbers(page)[turn % 3 :: 3]:
            if link == "#results":
                assert number == data_total(page)
                continue
            path, _, query = link.partition("?")
            assert path == "/"
            if link not in known:
                known[link] = Listing(QueryDict(query), user=person).found.count()
            assert (address, filters, link, known[link]) == (address, filters, link, number)
    assert len(known) > 18


def test_a_list_behind_a_number_says_its_filters_in_words(office, as_staff):
    page = words(as_staff.get("/?state=all&answered=in_time&due_basis=yardstick&replied=full&more_time=false"))
    for said in ("Answered by its date: in time", "What they replied: answered in full", "More time was given: no"):
        assert said in page
    assert "2 items" in page


def test_a_restricted_letter_is_in_no_number_but_of_those_who_may_see_it(office, as_viewer, manager):
    ours, theirs = (words(client.get("/reports/replies/")) for client in (factories.client(manager), as_viewer))
    assert ("10 items, put to 3 agencies" in ours, "9 items, put to 3 agencies" in theirs) == (True, True)
    page = as_viewer.get("/reports/replies/")
    assert (dict(numbers(page))["#results"], data_total(page)) == (3, 3)
    assert ('id="method"' in page.content.decode(), "the method of Kaplan and Meier" in theirs) == (True, True)
    record = words(as_viewer.get("/agencies/treasury/record/"))
    assert "7 items; 2 answered in full, 1 done; fewer than half had been answered after 69 days." in record


def test_bases_stand_apart_and_one_that_judged_nothing_is_not_shown(office, as_viewer):
    body = as_viewer.get("/agencies/treasury/record/").content.decode()
    cells = {key: " ".join(re.sub("<[^>]+>", "", cell).split()) for key, cell in re.findall(r'<tr data-key="(\w+)"><th[^>]*>.*?</th><td class="num">(.*?)</td>', body, re.S)}  # fmt: skip
    assert cells == {
        "acknowledged": "6 of 6",
        "answered_letter": "0 of 1",
        "answered_promise": "0 of 1",
        "answered_yardstick": "3 of 5",
        "half": "more than 69 days",
        "longest": "69 days, no answer",
        "replied_full": "2",
        "replied_partial": "1",
        "replied_evades": "0",
        "replied_unread": "1",
        "replied_nothing": "3",
        "open": "4",
        "status_answered": "1",
        "status_implemented": "1",
        "status_declined": "1",
        "more_time": "1",
        "late_original": "1",
        "late_both": "1",
    }


def test_a_bureau_stands_under_its_department_and_an_inspector_general_apart(office, as_viewer):
    body = as_viewer.get("/reports/replies/").content.decode()
    first, second, _ = re.findall(r"<tbody>(.*?)</tbody>", body, re.S)
    rows = re.findall(r'<tr data-key="([\w-]+)"[^>]*><th scope="row" class="tree__(\d)">', first)
    assert rows == [("treasury", "0"), ("ofac", "1")]
    assert re.findall(r'<tr data-key="([\w-]+)"', second) == ["dhs-oig"]


def test_a_department_of_which_only_a_bureau_was_asked_stands_above_it_without_numbers(reference, as_viewer):
    factories.item(agencies=["bis"])
    body = as_viewer.get("/reports/replies/").content.decode()
    assert re.findall(r'<tr data-key="([\w-]+)"( data-row)?', body) == [("commerce", ""), ("bis", " data-row")]


def test_a_head_sorts_those_that_stand_beside_each_other(office, as_viewer):
    with on(5, 10):
        factories.item(agencies=["state"])
        factories.item(agencies=["commerce"], sent_on=dt.date(2023, 4, 1))

    def order(query):
        body = as_viewer.get(f"/reports/replies/{query}").content.decode()
        return re.findall(r'<tr data-key="([\w-]+)" data-row', body)[:-1]

    assert order("") == ["commerce", "state", "treasury", "ofac"]
    assert order("?sort=-name") == ["treasury", "ofac", "state", "commerce"]
    assert order("?sort=-asked") == ["treasury", "ofac", "commerce", "state"]
    assert order("?sort=-longest") == ["commerce", "state", "treasury", "ofac"]
    assert order("?sort=half") == ["state", "treasury", "ofac", "commerce"]
    body = as_viewer.get("/reports/replies/?sort=-asked").content.decode()
    assert re.findall(r'data-column="(\w+)" aria-sort="(\w+)"', body) == [("asked", "descending")] * 2


def test_a_period_narrows_the_page_and_its_links_and_says_so(office, as_viewer):
    page = as_viewer.get("/reports/replies/?asked_after=2021-01-03&asked_before=2023-01-02")
    assert "1 item, put to 1 agency" in words(page)
    links = [address for address, _ in numbers(page) if address != "#results"]  # on this very page
    assert len(links) > 3
    assert all("asked_before=2023-01-02" in address for address in links)
    assert re.search(r'aria-current="true">117th Congress \(2021–2022\)', page.content.decode())
    assert "Nothing was asked here" in words(as_viewer.get("/reports/replies/?asked_before=1999-01-01"))
    assert "Nothing was asked of it here" in words(as_viewer.get("/agencies/justice/record/"))


@pytest.mark.parametrize("path", ["/reports/replies/", "/agencies/treasury/record/"])
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", ""),
        ("asked_after=2023-01-03&asked_before=2025-01-02&ours=all", "Asked January 3, 2023, to January 2, 2025 (118th Congress); letters led, followed and co-signed."),
        ("asked_after=2023-01-03&asked_before=2025-01-01", "Asked January 3, 2023, to January 1, 2025."),
        ("asked_before=2025-01-02", "Asked on or before January 2, 2025."),
        ("asked_after=2023-01-03&ours=led", "Asked on or after January 3, 2023."),
        ("ours=co_signed", "Letters only co-signed."),
    ],
)  # fmt: skip
def test_the_head_says_of_when_and_of_whose_letters_where_paper_has_no_chips(office, as_viewer, path, query, said):
    page = as_viewer.get(f"{path}?{query}")
    assert (page.context["within"], f'<p class="facts">{said}</p>' in page.content.decode()) == (said, bool(said))


@pytest.mark.parametrize("path", ["/reports/replies/", "/agencies/treasury/record/"])
def test_a_day_that_is_none_is_named_and_stays_in_its_field(office, as_viewer, path):
    page = as_viewer.get(f"{path}?asked_after=soon")
    assert page.status_code == 400
    assert "“soon” is not a date. Write it as YYYY-MM-DD, for example 2023-05-24." in words(page)
    assert re.search(r'name="asked_after" value="soon"', page.content.decode())


def test_the_filters_are_cleared_and_the_period_stays(office, as_viewer):
    page = as_viewer.get("/reports/replies/?asked_after=2023-01-01&agency=treasury&kind=sanction&ours=all")
    assert page.context["clear_url"] == "?asked_after=2023-01-01&ours=all"


def test_state_s_own_figures_are_marked_as_theirs_and_stand_only_with_state(office, as_viewer):
    with on(5, 10):
        factories.item(agencies=["state"])
    own = "State’s own count, not ours"
    figures = "It met that goal in 53% of 4,804 cases; in 32% it did not track whether it did. Source: GAO-14-424."
    for path in ("/reports/replies/", "/agencies/state/record/"):
        page = words(as_viewer.get(path))
        assert (own in page, figures in page) == (True, True)
    assert own not in words(as_viewer.get("/agencies/treasury/record/"))


def test_an_agency_that_only_a_restricted_letter_names_has_no_record_for_others(reference, as_viewer, manager):
    with acting(factories.SETUP):
        Agency.objects.create(slug="test-works", name="TEST Works", short_name="TEST Works", kind="company")
    letter = factories.item(agencies=["test-works"]).ask.letter
    sending.change_access(letter, by=manager, access="restricted", reason="TEST")
    assert as_viewer.get("/agencies/test-works/record/").status_code == 404
    assert factories.client(manager).get("/agencies/test-works/record/").status_code == 200


def said(cell) -> str:
    return "".join(part.text for part in cell)


def test_per_cent_stand_only_beside_twenty_and_never_say_all_of_almost_all():
    assert said(kept(Kept(3, 11), "", "")) == "3 of 11"
    assert said(kept(Kept(5, 19), "", "")) == "5 of 19"
    assert said(kept(Kept(5, 20), "", "")) == "5 of 20 (25%)"
    assert said(kept(Kept(999, 1000), "", "")) == "999 of 1,000 (99%)"
    assert said(kept(Kept(1, 1000), "", "")) == "1 of 1,000 (1%)"
    assert said(kept(Kept(0, 30), "", "")) == "0 of 30 (0%)"
    assert said(kept(Kept(0, 0), "", "")) == "–"


def test_half_is_said_as_far_as_it_is_known():
    for waits, cell, sentence in (
        ({(12, True): 3, (40, False): 2}, "12 days", "half were answered within 12 days"),
        ({(12, True): 1, (40, False): 2}, "more than 40 days", "fewer than half had been answered after 40 days"),
        # eight were passed on early: of one answer in ten nobody may read that half were answered
        (
            {(3, False): 8, (20, True): 1, (400, False): 1},
            "20 days (estimate)",
            "by estimate half are answered within 20 days, though fewer than half have been so far",
        ),
        ({(0, False): 2}, "too early to say", "it is too early to say when half will be answered"),
    ):
        assert (half_words(curve(waits)), half_sentence(curve(waits))) == (cell, sentence)


def test_the_record_is_reached_from_dashboard_agencies_and_agency(office, as_viewer):
    assert 'href="/reports/replies/"' in as_viewer.get("/dashboard/").content.decode()
    assert 'href="/reports/replies/"' in as_viewer.get("/agencies/").content.decode()
    assert 'href="/agencies/treasury/record/"' in as_viewer.get("/agencies/treasury/").content.decode()
    assert Tasking.objects.exists()
