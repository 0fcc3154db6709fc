"""A letter while it is being typed: kept at every pause, given up and taken up again, made into a letter when it is sent.

A worksheet is not the record. The record begins when it is sent: then the same verbs make the letter that anybody would call one by one.
"""

import re
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Left
from django.utils import timezone

from letters.domain import making, same_form
from letters.domain.access import EDIT, require
from letters.domain.deadlines import long_date
from letters.domain.history import acting
from letters.domain.logged_anew import hold_later, take_along
from letters.domain.plans import Plan
from letters.domain.proposals import proposed_renewals
from letters.domain.renewals import Proposal, renew_all
from letters.domain.sending import send_letter
from letters.enums import Access
from letters.errors import Problem, RecordError, StaleVersion
from letters.models import Letter, User, Worksheet
from letters.models.letter_queries import SEES_RESTRICTED

# Of which letter the sheet is a copy, where it is one: no field of the page, which may be a colleague's who does not see that
# letter. So it stays with the sheet from save to save.
COPIED_FROM = "copied_from"
# What the page called the save that the sheet is of ("k3x9.2", its second). One whose answer was lost is told by it from a
# colleague's, and from one of the same person in another tab.
SAVED_AS = "saved_as"
A_SAVE = re.compile(r"([0-9a-z]{1,30})\.([0-9]{1,9})")
# by which one without a subject is told from another in a list
BEGINS = {"day": KT("typed__letter_date"), "begins": Left(KT("typed__text"), 4000)}
MAX_TYPED = 2_000_000  # characters; a letter with 200,000 and its parts fits several times


def visible_worksheets(user: User) -> QuerySet[Worksheet]:
    """Everybody's, but for restricted ones: those are for their owner, their named staff and managers (invariant 8)."""
    if user.role in SEES_RESTRICTED:
        return Worksheet.objects.all()
    return Worksheet.objects.filter(Q(restricted=False) | Q(owner=user) | Q(typed__staff__contains=[user.username]))


def standing_worksheets(user: User) -> QuerySet[Worksheet]:
    """What is being typed, latest first."""
    found = visible_worksheets(user).filter(finished_at__isnull=True)
    return found.select_related("owner", "saved_by").annotate(**BEGINS)


def given_up_worksheets(user: User) -> QuerySet[Worksheet]:
    """What was given up and can be taken up again, latest first. Few have no letter: found by the index of that key."""
    found = visible_worksheets(user).filter(letter__isnull=True, finished_at__isnull=False)
    return found.select_related("owner", "saved_by").annotate(**BEGINS).defer("typed").order_by("-finished_at", "pk")


def of_form(key: uuid.UUID | None, by: User, typed: dict[str, Any]) -> Worksheet | None:
    """What this person's empty sheet with this key was kept as. None where it never was, and where that was sent or given
    up and other words came of the same sheet since: they are another letter."""
    found = Worksheet.objects.filter(pk=_id_of(key, by)).select_related("owner", "saved_by", "letter") if key else None
    sheet = found.first() if found else None
    return None if sheet and sheet.finished_at and _words_of(sheet) != typed else sheet


def _id_of(key: uuid.UUID, by: User) -> uuid.UUID:
    return same_form.id_of(key, by, {})


@transaction.atomic
def save_worksheet(
    sheet: Worksheet | None,
    *,
    by: User,
    typed: dict[str, Any],
    expected_version: int | None = None,
    key: uuid.UUID | None = None,
    saved_as: str = "",
) -> Worksheet:
    """Keep what is typed, sound or not. Raises StaleVersion, and keeps what is there, when somebody saved meanwhile.

    `key`: of the empty sheet it is typed on, so that of one sheet there are never two (`of_form`). `saved_as`: the page's
    name and number for its saves until one is answered, so that it goes on from one that came but whose answer was lost.
    """
    require(by, EDIT)
    fields = dict(_fields(typed))
    if sum(map(len, fields.values())) > MAX_TYPED:
        longest = max(fields, key=lambda name: len(fields[name]))
        size = len(fields[longest])
        message = f"It has {size:,} characters, and a whole draft keeps at most {MAX_TYPED:,}. Shorten it, or attach the paper as a file."
        raise RecordError.of(longest, message, size)
    with acting(by):
        if sheet is None and key:
            begun, is_new = Worksheet.objects.get_or_create(pk=_id_of(key, by), defaults={"owner": by, "version": 0, "saved_by": by})  # fmt: skip
            # saved twice at the same moment; or of a sheet that is finished, see `of_form`
            sheet = begun if is_new or begun.finished_at is None else None
        if sheet is None:
            sheet = Worksheet(owner=by, version=0)
        else:
            sheet = _lock(sheet)
            if COPIED_FROM in sheet.typed:
                typed = {**typed, COPIED_FROM: sheet.typed[COPIED_FROM]}
            if _words_of(sheet) == typed:
                return sheet  # whoever saved meanwhile saved the same
            _check_version(sheet, None if _goes_on(sheet, by, saved_as) else expected_version)
        restricted = typed.get("access") == Access.RESTRICTED
        if restricted and sheet.owner_id != by.pk and by.role not in SEES_RESTRICTED:
            # whoever restricts a colleague's sheet goes on seeing it
            typed = typed | {"staff": sorted({*typed.get("staff", ()), by.username})}
        named = {SAVED_AS: saved_as} if A_SAVE.fullmatch(saved_as) else {}
        sheet.typed, sheet.restricted = typed | named, restricted
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
    """Open items of earlier letters that this one, just sent, asks for once more: the same kind, companies and agency; or what
    it is a copy of repeated them."""
    return [one for one in proposed_renewals(letter, user, twins=True) if one.duplicate or one.said]


def original(sheet: Worksheet) -> QuerySet[Letter]:
    """The letter that the sheet was copied from, whoever may see it; none, where it is no copy."""
    key = sheet.typed.get(COPIED_FROM)
    return Letter.objects.filter(pk=key) if key else Letter.objects.none()


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
    # before the items that the copy repeats, which that letter repeats, too: whoever takes it back or corrects it holds it first
    first = original(sheet).select_for_update(no_key=True).first()
    if first:
        hold_later([first])
    letter = making.make_letter(by=by, plan=plan, people=(sheet.owner, by))
    try:
        letter = send_letter(letter, by=by, sent_on=plan.sent_on or plan.facts.get("letter_date"))
    except RecordError as error:
        raise type(error)(*(replace(one, field=_on_the_sheet(one.field, plan)) for one in error.problems)) from error
    if first:
        take_along(letter, by=by, first=first, plan=plan)
        letter.refresh_from_db()
    return letter


def _on_the_sheet(field: str, plan: Plan) -> str:
    """“asks-2-requested_by” of the letter’s second ask, where the sheet has it: an empty part may stand before it."""
    if not field.startswith("asks-"):
        return field
    _, number, name = field.split("-")
    return f"{plan.asks[int(number) - 1].key}-{name}"


def _words_of(sheet: Worksheet) -> dict[str, Any]:
    return {name: value for name, value in sheet.typed.items() if name != SAVED_AS}


def _goes_on(sheet: Worksheet, by: User, saved_as: str) -> bool:
    """Whether the sheet is of a save that the same page made before, by the names of both; one that comes late is none."""
    was, now = A_SAVE.fullmatch(sheet.typed.get(SAVED_AS, "")), A_SAVE.fullmatch(saved_as)
    if was is None or now is None:
        return False
    return (was[1], sheet.saved_by_id) == (now[1], by.pk) and int(was[2]) < int(now[2])


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
