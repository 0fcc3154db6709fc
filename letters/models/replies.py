"""What agencies said, how it bears on each open item, what proves an outcome, and our own calls."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

from letters.enums import (
    Channel,
    ContactChannel,
    Coverage,
    EvidenceKind,
    ResponseKind,
    Stance,
)
from letters.models.agencies import Agency, Official
from letters.models.asks import Question
from letters.models.base import MAX_TEXT, Identified, american, audited, one_of
from letters.models.targets import Target
from letters.models.taskings import Tasking

# What a closed item rests on may not be taken away behind its back.
KEEP_PROOF = """
    IF EXISTS (SELECT 1 FROM letters_tasking WHERE id = OLD.tasking_id AND status IN ({statuses})) AND NOT EXISTS
       (SELECT 1 FROM {table} WHERE tasking_id = OLD.tasking_id AND id <> OLD.id) THEN
        RAISE EXCEPTION 'tasking % is closed on this row', OLD.tasking_id USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


@audited
class Response(Identified):
    """Something an agency said, once; one reply may answer items of many letters."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="responses")
    official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, blank=True)
    responder = models.CharField(max_length=200, blank=True, help_text="Who said it, as printed.")
    channel = models.CharField(max_length=20, choices=Channel)
    kind = models.CharField(max_length=25, choices=ResponseKind)
    sent_on = models.DateField(null=True, blank=True, help_text="The reply's own date.")
    received_on = models.DateField(help_text="The day it reached us.")
    text = models.TextField(blank=True, max_length=MAX_TEXT)
    held_elsewhere = models.CharField(
        max_length=300,
        blank=True,
        help_text="Classified: only where it is held, never what it says.",
    )
    control_number = models.CharField(max_length=60, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    search = models.GeneratedField(
        expression=SearchVector("responder", weight="A", config="english")
        + SearchVector("text", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-received_on", "id"]
        constraints = [
            one_of("channel", Channel),
            one_of("kind", ResponseKind),
            models.CheckConstraint(
                condition=Q(sent_on__isnull=True) | Q(sent_on__lte=models.F("received_on")),
                name="response_received_not_before_sent",
            ),
            models.CheckConstraint(
                condition=Q(held_elsewhere="") | Q(text=""),
                name="response_held_elsewhere_keeps_no_text",
            ),
        ]
        indexes = [
            # /api/v1/responses/: newest first, keyset
            models.Index(models.F("received_on").desc(), "id", name="response_by_received"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} from {self.agency}, {american(self.received_on)}"


@audited
class Answer(Identified):
    """How one reply bears on one tasking. Coverage null: received, not yet read."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, related_name="answers")
    coverage = models.CharField(max_length=10, choices=Coverage, null=True, blank=True)  # noqa: DJ001 - null is "not read"
    stance = models.CharField(max_length=20, choices=Stance, default=Stance.UNKNOWN)
    quote = models.TextField(blank=True, max_length=10_000)
    page = models.CharField(max_length=20, blank=True)
    questions = models.ManyToManyField(Question, through="AnswerQuestion", related_name="answers")
    targets = models.ManyToManyField(Target, through="AnswerTarget", related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    assessed_at = models.DateTimeField(null=True, blank=True)
    assessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["recorded_at"]
        constraints = [
            one_of("coverage", Coverage),
            one_of("stance", Stance),
            models.UniqueConstraint(fields=["response", "tasking"], name="answer_once_per_tasking"),
            models.CheckConstraint(
                condition=Q(coverage__isnull=True, assessed_at__isnull=True)
                | Q(coverage__isnull=False, assessed_at__isnull=False),
                name="answer_assessed_when_read",
            ),
        ]
        indexes = [
            # is any reply to this item unread? silences its chasing
            models.Index(
                fields=["tasking"],
                name="answer_unread",
                condition=Q(coverage__isnull=True),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="closed_keeps_its_reply",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete | pgtrigger.UpdateOf("tasking_id"),
                func=KEEP_PROOF.format(statuses="'answered', 'declined'", table="letters_answer"),
            ),
        ]

    def __str__(self) -> str:
        return self.get_coverage_display() or "not yet read"


@audited
class AnswerQuestion(Identified):
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE)
    question = models.ForeignKey(Question, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "question"], name="answer_question_once")]

    def __str__(self) -> str:
        return str(self.question)


@audited
class AnswerTarget(Identified):
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE)
    target = models.ForeignKey(Target, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "target"], name="answer_target_once")]

    def __str__(self) -> str:
        return str(self.target)


@audited
class Evidence(Identified):
    """What proves an outcome, and which targets it covers."""

    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    response = models.ForeignKey(
        Response,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
    )
    citation = models.CharField(
        max_length=500,
        blank=True,
        help_text="85 FR 51596, or the list and the entry's number.",
    )
    url = models.URLField(blank=True, max_length=500)
    seen_on = models.DateField(null=True, blank=True, help_text="The day the page said so.")
    targets = models.ManyToManyField(Target, through="EvidenceTarget", related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["added_at"]
        constraints = [
            one_of("kind", EvidenceKind),
            models.CheckConstraint(
                condition=Q(kind=EvidenceKind.RESPONSE, response__isnull=False)
                | (Q(kind__in=[EvidenceKind.FEDERAL_REGISTER, EvidenceKind.LIST_ENTRY]) & ~Q(citation=""))
                | (Q(kind=EvidenceKind.URL, seen_on__isnull=False) & ~Q(url="")),
                name="evidence_says_where",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="closed_keeps_its_evidence",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete | pgtrigger.UpdateOf("tasking_id"),
                func=KEEP_PROOF.format(statuses="'implemented'", table="letters_evidence"),
            ),
        ]

    def __str__(self) -> str:
        return self.citation or self.url or str(self.response)


@audited
class EvidenceTarget(Identified):
    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE)
    target = models.ForeignKey(Target, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evidence", "target"], name="evidence_target_once")]

    def __str__(self) -> str:
        return str(self.target)


@audited
class Contact(Identified):
    """Our own call, e-mail or meeting with an agency about some open items."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="contacts")
    taskings = models.ManyToManyField(Tasking, through="ContactTasking", related_name="contacts")
    channel = models.CharField(max_length=10, choices=ContactChannel)
    on = models.DateField()
    with_whom = models.CharField(max_length=200, blank=True)
    outcome = models.TextField(max_length=2000)
    next_on = models.DateField(null=True, blank=True, help_text="Do not remind before this day.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on"]
        constraints = [
            one_of("channel", ContactChannel),
            models.CheckConstraint(
                condition=Q(next_on__isnull=True) | Q(next_on__gt=models.F("on")),
                name="contact_next_after_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} on {american(self.on)}"


@audited
class ContactTasking(Identified):
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "tasking"], name="contact_tasking_once"),
        ]

    def __str__(self) -> str:
        return str(self.tasking_id)
