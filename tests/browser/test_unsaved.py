"""A half-typed form asks before it is left, and no other page does."""

import re

import pytest
from playwright.sync_api import Page, expect

from letters.domain import worksheets
from letters.models import Contact, Tasking, Worksheet
from tests import factories


def leave(page: Page) -> list[str]:
    """What the browser asks when the person goes elsewhere, and says no."""
    asked: list[str] = []

    def answer(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", answer)
    page.get_by_role("link", name="Letters", exact=True).first.click(no_wait_after=True)
    for _ in range(100):  # until it asks, or the other page comes: to go on before that would cut it off
        if asked or page.url.endswith("/letters/"):
            break
        page.wait_for_timeout(100)
    if not asked:
        page.remove_listener("dialog", answer)
        page.wait_for_url("**/letters/")
    return asked


def test_a_half_typed_reply_asks_before_it_is_left(page, site, sign_in):
    sign_in("staff")
    first = Tasking.objects.filter(agency__slug="treasury").order_by("ask__number").first()
    address = f"{site}/replies/new/?item={first.pk}"
    page.goto(address)
    page.locator("label", has_text="looking into it").click()  # a choice is made again in a moment
    assert leave(page) == []
    page.wait_for_url(f"{site}/letters/")
    page.goto(address)
    page.get_by_text("Who wrote it").click()
    page.get_by_label("Who, as printed").fill("TEST")
    assert leave(page) == ["beforeunload"]
    expect(page).to_have_url(address)
    expect(page.get_by_label("Who, as printed")).to_have_value("TEST")
    page.get_by_label("Who, as printed").fill("")
    assert leave(page) == []


def test_a_form_that_was_drawn_again_asks_for_what_was_typed_before(page, site, sign_in):
    sign_in("staff")
    first = Tasking.objects.filter(agency__slug="treasury").order_by("ask__number").first()
    address = f"{site}/contacts/new/?item={first.pk}"
    page.goto(address)
    page.get_by_role("button", name="Show its open items").click()
    assert leave(page) == []
    page.goto(address)
    page.get_by_label("What came of it").fill("TEST left a message")
    page.get_by_role("button", name="Show its open items").click()
    expect(page.locator("form[data-typed]")).to_be_visible()
    assert leave(page) == ["beforeunload"]
    # by htmx: the items of another agency, and back
    address = f"{site}/replies/new/?letter={first.ask.letter.reference}&agency=treasury"
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    item = page.locator(f"#item-{first.pk}")
    item.get_by_text("Quote, or something else").click()
    item.get_by_label("In their words").fill("TEST")
    page.get_by_label("From", exact=True).select_option("commerce")
    expect(item).to_have_count(0)
    assert leave(page) == ["beforeunload"]
    page.get_by_label("From", exact=True).select_option("treasury")
    expect(item.get_by_label("In their words")).to_have_value("TEST")
    assert leave(page) == ["beforeunload"]


def test_what_is_sent_is_not_asked_about_and_what_was_refused_is(page, site, sign_in):
    sign_in("staff")
    first = Tasking.objects.filter(agency__slug="treasury").order_by("ask__number").first()
    page.goto(f"{site}/contacts/new/?item={first.pk}")
    page.get_by_label("What came of it").fill("TEST left a message")
    page.get_by_label("Next date").fill("2020-01-01")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert leave(page) == ["beforeunload"]
    page.get_by_label("Next date").fill("")
    page.get_by_role("button", name="Log it").click()
    page.wait_for_url(f"{site}/items/{first.pk}/")
    assert Contact.objects.count() == 1
    assert leave(page) == []


def test_a_file_that_was_taken_saves_no_word_of_the_letter(page, site, sign_in):
    sign_in("staff")
    page.goto(f"{site}/follow-ups/new/?agency=treasury")
    opening = page.locator("textarea").first
    opening.fill("TEST before the file")
    with page.expect_download():
        page.get_by_role("button", name="Take it as DOCX").click()
    page.wait_for_timeout(1500)
    opening.fill("TEST after the file")
    assert leave(page) == ["beforeunload"]
    expect(opening).to_have_value("TEST after the file")


@pytest.fixture
def draft(page: Page, site: str, sign_in) -> Page:
    """A draft of somebody of the staff, open and saved."""
    sign_in("staff")
    page.goto(f"{site}/letters/new/")
    page.get_by_label("Subject").fill("TEST mine")
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"Saved \d+:\d\d"))
    return page


def somebody_saves(**typed: str) -> Worksheet:
    """A manager has the draft open, too."""
    sheet = Worksheet.objects.get()
    return worksheets.save_worksheet(sheet, by=factories.person("manager"), typed=sheet.typed | typed)


def compare(page: Page) -> Worksheet:
    """Both changed the subject; this person has pressed Save."""
    saved = somebody_saves(subject="TEST theirs", deadline_quote="TEST by May 15")
    page.get_by_label("Subject").fill("TEST mine, longer")
    expect(page.locator("[data-saved]")).to_contain_text("press Save to compare")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing of yours is saved yet")
    return saved


def stands(sheet: Worksheet) -> None:
    """Nothing was saved over it."""
    now = Worksheet.objects.get()
    assert (now.typed, now.version, now.saved_by) == (sheet.typed, sheet.version, sheet.saved_by)


def test_the_page_that_compares_two_drafts_asks_before_it_is_left_and_keeps_the_words(draft: Page):
    address = draft.url
    saved = compare(draft)
    assert leave(draft) == ["beforeunload"]
    chosen = draft.get_by_role("group", name="Subject: which shall it be?")
    chosen.get_by_text("As you have it").click()
    draft.get_by_label("Subject").fill("TEST mine, longest")
    # who leaves it all the same finds it as it was, with what was chosen, and nobody pressed Save
    draft.once("dialog", lambda dialog: dialog.accept())
    draft.goto(address.partition("/letters/")[0] + "/letters/")
    draft.goto(address)
    expect(draft.get_by_role("alert")).to_contain_text("Nothing of yours is saved yet")
    expect(draft.get_by_label("Subject")).to_have_value("TEST mine, longest")
    expect(chosen.get_by_label("As you have it TEST mine, longest")).to_be_checked()
    expect(draft.locator(".usa-error-message")).to_have_count(0)
    stands(saved)
    draft.get_by_role("button", name="Save", exact=True).click()
    expect(draft.get_by_role("alert")).to_have_count(0)
    typed = Worksheet.objects.get().typed
    assert (typed["subject"], typed["deadline_quote"]) == ("TEST mine, longest", "TEST by May 15")
    assert leave(draft) == []


def test_what_was_typed_is_left_by_the_link_that_says_so(draft: Page):
    saved = compare(draft)
    # all is chosen, so that a save would settle it
    draft.get_by_role("group", name="Subject: which shall it be?").get_by_text("As you have it").click()
    draft.get_by_label("Subject").press_sequentially("!")
    asked: list[str] = []
    draft.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    draft.get_by_role("link", name="Leave what you typed, and go on with what is saved now").click()
    for _ in range(2):
        expect(draft.get_by_role("alert")).to_have_count(0)
        expect(draft.get_by_label("Subject")).to_have_value("TEST theirs")
        draft.wait_for_timeout(500)
        expect(draft.get_by_label("Subject")).to_have_value("TEST theirs")
        stands(saved)
        draft.reload()
    assert asked == []


def test_who_takes_all_that_is_saved_is_not_asked_again(draft: Page):
    """Nothing changes by that save, so its version tells nothing of it."""
    saved = compare(draft)
    draft.get_by_role("group", name="Subject: which shall it be?").get_by_text("As saved now").click()
    draft.get_by_role("button", name="Save", exact=True).click()
    expect(draft.get_by_role("alert")).to_have_count(0)
    expect(draft.get_by_label("Subject")).to_have_value("TEST theirs")
    stands(saved)
    # the page tells the site once more what was sent, since no version says that it came, and reads itself again
    draft.wait_for_load_state("networkidle")
    draft.reload()
    expect(draft.get_by_role("alert")).to_have_count(0)
    expect(draft.get_by_label("Subject")).to_have_value("TEST theirs")


@pytest.mark.parametrize("why", ["somebody saved", "no answer"])
def test_a_sheet_that_is_not_saved_asks_before_it_is_closed(draft: Page, why: str):
    address = draft.url
    assert leave(draft) == []
    draft.goto(address)
    subject = draft.get_by_label("Subject")
    if why == "somebody saved":
        saved = somebody_saves(subject="TEST theirs")
        subject.fill("TEST mine, longer")
        expect(draft.locator("[data-saved]")).to_contain_text("press Save to compare")
    else:
        saved = Worksheet.objects.get()
        draft.route(
            "**/letters/drafts/**", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
        )
        subject.fill("TEST mine, longer")
        expect(draft.locator("[data-saved]")).to_contain_text("the site does not answer")
    assert leave(draft) == ["beforeunload"]
    with draft.expect_event("dialog") as asked:
        draft.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(subject).to_have_value("TEST mine, longer")
    stands(saved)
    draft.unroute_all()
    if why == "no answer":
        subject.press("End")
        subject.press_sequentially("!")
        expect(draft.locator("[data-saved]")).to_have_text(re.compile(r"Saved \d+:\d\d"))
        assert leave(draft) == []


def test_a_draft_that_somebody_gave_up_or_that_is_too_long_asks_too(draft: Page, monkeypatch):
    address = draft.url
    worksheets.give_up(Worksheet.objects.get(), by=factories.person("manager"))
    draft.get_by_label("Subject").fill("TEST mine, too late")
    draft.get_by_role("button", name="Save", exact=True).click()
    expect(draft.get_by_role("button", name="Take it up again and save")).to_be_visible()
    assert leave(draft) == ["beforeunload"]
    draft.once("dialog", lambda dialog: dialog.accept())
    draft.goto(address)
    draft.get_by_role("button", name="Undo: take it up again").click()
    expect(draft.get_by_label("Subject")).to_have_value("TEST mine, too late")

    monkeypatch.setattr(worksheets, "MAX_TYPED", 2_000)
    draft.get_by_label("Subject").fill("TEST long " * 250)
    draft.get_by_role("button", name="Save", exact=True).click()
    expect(draft.get_by_role("alert")).to_contain_text("Not saved")
    assert leave(draft) == ["beforeunload"]
    draft.once("dialog", lambda dialog: dialog.accept())
    draft.goto(address)
    expect(draft.get_by_role("alert")).to_contain_text("Not saved")
    expect(draft.get_by_label("Subject")).to_have_value("TEST long " * 250)
    draft.get_by_role("link", name="Leave what you typed, and go on with what is saved now").click()
    expect(draft.get_by_role("alert")).to_have_count(0)
    expect(draft.get_by_label("Subject")).to_have_value("TEST mine, too late")
    assert leave(draft) == []
