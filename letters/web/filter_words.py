"""What filters in force are called: names and days where an address has keys, codes and moments."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from typing import Any

from letters.domain.deadlines import long_date
from letters.domain.news import CHANGES
from letters.domain.tallies import NOBODY, NOTHING, UNMATCHED_WORDS
from letters.domain.words import office_time
from letters.listing import Listing
from letters.models import Legislator, Letter, Target, Topic, User
from letters.models.tasking_queries import NONE, UNMATCHED

NO_MEMBER = {NONE: NOTHING["lead"], UNMATCHED: UNMATCHED_WORDS}
# By the filter: what is said of values that name no row.
FIXED: dict[str, dict[str, str]] = {
    "lead": NO_MEMBER, "co_signer": NO_MEMBER, "topic": {NONE: NOTHING["topic"]}, "target": {NONE: NOTHING["target"]},
    "owner": {NOBODY: NOBODY}, "change": {code: words for code, (words, _) in CHANGES.items()},
}  # fmt: skip


def _members(keys: Collection[str], listing: Listing) -> Iterable[tuple[str, str]]:
    return Legislator.objects.filter(bioguide__in=keys).values_list("bioguide", "official_full")


def _targets(keys: Collection[str], listing: Listing) -> Iterable[tuple[str, str]]:
    # of others the address is said as it was typed: a name would tell that a restricted letter names them
    return Target.objects.visible_to(listing.user).filter(slug__in=keys).values_list("slug", "name")


def _topics(keys: Collection[str], listing: Listing) -> Iterable[tuple[str, str]]:
    seen = Letter.objects.visible_to(listing.user).order_by().values("topics")
    return Topic.objects.filter(slug__in=keys, pk__in=seen).values_list("slug", "name")


def _people(keys: Collection[str], listing: Listing) -> Iterable[tuple[str, str]]:
    return [(user.username, str(user)) for user in User.objects.filter(username__in=keys)]


NAMED: dict[str, Callable[[Collection[str], Listing], Iterable[tuple[str, str]]]] = {
    "lead": _members, "co_signer": _members, "target": _targets, "topic": _topics, "owner": _people,
}  # fmt: skip


class FilterWords:
    """The words of one address. A query for each kind of name that is in it, and none for the others."""

    def __init__(self, listing: Listing):
        self.listing = listing
        self._names: dict[str, dict[str, str]] = {}

    def of(self, name: str, value: str) -> str:
        """Empty where the value says it itself, or cannot be used."""
        if fixed := FIXED.get(name, {}).get(value):
            return fixed
        if name in NAMED:
            return self._named(name).get(value, "")
        read: Any = getattr(self.listing.filterset.form, "cleaned_data", {}).get(name)
        if isinstance(read, dt.datetime):
            return office_time(read)
        return long_date(read) if isinstance(read, dt.date) else ""

    def _named(self, name: str) -> dict[str, str]:
        if name not in self._names:
            # what is refused is said as it was typed
            is_read = name in getattr(self.listing.filterset.form, "cleaned_data", {})
            keys = set(self.listing.params.getlist(name)) - set(FIXED[name]) if is_read else set()
            self._names[name] = dict(NAMED[name](keys, self.listing)) if keys else {}
        return self._names[name]
