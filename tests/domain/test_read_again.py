"""A reply that is read again: what ended on it stays proven, and the agency's position is what its replies say now."""

import datetime as dt

import pytest

from letters.domain import replies, retractions, workflow
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.errors import RecordError
from letters.models import Response, Tasking
from tests import factories
from tests.domain.refusals import refused
from tests.factories import fresh

MAY_1, JUNE_1 = dt.date(2023, 5, 1), dt.date(2023, 6, 1)
ALONE = "on this reply alone, as it was read before. Reopen it with a reason, then read it anew."


@pytest.fixture
def tasking(reference) -> Tasking:
    return factories.item()


def said(tasking: Tasking, word: str, *, by, received_on: dt.date = MAY_1, **how) -> Response:
    words = [Word(fresh(tasking), said=word, **how)]
    return record_reply(by=by, agency=tasking.agency, received_on=received_on, words=words)


def again(response: Response, tasking: Tasking, word: str, **how) -> dict:
    return {"response": response, "words": [Word(fresh(tasking), said=word, **how)]}


def test_an_end_keeps_the_reply_it_rests_on(tasking, staff):
    refusal = said(tasking, "refused", by=staff)
    receipt = again(refusal, tasking, "received")
    assert refused(read_reply, **receipt, by=staff) == {"kind": f"“{tasking}” is refused {ALONE}"}
    assert (fresh(tasking).status, refusal.answers.get().said) == ("declined", "refused")
    # of a reply that says more elsewhere, the item is named
    other = factories.item()
    words = [Word(fresh(tasking), said="received"), Word(other, said="refused")]
    assert list(refused(read_reply, refusal, words=words, by=staff)) == [f"{tasking.pk}.said"]
    # what proves as much may be read of it, and what was reopened is free
    read_reply(refusal, words=[Word(fresh(tasking), said="answered")], by=staff)
    workflow.reopen(fresh(tasking), by=staff, reason="TEST misread")
    read_reply(**again(refusal, tasking, "received"), by=staff)
    assert refusal.answers.get().said == "received"


def test_an_end_that_another_reply_proves_too_does_not_hold_this_one(tasking, staff):
    first = said(tasking, "refused", by=staff)
    said(tasking, "refused", by=staff, received_on=JUNE_1)
    read_reply(**again(first, tasking, "received"), by=staff)
    assert first.answers.get().said == "received"


def test_reading_it_for_one_item_leaves_another_its_proof_and_tells_nobody_of_what_they_may_not_see(
    tasking, staff, manager
):
    secret = factories.item(access="restricted")
    words = [Word(one, said="refused") for one in (fresh(tasking), fresh(secret))]
    refusal = record_reply(by=manager, agency=tasking.agency, received_on=MAY_1, words=words)
    workflow.reopen(fresh(tasking), by=manager, reason="TEST")
    kind = {"kind": "acknowledgement"}
    words = [Word(fresh(tasking), said="received")]
    assert refused(read_reply, refusal, words=words, by=staff, **kind) == {"kind": f"An item ended {ALONE}"}
    named = refused(replies.set_kind, refusal, by=manager, kind="interim")
    assert named == {"kind": f"“{secret}” is refused {ALONE}"}


def test_what_was_typed_of_a_reply_stays_when_it_is_read(tasking, staff):
    response = said(tasking, "", by=staff, quote="TEST we shall not", page="3")
    read_reply(**again(response, tasking, "refused"), by=staff)
    answer = response.answers.get()
    assert (answer.quote, answer.page) == ("TEST we shall not", "3")
    read_reply(**again(response, tasking, "refused", quote="TEST no", page=""), by=staff)
    answer.refresh_from_db()
    assert (answer.quote, answer.page) == ("TEST no", "")


def test_the_kind_a_person_chose_stays_however_many_items_are_read(tasking, staff):
    interim = record_reply(
        by=staff, agency=tasking.agency, received_on=MAY_1, kind="interim", words=[Word(tasking, said="answered", status="considering")]
    )  # fmt: skip
    other = factories.item()
    read_reply(interim, by=staff, words=[Word(other, said="partly")])
    assert (interim.kind, fresh(tasking).answered_on) == ("interim", None)
    told = refused(read_reply, interim, by=staff, words=[Word(fresh(other), said="refused")])
    assert told == {
        "kind": "Somebody chose that this reply as a whole is “interim reply”, which ends no item. Choose what it is now."
    }
    read_reply(interim, by=staff, words=[Word(fresh(other), said="refused")], kind="declination")
    assert (fresh(other).status, fresh(tasking).answered_on) == ("declined", MAY_1)


def test_a_position_goes_with_the_reading_that_gave_it(tasking, staff):
    misread = said(tasking, "promised", by=staff, promised_on=JUNE_1)
    assert fresh(tasking).stance == "concurs"
    read_reply(**again(misread, tasking, "looking"), by=staff)
    assert fresh(tasking).stance == "unknown"


def test_a_position_is_of_the_last_reply_that_came_not_of_the_last_that_was_read(tasking, staff):
    newer = said(tasking, "partly", by=staff, received_on=JUNE_1)
    older = said(tasking, "no_position", by=staff, received_on=MAY_1)
    assert fresh(tasking).stance == "partly_concurs"
    said(tasking, "looking", by=staff, received_on=dt.date(2023, 6, 2))  # says nothing of it
    assert fresh(tasking).stance == "partly_concurs"
    retractions.retract_response(newer, by=staff, reason="TEST")
    assert (fresh(tasking).stance, older.answers.get().stance) == ("no_position", "no_position")


def status_after(response: Response, tasking: Tasking, word: str, *, by, **how) -> str:
    read_reply(**again(response, tasking, word, **how), by=by)
    return fresh(tasking).status


def test_a_status_goes_with_the_reading_that_alone_made_it(tasking, staff):
    misread = said(tasking, "partly", by=staff)
    assert status_after(misread, tasking, "looking", by=staff) == "considering"
    assert status_after(misread, tasking, "needs_us", by=staff) == "clarification"
    assert status_after(misread, tasking, "received", by=staff) == "acknowledged"
    assert status_after(misread, tasking, "promised", by=staff, promised_on=JUNE_1) == "promised"
    assert status_after(misread, tasking, "looking", by=staff) == "considering"
    item = fresh(tasking)
    assert (item.promised_on, item.due_basis) == (None, "yardstick")
    # of what stood before it was read, and not of the first moment
    later = said(tasking, "partly", by=staff, received_on=JUNE_1)
    assert status_after(later, tasking, "received", by=staff) == "considering"


def test_what_a_reply_had_moved_is_promised_or_looked_at_again_on_the_day_that_stood_before(tasking, staff):
    said(tasking, "promised", by=staff, promised_on=JUNE_1)
    misread = said(tasking, "needs_us", by=staff, received_on=dt.date(2023, 5, 10))
    assert status_after(misread, tasking, "received", by=staff) == "promised"
    item = fresh(tasking)
    assert (item.promised_on, item.due_on, item.due_basis) == (JUNE_1, JUNE_1, "promise")
    assert not item.pauses.filter(ended_on__isnull=True).exists()
    other = factories.item()
    said(other, "no_position", by=staff)
    day = fresh(other).review_on
    misread = said(other, "partly", by=staff, received_on=JUNE_1)
    assert status_after(misread, other, "received", by=staff) == "considering"
    assert fresh(other).review_on == day


def test_a_status_that_rests_on_more_than_one_reading_stays(tasking, staff):
    misread = said(tasking, "partly", by=staff)
    said(tasking, "partly", by=staff, received_on=JUNE_1)
    assert status_after(misread, tasking, "looking", by=staff) == "partly_addressed"
    by_hand, chosen, before = (factories.item() for _ in range(3))
    misread = said(by_hand, "partly", by=staff)
    workflow.transition(fresh(by_hand), to="considering", by=staff)
    workflow.transition(fresh(by_hand), to="partly_addressed", by=staff)
    assert status_after(misread, by_hand, "looking", by=staff) == "partly_addressed"
    beside = said(chosen, "looking", by=staff, status="partly_addressed")
    assert status_after(beside, chosen, "received", by=staff) == "partly_addressed"
    said(before, "partly", by=staff)
    more = said(before, "partly", by=staff, received_on=JUNE_1)
    assert status_after(more, before, "looking", by=staff) == "partly_addressed"


def test_a_reply_is_read_once_for_each_item(tasking, staff):
    kept = factories.reply(tasking, coverage=None)
    words = [Word(fresh(tasking), said="looking"), Word(fresh(tasking), said="refused")]
    assert refused(read_reply, kept, by=staff, words=words) == {
        "bearings": "The reply is read twice for one item. Say it once."
    }
    assert fresh(tasking).status == "awaiting"


def test_what_is_wrong_with_a_reply_is_said_once(tasking, staff):
    words = [Word(one, said="looking") for one in (fresh(tasking), factories.item())]
    with pytest.raises(RecordError) as caught:
        record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 4, 1), words=words)
    assert [problem.field for problem in caught.value.problems] == ["received_on"]
