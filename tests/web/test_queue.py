"""The queue: whose letters, counts that equal their lists, orders, headings, and what one page costs."""

import datetime as dt
import html
import itertools
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from letters.domain import items, sending
from letters.domain.clocks import office_today
from letters.domain.history import acting
from letters.domain.renewals import renew
from letters.enums import Match, Role
from letters.listing import DEFAULT_SORT, GROUPS, SORTS, Listing
from letters.models import Ask, Legislator, Signature, Tasking
from letters.web import queue
from letters.web.paging import page_of, pager
from tests import factories, kept
from tests.web.test_dashboard import total_behind
from tests.web.test_pages import data_total, words


def make_mixed() -> None:
    """Letters we led, co-led and co-signed; some late by each basis, owned, closed, unread; one restricted."""
    staff, manager = factories.user(Role.STAFF), factories.user(Role.MANAGER)
    treasury = factories.item(kind_code="rulemaking")
    items.assign(treasury, by=manager, owner=staff)
    factories.moved(factories.item(agencies=["commerce"], our_role="co_led"), "considering")
    factories.moved(factories.item(agencies=["state"], our_role="co_signed"), "promised")
    factories.item(agencies=["commerce"], our_role="co_signed", deadline_on=dt.date(2023, 5, 1))
    factories.moved(factories.item(agencies=["state"]), "withdrawn")
    factories.reply(factories.item(agencies=["state"]), coverage=None)
    secret = factories.item(agencies=["justice"], kind_code="briefing", subject="TEST secret")
    sending.change_access(secret.ask.letter, by=manager, access="restricted", reason="TEST")
    hagerty = Legislator.objects.get(bioguide="H000601")
    considered = Tasking.objects.get(status="considering")
    with acting(manager):
        for signature in Signature.objects.filter(letter__in=[treasury.ask.letter, considered.ask.letter]):
            signature.legislator, signature.match = hagerty, Match.CONFIRMED
            signature.save()


def make_eleven() -> None:
    """One letter with 11 asks: more than a page of ten."""
    letter = factories.draft()
    for _ in range(11):
        factories.ask(letter, "treasury")
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)


@pytest.fixture(scope="module")
def _kept_lists(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        kept.make("mixed", make_mixed)
        kept.make("eleven", make_eleven)


@pytest.fixture
def mixed(_kept_lists, reference) -> None:
    kept.put_back("mixed")


@pytest.fixture
def eleven(_kept_lists, reference) -> None:
    kept.put_back("eleven")


def test_the_list_is_what_we_led_or_co_led_and_one_click_adds_the_rest(as_staff, mixed):
    page = as_staff.get("/")
    assert data_total(page) == 3
    assert "3 open items from 3 asks, with 3 agencies." in words(page)
    assert "2 more are on letters we only co-signed." in words(page)
    assert re.findall(r">(Led or followed|Also co-signed) <b>(\d+)</b>", page.content.decode()) == [
        ("Led or followed", "3"),
        ("Also co-signed", "5"),
    ]
    everything = as_staff.get("/?ours=all")
    assert (data_total(everything), data_total(as_staff.get("/?ours=co_signed"))) == (5, 2)
    assert "5 open items" in words(everything)
    assert "only co-signed." not in words(everything)


def test_every_link_of_the_headline_has_as_many_items_as_it_says(as_staff, mixed):
    for start in ["/", "/?ours=all", "/?ours=co_signed"]:
        page = as_staff.get(start).content.decode()
        links = re.findall(r'<a href="([^"]+)" data-count="(\d+)"', page)
        assert len(links) > 2
        for address, number in links:
            address = html.unescape(address)
            if "group=" not in address:
                assert (start, address, data_total(as_staff.get(address))) == (start, address, int(number))


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ("agency=commerce&ours=all", "2 open items from 2 asks, with 1 agency."),
        ("agency=commerce", "1 open item from 1 ask, with 1 agency. None is past a date the letter set"),
        ("unread=true", "1 open item from 1 ask, with 1 agency."),
        ("late=letter&ours=all", "1 open item from 1 ask, with 1 agency. 1 past a date the letter set"),
        ("state=all&ours=all", "6 items, 5 of them open."),
        ("state=closed", "1 closed item."),
        ("status=considering&status=withdrawn", "2 items, 1 of them open."),
        ("agency=nasa", "No open item matches."),
        ("state=closed&agency=nasa", "No item matches."),
    ],
)
def test_the_headline_agrees_with_the_filters_in_force(as_staff, mixed, staff, filters, sentence):
    known: dict[str, int] = {}  # most of what the page leads to it leads to with its box open, too

    for box in ("", "&filters=1"):
        page = as_staff.get(f"/?{filters}{box}")
        (headline,) = re.findall(r'<p class="headline">(.*?)</p>', page.content.decode(), flags=re.S)
        assert re.sub("<[^>]+>", "", headline).startswith(sentence)
        for address, number in re.findall(r'<a href="([^"]+)" data-count="(\d+)"', headline):
            address = html.unescape(address)
            if "group=" not in address:
                known[address] = known[address] if address in known else total_behind(address, staff)
                assert (address, known[address]) == (address, int(number))
        (first, *_) = re.findall(r'data-count="(\d+)"', headline) or ["0"]
        assert data_total(page) == int(first)
        # and whose letters: each choice keeps the filters, so it counts within them, or not at all
        for address, number in re.findall(
            r'href="([^"]+)"[^>]*>(?:Led or followed|Also co-signed) <b>(\d+)<', page.content.decode()
        ):
            assert (address, total_behind("/" + html.unescape(address), staff)) == (address, int(number))


STARTS = [
    "", "agency=commerce&ours=all", "owner=nobody", "status=withdrawn", "late=any", "state=all&ours=all", "signatory=H000601",
    "q=TEST&late=letter&due_basis=letter&ours=all", "due=month&ours=all", "status=considering&signatory=H000601", "state=closed", "deadline=none",
]  # fmt: skip


def choices(page: str) -> Iterator[tuple[str, str, int]]:
    """Each filter's name, each value that its box offers (empty: any), and the number beside it."""
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', page, flags=re.S):
        for value, number in re.findall(r'<option value="(\w*)"[^>]*>[^<]*\(([\d,]+)\)</option>', options):
            yield name, value, int(number)


@pytest.mark.parametrize("start", STARTS)
def test_the_count_beside_every_choice_is_the_length_of_its_list(as_staff, mixed, staff, start):
    """For every filter and every choice of it, within whatever else is chosen. The list is the one that a page shows:
    that each page's total is its length, the tests around this one say."""
    checked = set()
    page = as_staff.get(f"/?filters=1&{start}").content.decode()
    # lateness is not added up over what the dates rest on, so this one choice has no number
    assert re.search(r'<option value="any"[^>]*>by any measure</option>', page)
    for name, value, number in choices(page):
        query = QueryDict(start, mutable=True)
        query.pop(name, None)
        if value:
            query[name] = value
        assert (name, value, Listing(query, user=staff).found.count()) == (name, value, number)
        checked.add(name)
    assert checked >= {
        "agency",
        "acting",
        "kind",
        "status",
        "owner",
        "signatory",
        "late",
        "ours",
        "due",
        "due_basis",
        "deadline",
        "state",
    }


def test_the_box_keeps_every_filter_in_force_also_where_it_has_no_field(as_staff, mixed):
    start = "more_time=false&role=lead&asked_before=2023-12-31&status=considering&status=awaiting&sort=letter"
    page = as_staff.get(f"/?filters=1&{start}")
    (box,) = re.findall(r'<details class="filters".*?</details>', page.content.decode(), flags=re.S)
    sent = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', box)
    assert sorted(sent) == sorted([("filters", "1"), *(tuple(one.split("=")) for one in start.split("&"))])
    assert 'name="status"' not in box.replace('type="hidden" name="status"', "")  # a select would send one of the two
    # what the person chooses there narrows the same list, and is what a saved view keeps
    query = "&".join(f"{name}={value}" for name, value in [*sent, ("agency", "treasury"), ("q", "")])
    narrowed = as_staff.get(f"/?{query}")
    assert (data_total(page), data_total(narrowed)) == (3, 1)
    (save,) = re.findall(r'href="/views/new/\?([^"]+)"', narrowed.content.decode())
    assert (
        html.unescape(save)
        == "more_time=false&role=lead&asked_before=2023-12-31&status=considering&status=awaiting&sort=letter&agency=treasury&q="
    )
    assert as_staff.get(f"/dashboard/?filters=1&{start}").content.decode().count('type="hidden" name="status"') == 2


def test_the_headline_says_nothing_of_replies_about_items_it_does_not_count(as_staff, reference):
    factories.item()
    factories.reply(factories.item(our_role="co_signed"), coverage=None)
    for address in ("/", "/dashboard/"):
        page = words(as_staff.get(address))
        assert (address, "None has a reply not yet read." in page, "No reply" in page) == (address, True, False)
    assert data_total(as_staff.get("/replies/unread/")) == 1
    assert "1 item has a reply not yet read." in words(as_staff.get("/?ours=all"))


def test_a_filter_that_works_is_not_said_to_fail_with_the_box_closed_or_open(as_staff, mixed):
    working = ("agency=treasury", "owner=nobody", "late=any", "state=closed", "due=week", "status=withdrawn")
    addresses = [f"/?{filters}{box}" for filters in working for box in ("", "&filters=1")]
    assert [one for one in addresses if "does not work" in words(as_staff.get(one))] == []
    assert "This filter does not work" in words(as_staff.get("/?agency=nonsense"))


def test_every_built_in_list_has_as_many_items_as_its_chip_says(as_staff, mixed, staff):
    items.assign(factories.item(), by=staff, owner=staff)
    considering = Tasking.objects.get(status="considering")
    items.set_review(considering, by=staff, on=dt.date(2030, 1, 7))
    factories.item(deadline_on=office_today() + dt.timedelta(days=3), sent_on=office_today())
    for start in ["/", "/?ours=all&group=none"]:
        page = as_staff.get(start).content.decode()
        chips = re.findall(r'<a class="chip" href="([^"]+)"[^>]*>([^<]+) <b>(\d+)</b>', page)
        assert {label for _, label, _ in chips} >= {
            "All open", "Mine", "Unassigned", "Replies unread", "Due within 7 days", "Untouched for 90 days", "To review",
        }  # fmt: skip
        for address, label, number in chips:
            assert (label, data_total(as_staff.get(html.unescape(address)))) == (label, int(number))
    # they leave the filters, and say so; but where one of them is the filter
    labels = [re.findall(r'chips__label" aria-hidden="true">(Show[^<]*)<', as_staff.get(at).content.decode())
              for at in ("/?agency=commerce", "/?owner=nobody")]  # fmt: skip
    assert labels == [["Show without other filters"], ["Show"]]
    # whose letters they are stays: that row stands beside it
    kept = re.search(
        r'<a class="chip" href="([^"]+)"[^>]*>Mine', as_staff.get("/?agency=commerce&ours=all").content.decode()
    )
    assert "ours=all" in kept[1]


def test_a_restricted_letter_is_in_no_count_choice_heading_or_file(as_staff, mixed):
    for path in [
        "/?filters=1&ours=all&state=all",
        "/?group=letter",
        "/?group=ask",
        "/queue.csv?ours=all",
        "/?kind=briefing",
    ]:
        response = as_staff.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert (path, b"secret" in body, b"Justice (" in body) == (path, False, False)
    assert data_total(as_staff.get("/?agency=justice&ours=all")) == 0


def shown(address: str, person) -> tuple[list[str], list[tuple[str, str]], str | None]:
    """The items, the headings with their numbers, and the address of the next page: what a page is drawn from."""
    request = RequestFactory().get(address)
    listing = Listing(request.GET, user=person)
    page, _ = page_of(request, listing.rows, listing.order, size=queue.PAGE)
    groups = queue.grouped(listing, page, is_part=True)
    headings = [(group["heading"], str(group["number"])) for group in groups if group["heading"]]
    return [str(t.pk) for t in page.rows], headings, pager(request, page)["next_url"]


def drawn(client: Client, address: str) -> tuple[list[str], list[tuple[str, str]], str | None]:
    """The same, read from the page."""
    page = client.get(address).content.decode()
    headings = re.findall(r'rowgroup" colspan="6">(?:<a [^>]+>)?([^<]+)(?:</a>)? <small>(\d+) item', page)
    next_page = re.search(r'href="(\?[^"]+)" rel="next"', page)
    return re.findall(r'id="row-([\w-]+)"', page), headings, next_page and html.unescape(next_page[1])


def test_pages_of_every_order_have_each_item_once_and_in_order(manager, mixed, monkeypatch):
    """Every order under every heading; drawn are the pages of each order and of each heading once, of two items, while
    the others are two: one of four items, and the rest."""
    client = factories.client(manager)
    for sort, group in itertools.product(SORTS, ["none", *GROUPS]):
        address = f"/?sort={sort}&group={group}&ours=all"
        listing = Listing(QueryDict(address[2:]), user=manager)
        whole = [str(t.pk) for t in listing.rows.order_by(*listing.order.by())]
        found, headings, pages, is_drawn = [], [], 0, sort == DEFAULT_SORT or group == "none"
        monkeypatch.setattr(queue, "PAGE", 2 if is_drawn else 4)
        while address and pages < 4:  # were a page to begin anew, it would go on for ever
            page = drawn(client, address) if is_drawn else shown(address, manager)
            found, headings, pages = found + page[0], headings + page[1], pages + 1
            address = f"/{page[2]}" if page[2] else ""
        assert (sort, group, found, pages) == (sort, group, whole, 3 if is_drawn else 2)
        assert len(found) == 6
        # a heading counts its items in the whole list, on whichever page it stands
        assert bool(headings) == (group != "none")
        assert group == "none" or sum(int(number) for _, number in dict.fromkeys(headings)) == 6


def test_items_of_one_date_stand_by_letter_and_ask(as_staff, seed):
    factories.sent(agencies=["treasury"])
    page = as_staff.get("/?group=none").content.decode()
    places = re.findall(r'class="rows__title"[^>]*>([^<]+)</a>', page)
    assert (places[0], places[-1]) == ("Treasury: Sanction Huawei Cloud", "Treasury: TEST ask")


@pytest.mark.parametrize(
    ("group", "title"),
    [("", "Sanction Huawei Cloud"), ("?group=letter", "Treasury: Sanction Huawei Cloud"), ("?group=ask", "Treasury: Sanction Huawei Cloud")],
)  # fmt: skip
def test_a_row_names_its_agency_where_no_heading_does(as_staff, seed, group, title):
    page = as_staff.get(f"/{group}").content.decode()
    assert title in re.findall(r'class="rows__title"[^>]*>([^<]+)</a>', page)


# "A page of 100 items costs at most 12 queries", with everything on it: the box of filters, headings, a second
# page. Ten items stand for the hundred: a query that came with each of them would be ten too many.
@pytest.mark.parametrize(("path", "queries"), [("/", 9), ("/?group=none", 8), ("/?filters=1&owner=nobody", 11)])
def test_a_page_of_a_hundred_costs_at_most_twelve_queries(as_staff, eleven, path, queries, monkeypatch):
    assert queue.PAGE == 100
    monkeypatch.setattr(queue, "PAGE", 10)
    as_staff.get(path)
    with CaptureQueriesContext(connection) as captured:
        page = as_staff.get(path)
    assert page.content.decode().count("data-row") == 10
    assert "Showing 10 of 11 items" in words(page)
    assert len(captured) == queries, "\n".join(query["sql"][:200] for query in captured)


# The rows that the address names are looked up at once, however many there are: one query for the first filter, none
# for a second. Closed items cost one more where the box does not count them.
@pytest.mark.parametrize(("more", "queries"), [("filters=1", 12), ("state=all", 11), ("filters=1&lead=H000601", 12)])
def test_a_page_costs_no_more_for_a_second_filter_that_names_a_row(
    as_staff, staff, manager, eleven, more, queries, monkeypatch
):
    with acting(manager):
        Signature.objects.update(
            legislator=Legislator.objects.get(bioguide="H000601"), match=Match.CONFIRMED, is_lead=True
        )
    for item in Tasking.objects.all():
        items.assign(item, by=manager, owner=staff)
    monkeypatch.setattr(queue, "PAGE", 10)
    path = f"/?agency=treasury&kind=other&owner={staff.username}&signatory=H000601&{more}"
    as_staff.get(path)
    with CaptureQueriesContext(connection) as captured:
        page = as_staff.get(path)
    assert "Showing 10 of 11 items" in words(page)
    assert len(captured) == queries, "\n".join(query["sql"][:200] for query in captured)


def test_of_a_filter_given_twice_each_value_is_named_by_its_own_name(as_staff, eleven):
    assert "Agency: State, Treasury" in words(as_staff.get("/?agency=state&agency=treasury"))


def test_nothing_matches_and_which_filter_to_drop(as_staff, seed):
    page = as_staff.get("/?agency=treasury&q=nothing-like-it")
    assert "No item fits: words “nothing-like-it”" in words(page) or "No item fits: agency" in words(page)
    assert "Without words “nothing-like-it”: 3 items" in words(page)
    assert "Without agency" not in words(page)
    assert page.status_code == 200


def test_the_first_page_stands_in_for_a_cursor_of_another_order(as_staff, seed, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 2)
    page = as_staff.get("/?sort=touched&group=none").content.decode()
    cursor = re.search(r"cursor=([\w%-]+)", page)[1]
    other = as_staff.get(f"/?sort=due&group=none&cursor={cursor}")
    assert (
        "is not a cursor of this list in this order. Leave it out to start at the first page. Here is the first page."
        in words(other)
    )


def test_a_viewer_sees_no_boxes_and_no_actions(as_viewer, seed):
    page = as_viewer.get("/").content.decode()
    assert ("data-select" in page, "row-acts" in page, "bulk" in page) == (False, False, False)
    assert Ask.objects.count() == 5


@pytest.mark.parametrize("access", ["office", "restricted"])
def test_a_row_says_that_its_item_was_asked_again(as_staff, manager, reference, access):
    item = factories.item(kind_code="briefing")
    assert "asked again" not in words(as_staff.get("/"))
    for n, day in enumerate([dt.date(2023, 9, 5), dt.date(2023, 11, 2), dt.date(2023, 12, 1)], start=1):
        letter = factories.sent(kind_code="briefing", sent_on=day, access=access)
        renew(item, by=manager, letter=letter, instead_of=Tasking.objects.get(ask__letter=letter))
        said = words(factories.client(manager).get("/"))
        last = f"{day:%b} {day.day}, 2023"
        assert {
            1: f"asked again on {last}",
            2: f"asked again twice, last {last}",
            3: f"asked again 3 times, last {last}",
        }[n] in said
        # of letters that the reader may not see, nothing (invariant 8)
        assert ("asked again" in words(as_staff.get("/"))) is (access == "office")
    if access == "office":  # nor of one that was entered in error
        sending.enter_in_error(letter, by=manager, reason="TEST")
        assert "asked again twice, last Nov 2, 2023" in words(as_staff.get("/"))


def test_an_office_that_only_co_signed_is_not_told_that_every_ask_is_closed(as_staff, reference):
    factories.item(our_role="co_signed")
    page = as_staff.get("/")
    assert "Nothing is outstanding on letters we led or follow What is open is on letters we only co-signed" in words(
        page
    )
    assert "Every ask of every letter has been closed" not in words(page)
    assert '<a class="usa-button usa-button--outline" href="?ours=all">Show those, too</a>' in page.content.decode()
    assert data_total(as_staff.get("/?ours=all")) == 1
