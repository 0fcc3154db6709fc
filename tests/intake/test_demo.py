"""The demo in the record: logged through the verbs, with their own dates, and nothing that no source proves."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from letters.domain import drafting
from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.intake import demo as loading
from letters.intake.demo import entries, load_demo, text_of
from letters.models import (
    Agency,
    Ask,
    AskKind,
    Contact,
    Event,
    Evidence,
    FeedEntry,
    Letter,
    Note,
    Office,
    Response,
    Signature,
    Tasking,
)
from letters.web import context
from tests import factories
from tests.web.test_pages import words

pytestmark = pytest.mark.django_db


def test_twenty_four_letters_beside_the_seed_letter_with_the_numbers_of_their_years(demo):
    rows = Letter.objects.order_by("reference").values_list("reference", "sent_on__year", "congress", "our_role")
    assert [(reference, role) for reference, *_, role in rows if role != "followed"] == [
        ("2022-0004", "co_signed"), ("2023-0001", "led"), ("2023-0006", "co_signed"), ("2023-0007", "co_signed"),
    ]  # fmt: skip
    numbers = {2013: 1, 2021: 2, 2022: 4, 2023: 9, 2024: 4, 2025: 5}
    assert [reference for reference, *_ in rows] == [
        f"{year}-{n:04}" for year, most in numbers.items() for n in range(1, most + 1)
    ]
    assert {(int(reference[:4]) == year) for reference, year, *_ in rows} == {True}
    assert {reference: congress for reference, _, congress, _ in rows}["2013-0001"] == 113


def test_the_record_says_what_the_files_say(demo):
    for data in entries():
        letter = Letter.objects.get(subject=data["subject"])
        assert (letter.letter_date, letter.printed_date, letter.sent_on, letter.deadline_on) == (
            data["letter_date"], data["printed_date"], data["sent_on"], data["deadline"],
        )  # fmt: skip
        assert (letter.text, letter.published_url, letter.is_released) == (text_of(data), data["published_url"], True)
        assert [s.printed_name for s in letter.signatures.all()] == [s["printed_name"] for s in data["signatures"]]
        asks = letter.asks.order_by("number")
        assert [(a.number, a.kind.code, a.summary, a.quote) for a in asks] == [
            (a["number"], a["kind"], a["summary"], a["quote"]) for a in data["asks"]
        ]
        assert [[q.text for q in ask.questions.all()] for ask in asks] == [a.get("questions", []) for a in data["asks"]]
        assert [sorted(ask.taskings.values_list("agency__slug", flat=True)) for ask in asks] == [
            sorted(t["agency"] for t in a["taskings"]) for a in data["asks"]
        ]
        moments = letter.events.filter(kind__in=["letter_sent", "status_changed"], to_status__in=["", "awaiting"])
        assert {event.occurred_at.date() for event in moments} == {data["sent_on"]}


def test_every_item_waits_but_the_one_whose_end_a_list_proves(demo):
    rows = Tasking.objects.exclude(status="awaiting").values_list("ask__letter__reference", "ask__number", "status")
    assert list(rows) == [("2025-0005", 1, "implemented")]
    assert (Tasking.objects.filter(role="lead").count(), Ask.objects.count()) == (60, 49)
    assert [model.objects.count() for model in (Response, Contact)] == [0, 0]
    assert set(Tasking.objects.values_list("stance", flat=True)) == {"unknown"}


def test_alibaba_baidu_and_byd_are_listed_and_each_entry_proves_its_own(demo):
    tasking = Tasking.objects.get(status="implemented")
    assert (str(tasking), tasking.public_status) == (
        "Defense: Add Alibaba, Baidu and BYD to the section 1260H list", "implemented",
    )  # fmt: skip
    assert tasking.status_event.occurred_at.date() == dt.date(2026, 6, 8)
    proofs = Evidence.objects.order_by("citation")
    assert [([t.slug for t in one.targets.all()], one.kind, bool(one.released_at)) for one in proofs] == [
        (["alibaba-group"], "list_entry", True), (["byd"], "list_entry", True), (["baidu"], "list_entry", True),
    ]  # fmt: skip
    (other,) = Tasking.objects.filter(ask__letter__reference="2025-0005", ask__number=2)
    assert (other.status, other.evidence.count()) == ("awaiting", 0)


def test_letter_68_waits_past_its_date_and_a_note_says_who_documented_that(demo):
    letter = Letter.objects.get(subject="A reward for information on leaders of Hamas")
    (tasking,) = Tasking.objects.filter(ask__letter=letter)
    assert (tasking.status, tasking.due_on, tasking.due_basis) == ("awaiting", dt.date(2024, 10, 7), "letter")
    (note,) = Note.objects.filter(letter=letter)
    assert "the senators have not received a response" in note.text


def test_each_date_rests_on_what_its_letter_says(demo):
    lead = Tasking.objects.filter(role="lead", status="awaiting")
    by_letter = lead.filter(due_basis="letter").values_list("ask__letter__reference", "due_on").distinct()
    assert dict(by_letter) == {
        data_letter.reference: data_letter.deadline_on
        for data_letter in Letter.objects.filter(deadline_on__isnull=False)
    }
    assert len(dict(by_letter)) == 8
    assert set(lead.exclude(due_basis="letter").values_list("due_basis", flat=True)) == {"yardstick"}


def test_every_write_is_the_loaders_own(reference, run_sql, monkeypatch):
    some = [data for data in entries() if data["source"][:2] in ("05", "68")]  # one with an outcome, one without
    monkeypatch.setattr(loading, "entries", lambda: some)
    load_demo()
    assert Letter.objects.count() == 3
    assert set(Event.objects.values_list("by_process", "by_user")) == {("seed_demo", None), ("load_seed_letter", None)}
    named = run_sql(
        "SELECT DISTINCT pgh_context->>'process', pgh_context->>'user' FROM letters_letterhistory "
        "UNION SELECT DISTINCT pgh_context->>'process', pgh_context->>'user' FROM letters_signaturehistory"
    )
    assert sorted(named) == [("load_seed_letter", None), ("seed_demo", None)]


def test_loading_it_again_changes_nothing(demo, capsys):
    models = (Letter, Tasking, Event, Signature, Ask, Evidence, Note, FeedEntry, Office)
    before = {model: list(model.objects.order_by("pk").values()) for model in models}
    call_command("seed_demo")
    call_command("seed_demo")
    assert {model: list(model.objects.order_by("pk").values()) for model in models} == before
    printed = capsys.readouterr().out.splitlines()
    assert (len(printed), printed[0]) == (48, "2013-0001: Release of detainees before the sequester")


def test_the_seed_letter_is_no_obstacle_and_stays_as_it_is(seed, monkeypatch):
    monkeypatch.setattr(loading, "entries", lambda: [])
    before = list(Letter.objects.values())
    load_demo()
    assert list(Letter.objects.values()) == before


@pytest.mark.parametrize("sent", [False, True])
def test_among_letters_that_people_logged_it_is_refused_and_nothing_is_written(seed, staff, sent):
    one = drafting.draft_letter(by=staff, subject="TEST draft") if not sent else factories.sent()
    before = Event.objects.count()
    sentence = re.escape(f"No demo data among real letters: somebody logged the letter “{one}”.")
    with pytest.raises(CommandError, match=f"^{sentence} Run it with an empty database of its own: TRACKER_DATA"):
        call_command("seed_demo")
    assert (Letter.objects.count(), Event.objects.count()) == (2, before)


def test_in_a_real_office_it_is_refused(reference):
    with acting(SystemProcess.COMMAND):
        Office.objects.create(kind="committee", name="TEST Committee")
    with pytest.raises(CommandError, match=r"^No demo data: this is the record of TEST Committee, and no demo\."):
        call_command("seed_demo")
    assert Letter.objects.count() == 0


def test_without_reference_data_it_names_the_way_out(reference, run_sql):
    run_sql("TRUNCATE letters_askkind CASCADE")
    assert AskKind.objects.count() == 0
    with pytest.raises(CommandError, match=r"^There is no reference data yet. Run `manage.py load_reference` first\.$"):
        call_command("seed_demo")


BAND = "Demo. Real letters, as their offices published them. “No reply recorded” means no reply recorded in this demo:"


@pytest.mark.parametrize(
    "address", ["/", "/letters/", "/letters/2023-0001/", "/dashboard/", "/agencies/state/", "/nowhere/"]
)
def test_every_page_says_that_it_is_a_demo_and_only_there(seed, staff, address):
    person = Client()
    person.force_login(staff)
    assert BAND in words(person.get(address))
    with acting(SystemProcess.COMMAND):
        Office.objects.update(is_demo=False)
    assert "Demo." not in words(person.get(address))


def test_so_do_the_pages_outside_the_frame_of_who_is_signed_in(seed, admin, monkeypatch):
    def failing(*args, **how):
        raise OSError("TEST")

    person = Client(raise_request_exception=False)
    person.force_login(admin)
    pages = [(Client(), "/accounts/login/", 200), (person, "/admin/letters/agency/", 200), (person, "/dashboard/", 500)]
    monkeypatch.setattr("letters.domain.worklists.headline", failing)
    for is_demo in (True, False):
        with acting(SystemProcess.COMMAND):
            Office.objects.update(is_demo=is_demo)
        for client, address, status in pages:
            page = client.get(address)
            assert (address, page.status_code, BAND in words(page)) == (address, status, is_demo)


def test_where_the_database_cannot_say_the_page_of_a_fault_comes_all_the_same(seed, monkeypatch):
    def away():
        raise OperationalError("TEST")

    monkeypatch.setattr("letters.web.context.is_demo", away)
    page = context.failed(None)
    assert (page.status_code, "Something failed on our side" in words(page)) == (500, True)


def test_the_band_is_printed_too():
    for sheet in Path("static/css").glob("*.css"):
        hidden = re.findall(r"([^{}]*)\{[^{}]*display: none[^{}]*\}", sheet.read_text().partition("@media print")[2])
        assert (sheet.name, [one for one in hidden if re.search(r"\.(site-header|demo-band)(?![\w-])", one)]) == (
            sheet.name,
            [],
        )


def test_all_of_it_is_where_people_look(demo, staff):
    person = Client()
    person.force_login(staff)
    assert person.get("/letters/").status_code == 200
    for reference in ("2013-0001", "2021-0001", "2023-0006", "2025-0005"):  # one paragraph; capitals; 46 signers; done
        assert person.get(f"/letters/{reference}/").status_code == 200
    assert Agency.objects.filter(taskings__isnull=False).distinct().count() == 17
