"""What a brief tells of promises: of each time that we asked one, also of those that moved no date."""

import datetime as dt

import pytest

from letters.domain import items, workflow
from letters.domain.reply_flow import Word, read_reply, record_reply
from tests import factories
from tests.web.test_who_said_it import AUGUST_1, JUNE_10, _day, says, told

__all__ = ["_day", "told"]  # fixtures

MAY_2, JUNE_1 = dt.date(2023, 5, 2), dt.date(2023, 6, 1)
KEPT = "done on June 8, 2023, by the date; asked again on June 20, 2023"


def in_brief(brief: dict) -> list[tuple[str, str]]:
    return [(one["promised"], one["kept"]) for one in brief["promises"]]


def asked():
    with factories.on(4, 26):
        return factories.item()


def kept_and_asked_again(one, *, by) -> None:
    with factories.on(6, 8):
        factories.moved(one, "implemented")
    with factories.on(6, 20):
        workflow.reopen(factories.fresh(one), by=by, reason="TEST")


# --- each time that we asked


@pytest.mark.parametrize(
    ("day", "since"),
    [(AUGUST_1, "still ahead, in 29 days"), (JUNE_10, "23 days ago; not done in our record")],
    ids=["another day", "the same day"],
)
def test_a_promise_that_was_kept_is_told_as_kept_also_where_they_promised_anew(reference, staff, told, day, since):
    one = asked()
    says(one, (5, 2), by=staff, said="promised", promised_on=JUNE_1)
    says(one, (5, 3), by=staff, said="promised", promised_on=JUNE_10)
    kept_and_asked_again(one, by=staff)
    with factories.on(6, 22):
        workflow.transition(factories.fresh(one), to="promised", by=staff, promised_on=day)
    first = ("promised for June 10, 2023, before that for June 1, 2023", KEPT)
    last = (f"promised for {'August 1' if day == AUGUST_1 else 'June 10'}, 2023", since)
    assert in_brief(told("treasury")) == [first, last]
    now = "now “promised by August 1, 2023”" if day == AUGUST_1 else "now “promised by June 10, 2023”"
    assert in_brief(told("treasury", "ours")) == [
        (first[0], f"done (done) on June 8, 2023, by the date; {now}"), last,
    ]  # fmt: skip


def test_of_two_times_that_ended_and_were_asked_again_each_is_told(reference, staff, told):
    one = asked()
    says(one, (5, 2), by=staff, said="promised", promised_on=JUNE_10)
    kept_and_asked_again(one, by=staff)
    says(one, (6, 22), by=staff, said="promised", promised_on=dt.date(2023, 6, 25))
    with factories.on(6, 27):
        factories.moved(one, "implemented")
    with factories.on(6, 28):
        workflow.reopen(factories.fresh(one), by=staff, reason="TEST")
    assert in_brief(told("treasury")) == [
        ("promised for June 10, 2023", KEPT),
        ("promised for June 25, 2023", "done on June 27, 2023, 2 days after the date; asked again on June 28, 2023"),
    ]


def test_a_day_that_was_given_up_before_the_end_stays_with_the_time_it_was_named_in(reference, staff, told):
    one = asked()
    says(one, (5, 2), by=staff, said="promised", promised_on=JUNE_1)
    with factories.on(5, 10):
        workflow.transition(factories.fresh(one), to="considering", by=staff)
    says(one, (5, 20), by=staff, said="promised", promised_on=JUNE_10)
    kept_and_asked_again(one, by=staff)
    says(one, (6, 22), by=staff, said="promised", promised_on=AUGUST_1)
    assert in_brief(told("treasury")) == [
        ("promised for June 10, 2023, before that for June 1, 2023", KEPT),
        ("promised for August 1, 2023", "still ahead, in 29 days"),
    ]


def test_a_promise_of_before_the_end_is_told_as_kept_whenever_it_was_read(reference, staff, told):
    """Logged late, or read anew with another day, after we had asked again: it was not promised since."""
    late, anew = asked(), asked()
    reply = says(anew, (5, 2), by=staff, said="promised", promised_on=JUNE_1)
    for one in (late, anew):
        kept_and_asked_again(one, by=staff)
        says(one, (6, 22), by=staff, said="promised", promised_on=AUGUST_1)
    with factories.on(6, 25):
        word = {"said": "promised", "promised_on": JUNE_10}
        record_reply(by=staff, agency=late.agency, received_on=MAY_2, words=[Word(factories.fresh(late), **word)])
        read_reply(reply, by=staff, words=[Word(factories.fresh(anew), **word)])
    assert in_brief(told("treasury")) == [
        *[("promised for June 10, 2023", KEPT)] * 2, *[("promised for August 1, 2023", "still ahead, in 29 days")] * 2,
    ]  # fmt: skip


def test_whose_word_each_promise_was_is_told_of_each(reference, staff, told):
    one = asked()
    says(one, (5, 2), by=staff, agency="ofac", said="promised", promised_on=JUNE_10)
    kept_and_asked_again(one, by=staff)
    says(one, (6, 22), by=staff, said="promised", promised_on=AUGUST_1)
    with factories.on(6, 24):
        items.move_promise(factories.fresh(one), by=staff, to=dt.date(2023, 9, 1))
    assert [promised for promised, _ in in_brief(told("treasury"))] == [
        "promised by OFAC for June 10, 2023", "promised for September 1, 2023, before that for August 1, 2023",
    ]  # fmt: skip


# --- what moved no date


def test_a_promise_that_moved_no_date_is_told(reference, staff, told):
    one = asked()
    says(one, (5, 20), by=staff, said="looking")
    says(one, (5, 27), by=staff, said="promised", promised_on=JUNE_10, status="considering")
    assert factories.fresh(one).promised_on is None
    assert in_brief(told("treasury")) == [("promised for June 10, 2023", "23 days ago")]
    ((_, kept),) = in_brief(told("treasury", "ours"))
    assert kept.startswith("23 days ago; now “looking into it")
    # nor is it a date to hold them to
    assert told("treasury")["letters"][0]["asks"][0]["date"] == ""


@pytest.mark.parametrize("late", [False, True])
def test_a_promise_that_moved_no_date_is_told_as_kept_too(reference, staff, told, late):
    one = asked()
    says(one, (5, 20), by=staff, said="looking")
    word = {"said": "promised", "promised_on": JUNE_10}
    if not late:
        says(one, (5, 27), by=staff, status="considering", **word)
    with factories.on(6, 8):
        factories.moved(one, "implemented")
    if late:
        with factories.on(6, 12):
            word = Word(factories.fresh(one), status="implemented", **word)
            record_reply(by=staff, agency=one.agency, received_on=MAY_2, words=[word])
    assert factories.fresh(one).promised_on is None
    assert in_brief(told("treasury")) == [("promised for June 10, 2023", "done on June 8, 2023, by the date")]
    with factories.on(6, 20):
        workflow.reopen(factories.fresh(one), by=staff, reason="TEST")
    assert in_brief(told("treasury")) == [("promised for June 10, 2023", KEPT)]
