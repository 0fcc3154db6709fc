"""Reports as people meet them: asked for from the queue, watched without a reload, cancelled, taken away; and the weekly one."""

import pytest
from playwright.sync_api import Page, expect

from letters.models import Report
from letters.report_maker import make_reports
from tests.browser.test_reminders import fits

pytestmark = pytest.mark.slow


def test_a_list_is_made_while_one_watches_and_taken_away(sign_in, site, accessible):
    page: Page = sign_in("manager")
    page.goto(site + "/?agency=treasury")
    page.get_by_role("button", name="Make a report of this list").click()
    row = page.locator("[data-row]")
    expect(row).to_contain_text("Waiting to be made")
    fits(page, accessible)
    page.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("Cancelled")
    page.get_by_role("button", name="Try again").click()
    expect(row).to_have_attribute("data-state", "asked")
    make_reports()
    # the page asks again by itself, and then no more
    expect(row).to_have_attribute("data-state", "done")
    assert row.get_attribute("hx-get") is None
    expect(row).to_contain_text("3 open items from 3 asks, with 1 agency.")
    with page.expect_download() as taken:
        row.get_by_role("link", name="PDF").click()
    assert taken.value.suggested_filename.endswith(".pdf")
    assert taken.value.path().read_bytes().startswith(b"%PDF-")
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Reports").click()
    expect(page.locator("[data-row]")).to_have_count(Report.objects.count())
    fits(page, accessible)


def test_a_manager_says_when_and_for_whom(sign_in, site, accessible):
    page: Page = sign_in("manager")
    page.goto(site + "/reports/")
    expect(page.get_by_text("No report is kept yet")).to_be_visible()
    fits(page, accessible)
    page.get_by_role("link", name="When, and for whom").click()
    fits(page, accessible)
    page.get_by_label("On", exact=True).select_option("Thursday")
    page.get_by_text("manager (no address on record: gets none)").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The next list is made Thursday").first).to_be_visible()
    expect(page.get_by_text("On the list without a mail: manager (no address on record).")).to_be_visible()
