"""What was flagged, what is to be mailed, and when the processes last did their round."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from letters.enums import OutboxState
from letters.models.base import Identified, american, audited, one_of
from letters.models.taskings import Tasking


@audited
class Reminder(Identified):
    """One flag for one tasking by one rule about one due date: the unique key is the "exactly once"."""

    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, related_name="reminders")
    rule = models.CharField(max_length=30, help_text="A name in `reminders.schedule.RULES`.")
    due_on = models.DateField()
    fired_on = models.DateField(help_text="The office's day on which the sweep found it due.")
    fired_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-fired_at"]
        constraints = [
            # also serves: has this rule fired for this tasking and date?
            models.UniqueConstraint(fields=["tasking", "rule", "due_on"], name="reminder_exactly_once"),
            models.CheckConstraint(
                condition=Q(fired_on__gte=models.F("due_on")),
                name="reminder_not_before_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {american(self.due_on)}"


class OutboxMessage(Identified):
    """One mail to one person, written with what it is about and sent by a dispatcher that polls."""

    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    reminder = models.ForeignKey(
        Reminder,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
    )
    message_id = models.CharField(
        max_length=200,
        unique=True,
        help_text="The mail's Message-ID, the same at each try.",
    )
    subject = models.CharField(max_length=300)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=OutboxState, default=OutboxState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            one_of("state", OutboxState),
            models.UniqueConstraint(fields=["to_user", "reminder"], name="outbox_one_mail_per_reminder"),
            models.CheckConstraint(
                condition=Q(state=OutboxState.SENT, sent_at__isnull=False)
                | (~Q(state=OutboxState.SENT) & Q(sent_at__isnull=True)),
                name="outbox_sent_has_time",
            ),
        ]
        indexes = [
            # the dispatcher's poll
            models.Index(
                fields=["next_attempt_at"],
                name="outbox_waiting",
                condition=Q(state=OutboxState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class Heartbeat(models.Model):
    """The last round of a background process, by the wall clock. Not an Event: nothing happened to a letter."""

    name = models.CharField(max_length=30, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.finished_at}"
