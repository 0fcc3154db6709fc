"""The page "Log a letter": every word comes back, whatever happens; and what is sent is what was typed."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.domain import sending, worksheets
from letters.domain.history import acting
from letters.domain.making import known_target, topics_named
from letters.domain.plans import PlannedTarget
from letters.models import Letter, Signature, Target, Tasking, Worksheet
from letters.web import log_letter
from tests import factories
from tests.domain.refusals import refused
from tests.web.test_pages import words

SHEET = {
    "subject": "TEST letter", "letter_date": "4/25/2023", "our_role": "led", "access": "office", "text": "TEST words",
    "addressees-0-printed_name": "The Honorable TEST", "addressees-0-printed_title": "Secretary", "addressees-0-agency": "Treasury",
    "signers-0-printed_name": "Bill Hagerty", "signers-0-member": "Bill Hagerty (R-TN)", "signers-0-bioguide": "H000601", "signers-0-confirmed": "on",
    "asks-0-kind": "briefing", "asks-0-proposed": "briefing", "asks-0-summary": "Brief us", "asks-0-responsible": "treasury", "asks-0-target": "",
}  # fmt: skip


def saved(client: Client, **more) -> Worksheet:
    typed = {
        name: value
        for name, value in (SHEET | {n.replace("__", "-"): v for n, v in more.items()}).items()
        if value is not None
    }
    assert client.post("/letters/new/", typed | {"do": "save"}).status_code == 302
    return Worksheet.objects.latest("created_at")


def address(sheet: Worksheet, more: str = "") -> str:
    return f"/letters/drafts/{sheet.pk}/{more}"


def test_looking_at_an_empty_sheet_makes_none(as_staff):
    assert as_staff.get("/letters/new/").status_code == 200
    autosave = as_staff.post("/letters/new/", {"our_role": "led", "subject": ""}, headers={"X-Autosave": "1"})
    assert autosave.json() == {"version": 0, "saved": "Nothing saved yet"}
    for do in ("save", "review"):
        said = as_staff.post("/letters/new/", {"our_role": "led", "subject": "", "do": do})
        assert (said.status_code, "Nothing typed yet Paste the letter’s words" in words(said)) == (422, True)
        assert 'name="judged"' not in said.content.decode()
    assert Worksheet.objects.count() == 0


def test_what_is_typed_is_kept_reviewed_and_sent(as_staff, staff):
    sheet = saved(as_staff)
    assert "TEST words" in as_staff.get(address(sheet)).content.decode()
    review = words(as_staff.get(address(sheet, "review/")))
    assert "1 ask, 1 agency, 1 open item" in review
    assert "Due May 24, 2023, 21 business days after April 25, 2023; the letter sets no deadline (ask 1)" in review
    sent = as_staff.post(address(sheet, "send/"), {"version": sheet.version}, follow=True)
    assert "Sent as 2023-0001. 1 open item begins to wait." in words(sent)
    letter = Letter.objects.get()
    assert (letter.subject, letter.text, letter.sent_on.isoformat()) == ("TEST letter", "TEST words", "2023-04-25")
    assert Worksheet.objects.get().letter == letter
    # a second press of the button sends nothing more
    again = as_staff.post(address(sheet, "send/"), {"version": sheet.version}, follow=True)
    assert "This draft was sent as 2023-0001." in words(again)
    assert Letter.objects.count() == 1
    # and its address is no draft any more
    assert "This draft was sent as 2023-0001." in words(as_staff.get(address(sheet), follow=True))


def test_a_review_asks_for_the_date_where_a_confirmed_member_did_not_sit_then(as_staff):
    asked = "Is the date right? By our rosters Bill Hagerty did not sit in Congress on June 20, 1999."
    for day, is_asked in (("6/20/1999", True), ("4/25/2023", False)):
        sheet = saved(as_staff, letter_date=day)
        assert (asked in words(as_staff.get(address(sheet, "review/")))) is is_asked


def test_a_review_writes_nothing(as_staff):
    sheet = saved(as_staff, **{"asks__0__target": "TEST New Company", "asks__0__target_kind": "company"})
    assert "TEST New Company" in words(as_staff.get(address(sheet, "review/")))
    assert (
        Letter.objects.count(),
        Signature.objects.count(),
        Target.objects.filter(name="TEST New Company").count(),
    ) == (0, 0, 0)
    as_staff.post(address(sheet, "send/"), {"version": sheet.version})
    assert Letter.objects.get().reference == "2023-0001"  # nor did the review take a number
    assert Target.objects.get(name="TEST New Company").kind == "company"


def test_a_letter_that_is_logged_already_is_named_before_it_is_sent_twice(as_staff, manager):
    first, later = saved(as_staff), saved(as_staff, letter_date="4/26/2023")
    as_staff.post(address(first, "send/"), {"version": first.version})
    twice = saved(as_staff, text="TEST other words")
    question = "Is it logged already? This looks like letter 2023-0001 of April 25, 2023, “TEST letter”: open it."
    assert question in words(as_staff.get(address(twice, "review/")))
    assert "logged already" not in words(as_staff.get(address(later, "review/")))
    # of what somebody may not see nothing is said
    sending.change_access(Letter.objects.get(), by=manager, access="restricted", reason="TEST")
    assert "logged already" not in words(as_staff.get(address(twice, "review/")))


def test_a_letter_without_an_ask_asks_each_addressee_for_a_reply(as_staff):
    sheet = saved(as_staff, asks__0__kind="", asks__0__summary="", asks__0__responsible=None)
    assert "1. Reply to this letter" in words(as_staff.get(address(sheet, "review/")))


@pytest.mark.parametrize(
    ("field", "value", "at", "sentence"),
    [
        ("subject", " ", "subject", "The subject is missing."),
        ("subject", "x" * 301, "subject", "The subject has 301 characters; at most 300 fit."),
        ("text", "a\x00b", "text", "has characters that were not UTF-8 text"),
        ("letter_date", "soon", "letter_date", "“soon” is not a date."),
        ("letter_date", "1/1/2999", "letter_date", "which is after today"),
        ("deadline_on", "4/1/2023", "deadline_on", "is before the letter’s date"),
        ("published_url", "TEST nowhere", "published_url", "is not a web address"),
        ("signers-0-printed_name", "x" * 201, "signers-0-printed_name", "at most 200 fit"),
        ("signers-0-member", "TEST Nobody", "signers-0-member", "is no member we know on that day"),
        ("addressees-0-agency", "TEST Nowhere", "addressees-0-agency", "“TEST Nowhere” is no agency we know."),
        ("addressees-0-address", "x" * 501, "addressees-0-address", "at most 500 fit"),
        ("asks-0-kind", "", "asks-0-kind", "What kind of ask is this?"),
        ("asks-0-kind", "nonsense", "asks-0-kind", "is no kind of ask"),
        ("asks-0-kind", "sanction", "asks-0-target-0", "needs the company, person or program it is about"),
        ("asks-0-target", "TEST Unknown", "asks-0-target-0", "“TEST Unknown” is not in our record yet."),
        ("asks-0-responsible", "", "asks-0-responsible", "Who is asked?"),
        ("asks-0-responsible", "state", "asks-0-responsible", "The letter does not address State."),
        ("asks-0-requested_by", "4/1/2023", "asks-0-requested_by", "is before the letter’s date"),
        ("asks-0-quote", "x" * 10_001, "asks-0-quote", "at most 10,000 fit"),
        ("asks-0-questions", "1. " + "x" * 5001, "asks-0-questions", "at most 5,000 fit"),
    ],
)  # fmt: skip
def test_each_problem_stands_above_and_at_its_field_and_what_was_typed_stays(as_staff, field, value, at, sentence):
    response = as_staff.post("/letters/new/", SHEET | {field: value, "do": "review"})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in words(response)
    assert f'href="#id_{at}"' in page
    assert f'id="id_{at}"' in page
    if value.strip() and "responsible" not in field:
        assert value.replace("\x00", "\N{REPLACEMENT CHARACTER}") in page
    assert "TEST words" in page or field == "text"
    assert Letter.objects.count() == 0
    # and it is kept: the sheet has an address of its own now
    assert Worksheet.objects.count() == 1


def test_an_ask_s_own_date_before_the_day_of_sending_is_said_at_that_ask(as_staff):
    """Only sending knows that day, and numbers the asks without the empty ones between them."""
    second = {name.replace("asks-0", "asks-1"): value for name, value in SHEET.items() if name.startswith("asks-0")}
    empty = {name: "" for name in SHEET if name.startswith("asks-0")}
    typed = SHEET | empty | second | {"sent_on": "5/10/2023", "asks-1-requested_by": "5/5/2023", "do": "review"}
    response = as_staff.post("/letters/new/", typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert words(response).count("is before the day it was sent") == 2  # above, and at its field
    assert 'href="#id_asks-1-requested_by"' in page
    assert 'id="id_asks-1-requested_by"' in page
    assert 'value="5/5/2023"' in page
    assert Letter.objects.count() == 0


def test_the_same_problem_in_several_asks_is_one_thing_to_check_and_stands_at_each(as_staff):
    more = {f"asks-{number}-{name}": SHEET[f"asks-0-{name}"] for number in (1, 2) for name in ("kind", "summary")}
    asked = {f"asks-{number}-responsible": "state" for number in range(3)}
    page = as_staff.post("/letters/new/", SHEET | more | asked | {"do": "review"})
    assert "1 thing to check" in words(page)
    assert words(page).count("The letter does not address State.") == 4  # once above, and at each ask


def test_what_is_wrong_elsewhere_is_said_still_after_an_ask_is_removed(as_staff):
    typed = SHEET | {"asks-0-kind": "", "asks-1-quote": "TEST other", "judged": "1", "do": "drop-ask:1"}
    for how in ({}, {"headers": {"X-Part": "1"}}):
        page = as_staff.post("/letters/new/", typed, **how)
        assert words(page).count("What kind of ask is this?") == 2
        assert page.content.decode().count('name="judged"') == 1
    assert "What kind" not in words(
        as_staff.post("/letters/new/", typed | {"judged": ""} | {"do": "save"}, follow=True)
    )


def test_questions_go_to_the_ask_that_was_just_begun_for_them(as_staff):
    typed = SHEET | {
        "asks-0-kind": "written_answers",
        "asks-0-target": "",
        "do": "questions",
        "selected": "1. TEST why?",
    }
    as_staff.post("/letters/new/", typed)
    assert [ask["questions"] for ask in Worksheet.objects.latest("created_at").typed["asks"]] == ["1. TEST why?"]
    # what has some is another ask
    as_staff.post("/letters/new/", typed | {"asks-0-questions": "1. TEST who?"})
    asks = Worksheet.objects.latest("created_at").typed["asks"]
    assert [ask["questions"] for ask in asks] == ["1. TEST who?", "1. TEST why?"]


def test_several_problems_are_said_together(as_staff):
    response = as_staff.post("/letters/new/", {"do": "review", "asks-0-quote": "TEST"})
    fields = re.findall(r'<a href="#id_([\w-]+)">', response.content.decode())
    assert sorted(fields) == [
        "addressees_block", "asks-0-kind", "letter_date", "signers_block", "subject",
    ]  # fmt: skip
    # who is asked follows from who is addressed: one agency that nobody knows is one thing to mend
    page = as_staff.post("/letters/new/", SHEET | {"addressees-0-agency": "TEST Nowhere", "do": "review"} | {
        f"asks-{number}-{name}": words for number in (1, 2) for name, words in (("kind", "briefing"), ("summary", "TEST"))
    })  # fmt: skip
    assert re.findall(r'<a href="#id_([\w-]+)">', page.content.decode()) == ["addressees-0-agency"]
    # an ask that nobody is asked: sending would say so, too
    page = as_staff.post("/letters/new/", SHEET | {"asks-0-responsible": "", "do": "review"})
    assert re.findall(r'<a href="#id_([\w-]+)">', page.content.decode()) == ["asks-0-responsible"]


def test_an_autosave_is_kept_and_answers_with_its_address(as_staff):
    answer = as_staff.post("/letters/new/", {"subject": "TEST half a wo"}, headers={"X-Autosave": "1"}).json()
    sheet = Worksheet.objects.get()
    assert (answer["version"], answer["address"]) == (1, address(sheet))
    assert re.fullmatch(r"Saved \d+:\d\d [ap]\.m\.", answer["saved"])
    # the same again is no new version
    again = as_staff.post(address(sheet), {"subject": "TEST half a wo", "version": 1}, headers={"X-Autosave": "1"})
    assert again.json()["version"] == 1


def test_a_date_that_an_autosave_corrects_is_the_one_the_names_are_sent_by(as_staff):
    typed = {name: value for name, value in SHEET.items() if not name.startswith("signers")}
    typed |= {"letter_date": "2/1/2018", "signers_block": "Bill Hagerty", "do": "names"}
    as_staff.post("/letters/new/", typed)
    sheet = Worksheet.objects.get()
    drawn = as_staff.get(address(sheet)).context["signers"]
    assert [(row["printed_name"], row["mark"]["words"]) for row in drawn["rows"]] == [
        ("Bill Hagerty", "Not matched: No member of this name served then.")
    ]
    row = {f"signers-0-{name}": value for name, value in sheet.typed["signers"][0].items()}
    typed |= row | {"letter_date": "4/25/2023", "version": sheet.version}
    assert as_staff.post(address(sheet), typed, headers={"X-Autosave": "1"}).status_code == 200
    assert "as of April 25, 2023" in words(as_staff.get(address(sheet)))
    as_staff.post(address(sheet, "send/"), {"version": sheet.version + 1})
    signer = Signature.objects.get()
    assert (signer.legislator.bioguide, signer.match, signer.state) == ("H000601", "proposed", "TN")


def test_the_list_of_drafts_says_what_it_leaves_out(as_staff, monkeypatch):
    for _ in range(3):
        saved(as_staff)
    assert "of 3 drafts" not in words(as_staff.get("/letters/drafts/"))
    monkeypatch.setattr(log_letter, "MOST_STANDING", 2)
    assert "Showing the latest 2 of 3 drafts." in words(as_staff.get("/letters/drafts/"))


def test_of_one_empty_sheet_there_are_never_two_drafts(as_staff, staff, manager):
    page = as_staff.get("/letters/new/").content.decode()
    typed = {"subject": "TEST half", "version": 0, "key": re.search(r'name="key" value="([^"]+)"', page)[1]}
    auto = {"headers": {"X-Autosave": "1"}}
    # the answer to the first save was lost, twice; then somebody typed on
    first, same = [as_staff.post("/letters/new/", typed, **auto).json() for _ in range(2)]
    assert (first["had"], same["had"], same["address"]) == (False, True, first["address"])
    more = as_staff.post("/letters/new/", typed | {"subject": "TEST half a word"}, **auto).json()
    assert (more["version"], more["address"]) == (2, first["address"])
    # pressed twice without a script, and gone back to
    plain = typed | {"subject": "TEST half a word", "do": "save"}
    assert [as_staff.post("/letters/new/", plain).headers["Location"] for _ in range(2)] == [first["address"]] * 2
    other = as_staff.post("/letters/new/", plain | {"subject": "TEST another"})
    assert (other.status_code, "You changed this" in words(other)) == (409, True)
    stale = as_staff.post("/letters/new/", typed | {"subject": "TEST another"}, **auto)
    assert (stale.status_code, stale.json()["stale"]) == (409, True)
    assert [sheet.typed["subject"] for sheet in Worksheet.objects.all()] == ["TEST half a word"]
    # somebody else’s is theirs, and once it is given up what is typed is another letter
    factories.client(manager).post("/letters/new/", plain)
    worksheets.give_up(Worksheet.objects.get(owner=staff), by=staff)
    as_staff.post("/letters/new/", plain | {"subject": "TEST another"})
    assert sorted((str(sheet.owner), sheet.typed["subject"]) for sheet in Worksheet.objects.all()) == [
        ("manager", "TEST half a word"), ("staff", "TEST another"), ("staff", "TEST half a word"),
    ]  # fmt: skip


def test_what_is_refused_comes_back_on_the_same_empty_sheet(as_staff):
    key = "0b2f1a38-0000-4000-8000-000000000000"
    refused_page = as_staff.post("/letters/new/", {"text": "TEST " * 1_000_000, "do": "save", "key": key})
    assert refused_page.status_code == 422
    assert f'name="key" value="{key}"' in refused_page.content.decode()


def test_what_a_page_of_somebody_else_sends_by_itself_is_not_kept_as_mine(as_staff, staff, manager):
    typed = {"subject": "TEST theirs", "access": "restricted"}
    for name in ("X-Autosave", "X-Part"):
        headers = {name: "1", "X-Account": str(manager.pk)}
        assert as_staff.post("/letters/new/", typed, headers=headers).status_code == 403
    assert Worksheet.objects.count() == 0
    own = as_staff.post("/letters/new/", typed, headers={"X-Autosave": "1", "X-Account": str(staff.pk)})
    assert own.json()["version"] == 1


@pytest.mark.parametrize(
    ("field", "label", "long"),
    [
        ("text", "The letter’s text", "1 2 3\n" * 2 * 1024 * 1024),  # each line might be the letter's date
        (
            "asks-0-quote",
            "Ask 1: In the letter’s words",
            " ".join(f"T{n}" for n in range(1_400_000)) + " ",
        ),  # and names
    ],
)
def test_ten_megabytes_are_refused_by_name_and_stay_on_the_page(as_staff, field, label, long):
    response = as_staff.post("/letters/new/", SHEET | {"letter_date": "", field: long, "do": "save"})
    assert (response.status_code, Worksheet.objects.count()) == (422, 0)
    said = words(response)
    assert "Not saved: 1 thing to check" in said
    assert "Saved" not in said.partition("The letter")[0]
    sentence = f"{label}: It has {len(long):,} characters, and a whole draft keeps at most 2,000,000. Shorten it, or attach the paper as a file."
    assert sentence in said
    assert long[:-1] in response.content.decode()
    autosave = as_staff.post("/letters/new/", SHEET | {field: long}, headers={"X-Autosave": "1"})
    assert (autosave.status_code, autosave.json()["problem"]) == (422, sentence)


def test_a_stale_autosave_overwrites_nothing_and_says_who(as_staff, manager):
    sheet = saved(as_staff)
    factories.client(manager).post(
        address(sheet), SHEET | {"subject": "TEST theirs", "version": sheet.version, "do": "save"}
    )
    mine = SHEET | {"subject": "TEST mine", "version": sheet.version}
    stale = as_staff.post(address(sheet), mine, headers={"X-Autosave": "1"})
    assert (stale.status_code, stale.json()) == (
        409, {"problem": "manager saved this draft while you had it open.", "stale": True},
    )  # fmt: skip
    assert Worksheet.objects.get().typed["subject"] == "TEST theirs"

    # saving shows both, field by field, and keeps what was typed
    compared = as_staff.post(address(sheet), mine | {"do": "save"})
    assert compared.status_code == 409
    assert "manager changed this" in words(compared)
    shown = "Subject: which shall it be? (both of you changed it) As saved now TEST theirs As you have it TEST mine"
    assert shown in words(compared)
    assert 'value="TEST mine"' in compared.content.decode()
    assert "Leave what you typed, and go on with what is saved now" in words(compared)
    version = re.search(r'name="version" value="(\d+)"', compared.content.decode())[1]
    mine |= {"version": version, "do": "save", "merging": "subject"}
    assert as_staff.post(address(sheet), mine).status_code == 409
    mine |= {"keep.subject": "yours"}
    # who left that page and comes back compares once more, with what was chosen: that is no save
    again = as_staff.post(address(sheet), mine | {"do": "compare"})
    assert (again.status_code, again.content.count(b" data-unsaved ")) == (409, 1)
    chosen = re.findall(r'name="keep.subject" value="(\w+)"[^>]* checked', again.content.decode())
    assert (chosen, "Choose which to keep." in words(again)) == (["yours"], False)
    assert Worksheet.objects.get().typed["subject"] == "TEST theirs"
    assert as_staff.post(address(sheet), mine).status_code == 302
    assert Worksheet.objects.get().typed["subject"] == "TEST mine"


def test_a_draft_that_an_earlier_version_kept_is_opened_and_reviewed(as_staff):
    sheet = saved(as_staff, signers__0__member="", signers__0__bioguide="")
    for name in ("state", "party"):
        del sheet.typed["signers"][0][name]
    with factories.acting(factories.SETUP):
        sheet.save()
    assert as_staff.get(address(sheet)).status_code == 200
    assert as_staff.get(address(sheet, "review/")).status_code == 200


def test_two_drafts_are_compared_in_the_words_of_the_page(as_staff, manager):
    row = {
        "asks-0-kind": "sanction",
        "asks-0-responsible": "treasury",
        "signers-0-printed_name": "TEST",
        "our_role": "led",
    }
    sheet = saved(as_staff, **row)
    theirs = row | {
        "asks-0-kind": "entity_list",
        "asks-0-responsible": "commerce",
        "signers-0-lead": "on",
        "our_role": "co_led",
    }
    factories.client(manager).post(address(sheet), SHEET | theirs | {"version": sheet.version, "do": "save"})
    compared = words(as_staff.post(address(sheet), SHEET | row | {"version": sheet.version, "do": "save"}))
    for name, theirs, mine in (
        ("Ask 1: Kind of ask", "Entity List", "Sanction (SDN)"),
        ("Ask 1: put to", "responsible: Commerce", "responsible: Treasury"),
        ("Signer 1: led", "yes", "(empty)"),
        ("Our part", "co-led by us", "led by us"),
    ):
        assert re.search(
            rf"{name}: which [^:]+ As saved now {re.escape(theirs)} As you have it {re.escape(mine)}", compared
        )


def test_sending_what_somebody_changed_after_the_review_shows_it_first(as_staff, manager):
    sheet = saved(as_staff)
    factories.client(manager).post(
        address(sheet), SHEET | {"subject": "TEST theirs", "version": sheet.version, "do": "save"}
    )
    response = as_staff.post(address(sheet, "send/"), {"version": sheet.version})
    assert response.status_code == 409
    assert "manager changed this draft after you opened the review." in words(response)
    assert "TEST theirs" in words(response)
    assert Letter.objects.count() == 0


def test_who_is_signed_out_is_asked_to_sign_in_and_nothing_is_written(reference):
    for path in ("/letters/new/", "/letters/drafts/"):
        assert Client().get(path).headers["Location"] == f"/accounts/login/?next={path}"
    assert Client().post("/letters/new/", SHEET, headers={"X-Autosave": "1"}).status_code == 401
    assert Worksheet.objects.count() == 0


def test_a_viewer_sees_which_drafts_there_are_and_opens_none(as_staff, as_viewer):
    sheet = saved(as_staff)
    assert "TEST letter" in words(as_viewer.get("/letters/drafts/"))
    for path in ("/letters/new/", address(sheet), address(sheet, "review/")):
        refused = as_viewer.get(path)
        assert (refused.status_code, "may read letters but not log them" in words(refused)) == (403, True)
    for path in (
        "/letters/new/",
        address(sheet),
        address(sheet, "send/"),
        address(sheet, "give-up/"),
        address(sheet, "restore/"),
    ):
        assert as_viewer.post(path, SHEET).status_code == 403
    assert (Worksheet.objects.get().version, Letter.objects.count()) == (1, 0)


def test_a_restricted_sheet_is_for_its_owner_its_named_staff_and_managers(as_staff, manager):
    named, other = factories.user(username="TEST-named"), factories.user(username="TEST-other")
    sheet = saved(as_staff, access="restricted", staff="TEST-named")
    for user, sees in ((named, True), (manager, True), (other, False)):
        client = factories.client(user)
        assert ("TEST letter" in words(client.get("/letters/drafts/"))) is sees
        for path in (address(sheet), address(sheet, "review/")):
            assert client.get(path).status_code == (200 if sees else 404)
    for path in ("", "send/", "give-up/", "restore/"):
        assert factories.client(other).post(address(sheet, path), SHEET | {"version": 1}).status_code == 404
    # sent, the same people see the letter
    as_staff.post(address(sheet, "send/"), {"version": sheet.version})
    letter = Letter.objects.get()
    assert [user.username for user in letter.staff.order_by("username")] == ["TEST-named", "staff"]
    assert not Letter.objects.visible_to(other).exists()


def test_a_draft_given_up_comes_back_by_undo(as_staff):
    sheet = saved(as_staff)
    gone = as_staff.post(address(sheet, "give-up/"))
    assert "Undo: take it up again" in words(gone)
    drafts = words(as_staff.get("/letters/drafts/"))
    assert "No letter is being typed" in drafts
    assert re.search(r"Given up .*TEST letter \w+ \d+, \d{4} staff Take up again “TEST letter”", drafts)
    late = as_staff.post(address(sheet), SHEET | {"version": 1, "subject": "TEST later"}, headers={"X-Autosave": "1"})
    assert (late.status_code, "was given up" in late.json()["problem"]) == (422, True)
    assert "is back" in words(as_staff.post(address(sheet, "restore/"), follow=True))
    assert "TEST words" in as_staff.get(address(sheet)).content.decode()


def test_a_draft_is_given_up_from_its_page_with_what_was_typed_last(as_staff, manager):
    sheet = saved(as_staff)
    assert f'formaction="{address(sheet, "give-up/")}"' in as_staff.get(address(sheet)).content.decode()
    typed = SHEET | {"subject": "TEST typed last", "version": sheet.version}
    assert "“TEST typed last” is given up." in words(as_staff.post(address(sheet, "give-up/"), typed))
    as_staff.post(address(sheet, "restore/"))
    assert Worksheet.objects.get().typed["subject"] == "TEST typed last"
    # and not over what a colleague saved meanwhile
    assert as_staff.post(address(sheet, "give-up/"), typed | {"subject": "TEST other"}).status_code == 409
    assert Worksheet.objects.get().finished_at is None


def test_who_types_in_a_draft_that_is_given_up_takes_it_up_again_with_what_was_typed(as_staff, as_viewer, manager):
    sheet = saved(as_staff)
    assert factories.client(manager).post(address(sheet, "give-up/")).status_code == 200
    assert "Given up" not in words(as_viewer.get("/letters/drafts/"))
    typed = SHEET | {"version": sheet.version, "subject": "TEST typed on", "do": "save"}
    late = as_staff.post(address(sheet), typed)
    assert late.status_code == 422
    assert re.search(r"Not saved: This draft was given up on .* What you typed is still below", words(late))
    assert 'value="TEST typed on"' in late.content.decode()
    assert as_staff.post(address(sheet), typed | {"do": "take-up"}).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.finished_at, sheet.typed["subject"]) == (None, "TEST typed on")
    # what somebody saved before giving it up is compared first
    worksheets.give_up(sheet, by=manager)
    assert (
        f'name="version" value="{typed["version"]}"'
        in as_staff.post(address(sheet), typed | {"subject": "TEST older"}).content.decode()
    )
    assert as_staff.post(address(sheet), typed | {"do": "take-up", "subject": "TEST older"}).status_code == 409
    # and sent, the page leads to the letter
    sheet.refresh_from_db()
    as_staff.post(address(sheet, "send/"), {"version": sheet.version})
    late = as_staff.post(address(sheet), typed | {"subject": "TEST too late"})
    assert "What is missing in 2023-0001 is corrected there." in words(late)


def test_without_a_script_each_button_saves_everything_and_takes_its_step(as_staff):
    sheet = saved(as_staff)
    form = SHEET | {"version": sheet.version, "do": "ask", "subject": "TEST typed before the button"}
    assert as_staff.post(address(sheet), form).headers["Location"] == f"{address(sheet)}#id_asks-1-kind"
    sheet.refresh_from_db()
    assert (sheet.typed["subject"], len(sheet.typed["asks"])) == ("TEST typed before the button", 2)
    # a kind proposes whom to ask, the bureau, the law and the list
    form |= {"version": sheet.version, "do": "save", "asks-1-kind": "sanction"}
    as_staff.post(address(sheet), form)
    sheet.refresh_from_db()
    ask = sheet.typed["asks"][1]
    assert (ask["responsible"], ask["acting_id"], ask["requested_list"]) == (["treasury"], "ofac", "SDN List")
    for do, length in (("drop-ask:1", 1), ("drop-ask:7", 1), ("drop-ask:x", 1), ("nonsense:1", 1)):
        form = SHEET | {"version": sheet.version, "do": do, "asks-1-kind": "sanction"} if do == "drop-ask:1" else SHEET | {"version": sheet.version, "do": do}  # fmt: skip
        assert as_staff.post(address(sheet), form).status_code == 302
        sheet.refresh_from_db()
        assert (do, len(sheet.typed["asks"])) == (do, length)


def test_a_near_name_is_offered_before_a_new_one_is_made(as_staff, seed):
    response = as_staff.post("/letters/new/", SHEET | {"asks-0-target": "Hauwei Cloud", "do": "review"})
    assert response.status_code == 422
    assert "In our record: Huawei Cloud" in words(response)
    sheet = Worksheet.objects.get()
    as_staff.post(
        address(sheet),
        SHEET | {"asks-0-target": "Hauwei Cloud", "version": sheet.version, "do": "pick:0:0:Huawei Cloud"},
    )
    sheet.refresh_from_db()
    assert (sheet.typed["asks"][0]["target"], sheet.typed["asks"][0]["target_id"]) == (
        ["Huawei Cloud"],
        ["huawei-cloud"],
    )


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("/letters/drafts/", 5), ("sheet", 12)])
def test_pages_cost_the_same_however_much_is_on_them(as_staff, rows, path, queries):
    if path == "sheet":
        more = {f"signers__{n}__printed_name": f"TEST {n}" for n in range(1, rows)}
        more |= {f"addressees__{n}__agency": "State" for n in range(1, rows)}
        more |= {f"asks__{n}__quote": f"TEST Company {n}" for n in range(rows)}
        path = address(saved(as_staff, **more))
    else:
        for _ in range(rows):
            saved(as_staff)
    as_staff.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert as_staff.get(path).status_code == 200
    assert len(captured) == queries, "\n".join(query["sql"][:160] for query in captured)


def test_what_is_removed_can_be_put_back_without_a_script(as_staff):
    second = {"asks__1__kind": "other", "asks__1__quote": "TEST a long quote", "asks__1__responsible": "treasury"}
    sheet = saved(as_staff, **second)

    def press(do: str) -> str:
        """Every field as the page has it, and one button."""
        sheet.refresh_from_db()
        fields = {"do": do, "version": sheet.version}
        for name, value in sheet.typed.items():
            if isinstance(value, str):
                fields[name] = value
            elif name in ("signers", "addressees", "asks"):
                fields |= {f"{name}-{n}-{part}": words for n, row in enumerate(value) for part, words in row.items()}
        page = as_staff.post(address(sheet), fields, follow=True)
        sheet.refresh_from_db()
        return words(page)

    before = sheet.typed
    assert "Ask 1 is removed (“Brief us”). Put it back" in press("drop-ask:0")
    assert [row["quote"] for row in sheet.typed["asks"]] == ["TEST a long quote"]
    assert "Ask 1 is removed (“TEST a long quote”). Put it back" in press("drop-ask:0")
    press("put-back:asks")
    assert "is removed" not in press("put-back:asks")
    assert sheet.typed["asks"] == before["asks"]
    press("drop-signer:0")
    assert "Signer 1 is removed (“Bill Hagerty”)." in press("save")
    press("put-back:signers")
    press("drop-addressee:0")
    press("put-back:addressees")
    assert sheet.typed == before
    press("put-back:nothing")
    # not what a page of ours sends; kept with the draft, it must not be the end of its page
    for crafted in ('[{"row": 1}]', '[{"place": Infinity, "row": {}, "asked": []}]'):
        sheet.typed["removed_asks"] = crafted
        assert "is removed" not in press("put-back:asks")
    for step in ("drop-target:0", "pick:0", "pick:0:x"):
        press(step)
        assert sheet.typed["asks"] == before["asks"]


def test_an_ask_that_is_open_already_is_one_tick_at_the_review_and_then_counted_once(as_staff, reference):
    first = saved(as_staff)
    as_staff.post(address(first, "send/"), {"version": first.version})
    old = Tasking.objects.get()
    sheet = saved(as_staff, subject="TEST again", letter_date="6/1/2023")
    review = as_staff.get(address(sheet, "review/"))
    assert "Ask 1 repeats ask 1 of 2023-0001 (Treasury: Brief us, asked April 25, 2023)" in words(review)
    box = re.search(r'<input[^>]*name="repeats"[^>]*>', review.content.decode())[0]
    assert (f'value="{old.pk}"' in box, "checked" in box) == (True, False)  # a person ticks
    gone = as_staff.post(address(sheet, "send/"), {"version": sheet.version, "repeats": [str(sheet.pk)]})
    assert (gone.status_code, Letter.objects.count()) == (409, 1)
    assert "has changed since you opened the review" in words(gone)
    sent = as_staff.post(address(sheet, "send/"), {"version": sheet.version, "repeats": [str(old.pk)]}, follow=True)
    assert "Sent as 2023-0002. It repeats 1 open item of earlier letters." in words(sent)
    assert list(Tasking.objects.open()) == [old]
    assert [renewal.letter.reference for renewal in old.renewals.all()] == ["2023-0002"]
    # unticked, it is an item of its own
    other = saved(as_staff, subject="TEST once more", letter_date="6/2/2023")
    as_staff.post(address(other, "send/"), {"version": other.version})
    assert Tasking.objects.open().count() == 2


def test_what_only_a_restricted_letter_names_is_offered_to_nobody_else(as_staff, manager, staff):
    """Neither its topic among the ticks, nor its company by the exact name; the office files under it all the same."""
    company = factories.target("TEST Hidden Bank")
    with acting(factories.SETUP):
        topics = topics_named(["TEST whistleblower", "TEST banks"])
    hidden = factories.sent(topics=topics[:1], ask_facts={"targets": [company]})
    factories.sent(topics=topics[1:])
    sheet = saved(as_staff, **{"asks-0-target": "test hidden bank"})
    assert sheet.typed["asks"][0]["target_id"] == [company.slug]
    factories.restrict(hidden)
    sheet = saved(as_staff, **{"asks-0-target": "test hidden bank"})
    assert sheet.typed["asks"][0]["target_id"] == [""]
    page = as_staff.get("/letters/new/").content.decode()
    assert ("TEST banks" in page, "TEST whistleblower" in page) == (True, False)
    assert "TEST whistleblower" in factories.client(manager).get("/letters/new/").content.decode()
    parent = PlannedTarget("", name="TEST new", kind="company", parent="TEST Hidden Bank")
    assert list(refused(known_target, by=staff, planned=parent)) == ["parent"]
    assert known_target(by=manager, planned=parent).parent == company
    with acting(factories.SETUP):
        assert topics_named(["test WHISTLEBLOWER"]) == topics[:1]


def test_a_signer_who_was_removed_stays_so_when_more_are_read(as_staff):
    block = "Bill Hagerty\nTEST Nobody\nFor TEST, Inc. (at home)"
    sheet = saved(
        as_staff,
        signers__0__printed_name=None,
        signers__0__member=None,
        signers__0__bioguide=None,
        signers__0__confirmed=None,
    )

    def press(do: str, **more: str) -> list[str]:
        sheet.refresh_from_db()
        rows = {
            f"signers-{n}-{part}": words for n, row in enumerate(sheet.typed["signers"]) for part, words in row.items()
        }
        kept = {
            "removed_signers": sheet.typed["removed_signers"],
            "signers_block": sheet.typed["signers_block"] or block,
        }
        fields = {name: value for name, value in SHEET.items() if not name.startswith("signers-")}
        answer = as_staff.post(address(sheet), fields | rows | kept | more | {"do": do, "version": sheet.version})
        assert answer.status_code == 302
        sheet.refresh_from_db()
        return [row["printed_name"] for row in sheet.typed["signers"]]

    first, second, third = press("names")
    assert (first, second) == ("Bill Hagerty", "TEST Nobody")
    # one is corrected in the moment it is removed: what was read of it is gone, too
    assert press("drop-signer:2", **{"signers-2-printed_name": "TEST People"}) == [first, second]
    assert "still in the block" not in words(as_staff.get(address(sheet)))  # the page names the last that was removed
    assert press("drop-signer:1") == [first]
    assert press("names") == [first]
    assert press("take-signers", selected="Marsha Blackburn") == [first, "Marsha Blackburn"]
    assert press("take-signers", selected="PreTEST Nobody") == [first, "Marsha Blackburn", "PreTEST Nobody"]
    assert press("drop-signer:2") == [first, "Marsha Blackburn"]
    told = "Removed, and still in the block: TEST People, TEST Nobody and PreTEST Nobody. Read them too"
    assert told in words(as_staff.get(address(sheet)))
    # who marks the name itself means it
    assert press("take-signers", selected="TEST Nobody") == [first, second, "Marsha Blackburn"]
    assert third == "For TEST, Inc. (at home)"
