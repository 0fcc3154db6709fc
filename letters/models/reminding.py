"""What was flagged, what is to be mailed, and when the processes last did their round."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from letters.enums import Basis, MailKind, MailMode, OutboxState, ReminderAnchor
from letters.models.agencies import Agency
from letters.models.asks import AskKind
from letters.models.base import Identified, NamesItsAuthor, american, audited, one_of
from letters.models.notice_queries import NoticeQuerySet
from letters.models.taskings import Tasking


def weekend() -> list[int]:
    """Saturday and Sunday."""
    return [5, 6]


@audited
class ReminderRule(Identified):
    """One rung of the schedule: when it fires, for which items, and who is told. Data of the office, kept by administrators."""

    code = models.SlugField(max_length=30, unique=True)
    words = models.CharField(max_length=120, help_text="Said in the reminder: “a week past the date”.")
    anchor = models.CharField(max_length=20, choices=ReminderAnchor)
    offset_days = models.SmallIntegerField(help_text="Days after that day; negative: before it.")
    business_days = models.BooleanField(default=False, help_text="Count business days instead of calendar days.")
    # Which items; empty: all
    basis = models.CharField(max_length=10, choices=Basis, null=True, blank=True)  # noqa: DJ001 - null is "any"
    kind = models.ForeignKey(AskKind, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Who is told; nobody: the item is only flagged
    to_owner = models.BooleanField(default=True, help_text="Nobody owns it: the letter’s staff are told instead.")
    to_staff = models.BooleanField(default=False)
    to_managers = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            one_of("anchor", ReminderAnchor),
            one_of("basis", Basis),
            models.CheckConstraint(condition=Q(offset_days__range=(-366, 3660)), name="reminder_rule_offset_in_range"),
            # an item has one place on the ladder: two rungs on the same day would say the same thing twice
            models.UniqueConstraint(
                fields=["anchor", "offset_days", "business_days", "basis", "kind", "agency"],
                nulls_distinct=False,
                name="reminder_rule_once",
            ),
        ]

    def __str__(self) -> str:
        return self.words


@audited
class Reminder(Identified):
    """One flag for one tasking by one rule about one due date: the unique key is the "exactly once"."""

    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, related_name="reminders", db_index=False)
    rule = models.CharField(max_length=30, help_text="The code of a `ReminderRule`.")
    due_on = models.DateField(help_text="The day the rule counts from.")
    fired_on = models.DateField(help_text="The office's day on which the sweep found it due.")
    fired_at = models.DateTimeField(auto_now_add=True)
    quiet = models.BooleanField(
        default=False, help_text="A later rung fired in the same round, so nobody was told of this one."
    )

    class Meta:
        ordering = ["-fired_at"]
        constraints = [
            # also serves: has this rule fired for this tasking and date?
            models.UniqueConstraint(fields=["tasking", "rule", "due_on"], name="reminder_exactly_once"),
        ]
        indexes = [
            # what the schedule sent over the last 30 days
            models.Index(fields=["-fired_on", "id"], name="reminder_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {american(self.due_on)}"


class OutboxMessage(Identified):
    """One mail to one person, written with what it is about and sent by a dispatcher that polls."""

    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MailKind)
    key = models.CharField(
        max_length=120, help_text="What it is about: a reminder, a person’s day. One mail each, whatever runs twice."
    )
    message_id = models.CharField(
        max_length=200,
        unique=True,
        help_text="The mail's Message-ID, the same at each try.",
    )
    subject = models.CharField(max_length=300)
    body = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=OutboxState, default=OutboxState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(
        default=timezone.now,
        help_text="When it is tried next; pushed forward by whoever takes it, so that nobody else does.",
    )
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            one_of("kind", MailKind),
            one_of("state", OutboxState),
            models.UniqueConstraint(fields=["to_user", "kind", "key"], name="outbox_once"),
            models.CheckConstraint(
                condition=Q(state=OutboxState.SENT, sent_at__isnull=False)
                | (~Q(state=OutboxState.SENT) & Q(sent_at__isnull=True)),
                name="outbox_sent_has_time",
            ),
        ]
        indexes = [
            # the dispatcher's poll
            models.Index(
                fields=["next_attempt_at", "id"],
                name="outbox_waiting",
                condition=Q(state=OutboxState.WAITING),
            ),
            # what an administrator is shown: mails in trouble
            models.Index(
                fields=["-created_at"],
                name="outbox_in_trouble",
                condition=~Q(last_error="") & ~Q(state=OutboxState.SENT),
            ),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return self.subject


class Notice(Identified):
    """A reminder as told to one person: a line of their inbox, read or not, and the mail that carried it."""

    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    # index: who was told of a reminder
    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, related_name="notices")
    as_manager = models.BooleanField(default=False, help_text="Told because the item was escalated.")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # index: what a mail was about
    message = models.ForeignKey(OutboxMessage, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["to_user", "reminder"], name="notice_once"),
        ]
        indexes = [
            # a person's inbox, newest first, keyset
            models.Index("to_user", F("created_at").desc(), "id", name="notice_inbox"),
            # the unread count on every page
            models.Index(fields=["to_user"], name="notice_unread", condition=Q(read_at__isnull=True)),
            # what the next mail to a person carries
            models.Index(fields=["to_user", "created_at"], name="notice_unmailed", condition=Q(message__isnull=True)),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return str(self.reminder_id)


@audited
class MailPreference(Identified):
    """How one person wants reminders by mail. Without a row: one mail a day, at eight, on weekdays."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_preference")
    mode = models.CharField(max_length=10, choices=MailMode, default=MailMode.DAILY)
    hour = models.PositiveSmallIntegerField(default=8, help_text="0 to 23, in the office’s time zone.")
    weekday = models.PositiveSmallIntegerField(default=0, help_text="For one mail a week: 0 is Monday.")
    quiet_weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=weekend, blank=True, help_text="No mail on these; 0 is Monday."
    )
    quiet_until = models.DateField(null=True, blank=True, help_text="Away: no mail before this day.")

    class Meta:
        constraints = [
            one_of("mode", MailMode),
            models.CheckConstraint(condition=Q(hour__lte=23), name="mail_hour_of_day"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="mail_weekday_of_week"),
            models.CheckConstraint(
                condition=Q(quiet_weekdays__contained_by=[0, 1, 2, 3, 4, 5, 6]), name="mail_quiet_weekdays_of_week"
            ),
        ]

    def __str__(self) -> str:
        return self.get_mode_display()


@audited
class CalendarSubscription(Identified):
    """An address under which a calendar program reads a person's dates. Only its digest is kept; shown once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendars", db_index=False
    )
    name = models.CharField(max_length=100)
    # SHA-256 of a 256-bit random token; the unique index serves each request
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        indexes = [
            # a person's own
            models.Index(fields=["user", "created_at"], name="calendar_of_person"),
        ]

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """The last round of a background process, by the wall clock. Not an Event: nothing happened to a letter."""

    name = models.CharField(max_length=30, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.finished_at}"
