"""Reads of notices: a person's inbox, and what of it still stands."""

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate

from letters.enums import PAUSED_STATUSES, Basis, LetterState, ReminderAnchor
from letters.models.letter_queries import visible_letters
from letters.models.tasking_queries import OPEN_LEAD, RUNNING
from letters.models.taskings import Tasking

LETTER = "reminder__tasking__ask__letter__"


class NoticeQuerySet(models.QuerySet):
    """Which notices, and whether they still say something true."""

    def inbox(self, user) -> "NoticeQuerySet":
        """What this person was told, of letters they may see today (invariant 8)."""
        return self.filter(visible_letters(user, LETTER), to_user=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)

    def with_standing(self, today: dt.date) -> "NoticeQuerySet":
        """Annotate `stands`: what it reminds of is still so. A reply, a promise, a snooze or an end since then makes it false."""
        return self._with_anchor().annotate(
            stands=models.Case(models.When(self._stands(today), then=True), default=False)
        )

    def standing(self, today: dt.date) -> "NoticeQuerySet":
        """Those that still have to be said."""
        return self._with_anchor().filter(self._stands(today))

    def for_rows(self) -> "NoticeQuerySet":
        """All that a line shows, in one query."""
        return (
            self._with_anchor()
            .annotate(
                rule_words=Coalesce(Subquery(self._rule("words")), Value("")),
                unread_received_on=self._first_unread("response__received_on", "reminder__tasking"),
            )
            .select_related(
                "reminder__tasking__ask__kind",
                "reminder__tasking__ask__letter",
                "reminder__tasking__agency",
                "reminder__tasking__passed_to__agency",
            )
        )

    def _with_anchor(self) -> "NoticeQuerySet":
        return self.annotate(anchor=Coalesce(Subquery(self._rule("anchor")), Value(ReminderAnchor.DUE)))

    def _rule(self, column: str) -> models.QuerySet:
        # by its code and not by a key: a reminder outlives the rule that made it
        rules = self.model._meta.apps.get_model("letters", "ReminderRule")
        return rules.objects.filter(code=OuterRef("reminder__rule")).values(column)

    def _first_unread(self, column: str, tasking: str = "pk") -> Subquery:
        """Of the reply that has waited longest to be read: the office's day it was recorded (`recorded_on`), or another column."""
        answers = self.model._meta.apps.get_model("letters", "Answer").objects.filter(
            tasking=OuterRef(tasking), coverage__isnull=True, response__in_error_at__isnull=True
        )
        answers = answers.annotate(recorded_on=TruncDate("recorded_at"))
        return Subquery(answers.order_by("recorded_at").values(column)[:1])

    def _stands(self, today: dt.date) -> Q:
        items = Tasking.objects.filter(OPEN_LEAD, pk=OuterRef("reminder__tasking"), ask__letter__state=LetterState.SENT)
        awake = items.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today))
        # the last contact that named a day, as the sweep takes it (`reminders.facts`)
        named = Tasking.contacts.through.objects.filter(
            tasking=OuterRef("pk"), contact__next_on__isnull=False, contact__in_error_at__isnull=True
        ).order_by("-contact__on", "-contact__recorded_at")
        named_on = Subquery(named.values("contact__next_on")[:1])
        read = awake.without_unread().alias(named_on=named_on)
        chased = read.filter(Q(named_on__isnull=True) | Q(named_on__lte=today))
        chased = chased.exclude(status__in=PAUSED_STATUSES)
        owed = chased.filter(Q(answered_on__isnull=True, review_on__isnull=True) | Q(due_basis=Basis.PROMISE))
        same_day = OuterRef("reminder__due_on")
        # as `reminders.ladder.silences` has it, which decides what fires; a test holds the two to each other
        holds = {
            ReminderAnchor.DUE: owed.filter(RUNNING, due_on=same_day),
            ReminderAnchor.ACKNOWLEDGEMENT: owed.filter(
                Q(extended_to__isnull=True) | Q(extended_to__lt=today),
                acknowledged_on__isnull=True,
                ack_due_on=same_day,
            ),
            ReminderAnchor.UNREAD: awake.unread()
            .alias(unread_on=self._first_unread("recorded_on"))
            .filter(unread_on=same_day),
            ReminderAnchor.SNOOZE: read.filter(snoozed_until=same_day),
            ReminderAnchor.CONTACT: owed.filter(named_on=same_day),
            ReminderAnchor.REVIEW: chased.filter(answered_on__isnull=True, review_on=same_day),
        }
        found = Q(pk__in=[])
        for anchor, rows in holds.items():
            found |= Q(anchor=anchor) & Exists(rows)
        return found
