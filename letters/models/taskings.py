"""One ask as put to one agency: the unit that waits, is reminded, answered and closed."""

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
    NeverTruncated,
    american,
    audited,
    both_or_neither,
    one_of,
)
from letters.models.correspondence import Letter
from letters.models.events import Event
from letters.models.tasking_queries import OPEN_LEAD, RUNNING, TaskingQuerySet

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
    IF NEW.status = '{Status.IMPLEMENTED}'
       AND NOT EXISTS (SELECT 1 FROM letters_evidence WHERE tasking_id = NEW.id) THEN
        RAISE EXCEPTION 'tasking %: done without evidence', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status IN ('{Status.ANSWERED}', '{Status.DECLINED}')
       AND NOT EXISTS (
           SELECT 1 FROM letters_answer JOIN letters_response ON letters_response.id = response_id
           WHERE tasking_id = NEW.id AND coverage IS NOT NULL AND kind IN ({", ".join(f"'{kind}'" for kind in PROOF_KINDS)})
       ) THEN
        RAISE EXCEPTION 'tasking %: % without a reply', NEW.id, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.status IN ({", ".join(f"'{status}'" for status in REASON_STATUSES)})
        OR OLD.status IN ({", ".join(f"'{status}'" for status in CLOSED_STATUSES)}))
       AND btrim(moved.reason) = '' THEN
        RAISE EXCEPTION 'tasking %: % without a reason', NEW.id, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""

BORN_DRAFT = """
    IF NEW.status <> 'draft' OR NEW.status_event_id IS NOT NULL THEN
        RAISE EXCEPTION 'tasking %: born %, not draft', NEW.id, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


@audited
class Tasking(Identified):
    """An open item on screen: one ask, one agency, one clock, one owner."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="taskings")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="taskings")
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
    )
    asked_on = models.DateField(null=True, blank=True, help_text="First asked; renewals and transfers keep it.")
    due_on = models.DateField(
        null=True,
        blank=True,
        help_text="The reply clock's date now; its history is in DueDate.",
    )
    due_basis = models.CharField(max_length=10, choices=Basis, null=True, blank=True)  # noqa: DJ001 - absent with due_on
    answered_on = models.DateField(
        null=True,
        blank=True,
        help_text="When a substantive reply in full satisfied the clock.",
    )
    promised_on = models.DateField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)
    past_due_recorded = models.DateField(null=True, blank=True, help_text="The due date whose passing was recorded.")
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
            # all items of a letter's ask, closed ones too
            models.Index(fields=["ask", "role"], name="tasking_of_ask"),
            # /api/v1/taskings/ with closed ones: by due date, keyset
            models.Index(F("due_on").asc(nulls_last=True), "id", name="tasking_all"),
            # the same, latest first: nulls come last either way, so one index cannot be read backwards
            models.Index(F("due_on").desc(nulls_last=True), "id", name="tasking_all_latest"),
            # the sweep: clocks that ran out and are not yet recorded; costs what is due, not what is stored
            models.Index(
                fields=["due_on"],
                name="tasking_sweep",
                condition=RUNNING & (Q(past_due_recorded__isnull=True) | ~Q(past_due_recorded=F("due_on"))),
            ),
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
                declare=[("moved", "letters_event%ROWTYPE")],
                func=STATUS_GUARD,
            ),
            NeverTruncated(),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.ask}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


@audited
class Renewal(Identified):
    """A later letter that repeats an open ask: same tasking, one count, first-asked date kept."""

    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, related_name="renewals")
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="renewals")
    renewed_on = models.DateField()
    quote = models.TextField(blank=True, max_length=10_000)

    class Meta:
        ordering = ["renewed_on"]
        constraints = [
            # also serves: "asked 25 Apr 2023, repeated twice"
            models.UniqueConstraint(fields=["tasking", "letter"], name="renewal_once_per_letter"),
        ]

    def __str__(self) -> str:
        return f"asked again {american(self.renewed_on)}"
