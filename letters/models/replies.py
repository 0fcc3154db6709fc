"""What agencies said, how it bears on each open item, and our own calls."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import OuterRef, Q, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from letters.enums import (
    Channel,
    ContactChannel,
    Coverage,
    ResponseKind,
    Said,
    Stance,
)
from letters.models.agencies import Agency, Official
from letters.models.asks import Question
from letters.models.base import MAX_TEXT, Identified, Retractable, american, audited, one_of
from letters.models.proofs import KEEP_PROOF, KEEP_REPLY, keeps_its_proof
from letters.models.reply_queries import ContactQuerySet, ResponseQuerySet
from letters.models.targets import Target
from letters.models.taskings import Tasking


@audited
class Response(Identified, Retractable):
    """Something an agency said, once; one reply may answer items of many letters."""

    # index: the replies of one agency
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="responses")
    # index: what one official has said
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

    objects = ResponseQuerySet.as_manager()

    class Meta:
        ordering = ["-received_on", "id"]
        constraints = [
            one_of("channel", Channel),
            one_of("kind", ResponseKind),
            *Retractable.Meta.constraints,
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
            # /search/ in the words of replies
            GinIndex(fields=["search"], name="response_search"),
            # /search/ by the agency's own number
            models.Index(fields=["control_number"], name="response_by_control", condition=~Q(control_number="")),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="closed_keeps_its_reply",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("in_error_at"),
                func=KEEP_REPLY,
            ),
            keeps_its_proof(
                "kind",
                "in_error_at",
                items="SELECT tasking_id FROM letters_answer WHERE response_id = OLD.id "
                "UNION SELECT tasking_id FROM letters_evidence WHERE response_id = OLD.id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_words} from {self.agency}, {american(self.received_on)}"

    @property
    def kind_words(self) -> str:
        """What it is as a whole; of one that may be unread no more than that it is a reply. Exact `with_unread_by`."""
        return self.words_if(is_unread=getattr(self, "is_unread", True))

    def words_if(self, *, is_unread: bool) -> str:
        """An unread reply is kept as an interim one (`domain.said.UNREAD_KIND`), and nobody knows yet that it is one."""
        return "reply" if is_unread and self.kind == ResponseKind.INTERIM else self.get_kind_display()


# Of an event: the reply it names, where that was entered in error since. What rested on it counts no more.
REPLY_IN_ERROR = Response.objects.filter(
    pk=Cast(KeyTextTransform("response", OuterRef("payload")), UUIDField()), in_error_at__isnull=False
)


@audited
class Answer(Identified):
    """How one reply bears on one tasking. Coverage null: received, not yet read."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers", db_index=False)
    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT, related_name="answers", db_index=False)
    coverage = models.CharField(max_length=10, choices=Coverage, null=True, blank=True)  # noqa: DJ001 - null is "not read"
    said = models.CharField(
        max_length=20, choices=Said, blank=True, help_text="What the person chose; the rest may have been changed."
    )
    stance = models.CharField(max_length=20, choices=Stance, default=Stance.UNKNOWN)
    quote = models.TextField(blank=True, max_length=10_000)
    page = models.CharField(max_length=20, blank=True)
    questions = models.ManyToManyField(Question, through="AnswerQuestion", related_name="answers")
    targets = models.ManyToManyField(Target, through="AnswerTarget", related_name="+")
    search = models.GeneratedField(
        expression=SearchVector("quote", config="english"), output_field=SearchVectorField(), db_persist=True
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    assessed_at = models.DateTimeField(null=True, blank=True)
    assessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["recorded_at"]
        constraints = [
            one_of("coverage", Coverage),
            one_of("stance", Stance),
            models.CheckConstraint(condition=Q(said__in=["", *Said.values]), name="answer_said_known"),
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
            # /search/ in what replies say about an item
            GinIndex(fields=["search"], name="answer_search"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="closed_keeps_its_reply",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete | pgtrigger.UpdateOf("tasking_id"),
                func=KEEP_PROOF.format(
                    statuses="'answered', 'declined'",
                    proofs="letters_answer proof JOIN letters_response response ON response.id = response_id",
                ),
            ),
            keeps_its_proof("tasking_id", "response_id", "coverage", "assessed_at", items="OLD.tasking_id"),
        ]

    def __str__(self) -> str:
        return self.get_coverage_display() or "not yet read"

    @property
    def kind_words(self) -> str:
        """What kind of reply it is, as far as somebody has read what it says about this item."""
        return self.response.words_if(is_unread=self.coverage is None)


@audited
class AnswerQuestion(Identified):
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, db_index=False)
    # index: which questions are answered: 9 of 13
    question = models.ForeignKey(Question, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "question"], name="answer_question_once")]

    def __str__(self) -> str:
        return str(self.question)


@audited
class AnswerTarget(Identified):
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, db_index=False)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "target"], name="answer_target_once")]

    def __str__(self) -> str:
        return str(self.target)


@audited
class Contact(Identified, Retractable):
    """Our own call, e-mail or meeting with an agency about some open items."""

    # index: our contacts with one agency
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="contacts")
    taskings = models.ManyToManyField(Tasking, through="ContactTasking", related_name="contacts")
    channel = models.CharField(max_length=10, choices=ContactChannel)
    on = models.DateField()
    with_whom = models.CharField(max_length=200, blank=True)
    outcome = models.TextField(max_length=2000)
    next_on = models.DateField(null=True, blank=True, help_text="Do not remind before this day.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["-on"]
        constraints = [
            one_of("channel", ContactChannel),
            *Retractable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(next_on__isnull=True) | Q(next_on__gt=models.F("on")),
                name="contact_next_after_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} on {american(self.on)}"


@audited
class ContactTasking(Identified):
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, db_index=False)
    # index: chased 4 times, last November 3
    tasking = models.ForeignKey(Tasking, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "tasking"], name="contact_tasking_once"),
        ]

    def __str__(self) -> str:
        return str(self.tasking_id)
