"""A change of many items that was a slip: undone, each is what it was, and what was read before counts on."""

import datetime as dt

import pytest

from letters.domain import bulk, items, outcomes, replies, reply_flow, sending, workflow
from letters.domain.bulk import Change
from letters.domain.reply_flow import Word
from letters.domain.retractions import retract_response
from letters.domain.standing import standing_answers, standing_evidence
from letters.enums import Status
from letters.models import Event, Tasking
from letters.reminders.sweep import sweep
from letters.reports.earlier_promises import earlier_promises
from letters.web.happened import timeline
from letters.web.letter_timeline import in_order
from tests import factories
from tests.factories import fresh

MAY_10 = dt.date(2023, 5, 10)
# Each says who did what last, or which day the sweep looks again; no page or count is made of them.
NOT_COMPARED = ("version", "status_event_id", "check_on")


def facts(tasking: Tasking) -> dict:
    """All that is known of an item, and what counts for it."""
    now = fresh(tasking)
    row = {f.attname: getattr(now, f.attname) for f in Tasking._meta.concrete_fields if f.attname not in NOT_COMPARED}
    counts = Tasking.objects.filter(pk=now.pk)
    return row | {
        "answers": sorted(str(pk) for pk in standing_answers(now).values_list("pk", flat=True)),
        "evidence": sorted(str(pk) for pk in standing_evidence(now).values_list("pk", flat=True)),
        "pauses": sorted(now.pauses.values_list("started_on", "ended_on")),
        "says": [name for name in outcomes.REPLIED if counts.filter(outcomes.replied_condition(name)).exists()],
        "closed on": None if now.is_open else now.status_event.occurred_at,
        "why": "" if now.is_open else now.status_event.reason,
        "date": now.due_dates.filter(clock="substantive").values_list("value", "basis").first(),
    }


AGENCIES = ("treasury", "commerce", "state", "justice", "defense", "energy", "labor")


def items_of_one_letter(number: int) -> list[Tasking]:
    letter = factories.sent(agencies=AGENCIES[:number])
    return list(Tasking.objects.filter(ask__letter=letter).order_by("agency__slug"))


def differs(now: dict, then: dict) -> list[tuple]:
    return [(name, now[name], then[name]) for name in then if now[name] != then[name]]


def change(taskings: list[Tasking], to: str, *, by) -> bulk.Outcome:
    """In one go, on September 1."""
    with factories.on(9, 1):
        chosen = [(fresh(tasking), fresh(tasking).version) for tasking in taskings]
        done = bulk.apply(chosen, by=by, change=Change("status", to=to, reason="TEST a slip"))
    assert done.left == []
    assert [fresh(tasking).status for tasking in taskings] == [to] * len(taskings)
    return done


def undo(done: bulk.Outcome, *, by) -> list[str]:
    """On September 4; why some could not be."""
    with factories.on(9, 4):
        return [why for _, why in bulk.take_back(done.change, by=by).left]


def said(tasking: Tasking, choice: str, *, by, **more) -> None:
    reply_flow.record_reply(
        by=by, agency=tasking.agency, received_on=MAY_10, words=[Word(fresh(tasking), said=choice, **more)]
    )


def kept_open(tasking: Tasking, *, by) -> None:
    said(tasking, "looking", by=by)
    factories.reply(fresh(tasking), received_on=MAY_10)


# What happened to an item on May 12, before the slip.
OPEN = {
    "answered in full, kept open": kept_open,
    "in part": lambda tasking, by: said(tasking, "partly", by=by),
    "promised": lambda tasking, by: said(tasking, "promised", by=by, promised_on=dt.date(2023, 8, 1)),
    "no position": lambda tasking, by: said(tasking, "no_position", by=by, review_on=dt.date(2023, 9, 2)),
    "waiting on us": lambda tasking, by: said(tasking, "needs_us", by=by),
    "partly done": lambda tasking, by: (
        factories.evidence(tasking), workflow.transition(fresh(tasking), to="partly_addressed", by=by)
    ),
    "nothing": lambda tasking, by: None,
}  # fmt: skip


def items_to_which(happenings: dict, *, by) -> tuple[list[Tasking], list[dict]]:
    """Items of one letter, each after what happened to it on May 12, and the facts of each."""
    made = items_of_one_letter(len(happenings))
    with factories.on(5, 12):
        for tasking, happens in zip(made, happenings.values(), strict=True):
            happens(tasking, by=by)
    return made, [facts(tasking) for tasking in made]


def test_what_was_closed_by_a_slip_is_open_as_it_was(reference, staff):
    made, before = items_to_which(OPEN, by=staff)
    assert [one["says"] for one in before][:2] == [["full"], ["partial"]]
    done = change(made, "overtaken", by=staff)
    assert undo(done, by=staff) == []
    for name, tasking, stood in zip(OPEN, made, before, strict=True):
        assert (name, *differs(facts(tasking), stood)) == (name,)


def kept(tasking: Tasking, by) -> None:
    said(tasking, "promised", by=by, promised_on=dt.date(2023, 8, 1))
    factories.evidence(tasking)
    workflow.transition(fresh(tasking), to="implemented", by=by)


CLOSED = {
    "answered": lambda tasking, by: said(tasking, "answered", by=by),
    "refused": lambda tasking, by: said(tasking, "refused", by=by),
    "done as promised": kept,
    "withdrawn": lambda tasking, by: workflow.transition(tasking, to="withdrawn", by=by, reason="TEST settled"),
}


def test_what_was_reopened_by_a_slip_has_ended_as_it_had(reference, staff):
    made, before = items_to_which(CLOSED, by=staff)
    done = change(made, "awaiting", by=staff)
    assert [facts(tasking)["answers"] for tasking in made] == [[]] * 4
    assert undo(done, by=staff) == []
    for name, tasking, stood in zip(CLOSED, made, before, strict=True):
        assert (name, *differs(facts(tasking), stood)) == (name,)
    # asked again by a person who means it, nothing from before counts
    reopened = workflow.reopen(fresh(made[0]), by=staff, reason="TEST it was not so")
    assert (facts(reopened)["answers"], facts(reopened)["answered_on"], facts(reopened)["says"]) == (
        [],
        None,
        ["before"],
    )


def test_what_was_moved_by_a_slip_is_promised_as_it_was(reference, staff):
    tasking = factories.item()
    with factories.on(5, 12):
        said(tasking, "promised", by=staff, promised_on=dt.date(2023, 8, 1))
        workflow.transition(fresh(tasking), to="partly_addressed", by=staff)
    before = facts(tasking)
    assert before["date"] == (dt.date(2023, 8, 1), "promise")
    done = change([tasking], "considering", by=staff)
    assert undo(done, by=staff) == []
    assert differs(facts(tasking), before) == []


def test_a_date_that_only_the_slip_made_late_is_told_to_be_none(reference, staff):
    tasking = factories.item()
    with factories.on(5, 12):
        said(tasking, "promised", by=staff, promised_on=dt.date(2023, 8, 1))
        workflow.transition(fresh(tasking), to="partly_addressed", by=staff)
    done = change([tasking], "considering", by=staff)
    sweep(today=dt.date(2023, 9, 2))
    assert undo(done, by=staff) == []
    (told,) = Event.objects.filter(kind="past_due_cleared")
    assert (told.payload["due_on"], told.payload["now_due_on"]) == ("2023-05-24", "2023-08-01")


def test_the_timeline_tells_the_undoing_after_the_slip(reference, staff):
    tasking = factories.item()
    with factories.on(5, 12):
        said(tasking, "refused", by=staff)
    undo(change([tasking], "awaiting", by=staff), by=staff)
    told = timeline(in_order(list(tasking.events.all())), one_item=True)
    lines = [(line["when"], line["words"], line["detail"]) for line in told if "refused” " in f"{line['words']} "][:2]
    assert [words for _, words, _ in lines] == [
        "“no reply recorded” became “refused” again", "“refused” was reopened",
    ]  # fmt: skip
    assert [when.rpartition(",")[0] for when, _, _ in lines] == ["September 4, 2023", "September 1, 2023"]
    assert lines[0][2] == "taken back"


def test_consulted_items_go_along(seed, staff):
    lead = Tasking.objects.get(ask__number=4, role="lead")
    consulted = Tasking.objects.get(ask__number=4, role="consulted")
    workflow.transition(consulted, to="considering", by=staff)
    before = facts(lead), facts(consulted)
    done = change([lead], "withdrawn", by=staff)
    assert fresh(consulted).status == "overtaken"
    assert undo(done, by=staff) == []
    assert (facts(lead), facts(consulted)) == before
    workflow.transition(fresh(lead), to="withdrawn", by=staff, reason="TEST meant")
    ended = facts(lead), facts(consulted)
    done = change([lead], "awaiting", by=staff)
    assert fresh(consulted).status == "awaiting"
    assert undo(done, by=staff) == []
    assert (facts(lead), facts(consulted)) == ended
    assert Event.objects.filter(tasking=consulted, payload__undoes__isnull=False).count() == 2


def test_an_end_that_lost_its_reply_meanwhile_does_not_come_back(reference, staff):
    first, second = factories.item(), factories.item()
    with factories.on(5, 11):  # read before it is asked again, as what happens in two transactions is
        reply = reply_flow.record_reply(
            by=staff, agency=first.agency, received_on=MAY_10, words=[Word(first, said="refused"), Word(second, said="looking")]
        )  # fmt: skip
    done = change([first], "awaiting", by=staff)
    replies.set_kind(reply, by=staff, kind="interim")
    assert undo(done, by=staff) == ["“refused” needs a reply from the agency. What there was proves it no longer."]
    assert fresh(first).status == "awaiting"


def test_a_reply_that_was_a_mistake_still_lets_its_item_wait_again(reference, staff):
    tasking = factories.item()
    said(tasking, "looking", by=staff)
    assert undo(change([tasking], "withdrawn", by=staff), by=staff) == []
    retract_response(tasking.answers.get().response, by=staff, reason="TEST")
    assert fresh(tasking).status == "awaiting"


def test_the_public_hears_what_it_had_heard(reference, manager):
    tasking = factories.item(released=True)
    said(tasking, "looking", by=manager)  # a reply that is not public
    assert (fresh(tasking).status, fresh(tasking).public_status) == ("considering", "awaiting")
    done = change([tasking], "withdrawn", by=manager)
    assert fresh(tasking).public_status == "withdrawn"
    undo(done, by=manager)
    assert (fresh(tasking).status, fresh(tasking).public_status) == ("considering", "awaiting")
    told = fresh(tasking).status_event.public_payload
    assert (told["from"], told["to"], told["tasking"]["status"]) == ("withdrawn", "awaiting", "awaiting")
    # and it stays so when all is reckoned anew
    sending.withdraw_release(tasking.ask.letter, by=manager, reason="TEST")
    sending.release(fresh(tasking).ask.letter, by=manager)
    assert fresh(tasking).public_status == "awaiting"


@pytest.mark.parametrize("verb", [Change("note", text="TEST"), Change("assign", owner=None)])
def test_what_lay_untouched_lies_so_again(reference, staff, verb):
    tasking = factories.item()
    with factories.on(5, 2):
        items.assign(tasking, by=staff, owner=staff)
    today = dt.date(2023, 10, 1)
    assert Tasking.objects.untouched(today).count() == 1
    with factories.on(9, 1):
        done = bulk.apply([(fresh(tasking), None)], by=staff, change=verb)
        assert Tasking.objects.untouched(today).count() == 0
        bulk.take_back(done.change, by=staff)
    assert Tasking.objects.untouched(today).count() == 1
    assert fresh(tasking).status == Status.AWAITING


def test_a_promise_that_was_a_slip_is_none_that_they_made(reference, staff):
    tasking = factories.item()
    with factories.on(5, 12):
        said(tasking, "looking", by=staff)
    with factories.on(9, 1):
        promised = Change("status", to="promised", promised_on=dt.date(2023, 11, 1))
        done = bulk.apply([(fresh(tasking), fresh(tasking).version)], by=staff, change=promised)
    assert earlier_promises([fresh(tasking)]) == {}  # it counts still
    assert undo(done, by=staff) == []
    assert earlier_promises([fresh(tasking)]) == {}
