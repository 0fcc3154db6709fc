"""What filters in force are called: names and days where an address has keys, codes and moments."""

import datetime as dt
from typing import Any

from letters.domain.deadlines import long_date
from letters.domain.news import CHANGES
from letters.domain.tallies import NOBODY, NOTHING, UNMATCHED_WORDS
from letters.domain.words import office_time
from letters.listing import Listing
from letters.models.tasking_queries import NONE, UNMATCHED

NO_MEMBER = {NONE: NOTHING["lead"], UNMATCHED: UNMATCHED_WORDS}
# By the filter: what is said of values that name no row.
FIXED: dict[str, dict[str, str]] = {
    "lead": NO_MEMBER, "co_signer": NO_MEMBER, "topic": {NONE: NOTHING["topic"]}, "target": {NONE: NOTHING["target"]},
    "owner": {NOBODY: NOBODY}, "change": {code: words for code, (words, _) in CHANGES.items()},
}  # fmt: skip


def words_of(listing: Listing, name: str, value: str) -> str:
    """Empty where the value says it itself, or cannot be used."""
    if fixed := FIXED.get(name, {}).get(value):
        return fixed
    cleaned = getattr(listing.filterset.form, "cleaned_data", {})
    # what is refused is said as it was typed
    if name in cleaned and (named := listing.filterset.named.get(name, {}).get(value)):
        return named.words
    read: Any = cleaned.get(name)
    if isinstance(read, dt.datetime):
        return office_time(read)
    return long_date(read) if isinstance(read, dt.date) else ""
