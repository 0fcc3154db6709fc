"""A letter is logged: by somebody who has never seen the page, in less than two minutes of work, and nothing is lost on the way."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from letters.intake.reference import read_yaml
from letters.models import Letter, Worksheet
from tests.browser.counted import Person

LETTERS = Path(__file__).resolve().parents[1] / "letters"

# in docs/desk.md too
COUNTED_SEED = {"clicks": 30, "keys": 64, "drags": 5, "pastes": 1, "thoughts": 30}
COUNTED_46 = {"clicks": 13, "keys": 73, "drags": 2, "pastes": 3, "thoughts": 14}


@pytest.fixture
def clipboard(context: BrowserContext) -> None:
    """This person may copy and paste."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])


@pytest.fixture
def person(page: Page, clipboard, sign_in) -> Person:
    """Somebody of the staff, signed in, before an empty sheet."""
    sign_in("staff")
    page.goto(page.url + "letters/new/")
    return Person(page)


def record(letter: Letter) -> dict:
    """What the letter says, without keys and times: signers, addressees, asks, open items."""
    return {
        "facts": (letter.letter_date, letter.printed_date, letter.sent_on, letter.deadline_on, letter.our_role, letter.congress),
        "signers": list(
            letter.signatures.values_list(
                "position", "printed_name", "printed_title", "legislator__bioguide", "match", "state", "party", "is_lead"
            )
        ),
        "addressees": list(
            letter.addressees.values_list("position", "agency__slug", "printed_name", "printed_title", "address", "delivery")
        ),
        "asks": [
            (
                ask.number, ask.kind.code, " ".join(ask.quote.split()), ask.instrument, ask.requested_list,
                list(ask.targets.order_by("asktarget__position").values_list("slug", flat=True)),
                sorted(ask.taskings.values_list("agency__slug", "role", "acting_agency__slug", "due_on", "due_basis", "status")),
            )
            for ask in letter.asks.order_by("number")
        ],
    }  # fmt: skip


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"Saved \d+:\d\d"))


def words_of(name: str, first: str, last: str) -> str:
    """A part of a letter as its office published it, from some words to others."""
    text = (LETTERS / name).read_text()
    start = text.index(first)
    return text[start : text.index(last, start) + len(last)]


def ask_box(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Ask {number}", exact=True)


def test_a_newcomer_logs_the_letter_of_april_25_in_two_minutes(page: Page, site: str, person: Person, accessible):
    seed = Letter.objects.get(reference="2023-0001")
    text = page.get_by_role("textbox", name="The letter", exact=True)

    # paste the letter; it proposes its own date, addressees and signers
    person.paste(text, read_yaml("seed_letter.yaml")["text"])
    person.click(page.get_by_role("button", name="Take April 25, 2023, the addressees and the signers from the letter"))
    expect(page.get_by_label("Date of the letter")).to_have_value("April 25, 2023")
    expect(page.get_by_role("heading", name="To whom 3 addressees")).to_be_visible()
    person.type(page.get_by_label("Subject"), seed.subject)
    person.click(page.get_by_role("button", name="Yes, these are the 9 proposed members"))
    expect(page.locator("#signers").get_by_text("confirmed", exact=True)).to_have_count(9)
    accessible()

    # each ask: mark its words, say what kind it is and whom it is about; whom to ask is proposed
    def ask(number: int, kind: str, first: str, last: str, names: tuple[str, ...]):
        person.mark(text, first, last)
        person.click(page.get_by_role("button", name="Make this an ask"))
        box = page.get_by_role("group", name=f"Ask {number}", exact=True)
        expect(box.get_by_label("Kind of ask")).to_be_focused()
        person.choose(box.get_by_label("Kind of ask"), kind)
        for name in names:
            person.click(box.get_by_role("button", name=name))
            expect(box.get_by_label(re.compile("^Company, person or program"))).to_have_count(names.index(name) + 1)
            expect(box.get_by_label(re.compile("^Company, person or program")).last).to_have_value(name)
        return box

    ask(1, "Sanction (SDN)", "In light of this, we therefore", "recently-sanctioned Spacety.", ("Huawei Cloud",))
    ask(2, "Entity List", "First, Alibaba Cloud", "national security threat.", ("Alibaba Cloud",))
    ask(3, "License denial", "We therefore urge Commerce", "exported U.S. technology.", ("Alibaba Cloud",))
    fourth = ask(4, "NS-CMIC listing", "Given the above evidence", "NS-CMIC List.", ())
    name = fourth.get_by_label("Company, person or program 1")
    person.type(name, "alibaba g")
    expect(page.get_by_role("option", name="Alibaba Group", exact=True)).to_be_visible()
    person.press("ArrowDown")
    person.press("Enter")
    expect(name).to_have_value("Alibaba Group")
    person.click(fourth.get_by_label("consulted: State"))
    fifth = ask(
        5, "Investigation", "In addition to taking", "foreign policy interests.", ("Baidu Cloud", "Tencent Cloud")
    )
    for agency in ("Treasury", "Commerce", "State"):
        person.click(fifth.get_by_label(f"responsible: {agency}"))
    accessible()

    person.press("Control+Enter")
    expect(page.get_by_role("heading", name="5 asks, 3 agencies, 7 open items")).to_be_visible()
    expect(page.locator(".sheet__date")).to_have_text(
        re.compile(r"Due May 24, 2023, 21 business days after April 25, 2023; the letter sets no deadline")
    )
    assert Letter.objects.count() == 1  # a review writes nothing
    accessible()
    person.click(page.get_by_role("button", name="Send"))
    expect(page.get_by_text("Sent as 2023-0002. 7 open items begin to wait.")).to_be_visible()

    logged = Letter.objects.get(reference="2023-0002")
    assert record(logged) == record(seed)
    # whoever wrote the seed reworded the fifth; the page made its words of the kind and the names
    assert [ask.summary for ask in logged.asks.order_by("number")] == [
        *[ask.summary for ask in seed.asks.order_by("number")][:4], "Investigate Baidu Cloud and Tencent Cloud",
    ]  # fmt: skip
    assert person.seconds < 120
    assert (person.counts, round(person.seconds)) == (COUNTED_SEED, 110)  # as docs/desk.md says


def test_a_real_letter_of_46_signers_to_one_secretary(page: Page, person: Person, accessible):
    name = "22-budd-firearms-licences.txt"
    text = page.get_by_role("textbox", name="The letter", exact=True)
    person.paste(
        text,
        words_of(
            name,
            "Dear Secretary Raimondo:",
            "as a result of this pause?\n\nWhat is your estimate of potential economic loss, measured in job losses, to U.S. firearms industry as a result of this pause?",
        ),
    )
    saved(page)
    person.type(page.get_by_label("Subject"), "TEST firearms export pause")
    person.type(page.get_by_label("Date of the letter"), "11/16/2023")
    person.choose(page.get_by_label("Our part"), "co-signed by us")

    # the release lists the signers and names the addressee; there is no block in the letter
    person.paste(page.get_by_label("The signature block"), words_of(name, "Ted Budd (R-NC)", "Todd Young (R-IN)"))
    expect(page.get_by_role("heading", name="Who signed 46 signers, as of November 16, 2023")).to_be_visible()
    person.click(page.get_by_role("button", name="Yes, these are the 46 proposed members"))
    expect(page.locator("#signers").get_by_text("confirmed", exact=True)).to_have_count(46)
    person.paste(page.get_by_label("The addressees"), "Gina Raimondo\nSecretary of Commerce")
    expect(page.get_by_label("Agency")).to_have_value("Department of Commerce")

    # the sentence sets a date; the list below it becomes the questions of one ask
    person.mark(text, "Thus, for the purpose of congressional oversight", "by November 30, 2023:")
    person.click(page.get_by_role("button", name="Sets a date"))
    expect(page.get_by_label("Reply asked for by")).to_have_value("November 30, 2023")
    person.mark(
        text,
        "Please explain the reasoning for this pause",
        "measured in job losses, to U.S. firearms industry as a result of this pause?",
    )
    person.click(page.get_by_role("button", name="Questions"))
    expect(ask_box(page, 1).get_by_label("Kind of ask")).to_have_value("written_answers")
    expect(ask_box(page, 1).get_by_label("responsible: Commerce")).to_be_checked()
    person.click(ask_box(page, 1).get_by_text("Wording, own date"))
    person.type(ask_box(page, 1).get_by_label("In a few words"), "Answer 17 questions about the pause")
    accessible()
    person.press("Control+Enter")
    expect(page.get_by_role("heading", name="46 signers")).to_be_visible()
    expect(page.locator(".sheet__date")).to_contain_text("sked for by November 30, 2023")
    person.click(page.get_by_role("button", name="Send"))
    expect(page.get_by_text("1 open item begins to wait.")).to_be_visible()

    letter = Letter.objects.get(subject="TEST firearms export pause")
    signers = letter.signatures.order_by("position")
    assert (signers.count(), signers.filter(match="confirmed").count()) == (46, 46)
    assert list(signers.values_list("printed_name", "state", "legislator__bioguide"))[:3] == [
        ("Ted Budd", "NC", "B001305"), ("Mitch McConnell", "KY", "M000355"), ("John Thune", "SD", "T000250"),
    ]  # fmt: skip
    ask = letter.asks.get()
    assert (ask.kind.code, ask.questions.count(), ask.taskings.get().due_on.isoformat()) == (
        "written_answers",
        17,
        "2023-11-30",
    )
    assert ask.questions.get(number=5).text.endswith("If yes, then please provide a list of these organizations.")
    assert (person.counts, round(person.seconds)) == (COUNTED_46, 63)


def test_nested_questions_become_one_ask_with_a_checklist(page: Page, person: Person):
    name = "08-cotton-tiktok-treasury.txt"
    text = page.get_by_role("textbox", name="The letter", exact=True)
    person.paste(text, words_of(name, "The Honorable Janet Yellen", "this important matter."))
    person.type(page.get_by_label("Date of the letter"), "June 24, 2022")
    person.type(page.get_by_label("Subject"), "TEST TikTok")
    person.choose(page.get_by_label("Our part"), "co-signed by us")
    person.click(page.get_by_role("button", name="Read them above “Dear”"))
    expect(page.get_by_label("Agency")).to_have_value("Department of the Treasury")
    person.paste(
        page.get_by_label("The signature block"), words_of(name, "Senators Tom Cotton", "Roger Wicker (R-Mississippi)")
    )
    expect(page.get_by_role("heading", name="Who signed 6 signers")).to_be_visible()
    person.mark(text, "Please respond to these questions", "no later than July 22.")
    person.click(page.get_by_role("button", name="Sets a date"))
    expect(page.get_by_label("Reply asked for by")).to_have_value("July 22, 2022")
    person.mark(text, "1. Identify all CFIUS member", "or controlled apps?")
    person.click(page.get_by_role("button", name="Questions"))
    expect(ask_box(page, 1).get_by_label("Kind of ask")).to_have_value("written_answers")
    ask_box(page, 1).get_by_text("Wording, own date").click()
    ask_box(page, 1).get_by_label("In a few words").fill("Answer questions about TikTok")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("6 signers not confirmed as a member")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("1 open item begins to wait.")).to_be_visible()
    ask = Letter.objects.get(subject="TEST TikTok").asks.get()
    questions = list(ask.questions.order_by("number").values_list("text", flat=True))
    assert len(questions) == 16  # 1, 2a to 2l, 3, 4, 5
    assert [question.split(".")[0] for question in questions] == [
        "1", "2", *[f"2{letter}" for letter in "bcdefghijkl"], "3", "4", "5",
    ]  # fmt: skip
    assert questions[1].startswith("2. Given recent press reporting")
    assert " 2a. Are these arrangements" in questions[1]


def test_nothing_is_lost_when_the_page_goes_away(page: Page, person: Person, site: str):
    give_up = page.get_by_role("button", name="Give this draft up")
    expect(give_up).to_be_hidden()  # nothing is kept yet
    page.get_by_label("Subject").press_sequentially("TEST half a word")
    saved(page)
    address = page.url
    expect(give_up).to_be_visible()
    assert give_up.evaluate("button => button.formAction") == f"{address}give-up/"
    assert "/letters/drafts/" in address
    # what was typed in the very moment is there too
    page.get_by_label("Subject").press_sequentially(" and more")
    page.reload()
    expect(page.get_by_label("Subject")).to_have_value("TEST half a word and more")
    saved(page)

    # the site is gone for a while: the words stay in the tab, and are put back
    page.route(
        "**/letters/drafts/**", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
    )
    page.get_by_label("Subject").press("End")
    page.get_by_label("Subject").press_sequentially(", typed without a connection")
    expect(page.locator("[data-saved]")).to_contain_text("Not saved: the site does not answer.")
    page.unroute_all()
    page.reload()
    expect(page.get_by_label("Subject")).to_have_value("TEST half a word and more, typed without a connection")
    saved(page)

    # signed out in between: said, kept, and saved once this person is signed in again in another tab
    cookies = page.context.cookies()
    page.get_by_label("Subject").press("End")
    page.context.clear_cookies()
    page.get_by_label("Subject").press_sequentially("!")
    expect(page.locator("[data-saved]")).to_contain_text("you are signed out")
    page.context.add_cookies(cookies)
    page.get_by_label("Subject").press_sequentially("!")
    saved(page)
    assert Worksheet.objects.get().typed["subject"] == "TEST half a word and more, typed without a connection!!"


def test_an_empty_sheet_that_is_left_at_once_becomes_one_draft(page: Page, person: Person, site: str):
    # left in the moment between typing and saving, for the same page
    page.get_by_label("Subject").press_sequentially("TEST first")
    page.reload()
    expect(page.get_by_label("Subject")).to_have_value("TEST first")
    page.wait_for_url("**/letters/drafts/**")
    saved(page)
    # and for another one: then an empty sheet is an empty sheet
    page.goto(site + "/letters/new/")
    page.get_by_label("Subject").press_sequentially("TEST second")
    page.goto(site + "/letters/drafts/")
    page.goto(site + "/letters/new/")
    expect(page.get_by_label("Subject")).to_have_value("")
    page.wait_for_function("!document.querySelector('form[data-worksheet]').inert")
    page.goto(site + "/letters/drafts/")
    assert sorted(sheet.typed["subject"] for sheet in Worksheet.objects.all()) == ["TEST first", "TEST second"]
    # what the server never got is put back, once
    page.goto(site + "/letters/new/")
    waits = "key => sessionStorage.setItem(`sheet:${document.body.dataset.account}:/letters/new/#${key}`, `subject=TEST+third&version=0&key=${key}`)"
    page.evaluate(waits, "0b2f1a38-0000-4000-8000-000000000000")
    page.goto(site + "/letters/new/")
    page.wait_for_url("**/letters/drafts/**")
    expect(page.get_by_label("Subject")).to_have_value("TEST third")
    assert Worksheet.objects.count() == 3


def test_what_waits_in_the_tab_of_one_person_is_not_put_back_for_another(
    page: Page, person: Person, site: str, sign_in
):
    page.route("**/letters/new/", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    page.get_by_label("Subject").press_sequentially("TEST restricted")
    expect(page.locator("[data-saved]")).to_contain_text("Not saved: the site does not answer.")
    page.context.clear_cookies()
    page.goto(site + "/accounts/login/")
    page.unroute_all()
    kept = "Object.keys(sessionStorage).filter((name) => name.startsWith('sheet:')).length"
    assert page.evaluate(kept) == 1  # whoever typed it signs in again, and has it
    sign_in("manager")
    assert page.evaluate(kept) == 0
    page.goto(site + "/letters/new/")
    expect(page.get_by_label("Subject")).to_have_value("")
    assert Worksheet.objects.count() == 0


def test_what_waited_in_the_tab_before_the_upgrade_is_put_back(page: Page, person: Person, site: str):
    """It was under no account then, and the first page after it may be another."""
    page.goto(f"{site}/letters/")
    waits = "sessionStorage.setItem('sheet:/letters/new/', 'subject=TEST+from+before&version=0')"
    page.evaluate(waits)
    page.goto(f"{site}/letters/drafts/")
    page.goto(f"{site}/letters/new/")
    expect(page).to_have_url(re.compile(r"/letters/drafts/"))
    expect(page.get_by_label("Subject")).to_have_value("TEST from before")
    assert Worksheet.objects.get().typed["subject"] == "TEST from before"


@pytest.mark.parametrize("how", ["insertFromDrop", "", "insertText"])
def test_a_letter_that_is_not_pasted_is_read_at_once_too(page: Page, person: Person, how: str):
    """Dropped there, filled in by another program, dictated: the page hears of it by `input` alone."""
    put = """([box, words, how]) => {
        const about = { bubbles: true, inputType: how };
        box.dispatchEvent(new InputEvent("beforeinput", about));
        box.value = words;
        box.dispatchEvent(new InputEvent("input", about));
    }"""
    box = page.get_by_role("textbox", name="The letter", exact=True).element_handle()
    page.evaluate(put, [box, read_yaml("seed_letter.yaml")["text"], how])
    expect(page.get_by_role("button", name=re.compile("^Take April 25, 2023"))).to_be_visible()
    page.get_by_label("The signature block").fill("Bill Hagerty\nMarsha Blackburn")
    expect(page.get_by_role("heading", name="Who signed 2 signers")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 1366, 390])
def test_names_titles_and_agencies_are_read_whole(page: Page, person: Person, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    person.paste(page.get_by_role("textbox", name="The letter", exact=True), read_yaml("seed_letter.yaml")["text"])
    person.click(page.get_by_role("button", name=re.compile("^Take April 25, 2023")))
    expect(page.get_by_role("heading", name="To whom 3 addressees")).to_be_visible()
    cut_off = """() => [...document.querySelectorAll("#addressees input[type=text], #signers input[type=text]")]
        .filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.value)"""
    assert page.evaluate(cut_off) == []


def test_two_tabs_overwrite_nothing(page: Page, person: Person, accessible):
    page.get_by_label("Subject").fill("TEST one")
    saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Subject").fill("TEST other")
    saved(other)
    expect(other.locator("[data-version]")).to_have_value("2")
    page.get_by_label("Subject").fill("TEST one more")
    expect(page.locator("[data-saved]")).to_contain_text("press Save to compare")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You changed this")
    chosen = page.get_by_role("group", name="Subject: which shall it be? (both of you changed it)")
    expect(chosen.get_by_label("As saved now TEST other")).not_to_be_checked()
    expect(chosen.get_by_label("As you have it TEST one more")).not_to_be_checked()
    accessible()
    expect(page.get_by_label("Subject")).to_have_value("TEST one more")
    # who compares begins to mend: that alone saves nothing over the other's, and no step of the page does
    page.get_by_label("Subject").fill("TEST one more!")
    page.get_by_role("button", name="Add a signer").click()
    expect(page.locator("[data-saved]")).to_contain_text("Nothing is saved while you compare")
    assert Worksheet.objects.get().typed["subject"] == "TEST other"
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Both of you changed “Subject”. Choose which to keep.")).to_be_visible()
    chosen.get_by_text("As you have it").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_have_count(0)
    # from here on it saves by itself again, over what it was saved over
    page.get_by_label("Our part").select_option(label="co-led by us")
    saved(page)
    assert Worksheet.objects.get().typed["subject"] == "TEST one more!"


@pytest.mark.parametrize("lost", ["a pause", "a pause of an empty sheet", "a button"])
@pytest.mark.parametrize("then", ["a pause", "Save", "a button"])
def test_what_came_and_was_not_answered_is_gone_on_from(page: Page, person: Person, site: str, lost: str, then: str):
    """The lid was closed, the phone changed apps: nobody else saved, so nobody is said to have."""
    subject = page.get_by_label("Subject")
    if lost != "a pause of an empty sheet":
        subject.fill("TEST begun")
        saved(page)
    answers = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not answers:
            answers.append(route.fetch().status)
            route.abort()
        else:
            route.fallback()

    page.route(re.compile("/letters/(new|drafts)/"), lose_the_first)
    if lost == "a button":
        page.get_by_role("button", name="Add a signer").click()
    else:
        subject.fill("TEST one")
    expect(page.locator("[data-saved]")).to_contain_text("the site does not answer")
    assert answers == [200]
    signers = page.get_by_label(re.compile("^Signer \\d, as printed"))
    expect(signers).to_have_count(0)

    subject.fill("TEST two")
    if then == "a pause":
        saved(page)
    else:
        page.get_by_role("button", name="Save" if then == "Save" else "Add a signer", exact=True).click()
    if then == "Save":
        page.wait_for_url("**/letters/drafts/**")
        saved(page)
    expect(signers).to_have_count(1 if then == "a button" else 0)
    expect(page.get_by_role("alert")).to_have_count(0)
    # and on
    subject.fill("TEST three")
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"Saved \d+:\d\d"))
    page.reload()
    expect(subject).to_have_value("TEST three")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert Worksheet.objects.get().typed["subject"] == "TEST three"


def test_a_letter_is_logged_sent_and_answered_without_javascript(browser, site: str, sign_in):
    state = sign_in("staff").context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(site + "/letters/new/")
    page.get_by_label("The letter", exact=True).last.fill("TEST words")
    page.get_by_label("Subject").fill("TEST short letter")
    page.get_by_label("Date of the letter").fill("April 25, 2023")
    page.get_by_label("The signature block").fill("Bill Hagerty\nTEST Nobody")
    page.locator("#signers").get_by_role("button", name="Find the names").click()
    expect(page.get_by_text("proposed", exact=True)).to_have_count(1)
    page.get_by_role("button", name="Yes, this is the proposed member").click()
    page.get_by_label("The addressees").fill("Janet Yellen\nSecretary of the Treasury")
    page.locator("#addressees").get_by_role("button", name="Find the names").click()
    page.get_by_role("button", name="Add an ask").click()
    box = ask_box(page, 1)
    box.get_by_label("Kind of ask").select_option(label="Sanction (SDN)")
    box.get_by_label("Company, person or program 1").fill("huawei cloud")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", name="1 ask, 1 agency, 1 open item")).to_be_visible()
    expect(page.locator(".matrix").get_by_text("Sanction Huawei Cloud")).to_be_visible()
    expect(page.get_by_text("1 signer not confirmed as a member: TEST Nobody")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("1 open item begins to wait.")).to_be_visible()
    tasking = Letter.objects.get(subject="TEST short letter").asks.get().taskings.get()
    assert (tasking.agency.slug, tasking.acting_agency.slug, tasking.role) == ("treasury", "ofac", "lead")

    page.get_by_role("link", name="Record a reply").click()
    page.get_by_label("From", exact=True).select_option("treasury")
    page.get_by_role("button", name="Show its open items").click()
    expect(page.locator("[data-lead]:checked")).to_have_count(1)
    page.locator(".said-choices label", has_text=re.compile("^no( \\d)?$")).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    tasking.refresh_from_db()
    assert (tasking.status, tasking.answers.get().coverage, tasking.stance) == ("declined", "full", "does_not_concur")
    page.goto(f"{site}/letters/{tasking.ask.letter.reference}/")
    expect(page.locator(".matrix").get_by_text("refused")).to_be_visible()
    context.close()


def test_the_sheet_fits_a_phone_in_the_dark(page: Page, site: str, person: Person, accessible):
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="dark")
    page.get_by_role("textbox", name="The letter", exact=True).fill(read_yaml("seed_letter.yaml")["text"])
    saved(page)
    page.reload()
    page.get_by_role("button", name=re.compile("^Take April 25, 2023")).click()
    expect(page.get_by_role("heading", name="To whom 3 addressees")).to_be_visible()
    page.get_by_role("button", name="Add an ask").click()
    expect(ask_box(page, 1).get_by_label("Kind of ask")).to_be_focused()

    def fits():
        accessible()
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (page.url, wider) == (page.url, 0)

    fits()
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("alert")).to_be_visible()  # the ask has no kind yet
    fits()
    page.get_by_label("Subject").fill("TEST phone")
    page.get_by_role("button", name="Remove ask 1").click()
    expect(ask_box(page, 1)).to_have_count(0)
    # “right” beside nobody takes nobody, and the row says so as soon as it is ticked
    first = page.locator(".sheet__signer").first
    takes_nobody = first.get_by_text("so “right” takes nobody: the name is kept as printed")
    expect(takes_nobody).to_be_hidden()
    first.get_by_label("Member of Congress").fill("")
    first.get_by_role("checkbox", name="right").check()
    expect(takes_nobody).to_be_visible()
    first.get_by_role("checkbox", name="right").uncheck()
    expect(takes_nobody).to_be_hidden()
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", name="1 ask, 3 agencies, 3 open items")).to_be_visible()
    fits()
    for path in ("/letters/2023-0001/amend/", "/letters/drafts/"):
        page.goto(site + path)
        fits()
    page.get_by_role("button", name="Give up").click()
    expect(page.get_by_role("button", name="Undo: take it up again")).to_be_visible()
    fits()
