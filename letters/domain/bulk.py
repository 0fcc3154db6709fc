"""One change of many open items: judged before it is made, made as a whole, and taken back where it can be.

A change is one transaction: the items it changes and the note of what stood before stand or fall together.
An item that refuses, or that somebody changed since it was chosen, is left alone and named.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.domain import clocks, items, putting_back, workflow
from letters.domain.access import EDIT, may, require
from letters.domain.deadlines import long_date
from letters.domain.history import acting
from letters.domain.rules import check_required, check_text, refuse_if
from letters.enums import OPEN_STATUSES, Status, TaskingRole
from letters.errors import Problem, RecordError, StaleVersion
from letters.models import BulkChange, Note, Tasking, User

MOST = 500
TAKEN_BACK = "bulk change taken back"
CHANGED_SINCE = "Somebody changed it since you chose it. Look at it again."
NO_WAY_BACK = f"It cannot be taken back: an open item never goes back to “{Status.AWAITING.label}”, since somebody heard something."


@dataclass(frozen=True)
class Change:
    """What is to be done with each item: a name in `VERBS`, and what that verb needs."""

    verb: str
    owner: User | None = None
    until: dt.date | None = None
    text: str = ""
    to: str = ""
    reason: str = ""
    promised_on: dt.date | None = None

    def details(self) -> dict[str, Any]:
        """As kept in the record."""
        known = {
            "owner": self.owner.username if self.owner else None,
            "until": self.until.isoformat() if self.until else None,
            "promised_on": self.promised_on.isoformat() if self.promised_on else None,
            "text": self.text, "to": self.to, "reason": self.reason,
        }  # fmt: skip
        details = {name: known[name] for name in VERBS[self.verb].fields}
        return details | ({"name": str(self.owner)} if "owner" in details and self.owner else {})


@dataclass(frozen=True)
class Judged:
    """What would happen to one item: why it would stay as it is, or what to know before it changes."""

    tasking: Tasking
    refusal: str = ""
    remark: str = ""


@dataclass
class Outcome:
    """What a change, or taking it back, came to."""

    change: BulkChange | None = None
    changed: list[Tasking] = field(default_factory=list)
    left: list[tuple[Tasking, str]] = field(default_factory=list)
    unseen: int = 0  # items the person may no longer see, which are not named


def check(change: Change) -> None:
    """Refuse a change that would be wrong for every item. Raises RecordError."""
    refuse_if(VERBS[change.verb].check(change))


def judge(tasking: Tasking, change: Change, *, by: User, version: int | None = None) -> Judged:
    """What the change would do to one item; `version` is what the person saw of it."""
    if not may(by, EDIT, tasking.ask.letter):
        return Judged(tasking, "You may see this item but not change it.")
    if version is not None and version != tasking.version:
        return Judged(tasking, CHANGED_SINCE)
    verb = VERBS[change.verb]
    try:
        return Judged(tasking, verb.refuse(tasking, change), verb.remark(tasking, change))
    except RecordError as error:
        return Judged(tasking, str(error))


@transaction.atomic
def apply(
    chosen: Sequence[tuple[Tasking, int | None]], *, by: User, change: Change, pk: uuid.UUID | None = None
) -> Outcome:
    """Make the change, for each item at the version the person saw. At most `MOST` items. `pk`: of what is kept of it."""
    if len(chosen) > MOST:
        raise RecordError.of("items", too_many(len(chosen)))
    check(change)
    outcome = Outcome()
    kept = []
    verb = VERBS[change.verb]
    with acting(by, why=f"bulk change: {verb.label}"):
        for tasking, version in _in_order(chosen):
            judged = judge(tasking, change, by=by)
            if judged.refusal:
                outcome.left.append((tasking, judged.refusal))
                continue
            try:
                with transaction.atomic():
                    now = workflow.lock(tasking, expected_version=version)
                    entry = {"id": str(tasking.pk), "touched_at": now.touched_at.isoformat()}
                    kept.append(entry | {"before": verb.do(now, change, by)})
            except StaleVersion:
                outcome.left.append((tasking, CHANGED_SINCE))
                continue
            except RecordError as error:
                outcome.left.append((tasking, str(error)))
                continue
            outcome.changed.append(tasking)
        if kept:
            # read when all is done: what one item's end did to another counts as done by this change
            versions = dict(Tasking.objects.filter(pk__in=[e["id"] for e in kept]).values_list("pk", "version"))
            entries = [{**entry, "version": versions[t.pk]} for entry, t in zip(kept, outcome.changed, strict=True)]
            outcome.change = BulkChange.objects.create(
                pk=pk or uuid.uuid4(), by=by, verb=change.verb, details=change.details(), items=entries
            )
    return outcome


@transaction.atomic
def take_back(change: BulkChange, *, by: User) -> Outcome:
    """Undo what can be undone. What others changed since stays as they left it, and is named."""
    change = BulkChange.objects.select_for_update(no_key=True).get(pk=change.pk)
    if change.by_id != by.pk:
        raise RecordError.of("by", "This change is somebody else’s. Who made it can take it back.")
    if change.undone_at:
        raise RecordError.of("undone_at", "This change was taken back already.")
    entries = {entry["id"]: entry for entry in change.items}
    found = Tasking.objects.visible_to(by).filter(pk__in=entries)
    found = found.select_related("ask__letter", "ask__kind", "agency", "owner")
    outcome = Outcome(change, unseen=len(entries) - len(found))
    with acting(by, why=TAKEN_BACK):
        # what is consulted opens again only behind the responsible item of its ask; whoever holds one holds its ask
        in_order = sorted(found, key=lambda one: (one.ask_id, one.role == TaskingRole.CONSULTED, one.pk))
        for tasking, version in ((one, entries[str(one.pk)]["version"]) for one in in_order):
            entry = entries[str(tasking.pk)]
            try:
                with transaction.atomic():
                    now = workflow.lock(tasking, expected_version=version)
                    VERBS[change.verb].undo(now, entry["before"], by)
                    if touched_at := entry.get("touched_at"):
                        # a slip and its undoing are no work on it: what lay untouched lies so again
                        Tasking.objects.filter(pk=tasking.pk).update(touched_at=dt.datetime.fromisoformat(touched_at))
            except StaleVersion:
                outcome.left.append((tasking, "Somebody changed it since."))
                continue
            except RecordError as error:
                outcome.left.append((tasking, str(error)))
                continue
            outcome.changed.append(tasking)
        if outcome.changed:
            change.undone_at = timezone.now()
            change.save(update_fields=["undone_at"])
    return outcome


def too_many(number: int) -> str:
    """Why that many are refused, and the way out."""
    return (
        f"At most {MOST} items can be changed at once; these are {number:,}. Narrow the list, and change it in parts."
    )


def _in_order(chosen: Iterable[tuple[Tasking, int | None]]) -> list[tuple[Tasking, int | None]]:
    # in one order, so that two changes of the same items wait for each other instead of both
    return sorted(chosen, key=lambda pair: (pair[0].ask_id, pair[0].pk))


# --- each verb: what it needs, when it is refused, what it does, how it is taken back


def _refuse_owner(tasking: Tasking, change: Change) -> str:
    if tasking.owner_id == (change.owner.pk if change.owner else None):
        return f"It is with {change.owner} already." if change.owner else "Nobody owns it already."
    if change.owner and not may(change.owner, EDIT, tasking.ask.letter):
        return f"{change.owner} may not change its letter."
    return ""


def _assign(tasking: Tasking, change: Change, by: User) -> dict:
    items.assign(tasking, by=by, owner=change.owner)
    return {"owner": str(tasking.owner_id) if tasking.owner_id else None}


def _assign_back(tasking: Tasking, before: dict, by: User) -> None:
    owner = User.objects.get(pk=before["owner"]) if before["owner"] else None
    items.assign(tasking, by=by, owner=owner)


def _check_until(change: Change) -> list[Problem]:
    return items.check_reminding(change.until)


def _refuse_until(tasking: Tasking, change: Change) -> str:
    if why_not := items.why_no_reminder(tasking):
        return why_not
    if tasking.snoozed_until == change.until:
        return f"It says {long_date(change.until)} already." if change.until else "Its reminders are as usual already."
    return ""


def _snooze(tasking: Tasking, change: Change, by: User) -> dict:
    items.snooze(tasking, by=by, until=change.until)
    return {"until": tasking.snoozed_until.isoformat() if tasking.snoozed_until else None}


def _snooze_back(tasking: Tasking, before: dict, by: User) -> None:
    until = dt.date.fromisoformat(before["until"]) if before["until"] else None
    # a day that has passed reminds of nothing more
    items.snooze(tasking, by=by, until=until if until and until > clocks.office_today() else None, undo=True)


def _check_note(change: Change) -> list[Problem]:
    return [
        *check_required("text", "The note", change.text, "Write something."),
        *check_text("text", "The note", change.text, items.MAX_NOTE),
    ]


def _note(tasking: Tasking, change: Change, by: User) -> dict:
    note = items.add_note(by=by, text=change.text, letter=tasking.ask.letter, tasking=tasking)
    return {"note": str(note.pk)}


def _note_back(tasking: Tasking, before: dict, by: User) -> None:
    for note in Note.objects.filter(pk=before["note"]):
        items.take_back_note(note, by=by, tasking=tasking)


def _check_status(change: Change) -> list[Problem]:
    if change.to not in CHOOSABLE:
        return [Problem("to", "Choose the status. An item is passed on to an agency from its own page.", change.to)]
    return []


def _refuse_status(tasking: Tasking, change: Change) -> str:
    workflow.check_move(tasking, change.to, reason=change.reason, promised_on=change.promised_on)
    return ""


def _remark_status(tasking: Tasking, change: Change) -> str:
    return NO_WAY_BACK if tasking.status == Status.AWAITING and change.to in OPEN_STATUSES else ""


def _move(tasking: Tasking, change: Change, by: User) -> dict:
    workflow.transition(tasking, to=change.to, by=by, reason=change.reason, promised_on=change.promised_on)
    return {"status": tasking.status}


def _move_back(tasking: Tasking, before: dict, by: User) -> None:
    if tasking.status in OPEN_STATUSES and before["status"] == Status.AWAITING:
        raise RecordError.of("to", NO_WAY_BACK)
    require(by, EDIT, tasking.ask.letter)
    putting_back.put_back(tasking, by=by, reason=TAKEN_BACK)


# Passing an item on names another agency, each its own: not for many at once.
CHOOSABLE = tuple(status for status in Status if status not in (Status.DRAFT, Status.TRANSFERRED))


@dataclass(frozen=True)
class Verb:
    """One thing that can be done to many items: its words, the fields of `Change` it reads, and its four parts."""

    label: str
    fields: tuple[str, ...]
    takes_back: str
    do: Callable[[Tasking, Change, User], dict]
    undo: Callable[[Tasking, dict, User], None]
    refuse: Callable[[Tasking, Change], str] = lambda tasking, change: ""
    check: Callable[[Change], list[Problem]] = lambda change: []
    remark: Callable[[Tasking, Change], str] = lambda tasking, change: ""


VERBS: dict[str, Verb] = {
    "assign": Verb(
        "assign", ("owner",), "each goes back to who had it", _assign, _assign_back, _refuse_owner
    ),
    "snooze": Verb(
        "remind me on", ("until",), "each gets its former day back", _snooze, _snooze_back, _refuse_until, _check_until
    ),
    "note": Verb("note", ("text",), "the notes are removed", _note, _note_back, check=_check_note),
    "status": Verb(
        "change status", ("to", "reason", "promised_on"),
        "closed items are reopened, and go back to what they were", _move, _move_back, _refuse_status, _check_status, _remark_status,
    ),
}  # fmt: skip
