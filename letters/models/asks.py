"""What a letter asks for: kinds as reference data, asks in the letter's own words, questions in order."""

import re

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from letters.enums import ClosesAs
from letters.models.agencies import Agency
from letters.models.base import Identified, audited, one_of
from letters.models.correspondence import Letter
from letters.models.targets import Target

NUMBERED = re.compile(r"\(?(\d+[a-z]?|[a-z]|[ivx]+)[.)] ")
SHORT = 80  # of a question where several are listed to be ticked


@audited
class AskKind(Identified):
    """A kind of request, with what it usually proposes: agency, acting bureau, instrument, list."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    verb = models.CharField(max_length=120, help_text="Makes a summary: “Sanction {targets}”.")
    usual_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    acting_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    instrument = models.CharField(max_length=300, blank=True)
    requested_list = models.CharField(max_length=120, blank=True)
    needs_targets = models.BooleanField(default=False)
    closes_as = models.CharField(max_length=12, choices=ClosesAs)
    done_word = models.CharField(max_length=60, help_text="On screen for done: listed, briefing held, provided.")
    help = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]
        constraints = [one_of("closes_as", ClosesAs)]

    def __str__(self) -> str:
        return self.name


@audited
class StatutoryClock(Identified):
    """A law that gives an agency so many days to answer a request of a certain kind. A person says which ask qualifies."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    citation = models.CharField(max_length=200)
    trigger = models.CharField(max_length=300, help_text="What starts it, and from whom the request must come.")
    days = models.PositiveSmallIntegerField(help_text="Calendar days from receipt of the letter.")
    source_url = models.URLField(blank=True, max_length=500)

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=models.Q(days__range=(1, 2000)), name="statute_days_in_range")]

    def __str__(self) -> str:
        return self.name


@audited
class Ask(Identified):
    """One numbered request, quoted verbatim."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="asks", db_index=False)
    number = models.PositiveSmallIntegerField()
    # index: the queue of one kind of ask
    kind = models.ForeignKey(AskKind, on_delete=models.PROTECT, related_name="asks")
    summary = models.CharField(max_length=300)
    quote = models.TextField(blank=True, max_length=10_000)
    instrument = models.CharField(max_length=300, blank=True)
    requested_list = models.CharField(max_length=120, blank=True)
    requested_by = models.DateField(null=True, blank=True, help_text="Its own date, where the letter gives it one.")
    statute = models.ForeignKey(
        StatutoryClock,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The law whose clock this request started; most start none.",
    )
    targets = models.ManyToManyField(Target, through="AskTarget", related_name="asks")
    version = models.PositiveIntegerField(default=1)
    search = models.GeneratedField(
        expression=SearchVector("summary", weight="A", config="english")
        + SearchVector("quote", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["letter", "number"]
        constraints = [
            # also serves: the asks of a letter, in order
            models.UniqueConstraint(fields=["letter", "number"], name="ask_number_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="ask_numbered_from_one"),
        ]
        indexes = [
            # the queue's text search
            GinIndex(fields=["search"], name="ask_search"),
        ]

    def __str__(self) -> str:
        return self.summary

    def targets_in_order(self) -> models.QuerySet[Target]:
        """Its targets as the letter names them."""
        return self.targets.order_by("asktarget__position", "asktarget__pk")


@audited
class AskTarget(Identified):
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, db_index=False)
    # index: every ask about a target
    target = models.ForeignKey(Target, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position"]
        constraints = [
            # also serves: the targets of an ask
            models.UniqueConstraint(fields=["ask", "target"], name="ask_target_once"),
        ]

    def __str__(self) -> str:
        return str(self.target)


def targets_in_order(path: str = "targets") -> models.Prefetch:
    """For `prefetch_related`: the targets of asks as the letter names them."""
    return models.Prefetch(path, Target.objects.order_by("asktarget__position", "asktarget__pk"))


@audited
class Question(Identified):
    """One line of the checklist inside a written-answers ask: one clock for all of them."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="questions", db_index=False)
    number = models.PositiveSmallIntegerField(help_text="Its place among all questions of the ask, from 1.")
    label = models.CharField(max_length=12, blank=True, help_text="As printed: 2, 2a, iv. Empty: its number.")
    # index: the parts of a question
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="parts",
        help_text="The question this is a part of.",
    )
    text = models.TextField(max_length=5000)
    search = models.GeneratedField(
        expression=SearchVector("text", config="english"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        ordering = ["ask", "number"]
        constraints = [
            # also serves: the questions of an ask, in order
            models.UniqueConstraint(fields=["ask", "number"], name="question_number_once"),
        ]
        indexes = [
            # /search/ in questions
            GinIndex(fields=["search"], name="question_search"),
        ]

    def __str__(self) -> str:
        return self.printed if len(self.printed) <= SHORT else f"{self.printed[:SHORT]}…"

    @property
    def printed(self) -> str:
        """As the letter has it: many print their number in the text itself."""
        return self.text if NUMBERED.match(self.text) else f"{self.label or self.number}. {self.text}"
