"""One ask as put to one agency: the unit that waits, is reminded, answered and closed."""

import datetime as dt

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from letters.enums import (
    CLOSED_STATUSES,
    OPEN_STATUSES,
    PROOF_KINDS,
    REASON_STATUSES,
    Basis,
    Stance,
    Status,
    TaskingRole,
)
from letters.models.agencies import Agency
from letters.models.asks import Ask
from letters.models.base import (
    Identified,
    audited,
    both_or_neither,
    one_of,
)
from letters.models.events import Event
from letters.models.tasking_queries import OPEN_LEAD, TaskingQuerySet

# Invariant 1, in the database: a status moves only together with a later event of the same tasking
# that says so, and a closed one carries its proof. Immediate, so that the writer sees the refusal.
STATUS_GUARD = f"""
    SELECT * INTO moved FROM letters_event WHERE id = NEW.status_event_id;
    IF NOT FOUND OR moved.tasking_id IS DISTINCT FROM NEW.id
       OR moved.from_status <> OLD.status OR moved.to_status <> NEW.status
       OR moved.sequence <= COALESCE((SELECT sequence FROM letters_event WHERE id = OLD.status_event_id), 0) THEN
        RAISE EXCEPTION 'tasking %: no event of its own moves it from % to %', NEW.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', HINT = 'use letters.domain.workflow.transition()';
    END IF;
    -- asked again: what proved it before proves it no longer, unless somebody looked at it since; not where
    -- that was taken back (`events.asked_again`)
    SELECT COALESCE(max(recorded_at), '-infinity') INTO reopened FROM letters_event again
    WHERE tasking_id = NEW.id AND kind = 'status_changed'
      AND from_status IN ({", ".join(f"'{status}'" for status in CLOSED_STATUSES)})
      AND payload ->> 'undoes' IS NULL
      AND NOT EXISTS (SELECT 1 FROM letters_event WHERE tasking_id = NEW.id AND payload ->> 'undoes' = again.id::text);
    IF NEW.status = '{Status.IMPLEMENTED}'
       AND NOT EXISTS (
           SELECT 1 FROM letters_evidence
           WHERE tasking_id = NEW.id AND in_error_at IS NULL AND checked_at > reopened
       ) THEN
        RAISE EXCEPTION 'tasking %: done without evidence', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status IN ('{Status.ANSWERED}', '{Status.DECLINED}')
       AND NOT EXISTS (
           SELECT 1 FROM letters_answer JOIN letters_response ON letters_response.id = response_id
           WHERE tasking_id = NEW.id AND in_error_at IS NULL AND assessed_at > reopened AND kind IN ({", ".join(f"'{kind}'" for kind in PROOF_KINDS)})
       ) THEN
        RAISE EXCEPTION 'tasking %: % without a reply', NEW.id, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.status IN ({", ".join(f"'{status}'" for status in REASON_STATUSES)})
        OR OLD.status IN ({", ".join(f"'{status}'" for status in CLOSED_STATUSES)}))
       AND btrim(moved.reason) = '' THEN
        RAISE EXCEPTION 'tasking %: % without a reason', NEW.id, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""  # noqa: S608 - our own vocabulary

# What a verb changes of an item whenever something happens to it: `touch` moves the version.
WATCHED_BY_SWEEP = (
    "role", "status", "due_on", "due_basis", "ack_due_on", "acknowledged_on", "answered_on", "review_on", "snoozed_until",
    "owner", "version",
)  # fmt: skip

BORN_DRAFT = """
    IF NEW.status <> 'draft' OR NEW.status_event_id IS NOT NULL THEN
        RAISE EXCEPTION 'tasking %: born %, not draft', NEW.id, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


@audited
class Tasking(Identified):
    """An open item on screen: one ask, one agency, one clock, one owner."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="taskings", db_index=False)
    # index: an agency’s page: closed items too
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="taskings")
    # index: the queue of one acting bureau
    acting_agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="acting_taskings",
        help_text="The bureau that would act; it never owes the reply.",
    )
    role = models.CharField(max_length=10, choices=TaskingRole, default=TaskingRole.LEAD)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    status_event = models.OneToOneField(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # A status that rests on a reply or evidence which is not public shows the last one that was (invariant 8)
    public_status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    stance = models.CharField(max_length=20, choices=Stance, default=Stance.UNKNOWN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="taskings",
        db_index=False,
    )
    asked_on = models.DateField(null=True, blank=True, help_text="First asked; renewals and transfers keep it.")
    due_on = models.DateField(
        null=True,
        blank=True,
        help_text="The reply clock's date now; its history is in DueDate.",
    )
    due_basis = models.CharField(max_length=10, choices=Basis, null=True, blank=True)  # noqa: DJ001 - absent with due_on
    original_due_on = models.DateField(
        null=True,
        blank=True,
        help_text="The date as it would stand without the time they were given: “late against the original”.",
    )
    extended_to = models.DateField(null=True, blank=True, help_text="The later date that was agreed with the agency.")
    ack_due_on = models.DateField(null=True, blank=True, help_text="When we expect to have heard that the letter came.")
    acknowledged_on = models.DateField(
        null=True, blank=True, help_text="The day their first word about it reached us; it stops this clock only."
    )
    ack_late_recorded = models.DateField(
        null=True, blank=True, help_text="The acknowledgment date whose passing was recorded."
    )
    check_on = models.DateField(
        null=True,
        blank=True,
        help_text="The first day on which the sweep has to look at it; empty: never.",
    )
    answered_on = models.DateField(
        null=True,
        blank=True,
        help_text="When a substantive reply in full satisfied the clock.",
    )
    promised_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(
        null=True, blank=True, help_text="They take no position: the reply clock stands still, and we look again then."
    )
    snoozed_until = models.DateField(null=True, blank=True)
    past_due_recorded = models.DateField(null=True, blank=True, help_text="The due date whose passing was recorded.")
    # index: “passed on from”, on an item’s page
    passed_to = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="passed_from",
        help_text="The item that carries it on, where the agency passed it to another.",
    )
    touched_at = models.DateTimeField(default=timezone.now, help_text="The last time a person did anything about it.")
    version = models.PositiveIntegerField(default=1)

    objects = TaskingQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            one_of("role", TaskingRole),
            one_of("status", Status),
            one_of("public_status", Status),
            one_of("stance", Stance),
            one_of("due_basis", Basis),
            both_or_neither("due_on", "due_basis", "tasking_due_has_basis"),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT, status_event__isnull=True)
                | (~Q(status=Status.DRAFT) & Q(status_event__isnull=False)),
                name="tasking_status_has_event",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.DRAFT, Status.WITHDRAWN]) | Q(asked_on__isnull=False),
                name="tasking_sent_was_asked",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("asked_on")),
                name="tasking_due_not_before_asked",
            ),
            models.CheckConstraint(
                condition=Q(role=TaskingRole.LEAD) | Q(due_on__isnull=True),
                name="tasking_consulted_has_no_clock",
            ),
            models.CheckConstraint(
                condition=Q(role=TaskingRole.LEAD) | Q(ack_due_on__isnull=True),
                name="tasking_consulted_has_no_ack_clock",
            ),
            both_or_neither("extended_to", "original_due_on", "tasking_extension_keeps_original"),
            models.CheckConstraint(
                condition=~Q(status=Status.PROMISED) | Q(promised_on__isnull=False),
                name="tasking_promise_has_date",
            ),
            # one open item per ask and agency: a transfer onto an open one links it instead
            models.UniqueConstraint(
                fields=["ask", "agency"],
                condition=Q(status__in=[Status.DRAFT, *OPEN_STATUSES]),
                name="tasking_open_once_per_agency",
            ),
        ]
        indexes = [
            # the queue and /api/v1/taskings/: open items by due date, keyset
            models.Index(
                F("due_on").asc(nulls_last=True),
                "id",
                name="tasking_queue",
                condition=OPEN_LEAD,
            ),
            # the queue of one agency; counts by agency
            models.Index(
                "agency",
                F("due_on").asc(nulls_last=True),
                "id",
                name="tasking_by_agency",
                condition=OPEN_LEAD,
            ),
            # the queue of one owner
            models.Index(
                "owner",
                F("due_on").asc(nulls_last=True),
                "id",
                name="tasking_by_owner",
                condition=OPEN_LEAD,
            ),
            # the queue, longest untouched first; of every item the index below would be walked for a few open ones
            models.Index(fields=["touched_at", "id"], name="tasking_open_touched", condition=OPEN_LEAD),
            # the queue, longest waiting first
            models.Index(F("asked_on").asc(nulls_last=True), "id", name="tasking_open_asked", condition=OPEN_LEAD),
            # all items of a letter's ask, closed ones too
            models.Index(fields=["ask", "role"], name="tasking_of_ask"),
            # /api/v1/taskings/ with closed ones: by due date, keyset
            models.Index(F("due_on").asc(nulls_last=True), "id", name="tasking_all"),
            # the same, latest first: nulls come last either way, so one index cannot be read backwards
            models.Index(F("due_on").desc(nulls_last=True), "id", name="tasking_all_latest"),
            # the same, longest untouched first
            models.Index(fields=["touched_at", "id"], name="tasking_by_touched"),
            # the same, longest waiting first
            models.Index(F("asked_on").asc(nulls_last=True), "id", name="tasking_by_asked"),
            # the same, owner by owner
            models.Index(fields=["owner"], name="tasking_of_owner"),
            # the sweep: items it has to look at; costs what is due, not what is stored
            models.Index(fields=["check_on", "id"], name="tasking_sweep", condition=Q(check_on__isnull=False)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="born_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=BORN_DRAFT,
            ),
            pgtrigger.Trigger(
                name="status_needs_event",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("status", "status_event"),
                declare=[("moved", "letters_event%ROWTYPE"), ("reopened", "timestamptz")],
                func=STATUS_GUARD,
            ),
            # Whatever could start, stop or move a reminder makes the next sweep look; its own writes do not.
            pgtrigger.Trigger(
                name="sweep_looks_again",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*WATCHED_BY_SWEEP),
                func=f"""
                    NEW.check_on := CASE
                        WHEN NEW.role = '{TaskingRole.LEAD}' AND NEW.status IN ({", ".join(f"'{status}'" for status in OPEN_STATUSES)})
                        THEN '0001-01-01'::date END;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        words = f"{self.agency}: {self.ask}"
        return words[:1].upper() + words[1:]  # "the President" begins a title

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def status_since(self) -> dt.date:
        """The office’s day on which it took its status. Reads its `status_event`, which whatever was sent has."""
        assert self.status_event is not None
        return timezone.localdate(self.status_event.occurred_at)
