"""What may follow what, against a table written out by hand as docs/architecture.md words it."""

import pytest
from django.db import transaction

from letters.domain import workflow
from letters.domain.transitions import NEEDS, TRANSITIONS, allowed_next, needs
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, Status
from letters.errors import TransitionRefused
from letters.models import Event, Tasking
from tests import factories

OPEN = ["awaiting", "acknowledged", "considering", "clarification", "partly_addressed", "promised"]
CLOSED = [
    "answered",
    "implemented",
    "declined",
    "not_implemented",
    "overtaken",
    "withdrawn",
    "transferred",
    "entered_in_error",
]
ALL = ["draft", *OPEN, *CLOSED]

# from: the open ones it may become, whether it may be closed
ALLOWED = {
    "draft": {"awaiting", "withdrawn"},
    "awaiting": {"acknowledged", "considering", "clarification", "partly_addressed", "promised", *CLOSED},
    "acknowledged": {"considering", "clarification", "partly_addressed", "promised", *CLOSED},
    "considering": {"acknowledged", "clarification", "partly_addressed", "promised", *CLOSED},
    "clarification": {"acknowledged", "considering", "partly_addressed", "promised", *CLOSED},
    "partly_addressed": {"acknowledged", "considering", "clarification", "promised", *CLOSED},
    "promised": {"acknowledged", "considering", "clarification", "partly_addressed", *CLOSED},
    "answered": {"awaiting"},
    "implemented": {"awaiting"},
    "declined": {"awaiting"},
    "not_implemented": {"awaiting"},
    "overtaken": {"awaiting"},
    "withdrawn": {"awaiting"},
    "transferred": {"awaiting"},
    "entered_in_error": {"awaiting"},
}


def test_the_statuses_are_those_of_the_design():
    assert [*Status.values] == ALL
    assert [*OPEN_STATUSES] == OPEN
    assert [*CLOSED_STATUSES] == CLOSED


def test_the_printed_table_is_the_one_written_here():
    assert {str(status): {str(to) for to in following} for status, following in TRANSITIONS.items()} == ALLOWED


def test_no_status_is_listed_twice_after_another():
    assert [status for status, following in TRANSITIONS.items() if len(following) != len(set(following))] == []


def test_each_status_needs_what_the_design_says():
    assert {str(status): set(fields) for status, fields in NEEDS.items()} == {
        "promised": {"promised_on"},
        "answered": {"reply"},
        "implemented": {"evidence"},
        "declined": {"reply"},
        "not_implemented": {"reason"},
        "overtaken": {"reason"},
        "withdrawn": {"reason"},
        "transferred": {"agency", "reason"},
        "entered_in_error": {"reason"},
    }
    assert {needs(closed, "awaiting") for closed in CLOSED} == {("reason",)}
    assert needs("awaiting", "considering") == ()


@pytest.mark.parametrize(("closes_as", "never"), [("answered", "implemented"), ("implemented", "answered")])
def test_the_word_of_success_follows_the_kind_of_ask(closes_as, never):
    assert set(allowed_next("awaiting", closes_as=closes_as)) == ALLOWED["awaiting"] - {never}


def do(tasking: Tasking, to: str) -> Tasking:
    """Move it, with all that any move needs."""
    if to == "transferred":
        return workflow.transfer(tasking, to_agency=factories.agency("state"), by=factories.SETUP, reason="TEST")
    promised_on = tasking.asked_on if to == "promised" else None
    return workflow.transition(tasking, to=to, by=factories.SETUP, reason="TEST", promised_on=promised_on)


def start(status: str) -> Tasking:
    """An item in this status that has a reply and evidence, so that nothing is missing for any move."""
    if status == "draft":
        letter = factories.draft()
        return factories.ask(letter, "treasury").taskings.get()
    tasking = factories.item()
    factories.reply(tasking)
    factories.evidence(tasking)
    if status != "awaiting":
        do(tasking, status)
    if status == "transferred":
        successor = Tasking.objects.get(passed_from=tasking)
        workflow.transition(successor, to="withdrawn", by=factories.SETUP, reason="TEST")
    return Tasking.objects.get(pk=tasking.pk)


def try_it(tasking: Tasking, to: str) -> bool:
    """Whether it moved, with its event; or was refused for that and wrote nothing. Undone either way."""
    facts = ("status", "status_event__from_status", "status_event__to_status")
    row = Tasking.objects.filter(pk=tasking.pk)
    before, events, refused_for = row.values_list(*facts).get(), Event.objects.count(), []
    with transaction.atomic():
        try:
            do(tasking, to)
        except TransitionRefused as refused:
            refused_for = [problem.field for problem in refused.problems]
        after, more = row.values_list(*facts).get(), Event.objects.count() - events
        transaction.set_rollback(True)
    if refused_for:
        assert (refused_for, after, more) == (["to"], before, 0)
        return False
    assert after == (to, before[0], to)
    return True


@pytest.mark.parametrize("before", ALL)
def test_every_move_from(reference, before):
    tasking = start(before)
    assert tasking.status == before
    happened = {to: try_it(tasking, to) for to in ALL}
    # an item of a draft letter begins to wait when the letter is sent, and not by itself
    expected = {to: to in ALLOWED[before] for to in ALL} | ({"awaiting": False} if before == "draft" else {})
    assert happened == expected


def test_a_draft_begins_to_wait_when_its_letter_is_sent(reference):
    tasking = factories.item()
    assert (tasking.status, tasking.status_event.from_status, tasking.status_event.to_status) == (
        "awaiting",
        "draft",
        "awaiting",
    )


@pytest.mark.parametrize("to", ["nonsense", "", "Awaiting"])
def test_an_unknown_status_is_refused_with_those_that_may_follow(reference, to):
    tasking = factories.item()
    with pytest.raises(TransitionRefused) as refused:
        workflow.transition(tasking, to=to, by=factories.SETUP)
    (problem,) = refused.value.problems
    assert (problem.field, problem.value) == ("to", to)
    assert problem.message.startswith(f"Status: “{to}” cannot follow “no reply recorded” for Other. Choose one of ")


@pytest.mark.parametrize(
    ("to", "field", "sentence"),
    [
        ("promised", "promised_on", "“promised” needs the date they promised. Add it."),
        ("answered", "reply", "“answered” needs a reply from the agency. Add it."),
        ("declined", "reply", "“refused” needs a reply from the agency. Add it."),
        (
            "implemented",
            "evidence",
            "“done” needs evidence: a citation, a list entry, a page, or a reply we hold. Add it.",
        ),
        ("not_implemented", "reason", "“lapsed” needs a reason. Add it."),
        ("overtaken", "reason", "“no longer needed” needs a reason. Add it."),
        ("withdrawn", "reason", "“withdrawn” needs a reason. Add it."),
        ("entered_in_error", "reason", "“entered in error” needs a reason. Add it."),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_written(reference, staff, to, field, sentence):
    tasking = factories.item()
    before, events = Tasking.objects.filter(pk=tasking.pk).values().get(), Event.objects.count()
    with pytest.raises(TransitionRefused) as refused:
        workflow.transition(tasking, to=to, by=staff, reason=" \n" if field == "reason" else "")
    assert [(problem.field, problem.message) for problem in refused.value.problems] == [(field, sentence)]
    assert (Tasking.objects.filter(pk=tasking.pk).values().get(), Event.objects.count()) == (before, events)


def test_passing_on_names_the_agency_and_the_reason(reference, staff):
    with pytest.raises(TransitionRefused) as refused:
        workflow.transition(factories.item(), to="transferred", by=staff)
    assert [problem.field for problem in refused.value.problems] == ["agency", "reason"]


def test_reopening_needs_a_reason(reference, staff):
    tasking = factories.moved(factories.item(), "withdrawn")
    with pytest.raises(TransitionRefused) as refused:
        workflow.reopen(tasking, by=staff, reason="")
    assert [problem.field for problem in refused.value.problems] == ["reason"]
    assert Tasking.objects.get(pk=tasking.pk).status == "withdrawn"


def test_an_acknowledgment_is_no_reply_to_close_on(reference, staff):
    tasking = factories.item()
    factories.reply(tasking, kind="acknowledgement", coverage="full")
    with pytest.raises(TransitionRefused) as refused:
        workflow.transition(tasking, to="answered", by=staff)
    assert [problem.field for problem in refused.value.problems] == ["reply"]


def test_a_promise_for_a_day_before_it_was_asked_is_refused(reference, staff):
    tasking = factories.item()
    with pytest.raises(TransitionRefused) as refused:
        workflow.transition(tasking, to="promised", by=staff, promised_on=tasking.asked_on.replace(day=1))
    assert [(problem.field, problem.message) for problem in refused.value.problems] == [
        (
            "promised_on",
            "The promised date (April 1, 2023) is before the day it was asked (April 25, 2023). "
            "Enter April 25, 2023 or a later day.",
        )
    ]


def test_an_item_passed_on_is_reopened_only_after_its_successor_is_withdrawn(reference, staff):
    tasking = factories.item()
    successor = workflow.transfer(tasking, to_agency=factories.agency("state"), by=staff, reason="TEST passed on")
    tasking = Tasking.objects.get(pk=tasking.pk)
    with pytest.raises(TransitionRefused) as refused:
        workflow.reopen(tasking, by=staff, reason="TEST it came back")
    assert refused.value.problems[0].message == (
        "This item was passed to State. Withdraw that one first, then reopen this one."
    )
    workflow.transition(successor, to="withdrawn", by=staff, reason="TEST it came back")
    assert workflow.reopen(tasking, by=staff, reason="TEST it came back").status == "awaiting"


def test_close_refuses_an_open_status(reference, staff):
    with pytest.raises(TransitionRefused) as refused:
        workflow.close(factories.item(), to="considering", by=staff)
    assert [problem.field for problem in refused.value.problems] == ["to"]
