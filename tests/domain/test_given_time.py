"""More time and what rests on it: silence while it runs, which reply gave it, and what is left when that one goes."""

import datetime as dt

import pytest

from letters.domain import extending, items, renewals, retractions, sending, workflow
from letters.domain.words import against_original, has_more_time
from letters.errors import StaleVersion
from letters.models import Event, Letter, Tasking
from letters.reminders.sweep import sweep
from tests import factories
from tests.domain.refusals import refused
from tests.factories import fresh, on
from tests.web.test_pages import words

USUAL, FIRST, SECOND = dt.date(2023, 5, 24), dt.date(2023, 6, 15), dt.date(2023, 6, 30)


@pytest.fixture
def tasking(reference) -> Tasking:
    with on(4, 25):
        return factories.item()


def dates(tasking: Tasking) -> tuple:
    now = fresh(tasking)
    return now.due_on, now.extended_to, now.original_due_on


def notice_of(tasking: Tasking, received_on: dt.date):
    return factories.reply(fresh(tasking), kind="extension_notice", coverage="evades", received_on=received_on)


@pytest.mark.parametrize("by_notice", [True, False], ids=["they told us", "we agreed"])
def test_nobody_is_told_of_anything_in_the_middle_of_the_time_given(reference, staff, by_notice):
    with on(4, 25):
        tasking = factories.item(deadline_on=USUAL)
    with on(5, 10):
        items.assign(tasking, by=staff, owner=staff)
        given = extending.extend(fresh(tasking), by=staff, to=FIRST, by_notice=by_notice)
    assert given.acknowledged_on == (dt.date(2023, 5, 10) if by_notice else None)
    for days in range((FIRST - dt.date(2023, 5, 10)).days):
        sweep(today=dt.date(2023, 5, 10) + dt.timedelta(days=days))
    assert [one.reminder.rule for one in staff.notices.all()] == ["due_soon"]
    began = Event.objects.filter(tasking=tasking, kind__in=["past_due", "acknowledgement_late"])
    assert not began.exists()
    sweep(today=FIRST + dt.timedelta(days=1))
    late = {"past_due"} if by_notice else {"past_due", "acknowledgement_late"}
    assert set(began.values_list("kind", flat=True)) == late


def test_their_word_for_more_time_goes_with_the_time(tasking, staff):
    with on(5, 10):
        given = extending.extend(tasking, by=staff, to=FIRST, by_notice=True)
        back = extending.take_back_extension(given, by=staff, reason="TEST")
        assert (given.acknowledged_on, back.acknowledged_on) == (dt.date(2023, 5, 10), None)
        # what was taken back is no word of theirs, whatever was agreed since
        assert extending.extend(back, by=staff, to=FIRST, by_notice=False).acknowledged_on is None


def test_a_reply_taken_back_takes_only_the_time_that_rested_on_it(tasking, staff, client):
    with on(5, 10):
        extending.extend(tasking, by=staff, to=FIRST, by_notice=False)
    with on(5, 18):
        reply = notice_of(tasking, dt.date(2023, 5, 18))
        extending.extend(fresh(tasking), by=staff, to=SECOND, by_notice=True, response=reply)
    assert dates(tasking) == (SECOND, SECOND, USUAL)
    with on(5, 20):
        retractions.retract_response(reply, by=staff, reason="TEST another office")
    assert dates(tasking) == (FIRST, FIRST, USUAL)
    client.force_login(staff)
    shown = words(client.get(f"/items/{tasking.pk}/"))
    assert "More time, to June 15, 2023: we agreed on May 10, 2023" in shown
    assert "The time given is taken back: from June 30, 2023 to June 15, 2023" in shown
    with on(5, 21):
        extending.take_back_extension(fresh(tasking), by=staff, reason="TEST")
    assert dates(tasking) == (USUAL, None, None)


def test_two_replies_that_gave_time_and_go_one_after_the_other(tasking, staff):
    replies = []
    with on(5, 18):
        for day, to in ((16, FIRST), (17, SECOND)):
            replies.append(notice_of(tasking, dt.date(2023, 5, day)))
            extending.extend(fresh(tasking), by=staff, to=to, by_notice=True, response=replies[-1])
        retractions.retract_response(replies[0], by=staff, reason="TEST")
        assert dates(tasking) == (SECOND, SECOND, USUAL)
        retractions.retract_response(replies[1], by=staff, reason="TEST")
    assert dates(tasking) == (USUAL, None, None)
    taken = Event.objects.filter(kind="extended", payload__taken_back=True)
    assert [(event.payload["from"], event.payload["to"]) for event in taken] == [("2023-06-30", "2023-05-24")]


@pytest.mark.parametrize("how", ["by a person", "with its reply"])
def test_time_taken_back_is_told_where_the_date_stays(tasking, staff, client, how):
    with on(5, 10):
        reply = notice_of(tasking, dt.date(2023, 5, 9))
        given = extending.extend(fresh(tasking), by=staff, to=FIRST, by_notice=True, response=reply)
        workflow.transition(given, to="promised", by=staff, promised_on=dt.date(2023, 8, 1))
    with on(5, 11):
        if how == "by a person":
            extending.take_back_extension(fresh(tasking), by=staff, reason="TEST wrong item")
        else:
            retractions.retract_response(reply, by=staff, reason="TEST wrong item")
    assert dates(tasking) == (dt.date(2023, 8, 1), None, None)
    event = Event.objects.get(kind="extended", payload__taken_back=True)
    assert (event.by_user, event.reason, event.payload["from"], event.payload["to"], event.public_payload) == (
        staff, "TEST wrong item", "2023-08-01", "2023-08-01", None,
    )  # fmt: skip
    client.force_login(staff)
    assert "The time given is taken back: still August 1, 2023" in words(client.get(f"/items/{tasking.pk}/"))


def test_a_letter_that_asks_again_sets_its_date_against_time_given_before(tasking, staff):
    with on(4, 27):
        april = extending.extend(fresh(tasking), by=staff, to=dt.date(2023, 8, 1), by_notice=False)
    assert (april.due_on, april.original_due_on) == (dt.date(2023, 8, 1), USUAL)
    with on(6, 3):
        again = factories.sent(sent_on=dt.date(2023, 6, 3), deadline_on=dt.date(2023, 6, 20))
        renewals.renew(fresh(tasking), by=staff, letter=again)
    asked = Tasking.objects.select_related("ask__letter", "agency").get(pk=tasking.pk)
    # by the date that nobody gave them more time for
    assert (asked.due_on, asked.due_basis, asked.original_due_on) == (
        dt.date(2023, 6, 20),
        "letter",
        dt.date(2023, 6, 20),
    )
    assert (against_original(asked, dt.date(2023, 6, 25)), has_more_time(asked)) == ("", False)
    assert list(Tasking.objects.late_against_original(dt.date(2023, 6, 25))) == []  # no page counts it either
    with on(6, 10):
        old = factories.reply(tasking, kind="extension_notice", coverage="evades", received_on=dt.date(2023, 6, 1))
        late = {"to": dt.date(2023, 9, 1), "by_notice": True, "response": old}
        assert refused(extending.extend, fresh(tasking), by=staff, **late) == {
            "response": "That reply came before our letter that asks again, which sets the date: it stays due "
            "June 20, 2023. Record what they said to that letter."
        }
        moved = extending.extend(fresh(tasking), by=staff, to=dt.date(2023, 7, 1), by_notice=False)
    assert (moved.due_on, moved.original_due_on) == (dt.date(2023, 7, 1), dt.date(2023, 6, 20))
    with on(6, 11):
        extending.take_back_extension(moved, by=staff, reason="TEST")
        sending.enter_in_error(Letter.objects.get(pk=again.pk), by=staff, reason="TEST")
    assert (fresh(tasking).due_on, fresh(tasking).extended_to) == (USUAL, None)


def test_whether_their_reply_stands_is_asked_once_the_item_is_held(tasking, staff):
    stale = notice_of(tasking, dt.date(2023, 5, 9))
    retractions.retract_response(type(stale).objects.get(pk=stale.pk), by=staff, reason="TEST")
    asked = {"by": staff, "to": FIRST, "by_notice": True, "response": stale}
    assert list(refused(extending.extend, fresh(tasking), **asked)) == ["response"]
    with pytest.raises(StaleVersion):
        extending.extend(fresh(tasking), **asked, expected_version=0)


def test_time_given_on_an_earlier_day_is_told_of_that_day(tasking, staff):
    how = {"by": staff, "to": SECOND, "by_notice": True}
    with on(6, 1):
        assert "after today" in refused(extending.extend, tasking, on=dt.date(2023, 6, 2), **how)["on"]
        assert "before the day it was asked" in refused(extending.extend, tasking, on=dt.date(2023, 4, 24), **how)["on"]
        given = extending.extend(tasking, on=dt.date(2023, 5, 10), **how)
    assert (dates(given), given.acknowledged_on) == ((SECOND, SECOND, USUAL), dt.date(2023, 5, 10))
    assert "told us on May 10, 2023" in str(given.due_dates.filter(clock="substantive").first().explanation["notes"])
