"""An office's spreadsheet, from the file to the letters and back out, in a browser; each page passes axe."""

import re

from playwright.sync_api import expect

from letters.models import Letter
from tests.made_sheets import SHEETS


def on_a_phone(page, accessible) -> None:
    """The page fits the narrowest phone, at night too."""
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="dark")
    accessible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.set_viewport_size({"width": 1280, "height": 800})


def test_an_ugly_workbook_is_brought_in_mended_and_undone(page, site, sign_in, accessible, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    sign_in("staff")
    page.goto(f"{site}/import/")
    accessible()
    page.get_by_label("Spreadsheet").set_input_files(SHEETS / "ugly-on-purpose.xlsx")
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text("Which sheet has your letters?")).to_be_visible()
    accessible()
    page.get_by_role("button", name="Read this sheet").click()
    expect(page.get_by_role("heading", name="Which column is which?")).to_be_visible()
    expect(page.get_by_label("Dept. is")).to_have_value("agency")
    accessible()
    on_a_phone(page, accessible)
    page.get_by_role("button", name="Check the rows").click()
    # the seed letter is here already
    expect(page.get_by_text(re.compile("1 already here, 3 not ready"))).to_be_visible()
    accessible()
    on_a_phone(page, accessible)
    row = page.locator("#row-9")
    row.get_by_label("Agency").fill("Treasury")
    row.get_by_role("button", name="Save row 9").click()
    expect(page.locator("#row-9")).to_have_count(0)
    page.locator("#row-12").get_by_role("button", name="Leave it out").click()
    expect(page.locator("#row-12")).to_have_count(0)
    page.locator("#row-10").get_by_role("link", name="All its cells").click()
    accessible()
    page.get_by_label("Letter date").fill("September 26, 2023")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile("3 new letters with 3 items, 1 already here"))).to_be_visible()
    page.get_by_role("button", name="Import 3 letters").click()
    expect(page.get_by_role("link", name="2023-0002")).to_be_visible()
    accessible()
    assert Letter.objects.sent().count() == 4
    page.get_by_role("link", name="Undo this import").click()
    accessible()
    page.get_by_label("Why is it undone?").fill("TEST wrong file")
    page.get_by_role("button", name="Mark them as entered in error").click()
    expect(page.get_by_text("Undone: 3 letters marked as entered in error.")).to_be_visible()
    assert Letter.objects.sent().count() == 1
    page.goto(f"{site}/import/help/")
    accessible()
    on_a_phone(page, accessible)
