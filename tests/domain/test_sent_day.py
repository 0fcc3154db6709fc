"""A wrong day of sending is corrected: what counts from it follows, the number stays, and nothing comes before it."""

import datetime as dt

import pytest
from django.utils import timezone

from letters.domain import clocks, items, letter_desk, sending, workflow
from letters.domain.extending import extend
from letters.domain.history import acting
from letters.domain.renewals import renew
from letters.models import Event, Letter, Tasking
from tests import factories
from tests.domain.refusals import refused

D = dt.date
WRONG, RIGHT = D(2023, 1, 6), D(2023, 4, 6)


def corrected(letter: Letter, day: dt.date, by, **more) -> Letter:
    return sending.amend(Letter.objects.get(pk=letter.pk), by=by, reason="TEST a slip", sent_on=day, **more)


def dates(tasking: Tasking) -> tuple:
    one = factories.fresh(tasking)
    return one.asked_on, one.due_on, one.ack_due_on


def test_all_that_counts_from_the_day_follows_and_the_number_stays(reference, staff):
    wrong = factories.item(sent_on=WRONG)
    right = factories.item(sent_on=RIGHT)
    done = corrected(wrong.ask.letter, RIGHT, staff, letter_date=RIGHT)
    assert (done.reference, done.sent_on, done.sent_at.isoformat(), done.congress) == (
        "2023-0001", RIGHT, "2023-04-06T12:00:00-04:00", 118,
    )  # fmt: skip
    assert dates(wrong) == dates(right)
    assert [one.value for one in wrong.due_dates.filter(clock="substantive").order_by("revision")] == [
        D(2023, 2, 7), factories.fresh(right).due_on,
    ]  # fmt: skip
    assert list(done.amendments.order_by("field").values_list("field", "before", "after")) == [
        ("letter_date", "2023-01-06", "2023-04-06"), ("sent_on", "2023-01-06", "2023-04-06"),
    ]  # fmt: skip
    event = done.events.filter(kind="letter_amended").last()
    assert (event.payload["changed"], event.payload["items"]) == (["sent_on", "letter_date"], [str(wrong.pk)])
    # and back again, to an earlier day
    corrected(done, WRONG, staff, letter_date=WRONG)
    assert dates(wrong)[:2] == (WRONG, D(2023, 2, 7))


def test_what_ended_is_judged_from_the_day_too(reference, staff):
    """With the usual wait of then: an agency's own may be another by now."""
    ended, other = factories.item(sent_on=WRONG), factories.item(sent_on=RIGHT)
    waited = factories.fresh(other).due_on
    factories.moved(factories.fresh(ended), "withdrawn")
    factories.reply(factories.fresh(ended), kind="acknowledgement", coverage=None, received_on=D(2023, 6, 1))
    agency = ended.agency
    with acting(factories.SETUP):
        agency.yardstick_days = 60
        agency.save()
    corrected(ended.ask.letter, RIGHT, staff, letter_date=RIGHT)
    assert dates(ended) == (RIGHT, waited, dates(other)[2])


def test_a_term_that_is_taken_away_with_the_day_is_no_usual_wait(reference, staff):
    usual = factories.fresh(factories.item(sent_on=RIGHT)).due_on
    ended = factories.item(sent_on=WRONG, term_days=5, term_unit="business", term_from="letter_date")
    factories.moved(factories.fresh(ended), "withdrawn")
    corrected(ended.ask.letter, RIGHT, staff, letter_date=RIGHT, term_days=None, term_unit="", term_from="")
    assert dates(ended)[:2] == (RIGHT, usual)


def test_what_a_person_dates_anew_does_not_lie_untouched(reference, staff):
    """An import noted the wrong day as the last on which anybody did something about it."""
    item = factories.item(sent_on=WRONG)
    corrected(item.ask.letter, RIGHT, staff, letter_date=RIGHT)
    assert timezone.localdate(factories.fresh(item).touched_at) == timezone.localdate()


def test_a_promise_and_a_date_of_the_letter_stay(reference, staff):
    promised = factories.item(sent_on=WRONG, agencies=["state"])
    workflow.transition(promised, to="promised", by=staff, promised_on=D(2023, 9, 1), occurred_at=None)
    dated = factories.item(sent_on=WRONG, deadline_on=D(2023, 8, 1))
    for one in (promised, dated):
        corrected(one.ask.letter, RIGHT, staff, letter_date=RIGHT)
    assert dates(promised)[:2] == (RIGHT, D(2023, 9, 1))
    assert dates(dated)[:2] == (RIGHT, D(2023, 8, 1))


def test_an_item_of_an_earlier_letter_was_asked_again_on_the_day(reference, staff):
    first = factories.item(sent_on=D(2022, 6, 1))
    again = factories.sent(sent_on=WRONG, deadline_on=D(2023, 8, 1))
    renew(first, by=staff, letter=again)
    before = factories.fresh(first)
    corrected(again, RIGHT, staff, letter_date=RIGHT)
    assert first.renewals.get().renewed_on == RIGHT
    now = factories.fresh(first)
    assert (now.asked_on, now.due_on, now.version) == (D(2022, 6, 1), D(2023, 8, 1), before.version)
    assert refused(corrected, again, D(2022, 5, 2), staff, letter_date=D(2022, 5, 2)) == {
        "sent_on": f"It repeats “{first}” of {first.ask.letter.reference}, which was asked on June 1, 2022. Enter that or a later day, "
        "or say on the item’s page that it is not repeated after all."
    }
    assert refused(corrected, first.ask.letter, D(2023, 5, 1), staff) == {
        "sent_on": f"{again.reference} repeats “{first}” since April 6, 2023. Enter that or an earlier day, or say on the item’s page that "
        "it is not repeated after all."
    }


def test_what_came_back_after_the_right_day_is_dated_by_its_own_day(reference, staff):
    """Noted too late: a reply that came meanwhile counts from its day, not from the day that was noted first."""
    item = factories.item(sent_on=RIGHT)
    corrected(item.ask.letter, WRONG, staff, letter_date=WRONG)
    item = factories.fresh(item)
    factories.reply(item, kind="acknowledgement", coverage=None, received_on=D(2023, 2, 1))
    assert factories.fresh(item).acknowledged_on == D(2023, 2, 1)
    workflow.transition(item, to="considering", by=staff, occurred_at=clocks.noon(D(2023, 2, 1)))
    assert Event.objects.filter(kind="status_changed").last().occurred_at.date() == D(2023, 2, 1)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (
            lambda one, by: factories.reply(one, received_on=D(2023, 2, 1)),
            "The substantive reply from Treasury, February 1, 2023 came before April 6, 2023. Enter February 1, 2023 or an earlier day; "
            "or, if it answers another letter, take that reply back first, or read it again without this one.",
        ),
        (
            lambda one, by: items.log_contact(
                by=by, agency=one.agency, taskings=[one], channel="call", outcome="TEST", on=D(2023, 3, 1)
            ),
            "Our call on March 1, 2023 was before April 6, 2023. Enter March 1, 2023 or an earlier day; or, if it was about another "
            "letter, take that contact back first.",
        ),
        (
            lambda one, by: letter_desk.update_addressee(
                one.ask.letter.addressees.get(), by=by, delivered_on=D(2023, 1, 9)
            ),
            "TEST Secretary of treasury’s office has had it since January 9, 2023, before April 6, 2023. Enter that day or an earlier "
            "one, or correct what is noted of that addressee first.",
        ),
        (
            lambda one, by: workflow.transition(one, to="promised", by=by, promised_on=D(2023, 3, 1)),
            "“Treasury: TEST ask” is promised for March 1, 2023, before April 6, 2023. Enter that day or an earlier one, or put that "
            "right on the item’s page first.",
        ),
        (
            lambda one, by: extend(one, by=by, to=D(2099, 1, 2), by_notice=True, on=D(2023, 1, 20)),
            "“Treasury: TEST ask” was given more time on January 20, 2023, before April 6, 2023. Enter that day or an earlier one, or "
            "put that right on the item’s page first.",
        ),
        (
            lambda one, by: workflow.transition(
                one, to="withdrawn", by=by, reason="TEST", occurred_at=clocks.noon(D(2023, 2, 3))
            ),
            "“Treasury: TEST ask” is “withdrawn” since February 3, 2023, before April 6, 2023. Enter that day or an earlier one, or put "
            "that right on the item’s page first.",
        ),
    ],
)  # fmt: skip
def test_nothing_comes_before_the_letter_it_is_about(reference, staff, before, words):
    item = factories.item(sent_on=WRONG)
    before(item, staff)
    assert refused(corrected, item.ask.letter, RIGHT, staff, letter_date=RIGHT)["sent_on"] == words
    assert Letter.objects.get().sent_on == WRONG


def test_days_in_order(reference, staff):
    letter = factories.sent(sent_on=WRONG)
    assert refused(corrected, letter, None, staff) == {
        "sent_on": "The day it was sent is missing. Enter the day it went out."
    }
    assert "which is after today" in refused(corrected, letter, D(2099, 1, 1), staff)["sent_on"]
    assert refused(corrected, letter, D(2022, 12, 1), staff)["sent_on"] == (
        "The day it was sent (December 1, 2022) is before the letter’s date (January 6, 2023). Enter January 6, 2023 or a later day."
    )
    dated = factories.sent(sent_on=WRONG, ask_facts={"requested_by": D(2023, 2, 1)})
    assert refused(corrected, dated, RIGHT, staff)["sent_on"].startswith(
        "The date of ask 1 (February 1, 2023) is before the day"
    )


def test_who_may_not_see_an_earlier_letter_is_not_told_of_it(reference, staff):
    """Invariant 8: the day is corrected as if it did not repeat it."""
    first = factories.item(sent_on=D(2022, 6, 1))
    again = factories.sent(sent_on=WRONG)
    renew(first, by=staff, letter=again)
    factories.restrict(first.ask.letter)
    assert corrected(again, D(2022, 5, 2), staff, letter_date=D(2022, 5, 2)).sent_on == D(2022, 5, 2)
