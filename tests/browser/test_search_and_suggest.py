"""Finding: a misspelled name is found, a company's story is two steps away, and the keyboard is enough."""

from playwright.sync_api import expect


def test_somebody_misspells_a_name_and_still_finds_the_letter(page, sign_in, accessible):
    sign_in("viewer")
    page.keyboard.press("/")
    page.keyboard.type("Haggerty")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="0 hits for “Haggerty”")).to_be_visible()
    accessible()
    page.get_by_role("link", name="Bill Hagerty").click()
    expect(page.get_by_role("heading", name="Bill Hagerty", level=1)).to_be_visible()
    accessible()
    page.get_by_role("link", name="Huawei Cloud and other PRC cloud computing services").click()
    expect(page.get_by_role("heading", name="9 signers")).to_be_visible()


def test_from_a_word_to_all_that_was_asked_about_a_company(page, sign_in, accessible):
    sign_in("viewer")
    page.keyboard.press("/")
    page.keyboard.type("alibaba")
    page.keyboard.press("Enter")
    expect(page.locator("mark", has_text="Alibaba").first).to_be_visible()
    accessible()
    page.locator("#hits-targets ~ ol").get_by_role("link", name="Alibaba Group").click()
    expect(page.get_by_role("link", name="Alibaba Cloud").first).to_be_visible()
    expect(page.locator("#results [data-row]")).to_have_count(3)
    page.get_by_role("link", name="Treasury").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Treasury: Add Alibaba Group to the NS-CMIC List")
    page.locator(".facts-list").get_by_role("link", name="Department of the Treasury").click()
    expect(page.get_by_role("heading", name="Department of the Treasury", level=1)).to_be_visible()
    expect(page.locator("#results [data-row]")).to_have_count(3)
    accessible()


def test_a_suggestion_is_chosen_by_keyboard_or_left_alone(page, site, sign_in, accessible):
    sign_in("viewer")
    page.goto(site + "/gallery/")
    box, chosen = page.locator("#combo-agency"), page.locator("#combo-agency-id")
    box.click()
    expect(box).to_have_role("combobox")
    page.keyboard.type("tresury")
    options = page.locator(".combo__list[id] [role=option]")
    expect(options.first).to_contain_text("Department of the Treasury")
    expect(box).to_have_attribute("aria-expanded", "true")
    accessible()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    page.keyboard.press("Enter")
    expect(box).to_have_value("Department of the Treasury")
    expect(chosen).to_have_value("treasury")
    expect(box).to_have_attribute("aria-expanded", "false")

    page.keyboard.type(" of nowhere")  # other words are no longer that agency
    expect(chosen).to_have_value("")
    page.keyboard.press("Escape")
    expect(box).to_have_value("Department of the Treasury of nowhere")

    box.fill("bis")
    options.first.click()
    expect(box).to_have_value("Bureau of Industry and Security")
    expect(chosen).to_have_value("bis")
    expect(box).to_be_focused()


def test_who_is_faster_than_the_list_loses_no_choice(page, site, sign_in):
    sign_in("viewer")
    page.goto(site + "/gallery/")
    box, held = page.locator("#combo-agency"), []
    options = page.locator(".combo__list[id] [role=option]")
    box.click()
    page.keyboard.type("treasu")
    expect(options.first).to_contain_text("Department of the Treasury")
    page.route("**/suggest/**", lambda route: held.append(route))
    with page.expect_request(lambda request: request.url.endswith("q=treasury")):
        page.keyboard.type("ry")
    page.keyboard.press("ArrowDown")
    drawn = options.first.element_handle()
    for route in held:
        route.continue_()
    drawn.wait_for_element_state("hidden")  # another list has taken its place
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Department of the Treasury")


def test_an_official_brings_title_and_agency_but_what_is_typed_as_printed_stays(page, site, sign_in):
    sign_in("staff")
    page.goto(site + "/letters/new/")
    for number, title in ((1, ""), (2, "TEST as the letter prints it")):
        page.get_by_role("button", name="Add an addressee").click()
        row = page.get_by_role("group", name=f"Addressee {number}")
        row.get_by_label("Title, as printed").fill(title)
        row.get_by_label("Name, as printed").click()
        page.keyboard.type("yelen")
        expect(row.get_by_role("option").first).to_contain_text("Janet Yellen")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(row.get_by_label("Name, as printed")).to_have_value("Janet Yellen")
        expect(row.get_by_label("Agency")).to_have_value("Treasury")
        expect(row.get_by_label("Title, as printed")).to_have_value(title or "Secretary of the Treasury")
