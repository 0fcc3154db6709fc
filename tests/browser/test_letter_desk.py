"""Around one letter: a file comes back as it went in, two people correct it at once, a manager looks before it is public, it prints."""

import re
from pathlib import Path

from playwright.sync_api import expect

from letters.domain import replies, sending, workflow
from letters.enums import Status
from letters.models import Letter, Tasking
from tests import factories, made_files


def test_a_pdf_comes_back_byte_for_byte(page, site, sign_in, accessible, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    sign_in("staff")
    page.goto(f"{site}/letters/2023-0001/")
    page.get_by_role("link", name="Add files").click()
    page.get_by_label("Files").set_input_files(
        [
            {"name": "TEST as signed.pdf", "mimeType": "application/pdf", "buffer": made_files.PDF},
            {"name": "TEST reply.pdf", "mimeType": "application/pdf", "buffer": made_files.EXE},
        ]
    )
    page.get_by_role("button", name="Keep the files").click()
    # what can be kept is kept; the rest is named for what it is
    expect(page.get_by_text("1 file kept: TEST as signed.pdf.")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="is a Windows program")).to_be_visible()
    accessible()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", name="Files")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="TEST as signed.pdf", exact=True).click()
    assert download.value.suggested_filename == "TEST as signed.pdf"
    assert Path(download.value.path()).read_bytes() == made_files.PDF
    accessible()


def test_two_people_correct_a_letter_and_both_corrections_are_kept(page, site, sign_in, accessible):
    letter = Letter.objects.get(reference="2023-0001")
    colleague = factories.user("manager", username="colleague")
    sign_in("staff")
    page.goto(f"{site}/letters/2023-0001/correct/")
    page.get_by_label("Where it was published").fill("https://example.gov/TEST")
    page.get_by_label("Why is the record corrected?").fill("TEST found it")
    sending.amend(letter, by=colleague, reason="TEST", on_behalf_of="TEST Committee")
    page.get_by_role("button", name="Correct the record").click()

    expect(page.get_by_role("alert")).to_contain_text("colleague changed this on")
    accessible()
    theirs = page.get_by_role("group", name="On behalf of: which shall it be?")
    expect(theirs.get_by_label("As saved now")).to_be_checked()
    yours = page.get_by_role("group", name="Where it was published: which shall it be?")
    expect(yours.get_by_label("As you have it")).to_be_checked()
    expect(page.get_by_label("Why is the record corrected?")).to_have_value("TEST found it")
    page.get_by_role("button", name="Save the merged version").click()

    expect(page.get_by_text("2023-0001 is corrected.")).to_be_visible()
    letter.refresh_from_db()
    assert (letter.on_behalf_of, letter.published_url) == ("TEST Committee", "https://example.gov/TEST")


def test_a_manager_looks_at_what_the_public_will_see_and_makes_it_public(page, site, sign_in, accessible):
    # about an invented letter: nothing is put into a real department's mouth
    letter = factories.sent(subject="TEST letter of ours", agencies=["gao"], kind_code="briefing")
    item = Tasking.objects.get(ask__letter=letter)
    reply = replies.record_response(
        by=factories.SETUP, agency=item.agency, kind="substantive", received_on=item.asked_on, text="TEST reply in full",
        bearings=[replies.Bearing(item, coverage="full", quote="TEST words")],
    )  # fmt: skip
    replies.add_evidence(
        item, by=factories.SETUP, kind="url", url="https://example.gov/TEST-evidence", seen_on=item.asked_on
    )
    workflow.close(Tasking.objects.get(pk=item.pk), to=Status.ANSWERED, by=factories.SETUP)
    sign_in("manager")
    page.goto(f"{site}/letters/{letter.reference}/")
    page.get_by_role("link", name="What the public sees").click()
    expect(page.get_by_text("for the public it does not exist")).to_be_visible()
    expect(page.get_by_text("Make the letter public first; then this reply can follow.")).to_be_visible()
    accessible()

    state = page.locator(".public-state")
    for part in (f"Letter {letter.reference}", "Substantive reply from", "What it says about", "Evidence for"):
        page.get_by_role("row", name=part).get_by_role("link").click()
        if part.startswith("Letter"):
            # what rests on a reply inside is not to be seen outside
            expect(state).to_contain_text("no reply recorded")
        if part.startswith("What"):
            expect(page.get_by_text("“no reply recorded” becomes “answered”.")).to_be_visible()
            expect(state).to_contain_text("TEST words")
        if part.startswith("Evidence"):
            expect(state).to_contain_text("example.gov/TEST-evidence")
        accessible()
        page.get_by_role("button", name="Make it public").click()
        expect(page.get_by_role("heading", name="What the public sees")).to_be_visible()
    expect(state).to_contain_text("TEST reply in full")
    assert {one.released_at is None for one in (reply.answers.get(), item.evidence.get())} == {False}

    page.get_by_role("row", name="Substantive reply from").get_by_role("link", name="Take it back").click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why.")
    page.get_by_label("Why is it no longer public?").fill("TEST too early")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("no longer public.")).to_be_visible()
    expect(state).not_to_contain_text("TEST reply in full")
    reply.refresh_from_db()
    assert reply.released_at is None


def test_the_briefing_sheet_has_nothing_to_press_and_all_of_it_open(page, site, sign_in):
    sign_in("staff")
    page.goto(f"{site}/letters/2023-0001/")
    page.evaluate("window.print = () => { document.title = 'TEST printed' }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("TEST printed")
    page.emulate_media(media="print")
    shown = page.locator("button, input, .usa-button, nav, .chip").filter(visible=True)
    expect(shown).to_have_count(0)
    expect(page.get_by_role("heading", name="Huawei Cloud and other PRC cloud computing services")).to_be_visible()
    expect(
        page.get_by_text(re.compile("we therefore urge you to impose sanctions on Huawei Cloud")).first
    ).to_be_visible()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 320, "height": 800})
    for address in ("", "public/", "files/", "correct/", "links/new/"):
        page.goto(f"{site}/letters/2023-0001/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
