"""A checked batch into the record: one transaction, through the verbs, in the name of whoever brings it in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from letters.domain.access import EDIT, Actor, require
from letters.domain.backlog import SentLetter, log_with_items
from letters.domain.copying import copy_in
from letters.domain.history import acting
from letters.domain.items import add_notes
from letters.domain.making import known_target
from letters.domain.plans import PlannedTarget
from letters.domain.replies import Bearing, add_evidence, record_response
from letters.domain.sending import noon
from letters.domain.workflow import transition
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, ImportState, Status
from letters.errors import RecordError
from letters.intake.sheet import batches
from letters.intake.sheet.batches import Tell, nothing
from letters.intake.sheet.checking import date_order, effective_day_first, plan_all
from letters.intake.sheet.outcomes import Outcome, SentReply
from letters.intake.sheet.planning import Planned
from letters.intake.sheet.resolving import topic_named
from letters.models import ImportBatch, ImportedLetter, Letter, Target, Tasking, Topic

Hush = Callable[[Sequence[Tasking]], None]


class Undone(Exception):
    """Rolls back a dry run."""


@dataclass
class Applied:
    """What an import did, or would do."""

    new: int = 0
    items: int = 0
    replies: int = 0
    here: int = 0
    left_out: int = 0
    references: list[str] = field(default_factory=list)  # the first and the last

    def words(self) -> str:
        """One line."""
        span = ""
        if self.references:
            first, last = self.references[0], self.references[-1]
            span = f" ({first})" if first == last else f" (first {first}, last {last})"
        parts = [
            f"{self.new:,} new {'letter' if self.new == 1 else 'letters'}{span}, {self.items:,} {'item' if self.items == 1 else 'items'}"
        ]
        parts.append(f"{self.replies:,} {'reply' if self.replies == 1 else 'replies'}")
        if self.here:
            parts.append(f"{self.here:,} already here")
        if self.left_out:
            parts.append(f"{self.left_out:,} left out with problems")
        return "; ".join(parts)


def apply(
    batch: ImportBatch,
    *,
    by: Actor,
    leave_out_problems: bool = False,
    dry: bool = False,
    hush: Hush,
    tell: Tell = nothing,
) -> Applied:
    """Bring the letters in that are not here yet: all of them or, where anything fails, none.

    `hush` is given the new letters' open items, so that reminders whose day is long past fire for nobody. `tell` hears of progress
    and must not write into this transaction. `dry`: everything is done and taken back.
    """
    require(by, EDIT)
    batches.require_handling(by, batch)
    done = Applied()
    try:
        with transaction.atomic():
            _apply(batch, done, by=by, leave_out_problems=leave_out_problems, hush=hush, tell=tell)
            if dry:
                raise Undone
    except Undone:
        pass
    return done


def _apply(batch: ImportBatch, done: Applied, *, by: Actor, leave_out_problems: bool, hush: Hush, tell: Tell) -> None:
    with acting(by, why=f"import of {batch.file_name}"):
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state not in (ImportState.READY, ImportState.IMPORTING):
            raise RecordError.of(
                "state",
                f"“{batch.file_name}” is {batch.get_state_display()}. Check it first; what is imported is not imported twice.",
            )
        day_first = effective_day_first(batch, date_order(batch))
        for _, planned in plan_all(batch, by=by, day_first=day_first, tell=tell):
            blocked = [letter for letter, here in planned if letter.is_blocked and not here]
            if blocked and not leave_out_problems:
                first = next((f for f in blocked[0].findings if f.blocks), None)
                raise RecordError.of(
                    "rows",
                    f"Row {blocked[0].rows[0]}: {first.words if first else 'it is not ready.'} Mend it, leave it out, or import the others without it.",
                    blocked[0].rows[0],
                )  # fmt: skip
            done.left_out += len(blocked)
            done.here += sum(bool(here) for _, here in planned)
            new = [letter for letter, here in planned if not here and not letter.is_blocked]
            hush(_log(batch, new, done, by=by))
        batch.rows.all().delete()
        batch.state, batch.imported_at = ImportState.IMPORTED, timezone.now()
        batch.counts = {**batch.counts, "imported": done.new, "words": done.words()}
        batch.save()


def _log(batch: ImportBatch, planned: Sequence[Planned], done: Applied, *, by: Actor) -> list[Tasking]:
    """Some hundred letters: logged together, then what came of each. Gives those of their items that are open still."""
    if not planned:
        return []
    topics: dict[str, Topic] = {}
    targets: dict[object, Target] = {}
    letters, taskings = log_with_items([_resolved(one, topics, targets, by=by) for one in planned], by=by)
    copy_in(
        ImportedLetter(batch=batch, letter=letter, key=one.key, row=one.rows[0])
        for letter, one in zip(letters, planned, strict=True)
    )
    items = {(one.ask.letter_id, one.ask.number - 1, one.agency_id): one for one in taskings}
    add_notes(
        by=by,
        notes=[
            note for letter, one in zip(letters, planned, strict=True) for note in _notes(batch, letter, one, items)
        ],
    )
    for letter, one in zip(letters, planned, strict=True):
        done.replies += _bring_outcomes(letter, [o for o in one.outcomes if o.moves], items, by=by)
    done.new += len(letters)
    done.items += len(items)
    done.references = [(done.references or [str(letters[0].reference)])[0], str(letters[-1].reference)]
    return _open_still(
        taskings,
        {letter.pk for letter, one in zip(letters, planned, strict=True) if any(o.moves for o in one.outcomes)},
    )


def _open_still(taskings: Sequence[Tasking], moved: set[UUID]) -> list[Tasking]:
    """Those of letters of which something came are read again: an end takes others along."""
    as_they_were = [one for one in taskings if one.ask.letter_id not in moved]
    again = Tasking.objects.filter(ask__letter__in=moved, status__in=OPEN_STATUSES)
    return as_they_were + (list(again.select_related("ask__letter", "agency")) if moved else [])


def _resolved(one: Planned, topics: dict[str, Topic], targets: dict[object, Target], *, by: Actor) -> SentLetter:
    """The letter with its topics and companies in the record; those that are new are made."""
    assert one.sent is not None
    for name in one.topics:
        if name.casefold() not in topics:
            topics[name.casefold()] = topic_named(name)
    asks = tuple(
        replace(ask, targets=tuple(_target(target, targets, by=by) for target in ask.targets)) for ask in one.sent.asks
    )
    found = dict.fromkeys(topics[name.casefold()] for name in one.topics)
    return replace(one.sent, asks=asks, topics=tuple(found))


def _target(target: Target, targets: dict[object, Target], *, by: Actor) -> Target:
    if not target._state.adding:
        return target
    if target.pk not in targets:
        targets[target.pk] = known_target(by=by, planned=PlannedTarget("", name=target.name, kind=target.kind))
    return targets[target.pk]


Items = dict[tuple[UUID, int, UUID], Tasking]  # by letter, place of the ask, agency


def _notes(batch: ImportBatch, letter: Letter, one: Planned, items: Items) -> list[tuple[Letter, Tasking | None, str]]:
    """What is noted of a letter and of its items; its own number, where it has another one here."""
    notes: list[tuple[Letter, Tasking | None, str]] = [(letter, None, one.note)] if one.note else []
    if one.number and one.number != letter.reference:
        notes.append((letter, None, f"Number in the imported sheet “{batch.file_name}”: {one.number[:200]}"))
    return notes + [(letter, items[letter.pk, o.ask, o.agency.pk], o.note) for o in one.outcomes if o.note]


def _bring_outcomes(letter: Letter, outcomes: Sequence[Outcome], items: Items, *, by: Actor) -> int:
    """Replies, evidence and statuses of one letter's items; how many replies there were."""
    replies: dict[SentReply, list[Bearing]] = {}
    for one in outcomes:
        if one.reply:
            tasking = items[letter.pk, one.ask, one.agency.pk]
            replies.setdefault(one.reply, []).append(Bearing(tasking, coverage=one.coverage, stance=one.stance))
    for reply, bearings in replies.items():
        record_response(
            by=by, agency=reply.agency, kind=reply.kind, received_on=reply.received_on, bearings=bearings,
            responder=reply.responder, text=reply.text,
        )  # fmt: skip
    for one in outcomes:
        if one.evidence:
            add_evidence(
                items[letter.pk, one.ask, one.agency.pk], by=by, kind=one.evidence.kind, citation=one.evidence.citation,
                url=one.evidence.url, seen_on=one.evidence.seen_on,
            )  # fmt: skip
    # what stays open first: the last end of an ask closes what is consulted
    for one in sorted(outcomes, key=lambda one: one.status in CLOSED_STATUSES):
        if one.status != Status.AWAITING:
            transition(
                items[letter.pk, one.ask, one.agency.pk], to=one.status, by=by, reason=one.reason, promised_on=one.promised_on,
                occurred_at=noon(one.happened_on) if one.happened_on else letter.sent_at,
            )  # fmt: skip
    return len(replies)
