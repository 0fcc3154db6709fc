"""A sent letter that should not be in the record: what marking it as entered in error does, said before it is done."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain import logged_anew, sending, workflow
from letters.domain.access import RELEASE
from letters.domain.deadlines import count
from letters.domain.drafting import lock_letter
from letters.domain.renewals import left_for
from letters.enums import LetterState, Status, TaskingRole
from letters.errors import RecordError
from letters.models import Letter, Response, Tasking
from letters.web.forms import TextField
from letters.web.guards import editable, need
from letters.web.letter_parts import related
from letters.web.merge import Merge, MergeableForm, merge_or_form
from letters.web.take_back import Page

PAGE = Page(
    "Take back", "The whole letter is marked as entered in error, with your reason. It keeps its number and its page, and counts "
    "nowhere from then on: not in the list of letters, not in a report, not with who signed it or who was asked.",
    "Take the letter back", "{} is marked as entered in error. It keeps its number and counts nowhere.",
)  # fmt: skip
FOR_GOOD = (
    "Nothing takes this back. If only a fact, a signer or an ask is wrong, correct that on the letter’s page instead. If the "
    "letter belongs in the record after all, log it anew from its page: it gets another number then."
)
LOOK_AGAIN = "Read what it is now, and take it back if that still holds."


class InErrorForm(MergeableForm):
    """Why; `version` stands for the letter and all its items, as this person saw them."""

    reason = TextField(
        label="What was wrong with it?", limit=2000, rows=2, help_text="Office only. It stays in the record, with this.",
        error_messages={"required": "Say what was wrong with it."},
    )  # fmt: skip
    merged = ()


def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """One that was logged twice, never went out, or is somebody else’s."""
    shown = editable(request, reference)
    if shown.is_released:
        need(request, RELEASE, "may not take back a letter that is public. Ask a manager.", shown)
    if shown.state != LetterState.SENT:
        messages.info(request, f"{reference} is marked as entered in error already.")
        return redirect("letter", reference=reference)
    form, merge, status = _making(shown)(), None, 200
    if request.method == "POST":
        with transaction.atomic():
            shown = lock_letter(shown)
            # before its items: who corrects a letter that repeats it holds that letter, then what it repeats
            logged_anew.hold(shown)
            # a reply that is being saved holds its item: it is waited for, and shown
            workflow.hold(shown_items(shown))
            form, merge, status = _posted(request, shown)
        if status == 302:
            messages.success(request, PAGE.done.format(reference))
            return redirect("letter", reference=reference)
    items = list(shown_items(shown))
    context = {
        "form": form, "merge": merge, "page": PAGE, "what": f"{reference}, {shown.subject}", "letters": [shown],
        "back": reverse("letter", args=[reference]), "notes": [*_follows(request, shown, items), FOR_GOOD],
    }  # fmt: skip
    return render(request, "letters/take_back.html", context, status=status)


def _making(letter: Letter) -> Callable[[QueryDict | None], InErrorForm]:
    items = Tasking.objects.filter(ask__letter=letter).aggregate(all=Sum("version"))["all"] or 0

    def make(data: QueryDict | None = None) -> InErrorForm:
        return InErrorForm(data, initial={"version": letter.version + items})

    return make


def _posted(request: HttpRequest, letter: Letter) -> tuple[InErrorForm, Merge | None, int]:
    """Take it back, unless it is another one than this person saw. The letter is locked, its items are held."""
    make = _making(letter)
    version = make(None).initial["version"]
    found = merge_or_form(make, request.POST, version=version, events=letter.events.all(), reader=request.user)
    if isinstance(found, Merge):
        found.nothing = LOOK_AGAIN
        return found.form or make(None), found, 409
    if not found.is_valid():
        return found, None, 422
    try:
        sending.enter_in_error(letter, by=request.user, reason=found.cleaned_data["reason"])
    except RecordError as error:
        found.add_error(None, str(error))
        return found, None, 422
    return found, None, 302


def shown_items(letter: Letter) -> Sequence[Tasking]:
    return (
        Tasking.objects.filter(ask__letter=letter).select_related("ask__letter", "agency").order_by("ask__number", "pk")
    )


def _is_lead(item: Tasking) -> bool:
    return item.role == TaskingRole.LEAD


def _closing(open_ones: Sequence[Tasking]) -> str:
    """Items as the letter's page counts them; who is consulted owes nothing, and ends with them."""
    leads = sum(map(_is_lead, open_ones))
    consulted = len(open_ones) - leads
    more = f", with {consulted:,} more where an agency is only consulted" if consulted else ""
    what, them = ("closes", "it") if len(open_ones) == 1 else ("close", "them")
    return f"{count(leads, 'open item')} {what} as entered in error{more}, and nobody is reminded of {them} again."


def _go_on(request: HttpRequest, letter: Letter, items: Sequence[Tasking]) -> tuple[list[str], list[UUID]]:
    """Of the letters that repeat these items: what the copy of this one gets of them, in sentences about those that this person
    may see; and all items that leave for the copy's."""
    found: Counter = Counter()
    away: list[UUID] = []
    for copy, renewals, left in logged_anew.going_on(letter, items):
        away += [one.pk for one in left]
        for other in {*(one.letter for one in renewals), *(one.ask.letter for one in left)}:
            found[other.reference, copy.ask.letter.reference] += 1
    seen = set(
        Letter.objects.visible_to(request.user).filter(reference__in=chain(*found)).values_list("reference", flat=True)
    )
    return [
        f"{other}, which repeats {count(number, 'item')} of it, repeats {copy} instead, which was logged anew: still one item, asked as often."
        for (other, copy), number in sorted(found.items())
        if {other, copy} <= seen
    ], away


def _follows(request: HttpRequest, letter: Letter, items: Sequence[Tasking]) -> list[str]:
    """What hangs on the letter, and what becomes of it; of other letters only what this person may see."""
    open_ones = [one for one in items if one.is_open]
    closed = [one for one in items if not one.is_open and one.status != Status.ENTERED_IN_ERROR and _is_lead(one)]
    seen = Tasking.objects.visible_to(request.user)
    repeats = seen.filter(renewals__letter=letter).exclude(ask__letter=letter).count()
    goes_on, away = _go_on(request, letter, open_ones)
    asks_again = left_for([str(one.pk) for one in open_ones]).exclude(pk__in=away).filter(pk__in=seen.values("pk"))
    replies = Response.objects.filter(answers__tasking__in=items, in_error_at__isnull=True).distinct().count()
    notes = []
    if open_ones:
        notes.append(_closing(open_ones))
    if closed:
        stay = "stays as it ended, and counts" if len(closed) == 1 else "stay as they ended, and count"
        notes.append(f"{count(len(closed), 'closed item')} {stay} no more.")
    if replies:
        are, say = ("reply is", "it says") if replies == 1 else ("replies are", "they say")
        notes.append(
            f"{replies:,} {are} recorded about it. What {say} of other letters still counts; what belongs to another letter "
            "has to be recorded there."
        )
    if repeats:
        notes.append(f"It repeats {count(repeats, 'item')} of other letters no more; dates that rest on it follow.")
    notes += goes_on
    for one in asks_again.select_related("ask__letter"):
        notes.append(f"“{one}” of {one.ask.letter.reference}, which repeats one of these, waits for itself again.")
    for one in related(request.user, letter):
        if one["anew"] == "as":
            there = f"{one['letter'].reference} was logged anew from it"
            notes.append(
                f"{there}, and stays as it is."
                if one["letter"].state == LetterState.SENT
                else f"{there}, and is marked as entered in error: nothing would stand for this letter."
            )
    if letter.is_released:
        notes.append("It is public: who follows the public record is told that it is withdrawn.")
    return notes
