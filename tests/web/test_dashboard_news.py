"""What changed: what the dashboard's first card counts, and what `since` and `change` find for pages and keys."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from letters.domain import news, not_repeated, putting_back, renewals, sending, workflow
from letters.domain.history import acting
from letters.domain.keys import create_key
from letters.enums import Scope
from letters.listing import Listing
from letters.models import Tasking
from tests import factories
from tests.api.conftest import Reader
from tests.web.test_pages import words

NOON = "2023-07-03T12:00:00-04:00"
CHANGED = ("since=2023-07-01", "change=worked", "since=2023-07-01&change=worked")


def news_of(person) -> str:
    """What the first card says to somebody who looks for the first time."""
    page = words(factories.client(person).get("/dashboard/"))
    return (
        page[page.index("Recorded in the last 7 days") : page.index("Due in the next")]
        .split(" By the day ")[0]
        .split(" This is your first visit")[0]
    )


def found_by(person) -> list[int]:
    """How many items each of the addresses has for them; for nobody, the lists of who holds a key."""
    return [Listing(QueryDict(f"{query}&state=all"), user=person).found.count() for query in CHANGED]


def test_the_card_says_which_day_it_goes_by(reference, staff):
    with time_machine.travel(NOON, tick=False):
        assert "By the day it was recorded" not in words(factories.client(staff).get("/dashboard/"))
        factories.item()
        page = words(factories.client(staff).get("/dashboard/"))
    assert "By the day it was recorded here, which may be later than it happened." in page


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_that_a_letter_one_may_not_see_asked_again_is_in_no_number(reference, staff, manager, is_taken_back):
    """A repeat moves no date here, so that nothing else happened to the item that everybody sees."""
    with factories.on(4, 25):
        first = factories.item(deadline_on=dt.date(2023, 5, 15))
    with time_machine.travel(NOON, tick=False):
        again = factories.sent(sent_on=dt.date(2023, 6, 5))
        factories.restrict(again)
        renewals.renew(first, by=manager, letter=again)
        if is_taken_back:
            not_repeated.take_back_renewal(factories.fresh(first), by=manager, letter=again, reason="TEST")
        assert (news_of(staff), found_by(staff), found_by(None)) == (
            "Recorded in the last 7 days Nothing changed.",
            [0] * 3,
            [0] * 3,
        )
        own = " 2 items changed 1 newly logged 1 worked on by us"
        assert (news_of(manager), found_by(manager)) == (f"Recorded in the last 7 days{own}", [2, 1, 1])
        key = Reader(create_key("TEST", scope=Scope.OFFICE, by=factories.SETUP))
        assert [key.rows(f"taskings/?{query}") for query in CHANGED] == [[], [], []]
        with acting(factories.SETUP):
            again.staff.add(staff)
        assert (news_of(staff), found_by(staff)) == (f"Recorded in the last 7 days{own}", [2, 1, 1])


def test_what_is_partly_done_and_promised_for_a_day_is_promised_and_not_done(reference, staff):
    """The headline counts it as past a date they promised: its card, too, and the list behind it."""
    with factories.on(4, 25):
        item = factories.item()
        factories.moved(factories.item(), "partly_addressed")  # its date is no promise
    with factories.on(5, 2):
        workflow.transition(item, to="promised", by=staff, promised_on=dt.date(2023, 6, 1))
        workflow.transition(factories.fresh(item), to="partly_addressed", by=staff)
    with time_machine.travel(NOON, tick=False):
        page = words(factories.client(staff).get("/dashboard/"))
        found = Listing(QueryDict("promised=true&late=promise"), user=staff).found
        assert list(found) == [item]
        assert Listing(QueryDict("promised=false"), user=staff).found.count() == 1
    assert "1 past a date they promised" in page
    assert "Promised and not done 1 item, 1 past the promised date" in page


def test_what_was_closed_by_mistake_and_put_back_was_neither_closed_nor_reopened(reference, staff):
    with factories.on(4, 25):
        first, second = factories.item(), factories.item()
    with time_machine.travel(NOON, tick=False):
        factories.moved(first, "withdrawn")
        factories.moved(second, "withdrawn")
        workflow.reopen(factories.fresh(second), by=staff, reason="TEST")
        assert news_of(staff) == "Recorded in the last 7 days 2 items changed 2 closed 1 reopened"
        with acting(staff):
            putting_back.put_back(workflow.lock(first), by=staff, reason="TEST")
        expected = "Recorded in the last 7 days 2 items changed 1 closed 1 reopened 1 put back after a mistake"
        assert news_of(staff) == expected
        found = [
            Listing(QueryDict(f"change={code}&state=all"), user=staff).found.count() for code in ("closed", "put_back")
        ]
        assert found == [1, 1]


@pytest.mark.parametrize("by_correction", [False, True])
def test_an_item_that_left_for_an_earlier_one_and_came_back_ended_in_nothing(reference, staff, manager, by_correction):
    """It left every count, whether the repeat is taken back or the earlier letter was entered in error."""
    with factories.on(4, 25):
        first = factories.item()
    with factories.on(6, 5):
        again = factories.sent(sent_on=dt.date(2023, 6, 5))
        own = Tasking.objects.get(ask__letter=again)
    with time_machine.travel(NOON, tick=False):
        renewals.renew(first, by=staff, letter=again, instead_of=own)
        if by_correction:
            sending.enter_in_error(first.ask.letter, by=manager, reason="TEST")
        else:
            not_repeated.take_back_renewal(factories.fresh(first), by=staff, letter=again, reason="TEST")
        told = news_of(staff)
        page = words(factories.client(staff).get(f"/items/{own.pk}/"))
    assert "1 put back after a mistake" in told
    assert ("closed" in told, "reopened" in told) == (False, False)
    assert "Counts again" in page
    assert "“entered in error” became" not in page
    assert "“entered in error” was reopened" not in page


def test_what_was_passed_on_is_not_newly_logged(reference, staff):
    """But what was logged with its letter is, though another item was passed on to it since."""
    with factories.on(4, 25):
        old = factories.item()
    with time_machine.travel(NOON, tick=False):
        workflow.transfer(old, to_agency=factories.agency("state"), by=staff, reason="TEST")
        assert news_of(staff) == "Recorded in the last 7 days 2 items changed 1 closed"
        letter = factories.sent(agencies=["treasury", "state"], sent_on=dt.date(2023, 7, 3))
        assert news_of(staff) == "Recorded in the last 7 days 4 items changed 2 newly logged 1 closed"
        one = Tasking.objects.get(ask__letter=letter, agency__slug="treasury")
        workflow.transfer(one, to_agency=factories.agency("state"), by=staff, reason="TEST")
        assert news_of(staff) == "Recorded in the last 7 days 4 items changed 2 newly logged 2 closed"


def test_a_first_visit_says_that_it_is_one_and_when_the_next_begins(reference, staff):
    """Loaded again it is the same visit: “from now on” was not so for half an hour."""
    client = factories.client(staff)
    first = "This is your first visit. Once you come back, 30 minutes or more after you last looked here, this says what changed since then."
    found = []
    for moment in ("12:00:00", "12:20:00", "12:49:00", "13:20:00"):
        with time_machine.travel(f"2023-07-03T{moment}-04:00", tick=False):
            page = words(client.get("/dashboard/"))
        found.append((first in page, "Since you looked on July 3, 2023, 12:49 p.m." in page))
    assert found == [(True, False)] * 3 + [(False, True)]


def test_an_address_that_is_refused_is_no_look(reference, staff):
    client = factories.client(staff)
    for moment, address, status in (
        ("2023-07-03T12:00:00-04:00", "/dashboard/", 200),
        ("2023-07-05T12:00:00-04:00", "/dashboard/?late=nothing", 400),
        ("2023-07-05T13:00:00-04:00", "/dashboard/", 200),
    ):
        with time_machine.travel(moment, tick=False):
            page = client.get(address)
        assert (address, page.status_code) == (address, status)
    assert "Since you looked on July 3, 2023, 12:00 p.m." in words(page)


def test_a_reply_that_is_news_is_looked_for_at_its_item_and_not_among_all_replies(reference, run_sql):
    """In the filter of an aggregate the database may collect all replies there are, and look among them: as soon as that
    seems cheaper, which it does here without indexes."""
    for _ in range(3):
        factories.reply(factories.item())
    for way in ("indexscan", "bitmapscan", "indexonlyscan"):
        run_sql(f"SET LOCAL enable_{way} = off")
    with CaptureQueriesContext(connection) as captured:
        found = news.changed(Tasking.objects.all(), dt.datetime(2023, 1, 1, tzinfo=dt.UTC), None)
    assert (found["any"], found["replied"], len(captured)) == (3, 3, 1)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {captured[0]['sql']}")
        looked = [
            node for node in nodes(cursor.fetchone()[0][0]["Plan"]) if node.get("Relation Name") == "letters_answer"
        ]
    assert [
        "tasking_id = letters_event.tasking_id" in f"{node.get('Index Cond')} {node.get('Filter')}" for node in looked
    ] == [True]


def nodes(plan: dict) -> list[dict]:
    return [plan, *(inner for one in plan.get("Plans", []) for inner in nodes(one))]
