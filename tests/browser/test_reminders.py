"""Reminders as people meet them: told, read, mailed as they wish; and an agency chased by a letter."""

import datetime as dt
import io

import docx
import pytest
from playwright.sync_api import Page, expect

from letters.domain.history import acting
from letters.models import Letter, MailPreference, Notice, Renewal, Tasking, User
from letters.reminders.sweep import sweep
from tests import factories

SIZES = ((1280, "light"), (320, "dark"))


@pytest.fixture
def told(page: Page, sign_in) -> Page:
    """Signed in as the owner of the seed's items, after a sweep."""
    sign_in("staff")
    staff = User.objects.get(username="staff")
    with acting(factories.SETUP):
        Tasking.objects.filter(role="lead").update(owner=staff)
    sweep()
    page.reload()
    return page


def fits(page: Page, accessible) -> None:
    for width, scheme in SIZES:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        accessible()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.set_viewport_size({"width": 1280, "height": 800})


def test_told_in_the_head_of_each_page_and_read_one_by_one(told, accessible):
    expect(told.locator("[data-notices]")).to_have_text("7 unread")
    told.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox").click()
    expect(told.get_by_role("heading", name="Inbox")).to_be_visible()
    fits(told, accessible)
    told.get_by_role("button", name="Mark as read").first.click()
    expect(told.locator("[data-notices]")).to_have_text("6 unread")
    told.get_by_role("button", name="Mark all as read").click()
    expect(told.get_by_text("Nothing unread")).to_be_visible()
    expect(told.locator("[data-notices]")).to_have_count(0)
    fits(told, accessible)
    assert not Notice.objects.unread().exists()


def test_the_next_mail_is_seen_in_its_frame_and_follows_the_choices(told, accessible, site):
    told.goto(site + "/mail/")
    expect(told.frame_locator("iframe").get_by_role("heading", level=1)).to_have_text(
        "7 reminders of the day, about 3 agencies"
    )
    fits(told, accessible)
    told.get_by_text("one mail each").click()
    told.get_by_role("button", name="Save").click()
    expect(told.get_by_text("7 mails wait; the first of them:")).to_be_visible()
    expect(told.frame_locator("iframe").get_by_role("heading", level=1)).to_have_text("A reminder")
    assert MailPreference.objects.get().mode == "each"


def test_a_calendar_gets_an_address_that_can_be_ended(told, accessible, site, context):
    told.goto(site + "/mail/")
    told.get_by_label("Which program will read it").fill("TEST phone")
    told.get_by_role("button", name="Make an address").click()
    address = site + "/calendar/" + told.locator("#calendar-address code").inner_text().rpartition("/")[2]
    fits(told, accessible)
    assert context.request.get(address).text().count("BEGIN:VEVENT") == 7
    told.get_by_role("button", name="End the calendar “TEST phone”").click()
    expect(told.get_by_text("The calendar “TEST phone” has ended.")).to_be_visible()
    assert context.request.get(address).status == 404


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_agency_is_chased_by_a_letter(told, accessible, site, browser, scripts):
    context = browser.new_context(java_script_enabled=scripts, storage_state=told.context.storage_state())
    page = context.new_page()
    page.goto(site + "/agencies/treasury/")
    page.get_by_role("link", name="Follow up on all of it").click()
    page.get_by_label("Opening").fill("TEST opening")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take it as DOCX").click()
    said = [one.text for one in docx.Document(io.BytesIO(taken.value.path().read_bytes())).paragraphs]
    assert "TEST opening" in said
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take it as PDF").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF-")
    assert taken.value.suggested_filename.endswith(".pdf")
    page.get_by_label("Sent on").fill(dt.date.today().isoformat())  # noqa: DTZ011 - as a person reads a calendar
    page.get_by_role("button", name="Log as sent").click()
    expect(page.get_by_text("is logged as sent. It repeats 3 open items")).to_be_visible()
    letter = Letter.objects.latest("sent_at")
    assert (letter.text.count("TEST opening"), Renewal.objects.filter(letter=letter).count()) == (1, 3)
    context.close()


def test_the_pages_of_a_follow_up_are_for_everybody(told, accessible, site):
    for address in ("/follow-ups/new/?agency=treasury", "/follow-ups/new/", "/documents/"):
        told.goto(site + address)
        fits(told, accessible)
