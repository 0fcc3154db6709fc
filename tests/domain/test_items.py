"""The small verbs of every day: owner, reminder day, note, contact."""

import datetime as dt

import pytest
import time_machine

from letters.domain import drafting, extending, items, workflow
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES
from letters.errors import NotAllowed
from letters.models import Contact, Tasking
from tests import factories
from tests.domain.refusals import refused

FAR = dt.date(2099, 1, 5)


@pytest.fixture
def tasking(reference) -> Tasking:
    return factories.item()


def last(tasking: Tasking):
    return tasking.events.order_by("-sequence").first()


def test_an_item_gets_an_owner_and_loses_it(tasking, staff, manager):
    owned = items.assign(tasking, by=manager, owner=staff)
    event = last(tasking)
    assert (owned.owner, event.kind, event.by_user) == (staff, "assigned", manager)
    assert (event.payload["from"], event.payload["to"], event.public_payload) == (None, "staff", None)
    free = items.assign(owned, by=staff, owner=None)
    assert (free.owner, last(tasking).payload["from"], last(tasking).payload["to"]) == (None, "staff", None)


def test_who_may_not_change_the_letter_does_not_own_its_items(tasking, staff, viewer):
    assert refused(items.assign, tasking, by=staff, owner=viewer) == {
        "owner": "viewer may not change this letter. Choose somebody who may, or name them as staff of the letter."
    }


def test_of_a_restricted_letter_only_named_staff_own_items(reference, staff, manager):
    named = factories.user("staff", "named")
    tasking = factories.item(access="restricted", staff=[named])
    assert list(refused(items.assign, tasking, by=manager, owner=staff)) == ["owner"]
    assert items.assign(tasking, by=manager, owner=named).owner == named


def test_an_item_is_left_alone_until_a_day(tasking, staff):
    with time_machine.travel(dt.datetime(2023, 5, 1, 16, tzinfo=dt.UTC), tick=False):
        snoozed = items.snooze(tasking, by=staff, until=dt.date(2023, 5, 2))
        assert (snoozed.snoozed_until, snoozed.due_on) == (dt.date(2023, 5, 2), tasking.due_on)
        assert (last(tasking).kind, last(tasking).by_user, last(tasking).payload["until"]) == (
            "snoozed",
            staff,
            "2023-05-02",
        )
        assert items.snooze(snoozed, by=staff, until=None).snoozed_until is None
        assert last(tasking).payload["until"] is None
        assert refused(items.snooze, snoozed, by=staff, until=dt.date(2023, 5, 1)) == {
            "until": "The day to remind (May 1, 2023) is before tomorrow (May 2, 2023). Enter May 2, 2023 or a later day."
        }


@pytest.mark.parametrize("status", OPEN_STATUSES)
def test_whatever_is_open_is_left_alone_until_a_day(tasking, staff, status):
    open_ = tasking if status == "awaiting" else factories.moved(tasking, status)
    assert items.snooze(open_, by=staff, until=FAR).snoozed_until == FAR


@pytest.mark.parametrize("status", [one for one in CLOSED_STATUSES if one != "transferred"])
def test_nobody_is_reminded_of_what_is_closed(tasking, staff, status):
    closed = factories.moved(items.snooze(tasking, by=staff, until=FAR), status)
    words = f"It is closed ({closed.get_status_display()}): nobody is reminded of it."
    assert refused(items.snooze, closed, by=staff, until=FAR) == {"until": words}
    assert items.snooze(closed, by=staff, until=None).snoozed_until is None


def test_nobody_is_reminded_of_what_is_only_consulted(seed, staff, client):
    consulted = Tasking.objects.get(role="consulted")
    words = "State is only consulted and owes nothing: nobody is reminded of it."
    assert refused(items.snooze, consulted, by=staff, until=FAR) == {"until": words}
    client.force_login(staff)
    closed = factories.moved(Tasking.objects.filter(role="lead").first(), "withdrawn")
    offered = [
        "Remind me on…" in client.get(f"/items/{one.pk}/").content.decode()
        for one in (consulted, closed, Tasking.objects.open().first())
    ]
    assert offered == [False, False, True]
    form = {"until": "2099-01-05", "version": closed.version}
    answer = client.post(f"/items/{closed.pk}/reminder/", form)
    assert (answer.status_code, "nobody is reminded of it" in answer.content.decode()) == (422, True)


def test_a_note_is_kept_and_its_words_stay_out_of_the_feed(tasking, staff):
    note = items.add_note(by=staff, letter=tasking.ask.letter, tasking=tasking, text="  TEST secret ")
    assert (note.text, note.by, note.tasking) == ("TEST secret", staff, tasking)
    event = last(tasking)
    assert (event.kind, event.by_user) == ("note_added", staff)
    assert (factories.told(event), event.public_payload) == (
        {"letter": str(note.letter_id), "note": str(note.pk)},
        None,
    )


def test_a_note_without_words_or_of_another_letter_is_refused(tasking, staff):
    assert refused(items.add_note, by=staff, letter=tasking.ask.letter, text=" \n") == {
        "text": "The note is missing. Write something."
    }
    assert refused(items.add_note, by=staff, letter=factories.draft(), tasking=tasking, text="TEST") == {
        "tasking": "That open item belongs to another letter."
    }


def contact(tasking: Tasking, by, **how) -> Contact:
    facts = {"agency": tasking.agency, "taskings": [tasking], "channel": "call", "outcome": "TEST left a message"}
    return items.log_contact(by=by, **{**facts, **how})


def test_a_call_is_kept_with_what_came_of_it(tasking, staff):
    made = contact(tasking, staff, on=dt.date(2023, 5, 2), next_on=dt.date(2023, 5, 9), with_whom="TEST desk")
    assert (made.on, made.next_on, made.by, list(made.taskings.all())) == (
        dt.date(2023, 5, 2),
        dt.date(2023, 5, 9),
        staff,
        [tasking],
    )
    assert (last(tasking).kind, last(tasking).by_user, factories.told(last(tasking))) == (
        "contact_logged",
        staff,
        {
            "tasking": str(tasking.pk),
            "letter": str(tasking.ask.letter_id),
            "contact": str(made.pk),
            "channel": "call",
            "on": "2023-05-02",
            "next_on": "2023-05-09",
        },
    )


def test_a_call_of_today_needs_no_day(tasking, staff):
    with time_machine.travel(dt.datetime(2023, 5, 3, 2, tzinfo=dt.UTC), tick=False):
        assert contact(tasking, staff).on == dt.date(2023, 5, 2)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"channel": "pigeon"}, "channel"),
        ({"on": dt.date(9999, 1, 1)}, "on"),
        ({"on": dt.date(2023, 5, 2), "next_on": dt.date(2023, 5, 2)}, "next_on"),
        ({"taskings": []}, "taskings"),
    ],
)
def test_a_contact_that_is_wrong_is_refused(tasking, staff, how, field):
    assert list(refused(contact, tasking, staff, **how)) == [field]


def test_a_contact_with_an_agency_that_was_not_asked_is_refused(tasking, staff):
    assert refused(contact, tasking, staff, agency=factories.agency("state")) == {
        "agency": "State was not asked for “TEST ask”; Treasury was."
    }


@pytest.mark.parametrize(
    "verb",
    [
        lambda tasking, by: items.assign(tasking, by=by, owner=None),
        lambda tasking, by: items.snooze(tasking, by=by, until=None),
        lambda tasking, by: items.add_note(by=by, letter=tasking.ask.letter, text="TEST"),
        lambda tasking, by: contact(tasking, by),
    ],
)
def test_who_only_looks_does_none_of_it(tasking, viewer, verb):
    assert list(refused(verb, tasking, viewer, error=NotAllowed)) == ["by"]


@pytest.mark.parametrize(
    "verb",
    [
        lambda tasking, by: items.assign(tasking, by=by, owner=by),
        lambda tasking, by: items.snooze(tasking, by=by, until=None),
        lambda tasking, by: items.add_note(by=by, letter=tasking.ask.letter, tasking=tasking, text="TEST"),
        lambda tasking, by: contact(tasking, by),
    ],
)
def test_each_moves_the_version_and_touches_the_item(tasking, staff, verb):
    with time_machine.travel(dt.datetime(2023, 6, 1, 12, tzinfo=dt.UTC), tick=False):
        verb(tasking, staff)
    now = Tasking.objects.get(pk=tasking.pk)
    assert (now.version, now.touched_at) == (tasking.version + 1, dt.datetime(2023, 6, 1, 12, tzinfo=dt.UTC))


def test_a_day_of_no_calendar_is_refused_wherever_a_day_ahead_is_given(tasking, staff):
    """12/31/9999, as in “no date yet”: whatever counts on from it ends with the calendar."""
    never, agency = dt.date.max, tasking.agency
    moved = factories.moved(tasking, "considering")
    with factories.on(5, 2):
        assert refused(items.snooze, moved, by=staff, until=never) == {
            "until": "The day to remind is December 31, 9999, more than 100 years ahead. "
            "Enter a day up to December 31, 2123."
        }
        for field, verb, how in (
            ("review_on", items.set_review, {"on": never}),
            ("to", extending.extend, {"to": never, "by_notice": True}),
            ("promised_on", workflow.transition, {"to": "promised", "promised_on": never}),
            ("deadline_on", drafting.edit_letter, {"deadline_on": never}),
        ):
            of = moved if field != "deadline_on" else factories.draft()
            assert list(refused(verb, of, by=staff, **how)) == [field]
        call = {"agency": agency, "taskings": [moved], "channel": "call", "outcome": "TEST"}
        assert list(refused(items.log_contact, by=staff, next_on=never, **call)) == ["next_on"]
        promised = workflow.transition(moved, by=staff, to="promised", promised_on=dt.date(2123, 12, 31))
        assert list(refused(items.move_promise, promised, by=staff, to=never)) == ["promised_on"]
