"""What is known of an item that may set its date, read from the record for `due_rules`."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any, cast

from django.db.models import F, Q
from django.utils import timezone

from letters.domain import due_rules
from letters.domain.deadlines import Interval, long_date
from letters.domain.spoken import NAME_A_DAY, Promise, days_named, extensions
from letters.enums import CLOSED_STATUSES, AgencyKind, Basis, EventKind, LetterState, Said, Status
from letters.models import Addressee, Agency, Answer, Event, Letter, Pause, Renewal, Response, Tasking
from letters.models.agencies import DEFAULT_YARDSTICK_DAYS

YARDSTICK_SOURCE = "State’s own goal, GAO-14-424"
# The reason of a pause that was none: what asked us something was entered in error.
QUESTION_IN_ERROR = "taken back: the reply that asked us something was entered in error"
# For many items at once; a single one asks as it goes, since what was read before may have changed.
READS = ("pauses", "renewals__letter__addressees", "ask__letter__addressees")


def situation(tasking: Tasking) -> due_rules.Situation:
    """Raises ValueError for an item that has not been asked yet."""
    promised_on, promise_notes = _promise(tasking)
    pauses = list(tasking.pauses.all())
    again, again_waits = _again(tasking)
    extended_on, extended_words = _extension(tasking) if tasking.extended_to else (None, "")
    return first_situation(
        tasking,
        promised_on=promised_on,
        again=again,
        again_waits=again_waits,
        pauses=tuple(
            Interval(pause.started_on, pause.ended_on)
            for pause in pauses
            if pause.ended_on is not None and pause.ended_on > pause.started_on
        ),
        taken_back=(
            *promise_notes,
            *(
                f"The pause from {long_date(pause.started_on)} counts for nothing: the reply that asked us something was "
                "entered in error"
                for pause in pauses
                if pause.reason == QUESTION_IN_ERROR
            ),
        ),
        extended_to=tasking.extended_to,
        extended_on=extended_on,
        extended_words=extended_words,
    )


def first_situation(tasking: Tasking, **since: Any) -> due_rules.Situation:
    """That of an item that is about to wait, of which nothing came yet; `since`: what did come."""
    if tasking.asked_on is None:
        raise ValueError(f"{tasking} has not been asked yet, so it has no date")
    ask, agency, law = tasking.ask, tasking.agency, tasking.ask.statute
    return due_rules.Situation(
        asked_on=tasking.asked_on,
        agency=str(agency),
        letter=_terms(ask.letter, tasking.asked_on, tasking, by_law=law is not None),
        usual_wait=agency.yardstick_days,
        usual_wait_source=YARDSTICK_SOURCE if agency.yardstick_days == DEFAULT_YARDSTICK_DAYS else f"set for {agency}",
        requested_by=ask.requested_by,
        statute=due_rules.Statute(law.name, law.citation, law.trigger, law.days) if law else None,
        **since,
    )


def promises(tasking: Tasking) -> list[Promise]:
    """Each day that was named, as `days_named` finds it; none where none counts."""
    return promises_of([tasking]).get(tasking.pk, [])


def promises_of(taskings: Iterable[Tasking]) -> dict[uuid.UUID, list[Promise]]:
    """The same of many items, by key. Two queries; none where nothing was promised."""
    about = [tasking.pk for tasking in taskings if tasking.promised_on]
    if not about:
        return {}
    replied: dict[uuid.UUID, dict[str, tuple[dt.date, bool]]] = {key: {} for key in about}
    answers = Answer.objects.filter(tasking__in=about)
    for key, reply, received_on, in_error in answers.values_list(
        "tasking", "response", "response__received_on", "response__in_error_at"
    ):
        replied[key][str(reply)] = (received_on, in_error is not None)
    story: dict[uuid.UUID, list[Event]] = {key: [] for key in about}
    for event in Event.objects.filter(tasking__in=about, kind__in=NAME_A_DAY).order_by("-sequence"):
        story[cast(uuid.UUID, event.tasking_id)].append(event)
    return {key: days_named(story[key], replied[key]) for key in about}


def last_promise(told: Iterable[Promise]) -> Promise | None:
    """Of days named, as `promises` tells them, the one that counts: what was heard last, and not in error."""
    return next((one for one in told if not one.in_error), None)


def is_last_promise(tasking: Tasking, response: Response) -> bool:
    """Whether nobody has named another day for what is promised since this reply came."""
    last = last_promise(promises(tasking))
    return last is None or last.response == str(response.pk)


def _promise(tasking: Tasking) -> tuple[dt.date | None, list[str]]:
    """The promised day that counts, and what to know of it: one that rests on a reply entered in error alone is none."""
    ended_promised = tasking.status in CLOSED_STATUSES and tasking.due_basis == Basis.PROMISE
    if tasking.status not in (Status.PROMISED, Status.PARTLY_ADDRESSED) and not ended_promised:
        return None, []
    told = promises(tasking)
    standing = last_promise(told)
    newer = told[: told.index(standing)] if standing else told
    notes = [f"A reply that promised it for {long_date(one.day)} was entered in error" for one in newer]
    return (standing.day if standing and newer else None if newer else tasking.promised_on), notes


def is_promised(tasking: Tasking) -> bool:
    """Whether the day they promised is the item's date: of what is promised, and of the rest of what is partly done."""
    partly = tasking.status == Status.PARTLY_ADDRESSED and tasking.due_basis == Basis.PROMISE
    return tasking.status == Status.PROMISED or partly


def pauses_of(tasking: Tasking, response: Response) -> list[tuple[Pause, dt.date | None]]:
    """The pauses that rest on this reply alone, which is entered in error; each with the day from which another reply that
    stands asked us something during it.

    Where the reply that began one was taken back before, it rests on the next that asked us something.
    """
    began = {}  # the move of a day that stopped the clock: the last of that day
    for event in tasking.events.filter(kind=EventKind.STATUS_CHANGED, to_status=Status.CLARIFICATION):
        began[timezone.localdate(event.occurred_at)] = event
    asked = tasking.answers.filter(said=Said.NEEDS_US).values_list(
        "response", "response__in_error_at", "assessed_at", "response__received_on"
    )
    asked_on = {str(key): day for key, _, _, day in asked}
    gone = {str(key) for key, in_error, _, _ in asked if in_error}
    this, found = str(response.pk), []
    for paused in tasking.pauses.exclude(ended_on=F("started_on")):
        days = [day for day in began if day <= paused.started_on]
        if not days:
            continue
        move = began[max(days)]
        by_reply = move.payload.get("response")
        if by_reply != this and not (by_reply in gone and this in asked_on and asked_on[this] <= paused.started_on):
            continue
        others = [
            max(day, paused.started_on)
            for _, in_error, read_at, day in asked
            if not in_error and read_at and read_at > move.recorded_at
        ]
        found.append((paused, min(others, default=None)))
    return found


def noted_receipt(tasking: Tasking) -> dt.date | None:
    """The first day on which the agency said of the letter itself, or of one that repeats it, that it came; `None` where
    nobody noted it."""
    repeats = Q(letter__renewals__tasking=tasking, letter__state=LetterState.SENT)
    noted = Addressee.objects.filter(Q(letter=tasking.ask.letter_id) | repeats, agency__in=_above(tasking))
    moments = noted.values_list("acknowledged_at", flat=True)
    return min((timezone.localdate(moment) for moment in moments if moment), default=None)


def _received_on(letter: Letter, tasking: Tasking) -> dt.date | None:
    moments = [addressee.delivered_at or addressee.acknowledged_at for addressee in _addressed(letter, tasking)]
    return min((timezone.localdate(moment) for moment in moments if moment), default=None)


def _addressed(letter: Letter, tasking: Tasking) -> list[Addressee]:
    """The agency asked, or the department it belongs to, as the letter addresses it."""
    above = _above(tasking)
    return [addressee for addressee in letter.addressees.all() if addressee.agency_id in above]


def _above(tasking: Tasking) -> set[uuid.UUID]:
    """The agency asked and those it belongs to; as for `Agency.includes`, an inspector general stands apart."""
    agency: Agency | None = tasking.agency
    above = set[uuid.UUID]()
    while agency is not None:
        above.add(agency.pk)
        agency = None if agency.kind == AgencyKind.INSPECTOR_GENERAL else agency.parent
    return above


def _terms(
    letter: Letter, asked_on: dt.date, tasking: Tasking, *, again_on: dt.date | None = None, by_law: bool = False
) -> due_rules.LetterTerms:
    term = None
    if letter.term_days and letter.term_unit and letter.term_from:
        term = due_rules.Term(letter.term_days, letter.term_unit, letter.term_from)
    return due_rules.LetterTerms(
        letter_on=letter.letter_date or asked_on,
        deadline_on=letter.deadline_on,
        term=term,
        received_on=_received_on(letter, tasking) if term or by_law else None,
        again_on=again_on,
    )


def standing_renewals(tasking: Tasking) -> list[Renewal]:
    """The letters that repeat the item, the last one last; one entered in error repeats nothing."""
    standing = [renewal for renewal in tasking.renewals.all() if renewal.letter.state == LetterState.SENT]
    return sorted(standing, key=lambda renewal: (renewal.renewed_on, renewal.letter.sent_at))


def _again(tasking: Tasking) -> tuple[due_rules.LetterTerms | None, due_rules.LetterTerms | None]:
    """What the last letter says that repeats the item and sets a date, else the last that says when; and one after it whose
    term counts from a receipt that nobody noted: it takes away no date that stands."""
    found = [
        _terms(renewal.letter, renewal.renewed_on, tasking, again_on=renewal.renewed_on)
        for renewal in standing_renewals(tasking)
        if renewal.letter.deadline_on or renewal.letter.term_days
    ]
    if not found:
        return None, None
    counts = next((terms for terms in reversed(found) if terms.sets_a_date), found[-1])
    return counts, None if found[-1].sets_a_date else found[-1]


def review_ended_by(tasking: Tasking, letter: Letter) -> dt.date | None:
    """The day on which we wanted to look again at an item of “no position” when this letter asked again and ended that; None
    where nothing stood, or anything was said of the item since."""
    if tasking.status != Status.CONSIDERING or tasking.review_on is not None:
        return None
    repeated = tasking.events.filter(kind=EventKind.RENEWED)
    asked = repeated.filter(payload__by_letter=str(letter.pk), payload__taken_back__isnull=True).last()
    if asked is None or "ended_review" not in asked.payload:
        return None
    gone = set(repeated.filter(payload__taken_back=True).values_list("payload__renewal", flat=True))
    kinds = (EventKind.STATUS_CHANGED, EventKind.REVIEW_SET, EventKind.ANSWER_ASSESSED, EventKind.RENEWED)
    since = tasking.events.filter(kind__in=kinds, sequence__gt=asked.sequence)
    # that a letter repeats it, taken back since, was never said
    if any(event.kind != EventKind.RENEWED or event.payload["renewal"] not in gone for event in since):
        return None
    chosen = tasking.events.filter(kind=EventKind.REVIEW_SET, sequence__lt=asked.sequence).order_by("sequence").last()
    by_reply = chosen.payload.get("response") if chosen else None
    if by_reply and tasking.answers.filter(response=by_reply, response__in_error_at__isnull=False).exists():
        return None
    return dt.date.fromisoformat(asked.payload["ended_review"])


def standing_extensions(tasking: Tasking) -> list[Event]:
    """What gave it the time it has, the newest first: not taken back, and resting on no reply entered in error."""
    if tasking.extended_to is None:
        return []
    found = extensions(tasking.events.filter(kind=EventKind.EXTENDED).order_by("-sequence"))
    if any(event.payload.get("response") for event in found):
        in_error = tasking.answers.filter(response__in_error_at__isnull=False)
        gone = {str(pk) for pk in in_error.values_list("response", flat=True)}
        found = [event for event in found if event.payload.get("response") not in gone]
    return found


def last_extension(tasking: Tasking) -> Event | None:
    """What gave it the time it has now; only for an item that has some."""
    return next(iter(standing_extensions(tasking)), None)


def told_of_more_time(tasking: Tasking) -> dt.date | None:
    """The first day on which the agency said that it needs the time it has: a word from them, with or without a reply."""
    return min(
        (extended_on(event) for event in standing_extensions(tasking) if event.payload["by_notice"]), default=None
    )


def extended_on(event: Event) -> dt.date:
    """The day more time was given: when the reply that says so came, or when somebody said so."""
    received = event.payload.get("received_on")
    return dt.date.fromisoformat(received) if received else timezone.localdate(event.occurred_at)


def _extension(tasking: Tasking) -> tuple[dt.date | None, str]:
    """The day more time was given, and who gave it, in words."""
    event = last_extension(tasking)
    if event is None:
        return None, ""
    day = extended_on(event)
    if event.payload.get("received_on"):
        return day, f": {tasking.agency} told us in the reply received {long_date(day)}"
    by = f"{tasking.agency} told us" if event.payload.get("by_notice") else "we agreed"
    return day, f": {by} on {long_date(day)}"
