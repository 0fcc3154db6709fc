"""The letter: what was sent, and how it relates to others."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q

from letters.enums import Access, LetterState, LinkKind, OurRole, TermFrom, TermUnit
from letters.models.base import (
    MAX_TEXT,
    Identified,
    audited,
    both_or_neither,
    one_of,
)
from letters.models.letter_queries import LetterQuerySet, TopicQuerySet

COUNTED = (LetterState.SENT,)


@audited
class Topic(Identified):
    """A subject an office files letters under."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120, unique=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@audited
class ReferenceCounter(models.Model):
    """The last number given in a year. Its row lock makes references gapless under concurrency and rollback."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last_number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}-{self.last_number:04}"


@audited
class Letter(Identified):
    """What was sent. Sent letters are historical documents: never deleted or renumbered."""

    state = models.CharField(max_length=20, choices=LetterState, default=LetterState.DRAFT)
    reference = models.CharField(max_length=12, unique=True, null=True, blank=True, editable=False)
    subject = models.CharField(max_length=300)
    printed_date = models.DateField(null=True, blank=True, help_text="As the paper says, even where it is wrong.")
    letter_date = models.DateField(null=True, blank=True, help_text="The day it was really signed.")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_on = models.DateField(
        null=True,
        blank=True,
        help_text="The day it went out, in the office's time zone.",
    )
    congress = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.TextField(blank=True, max_length=MAX_TEXT)
    our_role = models.CharField(max_length=10, choices=OurRole, default=OurRole.LED)
    lead_office_contact = models.CharField(max_length=200, blank=True)
    on_behalf_of = models.CharField(max_length=200, blank=True, help_text="A committee the letter speaks for.")
    published_url = models.URLField(blank=True, max_length=500)
    deadline_on = models.DateField(
        null=True,
        blank=True,
        help_text="A date the letter sets; most letters set none.",
    )
    deadline_quote = models.TextField(blank=True, max_length=1000, help_text="The sentence that sets it.")
    # A relative deadline instead of a date: “within 30 days of receipt”
    term_days = models.PositiveSmallIntegerField(null=True, blank=True)
    term_unit = models.CharField(max_length=10, choices=TermUnit, null=True, blank=True)  # noqa: DJ001 - absent with term_days
    term_from = models.CharField(max_length=12, choices=TermFrom, null=True, blank=True)  # noqa: DJ001 - absent with term_days
    access = models.CharField(max_length=10, choices=Access, default=Access.OFFICE)
    released_at = models.DateTimeField(null=True, blank=True)
    topics = models.ManyToManyField(Topic, through="LetterTopic", related_name="letters")
    staff = models.ManyToManyField(settings.AUTH_USER_MODEL, through="LetterStaff", related_name="letters")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    search = models.GeneratedField(
        expression=SearchVector("subject", weight="A", config="english")
        + SearchVector("text", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_on", "id"]
        constraints = [
            one_of("state", LetterState),
            one_of("our_role", OurRole),
            one_of("access", Access),
            one_of("term_unit", TermUnit),
            one_of("term_from", TermFrom),
            both_or_neither("sent_at", "sent_on", "letter_sent_at_and_on"),
            # a letter sets a date, or a term, or no deadline
            models.CheckConstraint(
                condition=Q(term_days__isnull=True, term_unit__isnull=True, term_from__isnull=True)
                | Q(
                    term_days__range=(1, 2000),
                    term_unit__isnull=False,
                    term_from__isnull=False,
                    deadline_on__isnull=True,
                ),
                name="letter_term_is_whole_and_alone",
            ),
            # a draft or discarded draft has neither number nor date; whatever was sent has both for ever
            models.CheckConstraint(
                condition=Q(
                    state__in=[LetterState.DRAFT, LetterState.DISCARDED],
                    reference__isnull=True,
                    sent_at__isnull=True,
                )
                | Q(
                    state__in=[LetterState.SENT, LetterState.ENTERED_IN_ERROR],
                    reference__isnull=False,
                    sent_at__isnull=False,
                    letter_date__isnull=False,
                    congress__isnull=False,
                ),
                name="letter_sent_has_reference_and_dates",
            ),
            models.CheckConstraint(
                condition=Q(deadline_on__isnull=True) | Q(sent_on__isnull=True) | Q(deadline_on__gte=F("sent_on")),
                name="letter_due_not_before_sent",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(sent_at__isnull=False, access=Access.OFFICE),
                name="letter_released_is_sent_and_unrestricted",
            ),
        ]
        indexes = [
            # /letters/ and /api/v1/letters/: newest sent first, keyset
            models.Index(
                F("sent_on").desc(),
                "id",
                name="letter_by_sent",
                condition=Q(state__in=COUNTED),
            ),
            # what the public reads and searches: nothing that is not public is even looked at
            models.Index(
                F("sent_on").desc(),
                "id",
                name="letter_released",
                condition=Q(released_at__isnull=False, state=LetterState.SENT),
            ),
            # full-text search on the queue and the letters list
            GinIndex(fields=["search"], name="letter_search"),
            # drafts of the office, newest first
            models.Index(
                fields=["-created_at"],
                name="letter_drafts",
                condition=Q(state=LetterState.DRAFT),
            ),
        ]
        triggers = [
            # the moment follows where the day is corrected, and never alone
            pgtrigger.Protect(
                name="reference_is_kept",
                operation=pgtrigger.UpdateOf("reference", "sent_at"),
                condition=pgtrigger.Q(old__reference__isnull=False)
                & (
                    pgtrigger.Q(old__reference__df=pgtrigger.F("new__reference"))
                    | (
                        pgtrigger.Q(old__sent_at__df=pgtrigger.F("new__sent_at"))
                        & pgtrigger.Q(old__sent_on__ndf=pgtrigger.F("new__sent_on"))
                    )
                ),
            ),
            pgtrigger.Protect(
                name="sent_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__reference__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference or 'draft'}: {self.subject}"

    @property
    def is_released(self) -> bool:
        return self.released_at is not None


@audited
class LetterTopic(Identified):
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, db_index=False)
    # index: the letters of a topic
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "topic"], name="letter_topic_once")]

    def __str__(self) -> str:
        return str(self.topic)


@audited
class LetterStaff(Identified):
    """Somebody who works on the letter; the only staff who see it when it is restricted."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, db_index=False)
    # index: which restricted letters this person may see
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "user"], name="letter_staff_once")]

    def __str__(self) -> str:
        return str(self.user)


@audited
class LetterLink(Identified):
    """How one letter relates to an earlier one."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="links", db_index=False)
    # index: “followed up by”, on a letter’s page
    to_letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=20, choices=LinkKind)

    class Meta:
        constraints = [
            one_of("kind", LinkKind),
            models.UniqueConstraint(fields=["letter", "to_letter", "kind"], name="letter_link_once"),
            models.CheckConstraint(condition=~Q(letter=F("to_letter")), name="letter_link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.get_kind_display()} {self.to_letter_id}"


@audited
class Amendment(Identified):
    """A correction to a sent letter: what stood, what stands now, and why."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="amendments", db_index=False)
    field = models.CharField(max_length=60)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.TextField(max_length=2000)
    amended_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="amendment_has_reason")]
        indexes = [
            # the corrections shown on a letter's page
            models.Index(fields=["letter", "amended_at"], name="amendment_of_letter"),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"
