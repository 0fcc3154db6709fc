"""Replies as staff record them: what it costs is counted, and what stands in the record afterwards is compared."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from letters.models import Contact, Renewal, Response, Tasking
from tests import factories
from tests.browser.counted import Person

# in docs/desk.md too
COUNTED_BY_MOUSE = {"clicks": 3, "keys": 0, "drags": 0, "pastes": 0, "thoughts": 3}
COUNTED_BY_KEYS = {"clicks": 0, "keys": 4, "drags": 0, "pastes": 0, "thoughts": 4}
ANSWERED = "They said: “looking into it”; does not answer."


def treasury() -> list[Tasking]:
    return list(
        Tasking.objects.filter(agency__slug="treasury", ask__letter__reference="2023-0001").order_by("ask__number")
    )


@pytest.fixture
def staff_page(page: Page, sign_in) -> Page:
    """Signed in, before an item of Treasury's."""
    sign_in("staff")
    page.goto(page.url + f"items/{treasury()[0].pk}/")
    return page


def recorded() -> tuple:
    reply = Response.objects.get()
    return (
        (reply.agency.slug, reply.kind, reply.channel),
        [(t.status, t.answers.get().said, t.answers.get().response_id == reply.pk) for t in treasury()],
    )


LOOKING = (("treasury", "interim", "letter"), [("considering", "looking", True)] * 3)


def test_one_reply_about_three_items_in_three_clicks(staff_page, accessible):
    person = Person(staff_page)
    person.click(staff_page.get_by_role("link", name="A reply about all 3 items"))
    expect(staff_page.locator("[data-lead]:checked")).to_have_count(3)
    accessible()
    person.click(staff_page.locator("label", has_text="looking into it"))
    expect(staff_page.locator(".effect--looking:visible")).to_have_count(3)
    person.click(staff_page.get_by_role("button", name="Save", exact=True))
    expect(staff_page.get_by_text(ANSWERED)).to_have_count(3)
    accessible()
    assert recorded() == LOOKING
    assert (person.counts, round(person.seconds, 1)) == (COUNTED_BY_MOUSE, 8.0)


def test_the_same_by_four_keys(staff_page):
    person = Person(staff_page)
    person.press("r", thinks=True)
    expect(staff_page.locator("[data-lead]:checked")).to_have_count(1)
    person.press("a", thinks=True)
    expect(staff_page.locator("[data-lead]:checked")).to_have_count(3)
    person.press("2", thinks=True)
    person.press("s", thinks=True)
    expect(staff_page.get_by_text(ANSWERED)).to_have_count(3)
    assert recorded() == LOOKING
    assert (person.counts, round(person.seconds, 1)) == (COUNTED_BY_KEYS, 6.5)


def test_an_acknowledgment_is_about_the_whole_letter_and_stops_no_clock(staff_page):
    staff_page.keyboard.press("r")
    expect(staff_page.locator("[data-lead]:checked")).to_have_count(1)
    staff_page.wait_for_load_state("load")  # the keys are a script's, which comes after the words
    staff_page.keyboard.press("1")
    expect(staff_page.locator("[data-lead]:checked")).to_have_count(3)
    expect(
        staff_page.get_by_text("→ receipt acknowledged; the reply clock runs on").locator("visible=true")
    ).to_have_count(3)
    staff_page.keyboard.press("s")
    expect(staff_page.get_by_text("They said: “received it”; does not answer.")).to_have_count(3)
    assert [(t.status, t.answered_on) for t in treasury()] == [("acknowledged", None)] * 3
    assert not Tasking.objects.unread().exists()
    assert Tasking.objects.late(dt.date(2026, 1, 1)).count() == 7


def test_an_answer_that_was_a_slip_takes_its_ticks_with_it(staff_page):
    ticked = staff_page.locator("[data-lead]:checked")
    staff_page.keyboard.press("r")
    expect(ticked).to_have_count(1)
    for key, number in (("1", 3), ("2", 1), ("1", 3), ("2", 1)):
        staff_page.keyboard.press(key)
        expect(ticked).to_have_count(number)
    staff_page.keyboard.press("s")
    expect(staff_page.get_by_text(ANSWERED)).to_have_count(1)
    first, *others = [(t.status, t.answers.count()) for t in treasury()]
    assert (first, others) == (("considering", 1), [("awaiting", 0)] * 2)


def test_what_was_ticked_by_hand_stays_whatever_they_said(staff_page):
    ticked = staff_page.locator("[data-lead]:checked")
    staff_page.keyboard.press("r")
    expect(ticked).to_have_count(1)
    staff_page.keyboard.press("1")
    expect(ticked).to_have_count(3)
    staff_page.locator(".reply-item .usa-checkbox__label").nth(2).click()
    staff_page.keyboard.press("2")
    expect(ticked).to_have_count(2)


def test_several_things_said_in_one_reply_each_with_what_it_needs(staff_page, accessible):
    page = staff_page
    page.get_by_role("link", name="A reply about all 3 items").click()
    page.get_by_text("yes, by a date").first.click()
    page.get_by_label("The date they promised").first.fill("2099-01-05")
    last = page.locator(".reply-item").nth(2)
    last.get_by_text("Quote, or something else about this one").click()
    last.get_by_label("What did they say of this one?").select_option(label="ask another agency")
    last.get_by_label("In their words").fill("TEST please ask Commerce")
    expect(last.get_by_text("→ passed to the agency you name")).to_be_visible()
    accessible()
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Name the agency they pointed us to.")
    expect(last.get_by_label("In their words")).to_have_value("TEST please ask Commerce")
    accessible()
    last.get_by_label("Which agency").fill("Commerce")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    assert [(t.status, t.promised_on) for t in treasury()] == [("promised", dt.date(2099, 1, 5))] * 2 + [
        ("transferred", None)
    ]
    assert treasury()[2].passed_to.agency.slug == "commerce"


def test_the_line_says_what_becomes_of_an_item_with_a_question_unticked(staff_page, site):
    item = factories.item(kind_code="written_answers", ask_facts={"questions": ["TEST one?", "TEST two?"]})
    page = staff_page
    page.goto(f"{site}/replies/new/?item={item.pk}")
    page.get_by_text("answered our questions").first.click()
    line = page.locator(f"#item-{item.pk} .effect").locator("visible=true")
    expect(line).to_have_text("→ answered (answered)")
    page.get_by_text("TEST two?").click()
    expect(line).to_have_text("→ partly done, unless what is not ticked was covered before")


def test_a_reply_is_read_later(staff_page, accessible):
    page = staff_page
    page.get_by_role("link", name="A reply about all 3 items").click()
    page.get_by_role("button", name="Save, read later").click()
    expect(page.get_by_text("Not yet read.")).to_have_count(3)
    accessible()
    page.get_by_role("link", name="Replies 1 unread").click()
    expect(page.locator("#results [data-row]")).to_have_count(1)
    accessible()
    page.get_by_role("link", name=re.compile("^Read now")).click()
    expect(page.get_by_role("heading", name="What does it say?")).to_be_visible()
    page.keyboard.press("7")
    look_again = page.locator(".ask").get_by_label("We look again on").input_value()
    page.keyboard.press("s")
    expect(page.get_by_text("They said: “no position or no comment”; does not answer; the agency takes no position.")).to_have_count(3)  # fmt: skip
    expect(page.get_by_role("link", name="Replies", exact=True)).to_be_visible()
    assert [(t.status, t.review_on.isoformat()) for t in treasury()] == [("considering", look_again)] * 3


def test_a_contact_in_two_fields_and_taken_back(staff_page):
    page = staff_page
    page.get_by_label("What came of it").fill("TEST left a message")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("heading", name=re.compile("chased once, last"))).to_be_visible()
    assert [(c.channel, c.outcome) for c in Contact.objects.all()] == [("call", "TEST left a message")]
    page.get_by_role("link", name=re.compile("^Entered in error")).click()
    page.get_by_label("What was wrong with it?").fill("TEST another office")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("#contacts-title ~ .card").get_by_text("Entered in error: TEST another office")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("chased"))).to_have_count(0)


def test_a_follow_up_renews_an_item(staff_page, site, accessible):
    page, first = staff_page, treasury()[0]
    targets = list(first.ask.targets.all())
    factories.sent(
        kind_code="sanction",
        sent_on=dt.date(2023, 9, 5),
        deadline_on=dt.date(2023, 9, 29),
        ask_facts={"targets": targets},
    )
    page.goto(site + "/letters/2023-0002/repeats/")
    accessible()
    page.get_by_text("Treasury: Sanction Huawei Cloud (2023-0001").click()
    page.get_by_role("button", name="It repeats these").click()
    expect(page.get_by_text("2023-0002 repeats 1 open item; each is counted once.")).to_be_visible()
    page.goto(site + f"/items/{first.pk}/")
    expect(page.get_by_text("asked April 25, 2023, repeated once, last on September 5, 2023")).to_be_visible()
    renewal = Renewal.objects.get()
    assert (renewal.tasking, renewal.letter.reference) == (first, "2023-0002")
    assert treasury()[0].due_on == dt.date(2023, 9, 29)
    assert Tasking.objects.counted().open().count() == 7


def test_the_same_without_javascript(browser, site, sign_in):
    state = sign_in("staff").context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(site + "/replies/new/?letter=2023-0001")
    page.get_by_label("From").select_option("treasury")
    page.get_by_text("Who wrote it").click()
    page.get_by_label("Who, as printed").fill("TEST Official")
    page.get_by_role("button", name="Show its open items").click()
    expect(page.locator("[data-lead]:checked")).to_have_count(3)
    expect(page.get_by_label("Who, as printed")).to_have_value("TEST Official")
    page.get_by_text("no position or no comment").first.click()
    expect(page.get_by_label("We look again on").first).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    assert (Response.objects.get().responder, [t.stance for t in treasury()]) == ("TEST Official", ["no_position"] * 3)
    context.close()


def test_the_pages_of_replies_are_accessible_on_a_phone_in_the_dark(staff_page, site, accessible):
    page, first = staff_page, treasury()[0]
    reply = factories.reply(first, coverage=None)
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="dark")
    for path in [f"/replies/new/?item={first.pk}", "/replies/new/", f"/replies/{reply.pk}/", f"/replies/{reply.pk}/read/",
                 f"/replies/{reply.pk}/take-back/", "/replies/unread/", "/replies/said/", f"/contacts/new/?item={first.pk}",
                 "/contacts/new/", "/letters/2023-0001/repeats/", f"/items/{first.pk}/"]:  # fmt: skip
        page.goto(site + path)
        accessible()
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (path, wider) == (path, 0)


def test_who_was_signed_out_meanwhile_is_told_so_where_they_are(staff_page, site, accessible):
    page = staff_page
    there = page.context.new_page()
    there.goto(page.url)
    page.goto(site + "/replies/new/?letter=2023-0001")
    page.get_by_text("Who wrote it").click()
    page.get_by_label("Its words").fill("TEST typed at length")
    page.context.clear_cookies(name=re.compile("^sessionid"))
    page.get_by_label("From").select_option("treasury")
    expect(page.get_by_text("You are signed out. Copy what you typed here")).to_be_visible()
    expect(page.get_by_label("Its words")).to_have_value("TEST typed at length")
    there.get_by_role("link", name="Change owner").click()
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Who, as printed").press("Enter")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_label("What you typed")).to_have_value("TEST typed at length")
    accessible()
