"""Reads of agencies, chainable."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from letters.enums import AgencyKind
from letters.models.letter_queries import SEES_RESTRICTED, visible_letters

# Entered when a letter names them; all others are reference data, which says nothing about any letter.
ENTERED_BY_HAND = (AgencyKind.GOVERNOR, AgencyKind.COMPANY)


class AgencyQuerySet(models.QuerySet):
    """Which agencies, for whom."""

    def visible_to(self, user) -> "AgencyQuerySet":
        """What a signed-in person may know of: a governor or a company that only restricted letters name is absent.

        Without a user: as for somebody who sees no restricted letter (invariant 8).
        """
        if user is not None and user.role in SEES_RESTRICTED:
            return self
        known, seen = Q(), Q()
        for relation, letter in (
            ("addressees", "letter__"),
            ("taskings", "ask__letter__"),
            ("acting_taskings", "ask__letter__"),
        ):
            field = self.model._meta.get_field(relation)
            rows = field.related_model.objects.filter(**{field.remote_field.name: OuterRef("pk")}).order_by()
            known |= Q(Exists(rows))
            seen |= Q(Exists(rows.filter(visible_letters(user, letter))))
        return self.filter(~Q(kind__in=ENTERED_BY_HAND) | seen | ~known)
