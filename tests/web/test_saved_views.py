"""Saved views as pages: stable addresses, private and shared, parts that mean nothing any more, deletion and back."""

import html
import re

import pytest
from django.http import HttpResponse
from django.test import Client

from letters.domain import saved_views
from letters.models import SavedView
from tests.web.test_pages import data_total, words


@pytest.fixture
def mine(staff, seed) -> SavedView:
    return saved_views.save_view(by=staff, name="TEST mine", query="agency=treasury&sort=letter")


def test_a_view_is_saved_from_the_list_and_leads_back_to_it(as_staff, seed):
    save = re.search(
        r'href="(/views/new/\?[^"]+)"', as_staff.get("/?agency=treasury&filters=1&cursor=").content.decode()
    )
    address = html.unescape(save[1])
    page = as_staff.get(address)
    assert "It keeps: agency “Treasury”; in order of due date, grouped by agency." in words(page)
    query = re.search(r'name="query" value="([^"]*)"', page.content.decode())[1]
    done = as_staff.post("/views/new/", {"name": "TEST view", "query": html.unescape(query)}, follow=True)
    view = SavedView.objects.get()
    assert (view.query, view.shared) == ("agency=treasury", False)
    assert done.redirect_chain == [(f"/views/{view.pk}/", 302), (f"/?agency=treasury&view={view.pk}", 302)]
    assert data_total(done) == 3
    assert "TEST view" in words(done)


def test_private_views_are_not_there_for_others_and_shared_ones_are(as_viewer, mine, staff):
    shared = saved_views.save_view(by=staff, name="TEST shared", query="late=any", shared=True)
    assert as_viewer.get(f"/views/{mine.pk}/").status_code == 404
    page = as_viewer.get(f"/views/{shared.pk}/", follow=True)
    assert data_total(page) == 7
    assert "TEST shared (staff)" in words(page)
    assert "TEST mine" not in words(page)
    assert as_viewer.get(f"/views/{shared.pk}/edit/").status_code == 404
    as_viewer.post(f"/views/{shared.pk}/delete/")
    assert SavedView.objects.count() == 2


def test_parts_that_mean_nothing_any_more_are_left_out_and_named(as_staff, staff, seed):
    query = "agency=gone&state=open&late=tomorrow&old=1&sort=color&group=moon&kind=sanction"
    view = saved_views.save_view(by=staff, name="TEST old", query=query)
    page = as_staff.get(f"/views/{view.pk}/", follow=True)
    assert page.redirect_chain == [(f"/?state=open&kind=sanction&view={view.pk}", 302)]
    assert (page.status_code, data_total(page)) == (200, 1)
    for sentence in [
        "View “TEST old”: Agency “gone” is no longer known, so that filter was left out.",
        "View “TEST old”: Late “tomorrow” is no longer known, so that filter was left out.",
        "View “TEST old”: there is no filter “old” (it was “1”), so it was left out.",
        "View “TEST old”: there is no sort “color”, so the usual one applies.",
        "View “TEST old”: there is no group “moon”, so the usual one applies.",
    ]:
        assert sentence in words(page)


def test_a_view_gets_another_name_and_the_filters_now_on_screen(as_staff, mine):
    ours = as_staff.get(f"/?sort=letter&agency=treasury&view={mine.pk}").content.decode()
    assert "<title>TEST mine" in ours
    assert 'aria-current="true">TEST mine<' in ours
    page = as_staff.get(f"/?agency=state&view={mine.pk}").content.decode()
    # its name stands over no other list
    assert "<title>Queue, changed from “TEST mine”" in page
    assert 'aria-current="true">TEST mine<' not in page
    edit = html.unescape(re.search(r'href="(/views/[\w-]+/edit/\?[^"]*)"', page)[1])
    assert 'value="agency=state"' in as_staff.get(edit).content.decode()
    as_staff.post(edit, {"name": "TEST renamed", "query": "agency=state", "shared": "on"})
    mine.refresh_from_db()
    assert (mine.name, mine.query, mine.shared) == ("TEST renamed", "agency=state", True)


def test_a_name_that_is_taken_is_refused_and_what_was_typed_stays(as_staff, mine):
    page = as_staff.post("/views/new/", {"name": "test MINE", "query": "late=any"})
    assert page.status_code == 422
    assert "You have a view named “test MINE” already." in words(page)
    assert 'value="test MINE"' in page.content.decode()
    assert 'value="late=any"' in page.content.decode()


def test_a_deletion_is_taken_back_from_its_message(as_staff, mine):
    page = as_staff.post(f"/views/{mine.pk}/delete/", follow=True)
    assert "The view “TEST mine” is deleted." in words(page)
    address = re.search(r'action="(/views/restore/[^"]+)"', page.content.decode())[1]
    assert "is there again" in words(as_staff.post(address, follow=True))
    assert SavedView.objects.get().pk == mine.pk
    assert "too long ago" in words(as_staff.post(address[:-5] + "AAAA/", follow=True))


def test_a_viewer_keeps_views_but_shares_none(viewer, seed):
    client = Client()
    client.force_login(viewer)
    assert "Everybody in the office sees it" not in words(client.get("/views/new/?late=any"))
    client.post("/views/new/", {"name": "TEST look", "query": "late=any"})
    assert client.post("/views/new/", {"name": "TEST two", "query": "", "shared": "on"}).status_code in (422, 403)
    assert [view.name for view in SavedView.objects.all()] == ["TEST look"]


def test_a_view_is_changed_to_every_open_item(as_staff, mine):
    page = as_staff.get(f"/?view={mine.pk}").content.decode()
    edit = html.unescape(re.search(r'href="(/views/[\w-]+/edit/\?[^"]*)"', page)[1])
    assert 'name="query" value=' not in as_staff.get(edit).content.decode().replace(' value=""', "")


def test_a_manager_who_makes_a_view_private_is_led_to_its_list(manager, staff, seed):
    shared = saved_views.save_view(by=staff, name="TEST shared", query="agency=treasury", shared=True)
    client = Client()
    client.force_login(manager)
    done = client.post(f"/views/{shared.pk}/edit/", {"name": "TEST shared", "query": "agency=treasury"}, follow=True)
    assert (done.status_code, done.redirect_chain) == (200, [("/?agency=treasury", 302)])
    assert "The view “TEST shared” is saved." in words(done)
    shared.refresh_from_db()
    assert shared.shared is False


def test_two_who_change_one_shared_view_overwrite_nothing_unseen(as_staff, client, manager, staff):
    client.force_login(manager)
    view = saved_views.save_view(by=staff, name="TEST shared", query="agency=treasury", shared=True)
    edit = f"/views/{view.pk}/edit/"

    def shown(page: HttpResponse) -> dict[str, str]:
        fields = re.findall(r'name="(name|query|drawn)" value="([^"]*)"', page.content.decode())
        return {name: html.unescape(value) for name, value in fields} | {"shared": "on"}

    mine, theirs = shown(as_staff.get(edit)), shown(client.get(edit))
    as_staff.post(edit, mine | {"query": "agency=state"})
    client.post(edit, theirs | {"name": "TEST renamed"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("TEST renamed", "agency=state")
    # both the same: the second is asked, with what they typed, and knows then
    told = as_staff.post(edit, mine | {"name": "TEST mine"})
    assert told.status_code == 422
    assert "it is “TEST renamed” now. Save again to make it “TEST mine”." in words(told)
    assert 'value="TEST mine"' in told.content.decode()
    as_staff.post(edit, shown(told))
    view.refresh_from_db()
    assert (view.name, view.query) == ("TEST mine", "agency=state")
    # of filters both see which list the other one meant
    mine, theirs = shown(as_staff.get(edit)), shown(client.get(edit))
    client.post(edit, theirs | {"query": "late=any"})
    told = words(as_staff.post(edit, mine | {"query": "agency=treasury"}))
    assert "it is the list “?late=any” now. Save again to make it the list “?agency=treasury”." in told
    # not ours
    assert as_staff.post(edit, mine | {"drawn": "[1]"}).status_code == 422
