"""The record: one file a concept, constraints and indexes with the query each serves."""

from letters.models.agencies import Agency, AgencyName, Official
from letters.models.asks import Ask, AskKind, AskTarget, Question
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
from letters.models.events import Event, FeedEntry, FeedEpoch
from letters.models.files import Attachment, Note
from letters.models.people import ApiKey, Legislator, Office, Term, User
from letters.models.reminding import Heartbeat, OutboxMessage, Reminder
from letters.models.replies import (
    Answer,
    AnswerQuestion,
    AnswerTarget,
    Contact,
    ContactTasking,
    Evidence,
    EvidenceTarget,
    Response,
)
from letters.models.signatures import Addressee, Signature
from letters.models.targets import Target, TargetAlias
from letters.models.taskings import Renewal, Tasking

__all__ = [
    "Addressee",
    "Agency",
    "AgencyName",
    "Amendment",
    "Answer",
    "AnswerQuestion",
    "AnswerTarget",
    "ApiKey",
    "Ask",
    "AskKind",
    "AskTarget",
    "Attachment",
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
    "Legislator",
    "Letter",
    "LetterLink",
    "LetterStaff",
    "LetterTopic",
    "Note",
    "Office",
    "Official",
    "OutboxMessage",
    "Pause",
    "Question",
    "ReferenceCounter",
    "Reminder",
    "Renewal",
    "Response",
    "Signature",
    "Target",
    "TargetAlias",
    "Tasking",
    "Term",
    "Topic",
    "User",
]
