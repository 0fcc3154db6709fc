"""Reads of targets, chainable."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from letters.models.letter_queries import SEES_RESTRICTED, visible_letters

LINEAGE = ("target", "target__parent", "target__parent__parent")  # an ask names a company, its parent, or theirs


class TargetQuerySet(models.QuerySet):
    """Which targets, for whom."""

    def visible_to(self, user) -> "TargetQuerySet":
        """What a signed-in person may know of: named, itself or a company below it, in a letter they may see, or in none.

        A company that only a restricted letter names does not exist for the others (invariant 8). Without a user: as
        for somebody who sees no restricted letter.
        """
        if user is not None and user.role in SEES_RESTRICTED:
            return self
        named = self.model.asks.through.objects.order_by()
        seen = named.filter(visible_letters(user, "ask__letter__"))
        return self.filter(_any(seen) | ~_any(named))

    def called(self, name: str) -> "TargetQuerySet":
        """Those that have this as a name or as another name, in capitals or not."""
        return self.filter(Q(name__iexact=name) | Q(aliases__name__iexact=name)).distinct()


def _any(named: models.QuerySet) -> Q:
    """One EXISTS for each step of the lineage: each is answered by an index, one with OR is not."""
    found = Q()
    for step in LINEAGE:
        found |= Q(Exists(named.filter(**{step: OuterRef("pk")})))
    return found
