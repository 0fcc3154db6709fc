"""The page on which people say who may see a letter, and the page that says who may do what."""

import html
import re

import pytest
from django.test import Client

from letters.domain.sending import change_access
from letters.enums import Access, Role
from letters.models import Letter, User
from tests import factories
from tests.web.test_pages import words


@pytest.fixture
def as_manager(manager) -> Client:
    client = Client()
    client.force_login(manager)
    return client


def test_a_manager_restricts_a_letter_names_its_staff_and_opens_it_again(as_manager, as_staff, staff):
    letter = factories.sent()
    address = f"/letters/{letter.reference}/access/"
    form = {"access": "restricted", "staff": ["staff"], "reason": "TEST a source", "version": letter.version}
    done = as_manager.post(address, form, follow=True)
    assert "Managers, administrators and staff see this letter; for others it does not exist." in words(done)
    assert "TEST a source" in words(done)  # in what happened
    assert list(letter.staff.all()) == [staff]
    assert as_staff.get(f"/letters/{letter.reference}/").status_code == 200
    version = Letter.objects.get(pk=letter.pk).version
    opened = as_manager.post(address, {"access": "office", "reason": "TEST", "version": version}, follow=True)
    assert "Everybody of the office sees this letter." in words(opened)


def test_why_is_asked_for_and_what_was_typed_stays(as_manager):
    letter = factories.sent()
    factories.user(Role.STAFF, "anna")
    response = as_manager.post(
        f"/letters/{letter.reference}/access/", {"access": "restricted", "staff": ["anna"], "version": letter.version}
    )
    assert response.status_code == 422
    assert "Say why: the next person who cannot find the letter will ask." in words(response)
    assert 'value="anna" id="id_staff_0" checked' in response.content.decode()
    assert Letter.objects.get(pk=letter.pk).access == Access.OFFICE


def test_two_people_at_once(as_manager, admin):
    letter = factories.sent()
    for name in ("anna", "bert"):
        factories.user(Role.STAFF, name)
    address = f"/letters/{letter.reference}/access/"
    page = as_manager.get(address).content.decode()
    (opened,) = re.findall(r'name="opened" value="([^"]*)"', page)
    typed = {
        "access": "restricted", "staff": ["anna"], "reason": "TEST typed at length", "version": letter.version,
        "opened": html.unescape(opened),
    }  # fmt: skip
    change_access(
        letter, by=admin, access="restricted", staff=list(User.objects.filter(username="bert")), reason="TEST"
    )
    response = as_manager.post(address, typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "admin changed this on" in words(response)
    # both restricted it, which is no conflict; whom it names is
    assert re.findall(r'name="merging" value="(\w+)"', page) == ["staff"]
    assert "TEST typed at length" in page
    again = typed | {"version": letter.version + 1, "merging": "staff", "opened": html.unescape(re.findall(r'name="opened" value="([^"]*)"', page)[0])}  # fmt: skip
    assert as_manager.post(address, again).status_code == 409
    assert [p.username for p in letter.staff.all()] == ["bert"]
    as_manager.post(address, again | {"keep.staff": "theirs", "access": "office"})
    now = Letter.objects.get(pk=letter.pk)
    assert (now.access, [p.username for p in now.staff.all()]) == ("office", ["bert"])
    again |= {"version": now.version, "keep.staff": "yours", "access": "restricted"}
    assert as_manager.post(address, again).status_code == 302
    assert [p.username for p in letter.staff.all()] == ["anna"]


def test_staff_are_offered_only_what_they_may(as_staff, staff):
    mine, other = factories.sent(staff=[staff]), factories.sent()
    page = as_staff.get(f"/letters/{mine.reference}/access/").content.decode()
    assert ('value="restricted"' in page, 'value="office"' in page) == (True, False)
    assert as_staff.get(f"/letters/{other.reference}/access/").status_code == 403


def test_the_table_of_rights_is_a_page(as_viewer):
    text = words(as_viewer.get("/help/rights/"))
    assert "You are signed in as viewer, viewer." in text
    assert "Restrict a letter to named staff, and say who they are no where named yes yes" in text
