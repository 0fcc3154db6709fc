"""Which rule sets a date, in their order; and what holds for every item."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.domain.deadlines import Calendar, Explanation, Interval
from letters.domain.due_rules import (
    RULES,
    LetterTerms,
    Situation,
    Statute,
    Term,
    acknowledgement,
    explain,
    moved_because,
    original,
)
from letters.enums import Basis

CALENDAR = Calendar()
SENT = dt.date(2023, 4, 25)
DAY = dt.timedelta(days=1)
PLAIN = Situation(asked_on=SENT, agency="Treasury", letter=LetterTerms(SENT), usual_wait=21)
LAW = Statute("Global Magnitsky Act", "22 U.S.C. 10102", "a joint request", 120)
THIRTY = Term(30, "calendar", "receipt")
# Everything that can set a date, the strongest first, each with the date it sets.
SETTERS = [
    ({"promised_on": dt.date(2023, 6, 8)}, dt.date(2023, 6, 8), "promise"),
    ({"again": LetterTerms(SENT, dt.date(2023, 9, 29), again_on=dt.date(2023, 9, 1))}, dt.date(2023, 9, 29), "letter"),
    ({"requested_by": dt.date(2023, 5, 5)}, dt.date(2023, 5, 5), "letter"),
    ({"letter": LetterTerms(SENT, dt.date(2023, 5, 16))}, dt.date(2023, 5, 16), "letter"),
    ({"letter": LetterTerms(SENT, term=THIRTY, received_on=dt.date(2023, 5, 1))}, dt.date(2023, 5, 31), "letter"),
    ({"statute": LAW}, dt.date(2023, 8, 23), "statute"),
    ({}, dt.date(2023, 5, 24), "yardstick"),
]


@pytest.mark.parametrize("first", range(len(SETTERS)))
def test_the_first_rule_that_applies_counts_whatever_comes_after_it(first):
    known: dict = {}
    for facts, _, _ in reversed(SETTERS[first:]):
        known |= facts
    found = explain(replace(PLAIN, **known), CALENDAR)
    assert (found.due_on, found.basis.value) == SETTERS[first][1:]


def test_the_table_ends_with_the_only_rule_that_is_no_deadline():
    assert [rule.basis.value for rule in RULES] == [
        "promise", "letter", "letter", "letter", "letter", "letter", "statute", "yardstick",
    ]  # fmt: skip
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("term", "received_on", "due_on", "start"),
    [
        (Term(30, "calendar", "letter_date"), None, dt.date(2023, 5, 25), ("Dated", SENT)),
        (Term(10, "business", "letter_date"), None, dt.date(2023, 5, 9), ("Dated", SENT)),
        (Term(30, "calendar", "receipt"), dt.date(2023, 5, 1), dt.date(2023, 5, 31), ("Received", dt.date(2023, 5, 1))),
        (Term(10, "business", "receipt"), dt.date(2023, 5, 19), dt.date(2023, 6, 5), ("Received", dt.date(2023, 5, 19))),
    ],
)  # fmt: skip
def test_a_term_counts_from_the_letters_date_or_from_receipt(term, received_on, due_on, start):
    found = explain(replace(PLAIN, letter=LetterTerms(SENT, term=term, received_on=received_on)), CALENDAR)
    assert (found.due_on, found.basis, (found.start_event, found.start_on)) == (due_on, Basis.LETTER, start)
    assert found.rule == f"The letter asks for a reply {term.words()}"


OVER = "was over before this was asked, so the day it was asked, April 25, 2023, counts"


@pytest.mark.parametrize(
    ("facts", "over"),
    [
        ({"letter": LetterTerms(dt.date(2023, 4, 1), term=Term(10, "calendar", "letter_date"))}, "April 11, 2023"),
        ({"letter": LetterTerms(dt.date(2023, 4, 3), term=Term(10, "business", "letter_date"))}, "April 17, 2023"),
        ({"letter": LetterTerms(dt.date(2022, 4, 25)), "statute": LAW}, "August 23, 2022"),
    ],
)
def test_a_day_that_was_over_before_the_letter_went_says_so(facts, over):
    late = replace(PLAIN, **facts)
    found = explain(late, CALENDAR)
    assert (found.due_on, f"{over} {OVER}" in found.sentences()) == (SENT, True)
    # sent in time it says nothing of the kind, and the date moved by no time given or taken
    sooner = explain(replace(late, asked_on=late.letter.letter_on), CALENDAR)
    assert [note for note in sooner.notes if "was over" in note] == []
    assert moved_because(found, sooner) == "it was asked before that day was over"
    # nor does more time that is taken back leave a word that stood there before
    more = explain(replace(late, extended_to=dt.date(2023, 6, 30)), CALENDAR)
    assert moved_because(more, found) == "no more time was given after all"


def test_while_receipt_is_not_known_our_usual_wait_counts_and_says_so():
    found = explain(replace(PLAIN, letter=LetterTerms(SENT, term=THIRTY)), CALENDAR)
    assert (found.due_on, found.basis) == (dt.date(2023, 5, 24), Basis.YARDSTICK)
    assert found.notes == (
        "The letter asks for a reply within 30 days of receipt, and no receipt is recorded: until it is, our usual wait "
        "counts",
    )


def test_a_law_counts_from_receipt_and_does_not_wait_for_us():
    paused = replace(PLAIN, statute=LAW, pauses=(Interval(dt.date(2023, 5, 1), dt.date(2023, 5, 31)),))
    found = explain(paused, CALENDAR)
    assert (found.due_on, found.pauses) == (dt.date(2023, 8, 23), ())
    assert found.rule == "Global Magnitsky Act, 22 U.S.C. 10102: 120 days from receipt of the request (a joint request)"
    assert (found.start_event, found.notes) == (
        "Dated", ("The law counts from receipt, which is not recorded: until it is, the letter’s own date counts",),
    )  # fmt: skip
    came = explain(replace(paused, letter=LetterTerms(SENT, received_on=dt.date(2023, 5, 9))), CALENDAR)
    assert (came.due_on, came.start_event, came.start_on, came.notes) == (
        dt.date(2023, 9, 6), "Received", dt.date(2023, 5, 9), (),
    )  # fmt: skip


def test_a_saturday_is_kept_with_the_next_business_day_as_a_hint():
    found = explain(replace(PLAIN, requested_by=dt.date(2023, 5, 27)), CALENDAR)
    assert found.due_on == dt.date(2023, 5, 27)
    assert found.hint == "May 27, 2023 is not a business day (Saturday); the next one is May 30, 2023"


def test_more_time_keeps_the_original_and_says_so():
    more = {"extended_to": dt.date(2023, 6, 30), "extended_on": dt.date(2023, 5, 20), "extended_words": ": TEST"}
    given = replace(PLAIN, **more)
    found = explain(given, CALENDAR)
    assert (found.due_on, found.extended_from, found.basis) == (
        dt.date(2023, 6, 30), dt.date(2023, 5, 24), Basis.YARDSTICK,
    )  # fmt: skip
    assert "More time, to June 30, 2023: TEST" in found.sentences()
    assert "Without more time it would be May 24, 2023, which is kept" in found.sentences()
    # a pause after it moves it on, one before does not; a promise has its own date
    after = replace(given, pauses=(Interval(dt.date(2023, 6, 1), dt.date(2023, 6, 11)),))
    assert explain(after, CALENDAR).due_on == dt.date(2023, 7, 10)
    before = replace(given, pauses=(Interval(dt.date(2023, 5, 1), dt.date(2023, 5, 11)),))
    assert explain(before, CALENDAR).due_on == dt.date(2023, 6, 30)
    assert explain(replace(given, promised_on=dt.date(2023, 6, 1)), CALENDAR).due_on == dt.date(2023, 6, 1)


def test_more_time_that_was_given_before_a_letter_asked_again_does_not_outlast_its_date():
    by_march = LetterTerms(SENT, dt.date(2023, 5, 1))
    again = LetterTerms(dt.date(2023, 6, 3), dt.date(2023, 6, 20), again_on=dt.date(2023, 6, 3))
    more = {"extended_to": dt.date(2023, 8, 1), "extended_on": dt.date(2023, 5, 20), "extended_words": ": TEST"}
    found = explain(replace(PLAIN, letter=by_march, again=again, **more), CALENDAR)
    assert (found.due_on, found.extended_from) == (dt.date(2023, 6, 20), None)
    assert found.notes == ("More time, to August 1, 2023: TEST, was given before that letter",)
    # given after it, also on its very day, it counts; so it does where that letter sets no date that counts yet
    for given_on in (dt.date(2023, 6, 3), dt.date(2023, 6, 9)):
        later = explain(replace(PLAIN, letter=by_march, again=again, **more | {"extended_on": given_on}), CALENDAR)
        assert (later.due_on, later.extended_from) == (dt.date(2023, 8, 1), dt.date(2023, 6, 20))
    unreceived = LetterTerms(dt.date(2023, 6, 3), term=THIRTY, again_on=dt.date(2023, 6, 3))
    found = explain(replace(PLAIN, letter=by_march, again=unreceived, **more), CALENDAR)
    assert (found.due_on, found.extended_from) == (dt.date(2023, 8, 1), dt.date(2023, 5, 1))


def test_what_moved_a_date_is_read_off_two_explanations():
    plain = explain(PLAIN, CALENDAR)
    snow = explain(PLAIN, Calendar({dt.date(2023, 5, 1): ("TEST snow", True)}))
    assert moved_because(plain, snow) == "TEST snow (May 1, 2023) does not count"
    assert moved_because(snow, plain) == "May 1, 2023 counts again"
    promised = explain(replace(PLAIN, promised_on=dt.date(2023, 6, 8)), CALENDAR)
    assert moved_because(plain, promised) == "Treasury promised it for June 8, 2023, from April 25, 2023"
    paused = explain(replace(PLAIN, pauses=(Interval(dt.date(2023, 5, 1), dt.date(2023, 5, 8)),)), CALENDAR)
    assert moved_because(plain, paused) == "the clock stood still for 7 days: waiting on us"
    # the first of two pauses moved the date when it ended
    twice = (*paused.pauses, Interval(dt.date(2023, 5, 15), dt.date(2023, 5, 18)))
    paused_again = explain(replace(PLAIN, pauses=twice), CALENDAR)
    assert moved_because(paused, paused_again) == "the clock stood still for 3 days: waiting on us"
    assert moved_because(paused_again, paused) == "a pause of 3 days is taken back"
    more = explain(replace(PLAIN, extended_to=dt.date(2023, 6, 30)), CALENDAR)
    assert moved_because(plain, more) == "More time, to June 30, 2023"
    assert moved_because(more, plain) == "no more time was given after all"


def test_the_acknowledgment_clock_names_its_rule():
    found = acknowledgement(SENT, 21, CALENDAR)
    assert (found.due_on, found.rule) == (
        dt.date(2023, 5, 24), "We expect word that the letter came within 21 business days",
    )  # fmt: skip


# --- for every item

DATES = st.dates(dt.date(2023, 4, 25), dt.date(2024, 4, 25))
TERMS = st.builds(
    Term, st.integers(1, 200), st.sampled_from(["calendar", "business"]), st.sampled_from(["letter_date", "receipt"])
)
LETTERS = st.builds(
    LetterTerms,
    st.dates(dt.date(2023, 1, 25), SENT),
    deadline_on=st.none() | DATES,
    term=st.none() | TERMS,
    received_on=st.none() | DATES,
)
PAUSES = st.lists(st.tuples(DATES, st.integers(1, 40)), max_size=2).map(
    lambda found: tuple(
        Interval(start, start + DAY * days)
        for place, (start, days) in enumerate(sorted(found))
        if place == 0 or start >= sorted(found)[place - 1][0] + DAY * sorted(found)[place - 1][1]
    )
)
SITUATIONS = st.builds(
    Situation,
    asked_on=st.just(SENT), agency=st.just("TEST"), letter=LETTERS, usual_wait=st.integers(1, 120),
    promised_on=st.none() | DATES, again=st.none() | LETTERS, requested_by=st.none() | DATES,
    statute=st.none() | st.just(LAW), pauses=PAUSES, extended_to=st.none() | DATES,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(SITUATIONS)
def test_every_item_has_one_date_never_before_it_was_asked_that_survives_the_database(item):
    found = explain(item, CALENDAR)
    assert found.due_on >= SENT
    days = re.search(r"(?:within|10102:) (\d+) days? (?:of|from)", found.rule)
    if days and not found.pauses and not found.extended_from:  # the date follows from what is said, or it says why not
        follows = found.start_on + DAY * int(days[1]) == found.due_on
        assert follows != (OVER in " ".join(found.notes))
    assert Explanation.from_json(found.as_json()) == found
    assert all(sentence for sentence in found.sentences())


@settings(max_examples=200, deadline=None)
@given(SITUATIONS, DATES)
def test_more_time_never_brings_a_date_forward(item, to):
    assert explain(replace(item, extended_to=to), CALENDAR).due_on >= original(item, CALENDAR).due_on


@settings(max_examples=200, deadline=None)
@given(SITUATIONS, DATES)
def test_a_closed_day_never_brings_a_date_forward_and_taken_away_again_it_is_as_if_it_had_not_been(item, day):
    before = explain(item, CALENDAR)
    closed = explain(item, Calendar({day: ("TEST", True)}))
    assert closed.due_on >= before.due_on
    assert explain(item, Calendar({})) == before


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 100), DATES, st.integers(1, 30), st.integers(1, 30))
def test_two_pauses_in_a_row_are_one(days, start, first, second):
    """Stopped from a day for so long, and again at once: as one stop."""
    apart = (Interval(start, start + DAY * first), Interval(start + DAY * first, start + DAY * (first + second)))
    whole = (Interval(start, start + DAY * (first + second)),)
    for known in ({}, {"requested_by": start + DAY * days}):
        item = replace(PLAIN, usual_wait=days, **known)
        assert (
            explain(replace(item, pauses=apart), CALENDAR).due_on
            == explain(replace(item, pauses=whole), CALENDAR).due_on
        )


APRIL = Interval(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
ASKED = replace(PLAIN, asked_on=dt.date(2026, 3, 2), letter=LetterTerms(dt.date(2026, 3, 2)))
JUNE = LetterTerms(dt.date(2026, 6, 1), dt.date(2026, 6, 30), again_on=dt.date(2026, 6, 1))


def paused(found: Explanation) -> list[tuple]:
    return [(pause.start, pause.days) for pause in found.pauses]


def test_a_pause_moves_the_date_of_a_later_letter_only_from_that_letter_on():
    found = explain(replace(ASKED, again=JUNE, pauses=(APRIL,)), CALENDAR)
    assert (found.due_on, found.pauses) == (dt.date(2026, 6, 30), ())
    stood = Interval(dt.date(2026, 5, 25), dt.date(2026, 6, 4))  # three days of it after the letter went
    found = explain(replace(ASKED, again=JUNE, pauses=(stood,)), CALENDAR)
    assert (found.due_on, paused(found)) == (dt.date(2026, 7, 3), [(dt.date(2026, 6, 1), 3)])
    for unit, due_on in (("calendar", dt.date(2026, 7, 1)), ("business", dt.date(2026, 7, 15))):
        again = replace(JUNE, deadline_on=None, term=Term(30, unit, "letter_date"))
        found = explain(replace(ASKED, again=again, pauses=(APRIL,)), CALENDAR)
        assert (found.due_on, found.pauses) == (due_on, ())


def test_a_pause_that_moved_nothing_is_told_as_one_that_moved_nothing():
    late = Interval(dt.date(2026, 5, 1), dt.date(2026, 5, 11))
    for letter in (ASKED.letter, replace(ASKED.letter, deadline_on=dt.date(2026, 3, 31))):
        found = explain(replace(ASKED, letter=letter, pauses=(late,)), CALENDAR)
        assert (found.due_on, found.pauses) == (dt.date(2026, 3, 31), ())
        assert found.notes == ("A pause from May 1, 2026 began when the date had passed and moved nothing",)
        assert "No pause" not in found.sentences()


def test_the_days_that_moved_the_time_given_are_told_even_of_a_laws_date():
    stood = Interval(dt.date(2026, 6, 10), dt.date(2026, 6, 20))
    law = replace(ASKED, statute=replace(LAW, days=30), extended_to=dt.date(2026, 6, 30), pauses=(stood,))
    found = explain(replace(law, extended_on=dt.date(2026, 3, 20)), CALENDAR)
    assert (found.due_on, paused(found)) == (dt.date(2026, 7, 10), [(stood.start, 10)])
    assert "A law’s days run on while they wait for us" not in found.sentences()


def test_time_given_while_the_clock_stood_still_stands_still_with_it():
    stood = Interval(dt.date(2026, 5, 1), dt.date(2026, 6, 25))
    by_april = replace(ASKED, letter=replace(ASKED.letter, deadline_on=dt.date(2026, 4, 15)), pauses=(stood,))
    found = explain(replace(by_april, extended_to=dt.date(2026, 6, 30), extended_on=dt.date(2026, 5, 10)), CALENDAR)
    assert (found.due_on, paused(found)) == (dt.date(2026, 8, 15), [(dt.date(2026, 5, 10), 46)])
    assert [note for note in found.notes if "moved nothing" in note] == []
