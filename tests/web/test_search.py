"""The one box: everything a person may see, nothing they may not, and calm about whatever is typed."""

import re

import pytest
from django.test import Client

from letters.domain import items, retractions
from letters.domain import search as searching
from letters.domain.history import acting
from letters.models import Addressee, Letter, LetterStaff, Question, Response, Tasking
from tests import factories, kept
from tests.web.test_pages import data_total, words


@pytest.fixture(scope="module")
def _kept_quoll(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        kept.make("quoll", make_quoll)


@pytest.fixture
def quoll(_kept_quoll, reference) -> Letter:
    """A letter with a word of its own in every place that is searched; and another without."""
    kept.put_back("quoll")
    return Letter.objects.get(subject="TEST quollsubject")


def make_quoll() -> None:
    factories.sent()
    letter = factories.sent(
        subject="TEST quollsubject", text="TEST quolltext <script>alert(1)</script> & 3 < 4 \"more\"", signers=["TEST Quollsigner"],
        ask_facts={"summary": "TEST quollsummary", "quote": "TEST quollquote", "targets": [factories.target("TEST Quolltarget Co")]},
    )  # fmt: skip
    tasking = Tasking.objects.get(ask__letter=letter)
    reply = factories.reply(tasking, text="TEST quollreply", control_number="TEST-R-7")
    with acting(factories.SETUP):
        reply.answers.update(quote="TEST quollanswer")
        Question.objects.create(ask=tasking.ask, number=1, text="TEST quollquestion?")
        Addressee.objects.filter(letter=letter).update(control_number="TEST-L-7")
    items.add_note(by=factories.SETUP, letter=letter, text="TEST quollnote")


PLACES = {
    "quollsubject": "letters", "quolltext": "letters", "quollsummary": "asks", "quollquote": "asks", "quollquestion": "questions",
    "quollreply": "replies", "quollanswer": "answers", "quollnote": "notes", "Quollsigner": "signers", "quolltarget": "targets",
    "TEST-L-7": "numbers", "TEST-R-7": "numbers", "test-l-7": "numbers",
}  # fmt: skip


def kinds(response) -> dict[str, int]:
    """What the chips say: each kind with its count."""
    found = re.findall(r'href="\?[^"]*kind=(\w+)[^"]*" data-count="(\d+)"', response.content.decode())
    return {kind: int(number) for kind, number in found}


def test_each_place_is_searched(as_viewer, quoll):
    found = {word: kinds(as_viewer.get("/search/", {"q": word})) for word in PLACES}
    assert found == {word: {place: 1} for word, place in PLACES.items()}


def test_a_restricted_letter_is_in_no_hit_and_no_count(as_staff, quoll, manager):
    factories.restrict(quoll)
    nothing, as_manager = as_staff.get("/search/", {"q": "quaggaword"}), factories.client(manager)
    wrong = []
    for word, place in PLACES.items():
        response = as_staff.get("/search/", {"q": word})
        if (kinds(response), data_total(response)) != ({}, 0) or 'id="near"' in response.content.decode():
            wrong.append((word, "is found"))
        # numbers and signers have other characters to explain
        if place not in ("numbers", "signers") and words(response).replace(word, "quaggaword") != words(nothing):
            wrong.append((word, "is told from a word that is nowhere"))
        if kinds(as_manager.get("/search/", {"q": word})) != {place: 1}:
            wrong.append((word, "is not found by a manager"))
    assert wrong == []


def test_named_staff_find_what_is_theirs(as_staff, staff, quoll):
    factories.restrict(quoll)
    with acting(factories.SETUP):
        LetterStaff.objects.create(letter=quoll, user=staff)
    assert kinds(as_staff.get("/search/?q=quollsubject")) == {"letters": 1}


def test_drafts_and_replies_entered_in_error_are_not_found(as_staff, quoll):
    factories.draft(subject="TEST quollsubject of a draft")
    assert kinds(as_staff.get("/search/?q=quollsubject")) == {"letters": 1}
    with acting(factories.SETUP):
        Response.objects.update(in_error_at="2023-06-01T12:00:00Z", in_error_reason="TEST")
    assert kinds(as_staff.get("/search/?q=quollreply")) == kinds(as_staff.get("/search/?q=TEST-R-7")) == {}


def test_our_reference_stands_first(as_staff, seed):
    page = as_staff.get("/search/?q=2023-0001").content.decode()
    first = re.search(r'<a class="hit__title" href="([^"]+)"', page)
    assert first[1] == "/letters/2023-0001/"
    assert page.index("Exact numbers") < page.index("hit__title")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ('"cloud computing services"', True),
        ('"services computing cloud"', False),
        ("sancti*", True),
        ("sancti", True),  # the last word may be unfinished
        ("authoriti", True),  # also where the index keeps less of it than was typed
        ("sancti huawei", False),  # another may not
        ("sancti* huawei", True),
        ("huawei -tencent", False),
        ("huawei -quagga", True),
        ("quagga or huawei", True),
        ("SANCTIONS", True),
    ],
)
def test_phrases_beginnings_and_words_left_out(as_staff, seed, typed, found):
    assert ("letters" in kinds(as_staff.get("/search/", {"q": typed}))) is found


def test_what_was_found_is_marked_and_html_in_a_letter_is_text(as_staff, quoll):
    page = as_staff.get("/search/?q=quolltext").content.decode()
    assert "<mark>quolltext</mark>" in page
    assert "&amp; 3 &lt; 4" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Haggerty", "Bill Hagerty"),
        ("tresury", "Department of the Treasury"),
        ("hauwei", "Huawei"),
        ("Hauwei 5G", "Huawei"),
    ],
)
def test_a_misspelled_name_is_offered(as_staff, seed, typed, label):
    page = words(as_staff.get(f"/search/?q={typed}"))
    assert re.search(rf"[Dd]id you mean (.*, )?{label}", page)


@pytest.mark.parametrize("typed", ["2023-0009", "TREASU-7"])
def test_a_number_is_not_taken_for_a_misspelled_name(as_staff, seed, typed):
    page = words(as_staff.get("/search/", {"q": typed}))
    assert ("0 hits" in page, "id you mean" in page) == (True, False)


@pytest.mark.parametrize("typed", ["sanctions", "export", "cloud computing"])
def test_words_that_were_found_are_not_taken_for_misspelled_names(as_staff, seed, typed):
    page = words(as_staff.get("/search/", {"q": typed}))
    assert "id you mean" not in page
    assert "Letters" in page


def test_a_misspelled_official_is_offered_with_the_post_and_leads_to_the_agency(as_staff, seed):
    body = as_staff.get("/search/?q=Yelen").content.decode()
    (near,) = re.findall(r'<p class="search-near" id="near">(.*?)</p>', body)
    assert re.findall(r'href="([^"]*)">([^<]*)</a> <span class="soft">\(([^)]*)', near)[0] == (
        "/agencies/treasury/#officials",
        "Janet Yellen",
        "Secretary of the Treasury, Treasury",
    )


@pytest.mark.parametrize(
    ("typed", "group", "first"),
    [
        ("state", "agencies", "Department of State"),
        ("yellen", "officials", "Janet Yellen"),
        ("hagerty", "legislators", "Bill Hagerty"),
        ("huawei", "targets", "Huawei"),
    ],
)
def test_what_is_named_so_comes_before_all_that_mentions_it(as_staff, seed, typed, group, first):
    body = as_staff.get(f"/search/?q={typed}").content.decode()
    (code, title), *_ = re.findall(r'id="hits-(\w+)".*?data-open>([^<]*)</a>', body, re.S)
    assert (code, title) == (group, first)


def test_united_states_is_no_name_of_an_agency(as_staff, seed):
    names = re.findall(r"data-open>([^<]*)</a>", as_staff.get("/search/?q=state&kind=agencies").content.decode())
    assert names[0] == "Department of State"
    assert "Postal Service" not in names
    typed_out = as_staff.get("/search/?q=united+states+postal").content.decode()
    assert re.findall(r"data-open>([^<]*)</a>", typed_out) == ["Postal Service"]


def test_every_count_is_the_total_of_its_list(as_staff, seed):
    for number in range(30):
        factories.sent(subject=f"TEST cloud {number}")
    page = as_staff.get("/search/?q=cloud")
    found = kinds(page)
    assert found["letters"] == 31
    assert data_total(page) == sum(found.values())
    for kind, number in found.items():
        listed, address = 0, f"/search/?q=cloud&kind={kind}"
        while address:
            shown = as_staff.get(address)
            assert data_total(shown) == number
            listed += shown.content.decode().count("data-row")
            following = re.search(r'href="(\?[^"]+)" rel="next"', shown.content.decode())
            address = "/search/" + following[1].replace("&amp;", "&") if following else ""
        assert (kind, listed) == (kind, number)


def test_the_better_letter_stands_first(as_staff, reference):
    factories.sent(subject="TEST one", text="TEST a quagga somewhere in it")
    factories.sent(subject="TEST quagga", text="TEST")
    titles = re.findall(r"hit__title[^>]*>(.*?)</a>", as_staff.get("/search/?q=quagga").content.decode())
    assert titles == ["TEST <mark>quagga</mark>", "TEST one"]


def test_nothing_found_says_why_and_what_to_try(as_staff, seed):
    page = as_staff.get("/search/", {"q": '"zebra huawei"'})
    assert "Nothing in what you may see has all of the words" in words(page)
    assert "Search without the quotation marks" in words(page)
    assert "Searched: the words of letters" in words(page)
    elsewhere = words(as_staff.get("/search/?q=huawei&kind=notes"))
    assert "4 in other kinds" in elsewhere


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "?!",
        "''",
        '"',
        '""',
        "\\",
        "&|!():*",
        "-",
        "*",
        "a:*b",
        "<->",
        "%",
        "😀",
        "or",
        "or or",
        "-or",
        "the",
        "x" * 200,
        "a b " * 50,
        "'; drop table",
        "2023-",
        "\ue000\ue001",
    ],
)
def test_odd_words_get_a_page(as_staff, seed, typed):
    assert as_staff.get("/search/", {"q": typed}).status_code == 200


def test_punctuation_alone_is_said_to_be_no_word(as_staff, seed):
    assert "“?!” has no letter or digit to search for." in words(as_staff.get("/search/?q=%3F!"))


def test_too_many_words_are_refused_and_a_nul_is_a_bad_request(as_staff, seed):
    page = as_staff.get("/search/", {"q": "x" * 5000})
    assert (page.status_code, data_total(page)) == (400, 0)
    assert "at most 200 characters can be searched for (there are 5,000)" in words(page)
    assert as_staff.get("/search/?q=a%00b").status_code == 400


def test_an_unknown_kind_is_named_and_all_are_shown(as_staff, seed):
    page = as_staff.get("/search/?q=huawei&kind=zebra")
    assert "Kind: “zebra” is none of those below." in words(page)
    assert data_total(page) == 4


def test_a_reply_also_about_a_hidden_letter_tells_its_words_only_to_who_may_see_both(as_staff, manager, reference):
    open_one, hidden = factories.item(), factories.item(subject="TEST quaggahidden")
    reply = factories.reply(open_one, text="TEST quaggareply")
    with acting(factories.SETUP):
        reply.answers.update(quote="TEST quaggaquote")
        reply.answers.create(tasking=hidden, quote="TEST quaggasecret")
    factories.restrict(hidden.ask.letter)
    for word in (
        "quaggareply",
        "quaggasecret",
        "quaggahidden",
    ):  # a hit without an excerpt would still tell that it is there
        page = as_staff.get(f"/search/?q={word}")
        assert (word, kinds(page), data_total(page)) == (word, {}, 0)
    assert kinds(as_staff.get("/search/?q=quaggaquote")) == {"answers": 1}  # what it says about the item they see
    named = Client()
    named.force_login(manager)
    with acting(factories.SETUP):
        LetterStaff.objects.create(letter=hidden.ask.letter, user=manager)
    assert kinds(named.get("/search/?q=quaggareply")) == {"replies": 1}


def test_why_a_reply_was_wrong_is_told_only_to_who_may_see_all_it_was_about(as_staff, staff, reference):
    open_one, hidden = factories.item(), factories.item(subject="TEST hidden")
    reply = factories.reply(open_one)
    with acting(factories.SETUP):
        reply.answers.create(tasking=hidden)
    retractions.retract_response(reply, by=factories.SETUP, reason="TEST quaggareason")
    pages = (f"/replies/{reply.pk}/", f"/items/{open_one.pk}/", f"/letters/{open_one.ask.letter.reference}/")
    told = [words(as_staff.get(page)).count("quaggareason") for page in pages]
    assert told == [1, 2, 1]
    factories.restrict(hidden.ask.letter)
    assert [words(as_staff.get(page)).count("quaggareason") for page in pages] == [0, 0, 0]
    assert "entered in error" in words(as_staff.get(pages[1])).lower()


def test_where_more_are_named_so_than_are_counted_it_says_so(as_staff, reference, monkeypatch):
    for number in range(3):
        factories.target(f"TEST Quoll {number}")
    assert "3 hits for “quoll”" in words(as_staff.get("/search/", {"q": "quoll"}))
    monkeypatch.setattr(searching, "MAX_NAMES", 2)
    page = words(as_staff.get("/search/", {"q": "quoll"}))
    assert "2 or more hits for “quoll”" in page
    assert "Companies, people and programs 2 or more" in page
    listed = words(as_staff.get("/search/", {"q": "quoll", "kind": "targets"}))
    assert "1 to 2 of 2 or more" in listed
    assert "For the others, add a word." in listed
