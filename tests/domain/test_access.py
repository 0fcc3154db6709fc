"""Invariant 8: what is internal stays internal, for everybody without access and in every total they see."""

import datetime as dt
import json

import pytest

from letters.domain import access, payloads, sending, tallies, workflow, worklists
from letters.enums import Role, SystemProcess
from letters.models import Letter, Tasking
from tests import factories

ALL_RIGHTS = ("view", "edit", "restrict", "release", "administer")
TODAY = dt.date(2023, 6, 1)


@pytest.fixture
def people(reference) -> dict:
    """One of each role, and a member of staff who is named on restricted letters."""
    return {role.value: factories.user(role) for role in Role} | {"named": factories.user("staff", "named")}


@pytest.fixture
def letters(people) -> dict[str, Letter]:
    return {
        "open": factories.sent(subject="TEST open"),
        "restricted": factories.sent(subject="TEST restricted", access="restricted", staff=[people["named"]]),
        "draft": factories.draft(subject="TEST draft", access="restricted", staff=[people["named"]]),
    }


SEES = {
    "viewer": {"open"},
    "staff": {"open"},
    "named": {"open", "restricted", "draft"},
    "manager": {"open", "restricted", "draft"},
    "admin": {"open", "restricted", "draft"},
}


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_a_restricted_letter_is_absent_for_all_but_named_staff_and_managers(people, letters, who, sees):
    seen = Letter.objects.visible_to(people[who])
    assert {letter.subject.removeprefix("TEST ") for letter in seen} == sees
    items = Tasking.objects.visible_to(people[who])
    assert {item.ask.letter.subject.removeprefix("TEST ") for item in items} == sees - {"draft"}


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_and_counted_in_no_total_they_see(people, letters, who, sees):
    mine = Tasking.objects.visible_to(people[who])
    number = len(sees - {"draft"})
    headline = worklists.headline(mine, TODAY)
    assert (headline.open, headline.asks, headline.agencies) == (number, number, 1)
    assert (headline.late["yardstick"], headline.unassigned) == (number, number)
    assert [
        (row.key, row.open, row.late["yardstick"]) for row in tallies.tables(mine, TODAY, ["agency"])["agency"]
    ] == [("treasury", number, number)]
    assert [row.open for row in tallies.tables(mine, TODAY, ["kind"])["kind"]] == [number]
    assert sum(number for _, _, number, _ in tallies.by_age(mine, TODAY)) == number


def test_a_letter_with_three_named_staff_is_counted_once(people):
    staff = [factories.user("staff", f"named {n}") for n in range(3)]
    factories.sent(access="restricted", staff=staff)
    assert Tasking.objects.visible_to(staff[0]).count() == 1
    assert worklists.headline(Tasking.objects.visible_to(staff[0]), TODAY).open == 1


def test_keys_see_no_draft_and_no_restricted_letter(letters):
    assert [letter.subject for letter in Letter.objects.for_keys()] == ["TEST open"]
    assert [item.ask.letter.subject for item in Tasking.objects.for_keys()] == ["TEST open"]


def test_the_public_sees_what_was_released_and_is_in_no_error(people, letters):
    assert (Letter.objects.released().count(), Tasking.objects.released().count()) == (0, 0)
    sending.release(letters["open"], by=people["manager"])
    assert [letter.subject for letter in Letter.objects.released()] == ["TEST open"]
    sending.enter_in_error(letters["open"], by=people["manager"], reason="TEST")
    assert (Letter.objects.released().count(), Tasking.objects.released().count()) == (0, 0)


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_who_may_see_a_letter_may_do_with_it_what_the_role_allows(people, letters, who, sees):
    user = people[who]
    rights = access.RIGHTS[Role(user.role)]
    for name, letter in letters.items():
        granted = {right for right in ALL_RIGHTS if access.may(user, right, letter)}
        expected = rights if name in sees else set()
        if user.role == "staff" and name == "open":
            expected = expected - {"restrict"}  # only where named
        assert granted == expected, name


def test_the_table_of_rights():
    assert {role.value: set(rights) for role, rights in access.RIGHTS.items()} == {
        "viewer": {"view"},
        "staff": {"view", "edit", "restrict"},
        "manager": {"view", "edit", "restrict", "release"},
        "admin": {"view", "edit", "restrict", "release", "administer"},
    }


def test_a_process_may_what_it_is_for_and_who_left_may_nothing(people, letters):
    assert access.may(SystemProcess.SWEEP, "edit", letters["restricted"]) is True
    people["admin"].is_active = False
    assert [access.may(people["admin"], right) for right in ALL_RIGHTS] == [False] * 5


# --- what the public reads


def words(payload: dict) -> str:
    return json.dumps(payload)


def test_public_words_carry_nothing_of_the_office(seed, staff):
    from letters.domain import items, replies

    tasking = Tasking.objects.get(ask__letter=seed, ask__number=1)
    items.assign(tasking, by=staff, owner=factories.user("staff", "quagga_owner"))
    items.snooze(tasking, by=staff, until=dt.date(2091, 2, 3))
    items.add_note(by=staff, letter=seed, tasking=tasking, text="TEST quagga_note")
    factories.reply(tasking, text="TEST quagga_reply", stance="does_not_concur")
    replies.add_evidence(tasking, by=staff, kind="list_entry", citation="TEST quagga_citation")
    workflow.transition(tasking, to="promised", by=staff, promised_on=dt.date(2091, 5, 6), reason="TEST quagga_reason")
    said = words(payloads.public_letter(Letter.objects.get(pk=seed.pk)))
    internal = [
        "2023-0001",
        "quagga",
        "2091",
        "2023-05-24",
        "yardstick",
        "does_not_concur",
        "promised",
        "owner",
        "staff",
    ]
    assert [word for word in internal if word in said] == []


def test_public_words_carry_the_whole_letter(seed):
    public = payloads.public_letter(seed)
    assert sorted(public) == [
        "addressees", "asks", "congress", "deadline_on", "evidence", "id", "letter_date", "published_url", "replies",
        "sent_on", "signatures", "subject", "text",
    ]  # fmt: skip
    assert (public["id"], public["sent_on"], public["congress"], len(public["signatures"])) == (
        str(seed.pk),
        "2023-04-25",
        118,
        9,
    )
    asked = [(ask["number"], ask["kind"], ask["targets"], len(ask["taskings"])) for ask in public["asks"]]
    assert asked == [
        (1, "sanction", ["huawei-cloud"], 1),
        (2, "entity_list", ["alibaba-cloud"], 1),
        (3, "license_denial", ["alibaba-cloud"], 1),
        (4, "ns_cmic", ["alibaba-group"], 2),
        (5, "investigation", ["baidu-cloud", "tencent-cloud"], 3),
    ]
    (item,) = public["asks"][0]["taskings"]
    assert item == {
        "id": str(Tasking.objects.get(ask__number=1).pk),
        "agency": "treasury",
        "acting_agency": "ofac",
        "role": "lead",
        "status": "awaiting",
        "due_on": None,
        "due_basis": None,
    }


@pytest.mark.parametrize(
    "status",
    [
        "acknowledged",
        "considering",
        "clarification",
        "partly_addressed",
        "promised",
        "answered",
        "implemented",
        "declined",
    ],
)
def test_a_status_that_rests_on_our_mail_shows_the_last_public_one(reference, status):
    tasking = factories.item(released=True)
    moved = factories.moved(tasking, status)
    assert (moved.status, moved.public_status, moved.status_event.public_payload) == (status, "awaiting", None)
    assert payloads.public_tasking(moved)["status"] == "awaiting"


@pytest.mark.parametrize("status", ["not_implemented", "overtaken", "withdrawn"])
def test_a_status_anybody_could_see_is_public(reference, status):
    moved = factories.moved(factories.item(released=True), status)
    assert (moved.public_status, moved.status_event.public_payload["to"]) == (status, status)


def test_an_end_in_our_mail_reopened_tells_the_public_nothing(reference):
    declined = factories.moved(factories.item(released=True), "declined")
    reopened = workflow.reopen(declined, by=factories.SETUP, reason="TEST")
    assert (reopened.public_status, reopened.status_event.public_payload) == ("awaiting", None)


def public_date(tasking: Tasking) -> tuple:
    public = payloads.public_tasking(Tasking.objects.get(pk=tasking.pk))
    return public["due_on"], public["due_basis"]


def test_the_public_date_is_the_one_in_the_letter_whatever_was_replied(reference):
    """A promise, a pause or an end of our clock would tell of a reply that is not public."""
    tasking = factories.item(released=True, deadline_on=dt.date(2023, 5, 12))
    assert public_date(tasking) == ("2023-05-12", "letter")
    promised = workflow.transition(tasking, to="promised", by=factories.SETUP, promised_on=dt.date(2023, 7, 1))
    assert promised.due_on == dt.date(2023, 7, 1)
    assert public_date(promised) == ("2023-05-12", "letter")
    other = factories.item(released=True, deadline_on=dt.date(2023, 5, 12))
    workflow.transition(other, to="clarification", by=factories.SETUP)
    assert public_date(other) == ("2023-05-12", "letter")


def test_the_ask_s_own_date_goes_before_the_letter_s(reference):
    tasking = factories.item(
        released=True, deadline_on=dt.date(2023, 5, 12), ask_facts={"requested_by": dt.date(2023, 5, 5)}
    )
    assert public_date(tasking) == ("2023-05-05", "letter")


def test_without_a_date_in_the_letter_there_is_no_public_date(reference):
    tasking = factories.item(released=True)
    assert tasking.due_on
    assert public_date(tasking) == (None, None)
    promised = workflow.transition(tasking, to="promised", by=factories.SETUP, promised_on=dt.date(2023, 7, 1))
    assert public_date(promised) == (None, None)


def test_no_event_of_an_unreleased_letter_has_public_words(reference, staff):
    tasking = factories.item(deadline_on=dt.date(2023, 5, 12))
    factories.moved(tasking, "withdrawn", by=staff)
    assert set(tasking.ask.letter.events.values_list("public_payload", flat=True)) == {None}
