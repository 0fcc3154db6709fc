"""The main story: one letter, one item done with evidence and opened again, and a follower that misses nothing."""

import re

import pytest
from playwright.sync_api import expect

from letters.intake.reference import read_yaml
from letters.models import Tasking


def follow(api, cursor: str | None) -> tuple[list[dict], str]:
    """Everything after the cursor, by small pages; and the cursor that continues."""
    found = []
    address = "/api/v1/events/?limit=2" + (f"&after={cursor}" if cursor else "")
    while address:
        answer = api.get(address).json()
        found += answer["results"]
        cursor, address = answer["cursor"], answer["next"]
    return found, cursor


# What moves by itself, or would when it changes.
MOVES = """() => [...document.querySelectorAll('*')].filter(one => [null, '::before', '::after'].some(part => {
  const style = getComputedStyle(one, part);
  const takes = names => names.split(', ').some(time => parseFloat(time) > 0);
  return takes(style.transitionDuration) || style.animationName !== 'none' || style.scrollBehavior === 'smooth';
})).map(one => one.id || one.className)"""


def test_from_sign_in_to_a_done_item_and_back(page, site, sign_in, accessible, api):
    before, cursor = follow(api, None)
    assert [event["kind"] for event in before] == ["letter_sent", *["status_changed"] * 8, "letter_released"]

    sign_in("staff")
    expect(page.locator(".headline")).to_contain_text("7 open items from 5 asks, with 3 agencies.")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(7)
    expect(page.get_by_text("due May 24, 2023, 21 business days after April 25, 2023")).to_have_count(7)
    quotes = [one["quote"] for one in read_yaml("seed_letter.yaml")["asks"]]
    shown = [words.removesuffix(" …") for words in rows.locator("q").all_text_contents()]  # long ones are cut
    assert sorted(quotes.index(next(one for one in quotes if one.startswith(words))) for words in shown) == [
        0, 1, 2, 3, 4, 4, 4,
    ]  # fmt: skip
    accessible()
    # a part of the design system glides, and one of ours as it might: for who asked for less motion neither does
    page.evaluate("document.getElementById('main').style.transition = 'opacity 1s'")
    assert page.evaluate(MOVES) == ["usa-skipnav", "main"]
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVES) == []
    page.emulate_media(reduced_motion="no-preference")

    page.get_by_role("link", name="2023-0001").first.click()
    expect(page.get_by_role("heading", name="Huawei Cloud and other PRC cloud computing services")).to_be_visible()
    expect(page.get_by_role("heading", name="9 signers")).to_be_visible()
    expect(page.get_by_role("heading", name="3 addressees")).to_be_visible()
    expect(page.get_by_text("The letter sets no deadline.")).to_be_visible()
    expect(page.get_by_text("owes nothing")).to_have_count(1)
    accessible()

    # item 4, at Treasury: done needs evidence
    page.locator("table.matrix tbody tr").nth(3).get_by_role("link", name="no reply recorded").click()
    expect(page.get_by_role("heading", name="Treasury: Add Alibaba Group to the NS-CMIC List")).to_be_visible()
    accessible()
    page.get_by_role("link", name="done", exact=True).click()
    page.get_by_label("Remark").fill("TEST remark that must survive")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("“Done” needs evidence.")
    expect(page.get_by_label("Remark")).to_have_value("TEST remark that must survive")
    accessible()
    page.get_by_label("What proves it").select_option("federal_register")
    page.get_by_label("Citation").fill("TEST 99 FR 99999")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Treasury: Add Alibaba Group to the NS-CMIC List: done (listed).")).to_be_visible()
    accessible()

    page.get_by_role("link", name="Dashboard").click()
    expect(page.locator(".headline")).to_contain_text("6 open items from 4 asks, with 3 agencies.")
    accessible()

    page.go_back()
    page.get_by_role("link", name=re.compile("reopen")).click()
    page.get_by_label("Reason").fill("TEST the citation was wrong")
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator(".item-state")).to_contain_text("no reply recorded")
    page.get_by_role("link", name="Dashboard").click()
    expect(page.locator(".headline")).to_contain_text("7 open items from 5 asks, with 3 agencies.")

    # the follower that held a cursor gets exactly this, in order, once
    news, cursor = follow(api, cursor)
    treasury = str(Tasking.objects.get(ask__number=4, agency__slug="treasury").pk)
    state = str(Tasking.objects.get(ask__number=4, agency__slug="state").pk)
    assert [(event["kind"], event["tasking"], event["from_status"], event["to_status"]) for event in news] == [
        ("evidence_added", treasury, None, None),
        ("status_changed", treasury, "awaiting", "implemented"),
        ("status_changed", state, "awaiting", "overtaken"),
        ("status_changed", treasury, "implemented", "awaiting"),
        ("status_changed", state, "overtaken", "awaiting"),
    ]
    assert follow(api, cursor) == ([], cursor)


def test_the_same_without_javascript(browser, site, sign_in):
    factories_page = sign_in("staff")
    state = factories_page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(site + "/?agency=treasury&kind=sanction")
    page.get_by_role("link", name="Sanction Huawei Cloud").click()
    page.get_by_role("link", name="looking into it").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".item-state")).to_contain_text("looking into it")
    page.get_by_role("link", name="Change owner").click()
    page.get_by_label("Who owns the next step").select_option("staff")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The next step is with staff.")).to_be_visible()
    expect(page.locator(".facts-list dt", has_text="Owner").locator("+ dd")).to_have_text("staff")
    page.get_by_role("link", name="Queue").click()
    row = page.locator("[data-row]", has_text="Sanction Huawei Cloud")
    expect(row.locator(".rows__owner")).to_have_text("staff")
    expect(row.locator(".rows__status")).to_contain_text("looking into it")
    context.close()


def test_the_queue_by_keyboard(page, sign_in):
    sign_in("staff")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row] a[data-open]").nth(1)
    expect(second).to_be_focused()
    title = second.inner_text()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/dashboard/")
    page.keyboard.press("/")
    page.keyboard.type("Tencent j")
    expect(page.get_by_role("searchbox")).to_have_value("Tencent j")


@pytest.mark.parametrize("path", ["/?q=nothing-like-it", "/search/?q=zebra", "/nothing-here/"])
def test_what_finds_nothing_passes_axe_narrow_and_dark(page, site, sign_in, accessible, path):
    sign_in("viewer")
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="dark")
    page.goto(site + path)
    accessible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_one_filter_is_enough(page, sign_in):
    sign_in("staff")
    page.get_by_text("More filters").click()
    page.get_by_label("Signatory").select_option("R000595")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-row]")).to_have_count(7)
    page.get_by_label("Agency", exact=True).select_option("treasury")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_role("link", name="Clear the filters").first.click()
    expect(page.locator("[data-row]")).to_have_count(7)


def test_a_day_that_is_none_is_not_dropped(page, site, sign_in):
    sign_in("staff")
    tasking = Tasking.objects.get(ask__number=1)
    page.goto(f"{site}/contacts/new/?item={tasking.pk}")
    page.get_by_label("What came of it").fill("TEST left a message")
    page.locator("[name=on]").focus()
    page.keyboard.type("02302023")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("heading", name="Log our call, e-mail or meeting")).to_be_visible()
    assert not tasking.contacts.exists()


def test_the_main_links_stand_in_one_row_of_a_phone(page, site, sign_in):
    sign_in("staff")
    page.set_viewport_size({"width": 390, "height": 844})
    nav = page.locator(".site-nav")
    assert nav.bounding_box()["height"] < 45
    # with as many unread as anybody has in a week
    for name in ("Replies", "Inbox"):
        link = nav.get_by_role("link", name=name)
        link.evaluate(
            "a => a.insertAdjacentHTML('beforeend', '<span class=count>24<span class=count__word> unread</span></span>')"
        )
    assert nav.bounding_box()["height"] < 45
    expect(nav.get_by_role("link", name="Replies 24 unread")).to_be_visible()
