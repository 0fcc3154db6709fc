"""The queue as CSV and XLSX: what is on screen, all of it, and nothing in it runs."""

import csv
import datetime as dt
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain import items, sending
from letters.domain.guarded import guarded
from letters.domain.history import acting
from letters.models import Office, Tasking
from letters.reports import queue_export
from letters.reports.queue_export import COLUMNS
from letters.web import queue
from tests import factories

HEADINGS = [column.heading for column in COLUMNS]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=cmd|' /C calc'!A0", '=HYPERLINK("https://elsewhere.example","x")', "\uff1d1+1",
]  # fmt: skip


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def csv_rows(response) -> list[dict]:
    text = body(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheet(response) -> ET.Element:
    """The only sheet of the workbook; every part of the file has to be sound XML."""
    with zipfile.ZipFile(io.BytesIO(body(response))) as book:
        assert book.testzip() is None
        parts = {name: ET.fromstring(book.read(name)) for name in book.namelist() if name.endswith((".xml", ".rels"))}
    assert [name for name in parts if "externalLink" in name or "vba" in name.lower()] == []
    return parts["xl/worksheets/sheet1.xml"]


def cells(sheet: ET.Element) -> list[dict[str, tuple[str, str]]]:
    """Each row: by column letter, the type and what stands there."""
    rows = []
    for row in sheet.iter(f"{MAIN}row"):
        found = {}
        for cell in row:
            value = cell.findtext(f"{MAIN}v") or "".join(t.text or "" for t in cell.iter(f"{MAIN}t"))
            found[re.match("[A-Z]+", cell.get("r"))[0]] = (cell.get("t", "n"), value)
        rows.append(found)
    return rows


@pytest.mark.parametrize("words", HOSTILE)
def test_what_looks_like_a_formula_begins_with_an_apostrophe(words):
    assert guarded(words).startswith("'")
    assert guarded(words)[1:] == words


@pytest.mark.parametrize("words", ["Sanction TEST", "2023-0001", "a=b", "é", "", "'x"])
def test_other_words_stay_as_they_are(words):
    assert guarded(words) == words


def test_the_file_has_the_rows_of_the_screen_in_its_order_and_all_of_them(as_staff, seed, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 2)
    monkeypatch.setattr(queue_export, "PART", 2)
    address = "agency=treasury&sort=letter&group=none"
    rows = csv_rows(as_staff.get(f"/queue.csv?{address}"))
    assert list(rows[0]) == HEADINGS
    assert [row["Open item"] for row in rows] == [
        "Sanction Huawei Cloud", "Add Alibaba Group to the NS-CMIC List", "Investigate other PRC cloud providers",
    ]  # fmt: skip
    first = rows[0]
    shown = [
        first[name]
        for name in (
            "Letter",
            "Signed",
            "Sent",
            "Ask",
            "Agency",
            "Acting bureau",
            "Status",
            "Due",
            "Due by",
            "Why that date",
            "About",
        )
    ]
    assert shown == [
        "2023-0001", "led by Bill Hagerty, 9 signers", "2023-04-25", "1", "Treasury", "OFAC", "no reply recorded", "2023-05-24", "our usual wait",
        "due May 24, 2023, 21 business days after April 25, 2023; the letter sets no deadline", "Huawei Cloud",
    ]  # fmt: skip
    assert first["Page"].startswith("http://testserver/items/")
    assert len(csv_rows(as_staff.get("/queue.csv"))) == 7


def test_the_file_says_how_often_they_were_called_and_why_the_date(as_staff, staff, reference):
    dated = factories.item(deadline_on=dt.date(2023, 5, 15))
    for day in (2, 3):
        items.log_contact(
            by=staff, agency=dated.agency, taskings=[dated], channel="call", outcome="TEST", on=dt.date(2023, 5, day)
        )
    factories.item(agencies=["state"])
    rows = csv_rows(as_staff.get("/queue.csv"))
    assert {row["Chased"]: (row["Due by"], row["Why that date"]) for row in rows} == {
        "chased twice, last May 3, 2023": ("a date the letter set", "asked for by May 15, 2023"),
        "": ("our usual wait", "due May 24, 2023, 21 business days after April 25, 2023; the letter sets no deadline"),
    }  # fmt: skip


def test_a_workbook_has_real_dates_and_numbers_and_strings(as_staff, seed):
    response = as_staff.get("/queue.xlsx?agency=treasury&kind=sanction")
    assert response["Content-Disposition"].startswith('attachment; filename="queue-')
    heading, row = cells(sheet(response))
    column = {words: letter for letter, (_, words) in heading.items()}
    assert [words for _, words in heading.values()] == HEADINGS
    serial = (dt.date(2023, 5, 24) - dt.date(1899, 12, 30)).days
    assert row[column["Due"]] == ("n", str(serial))
    assert row[column["Ask"]] == ("n", "1")
    assert row[column["Open item"]] == ("inlineStr", "Sanction Huawei Cloud")


@pytest.fixture
def hostile(reference, staff):
    for words in HOSTILE:
        if words.strip() == words:
            factories.item(ask_facts={"summary": words, "quote": f'{words}\nTEST second line, "quoted"'}, subject=words)
    staff.first_name = "=cmd|' /C calc'!A0"
    staff.save()


def test_hostile_words_run_in_neither_file(as_staff, staff, hostile):
    tasking = factories.item(ask_facts={"summary": "TEST owned"})
    items.assign(tasking, by=staff, owner=staff)
    rows = csv_rows(as_staff.get("/queue.csv"))
    assert len(rows) == len([w for w in HOSTILE if w.strip() == w]) + 1
    dangerous = [v for row in rows for v in row.values() if re.match(r"[\s]*[=+\-@\t\r\uff1d]", v)]
    assert dangerous == []
    assert "'=cmd|' /C calc'!A0" in {row["Owner"] for row in rows}
    assert '\'=1+1\nTEST second line, "quoted"' in {row["In the letter’s words"] for row in rows}

    workbook = sheet(as_staff.get("/queue.xlsx"))
    assert list(workbook.iter(f"{MAIN}f")) == []
    assert list(workbook.iter(f"{MAIN}hyperlink")) == []
    found = [cell for row in cells(workbook)[1:] for cell in row.values()]
    assert [words for kind, words in found if kind != "n" and re.match(r"\s*[=+\-@]", words)] == []
    assert {kind for kind, _ in found} == {"n", "inlineStr"}


def test_control_characters_and_long_words_make_a_sound_file(as_staff, reference):
    factories.item(ask_facts={"summary": "TEST \ufffe odd", "quote": "TEST " + "x" * 9_000})
    _, row = cells(sheet(as_staff.get("/queue.xlsx")))
    assert "TEST   odd" in {words for _, words in row.values()}


@pytest.mark.parametrize(("query", "name"), [("", "Open items"), ("state=closed", "Items, open and closed")])
def test_the_workbook_calls_closed_items_no_open_ones(as_staff, reference, query, name):
    answer = as_staff.get(f"/queue.xlsx?{query}")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
        assert f'<sheet name="{name}"' in book.read("xl/workbook.xml").decode()
        assert f"<dc:title>{name}, http" in book.read("docProps/core.xml").decode()


def test_restricted_letters_are_absent(as_staff, seed, manager):
    sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    factories.item(agencies=["state"])
    assert [row["Agency"] for row in csv_rows(as_staff.get("/queue.csv?ours=all&state=all"))] == ["State"]
    assert len(cells(sheet(as_staff.get("/queue.xlsx?ours=all&state=all")))) == 2


def test_a_wrong_filter_makes_no_file(as_staff, seed):
    response = as_staff.get("/queue.csv?late=tomorrow")
    assert (response.status_code, "tomorrow" in response.content.decode()) == (400, True)
    assert as_staff.get("/queue.exe").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_costs_the_same_queries_however_long(as_staff, reference, kind):
    as_staff.get("/help/rights/")  # the first request of a session is noted
    counts = []
    for _ in range(2):
        factories.item()
        with CaptureQueriesContext(connection) as captured:
            assert body(as_staff.get(f"/queue.{kind}"))
        counts.append(len(captured))
    assert counts == [5, 5]


def test_the_day_it_was_last_touched_is_the_office_s(as_staff, reference):
    item = factories.item()
    evening = dt.datetime(2023, 7, 5, 1, 30, tzinfo=dt.UTC)  # of July 4, in Washington
    with acting(factories.SETUP):
        Tasking.objects.filter(pk=item.pk).update(touched_at=evening, snoozed_until=dt.date(2023, 8, 1))
    (row,) = csv_rows(as_staff.get("/queue.csv"))
    # a day that has passed holds up nothing, and the screen tells of none
    assert (row["Last touched"], row["Remind on"]) == ("2023-07-04", "")


def test_the_demo_s_file_says_that_it_is_one(as_staff, seed):
    assert '-demo.csv"' in as_staff.get("/queue.csv").headers["Content-Disposition"]
    with acting(factories.SETUP):
        Office.objects.update(is_demo=False)
    assert "demo" not in as_staff.get("/queue.csv").headers["Content-Disposition"]
