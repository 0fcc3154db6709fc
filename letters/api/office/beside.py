"""What stands beside letters and their items: evidence, our contacts, notes, files. Each only where all it is about is seen."""

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from letters.api.links import Links
from letters.api.office.taskings import agency
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.models import (
    Answer,
    Attachment,
    Contact,
    ContactTasking,
    Evidence,
    EvidenceTarget,
    Letter,
    Note,
    Tasking,
)

EVIDENCE_COLUMNS = (
    *("pk", "tasking_id", "kind", "response_id", "citation", "url", "seen_on", "added_at", "checked_at", "released_at"),
    *("in_error_at", "in_error_reason", "spans_hidden"),
)
CONTACT_COLUMNS = (
    *("pk", "agency_id", "agency__slug", "agency__name", "agency__short_name", "channel", "on", "with_whom", "outcome"),
    *("next_on", "by__username", "recorded_at", "in_error_at", "in_error_reason"),
)
NOTE_COLUMNS = ("pk", "letter_id", "tasking_id", "text", "by__username", "written_at")
FILE_COLUMNS = (
    "pk",
    "letter_id",
    "response_id",
    "name",
    "media_type",
    "size",
    "sha256",
    "added_at",
    "added_by__username",
    "in_error_at",
    "in_error_reason",
)
OF_TASKING = {"tasking": "The id of the tasking. GET /api/v1/taskings/ lists them."}
OF_LETTER = {"letter": "The id of the letter. GET /api/v1/letters/ lists them."}
OF_BOTH = {**OF_LETTER, **OF_TASKING}
OF_FILES = {**OF_LETTER, "response": "The id of the reply. GET /api/v1/responses/ lists them."}


def _seen_taskings(request: Any = None) -> QuerySet:
    return Tasking.objects.for_keys()


def _seen_letters(request: Any = None) -> QuerySet:
    return Letter.objects.for_keys()


class EvidenceFilter(filters.FilterSet):
    """Those of one letter or item."""

    letter = filters.ModelChoiceFilter(queryset=_seen_letters, field_name="tasking__ask__letter")
    tasking = filters.ModelChoiceFilter(queryset=_seen_taskings)

    class Meta:
        model = Evidence
        fields: list[str] = []


class ContactFilter(filters.FilterSet):
    """Those about one letter or item."""

    letter = filters.ModelChoiceFilter(queryset=_seen_letters, method="filter_letter", label="letter")
    tasking = filters.ModelChoiceFilter(queryset=_seen_taskings, field_name="taskings")

    class Meta:
        model = Contact
        fields: list[str] = []

    def filter_letter(self, contacts: QuerySet, name: str, value: Letter) -> QuerySet:
        return contacts.filter(pk__in=ContactTasking.objects.filter(tasking__ask__letter=value).values("contact"))


class NoteFilter(filters.FilterSet):
    """Those of one letter or item."""

    letter = filters.ModelChoiceFilter(queryset=_seen_letters)
    tasking = filters.ModelChoiceFilter(queryset=_seen_taskings)

    class Meta:
        model = Note
        fields: list[str] = []


class FileFilter(filters.FilterSet):
    """Those of one letter or reply."""

    letter = filters.ModelChoiceFilter(queryset=_seen_letters)
    response = filters.ModelChoiceFilter(queryset=lambda request: whole_responses())

    class Meta:
        model = Attachment
        fields: list[str] = []


def visible_evidence() -> QuerySet:
    """Evidence of items a key may see; `spans_hidden` when the reply it rests on is also about others."""
    seen = _seen_taskings().values("pk")
    hidden = Answer.objects.filter(response=OuterRef("response")).exclude(tasking__in=seen)
    return Evidence.objects.filter(tasking__in=seen).annotate(spans_hidden=Exists(hidden))


def visible_contacts() -> QuerySet:
    """A call that was also about an item a key may not see is absent: its outcome tells of both."""
    bearing = ContactTasking.objects.filter(contact=OuterRef("pk"))
    seen = _seen_taskings().values("pk")
    return Contact.objects.filter(Exists(bearing), ~Exists(bearing.exclude(tasking__in=seen)))


def visible_notes() -> QuerySet:
    """Notes of letters a key may see; for keys that write, whose person reads them on the pages."""
    return Note.objects.filter(letter__in=_seen_letters().values("pk"))


def whole_responses() -> QuerySet:
    """Replies that bear on nothing a key may not see: their files and words may be shown, and they may be changed."""
    bearing = Answer.objects.filter(response=OuterRef("pk"))
    seen = _seen_taskings().values("pk")
    responses = Answer._meta.get_field("response").related_model.objects
    return responses.filter(Exists(bearing), ~Exists(bearing.exclude(tasking__in=seen)))


def visible_files() -> QuerySet:
    """Files of letters a key may see, and of replies that bear on nothing else."""
    return Attachment.objects.filter(
        Q(letter__in=_seen_letters().values("pk")) | Q(response__in=whole_responses().values("pk"))
    )


def build_evidence(rows: Sequence[Row], links: Links) -> list[dict]:
    """With the companies, persons and programs that each covers."""
    covered: dict[Any, list[str]] = {}
    for key, slug in (
        EvidenceTarget.objects.filter(evidence__in=[row.pk for row in rows])
        .order_by("target__name", "pk")
        .values_list("evidence_id", "target__slug")
    ):
        covered.setdefault(key, []).append(slug)
    return [
        {
            "id": row.pk,
            "url": links.to("evidence", row.pk),
            "page_url": links.item_page(row.tasking_id),
            "tasking": row.tasking_id,
            "kind": row.kind,
            "response": row.response_id,
            "citation": row.citation,
            "source_url": row.url,
            "seen_on": row.seen_on,
            "targets": covered.get(row.pk, []),
            "added_at": row.added_at,
            "checked_at": row.checked_at,
            "released_at": row.released_at,
            "in_error_at": row.in_error_at,
            "in_error_reason": "" if row.spans_hidden else row.in_error_reason,
        }
        for row in rows
    ]


def build_contacts(rows: Sequence[Row], links: Links) -> list[dict]:
    """With the items each was about."""
    about: dict[Any, list] = {}
    for key, tasking in (
        ContactTasking.objects.filter(contact__in=[row.pk for row in rows])
        .order_by("tasking__ask", "tasking")
        .values_list("contact_id", "tasking_id")
    ):
        about.setdefault(key, []).append(tasking)
    return [
        {
            "id": row.pk,
            "url": links.to("contacts", row.pk),
            "page_url": None,
            "agency": agency(row.agency_id, row.agency__slug, row.agency__name, row.agency__short_name),
            "taskings": about.get(row.pk, []),
            "channel": row.channel,
            "on": row.on,
            "with_whom": row.with_whom,
            "outcome": row.outcome,
            "next_on": row.next_on,
            "by": row.by__username,
            "recorded_at": row.recorded_at,
            "in_error_at": row.in_error_at,
            "in_error_reason": row.in_error_reason,
        }
        for row in rows
    ]


def build_notes(rows: Sequence[Row], links: Links) -> list[dict]:
    """Notes as they were written."""
    return [
        {
            "id": row.pk,
            "url": links.to("notes", row.pk),
            "page_url": links.item_page(row.tasking_id) if row.tasking_id else None,
            "letter": row.letter_id,
            "tasking": row.tasking_id,
            "text": row.text,
            "by": row.by__username,
            "written_at": row.written_at,
        }
        for row in rows
    ]


def build_files(rows: Sequence[Row], links: Links) -> list[dict]:
    """Files, with where their bytes are."""
    return [
        {
            "id": row.pk,
            "url": links.to("attachments", row.pk),
            "page_url": None,
            "download_url": links.to("attachments", f"{row.pk}/download"),
            "letter": row.letter_id,
            "response": row.response_id,
            "name": "" if row.in_error_at else row.name,  # it may be what was wrong
            "media_type": row.media_type,
            "size": row.size,
            "sha256": row.sha256,
            "added_at": row.added_at,
            "added_by": row.added_by__username,
            "in_error_at": row.in_error_at,
            "in_error_reason": row.in_error_reason,
        }
        for row in rows
    ]


EVIDENCE = Source(
    visible=visible_evidence,
    columns=EVIDENCE_COLUMNS,
    build=build_evidence,
    orders={"-added_at": Order("added_at", descending=True)},
    filters=EvidenceFilter,
    about=OF_BOTH,
)
CONTACTS = Source(
    visible=visible_contacts,
    columns=CONTACT_COLUMNS,
    build=build_contacts,
    orders={"-on": Order("on", descending=True)},
    filters=ContactFilter,
    about=OF_BOTH,
)
NOTES = Source(
    visible=visible_notes,
    columns=NOTE_COLUMNS,
    build=build_notes,
    orders={"-written_at": Order("written_at", descending=True)},
    filters=NoteFilter,
    about=OF_BOTH,
)
ATTACHMENTS = Source(
    visible=visible_files,
    columns=FILE_COLUMNS,
    build=build_files,
    orders={"-added_at": Order("added_at", descending=True)},
    filters=FileFilter,
    about=OF_FILES,
)
