"""A later letter repeats an open item: the same item, one count, first asked when it was, and a new date."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain import (
    extending,
    items,
    letter_desk,
    not_repeated,
    outcomes,
    proposals,
    renewals,
    reply_flow,
    sending,
    workflow,
    worksheets,
)
from letters.domain.history import acting
from letters.domain.standing import with_reopening
from letters.domain.withheld import without_hidden_reasons
from letters.domain.words import status_words
from letters.domain.worklists import headline
from letters.errors import NotAllowed
from letters.models import Letter, LetterLink, Tasking
from letters.models.tasking_queries import RUNNING
from tests import factories, kept
from tests.domain.refusals import refused

AGAIN_ON = dt.date(2023, 9, 5)
DEADLINE = dt.date(2023, 9, 29)


def now(tasking: Tasking) -> Tasking:
    return Tasking.objects.get(pk=tasking.pk)


def make_cloud() -> None:
    factories.item(kind_code="sanction", ask_facts={"targets": [factories.target("TEST Cloud")]})


def make_cloud_twice() -> None:
    make_cloud()
    targets = list(Tasking.objects.get().ask.targets.all())
    factories.sent(kind_code="sanction", sent_on=AGAIN_ON, deadline_on=DEADLINE, ask_facts={"targets": targets})


@pytest.fixture(scope="module")
def _kept_clouds(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        kept.make("cloud", make_cloud)
        kept.make("cloud_twice", make_cloud_twice)


@pytest.fixture
def tasking(_kept_clouds, reference, request) -> Tasking:
    """An item, alone in the record or with the letter that asks for it again."""
    kept.put_back("cloud_twice" if "follow_up" in request.fixturenames else "cloud")
    return Tasking.objects.select_related("ask__letter", "agency").get(ask__letter__sent_on=factories.SENT_ON)


@pytest.fixture
def follow_up(tasking) -> Letter:
    return Letter.objects.get(sent_on=AGAIN_ON)


def test_a_letter_that_repeats_an_item_gives_it_its_date_and_no_second_item(tasking, follow_up, staff):
    twin = Tasking.objects.get(ask__letter=follow_up)
    counts = headline(Tasking.objects.counted(), AGAIN_ON)
    assert (counts.open, counts.asks) == (2, 2)
    made = renewals.renew(tasking, by=staff, letter=follow_up, quote=" TEST again ", instead_of=twin)
    after = now(tasking)
    assert (made.renewed_on, made.quote) == (AGAIN_ON, "TEST again")
    assert (after.asked_on, after.due_on, after.due_basis) == (factories.SENT_ON, DEADLINE, "letter")
    assert [d.value for d in after.due_dates.filter(clock="substantive")] == [DEADLINE, dt.date(2023, 5, 24)]
    assert (
        "repeats this, and asks for a reply by September 29, 2023"
        in after.due_dates.filter(clock="substantive").first().explanation["rule"]
    )
    assert (now(twin).status, now(twin).status_event.reason) == (
        "entered_in_error",
        "It repeats an item of an earlier letter, which goes on.",
    )
    counts = headline(Tasking.objects.counted(), AGAIN_ON)
    assert (counts.open, counts.asks) == (1, 1)
    event = after.events.get(kind="renewed")
    assert (event.by_user, event.payload["by_letter"], event.payload["renewed_on"], event.public_payload) == (
        staff, str(follow_up.pk), "2023-09-05", None,
    )  # fmt: skip
    assert LetterLink.objects.values_list("letter__reference", "to_letter__reference", "kind").get() == (
        "2023-0002", "2023-0001", "follow_up_to",
    )  # fmt: skip


def test_a_letter_without_a_date_leaves_the_date_that_runs(tasking, staff):
    renewals.renew(tasking, by=staff, letter=factories.sent(sent_on=AGAIN_ON))
    after = now(tasking)
    assert (after.due_on, after.due_basis, after.due_dates.filter(clock="substantive").count()) == (
        dt.date(2023, 5, 24),
        "yardstick",
        1,
    )


def test_a_corrected_date_moves_what_the_letter_repeats_and_an_error_takes_it_back(tasking, follow_up, staff):
    renewals.renew(tasking, by=staff, letter=follow_up)
    sending.amend(follow_up, by=staff, reason="TEST", deadline_on=dt.date(2023, 10, 13))
    assert now(tasking).due_on == dt.date(2023, 10, 13)
    follow_up.refresh_from_db()
    sending.enter_in_error(follow_up, by=staff, reason="TEST")
    assert (now(tasking).due_on, now(tasking).due_basis) == (dt.date(2023, 5, 24), "yardstick")


def test_a_letter_whose_item_left_for_one_that_was_an_error_asks_for_itself_again(tasking, follow_up, staff, manager):
    own = Tasking.objects.get(ask__letter=follow_up)
    renewals.renew(tasking, by=staff, letter=follow_up, instead_of=own)
    # also where who finds the error may not see the letter that asked again
    sending.change_access(Letter.objects.get(pk=follow_up.pk), by=manager, access="restricted", reason="TEST")
    sending.enter_in_error(Letter.objects.get(pk=tasking.ask.letter_id), by=staff, reason="TEST logged twice")
    assert (now(own).status, now(own).asked_on, now(own).due_on) == ("awaiting", AGAIN_ON, DEADLINE)
    assert now(own).status_event.reason == (
        "The item of an earlier letter that it repeated was entered in error: this letter asks for it itself."
    )
    assert [one.pk for one in Tasking.objects.open()] == [own.pk]


def test_asking_again_ends_the_review_of_no_position(tasking, follow_up, staff):
    words = [reply_flow.Word(tasking, said="no_position")]
    reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 5, 2), words=words)
    renewals.renew(now(tasking), by=staff, letter=follow_up)
    assert (now(tasking).review_on, now(tasking).due_on) == (None, DEADLINE)


def test_who_may_not_change_both_letters_repeats_nothing(tasking, follow_up, viewer, manager, staff):
    assert list(refused(renewals.renew, tasking, by=viewer, letter=follow_up, error=NotAllowed)) == ["by"]
    sending.change_access(follow_up, by=manager, access="restricted", reason="TEST")
    follow_up.refresh_from_db()
    assert list(refused(renewals.renew, tasking, by=staff, letter=follow_up, error=NotAllowed)) == ["by"]


def test_what_cannot_be_repeated(tasking, follow_up, staff):
    assert refused(renewals.renew, tasking, by=staff, letter=tasking.ask.letter) == {
        "letter": "2023-0001 is the letter that asked this first. Choose a later one."
    }
    assert refused(renewals.renew, tasking, by=staff, letter=factories.draft(letter_date=AGAIN_ON)) == {
        "letter": "Only a sent letter repeats what was asked. Send it first."
    }
    earlier = factories.sent(sent_on=dt.date(2023, 4, 1))
    assert list(refused(renewals.renew, tasking, by=staff, letter=earlier)) == ["letter"]
    closed = factories.moved(factories.item(), "withdrawn")
    assert list(refused(renewals.renew, closed, by=staff, letter=follow_up)) == ["tasking"]
    assert list(refused(renewals.renew, tasking, by=staff, letter=follow_up, instead_of=tasking)) == ["instead_of"]
    renewals.renew(tasking, by=staff, letter=follow_up)
    assert refused(renewals.renew, now(tasking), by=staff, letter=follow_up) == {
        "tasking": f"2023-0002 repeats “{tasking}” already. There is nothing left to do."
    }


def test_what_a_letter_may_repeat_is_proposed_with_the_reason(tasking, follow_up, staff, manager):
    factories.item(agencies=["state"], kind_code="briefing")  # another agency
    factories.item(kind_code="briefing")  # another kind, nobody in common
    hidden = factories.item(kind_code="sanction", ask_facts={"targets": [factories.target()]}, access="restricted")
    found = proposals.proposed_renewals(follow_up, staff)
    twin = Tasking.objects.get(ask__letter=follow_up)
    assert [(p.tasking, p.why, p.duplicate) for p in found] == [
        (tasking, "it also asks for “Sanction (SDN)”; both are about TEST Cloud", twin)
    ]
    assert {p.tasking for p in proposals.proposed_renewals(follow_up, manager)} == {tasking, hidden}
    renewals.renew(tasking, by=staff, letter=follow_up, instead_of=twin)
    assert proposals.proposed_renewals(follow_up, staff) == []


def test_a_review_looks_at_what_is_asked_alike_alone_with_a_limit(tasking, follow_up, staff, monkeypatch):
    factories.item(kind_code="briefing", ask_facts={"targets": list(tasking.ask.targets.all())})
    factories.item(kind_code="sanction", ask_facts={"targets": [factories.target()]})
    looked_at, why = [], proposals._why
    monkeypatch.setattr(proposals, "_why", lambda same, one, *how: looked_at.append(one) or why(same, one, *how))
    assert [proposal.tasking for proposal in worksheets.repeats_of(follow_up, staff)] == [tasking]
    assert looked_at == [tasking]
    factories.item(kind_code="sanction", ask_facts={"targets": list(tasking.ask.targets.all())})
    assert len(worksheets.repeats_of(follow_up, staff)) == 2
    assert len(proposals.proposed_renewals(follow_up, staff, twins=True, most=1)) == 1


def test_a_restricted_letter_costs_no_query_of_its_own(tasking, follow_up, staff):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            proposals.proposed_renewals(follow_up, staff)
        return len(asked)

    before = queries()
    with acting(factories.SETUP):
        Letter.objects.filter(pk=tasking.ask.letter_id).update(access="restricted")
        tasking.ask.letter.staff.add(staff)
    assert [one.tasking for one in proposals.proposed_renewals(follow_up, staff)] == [tasking]
    assert queries() == before


def test_an_item_and_the_one_it_stands_for_are_held_in_the_order_of_everybody(reference, staff):
    old = max((factories.item() for _ in range(3)), key=lambda one: one.ask_id)
    new = factories.item(sent_on=AGAIN_ON)
    while new.ask_id > old.ask_id:  # ids are random; in the other order nothing could go wrong
        new = factories.item(sent_on=AGAIN_ON)
    with CaptureQueriesContext(connection) as asked:
        renewals.renew(old, by=staff, letter=new.ask.letter, instead_of=new)
    locks = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"] and 'FROM "letters_ask"' in one["sql"]]
    assert (new.ask_id.hex in locks[0], old.ask_id.hex in locks[1]) == (True, True)


def test_what_was_answered_in_full_waits_again_once_a_letter_asked_again(tasking, follow_up, staff):
    words = [reply_flow.Word(tasking, said="answered", status="considering", coverage="full")]  # it does not satisfy
    replied = {"by": staff, "agency": tasking.agency, "words": words}
    reply_flow.record_reply(**replied, received_on=dt.date(2023, 5, 2))
    assert now(tasking).answered_on == dt.date(2023, 5, 2)
    renewals.renew(now(tasking), by=staff, letter=follow_up)
    assert (now(tasking).answered_on, now(tasking).due_on) == (None, DEADLINE)
    assert Tasking.objects.filter(RUNNING, pk=tasking.pk).exists()
    # the clock waits; what their replies said before is said all the same
    assert Tasking.objects.filter(outcomes.replied_condition("full"), pk=tasking.pk).exists()
    later = AGAIN_ON + dt.timedelta(days=3)
    reply_flow.record_reply(
        **replied | {"words": [reply_flow.Word(now(tasking), said="answered", status="considering", coverage="full")]},
        received_on=later,
    )
    assert now(tasking).answered_on == later
    sending.enter_in_error(follow_up, by=staff, reason="TEST")
    assert now(tasking).answered_on == dt.date(2023, 5, 2)


def test_what_lapses_once_it_was_asked_again_was_answered_before(tasking, follow_up, staff):
    words = [reply_flow.Word(tasking, said="answered", status="considering", coverage="full")]
    reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 5, 2), words=words)
    renewals.renew(now(tasking), by=staff, letter=follow_up)
    for one in (now(tasking), Tasking.objects.get(ask__letter=follow_up)):
        workflow.close(one, to="not_implemented", by=staff, reason="TEST")
    lapsed = with_reopening(Tasking.objects.closed().order_by("asked_on"))
    assert [status_words(one) for one in lapsed] == ["lapsed (not answered again)", "lapsed (never answered)"]
    assert [status_words(now(one)) for one in lapsed] == ["lapsed (not answered again)", "lapsed (never answered)"]


def test_an_end_by_a_reply_that_came_before_a_repeat_and_was_found_after_it_has_that_replys_day(
    tasking, follow_up, staff
):
    renewals.renew(tasking, by=staff, letter=follow_up)
    came = dt.date(2023, 5, 2)
    words = [reply_flow.Word(now(tasking), said="refused")]
    reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=came, words=words)
    assert (now(tasking).status, now(tasking).answered_on) == ("declined", came)
    workflow.reopen(now(tasking), by=staff, reason="TEST")
    assert now(tasking).answered_on is None


def test_a_review_that_a_letter_ended_comes_back_with_that_letters_error(tasking, follow_up, staff):
    words = [reply_flow.Word(tasking, said="no_position")]
    reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 5, 2), words=words)
    review_on = now(tasking).review_on
    renewals.renew(now(tasking), by=staff, letter=follow_up)
    sending.enter_in_error(follow_up, by=staff, reason="TEST")
    assert review_on is not None
    assert (now(tasking).review_on, now(tasking).due_basis) == (review_on, "yardstick")


def test_the_receipt_of_a_letter_that_repeats_an_item_is_their_first_word_of_it(tasking, follow_up, staff):
    renewals.renew(tasking, by=staff, letter=follow_up)
    assert now(tasking).acknowledged_on is None
    noted = AGAIN_ON + dt.timedelta(days=4)
    letter_desk.update_addressee(follow_up.addressees.get(), by=staff, acknowledged_on=noted)
    assert now(tasking).acknowledged_on == noted
    sending.enter_in_error(Letter.objects.get(pk=follow_up.pk), by=staff, reason="TEST")
    assert now(tasking).acknowledged_on is None


def test_a_term_from_an_unknown_receipt_takes_no_date_away(tasking, follow_up, staff):
    renewals.renew(tasking, by=staff, letter=follow_up)
    term = {"term_days": 10, "term_unit": "calendar", "term_from": "receipt"}
    third = factories.sent(sent_on=AGAIN_ON + dt.timedelta(days=30), **term)
    renewals.renew(now(tasking), by=staff, letter=third)
    found = now(tasking)
    assert (found.due_on, found.due_basis) == (DEADLINE, "letter")
    assert "no receipt is recorded: until it is, the date before it counts" in str(
        found.due_dates.filter(clock="substantive").first().explanation["notes"]
    )
    received = AGAIN_ON + dt.timedelta(days=33)
    letter_desk.update_addressee(third.addressees.get(), by=staff, delivered_on=received)
    assert now(tasking).due_on == received + dt.timedelta(days=10)


def test_one_item_of_a_letter_may_stand_for_two_earlier_ones(tasking, staff):
    targets = list(tasking.ask.targets.all())
    how = {"kind_code": "sanction", "ask_facts": {"targets": targets}}
    second = factories.item(**how)
    follow_up = factories.sent(sent_on=AGAIN_ON, deadline_on=DEADLINE, **how)
    ticked = {"items": [str(tasking.pk), str(second.pk)]}
    page = factories.client(staff).post(f"/letters/{follow_up.reference}/repeats/", ticked)
    assert (page.status_code, now(tasking).due_on, now(second).due_on) == (302, DEADLINE, DEADLINE)
    assert Tasking.objects.get(ask__letter=follow_up).status == "entered_in_error"


def test_letters_that_repeated_the_item_that_leaves_repeat_the_one_that_goes_on(tasking, follow_up, staff):
    own = Tasking.objects.get(ask__letter=follow_up)
    third = factories.sent(sent_on=dt.date(2023, 10, 2), deadline_on=dt.date(2023, 10, 31))
    renewals.renew(own, by=staff, letter=third)
    renewals.renew(tasking, by=staff, letter=follow_up, instead_of=own)
    assert sorted(tasking.renewals.values_list("renewed_on", flat=True)) == [AGAIN_ON, dt.date(2023, 10, 2)]
    assert (now(tasking).due_on, now(own).status) == (dt.date(2023, 10, 31), "entered_in_error")


def test_what_they_said_to_the_letter_that_repeats_is_not_lost_with_its_item(tasking, follow_up, staff):
    own = Tasking.objects.get(ask__letter=follow_up)
    reply = factories.reply(own, by=staff, coverage="evades", received_on=AGAIN_ON)
    said = refused(renewals.renew, tasking, by=staff, letter=follow_up, instead_of=own)
    assert list(said) == ["instead_of"]
    assert "tick the earlier item too" in said["instead_of"]
    reply_flow.read_reply(reply, by=staff, words=[reply_flow.Word(tasking, said="looking")])
    renewals.renew(now(tasking), by=staff, letter=follow_up, instead_of=own)
    assert (now(own).status, now(tasking).answers.get().response) == ("entered_in_error", reply)


def test_a_day_they_have_for_the_item_that_leaves_is_not_lost_with_it(tasking, follow_up, staff):
    own, december = Tasking.objects.get(ask__letter=follow_up), dt.date(2023, 12, 1)
    workflow.transition(own, to="promised", by=staff, promised_on=december)  # by phone: no reply says so
    again = {"by": staff, "letter": follow_up, "instead_of": own}
    assert refused(renewals.renew, now(tasking), **again) == {
        "instead_of": f"“{own}” is promised by December 1, 2023, and that day is not noted at “{tasking}” of 2023-0001. "
        "Note it there first, so that it goes on with that item."
    }
    workflow.transition(now(tasking), to="promised", by=staff, promised_on=december)
    renewals.renew(now(tasking), **again)
    assert (now(tasking).due_on, now(own).status) == (december, "entered_in_error")
    # the same of time that was given by somebody's word
    other = factories.item()
    later = factories.item(sent_on=AGAIN_ON)
    extending.extend(later, by=staff, to=december, by_notice=True)
    again = {"by": staff, "letter": later.ask.letter, "instead_of": later}
    said = refused(renewals.renew, other, **again)["instead_of"]
    assert "was given time to December 1, 2023, and that day is not noted at" in said
    extending.extend(now(other), by=staff, to=december, by_notice=True)
    renewals.renew(now(other), **again)
    assert now(other).due_on == december


def test_a_letter_found_late_ends_no_review_of_what_they_said_after_it(tasking, follow_up, staff):
    words = [reply_flow.Word(tasking, said="no_position")]
    after = AGAIN_ON + dt.timedelta(days=10)
    reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=after, words=words)
    review_on = now(tasking).review_on
    renewals.renew(now(tasking), by=staff, letter=follow_up)
    assert (now(tasking).review_on, now(tasking).due_on) == (review_on, DEADLINE)


def test_a_consulted_agency_that_an_ask_is_passed_on_to_was_asked_as_often(reference, staff):
    letter = factories.draft(agencies=["treasury", "state"])
    factories.ask(letter, "treasury", consulted=["state"])
    sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)
    treasury = Tasking.objects.get(agency__slug="treasury")
    items.assign(treasury, by=staff, owner=staff)
    renewals.renew(now(treasury), by=staff, letter=factories.sent(sent_on=AGAIN_ON, deadline_on=DEADLINE))
    state = now(workflow.transfer(now(treasury), to_agency=factories.agency("state"), by=staff, reason="TEST"))
    assert (state.role, state.due_on, state.owner) == ("lead", DEADLINE, staff)
    assert list(state.renewals.values_list("renewed_on", flat=True)) == [AGAIN_ON]


# --- taken back


def take_back(tasking, letter, staff, **how):
    return not_repeated.take_back_renewal(now(tasking), by=staff, letter=letter, reason="TEST another ask", **how)


def test_a_letter_that_does_not_repeat_an_item_after_all_leaves_no_trace_in_what_counts(tasking, follow_up, staff):
    own, version = Tasking.objects.get(ask__letter=follow_up), follow_up.version
    factories.moved(own, "considering")
    stood = now(tasking)
    renewals.renew(now(tasking), by=staff, letter=follow_up, instead_of=now(own))
    follow_up.refresh_from_db()
    assert follow_up.version == version + 1  # its row names what it follows up
    back = take_back(tasking, follow_up, staff, expected_version=now(tasking).version)
    names = (
        "status",
        "asked_on",
        "due_on",
        "due_basis",
        "original_due_on",
        "acknowledged_on",
        "answered_on",
        "review_on",
    )
    assert [getattr(back, name) for name in names] == [getattr(stood, name) for name in names]
    assert (back.renewals.count(), back.version > stood.version) == (0, True)
    again = now(own)
    assert (again.status, again.due_on) == ("considering", DEADLINE)
    assert again.status_event.reason == "It repeats no item of an earlier letter after all."
    told = back.events.filter(kind="renewed").order_by("sequence")
    assert [event.payload.get("taken_back") for event in told] == [None, True]
    assert (told[1].reason, told[1].payload["by_letter"]) == ("TEST another ask", str(follow_up.pk))
    assert not LetterLink.objects.exists()
    follow_up.refresh_from_db()
    assert follow_up.version == version + 2
    counts = headline(Tasking.objects.counted(), AGAIN_ON)
    assert (counts.open, counts.asks) == (2, 2)
    assert list(refused(take_back, tasking, follow_up, staff)) == ["letter"]
    # and it may be said again
    renewals.renew(now(tasking), by=staff, letter=follow_up, instead_of=now(own))
    assert (now(tasking).due_on, now(own).status) == (DEADLINE, "entered_in_error")


def test_what_an_answer_and_a_review_were_is_so_again(tasking, follow_up, staff):
    words = [reply_flow.Word(tasking, said="no_position")]
    reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 5, 2), words=words)
    other = factories.item()
    words = [reply_flow.Word(other, said="answered", status="considering", coverage="full")]
    reply_flow.record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 5, 3), words=words)
    review_on = now(tasking).review_on
    for one in (tasking, other):
        renewals.renew(now(one), by=staff, letter=follow_up)
    third = factories.sent(sent_on=dt.date(2023, 10, 2))
    renewals.renew(now(tasking), by=staff, letter=third)
    take_back(tasking, third, staff)  # in either order
    assert take_back(tasking, follow_up, staff).review_on == review_on is not None
    assert LetterLink.objects.filter(letter=follow_up).count() == 1  # to the letter of the other item
    assert take_back(other, follow_up, staff).answered_on == dt.date(2023, 5, 3)


def test_an_item_that_stood_for_two_earlier_ones_leaves_for_the_other(tasking, follow_up, staff):
    second = factories.item(kind_code="sanction", ask_facts={"targets": list(tasking.ask.targets.all())})
    own = Tasking.objects.get(ask__letter=follow_up)
    third = factories.sent(sent_on=dt.date(2023, 10, 2), deadline_on=dt.date(2023, 10, 31))
    renewals.renew(own, by=staff, letter=third)
    first, other = sorted([tasking, second], key=lambda one: (one.ask_id, one.pk))
    renewals.renew_all([renewals.Proposal(one, "", now(own)) for one in (tasking, second)], by=staff, letter=follow_up)
    assert (now(first).due_on, now(other).due_on) == (dt.date(2023, 10, 31), DEADLINE)
    take_back(first, follow_up, staff)
    left = now(own)
    assert (left.status, left.status_event.payload["repeats"]) == ("entered_in_error", str(other.pk))
    # with the letter that had repeated it
    assert (now(first).renewals.count(), now(first).due_on) == (0, dt.date(2023, 5, 24))
    assert (now(other).renewals.count(), now(other).due_on) == (2, dt.date(2023, 10, 31))
    take_back(other, follow_up, staff)
    assert (now(own).status, now(own).due_on) == ("awaiting", dt.date(2023, 10, 31))


def test_of_an_item_that_was_passed_on_a_repeat_is_taken_back_where_it_goes_on(tasking, follow_up, staff):
    own = Tasking.objects.get(ask__letter=follow_up)
    renewals.renew(tasking, by=staff, letter=follow_up, instead_of=own)
    state = workflow.transfer(now(tasking), to_agency=factories.agency("state"), by=staff, reason="TEST")
    assert refused(take_back, tasking, follow_up, staff) == {
        "letter": "This item goes on at State. Take it back there."
    }
    back = take_back(state, follow_up, staff)
    assert (back.due_on, back.renewals.count(), tasking.renewals.count()) == (dt.date(2023, 5, 24), 0, 0)
    assert now(own).status == "awaiting"


def test_who_takes_a_repeat_back_may_change_both_letters_and_says_why(tasking, follow_up, viewer, manager, staff):
    renewals.renew(tasking, by=staff, letter=follow_up)
    verb = not_repeated.take_back_renewal
    assert list(refused(verb, tasking, by=staff, letter=follow_up, reason=" ")) == ["reason"]
    assert list(refused(verb, tasking, by=viewer, letter=follow_up, reason="TEST", error=NotAllowed)) == ["by"]
    sending.change_access(follow_up, by=manager, access="restricted", reason="TEST")
    follow_up.refresh_from_db()
    assert list(refused(verb, tasking, by=staff, letter=follow_up, reason="TEST", error=NotAllowed)) == ["by"]
    # why it does not tells of a letter that not everybody may see
    take_back(tasking, follow_up, manager)
    events = list(tasking.events.filter(kind="renewed", reason="TEST another ask"))
    shown = without_hidden_reasons(events, Tasking.objects.visible_to(staff))
    assert [(event.reason, event.payload["reason"]) for event in shown] == [("", "")]
    assert without_hidden_reasons(list(tasking.events.filter(pk=events[0].pk)), Tasking.objects.visible_to(manager))[
        0
    ].reason
