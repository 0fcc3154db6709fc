"""One row or more in every table of the record, made through the verbs where there is one."""

import datetime as dt

from django.utils import timezone

from letters.domain import drafting, items, replies, sending
from letters.domain.feed import current_epoch
from letters.domain.history import acting, settle
from letters.domain.keys import create_key
from letters.domain.reporting import the_schedule
from letters.models import (
    AnswerQuestion,
    AnswerTarget,
    ApiKey,
    ApiKeyUse,
    Attachment,
    BulkChange,
    CalendarSubscription,
    Heartbeat,
    IdempotencyKey,
    ImportBatch,
    ImportedLetter,
    ImportRow,
    LetterLink,
    Look,
    MailPreference,
    Notice,
    Official,
    OutboxMessage,
    Pause,
    Reminder,
    ReminderRule,
    Renewal,
    ReportRecipient,
    SavedView,
    StatutoryClock,
    Tasking,
    Worksheet,
)
from letters.reminders.sweep import sweep
from letters.report_maker import make_reports
from tests import factories

BY = factories.SETUP
RECEIVED = dt.date(2023, 5, 2)


def make(letter, staff) -> None:
    """Everything, beside the seed letter."""
    target = factories.target("TEST Company")
    other = factories.draft(agencies=["treasury", "state"], staff=[staff])
    ask = factories.ask(other, "treasury", kind_code="written_answers", questions=["TEST?"], targets=[target])
    other = sending.send_letter(other, by=BY, sent_on=factories.SENT_ON)
    drafting.draft_letter(by=BY, subject="TEST draft")
    sending.amend(other, by=BY, reason="TEST", subject="TEST corrected")
    tasking = Tasking.objects.get(ask=ask)
    promised = Tasking.objects.filter(ask__letter=letter, role="lead").first()
    factories.moved(promised, "promised")
    answer = factories.reply(tasking, received_on=RECEIVED, sent_on=RECEIVED).answers.get()
    replies.add_evidence(tasking, by=BY, kind="list_entry", citation="TEST", targets=[target])
    items.add_note(by=staff, letter=other, tasking=tasking, text="TEST")
    items.log_contact(
        by=staff, agency=tasking.agency, taskings=[tasking], channel="call", outcome="TEST", on=RECEIVED,
        next_on=dt.date(2023, 5, 9),
    )  # fmt: skip
    create_key("TEST", scope="office", by=BY)
    current_epoch()
    with acting(BY):
        AnswerTarget.objects.create(answer=answer, target=target)
        AnswerQuestion.objects.create(answer=answer, question=ask.questions.get())
        LetterLink.objects.create(letter=other, to_letter=letter, kind="follow_up_to")
        Renewal.objects.create(tasking=promised, letter=other, renewed_on=RECEIVED)
        Pause.objects.create(tasking=tasking, started_on=RECEIVED, ended_on=dt.date(2023, 5, 9))
        Official.objects.create(
            agency=tasking.agency, name="TEST", title="TEST", start=dt.date(2021, 1, 1), end=dt.date(2025, 1, 1)
        )
        Attachment.objects.create(
            letter=other, name="TEST.pdf", file="TEST.pdf", media_type="application/pdf", size=1, sha256="0" * 64
        )
        BulkChange.objects.create(by=staff, verb="assign")
        SavedView.objects.create(owner=staff, name="TEST")
        Worksheet.objects.create(owner=staff, saved_by=staff, letter=other)
        batch = ImportBatch.objects.create(owner=staff, file_name="TEST.csv", file="TEST", size=1)
        ImportRow.objects.create(batch=batch, number=2)
        ImportedLetter.objects.create(batch=batch, letter=other, key="0" * 64, row=2)
        sweep(today=dt.date(2023, 5, 25))
        message = OutboxMessage.objects.create(
            to_user=staff, kind="reminder", key="TEST", message_id="<TEST>", subject="TEST"
        )
        Notice.objects.create(to_user=staff, reminder=Reminder.objects.first(), message=message)
        MailPreference.objects.create(user=staff)
        Look.objects.create(user=staff, looked_at=timezone.now())
        CalendarSubscription.objects.create(user=staff, name="TEST", digest="0" * 64)
        ReportRecipient.objects.create(user=staff)
        the_schedule(by=BY, now=timezone.now() - dt.timedelta(days=8))
        make_reports()
        StatutoryClock.objects.get_or_create(code="test", defaults={"name": "TEST", "citation": "TEST", "days": 1})
        ReminderRule.objects.get_or_create(
            code="test", defaults={"words": "TEST", "anchor": "due", "offset_days": 366, "basis": "letter"}
        )
    ApiKeyUse.objects.create(key=ApiKey.objects.get(), last_used_at=timezone.now())
    IdempotencyKey.objects.create(api_key=ApiKey.objects.get(), key="TEST", fingerprint="0" * 64)
    Heartbeat.objects.update_or_create(name="TEST", defaults={"started_at": timezone.now()})
    settle()
