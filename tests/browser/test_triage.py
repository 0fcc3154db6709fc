"""Mornings at the queue: by keyboard, many at once, under a saved view, and without scripts."""

import re

from playwright.sync_api import expect

from letters.models import SavedView, Tasking


def first_item() -> Tasking:
    return Tasking.objects.get(ask__number=1)


def test_triage_by_keyboard(page, site, sign_in, accessible):
    """A person goes down the list without touching the mouse, and keeps their place."""
    sign_in("staff")
    page.goto(site + "/?group=none")
    rows = page.locator("[data-row]")
    page.keyboard.press("a")  # in no row: nothing happens to the first one
    page.keyboard.press("j")
    expect(rows.nth(0).locator("[data-open]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator("[data-open]")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(rows.nth(0).locator(".rows__owner")).to_have_text("staff")
    expect(rows.nth(0).locator("[data-open]")).to_be_focused()
    expect(page.locator(".messages")).to_contain_text("Assigned to staff: Treasury: Sanction Huawei Cloud.")
    expect(rows.nth(1).locator(".rows__owner")).to_have_text("unassigned")
    accessible()

    page.keyboard.press("m")
    day = rows.nth(0).get_by_label("Remind me on")
    expect(day).to_be_focused()
    page.keyboard.type("01072030")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Remind on January 7, 2030")
    expect(rows.nth(0).locator(".rows__owner")).to_contain_text("remind on Jan 7, 2030")

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(rows.nth(0).locator("[data-select]")).to_be_checked()
    expect(page.locator("[data-ticked]")).to_have_text("1 ticked")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile(r"/items/[\w-]+/#next-title$"))
    page.go_back()
    page.keyboard.press("?")
    keys = page.locator("dialog#shortcuts")
    expect(keys).to_be_visible()
    keys.get_by_label("Use single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(rows.nth(0).locator("[data-open]")).not_to_be_focused()


def test_many_at_once_with_a_preview_and_a_way_back(page, site, sign_in, accessible):
    sign_in("staff")
    page.goto(site + "/?agency=treasury")
    page.get_by_label("Select all on this page").check()
    page.get_by_text("Change many at once").click()
    page.get_by_label("What", exact=True).select_option("status")
    expect(page.get_by_label("Owner", exact=True)).to_be_hidden()
    page.get_by_label("Status", exact=True).select_option("overtaken")
    accessible()
    page.get_by_role("button", name="See what will change").click()
    expect(page.get_by_role("heading", name="Nothing will change")).to_be_visible()
    expect(page.get_by_text("“no longer needed” needs a reason.")).to_have_count(3)
    page.get_by_label("Reason").fill("TEST a law did it")
    page.get_by_role("button", name="See what will change").click()
    expect(page.get_by_role("heading", name="3 items will change")).to_be_visible()
    expect(page.get_by_text("no reply recorded → no longer needed")).to_have_count(3)
    accessible()
    page.get_by_role("button", name="Change 3 items").click()
    expect(page.locator(".messages")).to_contain_text("Marked as “no longer needed”: 3 items.")
    expect(page.get_by_role("heading", name="No item matches")).to_be_visible()
    accessible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".messages")).to_contain_text("Taken back: 3 items.")
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_role("link", name="Your changes").click()
    expect(page.get_by_text("Marked as “no longer needed”: 3 items")).to_be_visible()
    accessible()


def test_a_saved_view_is_kept_found_again_and_its_deletion_undone(page, site, sign_in, accessible):
    sign_in("staff")
    page.get_by_role("link", name="More filters").click()
    page.get_by_label("Agency", exact=True).select_option("treasury")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("TEST Treasury")
    page.get_by_text("Everybody in the office sees it").click()
    accessible()
    page.get_by_role("button", name="Save the view").click()
    view = page.get_by_role("link", name="TEST Treasury", exact=True)
    expect(view).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_role("link", name="Queue").first.click()
    expect(page.locator("[data-row]")).to_have_count(7)
    view.click()
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_role("link", name="Change the view").click()
    page.get_by_role("button", name="Delete this view").click()
    expect(page.locator(".messages")).to_contain_text("The view “TEST Treasury” is deleted.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-row]")).to_have_count(3)
    assert SavedView.objects.get().name == "TEST Treasury"


def test_the_same_without_scripts_narrow_and_dark(browser, site, sign_in):
    state = sign_in("manager").context.storage_state()
    context = browser.new_context(
        java_script_enabled=False, storage_state=state, color_scheme="dark", viewport={"width": 320, "height": 700}
    )
    page = context.new_page()
    page.goto(site + "/?agency=treasury&group=none")
    row = page.locator("[data-row]").first
    row.hover()
    row.get_by_role("button", name="Assign to me").click()
    expect(page.locator(".messages")).to_contain_text("Assigned to manager: Treasury: Sanction Huawei Cloud.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".messages")).to_contain_text("Taken back: 1 item.")

    page.locator("[data-select]").nth(0).check()
    page.locator("[data-select]").nth(1).check()
    page.get_by_text("Change many at once").click()
    page.get_by_label("What", exact=True).select_option("note")
    page.get_by_label("Note", exact=True).fill("TEST called")
    page.get_by_role("button", name="See what will change").click()
    page.get_by_role("button", name="Change 2 items").click()
    expect(page.locator(".messages")).to_contain_text("Note added: 2 items.")
    assert [note.text for note in first_item().notes.all()] == ["TEST called"]

    page.get_by_role("link", name="Remind me").first.click()
    page.get_by_role("button", name="in two weeks").click()
    expect(page.locator(".messages")).to_contain_text("Remind on")
    page.goto(site + "/?agency=treasury&group=none")
    page.get_by_text("Sort: Due date").click()
    page.get_by_role("link", name="Longest untouched").click()
    expect(page.locator("[data-row]")).to_have_count(3)
    context.close()


def test_the_pages_around_the_queue_pass_axe_narrow_and_dark(page, site, sign_in, accessible):
    sign_in("manager")
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="dark")
    tasking = first_item()
    for path in ["/?filters=1&agency=treasury&ours=all", "/?q=nothing&agency=treasury", "/?group=owner&owner=nobody", "/?late=wrong",
                 "/changes/", f"/changes/remind/{tasking.pk}/", "/views/new/?late=any", "/staff/manager/reassign/"]:  # fmt: skip
        page.goto(site + path)
        accessible()
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (path, wider) == (path, 0)
