"""Two forms on one page: what is half typed in one asks before the other is sent, or before another is drawn in its place."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from playwright.sync_api import Dialog, Page, expect

from letters.domain.history import acting
from letters.models import Contact, Letter, Note, Tasking, Worksheet
from tests import factories
from tests.made_sheets import SHEETS


class Questions:
    """What the page asks; `goes`: whether this person says yes."""

    def __init__(self, page: Page) -> None:
        self.page, self.goes, self.asked = page, False, []
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        self.asked.append((dialog.type, dialog.message))
        dialog.accept() if self.goes else dialog.dismiss()

    def after(self, press: Callable[[], None]) -> list[tuple[str, str]]:
        """What this press is answered with; one that asks once an answer of the site has come is waited for."""
        with self.page.expect_event("dialog"):
            press()
        asked, self.asked = self.asked, []
        return asked


def loses(label: str) -> list[tuple[str, str]]:
    return [("confirm", f"What you typed under “{label}” is not saved and would be lost. Go on without it?")]


@pytest.fixture
def questions(page: Page) -> Questions:
    return Questions(page)


def test_a_half_typed_note_asks_before_another_form_of_the_letter_is_sent(page, site, sign_in, questions):
    letter = Letter.objects.get(reference="2023-0001")
    with acting(factories.SETUP):
        letter.signatures.filter(position__in=[2, 3]).update(match="proposed")
    sign_in("staff")
    page.goto(f"{site}/letters/2023-0001/")
    page.get_by_role("button", name="Yes, it is").first.click()
    expect(page.get_by_text("Confirmed:")).to_be_visible()
    assert questions.asked == []  # nothing was typed

    note = page.get_by_label("Note", exact=True)
    note.fill("TEST half a note")
    buttons = [
        page.get_by_role("button", name="Yes, it is").first,
        page.get_by_role("button", name="Log it anew"),
    ]
    for button in buttons:
        assert questions.after(button.click) == loses("Note")
        expect(note).to_be_focused()
        expect(note).to_have_value("TEST half a note")
    page.locator("summary", has_text="Signed in as").click()
    assert questions.after(page.get_by_role("button", name="Sign out").click) == loses("Note")
    assert letter.signatures.filter(match="proposed").count() == 1
    assert not Worksheet.objects.exists()

    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".note-text")).to_have_text("TEST half a note")
    assert questions.asked == []
    # who says yes is not asked once more by the browser
    note.fill("TEST another")
    questions.goes = True
    assert questions.after(buttons[1].click) == loses("Note")
    page.wait_for_url("**/letters/drafts/**")
    assert (questions.asked, Note.objects.count()) == ([], 1)


def test_a_half_typed_note_asks_before_another_action_takes_its_place(page, site, sign_in, questions):
    first = Tasking.objects.filter(agency__slug="treasury").order_by("ask__number").first()
    sign_in("staff")
    page.goto(f"{site}/items/{first.pk}/")
    page.get_by_role("link", name="Remind me on…").click()
    expect(page.get_by_label("Remind me on")).to_be_visible()
    page.get_by_role("link", name="Add a note").click()
    note = page.get_by_label("Note", exact=True)
    expect(note).to_be_visible()
    assert questions.asked == []

    note.fill("TEST half a note")
    for name in ("Remind me on…", "looking into it", "Add a note"):
        assert questions.after(page.get_by_role("link", name=name, exact=True).click) == loses("Note")
        expect(note).to_have_value("TEST half a note")
    questions.goes = True
    assert questions.after(page.get_by_role("link", name="Remind me on…").click) == loses("Note")
    expect(page.get_by_label("Remind me on")).to_be_visible()
    expect(note).to_have_count(0)


def test_a_half_typed_note_and_a_contact_ask_for_one_another(page, site, sign_in, questions):
    first = Tasking.objects.filter(agency__slug="treasury").order_by("ask__number").first()
    sign_in("staff")
    page.goto(f"{site}/items/{first.pk}/")
    page.get_by_role("link", name="Add a note").click()
    note, came = page.get_by_label("Note", exact=True), page.get_by_label("What came of it")
    note.fill("TEST half a note")
    came.fill("TEST left a message")
    assert questions.after(page.get_by_role("button", name="Log it").click) == loses("Note")
    assert questions.after(page.locator("#action-form").get_by_role("button").click) == loses("What came of it")
    assert (Contact.objects.count(), Note.objects.count()) == (0, 0)
    note.fill("")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_text("TEST left a message")).to_be_visible()
    assert (questions.asked, Contact.objects.count()) == ([], 1)


def test_a_half_typed_day_asks_before_its_row_is_changed_and_not_behind_it(page, site, sign_in, questions):
    first = Tasking.objects.filter(agency__slug="treasury").order_by("ask__number").first()
    sign_in("staff")
    row = page.locator(f"#row-{first.pk}")
    row.hover()
    row.get_by_role("link", name="Remind me…").click()
    day = row.get_by_label("Remind me on")
    day.fill("2030-07-03")
    mine = row.get_by_role("button", name="Assign to me")
    assert questions.after(mine.click) == loses("Remind me on")
    expect(day).to_have_value("2030-07-03")
    first.refresh_from_db()
    assert first.owner is None
    questions.goes = True
    assert questions.after(mine.click) == loses("Remind me on")
    expect(row.locator(".rows__owner")).to_have_text("staff")
    expect(day).to_have_count(0)
    assert questions.asked == []


def test_the_way_out_of_the_second_step_of_sign_in_asks_nothing(page, site, questions):
    TOTP.activate(factories.user("staff"), generate_totp_secret())
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("Username").fill("staff")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label(re.compile("code", re.I)).fill("123")
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url(f"{site}/accounts/login/")
    assert questions.asked == []


def test_a_row_of_an_import_that_nobody_touched_asks_nothing(page, site, sign_in, questions, settings, tmp_path):
    """What is wrong with it stands there from the first: nobody was refused, and its cells are kept."""
    settings.MEDIA_ROOT = tmp_path
    sign_in("staff")
    page.goto(f"{site}/import/")
    page.get_by_label("Spreadsheet").set_input_files(SHEETS / "ugly-on-purpose.xlsx")
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Read this sheet").click()
    page.get_by_role("button", name="Check the rows").click()
    row = page.locator("#row-9")
    row.get_by_label("Agency").fill("Treasury")
    assert questions.after(page.get_by_role("button", name="Leave it out (row 12)").click) == loses("Agency")
    row.get_by_role("button", name="Save row 9").click()
    expect(row).to_have_count(0)
    assert questions.asked == []
