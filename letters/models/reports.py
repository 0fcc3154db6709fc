"""Lists of open items that the worker makes and the site keeps: the office's weekly one, and those people ask for."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils import timezone

from letters.enums import ReportState
from letters.models.base import Identified, NamesItsAuthor, audited, one_of
from letters.models.correspondence import Letter
from letters.models.letter_queries import SEES_RESTRICTED, visible_letters

TO_BE_MADE = (ReportState.ASKED, ReportState.RUNNING)


class ReportQuerySet(models.QuerySet):
    """Which reports, for whom."""

    def visible_to(self, user) -> "ReportQuerySet":
        """The office's, and one's own. Nobody else's, whatever the role: it shows what its person may see."""
        return self.filter(Q(owner__isnull=True) | Q(owner=user))

    def with_readable(self, user) -> "ReportQuerySet":
        """Annotate `is_readable`: whether this person may see every letter that the report names, as of now."""
        if user.role in SEES_RESTRICTED:
            return self.annotate(is_readable=Value(True))
        named = ReportLetter.objects.filter(report=OuterRef("pk"))
        return self.annotate(is_readable=~Exists(named.exclude(visible_letters(user, "letter__"))))

    def waiting(self, now) -> "ReportQuerySet":
        """What is to be made: asked for, or begun by somebody who died over it. The longest asked for first."""
        abandoned = Q(state=ReportState.RUNNING, claimed_until__lte=now)
        return self.filter(Q(state=ReportState.ASKED) | abandoned).order_by("asked_at", "id")


class Report(Identified):
    """One list of open items, as of one moment: asked for, made by a worker in parts, kept for a while.

    Book-keeping about the record and no part of it: made anew at any time, so it has no history.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="reports",
        db_index=False, help_text="Whose it is alone. Nobody: the office’s, without restricted letters.",
    )  # fmt: skip
    key = models.CharField(max_length=60, unique=True, help_text="What it is of: one a week, whatever rings twice.")
    day = models.DateField(
        help_text="Of the office’s: the day from which its week begins, or on which it was asked for."
    )
    query = models.CharField(max_length=2000, blank=True, help_text="The queue’s address after the question mark.")
    about = models.CharField(max_length=500, blank=True, help_text="The same in words.")
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    # Of whoever makes it
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(
        null=True, blank=True, help_text="Pushed forward with each part; when it passes, somebody else begins anew."
    )
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    # Once it is made
    as_of = models.DateTimeField(null=True, blank=True)
    headline = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            one_of("state", ReportState),
            models.CheckConstraint(
                condition=~Q(state=ReportState.DONE) | Q(as_of__isnull=False, finished_at__isnull=False),
                name="report_done_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.RUNNING) | Q(claimed_until__isnull=False, started_at__isnull=False),
                name="report_running_is_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.FAILED) | ~Q(error=""), name="report_failed_says_why"
            ),
        ]
        indexes = [
            # /reports/, newest first, keyset; and those old enough to go
            models.Index(F("asked_at").desc(), "id", name="report_newest_first"),
            # what a worker takes next
            models.Index(fields=["asked_at", "id"], name="report_to_be_made", condition=Q(state__in=TO_BE_MADE)),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return self.key


class ReportFile(Identified):
    """One file of a report. Its bytes are here and not in a folder: they appear with “done” in one transaction, and
    are there for whichever machine answers, in every backup, and gone with their report."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="files", db_index=False)
    kind = models.CharField(max_length=4, choices=[("pdf", "PDF"), ("xlsx", "XLSX"), ("csv", "CSV")])
    data = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes.")

    class Meta:
        ordering = ["kind"]
        constraints = [
            # also serves: the files of a report
            models.UniqueConstraint(fields=["report", "kind"], name="report_file_once"),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return f"{self.report_id}.{self.kind}"


class ReportLetter(Identified):
    """A letter that a report names: who may not see it any more may not have the report."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="letters", db_index=False)
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            # also serves: the letters of a report
            models.UniqueConstraint(fields=["report", "letter"], name="report_letter_once"),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.letter_id}"


@audited
class ReportSchedule(Identified):
    """When the weekly list is made, by the office's clock. One row, begun by the first round."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    is_on = models.BooleanField(default=True)
    weekday = models.PositiveSmallIntegerField(default=0, help_text="0 is Monday.")
    hour = models.PositiveSmallIntegerField(default=6, help_text="0 to 23.")
    since = models.DateTimeField(default=timezone.now, help_text="A moment before this is not made up for.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(singleton=True), name="report_schedule_only_one"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="report_schedule_hour_of_day"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="report_schedule_weekday_of_week"),
        ]

    def __str__(self) -> str:
        return f"weekday {self.weekday}, hour {self.hour}"


@audited
class ReportRecipient(Identified):
    """Somebody whom a manager chose to be told when the weekly list is there."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_recipient")

    def __str__(self) -> str:
        return str(self.user_id)
