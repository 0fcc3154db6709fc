"""Lists: what is in them, in which order, page by page, at a cost that does not grow with the rows."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.domain import files, items, keyset, reference_data, sending, workflow
from letters.domain.history import acting
from letters.domain.replies import Bearing, add_answer
from letters.domain.sending import enter_in_error
from letters.enums import Access, AgencyKind, Status
from letters.filters import TaskingFilter
from letters.listing import SORTS, Listing
from letters.models import Agency, Tasking
from tests.api.conftest import Reader
from tests.factories import SETUP, ask, draft, evidence, item, moved, reply, sent, target, user
from tests.made_files import PDF

# Queries for a page: the key, the rows, then a fixed number for what hangs on them.
LIST_COSTS = [
    ("office", "letters/", 5),  # signatures, addressees, topics
    ("office", "letters/?q=TEST&agency=treasury", 6),  # the agency by its slug
    ("office", "taskings/", 3),  # targets
    ("office", "taskings/?order=owner", 4),  # and whether the list is long
    ("office", "taskings/?state=open&agency=treasury&q=TEST", 4),
    ("office", "agencies/?limit={rows}", 2),
    ("office", "legislators/?limit={rows}", 3),  # terms
    ("office", "targets/", 3),  # other names
    ("office", "responses/", 3),  # answers
    ("office", "events/?limit={rows}", 3),  # the feed's epoch
    ("public", "letters/", 4),  # signatures, addressees
    ("public", "taskings/", 3),
    ("public", "agencies/?limit={rows}", 2),
    ("public", "legislators/?limit={rows}", 3),
    ("public", "targets/", 2),
    ("public", "events/?limit={rows}", 4),  # the epoch, what was withdrawn
]
# What hangs on letters and items, and the rest of the reference data.
OTHER_COSTS = [
    ("office", "evidence/", 3),  # targets
    ("office", "contacts/", 3),  # items
    ("office", "attachments/", 2),
    ("office", "officials/?limit={rows}", 2),
    ("office", "kinds/?limit={rows}", 2),
    ("office", "statutes/?limit={rows}", 2),
    ("office", "closures/?limit={rows}", 2),
    (
        "writer",
        "notes/",
        4,
    ),  # these two for keys that write in somebody's name alone; the first of an hour notes its use
    ("writer", "drafts/", 6),
]


def letters(count: int) -> None:
    """Public letters with a target, a reply and a deadline each."""
    for number in range(count):
        made = item(
            released=True,
            subject=f"TEST {number}",
            deadline_on=dt.date(2023, 6, 1),
            ask_facts={"targets": [target()]},
        )
        reply(made)


def costs_and_lengths(readers: dict[str, Reader], paths: list[tuple[str, str, int]], rows: int) -> list[tuple]:
    """Of each list who reads it, its path, the queries it took and how long it is: the rows are made once for all."""
    found = []
    for who, path, _ in paths:
        with CaptureQueriesContext(connection) as taken:
            answer = readers[who].get(path.format(rows=rows))
        found.append((who, path, len(taken), len(answer.body.get("results", ()))))
    return found


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_with_one_row_and_with_three(office, public, settle, rows):
    letters(rows)
    settle()
    # agencies and members come from the reference data, and one letter has several events: so many are asked for
    wanted = [(who, path, queries, rows) for who, path, queries in LIST_COSTS]
    assert costs_and_lengths({"office": office, "public": public}, LIST_COSTS, rows) == wanted


def what_hangs_on_them(count: int) -> None:
    """So many proofs, contacts, notes, files, drafts and laws, each of an item of its own."""
    for number in range(count):
        made = item(subject=f"TEST {number}", ask_facts={"targets": [target()]})
        evidence(made)
        items.log_contact(by=SETUP, agency=made.agency, taskings=[made], channel="call", outcome="TEST")
        items.add_note(by=SETUP, letter=made.ask.letter, tasking=made, text="TEST")
        files.attach(by=SETUP, letter=made.ask.letter, name="TEST.pdf", file=PDF + str(number).encode())
        draft(subject=f"TEST {number}")
        reference_data.keep_statute(
            by=SETUP, code=f"test-{number}", name=f"TEST {number}", citation="TEST", trigger="TEST", days=1
        )


@pytest.mark.parametrize("rows", [1, 3])
def test_what_hangs_on_letters_costs_the_same_with_one_row_and_with_three(office, writer, settle, folder, rows):
    what_hangs_on_them(rows)
    settle()
    wanted = [(who, path, queries, rows) for who, path, queries in OTHER_COSTS]
    assert costs_and_lengths({"office": office, "writer": writer}, OTHER_COSTS, rows) == wanted


@pytest.mark.parametrize("asks", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("office", 13), ("public", 13)])
def test_a_letter_costs_the_same_with_one_ask_and_with_three(
    office, public, django_assert_num_queries, who, queries, asks
):
    agencies = ["treasury", "commerce", "state"][:asks]
    letter = sent(agencies=agencies, released=True)
    reader = {"office": office, "public": public}[who]
    with django_assert_num_queries(queries):
        answer = reader.get(f"letters/{letter.pk}/")
    assert sum(len(ask["taskings"]) for ask in answer.body["asks"]) == asks


def test_the_seed_letter(seed, office):
    (row,) = office.rows("letters/")
    assert (row["reference"], row["page_url"]) == ("2023-0001", "http://testserver/letters/2023-0001/")
    assert row["url"] == f"http://testserver/api/v1/letters/{seed.pk}/"
    detail = office.get(row["url"]).body
    assert {name: detail[name] for name in row} == row
    assert detail["text"] == seed.text
    assert [len(ask["taskings"]) for ask in detail["asks"]] == [1, 1, 1, 2, 3]
    assert len(detail["signatures"]) == 9


def test_the_first_day_of_the_calendar_is_a_day_like_any_other(seed, office):
    dated = [row["id"] for row in office.rows("taskings/") if row["due_on"]]
    assert len(dated) == 7
    for query in ("due_after=0001-01-01", "due_after=0001-01-01&limit=2", "due_before=9999-12-31&limit=2"):
        assert [row["id"] for row in office.rows(f"taskings/?{query}")] == dated
    assert office.rows("taskings/?due_before=0001-01-01") == []


def test_every_page_of_a_row_is_there_and_every_office_row_has_one(seed, office, public, viewer, settle):
    reply(Tasking.objects.get(ask__number=1))
    settle()
    client = Client()
    client.force_login(viewer)
    for resource in ("letters", "taskings", "agencies", "legislators", "targets", "responses", "events"):
        rows = office.get(f"{resource}/?limit=3").body["results"]
        assert rows
        addresses = {row["page_url"] for row in rows}
        assert {(address, client.get(address).status_code) for address in addresses} == {(a, 200) for a in addresses}
        if resource != "responses":
            assert {row["page_url"] for row in public.get(f"{resource}/?limit=3").body["results"]} == {None}


def test_the_seed_taskings(seed, office):
    rows = office.rows("taskings/")
    assert len(rows) == 8
    dated = [row for row in rows if row["due_on"]]
    assert [(row["due_on"], row["due_basis"], row["status"], row["late"]) for row in dated] == [
        ("2023-05-24", "yardstick", "awaiting", True)
    ] * 7
    assert [(row["role"], row["agency"]["slug"]) for row in rows if not row["due_on"]] == [("consulted", "state")]
    (first,) = office.rows("taskings/?kind=sanction")
    assert first["url"] == f"http://testserver/api/v1/taskings/{first['id']}/"
    assert first["page_url"] == f"http://testserver/items/{first['id']}/"
    assert (first["agency"]["slug"], first["acting_agency"]["slug"]) == ("treasury", "ofac")
    assert [one["slug"] for one in first["targets"]] == ["huawei-cloud"]
    assert first["letter"] == {
        "id": str(seed.pk), "subject": seed.subject, "sent_on": "2023-04-25", "reference": "2023-0001",
    }  # fmt: skip
    detail = office.get(first["url"]).body
    assert {name: detail[name] for name in first} == first
    assert [
        (one["clock"], one["due_on"], one["basis"]) for one in detail["dates"] if one["clock"] == "substantive"
    ] == [("substantive", "2023-05-24", "yardstick")]
    assert detail["dates"][-1]["because"][0] == "Sent April 25, 2023"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 200])
@pytest.mark.parametrize(
    "name",
    [
        "taskings/?",
        "taskings/?order=-due_on&",
        "taskings/?order=waiting&",
        "taskings/?order=touched&",
        "targets/?",
        "letters/?",
    ],
)
def test_pages_of_any_size_give_every_row_once_in_one_order(seed, office, name, limit):
    sent()
    sent()
    whole = office.get(f"{name}limit=200").body
    assert whole["next"] is None
    assert [row["id"] for row in office.rows(f"{name}limit={limit}")] == [row["id"] for row in whole["results"]]


@pytest.mark.parametrize("sort", SORTS)
def test_each_order_of_the_queue_is_one_here(seed, office, staff, settle, sort):
    sent(sent_on=dt.date(2023, 5, 2))
    items.assign(Tasking.objects.filter(agency__slug="state").first(), by=staff, owner=staff)
    settle()
    asked = "ours=all&state=open&role=lead"
    queue = Listing(QueryDict(f"{asked}&group=none&sort={sort}"), user=staff)
    there = [str(one.pk) for one in queue.found.order_by(*queue.order.by())]
    assert len(there) == 8
    assert [row["id"] for row in office.rows(f"taskings/?{asked}&limit=2&order={sort}")] == there


@pytest.mark.parametrize("sort", [name for name, (_, order) in SORTS.items() if order.few])
def test_a_long_list_is_read_value_by_value_in_the_same_order(seed, office, staff, manager, settle, monkeypatch, sort):
    """Also where two agencies are called the same, where an owner has nothing, and after the last of a value."""
    sent(sent_on=dt.date(2023, 5, 2), agencies=["energy", "justice"])
    with acting(SETUP):
        Agency.objects.filter(slug="energy").update(short_name="State")
    user(username="TEST-idle")
    for tasking, owner in zip(Tasking.objects.order_by("pk"), [staff, manager, staff, None] * 3, strict=False):
        items.assign(tasking, by=staff, owner=owner) if owner else None
    settle()
    whole = [row["id"] for row in office.get(f"taskings/?limit=200&order={sort}").body["results"]]
    monkeypatch.setattr(keyset, "LONG", 0)
    assert len(whole) == 10
    for limit in (1, 2, 3, 200):
        assert [row["id"] for row in office.rows(f"taskings/?limit={limit}&order={sort}")] == whole


def test_rows_without_a_date_come_last_either_way(seed, office):
    item(deadline_on=dt.date(2023, 6, 1))
    rising = [row["due_on"] for row in office.rows("taskings/?limit=2")]
    falling = [row["due_on"] for row in office.rows("taskings/?limit=2&order=-due_on")]
    assert rising == ["2023-05-24"] * 7 + ["2023-06-01", None]
    assert falling == ["2023-06-01"] + ["2023-05-24"] * 7 + [None]


def test_next_keeps_the_filters(seed, office):
    page = office.get("taskings/?limit=2&agency=treasury&status=awaiting&status=promised").body
    assert page["next"].startswith(
        "http://testserver/api/v1/taskings/?limit=2&agency=treasury&status=awaiting&status=promised&cursor="
    )
    assert [row["agency"]["slug"] for row in office.rows(page["next"])] == ["treasury"]


def test_letters_newest_first_and_those_in_error_only_by_address(seed, office):
    later = sent(sent_on=dt.date(2023, 5, 2))
    wrong = sent(sent_on=dt.date(2023, 5, 3))
    enter_in_error(wrong, by=SETUP, reason="TEST logged twice")
    assert [row["id"] for row in office.rows("letters/")] == [str(later.pk), str(seed.pk)]
    assert office.get(f"letters/{wrong.pk}/").body["state"] == "entered_in_error"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=cloud", 1), ("q=Hagerty", 1), ("q=2023-0001", 1), ("q=nothing-like-it", 0), ("agency=ofac", 1),
        ("agency=state", 1), ("agency=fcc", 0), ("signatory=H000601", 1), ("signatory=A000370", 0),
        ("sent_after=2023-04-25&sent_before=2023-04-25", 1), ("sent_after=2023-04-26", 0), ("topic=china", 1),
    ],
)  # fmt: skip
def test_filters_of_letters(seed, office, query, found):
    assert len(office.rows(f"letters/?{query}")) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=open", 8), ("state=closed", 0), ("state=all", 8), ("agency=treasury", 3), ("acting=ofac", 2),
        ("kind=investigation", 3), ("status=awaiting", 8), ("owner=nobody", 8),
        ("signatory=H000601", 8), ("target=huawei-cloud", 1), ("target=-none-", 0), ("letter=2023-0001", 8), ("late=any", 7),
        ("late=yardstick", 7), ("late=letter", 0), ("age=over_365", 7), ("age=in_time", 1), ("due_after=2023-05-24", 7),
        ("due_after=2023-05-25", 0), ("due_before=2023-05-24", 7), ("role=consulted", 1), ("unread=true", 0),
        ("unread=false", 8), ("untouched=true", 7), ("running=true", 7), ("q=Spacety", 8), ("q=%22license%20deny%22", 0),
        ("answered=not_in_time", 7), ("answered=in_time", 0), ("answered=judged&due_basis=yardstick", 7),
        ("acknowledged=not_in_time", 7), ("replied=nothing", 8), ("replied=full", 0), ("more_time=false", 8),
        ("target=baidu-cloud&target=tencent-cloud", 3), ("target=baidu-cloud&target=huawei-cloud", 0),
        ("deadline=none", 8), ("deadline=set", 0), ("late_original=true", 0), ("late_original=false", 8),
    ],
)  # fmt: skip
def test_filters_of_taskings(seed, office, query, found):
    assert len(office.rows(f"taskings/?{query}")) == found


def test_the_filters_are_the_pages_filters(office):
    known = office.get("taskings/?unknown=1").body["errors"][0]["message"]
    assert known == (
        "unknown: there is no such parameter here. Known: "
        + ", ".join(sorted([*TaskingFilter.base_filters, "order", "expand", "limit", "cursor"]))
        + "."
    )


def test_a_tasking_shows_what_the_office_did_with_it(seed, staff, office):
    first = Tasking.objects.get(ask__number=1)
    items.assign(first, by=staff, owner=staff)
    workflow.transition(Tasking.objects.get(pk=first.pk), to=Status.PROMISED, by=staff, promised_on=dt.date(2030, 1, 2))
    row = office.get(f"taskings/{first.pk}/").body
    shown = {name: row[name] for name in ("owner", "status", "promised_on", "due_on", "due_basis", "late", "days_past")}
    assert shown == {
        "owner": "staff", "status": "promised", "promised_on": "2030-01-02", "due_on": "2030-01-02",
        "due_basis": "promise", "late": False, "days_past": None,
    }  # fmt: skip
    assert [one["id"] for one in office.rows("taskings/?owner=staff")] == [str(first.pk)]


def test_a_reply_with_how_it_bears_on_each_item(seed, office):
    first = Tasking.objects.get(ask__number=1)
    made = reply(first, coverage="partial", stance="concurs", text="TEST words")
    (row,) = office.rows("responses/")
    assert (row["agency"]["slug"], row["kind"], row["received_on"]) == ("treasury", "substantive", "2023-05-02")
    assert [(one["tasking"], one["coverage"], one["stance"]) for one in row["answers"]] == [
        (str(first.pk), "partial", "concurs")
    ]
    assert office.get(f"responses/{made.pk}/").body["text"] == "TEST words"


# --- what no key may see --------------------------------------------------------------------------


@pytest.fixture
def hidden(reference):
    """A restricted letter about a company of its own, with a reply."""
    letter = sent(subject="TEST hidden", access=Access.RESTRICTED, ask_facts={"targets": [target("TEST Hidden Co")]})
    made = reply(Tasking.objects.get(ask__letter=letter))
    return letter, Tasking.objects.get(ask__letter=letter), made


def test_a_restricted_letter_is_nowhere(seed, hidden, office: Reader, settle):
    letter, tasking, answer = hidden
    settle()
    secrets = {str(letter.pk), str(tasking.pk), str(answer.pk), letter.reference, "hidden"}
    for name in ("letters", "taskings", "targets", "responses", "events"):
        text = str(office.rows(f"{name}/?limit=200")).lower()
        assert [secret for secret in secrets if secret in text] == []
    assert office.rows("taskings/?q=hidden") == office.rows("letters/?q=hidden") == []
    assert office.rows(f"taskings/?letter={letter.reference}") == []


def test_what_is_hidden_and_what_is_unknown_answer_the_same(seed, hidden, office):
    letter, tasking, answer = hidden
    unknown = "00000000-0000-4000-8000-000000000000"
    for name, key in (
        ("letters", letter.pk), ("taskings", tasking.pk), ("responses", answer.pk), ("events", letter.events.first().pk),
    ):  # fmt: skip
        hidden_answer, unknown_answer = office.get(f"{name}/{key}/"), office.get(f"{name}/{unknown}/")
        assert hidden_answer.status == unknown_answer.status == 404
        assert hidden_answer.body | {"instance": ""} == unknown_answer.body | {"instance": ""}
    for slug in ("test-hidden-co", "test-unknown-co"):
        assert office.refused(f"taskings/?target={slug}") == [
            400,
            (
                "target",
                f"target: “{slug}” is not known. The slug of a company, person or program, which GET /api/v1/targets/ lists; "
                "-none- for items about none. Given twice: both.",
            ),
        ]


def test_a_reply_to_a_hidden_letter_too_shows_only_what_may_be_seen(seed, hidden, office):
    _, _, answer = hidden
    seen = Tasking.objects.get(ask__letter=seed, ask__number=1)
    with transaction.atomic(), acting(SETUP):
        add_answer(answer, Bearing(seen), by=SETUP)
    row = office.get(f"responses/{answer.pk}/").body
    assert [one["tasking"] for one in row["answers"]] == [str(seen.pk)]
    # its words are about the hidden one too
    assert row["text"] is None


def test_drafts_are_nowhere(seed, office):
    moved(Tasking.objects.get(ask__number=1), Status.CONSIDERING)
    letter = draft(subject="TEST draft")
    ask(letter, "treasury")
    assert len(office.rows("taskings/")) == 8
    assert len(office.rows("letters/")) == 1
    assert office.get(f"letters/{letter.pk}/").status == 404
    assert office.get(f"taskings/{Tasking.objects.get(ask__letter=letter).pk}/").status == 404


def test_a_company_that_only_a_restricted_letter_went_to_is_unknown(seed, office: Reader):
    with acting(SETUP):
        Agency.objects.create(slug="test-co", name="TEST Co", short_name="TEST Co", kind=AgencyKind.COMPANY)
    letter = sent(agencies=["test-co"])
    assert len(office.rows("agencies/?slug=test-co")) == len(office.rows("taskings/?agency=test-co")) == 1
    (known,) = office.rows("agencies/?slug=test-co")
    sending.change_access(letter, by=SETUP, access=Access.RESTRICTED)
    assert office.rows("agencies/?slug=test-co") == []
    assert office.get(known["url"]).status == 404
    for path in ("letters/?agency=", "taskings/?agency=", "taskings/?acting="):
        hidden, missing = (office.refused(path + slug) for slug in ("test-co", "test-no"))
        assert (hidden[0], hidden[1][1].replace("test-co", "test-no")) == (400, missing[1][1])


WORDS = ["100%25", "50%25%20off", "%22two%20words%22", "o%27hare"]


@pytest.mark.parametrize("words", WORDS)
def test_words_with_signs_that_a_statement_could_mean_are_only_words(seed, office, words):
    """Statements of filters by words are put together for the request."""
    item(ask_facts={"summary": "TEST 100% of o'hare's {} %s, 50% off, two words"})
    assert len(office.rows(f"taskings/?q={words}&limit=1")) == 1
    assert office.refused(f"taskings/?owner={words}")[0] == 400
    assert office.rows(f"taskings/?letter={words[:4]}") == []


def test_what_is_asked_once_leaves_no_plan_behind(seed, office, run_sql):
    """A plan is kept on each connection: words without end would fill it, and push out those that are asked all day."""
    office.get("taskings/?limit=3")
    before = run_sql("SELECT count(*) FROM pg_prepared_statements")
    for words in ("one", "two", "three"):
        assert office.get(f"taskings/?q={words}&limit=3").status == 200
    assert run_sql("SELECT count(*) FROM pg_prepared_statements") == before
