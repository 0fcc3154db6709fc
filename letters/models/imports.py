"""A spreadsheet on its way in: the file, its rows as they stand in it, and which letters became of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from letters.enums import ImportState
from letters.models.base import Identified, NamesItsAuthor, one_of
from letters.models.correspondence import Letter


class ImportBatch(Identified):
    """One file that somebody brings in. Not part of the record: what it makes there has its own events and history."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="imports", db_index=False
    )
    file_name = models.CharField(max_length=255)
    file = models.FileField(max_length=300, help_text="Its place in the folder of files: the digest of its bytes.")
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sheet = models.CharField(max_length=255, blank=True)
    sheets = models.JSONField(default=list, help_text="The names of all its sheets.")
    header_row = models.PositiveIntegerField(default=0, help_text="The number of the row of headers; 0: not found.")
    headers = models.JSONField(default=list)
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Of its headers: by it the columns are remembered."
    )
    columns = models.JSONField(default=list, help_text="For each header a code of `intake.sheet.columns`, or nothing.")
    columns_confirmed = models.BooleanField(default=False, help_text="A person has said which column is which.")
    day_first = models.BooleanField(null=True, help_text="How 4/5/2023 is read, where a person has said so.")
    remarks = models.JSONField(default=list, help_text="Sentences about the file as a whole.")
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.READING)
    counts = models.JSONField(default=dict, help_text="Rows, letters, problems, as last counted.")
    created_at = models.DateTimeField(auto_now_add=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "import batches"
        ordering = ["-created_at"]
        constraints = [one_of("state", ImportState)]
        indexes = [
            # /import/: the latest first
            models.Index(fields=["-created_at"], name="import_latest"),
            # which column was which, the last time a sheet had these headers
            models.Index(
                "fingerprint",
                models.F("created_at").desc(),
                name="import_by_headers",
                condition=Q(columns_confirmed=True),
            ),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """A row of the sheet: kept until the batch is imported or given up."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(help_text="As the spreadsheet shows it.")
    letter_no = models.PositiveIntegerField(default=0, help_text="Which letter of the file it belongs to, from 1.")
    cells = models.JSONField(default=list, help_text="Its words, as they stand in the file.")
    mended = models.JSONField(default=dict, help_text="What a person typed over a cell, by the place of its column.")
    findings = models.JSONField(
        default=list, help_text="What is wrong or worth a look: field, sentence, whether it blocks."
    )
    result = models.CharField(max_length=200, blank=True, help_text="What will become of it, in words.")
    resolved = models.JSONField(default=dict, help_text="By code of the column, who or what was found.")
    blocked = models.BooleanField(default=False)

    class Meta:
        ordering = ["batch", "letter_no", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="import_row_once"),
        ]
        indexes = [
            # the rows of one letter together, in the order of the file
            models.Index(fields=["batch", "letter_no", "number"], name="import_rows_of_letter"),
            # those with a problem
            models.Index(fields=["batch", "number"], name="import_rows_blocked", condition=Q(blocked=True)),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return f"row {self.number}"


class ImportedLetter(models.Model):
    """Which letter became of which rows: so that the same file twice changes nothing, and a batch can be undone."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="letters", db_index=False)
    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="imported")
    key = models.CharField(max_length=64, help_text="Of what tells this letter from others of the sheet.")
    row = models.PositiveIntegerField(help_text="The first of its rows.")

    class Meta:
        ordering = ["batch", "row"]
        constraints = [
            # also serves: the letters of a batch, in the order of the file
            models.UniqueConstraint(fields=["batch", "row"], name="imported_row_once"),
        ]
        indexes = [
            # "already here: 2023-0001"
            models.Index(fields=["key"], name="imported_by_key"),
        ]
        triggers = [NamesItsAuthor()]

    def __str__(self) -> str:
        return f"row {self.row} of {self.batch_id}"
