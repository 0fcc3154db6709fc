"""The record: one file a concept, constraints and indexes with the query each serves."""

from letters.models.agencies import Agency, AgencyName, Official
from letters.models.asks import Ask, AskKind, AskTarget, Question, StatutoryClock
from letters.models.clocks import Closure, DueDate, Pause
from letters.models.correspondence import (
    Amendment,
    Letter,
    LetterLink,
    LetterStaff,
    LetterTopic,
    ReferenceCounter,
    Topic,
)
from letters.models.desk import BulkChange, Look, SavedView, Worksheet
from letters.models.events import Event, FeedEntry, FeedEpoch
from letters.models.evidence import Evidence, EvidenceTarget
from letters.models.files import Attachment, Note
from letters.models.imports import ImportBatch, ImportedLetter, ImportRow
from letters.models.people import ApiKey, ApiKeyUse, IdempotencyKey, Legislator, Office, Term, User
from letters.models.reminding import (
    CalendarSubscription,
    Heartbeat,
    MailPreference,
    Notice,
    OutboxMessage,
    Reminder,
    ReminderRule,
)
from letters.models.renewals import Renewal
from letters.models.replies import (
    Answer,
    AnswerQuestion,
    AnswerTarget,
    Contact,
    ContactTasking,
    Response,
)
from letters.models.reports import Report, ReportFile, ReportLetter, ReportRecipient, ReportSchedule
from letters.models.signatures import Addressee, Signature
from letters.models.targets import Target, TargetAlias
from letters.models.taskings import Tasking

__all__ = [
    "Addressee",
    "Agency",
    "AgencyName",
    "Amendment",
    "Answer",
    "AnswerQuestion",
    "AnswerTarget",
    "ApiKey",
    "ApiKeyUse",
    "Ask",
    "AskKind",
    "AskTarget",
    "Attachment",
    "BulkChange",
    "CalendarSubscription",
    "Closure",
    "Contact",
    "ContactTasking",
    "DueDate",
    "Event",
    "Evidence",
    "EvidenceTarget",
    "FeedEntry",
    "FeedEpoch",
    "Heartbeat",
    "IdempotencyKey",
    "ImportBatch",
    "ImportRow",
    "ImportedLetter",
    "Legislator",
    "Letter",
    "LetterLink",
    "LetterStaff",
    "LetterTopic",
    "Look",
    "MailPreference",
    "Note",
    "Notice",
    "Office",
    "Official",
    "OutboxMessage",
    "Pause",
    "Question",
    "ReferenceCounter",
    "Reminder",
    "ReminderRule",
    "Renewal",
    "Report",
    "ReportFile",
    "ReportLetter",
    "ReportRecipient",
    "ReportSchedule",
    "Response",
    "SavedView",
    "Signature",
    "StatutoryClock",
    "Target",
    "TargetAlias",
    "Tasking",
    "Term",
    "Topic",
    "User",
    "Worksheet",
]
