"""A checked batch into the record: one transaction, through the verbs, in the name of whoever brings it in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from letters.domain.access import EDIT, Actor, require
from letters.domain.aftermath import Proof, SentReply, Told, add_notes, log_aftermath
from letters.domain.backlog import SentLetter, log_sent
from letters.domain.clocks import noon
from letters.domain.copying import copy_new
from letters.domain.history import acting
from letters.domain.making import known_target, topic_named
from letters.domain.moves import Move
from letters.domain.plans import PlannedTarget
from letters.domain.replies import Bearing, add_evidence, record_response
from letters.domain.rules import UNREADABLE
from letters.domain.workflow import transition
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, ImportState, Status, TaskingRole
from letters.errors import RecordError
from letters.intake.sheet import batches
from letters.intake.sheet.applied import Applied as Applied  # given on
from letters.intake.sheet.batches import Tell, nothing
from letters.intake.sheet.bringing_dates import Items, bring_dates
from letters.intake.sheet.checking import date_order, effective_day_first, plan_all
from letters.intake.sheet.looking_up import KNOWN
from letters.intake.sheet.naming_first import make_named
from letters.intake.sheet.outcomes import Outcome
from letters.intake.sheet.planning import Planned
from letters.intake.sheet.proving import SentEvidence
from letters.models import ImportBatch, ImportedLetter, Letter, Question, Target, Tasking, Topic

IMPORT_LOCK = 0x696D70  # "imp"
ALL = -1  # under it: every import; one batch has a number that is never negative
Hush = Callable[[Sequence[Tasking]], None]


class Undone(Exception):
    """Rolls back a dry run."""


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
        with connection.cursor() as cursor:
            # until the other has committed, a letter of its that is in this sheet too would be judged new
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [IMPORT_LOCK, ALL])
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state not in (ImportState.READY, ImportState.IMPORTING):
            raise RecordError.of(
                "state",
                f"“{batch.file_name}” is {batch.get_state_display()}. Check it first; what is imported is not imported twice.",
            )
        make_named(batch, by=by)  # before any number is taken
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
            done.known |= {key: here for letter, here in planned if here for key in letter.filed if key != letter.key}
            new = [letter for letter, here in planned if not here and not letter.is_blocked]
            hush(_log(batch, new, done, by=by))
        batch.rows.all().delete()
        batch.state, batch.imported_at = ImportState.IMPORTED, timezone.now()
        batch.counts = {**batch.counts, "imported": done.new, "words": done.words()}
        if done.known:
            batch.counts[KNOWN] = done.known
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
            {"batch": batch, "letter": letter, "key": one.filed[0], "row": one.rows[0]}
            for letter, one in zip(letters, planned, strict=True)
        ),
    )
    for letter, one in zip(letters, planned, strict=True):
        done.known |= dict.fromkeys(one.filed[1:], str(letter.reference))
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
        alone = alone or not all(map(_is_plain, outcomes))
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
    notes: list[tuple[Letter, Tasking | None, str]] = [(letter, None, note) for note in one.notes]
    if one.number and one.number != letter.reference:
        name = batch.file_name.replace(UNREADABLE, "?")  # of the file, which no cell can be mended for
        notes.append((letter, None, f"Number in the imported sheet “{name}”: {one.number}"))
    return notes + [(letter, items[letter.pk, o.ask, o.agency.pk], o.note) for o in one.outcomes if o.note]


@dataclass
class _Came:
    """What came of some letters, for `log_aftermath`."""

    told: list[Told] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    evidence: list[SentEvidence] = field(default_factory=list)  # and `proofs`
    moves: list[Move] = field(default_factory=list)

    def add(self, letter: Letter, outcomes: Sequence[Outcome], items: Items) -> None:
        """Of one letter: its replies, its evidence, and where its items went."""
        replies: dict[SentReply, list[Bearing]] = {}
        # what stays open first: the last end of an ask closes what is consulted
        for one in sorted(outcomes, key=lambda one: one.status in CLOSED_STATUSES):
            tasking = items[letter.pk, one.ask, one.agency.pk]
            if one.reply:
                replies.setdefault(one.reply, []).append(
                    Bearing(
                        tasking,
                        one.coverage,
                        one.stance,
                        one.quote,
                        one.page,
                        one.said,
                        _questions(tasking, one.questions),
                        _targets(tasking, one.targets),
                    )
                )
            if one.evidence:
                proof = one.evidence
                self.proofs.append(Proof(tasking, proof.kind, proof.citation, proof.url, proof.seen_on))
                self.evidence.append(proof)
            if one.status != Status.AWAITING:
                at = noon(one.happened_on) if one.happened_on else None  # all have their day
                self.moves.append(Move(tasking, one.status, at, one.reason, one.promised_on))
        self.told += [Told(reply, tuple(bearings)) for reply, bearings in replies.items()]


def _questions(tasking: Tasking, places: tuple[int, ...]) -> list[Question]:
    return list(tasking.ask.questions.filter(number__in=[place + 1 for place in places])) if places else []


def _targets(tasking: Tasking, places: tuple[int, ...]) -> list[Target]:
    asked = list(tasking.ask.targets_in_order()) if places else []
    return [asked[place] for place in places]


def _is_plain(one: Outcome) -> bool:
    """Whether it names nothing within its ask, and no reply as evidence: `log_aftermath` writes no such thing."""
    return not (one.questions or one.targets or (one.evidence and (one.evidence.reply or one.evidence.targets)))


def _bring_one_by_one(came: _Came, *, by: Actor) -> None:
    """Where an item has more than one word, or a consulted one its own, or a word is of some questions alone: by the single
    verbs, each of which sees what those before it did."""
    responses = {told.reply: record_response(by=by, bearings=told.bearings, **vars(told.reply)) for told in came.told}
    for proof, sent in zip(came.proofs, came.evidence, strict=True):
        add_evidence(
            proof.tasking, by=by, kind=proof.kind, citation=proof.citation, url=proof.url, seen_on=proof.seen_on,
            response=responses[sent.reply] if sent.reply else None, targets=_targets(proof.tasking, sent.targets),
        )  # fmt: skip
    for move in came.moves:
        transition(
            move.tasking, to=move.to, by=by, reason=move.reason, promised_on=move.promised_on, occurred_at=move.occurred_at
        )  # fmt: skip
