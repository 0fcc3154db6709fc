"""“Log it anew”, of a letter of which more is known than what it says: one request stays one open item, and nothing is dropped
without a word."""

import datetime as dt

import pytest

from letters.domain import (
    chasing,
    extending,
    items,
    letter_desk,
    not_repeated,
    renewals,
    reply_flow,
    sending,
    worksheets,
)
from letters.domain.history import acting
from letters.domain.worklists import headline
from letters.models import Letter, LetterLink, StatutoryClock, Tasking, User, Worksheet
from tests import factories
from tests.web.test_pages import words
from tests.web.test_put_right import hidden, logged_anew

pytestmark = pytest.mark.usefixtures("folder")

AGAIN_ON, REPLY_BY = dt.date(2023, 9, 5), dt.date(2023, 9, 29)


def followed_up(*taskings: Tasking, by) -> Letter:
    return chasing.log_follow_up(
        by=by, agency=taskings[0].agency, taskings=taskings, subject="TEST follow-up", text="TEST", sent_on=AGAIN_ON,
        deadline_on=REPLY_BY, addressee=["TEST Secretary"], signers=["TEST Signer"],
    )  # fmt: skip


def with_another_kind(client, letter: Letter, by, kind: str = "investigation", **more) -> Letter:
    """The way that “Put it right” tells of."""
    client.post(f"/letters/{letter.reference}/log-anew/")
    sheet = Worksheet.objects.get(letter=None)
    typed = sheet.typed | {"asks": [sheet.typed["asks"][0] | {"kind": kind}]} | more
    sheet = worksheets.save_worksheet(sheet, by=by, typed=typed, expected_version=sheet.version)
    sent = client.post(f"/letters/drafts/{sheet.pk}/send/", {"version": str(sheet.version)})
    return Letter.objects.get(reference=sent["Location"].split("/")[2])


def open_items() -> list[Tasking]:
    return list(Tasking.objects.open())


def only(letter: Letter) -> Tasking:
    return Tasking.objects.get(ask__letter=letter)


# --- who repeats the first one, repeats the copy


@pytest.fixture
def first(reference) -> Letter:
    return factories.sent(kind_code="sanction", ask_facts={"targets": [factories.target("TEST Cloud")]})


def test_a_letter_that_repeats_the_first_one_repeats_the_copy(as_staff, staff, first):
    follow_up = followed_up(only(first), by=staff)
    before = only(first)
    assert (len(open_items()), before.renewals.count(), before.due_on) == (1, 1, REPLY_BY)
    anew = with_another_kind(as_staff, first, staff)
    back = f"/letters/{first.reference}/take-back/"
    page = as_staff.get(back)
    said = (
        f"{follow_up.reference}, which repeats 1 item of it, repeats {anew.reference} instead, which was logged anew: still one "
        "item, asked as often."
    )
    assert (said in words(page), "waits for itself again" in words(page)) == (True, False)
    as_staff.post(back, hidden(page) | {"reason": "TEST wrong kind"})
    (now,) = open_items()
    assert (now.pk, now.asked_on, now.due_on, now.due_basis) == (only(anew).pk, factories.SENT_ON, REPLY_BY, "letter")
    assert list(now.renewals.values_list("letter", "renewed_on")) == [(follow_up.pk, AGAIN_ON)]
    assert now.events.get(kind="renewed").payload["by_letter"] == str(follow_up.pk)
    own = only(follow_up)
    assert (own.status, own.status_event.payload["repeats"]) == ("entered_in_error", str(now.pk))
    assert LetterLink.objects.filter(letter=follow_up, to_letter=anew, kind="follow_up_to").exists()
    assert headline(Tasking.objects.counted(), AGAIN_ON).open == 1
    # and that it repeats this one may be taken back, too
    back = not_repeated.take_back_renewal(now, by=staff, letter=follow_up, reason="TEST another ask")
    assert (back.renewals.count(), back.due_on, only(follow_up).status) == (0, dt.date(2023, 5, 24), "awaiting")


def test_so_it_does_where_the_first_one_was_an_error_before_the_copy_was_sent(as_staff, staff, first):
    follow_up = followed_up(only(first), by=staff)
    sending.enter_in_error(first, by=staff, reason="TEST wrong kind")
    assert open_items() == [only(follow_up)]
    anew = with_another_kind(as_staff, first, staff)
    (now,) = open_items()
    assert (now.pk, now.due_on, now.renewals.get().letter) == (only(anew).pk, REPLY_BY, follow_up)


def test_two_letters_that_repeat_it_and_one_that_only_was_said_to(as_staff, staff, first):
    """The second has an item of its own beside it; the third asked for the copy, too, before the first one was taken back."""
    beside = factories.sent(sent_on=dt.date(2023, 8, 1), kind_code="briefing")
    renewals.renew(only(first), by=staff, letter=beside)
    anew = with_another_kind(as_staff, first, staff)
    follow_up = followed_up(only(first), only(anew), by=staff)
    sending.enter_in_error(Letter.objects.get(pk=first.pk), by=staff, reason="TEST wrong kind")
    now = only(anew)
    assert list(now.renewals.values_list("letter", flat=True)) == [beside.pk, follow_up.pk]
    assert set(open_items()) == {now, only(beside)}


def test_who_may_not_see_the_letter_that_repeats_it_is_told_nothing_and_it_is_so(as_staff, staff, manager, first):
    follow_up = followed_up(only(first), by=staff)
    sending.change_access(follow_up, by=manager, access="restricted", reason="TEST", staff=[])
    anew = with_another_kind(as_staff, first, staff)
    back = f"/letters/{first.reference}/take-back/"
    page = as_staff.get(back)
    assert (follow_up.reference in words(page), "asked as often" in words(page)) == (False, False)
    as_staff.post(back, hidden(page) | {"reason": "TEST wrong kind"})
    assert [(one.pk, one.due_on) for one in open_items()] == [(only(anew).pk, REPLY_BY)]
    assert follow_up.reference not in as_staff.get(f"/letters/{anew.reference}/").content.decode()


def test_a_letter_with_a_reply_that_the_copy_does_not_have_asks_for_itself(as_staff, staff, first):
    follow_up = followed_up(only(first), by=staff)
    own = only(follow_up)
    not_repeated.take_back_renewal(only(first), by=staff, letter=follow_up, reason="TEST")
    reply = factories.reply(only(follow_up), by=staff, coverage="evades", received_on=AGAIN_ON)
    reply_flow.read_reply(reply, by=staff, words=[reply_flow.Word(only(first), said="looking")])
    renewals.renew(only(first), by=staff, letter=follow_up, instead_of=only(follow_up))
    anew = with_another_kind(as_staff, first, staff)
    page = as_staff.get(f"/letters/{first.reference}/take-back/")
    assert f"“{own}” of {follow_up.reference}, which repeats one of these, waits for itself again." in words(page)
    sending.enter_in_error(Letter.objects.get(pk=first.pk), by=staff, reason="TEST wrong kind")
    # its reply stays with an open item; nothing is counted as asked again that stands beside it
    assert {(one.pk, one.renewals.count()) for one in open_items()} == {(own.pk, 0), (only(anew).pk, 0)}
    assert list(only(follow_up).answers.values_list("response", flat=True)) == [reply.pk]


def test_a_letter_without_an_ask_leaves_no_item_beside_what_it_is_said_to_repeat(as_staff, staff, first):
    later = factories.draft(letter_date=AGAIN_ON)
    later = sending.send_letter(later, by=staff, sent_on=AGAIN_ON)
    letter_desk.link_letters(later, by=staff, to=first, kind="follow_up_to")
    at = f"/letters/{later.reference}/repeats/"
    assert "The same item of this letter leaves the counts" in words(as_staff.get(at))
    as_staff.post(at, {"items": [str(only(first).pk)]})
    assert [(one.pk, one.renewals.count()) for one in open_items()] == [(only(first).pk, 1)]


def test_a_copy_of_a_letter_that_repeats_an_earlier_one_repeats_it_too(as_staff, staff, first):
    follow_up = followed_up(only(first), by=staff)
    as_staff.post(f"/letters/{follow_up.reference}/log-anew/")
    sheet = Worksheet.objects.get(letter=None)
    page = as_staff.get(f"/letters/drafts/{sheet.pk}/review/").content.decode()
    key = str(only(first).pk)
    assert f'value="{key}" checked' in page  # a person said so of the one that it is a copy of
    as_staff.post(f"/letters/drafts/{sheet.pk}/send/", {"version": str(sheet.version), "repeats": [key]})
    anew = Letter.objects.get(reference="2023-0003")
    sending.enter_in_error(Letter.objects.get(pk=follow_up.pk), by=staff, reason="TEST wrong subject")
    (now,) = open_items()
    assert (now.pk, now.due_on, only(anew).status) == (only(first).pk, REPLY_BY, "entered_in_error")


# --- the pages know which letter it is a copy of


def test_no_page_of_a_copy_calls_it_one_too_many(as_staff, staff, first):
    as_staff.post(f"/letters/{first.reference}/log-anew/")
    sheet = Worksheet.objects.get()
    pages = [as_staff.get(f"/letters/drafts/{sheet.pk}/{end}") for end in ("", "review/")]
    copied = f"This is a copy of {first.reference} : take that one back on its page once this is sent."
    assert [copied in words(page) for page in pages] == [True, True]
    wrong = ("ogged already?", "count everything twice", "Asked before, and still open")
    assert [[word for word in wrong if word in words(page)] for page in pages] == [[], []]
    # a part that is drawn anew, too
    typed = {
        "subject": sheet.typed["subject"],
        "letter_date": sheet.typed["letter_date"],
        "version": "1",
        "do": "add-ask",
    }
    part = as_staff.post(f"/letters/drafts/{sheet.pk}/", typed, headers={"X-Part": "1"})
    assert "ogged already?" not in words(part)
    # another one of that day is asked about as ever
    factories.sent(kind_code="briefing")
    assert "Logged already?" in words(as_staff.get(f"/letters/drafts/{sheet.pk}/"))


def test_neither_of_the_two_is_said_to_repeat_the_other(as_staff, first):
    anew = logged_anew(as_staff, first)
    other = factories.sent(kind_code="sanction", ask_facts={"targets": [factories.target()]})
    for one in (first, anew):
        offered = words(as_staff.get(f"/letters/{one.reference}/repeats/"))
        assert f"({other.reference}, asked" in offered
        assert [f"({both.reference}, asked" in offered for both in (first, anew)] == [False, False]


def test_a_copy_of_one_in_error_says_so_and_who_may_not_see_it_is_told_nothing(as_staff, staff, manager, first):
    sending.enter_in_error(first, by=staff, reason="TEST")
    as_staff.post(f"/letters/{first.reference}/log-anew/")
    at = f"/letters/drafts/{Worksheet.objects.get().pk}/"
    assert f"This is a copy of {first.reference} : it is marked as entered in error." in words(as_staff.get(at))
    sending.change_access(Letter.objects.get(pk=first.pk), by=manager, access="restricted", reason="TEST", staff=[])
    assert [one in as_staff.get(at).content.decode() for one in ("This is a copy of", first.reference)] == [
        False,
        False,
    ]


# --- what is known of it beside what it says


def noted(letter: Letter, owner, by) -> Letter:
    """A law, receipts, numbers, an owner and links."""
    extending.set_statute(
        letter.asks.get(), by=by, statute=StatutoryClock.objects.get(), reason="TEST: a joint request"
    )
    letter_desk.update_addressee(
        letter.addressees.get(), by=by, control_number="TEST-17", delivered_on=dt.date(2023, 4, 27),
        acknowledged_on=dt.date(2023, 4, 28), legislative_affairs_contact="TEST Person",
    )  # fmt: skip
    items.assign(only(letter), by=by, owner=owner)
    return Letter.objects.get(pk=letter.pk)


def told(letter: Letter) -> dict:
    item, addressee = only(letter), letter.addressees.get()
    return {
        "law": letter.asks.get().statute,
        "addressee": [letter_desk.delivery_fact(addressee, name) for name in letter_desk.DELIVERY],
        "owner": item.owner,
        "dates": (item.due_on, item.due_basis, item.acknowledged_on, item.ack_due_on),
    }


def test_what_is_noted_of_a_letter_goes_along_with_its_copy(as_staff, staff, manager, reference):
    other = factories.sent(subject="TEST elsewhere")
    later = factories.sent(subject="TEST later", sent_on=AGAIN_ON)
    first = noted(factories.sent(term_days=10, term_unit="business", term_from="receipt"), manager, staff)
    letter_desk.link_letters(first, by=staff, to=other, kind="same_letter")
    letter_desk.link_letters(later, by=staff, to=first, kind="follow_up_to")
    as_staff.post(f"/letters/{first.reference}/log-anew/")
    sheet = Worksheet.objects.get()
    said = (
        "Laws that asks started, days of receipt and the agencies’ numbers, owners and links to other letters, as noted there, go "
        "along."
    )
    at = f"/letters/drafts/{sheet.pk}/"
    review = words(as_staff.get(f"{at}review/"))
    assert [said in words(as_staff.get(at)), said in review] == [True, True]
    before = told(first)
    assert (
        f"{before['dates'][0]:%B} {before['dates'][0].day}, {before['dates'][0].year}" in review
    )  # the date that it will have
    as_staff.post(f"{at}send/", {"version": "1"})
    anew = Letter.objects.get(reference="2023-0004")
    assert told(anew) == before
    assert anew.events.get(kind="letter_amended").reason == "TEST: a joint request"
    links = LetterLink.objects.exclude(kind="supersedes")
    assert set(links.values_list("letter__reference", "to_letter__reference", "kind")) == {
        ("2023-0003", "2023-0001", "same_letter"), ("2023-0004", "2023-0001", "same_letter"),
        ("2023-0002", "2023-0003", "follow_up_to"), ("2023-0002", "2023-0004", "follow_up_to"),
    }  # fmt: skip


def test_nothing_noted_of_a_restricted_letter_goes_where_more_people_see_it(manager, staff, reference):
    first = noted(factories.sent(access="restricted"), manager, manager)
    boss = factories.client(manager)
    boss.post(f"/letters/{first.reference}/log-anew/")
    sheet = Worksheet.objects.get()
    typed = sheet.typed | {"access": "office", "staff": []}
    worksheets.save_worksheet(sheet, by=manager, typed=typed, expected_version=1)
    at = f"/letters/drafts/{sheet.pk}/"
    said = (
        "More people are to see this one, so what is noted there stays there: laws that asks started, days of receipt"
    )
    assert said in words(boss.get(at))
    boss.post(f"{at}send/", {"version": "2"})
    anew = Letter.objects.get(reference="2023-0002")
    assert (told(anew)["law"], told(anew)["addressee"], told(anew)["owner"]) == (None, ["", None, None, ""], None)


def test_another_office_has_not_the_number_of_the_first_one_and_who_left_owns_nothing(as_staff, staff, reference):
    left = factories.user(username="left")
    first = noted(factories.sent(), left, staff)
    with acting(factories.SETUP):
        User.objects.filter(pk=left.pk).update(is_active=False)
    as_staff.post(f"/letters/{first.reference}/log-anew/")
    sheet = Worksheet.objects.get()
    row, ask = sheet.typed["addressees"][0], sheet.typed["asks"][0]
    typed = sheet.typed | {
        "addressees": [row | {"agency": "Commerce", "agency_id": "commerce", "official": ""}],
        "asks": [ask | {"responsible": ["commerce"], "acting": "", "acting_id": ""}],
    }
    worksheets.save_worksheet(sheet, by=staff, typed=typed, expected_version=1)
    sent = as_staff.post(f"/letters/drafts/{sheet.pk}/send/", {"version": "2"})
    anew = told(Letter.objects.get(reference=sent["Location"].split("/")[2]))
    assert (anew["law"] is not None, anew["addressee"], anew["owner"]) == (True, ["", None, None, ""], None)
