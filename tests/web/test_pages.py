"""The pages as a browser without JavaScript gets them."""

import datetime as dt
import re

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from letters.domain import workflow
from letters.domain.clocks import NOT_LOOKED_AT
from letters.domain.history import acting
from letters.domain.reply_flow import record_reply
from letters.domain.reply_steps import Word
from letters.enums import Status
from letters.listing import Listing
from letters.models import Tasking
from tests import factories


def words(response) -> str:
    """What a person reads: the page's words without tags, single spaces."""
    html = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    text = re.sub(r"<[^>]+>", " ", html)
    return re.sub(r"\s+", " ", text).replace(" ,", ",").replace(" .", ".").replace(" ;", ";")


def item(number: int, agency: str) -> Tasking:
    return Tasking.objects.get(ask__number=number, agency__slug=agency)


def test_nobody_reads_a_page_without_signing_in(seed):
    """Every page is asked for in `tests/access`; here, that one is led on to where one was going."""
    path = f"/items/{item(4, 'treasury').pk}/"
    response = Client().get(path)
    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={path}")


def test_the_queue_begins_with_the_headline(as_staff, seed, time_machine_seed_day):
    response = as_staff.get("/")
    assert "7 open items from 5 asks, with 3 agencies." in words(response)
    assert "None is past a date the letter set; 7 have waited past our usual wait, the longest 40 days" in words(
        response
    )
    assert words(response).count("40 days past our usual wait") == 7
    assert words(response).count("due May 24, 2023, 21 business days after April 25, 2023") == 7
    assert "overdue" not in words(response)


@pytest.fixture
def time_machine_seed_day():
    """July 3, 2023: 40 days past our usual wait."""
    import time_machine

    with time_machine.travel("2023-07-03T12:00:00-04:00", tick=False):
        yield


def data_total(response) -> int:
    return int(re.search(r'data-total="(\d+)"', response.content.decode())[1])


FILTERED = [
    ("", 7),
    ("agency=treasury", 3),
    ("acting=ofac", 2),
    ("kind=investigation", 3),
    ("status=awaiting", 7),
    ("status=promised", 0),
    ("owner=nobody", 7),
    ("signatory=R000595", 7),
    ("signatory=S000033", 0),
    ("late=yardstick", 7),
    ("late=letter", 0),
    ("q=Alibaba", 7),  # the letter's words count
    ('q="Executive Order 13959"', 7),
    ("q=nothing-like-it", 0),
    ("target=huawei-cloud", 1),
    ("state=closed", 0),
    ("age=over_365", 7),
]


def test_each_filter_gives_exactly_its_items(as_staff, seed):
    found = []
    for query, _ in FILTERED:
        response = as_staff.get(f"/?{query}")
        assert response.status_code == 200, query
        total = data_total(response)
        found.append((query, total if response.content.decode().count("data-row") == total else "other rows"))
    assert found == FILTERED


def test_an_empty_list_says_why(as_staff, seed):
    assert "No item fits: late “a date the letter set”." in words(as_staff.get("/?late=letter"))


def test_a_wrong_filter_is_named_and_what_was_typed_stays(as_staff, seed):
    response = as_staff.get("/?late=tomorrow&q=cloud")
    assert response.status_code == 400
    assert "tomorrow" in words(response)
    assert 'value="cloud"' in response.content.decode()


def test_a_malformed_cursor_is_named_and_the_first_page_shown(as_staff, seed):
    response = as_staff.get("/?cursor=nonsense")
    assert "is not a cursor of this list" in words(response)
    assert data_total(response) == 7


def test_every_number_on_the_dashboard_is_the_total_of_its_list(as_staff, seed, staff):
    """One list in ten is looked at as a page; that a page's total is the length of its list, the tests of the queue say."""
    factories.moved(item(1, "treasury"), Status.CONSIDERING)
    factories.sent(agencies=["state", "commerce"], sent_on=factories.SENT_ON, deadline_on=factories.SENT_ON)
    page = as_staff.get("/dashboard/").content.decode()
    links = re.findall(r'href="([^"]+)" data-count="(\d+)"', page)
    assert len(links) > 20
    for place, (address, number) in enumerate(sorted(set(links))):
        address = address.replace("&amp;", "&")
        if "group=" in address:
            continue  # counts asks and agencies; the list behind them counts items
        path, _, query = address.partition("?")
        drawn = path != "/" or place % 10 == 0
        total = data_total(as_staff.get(address)) if drawn else Listing(QueryDict(query), user=staff).found.count()
        assert (address, total) == (address, int(number))


def test_the_letter_shows_its_facts(as_staff, seed):
    page = as_staff.get("/letters/2023-0001/")
    text = words(page)
    assert "The letter sets no deadline." in text
    assert "5 asks, 3 agencies, 7 open items" in text
    assert "9 signers" in text
    assert "3 addressees" in text
    assert "Why May 24, 2023?" in text
    assert "Skipped: 8 weekend days (April 29–30; May 6–7, 13–14, 20–21), no federal holiday" in text
    # the band above says the same of the whole demo
    assert text.partition("Demo.")[2].partition("2023-0001")[2].count("no reply recorded") == 7
    assert text.count("owes nothing") == 1


def test_the_item_offers_the_allowed_next_states_only(as_staff, seed):
    tasking = item(4, "treasury")
    page = as_staff.get(f"/items/{tasking.pk}/").content.decode()
    offered = re.findall(r'href="[^"]*/status/\?to=(\w+)"', page)
    assert offered == [
        "acknowledged", "considering", "clarification", "partly_addressed", "promised",
        "implemented", "declined", "not_implemented", "overtaken", "withdrawn", "transferred", "entered_in_error",
    ]  # fmt: skip


def test_done_without_evidence_is_refused_with_a_sentence_and_keeps_what_was_typed(as_staff, seed):
    tasking = item(4, "treasury")
    response = as_staff.post(
        f"/items/{tasking.pk}/status/", {"to": "implemented", "reason": "TEST remark", "version": tasking.version}
    )
    assert response.status_code == 422
    assert "“Done” needs evidence." in words(response)
    assert "TEST remark" in response.content.decode()
    assert item(4, "treasury").status == Status.AWAITING


def test_done_with_evidence_closes_the_item_and_its_consulted_one(as_staff, seed, staff):
    tasking = item(4, "treasury")
    response = as_staff.post(
        f"/items/{tasking.pk}/status/",
        {
            "to": "implemented", "evidence": "federal_register", "citation": "TEST 99 FR 99999", "targets": ["alibaba-group"],
            "version": tasking.version,
        },
        follow=True,
    )  # fmt: skip
    assert response.status_code == 200
    assert "Treasury: Add Alibaba Group to the NS-CMIC List: done (listed)." in words(response)
    assert item(4, "treasury").status == Status.IMPLEMENTED
    assert item(4, "state").status == Status.OVERTAKEN
    assert "6 open items from 4 asks, with 3 agencies." in words(as_staff.get("/"))
    assert [e.by_user for e in tasking.events.filter(from_status="awaiting")] == [staff]


def test_a_closed_item_is_reopened_with_a_reason_only(as_staff, seed):
    tasking = factories.moved(item(4, "treasury"), Status.IMPLEMENTED)
    form = {"to": "awaiting", "reason": " ", "version": tasking.version}
    refused = as_staff.post(f"/items/{tasking.pk}/status/", form)
    assert refused.status_code == 422
    assert "needs a reason" in words(refused)
    as_staff.post(f"/items/{tasking.pk}/status/", form | {"reason": "TEST the citation was wrong"})
    assert item(4, "treasury").status == Status.AWAITING


def test_a_reopened_item_names_its_last_reply_and_not_that_there_is_none(as_staff, reference, staff):
    with factories.on(5, 12):
        asked = factories.item()
        refusal = [Word(asked, said="refused")]
        record_reply(by=staff, agency=asked.agency, received_on=dt.date(2023, 5, 11), words=refusal)
    with factories.on(6, 3):
        workflow.reopen(factories.fresh(asked), by=staff, reason="TEST misread")
    for address in ("/", f"/letters/{asked.ask.letter.reference}/", f"/items/{asked.pk}/"):
        states = re.findall(r'class="status__words">([^<]*)<', as_staff.get(address).content.decode())
        assert set(states) - {"office only"} == {"reopened June 3, 2023; last reply May 11, 2023"}
    assert "“refused” was reopened" in words(as_staff.get(f"/items/{asked.pk}/"))
    # one that nobody answered was asked again all the same
    with factories.on(6, 3):
        silent = factories.moved(factories.item(), Status.OVERTAKEN)
        workflow.reopen(silent, by=staff, reason="TEST it is needed")
    assert "reopened June 3, 2023; no reply recorded" in words(as_staff.get(f"/items/{silent.pk}/"))


def test_an_item_that_waits_on_us_says_how_it_goes_on(as_staff, reference):
    asked = factories.item()
    assert "the clock stands still until we answer" not in words(as_staff.get(f"/items/{asked.pk}/"))
    factories.moved(asked, Status.CLARIFICATION)
    page = words(as_staff.get(f"/items/{asked.pk}/"))
    assert "Once we have, log it as a contact and choose “looking into it”: the clock runs on from that day." in page


def test_evidence_that_an_end_rests_on_says_first_that_the_item_is_reopened(as_staff, reference):
    done = factories.moved(factories.item(), Status.IMPLEMENTED)
    address = f"/evidence/{done.evidence.get().pk}/take-back/"
    page = as_staff.get(address).content.decode()
    assert "on this alone. Reopen it with a reason, then come back." in page
    assert (f'href="/items/{done.pk}/status/?to=awaiting"' in page, 'name="reason"' in page) == (True, False)
    workflow.reopen(factories.fresh(done), by=factories.SETUP, reason="TEST")
    assert 'name="reason"' in as_staff.get(address).content.decode()


def test_a_stale_form_names_who_changed_it_and_keeps_what_was_typed(as_staff, seed, manager):
    tasking = item(1, "treasury")
    stale = tasking.version
    factories.moved(tasking, Status.ACKNOWLEDGED, by=manager)
    form = {"to": "withdrawn", "reason": "TEST typed at length", "version": stale}
    response = as_staff.post(f"/items/{tasking.pk}/status/", form)
    assert response.status_code == 409
    assert "manager changed this on" in words(response)
    assert "“no reply recorded” became “receipt acknowledged”." in words(response)
    assert "TEST typed at length" in response.content.decode()
    assert item(1, "treasury").status == Status.ACKNOWLEDGED
    endless = as_staff.post(f"/items/{tasking.pk}/status/", form | {"version": "9" * 4301})  # more than int() reads
    assert (endless.status_code, "This form is out of date: open the page again." in words(endless)) == (422, True)
    # having read it, the person saves again
    version = re.search(r'name="version" value="(\d+)"', response.content.decode())[1]
    assert as_staff.post(f"/items/{tasking.pk}/status/", form | {"version": version}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "kept", "sentence"),
    [
        (b"x" * 10_000_000, "x" * 10_000_000, "Reason has 10,000,000 characters; at most 2,000 fit."),
        (b"caf%E9", "caf\N{REPLACEMENT CHARACTER}", "Reason has characters that were not UTF-8 text"),
        (b"a%00b", "a\0b", "Reason has a control character"),
    ],
    ids=["10 MB", "not UTF-8", "NUL"],
)
def test_text_that_cannot_be_kept_is_refused_and_comes_back(as_staff, seed, typed, kept, sentence):
    tasking = item(1, "treasury")
    response = as_staff.post(
        f"/items/{tasking.pk}/status/",
        b"to=withdrawn&version=%d&reason=" % tasking.version + typed,
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 422
    assert sentence in words(response)
    assert kept in response.content.decode()
    assert item(1, "treasury").status == Status.AWAITING


@pytest.mark.parametrize(
    ("to", "needed"), [("promised", "promised_on"), ("declined", "received_on"), ("transferred", "agency")]
)
def test_each_state_asks_for_what_it_needs(as_staff, seed, to, needed):
    tasking = item(1, "treasury")
    response = as_staff.post(f"/items/{tasking.pk}/status/", {"to": to, "reason": "TEST", "version": tasking.version})
    assert response.status_code == 422
    assert f'id="id_{needed}_error"' in response.content.decode()


def test_a_promise_before_the_letter_is_refused(as_staff, seed):
    tasking = item(1, "treasury")
    form = {"to": "promised", "promised_on": "2023-04-01", "version": tasking.version}
    response = as_staff.post(f"/items/{tasking.pk}/status/", form)
    assert "The promised date (April 1, 2023) is before the day it was asked (April 25, 2023)." in words(response)


def test_a_refusal_brings_its_reply(as_staff, seed):
    tasking = item(1, "treasury")
    response = as_staff.post(
        f"/items/{tasking.pk}/status/",
        {
            "to": "declined", "from_agency": "ofac", "reply_kind": "declination", "channel": "letter", "received_on": "2023-06-01",
            "coverage": "full", "stance": "does_not_concur", "quote": "TEST we decline", "page": "2",
            "version": tasking.version,
        },
        follow=True,
    )  # fmt: skip
    assert "refused" in words(response)
    answer = item(1, "treasury").answers.get()
    assert (answer.coverage, answer.stance, answer.quote, answer.page) == (
        "full",
        "does_not_concur",
        "TEST we decline",
        "2",
    )
    assert answer.response.agency.slug == "ofac"


@pytest.mark.parametrize(
    ("action", "data", "shown"),
    [
        ("owner", {"owner": "staff"}, "The next step is with staff."),
        ("reminder", {"until": "2099-01-05"}, "Nobody is reminded before January 5, 2099."),
        ("note", {"text": "TEST a note"}, "The note is kept."),
    ],
)
def test_each_action_has_a_page_that_does_it(as_staff, seed, action, data, shown):
    tasking = item(1, "treasury")
    address = reverse(f"item_{action}", args=[tasking.pk])
    assert as_staff.get(address).status_code == 200
    assert shown in words(as_staff.post(address, data | {"version": tasking.version}, follow=True))


def test_the_day_on_which_we_look_again_is_moved_where_there_is_one(as_staff, seed, staff):
    tasking = item(1, "treasury")
    address = reverse("item_review", args=[tasking.pk])
    assert address not in as_staff.get(f"/items/{tasking.pk}/").content.decode()
    words_of = [Word(tasking, said="no_position")]
    record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 5, 10), words=words_of)
    assert address in as_staff.get(f"/items/{tasking.pk}/").content.decode()
    assert f'value="{factories.fresh(tasking).review_on}"' in as_staff.get(address).content.decode()
    typed = {"review_on": "2020-01-01", "version": factories.fresh(tasking).version}
    assert as_staff.post(address, typed).status_code == 422
    assert "We look again on January 5, 2099." in words(
        as_staff.post(address, typed | {"review_on": "2099-01-05"}, follow=True)
    )
    assert factories.fresh(tasking).review_on == dt.date(2099, 1, 5)


def test_a_reply_kept_unread_is_read_later(as_staff, seed, staff):
    tasking = item(1, "treasury")
    factories.reply(tasking, by=staff, coverage=None)
    assert data_total(as_staff.get("/?unread=true")) == 1
    assert "reply received, not yet read" in words(as_staff.get("/"))
    response = tasking.answers.get().response
    read = {f"{tasking.pk}-on": "on", f"{tasking.pk}-version": item(1, "treasury").version}
    address = f"/replies/{response.pk}/read/"
    assert as_staff.post(address, read).status_code == 422  # what it says is asked for
    changed = {f"{tasking.pk}-coverage": "full", f"{tasking.pk}-status": "awaiting"}
    assert as_staff.post(address, read | changed | {"said": "answered"}).status_code == 302
    assert data_total(as_staff.get("/?unread=true")) == 0
    page = words(as_staff.get(f"/items/{tasking.pk}/"))
    assert "They said: “answered our questions”; answers in full." in page
    assert "substantive reply received May 2, 2023" in page


def test_a_viewer_sees_and_changes_nothing(as_viewer, seed):
    tasking = item(1, "treasury")
    page = as_viewer.get(f"/items/{tasking.pk}/")
    assert "What is the next state?" not in words(page)
    refused = as_viewer.post(f"/items/{tasking.pk}/status/", {"to": "acknowledged"})
    assert refused.status_code == 403
    assert "Your role (Viewer) may see this item but not change it." in words(refused)
    assert item(1, "treasury").status == Status.AWAITING


def test_a_restricted_letter_is_absent_everywhere_for_others(as_staff, manager, seed):
    from letters.domain import sending

    tasking = item(1, "treasury")
    sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    assert data_total(as_staff.get("/?state=all")) == 0
    assert data_total(as_staff.get("/letters/")) == 0
    assert "Huawei" not in words(as_staff.get("/dashboard/"))
    for path in ["/letters/2023-0001/", f"/items/{tasking.pk}/", f"/items/{tasking.pk}/status/?to=withdrawn"]:
        assert as_staff.get(path).status_code == 404


def test_a_letter_note_that_is_refused_comes_back(as_staff, seed):
    response = as_staff.post("/letters/2023-0001/notes/", {"text": "x" * 20_001})
    assert response.status_code == 422
    assert "Note has 20,001 characters; at most 20,000 fit." in words(response)
    assert "x" * 20_001 in response.content.decode()


def test_pages_carry_the_strict_policy(as_staff, seed):
    policy = as_staff.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_an_administrator_who_closes_a_day_moves_the_dates_that_run(admin, seed):
    client = Client()
    client.force_login(admin)
    assert client.get("/admin/letters/closure/add/").status_code == 200
    response = client.post(
        "/admin/letters/closure/add/", {"day": "2023-05-10", "name": "TEST snow", "closed": "on"}, follow=True
    )
    assert response.status_code == 200
    moved = item(1, "treasury")
    assert moved.due_on.isoformat() == "2023-05-25"
    events = moved.events.filter(kind="due_date_moved")
    # both clocks: the reply, and their first word
    assert sorted((e.payload.get("clock", ""), e.by_user) for e in events) == [("", admin), ("acknowledgement", admin)]
    page = words(client.get(f"/items/{moved.pk}/"))
    assert "May 24, 2023 until" in page
    assert "admin: TEST snow (May 10, 2023) does not count" in page


def test_the_admin_is_closed_to_everybody_else(as_staff, seed):
    assert as_staff.get("/admin/letters/agency/").status_code in (302, 403)


def test_a_superuser_is_an_administrator_of_the_office(db):
    assert factories.User.objects.create_superuser("root", password=factories.PASSWORD).role == "admin"


def test_an_empty_choice_filters_nothing(as_staff, seed):
    assert data_total(as_staff.get("/?q=&agency=treasury&kind=&status=&owner=&signatory=&late=")) == 3


def test_a_date_that_is_none_is_quoted_with_the_ways_to_write_one(as_staff, seed):
    tasking = item(1, "treasury")
    response = as_staff.post(
        f"/contacts/new/?item={tasking.pk}",
        {"channel": "call", "outcome": "TEST", "on": "soon", "version": tasking.version},
    )
    assert response.status_code == 422
    assert "“soon” is not a date. Write it as 2023-05-24, 05/24/2023 or May 24, 2023." in words(response)
    assert 'value="soon"' in response.content.decode()


def test_a_changed_usual_wait_moves_the_dates_that_run(admin, seed):
    from letters.models import Agency

    commerce = Agency.objects.get(slug="commerce")
    client = Client()
    client.force_login(admin)
    form = {
        "slug": "commerce", "name": commerce.name, "short_name": commerce.short_name, "abbreviation": commerce.abbreviation,
        "kind": commerce.kind, "parent": "", "yardstick_days": 30, "acknowledgement_days": 21, "address": commerce.address, "escalation_contacts": "",
        "names-TOTAL_FORMS": 0, "names-INITIAL_FORMS": 0,
    }  # fmt: skip
    response = client.post(f"/admin/letters/agency/{commerce.pk}/change/", form, follow=True)
    assert "3 running dates moved with our usual wait." in words(response)
    assert item(2, "commerce").due_on.isoformat() == "2023-06-07"
    assert item(1, "treasury").due_on.isoformat() == "2023-05-24"
    # the department above it has rungs of its own, which may be due at once
    with acting(admin):
        Tasking.objects.update(check_on=dt.date(2023, 7, 1))
    client.post(f"/admin/letters/agency/{commerce.pk}/change/", form | {"kind": "company"})
    assert item(2, "commerce").check_on == NOT_LOOKED_AT
    # of its own bureau it is no part: whoever went up from there would never arrive
    response = client.post(
        f"/admin/letters/agency/{commerce.pk}/change/", form | {"parent": str(Agency.objects.get(slug="bis").pk)}
    )
    assert f"{commerce} would be part of itself. Choose something it does not contain." in words(response)
    commerce.refresh_from_db()
    assert commerce.parent is None
