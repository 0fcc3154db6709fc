"""What came of an item, and when: the conditions that reply records count by, and that queue and API filter by.

Each takes the item as it stands. A day of the office ends at its midnight; a date is kept until its day is over.
"""

import datetime as dt

from django.db.models import Case, DateField, Exists, F, Func, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Greatest

from letters.domain.said import ANSWERS_NOTHING
from letters.enums import OPEN_STATUSES, SUBSTANTIVE_KINDS, Basis, Coverage, ResponseKind, Said, Status
from letters.models import Answer
from letters.models.events import asked_again_since_read
from letters.models.tasking_queries import LET_GO, RUNNING, closed_on, reply_before_its_end

IN_TIME, NOT_IN_TIME, JUDGED = "in_time", "not_in_time", "judged"
# Judged: it came, or its date has passed. What still has time is neither.
TIMELY = {IN_TIME: "in time", NOT_IN_TIME: "not in time", JUDGED: "in time or not"}
# What their replies say of an item, by the one that says most. That our letter came says nothing.
FULL, PARTIAL, EVADES, UNREAD, BEFORE, NOTHING = "full", "partial", "evades", "unread", "before", "nothing"
REPLIED = {
    FULL: "answered in full",
    PARTIAL: "answered in part",
    EVADES: "replied, did not answer",
    UNREAD: "reply not yet read",
    BEFORE: "replied, reopened since",
    NOTHING: "no reply, or a receipt only",
}
# Ends that are their doing.
BY_THEM = (Status.ANSWERED, Status.IMPLEMENTED, Status.DECLINED)
UNANSWERED = (*OPEN_STATUSES, Status.NOT_IMPLEMENTED)
_ANSWERS = Q(response__kind__in=SUBSTANTIVE_KINDS) & ~Q(said__in=ANSWERS_NOTHING)
_DEADLINES = [basis for basis in Basis if basis != Basis.PROMISE]  # ended by an answer; a promise, by the deed


def answered_day() -> Coalesce:
    """When they answered in full; where no reply did, the day they did what was asked or refused it. Null: not yet, or not
    before we let it go."""
    return Coalesce(reply_before_its_end(), Case(When(status__in=BY_THEM, then=closed_on())), output_field=DateField())


def waited_days(today: dt.date) -> Func:
    """Calendar days from the first asking to the answer; where none came, to the day it was let go, or to today."""
    let_go = Case(When(status__in=LET_GO, then=closed_on()), default=Cast(Value(today), DateField()))
    days = Func(
        Coalesce(answered_day(), let_go),
        F("asked_on"),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
    return Greatest(days, Value(0))


def answered_condition(name: str, today: dt.date) -> Q:
    """Whether they answered by the date that counts now (`due_basis` says what it rests on).

    A promise is kept by what was promised: an answer or a deed that closes the item; a refusal breaks it. While the
    clock stands still nothing is judged.
    """
    if name == JUDGED:
        return answered_condition(IN_TIME, today) | answered_condition(NOT_IN_TIME, today)
    deadline, promise = Q(due_basis__in=_DEADLINES), Q(due_basis=Basis.PROMISE)
    kept = Q(status__in=(Status.ANSWERED, Status.IMPLEMENTED))
    if name == IN_TIME:
        return (deadline & Q(due_on__gte=answered_day())) | (promise & kept & Q(due_on__gte=closed_on()))
    unanswered = Q(answered_on__isnull=True) | promise
    return (
        (deadline & Q(due_on__lt=answered_day()))
        | (promise & kept & Q(due_on__lt=closed_on()))
        | (promise & Q(status=Status.DECLINED))
        | (RUNNING & Q(due_on__lt=today))
        | (Q(status=Status.NOT_IMPLEMENTED) & unanswered & Q(due_on__lt=today))
        | (Q(status__in=LET_GO) & (unanswered | Q(answered_on__gt=closed_on())) & Q(due_on__lt=closed_on()))
    )


def acknowledged_condition(name: str, today: dt.date) -> Q:
    """Whether their first word, of whatever kind, came by the day we expect it.

    Where more time was agreed unasked, silence is not judged before that time is over; and what was done or let go by that
    day is not judged by a word that comes after it.
    """
    if name == JUDGED:
        return acknowledged_condition(IN_TIME, today) | acknowledged_condition(NOT_IN_TIME, today)
    if name == IN_TIME:
        return Q(ack_due_on__gte=F("acknowledged_on"))
    silent, time_is_over = Q(acknowledged_on__isnull=True), Q(extended_to__isnull=True) | Q(extended_to__lt=today)
    over = Q(status__in=(Status.IMPLEMENTED, *LET_GO), ack_due_on__gte=closed_on())
    return (
        (Q(ack_due_on__lt=F("acknowledged_on")) & ~over)
        | (silent & Q(status__in=UNANSWERED, ack_due_on__lt=today) & time_is_over)
        | (silent & Q(status__in=[*BY_THEM, *LET_GO], ack_due_on__lt=closed_on()))
    )


def replied_condition(name: str) -> Q:
    """What their replies say, by the one that says most: each item is in exactly one of `REPLIED`."""
    condition = Q()
    for code, says in replied_in_order().items():
        if code == name:
            return condition & says
        condition &= ~says
    return condition


def replied_in_order() -> dict[str, Q]:
    """The same for `case`, which takes the first that holds; where none does, there is `NOTHING`."""
    return {
        # also what had come when a letter asked again, which satisfies the clock no more (`clocks.settle_answered`)
        FULL: Q(answered_on__isnull=False) | Q(_says(Q(coverage=Coverage.FULL) & _ANSWERS)),
        PARTIAL: Q(_says(Q(coverage__in=(Coverage.FULL, Coverage.PARTIAL)))),
        EVADES: Q(_says(Q(coverage=Coverage.EVADES))),
        UNREAD: Q(_says(Q(coverage__isnull=True))),
        # it says nothing of what is asked now, but nobody may be told that no reply came
        BEFORE: Q(_says(Q(), also_before=True)),
    }


def case(conditions: dict[str, Q], default: str = "") -> Case:
    """Which of these conditions holds first."""
    return Case(*(When(condition, then=Value(name)) for name, condition in conditions.items()), default=Value(default))


def _says(what: Q, *, also_before: bool = False) -> Exists:
    """With a reply of this kind that stands: not entered in error, more than a receipt, and, where it was read, read
    since the item was last asked again, or `also_before`."""
    standing = Answer.objects.filter(what, tasking=OuterRef("pk"), response__in_error_at__isnull=True)
    if not also_before:
        standing = standing.filter(~asked_again_since_read())
    receipt = Q(response__kind=ResponseKind.ACKNOWLEDGEMENT) | Q(said=Said.RECEIVED, coverage=Coverage.EVADES)
    return Exists(standing.exclude(receipt).order_by())
