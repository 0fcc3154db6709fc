"""A later letter that repeats what is still open."""

from django.db import models

from letters.models.base import Identified, american, audited
from letters.models.correspondence import Letter
from letters.models.taskings import Tasking


@audited
class Renewal(Identified):
    """A later letter that repeats an open ask: same tasking, one count, first-asked date kept."""

    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, related_name="renewals", db_index=False)
    # index: what a follow-up letter repeats
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
