"""The page /import/: from a file to letters, with what is wrong mended in place, and back out."""

import datetime as dt
import re
from contextlib import contextmanager

import psycopg
import pytest
import time_machine
from celery.exceptions import Retry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from kombu.exceptions import OperationalError

from letters import tasks
from letters.domain.history import acting
from letters.domain.items import add_note
from letters.enums import ImportState, LetterState
from letters.intake.sheet import batches, checking, mending, running, undoing
from letters.intake.sheet.csv_file import SERIAL_1904
from letters.models import Event, ImportBatch, ImportRow, Letter, Tasking
from letters.web import imports
from tests import factories, made_sheets
from tests.intake.sheet.conftest import checked
from tests.intake.sheet.test_calendar_of_1904 import of_1904
from tests.web.test_pages import words
from tracker.celery import REDELIVERY

HEADER = "No,Date,Subject,Signed by,Agency,Request,Comments\n"
GOOD = HEADER + '1,4/25/2023,TEST cloud,"Hagerty, Bill",Treasury,TEST sanction,TEST note\n'
BAD = GOOD + "2,4/26/2023,TEST other,TEST Nobody,Treasurry,TEST ask,\n"


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def brought(client: Client, text: str | bytes, name: str = "TEST.csv"):
    data = text.encode() if isinstance(text, str) else text
    return client.post("/import/", {"file": SimpleUploadedFile(name, data)})


def matched(client: Client, text: str = BAD) -> str:
    """The page of a file whose columns are as guessed."""
    page = brought(client, text).url
    found = ImportBatch.objects.get(pk=page.split("/")[2])
    answer = client.post(page, {"do": "match", **{f"column-{n}": code for n, code in enumerate(found.columns)}})
    assert answer.status_code == 302, words(answer)
    return page


def test_from_a_file_to_letters_with_a_cell_mended_in_place(as_staff):
    page = brought(as_staff, BAD).url
    columns = words(as_staff.get(page))
    assert "Which column is which?" in columns
    assert "Read as UTF-8, columns parted by commas." in columns
    page = matched(as_staff)
    rows = words(as_staff.get(page))
    assert "2 rows: 1 new letter with 1 item, 1 not ready." in rows
    assert "Row 3: 4/26/2023 · TEST other" in rows
    assert "“Treasurry” is no agency we know. Perhaps “Department of the Treasury”" in rows
    assert 'value="Treasurry"' in as_staff.get(page).content.decode()
    answer = as_staff.post(f"{page}rows/3/", {"do": "mend", "cell-agency": "Treasury", "next": f"{page}?show=problems"})
    assert answer.url == f"{page}?show=problems#row-3"
    assert "2 rows: 2 new letters with 2 items." in words(as_staff.get(page))
    done = words(as_staff.post(page, {"do": "apply"}, follow=True))
    assert "2 new letters (first 2023-0001, last 2023-0002), 2 items; 0 replies" in done
    assert set(Event.objects.filter(kind="letter_sent").values_list("by_user__username", flat=True)) == {"staff"}
    assert "2023-0002 TEST other" in done
    assert words(as_staff.get("/import/")).count("2 new letters") == 1


def test_of_a_workbook_with_several_sheets_each_page_says_which_was_read(as_staff):
    rows = [
        line.split(",") for line in ("No,Date,Subject,Signed by,Agency", "1,4/25/2023,TEST cloud,Bill Hagerty,Treasury")
    ]
    book = made_sheets.workbook({"TEST legend": [["TEST"]], "TEST letters": rows})
    page = brought(as_staff, book, "TEST.xlsx").url
    as_staff.post(page, {"do": "sheet", "sheet": "TEST letters"})
    found = ImportBatch.objects.get()
    as_staff.post(page, {"do": "match", **{f"column-{n}": code for n, code in enumerate(found.columns)}})
    assert "TEST.xlsx, sheet “TEST letters”. 1 row: 1 new letter" in words(as_staff.get(page))
    done = words(as_staff.post(page, {"do": "apply"}, follow=True))
    assert re.search(r"Imported .+ by .+ from the sheet “TEST letters”: 1 new letter", done)
    assert "TEST.xlsx, sheet “TEST letters”" in words(as_staff.get(f"{page}undo/"))
    assert "TEST.xlsx sheet “TEST letters”" in words(as_staff.get("/import/"))


def test_what_is_not_ready_stays_out_and_says_so(as_staff):
    page = matched(as_staff)
    answer = as_staff.post(page, {"do": "apply"}, follow=True)
    assert "Row 3: Agency: “Treasurry” is no agency we know." in words(answer)
    assert not Letter.objects.exists()
    assert "1 left out with problems" in words(as_staff.post(page, {"do": "dry", "leave_out": "yes"}, follow=True))
    assert not Letter.objects.exists()
    as_staff.post(page, {"do": "apply", "leave_out": "yes"})
    assert Letter.objects.count() == 1


def test_a_row_is_left_out_and_taken_in_again(as_staff):
    page = matched(as_staff)
    as_staff.post(f"{page}rows/3/", {"do": "leave_out"})
    assert "1 left out" in words(as_staff.get(page))
    assert "Take it in again" in words(as_staff.get(f"{page}?show=all"))
    as_staff.post(f"{page}rows/3/", {"do": "mend"})
    assert "1 not ready" in words(as_staff.get(page))
    assert "Row 3" in words(as_staff.get(f"{page}rows/3/"))
    assert as_staff.get(f"{page}rows/99/").status_code == 404


def test_the_same_file_twice_says_what_is_here(as_staff):
    as_staff.post(matched(as_staff, GOOD), {"do": "apply"})
    page = matched(as_staff, GOOD)
    again = words(as_staff.get(f"{page}?show=all"))
    assert "already here: 2023-0001" in again
    assert "There is no new letter in this file." in again


def test_a_choice_of_columns_that_cannot_be_is_refused_and_kept(as_staff):
    page = brought(as_staff, BAD).url
    answer = as_staff.post(page, {"do": "match", "column-1": "subject", "column-2": "subject"})
    assert answer.status_code == 422
    assert "“Subject” is chosen for two columns." in words(answer)
    assert answer.content.decode().count('<option value="subject" selected>') == 2


def test_dates_that_could_be_two_are_asked_for(as_staff):
    page = brought(as_staff, GOOD.replace("4/25", "4/5")).url
    assert "4/5/2023 could be read two ways" in words(as_staff.get(page))
    found = ImportBatch.objects.get()
    as_staff.post(
        page, {"do": "match", "order": "day", **{f"column-{n}": code for n, code in enumerate(found.columns)}}
    )
    as_staff.post(page, {"do": "apply"})
    assert Letter.objects.get().letter_date == dt.date(2023, 5, 4)


def test_a_workbook_asks_for_its_sheet_and_another_row_of_headers(as_staff):
    page = brought(as_staff, (made_sheets.SHEETS / "ugly-on-purpose.xlsx").read_bytes(), "TEST.xlsx").url
    assert "Which sheet has your letters?" in words(as_staff.get(page))
    as_staff.post(page, {"do": "sheet", "sheet": "LETTERS (current)"})
    assert "Headers in row 4." in words(as_staff.get(page))
    for odd in ("x", "²"):
        assert f"“{odd}” is not a number" in words(as_staff.post(page, {"do": "sheet", "header_row": odd}))
    assert "Row 3 is empty" in words(as_staff.post(page, {"do": "sheet", "header_row": "3"}))
    as_staff.post(page, {"do": "sheet", "header_row": "5"})
    assert "Headers in row 5." in words(as_staff.get(page))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.4 TEST", "“TEST.xlsx” is a PDF."),
        (b"x", "The file has headers and no row below them."),
        (b"", "The file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(as_staff, data, said):
    answer = as_staff.post("/import/", {"file": SimpleUploadedFile("TEST.xlsx", data)}, follow=True)
    assert said in words(answer)
    assert "Choose the file" in words(as_staff.post("/import/", {}))


def test_it_is_undone_while_nobody_worked_on_it(as_staff, staff):
    page = matched(as_staff, GOOD)
    as_staff.post(page, {"do": "apply"})
    assert "Say what was wrong" in words(as_staff.post(f"{page}undo/", {"reason": ""}))
    undone = words(as_staff.post(f"{page}undo/", {"reason": "TEST wrong file"}, follow=True))
    assert "Undone: 1 letter marked as entered in error." in undone
    letter = Letter.objects.get()
    assert (letter.state, letter.reference) == (LetterState.ENTERED_IN_ERROR, "2023-0001")
    assert Tasking.objects.get().status == "entered_in_error"
    assert Event.objects.get(kind="letter_entered_in_error").reason == "TEST wrong file"
    # and the same file comes in again
    as_staff.post(matched(as_staff, GOOD), {"do": "apply"})
    assert Letter.objects.get(state="sent").reference == "2023-0002"


def test_a_long_undo_is_the_worker_s_and_is_done_once(as_staff, staff, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr("letters.web.imports.current_app.send_task", lambda name, args, **_: rung.append((name, args)))
    monkeypatch.setattr(running, "LONG_UNDO", 0)
    page = matched(as_staff, GOOD)
    as_staff.post(page, {"do": "apply"})
    with django_capture_on_commit_callbacks(execute=True):
        said = words(as_staff.post(f"{page}undo/", {"reason": "TEST wrong file"}, follow=True))
    assert "It is being undone" in said
    assert "being undone" in words(as_staff.get("/import/"))
    assert Letter.objects.get().state == LetterState.SENT
    # a second click asks nobody for a reason again; the worker may be rung once more
    with django_capture_on_commit_callbacks(execute=True):
        as_staff.post(f"{page}undo/", {"reason": "TEST other"})
        as_staff.post(page, {"do": "undo"})
    assert [name for name, _ in rung] == ["letters.tasks.undo_import"] * 2
    assert tasks.undo_import(*rung[0][1]) == "1 letter undone"
    assert running.progress(ImportBatch.objects.get()) == (1, 1)
    assert tasks.undo_import(*rung[1][1]) == "at work already, done, or refused"
    event = Event.objects.get(kind="letter_entered_in_error")
    assert (event.reason, event.by_user) == ("TEST wrong file", staff)
    assert "Undone" in words(as_staff.get(page))


def test_a_task_given_out_twice_comes_back_until_the_other_one_is_done(as_staff, staff):
    """The broker forgets it once the second is done: should the first die after that, the undo would stay begun."""
    page = matched(as_staff, HEADER + "1,4/1/2023,TEST,TEST Nobody,Treasury,TEST,\n")
    as_staff.post(page, {"do": "apply"})
    found = running.begin_undo(ImportBatch.objects.get(), by=staff, reason="TEST wrong file")
    with another_worker_at(found):
        with pytest.raises(Retry):
            tasks.undo_import(str(found.pk), str(staff.pk))
        # one waits: a third ends there
        assert tasks.undo_import(str(found.pk), str(staff.pk)) == "at work already, done, or refused"
    assert tasks.COME_BACK < REDELIVERY
    assert tasks.undo_import(str(found.pk), str(staff.pk)) == "1 letter undone"


@contextmanager
def another_worker_at(found: ImportBatch):
    line = {name: value for name, value in connection.get_connection_params().items() if name in ("dbname", "host", "port", "user", "password")}  # fmt: skip
    key = [running.IMPORT_LOCK, found.pk.int & 0x7FFFFFFF]
    with psycopg.connect(**line, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", key)
        yield
        # its end alone gives it back, but some time after the connection is closed here
        other.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def stands_at(found: ImportBatch, state: ImportState) -> None:
    with acting(factories.SETUP):
        ImportBatch.objects.filter(pk=found.pk).update(state=state)


def test_a_waiting_read_takes_no_waiting_check_s_place_and_does_not_wait_for_one(as_staff, staff):
    matched(as_staff, GOOD)
    found = ImportBatch.objects.get()
    with another_worker_at(found):
        stands_at(found, ImportState.READING)
        with pytest.raises(Retry):
            tasks.read_import(str(found.pk), str(staff.pk))
        stands_at(found, ImportState.CHECKING)
        tasks.read_import(str(found.pk), str(staff.pk))
        with pytest.raises(Retry):
            tasks.check_import(str(found.pk), str(staff.pk))


def test_a_step_that_comes_back_after_the_first_is_done_changes_nothing(as_staff, staff):
    page = matched(as_staff, BAD)
    as_staff.post(f"{page}rows/3/", {"do": "mend", "cell-agency": "Treasury"})
    before = ImportBatch.objects.values().get()
    tasks.read_import(str(before["id"]), str(staff.pk))
    tasks.check_import(str(before["id"]), str(staff.pk))
    assert ImportBatch.objects.values().get() == before
    assert ImportRow.objects.get(number=3).mended == {"agency": "Treasury"}


def test_an_import_let_go_while_rows_are_looked_at_stays_let_go(as_staff, staff):
    matched(as_staff, GOOD)
    found = ImportBatch.objects.get()
    checking.check(found, by=staff, tell=lambda *_: running.begin(found, by=staff))
    assert ImportBatch.objects.get().state == ImportState.IMPORTING


def test_a_row_mended_while_rows_are_looked_at_is_looked_at_too(as_staff, staff, monkeypatch):
    matched(as_staff, BAD)
    found, typed = ImportBatch.objects.get(), [{"agency": "Treasury"}]

    def tell(*_):
        if typed:
            mending.mend(ImportRow.objects.get(number=3), by=staff, values=typed.pop())

    stands_at(found, ImportState.CHECKING)
    monkeypatch.setattr(running, "_tell", lambda _: tell)
    running.run_check(found, by=staff)
    assert (ImportBatch.objects.get().state, ImportRow.objects.get(number=3).blocked) == (ImportState.READY, False)


def test_an_undo_that_breaks_off_keeps_all_letters_and_can_be_tried_again(as_staff, staff, monkeypatch):
    page = matched(as_staff, HEADER + "".join(f"{n},4/{n}/2023,TEST {n},TEST Nobody,Treasury,TEST,\n" for n in (1, 2)))
    as_staff.post(page, {"do": "apply"})
    found = running.begin_undo(ImportBatch.objects.get(), by=staff, reason="TEST wrong file")
    real, done = undoing.enter_many_in_error, []

    def breaks(letters, **how):
        if done:
            raise ZeroDivisionError
        done.append(real(letters, **how))

    with monkeypatch.context() as patch:
        patch.setattr(undoing, "AT_ONCE", 1)
        patch.setattr(undoing, "enter_many_in_error", breaks)
        with pytest.raises(ZeroDivisionError):
            running.run_undo(found, by=staff)
    assert Letter.objects.sent().count() == 2
    assert "Undoing stopped in the middle, and nothing of it was kept." in words(as_staff.get(page))
    assert "Undone: 2 letters" in words(as_staff.post(f"{page}undo/", {"reason": "TEST"}, follow=True))


def test_it_is_not_undone_once_somebody_worked_on_it(as_staff, staff):
    page = matched(as_staff, GOOD)
    as_staff.post(page, {"do": "apply"})
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1), tick=False):
        add_note(by=staff, letter=Letter.objects.get(), text="TEST")
    assert "Somebody has worked on 1 letter of it since" in words(as_staff.get(page))
    answer = as_staff.post(f"{page}undo/", {"reason": "TEST"})
    assert "Somebody worked on 2023-0001 since the import" in words(answer)
    assert Letter.objects.get().state == "sent"


def test_whose_it_is(as_staff, as_viewer, manager, client):
    page = matched(as_staff, GOOD)
    assert as_viewer.get("/import/").status_code == as_viewer.get(page).status_code == 403
    client.force_login(factories.user(username="TEST-other"))
    assert client.get(page).status_code == 404
    assert "TEST.csv" not in words(client.get("/import/"))
    client.force_login(manager)
    assert client.get(page).status_code == 200
    assert "TEST.csv" in words(client.get("/import/"))


def test_a_file_is_forgotten(as_staff):
    page = matched(as_staff, GOOD)
    said = words(as_staff.post(page, {"do": "give_up"}, follow=True))
    assert re.search(r"“TEST.csv” was not imported, and is forgotten. A backup made after .+ may still have it.", said)
    assert (ImportBatch.objects.count(), ImportRow.objects.count()) == (0, 0)
    assert as_staff.post("/import/", {"do": "give_up"}).status_code == 422
    page = matched(as_staff, GOOD)
    assert as_staff.post(page, {"do": "TEST"}).status_code == 404


def test_while_the_broker_is_away_a_long_file_says_so_and_a_short_one_comes_in(as_staff, monkeypatch, settings):
    """Its progress is told beside the work: losing it costs nothing, and an import least of all."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}

    def away(*args, **how):
        raise OperationalError("TEST")

    as_staff.post(matched(as_staff, GOOD), {"do": "apply"})
    assert Letter.objects.get().state == LetterState.SENT
    monkeypatch.setattr("letters.web.imports.current_app.send_task", away)
    monkeypatch.setattr(
        "letters.web.imports.transaction.on_commit", lambda do: do()
    )  # a view has no transaction around it
    monkeypatch.setattr(running, "LONG", 1)
    said = words(as_staff.get(brought(as_staff, BAD).url))
    assert "The worker cannot be reached, so nothing has begun. Press “Start it again” in a minute" in said
    assert "Start it again" in said.partition("tell an administrator")[2]


def test_a_long_file_is_the_worker_s_and_the_page_tells_how_far_it_is(
    as_staff, staff, monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr("letters.web.imports.current_app.send_task", lambda name, args, **_: rung.append((name, args)))
    monkeypatch.setattr(running, "LONG", 1)
    with django_capture_on_commit_callbacks(execute=True):
        page = brought(as_staff, GOOD).url
    assert "It is being read" in words(as_staff.get(page))
    (name, arguments) = rung.pop()
    getattr(tasks, name.rpartition(".")[2])(*arguments)
    found = ImportBatch.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        as_staff.post(page, {"do": "match", **{f"column-{n}": code for n, code in enumerate(found.columns)}})
    assert "It is being checked" in words(as_staff.get(page))
    (name, arguments) = rung.pop()
    getattr(tasks, name.rpartition(".")[2])(*arguments)
    with django_capture_on_commit_callbacks(execute=True):
        as_staff.post(page, {"do": "apply"})
    (name, arguments) = rung.pop()
    assert "It is being imported" in words(as_staff.get(page))
    assert as_staff.post(page, {"do": "give_up"}).status_code == 422
    assert tasks.apply_import(*arguments) == "1 new letter (2023-0001), 1 item; 0 replies"
    assert running.progress(found) == (1, 1)
    # given out twice by the broker: nothing more happens
    assert tasks.apply_import(*arguments) == "at work already, or refused"
    assert Letter.objects.count() == 1


def test_a_long_file_is_not_cut_off_with_the_rounds():
    long = (tasks.read_import, tasks.check_import, tasks.apply_import, tasks.undo_import)
    # 50,000 rows take hours; none and 0 would both mean the limit that the worker has for all
    assert {task.time_limit for task in long} == {12 * 60 * 60}
    assert tasks.sweep_reminders.time_limit == 15 * 60


def test_an_import_that_breaks_off_can_be_tried_again(as_staff, staff, monkeypatch):
    page = matched(as_staff, GOOD)
    found = running.begin(ImportBatch.objects.get(), by=staff)

    def fails(letters):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        running.run_apply(found, by=staff, leave_out_problems=False, hush=fails)
    assert "The import stopped in the middle, and nothing of it was kept." in words(as_staff.get(page))
    as_staff.post(page, {"do": "apply"})
    assert Letter.objects.count() == 1


def test_an_import_that_is_started_again_leaves_out_what_was_left_out_before(as_staff, staff):
    page = matched(as_staff)
    running.begin(ImportBatch.objects.get(), by=staff, leave_out_problems=True)
    as_staff.post(page, {"do": "apply"})  # “Start it again”
    assert (ImportBatch.objects.get().state, Letter.objects.count()) == ("imported", 1)


def test_the_page_of_columns_and_words_lists_all(as_staff):
    page = words(as_staff.get("/import/help/"))
    assert re.search(r"Deadline .*A date the letter itself sets", page)
    assert "done implemented, done, complete" in page


def test_rows_come_in_pages(as_staff, monkeypatch):
    monkeypatch.setattr("letters.web.import_pages.PAGE", 2)
    page = matched(
        as_staff, HEADER + "".join(f"{n},4/{n}/2023,TEST {n},TEST Nobody,Treasury,TEST,\n" for n in range(1, 6))
    )
    first = as_staff.get(f"{page}?show=all").content.decode()
    assert first.count("data-row") == 2
    assert "?show=all&amp;after=3" in first
    assert as_staff.get(f"{page}?show=all&after=5").content.decode().count("data-row") == 1


def test_the_page_of_columns_shows_days_of_the_calendar_of_1904_and_numbers_as_they_are(as_staff, staff):
    batch = checked(of_1904(), name="TEST.xlsx", by=staff)
    page = as_staff.post(f"/import/{batch.pk}/", {"do": "columns"}).content.decode()
    assert [n for n in (20231, 43579, 45041, 20232, 20233, 20234) if f'"sample">{n}<' in page] == [
        20231,
        45041,
        20232,
        20233,
        20234,
    ]
    assert SERIAL_1904 not in page


def test_files_that_came_in_long_ago_are_found_page_by_page(as_staff, staff, manager, reference, monkeypatch):
    """An import is undone on its page, which nobody else leads to."""
    monkeypatch.setattr(imports, "LISTED", 2)
    for number in range(5):
        batches.receive(by=staff, data=GOOD.encode(), name=f"TEST {number}.csv")
    theirs = batches.receive(by=manager, data=GOOD.encode(), name="TEST of the manager.csv")
    seen, address = [], "/import/"
    while address:
        page = as_staff.get(address).content.decode()
        seen.append(re.findall(r"TEST \d", page))
        found = re.search(r'href="(/import/\?before=[^"]+)">Earlier files', page)
        address = found[1] if found else ""
        assert ("The latest files" in page) is (len(seen) > 1)
    assert seen == [["TEST 4", "TEST 3"], ["TEST 2", "TEST 1"], ["TEST 0"]]
    assert [as_staff.get(f"/import/?before={key}").status_code for key in (theirs.pk, "TEST")] == [404, 404]
    assert "TEST 4" in factories.client(manager).get(f"/import/?before={theirs.pk}").content.decode()
