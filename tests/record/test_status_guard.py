"""Invariant 1, in the database: no status change without its event, however it is tried."""

import pytest
import time_machine
from django.db import IntegrityError, transaction

from letters.domain import retractions, workflow
from letters.domain.history import acting, record_event
from letters.enums import EventKind
from letters.models import Event, Tasking
from tests import factories


def event(tasking: Tasking, before: str, after: str, *, reason: str = "TEST") -> Event:
    return record_event(
        EventKind.STATUS_CHANGED,
        by=factories.SETUP, letter=tasking.ask.letter, tasking=tasking, from_status=before, to_status=after, reason=reason,
    )  # fmt: skip


@pytest.fixture
def tasking(reference) -> Tasking:
    return factories.item()


@pytest.fixture
def someone(db):
    """Writes below are attributed, so that only the rule in question refuses them."""
    with acting(factories.SETUP):
        yield


def refused(words: str):
    return pytest.raises(IntegrityError, match=words)


def unchanged(tasking: Tasking) -> bool:
    fields = ("status", "status_event_id", "version")
    now = Tasking.objects.get(pk=tasking.pk)
    return [getattr(now, name) for name in fields] == [getattr(tasking, name) for name in fields]


def test_raw_sql_without_an_event_is_refused(tasking, someone, run_sql):
    with refused("no event of its own moves it from awaiting to considering"), transaction.atomic():
        run_sql("UPDATE letters_tasking SET status = 'considering' WHERE id = %s", tasking.pk)
    assert unchanged(tasking)


def test_an_update_of_a_queryset_without_an_event_is_refused(tasking, someone):
    with refused("no event of its own"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status="withdrawn")
    assert unchanged(tasking)


def test_a_bulk_update_without_an_event_is_refused(tasking, someone):
    changed = Tasking.objects.get(pk=tasking.pk)
    changed.status = "considering"
    with refused("no event of its own"), transaction.atomic():
        Tasking.objects.bulk_update([changed], ["status"])
    assert unchanged(tasking)


def test_an_event_of_another_item_is_refused(tasking, someone):
    other = event(factories.item(), "awaiting", "considering")
    with refused("no event of its own"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status="considering", status_event=other)
    assert unchanged(tasking)


def test_an_older_event_is_refused(tasking, someone):
    early = event(tasking, "considering", "acknowledged")
    moved = factories.moved(tasking, "considering")
    with refused("no event of its own"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status="acknowledged", status_event=early)
    assert unchanged(moved)


@pytest.mark.parametrize(("before", "after"), [("acknowledged", "considering"), ("awaiting", "acknowledged")])
def test_an_event_that_says_something_else_is_refused(tasking, someone, before, after):
    wrong = event(tasking, before, after)
    with refused("no event of its own"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status="considering", status_event=wrong)
    assert unchanged(tasking)


def test_an_event_of_another_kind_is_refused(tasking, someone):
    note = record_event(EventKind.NOTE_ADDED, by=factories.SETUP, letter=tasking.ask.letter, tasking=tasking)
    with refused("no event of its own"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status="considering", status_event=note)
    assert unchanged(tasking)


def test_the_event_cannot_be_taken_away_or_changed_alone(tasking, someone):
    with refused("no event of its own"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status_event=None)
    with refused("no event of its own"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status_event=event(tasking, "awaiting", "considering"))
    assert unchanged(tasking)


def test_two_items_never_share_an_event(tasking, someone):
    other = factories.item()
    with refused("tasking"), transaction.atomic():
        Tasking.objects.filter(pk=other.pk).update(status="awaiting", status_event=tasking.status_event)


def test_with_its_own_later_event_the_status_moves(tasking, someone):
    right = event(tasking, "awaiting", "considering")
    Tasking.objects.filter(pk=tasking.pk).update(status="considering", status_event=right)
    assert Tasking.objects.get(pk=tasking.pk).status == "considering"


@pytest.mark.parametrize("status", ["awaiting", "withdrawn"])
def test_an_item_born_anything_but_draft_is_refused(tasking, someone, status):
    with refused(f"born {status}, not draft"), transaction.atomic():
        Tasking.objects.create(
            ask=tasking.ask, agency=factories.agency("state"), asked_on=tasking.asked_on, status=status,
            status_event=event(tasking, "draft", status),
        )  # fmt: skip


def test_a_draft_born_with_an_event_is_refused(tasking, someone):
    with refused("born draft, not draft"), transaction.atomic():
        Tasking.objects.create(
            ask=tasking.ask, agency=factories.agency("state"), status_event=event(tasking, "awaiting", "considering")
        )


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("implemented", "done without evidence"),
        ("answered", "answered without a reply"),
        ("declined", "without a reply"),
    ],
)
def test_an_end_without_its_proof_is_refused_behind_the_verbs_back(tasking, someone, to, words):
    with refused(words), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status=to, status_event=event(tasking, "awaiting", to))
    assert unchanged(tasking)


@pytest.mark.parametrize(
    ("to", "words"), [("implemented", "done without evidence"), ("answered", "answered without a reply")]
)
def test_what_proved_an_end_before_it_was_asked_again_proves_none_behind_the_verbs_back(tasking, someone, to, words):
    with time_machine.travel("2023-06-01", tick=True):
        closed = factories.moved(tasking, to)
    with time_machine.travel("2023-06-02", tick=True):
        reopened = workflow.reopen(closed, by=factories.SETUP, reason="TEST")
        with refused(words), transaction.atomic():
            Tasking.objects.filter(pk=tasking.pk).update(status=to, status_event=event(reopened, "awaiting", to))
    assert unchanged(reopened)


def test_what_was_entered_in_error_proves_no_end_behind_the_verbs_back(tasking, someone):
    retractions.retract_evidence(factories.evidence(tasking), by=factories.SETUP, reason="TEST")
    retractions.retract_response(factories.reply(tasking), by=factories.SETUP, reason="TEST")
    for to, words in [("implemented", "done without evidence"), ("answered", "answered without a reply")]:
        with refused(words), transaction.atomic():
            Tasking.objects.filter(pk=tasking.pk).update(status=to, status_event=event(tasking, "awaiting", to))


@pytest.mark.parametrize("to", ["not_implemented", "overtaken", "withdrawn", "transferred", "entered_in_error"])
def test_an_end_without_a_reason_is_refused_behind_the_verbs_back(tasking, someone, to):
    silent = event(tasking, "awaiting", to, reason="  ")
    with refused(f"{to} without a reason"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status=to, status_event=silent)
    assert unchanged(tasking)


def test_reopening_without_a_reason_is_refused_behind_the_verbs_back(tasking, someone):
    closed = factories.moved(tasking, "withdrawn")
    silent = event(tasking, "withdrawn", "awaiting", reason="")
    with refused("awaiting without a reason"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(status="awaiting", status_event=silent)
    assert unchanged(closed)


def test_a_promise_without_its_date_is_refused_behind_the_verbs_back(tasking, someone):
    with refused("tasking_promise_has_date"), transaction.atomic():
        Tasking.objects.filter(pk=tasking.pk).update(
            status="promised", status_event=event(tasking, "awaiting", "promised")
        )


def test_what_a_closed_item_rests_on_cannot_be_taken_away(tasking, someone):
    done = factories.moved(tasking, "implemented")
    with refused("is closed on this row"), transaction.atomic():
        done.evidence.get().delete()
    answered = factories.moved(factories.item(), "answered")
    with refused("is closed on this row"), transaction.atomic():
        answered.answers.get().delete()


def test_one_of_two_proofs_may_go(tasking, someone):
    factories.evidence(tasking)
    done = factories.moved(tasking, "implemented")
    done.evidence.first().delete()
    assert done.evidence.count() == 1
