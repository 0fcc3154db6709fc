"""What proves an outcome: a reply, an entry in the Federal Register or on a list, a document."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from letters.enums import EvidenceKind
from letters.models.base import Identified, Retractable, audited, one_of
from letters.models.proofs import KEEP_PROOF, keeps_its_proof
from letters.models.replies import Response
from letters.models.targets import Target
from letters.models.taskings import Tasking


class EvidenceQuerySet(models.QuerySet):
    """Which evidence."""

    def not_in_error(self) -> "EvidenceQuerySet":
        """What counts for something. Not yet what proves an outcome: that has been looked at since (`domain.standing`)."""
        return self.filter(in_error_at__isnull=True)


@audited
class Evidence(Identified, Retractable):
    """What proves an outcome, and which targets it covers."""

    # index: what proves an item’s outcome
    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    # index: what a reply proves, before it is set aside
    response = models.ForeignKey(
        Response,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
    )
    citation = models.CharField(
        max_length=500,
        blank=True,
        help_text="85 FR 51596, or the list and the entry's number.",
    )
    url = models.URLField(blank=True, max_length=500)
    seen_on = models.DateField(null=True, blank=True, help_text="The day the page said so.")
    targets = models.ManyToManyField(Target, through="EvidenceTarget", related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(
        default=timezone.now, help_text="When somebody last said that it proves what was asked."
    )
    released_at = models.DateTimeField(null=True, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["added_at"]
        constraints = [
            one_of("kind", EvidenceKind),
            *Retractable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind=EvidenceKind.RESPONSE, response__isnull=False)
                | (Q(kind__in=[EvidenceKind.FEDERAL_REGISTER, EvidenceKind.LIST_ENTRY]) & ~Q(citation=""))
                | (Q(kind=EvidenceKind.URL, seen_on__isnull=False) & ~Q(url="")),
                name="evidence_says_where",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="closed_keeps_its_evidence",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete | pgtrigger.UpdateOf("tasking_id", "in_error_at"),
                func=KEEP_PROOF.format(statuses="'implemented'", proofs="letters_evidence proof"),
            ),
            keeps_its_proof("tasking_id", "response_id", "in_error_at", "checked_at", items="OLD.tasking_id"),
        ]

    def __str__(self) -> str:
        return self.citation or self.url or str(self.response)


@audited
class EvidenceTarget(Identified):
    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, db_index=False)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evidence", "target"], name="evidence_target_once")]

    def __str__(self) -> str:
        return str(self.target)
