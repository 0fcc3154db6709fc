"""The dashboard: every number leads to exactly its items, within whatever filters the address has."""

import datetime as dt
import html
import re
import uuid

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.domain import items, keyset, news, sending
from letters.domain.history import acting
from letters.enums import Match, Role
from letters.listing import Listing
from letters.models import Legislator, Letter, Look, Signature, Tasking, Topic
from letters.web import open_asks
from letters.web.board import OPEN, WAIT_COLUMNS, Cell, Line, Places, _by_wait
from tests import factories, kept
from tests.web.test_pages import data_total, words

NOON = "2023-07-03T12:00:00-04:00"


@pytest.fixture(scope="module")
def _kept_office(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        kept.make("office", make_office)


@pytest.fixture
def office(_kept_office, reference):
    """Letters late by each basis, promised, unread, closed, co-signed, with topics, companies and leads; one restricted."""
    kept.put_back("office")
    with time_machine.travel(NOON, tick=False):
        yield Letter.objects.get(access="restricted")


def make_office() -> None:
    staff, manager = factories.person(Role.STAFF), factories.person(Role.MANAGER)
    with time_machine.travel(NOON, tick=False):
        quoll, numbat = factories.target("TEST Quoll"), factories.target("TEST Numbat")
        with acting(factories.SETUP):
            topics = [Topic.objects.create(slug=name.lower(), name=f"TEST {name}") for name in ("Chips", "Ships")]
        first = factories.item(kind_code="sanction", ask_facts={"targets": [quoll, numbat]})
        items.assign(first, by=manager, owner=staff)
        second = factories.item(agencies=["commerce"], deadline_on=dt.date(2023, 5, 1), ask_facts={"targets": [quoll]})
        factories.moved(factories.item(agencies=["state"]), "promised")
        factories.reply(factories.item(agencies=["state"], sent_on=dt.date(2023, 6, 20)), coverage=None)
        factories.item(agencies=["justice"], sent_on=dt.date(2021, 1, 4), signers=["TEST Nobody"])
        factories.moved(factories.item(agencies=["energy"]), "withdrawn")
        factories.item(agencies=["energy"], our_role="co_signed")
        secret = factories.item(agencies=["treasury"], kind_code="briefing", ask_facts={"targets": [numbat]})
        sending.change_access(secret.ask.letter, by=manager, access="restricted", reason="TEST")
        hagerty, other = (Legislator.objects.get(bioguide=key) for key in ("H000601", "T000476"))
        with acting(factories.SETUP):
            first.ask.letter.topics.add(*topics)
            second.ask.letter.topics.add(topics[0])
            for tasking, member in ((first, hagerty), (second, hagerty), (secret, other)):
                Signature.objects.filter(letter=tasking.ask.letter).update(
                    legislator=member, match=Match.CONFIRMED, is_lead=True
                )
            factories_more = Signature.objects.create(
                letter=first.ask.letter,
                position=2,
                printed_name="TEST Second",
                is_lead=True,
                legislator=other,
                match=Match.CONFIRMED,
            )
            Signature.objects.filter(letter__asks__taskings__agency__slug="justice").update(is_lead=True)
        assert factories_more.is_lead


LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"[^>]*\bdata-count="(\d+)"')
# The narrow ones: where a link would widen what a filter narrowed, or open what it closed.
FILTERS = [
    "ours=all", "late=any", "target=test-quoll", "lead=H000601&lead=T000476", "status=promised&status=withdrawn", "due=week",
    "since=2023-07-01&change=asked", "due_basis=letter&topic=chips", "state=closed&owner=nobody",
]  # fmt: skip


def numbers(page) -> list[tuple[str, int]]:
    body = page.content.decode()
    body = body[body.index("<main") :]
    return [(html.unescape(address), int(number)) for address, number in LINK.findall(body)]


def total_behind(address: str, person) -> int:
    """The total of the list at this address, as its page counts it, without drawing the page."""
    path, _, query = address.partition("?")
    if path == "/":
        return Listing(QueryDict(query), user=person).found.count()
    client = Client()
    client.force_login(person)
    return data_total(client.get(address))


def test_every_number_is_the_total_of_the_list_it_leads_to_within_any_filters(office, as_staff, staff):
    """One link in eight of each page, others of the next: all of them took a minute, and agreed."""
    known: dict[str, int] = {}
    for turn, filters in enumerate(FILTERS):
        page = as_staff.get(f"/dashboard/?{filters}")
        assert (filters, page.status_code) == (filters, 200)
        found = numbers(page)
        assert len(found) > 8 or "No open item matches" in words(page), filters
        for address, number in found[turn % 8 :: 8]:
            if address not in known:
                known[address] = total_behind(address, staff)
            assert (filters, address, known[address]) == (filters, address, number)


def test_the_lists_themselves_say_the_same_totals(office, as_staff):
    page = as_staff.get("/dashboard/?ours=all")
    links = dict(numbers(page))
    for address in list(links)[::9]:
        assert (address, data_total(as_staff.get(address))) == (address, links[address])


def test_the_asks_and_the_agencies_of_the_headline_have_lists_of_their_own(office, as_staff):
    page = as_staff.get("/dashboard/?ours=all")
    assert "6 open items from 6 asks, with 5 agencies." in words(page)
    found = dict(numbers(page))
    assert (found["/dashboard/ask/?ours=all"], found["/dashboard/agency/?ours=all"]) == (6, 5)
    for address in ("/dashboard/ask/?ours=all", "/dashboard/agency/?ours=all", "/dashboard/topic/?ours=all"):
        listed = as_staff.get(address)
        assert data_total(listed) == len(re.findall(r"<tr\b[^>]*\bdata-row\b", listed.content.decode()))


def test_the_pages_of_the_asks_have_each_once_newest_letter_first(office, as_staff, monkeypatch):
    address = "/dashboard/ask/?ours=all"
    whole = asks_of(as_staff.get(address))
    monkeypatch.setattr("letters.web.open_asks.ASKS", 2)
    found, following = [], address
    while following:
        page = as_staff.get(following)
        assert data_total(page) == 6
        found += [asks_of(page)]
        following = page.context["next_url"] and f"/dashboard/ask/{page.context['next_url']}"
    assert found == [whole[:2], whole[2:4], whole[4:]]
    assert [reference for reference, _ in whole] == sorted((reference for reference, _ in whole), reverse=True)
    other = keyset.encode(keyset.Order("due_on"), None, dt.date(2023, 4, 25), uuid.uuid4())
    words_of_number = keyset.encode(open_asks.BY_LETTER, None, "2023-0001", uuid.uuid4(), ["TEST"])
    for cursor in ("TEST", other, words_of_number):
        page = as_staff.get(f"{address}&cursor={cursor}")
        assert (asks_of(page), "Here is the first page." in words(page)) == (whole[:2], True)


def test_an_ask_that_closes_while_its_page_is_drawn_is_left_out(office, as_staff, monkeypatch):
    address, read = "/dashboard/ask/?ours=all", open_asks._keys
    whole = asks_of(as_staff.get(address))

    def closes(opened):
        keys = read(opened)
        factories.moved(Tasking.objects.get(ask=keys[0][2]), "withdrawn")
        return keys

    monkeypatch.setattr(open_asks, "_keys", closes)
    page = as_staff.get(address)
    assert (asks_of(page), data_total(page)) == (whole[1:], 5)


def asks_of(page) -> list[tuple[str, int]]:
    return [(row["ask"].letter.reference, row["ask"].number) for row in page.context["rows"]]


def test_a_restricted_letter_is_in_no_number_but_of_those_who_may_see_it(office, as_staff, manager):
    chief = Client()
    chief.force_login(manager)
    before = {who: words(client.get("/dashboard/")) for who, client in (("staff", as_staff), ("manager", chief))}
    assert "Numbat" in before["manager"]
    assert "6 open items from 6 asks" in before["manager"]
    assert "5 open items from 5 asks" in before["staff"]
    with acting(factories.SETUP):
        Letter.objects.filter(pk=office.pk).update(state="entered_in_error")
    assert words(as_staff.get("/dashboard/")) == before["staff"]


def test_lateness_is_never_added_up_over_what_it_rests_on(office, as_staff):
    page = as_staff.get("/dashboard/").content.decode()
    ages = page[page.index('data-figures="age"') :]
    columns = re.findall(r'<th scope="col" class="num" data-column="(\w+)" data-basis="(\w+)"', ages)
    assert columns == [("late_letter", "letter"), ("late_promise", "promise"), ("late_yardstick", "yardstick")]
    assert re.findall(r"age=(\w+)&amp;late=(\w+)", ages) == [
        ("to_30", "promise"), ("to_90", "letter"), ("to_90", "yardstick"), ("over_365", "yardstick"),
    ]  # fmt: skip
    assert re.findall(r'age=(\w+)"', ages) == ["in_time"]


def test_what_changed_since_somebody_last_looked(office, as_staff, manager, staff):
    with time_machine.travel("2023-07-03T12:00:00-04:00", tick=False):
        assert "Recorded in the last 7 days" in words(as_staff.get("/dashboard/"))
    tasking = Tasking.objects.get(agency__slug="commerce")
    with time_machine.travel("2023-07-03T12:20:00-04:00", tick=False):
        as_staff.get("/dashboard/")  # the same visit
    with time_machine.travel("2023-07-04T09:00:00-04:00", tick=False):
        factories.moved(tasking, "promised", by=manager)
        factories.moved(Tasking.objects.get(agency__slug="justice"), "withdrawn", by=manager)
    for moment in ("2023-07-05T08:00:00-04:00", "2023-07-05T08:25:00-04:00"):
        with time_machine.travel(moment, tick=False):
            page = as_staff.get("/dashboard/")
        assert "Since you looked on July 3, 2023, 12:20 p.m. 2 items changed 1 promised 1 closed" in words(page)
        news_links = [address for address, _ in numbers(page) if "since=" in address]
        assert news_links == [
            "/?since=2023-07-03T16%3A18%3A00Z&state=all",
            "/?since=2023-07-03T16%3A18%3A00Z&change=promised&state=all",
            "/?since=2023-07-03T16%3A18%3A00Z&change=closed&state=all",
        ]
    with time_machine.travel("2023-07-05T10:00:00-04:00", tick=False):
        page = words(as_staff.get("/dashboard/"))
        assert "Since you looked on July 5, 2023, 8:25 a.m. Nothing changed." in page
    assert Look.objects.get().user == staff


def test_what_changed_is_counted_from_the_moment_that_its_links_name(office, staff, manager):
    """An item that was logged long ago and closed today is not among those logged today."""
    with time_machine.travel("2023-07-20T12:00:00-04:00", tick=False):
        factories.moved(Tasking.objects.get(agency__slug="commerce"), "promised", by=manager)
        factories.moved(factories.item(), "promised", by=manager)
        client = factories.client(staff)
        for changes, most in (("change=asked", 1), ("change=asked&change=promised", 1), ("change=promised", 2)):
            links = [one for one in numbers(client.get(f"/dashboard/?{changes}")) if "since=" in one[0]]
            assert links[0][1] == most
            totals = [Listing(QueryDict(address[2:]), user=staff).found.count() for address, _ in links]
            assert (changes, totals) == (changes, [number for _, number in links])
        of_a_day = [a for a, _ in numbers(client.get("/dashboard/?since=2023-07-20")) if "state=all" in a]
        assert of_a_day[0] == "/?since=2023-07-20T04%3A00%3A00Z&state=all"


def test_what_was_committed_after_a_look_but_stamped_before_is_told(reference, as_staff, staff):
    with time_machine.travel("2023-07-03T12:20:00-04:00", tick=False):
        as_staff.get("/dashboard/")
    with time_machine.travel("2023-07-03T12:19:00-04:00", tick=False):
        factories.item()
    with time_machine.travel("2023-07-05T08:00:00-04:00", tick=False):
        page = words(as_staff.get("/dashboard/"))
    assert "Since you looked on July 3, 2023, 12:20 p.m. 1 item changed 1 newly logged" in page


def test_two_looks_at_once_agree_and_one_that_comes_late_moves_nothing_back(staff):
    first, last = (dt.datetime(2023, 7, day, 12, tzinfo=dt.UTC) for day in (3, 5))
    assert news.look(by=staff, now=first) is None
    assert news.look(by=staff, now=last) == first
    assert news.look(by=staff, now=first) == first
    assert news.look(by=staff, now=last) == first


def test_the_filters_stand_in_every_link_and_in_the_form(office, as_staff):
    page = as_staff.get("/dashboard/?filters=1&agency=commerce&target=test-quoll")
    assert "1 open item from 1 ask, with 1 agency." in words(page)
    assert '<input type="hidden" name="target" value="test-quoll">' in page.content.decode()
    assert all("agency=commerce" in a and "target=test-quoll" in a for a, _ in numbers(page))
    assert 'name="state"' not in page.content.decode()
    closed = as_staff.get("/dashboard/?state=closed")
    assert "The dashboard counts open items: the filter “State” is left out here." in words(closed)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "Recorded since: “yesterday” is no moment. Write it as 2026-11-27T14:05:00Z, or a day as 2026-11-27."),
        ("since=0001-01-01T00:00:00Z", "Recorded since: “0001-01-01T00:00:00Z” is no moment."),
        ("since=9999-12-31T23:59:59-12:00", "Recorded since: “9999-12-31T23:59:59-12:00” is no moment."),
        ("&".join(f"topic=t{n}" for n in range(81)), "Topic: it was given 81 times; at most 80 are looked for at once. Leave some out."),
        ("lead=X1", "Led by: “X1” is not known. Use the Bioguide ID of a member, such as H000601."),
        ("change=nothing", "What changed: “nothing” is not known. Use one of: asked,"),
        ("ask=four", "Number of the ask: “four” is not a whole number. Write the number of the ask, for example 4."),
        ("waited=long", "First asked: “long” is not known. Choose one from the list, or leave it out."),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused_by_name(reference, as_staff, query, said):
    for path in ("/dashboard/", "/dashboard/kind/", "/"):
        page = as_staff.get(f"{path}?{query}")
        assert (path, page.status_code) == (path, 400)
        assert said in words(page)


def test_what_is_given_over_and_over_is_looked_up_once(reference, as_staff, django_assert_num_queries):
    as_staff.get("/")
    with CaptureQueriesContext(connection) as once:
        assert as_staff.get("/?lead=H000601").status_code == 200
    with django_assert_num_queries(len(once)):
        assert as_staff.get("/?" + "&".join(["lead=H000601"] * 9)).status_code == 200


def test_nothing_outstanding_and_no_such_table(reference, as_staff):
    assert "Nothing is outstanding" in words(as_staff.get("/dashboard/"))
    # where only co-signed letters have open items, not every ask is closed
    factories.item(our_role="co_signed")
    page = as_staff.get("/dashboard/")
    assert "Nothing is outstanding on letters we led or follow. 1 open item is on a letter we only co-signed." in words(
        page
    )
    assert "Every ask of every letter has been closed" not in words(page)
    assert data_total(as_staff.get("/?ours=all")) == 1
    assert '<a class="usa-button usa-button--outline" href="?ours=all">Show those, too</a>' in page.content.decode()
    assert data_total(as_staff.get("/dashboard/ask/")) == 0
    assert as_staff.get("/dashboard/party/").status_code == 404


def test_a_link_narrows_what_the_address_says_and_never_widens_it():
    assert Places(QueryDict("target=a")).items(target="b") == "/?target=a&target=b"
    assert Places(QueryDict("lead=A000001&late=any")).items(late="letter") == "/?lead=A000001&late=letter"
    assert Places(QueryDict("due=week")).items(due="month") == "/?due=week"
    assert Places(QueryDict("status=promised&state=all")).items() == "/?status=promised&state=open"


def test_the_chart_of_agencies_says_with_whom_most_is_open_and_names_two_that_have_as_much(reference, as_staff):
    def finding() -> str:
        body = as_staff.get("/dashboard/").content.decode()
        return re.search(r'<p class="chart-finding">(.*?)</p>', body)[1]

    with time_machine.travel(NOON, tick=False):
        factories.sent(agencies=["treasury"])
        assert finding() == "Most is open with Treasury: 1 item."
        factories.sent(agencies=["commerce"])
        assert finding() == "Most is open with Commerce and Treasury: 1 item each."
        factories.sent(agencies=["treasury"], sent_on=dt.date(2021, 3, 1))
        assert finding() == "Most is open with Treasury: 2 items, 1 of them asked over a year ago."
        factories.sent(agencies=["commerce", "state", "justice"])
        factories.sent(agencies=["state", "justice"])
        assert finding() == "Most is open with 4 agencies: 2 items each."


def test_an_agency_begins_its_line_with_a_capital_and_goes_on_in_a_sentence_as_it_is(reference, as_staff):
    """As on the reply records."""
    factories.sent(agencies=["president"])
    body = as_staff.get("/dashboard/").content.decode()
    assert re.search(r'data-key="president"><th scope="row"><a [^>]*>([^<]+)<', body)[1] == "The President"
    assert "Most is open with the President: 1 item" in body


def test_a_chart_that_leaves_agencies_out_says_so():
    lines = [
        Line(f"test-{n}", f"TEST {n}", [Cell(column, 99 - n) for column in (OPEN, *WAIT_COLUMNS)]) for n in range(21)
    ]
    names = [line.label for line in lines]
    assert (
        _by_wait(lines[:20], names).finding == "Most is open with TEST 0: 99 items, all of them asked over a year ago."
    )
    assert _by_wait(lines, names).finding.endswith(
        " year ago. The chart shows the first 20 of 21 agencies, the table all."
    )


@pytest.mark.parametrize("path", ["/dashboard/", "/dashboard/kind/", "/dashboard/ask/"])
def test_its_head_says_of_whose_letters_where_these_are_not_the_usual_ones(seed, as_staff, path):
    """On paper it has no chips, and the sentence leaves nothing out that it would name."""
    factories.item(our_role="co_signed")
    for query, said in (
        ("", ""),
        ("?ours=all", "Of letters led, followed and co-signed."),
        ("?ours=co_signed", "Of letters only co-signed."),
    ):
        page = words(as_staff.get(f"{path}{query}"))
        assert ("Of letters" in page, said in page) == (bool(said), True)


def test_what_is_late_says_where_most_is_and_names_none_alone_where_several_have_as_many(reference, as_staff):
    def finding() -> str:
        return as_staff.get("/dashboard/").context["ages"].chart.finding

    with time_machine.travel(NOON, tick=False):
        today = dt.date(2023, 7, 3)
        first = factories.item(deadline_on=today - dt.timedelta(days=10), sent_on=today - dt.timedelta(days=40))
        assert finding() == "The most, 1 item: 1 to 30 days past the letter’s date."
        factories.item(sent_on=today - dt.timedelta(days=800))
        assert (
            finding()
            == "The most, 1 item each: 1 to 30 days past the letter’s date and over a year past our usual wait."
        )
        factories.item(deadline_on=today - dt.timedelta(days=50), sent_on=today - dt.timedelta(days=80))
        assert finding() == "The most, 1 item each: in 3 places."
        factories.moved(first, "withdrawn")
        factories.item(sent_on=today - dt.timedelta(days=800))
        assert finding() == "The most, 2 items: over a year past our usual wait."


def test_filters_in_force_are_said_in_words_and_never_in_codes(reference, as_staff, manager):
    seen = factories.item(ask_facts={"targets": [factories.target("TEST Quoll Group")]})
    hidden = factories.item(
        access="restricted", staff=[manager], ask_facts={"targets": [factories.target("TEST Quagga")]}
    )
    with acting(factories.SETUP):
        for one, name in ((seen, "trade"), (hidden, "hush")):
            one.ask.letter.topics.add(Topic.objects.create(slug=f"test-{name}", name=f"TEST {name}"))
    query = (
        "lead=H000601&lead=-unmatched-&topic=test-trade&topic=-none-&target=test-quoll-group&change=late_letter&owner=manager"
        "&since=2026-11-29T01:10:22.123456Z&asked_before=2023-05-24"
    )
    said = {part["label"]: part["value"] for part in as_staff.get(f"/dashboard/?{query}").context["active"]}
    assert said == {
        "Led by": "Bill Hagerty, not matched to a member", "Topic": "TEST trade, no topic", "Owner": "manager",
        "Company, person or program": "TEST Quoll Group", "What changed": "passed a date the letter set",
        "Recorded since": "November 28, 2026, 8:10 p.m.", "First asked on or before": "May 24, 2023",
    }  # fmt: skip
    # what only a restricted letter names is said as it was typed
    page = as_staff.get("/?target=test-quagga&topic=test-hush")
    assert [part["value"] for part in page.context["active"]] == ["test-quagga", "test-hush"]
    found = factories.client(manager).get("/?target=test-quagga&topic=test-hush")
    assert [part["value"] for part in found.context["active"]] == ["TEST Quagga", "TEST hush"]
