"""What comes due for one item on one day: as examples, and as what holds for every item."""

import datetime as dt
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.domain.deadlines import Calendar
from letters.enums import OPEN_STATUSES, Basis, Status
from letters.reminders.ladder import Facts, decide
from letters.reminders.schedule import Rung

KIND, AGENCY = uuid.uuid4(), uuid.uuid4()
CALENDAR = Calendar()
RUNGS = [
    Rung("soon", "soon", "due", -7, position=1),
    Rung("ack", "no acknowledgment", "acknowledgement", 0, position=2),
    Rung("due", "the day has come", "due", 0, position=3),
    Rung("week", "a week past the day", "due", 7, position=4),
    Rung("month", "a month past the day", "due", 30, position=5),
    Rung("review", "look again", "review", 0, position=6),
    Rung("contact", "next contact", "contact", 0, position=7),
    Rung("snooze", "the day chosen", "snooze", 0, position=8),
    Rung("unread", "unread", "unread", 5, business_days=True, position=9),
]
DUE = dt.date(2023, 5, 24)
LONG_AGO = dt.date(2023, 4, 25)


def facts(**known) -> Facts:
    known = {
        "status": "awaiting", "due_on": DUE, "due_basis": "letter", "due_set_on": LONG_AGO, "kind": KIND,
        "agencies": {AGENCY}, **known,
    }  # fmt: skip
    return Facts(**known)


def fires(today: dt.date, fired=None, **known) -> list[str]:
    return [f.rung.code for f in decide(facts(**known), RUNGS, today, CALENDAR, fired or {}).fires]


def why_not(today: dt.date, fired=None, **known) -> str:
    return decide(facts(**known), RUNGS, today, CALENDAR, fired or {}).why_not()


LATE = dt.date(2023, 6, 1)  # eight days past the date
SILENT = [
    ({"status": "withdrawn"}, "withdrawn"),
    ({"role": "consulted", "due_on": None, "due_basis": None}, "consulted, owes nothing"),
    ({"snoozed_until": dt.date(2023, 6, 2)}, "remind me on June 2, 2023: “a week past the day” waits"),
    ({"unread_since": dt.date(2023, 5, 31)}, "reply received, not yet read: “a week past the day” waits"),
    ({"status": "clarification"}, "clock stopped: waiting on us: “a week past the day” waits"),
    ({"answered_on": dt.date(2023, 5, 30)}, "substantive reply received May 30, 2023: “a week past the day” waits"),
    (
        {"status": "considering", "review_on": dt.date(2023, 8, 1)},
        "they take no position: we look again on August 1, 2023: “a week past the day” waits",
    ),
    ({"next_contact_on": dt.date(2023, 6, 2)}, "after our contact: next on June 2, 2023: “a week past the day” waits"),
]


@pytest.mark.parametrize(("known", "words"), SILENT)
def test_a_silent_item_fires_nothing_and_says_why(known, words):
    assert (fires(LATE, **known), why_not(LATE, **known)) == ([], words)


def test_one_that_fired_says_what_comes_next():
    fired = {("soon", DUE): DUE, ("due", DUE): DUE, ("week", DUE): LATE}
    assert why_not(LATE, fired) == "“a month past the day” comes due on June 23, 2023"
    assert why_not(LATE, fired | {("month", DUE): LATE}) == "nothing is left on the schedule"


def test_each_silence_ends_on_its_day_or_with_what_it_waits_for():
    all_due = ["soon", "due", "week"]
    assert fires(dt.date(2023, 6, 2), snoozed_until=dt.date(2023, 6, 2)) == [*all_due, "snooze"]
    assert fires(dt.date(2023, 6, 2), next_contact_on=dt.date(2023, 6, 2)) == [*all_due, "contact"]
    assert fires(dt.date(2023, 8, 1), status="considering", review_on=dt.date(2023, 8, 1)) == ["review"]
    assert fires(dt.date(2023, 6, 7), unread_since=dt.date(2023, 5, 31)) == ["unread"]


def test_remind_me_on_fires_whatever_the_status_and_a_promise_goes_before_an_answer():
    assert fires(LATE, status="clarification", snoozed_until=LATE) == ["snooze"]
    assert fires(LATE, status="promised", due_basis="promise", answered_on=dt.date(2023, 5, 1)) == ["due", "week"]


def test_before_a_promised_day_only_a_rung_made_for_promises_tells():
    near, promised = DUE - dt.timedelta(days=7), {"status": "promised", "due_basis": "promise"}
    assert fires(near) == ["soon"]
    assert (fires(near, **promised), why_not(near, **promised)) == ([], "“the day has come” comes due on May 24, 2023")
    asked_for = [*RUNGS, Rung("near", "promised within a week", "due", -7, basis=Basis.PROMISE)]
    assert [f.rung.code for f in decide(facts(**promised), asked_for, near, CALENDAR, {}).fires] == ["near"]


def test_an_acknowledgment_stops_its_own_clock_only():
    quiet = {"ack_due_on": dt.date(2023, 5, 10)}
    assert fires(dt.date(2023, 5, 10), **quiet) == ["ack"]
    assert decide(facts(**quiet), RUNGS, dt.date(2023, 5, 10), CALENDAR, {}).acknowledgement_late is None
    assert decide(facts(**quiet), RUNGS, dt.date(2023, 5, 11), CALENDAR, {}).acknowledgement_late == dt.date(
        2023, 5, 10
    )
    heard = {**quiet, "acknowledged_on": dt.date(2023, 5, 9), "status": "acknowledged"}
    assert decide(facts(**heard), RUNGS, dt.date(2023, 5, 11), CALENDAR, {}).acknowledgement_late is None
    assert fires(LATE, **heard) == ["soon", "due", "week"]


def told(today: dt.date, fired=None, **known) -> list[str]:
    decision = decide(facts(**known), RUNGS, today, CALENDAR, fired or {})
    return [f.rung.code for f in decision.fires if not f.told_before]


def test_a_date_that_moves_by_a_day_long_after_tells_nobody_again():
    """A closure added later moved May 23 to May 24, on June 1: those told of May 23 are not told of May 24."""
    fired = {(code, dt.date(2023, 5, 23)): dt.date(2023, 5, 30) for code in ("soon", "due", "week")}
    assert fires(LATE, fired, due_set_on=LATE) == ["soon", "due", "week"]
    assert told(LATE, fired, due_set_on=LATE) == []
    assert told(dt.date(2023, 6, 23), fired, due_set_on=LATE) == ["month"]


def test_a_date_that_moves_ahead_is_told_anew():
    fired = {(code, dt.date(2023, 5, 1)): dt.date(2023, 5, 8) for code in ("soon", "due", "week")}
    assert told(DUE, fired, due_set_on=dt.date(2023, 5, 9)) == ["soon", "due"]


def test_who_sets_a_date_is_not_told_at_once_that_it_is_near_but_an_old_letter_is_told_once():
    assert told(dt.date(2023, 5, 20), due_set_on=dt.date(2023, 5, 20)) == []
    assert told(LATE, due_set_on=LATE) == ["due", "week"]


def test_a_review_date_has_a_ladder_of_its_own_and_who_sets_it_is_not_told_at_once_that_it_is_near(monkeypatch):
    on = dt.date(2023, 8, 1)
    rungs = [Rung(f"review{days}", "TEST", "review", days, position=days + 10) for days in (-7, 0, 7)]
    monkeypatch.setitem(globals(), "RUNGS", rungs)
    known = {"status": "considering", "review_on": on, "review_set_on": dt.date(2023, 5, 3)}
    fired: dict = {}
    days = {}
    for day in (on + dt.timedelta(days=n) for n in range(-9, 12)):
        for code in fires(day, fired, **known):
            fired[code, on] = day
            days[code] = (day - on).days
    assert days == {"review-7": -7, "review0": 0, "review7": 7}
    near = dt.date(2023, 7, 28)
    assert told(near, **{**known, "review_set_on": near}) == []
    # moved by some days, past a rung that was told: no news
    moved = {**known, "review_on": on + dt.timedelta(days=2), "review_set_on": on + dt.timedelta(days=3)}
    assert told(on + dt.timedelta(days=3), fired, **moved) == []


# --- for every item

SOME_DAY = st.dates(dt.date(2023, 4, 20), dt.date(2023, 8, 20))
MAYBE = st.none() | SOME_DAY
ITEMS = st.builds(
    lambda **known: facts(**known),
    status=st.sampled_from([*OPEN_STATUSES, Status.ANSWERED]),
    role=st.sampled_from(["lead", "lead", "lead", "consulted"]),
    due_on=MAYBE,
    due_basis=st.sampled_from(Basis.values),
    due_set_on=MAYBE,
    ack_due_on=MAYBE,
    acknowledged_on=MAYBE,
    answered_on=st.none() | SOME_DAY,
    review_on=MAYBE,
    snoozed_until=MAYBE,
    next_contact_on=MAYBE,
    unread_since=MAYBE,
)
START, END = dt.date(2023, 4, 20), dt.date(2023, 10, 31)


def days() -> list[dt.date]:
    return [START + dt.timedelta(days=n) for n in range((END - START).days)]


def live(item: Facts, look_daily: bool) -> tuple[dict, list]:
    """A life of daily rounds: what fired on which day. Looked at each day, or only when the last look said so."""
    fired, late, look_on = {}, [], START
    for today in days():
        if not look_daily and (look_on is None or today < look_on):
            continue
        decision = decide(item, RUNGS, today, CALENDAR, fired)
        look_on = decision.look_on
        fired |= {(f.rung.code, f.counts_from): today for f in decision.fires}
        for kind in decision.events - {kind for kind, _ in late}:
            late.append((kind, today))
    return fired, late


@settings(max_examples=300, deadline=None)
@given(ITEMS)
def test_looking_only_when_told_to_finds_the_same_as_looking_every_day(item):
    assert live(item, look_daily=False) == live(item, look_daily=True)


@settings(max_examples=200, deadline=None)
@given(ITEMS, st.lists(st.sampled_from(days()), min_size=1, max_size=8))
def test_no_round_and_no_outage_fires_anything_twice_or_loses_it(item, rounds):
    """However few rounds there were, by the last of them everything fired that daily rounds would have fired."""
    fired: dict = {}
    for today in sorted(rounds):
        decision = decide(item, RUNGS, today, CALENDAR, fired)
        keys = [(f.rung.code, f.counts_from) for f in decision.fires]
        assert len(set(keys)) == len(keys)
        assert not set(keys) & set(fired)
        fired |= dict.fromkeys(keys, today)
    last = max(rounds)
    daily: dict = {}
    for today in [day for day in days() if day <= last]:
        for f in decide(item, RUNGS, today, CALENDAR, daily).fires:
            daily[f.rung.code, f.counts_from] = today
    assert set(fired) == set(daily)


@settings(max_examples=300, deadline=None)
@given(ITEMS, st.sampled_from(days()))
def test_nothing_fires_early_and_every_other_item_says_why(item, today):
    decision = decide(item, RUNGS, today, CALENDAR, {})
    assert all(f.falls_on <= today for f in decision.fires)
    assert decision.look_on is None or decision.look_on > today
    assert decision.fires or decision.why_not()
    assert not (decision.past_due and decision.past_due >= today)
