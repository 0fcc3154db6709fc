"""The companies and topics that a file names anew, made before its first letter is logged.

A name that one transaction has made and not committed is waited for by every other, and so is a number. Who sends a letter makes
its companies, then takes its number: an import that took a number first, and came to such a company later, would wait for them
as they for it, and lose all that it had done. Both make names in one order, topics first (`making`).
"""

from collections.abc import Iterator
from itertools import groupby

from letters.domain.access import Actor
from letters.domain.making import check_target, check_topic, known_target, topic_named
from letters.domain.plans import PlannedTarget
from letters.domain.rules import plain
from letters.intake.sheet.asks import bare_name
from letters.intake.sheet.batches import AT_ONCE, SKIP, values_of
from letters.intake.sheet.checking import HERE
from letters.intake.sheet.names import split_parts
from letters.intake.sheet.resolving import find_targets
from letters.models import ImportBatch

NAMING = {"targets", "topics"}


def make_named(batch: ImportBatch, *, by: Actor) -> None:
    """Of the letters that the check called new; in one order, whatever that of the file. The caller says who acts."""
    if not NAMING & set(batch.columns):
        return
    targets: dict[str, tuple[str, str]] = {}
    topics: dict[str, str] = {}
    for rows in _new(batch):
        filed = next(filter(None, (row.get("topics") for row in rows)), "")
        topics |= {plain(name): " ".join(name.split()) for name in split_parts(filed)}
        for row in rows:
            for name, kind in map(bare_name, split_parts(row.get("targets", ""))):
                targets.setdefault(plain(name), (" ".join(name.split()), kind))
    for _, name in sorted(topics.items()):
        if not check_topic(name, "topics"):
            topic_named(name)
    for key in sorted(targets.keys() - find_targets(batch.owner or by, targets.keys()).keys()):
        name, kind = targets[key]
        if not check_target(name, kind):
            known_target(by=by, planned=PlannedTarget("", name=name, kind=kind))


def _new(batch: ImportBatch) -> Iterator[list[dict[str, str]]]:
    """The rows of each new letter. One that somebody logged since the check may be among them: its companies are made, too."""
    found = batch.rows.filter(blocked=False).exclude(mended__has_key=SKIP).order_by("letter_no", "number")
    for _, group in groupby(found.iterator(AT_ONCE), key=lambda row: row.letter_no):
        rows = list(group)
        if not rows[0].result.startswith(HERE):
            yield [values_of(batch, row) for row in rows]
