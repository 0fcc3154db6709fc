"""A file taken back on the page: the button, the reason, what each sees of it then, and the way back."""

import pytest
from django.test import Client

from letters.domain import files
from letters.models import Attachment
from tests import factories, made_files
from tests.web.test_files import fetch

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def letter(reference):
    return factories.sent()


@pytest.fixture
def wrong(letter, staff) -> Attachment:
    return files.attach(by=staff, file=made_files.PDF, name="private.pdf", letter=letter)


def words(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def test_it_is_taken_back_with_a_reason_and_a_manager_puts_it_back(letter, wrong, as_staff, as_viewer, manager):
    page, back = f"/letters/{letter.reference}/", f"/letters/{letter.reference}/#files"
    take, put = f"/files/{wrong.pk}/take-back/", f"/files/{wrong.pk}/put-back/"
    assert f'href="{take}"' in words(as_staff, page)
    assert "Attached by mistake?" not in words(as_viewer, page)
    assert as_viewer.post(take, {"reason": "TEST"}).status_code == 403
    assert "Say what was wrong with it." in as_staff.post(take, {}).content.decode()
    done = as_staff.post(take, {"reason": "TEST of somebody else"}, follow=True)
    assert done.redirect_chain == [(back, 302)]
    told = done.content.decode()
    assert "Taken back: private.pdf. Only managers and administrators open it now." in told
    assert "File taken back" in told
    again = words(as_staff, page)
    assert ("TEST of somebody else" in again, "private.pdf" in again, put in again) == (True, False, False)
    assert as_staff.get(put).status_code == 403
    boss = factories.client(manager)
    assert ("private.pdf" in words(boss, page), put in words(boss, page)) == (True, True)
    assert "It was taken back on" in words(boss, put)
    assert boss.post(put, {"reason": "TEST it is ours"})["Location"] == back
    assert "File put back" in words(as_viewer, page)
    assert fetch(as_viewer, f"/files/{wrong.pk}/download/x").status_code == 200


def test_only_managers_fetch_its_bytes_and_the_others_are_told_why(wrong, as_staff, as_viewer, staff, manager):
    files.retract_attachment(wrong, by=staff, reason="TEST of somebody else")
    address = f"/files/{wrong.pk}/download/x?show=1"
    for browser in (as_staff, as_viewer):
        got = fetch(browser, address)
        assert got.status_code == 404
        said = got.content.decode()
        assert ("TEST of somebody else" in said, "private.pdf" in said) == (True, False)
    assert fetch(factories.client(manager), address).body == made_files.PDF
    # the page that asked once more shows no name either
    said = as_staff.post(f"/files/{wrong.pk}/take-back/", {"reason": "TEST"})
    assert (said.status_code, "private.pdf" in said.content.decode()) == (422, False)
    assert "This file was taken back already." in said.content.decode()


def test_where_the_same_bytes_are_kept_besides_is_said(wrong, as_staff, staff):
    other, hidden = factories.sent(), factories.sent(access="restricted")
    files.attach(by=staff, file=made_files.PDF, name="twin.pdf", letter=other)
    files.attach(by=factories.SETUP, file=made_files.PDF, name="hidden.pdf", letter=hidden)
    said = words(as_staff, f"/files/{wrong.pk}/take-back/")
    assert f"The same bytes are also with {other.reference}, as “twin.pdf”." in said
    assert hidden.reference not in said


def test_the_file_of_a_reply_leads_back_to_the_reply(reference, as_staff, staff):
    response = factories.reply(factories.item())
    kept = files.attach(by=staff, file=made_files.PDF, name="private.pdf", response=response)
    assert f"/files/{kept.pk}/take-back/" in words(as_staff, f"/replies/{response.pk}/")
    assert as_staff.post(f"/files/{kept.pk}/take-back/", {"reason": "TEST"})["Location"] == f"/replies/{response.pk}/"
    assert "Taken back: private.pdf." in words(as_staff, f"/replies/{response.pk}/")  # told once
    said = words(as_staff, f"/replies/{response.pk}/")
    assert ("private.pdf" in said, "TEST" in said) == (False, True)


def test_what_the_public_page_counts_as_kept_inside_leaves_it_out(letter, wrong, staff, manager):
    boss = factories.client(manager)
    assert "1 file" in words(boss, f"/letters/{letter.reference}/public/")
    files.retract_attachment(wrong, by=staff, reason="TEST")
    assert "0 files" in words(boss, f"/letters/{letter.reference}/public/")
