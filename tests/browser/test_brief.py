"""On the way into a meeting: the list in hand, and one to leave there."""

import datetime as dt
import io

import docx
from playwright.sync_api import expect

from letters.domain import replies
from letters.domain.clocks import office_today
from letters.models import Tasking
from tests import factories
from tests.browser.test_every_page import faults


def test_before_a_meeting(page, site, sign_in, violations):
    item = Tasking.objects.get(ask__number=1)
    bearing = replies.Bearing(item, quote="TEST we have ordered a review", page="2")
    replies.record_response(
        by=factories.SETUP, agency=item.agency, kind="interim", received_on=dt.date(2023, 5, 9), responder="TEST Deputy",
        text="TEST", bearings=[bearing],
    )  # fmt: skip
    factories.item(
        access="restricted",
        staff=[factories.user("manager", "named")],
        subject="TEST quagga",
        ask_facts={"summary": "TEST quagga"},
    )
    sign_in("manager")
    page.get_by_role("link", name="Dashboard", exact=True).click()
    page.get_by_role("link", name="Brief for a meeting with Treasury").click()

    # what to verify stands before anything one could say
    heads = page.locator("#brief h2")
    expect(heads.nth(0)).to_have_text("Verify before saying")
    expect(page.locator("[data-check]").first).to_contain_text("A reply from Treasury, received May 9, 2023")
    expect(page.locator("[data-version]")).to_contain_text("Ours: stays in the office")
    expect(page.get_by_text("Read the reply received May 9, 2023 before you ask.")).to_be_visible()
    expect(page.get_by_text("TEST quagga").first).to_be_visible()

    # a day that is none is said, and stays to be mended
    page.get_by_label("Day of the meeting").evaluate("(field) => { field.type = 'text'; field.value = 'someday' }")
    page.get_by_role("button", name="Show the brief").click()
    expect(page.get_by_role("alert")).to_contain_text("“someday” is not a date.")
    page.get_by_label("Day of the meeting").fill(f"{office_today():%m/%d/%Y}")
    page.get_by_label("With").select_option(label="Janet Yellen, Secretary of the Treasury")
    page.get_by_role("button", name="Show the brief").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Meeting with Janet Yellen, Secretary of the Treasury")
    assert faults(page, page.url, violations) == []

    # the one to leave there: by links alone, with nothing of ours in it
    page.get_by_role("link", name="To hand over").click()
    expect(page.locator("[data-version]")).to_contain_text(
        "1 open item of letters that only named staff may see is left out."
    )
    expect(page.get_by_text("TEST quagga")).to_have_count(0)
    expect(page.get_by_text("TEST we have ordered a review")).to_be_visible()
    assert faults(page, page.url, violations) == []
    page.emulate_media(media="print", color_scheme="light")
    expect(page.get_by_text("To hand over", exact=True).first).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open requests to Department of the Treasury")
    page.emulate_media(media="screen")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take it as DOCX").click()
    text = "\n".join(one.text for one in docx.Document(io.BytesIO(taken.value.path().read_bytes())).paragraphs)
    assert ("TEST we have ordered a review" in text, "quagga" in text, "2023-0001" in text) == (True, False, False)
    page.get_by_role("link", name="Choose which letters for named staff only to put in").click()
    assert faults(page, page.url, violations) == []
    page.get_by_text("“TEST quagga” (1 open item)").click()
    page.get_by_role("button", name="Show the brief").click()
    expect(page.locator("#brief").get_by_text("TEST quagga").first).to_be_visible()
    expect(page.locator("[data-version]")).to_contain_text(
        "1 letter that only named staff may see is put in, as you chose."
    )
