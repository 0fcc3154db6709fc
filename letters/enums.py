"""The vocabulary as data: codes for the record and the API, labels as the screen says them.

Words come from docs/architecture.md ("Words"); a label is written in American English.
"""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a signed-in person may do; the rights of each are in `domain.access.RIGHTS`."""

    VIEWER = "viewer", "Viewer"
    STAFF = "staff", "Staff"
    MANAGER = "manager", "Manager"
    ADMIN = "admin", "Administrator"


class SystemProcess(TextChoices):
    """Who writes when no person does. Every such write is attributed to one of these."""

    SETUP = "setup", "Set-up"
    REFERENCE_LOADER = "load_reference", "Reference data loader"
    SEED_LOADER = "load_seed_letter", "Seed letter loader"
    DEMO_LOADER = "seed_demo", "Demo data loader"
    SWEEP = "sweep_reminders", "Reminder sweep"
    DISPATCH = "dispatch_mail", "Mail dispatcher"
    REPORTS = "make_reports", "Report maker"
    WORKER = "worker", "Background worker"
    COMMAND = "command", "Command line"
    SIGN_IN = "sign_in", "Sign-in"


class Scope(TextChoices):
    """What an API key may do."""

    OFFICE = "office", "Read everything but restricted letters"
    OFFICE_WRITE = "office:write", "Read and change everything but restricted letters"
    RELEASED = "released", "Public letters only"


class OfficeKind(TextChoices):
    MEMBER = "member", "Member"
    COMMITTEE = "committee", "Committee"


class Chamber(TextChoices):
    SENATE = "sen", "Senate"
    HOUSE = "rep", "House"


class LetterState(TextChoices):
    DRAFT = "draft", "draft"
    SENT = "sent", "sent"
    DISCARDED = "discarded", "draft discarded"
    ENTERED_IN_ERROR = "entered_in_error", "entered in error"


class OurRole(TextChoices):
    """`followed`: others wrote and signed it, and we follow it up as if it were ours."""

    LED = "led", "led by us"
    CO_LED = "co_led", "co-led by us"
    CO_SIGNED = "co_signed", "co-signed by us"
    FOLLOWED = "followed", "followed by us, not signed"


class Access(TextChoices):
    OFFICE = "office", "office only"
    RESTRICTED = "restricted", "named staff only"


class LinkKind(TextChoices):
    FOLLOW_UP_TO = "follow_up_to", "follow-up to"
    SUPERSEDES = "supersedes", "supersedes"
    REPLIES_TO = "replies_to", "replies to"
    SAME_LETTER = "same_letter", "same letter published elsewhere"


class Match(TextChoices):
    """How a printed signer relates to a legislator: proposed by the program, confirmed by a person."""

    UNMATCHED = "unmatched", "not matched"
    PROPOSED = "proposed", "proposed, not confirmed"
    CONFIRMED = "confirmed", "confirmed"


class Delivery(TextChoices):
    TO = "to", "to"
    CC = "cc", "copy to"


class AgencyKind(TextChoices):
    DEPARTMENT = "department", "Department"
    BUREAU = "bureau", "Bureau"
    INDEPENDENT = "independent", "Independent agency"
    PRESIDENT = "president", "President"
    GAO = "gao", "Government Accountability Office"
    INSPECTOR_GENERAL = "inspector_general", "Inspector general"
    GOVERNOR = "governor", "Governor"
    COMPANY = "company", "Company"


class TargetKind(TextChoices):
    COMPANY = "company", "Company"
    PERSON = "person", "Person"
    VESSEL = "vessel", "Vessel"
    PROGRAMME = "programme", "Program"


class ClosesAs(TextChoices):
    """Which word of success fits a kind of ask: an answer is words, an implementation is a deed."""

    ANSWERED = "answered", "answered (the reply is the proof)"
    IMPLEMENTED = "implemented", "done (evidence is the proof)"
    EITHER = "either", "either"


class TaskingRole(TextChoices):
    LEAD = "lead", "responsible"
    CONSULTED = "consulted", "consulted, owes nothing"


class Status(TextChoices):
    """Workflow of a tasking. What may follow what is in `domain.transitions.TRANSITIONS`."""

    DRAFT = "draft", "draft"
    AWAITING = "awaiting", "no reply recorded"
    ACKNOWLEDGED = "acknowledged", "receipt acknowledged"
    CONSIDERING = "considering", "looking into it"
    CLARIFICATION = "clarification", "waiting on us"
    PARTLY_ADDRESSED = "partly_addressed", "partly done"
    PROMISED = "promised", "promised"
    ANSWERED = "answered", "answered"
    IMPLEMENTED = "implemented", "done"
    DECLINED = "declined", "refused"
    NOT_IMPLEMENTED = "not_implemented", "lapsed"
    OVERTAKEN = "overtaken", "no longer needed"
    WITHDRAWN = "withdrawn", "withdrawn"
    TRANSFERRED = "transferred", "passed on"
    ENTERED_IN_ERROR = "entered_in_error", "entered in error"


OPEN_STATUSES = (
    Status.AWAITING,
    Status.ACKNOWLEDGED,
    Status.CONSIDERING,
    Status.CLARIFICATION,
    Status.PARTLY_ADDRESSED,
    Status.PROMISED,
)
CLOSED_STATUSES = (
    Status.ANSWERED,
    Status.IMPLEMENTED,
    Status.DECLINED,
    Status.NOT_IMPLEMENTED,
    Status.OVERTAKEN,
    Status.WITHDRAWN,
    Status.TRANSFERRED,
    Status.ENTERED_IN_ERROR,
)
# The ball is with us: the clock stands still.
PAUSED_STATUSES = (Status.CLARIFICATION,)
RUNNING_STATUSES = tuple(status for status in OPEN_STATUSES if status not in PAUSED_STATUSES)
# Closed without the agency's word, so somebody must say why.
REASON_STATUSES = CLOSED_STATUSES[-5:]


class Stance(TextChoices):
    """The agency's own words, which say nothing about what was done."""

    UNKNOWN = "unknown", "not stated"
    CONCURS = "concurs", "agrees"
    PARTLY_CONCURS = "partly_concurs", "partly agrees"
    NO_POSITION = "no_position", "takes no position"
    DOES_NOT_CONCUR = "does_not_concur", "refuses"


class Clock(TextChoices):
    ACKNOWLEDGEMENT = "acknowledgement", "acknowledgment"
    SUBSTANTIVE = "substantive", "reply"


class TermUnit(TextChoices):
    CALENDAR = "calendar", "calendar days"
    BUSINESS = "business", "business days"


class TermFrom(TextChoices):
    """Where a relative deadline of the letter begins."""

    LETTER_DATE = "letter_date", "the date of the letter"
    RECEIPT = "receipt", "receipt"


class Basis(TextChoices):
    """What a due date rests on. Only the first three are dates that somebody set."""

    LETTER = "letter", "a date the letter set"
    PROMISE = "promise", "their own promise"
    STATUTE = "statute", "a statute"
    YARDSTICK = "yardstick", "our usual wait"


class ContactChannel(TextChoices):
    CALL = "call", "call"
    EMAIL = "email", "e-mail"
    MEETING = "meeting", "meeting"


class Channel(TextChoices):
    LETTER = "letter", "letter"
    EMAIL = "email", "e-mail"
    PHONE = "phone", "phone call"
    BRIEFING = "briefing", "briefing"
    TESTIMONY = "testimony", "testimony"
    QFR = "qfr", "answer for the record"
    PUBLIC_NOTICE = "public_notice", "public notice"


class ResponseKind(TextChoices):
    ACKNOWLEDGEMENT = "acknowledgement", "acknowledgment of receipt"
    INTERIM = "interim", "interim reply"
    SUBSTANTIVE = "substantive", "substantive reply"
    NO_POSITION = "no_position", "no position or no comment"
    DECLINATION = "declination", "refusal"
    CLARIFICATION_REQUEST = "clarification_request", "question to us"
    EXTENSION_NOTICE = "extension_notice", "notice of more time needed"
    REFERRAL = "referral", "referral to another agency"
    OFFICIAL_ACTION = "official_action", "official action"


# Kinds that can satisfy the substantive clock. An acknowledgment, an interim note, a question
# to us, more time or a referral never does (invariant 3).
SUBSTANTIVE_KINDS = (ResponseKind.SUBSTANTIVE, ResponseKind.DECLINATION, ResponseKind.OFFICIAL_ACTION)
# Kinds that say something about the ask itself, so that a refusal or an answer can rest on one.
PROOF_KINDS = (*SUBSTANTIVE_KINDS, ResponseKind.NO_POSITION)


class Coverage(TextChoices):
    """How far a reply answers an item. Null is a fact of its own: received, not yet read."""

    FULL = "full", "answers in full"
    PARTIAL = "partial", "answers in part"
    EVADES = "evades", "does not answer"


class Said(TextChoices):
    """The one question about each item of a reply: what did they say? `domain.said` turns it into the rest."""

    RECEIVED = "received", "received it"
    LOOKING = "looking", "looking into it"
    DONE = "done", "done"
    PROMISED = "promised", "yes, by a date"
    PARTLY = "partly", "partly"
    REFUSED = "refused", "no"
    NO_POSITION = "no_position", "no position or no comment"
    NEEDS_US = "needs_us", "need something from us"
    OTHER_AGENCY = "other_agency", "ask another agency"
    ANSWERED = "answered", "answered our questions"


class EvidenceKind(TextChoices):
    RESPONSE = "response", "a reply we hold"
    FEDERAL_REGISTER = "federal_register", "Federal Register citation"
    LIST_ENTRY = "list_entry", "entry on an official list"
    URL = "url", "public web page"


class Stream(TextChoices):
    OFFICE = "office", "office"
    RELEASED = "released", "released"


class ReminderAnchor(TextChoices):
    """Which day of an item a reminder rule counts from."""

    DUE = "due", "the date the reply is due"
    ACKNOWLEDGEMENT = "acknowledgement", "the date an acknowledgment is due"
    UNREAD = "unread", "the day a reply came that nobody has read"
    SNOOZE = "snooze", "the day somebody chose: remind me on"
    CONTACT = "contact", "the next date of our last contact"
    REVIEW = "review", "the day we look again, where they take no position"


class MailMode(TextChoices):
    """How a person gets reminders by mail; the inbox on the site has them all in any case."""

    NONE = "none", "not by mail"
    EACH = "each", "one mail each"
    DAILY = "daily", "one mail a day"
    WEEKLY = "weekly", "one mail a week"


class MailKind(TextChoices):
    REMINDER = "reminder", "reminder"
    DIGEST = "digest", "reminders of a day or week"
    REPORT = "report", "report"


class OutboxState(TextChoices):
    WAITING = "waiting", "waiting"
    SENT = "sent", "sent"
    FAILED = "failed", "given up"


class ReportState(TextChoices):
    ASKED = "asked", "waiting to be made"
    RUNNING = "running", "being made"
    DONE = "done", "made"
    FAILED = "failed", "not made"
    CANCELLED = "cancelled", "cancelled"


class ImportState(TextChoices):
    READING = "reading", "being read"
    MATCHING = "matching", "waiting for its columns"
    CHECKING = "checking", "being checked"
    READY = "ready", "checked"
    IMPORTING = "importing", "being imported"
    IMPORTED = "imported", "imported"
    UNDONE = "undone", "undone"
    FAILED = "failed", "not read"


class EventKind(TextChoices):
    LETTER_DRAFTED = "letter_drafted", "letter drafted"
    LETTER_EDITED = "letter_edited", "draft edited"
    LETTER_DISCARDED = "letter_discarded", "draft discarded"
    LETTER_SENT = "letter_sent", "letter sent"
    LETTER_AMENDED = "letter_amended", "letter corrected"
    LETTER_RELEASED = "letter_released", "letter made public"
    LETTER_WITHDRAWN = "letter_withdrawn", "letter no longer public"
    LETTER_ACCESS_CHANGED = "letter_access_changed", "who may see the letter changed"
    LETTER_ENTERED_IN_ERROR = "letter_entered_in_error", "letter marked as entered in error"
    STATUS_CHANGED = "status_changed", "status changed"
    DUE_DATE_MOVED = "due_date_moved", "due date moved"
    EXTENDED = "extended", "more time agreed"
    PAST_DUE = "past_due", "passed its date"
    PAST_DUE_CLEARED = "past_due_cleared", "no longer past its date"
    ACKNOWLEDGEMENT_LATE = "acknowledgement_late", "acknowledgment late"
    RESPONSE_RECORDED = "response_recorded", "reply recorded"
    ANSWER_ASSESSED = "answer_assessed", "reply read"
    EVIDENCE_ADDED = "evidence_added", "evidence added"
    ASSIGNED = "assigned", "owner changed"
    SNOOZED = "snoozed", "reminder date set"
    NOTE_ADDED = "note_added", "note added"
    CONTACT_LOGGED = "contact_logged", "contact logged"
    RENEWED = "renewed", "asked again"
    REVIEW_SET = "review_set", "review date set"
    RESPONSE_IN_ERROR = "response_in_error", "reply marked as entered in error"
    EVIDENCE_IN_ERROR = "evidence_in_error", "evidence marked as entered in error"
    EVIDENCE_CHECKED = "evidence_checked", "evidence looked at again"
    CONTACT_IN_ERROR = "contact_in_error", "contact marked as entered in error"
    ATTACHMENT_ADDED = "attachment_added", "file added"
    ATTACHMENT_IN_ERROR = "attachment_in_error", "file taken back"
    RESPONSE_RELEASED = "response_released", "reply made public"
    RESPONSE_WITHDRAWN = "response_withdrawn", "reply no longer public"
    ANSWER_RELEASED = "answer_released", "what a reply says about this made public"
    ANSWER_WITHDRAWN = "answer_withdrawn", "what a reply says about this no longer public"
    EVIDENCE_RELEASED = "evidence_released", "evidence made public"
    EVIDENCE_WITHDRAWN = "evidence_withdrawn", "evidence no longer public"
    ADDRESSEE_UPDATED = "addressee_updated", "delivery details changed"
    LETTER_LINKED = "letter_linked", "linked to another letter"
    ROLE_CHANGED = "role_changed", "became responsible"
