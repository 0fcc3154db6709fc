"""A reply that came before another one and is logged after it: it takes nothing back that was said since."""

import datetime as dt

import pytest

from letters.domain import items, retractions
from letters.domain.clocks import office_today
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.domain.reply_steps import Proof
from letters.domain.situations import last_promise, promises
from letters.domain.standing import said_since
from letters.models import Response, Tasking
from letters.web.reply_words import effect_words
from tests import factories
from tests.factories import fresh

MAY_1, JUNE_1, SEPTEMBER_1 = dt.date(2023, 5, 1), dt.date(2023, 6, 1), dt.date(2023, 9, 1)
OF_CHOICE = {"promised": {"promised_on": SEPTEMBER_1}, "other_agency": {"reason": "TEST not us"}}


@pytest.fixture
def tasking(reference) -> Tasking:
    return factories.item(kind_code="other", ask_facts={"targets": [factories.target()]})


def said(tasking: Tasking, word: str, *, by, received_on: dt.date, **how) -> Response:
    facts = OF_CHOICE.get(word, {}) | ({"passed_to": factories.agency("commerce")} if word == "other_agency" else {})
    words = [Word(fresh(tasking), said=word, **facts | how)]
    return record_reply(by=by, agency=tasking.agency, received_on=received_on, words=words)


def stands(tasking: Tasking) -> tuple:
    now = fresh(tasking)
    pause = now.pauses.filter(ended_on__isnull=True).first()
    return now.status, now.promised_on, now.due_on, now.due_basis, now.review_on, pause and pause.started_on


@pytest.mark.parametrize(
    "older",
    ["looking", "promised", "partly", "refused", "no_position", "needs_us", "other_agency", "answered", "received"],
)
def test_a_promise_stays_whatever_they_had_said_before_it(tasking, staff, older):
    said(tasking, "promised", by=staff, received_on=JUNE_1, promised_on=dt.date(2023, 12, 15))
    before = stands(tasking)
    assert before[:4] == ("promised", dt.date(2023, 12, 15), dt.date(2023, 12, 15), "promise")
    said(tasking, older, by=staff, received_on=MAY_1)
    assert stands(tasking) == before
    assert fresh(tasking).stance == "concurs"


def test_a_pause_and_a_review_stay_too(tasking, staff):
    said(tasking, "needs_us", by=staff, received_on=JUNE_1)
    paused = stands(tasking)
    assert (paused[0], paused[5]) == ("clarification", JUNE_1)
    said(tasking, "looking", by=staff, received_on=MAY_1)
    assert stands(tasking) == paused
    other = factories.item()
    day = office_today() + dt.timedelta(days=30)
    said(other, "no_position", by=staff, received_on=JUNE_1, review_on=day)
    for older in ("looking", "needs_us", "no_position"):
        said(other, older, by=staff, received_on=MAY_1)
        assert stands(other)[::4] == ("considering", day)


def test_what_the_later_reply_would_not_have_moved_counts(tasking, staff):
    """As if both had been logged in order."""
    said(tasking, "looking", by=staff, received_on=JUNE_1)
    said(tasking, "no_position", by=staff, received_on=MAY_1)
    assert stands(tasking)[::4] == ("considering", None)  # they look into it since
    said(tasking, "needs_us", by=staff, received_on=MAY_1)
    assert (stands(tasking)[0], stands(tasking)[5]) == ("considering", None)
    said(tasking, "promised", by=staff, received_on=MAY_1)
    assert stands(tasking)[:2] == ("promised", SEPTEMBER_1)
    received = factories.item()
    said(received, "received", by=staff, received_on=JUNE_1)
    said(received, "partly", by=staff, received_on=MAY_1)
    assert fresh(received).status == "partly_addressed"


def test_what_is_done_is_done(tasking, staff):
    said(tasking, "promised", by=staff, received_on=JUNE_1)
    proof = Proof("federal_register", citation="TEST 88 FR 1", seen_on=MAY_1)
    said(tasking, "done", by=staff, received_on=MAY_1, proof=proof)
    assert fresh(tasking).status == "implemented"


def test_what_is_done_of_a_part_is_kept_as_evidence(reference, staff):
    targets = [factories.target(name) for name in ("TEST One", "TEST Two")]
    tasking = factories.item(kind_code="sanction", ask_facts={"targets": targets})
    said(tasking, "promised", by=staff, received_on=JUNE_1)
    said(tasking, "partly", by=staff, received_on=MAY_1, targets=targets[:1])
    assert fresh(tasking).status == "promised"
    assert [list(one.targets.all()) for one in fresh(tasking).evidence.all()] == [targets[:1]]


def test_a_person_may_choose_all_the_same(tasking, staff):
    said(tasking, "promised", by=staff, received_on=JUNE_1)
    said(tasking, "no_position", by=staff, received_on=MAY_1, status="considering")
    assert stands(tasking)[0] == "considering"
    assert fresh(tasking).review_on is not None


def test_a_reply_that_was_taken_back_or_not_read_yet_holds_nothing(tasking, staff):
    later = said(tasking, "needs_us", by=staff, received_on=JUNE_1)
    retractions.retract_response(later, by=staff, reason="TEST")
    said(tasking, "", by=staff, received_on=JUNE_1)
    said(tasking, "partly", by=staff, received_on=MAY_1)
    assert fresh(tasking).status == "partly_addressed"


def test_one_that_was_kept_to_be_read_later_is_no_later_for_that(tasking, staff):
    unread = said(tasking, "", by=staff, received_on=MAY_1)
    said(tasking, "promised", by=staff, received_on=JUNE_1)
    read_reply(unread, by=staff, words=[Word(fresh(tasking), said="looking")])
    assert stands(tasking)[:2] == ("promised", SEPTEMBER_1)
    # what a person chose stays
    read_reply(unread, by=staff, words=[Word(fresh(tasking), said="looking", status="considering")])
    assert stands(tasking)[0] == "considering"
    read_reply(unread, by=staff, words=[Word(fresh(tasking), said="partly")])
    assert stands(tasking)[0] == "considering"


def words(tasking: Tasking, choice: str, **known) -> str:
    now = fresh(tasking)
    since, named = said_since([now])[now.pk], last_promise(promises(now))
    return effect_words(choice, now, office_today(), since=since, named=named, **known)


def test_it_is_said_before_it_is_saved(tasking, staff):
    said(tasking, "promised", by=staff, received_on=JUNE_1)
    stays = "stays “promised”: a later reply (June 1, 2023) said otherwise"
    assert [words(tasking, one, received_on=MAY_1) for one in ("partly", "no_position", "refused")] == [stays] * 3
    assert "said otherwise" not in words(tasking, "no_position", received_on=JUNE_1)
    assert "said otherwise" not in words(tasking, "done", received_on=MAY_1)
    # of a new reply the day is typed beside it
    unless = "; if it came before June 1, 2023, it stays as it is, as a later reply said otherwise"
    assert words(tasking, "needs_us").endswith("the clock stops: the ball is with us" + unless)
    assert unless not in words(tasking, "received")


DECEMBER_15, NEW_YEAR = dt.date(2023, 12, 15), dt.date(2024, 1, 1)


def test_that_a_day_named_later_stays_is_said_before_it_is_saved(tasking, staff):
    said(tasking, "promised", by=staff, received_on=JUNE_1, promised_on=DECEMBER_15)
    stays = "stays promised for December 15, 2023: that day was named later, on June 1, 2023"
    assert words(tasking, "promised", received_on=MAY_1) == stays
    moves = (
        "→ promised by the new date you give; their words: agrees; it is due on that day instead of on December 15, 2023, and "
        "reminders count from it"
    )
    unless = "; if it came before June 1, 2023, it stays promised for December 15, 2023, the day they named later"
    assert (words(tasking, "promised"), words(tasking, "promised", received_on=JUNE_1)) == (moves + unless, moves)
    before = stands(tasking)
    said(tasking, "promised", by=staff, received_on=MAY_1)
    assert stands(tasking) == before
    said(tasking, "promised", by=staff, received_on=JUNE_1)
    assert stands(tasking)[2] == SEPTEMBER_1


def test_that_stays_too_which_a_person_named_without_a_reply(tasking, staff):
    said(tasking, "promised", by=staff, received_on=MAY_1)
    items.move_promise(fresh(tasking), by=staff, to=NEW_YEAR)
    today = f"{office_today():%B} {office_today().day}, {office_today().year}"
    stays = f"stays promised for January 1, 2024: that day was named later, on {today}"
    assert words(tasking, "promised", received_on=JUNE_1) == stays
    before = stands(tasking)
    said(tasking, "promised", by=staff, received_on=JUNE_1)
    assert stands(tasking) == before
    assert words(tasking, "promised", received_on=office_today()).startswith("→ promised by the new date you give")
    # what rests on a reply that was taken back holds nothing
    other = factories.item()
    later = said(other, "promised", by=staff, received_on=JUNE_1, promised_on=DECEMBER_15)
    said(other, "promised", by=staff, received_on=MAY_1)
    retractions.retract_response(later, by=staff, reason="TEST")
    assert words(other, "promised", received_on=MAY_1).startswith("→ promised by the new date you give")


def test_that_a_clock_stands_still_all_the_same_is_said_before_it_is_saved(tasking, staff):
    said(tasking, "no_position", by=staff, received_on=JUNE_1)
    stays = "stays “looking into it”, and the reply clock stands still: a later reply (June 1, 2023) takes no position"
    assert words(tasking, "looking", received_on=MAY_1) == stays
    runs = "stays “looking into it”; the reply clock, which stood still, runs again"
    unless = "; if it came before June 1, 2023, the reply clock stands still, as a later reply takes no position"
    assert (words(tasking, "looking"), words(tasking, "looking", received_on=JUNE_1)) == (runs + unless, runs)
    before = stands(tasking)
    said(tasking, "looking", by=staff, received_on=MAY_1)
    assert stands(tasking) == before
    said(tasking, "looking", by=staff, received_on=JUNE_1)
    assert stands(tasking)[4] is None
