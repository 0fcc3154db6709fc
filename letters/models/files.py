"""Internal notes and kept files."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from letters.models.base import Identified, audited
from letters.models.correspondence import Letter
from letters.models.replies import Response
from letters.models.taskings import Tasking


@audited
class Note(Identified):
    """Office only, always; about a letter or one open item of it."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="notes")
    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    text = models.TextField(max_length=20_000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-written_at"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_not_empty")]
        indexes = [
            # the notes of a letter, newest first
            models.Index("letter", models.F("written_at").desc(), name="note_of_letter"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


@audited
class Attachment(Identified):
    """A kept file: original bytes, told apart by their SHA-256."""

    letter = models.ForeignKey(
        Letter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
    )
    response = models.ForeignKey(
        Response,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
    )
    name = models.CharField(max_length=255)
    file = models.FileField(upload_to="attachments/%Y/", max_length=300)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["added_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(letter__isnull=False, response__isnull=True)
                | Q(letter__isnull=True, response__isnull=False),
                name="attachment_of_letter_or_response",
            ),
            models.UniqueConstraint(
                fields=["letter", "response", "sha256"],
                nulls_distinct=False,
                name="attachment_bytes_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name
