"""Whether an item may move to another status, whether it has what the move needs, and what a status rests on. Reads, writes nothing."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import Any

from django.db.models import Min

from letters.domain import clocks
from letters.domain.history import that_stand
from letters.domain.rules import MAX_REASON, check_ahead, check_text
from letters.domain.said import effect
from letters.domain.standing import proving_answers, standing_evidence
from letters.domain.transitions import NEED_WORDS, allowed_next, needs
from letters.enums import (
    CLOSED_STATUSES,
    OPEN_STATUSES,
    Coverage,
    EventKind,
    LetterState,
    Said,
    Stance,
    Status,
    TaskingRole,
)
from letters.errors import Problem, TransitionRefused
from letters.models import Agency, Answer, Event, Response, Tasking

OLD_EVIDENCE = "What is there is from before it was asked again: look at it again and say that it still proves it, or add other evidence."


@dataclass(frozen=True)
class Move:
    """Where an item goes, and what goes with it."""

    tasking: Tasking
    to: str
    occurred_at: dt.datetime | None  # None: now
    reason: str = ""
    promised_on: dt.date | None = None
    has_reply: bool = False
    has_evidence: bool = False


def has_proof_reply(tasking: Tasking) -> bool:
    """Whether a reply was read that says something about the ask: that our letter came in answers nothing."""
    return proving_answers(tasking).exists()


def check_move(
    tasking: Tasking,
    to: str,
    *,
    reason: str,
    promised_on: dt.date | None = None,
    to_agency: Agency | None = None,
    has_reply: bool | None = None,
    has_evidence: bool | None = None,
) -> None:
    """Raise TransitionRefused where the move may not be made, or lacks what it needs.

    Whether there is a reply or evidence it can rest on is asked of the record, unless the caller knows.
    """
    if closed := why_closed(tasking):
        raise TransitionRefused(Problem("to", closed, to))
    following = allowed_next(tasking.status, closes_as=tasking.ask.kind.closes_as)
    if to not in following:
        words = ", ".join(f"“{status.label}”" for status in following)
        now = Status(tasking.status).label
        label = f"“{Status(to).label}”" if to in Status.values else f"“{to}”"
        raise TransitionRefused(
            Problem(
                "to", f"Status: {label} cannot follow “{now}” for {tasking.ask.kind}. Choose one of {words}.", to,
                codes=tuple(status.value for status in following),
            )
        )  # fmt: skip
    if tasking.status == Status.DRAFT and to == Status.AWAITING and tasking.asked_on is None:
        raise TransitionRefused(
            Problem("to", "This item’s letter is still a draft. Send the letter, and its items begin to wait.", to)
        )
    problems = check_text("reason", "The reason", reason, MAX_REASON)
    missing = {
        "reason": not reason.strip(),
        "reply": not (has_proof_reply(tasking) if has_reply is None else has_reply),
        "evidence": not (standing_evidence(tasking).exists() if has_evidence is None else has_evidence),
        "promised_on": promised_on is None,
        "agency": to_agency is None,
    }
    what = "Reopening" if tasking.status in CLOSED_STATUSES else f"“{Status(to).label}”"
    for need in needs(tasking.status, to):
        if missing.get(need):
            way_out = OLD_EVIDENCE if need == "evidence" and has_evidence is None and _has_old(tasking) else "Add it."
            problems.append(Problem(need, f"{what} needs {NEED_WORDS[need]}. {way_out}", None))
    if to == Status.PROMISED:
        problems += check_ahead(
            "promised_on", "The promised date", promised_on, "the day it was asked", tasking.asked_on,
            clocks.office_today(),
        )  # fmt: skip
    if problems:
        raise TransitionRefused(*problems)


def _has_old(tasking: Tasking) -> bool:
    """Whether evidence is there that nobody has looked at since the item was reopened."""
    return tasking.evidence.not_in_error().exists()


def why_closed(tasking: Tasking) -> str:
    """Why an item that ended stays closed, whatever is said for reopening it; empty where it may be reopened, or is open."""
    if tasking.status not in CLOSED_STATUSES:
        return ""
    successor = tasking.passed_to if tasking.status == Status.TRANSFERRED else None
    if successor and successor.status != Status.WITHDRAWN:
        return f"This item was passed to {successor.agency}. Withdraw that one first, then reopen this one."
    letter = tasking.ask.letter
    if letter.state != LetterState.SENT:
        return f"Its letter is {letter.get_state_display()}, so its items stay closed. Log the letter anew."
    if tasking.role == TaskingRole.CONSULTED and not _has_open_lead(tasking):
        return "No responsible item of this ask is open. Reopen that one, and this one opens with it."
    if _twin(tasking):
        return f"{tasking.agency} has this ask open again already. Work on that item; this one stays closed."
    return ""


def took_status(tasking: Tasking) -> Event | None:
    """The move that gave an item its status; one that only took back a slip did not."""
    event = tasking.status_event
    if event is None or "undoes" not in event.payload:
        return event
    return that_stand(tasking.events.filter(kind=EventKind.STATUS_CHANGED).order_by("-sequence"))[0]


def status_from(tasking: Tasking) -> dt.datetime | None:
    """The moment since when an item has its status; one that began with its letter has it from the day that was sent, which
    may have been corrected since."""
    since = took_status(tasking)
    if since is None or since.from_status != Status.DRAFT or tasking.asked_on is None:
        return since.occurred_at if since else None
    return min(since.occurred_at, clocks.noon(tasking.asked_on))


def came_on(to: str | None, response: Response, *, seen_on: dt.date | None = None) -> dt.date | None:
    """The day on which it came to what a reply says: when the reply reached us, or the deed was seen before that; None,
    which is today, for what the office decides whatever the reply says."""
    if to in (Status.NOT_IMPLEMENTED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR):
        return None
    return min(response.received_on, seen_on) if seen_on and to == Status.IMPLEMENTED else response.received_on


def proven_on(tasking: Tasking, to: str) -> dt.date | None:
    """The day on which what proves an end reached us, or was seen where it stands; None where only today is known.

    Only what was read or added since the item took the status it has: what was there before did not end it.
    """
    since = took_status(tasking)
    if since is None or to not in (Status.ANSWERED, Status.IMPLEMENTED, Status.DECLINED):
        return None
    if to == Status.IMPLEMENTED:
        proofs = standing_evidence(tasking).filter(added_at__gt=since.recorded_at).select_related("response")
        seen = [proof.response.received_on if proof.response else proof.seen_on for proof in proofs]
        days = [day for day in seen if day]
        return max(days) if len(days) == len(seen) > 0 else None
    read = proving_answers(tasking).filter(assessed_at__gt=since.recorded_at, coverage=Coverage.FULL)
    if to == Status.DECLINED:
        read = read.filter(stance=Stance.DOES_NOT_CONCUR)
    return read.aggregate(first=Min("response__received_on"))["first"]


def _has_open_lead(tasking: Tasking) -> bool:
    return Tasking.objects.filter(ask=tasking.ask, role=TaskingRole.LEAD, status__in=OPEN_STATUSES).exists()


def _twin(tasking: Tasking) -> Tasking | None:
    """The same ask open at the same agency, as after an item was passed on and back."""
    return (
        Tasking.objects.filter(ask=tasking.ask, agency=tasking.agency_id, status__in=OPEN_STATUSES)
        .exclude(pk=tasking.pk)
        .first()
    )


# Their very meaning is that a clock stands still, or runs to a day they named.
ABOUT_A_CLOCK = (Status.CLARIFICATION, Status.PROMISED)
NOT_ABOUT_A_CLOCK = (Status.ACKNOWLEDGED, Status.CONSIDERING, Status.PARTLY_ADDRESSED)


def goes_back(taskings: Sequence[Tasking], response: Response) -> dict[Tasking, Status]:
    """Items that this reply, once it is taken back, no longer stops or lets run to the day it named, and what they were
    before. Two queries.

    One step and no more, and only where that tells nothing that is not so: nobody moved the item since, no other reply
    that counts came or was read since, and what had brought it there still counts.
    """
    about = [tasking for tasking in taskings if tasking.status in ABOUT_A_CLOCK]
    moves: dict[Any, list[Event]] = {tasking.pk: [] for tasking in about}
    events = Event.objects.filter(tasking__in=about, kind=EventKind.STATUS_CHANGED).order_by("-sequence")
    for event in that_stand(events):
        moves[event.tasking_id].append(event)
    gone: dict[Any, set[str]] = {tasking.pk: {str(response.pk)} for tasking in about}
    heard: dict[Any, list[dt.datetime]] = {tasking.pk: [] for tasking in about}
    answers = Answer.objects.filter(tasking__in=about).exclude(response=response)
    for answer in answers.select_related("response"):
        if answer.response.in_error_at:
            gone[answer.tasking_id].add(str(answer.response_id))
        else:
            heard[answer.tasking_id] += filter(None, [answer.recorded_at, answer.assessed_at])
    found = {}
    for tasking in about:
        last, before = moves[tasking.pk][:2]  # what waits on us or was promised has waited before
        rests = last.payload.get("response") == str(response.pk) and last.from_status in NOT_ABOUT_A_CLOCK
        stood = before.payload.get("response") not in gone[tasking.pk]
        if rests and stood and not any(moment > last.recorded_at for moment in heard[tasking.pk]):
            found[tasking] = Status(last.from_status)
    return found


def before_reading(taskings: Sequence[Tasking], response: Response) -> dict[Any, Event]:
    """By key, items whose status rests on nothing but how this reply is read now, and the move that had brought them to what
    they were before that. Two queries.

    Only where going back tells nothing that is not so: it is the status that the table makes of that reading, so nobody
    chose it beside it; no person moved the item or the promised day since; and no other reply that counts was read since
    that says more than that our letter came.
    """
    about = {tasking.pk: tasking for tasking in taskings if tasking.is_open and tasking.status != Status.AWAITING}
    read: dict[Any, str] = {}
    gone: dict[Any, set[str]] = {key: {str(response.pk)} for key in about}
    heard: dict[Any, list[dt.datetime]] = {key: [] for key in about}
    for answer in Answer.objects.filter(tasking__in=about).select_related("response"):
        if answer.response_id == response.pk:
            read[answer.tasking_id] = answer.said
        elif answer.response.in_error_at:
            gone[answer.tasking_id].add(str(answer.response_id))
        elif answer.assessed_at and answer.said != Said.RECEIVED:
            heard[answer.tasking_id].append(answer.assessed_at)
    story: dict[Any, list[Event]] = {key: [] for key, choice in read.items() if choice}
    kinds = (EventKind.STATUS_CHANGED, EventKind.DUE_DATE_MOVED)
    for event in that_stand(Event.objects.filter(tasking__in=story, kind__in=kinds).order_by("-sequence")):
        story[event.tasking_id].append(event)
    found = {}
    for key, events in story.items():
        moves = [event for event in events if event.kind == EventKind.STATUS_CHANGED]
        made = list(takewhile(partial(_moved_by, gone[key]), moves))
        if not made or made[0].payload["response"] != str(response.pk):
            continue
        first, before = made[-1], moves[len(made)]
        of = {"closes_as": about[key].ask.kind.closes_as, "status": before.to_status}
        by_table = {effect(read[key], **of, complete=complete).status for complete in (True, False)}
        other_day = any(
            event.kind == EventKind.DUE_DATE_MOVED and event.sequence > first.sequence
            and "promised_on" in event.payload and "response" not in event.payload
            for event in events
        )  # fmt: skip
        if about[key].status in by_table and not other_day and all(at < first.recorded_at for at in heard[key]):
            found[key] = before
    return found


def _moved_by(replies: Collection[str], move: Event) -> bool:
    # that it waits is of us, whatever reply led to it: such as that of another item, which was passed on to it
    return move.to_status != Status.AWAITING and move.payload.get("response") in replies


def waits_again(taskings: Sequence[Tasking], response: Response) -> dict[Tasking, dt.datetime]:
    """Open items that wait again once this reply is taken back, and since when they first did. Two queries.

    Those alone that nothing moved since but replies entered in error, and about which no other reply counts. Where a
    person or another reply said anything, what the item comes to now is for a person to say.
    """
    moved = [tasking for tasking in taskings if tasking.is_open and tasking.status != Status.AWAITING]
    gone: dict[Any, set[str]] = {tasking.pk: {str(response.pk)} for tasking in moved}
    counts: dict[Any, list[dt.datetime]] = {tasking.pk: [] for tasking in moved}
    answers = Answer.objects.filter(tasking__in=moved).exclude(response=response)
    for key, reply, recorded, in_error in answers.values_list(
        "tasking", "response", "recorded_at", "response__in_error_at"
    ):
        gone[key] |= {str(reply)} if in_error else set()
        counts[key] += [] if in_error else [recorded]
    began: dict[Any, dt.datetime | None] = {}
    events = Event.objects.filter(tasking__in=moved, kind=EventKind.STATUS_CHANGED).order_by("-sequence")
    for event in that_stand(events):
        if event.tasking_id in began:
            continue
        if event.to_status == Status.AWAITING:
            began[event.tasking_id] = event.recorded_at
        elif event.payload.get("response") not in gone[event.tasking_id]:
            began[event.tasking_id] = None  # somebody moved it
    return {
        tasking: since
        for tasking in moved
        if (since := began.get(tasking.pk)) and not any(recorded > since for recorded in counts[tasking.pk])
    }
