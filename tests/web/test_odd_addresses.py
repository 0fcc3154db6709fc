"""Addresses that somebody forged or a mail program broke: refused with a page, never a failure of ours."""

import base64
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter

from letters.domain import sending
from letters.domain.history import acting
from letters.enums import Access
from letters.models import Agency, Answer, Tasking
from tests import factories
from tests.factories import forged
from tests.web.looked import looked
from tests.web.test_pages import words

KEY = "00000000-0000-4000-8000-000000000000"


CURSORS = [
    "%00",
    "x",
    "é",
    base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    forged("agency__short_name", "due_on", False, None, "2023-05-24", KEY),  # a group, but no value of it
    forged("agency__short_name", "due_on", False, "\ud800", None, KEY),
    forged("agency__short_name", "due_on", False, "Treasury", "\ud800", KEY),
    forged("agency__short_name", "due_on", False, "Treasury", "99999-01-01", KEY),
    forged("agency__short_name", "due_on", False, 7, None, KEY),
    forged("", "sent_on", True, None, "\ud800", KEY),
    forged("", "sent_on", True, None, "\x00", KEY),
    forged("", "sent_on", True, None, None, 7),
]
# Refused before any page looks at them, whatever the name: tried with every page, not with every name.
UNREADABLE = ["%00", "%FF%FE", "%ED%A0%80"]
VALUES = ["x" * 5000, "-1", "NaN", "%27%22%3B--", "1e999", "0000-00-00"]
NAMES = [
    "q", "state", "agency", "acting", "kind", "status", "owner", "signatory", "target", "letter", "late", "age", "due_basis", "deadline",
    "due_after", "due_before", "running", "role", "unread", "untouched", "group", "next", "to", "nonsense",
    "page", "about", "which", "who", "show",
]  # fmt: skip


@pytest.fixture
def pages(seed) -> list[str]:
    """One address of every page there is."""
    tasking = Tasking.objects.get(ask__number=4, agency__slug="treasury")
    factories.reply(tasking, coverage=None)
    known = {
        "reference": "2023-0001",
        "slug": "treasury",
        "bioguide": "H000601",
        "pk": tasking.pk,
        "answer_pk": Answer.objects.get(tasking=tasking).pk,
    }
    routes = get_resolver("letters.web.urls").url_patterns
    return [address(one, known) for one in routes] + ["/targets/huawei-cloud/"]


def address(route, known: dict) -> str:
    """With what is known of it; a row of another kind is one that is not there, which is an address too."""
    kinds = route.pattern.converters
    filled = {
        n: KEY if isinstance(c, UUIDConverter) else 0 if isinstance(c, IntConverter) else "csv"
        for n, c in kinds.items()
    }
    return reverse(route.name, kwargs=filled | {n: known[n] for n in filled if n in known and filled[n] != 0})


@pytest.fixture
def browser(manager) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(manager)
    return client


def failed(browser: Client, addresses: list[str]) -> list[str]:
    return [address[:120] for address in addresses if browser.get(address).status_code >= 500]


@pytest.fixture
def looks(settings) -> Callable[[str], set[str]]:
    """Which of the names this page, the last one, looked at. Each has a search box, which gives back `q`: that is no look of
    its own, but where an answer is no page."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.web.looked.LooksMiddleware"]
    return lambda page: {name for name in NAMES if looked[name] > (name == "q" and not page.startswith("/suggest/"))}


def test_no_page_fails_of_an_odd_value(looks, pages, browser):
    """One that looks at none of the names is the same with every value. What cannot be read is refused before any page
    begins, by the same words: each page is asked with one such value, in turn."""
    wrong, looking = [], 0
    for number, page in enumerate(pages):
        for value in (UNREADABLE[number % 3], *VALUES):
            wrong += failed(browser, [f"{page}?{'&'.join(f'{name}={value}' for name in NAMES)}"])
            if value in VALUES and not looks(page):
                break
        looking += bool(looks(page))
    assert wrong == []
    assert looking >= 25  # a spy that sees nothing would leave out everything


@pytest.mark.parametrize("page", ["queue", "letters", "search", "legislators", "agencies", "targets"])
def test_no_list_fails_of_one_odd_value(looks, seed, browser, page):
    """The queue, which takes the most of them, with every value of each that it looks at, alone or with the others;
    another list with half of the values, in turn."""
    path, wrong, known = reverse(page), [], set()
    for query in ("", "?" + "&".join(f"{name}=x" for name in NAMES)):
        wrong += failed(browser, [path + query])
        known |= looks(path)
    assert known
    odd = [(name, VALUES if page == "queue" else VALUES[number % 2 :: 2]) for number, name in enumerate(NAMES)]
    wrong += failed(browser, [f"{path}?{name}={value}" for name, values in odd if name in known for value in values])
    assert wrong == []


def test_no_list_fails_of_a_forged_cursor(pages, browser):
    """Each on the lists whose orders they are made for, and on the one that reads its cursors by itself; a third of
    them, in turn, on every other list: there one place reads them for all."""
    lists = ("/", "/?group=ask", "/letters/", "/?group=none", "/legislators/", "/legislators/H000601/",
             "/agencies/treasury/", "/targets/", "/targets/huawei-cloud/")  # fmt: skip
    addresses = [
        f"{path}{'&' if '?' in path else '?'}cursor={cursor}"
        for number, path in enumerate(lists)
        for cursor in (CURSORS if number < 3 else CURSORS[number % 3 :: 3])
    ]
    assert failed(browser, addresses) == []


@pytest.mark.parametrize(
    "path",
    ["/letters/%00/", "/letters/2023-0001%00/notes/", "/letters/%ED%A0%80/", "/%00", "/items/%00/", "/admin/%00/"],
)
def test_no_path_fails(seed, browser, path):
    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code in (404, 405)


def test_a_forged_cursor_is_named_and_the_first_page_shown(seed, browser):
    shown = browser.get(f"/?cursor={CURSORS[4]}")
    assert (shown.status_code, shown.content.decode().count("data-row")) == (200, 7)
    assert "is not a cursor of this list in this order" in words(shown)


@pytest.mark.parametrize("path", ["/", "/letters/", "/dashboard/", "/admin/letters/letter/", "/accounts/login/"])
def test_a_nul_in_the_query_is_a_bad_request(seed, browser, path):
    for query in ("q=%00", "%00=1", "q=a%00b"):
        response = browser.get(f"{path}?{query}")
        assert response.status_code == 400
        assert "The server did not understand this request" in words(response)
        name = "�" if query.startswith("%00") else "q"
        assert f"“{name}” in the address holds a NUL character (%00). Remove it." in words(response)


@pytest.mark.parametrize("path", ["/", "/letters/", "/suggest/agencies/", "/admin/letters/letter/", "/accounts/login/"])
@pytest.mark.parametrize("query", ["q=%FF%FE", "q=ok&q=%ED%A0%80", "state=%E9&q=a%FF"])
def test_bytes_that_are_no_text_are_refused_by_name(seed, browser, path, query):
    response = browser.get(f"{path}?{query}")
    assert response.status_code == 400
    assert "“q” in the address has characters that are not UTF-8 text. Type them again" in words(response)


@pytest.mark.parametrize(
    ("value", "sentence"), [("%FF", "has characters that are not UTF-8 text"), ("%00", "holds a NUL character")]
)
def test_a_form_that_is_not_ours_is_refused_by_name(seed, value, sentence):
    response = Client().post("/accounts/login/", f"login=a{value}&password=b", "application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert f"“login” in the form {sentence}" in words(response)


def test_too_many_words_are_refused_and_not_cut(seed, browser):
    response = browser.get("/letters/?q=" + "Alibaba%20" * 30)
    assert response.status_code == 400
    assert "cannot be searched for. Use 1 to 200 characters, none of them NUL." in words(response)
    assert response.content.decode().count("data-row") == 0
    assert browser.get("/?q=" + "Alibaba%20" * 30).status_code == 400


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("agency=nope", "Agency: “nope” is not known. Choose one from the list, or leave it out."),
        ("signatory=nope", "Signatory: “nope” is not known. Choose one from the list, or leave it out."),
        ("status=nope", "Status: “nope” is not known. Choose one from the list, or leave it out."),
        ("due=nope", "Due: “nope” is not known. Choose one from the list, or leave it out."),
        ("due_after=foo", "Due on or after: “foo” is not a date. Write it as YYYY-MM-DD, for example 2023-05-24."),
        ("owner=zzz", "Owner: “zzz” is not known. Use the user name of an account, or “nobody”."),
        (
            "owner=" + "z" * 200,
            f"Owner: “{'z' * 80}…” cannot be searched for. Use 1 to 150 characters, none of them NUL.",
        ),
    ],
)
def test_a_wrong_filter_is_named_with_its_value_and_the_way_out(seed, browser, query, sentence):
    for address in (f"/?{query}", f"/?{query}&filters=1", f"/queue.csv?{query}"):
        response = browser.get(address)
        assert response.status_code == 400
        assert sentence in words(response)


def test_a_target_of_a_letter_one_may_not_see_answers_as_one_that_is_not_there(seed, viewer):
    hidden = factories.sent(ask_facts={"targets": [factories.target("TEST Quagga Co")]})
    sending.change_access(hidden, by=factories.SETUP, access=Access.RESTRICTED)
    client = Client()
    client.force_login(viewer)
    there, not_there = (client.get(f"/?target={slug}") for slug in ("test-quagga-co", "test-quaggo-co"))
    assert there.status_code == not_there.status_code
    assert words(there).replace("quagga", "quaggo") == words(not_there)


def test_an_agency_of_a_letter_one_may_not_see_answers_as_one_that_is_not_there(seed, viewer):
    with acting(factories.SETUP):
        for number, slug in enumerate(["test-quagga", "test-quoll"]):
            Agency.objects.create(slug=slug, name=f"TEST Quagga {number}", short_name=f"TEST {number}", kind="company")
    hidden = factories.sent(agencies=["test-quagga"])
    sending.change_access(hidden, by=factories.SETUP, access=Access.RESTRICTED)
    client = Client()
    client.force_login(viewer)
    for name in ("agency", "acting"):
        there, not_there = (client.get(f"/?{name}={slug}") for slug in ("test-quagga", "test-quaggo"))
        assert there.status_code == not_there.status_code == 400
        assert words(there).replace("quagga", "quaggo") == words(not_there)
        assert client.get(f"/?{name}=test-quoll").status_code == 200  # no letter names it: no secret
    assert client.get("/agencies/test-quagga/").status_code == 404
    assert "TEST Quagga 0" not in words(client.get("/agencies/?show=all"))


def test_no_number_is_too_long_or_too_odd(seed, browser):
    many = "9" * 5000  # Python reads no number of more than 4,300 digits
    assert browser.get("/search/", {"q": "cloud", "kind": "asks", "page": many}).status_code == 200
    sheet = browser.post("/letters/new/", {"subject": "TEST", "our_role": "led"}).headers["Location"]
    for version in (many, "²"):
        assert browser.post(sheet.removesuffix("review/"), {"subject": "TEST", "version": version}).status_code < 500
    assert browser.post(sheet.removesuffix("review/"), {"subject": "TEST", "do": "drop-ask:²"}).status_code < 500
