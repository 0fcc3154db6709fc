"""The meeting brief: what ours says, as page, DOCX and PDF, and for whom."""

import datetime as dt
import html
import io
import re
import zipfile

import docx
import pytest
import time_machine
import typst
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.domain import items, renewals, replies, retractions, workflow
from letters.domain.history import acting
from letters.domain.office import DEMO
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.enums import Role
from letters.models import Office, Official, Tasking
from letters.reports import brief_facts, typeset
from letters.reports.documents import MEETING_BRIEF
from tests import factories, kept
from tests.web.test_pages import data_total, words

TODAY = dt.datetime(2023, 7, 3, 16, tzinfo=dt.UTC)
PAGE = "/agencies/treasury/brief/"


@pytest.fixture(autouse=True)
def _day(settings, tmp_path):
    settings.DOCUMENTS_ROOT = tmp_path / "documents"
    with time_machine.travel(TODAY, tick=False):
        yield


def said_on(page) -> str:
    """The words of a page between its header and its footer."""
    main = re.search(r"<main.*</main>", page.content.decode(), re.S)[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main))).replace(" ,", ",").replace(" .", ".")


def of_page(client: Client, query: str = "") -> str:
    return said_on(client.get(PAGE + query))


def of_docx(client: Client, query: str = "") -> str:
    answer = client.get(f"/agencies/treasury/brief.docx{query}")
    assert answer.headers["Content-Type"] == typeset.KINDS["docx"]
    paragraphs = docx.Document(io.BytesIO(answer.content)).paragraphs
    return re.sub(r"\s+", " ", "\n".join(one.text for one in paragraphs))


def of_pdf(client: Client, monkeypatch, query: str = "") -> str:
    """The words of the PDF: the same template and data, typeset once more as text."""
    given: dict = {}
    real = typeset.typst.compile
    with monkeypatch.context() as patch:
        patch.setattr(typeset.typst, "compile", lambda *a, **k: given.update(k["sys_inputs"]) or real(*a, **k))
        answer = client.get(f"/agencies/treasury/brief.pdf{query}")
    assert answer.content.startswith(b"%PDF-")
    text = typst.compile(typeset.template(MEETING_BRIEF, "pdf"), format="html", sys_inputs=given).decode()
    text = html.unescape(re.sub(r"</?(?:strong|em|span)[^>]*>", "", text[text.index("<body>") :]))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def brief(client: Client, query: str = "") -> dict:
    return client.get(PAGE + query).context["brief"].data()


def on(month: int, day: int):
    return factories.on(month, day)


@pytest.fixture(scope="module")
def _kept_busy(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        kept.make("busy", make_busy)


@pytest.fixture
def busy(_kept_busy, reference) -> dict[str, Tasking]:
    """One item in each of the places that a brief tells apart, by the last word of its ask's summary."""
    kept.put_back("busy")
    return {tasking.ask.summary.split()[-1]: tasking for tasking in Tasking.objects.select_related("ask")}


def make_busy() -> None:
    staff = factories.person(Role.STAFF)
    made: dict[str, Tasking] = {}
    with on(4, 26):
        made["silent"] = factories.item(
            subject="TEST first letter", deadline_on=dt.date(2023, 5, 15),
            ask_facts={"summary": "TEST silent", "quote": "TEST words that nobody answered"},
        )  # fmt: skip
        made["unread"] = factories.item(ask_facts={"summary": "TEST unread"})
        for name in ("past", "moved", "ahead", "kept", "broken"):
            made[name] = factories.item(ask_facts={"summary": f"TEST {name}"})
        made["said"] = factories.item(ask_facts={"summary": "TEST said"})
    with on(5, 22):
        factories.reply(made["unread"], coverage=None, received_on=dt.date(2023, 5, 22))
        bearing = replies.Bearing(
            made["said"], coverage="evades", stance="no_position", quote="TEST we take note", page="2"
        )
        replies.record_response(
            by=staff, agency=made["said"].agency, kind="interim", channel="letter", sent_on=dt.date(2023, 5, 18), responder="TEST Deputy",
            received_on=dt.date(2023, 5, 20), control_number="TEST-77", text="TEST", bearings=[bearing],
        )  # fmt: skip
        for name, day in [("past", 24), ("moved", 1), ("ahead", 25), ("kept", 10), ("broken", 1)]:
            month = 7 if name == "ahead" else 6
            made[name] = workflow.transition(made[name], to="promised", by=staff, promised_on=dt.date(2023, month, day))
        made["moved"] = items.move_promise(made["moved"], by=staff, to=dt.date(2023, 6, 30))
    with on(6, 10):
        items.log_contact(
            by=staff, agency=made["silent"].agency, taskings=[made["silent"]], channel="call", with_whom="TEST clerk",
            outcome="TEST left a message", on=dt.date(2023, 6, 10),
        )  # fmt: skip
        items.add_note(by=staff, letter=made["silent"].ask.letter, tasking=made["silent"], text="TEST they are slow")
        items.assign(made["silent"], by=staff, owner=staff)
        factories.moved(made["kept"], "implemented")
        factories.moved(made["broken"], "implemented")


def test_what_to_verify_comes_first_in_page_docx_and_pdf(busy, staff, monkeypatch):
    with time_machine.travel("2023-07-20T12:00:00-04:00", tick=False):
        as_staff = factories.client(staff)
        found = brief(as_staff)
        texts = of_page(as_staff), of_docx(as_staff), of_pdf(as_staff, monkeypatch)
    unread, *lying = found["verify"]
    assert unread["words"] == (
        "A reply from Treasury, received May 22, 2023, 59 days ago, has not been read yet. It is about:"
    )
    assert [one["title"] for one in unread["about"]] == ["Treasury: TEST unread"]
    assert lying == []
    for text in texts:
        assert text.index("Verify before saying") < text.index(unread["words"]) < text.index("Open with them")
    with time_machine.travel("2023-09-10T12:00:00-04:00", tick=False):
        read_first, untouched = brief(factories.client(staff))["verify"]
    assert (read_first["words"].partition(",")[0], untouched["words"]) == (
        "A reply from Treasury",
        "For 90 days nobody has done anything about:",
    )
    assert {(one["title"].removeprefix("Treasury: TEST "), one["last"]) for one in untouched["about"]} == {
        ("unread", "last touched April 25, 2023"), ("silent", "last touched June 10, 2023"), ("past", "last touched May 22, 2023"),
        ("moved", "last touched May 22, 2023"), ("ahead", "last touched May 22, 2023"), ("said", "last touched May 22, 2023"),
    }  # fmt: skip


def test_a_letter_of_theirs_that_nobody_read_is_to_be_verified_in_whatever_part_they_wrote_it(seed, as_staff):
    consulted = Tasking.objects.get(ask__number=4, agency__slug="state")
    official = Official.objects.filter(agency=consulted.agency).first()
    page = "/agencies/state/brief/"
    assert "Nothing to verify: every reply has been read" in said_on(as_staff.get(page))
    factories.reply(consulted, coverage=None, official=official)
    of_bureau = factories.item(agencies=["bis"], ask_facts={"summary": "TEST of a bureau"})
    factories.reply(of_bureau, coverage=None, agency=factories.agency("commerce"))
    text = said_on(as_staff.get(page))
    assert ("A reply from State, received May 2, 2023" in text, "Nothing to verify" in text) == (True, False)
    for slug in ("commerce", "bis"):
        assert "BIS: TEST of a bureau" in said_on(as_staff.get(f"/agencies/{slug}/brief/")).partition("Open with")[0]
    # what they signed where they were only consulted is their own word, too
    (said,) = as_staff.get(f"{page}?official={official.pk}").context["brief"].official_said
    assert said.citation == "Substantive reply by letter, received May 2, 2023, from Antony Blinken, State"


def test_what_lies_beyond_the_items_that_are_shown_lies_too(busy, staff, monkeypatch):
    with time_machine.travel("2023-09-10T12:00:00-04:00", tick=False):
        as_staff = factories.client(staff)
        monkeypatch.setattr(brief_facts, "MOST", 2)
        *_, lying = brief(as_staff)["verify"]
        assert lying["words"] == "For 90 days nobody has done anything about these and 4 open items not shown here:"
        assert len(lying["about"]) == 2


def item_of(found: dict, summary: str) -> dict:
    asks = [one for letter in found["letters"] for one in letter["asks"]]
    return next(one for one in asks if one["inside"]["title"] == f"Treasury: {summary}")


def test_each_item_says_how_long_and_past_what_by_what_it_rests_on(busy, as_staff):
    found = brief(as_staff)
    assert found["summary"] == "6 open items from 6 letters."
    silent = item_of(found, "TEST silent")
    assert (silent["words"], silent["is_quote"]) == ("TEST words that nobody answered", True)
    assert silent["asked"] == "Asked on April 25, 2023, 69 days ago."
    assert (silent["inside"]["status"], silent["inside"]["waits"]) == (
        "No reply recorded",
        "49 days overdue, asked for by May 15, 2023",
    )
    assert (silent["inside"]["owner"], silent["inside"]["calls"]) == ("staff", "chased once, last June 10, 2023")
    assert silent["inside"]["notes"] == ["TEST they are slow (staff, June 10, 2023)"]
    assert silent["inside"]["question"] == "Has anybody been assigned this request, and when may we expect a reply?"
    past = item_of(found, "TEST past")["inside"]
    assert (past["status"], past["waits"]) == ("Promised by June 24, 2023", "promised for June 24, 2023, 9 days ago")
    assert past["question"] == "We were told to expect this by June 24, 2023. Where does it stand?"
    waited = item_of(found, "TEST said")["inside"]["waits"]
    assert (
        waited
        == "40 days past our usual wait, due May 24, 2023, 21 business days after April 25, 2023; the letter sets no deadline"
    )


def test_our_usual_wait_is_never_overdue(seed, as_staff):
    text = of_page(as_staff)
    assert ("usual wait" in text, "overdue" in text) == (True, False)


def test_their_own_words_stand_with_their_citation_and_our_reading(busy, as_staff):
    (said,) = item_of(brief(as_staff), "TEST said")["said"]
    assert said["words"] == "TEST we take note"
    assert said["citation"] == (
        "Interim reply by letter, dated May 18, 2023, received May 20, 2023, from TEST Deputy, Treasury, page 2, their number TEST-77"
    )
    assert said["remark"] == "does not answer; the agency takes no position"
    assert item_of(brief(as_staff), "TEST unread")["said"][0]["remark"] == "not read yet"


def test_promises_say_whether_they_were_kept_as_of_the_day_of_the_meeting(busy, as_staff):
    told = {one["words"]: (one["promised"], one["kept"]) for one in brief(as_staff)["promises"]}
    assert told == {
        "Treasury: TEST past": ("promised for June 24, 2023", "9 days ago; not done in our record"),
        "Treasury: TEST moved": (
            "promised for June 30, 2023, before that for June 1, 2023",
            "3 days ago; not done in our record",
        ),
        "Treasury: TEST ahead": ("promised for July 25, 2023", "still ahead, in 22 days"),
        "Treasury: TEST kept": ("promised for June 10, 2023", "done (done) on June 10, 2023, by the date"),
        "Treasury: TEST broken": (
            "promised for June 1, 2023",
            "done (done) on June 10, 2023, 9 days after the date",
        ),
    }
    later = {one["words"]: one["kept"] for one in brief(as_staff, "?day=2023-07-25")["promises"]}
    assert (later["Treasury: TEST past"], later["Treasury: TEST ahead"]) == (
        "31 days ago; not done in our record",
        "today",
    )


def test_a_promise_is_told_also_where_the_item_was_asked_again_but_not_where_nobody_made_one(reference, staff):
    with on(4, 26):
        broken, misread, never = (factories.item(ask_facts={"summary": f"TEST {name}"}) for name in ("again", "b", "c"))
    with on(5, 2):
        promised = workflow.transition(broken, to="promised", by=staff, promised_on=dt.date(2023, 6, 1))
        items.move_promise(promised, by=staff, to=dt.date(2023, 6, 10))
        word = {"said": "promised", "promised_on": dt.date(2023, 6, 1)}
        replies_of = [
            record_reply(by=staff, agency=one.agency, received_on=dt.date(2023, 5, 2), words=[Word(one, **word)])
            for one in (misread, never)
        ]
    with on(5, 9):
        workflow.reopen(factories.moved(broken, "implemented"), by=staff, reason="TEST it was not so")
        read_reply(
            replies_of[0], by=staff, words=[Word(factories.fresh(misread), said="looking", status="considering")]
        )
        retractions.retract_response(replies_of[1], by=staff, reason="TEST")
    with time_machine.travel("2023-07-03T12:00:00-04:00", tick=False):
        told = brief(factories.client(staff))["promises"]
    assert [(one["words"], one["promised"], one["kept"]) for one in told] == [
        (
            "Treasury: TEST again", "promised for June 10, 2023, before that for June 1, 2023",
            "done (done) on May 9, 2023, by the date; now “reopened May 9, 2023; no reply recorded”",
        )
    ]  # fmt: skip


def test_contacts_and_what_was_closed_stand_behind(busy, staff, as_staff):
    found = brief(as_staff)
    assert found["contacts"] == "Chased once, last June 10, 2023."
    assert found["calls"] == ["Call with TEST clerk on June 10, 2023, by staff: TEST left a message"]
    assert {(one["words"], one["outcome"]) for one in found["closed"]} == {
        ("Treasury: TEST kept", "done (done), June 10, 2023 (evidence: TEST 99 FR 99999)"),
        ("Treasury: TEST broken", "done (done), June 10, 2023 (evidence: TEST 99 FR 99999)"),
    }
    with time_machine.travel("2024-06-12T12:00:00-04:00", tick=False):
        assert brief(factories.client(staff))["closed"] == []


# what a document prints of the brief: all but keys, which are addresses, and what only decides between two sentences
SILENT = {"key", "reply", "item", "version", "is_quote", "heads", "office", "agency", "number"}


def sentences(value: object, name: str = "") -> list[str]:
    if isinstance(value, dict):
        return [one for key, inner in value.items() if key not in SILENT for one in sentences(inner, key)]
    if isinstance(value, list):
        return [one for inner in value for one in sentences(inner, name)]
    return [" ".join(value.split())] if isinstance(value, str) and value else []


@pytest.mark.parametrize("query", ["?day=2023-07-10", "?version=theirs"])
def test_docx_and_pdf_say_all_that_the_page_says(busy, as_staff, monkeypatch, query):
    found = brief(as_staff, query)
    heads = {name: words for name, words in found["heads"].items() if name != "official"}  # no official was chosen
    said = [*heads.values(), *sentences(found)]
    assert len(said) > 30
    for text in (of_page(as_staff, query), of_docx(as_staff, query), of_pdf(as_staff, monkeypatch, query)):
        text = text.upper()
        assert [one for one in said if one.upper() not in text] == []


def test_a_file_is_named_for_its_agency_day_and_version(seed, as_staff):
    answer = as_staff.get("/agencies/treasury/brief.pdf?day=2023-07-10&version=theirs")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="brief-treasury-2023-07-10-to-hand-over.pdf"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert as_staff.get("/agencies/treasury/brief.txt").status_code == 404


# --- the day


def test_days_are_counted_to_the_day_of_the_meeting_and_the_record_is_as_of_today(seed, as_staff):
    text = of_page(as_staff, "?day=2023-07-10")
    assert "July 10, 2023. Days are counted to the day of the meeting. The record is as of July 3, 2023." in text
    assert text.count("Asked on April 25, 2023, 76 days ago") == 3
    assert text.count("47 days past our usual wait") == 3
    assert "July 10, 2023. From the office of Bill Hagerty." in of_page(as_staff, "?day=2023-07-10&version=theirs")
    # a brief of a meeting that was: days as of that day
    assert of_page(as_staff, "?day=2023-05-24").count("Asked on April 25, 2023, 29 days ago") == 3
    assert "days ago" not in of_page(as_staff, "?day=2023-04-25")


def test_the_day_is_said_once_and_so_is_that_no_reply_came(seed, as_staff, monkeypatch):
    says = (of_page(as_staff), of_docx(as_staff), of_pdf(as_staff, monkeypatch))
    day = "Days are counted to the day of the meeting; the record is as of that day."
    for text in says:
        assert (text.count("July 3, 2023"), text.count(day), text.count("No reply recorded")) == (1, 1, 3)
    # of one that moved on without a reply nothing else says so
    workflow.transition(Tasking.objects.get(ask__number=1), to="acknowledged", by=factories.SETUP)
    for text in (of_page(as_staff), of_docx(as_staff), of_pdf(as_staff, monkeypatch)):
        assert (text.count("No reply recorded"), text.count("No reply recorded.")) == (3, 1)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("someday", "“someday” is not a date. Write it as 2023-05-24, 05/24/2023 or May 24, 2023."),
        ("2023-02-30", "“2023-02-30” is not a date."),
        ("", "Enter a date."),
        (
            "2206-01-01",
            "January 1, 2206 is more than a year ahead of today (July 3, 2023). Enter the day of the meeting.",
        ),
        ("0023-07-10", "July 10, 23 is more than a year before today (July 3, 2023)."),
    ],
)
def test_a_day_that_is_none_is_said_beside_its_field_and_stays(seed, as_staff, day, sentence):
    for address in (PAGE, "/agencies/treasury/brief.docx"):
        page = as_staff.get(address, {"day": day})
        assert (page.status_code, sentence in said_on(page)) == (400, True)
        assert f'value="{day}"' in page.content.decode() or not day
        assert page.context["brief"] is None


@pytest.mark.parametrize(("name", "sentence"), [
    ("official", "“nobody” is no official of this agency. Choose one of the list."),
    ("version", "“nobody” is no version."),
    ("letter", "“nobody” is no letter that could be put in here."),
])  # fmt: skip
def test_whatever_else_is_wrong_in_the_address_is_said(seed, as_staff, name, sentence):
    page = as_staff.get(PAGE, {name: "nobody", "version": "theirs"} | {name: "nobody"})
    assert (page.status_code, sentence in said_on(page)) == (400, True)


# --- with whom


def test_an_official_comes_first_with_their_own_words_and_since_when_they_hold_the_post(busy, as_staff, staff):
    with acting(factories.SETUP):
        agency = factories.agency("treasury")
        official = Official.objects.create(
            agency=agency, name="TEST Holder", title="TEST Secretary", start=dt.date(2023, 6, 1)
        )
    bearing = replies.Bearing(busy["said"], coverage="partial", quote="TEST I have ordered a review")
    replies.record_response(
        by=staff,
        agency=agency,
        official=official,
        kind="interim",
        received_on=dt.date(2023, 6, 20),
        text="TEST",
        bearings=[bearing],
    )
    found = brief(as_staff, f"?official={official.pk}")
    assert found["title"] == "Meeting with TEST Holder, TEST Secretary"
    assert found["official"] == (
        "TEST Holder, TEST Secretary: holds the post since June 1, 2023. An ask follows the office and not the person: this is all "
        "that is open with Treasury, whoever was asked."
    )
    assert [one["words"] for one in found["official_said"]] == ["TEST I have ordered a review"]
    assert found["summary"] == "6 open items from 6 letters."
    text = of_page(as_staff, f"?official={official.pk}")
    assert text.index("What this official said") < text.index("Open with them")
    handed = brief(as_staff, f"?official={official.pk}&version=theirs")
    assert (handed["official"], handed["official_said"][0]["remark"]) == ("For TEST Holder, TEST Secretary", "")
    with acting(factories.SETUP):
        Official.objects.filter(pk=official.pk).update(end=dt.date(2023, 6, 30))
    assert "held the post to June 30, 2023" in brief(as_staff, f"?official={official.pk}")["official"]
    assert "holds the post since June 1, 2023" in brief(as_staff, f"?official={official.pk}&day=2023-06-29")["official"]


def test_a_bureau_s_brief_has_what_it_would_act_on_and_a_department_s_leads_to_its_bureaus(seed, as_staff):
    page = as_staff.get("/agencies/ofac/brief/")
    found = page.context["brief"].data()
    assert found["summary"] == "2 open items from 1 letter; 2 of them asked of others, where OFAC would act."
    assert (
        found["letters"][0]["asks"][0]["asked"] == "Asked of Treasury on April 25, 2023, 69 days ago; OFAC would act."
    )
    factories.item(agencies=["ofac"])
    page = as_staff.get(PAGE)
    assert 'href="/agencies/ofac/brief/"' in page.content.decode()
    assert "OFAC (1 open item)" in words(page)


def test_where_nothing_is_open_the_page_says_what_was_closed_last(reference, staff, as_staff):
    assert "Nothing is open with Labor." in words(as_staff.get("/agencies/labor/brief/"))
    with on(5, 2):
        factories.moved(
            factories.item(kind_code="sanction", ask_facts={"summary": "TEST closed", "targets": [factories.target()]}),
            "implemented",
        )
    said = "Nothing is open with Treasury. Last closed: “TEST closed”, done (listed), May 2, 2023"
    assert said in of_page(as_staff)
    with time_machine.travel("2025-06-12T12:00:00-04:00", tick=False):
        as_staff = factories.client(staff)
        assert said in of_page(as_staff)
        assert "Last closed" not in words(as_staff.get(f"{PAGE}?version=theirs"))
    assert "Nothing is open" in words(as_staff.get("/briefs/"))


def test_one_chooses_an_agency_where_something_is_open(seed, as_staff):
    page = as_staff.get("/briefs/")
    assert re.findall(r'href="/agencies/(\w+)/brief/"', page.content.decode()) == [
        "commerce",
        "bis",
        "state",
        "treasury",
        "ofac",
    ]
    assert "Department of Commerce 3 open items" in words(page)


def test_the_number_of_items_leads_to_exactly_them(busy, as_staff):
    link = re.search(r'href="([^"]+)" data-count="(\d+)"', as_staff.get(PAGE).content.decode())
    assert data_total(as_staff.get(link[1].replace("&amp;", "&"))) == int(link[2]) == 6


def test_an_agency_s_page_and_the_dashboard_lead_here(seed, as_staff):
    for address in ("/agencies/treasury/", "/dashboard/"):
        assert f'href="{PAGE}"' in as_staff.get(address).content.decode()


def test_a_list_that_is_cut_says_so(seed, as_staff, monkeypatch):
    monkeypatch.setattr("letters.reports.brief_facts.MOST", 2)
    monkeypatch.setattr("letters.reports.meeting_brief.MOST", 2)
    assert "1 more open item is not shown: a brief has 2 at most, the oldest first." in of_page(as_staff)


def test_promises_say_of_which_items_they_are(busy, as_staff, monkeypatch):
    """What ended over a year ago, or is not shown, may have been promised, too."""
    of = "Of what is open and what was closed in the last year"
    listed = "Of the requests on this list, open or closed in the last year."
    for text in (of_page(as_staff), of_docx(as_staff), of_pdf(as_staff, monkeypatch)):
        assert f"{of}." in text
    assert brief(as_staff, "?version=theirs")["promises_words"] == listed
    for name in ("MOST", "CLOSED_MOST"):
        with monkeypatch.context() as patched:
            patched.setattr(f"letters.reports.brief_facts.{name}", 1)
            patched.setattr(f"letters.reports.meeting_brief.{name}", 1)
            assert brief(as_staff)["promises_words"] == f"{of}, only the items named here."
    assert as_staff.get("/agencies/state/brief/").context["brief"].promises_words == ""


def test_where_none_of_those_shown_was_promised_the_others_may_have_been(seed, as_staff, monkeypatch):
    monkeypatch.setattr("letters.reports.brief_facts.MOST", 1)
    said = "What they promised No promise is recorded of the items named here; others may have been promised."
    for text in (of_page(as_staff), of_docx(as_staff), of_pdf(as_staff, monkeypatch)):
        assert said in text
    found = brief(as_staff, "?version=theirs")
    assert (found["promises"], found["promises_words"]) == ([], "")


# --- for whom


def test_a_restricted_letter_is_there_for_its_named_staff_and_managers_only(busy, as_staff, manager):
    hidden = factories.item(
        access="restricted", staff=[manager], subject="TEST quagga", ask_facts={"summary": "TEST quagga"}
    )
    factories.reply(hidden, coverage=None, text="TEST")
    assert "quagga" not in as_staff.get(PAGE).content.decode()
    assert brief(as_staff)["summary"] == "6 open items from 6 letters."
    found = brief(factories.client(manager))
    assert found["summary"] == "7 open items from 7 letters."
    assert [one["part"] for one in found["letters"] if "quagga" in one["heading"]] == ["named staff only"]


def test_of_a_reply_or_call_that_spans_hidden_letters_only_what_one_may_see(busy, as_staff, staff, manager):
    hidden = factories.item(
        access="restricted", staff=[manager], subject="TEST quagga", ask_facts={"summary": "TEST quagga"}
    )
    agency, by = hidden.agency, factories.SETUP
    replies.record_response(
        by=by, agency=agency, kind="interim", received_on=dt.date(2023, 6, 20), text="TEST quagga",
        bearings=[
            replies.Bearing(busy["silent"], coverage="evades", quote="TEST seen words"),
            replies.Bearing(hidden, coverage="evades", quote="TEST quagga words"),
        ],
    )  # fmt: skip
    items.log_contact(
        by=by, agency=agency, taskings=[busy["silent"], hidden], channel="meeting", outcome="TEST quagga", with_whom="TEST quagga",
        on=dt.date(2023, 6, 21),
    )  # fmt: skip
    found = brief(as_staff)
    assert "quagga" not in as_staff.get(PAGE).content.decode()
    assert [one["words"] for one in item_of(found, "TEST silent")["said"]] == ["TEST seen words"]
    assert found["calls"][0] == "Meeting on June 21, 2023."


def test_a_later_letter_repeats_for_those_who_may_see_it(busy, as_staff, manager, staff):
    for day, facts in [(1, {}), (8, {"access": "restricted", "staff": [manager]})]:
        with on(6, day):
            again = factories.sent(sent_on=dt.date(2023, 6, day), agencies=["treasury"], **facts)
            renewals.renew(busy["silent"], by=factories.SETUP, letter=again)
    asked = item_of(brief(as_staff), "TEST silent")["asked"]
    assert asked == "Asked on April 25, 2023, 69 days ago; repeated once, last on June 1, 2023."


def test_beyond_what_it_shows_every_number_counts_all_that_is_open(busy, as_staff, monkeypatch):
    factories.item(our_role="co_signed", ask_facts={"summary": "TEST theirs"})
    summary = brief(as_staff)["summary"]
    monkeypatch.setattr(brief_facts, "MOST", 1)
    short = brief(as_staff)
    assert short["summary"] == summary == "7 open items from 7 letters; 1 of letters we only co-signed."
    assert short["more"].startswith("6 more open items are not shown")


def test_the_demo_s_brief_says_on_paper_that_it_is_one(seed, as_staff):
    assert of_docx(as_staff, "?version=theirs").startswith(DEMO.upper())
    assert of_docx(as_staff).startswith(f"{DEMO} Ours: stays in the office".upper())
    with acting(factories.SETUP):
        Office.objects.update(is_demo=False)
    assert "DEMO" not in of_docx(as_staff, "?version=theirs")


# --- its template, its cost


MEETING = {
    "title": "Meeting with Department of the Treasury", "creator": "Bill Hagerty", "created": "2023-07-03T16:00:00Z",
    "modified": "2023-07-03T16:00:00Z",
}  # fmt: skip


def leaves_in(file: bytes) -> dict[str, str]:
    """What the properties of a Word file say, and nothing else is in their folder."""
    parts = zipfile.ZipFile(io.BytesIO(file))
    assert [name for name in parts.namelist() if name.startswith("docProps/")] == ["docProps/core.xml"]
    return dict(re.findall(r"<\w+:(\w+)[^>]*>([^<]+)<", parts.read("docProps/core.xml").decode()))


def test_a_file_says_what_it_is_and_not_what_its_template_was_made_from(seed, as_staff):
    assert leaves_in(as_staff.get("/agencies/treasury/brief.docx").content) == MEETING
    follow_up = leaves_in(as_staff.get("/follow-ups/letter.docx?agency=treasury").content)
    assert follow_up["title"] == "Follow-up: Huawei Cloud and other PRC cloud computing services"


def test_an_office_s_own_template_makes_the_brief_and_leaves_the_follow_up(seed, as_staff, admin):
    document = docx.Document()
    document.add_paragraph("TEST letterhead {{ title }} {{ version }}")
    document.core_properties.author = document.core_properties.keywords = "TEST of last month's memo"
    written = io.BytesIO()
    document.save(written)
    typeset.replace_template(MEETING_BRIEF, "docx", written.getvalue(), by=admin)
    assert of_docx(as_staff) == "TEST letterhead Meeting with Department of the Treasury ours"
    assert leaves_in(as_staff.get("/agencies/treasury/brief.docx").content) == MEETING
    assert "July 3, 2023" in "".join(
        p.text
        for p in docx.Document(io.BytesIO(as_staff.get("/follow-ups/letter.docx?agency=treasury").content)).paragraphs
    )
    page = words(as_staff.get("/documents/"))
    assert page.count("In use: your own, put in by admin on 2023-07-03.") == 1
    typeset._own(MEETING_BRIEF, "docx").write_bytes(b"TEST broken since")
    page = as_staff.get("/agencies/treasury/brief.docx")
    assert (page.status_code, "The office’s own template no longer works" in words(page)) == (422, True)


@pytest.mark.parametrize(("query", "queries"), [("", 31), ("?version=theirs", 25)])
def test_a_brief_costs_the_same_at_one_row_and_at_three(reference, as_staff, staff, query, queries):
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            with on(5, 2):
                letter = factories.sent(
                    kind_code="written_answers",
                    ask_facts={"questions": ["TEST?", "TEST!"], "targets": [factories.target()]},
                )
                one = Tasking.objects.get(ask__letter=letter)
                items.add_note(by=staff, letter=letter, text="TEST")
                items.add_note(by=staff, letter=letter, tasking=one, text="TEST")
                factories.reply(one, coverage=None)
            with on(5, 3):
                again = factories.sent(sent_on=dt.date(2023, 5, 3))
                renewals.renew(one, by=factories.SETUP, letter=again)
                items.log_contact(
                    by=staff, agency=one.agency, taskings=[one], channel="call", outcome="TEST", on=dt.date(2023, 5, 3)
                )
                workflow.transition(one, to="promised", by=staff, promised_on=dt.date(2023, 6, 1))
                factories.moved(factories.item(), "implemented")
        as_staff.get(PAGE + query)
        with CaptureQueriesContext(connection) as captured:
            as_staff.get(PAGE + query)
        counts.append(len(captured))
    assert counts == [queries, queries]
