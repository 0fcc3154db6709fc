"""What a letter asks for: kinds as reference data, asks in the letter's own words, questions in order."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from letters.enums import ClosesAs
from letters.models.agencies import Agency
from letters.models.base import Identified, audited, one_of
from letters.models.correspondence import Letter
from letters.models.targets import Target


@audited
class AskKind(Identified):
    """A kind of request, with what it usually proposes: agency, acting bureau, instrument, list."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    verb = models.CharField(max_length=120, help_text="Makes a summary: “Sanction {targets}”.")
    usual_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    acting_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
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
class Ask(Identified):
    """One numbered request, quoted verbatim."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="asks")
    number = models.PositiveSmallIntegerField()
    kind = models.ForeignKey(AskKind, on_delete=models.PROTECT, related_name="asks")
    summary = models.CharField(max_length=300)
    quote = models.TextField(blank=True, max_length=10_000)
    instrument = models.CharField(max_length=300, blank=True)
    requested_list = models.CharField(max_length=120, blank=True)
    requested_by = models.DateField(null=True, blank=True, help_text="Its own date, where the letter gives it one.")
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


@audited
class AskTarget(Identified):
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE)
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


@audited
class Question(Identified):
    """One line of the checklist inside a written-answers ask: one clock for all of them."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=5000)

    class Meta:
        ordering = ["ask", "number"]
        constraints = [
            # also serves: the questions of an ask, in order
            models.UniqueConstraint(fields=["ask", "number"], name="question_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:80]}"
