"""Rows written by COPY are those that `bulk_create` writes, with the author and the refusals of any insert."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, transaction

from letters.domain.copying import copy_in, copy_new, write_over
from letters.domain.history import acting
from letters.enums import EventKind
from letters.models import Event, ImportBatch, ImportRow, Note, NoteHistory, Reminder, Tasking
from tests import factories

TEXTS = [
    "TEST",
    "\\N",
    "\\.",
    "\\",
    "a\tb",
    "a\nb\r\nc",
    "\\t \\n",
    "“é” \u2028 🙂",
    "'; DROP TABLE x; --",
    "a,b;|",
]
PAYLOAD = {"words": 'a\tb\n"\\N"', "none": None, "n": 1.5, "list": [True, {"day": dt.date(2023, 4, 25)}]}


def test_words_come_back_as_they_were_with_author_and_history(reference, staff):
    letter = factories.sent()
    with acting(staff, why="TEST"):
        copy_in(Note(letter=letter, text=text, by=staff) for text in TEXTS)
        copy_in([])
    notes = Note.objects.filter(letter=letter)
    assert sorted(notes.values_list("text", flat=True)) == sorted(TEXTS)
    assert set(notes.values_list("tasking", "by")) == {(None, staff.pk)}
    written = NoteHistory.objects.filter(pgh_obj__in=notes)
    assert [row.pgh_context["user"] for row in written] == [str(staff.pk)] * len(TEXTS)


def test_json_moments_days_and_what_the_database_gives(reference):
    item = factories.item()
    moment = dt.datetime(2023, 4, 25, 9, 30, 0, 123456, dt.UTC)
    event = Event(
        kind=EventKind.NOTE_ADDED, letter=item.ask.letter, tasking=item, by_process="setup", occurred_at=moment, payload=PAYLOAD,
    )  # fmt: skip
    with acting(factories.SETUP):
        copy_in([event])
        copy_in(
            [
                Reminder(
                    tasking=item, rule="TEST", due_on=dt.date(2023, 5, 24), fired_on=dt.date(2023, 5, 25), quiet=True
                )
            ]
        )
    stored = Event.objects.get(pk=event.pk)
    assert stored.payload == {**PAYLOAD, "list": [True, {"day": "2023-04-25"}]}
    assert (stored.public_payload, stored.occurred_at, stored.due_on) == (None, moment, None)
    assert stored.sequence > Event.objects.exclude(pk=event.pk).order_by("sequence").last().sequence
    assert stored.recorded_at == event.recorded_at
    assert Reminder.objects.get().quiet is True
    assert event._state.adding is False


def test_what_the_database_refuses_is_refused(reference, staff):
    letter = factories.sent()
    note = Note(letter=letter, text="TEST", by=staff)
    with acting(staff):
        copy_in([note])
        with pytest.raises(IntegrityError, match="letters_note_pkey"), transaction.atomic():
            copy_in([note])
        with pytest.raises(DataError), transaction.atomic():
            copy_in(
                [Reminder(tasking=Tasking.objects.get(), rule="T" * 31, due_on=letter.sent_on, fired_on=letter.sent_on)]
            )
    with pytest.raises(TypeError, match="Decimal is not written by COPY yet"), acting(staff):
        copy_in([Note(letter=letter, text=Decimal(1), by=staff)])
    assert Note.objects.count() == 1


def test_without_an_author_nothing_is_written(reference, staff):
    letter = factories.sent()
    with pytest.raises(IntegrityError, match="names neither a user nor a system process"), transaction.atomic():
        copy_in([Note(letter=letter, text="TEST", by=staff)])


def test_fields_of_rows_that_are_there_are_written_over_at_once(reference, staff, django_assert_num_queries):
    letter = factories.sent()
    notes = [Note(letter=letter, text="TEST", by=staff) for _ in range(3)]
    with acting(staff, why="TEST"):
        copy_in(notes)
        for note, text in zip(notes, TEXTS[1:], strict=False):
            note.text, note.by = text, None
        with django_assert_num_queries(1):
            write_over(notes[:2], ["text"])
        write_over([], ["text"])
    stored = {note.pk: (note.text, note.by) for note in Note.objects.all()}
    assert [stored[note.pk] for note in notes] == [(TEXTS[1], staff), (TEXTS[2], staff), ("TEST", staff)]
    assert NoteHistory.objects.filter(pgh_label="update").count() == 2
    event = Event.objects.first()
    event.to_status = "TEST of a status that is longer than its column"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), acting(staff):
        write_over([event], ["to_status"])
    signature = letter.signatures.first()
    signature.state = "TEST, not two letters"
    with pytest.raises(DataError, match="too long"), transaction.atomic(), acting(staff):
        write_over([signature], ["state"])


def test_rows_without_objects_are_those_that_objects_would_have_been(reference, staff):
    letter = factories.sent()
    given = [
        {"letter": letter, "text": text, "by": person} for text, person in zip(TEXTS, [staff, None] * 5, strict=True)
    ]
    with acting(staff, why="TEST"):
        copy_new(Note, given)
        copy_in(Note(**row) for row in given)
        copy_new(Note, [])
    stored = Note.objects.order_by("written_at").values_list("letter", "tasking", "text", "by")
    assert (
        list(stored[:10])
        == list(stored[10:])
        == [(letter.pk, None, row["text"], row["by"] and staff.pk) for row in given]
    )
    assert len(set(Note.objects.values_list("pk", "written_at"))) == 20
    with pytest.raises(TypeError, match="Note has no words that is written by COPY"), acting(staff):
        copy_new(Note, [{"words": "TEST"}])


def test_moments_numbers_and_json_are_written_over_whole(reference, staff):
    item = factories.item()
    moment = dt.datetime(2023, 4, 25, 9, 30, 0, 123456, dt.UTC)
    item.touched_at, item.version, item.acknowledged_on, item.stance = moment, 7, dt.date(2023, 5, 1), "concurs"
    row = ImportRow(batch=ImportBatch(file_name="TEST", size=1), number=2, cells=[])
    with acting(staff, why="TEST"):
        row.batch.save()
        row.save()
        row.findings, row.result, row.blocked = [{"words": 'TEST "\\" \n'}], TEXTS[3], True
        write_over([item], ["touched_at", "version", "acknowledged_on", "stance"])
        write_over([row], ["findings", "result", "blocked"])
    stored = Tasking.objects.get()
    assert (stored.touched_at, stored.version, stored.acknowledged_on, stored.stance) == (
        moment,
        7,
        dt.date(2023, 5, 1),
        "concurs",
    )
    (kept,) = ImportRow.objects.all()
    assert (kept.findings, kept.result, kept.blocked, kept.cells) == (row.findings, TEXTS[3], True, [])
