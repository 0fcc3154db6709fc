"""Files over the web: who may add and fetch them, what is kept of a mixed lot, and how they are given back."""

import datetime as dt
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from letters.domain import files, replies
from letters.domain.keys import create_key
from letters.enums import Role
from letters.models import Attachment, Tasking
from tests import factories, made_files

pytestmark = pytest.mark.usefixtures("folder")


def upload(name: str = "reply.pdf", data: bytes = made_files.PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/x-whatever")


def fetch(browser: Client, address: str, **how):
    """What came back, read to its end: only then is the file closed."""
    got = browser.get(address, **how)
    got.body = b"".join(got.streaming_content) if got.streaming else got.content
    return got


def test_files_are_added_and_the_same_bytes_come_back(as_staff, reference):
    letter = factories.sent()
    answer = as_staff.post(
        f"/letters/{letter.reference}/files/", {"files": [upload(), upload("b.png", made_files.PNG)]}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"/letters/{letter.reference}/#files")
    kept = Attachment.objects.get(name="reply.pdf")
    page = as_staff.get(f"/letters/{letter.reference}/files/").content.decode()
    assert f'href="/files/{kept.pk}/download/reply.pdf"' in page
    got = fetch(as_staff, f"/files/{kept.pk}/download/reply.pdf")
    assert got.body == made_files.PDF
    assert {name: got[name] for name in ("Content-Type", "Content-Disposition", "Content-Security-Policy", "X-Content-Type-Options")} == {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="reply.pdf"',
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "disposition"),
    [
        (made_files.PDF, "inline"),
        (made_files.GIF, "inline"),
        (made_files.DOCX, "attachment"),
        (made_files.EML, "attachment"),
        (made_files.MSG, "attachment"),
    ],
)
def test_only_pdf_and_pictures_are_shown_in_place(as_viewer, staff, data, disposition):
    kept = files.attach(by=staff, file=data, name="TEST", letter=factories.sent())
    got = fetch(as_viewer, f"/files/{kept.pk}/download/{kept.name}?show=1")
    assert got["Content-Disposition"] == f'{disposition}; filename="{kept.name}"'


def test_a_hostile_name_splits_no_header(as_staff, reference):
    letter = factories.sent()
    name = 'ünï"\r\nSet-Cookie: a=b; \u202efdp.html'
    kept = files.attach(by=factories.SETUP, file=made_files.PDF, name=name, letter=letter)
    assert kept.name == "ünïSet-Cookie a=b; fdp.html.pdf"
    got = fetch(as_staff, f"/files/{kept.pk}/download/x")
    assert got["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%BCn%C3%AFSet-Cookie%20a%3Db%3B%20fdp.html.pdf"
    )
    page = as_staff.get(f"/letters/{letter.reference}/files/").content.decode()
    assert f"/files/{kept.pk}/download/%C3%BCn%C3%AFSet-Cookie%20a=b;%20fdp.html.pdf" in page


def test_what_can_be_kept_of_a_mixed_lot_is_kept_and_the_rest_is_named(as_staff, reference):
    letter = factories.sent()
    lot = [upload(), upload("virus.pdf", made_files.EXE), upload("page.png", made_files.HTML)]
    answer = as_staff.post(f"/letters/{letter.reference}/files/", {"files": lot})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert [kept.name for kept in Attachment.objects.all()] == ["reply.pdf"]
    assert "1 file kept: reply.pdf." in page
    assert "“virus.pdf” is a Windows program." in page
    assert "“page.png” is a web page or an XML file. Print it to a PDF, then attach that." in page
    assert "Choose only these again, once they are in order." in page


def test_no_file_chosen_is_said(as_staff, reference):
    answer = as_staff.post(f"/letters/{factories.sent().reference}/files/", {})
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()


def test_a_file_beyond_the_limit_is_not_read_to_its_end(as_staff, reference, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILE", 1024**2)
    letter = factories.sent()
    lot = [upload("huge.pdf", made_files.PDF + bytes(1024**2)), upload()]
    answer = as_staff.post(f"/letters/{letter.reference}/files/", {"files": lot})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“huge.pdf” is larger than 1 MB, the most one file may have." in page
    assert [kept.name for kept in Attachment.objects.all()] == ["reply.pdf"]


@contextmanager
def no_room_for(size: int) -> Iterator[None]:
    """No file that this process writes grows beyond it: what the kernel says of a full disk, it says of that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


LARGE = made_files.PDF + bytes(4 * 1024**2)  # more than is read into the memory


def test_where_the_temporary_folder_is_full_the_file_is_refused_in_words_and_what_was_typed_stays(as_staff, reference):
    letter = factories.sent()
    with no_room_for(1024**2):
        lot = [upload("large.pdf", LARGE), upload("small.png", made_files.PNG)]
        answer = as_staff.post(f"/letters/{letter.reference}/files/", {"files": lot})
        page = as_staff.post("/replies/new/", {"text": "TEST typed words", "files": [upload("large.pdf", LARGE)]})
        sheet = as_staff.post("/import/", {"file": upload("large.xlsx", LARGE)})
    said = "“large.pdf” cannot be kept on this server: File too large. Tell an administrator; without the file the rest can be saved."
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert [kept.name for kept in Attachment.objects.all()] == ["small.png"]
    assert (page.status_code, said in page.content.decode(), "TEST typed words" in page.content.decode()) == (422, True, True)  # fmt: skip
    assert (sheet.status_code, "“large.xlsx” cannot be kept on this server" in sheet.content.decode()) == (422, True)


def test_where_there_is_no_temporary_folder_it_is_the_same(as_staff, reference, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "missing")
    answer = as_staff.post(f"/letters/{factories.sent().reference}/files/", {"files": [upload("large.pdf", LARGE)]})
    assert (answer.status_code, "cannot be kept on this server: No such file" in answer.content.decode()) == (422, True)


def test_more_files_than_go_at_once_are_counted(as_staff, reference):
    lot = [upload(f"{n}.pdf", made_files.PDF + b"\n" * n) for n in range(21)]
    page = as_staff.post(f"/letters/{factories.sent().reference}/files/", {"files": lot}).content.decode()
    assert "21 files were chosen; at most 20 go at once." in page
    assert Attachment.objects.count() == 0


def test_bytes_that_are_gone_get_a_page_that_says_so(as_viewer, staff):
    kept = files.attach(by=staff, file=made_files.PDF, name="one.pdf", letter=factories.sent())
    files.path(kept).unlink()
    got = fetch(as_viewer, f"/files/{kept.pk}/download/one.pdf")
    assert got.status_code == 404
    assert "“one.pdf” was kept on" in got.content.decode()
    assert f"There is no file {kept.sha256[:2]}/{kept.sha256} in" in got.content.decode()


@pytest.fixture
def lots(reference, manager):
    """A file of an open letter, of a restricted one, and of a reply that bears on both."""
    letters = {"open": factories.sent(), "restricted": factories.sent(access="restricted")}
    kept = {
        name: files.attach(by=manager, file=made_files.PDF, name=f"{name}.pdf", letter=letter)
        for name, letter in letters.items()
    }
    response = replies.record_response(
        by=factories.SETUP, agency=factories.agency("treasury"), kind="substantive", received_on=dt.date(2023, 5, 2),
        bearings=[replies.Bearing(Tasking.objects.get(ask__letter=letter)) for letter in letters.values()],
    )  # fmt: skip
    kept["spanning"] = files.attach(by=manager, file=made_files.PDF, name="spanning.pdf", response=response)
    return letters, response, kept


SEEN = {"open": 200, "restricted": 404, "spanning": 404}
ALL_SEEN = {"open": 200, "restricted": 200, "spanning": 200}


@pytest.mark.parametrize(
    ("role", "named", "fetched", "adds"),
    [
        (Role.VIEWER, False, SEEN, {"open": 403, "restricted": 404, "spanning": 403}),
        (Role.VIEWER, True, ALL_SEEN, {"open": 403, "restricted": 403, "spanning": 403}),
        (Role.STAFF, False, SEEN, {"open": 422, "restricted": 404, "spanning": 403}),
        (Role.STAFF, True, ALL_SEEN, {"open": 422, "restricted": 422, "spanning": 422}),
        (Role.MANAGER, False, ALL_SEEN, {"open": 422, "restricted": 422, "spanning": 422}),
        (Role.ADMIN, False, ALL_SEEN, {"open": 422, "restricted": 422, "spanning": 422}),
    ],
)
def test_who_fetches_and_adds_files(lots, role, named, fetched, adds):
    letters, response, kept = lots
    user = factories.user(role, username="TEST")
    if named:
        with factories.acting(factories.SETUP):
            letters["restricted"].staff.add(user)
    browser = factories.client(user)
    assert {name: fetch(browser, f"/files/{one.pk}/download/x").status_code for name, one in kept.items()} == fetched
    addresses = {name: f"/letters/{letter.reference}/files/" for name, letter in letters.items()}
    addresses["spanning"] = f"/replies/{response.pk}/files/"
    assert {name: browser.post(address).status_code for name, address in addresses.items()} == adds


def test_nobody_without_a_session_fetches_a_file_not_even_with_a_key(lots):
    *_, kept = lots
    for headers in ({}, {"Authorization": f"Bearer {create_key('TEST', scope='office', by=factories.SETUP)}"}):
        got = fetch(Client(), f"/files/{kept['open'].pk}/download/x", headers=headers)
        assert (got.status_code, got["Location"][:16]) == (302, "/accounts/login/")


def test_the_page_of_a_reply_takes_files(as_staff, reference):
    response = factories.reply(factories.item())
    answer = as_staff.post(f"/replies/{response.pk}/files/", {"files": upload()})
    item = response.answers.get().tasking_id
    assert (answer.status_code, answer["Location"]) == (302, f"/items/{item}/")
    assert Attachment.objects.get().response == response


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_files_costs_the_same_however_long(as_staff, staff, number, django_assert_num_queries):
    letter = factories.sent()
    for n in range(number):
        files.attach(by=staff, file=made_files.PDF + b"\n" * n, name=f"{n}.pdf", letter=letter)
    as_staff.get("/help/rights/")  # the first request of a session is noted
    with django_assert_num_queries(10):
        answer = as_staff.get(f"/letters/{letter.reference}/files/")
    assert (answer.status_code, f"{number - 1}.pdf" in answer.content.decode()) == (200, True)
