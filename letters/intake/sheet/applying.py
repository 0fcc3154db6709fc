"""A checked batch into the record: one transaction, through the verbs, in the name of whoever brings it in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from letters.domain.access import EDIT, Actor, require
from letters.domain.aftermath import Proof, Told, add_notes, log_aftermath
from letters.domain.backlog import SentLetter, log_sent
from letters.domain.clocks import noon
from letters.domain.copying import copy_new
from letters.domain.history import acting
from letters.domain.making import known_target, topic_named
from letters.domain.moves import Move
from letters.domain.plans import PlannedTarget
from letters.domain.replies import Bearing, add_evidence, record_response
from letters.domain.workflow import transition
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, ImportState, Status, TaskingRole
from letters.errors import RecordError
from letters.intake.sheet import batches
from letters.intake.sheet.batches import Tell, nothing
from letters.intake.sheet.bringing_dates import Items, bring_dates
from letters.intake.sheet.checking import date_order, effective_day_first, plan_all
from letters.intake.sheet.outcomes import Outcome, SentReply
from letters.intake.sheet.planning import Planned
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
    letters, taskings = log_sent([_resolved(one, topics, targets, by=by) for one in planned], by=by)
    copy_new(
        ImportedLetter,
        (
            {"batch": batch, "letter": letter, "key": one.key, "row": one.rows[0]}
            for letter, one in zip(letters, planned, strict=True)
        ),
    )
    items = {(one.ask.letter_id, one.ask.number - 1, one.agency_id): one for one in taskings}
    dated = bring_dates(zip(letters, planned, strict=True), items, by=by)
    add_notes(
        by=by,
        notes=[
            note for letter, one in zip(letters, planned, strict=True) for note in _notes(batch, letter, one, items)
        ],
    )
    stale = _bring_outcomes(zip(letters, planned, strict=True), items, done, by=by)
    done.new += len(letters)
    done.items += len(items)
    done.references = [(done.references or [str(letters[0].reference)])[0], str(letters[-1].reference)]
    return _open_still(taskings, stale | dated)


def _bring_outcomes(logged: Iterable[tuple[Letter, Planned]], items: Items, done: Applied, *, by: Actor) -> set[UUID]:
    """What came of the letters; the keys of those whose items were changed behind our objects."""
    consulted = {one.ask_id for one in items.values() if one.role == TaskingRole.CONSULTED}
    together, stale = _Came(), set()
    for letter, one in logged:
        outcomes = [outcome for outcome in one.outcomes if outcome.moves]
        of_items = [items[letter.pk, outcome.ask, outcome.agency.pk] for outcome in outcomes]
        alone = len(set(of_items)) < len(of_items) or any(item.role == TaskingRole.CONSULTED for item in of_items)
        came = _Came() if alone else together
        before = len(came.told)
        came.add(letter, outcomes, items)
        done.replies += len(came.told) - before
        if alone:
            _bring_one_by_one(came, by=by)
        if alone or any(item.ask_id in consulted for item in of_items):
            stale.add(letter.pk)  # an end takes what is consulted along
    log_aftermath(by=by, told=together.told, proofs=together.proofs, moves=together.moves)
    return stale


def _open_still(taskings: Sequence[Tasking], stale: set[UUID]) -> list[Tasking]:
    """Those of them that are open; of stale letters they are read again."""
    as_they_are = [one for one in taskings if one.ask.letter_id not in stale and one.is_open]
    again = Tasking.objects.filter(ask__letter__in=stale, status__in=OPEN_STATUSES)
    return as_they_are + (list(again.select_related("ask__letter", "agency")) if stale else [])


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


def _notes(batch: ImportBatch, letter: Letter, one: Planned, items: Items) -> list[tuple[Letter, Tasking | None, str]]:
    """What is noted of a letter and of its items; its own number, where it has another one here."""
    notes: list[tuple[Letter, Tasking | None, str]] = [(letter, None, one.note)] if one.note else []
    if one.number and one.number != letter.reference:
        notes.append((letter, None, f"Number in the imported sheet “{batch.file_name}”: {one.number[:200]}"))
    return notes + [(letter, items[letter.pk, o.ask, o.agency.pk], o.note) for o in one.outcomes if o.note]


@dataclass
class _Came:
    """What came of some letters, for `log_aftermath`."""

    told: list[Told] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def add(self, letter: Letter, outcomes: Sequence[Outcome], items: Items) -> None:
        """Of one letter: its replies, its evidence, and where its items went."""
        replies: dict[SentReply, list[Bearing]] = {}
        # what stays open first: the last end of an ask closes what is consulted
        for one in sorted(outcomes, key=lambda one: one.status in CLOSED_STATUSES):
            tasking = items[letter.pk, one.ask, one.agency.pk]
            if one.reply:
                replies.setdefault(one.reply, []).append(Bearing(tasking, coverage=one.coverage, stance=one.stance))
            if one.evidence:
                proof = one.evidence
                self.proofs.append(Proof(tasking, proof.kind, proof.citation, proof.url, proof.seen_on))
            if one.status != Status.AWAITING:
                at = noon(one.happened_on) if one.happened_on else None  # all have their day
                self.moves.append(Move(tasking, one.status, at, one.reason, one.promised_on))
        self.told += [
            Told(reply.agency, reply.kind, reply.received_on, tuple(bearings), reply.responder, reply.text)
            for reply, bearings in replies.items()
        ]


def _bring_one_by_one(came: _Came, *, by: Actor) -> None:
    """Where an item has more than one word, or a consulted one its own: by the single verbs, each of which sees what those
    before it did."""
    for told in came.told:
        record_response(
            by=by, agency=told.agency, kind=told.kind, received_on=told.received_on, bearings=told.bearings,
            responder=told.responder, text=told.text,
        )  # fmt: skip
    for proof in came.proofs:
        add_evidence(
            proof.tasking, by=by, kind=proof.kind, citation=proof.citation, url=proof.url, seen_on=proof.seen_on
        )
    for move in came.moves:
        transition(
            move.tasking, to=move.to, by=by, reason=move.reason, promised_on=move.promised_on, occurred_at=move.occurred_at
        )  # fmt: skip
