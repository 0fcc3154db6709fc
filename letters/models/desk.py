"""What staff keep for their own work: letters being typed, saved views of the queue, what was changed in one go."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from letters.models.base import Identified, NamesItsAuthor, audited
from letters.models.correspondence import Letter


class Worksheet(Identified):
    """A letter as somebody types it, kept at every pause: raw fields, sound or not, until it becomes a draft.

    Not part of the record, so it has no history: the record begins with the draft that is made of it.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="worksheets", db_index=False
    )
    letter = models.OneToOneField(
        Letter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="worksheet",
        help_text="The draft made of it.",
    )
    title = models.CharField(max_length=300, blank=True, help_text="For the list of drafts.")
    restricted = models.BooleanField(default=False, help_text="For its owner, its named staff and managers only.")
    typed = models.JSONField(default=dict, help_text="As `intake.worksheet` reads it.")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    finished_at = models.DateTimeField(null=True, blank=True, help_text="When it was sent or given up.")

    class Meta:
        ordering = ["-saved_at"]
        indexes = [
            # /letters/drafts/: what is being typed, latest first
            models.Index(fields=["-saved_at"], name="worksheet_standing", condition=models.Q(finished_at__isnull=True)),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return self.title or "A letter without a subject"


@audited
class SavedView(Identified):
    """A choice of filters, order and grouping of the queue under a name, for its owner or for everybody."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="views", db_index=False)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True, help_text="The queue's address after the question mark.")
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            # also serves: the views of one person
            models.UniqueConstraint("owner", Lower("name"), name="view_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="view_has_name"),
        ]
        indexes = [
            # the views everybody sees
            models.Index(fields=["name"], name="view_shared", condition=models.Q(shared=True)),
        ]

    def __str__(self) -> str:
        return self.name


@audited
class BulkChange(Identified):
    """One change of many open items at once, with what stood before, so that it can be taken back."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bulk_changes", db_index=False
    )
    verb = models.CharField(max_length=20, help_text="A name in `domain.bulk.VERBS`.")
    details = models.JSONField(default=dict, help_text="What was chosen: an owner, a day, a status, a reason.")
    items = models.JSONField(default=list, help_text="Each changed item with what stood before and its version after.")
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        indexes = [
            # "undo", for the person who did it
            models.Index("by", models.F("made_at").desc(), name="bulk_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.verb}, {len(self.items)} items"


class Look(models.Model):
    """When somebody last looked at the dashboard, and the end of their visit before: what they have not seen since."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    looked_at = models.DateTimeField()
    before = models.DateTimeField(null=True, blank=True, help_text="The last instant of the visit before this one.")

    def __str__(self) -> str:
        return f"{self.user}, {self.looked_at:%Y-%m-%d %H:%M}"
