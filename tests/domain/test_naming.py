"""Who may see a letter: restricting it, naming its staff, opening it again."""

import pytest

from letters.domain import items, sending
from letters.enums import Access, Role
from letters.errors import NotAllowed, RecordError, StaleVersion
from letters.models import Letter, Tasking
from tests import factories
from tests.domain.refusals import refused


def sees(letter: Letter, *people) -> list[bool]:
    return [Letter.objects.visible_to(person).filter(pk=letter.pk).exists() for person in people]


@pytest.fixture
def anna(reference):
    return factories.user(Role.STAFF, "anna")


@pytest.fixture
def ben(reference):
    return factories.user(Role.STAFF, "ben")


def test_staff_who_work_on_a_letter_restrict_it_and_name_each_other(anna, ben, manager):
    letter = factories.sent(staff=[anna])
    sending.change_access(letter, by=anna, access="restricted", staff=[anna, ben], reason="TEST a source is named")
    assert sees(letter, anna, ben, manager, factories.user(Role.VIEWER), factories.user(Role.STAFF)) == [
        True, True, True, False, False,
    ]  # fmt: skip
    event = letter.events.latest("sequence")
    assert (event.kind, event.by_user, event.reason) == ("letter_access_changed", anna, "TEST a source is named")
    # followers of the feed learn that it is gone, and not why
    assert (factories.told(event), event.public_payload) == ({"letter": str(letter.pk), "withdrawn": True}, None)


def test_staff_do_not_restrict_a_letter_that_does_not_name_them(anna, ben):
    letter = factories.sent(staff=[ben])
    assert list(refused(sending.change_access, letter, by=anna, access="restricted", error=NotAllowed)) == ["by"]


def test_only_a_manager_opens_it_again(anna, manager):
    letter = factories.sent(access="restricted", staff=[anna])
    assert list(refused(sending.change_access, letter, by=anna, access="office", error=NotAllowed)) == ["by"]
    assert sending.change_access(letter, by=manager, access="office", reason="TEST").access == Access.OFFICE


def test_a_public_letter_is_taken_back_by_a_manager_only(anna, manager):
    letter = factories.sent(staff=[anna], released=True)
    with pytest.raises(NotAllowed):
        sending.change_access(letter, by=anna, access="restricted", staff=[anna], reason="TEST")
    assert Letter.objects.get(pk=letter.pk).is_released
    assert not sending.change_access(letter, by=manager, access="restricted", reason="TEST").is_released


def test_nobody_locks_themselves_out(anna, ben):
    letter = factories.sent(staff=[anna])
    assert refused(sending.change_access, letter, by=anna, access="restricted", staff=[ben]) == {
        "staff": "You would no longer see this letter yourself. Name yourself too."
    }


def test_nobody_owns_what_they_cannot_see(anna, ben, manager):
    letter = factories.sent()
    items.assign(Tasking.objects.get(ask__letter=letter), by=anna, owner=ben)
    sentence = {"staff": "ben would own open items that they could not see. Name them too, or change the owner."}
    assert refused(sending.change_access, letter, by=manager, access="restricted", staff=[anna]) == sentence
    sending.change_access(letter, by=manager, access="restricted", staff=[ben])
    assert sees(letter, anna, ben) == [False, True]


def test_who_left_is_not_named(anna, manager):
    anna.is_active = False
    with pytest.raises(RecordError, match="anna cannot sign in any more"):
        sending.change_access(factories.sent(), by=manager, access="restricted", staff=[anna])


def test_somebody_else_was_first(manager):
    letter = factories.sent()
    with pytest.raises(StaleVersion):
        sending.change_access(letter, by=manager, access="restricted", expected_version=letter.version - 1)
