"""Kept files: told apart by their bytes, kept as they came, given back to who may see all they belong to."""

import datetime as dt
import errno
import hashlib
import io
import random

import pytest

from letters.domain import file_types, files, replies, waiting_files
from letters.domain.file_types import Refused
from letters.errors import NotAllowed
from letters.models import Attachment, Tasking
from tests import factories, made_files
from tests.domain.refusals import refused

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (made_files.PDF, file_types.PDF),
        (b"\xef\xbb\xbf\r\n" + made_files.PDF, file_types.PDF),
        (made_files.PNG, file_types.PNG),
        (made_files.JPEG, file_types.JPEG),
        (made_files.GIF, file_types.GIF),
        (made_files.WEBP, file_types.WEBP),
        (made_files.DOCX, file_types.DOCX),
        (made_files.EML, file_types.EML),
        (made_files.MSG, file_types.MSG),
    ],
)
def test_a_file_is_what_its_bytes_say(data, kind):
    assert file_types.identify(data) == kind


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (made_files.EXE, "a Windows program"),
        (made_files.EXE + made_files.PDF, "a Windows program"),
        (b"\x7fELF" + bytes(60), "a program"),
        (b"#!/bin/sh\nrm -rf /\n", "a script"),
        (made_files.HTML, "a web page or an XML file"),
        (b"\n <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a web page or an XML file"),
        (made_files.HTML + made_files.PDF, "a web page or an XML file"),
        (b"%PDF-1.7\n1 0 obj", "a PDF that ends too early"),
        (made_files.zipped(**{"letter.pdf": "TEST"}), "a zip archive"),
        (made_files.DOCX[:200], "a zip archive that cannot be read"),
        (made_files.office("application/vnd.ms-word.document.macroEnabled.main+xml"), "an Office document with macros"),
        (made_files.office(made_files.WORD, **{"word/vbaProject.bin": "TEST"}), "an Office document with macros"),
        (made_files.office("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"), "a spreadsheet or a presentation"),
        (made_files.DOC, "an old Word document (.doc)"),
        (made_files.compound("Workbook"), "an old Office file"),
        (made_files.compound("EncryptedPackage"), "protected with a password"),
        (made_files.MSG[:700], "an old Office file that cannot be read"),
        (b"Dear Secretary,\nFrom: nobody\n", "plain text"),
        (b"From: TEST\n\nonly who, and nothing else", "plain text"),
        (b"\x01\x02\x03\xff\xfe" * 40, "of a kind we do not know"),
    ],
)  # fmt: skip
def test_what_is_not_kept_is_named(data, what):
    found = file_types.identify(data)
    assert isinstance(found, Refused)
    assert found.what == what


def test_no_bytes_break_the_reader():
    """Every kind, cut and bitten at a thousand places: a type or a refusal, never an error."""
    bite = random.Random(1)
    for whole in (made_files.DOCX, made_files.MSG, made_files.EML, made_files.PDF):
        for _ in range(250):
            broken = bytearray(whole[: bite.randrange(1, len(whole) + 1)])
            for _ in range(bite.randrange(4)):
                broken[bite.randrange(len(broken))] = bite.randrange(256)
            assert isinstance(file_types.identify(bytes(broken)), file_types.FileType | Refused)


def test_the_original_bytes_are_kept_under_their_digest(reference, staff, folder):
    letter = factories.sent()
    kept = files.attach(by=staff, file=io.BytesIO(made_files.PDF), name="Letter as signed.pdf", letter=letter)
    digest = hashlib.sha256(made_files.PDF).hexdigest()
    assert (kept.name, kept.media_type, kept.size, kept.sha256, kept.added_by) == (
        "Letter as signed.pdf", "application/pdf", len(made_files.PDF), digest, staff,
    )  # fmt: skip
    assert (folder / digest[:2] / digest).read_bytes() == made_files.PDF
    with files.open_kept(kept, staff) as opened:
        assert opened.read() == made_files.PDF
    event = letter.events.order_by("-sequence").first()
    assert (event.kind, event.by_user, event.public_payload) == ("attachment_added", staff, None)
    assert factories.told(event) == {
        "letter": str(letter.pk), "attachment": str(kept.pk), "response": None, "media_type": "application/pdf",
        "size": len(made_files.PDF),
    }  # fmt: skip


def test_the_same_bytes_once_on_a_letter_and_again_elsewhere(reference, staff, folder):
    first, second = factories.sent(), factories.sent()
    files.attach(by=staff, file=made_files.PDF, name="one.pdf", letter=first)
    said = refused(files.attach, by=staff, file=made_files.PDF, name="two.pdf", letter=first)
    assert said == {
        "file": "“two.pdf” is with this letter already, as “one.pdf”: the same bytes. Nothing to do; or choose another file."
    }
    files.attach(by=staff, file=made_files.PDF, name="two.pdf", letter=second)
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_a_refusal_names_the_file_what_it_is_and_the_way_out(reference, staff, folder):
    letter = factories.sent()
    assert refused(files.attach, by=staff, file=made_files.EXE, name="reply.pdf", letter=letter) == {
        "file": "“reply.pdf” is a Windows program. Attach a PDF, a Word document (.docx), a picture "
        "(PNG, JPEG, GIF, WebP), or an e-mail (.eml, .msg)."
    }
    assert refused(files.attach, by=staff, file=made_files.DOC, name="reply.doc", letter=letter) == {
        "file": "“reply.doc” is an old Word document (.doc). Save it as DOCX or PDF, then attach that."
    }
    assert not folder.exists()


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(reference, staff, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILE", len(made_files.PDF))
    letter = factories.sent()
    files.attach(by=staff, file=io.BytesIO(made_files.PDF), name="one.pdf", letter=letter)
    said = refused(files.attach, by=staff, file=io.BytesIO(b"\n" + made_files.PDF), name="two.pdf", letter=letter)
    assert said["file"].startswith("“two.pdf” is larger than 0 MB, the most one file may have.")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\TEST\\reply.pdf", "reply.pdf"),
        ("reply\u202efdp.exe", "replyfdp.exe.pdf"),
        ("page.html", "page.html.pdf"),
        ("re\r\nSet-Cookie: a=b.pdf", "reSet-Cookie a=b.pdf"),
        ('a"b<c>|.pdf', "abc.pdf"),
        ("..", "file.pdf"),
        ("", "file.pdf"),
        ("ответ — 回答.PDF", "ответ — 回答.PDF"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("a" * 300, "a" * 116 + ".pdf"),
        ("half \ud800 character.pdf", "half character.pdf"),
    ],
)
def test_a_hostile_name_becomes_a_harmless_one(reference, staff, name, kept):
    assert files.attach(by=staff, file=made_files.PDF, name=name, letter=factories.sent()).name == kept


def test_bytes_that_are_gone_or_changed_are_not_given(reference, staff):
    kept = files.attach(by=staff, file=made_files.PDF, name="one.pdf", letter=factories.sent())
    files.path(kept).write_bytes(made_files.PDF + b"\n")
    with pytest.raises(files.BytesMissing, match="was changed since it was kept"):
        files.open_kept(kept, staff)
    files.path(kept).unlink()
    with pytest.raises(files.BytesMissing, match="There is no file"):
        files.open_kept(kept, staff)


def test_the_same_bytes_attached_again_mend_what_was_damaged(reference, staff):
    kept = files.attach(by=staff, file=made_files.PDF, name="one.pdf", letter=factories.sent())
    files.path(kept).write_bytes(b"damaged")
    files.attach(by=staff, file=made_files.PDF, name="one.pdf", letter=factories.sent())
    with files.open_kept(kept, staff) as opened:
        assert opened.read() == made_files.PDF


def test_who_only_looks_attaches_nothing(reference, viewer, folder):
    said = refused(
        files.attach, by=viewer, file=made_files.PDF, name="a.pdf", letter=factories.sent(), error=NotAllowed
    )
    assert list(said) == ["by"]
    assert not folder.exists()


@pytest.fixture
def spanning(reference):
    """A reply about an item of an open letter and one of a restricted letter."""
    letters = [factories.sent(), factories.sent(access="restricted")]
    about = [replies.Bearing(Tasking.objects.get(ask__letter=letter)) for letter in letters]
    response = replies.record_response(
        by=factories.SETUP, agency=factories.agency("treasury"), kind="substantive", bearings=about,
        received_on=dt.date(2023, 5, 2),
    )  # fmt: skip
    return response, letters


def test_the_file_of_a_reply_needs_all_its_letters(spanning, staff, manager):
    response, letters = spanning
    said = refused(files.attach, by=staff, file=made_files.PDF, name="a.pdf", response=response, error=NotAllowed)
    assert list(said) == ["by"]
    kept = files.attach(by=manager, file=made_files.PDF, name="a.pdf", response=response)
    assert list(Attachment.objects.visible_to(manager)) == [kept]
    assert list(Attachment.objects.visible_to(staff)) == []
    with factories.acting(factories.SETUP):
        letters[1].staff.add(staff)
    assert list(Attachment.objects.visible_to(staff)) == [kept]


def test_each_letter_of_a_reply_is_told_and_no_name_is_said(spanning, manager):
    response, letters = spanning
    kept = files.attach(by=manager, file=made_files.PDF, name="secret.pdf", response=response)
    for letter in letters:
        event = letter.events.order_by("-sequence").first()
        assert event.kind == "attachment_added"
        assert factories.told(event) == {
            "letter": str(letter.pk), "attachment": str(kept.pk), "response": str(response.pk),
            "media_type": "application/pdf", "size": len(made_files.PDF),
        }  # fmt: skip


def test_the_file_of_a_restricted_letter_is_for_its_named_staff(reference, staff, viewer, manager):
    open_letter, closed = factories.sent(), factories.sent(access="restricted")
    first = files.attach(by=manager, file=made_files.PDF, name="a.pdf", letter=open_letter)
    second = files.attach(by=manager, file=made_files.PDF, name="b.pdf", letter=closed)
    assert set(Attachment.objects.visible_to(manager)) == {first, second}
    assert set(Attachment.objects.visible_to(staff)) == {first}
    assert set(Attachment.objects.visible_to(viewer)) == {first}
    with factories.acting(factories.SETUP):
        closed.staff.add(staff)
    assert set(Attachment.objects.visible_to(staff)) == {first, second}


def test_where_the_disk_is_full_the_sentence_says_so_and_that_the_rest_can_be_saved(staff, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "write_whole", full)
    said = "“one.pdf” cannot be kept on this server: No space left on device. Tell an administrator; without the file the rest can be saved."
    assert refused(files.attach, by=staff, file=made_files.PDF, name="one.pdf", letter=factories.sent()) == {
        "file": said
    }
    assert refused(waiting_files.keep, by=staff, data=made_files.PDF, name="one.pdf") == {"file": said}
