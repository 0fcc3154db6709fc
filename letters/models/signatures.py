"""By whom a letter was signed and to whom it went, as printed."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from letters.enums import Delivery, Match
from letters.models.agencies import Agency, Official
from letters.models.base import Identified, audited, one_of
from letters.models.correspondence import Letter
from letters.models.people import Legislator

# Where a proposal comes from that a person saw on the sheet with what speaks against it, and neither took nor threw out.
DOUBTED = "proposed when the letter was logged, though: "


@audited
class Signature(Identified):
    """One name, in order and as printed. An unmatched signer is kept and flagged, never dropped."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="signatures", db_index=False)
    position = models.PositiveSmallIntegerField()
    printed_name = models.CharField(max_length=200)
    printed_title = models.CharField(max_length=200, blank=True)
    party = models.CharField(max_length=40, blank=True, help_text="As of signing.")
    state = models.CharField(max_length=2, blank=True, help_text="As of signing.")
    is_lead = models.BooleanField(default=False)
    # index: what a member signed; the signatory filter
    legislator = models.ForeignKey(
        Legislator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="signatures",
    )
    match = models.CharField(max_length=10, choices=Match, default=Match.UNMATCHED)
    match_source = models.CharField(max_length=300, blank=True, help_text="Where the proposal came from.")

    class Meta:
        ordering = ["letter", "position"]
        constraints = [
            one_of("match", Match),
            # also serves: the signers of a letter, in order
            models.UniqueConstraint(
                fields=["letter", "position"],
                name="signature_place_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["letter", "legislator"],
                condition=Q(legislator__isnull=False),
                name="signature_member_once",
            ),
            # two members may share a printed name (two Mike Rogers sat until 2015), but only when both are matched
            models.UniqueConstraint(
                "letter",
                Lower("printed_name"),
                condition=Q(legislator__isnull=True),
                name="signature_name_once",
            ),
            models.CheckConstraint(
                condition=Q(legislator__isnull=True, match=Match.UNMATCHED)
                | (Q(legislator__isnull=False) & ~Q(match=Match.UNMATCHED)),
                name="signature_match_names_member",
            ),
        ]
        indexes = [
            # /search/ by a signer's name, tolerant of typing errors
            GinIndex(fields=["printed_name"], name="signature_name_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.printed_name

    @property
    def doubt(self) -> str:
        """What speaks against the member who is proposed, in a sentence."""
        is_doubted = self.match == Match.PROPOSED and self.match_source.startswith(DOUBTED)
        return self.match_source.removeprefix(DOUBTED) if is_doubted else ""


@audited
class Addressee(Identified):
    """One person or body a letter is addressed to, as printed."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="addressees", db_index=False)
    position = models.PositiveSmallIntegerField()
    delivery = models.CharField(max_length=2, choices=Delivery, default=Delivery.TO)
    # index: the letters addressed to an agency
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="addressees")
    official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    printed_name = models.CharField(max_length=200)
    printed_title = models.CharField(max_length=200, blank=True)
    address = models.TextField(blank=True, max_length=500)
    delivered_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    control_number = models.CharField(max_length=60, blank=True, help_text="The agency's own number for the letter.")
    legislative_affairs_contact = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["letter", "position"]
        constraints = [
            one_of("delivery", Delivery),
            # also serves: the addressees of a letter, in order
            models.UniqueConstraint(
                fields=["letter", "position"],
                name="addressee_place_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint("letter", "agency", Lower("printed_name"), name="addressee_once"),
        ]
        indexes = [
            # "which letter is your number 2023-SEC-0042?"
            models.Index(
                fields=["control_number"],
                name="addressee_by_control",
                condition=~Q(control_number=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.printed_name} ({self.agency})"
