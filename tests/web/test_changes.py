"""Many items at once as pages: choosing, the preview, doing it, the way back; one row at once; handing on."""

import datetime as dt
import html
import re

import pytest
from django.test import Client

from letters.domain import items, sending
from letters.enums import Role
from letters.models import BulkChange, Note, Tasking
from tests import factories
from tests.web.test_pages import data_total, item, words


@pytest.fixture
def as_manager(manager) -> Client:
    client = Client()
    client.force_login(manager)
    return client


def named(tasking: Tasking) -> str:
    return f"{tasking.pk}.{tasking.version}"


def handed(response) -> list[str]:
    """What the page of handing on lists, each at its version."""
    return re.findall(r'name="item" value="([^"]*)"', response.content.decode())


def hidden(response) -> dict[str, list[str]]:
    """The fields of the form that applies."""
    form = re.search(r'<form method="post" action="/changes/apply/".*?</form>', response.content.decode(), flags=re.S)[
        0
    ]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields


def undo_address(response) -> str:
    return re.search(r'action="(/changes/[\w-]+/undo/)"', response.content.decode())[1]


def test_ticked_items_are_previewed_assigned_and_given_back(as_staff, seed, staff):
    first, second = item(1, "treasury"), item(2, "commerce")
    ticked = {
        "scope": "ticked",
        "item": [named(first), named(second)],
        "verb": "assign",
        "owner": "staff",
        "query": "late=any",
    }
    shown = as_staff.post("/changes/preview/", ticked)
    assert "2 items will change" in words(shown)
    assert words(shown).count("nobody → staff") == 2
    assert not BulkChange.objects.exists()

    done = as_staff.post("/changes/apply/", hidden(shown), follow=True)
    assert done.redirect_chain == [("/?late=any", 302)]
    assert "Assigned to staff: 2 items." in words(done)
    assert {t.ask.number for t in Tasking.objects.filter(owner=staff)} == {1, 2}

    back = as_staff.post(undo_address(done), {"next": "/?late=any"}, follow=True)
    assert back.redirect_chain == [("/?late=any", 302)]
    assert "Taken back: 2 items." in words(back)
    assert not Tasking.objects.filter(owner=staff).exists()
    assert "Assigned to staff: 2 items" in words(as_staff.get("/changes/"))
    assert "was taken back already" in words(as_staff.post(undo_address(done), follow=True))


def test_a_change_that_is_sent_twice_is_made_once(as_staff, seed):
    pair = [named(item(1, "treasury")), named(item(2, "commerce"))]
    shown = as_staff.post("/changes/preview/", {"item": pair, "verb": "note", "text": "TEST typed once"})
    first, second = (as_staff.post("/changes/apply/", hidden(shown), follow=True) for _ in range(2))
    assert "Note added: 2 items." in words(second)
    assert "Left as they are" not in words(second)
    assert (undo_address(first), Note.objects.count()) == (undo_address(second), 2)
    # what was taken back is made once more by who presses again, and looks at the items as they are
    as_staff.post(undo_address(second))
    assert "Somebody changed it since you chose it." in words(
        as_staff.post("/changes/apply/", hidden(shown), follow=True)
    )
    # also where the first of the two took them out of every list
    pair = [named(item(1, "treasury")), named(item(2, "commerce"))]
    ends = {"item": pair, "verb": "status", "to": "entered_in_error", "reason": "TEST"}
    shown = as_staff.post("/changes/preview/", ends)
    for _ in range(2):
        done = as_staff.post("/changes/apply/", hidden(shown), follow=True)
        assert "Marked as “entered in error”: 2 items." in words(done)


def test_the_second_press_names_what_the_first_one_left_alone(as_staff, seed, manager):
    first, second = item(1, "treasury"), item(2, "commerce")
    form = {"item": [named(first), named(second)], "verb": "note", "text": "TEST typed once"}
    fields = hidden(as_staff.post("/changes/preview/", form))
    items.assign(first, by=manager, owner=manager)
    for _ in range(2):
        done = words(as_staff.post("/changes/apply/", fields, follow=True))
        assert "Note added: " in done
        assert (
            "Left as they are: 1. Treasury: Sanction Huawei Cloud: Somebody changed it since you chose it. Look at it again."
            in done
        )
    assert Note.objects.count() == 1


def test_where_nothing_could_be_changed_what_was_typed_is_there_for_another_try(as_staff, seed, manager):
    first = item(1, "treasury")
    form = {"item": [named(first)], "verb": "note", "text": "TEST typed once"}
    fields = hidden(as_staff.post("/changes/preview/", form))
    items.assign(first, by=manager, owner=manager)
    again = as_staff.post("/changes/apply/", fields)
    assert "Nothing was changed. Left as they are: 1. Treasury: Sanction Huawei Cloud: " in words(again)
    assert all(word in again.content.decode() for word in ("TEST typed once", named(item(1, "treasury"))))
    assert Note.objects.count() == 0


def test_the_preview_says_of_each_item_why_it_will_not_change(as_staff, seed):
    factories.evidence(item(1, "treasury"))
    form = {"scope": "all", "query": "agency=treasury", "verb": "status", "to": "implemented"}
    shown = as_staff.post("/changes/preview/", form)
    assert "1 item will change" in words(shown)
    assert "2 items will not" in words(shown)
    assert words(shown).count("“done” needs evidence: a citation, a list entry, a page, or a reply we hold.") == 2


def test_what_changed_after_the_preview_is_left_alone_and_named(as_staff, seed, manager):
    first, second = item(1, "treasury"), item(2, "commerce")
    form = {"item": [named(first), named(second)], "verb": "status", "to": "withdrawn", "reason": "TEST reason"}
    fields = hidden(as_staff.post("/changes/preview/", form))
    items.assign(first, by=manager, owner=manager)
    done = as_staff.post("/changes/apply/", fields, follow=True)
    assert "Left as they are: 1. Treasury: Sanction Huawei Cloud: Somebody changed it since you chose it." in words(
        done
    )
    assert (item(1, "treasury").status, item(2, "commerce").status) == ("awaiting", "withdrawn")


def test_an_open_status_says_before_that_there_is_no_way_back(as_staff, seed):
    form = {"item": [named(item(1, "treasury"))], "verb": "status", "to": "considering"}
    assert "It cannot be taken back" in words(as_staff.post("/changes/preview/", form))


def test_all_of_the_page_and_all_of_the_list(as_staff, seed):
    form = {"verb": "note", "text": "TEST note", "query": "agency=commerce"}
    for scope in ("page", "all"):
        assert "3 items will change" in words(as_staff.post("/changes/preview/", form | {"scope": scope}))
    # a cursor that the list itself refused: it showed its first page
    odd = as_staff.post("/changes/preview/", form | {"scope": "page", "cursor": "TEST"})
    assert "3 items will change" in words(odd)


def test_nothing_chosen_nothing_typed_and_too_many_are_said(as_staff, seed, monkeypatch):
    assert "No item is chosen." in words(as_staff.post("/changes/preview/", {"verb": "assign"}))
    one = {"item": [named(item(1, "treasury"))]}
    assert "Choose what to do with them." in words(as_staff.post("/changes/preview/", one))
    page = as_staff.post("/changes/preview/", one | {"verb": "snooze", "until": "2020-01-01", "text": "TEST typed"})
    assert (page.status_code, "TEST typed" in page.content.decode()) == (422, True)
    assert "The day to remind" in words(page)
    from letters.domain import bulk

    monkeypatch.setattr(bulk, "MOST", 6)
    many = as_staff.post("/changes/preview/", {"scope": "all", "verb": "assign", "query": ""})
    assert "At most 6 items can be changed at once; these are 7." in words(many)


@pytest.mark.parametrize("value", ["nonsense", "1.2", "", "00000000-0000-0000-0000-000000000000.1", "é.\u0661"])
def test_an_item_that_is_none_is_not_there(as_staff, seed, value):
    assert "No item is chosen." in words(as_staff.post("/changes/preview/", {"item": [value], "verb": "assign"}))


def test_what_one_may_not_see_cannot_be_chosen(as_staff, seed, manager):
    tasking = item(1, "treasury")
    sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    chosen = {"item": [named(tasking)], "one": named(tasking), "verb": "assign", "owner": "staff"}
    shown = as_staff.post("/changes/preview/", chosen)
    assert "Huawei" not in words(shown)
    as_staff.post("/changes/apply/", chosen)
    as_staff.post("/changes/mine/", chosen)
    assert as_staff.get(f"/changes/remind/{tasking.pk}/").status_code == 404
    assert item(1, "treasury").owner is None


def test_a_viewer_changes_nothing(as_viewer, seed):
    chosen = {"item": [named(item(1, "treasury"))], "verb": "assign"}
    for path in ["/changes/preview/", "/changes/apply/", "/changes/mine/"]:
        assert as_viewer.post(path, chosen).status_code == 403


def test_one_row_becomes_mine_with_a_way_back(as_staff, seed, staff):
    tasking = item(1, "treasury")
    done = as_staff.post("/changes/mine/", {"one": named(tasking), "query": "agency=treasury"}, follow=True)
    assert done.redirect_chain == [("/?agency=treasury", 302)]
    assert "Assigned to staff: Treasury: Sanction Huawei Cloud." in words(done)
    assert item(1, "treasury").owner == staff
    as_staff.post(undo_address(done))
    assert item(1, "treasury").owner is None


def test_with_htmx_the_row_comes_back_alone_with_the_message(as_staff, seed):
    tasking = item(1, "treasury")
    row = as_staff.post("/changes/mine/", {"one": named(tasking)}, headers={"HX-Request": "true"})
    page = row.content.decode()
    assert page.count("data-row") == 1
    assert f"{tasking.pk}.{tasking.version + 1}" in page
    assert 'hx-swap-oob="true"' in page
    assert "Assign to me" not in page


def test_a_row_gets_its_reminder_day(as_staff, seed):
    tasking = item(1, "treasury")
    address = f"/changes/remind/{tasking.pk}/"
    assert "in two weeks" in words(as_staff.get(address))
    drawn = {"version": tasking.version, "next": "/?group=none"}
    assert as_staff.post(address, drawn | {"until": "2020-01-01"}).status_code == 422
    done = as_staff.post(address, drawn | {"until": "2030-01-07"}, follow=True)
    assert done.redirect_chain == [("/?group=none", 302)]
    assert "Remind on January 7, 2030: Treasury: Sanction Huawei Cloud." in words(done)
    assert "remind on Jan 7, 2030" in words(done)


def test_a_reminder_day_that_somebody_set_meanwhile_is_not_overwritten_unread(as_staff, reference, manager):
    tasking = factories.item()
    address = f"/changes/remind/{tasking.pk}/"
    typed = {"version": tasking.version, "until": "2099-07-15"}
    items.snooze(tasking, by=manager, until=dt.date(2099, 6, 1))
    page = as_staff.post(address, typed)
    assert (page.status_code, factories.fresh(tasking).snoozed_until) == (409, dt.date(2099, 6, 1))
    assert "Remind me on June 1, 2099 July 15, 2099" in words(page)
    version = re.search(r'name="version" value="(\d+)"', page.content.decode())[1]
    assert as_staff.post(address, typed | {"version": version}).status_code == 302
    assert factories.fresh(tasking).snoozed_until == dt.date(2099, 7, 15)


@pytest.mark.parametrize("there", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_way_back_never_leaves_the_site(as_staff, seed, there):
    done = as_staff.post("/changes/mine/", {"one": named(item(1, "treasury")), "next": there})
    assert done.headers["Location"] == "/"


def test_nobody_takes_back_what_another_did(as_staff, as_manager, seed):
    done = as_staff.post("/changes/mine/", {"one": named(item(1, "treasury"))}, follow=True)
    assert as_manager.post(undo_address(done)).status_code == 404
    assert "Assigned" not in words(as_manager.get("/changes/"))


# --- somebody left


def test_what_a_departed_person_owned_is_handed_on_in_one_step_and_taken_back(as_manager, seed, staff):
    leaver = factories.user(Role.STAFF, "leaver")
    for number in (1, 4):
        items.assign(item(number, "treasury"), by=leaver, owner=leaver)
    leaver.is_active = False
    from letters.domain.history import acting

    with acting(staff):
        leaver.save()
    listed = as_manager.get("/?owner=leaver")
    assert data_total(listed) == 2
    assert "Hand on the items of leaver" in words(listed)

    page = as_manager.get("/staff/leaver/reassign/")
    assert "leaver owns 2 open items. The account is closed." in words(page)
    done = as_manager.post("/staff/leaver/reassign/", {"owner": "staff", "item": handed(page)}, follow=True)
    assert "Assigned to staff: 2 items." in words(done)
    assert "Nothing to hand on" in words(done)
    assert data_total(as_manager.get("/?owner=staff")) == 2
    # an account that is closed owns nothing again: each stays with who has it now
    back = as_manager.post(undo_address(done), follow=True)
    assert "leaver may not change this letter" in words(back)
    assert data_total(as_manager.get("/?owner=staff")) == 2


def test_what_one_is_only_consulted_on_is_handed_on_too(as_manager, seed, staff, manager):
    items.assign(item(4, "state"), by=staff, owner=staff)
    page = as_manager.get("/staff/staff/reassign/")
    assert "staff owns 1 open item, only consulted." in words(page)
    as_manager.post("/staff/staff/reassign/", {"owner": "manager", "item": handed(page)})
    assert item(4, "state").owner == manager


def test_handing_on_to_nobody_and_back(as_manager, seed, staff):
    items.assign(item(1, "treasury"), by=staff, owner=staff)
    page = as_manager.get("/staff/staff/reassign/")
    done = as_manager.post("/staff/staff/reassign/", {"owner": "", "item": handed(page)}, follow=True)
    assert "Assigned to nobody" in words(done)
    as_manager.post(undo_address(done))
    assert item(1, "treasury").owner == staff


def test_what_the_page_of_handing_on_did_not_show_stays_and_what_changed_is_named(as_manager, seed, staff, manager):
    items.assign(item(1, "treasury"), by=staff, owner=staff)
    shown = handed(as_manager.get("/staff/staff/reassign/"))
    items.assign(item(2, "commerce"), by=staff, owner=staff)
    items.snooze(item(1, "treasury"), by=staff, until=dt.date(2099, 1, 5))
    done = as_manager.post("/staff/staff/reassign/", {"owner": "manager", "item": shown}, follow=True)
    assert "Treasury: Sanction Huawei Cloud: Somebody changed it since you chose it." in words(done)
    assert (item(1, "treasury").owner, item(2, "commerce").owner) == (staff, staff)
    again = handed(as_manager.get("/staff/staff/reassign/"))
    as_manager.post("/staff/staff/reassign/", {"owner": "manager", "item": again})
    assert (item(1, "treasury").owner, item(2, "commerce").owner) == (manager, manager)


def test_only_managers_hand_on(as_staff, seed):
    assert as_staff.get("/staff/manager/reassign/").status_code == 403


def test_closing_an_account_that_owns_items_warns(admin, seed, staff):
    items.assign(item(1, "treasury"), by=staff, owner=staff)
    client = Client()
    client.force_login(admin)
    form = {"username": "staff", "role": "staff", "date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}
    page = client.post(f"/admin/letters/user/{staff.pk}/change/", form, follow=True)
    assert "Staff still owns 1 open item. Hand them on" in words(page)
    assert 'href="/staff/staff/reassign/"' in page.content.decode()
