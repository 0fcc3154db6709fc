"""What came of an item, told item by item; and the same added up by agency. Replies are invented and say TEST."""

import datetime as dt

import pytest

from letters.domain import extending, items, outcomes, renewals, retractions, sending, workflow
from letters.domain.outcomes import IN_TIME, NOT_IN_TIME, REPLIED
from letters.domain.words import against_original
from letters.models import Response, Tasking
from letters.reports.reply_records import Kept, records, together
from tests import factories
from tests.factories import fresh, moved, on, reply

TODAY = dt.date(2023, 7, 3)
MAY_10, MAY_12, JUNE_1, JUNE_2 = dt.date(2023, 5, 10), dt.date(2023, 5, 12), dt.date(2023, 6, 1), dt.date(2023, 6, 2)
TO_TODAY = 69  # calendar days from April 25; the usual wait ends on May 24


def counted():
    return Tasking.objects.counted()


def waiting(tasking):
    pass


def answered(day):
    def act(tasking):
        with on(day.month, day.day):
            reply(tasking, received_on=day)
            workflow.close(fresh(tasking), to="answered", by=factories.SETUP)

    return act


def acknowledged(tasking):
    reply(tasking, kind="acknowledgement", coverage=None, received_on=MAY_10)


def interim(tasking):
    with on(6, 1):
        reply(tasking, kind="interim", coverage="evades", received_on=JUNE_1)


def partly(tasking):
    interim(tasking)
    with on(6, 2):
        reply(tasking, coverage="partial", received_on=JUNE_1)


def unread(tasking):
    reply(tasking, kind="interim", coverage=None, received_on=MAY_10)


def taken_back(tasking):
    reply(tasking, received_on=MAY_10)
    retractions.retract_response(Response.objects.get(answers__tasking=tasking), by=factories.SETUP, reason="TEST")


def becomes(status):
    return lambda tasking: moved(tasking, status)


def promised_then(status):
    def act(tasking):
        moved(tasking, "promised")  # for June 24
        if status:
            with on(6, 20):
                moved(tasking, status)

    return act


def kept_late(tasking):
    moved(tasking, "promised")
    with on(6, 26):
        moved(tasking, "implemented")


def more_time(to):
    return lambda tasking: extending.extend(tasking, by=factories.SETUP, to=to, by_notice=False)


def reopened(tasking):
    answered(MAY_10)(tasking)
    with on(5, 20):
        workflow.reopen(fresh(tasking), by=factories.SETUP, reason="TEST")


def no_position(tasking):
    reply(tasking, kind="no_position", coverage="evades", received_on=MAY_10)
    moved(tasking, "considering")
    items.set_review(fresh(tasking), by=factories.SETUP, on=dt.date(2023, 9, 1))


def after_its_end(status, *, ended, received_on, before=waiting):
    """It ended that day, and a complete reply comes after it all the same."""

    def act(tasking):
        before(tasking)
        with on(ended.month, ended.day):
            moved(tasking, status)
        with on(received_on.month, received_on.day):
            reply(fresh(tasking), received_on=received_on)

    return act


# What was done, on May 10 unless it says so: first word, answer, what the reply says, days waited, whether answered.
STORIES = {
    "nothing came": (waiting, NOT_IN_TIME, NOT_IN_TIME, "nothing", TO_TODAY, False),
    "answered in time": (answered(MAY_10), IN_TIME, IN_TIME, "full", 15, True),
    "answered on the day": (answered(dt.date(2023, 5, 24)), IN_TIME, IN_TIME, "full", 29, True),
    "answered a day late": (answered(dt.date(2023, 5, 25)), NOT_IN_TIME, NOT_IN_TIME, "full", 30, True),
    "a receipt only": (acknowledged, IN_TIME, NOT_IN_TIME, "nothing", TO_TODAY, False),
    "looking into it": (interim, NOT_IN_TIME, NOT_IN_TIME, "evades", TO_TODAY, False),
    "in part": (partly, NOT_IN_TIME, NOT_IN_TIME, "partial", TO_TODAY, False),
    "not read": (unread, IN_TIME, NOT_IN_TIME, "unread", TO_TODAY, False),
    "entered in error": (taken_back, NOT_IN_TIME, NOT_IN_TIME, "nothing", TO_TODAY, False),
    "waiting on us": (becomes("clarification"), IN_TIME, "", "nothing", TO_TODAY, False),
    "done, without a word": (becomes("implemented"), "", IN_TIME, "nothing", 15, True),
    "refused": (becomes("declined"), IN_TIME, IN_TIME, "full", 7, True),
    "withdrawn before its date": (becomes("withdrawn"), "", "", "nothing", 15, False),
    "lapsed": (becomes("not_implemented"), NOT_IN_TIME, NOT_IN_TIME, "nothing", TO_TODAY, False),
    "promised, not done": (promised_then(""), IN_TIME, NOT_IN_TIME, "nothing", TO_TODAY, False),
    "promised and done": (promised_then("implemented"), IN_TIME, IN_TIME, "nothing", 56, True),
    "promised and done late": (kept_late, IN_TIME, NOT_IN_TIME, "nothing", 62, True),
    "promised and withdrawn": (promised_then("withdrawn"), IN_TIME, "", "nothing", 56, False),
    "promised, then refused": (promised_then("declined"), IN_TIME, NOT_IN_TIME, "full", 7, True),
    "more time, over": (more_time(dt.date(2023, 6, 30)), NOT_IN_TIME, NOT_IN_TIME, "nothing", TO_TODAY, False),
    "more time, running": (more_time(dt.date(2023, 7, 14)), "", "", "nothing", TO_TODAY, False),
    "reopened": (reopened, IN_TIME, NOT_IN_TIME, "before", TO_TODAY, False),
    "done in time, a letter after it": (after_its_end("implemented", ended=MAY_10, received_on=JUNE_1), "", IN_TIME, "full", 15, True),
    "done late, a letter after it": (after_its_end("implemented", ended=JUNE_1, received_on=JUNE_2), NOT_IN_TIME, NOT_IN_TIME, "full", 37, True),
    "withdrawn before its date, a letter after it": (after_its_end("withdrawn", ended=MAY_10, received_on=JUNE_1), "", "", "full", 15, False),
    "withdrawn, a letter soon after it": (after_its_end("withdrawn", ended=MAY_10, received_on=MAY_12), IN_TIME, "", "full", 15, False),
    "withdrawn after its date, a letter after it": (after_its_end("withdrawn", ended=JUNE_1, received_on=JUNE_2), NOT_IN_TIME, NOT_IN_TIME, "full", 37, False),
    "no position": (no_position, IN_TIME, "", "evades", TO_TODAY, False),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_what_came_of_it(reference, story):
    act, *expected = STORIES[story]
    tasking = factories.item()
    with on(5, 10):
        act(tasking)
    one = Tasking.objects.filter(pk=tasking.pk)

    def which(condition, names):
        return "".join(name for name in names if one.filter(condition(name)).exists())

    [record] = records(one, TODAY).values()
    [(days, came)] = record.waits
    judged = (IN_TIME, NOT_IN_TIME)
    assert [
        which(lambda name: outcomes.acknowledged_condition(name, TODAY), judged),
        which(lambda name: outcomes.answered_condition(name, TODAY), judged),
        which(outcomes.replied_condition, REPLIED),
        days,
        came,
    ] == expected


def test_a_story_that_is_judged_is_late_or_not_and_never_both(reference):
    """Whatever was done: one of the two at most, and exactly one thing was said."""
    some = list(STORIES.values())[::3]
    for act, *_ in some:
        tasking = factories.item()
        with on(5, 10):
            act(tasking)
    everything = counted()
    for condition in (outcomes.acknowledged_condition, outcomes.answered_condition):
        in_time, late = (everything.filter(condition(name, TODAY)) for name in (IN_TIME, NOT_IN_TIME))
        assert not (in_time & late).exists()
        assert everything.filter(condition(outcomes.JUDGED, TODAY)).count() == in_time.count() + late.count()
    said = [everything.filter(outcomes.replied_condition(name)).count() for name in REPLIED]
    assert sum(said) == everything.count() == len(some)


def test_a_record_adds_up_each_item_once_and_bases_apart(reference, staff):
    with on(5, 10):
        answered(MAY_10)(factories.item())
        factories.item()
        factories.item(deadline_on=MAY_10)
        promised_then("implemented")(factories.item())
        more_time(dt.date(2023, 6, 30))(factories.item())
    found = records(counted(), TODAY)[factories.agency("treasury").pk]
    assert (found.asked, found.open, found.first_word) == (5, 3, Kept(2, 5))
    assert {basis: found.by(basis) for basis in ("letter", "promise", "statute", "yardstick")} == {
        "letter": Kept(0, 1),
        "promise": Kept(1, 1),
        "statute": Kept(0, 0),
        "yardstick": Kept(1, 3),
    }
    assert (found.more_time, found.late_original, found.late_both) == (1, 1, 1)
    assert dict(found.statuses) == {"answered": 1, "implemented": 1, "awaiting": 3}
    # 15, 56 and three that wait for 69: 4/5, then 3/5
    assert [(s.day, s.waiting, s.answered) for s in found.curve.steps] == [(15, 5, 1), (56, 4, 1)]
    assert (found.curve.half, found.curve.known, found.longest.days, found.longest.came) == (None, TO_TODAY, 69, False)


@pytest.mark.parametrize(
    ("status", "expected"), [("implemented", (1, 0, 0)), ("withdrawn", (1, 0, 0)), ("not_implemented", (1, 1, 1))]
)
def test_what_ended_before_its_original_date_is_not_late_against_it_by_a_letter_that_came_after(
    reference, status, expected
):
    """Only what lapsed waited for that letter all the same."""
    july_1 = dt.date(2023, 7, 1)
    with on(5, 10):
        tasking = factories.item()
        more_time(dt.date(2023, 6, 30))(tasking)
        moved(tasking, status)
    with on(7, 1):
        reply(fresh(tasking), received_on=july_1)
    found = records(counted(), TODAY)[factories.agency("treasury").pk]
    assert (found.more_time, found.late_original, found.late_both) == expected
    late = expected[1] == 1
    assert ("late against it" in against_original(fresh(tasking), TODAY)) == late


def test_consulted_agencies_and_what_was_entered_in_error_are_in_no_record(reference, manager):
    letter = factories.draft(agencies=["treasury", "state"])
    factories.ask(letter, "treasury", consulted=["state"])
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    moved(factories.item(agencies=["commerce"]), "entered_in_error")
    sending.enter_in_error(factories.sent(agencies=["justice"]), by=manager, reason="TEST")
    assert {key: one.asked for key, one in records(counted(), TODAY).items()} == {factories.agency("treasury").pk: 1}


def test_who_has_it_now_carries_the_day_it_was_first_asked(reference, staff):
    with on(6, 14):
        workflow.transfer(factories.item(), to_agency=factories.agency("commerce"), by=staff, reason="TEST")
    found = records(counted(), TODAY)
    first, second = (found[factories.agency(slug).pk] for slug in ("treasury", "commerce"))
    # passed on after 50 days, past its date and unanswered; the other one is waited for since the first day
    assert (dict(first.waits), first.by("yardstick")) == ({(50, False): 1}, Kept(0, 1))
    assert (dict(second.waits), second.by("yardstick"), second.open) == ({(TO_TODAY, False): 1}, Kept(0, 1), 1)


def test_an_item_asked_again_by_a_later_letter_is_one_and_waits_since_the_first(reference, staff):
    tasking = factories.item()
    with on(6, 1):
        later = factories.sent(sent_on=JUNE_1, agencies=["state"], deadline_on=dt.date(2023, 6, 20))
        renewals.renew(fresh(tasking), by=staff, letter=later)
    found = records(counted(), TODAY)[factories.agency("treasury").pk]
    assert (found.asked, dict(found.waits), found.by("letter")) == (1, {(TO_TODAY, False): 1}, Kept(0, 1))


def test_all_together_is_each_item_once(reference):
    with on(5, 10):
        answered(MAY_10)(factories.item())
        factories.sent(agencies=["state", "commerce"])
    found = records(counted(), TODAY)
    whole = together(found.values())
    assert (whole.asked, whole.open, whole.by("yardstick")) == (3, 2, Kept(1, 3))
    assert (whole.longest.days, sum(whole.waits.values())) == (TO_TODAY, 3)
    assert together([]).asked == 0
