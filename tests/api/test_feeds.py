"""Standard feeds, each read by an independent parser; conditional requests; nothing in them that the API would not say."""

import csv
import datetime as dt
import io

import feedparser
import icalendar
import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from letters.api.feeds import atom, state
from letters.domain import extending, reference_data, sending, workflow
from letters.domain.amending import amend_parts, confirming
from letters.domain.history import acting
from letters.enums import Access, Status
from letters.models import Agency, AskKind, Legislator, StatutoryClock, Target, Tasking, Topic
from letters.reports.queue_export import guarded
from tests.api.conftest import Answer
from tests.domain.test_walks import Walk
from tests.factories import SETUP, item, moved, reply, sent, target

FILES = ("status.atom", "dates.ics", "open.csv", "everything.csv")


@pytest.fixture
def read(office, public):
    """A file as a reader gets it: status, bytes, headers."""
    keys = {"office": office.key, "public": public.key}

    def got(path: str, who: str = "office", **headers: str) -> Answer:
        sent_headers = {"Authorization": f"Bearer {keys[who]}"} | headers
        response = Client(raise_request_exception=False).get(f"/feeds/{path}", headers=sent_headers)
        return Answer(response.status_code, response.getvalue(), response.headers)

    return got


@pytest.fixture
def table(read):
    """The rows of a CSV."""

    def rows(path: str, who: str = "office") -> list[dict]:
        answer = read(path, who)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8; header=present")
        return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))

    return rows


def read_atom(body: bytes):
    parsed = feedparser.parse(body)
    assert parsed.bozo == 0, parsed.bozo_exception
    assert parsed.version == "atom10"
    return parsed


# --- Atom


def test_the_atom_feed_says_each_change_of_status(seed, read, staff, settle):
    first = Tasking.objects.get(ask__number=1)
    workflow.transition(first, to=Status.CONSIDERING, by=staff, reason="TEST <b>they & we</b>")
    settle()
    answer = read("status.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = read_atom(answer.body)
    assert (feed.feed.id, feed.feed.title) == ("http://testserver/feeds/status.atom", "Status of what we asked for")
    assert len(feed.entries) == 9
    newest, *_, oldest = feed.entries
    assert newest.title == f"Treasury: {first.ask.summary}: looking into it"
    assert newest.id == f"urn:uuid:{Tasking.objects.get(pk=first.pk).status_event_id}"
    assert newest.link == f"http://testserver/items/{first.pk}/"
    assert newest.summary == (
        f"Treasury: {first.ask.summary}. It was “no reply recorded”; now it is “looking into it”. "
        f"Letter 2023-0001, {seed.subject}. TEST <b>they & we</b>"
    )
    assert [tag.term for tag in newest.tags] == ["considering"]
    assert feed.feed.updated_parsed == newest.updated_parsed
    assert oldest.summary.startswith(f"{oldest.title.rpartition(':')[0]}. It is “no reply recorded”.")


def test_a_reader_that_was_away_finds_the_older_changes_by_next(seed, read, settle, monkeypatch):
    settle()
    whole = [entry.id for entry in read_atom(read("status.atom").body).entries]
    monkeypatch.setattr(atom, "PAGE", 3)
    found, path = [], "status.atom"
    while path:
        feed = read_atom(read(path).body)
        found += [entry.id for entry in feed.entries]
        following = [link.href for link in feed.feed.links if link.rel == "next"]
        path = following[0].removeprefix("http://testserver/feeds/") if following else ""
    assert (found, len(found)) == (whole, 8)


def test_an_empty_atom_feed_is_one_too(reference, read):
    assert read_atom(read("status.atom").body).entries == []


def test_the_public_atom_feed_tells_public_changes_only(seed, read, staff, manager, settle):
    first, second = Tasking.objects.filter(ask__number__in=(1, 2)).order_by("ask__number")
    workflow.transition(first, to=Status.CONSIDERING, by=staff, reason="TEST quagga")
    workflow.transition(second, to=Status.WITHDRAWN, by=staff, reason="TEST quagga")
    settle()
    body = read("status.atom", "public").body
    (entry,) = read_atom(body).entries
    assert entry.link == f"http://testserver/api/v1/taskings/{second.pk}/"
    assert [word for word in ("quagga", "2023-0001", "items/") if word in body.decode()] == []
    sending.withdraw_release(seed, by=manager, reason="TEST")
    settle()
    assert read_atom(read("status.atom", "public").body).entries == []


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00"])
def test_a_cursor_of_no_feed_is_refused(seed, read, cursor):
    answer = read(f"status.atom?before={cursor}")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert b"before: " in answer.body


# --- iCalendar


def test_the_calendar_has_each_date_that_runs_and_says_what_it_rests_on(seed, read, staff):
    asked = item(deadline_on=dt.date(2023, 6, 1), subject="TEST; with, signs\\ and é" + "x" * 80)
    promised = workflow.transition(item(), to=Status.PROMISED, by=staff, promised_on=dt.date(2030, 1, 2))
    moved(item(), "answered")
    workflow.transition(item(), to=Status.CLARIFICATION, by=staff)
    answer = read("dates.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.body)
    assert (calendar["version"], calendar["x-wr-calname"]) == ("2.0", "Dates of what we asked for")
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    assert len(events) == 9  # seven of the seed letter, these two
    assert max(len(line) for line in answer.body.split(b"\r\n")) <= 75
    one = events[f"{asked.pk}@due.correspondence"]
    assert (one.decoded("dtstart"), one.decoded("dtend")) == (dt.date(2023, 6, 1), dt.date(2023, 6, 2))
    assert str(one["summary"]) == "Treasury: TEST ask (asked for by this day)"
    assert asked.ask.letter.subject in str(one["description"])
    assert str(one["url"]) == f"http://testserver/items/{asked.pk}/"
    assert str(events[f"{promised.pk}@due.correspondence"]["summary"]).endswith("(promised for this day)")
    usual = next(one for one in events.values() if "usual wait" in one["summary"])
    assert str(usual["description"]).startswith(
        "Our usual wait for this agency ends on this day. Nobody has set a deadline. Letter: 2023-0001, "
    )
    assert b"overdue" not in answer.body
    assert len(icalendar.Calendar.from_ical(read("dates.ics?agency=commerce").body).walk("VEVENT")) == 3


@pytest.mark.parametrize("deadline_on", [None, dt.date(2023, 5, 24)], ids=["our usual wait", "the letter's date"])
def test_a_date_that_more_time_gave_is_called_that(reference, read, staff, deadline_on):
    extending.extend(item(deadline_on=deadline_on), by=staff, to=dt.date(2023, 6, 30), by_notice=False)
    (event,) = icalendar.Calendar.from_ical(read("dates.ics").body).walk("VEVENT")
    assert event.decoded("dtstart") == dt.date(2023, 6, 30)
    assert str(event["summary"]) == "Treasury: TEST ask (the time they were given ends)"
    assert str(event["description"]).startswith("The time they were given ends on this day. Letter: ")


def test_the_public_calendar_has_only_dates_that_letters_set(seed, read):
    theirs = item(deadline_on=dt.date(2023, 6, 1), released=True)
    item(deadline_on=dt.date(2023, 6, 1))
    body = read("dates.ics", "public").body
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert str(event["url"]) == f"http://testserver/api/v1/taskings/{theirs.pk}/"
    assert b"2023-000" not in body


# --- CSV


def as_cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("who", ["office", "public"])
def test_the_table_says_what_the_list_says(seed, office, public, table, staff, who):
    seen = item(released=True, ask_facts={"targets": [target("TEST A"), target("TEST B")]})
    reply(seen, coverage=None)
    workflow.transition(item(released=True), to=Status.WITHDRAWN, by=staff, reason="TEST")
    listed = {"office": office, "public": public}[who].rows("taskings/")
    flat = [
        row | {
            "kind": row["kind"]["code"], "agency": row["agency"]["slug"], "agency_name": row["agency"]["short_name"],
            "acting_agency": row["acting_agency"]["slug"] if row["acting_agency"] else None,
            "targets": " ".join(one["slug"] for one in row["targets"]), "ask": row["ask"]["id"],
            "ask_number": row["ask"]["number"],
            **{name: row["ask"].get(name) for name in ("summary", "quote", "instrument", "requested_list", "requested_by", "statute")},
            "letter": row["letter"]["id"], "reference": row["letter"].get("reference"),
            **{name: row["letter"][name] for name in ("subject", "sent_on")},
        }
        for row in listed
    ]  # fmt: skip
    rows = table("everything.csv", who)
    assert len(rows) == len(listed) == 10
    by_id = {row["id"]: row for row in rows}
    assert [by_id[row["id"]] for row in flat] == [
        {name: as_cell(row[name]) for name in by_id[row["id"]]} for row in flat
    ]
    still_open = [row["id"] for row in flat if row["status"] in ("awaiting",)]
    assert [row["id"] for row in table("open.csv", who)] == still_open  # in the list's order
    # every fact of a row is in a column
    nested = {"url", "page_url"} if who == "office" else {"url"}
    assert {*listed[0], *nested} - {"page_url"} <= {*rows[0]} | {"page_url"}


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", " =1", "＝1", "plain, \"quoted\"\nline", "é"])  # fmt: skip  # noqa: RUF001
def test_no_cell_becomes_a_formula(seed, office, table, words):
    with acting(SETUP):
        Tasking.objects.get(ask__number=1).ask.letter.asks.filter(number=1).update(summary=words, quote=words)
    (row,) = table("open.csv?kind=sanction")
    assert (row["summary"], row["quote"]) == (guarded(words), guarded(words)) if "\r" not in words else True
    assert row["summary"][0] not in "=+-@\t\r"


def test_the_tables_take_the_filters_of_the_list(seed, read, table):
    assert len(table("everything.csv?agency=treasury&late=any")) == 3
    assert len(table("everything.csv?state=closed")) == 0
    wrong = read("open.csv?agency=nope&colour=red")
    assert (wrong.status, wrong.headers["Content-Type"]) == (400, "application/problem+json")
    assert read("open.csv?state=closed").status == 400
    assert read("open.csv?owner=nobody", "public").status == 403
    assert read("open.csv?agency=nope").status == 400


# --- who reads


@pytest.mark.parametrize("name", ["open.csv", "everything.csv"])
def test_filters_that_exclude_each_other_leave_the_heading(seed, read, name):
    """Found by the hostile requests: the database is not asked for what none can pass, and COPY has to be told so."""
    answer = read(f"{name}?co_signer=-none-&answered=judged&acknowledged=judged&age=to_30")
    heading = read(name).body.split(b"\n", 1)[0]
    assert (answer.status, answer.body) == (200, heading + b"\n")


@pytest.mark.parametrize("name", FILES)
def test_a_key_or_a_session_and_nobody_else(seed, read, viewer, settle, name):
    settle()
    refused = Client().get(f"/feeds/{name}")
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")
    client = Client()
    client.force_login(viewer)
    assert client.get(f"/feeds/{name}").getvalue() == read(name).body
    assert client.head(f"/feeds/{name}").getvalue() == b""
    assert read(name, Accept="text/html").status == 200


@pytest.mark.parametrize("who", ["office", "public"])
def test_what_no_key_may_see_is_in_no_feed_and_moves_no_tag(seed, read, settle, who):
    def told() -> list[tuple[list[bytes], str]]:
        answers = [read(name, who) for name in FILES]
        # the table of everything is in no order
        return [(sorted(answer.body.splitlines()), answer.headers["ETag"]) for answer in answers]

    settle()
    before = told()
    hidden = item(access=Access.RESTRICTED, subject="TEST quagga", ask_facts={"targets": [target("TEST quagga")]})
    reply(hidden)
    if who == "public":
        reply(item(subject="TEST quagga"))
    settle()
    assert told() == before


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("who", "name", "queries"), [
    ("office", "status.atom", 6), ("office", "dates.ics", 5), ("office", "everything.csv", 7),
    ("public", "status.atom", 7), ("public", "dates.ics", 5), ("public", "everything.csv", 7),  # and three after a change
])  # fmt: skip
def test_a_feed_costs_the_same_with_one_row_and_with_three(
    read, settle, django_assert_num_queries, who, name, queries, rows
):
    for _ in range(rows):
        item(released=True, deadline_on=dt.date(2030, 6, 1))
        moved(item(released=True), "withdrawn")
    settle()
    cache.clear()
    for more in (3, 0):
        with django_assert_num_queries(queries + (more if who == "public" else 0)):
            assert read(name, who).status == 200


# --- 304


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("who", ["office", "public"])
def test_who_has_the_present_state_is_told_so(seed, read, staff, settle, who, name):
    settle()
    first = read(name, who)
    tag = first.headers["ETag"]
    again = read(name, who, **{"If-None-Match": tag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert read(name, who, **{"If-None-Match": '"other"'}).status == 200
    workflow.transition(Tasking.objects.get(ask__number=1), to=Status.WITHDRAWN, by=staff, reason="TEST")
    settle()
    later = read(name, who, **{"If-None-Match": tag})
    assert (later.status, later.headers["ETag"] != tag) == (200, True)


def test_who_has_the_present_changes_of_status_costs_no_page_of_them(seed, read, settle):
    settle()
    tag = read("status.atom").headers["ETag"]
    asked = []
    for headers in ({"If-None-Match": tag}, {}):
        with CaptureQueriesContext(connection) as captured:
            read("status.atom", **headers)
        asked.append(sum("letters_feedentry" in query["sql"] and "LIMIT 101" in query["sql"] for query in captured))
    assert asked == [0, 1]


def test_by_the_time_too_but_never_in_the_second_a_state_began(seed, read, staff, settle):
    settle()
    now = dt.datetime(2026, 12, 1, 12, 0, 0, 500_000, tzinfo=dt.UTC)
    with time_machine.travel(now, tick=False) as clock:
        # a state that begins in this very second would have the same time
        assert "Last-Modified" not in read("open.csv").headers
        clock.shift(1)
        seen = read("open.csv").headers["Last-Modified"]
        assert seen == "Tue, 01 Dec 2026 12:00:00 GMT"
        # for each address with filters an age would be kept, and there is no end of such addresses
        for path in ("open.csv?q=TEST", "open.csv?q=TEST"):
            assert "Last-Modified" not in read(path).headers
            clock.shift(1)
        assert read("open.csv", **{"If-Modified-Since": seen}).status == 304
        # of a file that is read, as of a row: those are for writes, and this was a 412 without a word
        assert read("open.csv", **{"If-Match": '"x"'}).status == 200
        assert read("open.csv", **{"If-Match": '"x"', "If-Modified-Since": seen}).status == 304
        workflow.transition(Tasking.objects.get(ask__number=1), to=Status.WITHDRAWN, by=staff, reason="TEST")
        settle()
        assert read("open.csv", **{"If-Modified-Since": seen}).status == 200
        clock.shift(1)
        assert read("open.csv", **{"If-Modified-Since": seen}).status == 200


def test_a_state_that_comes_back_is_as_old_as_its_return(seed, read, settle):
    """Whoever holds what was there in between has the later time, and holds another file."""
    settle()
    treasury = Agency.objects.filter(slug="treasury")
    held, tags = [], []
    with time_machine.travel(dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC), tick=False) as clock:
        for name in ("Treasury", "TEST Other", "Treasury"):
            with acting(SETUP):
                treasury.update(short_name=name)
            read("open.csv", "public")
            clock.shift(1)
            answer = read("open.csv", "public")
            held.append(answer.headers["Last-Modified"])
            tags.append(answer.headers["ETag"])
            if name == "TEST Other":
                between = answer.headers["Last-Modified"]
        assert read("open.csv", "public", **{"If-Modified-Since": between}).status == 200
        assert read("open.csv", "public", **{"If-Modified-Since": held[-1]}).status == 304
    assert (tags[0], sorted(held), len(set(held))) == (tags[2], held, 3)


def test_whose_letters_they_are_moves_the_tag_though_no_public_event_tells_it(read, staff, settle):
    """Confirmed where they did not sit on that day, or another of the same state and party: their letter comes and goes."""
    letter = sent(released=True, signers=["TEST Name"])
    other = sent(released=True, signers=["Bill Hagerty"])
    amend_parts(other, by=staff, reason="TEST", corrections=confirming(other.signatures.all()))
    settle()

    def files() -> dict:
        return {
            bioguide: read(f"open.csv?signatory={bioguide}", "public") for bioguide in ("H000601", "B001243", "C000127")
        }

    before = files()
    tag = read("open.csv", "public").headers["ETag"]
    signer, hers = letter.signatures.get(), other.signatures.get()
    with acting(SETUP):  # a member who did not sit on that day has neither state nor party
        cantwell = Legislator.objects.get(bioguide="C000127")
        type(signer).objects.filter(pk=signer.pk).update(legislator=cantwell, match="confirmed")
        blackburn = Legislator.objects.get(bioguide="B001243")
        type(hers).objects.filter(pk=hers.pk).update(legislator=blackburn)
    settle()
    after = files()
    assert {key: said(one) != said(before[key]) for key, one in after.items()} == dict.fromkeys(after, True)
    assert [key for key, one in after.items() if one.headers["ETag"] == before[key].headers["ETag"]] == []
    assert read("open.csv", "public").headers["ETag"] == tag


def test_a_topic_s_and_a_law_s_name_move_the_office_s_tag(seed, read):
    law = StatutoryClock.objects.order_by("code").first()
    for model, old, new in (
        (Topic, {"slug": "china"}, {"slug": "test-topic"}),
        (type(law), {"pk": law.pk}, {"code": "test"}),
    ):
        tag = read("open.csv").headers["ETag"]
        with acting(SETUP):
            assert model.objects.filter(**old).update(**new) == 1
        assert read("open.csv").headers["ETag"] != tag


def test_without_the_cache_there_is_still_the_tag(seed, read, monkeypatch):
    def broken(*_, **__):
        raise ConnectionError

    monkeypatch.setattr(state.cache, "get", broken)
    answer = read("open.csv")
    assert (answer.status, "ETag" in answer.headers, "Last-Modified" in answer.headers) == (200, True, False)


def test_a_name_that_changes_moves_the_tag(seed, read):
    tag = read("open.csv").headers["ETag"]
    with acting(SETUP):
        Agency.objects.filter(slug="treasury").update(short_name="TEST Treasury")
    assert read("open.csv", **{"If-None-Match": tag}).status == 200


def test_what_is_the_office_s_own_moves_no_public_tag(seed, read, staff, settle):
    """Our wait, other letters' companies and kinds, and the day; what a public row is called moves it."""
    item(ask_facts={"targets": [target("TEST Quagga Co")]}, kind_code="audit_request")
    settle()

    def tags() -> dict[str, str]:
        return {name: read(name, "public").headers["ETag"] for name in FILES}

    before = tags()
    with acting(SETUP):
        Agency.objects.filter(slug="treasury").update(yardstick_days=30)
        Agency.objects.filter(slug="fcc").update(short_name="TEST FCC")
        Target.objects.filter(name="TEST Quagga Co").update(slug="test-other")
        AskKind.objects.filter(code="audit_request").update(name="TEST audit")
    workflow.transition(Tasking.objects.get(ask__number=2), to=Status.CONSIDERING, by=staff)
    settle()
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        assert tags() == before
    for model, old, new in (
        (Agency, {"slug": "treasury"}, {"short_name": "TEST Treasury"}),
        (Target, {"slug": "huawei-cloud"}, {"slug": "test-huawei"}),
        (AskKind, {"code": "sanction"}, {"code": "test_sanction"}),
    ):
        held = tags()
        with acting(SETUP):
            assert model.objects.filter(**old).update(**new) == 1
        assert [name for name, tag in tags().items() if tag == held[name]] == []


def said(answer: Answer) -> bytes | list[bytes]:
    """Every byte where the tag is strong; where it is weak, the rows in any order (RFC 9110, 8.8.1)."""
    return sorted(answer.body.splitlines()) if answer.headers["ETag"].startswith("W/") else answer.body


def test_only_the_table_without_an_order_has_a_weak_tag(seed, read):
    assert [name for name in FILES if read(name).headers["ETag"].startswith("W/")] == ["everything.csv"]


@pytest.mark.parametrize("number", range(2))
def test_whatever_is_done_a_tag_that_stays_means_a_file_that_stays(
    reference, staff, manager, admin, read, settle, number
):
    walk = Walk(number, {"staff": staff, "manager": manager, "admin": admin})
    about = target("TEST Before")
    signed = sent(agencies=["treasury"], released=True, signers=["Bill Hagerty"], ask_facts={"targets": [about]})
    settle()
    # what no verb of the walk does, and what these find by it
    besides = {
        6: lambda: amend_parts(signed, by=staff, reason="TEST", corrections=confirming(signed.signatures.all())),
        12: lambda: reference_data.keep_target(about, by=admin, name="TEST After"),
    }
    files = (*FILES, "open.csv?signatory=H000601", "open.csv?q=After")

    def everything() -> dict:
        return {(name, who): read(name, who) for name in files for who in ("office", "public")}

    before, changed = everything(), 0
    for step in range(24):
        walk.step()
        besides.get(step, lambda: None)()
        settle()
        if step % 2:
            continue
        now = everything()
        for key, one in now.items():
            if said(one) != said(before[key]):
                changed += 1
                assert one.headers["ETag"] != before[key].headers["ETag"], key
        before = now
    assert changed > 5
