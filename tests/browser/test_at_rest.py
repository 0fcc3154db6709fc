"""The tests themselves: on a slow line a page's words come before its scripts, and no act or look falls between."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def slow_line(page):
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1},
    )


def test_keys_and_looks_wait_for_the_page(page, sign_in, slow_line, accessible):
    sign_in("staff")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_contain_text(": ")
    page.keyboard.press("g")
    page.keyboard.press("d")
    assert page.locator("h1").inner_text() == "Dashboard"
    page.get_by_role("link", name="Letters").first.click()
    accessible()
    assert page.locator("h1").inner_text() == "Letters"
    page.keyboard.press("/")
    page.keyboard.type("huawei")
    page.keyboard.press("Enter")
    assert page.locator("mark").count() > 0
