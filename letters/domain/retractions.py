"""Taking back what was entered in error: a reply, evidence, a contact. The row stays, with the reason, and counts for nothing."""

import contextlib
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.domain import clocks, extending, payloads, public_replies, redating, releases, situations, workflow
from letters.domain.access import EDIT, Actor, require
from letters.domain.covering import proven_targets
from letters.domain.history import acting, record_event, that_stand
from letters.domain.replies import touch
from letters.domain.rules import check_reason, refuse_if
from letters.domain.standing import PROVED_BY_REPLY, loses_its_reply, position, proving_answers, standing_evidence
from letters.enums import EventKind, EvidenceKind, Stance, Status
from letters.errors import RecordError
from letters.models import Contact, Evidence, Response, Tasking

Retracted = Response | Evidence | Contact
READ_ANEW = "The reply was read anew."
TRIES = 5  # items are added to a reply by people: twice within one locking is rare


@transaction.atomic
def retract_response(response: Response, *, by: Actor, reason: str) -> Response:
    """A reply that never came, or was logged twice. Items that were closed on it alone are reopened first, by a person.

    The position, the review date and the time given that rested on it alone go with it. An open item that
    nothing else moved, and no other reply is about, waits again. Of any other the pause goes that this reply alone began,
    and the promised day or the review date that it was the last to name; what else it comes to now, a person says.
    """
    with acting(by, why=reason):
        taskings = _begin(response, by=by, reason=reason)
        releases.take_back(response, by=by, reason=reason)
        for tasking in taskings:
            tasking.refresh_from_db(fields=["public_status"])  # moved and told with the reply, on rows of its own
            _settle_more_time(tasking, response, by=by, reason=reason)
            reviewed = tasking.review_on is not None
            moved = workflow.wait_again(tasking, response, by=by, reason=reason)
            restored = _settle_promise(tasking, response) if moved else _restore(tasking, response)
            clocks.settle_acknowledged(tasking)
            if tasking.acknowledged_on is None:
                clocks.run_again(tasking, by=by)
            clocks.settle_answered(tasking, by=by)
            restored |= _settle_position(tasking, response, by=by, reviewed=reviewed)
            if restored:
                # without the reason: the reply may also be about a letter that who reads of this date may not see
                redating.date_without(tasking, by=by)
            _tell(tasking, EventKind.RESPONSE_IN_ERROR, by=by, reason=reason, response=str(response.pk), **restored)
        public_replies.let_statuses_follow(taskings, by=by)
        return response


@transaction.atomic
def retract_evidence(evidence: Evidence, *, by: Actor, reason: str) -> Evidence:
    """Evidence that proves something else. An item that is done on it alone is reopened first, by a person."""
    with acting(by, why=reason):
        taskings = _begin(evidence, by=by, reason=reason)
        releases.take_back(evidence, by=by, reason=reason)
        for tasking in taskings:
            _tell(tasking, EventKind.EVIDENCE_IN_ERROR, by=by, reason=reason, evidence=str(evidence.pk))
        return evidence


@transaction.atomic
def retract_contact(contact: Contact, *, by: Actor, reason: str) -> Contact:
    """A call that was not ours, or was logged twice."""
    with acting(by, why=reason):
        for tasking in _begin(contact, by=by, reason=reason):
            _tell(tasking, EventKind.CONTACT_IN_ERROR, by=by, reason=reason, contact=str(contact.pk))
        return contact


@transaction.atomic
def check_evidence(evidence: Evidence, *, by: Actor) -> Evidence:
    """Somebody looked at it again after the item was reopened, and says that it does prove what was asked."""
    require(by, EDIT, evidence.tasking.ask.letter)
    with acting(by):
        tasking = workflow.lock(evidence.tasking)
        evidence.refresh_from_db()
        if evidence.in_error_at:
            raise RecordError.of("evidence", "This evidence was entered in error. Add it anew, with what is right.")
        evidence.checked_at = timezone.now()
        evidence.save(update_fields=["checked_at"])
        _tell(tasking, EventKind.EVIDENCE_CHECKED, by=by, reason="", evidence=str(evidence.pk))
        return evidence


@dataclass(frozen=True)
class ProofByReply:
    """What a reply was found to prove of an item, the keys of the companies, and whether it counts now."""

    evidence: Evidence
    covers: set[uuid.UUID]
    is_standing: bool


def proofs_by(response: Response, tasking: Tasking) -> list[ProofByReply]:
    """What this reply proves of the item by itself, as it was read before; also what a reopening left behind."""
    found = tasking.evidence.not_in_error().filter(kind=EvidenceKind.RESPONSE, response=response)
    standing = set(standing_evidence(tasking).values_list("pk", flat=True))
    return [
        ProofByReply(one, {target.pk for target in one.targets.all()}, one.pk in standing)
        for one in found.order_by("added_at").prefetch_related("targets")
    ]


def is_kept(proof: Any, tasking: Tasking) -> bool:
    """Whether evidence of the item stands already: this very entry or page; of a reply, which is named unasked, any."""
    standing = standing_evidence(tasking)
    if proof.kind != EvidenceKind.RESPONSE:
        named = {"citation": proof.citation.strip(), "url": proof.url.strip(), "seen_on": proof.seen_on}
        standing = standing.filter(kind=proof.kind, **named)
    return standing.exists()


def prove_no_more(proofs: Sequence[Evidence], tasking: Tasking, *, by: Actor) -> None:
    """Mark as entered in error what a reply was thought to prove that is read anew. Inside the verb that reads it, which
    holds the item and has added what it proves now."""
    if not proofs:
        return
    tasking = workflow.lock(tasking)
    is_done = tasking.status == Status.IMPLEMENTED
    asked = {target.pk for target in tasking.ask.targets.all()}
    was_whole = asked <= proven_targets(tasking)
    for evidence in proofs:
        # the database would refuse it
        if is_done and not standing_evidence(tasking).exclude(pk=evidence.pk).exists():
            raise RecordError(loses_its_reply(tasking, "said", by))
        _mark(evidence, READ_ANEW)
        releases.take_back(evidence, by=by, reason=READ_ANEW)
        _tell(tasking, EventKind.EVIDENCE_IN_ERROR, by=by, reason=READ_ANEW, evidence=str(evidence.pk))
    if is_done and was_whole and not asked <= proven_targets(tasking):
        raise RecordError(loses_its_reply(tasking, "said", by))


def why_not(row: Retracted) -> str:
    """Why it cannot be taken back yet, to be said before somebody types a reason; empty where it can."""
    try:
        for tasking in _taskings_of(row):
            _refuse_before_the_database_does(row, tasking)
    except RecordError as error:
        return str(error)
    return ""


class _More(Exception):
    """An item was added to the reply before we held it."""


def _taskings_of(row: Retracted) -> list[Tasking]:
    if isinstance(row, Evidence):
        return [row.tasking]
    found = Tasking.objects.filter(**{"answers__response" if isinstance(row, Response) else "contacts": row})
    # in one order, so that two writers wait for each other instead of both
    return list(found.select_related("ask__letter").order_by("ask_id", "pk"))


def _begin(row: Retracted, *, by: Actor, reason: str) -> list[Tasking]:
    """Check, lock and mark; the items it was about, locked."""
    refuse_if(check_reason(reason, "Say what was wrong with it."))
    for _ in range(TRIES):
        with contextlib.suppress(_More), transaction.atomic():  # what was locked goes with what is rolled back
            return _hold(row, by=by, reason=reason)
    raise RecordError.of("in_error_at", "More items are being added to it at this moment. Try again.")


def _hold(row: Retracted, *, by: Actor, reason: str) -> list[Tasking]:
    taskings = _taskings_of(row)
    for tasking in taskings:
        require(by, EDIT, tasking.ask.letter)
    locked = [workflow.lock(tasking) for tasking in taskings]
    # locked after its items, as whoever reads a reply does
    held: Any = type(row).objects.select_for_update(no_key=True)
    row.refresh_from_db(from_queryset=held)
    if {tasking.pk for tasking in _taskings_of(row)} != {tasking.pk for tasking in taskings}:
        # somebody added one since: it is locked before the reply, too, or whoever works on it would wait for us and we for them
        raise _More
    if row.in_error_at:
        raise RecordError.of("in_error_at", "It is marked as entered in error already. There is nothing left to do.")
    for tasking in locked:
        _refuse_before_the_database_does(row, tasking)
    _mark(row, reason)
    return locked


def _mark(row: Retracted, reason: str) -> None:
    row.in_error_at, row.in_error_reason = timezone.now(), reason.strip()
    row.save(update_fields=["in_error_at", "in_error_reason"])


def _settle_position(tasking: Tasking, response: Response, *, by: Actor, reviewed: bool) -> dict:
    """The agency's position is what the replies that still count say; a review rests on one that takes none."""
    standing = tasking.answers.filter(coverage__isnull=False, response__in_error_at__isnull=True)
    tasking.stance = position(tasking)
    took_none = response.answers.filter(tasking=tasking, stance=Stance.NO_POSITION).exists()
    runs_again = reviewed and took_none and not standing.filter(stance=Stance.NO_POSITION).exists()
    before = None
    if runs_again:
        tasking.review_on = None
    elif took_none and tasking.review_on is not None and (before := _review_before(tasking, response)):
        tasking.review_on = before
    tasking.save(update_fields=["stance", "review_on"])
    if runs_again:
        clocks.run_again(tasking, by=by)
    return {"review_on": payloads.iso(before)} if before else {}


def _review_before(tasking: Tasking, response: Response) -> dt.date | None:
    """The review date that stood before this reply set one, where it was the last to do so; None elsewhere."""
    gone = tasking.answers.filter(response__in_error_at__isnull=False).values_list("response", flat=True)
    in_error = {str(key) for key in gone}
    kinds = (EventKind.STATUS_CHANGED, EventKind.REVIEW_SET)
    is_last = True
    for event in that_stand(tasking.events.filter(kind__in=kinds).order_by("-sequence")):
        by_reply = event.payload.get("response")
        if event.kind == EventKind.STATUS_CHANGED and by_reply not in in_error:
            return None  # a review is of the status that somebody gave it
        if event.kind == EventKind.STATUS_CHANGED or (by_reply in in_error and by_reply != str(response.pk)):
            continue
        if by_reply != str(response.pk):
            return None if is_last else dt.date.fromisoformat(event.payload["review_on"])
        is_last = False
    return None


def _restore(tasking: Tasking, response: Response) -> dict:
    """What its clock rests on without this reply, as its event tells it: empty where nothing rested on it."""
    return ({"no_pause": True} if clocks.never_asked(tasking, response) else {}) | _settle_promise(tasking, response)


def _settle_promise(tasking: Tasking, response: Response) -> dict:
    """Where this reply was the last to name the promised day, the day counts that was named before, or none.

    What is still promised keeps its day on the row, which has to have one, until a person says another.
    """
    told = [one for one in situations.promises(tasking) if not one.in_error or one.response == str(response.pk)]
    if not told or told[0].response != str(response.pk):
        return {}
    before = next((one for one in told if not one.in_error), None)
    if before is not None or tasking.status != Status.PROMISED:
        tasking.promised_on = before.day if before else None
        tasking.save(update_fields=["promised_on"])
    return {"promised_on": payloads.iso(before.day) if before else None}


def _settle_more_time(tasking: Tasking, response: Response, *, by: Actor, reason: str) -> None:
    """Of time given in several steps only what this reply gave goes; it is entered in error already."""
    if tasking.extended_to is None:
        return
    left = situations.last_extension(tasking)
    if left is None or left.payload["to"] != payloads.iso(tasking.extended_to):
        extending.no_more_time(tasking, by=by, reason=reason, response=response)


def _refuse_before_the_database_does(row: Retracted, tasking: Tasking) -> None:
    """The triggers refuse the same; this says it in a sentence."""
    if isinstance(row, Evidence):
        still = standing_evidence(tasking).exclude(pk=row.pk).exists()
        _refuse_if_closed_on_it(tasking, still=still, closed=(Status.IMPLEMENTED,))
    if isinstance(row, Response):
        if row.evidence.not_in_error().exists():
            raise RecordError.of(
                "in_error_at", "It is kept as evidence of an outcome. Mark that evidence as entered in error first."
            )
        still = proving_answers(tasking).exclude(response=row).exists()
        _refuse_if_closed_on_it(tasking, still=still, closed=PROVED_BY_REPLY)


def _refuse_if_closed_on_it(tasking: Tasking, *, still: bool, closed: tuple[Status, ...]) -> None:
    if tasking.status in closed and not still:
        words = tasking.get_status_display()
        raise RecordError.of(
            "in_error_at", f"“{tasking}” is {words} on this alone. Reopen it with a reason, then come back."
        )


def _tell(tasking: Tasking, kind: EventKind, *, by: Actor, reason: str, **what: Any) -> None:
    record_event(
        kind, by=by, letter=tasking.ask.letter, tasking=tasking, reason=reason.strip(),
        payload={**payloads.tasking_state(tasking), **what, "reason": reason.strip()},
    )  # fmt: skip
    touch(tasking, by=by)
