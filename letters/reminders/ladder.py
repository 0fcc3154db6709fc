"""What comes due for one item on one day, and why nothing else does. Pure: no models, `today` is an argument.

The sweep, its dry run and the page of the schedule all ask `decide`, so what is shown is what happens.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from letters.domain.deadlines import Calendar, days_after, long_date
from letters.enums import CLOSED_STATUSES, PAUSED_STATUSES, Basis, EventKind, ReminderAnchor, Status, TaskingRole
from letters.reminders.schedule import Rung, rungs_for

A = ReminderAnchor
EVERYTHING = frozenset(A)
# About their reply: silent while nobody is owed one, or while we have yet to read what came.
CHASING = frozenset({A.DUE, A.ACKNOWLEDGEMENT, A.CONTACT, A.REVIEW})

Fired = Mapping[tuple[str, dt.date], dt.date]  # (code of the rung, the day it counted from) -> the day it fired


@dataclass(frozen=True)
class Facts:
    """One item as the schedule sees it."""

    status: str
    kind: uuid.UUID
    agencies: Collection[uuid.UUID]  # the one asked, and those above it
    role: str = TaskingRole.LEAD
    due_on: dt.date | None = None
    due_basis: str | None = None
    due_set_on: dt.date | None = None  # the day somebody or something gave it this date
    past_due_recorded: dt.date | None = None
    ack_due_on: dt.date | None = None
    acknowledged_on: dt.date | None = None
    ack_late_recorded: dt.date | None = None
    answered_on: dt.date | None = None
    review_on: dt.date | None = None
    review_set_on: dt.date | None = None  # the day somebody chose it
    snoozed_until: dt.date | None = None
    extended_to: dt.date | None = None
    next_contact_on: dt.date | None = None
    unread_since: dt.date | None = None
    told_late: Collection[tuple[str, dt.date]] = ()  # events there are: (kind, the date that passed)

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED_STATUSES and self.status != Status.DRAFT

    @property
    def waits(self) -> bool:
        """A responsible agency's item that is open and not stopped."""
        return self.is_open and self.role == TaskingRole.LEAD and self.status not in PAUSED_STATUSES

    @property
    def runs(self) -> bool:
        """Whether the reply clock runs; the same as `tasking_queries.RUNNING`."""
        stands_still = self.answered_on is not None or self.review_on is not None
        return self.waits and self.due_on is not None and (not stands_still or self.due_basis == Basis.PROMISE)

    @property
    def awaits_word(self) -> bool:
        """Whether the acknowledgment clock runs: not a word from them so far."""
        return self.waits and self.ack_due_on is not None and self.acknowledged_on is None and self.answered_on is None

    def counts_from(self, anchor: str) -> dt.date | None:
        """The day from which a rung of this anchor counts; None where there is none."""
        return {
            A.DUE: self.due_on,
            A.ACKNOWLEDGEMENT: self.ack_due_on if self.acknowledged_on is None else None,
            A.UNREAD: self.unread_since,
            A.SNOOZE: self.snoozed_until,
            A.CONTACT: self.next_contact_on,
            A.REVIEW: self.review_on,
        }[A(anchor)]


@dataclass(frozen=True)
class Silence:
    """Why reminders of some anchors do not fire; until a day, or until something happens."""

    words: str
    stops: frozenset[str]
    until: dt.date | None = None


@dataclass(frozen=True)
class Firing:
    """A rung that has come due. `told_before`: it is kept, and nobody is told of it."""

    rung: Rung
    counts_from: dt.date
    falls_on: dt.date
    told_before: bool = False


@dataclass
class Decision:
    """What a sweep has to do with one item on one day."""

    past_due: dt.date | None = None  # a date that passed and is to be noted
    acknowledgement_late: dt.date | None = None
    events: set[EventKind] = field(default_factory=set)  # of these, those that no event tells of yet
    fires: list[Firing] = field(default_factory=list)  # in the order of the schedule
    held: list[tuple[Rung, Silence]] = field(default_factory=list)
    later: list[tuple[dt.date, Rung]] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    look_on: dt.date | None = None  # the next day on which anything may come due by itself

    def why_not(self) -> str:
        """Why nothing fires today, in words."""
        if self.held:
            rung, silence = self.held[-1]
            for_good = silence.stops == EVERYTHING and silence.until is None
            return silence.words if for_good else f"{silence.words}: “{rung.words}” waits"
        if self.silences:
            return "; ".join(silence.words for silence in self.silences)
        if self.later:
            day, rung = min(self.later, key=lambda pair: pair[0])
            return f"“{rung.words}” comes due on {long_date(day)}"
        return "nothing is left on the schedule"


def silences(item: Facts, today: dt.date) -> list[Silence]:
    """What keeps reminders of this item from firing, the strongest first."""
    if not item.is_open:
        return [Silence(str(Status(item.status).label), EVERYTHING)]
    if item.role == TaskingRole.CONSULTED:
        return [Silence("consulted, owes nothing", EVERYTHING)]
    found = []
    if item.snoozed_until and item.snoozed_until > today:
        words = f"remind me on {long_date(item.snoozed_until)}"
        found.append(Silence(words, EVERYTHING, item.snoozed_until))
    if item.unread_since:
        found.append(Silence("reply received, not yet read", CHASING | {A.SNOOZE}))
    if item.status in PAUSED_STATUSES:
        found.append(Silence("clock stopped: waiting on us", CHASING))
    if item.due_basis != Basis.PROMISE:
        if item.answered_on:
            found.append(Silence(f"substantive reply received {long_date(item.answered_on)}", CHASING))
        elif item.review_on:
            words = f"they take no position: we look again on {long_date(item.review_on)}"
            found.append(Silence(words, CHASING - {A.REVIEW}))
    if item.extended_to and item.extended_to >= today and item.acknowledged_on is None:
        # we agreed to it unasked; that they said so would be their first word
        words = f"more time agreed, to {long_date(item.extended_to)}"
        found.append(Silence(words, frozenset({A.ACKNOWLEDGEMENT}), days_after(item.extended_to, 1)))
    if item.next_contact_on and item.next_contact_on > today:
        words = f"after our contact: next on {long_date(item.next_contact_on)}"
        found.append(Silence(words, CHASING, item.next_contact_on))
    return found


def decide(item: Facts, schedule: Collection[Rung], today: dt.date, calendar: Calendar, fired: Fired) -> Decision:
    """What is to be recorded and fired on `today`, what is held and why, and when to look again."""
    done = Decision(silences=silences(item, today))
    days: list[dt.date] = [silence.until for silence in done.silences if silence.until]
    if item.runs and item.due_on and item.past_due_recorded != item.due_on:
        done.past_due = item.due_on if item.due_on < today else None
        days.append(days_after(item.due_on, 1))
    if item.awaits_word and item.ack_due_on and item.ack_late_recorded != item.ack_due_on:
        # nobody waits for a word in the middle of the time we agreed to
        until = max(item.ack_due_on, item.extended_to or item.ack_due_on)
        done.acknowledgement_late = item.ack_due_on if until < today else None
        days.append(days_after(until, 1))
    # a date may come back after it was moved away; its passing was recorded the first time
    began = {EventKind.PAST_DUE: done.past_due, EventKind.ACKNOWLEDGEMENT_LATE: done.acknowledgement_late}
    done.events = {kind for kind, day in began.items() if day and (kind, day) not in item.told_late}
    for rung in rungs_for(schedule, basis=item.due_basis, kind=item.kind, agencies=item.agencies):
        counts_from = item.counts_from(rung.anchor)
        if counts_from is None or (rung.code, counts_from) in fired:
            continue
        falls_on = rung.falls_on(counts_from, calendar)
        silence = next((one for one in done.silences if rung.anchor in one.stops), None)
        if falls_on > today:
            days.append(falls_on)
            if not silence:
                done.later.append((falls_on, rung))
        elif silence:
            done.held.append((rung, silence))
        else:
            done.fires.append(Firing(rung, counts_from, falls_on, _told_before(item, rung, falls_on, fired)))
    done.look_on = min((day for day in days if day > today), default=None)
    return done


def _told_before(item: Facts, rung: Rung, falls_on: dt.date, fired: Fired) -> bool:
    """A date that moves by some days, past the day of a rung, is no news to those who were told of that rung;
    and who sets a date need not hear at once that it is near."""
    set_on = {A.DUE: item.due_set_on, A.REVIEW: item.review_set_on}.get(A(rung.anchor))
    if set_on is None or falls_on > set_on:
        return False
    return rung.offset_days < 0 or any(code == rung.code for code, _ in fired)
