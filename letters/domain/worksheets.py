"""A letter while it is being typed: kept at every pause, given up and taken up again, made into a letter when it is sent.

A worksheet is not the record. The record begins when it is sent: then the same verbs make the letter that anybody would call one by one.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from letters.domain import making
from letters.domain.access import EDIT, require
from letters.domain.deadlines import long_date
from letters.domain.history import acting
from letters.domain.plans import Plan
from letters.domain.renewals import Proposal, proposed_renewals, renew_all
from letters.domain.sending import send_letter
from letters.enums import Access
from letters.errors import Problem, RecordError, StaleVersion
from letters.models import Letter, User, Worksheet
from letters.models.letter_queries import SEES_RESTRICTED

MAX_TYPED = 2_000_000  # characters; a letter with 200,000 and its parts fits several times


def visible_worksheets(user: User) -> QuerySet[Worksheet]:
    """Everybody's, but for restricted ones: those are for their owner, their named staff and managers (invariant 8)."""
    if user.role in SEES_RESTRICTED:
        return Worksheet.objects.all()
    return Worksheet.objects.filter(Q(restricted=False) | Q(owner=user) | Q(typed__staff__contains=[user.username]))


def standing_worksheets(user: User) -> QuerySet[Worksheet]:
    """What is being typed, latest first."""
    return visible_worksheets(user).filter(finished_at__isnull=True).select_related("owner", "saved_by")


def given_up_worksheets(user: User) -> QuerySet[Worksheet]:
    """What was given up and can be taken up again, latest first. Few have no letter: found by the index of that key."""
    found = visible_worksheets(user).filter(letter__isnull=True, finished_at__isnull=False)
    return found.select_related("owner", "saved_by").defer("typed").order_by("-finished_at", "pk")


@transaction.atomic
def save_worksheet(
    sheet: Worksheet | None, *, by: User, typed: dict[str, Any], expected_version: int | None = None
) -> Worksheet:
    """Keep what is typed, sound or not. Raises StaleVersion, and keeps what is there, when somebody saved meanwhile."""
    require(by, EDIT)
    fields = dict(_fields(typed))
    if sum(map(len, fields.values())) > MAX_TYPED:
        longest = max(fields, key=lambda name: len(fields[name]))
        size = len(fields[longest])
        message = f"It has {size:,} characters, and a whole draft keeps at most {MAX_TYPED:,}. Shorten it, or attach the paper as a file."
        raise RecordError.of(longest, message, size)
    with acting(by):
        if sheet is None:
            sheet = Worksheet(owner=by, version=0)
        else:
            sheet = _lock(sheet)
            if sheet.typed == typed:
                return sheet  # whoever saved meanwhile saved the same
            _check_version(sheet, expected_version)
        restricted = typed.get("access") == Access.RESTRICTED
        if restricted and sheet.owner_id != by.pk and by.role not in SEES_RESTRICTED:
            # whoever restricts a colleague's sheet goes on seeing it
            typed = typed | {"staff": sorted({*typed.get("staff", ()), by.username})}
        sheet.typed, sheet.restricted = typed, restricted
        sheet.title = " ".join(typed.get("subject", "").split())[:300]
        sheet.saved_by = by
        sheet.version += 1
        sheet.save()
        return sheet


@transaction.atomic
def give_up(sheet: Worksheet, *, by: User) -> Worksheet:
    """Off the list of drafts. Nothing is thrown away: `restore` brings it back."""
    require(by, EDIT)
    with acting(by):
        sheet = _lock(sheet)
        sheet.finished_at = timezone.now()
        sheet.save(update_fields=["finished_at"])
        return sheet


@transaction.atomic
def restore(sheet: Worksheet, *, by: User) -> Worksheet:
    """Take up again what was given up."""
    require(by, EDIT)
    with acting(by):
        sheet = Worksheet.objects.select_for_update(no_key=True).get(pk=sheet.pk)
        if sheet.letter:
            raise RecordError.of("state", f"{sheet} was sent as {sheet.letter.reference} and is no longer a draft.")
        sheet.finished_at = None
        sheet.save(update_fields=["finished_at"])
        return sheet


@transaction.atomic
def send_worksheet(
    sheet: Worksheet, *, by: User, plan: Plan, expected_version: int | None = None, repeats: Collection[str] = ()
) -> Letter:
    """Make the letter and send it, in one go or not at all.

    `repeats`: ids of open items of earlier letters that a person ticked among `repeats_of`; each goes on in the stead
    of the item that this letter would have of the same ask.
    """
    require(by, EDIT)
    with acting(by):
        sheet = _lock(sheet, expected_version)
        letter = _made_and_sent(sheet, by, plan)
        _repeat(letter, by, set(repeats))
        sheet.letter, sheet.finished_at = letter, timezone.now()
        sheet.save(update_fields=["letter", "finished_at"])
        return letter


@contextmanager
def rehearsal(sheet: Worksheet, *, by: User, plan: Plan) -> Iterator[Letter]:
    """The letter exactly as sending would make it, for the length of the block: then all of it is undone."""
    require(by, EDIT)
    with transaction.atomic():
        with acting(by, why="review"):
            yield _made_and_sent(sheet, by, plan)
        transaction.set_rollback(True)


def repeats_of(letter: Letter, user: User) -> list[Proposal]:
    """Open items of earlier letters that this one, just sent, asks for once more: the same kind, companies and agency."""
    return [proposal for proposal in proposed_renewals(letter, user, twins=True) if proposal.duplicate]


def _repeat(letter: Letter, by: User, chosen: set[str]) -> None:
    if not chosen:
        return
    found = [proposal for proposal in repeats_of(letter, by) if str(proposal.tasking.pk) in chosen]
    if len(found) < len(chosen):
        raise RecordError.of(
            "repeats",
            "What you ticked as asked before has changed since you opened the review. Here it is as it stands now.",
        )
    renew_all(found, by=by, letter=letter)


def _made_and_sent(sheet: Worksheet, by: User, plan: Plan) -> Letter:
    letter = making.make_letter(by=by, plan=plan, people=(sheet.owner, by))
    return send_letter(letter, by=by, sent_on=plan.sent_on or plan.facts.get("letter_date"))


def _fields(typed: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each field with its words, by the name the page gives it: `subject`, `asks-0-quote`."""
    if isinstance(typed, dict | list):
        for part, value in typed.items() if isinstance(typed, dict) else enumerate(typed):
            yield from _fields(value, f"{name}-{part}" if name else str(part))
    else:
        yield name, str(typed)


def _lock(sheet: Worksheet, expected_version: int | None = None) -> Worksheet:
    # of itself only: its people and its letter are not changed
    fresh = Worksheet.objects.select_for_update(no_key=True, of=("self",)).select_related("saved_by").get(pk=sheet.pk)
    if fresh.finished_at:
        what = "sent" if fresh.letter_id else "given up"
        raise RecordError.of("state", f"This draft was {what} on {long_date(timezone.localdate(fresh.finished_at))}.")
    _check_version(fresh, expected_version)
    return fresh


def _check_version(sheet: Worksheet, expected: int | None) -> None:
    if expected is not None and sheet.version != expected:
        raise StaleVersion(
            Problem("version", f"{sheet.saved_by} saved this draft while you had it open.", sheet.version)
        )
