"""What a move does beside the status: its event, its clock, the consulted, the successor, the public word."""

import datetime as dt

import pytest
import time_machine

from letters.domain import renewals, sending, workflow
from letters.errors import NotAllowed, StaleVersion
from letters.models import Event, Tasking
from tests import factories
from tests.domain.refusals import refused


@pytest.fixture
def consulted_letter(reference):
    """One ask: Treasury and Commerce responsible, State consulted."""
    letter = factories.draft(agencies=["treasury", "commerce", "state"])
    factories.ask(letter, "treasury", "commerce", consulted=["state"])
    return sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)


def items(letter) -> dict[str, Tasking]:
    return {t.agency.slug: t for t in Tasking.objects.filter(ask__letter=letter).select_related("agency")}


def test_a_move_says_who_when_why_and_from_where(reference, staff):
    tasking = factories.item()
    when = dt.datetime(2023, 5, 2, 14, tzinfo=dt.UTC)
    moved = workflow.transition(tasking, to="considering", by=staff, reason="TEST called back", occurred_at=when)
    event = moved.status_event
    assert (event.kind, event.by_user, event.occurred_at, event.reason) == (
        "status_changed",
        staff,
        when,
        "TEST called back",
    )
    assert factories.told(event) == {
        "tasking": str(tasking.pk),
        "letter": str(tasking.ask.letter_id),
        "reference": "2023-0001",
        "ask": "TEST ask",
        "agency": "treasury",
        "role": "lead",
        "status": "considering",
        "due_on": "2023-05-24",
        "due_basis": "yardstick",
        "from": "awaiting",
        "to": "considering",
        "reason": "TEST called back",
    }
    assert (moved.version, tasking.version) == (tasking.version + 1, tasking.version)


def test_what_a_person_does_touches_the_item_and_what_the_program_does_not(reference, staff):
    tasking = factories.item()
    with time_machine.travel(dt.datetime(2023, 6, 1, tzinfo=dt.UTC), tick=False):
        moved = workflow.transition(tasking, to="considering", by=factories.SETUP)
        assert moved.touched_at == tasking.touched_at
        moved = workflow.transition(moved, to="acknowledged", by=staff)
        assert moved.touched_at == dt.datetime(2023, 6, 1, tzinfo=dt.UTC)


def test_a_promise_moves_the_clock_to_its_date(reference, staff):
    tasking = workflow.transition(factories.item(), to="promised", by=staff, promised_on=dt.date(2023, 7, 8))
    tasking.refresh_from_db()
    assert (tasking.promised_on, tasking.due_on, tasking.due_basis) == (
        dt.date(2023, 7, 8),
        dt.date(2023, 7, 8),
        "promise",
    )
    back = workflow.transition(tasking, to="considering", by=staff)
    back.refresh_from_db()
    assert (back.due_on, back.due_basis) == (dt.date(2023, 5, 24), "yardstick")
    assert list(back.due_dates.filter(clock="substantive").order_by("revision").values_list("value", "basis")) == [
        (dt.date(2023, 5, 24), "yardstick"),
        (dt.date(2023, 7, 8), "promise"),
        (dt.date(2023, 5, 24), "yardstick"),
    ]


def test_while_the_ball_is_with_us_the_clock_stands_still(reference, staff):
    tasking = factories.item()
    with time_machine.travel(dt.datetime(2023, 5, 1, 16, tzinfo=dt.UTC), tick=False):
        tasking = workflow.transition(tasking, to="clarification", by=staff)
    assert list(tasking.pauses.values_list("started_on", "ended_on")) == [(dt.date(2023, 5, 1), None)]
    with time_machine.travel(dt.datetime(2023, 5, 8, 16, tzinfo=dt.UTC), tick=False):
        tasking = workflow.transition(tasking, to="considering", by=staff)
    tasking.refresh_from_db()
    assert list(tasking.pauses.values_list("started_on", "ended_on")) == [(dt.date(2023, 5, 1), dt.date(2023, 5, 8))]
    # five business days stood still: May 31 would be five later, but May 29 is Memorial Day
    assert tasking.due_on == dt.date(2023, 6, 1)
    assert tasking.due_dates.filter(clock="substantive").first().explanation["pauses"] == [
        {"start": "2023-05-01", "end": "2023-05-08"}
    ]


def test_a_pause_that_ends_with_the_item_moves_nothing(reference, staff):
    tasking = workflow.transition(factories.item(), to="clarification", by=staff)
    closed = workflow.transition(tasking, to="withdrawn", by=staff, reason="TEST")
    closed.refresh_from_db()
    assert (closed.due_on, closed.pauses.get().ended_on) == (dt.date(2023, 5, 24), closed.pauses.get().started_on)


def test_paused_twice_in_a_day_is_no_overlap(reference, staff):
    tasking = factories.item()
    for to in ("clarification", "considering", "clarification", "considering"):
        tasking = workflow.transition(tasking, to=to, by=staff)
    assert tasking.pauses.count() == 2


# --- consulted


def test_consulted_closes_with_the_last_responsible_item(consulted_letter, staff):
    of = items(consulted_letter)
    workflow.transition(of["treasury"], to="withdrawn", by=staff, reason="TEST")
    assert items(consulted_letter)["state"].status == "awaiting"
    workflow.transition(of["commerce"], to="withdrawn", by=staff, reason="TEST")
    state = items(consulted_letter)["state"]
    assert (state.status, state.status_event.by_user, state.status_event.reason) == (
        "overtaken",
        staff,
        "The last responsible item of this ask was closed.",
    )


def test_consulted_reopens_with_the_first_responsible_item(consulted_letter, staff):
    of = items(consulted_letter)
    for agency in ("treasury", "commerce"):
        closed = workflow.transition(of[agency], to="withdrawn", by=staff, reason="TEST")
    workflow.reopen(closed, by=staff, reason="TEST again")
    state = items(consulted_letter)["state"]
    assert (state.status, state.due_on) == ("awaiting", None)


def test_consulted_that_was_closed_by_hand_stays_closed(consulted_letter, staff):
    of = items(consulted_letter)
    workflow.transition(of["state"], to="overtaken", by=staff, reason="TEST by hand")
    for agency in ("treasury", "commerce"):
        closed = workflow.transition(of[agency], to="withdrawn", by=staff, reason="TEST")
    workflow.reopen(closed, by=staff, reason="TEST again")
    assert items(consulted_letter)["state"].status == "overtaken"


def test_closing_the_consulted_closes_nothing_else(consulted_letter, staff):
    workflow.transition(items(consulted_letter)["state"], to="withdrawn", by=staff, reason="TEST")
    assert {slug: t.status for slug, t in items(consulted_letter).items()} == {
        "treasury": "awaiting",
        "commerce": "awaiting",
        "state": "withdrawn",
    }


def test_an_end_that_is_not_public_does_not_show_by_the_consulted(reference, staff):
    letter = factories.draft(agencies=["treasury", "state"])
    factories.ask(letter, "treasury", consulted=["state"])
    letter = sending.release(
        sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON), by=factories.SETUP
    )
    before = letter.events.exclude(public_payload=None).count()
    factories.moved(items(letter)["treasury"], "declined", by=staff)
    assert {slug: (t.status, t.public_status) for slug, t in items(letter).items()} == {
        "treasury": ("declined", "awaiting"),
        "state": ("overtaken", "awaiting"),
    }
    assert letter.events.exclude(public_payload=None).count() == before


# --- passed on


def test_passing_on_makes_a_successor_that_keeps_the_first_day(reference, staff):
    tasking = factories.item()
    successor = workflow.transfer(tasking, to_agency=factories.agency("state"), by=staff, reason="TEST not ours")
    tasking.refresh_from_db()
    successor.refresh_from_db()
    assert (tasking.status, tasking.status_event.reason) == ("transferred", "TEST not ours")
    assert (
        successor.agency.slug,
        successor.status,
        successor.passed_from.get(),
        successor.asked_on,
        successor.due_on,
    ) == (
        "state",
        "awaiting",
        tasking,
        tasking.asked_on,
        dt.date(2023, 5, 24),
    )
    assert successor.status_event.reason == "Passed on by Treasury: TEST not ours"


def test_what_is_passed_on_was_asked_as_often_and_says_where_it_goes(reference, staff):
    tasking = factories.item()
    again = factories.sent(sent_on=dt.date(2023, 9, 5), deadline_on=dt.date(2023, 9, 29))
    renewals.renew(tasking, by=staff, letter=again, quote="TEST again")
    successor = workflow.transfer(tasking, to_agency=factories.agency("state"), by=staff, reason="TEST not ours")
    assert successor.renewals.values_list("letter", "renewed_on", "quote").get() == (
        again.pk, dt.date(2023, 9, 5), "TEST again",
    )  # fmt: skip
    successor.refresh_from_db()
    assert (successor.asked_on, successor.due_on, successor.due_basis) == (
        factories.SENT_ON, dt.date(2023, 9, 29), "letter",
    )  # fmt: skip
    waits, passed = Event.objects.filter(kind="status_changed").order_by("-sequence")[:2]
    assert (passed.tasking, passed.payload["passed_to"], waits.tasking) == (tasking, str(successor.pk), successor)
    # whoever is asked already keeps a date of its own that is as late, and gets one that is later
    other = factories.sent(agencies=["treasury", "state", "commerce"])
    renewals.renew(items(other)["treasury"], by=staff, letter=again)
    linked = workflow.transfer(items(other)["treasury"], to_agency=factories.agency("state"), by=staff, reason="TEST")
    assert (linked, linked.renewals.count(), linked.due_on) == (items(other)["state"], 1, dt.date(2023, 9, 29))
    moved = linked.events.get(kind="due_date_moved")
    assert (moved.payload["to"], moved.reason) == (
        "2023-09-29", "Passed on by Treasury, which was asked for it again.",
    )  # fmt: skip
    linked = workflow.transfer(items(other)["commerce"], to_agency=factories.agency("state"), by=staff, reason="TEST")
    assert (linked.renewals.count(), linked.due_on) == (1, dt.date(2023, 9, 29))


def test_passing_on_to_who_has_it_open_links_that_item(reference, staff):
    letter = factories.sent(agencies=["treasury", "state"])
    of = items(letter)
    successor = workflow.transfer(of["treasury"], to_agency=of["state"].agency, by=staff, reason="TEST")
    assert (successor, successor.passed_from.get(), Tasking.objects.count()) == (of["state"], of["treasury"], 2)


def test_passing_on_to_who_was_consulted_makes_it_responsible(seed, staff):
    tasking = Tasking.objects.get(ask__letter=seed, ask__number=4, role="lead")
    state = Tasking.objects.get(ask__letter=seed, ask__number=4, role="consulted")
    successor = workflow.transfer(tasking, to_agency=state.agency, by=staff, reason="TEST")
    successor.refresh_from_db()
    assert (successor, successor.role, successor.due_on, successor.due_basis, successor.passed_from.get()) == (
        state,
        "lead",
        dt.date(2023, 5, 24),
        "yardstick",
        tasking,
    )


def test_passing_on_to_itself_is_refused(reference, staff):
    tasking = factories.item()
    assert refused(workflow.transfer, tasking, to_agency=tasking.agency, by=staff, reason="TEST") == {
        "agency": "Treasury has this item already. Choose the agency it was passed to."
    }


def test_passed_on_and_back_it_can_be_passed_on_again(reference, staff):
    tasking = factories.item()
    first = workflow.transfer(tasking, to_agency=factories.agency("state"), by=staff, reason="TEST")
    workflow.transition(first, to="withdrawn", by=staff, reason="TEST")
    tasking = workflow.reopen(Tasking.objects.get(pk=tasking.pk), by=staff, reason="TEST")
    second = workflow.transfer(tasking, to_agency=factories.agency("commerce"), by=staff, reason="TEST")
    assert (second.agency.slug, second.passed_from.get()) == ("commerce", tasking)


def test_a_passed_on_letter_in_error_is_in_error_everywhere(reference, staff):
    letter = factories.sent()
    workflow.transfer(items(letter)["treasury"], to_agency=factories.agency("state"), by=staff, reason="TEST")
    sending.enter_in_error(letter, by=staff, reason="TEST")
    assert {slug: t.status for slug, t in items(letter).items()} == {
        "treasury": "transferred",
        "state": "entered_in_error",
    }


# --- rights and versions


@pytest.mark.parametrize(
    "verb",
    [
        lambda tasking, by: workflow.transition(tasking, to="considering", by=by),
        lambda tasking, by: workflow.transfer(tasking, to_agency=factories.agency("state"), by=by, reason="TEST"),
        lambda tasking, by: workflow.close(tasking, to="withdrawn", by=by, reason="TEST"),
    ],
)
def test_who_only_looks_moves_nothing(reference, viewer, verb):
    assert list(refused(verb, factories.item(), viewer, error=NotAllowed)) == ["by"]


def test_staff_not_named_on_a_restricted_letter_move_nothing(reference, staff):
    other = factories.user("staff", "other")
    tasking = factories.item(access="restricted", staff=[other])
    assert list(refused(workflow.transition, tasking, to="considering", by=staff, error=NotAllowed)) == ["by"]
    assert workflow.transition(tasking, to="considering", by=other).status == "considering"


def test_a_stale_move_names_who_changed_it_and_what(reference, staff, manager):
    tasking = factories.item()
    with time_machine.travel(dt.datetime(2023, 5, 2, 18, 5, tzinfo=dt.UTC), tick=False):
        workflow.transition(tasking, to="considering", by=manager)
    told = refused(
        workflow.transition, tasking, to="acknowledged", by=staff, expected_version=tasking.version, error=StaleVersion
    )
    assert told == {
        "version": "manager changed this item at 2:05 p.m. on May 2: status went from “no reply recorded” to "
        "“looking into it”. What you typed is below; compare and save again."
    }
