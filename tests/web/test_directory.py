"""Pages of legislators, agencies and companies: what stands there is what the person may see, counted as listed."""

import datetime as dt
import re

import pytest
from django.test import Client

from letters.domain import drafting, items, sending
from letters.domain.history import acting
from letters.enums import Match
from letters.models import Agency, Letter, Official, Signature, Target, TargetAlias, Tasking
from tests import factories
from tests.web.test_pages import data_total, words


def signed(*bioguides: str, led: str = "", **how) -> Letter:
    """A sent letter with these members' confirmed signatures."""
    letter = factories.draft(signers=(), **how)
    for bioguide in bioguides:
        drafting.sign(
            letter, by=factories.SETUP, printed_name=f"TEST {bioguide}", bioguide=bioguide, is_lead=bioguide == led
        )
    factories.ask(letter, "treasury")
    return sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)


def follow_counts(client: Client, path: str) -> int:
    """Every number with a list behind it is the total of that list; how many there were."""
    links = re.findall(r'href="([^"]+)"(?: class="[^"]*")? data-count="(\d+)"', client.get(path).content.decode())
    for address, number in links:
        address = address.replace("&amp;", "&")
        address = path.partition("?")[0] + address if address.startswith("?") else address
        assert (address, data_total(client.get(address))) == (address, int(number))
    return len(links)


# --- legislators


def test_a_legislator_s_letters_terms_and_open_items(as_viewer, seed):
    page = as_viewer.get("/legislators/H000601/")
    assert data_total(page) == 1
    text = words(page)
    assert "Bill Hagerty" in text
    assert "Republican, TN, Senate" in text
    assert "7 open items from letters signed: 7 led, none co-signed." in text
    assert "Signed 1 Led 1 Not confirmed 0" in text
    assert "Huawei Cloud and other PRC cloud computing services 2023-0001" in text
    assert follow_counts(as_viewer, "/legislators/H000601/") == 3


def test_led_and_not_confirmed_are_lists_of_their_own(as_viewer, reference):
    signed("H000601", "C001098", led="H000601")
    signed("H000601", "C001098", led="C001098")
    other = signed("H000601")
    with acting(factories.SETUP):
        Signature.objects.filter(letter=other).update(match=Match.PROPOSED)
    for query, total in (("", 2), ("?which=led", 1), ("?which=proposed", 1), ("?which=nonsense", 2)):
        assert (query, data_total(as_viewer.get(f"/legislators/H000601/{query}"))) == (query, total)
    assert "2 open items" in words(as_viewer.get("/legislators/H000601/"))


def test_legislators_are_found_by_name_and_state(as_viewer, seed):
    listed = as_viewer.get("/legislators/")
    assert data_total(listed) == 9
    assert follow_counts(as_viewer, "/legislators/") > 0
    assert data_total(as_viewer.get("/legislators/?q=hagerty")) == 1
    assert data_total(as_viewer.get("/legislators/?state=TN&q=bla")) == 1
    assert data_total(as_viewer.get("/legislators/?who=all")) == 630
    assert "Nobody fits" in words(as_viewer.get("/legislators/?q=zebra"))
    assert as_viewer.get("/legislators/X999999/").status_code == 404


def test_a_restricted_letter_is_on_no_legislator_s_page(as_staff, reference):
    factories.restrict(signed("H000601", led="H000601"))
    page = words(as_staff.get("/legislators/H000601/"))
    assert "Signed 0 Led 0 Not confirmed 0" in page
    assert "Nothing is open from letters signed." in page
    assert data_total(as_staff.get("/legislators/")) == 0


# --- agencies


def test_the_tree_shows_bureaus_under_their_departments_with_counts(as_viewer, seed):
    text = words(as_viewer.get("/agencies/"))
    assert re.search(r"Department of Commerce Commerce 3 0 0 Bureau of Industry and Security BIS 0 2 0", text)
    assert re.search(r"Department of the Treasury Treasury 3 0 0 Office of Foreign Assets Control OFAC 0 2 0", text)
    assert follow_counts(as_viewer, "/agencies/") == 5
    assert data_total(as_viewer.get("/agencies/?q=war")) > 0
    assert "Department of Defense" in words(as_viewer.get("/agencies/?q=Department+of+War"))


def test_an_agency_s_page_says_what_is_open_who_replied_and_whom_we_called(as_viewer, seed, staff):
    treasury = Agency.objects.get(slug="treasury")
    tasking = Tasking.objects.get(ask__number=1)
    for day in (2, 3):
        items.log_contact(
            by=staff,
            agency=treasury,
            taskings=[tasking],
            channel="call",
            on=dt.date(2023, 11, day),
            outcome="TEST no answer",
        )
    factories.reply(tasking, kind="acknowledgement", coverage=None)
    with acting(factories.SETUP):
        Official.objects.create(
            agency=treasury,
            name="TEST Pat Quoll",
            title="Secretary",
            start=dt.date(2021, 1, 26),
            end=dt.date(2025, 1, 20),
        )
    page = as_viewer.get("/agencies/treasury/")
    text = words(page)
    assert data_total(page) == page.content.decode().count("data-row") == 3
    assert "chased 2 times, last November 3, 2023" in text
    assert "TEST Pat Quoll, Secretary (from January 26, 2021 to January 20, 2025)" in text
    assert "Replies 1 Acknowledgment of receipt by letter, received May 2, 2023" in text
    assert (
        "21 business days, the goal State set itself for congressional mail: to answer, or at least to send an interim acknowledgment (GAO-14-424)"
        in text
    )
    assert "OFAC : 2 open items" in text
    assert "Letters addressed to it 1 2023-0001" in text
    assert follow_counts(as_viewer, "/agencies/treasury/") == 2
    assert follow_counts(as_viewer, "/agencies/ofac/") == 1


def test_a_restricted_letter_is_on_no_agency_s_page(as_staff, staff, reference):
    tasking = factories.item()
    items.log_contact(
        by=factories.SETUP,
        agency=tasking.agency,
        taskings=[tasking],
        channel="call",
        on=dt.date(2023, 11, 3),
        outcome="TEST quagga",
    )
    factories.reply(tasking)
    factories.restrict(tasking.ask.letter)
    text = words(as_staff.get("/agencies/treasury/"))
    assert "Nothing is open. Reply record" in text
    assert "quagga" not in text
    assert "chased" not in text
    assert "Replies 0" in text
    assert "Letters addressed to it 0" in text
    assert "Nothing is open with any agency" in words(as_staff.get("/agencies/"))


def test_of_a_call_that_was_about_a_restricted_letter_too_an_agency_s_page_has_neither_words_nor_name(
    as_staff, manager, reference
):
    seen = factories.item()
    hidden = factories.item(access="restricted", staff=[manager])
    items.log_contact(
        by=manager, agency=seen.agency, taskings=[seen, hidden], channel="call", on=dt.date(2023, 11, 3), with_whom="TEST quagga",
        outcome="TEST quagga", next_on=dt.date(2023, 12, 24),
    )  # fmt: skip
    text = words(as_staff.get("/agencies/treasury/"))
    assert ("Our contacts 1 November 3, 2023" in text, "quagga" in text, "December 24" in text) == (True, False, False)
    text = words(factories.client(manager).get("/agencies/treasury/"))
    assert (text.count("quagga"), "next December 24, 2023" in text) == (2, True)


# --- companies, people and programs


def family() -> tuple[Target, Target, Target]:
    """A parent, and two that belong to it."""
    parent, one, two = (factories.target(f"TEST Quoll {name}") for name in ("Group", "Cloud", "Chips"))
    with acting(factories.SETUP):
        Target.objects.filter(pk__in=[one.pk, two.pk]).update(parent=parent)
        TargetAlias.objects.create(target=one, name="TEST Quagga Net")
    return parent, one, two


def test_every_ask_about_a_company_its_parent_and_its_siblings(as_viewer, reference):
    parent, one, two = family()
    for about in ([one], [one, two], [parent], [two]):
        factories.sent(ask_facts={"targets": about})
    for query, total in (
        ("", 4),
        ("?about=self", 2),
        ("?about=parent", 1),
        ("?about=siblings", 2),
        ("?about=nonsense", 4),
    ):
        assert (query, data_total(as_viewer.get(f"/targets/test-quoll-cloud/{query}"))) == (query, total)
    text = words(as_viewer.get("/targets/test-quoll-cloud/"))
    assert "part of TEST Quoll Group, also known as TEST Quagga Net. 2 open items about it." in text
    assert "All of these 4 TEST Quoll Cloud 2 Its parent, TEST Quoll Group 1 Of the same parent 2" in text
    assert data_total(as_viewer.get("/targets/test-quoll-group/?about=children")) == 3
    assert follow_counts(as_viewer, "/targets/test-quoll-cloud/") == 1


def test_companies_are_listed_with_counts_and_found_by_alias(as_viewer, reference):
    _, one, _ = family()
    factories.sent(ask_facts={"targets": [one]})
    assert data_total(as_viewer.get("/targets/")) == 3
    assert data_total(as_viewer.get("/targets/?q=quagga")) == 1
    assert data_total(as_viewer.get("/targets/?kind=person")) == 0
    assert follow_counts(as_viewer, "/targets/") == 2


def test_a_company_that_only_a_restricted_letter_names_has_no_page(as_staff, manager, reference):
    parent, one, two = family()
    factories.sent(ask_facts={"targets": [two]})
    factories.restrict(factories.sent(ask_facts={"targets": [one]}))
    assert as_staff.get("/targets/test-quoll-cloud/").status_code == 404
    for path in ("/targets/", "/targets/test-quoll-group/", "/targets/test-quoll-chips/"):
        assert "Quoll Cloud" not in words(as_staff.get(path))
    client = Client()
    client.force_login(manager)
    assert data_total(client.get("/targets/test-quoll-group/")) == 2
    assert parent.name in words(as_staff.get("/targets/"))


@pytest.mark.parametrize("path", ["/legislators/", "/agencies/", "/targets/"])
def test_an_empty_index_says_why(as_viewer, reference, path):
    assert 'class="empty"' in as_viewer.get(path).content.decode()
