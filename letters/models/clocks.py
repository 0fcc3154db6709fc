"""A tasking's dates as revisions, its stopped intervals, and the days that do not count."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from letters.enums import Basis, Clock
from letters.models.base import Identified, american, audited, one_of
from letters.models.events import Event
from letters.models.taskings import Tasking


@audited
class DueDate(Identified):
    """One value a clock has had, and why. The latest revision counts; earlier ones are kept."""

    tasking = models.ForeignKey(Tasking, on_delete=models.CASCADE, related_name="due_dates", db_index=False)
    clock = models.CharField(max_length=20, choices=Clock, default=Clock.SUBSTANTIVE)
    revision = models.PositiveSmallIntegerField()
    value = models.DateField(null=True, blank=True, help_text="Empty: the clock was stopped for good.")
    basis = models.CharField(max_length=10, choices=Basis)
    explanation = models.JSONField(help_text="As `domain.deadlines.Explanation.as_json` writes it.")
    moved_by = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["tasking", "clock", "-revision"]
        constraints = [
            one_of("clock", Clock),
            one_of("basis", Basis),
            # also serves: the newest revision of a tasking's clock
            models.UniqueConstraint(fields=["tasking", "clock", "revision"], name="due_date_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()}: {american(self.value)} ({self.get_basis_display()})"


@audited
class Pause(Identified):
    """An interval in which the clock stood still because the ball was with us. Days are inclusive of `started_on`."""

    tasking = models.ForeignKey(Tasking, on_delete=models.CASCADE, related_name="pauses", db_index=False)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True, help_text="The day it ran again; empty while it stands.")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["tasking", "started_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="pause_ends_after_start",
            ),
            # also serves: the pauses of a tasking
            ExclusionConstraint(
                name="pause_never_overlaps",
                expressions=[
                    ("tasking", RangeOperators.EQUAL),
                    (
                        Func(
                            F("started_on"),
                            F("ended_on"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{american(self.started_on)} to {american(self.ended_on) if self.ended_on else 'now'}"


@audited
class Closure(Identified):
    """A day on which our calendar differs from the list of federal holidays."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=200)
    closed = models.BooleanField(default=True, help_text="No: a listed holiday on which business went on.")

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{american(self.day)}: {self.name}"
