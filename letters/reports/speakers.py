"""Whose word a promise, a question, more time, a status or an end is: the agency of the reply that says so, and not always
the one that was asked; nobody's by name where a person entered it and no reply that counts says so.

A bureau that would act may answer for an agency of another house. What it told us is said in its own name, and in a
hand-over to nobody but its own house. This is the one place that knows; pages, files and letters only find words for it.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone

from letters.domain.history import that_stand
from letters.domain.said import ANSWERS_NOTHING
from letters.domain.spoken import NAME_A_DAY, Promise, days_named, extensions
from letters.enums import (
    CLOSED_STATUSES,
    PROOF_KINDS,
    SUBSTANTIVE_KINDS,
    Coverage,
    EventKind,
    EvidenceKind,
    Said,
    Stance,
    Status,
)
from letters.models import Agency, Answer, Event, Evidence, Response
from letters.models.events import asked_again_since_read
from letters.models.tasking_queries import TaskingQuerySet
from letters.reports.sayings import NOBODY, YOU

House = frozenset[uuid.UUID] | None  # None: it stays with us, who may read everybody's word


def with_speakers(found: TaskingQuerySet) -> TaskingQuerySet:
    """Fetch what the functions below read of an item: its story, and each reply about it with its agency, whoever may hear it."""
    story = Event.objects.filter(kind__in=(*NAME_A_DAY, EventKind.EXTENDED)).order_by("-sequence")
    heard = Answer.objects.select_related("response__agency").order_by("response__received_on", "recorded_at")
    return found.select_related("status_event").prefetch_related(
        Prefetch("events", story.defer("public_payload"), to_attr="story"),
        Prefetch("answers", heard.defer("quote", "search", "response__text", "response__search"), to_attr="heard"),
    )


def who(speaker: Agency | None, reader: uuid.UUID) -> str:
    """The one who told us, to a reader: YOU, another agency by its name, or NOBODY."""
    if speaker is None:
        return NOBODY
    return YOU if speaker.pk == reader else str(speaker)


def is_elsewhere(speaker: Agency | None, house: House) -> bool:
    """Whether what this one told us is not for that house to hear."""
    return house is not None and speaker is not None and speaker.pk not in house


def promised_by(tasking: Any) -> Agency | None:
    """Who named the promised day that counts; where none counts, the last that was named since we asked, and not given up."""
    return askings(tasking)[-1].by


@dataclass(frozen=True)
class Asking:
    """One time that we asked: the days that were named then, the last heard first, and who named the last; how it ended and
    was asked again, None of the present one."""

    named: list[Promise]
    by: Agency | None
    ended: tuple[Event, Event] | None = None


def askings(tasking: Any) -> list[Asking]:
    """Each time that we asked for it, the present one last. What a reply of before an end promises was promised before it,
    whenever it was read; unless it was taken for a promise that counts since."""
    replied = {str(one.response_id): (one.response.received_on, not _counts(one)) for one in tasking.heard}
    story = that_stand(tasking.story)
    last = next(iter(_named(story, replied)), None) if tasking.promised_on else None
    found = []
    for end, again in _ends(story):
        ended_on = timezone.localdate(end.occurred_at)
        since = {last.response if last else None} | {_reply(event) for event in story if _moves_a_promise(event, again)}
        before = {reply for reply, (came, _) in replied.items() if came < ended_on} - since
        then = [
            event for event in story if event.sequence < end.sequence or (_is_read(event) and _reply(event) in before)
        ]
        story = [event for event in story if event.sequence >= again.sequence and event not in then]
        # what was read anew since is told of the day that it was then found to name
        anew = {_reply(event) for event in story if _is_read(event)}
        found.append(_asking(tasking, [one for one in _named(then, replied) if one.response not in anew], (end, again)))
    now = _named(story, replied)
    is_known = tasking.promised_on is None or (now and now[0].day == tasking.promised_on)
    return [*found, _asking(tasking, now if is_known else [])]


def _asking(tasking: Any, named: list[Promise], ended: tuple[Event, Event] | None = None) -> Asking:
    return Asking(named, _agency(tasking, named[0].response) if named else None, ended)


def _ends(story: list[Event]) -> list[tuple[Event, Event]]:
    """Each end after which we asked again, and that asking, the first first."""
    moves = [event for event in story if event.kind == EventKind.STATUS_CHANGED]  # the last first
    ends = [status for status in CLOSED_STATUSES if status != Status.ENTERED_IN_ERROR]
    pairs = [
        (end, again) for again, end in pairwise(moves) if end.to_status in ends and again.to_status == Status.AWAITING
    ]
    return pairs[::-1]


def _named(story: list[Event], replied: Mapping[str, tuple[dt.date, bool]]) -> list[Promise]:
    return [one for one in days_named(story, replied) if not one.in_error]


def _reply(event: Event) -> str | None:
    return event.payload.get("response")


def _is_read(event: Event) -> bool:
    return event.kind == EventKind.ANSWER_ASSESSED


def _moves_a_promise(event: Event, again: Event) -> bool:
    """Whether a day that somebody named counted from this event on, after we asked again."""
    return event.sequence > again.sequence and not _is_read(event) and bool(event.payload.get("promised_on"))


def promised_once_elsewhere(tasking: Any, house: House) -> bool:
    """Whether anybody of another house ever named a day, which may be any of those that count no more."""
    return any(is_elsewhere(one.response.agency, house) for one in tasking.heard if one.said == Said.PROMISED)


def moved_by(tasking: Any) -> Agency | None:
    """Whose reply brought it to the status that it has."""
    return ended_with(tasking, tasking.status_event) if tasking.status_event else None


def ended_with(tasking: Any, move: Event) -> Agency | None:
    """Whose reply made this move; what came to an item through another one, nobody said of this one."""
    return None if "through" in move.payload else _agency(tasking, move.payload.get("response"))


def more_time(tasking: Any) -> Event | None:
    """What gave it the time it has, as `situations.last_extension`."""
    gone = {str(one.response_id) for one in tasking.heard if not _counts(one)}
    return next(iter(extensions(tasking.story, gone)), None) if tasking.extended_to else None


def more_time_by(tasking: Any) -> Agency | None:
    """Whose reply says that more time is needed."""
    event = more_time(tasking)
    return _agency(tasking, event.payload.get("response")) if event else None


def answered_by(tasking: Any) -> Agency | None:
    """Whose complete reply satisfied its clock; nobody's by name where those of several came that day."""
    found = {
        one.response.agency
        for one in tasking.heard
        if _counts(one) and one.coverage == Coverage.FULL and one.response.received_on == tasking.answered_on
        and one.response.kind in SUBSTANTIVE_KINDS and one.said not in ANSWERS_NOTHING
    }  # fmt: skip
    return found.pop() if len(found) == 1 else None


def last_reply(tasking: Any) -> Answer | None:
    """The last that came, of whatever kind."""
    return next((one for one in reversed(tasking.heard) if _counts(one)), None)


def ended_by(found: TaskingQuerySet, house: frozenset[uuid.UUID]) -> TaskingQuerySet:
    """Those whose end this house knows of: the reply that ended it is its own, or something proves it that others did not
    tell us. Of an end that a person chose, the replies on which it can rest are its own: those that fit it, if any does."""
    reply = Cast(KeyTextTransform("response", OuterRef("status_event__payload")), UUIDField())
    ended = Response.objects.filter(pk=reply).order_by()
    read = Answer.objects.filter(
        ~asked_again_since_read(), tasking=OuterRef("pk"), coverage__isnull=False, response__in_error_at__isnull=True,
        response__kind__in=PROOF_KINDS,
    ).exclude(said__in=ANSWERS_NOTHING).order_by()  # fmt: skip
    fits = read.filter(coverage=Coverage.FULL)
    refuses = fits.filter(Q(stance=Stance.DOES_NOT_CONCUR) | Q(said=Said.REFUSED))
    refused = Q(status=Status.DECLINED)
    theirs = (refused & _theirs(refuses, read, house)) | (~refused & _theirs(fits, read, house))
    proofs = Evidence.objects.not_in_error().filter(tasking=OuterRef("pk")).order_by()
    told = proofs.exclude(Q(kind=EvidenceKind.RESPONSE) & ~Q(response__agency__in=house))
    said = Exists(ended.filter(agency__in=house)) | (~Exists(ended) & theirs)
    done = Q(status=Status.IMPLEMENTED)
    return found.filter((done & Exists(told)) | (~done & said))


def _theirs(fitting: Any, read: Any, house: frozenset[uuid.UUID]) -> Any:
    """Whether all replies that fit are of the house, or where none does, all that were read."""
    of_house = {"response__agency__in": house}
    return (Exists(fitting) & ~Exists(fitting.exclude(**of_house))) | (
        ~Exists(fitting) & Exists(read) & ~Exists(read.exclude(**of_house))
    )


def knew_of_end(tasking: Any, end: Event, again: Event, house: frozenset[uuid.UUID]) -> bool:
    """Of an end after which it was asked again: whether this house knows of it, as `ended_by` asks of one that stands, by
    what there was when it was asked again. Needs the item's `evidence` that is not in error."""
    if end.to_status == Status.IMPLEMENTED:
        proofs = [one for one in tasking.evidence.all() if one.added_at <= again.recorded_at]
        return any(one.kind != EvidenceKind.RESPONSE or one.response.agency_id in house for one in proofs)
    if "response" in end.payload:
        by = ended_with(tasking, end)
        return by is not None and by.pk in house
    before = [
        one.recorded_at for one in that_stand(tasking.story)
        if one.kind == EventKind.STATUS_CHANGED and one.from_status in CLOSED_STATUSES and one.sequence < end.sequence
    ]  # fmt: skip
    heard = [
        one for one in tasking.heard
        if _counts(one) and one.coverage is not None and one.response.kind in PROOF_KINDS and one.said not in ANSWERS_NOTHING
        and one.recorded_at <= again.recorded_at and all(one.assessed_at > moment for moment in before)
    ]  # fmt: skip
    read = [one for one in heard if one.assessed_at <= again.recorded_at]
    fits = [
        one for one in read if one.coverage == Coverage.FULL and (end.to_status != Status.DECLINED or _refuses(one))
    ]
    # of one that was read anew since, nobody can tell what it said then: that of another house may be what ended it
    since = [one for one in heard if one not in read and one.response.agency_id not in house]
    return bool(read) and all(one.response.agency_id in house for one in [*(fits or read), *since])


def _refuses(answer: Answer) -> bool:
    return answer.stance == Stance.DOES_NOT_CONCUR or answer.said == Said.REFUSED


def _counts(answer: Answer) -> bool:
    return answer.response.in_error_at is None


def _agency(tasking: Any, response: str | None) -> Agency | None:
    """Of the reply with this key, if it counts."""
    found = (one.response.agency for one in tasking.heard if str(one.response_id) == response and _counts(one))
    return next(found, None)
