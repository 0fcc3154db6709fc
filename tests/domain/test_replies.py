"""What agencies said, how it bears on each item, and what proves an outcome. Invariant 3 above all."""

import datetime as dt

import pytest
import time_machine

from letters.domain import replies
from letters.enums import Coverage, ResponseKind
from letters.errors import NotAllowed
from letters.models import Answer, Evidence, Response, Tasking
from tests import factories
from tests.domain.refusals import refused

RECEIVED = dt.date(2023, 5, 2)
# Only these, read and found to answer in full, satisfy the clock.
SATISFY = {("substantive", "full"), ("declination", "full"), ("official_action", "full")}


@pytest.fixture
def tasking(reference) -> Tasking:
    return factories.item()


@pytest.mark.parametrize("coverage", [*Coverage.values, None])
@pytest.mark.parametrize("kind", ResponseKind.values)
def test_only_a_full_answer_in_substance_satisfies_the_clock(tasking, kind, coverage):
    factories.reply(tasking, kind=kind, coverage=coverage, received_on=RECEIVED)
    now = Tasking.objects.get(pk=tasking.pk)
    satisfied = (kind, coverage) in SATISFY
    assert now.answered_on == (RECEIVED if satisfied else None)
    # whatever came, no status moves by itself and no date is lost
    assert (now.status, now.due_on) == ("awaiting", dt.date(2023, 5, 24))
    assert Tasking.objects.late(dt.date(2023, 6, 1)).count() == (0 if satisfied else 1)


def test_the_first_full_answer_counts(tasking):
    factories.reply(tasking, received_on=dt.date(2023, 5, 20))
    factories.reply(tasking, received_on=dt.date(2023, 5, 10))
    factories.reply(tasking, received_on=dt.date(2023, 5, 15))
    assert Tasking.objects.get(pk=tasking.pk).answered_on == dt.date(2023, 5, 10)


def test_an_answer_found_wanting_on_a_second_reading_starts_the_clock_again(tasking, staff):
    answer = factories.reply(tasking).answers.get()
    replies.assess(answer, coverage="evades", by=staff)
    assert Tasking.objects.get(pk=tasking.pk).answered_on is None


def test_a_reply_is_kept_with_what_it_bears_on(reference, staff):
    letter = factories.sent(agencies=["treasury", "state"])
    treasury, state = Tasking.objects.filter(ask__letter=letter).order_by("-agency__slug")
    del state
    response = replies.record_response(
        by=staff, agency=factories.agency("ofac"), kind="interim", channel="email", sent_on=dt.date(2023, 5, 1),
        received_on=RECEIVED, responder="TEST Official", text="TEST words", control_number="TEST-1",
        bearings=[replies.Bearing(treasury, quote="TEST quote", page="2")],
    )  # fmt: skip
    response.refresh_from_db()
    assert (response.agency.slug, response.kind, response.channel, response.sent_on, response.received_on) == (
        "ofac",
        "interim",
        "email",
        dt.date(2023, 5, 1),
        RECEIVED,
    )
    answer = response.answers.get()
    assert (answer.tasking, answer.coverage, answer.assessed_at, answer.quote, answer.page) == (
        treasury,
        None,
        None,
        "TEST quote",
        "2",
    )
    event = treasury.events.get(kind="response_recorded")
    assert (event.by_user, event.public_payload) == (staff, None)
    said = {key: event.payload[key] for key in ("response", "kind", "channel", "received_on", "from_agency")}
    assert said == {
        "response": str(response.pk),
        "kind": "interim",
        "channel": "email",
        "received_on": "2023-05-02",
        "from_agency": "ofac",
    }
    assert Tasking.objects.get(pk=treasury.pk).version == treasury.version + 1


def test_one_reply_answers_items_of_two_letters(reference, staff):
    first, second = factories.item(), factories.item()
    response = replies.record_response(
        by=staff, agency=first.agency, kind="substantive", received_on=RECEIVED,
        bearings=[replies.Bearing(first, coverage="full"), replies.Bearing(second, coverage="partial")],
    )  # fmt: skip
    assert sorted(response.answers.values_list("tasking__ask__letter__reference", "coverage")) == [
        ("2023-0001", "full"),
        ("2023-0002", "partial"),
    ]
    answered = Tasking.objects.order_by("ask__letter__reference").values_list("answered_on", flat=True)
    assert list(answered) == [RECEIVED, None]


def test_reading_a_reply_says_who_read_it_and_what_it_says(tasking, staff):
    answer = factories.reply(tasking, coverage=None).answers.get()
    when = dt.datetime(2023, 5, 9, 15, tzinfo=dt.UTC)
    with time_machine.travel(when, tick=False):
        replies.assess(answer, coverage="partial", stance="partly_concurs", by=staff, quote="TEST", page="3")
    answer.refresh_from_db()
    assert (answer.coverage, answer.stance, answer.assessed_by, answer.assessed_at, answer.quote, answer.page) == (
        "partial",
        "partly_concurs",
        staff,
        when,
        "TEST",
        "3",
    )
    event = tasking.events.get(kind="answer_assessed")
    assert (event.by_user, event.payload["coverage"], event.payload["stance"]) == (staff, "partial", "partly_concurs")
    assert Tasking.objects.get(pk=tasking.pk).stance == "partly_concurs"


def test_a_reply_that_states_no_stance_leaves_the_one_we_know(tasking, staff):
    factories.reply(tasking, stance="concurs")
    factories.reply(tasking, stance="unknown")
    assert Tasking.objects.get(pk=tasking.pk).stance == "concurs"


def test_of_a_classified_reply_only_the_place_is_kept(tasking, staff):
    response = factories.reply(tasking, text="", held_elsewhere="TEST vault", coverage=None)
    assert (response.held_elsewhere, response.text) == ("TEST vault", "")


@pytest.mark.parametrize("slug", ["treasury", "ofac"])
def test_the_agency_asked_or_a_bureau_of_it_may_answer(tasking, slug):
    assert factories.reply(tasking, agency=factories.agency(slug)).agency.slug == slug


def test_the_bureau_that_would_act_may_answer(seed):
    tasking = Tasking.objects.get(ask__letter=seed, ask__number=2)
    assert factories.reply(tasking, agency=factories.agency("bis")).pk


# --- refusals


def record(tasking: Tasking, by, **how) -> Response:
    facts = {
        "agency": tasking.agency,
        "kind": "substantive",
        "received_on": RECEIVED,
        "bearings": [replies.Bearing(tasking)],
    }
    return replies.record_response(by=by, **{**facts, **how})


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"bearings": []}, {"bearings": "A reply bears on at least one open item. Tick the items it is about."}),
        ({"kind": "gossip"}, {"kind": "Kind of reply: “gossip” is not one of " + ", ".join(ResponseKind.values) + "."}),
        (
            {"received_on": None},
            {"received_on": "The day it was received is missing. Enter the day the reply reached the office."},
        ),
        (
            {"sent_on": dt.date(2023, 5, 3)},
            {
                "received_on": "The day it was received (May 2, 2023) is before the day it was sent (May 3, 2023). "
                "Enter May 3, 2023 or a later day."
            },
        ),
        (
            {"received_on": dt.date(2023, 4, 24)},
            {
                "received_on": "The day it was received (April 24, 2023) is before the day this was asked "
                "(April 25, 2023). Enter April 25, 2023 or a later day."
            },
        ),
        (
            {"text": "TEST", "held_elsewhere": "TEST"},
            {"text": "A reply held elsewhere keeps no text here. Remove the text, or where it is held."},
        ),
    ],
)
def test_a_reply_that_is_wrong_is_refused(tasking, staff, how, told):
    assert refused(record, tasking, staff, **how) == told


def test_a_reply_from_tomorrow_is_refused(tasking, staff):
    with time_machine.travel(dt.datetime(2023, 5, 1, 16, tzinfo=dt.UTC), tick=False):
        assert refused(record, tasking, staff) == {
            "received_on": "The day it was received is May 2, 2023, which is after today (May 1, 2023). "
            "Enter a day up to today."
        }


def test_an_agency_that_was_not_asked_does_not_answer(tasking, staff):
    assert refused(record, tasking, staff, agency=factories.agency("commerce")) == {
        "agency": "Commerce was not asked for “TEST ask”; Treasury was. "
        "Choose Treasury or a bureau of it, or record that the item was passed on."
    }


@pytest.mark.parametrize(
    ("bearing", "field"),
    [({"coverage": "nonsense"}, "coverage"), ({"stance": "nonsense"}, "stance")],
)
def test_a_bearing_with_a_code_that_is_not_ours_is_refused(tasking, staff, bearing, field):
    assert list(refused(record, tasking, staff, bearings=[replies.Bearing(tasking, **bearing)])) == [field]


def test_an_item_is_ticked_once(tasking, staff):
    twice = [replies.Bearing(tasking), replies.Bearing(tasking, coverage="full")]
    assert refused(record, tasking, staff, bearings=twice) == {
        "bearings": "The reply is ticked twice for one item. Tick each item once."
    }


def test_nothing_answers_what_was_not_sent(reference, staff):
    draft = factories.ask(factories.draft(), "treasury").taskings.get()
    assert refused(record, draft, staff) == {"bearings": "“TEST ask” has not been sent yet, so nothing answers it."}


@pytest.mark.parametrize("how", [{"coverage": "nonsense"}, {"coverage": "full", "stance": "nonsense"}])
def test_a_reading_with_a_code_that_is_not_ours_is_refused(tasking, staff, how):
    answer = factories.reply(tasking, coverage=None).answers.get()
    assert len(refused(replies.assess, answer, by=staff, **how)) == 1


@pytest.mark.parametrize(
    "verb",
    [
        lambda tasking, by: record(tasking, by),
        lambda tasking, by: replies.assess(Answer.objects.get(tasking=tasking), coverage="full", by=by),
        lambda tasking, by: replies.add_evidence(tasking, kind="list_entry", citation="TEST", by=by),
    ],
)
def test_who_only_looks_records_nothing(tasking, viewer, verb):
    factories.reply(tasking, coverage=None)
    assert list(refused(verb, tasking, viewer, error=NotAllowed)) == ["by"]
    assert Evidence.objects.count() == 0
