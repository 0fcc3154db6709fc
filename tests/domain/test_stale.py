"""Invariant 7: who saves on an old page is told who changed the thing, and nothing is overwritten."""

import datetime as dt

import pytest

from letters.domain import drafting, items, replies, sending, workflow
from letters.errors import StaleVersion
from letters.models import Tasking
from tests import factories
from tests.domain.refusals import refused

ON_ITEMS = {
    "move": lambda t, **how: workflow.transition(t, to="considering", **how),
    "reopen": lambda t, **how: workflow.reopen(t, reason="TEST", **how),
    "pass on": lambda t, **how: workflow.transfer(t, to_agency=factories.agency("state"), reason="TEST", **how),
    "assign": lambda t, **how: items.assign(t, owner=how["by"], **how),
    "snooze": lambda t, **how: items.snooze(t, until=dt.date(2090, 1, 1), **how),
    "prove": lambda t, **how: replies.add_evidence(t, kind="federal_register", citation="TEST", **how),
}


@pytest.mark.parametrize("verb", ON_ITEMS.values(), ids=ON_ITEMS)
def test_an_item_changed_meanwhile_is_not_overwritten(reference, staff, manager, verb):
    tasking = factories.item()
    items.assign(tasking, by=manager, owner=manager)
    told = refused(verb, tasking, by=staff, expected_version=tasking.version, error=StaleVersion)
    assert told["version"].startswith("manager changed this item at ")
    assert told["version"].endswith(": owner changed. What you typed is below; compare and save again.")
    now = Tasking.objects.get(pk=tasking.pk)
    assert (now.owner, now.status, now.snoozed_until) == (manager, "awaiting", None)


def test_the_program_is_named_where_no_person_changed_it(reference, staff):
    tasking = factories.item()
    factories.moved(tasking, "considering")
    told = refused(items.assign, tasking, by=staff, owner=staff, expected_version=tasking.version, error=StaleVersion)
    assert told["version"].startswith("Set-up changed this item at ")


@pytest.mark.parametrize("verb", [items.assign, items.snooze])
def test_with_the_version_of_now_it_is_saved(reference, staff, verb):
    tasking = factories.item()
    how = {"owner": staff} if verb is items.assign else {"until": dt.date(2090, 1, 1)}
    saved = verb(tasking, by=staff, expected_version=tasking.version, **how)
    assert saved.version == tasking.version + 1


@pytest.mark.parametrize(
    "verb",
    [
        lambda letter, **how: drafting.edit_letter(letter, subject="TEST mine", **how),
        lambda letter, **how: sending.send_letter(letter, **how),
    ],
    ids=["edit", "send"],
)
def test_a_draft_changed_meanwhile_is_not_overwritten(reference, staff, manager, verb):
    letter = factories.draft()
    drafting.edit_letter(letter, by=manager, subject="TEST theirs")
    told = refused(verb, letter, by=staff, expected_version=letter.version, error=StaleVersion)
    assert list(told) == ["version"]
    letter.refresh_from_db()
    assert (letter.subject, letter.state) == ("TEST theirs", "draft")


def test_a_letter_corrected_meanwhile_is_not_corrected_over(reference, staff, manager):
    letter = factories.sent()
    version = letter.version
    sending.amend(letter, by=manager, reason="TEST", subject="TEST theirs")
    told = refused(
        sending.amend,
        letter,
        by=staff,
        reason="TEST",
        subject="TEST mine",
        expected_version=version,
        error=StaleVersion,
    )
    assert list(told) == ["version"]


def test_a_stale_draft_names_who_changed_it(reference, staff, manager):
    letter = factories.draft()
    drafting.edit_letter(letter, by=manager, subject="TEST theirs")
    told = refused(
        drafting.edit_letter, letter, by=staff, subject="TEST", expected_version=letter.version, error=StaleVersion
    )
    assert told["version"].startswith("manager changed this letter at ")
