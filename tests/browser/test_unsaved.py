"""A half-typed form asks before it is left, and no other page does."""

from playwright.sync_api import Page, expect

from letters.models import Contact, Tasking


def leave(page: Page) -> list[str]:
    """What the browser asks when the person goes elsewhere, and says no."""
    asked: list[str] = []

    def answer(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", answer)
    page.get_by_role("link", name="Letters", exact=True).first.click(no_wait_after=True)
    page.wait_for_timeout(500)
    page.remove_listener("dialog", answer) if not asked else None
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
