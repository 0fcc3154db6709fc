"""A long file is read and tried by the worker: no page waits for it, and each step can be started again."""

import pytest
from django.urls import reverse

from letters import tasks
from letters.intake.sheet import running
from letters.models import ImportBatch, ImportRow, Letter
from tests import made_sheets
from tests.intake.sheet.test_reading import swollen
from tests.web.test_imports import BAD, GOOD, _folder, brought, matched  # noqa: F401 - the folder is a fixture
from tests.web.test_pages import words


@pytest.fixture
def rung(monkeypatch) -> list:
    """What the worker was told."""
    told: list = []
    monkeypatch.setattr("letters.web.imports.current_app.send_task", lambda name, args, **_: told.append((name, args)))
    monkeypatch.setattr("letters.web.imports.transaction.on_commit", lambda do: do())  # a view has no transaction
    return told


def work(rung: list):
    """The worker does the last thing that it was told."""
    name, arguments = rung.pop()
    rung.clear()
    return getattr(tasks, name.rpartition(".")[2])(*arguments)


def test_a_sheet_of_a_long_workbook_is_read_by_the_worker_and_so_is_another_row_of_headers(as_staff, rung, monkeypatch):
    monkeypatch.setattr(running, "LONG", 1)
    page = brought(as_staff, (made_sheets.SHEETS / "ugly-on-purpose.xlsx").read_bytes(), "TEST.xlsx").url
    assert "There is no sheet “TEST”" in words(as_staff.post(page, {"do": "sheet", "sheet": "TEST"}))
    assert rung == []
    assert "It is being read" in words(as_staff.post(page, {"do": "sheet", "sheet": "LETTERS (current)"}, follow=True))
    as_staff.post(page, {"do": "sheet"})  # “Start it again”
    assert [name for name, _ in rung] == ["letters.tasks.read_import"] * 2
    assert not ImportRow.objects.exists()
    work(rung)
    assert "Headers in row 4." in words(as_staff.get(page))
    as_staff.post(page, {"do": "sheet", "header_row": "3"})
    work(rung)
    refused = words(as_staff.get(page))
    assert "Row 3 is empty" in refused
    assert "Headers in row 4." in refused  # what was read before is there still
    assert "It is being read" in words(as_staff.post(page, {"do": "sheet", "header_row": "5"}, follow=True))
    work(rung)
    read = words(as_staff.get(page))
    assert "Headers in row 5." in read
    assert "Row 3 is empty" not in read


def test_a_long_file_is_tried_by_the_worker(as_staff, rung, monkeypatch):
    page = matched(as_staff, GOOD)
    monkeypatch.setattr(running, "LONG_ROWS", 0)
    assert "It is being tried, and taken back" in words(as_staff.post(page, {"do": "dry"}, follow=True))
    assert "being tried" in words(as_staff.get("/import/"))
    as_staff.post(page, {"do": "apply"})  # “Start it again”: what was begun goes on
    assert as_staff.post(f"{page}rows/2/", {"do": "leave_out"}).status_code == 422
    assert [name for name, _ in rung] == ["letters.tasks.apply_import"] * 2
    assert work(rung) == "1 new letter (2023-0001), 1 item; 0 replies"
    assert running.progress(ImportBatch.objects.get()) == (1, 1)
    assert not Letter.objects.exists()
    assert "Tried and taken back: 1 new letter (2023-0001), 1 item; 0 replies." in words(as_staff.get(page))
    as_staff.post(page, {"do": "apply"})
    assert work(rung) == "1 new letter (2023-0001), 1 item; 0 replies"
    assert Letter.objects.count() == 1


def test_what_is_refused_while_it_is_tried_is_said_and_can_be_mended(as_staff, rung, monkeypatch):
    page = matched(as_staff, BAD)
    monkeypatch.setattr(running, "LONG_ROWS", 0)
    as_staff.post(page, {"do": "dry"})
    work(rung)
    assert "Row 3: Agency: “Treasurry” is no agency we know." in words(as_staff.get(page))
    as_staff.post(page, {"do": "apply", "leave_out": "yes"})
    assert work(rung) == "1 new letter (2023-0001), 1 item; 0 replies; 1 left out with problems"


def test_a_small_file_that_unpacks_to_a_long_one_is_the_worker_s(as_staff, rung):
    """It is not even looked through while the page waits: of what has no end, the worker says so."""
    endless = swollen("xl/worksheets/sheet1.xml", b"</sheetData>", b"<row>" + b"<c/>" * 600_000 + b"</row>")
    page = brought(as_staff, endless, "TEST.xlsx").url
    assert "It is being read" in words(as_staff.get(page))
    assert [name for name, _ in rung] == ["letters.tasks.read_import"]
    work(rung)
    failed = words(as_staff.get(page))
    assert "“TEST.xlsx” is a workbook that unpacks without end. Copy your table into a new workbook" in failed
    assert "Forget this file" in failed
    assert page == reverse("import_batch", args=[ImportBatch.objects.get().pk])
