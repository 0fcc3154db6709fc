"""Many items changed at once, and taken back: what refuses, what others changed since, and what stands afterwards."""

import datetime as dt

import pytest
import time_machine
from django.apps import apps

from letters.domain import bulk, items, sending, workflow
from letters.domain.bulk import Change
from letters.errors import RecordError
from letters.models import BulkChange, Event, Note, Tasking
from tests import factories
from tests.domain.refusals import refused
from tests.factories import fresh

SOME_DAY = dt.date(2030, 1, 7)


@pytest.fixture
def three(reference) -> list[Tasking]:
    return [factories.item() for _ in range(3)]


def as_seen(taskings) -> list:
    return [(fresh(tasking), fresh(tasking).version) for tasking in taskings]


def test_each_verb_says_its_fields():
    assert {name: verb.fields for name, verb in bulk.VERBS.items()} == {
        "assign": ("owner",),
        "snooze": ("until",),
        "note": ("text",),
        "status": ("to", "reason", "promised_on"),
    }


def test_assigning_keeps_who_had_each_and_gives_it_back(three, staff, manager):
    items.assign(three[0], by=manager, owner=manager)
    outcome = bulk.apply(as_seen(three), by=staff, change=Change("assign", owner=staff))
    assert (len(outcome.changed), outcome.left) == (3, [])
    assert [fresh(t).owner for t in three] == [staff] * 3
    assert [e.by_user for t in three for e in t.events.filter(kind="assigned").order_by("-sequence")[:1]] == [staff] * 3
    assert (outcome.change.verb, outcome.change.details) == ("assign", {"owner": "staff", "name": "staff"})

    back = bulk.take_back(outcome.change, by=staff)
    assert (len(back.changed), back.left) == (3, [])
    assert [fresh(t).owner for t in three] == [manager, None, None]


def test_what_others_changed_since_is_left_alone_and_named(three, staff, manager):
    outcome = bulk.apply(as_seen(three), by=staff, change=Change("assign", owner=staff))
    items.assign(three[1], by=manager, owner=manager)
    back = bulk.take_back(outcome.change, by=staff)
    assert [(t.pk, why) for t, why in back.left] == [(three[1].pk, "Somebody changed it since.")]
    assert [fresh(t).owner for t in three] == [None, manager, None]


def test_a_stale_item_is_left_alone_and_named(three, staff, manager):
    chosen = as_seen(three)
    items.assign(three[2], by=manager, owner=manager)
    assert bulk.judge(fresh(three[2]), Change("assign", owner=staff), by=staff, version=chosen[2][1]).refusal == (
        bulk.CHANGED_SINCE
    )
    outcome = bulk.apply(chosen, by=staff, change=Change("assign", owner=staff))
    assert [(t.pk, why) for t, why in outcome.left] == [(three[2].pk, bulk.CHANGED_SINCE)]
    assert fresh(three[2]).owner == manager


def test_a_change_is_taken_back_once_and_by_its_author_only(three, staff, manager):
    change = bulk.apply(as_seen(three), by=staff, change=Change("assign", owner=staff)).change
    assert refused(bulk.take_back, change, by=manager) == {
        "by": "This change is somebody else’s. Who made it can take it back."
    }
    bulk.take_back(change, by=staff)
    assert refused(bulk.take_back, change, by=staff) == {"undone_at": "This change was taken back already."}


def test_a_reminder_day_goes_back_to_what_it_was(three, staff):
    items.snooze(three[0], by=staff, until=dt.date(2031, 5, 5))
    change = bulk.apply(as_seen(three), by=staff, change=Change("snooze", until=SOME_DAY)).change
    assert [fresh(t).snoozed_until for t in three] == [SOME_DAY] * 3
    with time_machine.travel("2026-12-01T12:00:00-05:00"):
        bulk.take_back(change, by=staff)
    assert [fresh(t).snoozed_until for t in three] == [dt.date(2031, 5, 5), None, None]


def test_a_day_that_has_passed_does_not_come_back(three, staff):
    with time_machine.travel("2026-12-01T12:00:00-05:00"):
        items.snooze(three[0], by=staff, until=dt.date(2026, 12, 3))
        change = bulk.apply(as_seen(three), by=staff, change=Change("snooze", until=SOME_DAY)).change
    with time_machine.travel("2026-12-08T12:00:00-05:00"):
        assert bulk.take_back(change, by=staff).left == []
    assert fresh(three[0]).snoozed_until is None


def test_a_note_on_each_is_removed_again_and_kept_in_the_history(three, staff):
    change = bulk.apply(as_seen(three), by=staff, change=Change("note", text="TEST called them all")).change
    assert [note.text for t in three for note in t.notes.all()] == ["TEST called them all"] * 3
    bulk.take_back(change, by=staff)
    assert not Note.objects.exists()
    kept = apps.get_model("letters", "NoteHistory").objects.filter(text="TEST called them all")
    assert sorted(kept.values_list("pgh_label", flat=True)) == ["delete"] * 3 + ["insert"] * 3
    told = Event.objects.filter(kind="note_added").order_by("sequence").values_list("payload__taken_back", flat=True)
    assert list(told) == [None] * 3 + [True] * 3


def test_closing_is_judged_item_by_item_and_taken_back_to_what_it_was(three, staff):
    factories.moved(three[0], "promised")
    factories.moved(three[1], "withdrawn")
    change = Change("status", to="overtaken", reason="TEST it was done by law")
    judged = {j.tasking.pk: j.refusal for j in (bulk.judge(fresh(t), change, by=staff) for t in three)}
    assert (judged[three[0].pk], judged[three[2].pk]) == ("", "")
    assert judged[three[1].pk] == (
        "Status: “no longer needed” cannot follow “withdrawn” for Other. Choose one of “no reply recorded”."
    )
    outcome = bulk.apply(as_seen(three), by=staff, change=change)
    assert {t.pk for t in outcome.changed} == {three[0].pk, three[2].pk}
    promised_on = fresh(three[0]).promised_on

    assert bulk.take_back(outcome.change, by=staff).left == []
    assert [fresh(t).status for t in three] == ["promised", "withdrawn", "awaiting"]
    assert (fresh(three[0]).promised_on, fresh(three[0]).due_on) == (promised_on, promised_on)
    reopened = three[2].events.filter(from_status="overtaken").get()
    assert (reopened.reason, reopened.by_user) == ("bulk change taken back", staff)


def test_a_status_without_what_it_needs_is_refused_each_with_its_sentence(three, staff):
    factories.evidence(three[0])
    change = Change("status", to="implemented")
    outcome = bulk.apply(as_seen(three), by=staff, change=change)
    assert [t.pk for t in outcome.changed] == [three[0].pk]
    assert {why for _, why in outcome.left} == {
        "“done” needs evidence: a citation, a list entry, a page, or a reply we hold. Add it."
    }


def test_an_open_item_never_goes_back_to_no_reply_recorded_and_the_preview_says_so(three, staff):
    change = Change("status", to="considering")
    assert bulk.judge(fresh(three[0]), change, by=staff).remark == bulk.NO_WAY_BACK
    factories.moved(three[1], "acknowledged")
    assert bulk.judge(fresh(three[1]), change, by=staff).remark == ""
    outcome = bulk.apply(as_seen(three), by=staff, change=change)
    back = bulk.take_back(outcome.change, by=staff)
    assert {t.pk for t, _ in back.left} == {three[0].pk, three[2].pk}
    assert [fresh(t).status for t in three] == ["considering", "acknowledged", "considering"]


def test_who_may_only_see_changes_nothing(three, viewer):
    outcome = bulk.apply(as_seen(three), by=viewer, change=Change("assign", owner=None))
    assert ({why for _, why in outcome.left}, outcome.change) == ({"You may see this item but not change it."}, None)
    assert not BulkChange.objects.exists()


def test_an_owner_who_may_not_change_the_letter_is_refused(three, staff, viewer, manager):
    sending.change_access(three[0].ask.letter, by=manager, access="restricted", reason="TEST")
    outcome = bulk.apply(as_seen(three), by=manager, change=Change("assign", owner=staff))
    assert [(t.pk, why) for t, why in outcome.left] == [(three[0].pk, "staff may not change its letter.")]


def test_what_one_may_no_longer_see_is_counted_and_not_named(three, staff, manager):
    change = bulk.apply(as_seen(three), by=staff, change=Change("assign", owner=staff)).change
    sending.change_access(three[0].ask.letter, by=manager, access="restricted", reason="TEST")
    back = bulk.take_back(change, by=staff)
    assert (back.unseen, len(back.changed), back.left) == (1, 2, [])
    assert fresh(three[0]).owner == staff


def test_a_change_that_would_be_wrong_for_all_is_refused_by_field(three, staff):
    chosen = as_seen(three)
    assert list(refused(bulk.apply, chosen, by=staff, change=Change("snooze", until=dt.date(2020, 1, 1)))) == ["until"]
    assert list(refused(bulk.apply, chosen, by=staff, change=Change("note", text=" "))) == ["text"]
    assert list(refused(bulk.apply, chosen, by=staff, change=Change("status", to="transferred"))) == ["to"]


def test_too_many_at_once_are_refused(three, staff, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    with pytest.raises(RecordError, match=r"At most 2 items can be changed at once; these are 3\. Narrow the list"):
        bulk.apply(as_seen(three), by=staff, change=Change("assign", owner=staff))


def test_ending_one_ask_closes_its_consulted_item_and_both_come_back(seed, staff):
    responsible = Tasking.objects.get(ask__number=4, agency__slug="treasury")
    consulted = Tasking.objects.get(ask__number=4, agency__slug="state")
    change = Change("status", to="withdrawn", reason="TEST")
    outcome = bulk.apply(as_seen([responsible]), by=staff, change=change)
    assert fresh(consulted).status == "overtaken"
    bulk.take_back(outcome.change, by=staff)
    assert (fresh(responsible).status, fresh(consulted).status) == ("awaiting", "awaiting")


def test_what_was_consulted_comes_back_behind_the_responsible_item_of_its_ask(reference, staff):
    while True:  # ids are random; in the other order nothing could go wrong
        letter = factories.draft(agencies=["treasury", "state"])
        factories.ask(letter, "treasury", consulted=["state"])
        sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)
        consulted, responsible = Tasking.objects.filter(ask__letter=letter).order_by("agency__slug")
        if consulted.pk < responsible.pk:
            break
    factories.moved(consulted, "considering")
    factories.moved(responsible, "considering")
    change = Change("status", to="withdrawn", reason="TEST")
    outcome = bulk.apply(as_seen([responsible, consulted]), by=staff, change=change)
    assert outcome.changed == [consulted, responsible]
    assert bulk.take_back(outcome.change, by=staff).left == []
    assert (fresh(responsible).status, fresh(consulted).status) == ("considering", "considering")


def test_a_change_is_whole_or_not_at_all(three, staff, monkeypatch):
    real, calls = workflow.lock, []

    def breaks(tasking, **how):
        calls.append(tasking)
        if len(calls) > 4:
            raise RuntimeError("TEST the machine fails")
        return real(tasking, **how)

    monkeypatch.setattr(workflow, "lock", breaks)
    with pytest.raises(RuntimeError):
        bulk.apply(as_seen(three), by=staff, change=Change("status", to="withdrawn", reason="TEST"))
    assert [fresh(t).status for t in three] == ["awaiting"] * 3
