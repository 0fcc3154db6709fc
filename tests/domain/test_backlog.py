"""Many letters logged at once are what the single verbs would have made of each."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain import asking, drafting, sending
from letters.domain.backlog import SentAddressee, SentAsk, SentItem, SentLetter, SentSigner, log_sent
from letters.errors import NotAllowed, RecordError
from letters.models import (
    Addressee,
    Answer,
    Ask,
    DueDate,
    Event,
    Evidence,
    Legislator,
    Letter,
    Pause,
    Question,
    Response,
    Signature,
    Tasking,
)
from tests import factories

SENT_ON = dt.date(2023, 4, 25)
FACTS = {
    "subject": "TEST cloud services",
    "letter_date": SENT_ON,
    "deadline_on": dt.date(2023, 5, 30),
    "text": "TEST words",
}
SET_BY_TRIGGER = {"check_on"}
# What differs by its nature: keys, moments of writing, counters of edits.
OWN = {"id", "letter_id", "ask_id", "tasking_id", "status_event_id", "version", "created_at", "recorded_at", "sequence", "touched_at",
       "reference", "search", "set_at", "made_at", "moved_by_id", "response_id", "assessed_at", "added_at", "checked_at"}  # fmt: skip
OWN_IN_PAYLOAD = {"letter", "tasking", "reference", "act", "response", "evidence", "follows"}


def planned(targets) -> SentLetter:
    treasury, commerce, state = (factories.agency(slug) for slug in ("treasury", "commerce", "state"))
    member = Legislator.objects.get(bioguide="H000601")
    return SentLetter(
        FACTS, SENT_ON,
        signers=(
            SentSigner("Bill Hagerty", "TEST title", "TN", "Republican", True, member, "confirmed", "confirmed when the letter was logged"),
            SentSigner("TEST Nobody"),
        ),
        addressees=(SentAddressee(treasury, "TEST One"), SentAddressee(commerce, "TEST Two"), SentAddressee(state, "TEST Three", "", "cc")),
        asks=(
            SentAsk(
                factories.kind("sanction"), targets=tuple(targets), quote=" TEST quote ",
                items=(SentItem(treasury, acting=factories.agency("ofac")), SentItem(state, "consulted")),
            ),
            SentAsk(
                factories.kind("written_answers"), "TEST questions", questions=("TEST one?", "TEST two?"),
                requested_by=dt.date(2023, 6, 1), items=(SentItem(commerce),),
            ),
        ),
    )  # fmt: skip


def by_single_verbs(targets, by) -> Letter:
    letter = drafting.draft_letter(by=by, **FACTS)
    drafting.sign(
        letter,
        by=by,
        printed_name="Bill Hagerty",
        printed_title="TEST title",
        state="TN",
        party="Republican",
        is_lead=True,
        bioguide="H000601",
    )
    drafting.sign(letter, by=by, printed_name="TEST Nobody")
    for slug, name, delivery in (
        ("treasury", "TEST One", "to"),
        ("commerce", "TEST Two", "to"),
        ("state", "TEST Three", "cc"),
    ):
        drafting.address(letter, by=by, agency=factories.agency(slug), printed_name=name, delivery=delivery)
    one = asking.add_ask(letter, by=by, kind=factories.kind("sanction"), targets=targets, quote=" TEST quote ")
    asking.put_to(one, by=by, agency=factories.agency("treasury"), acting_agency=factories.agency("ofac"))
    asking.put_to(one, by=by, agency=factories.agency("state"), role="consulted")
    two = asking.add_ask(
        letter, by=by, kind=factories.kind("written_answers"), summary="TEST questions", questions=["TEST one?", "TEST two?"],
        requested_by=dt.date(2023, 6, 1),
    )  # fmt: skip
    asking.put_to(two, by=by, agency=factories.agency("commerce"))
    return sending.send_letter(letter, by=by, sent_on=SENT_ON)


def told(letter: Letter) -> dict:
    """All rows of a letter, without what is its own; events of drafting apart, which a letter that came whole has not."""
    of_items = {"ask__letter": letter}
    rows = {
        "letter": Letter.objects.filter(pk=letter.pk),
        "signatures": Signature.objects.filter(letter=letter),
        "addressees": Addressee.objects.filter(letter=letter),
        "asks": Ask.objects.filter(letter=letter),
        "targets": Ask.targets.through.objects.filter(ask__letter=letter).order_by("ask__number", "position"),
        "questions": Question.objects.filter(**of_items).order_by("number"),
        "items": Tasking.objects.filter(**of_items).order_by("ask__number", "role", "agency__slug"),
        "dates": DueDate.objects.filter(tasking__ask__letter=letter).order_by(
            "clock", "tasking__ask__number", "revision"
        ),
        "pauses": Pause.objects.filter(tasking__ask__letter=letter).order_by("tasking__ask__number"),
        "replies": Response.objects.filter(answers__tasking__ask__letter=letter).distinct().order_by("text"),
        "answers": Answer.objects.filter(tasking__ask__letter=letter).order_by(
            "response__text", "tasking__ask__number"
        ),
        "evidence": Evidence.objects.filter(tasking__ask__letter=letter).order_by("tasking__ask__number"),
    }
    found = {
        name: [{key: value for key, value in row.items() if key not in OWN} for row in queryset.values()]
        for name, queryset in rows.items()
    }
    events = letter.events.exclude(kind="letter_edited").order_by(
        "kind", "tasking__ask__number", "tasking__role", "sequence"
    )
    found["events"] = [
        (
            e.kind, e.occurred_at if e.occurred_at < e.recorded_at - dt.timedelta(minutes=1) else "now", e.from_status, e.to_status, e.by_user_id, e.by_process,
            {k: v for k, v in e.payload.items() if k not in OWN_IN_PAYLOAD}, e.public_payload, e.reason,
        )
        for e in events
    ]  # fmt: skip
    return found


def test_both_ways_write_the_same_rows_and_events(reference, staff):
    targets = [factories.target("TEST Company A"), factories.target("TEST Company B")]
    one = by_single_verbs(targets, staff)
    (many,), _ = log_sent([planned(targets)], by=staff)
    assert told(many) == told(one)
    assert (one.reference, many.reference) == ("2023-0001", "2023-0002")


def test_its_events_take_their_place_in_the_feed(reference, staff, settle):
    (letter,), _ = log_sent([planned([factories.target()])], by=staff)
    settle()
    kinds = (
        Event.objects.filter(letter=letter, feed_entries__stream="office")
        .order_by("feed_entries__position")
        .values_list("kind", flat=True)
    )
    assert list(kinds) == ["letter_sent", *["status_changed"] * 3]


def test_a_letter_without_an_ask_asks_everybody_it_is_addressed_to_for_a_reply(reference, staff):
    treasury, state = factories.agency("treasury"), factories.agency("state")
    addressees = (SentAddressee(treasury, "TEST One"), SentAddressee(state, "TEST Copy", "", "cc"))
    (letter,), _ = log_sent([SentLetter(FACTS, SENT_ON, (SentSigner("TEST"),), addressees)], by=staff)
    assert [(str(t), t.status) for t in Tasking.objects.filter(ask__letter=letter)] == [
        ("Treasury: Reply to this letter", "awaiting")
    ]


def test_one_that_is_not_sound_keeps_all_of_them_out(reference, staff):
    good = planned([factories.target()])
    bad = SentLetter(
        {**FACTS, "deadline_on": dt.date(2023, 1, 1)}, SENT_ON, asks=(SentAsk(factories.kind("sanction")),)
    )
    with pytest.raises(RecordError) as refused:
        log_sent([good, bad], by=staff)
    assert [problem.field for problem in refused.value.problems] == [
        "deadline_on", "deadline_on", "signatures", "addressees", "targets", "agency",
    ]  # fmt: skip
    assert not Letter.objects.exists()


def test_a_viewer_logs_nothing(reference, viewer):
    with pytest.raises(NotAllowed):
        log_sent([], by=viewer)


def test_eleven_letters_cost_as_many_statements_as_one(reference, staff):
    targets = [factories.target()]
    costs = []
    for number in (1, 11):
        with CaptureQueriesContext(connection) as captured:
            log_sent([planned(targets)] * number, by=staff)
        costs.append(len(captured))
    assert costs[1] == costs[0]


def test_numbers_are_given_in_the_order_of_the_letters_year_by_year(reference, staff):
    letters = [
        SentLetter(
            {**FACTS, "letter_date": day, "deadline_on": None},
            day,
            (SentSigner("TEST"),),
            (SentAddressee(factories.agency("state"), "TEST"),),
        )
        for day in (SENT_ON, dt.date(2022, 3, 1), SENT_ON, dt.date(2022, 3, 2))
    ]
    numbers = [letter.reference for letter in log_sent([*letters, letters[0]], by=staff)[0]]
    assert numbers == ["2023-0001", "2022-0001", "2023-0002", "2022-0002", "2023-0003"]
    assert factories.sent(sent_on=SENT_ON).reference == "2023-0004"


def test_the_items_given_back_are_those_of_the_record(reference, staff):
    _, items = log_sent([planned([factories.target()])], by=staff)
    fresh = Tasking.objects.in_bulk([item.pk for item in items])
    assert len(fresh) == 3
    for item in items:
        stored = fresh[item.pk]
        for name in (field.attname for field in Tasking._meta.concrete_fields if field.attname not in SET_BY_TRIGGER):
            assert getattr(item, name) == getattr(stored, name), name
