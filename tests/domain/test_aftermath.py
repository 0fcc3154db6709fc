"""What came of letters logged at once is what the single verbs would have made of each item."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain.aftermath import Proof, SentReply, Told, log_aftermath
from letters.domain.backlog import SentAddressee, SentAsk, SentItem, SentLetter, SentSigner, log_sent
from letters.domain.clocks import noon
from letters.domain.moves import Move
from letters.domain.replies import Bearing, add_evidence, record_response
from letters.domain.workflow import transition
from letters.errors import RecordError, TransitionRefused
from letters.models import Event, Response, Tasking
from tests import factories
from tests.domain.test_backlog import FACTS, SENT_ON, told

REPLIED_ON = dt.date(2023, 5, 2)
LATER = dt.date(2023, 5, 9)
ASKS = (
    "reply",
    "written_answers",
    "documents",
    "sanction",
    "sanction",
    "sanction",
    "sanction",
    "documents",
    "briefing",
)


def logged(by, times: int = 1) -> list[list[Tasking]]:
    """Letters of nine asks to Treasury each, the first with State consulted: their items, by the number of the ask."""
    treasury, state = factories.agency("treasury"), factories.agency("state")
    targets = (factories.target("TEST Company A"),)
    asks = tuple(
        SentAsk(
            factories.kind(kind), f"TEST ask {place}", targets=targets if kind == "sanction" else (),
            items=(SentItem(treasury), *([SentItem(state, "consulted")] if place == 0 else [])),
        )
        for place, kind in enumerate(ASKS)
    )  # fmt: skip
    addressees = (SentAddressee(treasury, "TEST One"), SentAddressee(state, "TEST Two"))
    sent = SentLetter(FACTS, SENT_ON, (SentSigner("TEST"),), addressees, asks)
    _, taskings = log_sent([sent] * times, by=by)
    leads = [one for one in taskings if one.role == "lead"]
    return [leads[start : start + len(ASKS)] for start in range(0, len(leads), len(ASKS))]


def came(items: list[Tasking]) -> tuple[list[Told], list[Proof], list[Move]]:
    """Something of each kind that a spreadsheet can tell."""
    agency = items[0].agency

    def reply(text: str, kind: str, *bearings: Bearing, on: dt.date = REPLIED_ON) -> Told:
        return Told(SentReply(agency, on, kind, "TEST Somebody", f"TEST {text}"), bearings)

    replies = [
        reply("in full", "substantive", *(Bearing(items[n], "full", "concurs", "TEST quote", "2") for n in (0, 1))),
        reply("no", "declination", Bearing(items[2], "full", "does_not_concur"), on=LATER),
        reply("receipt", "acknowledgement", Bearing(items[3])),
        reply("not read", "interim", Bearing(items[4])),
        reply("in part", "substantive", Bearing(items[5], "partial")),
    ]
    proofs = [Proof(items[6], "url", url="https://example.org/TEST ".strip(), seen_on=LATER)]
    moves = [
        Move(items[3], "acknowledged", noon(LATER)),
        Move(items[5], "promised", noon(REPLIED_ON), promised_on=dt.date(2023, 9, 1)),
        Move(items[8], "clarification", noon(LATER)),
        Move(items[0], "answered", noon(REPLIED_ON)),
        Move(items[1], "answered", noon(REPLIED_ON)),
        Move(items[2], "declined", noon(LATER)),
        Move(items[6], "implemented", noon(LATER)),
        Move(items[7], "not_implemented", noon(LATER), "TEST reason"),
    ]
    return replies, proofs, moves


def by_single_verbs(items: list[Tasking], by) -> None:
    replies, proofs, moves = came(items)
    for one in replies:
        record_response(by=by, bearings=one.bearings, **vars(one.reply))
    for proof in proofs:
        add_evidence(proof.tasking, by=by, kind=proof.kind, url=proof.url, seen_on=proof.seen_on)
    for move in moves:
        transition(
            move.tasking, to=move.to, by=by, reason=move.reason, promised_on=move.promised_on, occurred_at=move.occurred_at
        )  # fmt: skip


def together(items: list[Tasking], by) -> None:
    replies, proofs, moves = came(items)
    log_aftermath(by=by, told=replies, proofs=proofs, moves=moves)


def test_both_ways_write_the_same_rows_and_events(reference, staff):
    one, many = logged(staff, 2)
    by_single_verbs(one, staff)
    together(many, staff)
    first, second = told(one[0].ask.letter), told(many[0].ask.letter)
    assert second == first
    assert [item["status"] for item in second["items"]] == [
        "overtaken", "answered", "answered", "declined", "acknowledged", "awaiting", "promised", "implemented",
        "not_implemented", "clarification",
    ]  # fmt: skip
    versions = [list(Tasking.objects.filter(ask__letter=items[0].ask.letter).order_by("ask__number", "role").values_list("version", flat=True)) for items in (one, many)]  # fmt: skip
    assert versions[0] == versions[1]
    # the objects know what became of them
    for item in many:
        stored = Tasking.objects.get(pk=item.pk)
        assert {name: getattr(item, name) for name in COLUMNS} == {name: getattr(stored, name) for name in COLUMNS}


COLUMNS = (
    "status", "public_status", "status_event_id", "version", "acknowledged_on", "answered_on", "stance", "promised_on", "due_on",
    "due_basis", "touched_at",
)  # fmt: skip


def test_nothing_is_kept_where_anything_is_refused(reference, staff):
    (items,) = logged(staff)
    before = Event.objects.count()
    early = Told(SentReply(items[0].agency, dt.date(2023, 1, 1), "substantive"), (Bearing(items[0], "full"),))
    with pytest.raises(RecordError) as refused:
        log_aftermath(by=staff, told=[early], proofs=[Proof(items[6], "url", url="TEST")], moves=[])
    assert [problem.field for problem in refused.value.problems] == ["received_on", "url", "seen_on"]
    # an end that rests on a reply nobody has read, on another item's, or on no evidence
    unread = Told(SentReply(items[0].agency, REPLIED_ON, "substantive"), (Bearing(items[0]), Bearing(items[1], "full")))
    for place, end in (
        (0, "answered"),
        (2, "answered"),
        (3, "implemented"),
        (7, "not_implemented"),
        (3, "transferred"),
    ):
        with pytest.raises(TransitionRefused):
            log_aftermath(by=staff, told=[unread], proofs=[], moves=[Move(items[place], end, noon(LATER))])
    assert (Event.objects.count(), Response.objects.count()) == (before, 0)


def test_three_letters_take_as_many_statements_as_one(reference, staff):
    """But for what a clock that stops or is promised asks of each item."""
    taken = []
    first, *others = logged(staff, 4)
    for some in ([first], others):
        letters = [came(items) for items in some]
        replies, proofs = ([one for letter in letters for one in letter[part]] for part in (0, 1))
        moves = [
            move for *_, moves in letters for move in moves if move.to in ("answered", "declined") and move.tasking.ask.number > 1
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            log_aftermath(by=staff, told=replies, proofs=proofs, moves=moves)
        taken.append(len(captured))
    assert taken == [18, 18]
