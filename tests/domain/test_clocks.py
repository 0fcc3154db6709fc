"""The dates of items: by which rule, kept as revisions, moved with the calendar."""

import datetime as dt

import pytest

from letters.domain import clocks, closures, sending, workflow
from letters.domain.history import acting
from letters.errors import NotAllowed
from letters.models import Agency, Closure, DueDate, Tasking
from tests import factories
from tests.domain.refusals import refused

USUAL, LETTERS_OWN, ASKS_OWN, PROMISED = (
    dt.date(2023, 5, 24),
    dt.date(2023, 5, 16),
    dt.date(2023, 5, 5),
    dt.date(2023, 6, 8),
)


def item(*, letter: bool, ask: bool) -> Tasking:
    return factories.item(
        deadline_on=LETTERS_OWN if letter else None, ask_facts={"requested_by": ASKS_OWN} if ask else None
    )


@pytest.mark.parametrize("letter", [True, False])
@pytest.mark.parametrize("ask", [True, False])
@pytest.mark.parametrize("promise", [True, False])
def test_a_promise_goes_before_the_asks_date_that_before_the_letters_and_that_before_our_wait(
    reference, letter, ask, promise
):
    tasking = item(letter=letter, ask=ask)
    if promise:
        tasking = workflow.transition(tasking, to="promised", by=factories.SETUP, promised_on=PROMISED)
    tasking.refresh_from_db()
    expected = (
        (PROMISED, "promise")
        if promise
        else (ASKS_OWN, "letter")
        if ask
        else (LETTERS_OWN, "letter")
        if letter
        else (USUAL, "yardstick")
    )
    assert (tasking.due_on, tasking.due_basis) == expected
    newest = tasking.due_dates.filter(clock="substantive").first()
    assert (newest.value, newest.basis) == expected


def test_an_agency_has_its_own_usual_wait(reference):
    with acting(factories.SETUP):
        Agency.objects.filter(slug="treasury").update(yardstick_days=10)
    tasking = factories.item(agencies=["treasury"])  # sent now, by that wait
    assert tasking.due_on == dt.date(2023, 5, 9)
    assert (
        tasking.due_dates.filter(clock="substantive").get().explanation["rule"]
        == "Our usual wait: 10 business days (set for Treasury)"
    )


def test_every_value_a_date_had_is_kept_and_says_what_moved_it(reference, staff):
    tasking = item(letter=False, ask=False)
    sending.amend(tasking.ask.letter, by=staff, reason="TEST", deadline_on=LETTERS_OWN)
    workflow.transition(tasking, to="promised", by=staff, promised_on=PROMISED)
    rows = (
        tasking.due_dates.filter(clock="substantive")
        .order_by("revision")
        .values_list("revision", "value", "basis", "moved_by__kind")
    )
    assert list(rows) == [
        (1, USUAL, "yardstick", None),
        (2, LETTERS_OWN, "letter", "due_date_moved"),
        (3, PROMISED, "promise", "due_date_moved"),
    ]


def test_computed_again_without_change_it_is_not_kept_again(reference):
    tasking = factories.item()
    with acting(factories.SETUP):
        first = clocks.set_due_date(tasking, by=factories.SETUP)
        again = clocks.set_due_date(tasking, by=factories.SETUP)
    assert (first, again, DueDate.objects.filter(clock="substantive").count()) == (
        tasking.due_dates.filter(clock="substantive").get(),
        tasking.due_dates.filter(clock="substantive").get(),
        1,
    )


# --- the calendar changes


def due_dates() -> set:
    return set(Tasking.objects.filter(role="lead").values_list("due_on", flat=True))


def test_a_closure_moves_every_usual_wait_still_running(seed, admin):
    closures.set_closure(by=admin, day=dt.date(2023, 5, 1), name="TEST snow")
    assert due_dates() == {dt.date(2023, 5, 25)}
    tasking = Tasking.objects.filter(role="lead").first()
    newest = tasking.due_dates.filter(clock="substantive").first()
    assert (newest.revision, newest.moved_by.by_user) == (2, admin)
    assert {"day": "2023-05-01", "why": "TEST snow"} in newest.explanation["skipped"]


def test_items_are_held_in_the_order_in_which_replies_hold_them(seed, admin, monkeypatch):
    # else a closure and a reply about two of these items each wait for what the other holds
    held = []
    was = clocks.set_due_date
    monkeypatch.setattr(clocks, "set_due_date", lambda one, **how: (held.append((one.ask_id, one.pk)), was(one, **how)))
    closures.set_closure(by=admin, day=dt.date(2023, 5, 1), name="TEST snow")
    sending.amend(seed, by=admin, reason="TEST", deadline_on=dt.date(2023, 6, 1))
    assert len(held) == 15  # seven that run; with them one that is consulted
    assert held == [*sorted(held[:7]), *sorted(held[7:])]


def test_taken_away_again_it_moves_them_back(seed, admin):
    closure = closures.set_closure(by=admin, day=dt.date(2023, 5, 1), name="TEST snow")
    closures.remove_closure(closure, by=admin)
    assert due_dates() == {USUAL}
    assert Tasking.objects.filter(role="lead").first().due_dates.filter(clock="substantive").count() == 3


def test_a_federal_holiday_that_is_worked_moves_what_runs_across_it(reference, admin):
    tasking = factories.item(sent_on=dt.date(2023, 5, 5))
    assert tasking.due_on == dt.date(2023, 6, 6)
    worked = closures.set_closure(by=admin, day=dt.date(2023, 5, 29), name="TEST worked", closed=False)
    assert due_dates() == {dt.date(2023, 6, 5)}
    newest = tasking.due_dates.filter(clock="substantive").first()
    assert (newest.moved_by.by_user, newest.moved_by.payload["from"]) == (admin, "2023-06-06")
    assert "2023-05-29" not in {one["day"] for one in newest.explanation["skipped"]}
    closures.remove_closure(worked, by=admin)
    assert due_dates() == {dt.date(2023, 6, 6)}


def test_a_closure_on_a_day_that_did_not_count_anyway_moves_nothing(seed, admin):
    closures.set_closure(by=admin, day=dt.date(2023, 4, 29), name="TEST Saturday")
    closures.set_closure(by=admin, day=dt.date(2023, 12, 1), name="TEST later")
    assert (due_dates(), DueDate.objects.filter(clock="substantive").count()) == ({USUAL}, 7)


def test_a_closure_leaves_what_is_over_and_what_somebody_set(reference, admin):
    closed = factories.moved(factories.item(), "withdrawn")
    set_by_letter = factories.item(deadline_on=LETTERS_OWN)
    answered = factories.item()
    factories.reply(answered)
    closures.set_closure(by=admin, day=dt.date(2023, 5, 1), name="TEST snow")
    now = dict(Tasking.objects.values_list("pk", "due_on"))
    assert now == {closed.pk: USUAL, set_by_letter.pk: LETTERS_OWN, answered.pk: USUAL}


def test_the_calendar_is_changed_by_administrators_and_with_a_name(reference, manager, admin):
    before = Closure.objects.count()
    assert list(refused(closures.set_closure, by=manager, day=USUAL, name="TEST", error=NotAllowed)) == ["by"]
    assert refused(closures.set_closure, by=admin, day=USUAL, name=" ") == {
        "name": "The name of the day is missing. Say why it does not count."
    }
    assert list(refused(closures.remove_closure, Closure.objects.first(), by=manager, error=NotAllowed)) == ["by"]
    assert Closure.objects.count() == before
