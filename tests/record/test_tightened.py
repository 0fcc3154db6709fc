"""Rules that a review added: rights name their author, what is kept stays kept, proof is a reply that was read."""

import pytest
from django.db import IntegrityError, transaction

from letters.domain import workflow
from letters.domain.feed import current_epoch
from letters.domain.history import acting
from letters.enums import ResponseKind
from letters.errors import TransitionRefused
from letters.models import FeedEpoch, Tasking, User
from tests import factories


@pytest.mark.parametrize(
    "change", [{"role": "admin"}, {"is_active": False}, {"is_staff": True}, {"is_superuser": True}], ids=str
)
def test_rights_are_changed_by_somebody(staff, admin, change):
    with pytest.raises(IntegrityError, match="names neither a user nor a system process"), transaction.atomic():
        User.objects.filter(pk=staff.pk).update(**change)
    with acting(admin):
        User.objects.filter(pk=staff.pk).update(**change)
    assert User.objects.filter(pk=staff.pk, **change).count() == 1


@pytest.mark.parametrize(
    "change", [{"last_login": "2023-04-25 12:00Z"}, {"password": "TEST"}, {"first_name": "TEST"}], ids=str
)
def test_signing_in_is_nobodys_change_of_rights(staff, change):
    assert User.objects.filter(pk=staff.pk).update(**change) == 1


def test_an_epoch_of_the_feed_stays_as_it_began(reference, run_sql):
    current_epoch()
    for statement in ("UPDATE letters_feedepoch SET started_at = now()", "DELETE FROM letters_feedepoch"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            run_sql(statement)
    assert FeedEpoch.objects.count() == 1


PROVE = {"substantive", "declination", "official_action", "no_position"}


@pytest.mark.parametrize("kind", ResponseKind.values)
@pytest.mark.parametrize("coverage", ["evades", None])
def test_an_item_closes_on_a_reply_that_was_read_and_says_something(reference, staff, kind, coverage):
    tasking = factories.item()
    factories.reply(tasking, kind=kind, coverage=coverage)
    proves = kind in PROVE and coverage is not None
    try:
        status = workflow.transition(tasking, to="declined", by=staff).status
    except TransitionRefused as refused:
        status = [problem.field for problem in refused.problems]
    assert status == ("declined" if proves else ["reply"])


@pytest.mark.parametrize("how", [{"coverage": None}, {"kind": "acknowledgement"}])
def test_so_says_the_database_behind_the_verbs_back(reference, how):
    from letters.domain.history import record_event
    from letters.enums import EventKind

    tasking = factories.item()
    factories.reply(tasking, **how)
    with acting(factories.SETUP):
        event = record_event(
            EventKind.STATUS_CHANGED, by=factories.SETUP, letter=tasking.ask.letter, tasking=tasking,
            from_status="awaiting", to_status="answered",
        )  # fmt: skip
        with pytest.raises(IntegrityError, match="answered without a reply"), transaction.atomic():
            Tasking.objects.filter(pk=tasking.pk).update(status="answered", status_event=event)


def test_a_proof_is_not_moved_to_another_item(reference):
    done, other = factories.moved(factories.item(), "implemented"), factories.item()
    with acting(factories.SETUP), pytest.raises(IntegrityError, match="is closed on this row"), transaction.atomic():
        done.evidence.update(tasking=other)
