"""Reads of letters, chainable."""

from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.lookups import IsNull

from letters.enums import Access, LetterState, Role

SEES_RESTRICTED = (Role.MANAGER, Role.ADMIN)


def visible_letters(user, prefix: str = "") -> Q:
    """Which letters a person may see, as a condition; `prefix` is the path to the letter (`"ask__letter__"`).

    Restricted letters are absent, not blanked, for everyone but named staff and managers (invariant 8).
    Without a user: those that everybody of the office may see.
    """
    if user is None:
        return Q(**{f"{prefix}access": Access.OFFICE})
    if user.role in SEES_RESTRICTED:
        return Q()
    # a subquery and not a join: a letter with three named staff must not be counted three times
    named = user.letters.through.objects.filter(user=user).values("letter")
    return Q(**{f"{prefix}access": Access.OFFICE}) | Q(**{f"{prefix}pk__in": named})


class TopicQuerySet(models.QuerySet):
    """Which topics, for whom."""

    def visible_to(self, user) -> "TopicQuerySet":
        """What a signed-in person may know of: topics of a letter they may see, or of none (invariant 8)."""
        if user is not None and user.role in SEES_RESTRICTED:
            return self
        filed = self.model.letters.through.objects.filter(topic=OuterRef("pk")).order_by()
        return self.filter(Exists(filed.filter(visible_letters(user, "letter__"))) | ~Exists(filed))


class LetterQuerySet(models.QuerySet):
    """Which letters, for whom."""

    def sent(self) -> "LetterQuerySet":
        """Letters that count: sent, and not entered in error."""
        return self.filter(state=LetterState.SENT)

    def visible_to(self, user) -> "LetterQuerySet":
        """What a signed-in person may see."""
        return self.filter(visible_letters(user))

    def for_keys(self) -> "LetterQuerySet":
        """What an API key of the office may see: never a draft, never a restricted letter."""
        return self.filter(
            state__in=[LetterState.SENT, LetterState.ENTERED_IN_ERROR],
            access=Access.OFFICE,
        )

    def released(self) -> "LetterQuerySet":
        """What the public may see."""
        return self.filter(released_at__isnull=False, state=LetterState.SENT)

    def matching(self, words: str) -> "LetterQuerySet":
        """Letters whose words, asks, companies, signers, our or their numbers match; phrases in quotes work.

        A union, each part by its own index: one condition with OR across joins took 12 s on 10,000 letters, this 0.1 s.
        """
        letters, addressees = self.model.objects, self._hanging("addressees")
        parts = [
            letters.filter(search=_searched(words)).values("pk"),
            *(rows.values(path) for path, rows in self._said_in_parts(words)),
            letters.filter(reference__iexact=words).values("pk"),
            addressees.filter(control_number__iexact=words).values("letter"),
        ]
        first, *others = (part.order_by() for part in parts)
        return self.filter(pk__in=first.union(*others))

    def matching_in_public(self, words: str) -> "LetterQuerySet":
        """Those of these letters, which may be public, that match by what anybody may read of them: by no number.

        Each is looked at by itself and nothing else is read. An index of words finds them in all letters, and how long that
        takes would tell the public how often they stand in those that it may not see (invariant 8).
        """
        found = Q(search=_searched(words))
        for path, rows in self._said_in_parts(words):
            # by its key and not by EXISTS: for that PostgreSQL may collect first what matches anywhere
            one = rows.filter(**{path: OuterRef("pk")}).order_by().values("pk")[:1]
            found |= Q(IsNull(Subquery(one), False))
        return self.filter(found)

    def _said_in_parts(self, words: str) -> list[tuple[str, models.QuerySet]]:
        """What hangs on letters and matches: asks, companies, signers; each with its path to the letter."""
        asks = self._hanging("asks")
        return [
            ("letter", asks.filter(search=_searched(words))),
            ("ask__letter", asks.model.targets.through.objects.filter(target__name__icontains=words)),
            ("letter", self._hanging("signatures").filter(printed_name__icontains=words)),
        ]

    def _hanging(self, name: str) -> models.QuerySet:
        return self.model._meta.get_field(name).related_model.objects


def _searched(words: str) -> SearchQuery:
    return SearchQuery(words, search_type="websearch", config="english")
