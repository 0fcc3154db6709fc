"""“Log it anew”, of a letter that repeats an earlier one or is repeated: one request stays one open item, asked as often."""

import datetime as dt
import re

import pytest
from django.db.models import Q

from letters.domain import not_repeated, renewals, sending, worksheets
from letters.models import Letter, LetterLink, Target, Tasking, Worksheet
from tests import factories
from tests.web.test_logged_anew import AGAIN_ON, followed_up, noted, only, open_items
from tests.web.test_pages import words

pytestmark = pytest.mark.usefixtures("folder")

LAST_ON, BY = dt.date(2023, 10, 2), dt.date(2023, 11, 1)


@pytest.fixture
def cloud() -> Target:
    return factories.target("TEST Cloud")


@pytest.fixture
def other() -> Target:
    return factories.target("TEST Other")


@pytest.fixture
def first(reference, cloud) -> Letter:
    return factories.sent(kind_code="sanction", ask_facts={"targets": [cloud]})


@pytest.fixture
def later(first, cloud, staff) -> Letter:
    """It asks for the same, and repeats the first one's item in the stead of its own."""
    letter = factories.sent(
        sent_on=AGAIN_ON, kind_code="sanction", ask_facts={"targets": [cloud]}, deadline_on=AGAIN_ON
    )
    renewals.renew(only(first), by=staff, letter=letter, instead_of=only(letter))
    return letter


def copy(client, letter: Letter, by, *asks: dict) -> Worksheet:
    """Its sheet: an ask of the letter with what is put right of it, or one more."""
    client.post(f"/letters/{letter.reference}/log-anew/")
    sheet = Worksheet.objects.get(letter=None)
    typed = sheet.typed | {"asks": [sheet.typed["asks"][0] | ask for ask in asks]}
    return worksheets.save_worksheet(sheet, by=by, typed=typed, expected_version=sheet.version)


def sent(client, sheet: Worksheet, *repeats: Tasking) -> Letter:
    keys = [str(one.pk) for one in repeats]
    to = client.post(f"/letters/drafts/{sheet.pk}/send/", {"version": str(sheet.version), "repeats": keys})
    return Letter.objects.get(reference=to["Location"].split("/")[2])


def review(client, sheet: Worksheet):
    return client.get(f"/letters/drafts/{sheet.pk}/review/")


def is_ticked(page, item: Tasking) -> bool:
    """None of it where the review does not propose it."""
    content = page.content.decode()
    assert f'value="{item.pk}"' in content
    return f'value="{item.pk}" checked' in content


# --- the copy of one that repeats


@pytest.mark.parametrize(
    "put_right", [{"kind": "investigation"}, {"target": ["TEST Other"], "target_id": ["test-other"]}]
)
def test_a_copy_with_another_kind_or_company_leaves_for_what_its_first_one_repeats(
    as_staff, staff, first, later, other, put_right
):
    sheet = copy(as_staff, later, staff, put_right)
    page = review(as_staff, sheet)
    assert f"Ask 1 repeats ask 1 of {first.reference}" in words(page)
    assert is_ticked(page, only(first))
    anew = sent(as_staff, sheet, only(first))
    assert open_items() == [only(first)]
    assert only(anew).status_event.payload["repeats"] == str(only(first).pk)
    sending.enter_in_error(Letter.objects.get(pk=later.pk), by=staff, reason="TEST wrong kind")
    assert [(one.pk, one.renewals.get(letter=anew).letter) for one in open_items()] == [(only(first).pk, anew)]


def test_a_copy_without_that_ask_repeats_nothing_by_itself(as_staff, staff, first, later):
    sheet = copy(as_staff, later, staff, {"kind": "briefing", "id": "0", "target": [], "target_id": []})
    page = review(as_staff, sheet)
    assert f"It repeats ask 1 of {first.reference}" in words(page)
    assert not is_ticked(page, only(first))
    anew = sent(as_staff, sheet)
    assert set(open_items()) == {only(first), only(anew)}


def test_a_copy_of_a_follow_up_to_several_leaves_for_each_whatever_kind_it_has_now(as_staff, staff, first):
    other = factories.sent(kind_code="briefing")
    follow_up = followed_up(only(first), only(other), by=staff)
    sheet = copy(as_staff, follow_up, staff, {"kind": "documents"})
    page = review(as_staff, sheet)
    assert [is_ticked(page, only(one)) for one in (first, other)] == [True, True]
    sent(as_staff, sheet, only(first), only(other))
    assert set(open_items()) == {only(first), only(other)}


# --- what waits for a reply to a letter that asks for something, too


def test_a_reply_to_a_letter_with_another_ask_stands_for_no_other(as_staff, staff, first, cloud, other):
    both = {"target": [cloud.name, other.name], "target_id": [cloud.slug, other.slug]}
    sheet = copy(
        as_staff, factories.sent(), staff, {"kind": "reply", "id": "0"}, {"kind": "sanction", "id": "1"} | both
    )
    assert f"repeats ask 1 of {first.reference}" not in words(review(as_staff, sheet))
    anew = sent(as_staff, sheet)
    offered = words(as_staff.get(f"/letters/{anew.reference}/repeats/"))
    assert (f"({first.reference}, asked" in offered, "leaves the counts" in offered) == (True, False)


# --- one that waited for itself meanwhile, and was repeated then


def test_who_repeats_what_leaves_for_the_copy_repeats_the_copy(as_staff, staff, first, later):
    sending.enter_in_error(first, by=staff, reason="TEST wrong kind")
    assert open_items() == [only(later)]
    last = factories.sent(sent_on=LAST_ON, deadline_on=BY, kind_code="briefing")
    renewals.renew(only(later), by=staff, letter=last, instead_of=only(last))
    anew = sent(as_staff, copy(as_staff, first, staff, {"kind": "investigation"}))
    (now,) = open_items()
    assert (now.pk, now.due_on, now.due_basis) == (only(anew).pk, BY, "letter")
    assert list(now.renewals.order_by("renewed_on").values_list("letter", flat=True)) == [later.pk, last.pk]


def test_a_link_that_came_with_a_tick_goes_along_once_nothing_proposes_the_tick(as_staff, staff, first, later):
    waits = sent(as_staff, copy(as_staff, later, staff, {}))
    assert not waits.links.exclude(kind="supersedes").exists()
    factories.moved(only(first), "overtaken")
    for letter in (later, first):
        anew = sent(as_staff, copy(as_staff, letter, staff, {}))
        links = LetterLink.objects.filter(Q(letter=anew) | Q(to_letter=anew), kind="follow_up_to")
        pair = (anew.pk, first.pk) if letter == later else (later.pk, anew.pk)
        assert pair in links.values_list("letter", "to_letter")


def test_what_came_with_the_tick_alone_goes_with_it(as_staff, staff, first, later):
    sending.enter_in_error(first, by=staff, reason="TEST wrong kind")
    anew = sent(as_staff, copy(as_staff, first, staff, {"kind": "investigation"}))
    assert later.links.filter(to_letter=anew, kind="follow_up_to").exists()
    not_repeated.take_back_renewal(only(anew), by=staff, letter=later, reason="TEST another ask")
    assert not later.links.filter(to_letter=anew).exists()


# --- what the page says goes along


def test_the_page_promises_only_what_the_sheet_still_has_of_the_letter(as_staff, staff, manager, first):
    noted(first, manager, staff)
    sheet = copy(as_staff, first, staff, {})
    address = f"/letters/drafts/{sheet.pk}/"

    def promised(**typed) -> list[str]:
        kept = Worksheet.objects.get()
        worksheets.save_worksheet(kept, by=staff, typed=sheet.typed | typed, expected_version=kept.version)
        pages = words(as_staff.get(address)), words(as_staff.get(f"{address}review/"))
        said = [re.findall(r"once this is sent\. (.*?)as noted there, go along", page) for page in pages]
        assert said[0] == said[1]
        return said[0]

    (ask,), (row,) = sheet.typed["asks"], sheet.typed["addressees"]
    assert promised() == ["Laws that asks started, days of receipt and the agencies’ numbers and owners, "]
    elsewhere = {"agency": "Commerce", "agency_id": "commerce", "official": ""}
    put = {"responsible": ["commerce"], "acting": "", "acting_id": ""}
    assert promised(addressees=[row | elsewhere], asks=[ask | put]) == ["Laws that asks started, "]
    # a draft that was begun by an earlier version knows its rows by their places
    assert promised(addressees=[row | {"id": "0"}], asks=[ask | {"id": "0"}]) == []
