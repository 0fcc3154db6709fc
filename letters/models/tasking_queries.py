"""Reads of taskings, chainable. Lateness is one expression, used by list, dashboard, API and sweep alike."""

import datetime as dt
from collections.abc import Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Least, TruncDate
from django.db.models.lookups import IsNull

from letters.enums import (
    CLOSED_STATUSES,
    OPEN_STATUSES,
    RUNNING_STATUSES,
    Access,
    Basis,
    LetterState,
    Match,
    OurRole,
    Status,
    TaskingRole,
)
from letters.models.asks import targets_in_order
from letters.models.letter_queries import visible_letters

OPEN_LEAD = Q(role=TaskingRole.LEAD, status__in=OPEN_STATUSES)
# The reply clock runs: a reply is owed, nobody paused it, and no substantive reply has come.
# A promise has its own date: that they answered with one does not mean that they kept it.
# Who takes no position has said so: the clock stands still, and we look again on the review date.
RUNNING = Q(role=TaskingRole.LEAD, status__in=RUNNING_STATUSES, due_on__isnull=False) & (
    Q(answered_on__isnull=True, review_on__isnull=True) | Q(due_basis=Basis.PROMISE)
)
# The day they named is owed: of what is promised, and of the rest of what is partly done (`situations.is_promised`).
PROMISE_OWED = Q(status=Status.PROMISED) | Q(status=Status.PARTLY_ADDRESSED, due_basis=Basis.PROMISE)
UNTOUCHED_DAYS = 90
SOON_DAYS = 7
# What our office led or co-led it follows up, and what others wrote that it chose to follow; what it only co-signed is
# another office's to chase.
OURS_TO_CHASE = (OurRole.LED, OurRole.CO_LED, OurRole.FOLLOWED)
LED_BY_US = Q(ask__letter__our_role__in=OURS_TO_CHASE)
LET_GO = (Status.OVERTAKEN, Status.WITHDRAWN, Status.TRANSFERRED)  # they owe nothing more; where it lapsed, they did
# Where something has a name, and for what has none: no slug begins with a dash, no Bioguide ID is a word.
NONE, UNMATCHED = "-none-", "-unmatched-"


def late_basis(today: dt.date) -> Case:
    """What the date rests on that an item is past; empty for one that is not late."""
    late = When(RUNNING, due_on__lt=today, then=F("due_basis"))
    return Case(late, default=Value(""), output_field=CharField())


def untouched(today: dt.date, days: int = UNTOUCHED_DAYS) -> Q:
    """Items that nobody did anything about for `days` calendar days."""
    return Q(touched_at__date__lt=today - dt.timedelta(days=days))


def closed_on() -> TruncDate:
    """The day it took its status: of a closed item, the day it was closed."""
    return TruncDate("status_event__occurred_at")


def reply_before_its_end() -> Case:
    """The day of their complete reply, which may come after the end: of what was done, that is the day of the deed at the
    latest; for what we had let go by then, they owed none. Whoever writes all the same is not worse off than who is silent."""
    return Case(
        When(status=Status.IMPLEMENTED, then=Least("answered_on", closed_on())),
        When(status__in=LET_GO, answered_on__gt=closed_on(), then=None),
        default=F("answered_on"),
        output_field=DateField(),
    )


def late_against_original(today: dt.date) -> Q:
    """Given more time, and past the date before it: answered in full after that date, or not answered yet. Closed without
    an answer, what counts is the day it was closed. Where a letter that asked again since set the date, no time was given
    beyond it."""
    ended = Coalesce(reply_before_its_end(), closed_on())
    waits = Q(status__in=OPEN_STATUSES, answered_on__isnull=True)
    late = (waits & Q(original_due_on__lt=today)) | (~waits & Q(original_due_on__lt=ended))
    moved = Q(due_on__isnull=True) | ~Q(original_due_on=F("due_on"))
    return Q(role=TaskingRole.LEAD, original_due_on__isnull=False) & moved & late


class TaskingQuerySet(models.QuerySet):
    """Which items, for whom, how late."""

    # --- for whom
    def visible_to(self, user) -> "TaskingQuerySet":
        """What a signed-in person may see."""
        return self.filter(visible_letters(user, "ask__letter__"))

    def for_keys(self) -> "TaskingQuerySet":
        """What an API key of the office may see: never a draft, never a restricted letter."""
        return self.exclude(status=Status.DRAFT).filter(
            ask__letter__state__in=[LetterState.SENT, LetterState.ENTERED_IN_ERROR],
            ask__letter__access=Access.OFFICE,
        )

    def released(self) -> "TaskingQuerySet":
        """Items of letters the public may see, but for those that it knows were entered in error."""
        return self.exclude(public_status__in=[Status.DRAFT, Status.ENTERED_IN_ERROR]).filter(
            ask__letter__released_at__isnull=False, ask__letter__state=LetterState.SENT
        )

    # --- which
    def counted(self) -> "TaskingQuerySet":
        """What counts count: responsible agencies' items of letters that were sent, none entered in error."""
        return self.filter(role=TaskingRole.LEAD, ask__letter__state=LetterState.SENT).exclude(
            status__in=[Status.DRAFT, Status.ENTERED_IN_ERROR]
        )

    def open(self) -> "TaskingQuerySet":
        """Open items as everybody counts them: responsible, not consulted."""
        return self.filter(OPEN_LEAD)

    def closed(self) -> "TaskingQuerySet":
        return self.filter(status__in=CLOSED_STATUSES)

    def late(self, today: dt.date) -> "TaskingQuerySet":
        """Past their date on `today`, by whatever basis; a date is kept until its day is over."""
        return self.filter(RUNNING, due_on__lt=today)

    def late_against_original(self, today: dt.date) -> "TaskingQuerySet":
        """Given more time, and past the date before it: answered in full after that date, or not answered yet."""
        return self.filter(late_against_original(today))

    def due_within(self, today: dt.date, days: int) -> "TaskingQuerySet":
        """Running out from `today` on, within `days` calendar days."""
        return self.filter(RUNNING, due_on__range=(today, today + dt.timedelta(days=days)))

    def untouched(self, today: dt.date, days: int = UNTOUCHED_DAYS) -> "TaskingQuerySet":
        """Open items that nobody did anything about for `days` calendar days."""
        return self.filter(OPEN_LEAD, untouched(today, days))

    def unread(self) -> "TaskingQuerySet":
        """Items with a reply that nobody has read yet."""
        return self.filter(OPEN_LEAD).filter(self.unread_answer())

    def promised(self) -> "TaskingQuerySet":
        """Open items of which they named the day, and which are not done, or not all of them."""
        return self.filter(OPEN_LEAD, PROMISE_OWED)

    def to_review(self, today: dt.date) -> "TaskingQuerySet":
        """Open items whose agency took no position, and whose review date has come."""
        return self.filter(OPEN_LEAD, review_on__lte=today)

    def without_unread(self) -> "TaskingQuerySet":
        return self.exclude(self.unread_answer())

    def unread_answer(self) -> Exists:
        return Exists(self._unread())

    def _unread(self) -> models.QuerySet:
        here = {"tasking": OuterRef("pk"), "coverage__isnull": True, "response__in_error_at__isnull": True}
        return self._related("answers").filter(**here)

    def with_deadline(self) -> "TaskingQuerySet":
        """Items for which somebody set a deadline, whatever counts now: the ask, its letter by a date or a term (though
        its receipt be unknown), a letter that repeats it, or a law. The others: “the letter sets no deadline”."""
        return self.filter(self.deadline_set())

    def without_deadline(self) -> "TaskingQuerySet":
        return self.exclude(self.deadline_set())

    def deadline_set(self) -> Q:
        """What `with_deadline` asks; what they promised, and time that was given, is no deadline of a letter."""
        later = self._related("renewals").filter(letter__state=LetterState.SENT)
        later = later.exclude(letter__deadline_on__isnull=True, letter__term_days__isnull=True)
        return (
            Q(ask__requested_by__isnull=False)
            | Q(ask__letter__deadline_on__isnull=False)
            | Q(ask__letter__term_days__isnull=False)
            | Q(ask__statute__isnull=False)
            | Q(pk__in=later.order_by().values("tasking"))
        )

    # --- about what, by whom: subqueries, so that a table may still group by what else the item is about
    def about(self, *targets: str) -> "TaskingQuerySet":
        """Items whose ask names each of these companies, persons or programs (slugs); with `NONE`, those that name none."""
        return self._with_each("ask", self._rows_of("ask", "targets"), "target__slug", targets)

    def of_topic(self, *topics: str) -> "TaskingQuerySet":
        """Items of letters filed under each of these topics (slugs); with `NONE`, under none."""
        return self._with_each("ask__letter", self._rows_of("ask", "letter", "topics"), "topic__slug", topics)

    def led_by(self, *members: str) -> "TaskingQuerySet":
        """Items of letters that each of these members led (Bioguide IDs), as a person confirmed.

        With `UNMATCHED`: led by somebody who is matched to no member; with `NONE`: no signer is marked as leading.
        """
        leads, found = self._related("ask", "letter", "signatures").filter(is_lead=True).order_by(), self
        if UNMATCHED in members:
            found = found.filter(ask__letter__in=leads.exclude(match=Match.CONFIRMED).values("letter"))
        if NONE in members:
            found = found._with_each("ask__letter", leads, "", [NONE])
        matched = [one for one in members if one not in (NONE, UNMATCHED)]
        return found._with_each("ask__letter", leads.filter(match=Match.CONFIRMED), "legislator__bioguide", matched)

    def co_signed_by(self, *members: str) -> "TaskingQuerySet":
        """Items of letters that each of these members signed and did not lead, as a person confirmed."""
        signed = self._related("ask", "letter", "signatures").filter(match=Match.CONFIRMED, is_lead=False).order_by()
        found = self._with_each("ask__letter", signed, "legislator__bioguide", members)
        return found.none() if NONE in members else found  # that nobody co-signed is not asked for

    def _with_each(self, path: str, rows: models.QuerySet, column: str, values: Sequence[str]) -> "TaskingQuerySet":
        """Items of an ask or letter (at the end of `path`) for which `rows` have each of these values; with `NONE`, that have
        no row. One condition for all of them, however many."""
        found, of = self, path.rpartition("__")[2]
        if NONE in values:
            found = found.filter(~Exists(rows.filter(**{of: OuterRef(f"{path}_id")})))
        if named := {one for one in values if one != NONE}:
            those = rows.filter(**{f"{column}__in": named}).values(of)
            if len(named) > 1:
                those = those.annotate(number=Count(column, distinct=True)).filter(number=len(named)).values(of)
            found = found.filter(**{f"{path}__in": those})
        return found

    def happened_to(self, condition: Q) -> "TaskingQuerySet":
        """Items with an event like this."""
        return self.filter(Exists(self._related("events").filter(condition, tasking=OuterRef("pk")).order_by()))

    def _related(self, *path: str) -> models.QuerySet:
        return self._model_at(path).objects.all()

    def _rows_of(self, *path: str) -> models.QuerySet:
        """The rows between two that are many to many."""
        *before, last = path
        return getattr(self._model_at(before), last).through.objects.order_by()

    def _model_at(self, path: Sequence[str]) -> type[models.Model]:
        """Whither this path of relations leads. By their names: the models above are not there yet when this is read."""
        model = self.model
        for name in path:
            model = model._meta.get_field(name).related_model
        return model

    def matching(self, words: str) -> "TaskingQuerySet":
        """Items whose ask, letter, companies, signers or numbers match; phrases in quotes work."""
        letters = self.model._meta.get_field("ask").related_model._meta.get_field("letter").related_model
        return self.filter(ask__letter__in=letters.objects.matching(words).values("pk"))

    # --- with what
    def with_clock(self, today: dt.date) -> "TaskingQuerySet":
        """Annotate `days_past` (calendar days past the date, null unless late) and `has_unread`."""
        # PostgreSQL subtracts dates to days; Django alone would make it an interval
        past = Func(
            Cast(Value(today), DateField()),
            F("due_on"),
            template="(%(expressions)s)",
            arg_joiner=" - ",
            output_field=IntegerField(),
        )
        return self.annotate(
            days_past=models.Case(models.When(RUNNING & Q(due_on__lt=today), then=past), default=None),
            # not by EXISTS: for that PostgreSQL collects every unread reply first, since it reckons with all the rows that
            # the list has, not with the hundred of a page
            has_unread=IsNull(Subquery(self._unread().values("pk")[:1]), False),
        )

    def with_chased(self) -> "TaskingQuerySet":
        """Annotate how often we called, wrote or met about it (`chased`), and the last time (`last_chased`)."""
        contacts = self.model._meta.get_field("contacts").related_model
        ours = contacts.objects.filter(taskings=OuterRef("pk"), in_error_at__isnull=True).order_by()
        grouped = ours.values("taskings")
        return self.annotate(
            chased=Coalesce(Subquery(grouped.annotate(times=Count("pk")).values("times")), 0),
            last_chased=Subquery(grouped.annotate(last=Max("on")).values("last")),
        )

    def with_repeats(self, user) -> "TaskingQuerySet":
        """Annotate the days on which later letters asked for it again (`repeated_days`), of letters that the reader may see
        (nobody: that everybody of the office may)."""
        renewals = self.model._meta.get_field("renewals").related_model.objects
        told = renewals.filter(
            visible_letters(user, "letter__"), tasking=OuterRef("pk"), letter__state=LetterState.SENT
        )
        return self.annotate(repeated_days=ArraySubquery(told.order_by("renewed_on").values("renewed_on")))

    def for_rows(self) -> "TaskingQuerySet":
        """Everything a list row shows, in a constant number of queries (one, and one for targets)."""
        return self.select_related("ask__kind", "ask__letter", "agency", "acting_agency", "owner").prefetch_related(
            targets_in_order("ask__targets")
        )
