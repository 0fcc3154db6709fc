"""Internal notes and kept files."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from letters.models.base import Identified, Retractable, audited
from letters.models.correspondence import Letter
from letters.models.letter_queries import SEES_RESTRICTED, visible_letters
from letters.models.replies import Answer, Response
from letters.models.taskings import Tasking


@audited
class Note(Identified):
    """Office only, always; about a letter or one open item of it."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="notes", db_index=False)
    # index: the notes of one item
    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    text = models.TextField(max_length=20_000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    written_at = models.DateTimeField(auto_now_add=True)
    search = models.GeneratedField(
        expression=SearchVector("text", config="english"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        ordering = ["-written_at"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_not_empty")]
        indexes = [
            # the notes of a letter, newest first
            models.Index("letter", models.F("written_at").desc(), name="note_of_letter"),
            # /search/ in notes
            GinIndex(fields=["search"], name="note_search"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class AttachmentQuerySet(models.QuerySet):
    """Which files, for whom."""

    def standing(self) -> "AttachmentQuerySet":
        """Without those that were attached by mistake."""
        return self.filter(in_error_at__isnull=True)

    def visible_to(self, user) -> "AttachmentQuerySet":
        """Files of letters this person may see. A reply's file needs all the letters it bears on (invariant 8).

        Those attached by mistake too: that they were is told; whoever shows a name or bytes asks `files.may_open`.
        """
        if user.role in SEES_RESTRICTED:
            return self
        unseen = Answer.objects.filter(response=OuterRef("response")).exclude(
            visible_letters(user, "tasking__ask__letter__")
        )
        return self.filter(
            (Q(letter__isnull=False) & visible_letters(user, "letter__"))
            | (Q(response__isnull=False) & ~Exists(unseen))
        )


@audited
class Attachment(Identified, Retractable):
    """A kept file: original bytes, told apart by their SHA-256. One that was attached by mistake stays, with the reason;
    `letters.domain.files` says who may still open it."""

    letter = models.ForeignKey(
        Letter, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments", db_index=False
    )
    # index: the files of a reply
    response = models.ForeignKey(
        Response,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
    )
    name = models.CharField(max_length=255)
    file = models.FileField(max_length=300, help_text="Its place in the folder of files: the digest of its bytes.")
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["added_at"]
        constraints = [
            *Retractable.Meta.constraints,
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
