"""Whoever can be asked, and who held which post when."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from letters.enums import AgencyKind
from letters.models.agency_queries import AgencyQuerySet
from letters.models.base import Identified, audited, one_of

DEFAULT_YARDSTICK_DAYS = 21  # business days; State's own goal for congressional mail, GAO-14-424


@audited
class Agency(Identified):
    """A department, bureau, independent agency, the President, GAO, an inspector general, a governor, a company."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200, unique=True)
    short_name = models.CharField(max_length=80, help_text="As in a table heading: Treasury, BIS.")
    abbreviation = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=20, choices=AgencyKind)
    # index: the bureaus of a department
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="bureaus")
    yardstick_days = models.PositiveSmallIntegerField(
        default=DEFAULT_YARDSTICK_DAYS,
        help_text="Our usual wait, in business days, where nobody set a date.",
    )
    acknowledgement_days = models.PositiveSmallIntegerField(
        default=DEFAULT_YARDSTICK_DAYS,
        help_text="In how many business days we expect to hear that a letter came.",
    )
    address = models.TextField(blank=True, max_length=500)
    escalation_contacts = models.TextField(blank=True, max_length=2000)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "agencies"
        ordering = ["short_name", "id"]
        constraints = [
            one_of("kind", AgencyKind),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="agency_not_own_parent",
            ),
            models.CheckConstraint(
                condition=models.Q(yardstick_days__range=(1, 366)),
                name="agency_yardstick_within_a_year",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledgement_days__range=(1, 366)),
                name="agency_acknowledgement_within_a_year",
            ),
        ]
        indexes = [
            # /api/v1/agencies/ and the agency filter: by name, keyset
            models.Index(fields=["short_name", "id"], name="agency_by_name"),
            # type-ahead on agencies, tolerant of typing errors
            GinIndex(fields=["name"], name="agency_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.short_name

    def includes(self, other: "Agency") -> bool:
        """Whether `other` is this agency or a bureau somewhere below it; an inspector general stands apart."""
        while other.pk != self.pk:
            if other.parent is None or other.kind == AgencyKind.INSPECTOR_GENERAL:
                return False
            other = other.parent
        return True


@audited
class AgencyName(Identified):
    """Another name that letters print for an agency."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="names", db_index=False)
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="agency_name_once")]
        indexes = [
            # type-ahead on agencies, tolerant of typing errors
            GinIndex(fields=["name"], name="agency_name_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.name


@audited
class Official(Identified):
    """A person holding a post for a time. An ask follows the office, not the person."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="officials", db_index=False)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["agency", "start"]
        constraints = [
            # also serves: the officials of one agency over time
            models.UniqueConstraint(
                fields=["agency", "name", "title", "start"],
                nulls_distinct=False,
                name="official_once",
            ),
            models.CheckConstraint(
                condition=models.Q(end__isnull=True)
                | models.Q(start__isnull=True)
                | models.Q(end__gte=models.F("start")),
                name="official_ends_after_start",
            ),
        ]
        indexes = [
            # type-ahead on officials, tolerant of typing errors
            GinIndex(fields=["name"], name="official_name_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.title}"
