"""Made public by a manager, taken back with a reason, restricted; and who may do what to a letter."""

import pytest

from letters.domain import asking, sending
from letters.errors import NotAllowed
from tests import factories
from tests.domain.refusals import refused


def test_a_manager_makes_a_letter_public(reference, manager):
    letter = sending.release(factories.sent(), by=manager)
    assert letter.is_released
    event = letter.events.order_by("-sequence").first()
    assert (event.kind, event.by_user, factories.told(event)) == (
        "letter_released",
        manager,
        {"letter": str(letter.pk), "reference": "2023-0001"},
    )
    assert event.public_payload["released"]["subject"] == "TEST letter"


def test_a_manager_takes_a_letter_back_with_a_reason(seed, manager):
    letter = sending.withdraw_release(seed, by=manager, reason="TEST too early")
    assert not letter.is_released
    event = letter.events.order_by("-sequence").first()
    assert (event.kind, event.reason, event.public_payload) == (
        "letter_withdrawn",
        "TEST too early",
        {"withdrawn": {"id": str(letter.pk)}},
    )


def test_a_restricted_letter_is_taken_back_first(seed, manager):
    letter = sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    assert (letter.access, letter.is_released) == ("restricted", False)
    assert [e.kind for e in letter.events.order_by("-sequence")[:2]] == ["letter_access_changed", "letter_withdrawn"]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: factories.draft(), {"state": "Only a sent letter can be made public; this one is draft."}),
        (
            lambda: factories.sent(released=True),
            {"released_at": "2023-0001 is public already. There is nothing left to do."},
        ),
        (
            lambda: factories.sent(access="restricted"),
            {"access": "2023-0001 is open to named staff only. Open it to the office first."},
        ),
    ],
)
def test_what_cannot_be_made_public_is_refused(reference, manager, make, sentence):
    assert refused(sending.release, make(), by=manager) == sentence


def test_what_is_not_public_is_not_taken_back(reference, manager):
    assert refused(sending.withdraw_release, factories.sent(), by=manager, reason="TEST") == {
        "released_at": "2023-0001 is not public, so there is nothing to take back."
    }
    assert refused(sending.change_access, factories.sent(), by=manager, access="everybody") == {
        "access": "Access: “everybody” is not one of office, restricted."
    }


@pytest.mark.parametrize("role", ["viewer", "staff"])
@pytest.mark.parametrize(
    "verb",
    [
        lambda letter, by: sending.release(letter, by=by),
        lambda letter, by: sending.withdraw_release(letter, by=by, reason="TEST"),
        lambda letter, by: sending.change_access(letter, by=by, access="office"),
    ],
)
def test_only_a_manager_makes_public_or_takes_back(seed, role, verb):
    user = factories.user(role)
    assert refused(verb, seed, user, error=NotAllowed) == {
        "by": f"Your role ({user.get_role_display()}) may not make public or withdraw this. "
        "Ask a manager or an administrator."
    }


@pytest.mark.parametrize(
    "verb",
    [
        lambda letter, by: sending.send_letter(letter, by=by),
        lambda letter, by: sending.discard_draft(letter, by=by),
        lambda letter, by: sending.amend(letter, by=by, reason="TEST", subject="TEST"),
        lambda letter, by: sending.enter_in_error(letter, by=by, reason="TEST"),
    ],
)
def test_who_only_looks_changes_no_letter(seed, viewer, verb):
    assert list(refused(verb, seed, viewer, error=NotAllowed)) == ["by"]


def test_the_verbs_of_asking_take_no_later_ask(seed, staff):
    assert list(refused(asking.put_to, seed.asks.first(), by=staff, agency=factories.agency("state"))) == ["agency"]
