"""What is known of an item that may set its date, read from the record for `due_rules`."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from letters.domain import due_rules
from letters.domain.deadlines import Interval, long_date
from letters.domain.history import that_stand
from letters.enums import CLOSED_STATUSES, Basis, EventKind, LetterState, Status
from letters.models import Addressee, Agency, Event, Letter, Tasking
from letters.models.agencies import DEFAULT_YARDSTICK_DAYS

YARDSTICK_SOURCE = "State’s own goal, GAO-14-424"
# The reason of a pause that was none: what asked us something was entered in error.
QUESTION_IN_ERROR = "taken back: the reply that asked us something was entered in error"
# Asked again, or only looked into now: the day they promised is no date any more, and none again later.
GIVES_UP_THE_PROMISE = (Status.AWAITING, Status.ACKNOWLEDGED, Status.CONSIDERING)
# For many items at once; a single one asks as it goes, since what was read before may have changed.
READS = ("pauses", "renewals__letter__addressees", "ask__letter__addressees")


def situation(tasking: Tasking) -> due_rules.Situation:
    """Raises ValueError for an item that has not been asked yet."""
    if tasking.asked_on is None:
        raise ValueError(f"{tasking} has not been asked yet, so it has no date")
    ask, agency = tasking.ask, tasking.agency
    promised_on, promise_notes = _promise(tasking)
    law = ask.statute
    pauses = list(tasking.pauses.all())
    extended_on, extended_words = _extension(tasking) if tasking.extended_to else (None, "")
    return due_rules.Situation(
        asked_on=tasking.asked_on,
        agency=str(agency),
        letter=_terms(ask.letter, tasking.asked_on, tasking),
        usual_wait=agency.yardstick_days,
        usual_wait_source=YARDSTICK_SOURCE if agency.yardstick_days == DEFAULT_YARDSTICK_DAYS else f"set for {agency}",
        promised_on=promised_on,
        again=_again(tasking),
        requested_by=ask.requested_by,
        statute=due_rules.Statute(law.name, law.citation, law.trigger, law.days) if law else None,
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


@dataclass(frozen=True)
class Promise:
    """A day that was named for what is promised: by a reply, or by a person's own word (`response` None)."""

    day: dt.date
    response: str | None
    in_error: bool


def promises(tasking: Tasking) -> list[Promise]:
    """Each day that was named since the item last waited or a promise was given up, the newest first; of a reply that was read anew, the last."""
    if tasking.promised_on is None:
        return []
    in_error = tasking.answers.filter(response__in_error_at__isnull=False)
    gone = {str(key) for key in in_error.values_list("response", flat=True)}
    kinds = (EventKind.STATUS_CHANGED, EventKind.ANSWER_ASSESSED, EventKind.DUE_DATE_MOVED)
    found, read = [], set()
    for event in that_stand(tasking.events.filter(kind__in=kinds).order_by("-sequence")):
        if event.to_status in GIVES_UP_THE_PROMISE:
            break
        response, day = event.payload.get("response"), event.payload.get("promised_on")
        if event.kind == EventKind.ANSWER_ASSESSED and response not in read:
            read.add(response)
        elif response is not None:
            continue  # a reply's word is what was read of it
        if day:
            found.append(Promise(dt.date.fromisoformat(day), response, response in gone))
    return found


def _promise(tasking: Tasking) -> tuple[dt.date | None, list[str]]:
    """The promised day that counts, and what to know of it: one that rests on a reply entered in error alone is none."""
    ended_promised = tasking.status in CLOSED_STATUSES and tasking.due_basis == Basis.PROMISE
    if tasking.status not in (Status.PROMISED, Status.PARTLY_ADDRESSED) and not ended_promised:
        return None, []
    told = promises(tasking)
    standing = next((one for one in told if not one.in_error), None)
    newer = told[: told.index(standing)] if standing else told
    notes = [f"A reply that promised it for {long_date(one.day)} was entered in error" for one in newer]
    return (standing.day if standing and newer else None if newer else tasking.promised_on), notes


def is_promised(tasking: Tasking) -> bool:
    """Whether the day they promised is the item's date: of what is promised, and of the rest of what is partly done."""
    partly = tasking.status == Status.PARTLY_ADDRESSED and tasking.due_basis == Basis.PROMISE
    return tasking.status == Status.PROMISED or partly


def noted_receipt(tasking: Tasking) -> dt.date | None:
    """The first day on which the agency said of the letter itself that it came; `None` where nobody noted it."""
    moments = [addressee.acknowledged_at for addressee in _addressed(tasking.ask.letter, tasking)]
    return min((timezone.localdate(moment) for moment in moments if moment), default=None)


def _received_on(letter: Letter, tasking: Tasking) -> dt.date | None:
    moments = [addressee.delivered_at or addressee.acknowledged_at for addressee in _addressed(letter, tasking)]
    return min((timezone.localdate(moment) for moment in moments if moment), default=None)


def _addressed(letter: Letter, tasking: Tasking) -> list[Addressee]:
    """The agency asked, or the department it belongs to, as the letter addresses it."""
    agency: Agency | None = tasking.agency
    above = set()
    while agency is not None:
        above.add(agency.pk)
        agency = agency.parent
    return [addressee for addressee in letter.addressees.all() if addressee.agency_id in above]


def _terms(
    letter: Letter, asked_on: dt.date, tasking: Tasking, *, again_on: dt.date | None = None
) -> due_rules.LetterTerms:
    term = None
    if letter.term_days and letter.term_unit and letter.term_from:
        term = due_rules.Term(letter.term_days, letter.term_unit, letter.term_from)
    return due_rules.LetterTerms(
        letter_on=letter.letter_date or asked_on,
        deadline_on=letter.deadline_on,
        term=term,
        received_on=_received_on(letter, tasking) if term else None,
        again_on=again_on,
    )


def _again(tasking: Tasking) -> due_rules.LetterTerms | None:
    """The last letter that repeats the item and says when; one entered in error repeats nothing."""
    standing = [
        renewal
        for renewal in tasking.renewals.all()
        if renewal.letter.state == LetterState.SENT and (renewal.letter.deadline_on or renewal.letter.term_days)
    ]
    if not standing:
        return None
    last = max(standing, key=lambda renewal: (renewal.renewed_on, renewal.letter.sent_at))
    return _terms(last.letter, last.renewed_on, tasking, again_on=last.renewed_on)


def standing_extensions(tasking: Tasking) -> list[Event]:
    """What gave it the time it has, the newest first: not taken back, and resting on no reply entered in error."""
    found: list[Event] = []
    if tasking.extended_to is None:
        return found
    for event in tasking.events.filter(kind=EventKind.EXTENDED).order_by("-sequence"):
        if not event.payload.get("taken_back"):
            found.append(event)
        elif event.payload.get("response") is None:
            break  # a person took back all that came before
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
