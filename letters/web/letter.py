"""Letters: the list, and the page of one with its facts, its matrix and what happened."""

import datetime as dt
import uuid

from django.contrib import messages
from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain import items, keyset
from letters.domain.access import EDIT, RELEASE, RESTRICT, may
from letters.domain.clocks import office_today
from letters.domain.deadlines import count, long_date
from letters.domain.standing import with_reopening
from letters.domain.words import deadline_words, signer_words, with_yardstick
from letters.enums import Delivery, LetterState, Match, Status
from letters.errors import RecordError
from letters.models import Addressee, Letter, Renewal, Signature, Tasking
from letters.models.tasking_queries import OPEN_LEAD
from letters.web.forms import LetterNoteForm
from letters.web.guards import editable, visible
from letters.web.item import why_dates
from letters.web.letter_cells import cells
from letters.web.letter_parts import corrections, file_rows, files_of, questions_of, related
from letters.web.letter_timeline import timeline_of
from letters.web.paging import page_of, pager
from letters.web.rows import agency_words, matrix

PAGE = 50
MAX_WORDS = 200
MOST_NAMED = 12  # signers in the heading of a letter; all of them stand in their table
BY_SENT = keyset.Order("sent_on", descending=True)
# counted letter by letter, for those of the page only
OPEN_ITEMS = Coalesce(
    Subquery(
        Tasking.objects.filter(OPEN_LEAD, ask__letter=OuterRef("pk"))
        .order_by()
        .values("ask__letter")
        .annotate(number=Count("pk"))
        .values("number")
    ),
    0,
)


def letters(request: HttpRequest) -> HttpResponse:
    """Sent letters, newest first."""
    words = request.GET.get("q", "").strip()
    seen = Letter.objects.visible_to(request.user).sent()
    too_long = ""
    if len(words) > MAX_WORDS:
        too_long = f"Words: “{words[:80]}…” cannot be searched for. Use 1 to {MAX_WORDS} characters, none of them NUL."
        found, status = seen.none(), 400
    else:
        found, status = seen.matching(words) if words else seen, 200
    listed = found.annotate(open_items=OPEN_ITEMS).prefetch_related(
        Prefetch("signatures", Signature.objects.select_related("legislator")),
        Prefetch("addressees", Addressee.objects.select_related("agency")),
    )
    page, notice = page_of(request, listed, BY_SENT, size=PAGE)
    total = found.count()
    context = {
        "letters": [(letter, signer_words(letter), agency_words(letter)) for letter in page.rows],
        "words": words,
        "total": total,
        "shown": f"Showing {len(page.rows):,} of {count(total, 'letter')}"
        if total > len(page.rows)
        else count(total, "letter"),
        **pager(request, page),
        "notice": too_long or notice,
        "nothing_because": "Nothing was searched for. Use fewer words."
        if status == 400
        else f"No letter you may see has “{words}” in its words, asks, companies, signers or numbers.",
    }
    return render(request, "letters/letters.html", context, status=status)


def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """One letter: facts, asks by agency, timeline, words, notes."""
    return render(request, "letters/letter.html", facts(request, visible(request, reference), empty_note()))


def empty_note() -> LetterNoteForm:
    """The form of a note that nobody has typed yet."""
    return LetterNoteForm(initial={"key": uuid.uuid4()})


def add_note(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep an internal note about the letter."""
    shown = editable(request, reference)
    form = LetterNoteForm(request.POST) if request.method == "POST" else empty_note()
    if request.method == "POST" and form.is_valid():
        try:
            items.add_note(by=request.user, letter=shown, **form.cleaned_data)
            messages.success(request, "The note is kept.")
            return redirect("letter", reference=reference)
        except RecordError as error:
            form.add_error("text", str(error))
    status = 422 if form.is_bound else 200
    return render(request, "letters/letter.html", facts(request, shown, form), status=status)


def facts(request: HttpRequest, shown: Letter, note_form: LetterNoteForm) -> dict:
    """Everything the page of one letter shows."""
    today = office_today()
    taskings = list(
        with_yardstick(with_reopening(Tasking.objects.filter(ask__letter=shown)))
        .for_rows()
        .select_related(
            "ask__kind", "ask__letter", "agency", "acting_agency", "owner", "status_event", "passed_to__agency"
        )
        .with_clock(today)
        .order_by("ask__number", "role", "agency__short_name", "status_event__sequence")
    )
    open_items = [t for t in taskings if t.is_open and t.role == "lead"]
    repeated = [
        renewal.tasking
        for renewal in Renewal.objects.filter(
            letter=shown, tasking__in=Tasking.objects.visible_to(request.user).values("pk")
        )
        # what was passed on goes on as another item, which the letter repeats, too
        .exclude(tasking__status__in=[Status.TRANSFERRED, Status.ENTERED_IN_ERROR])
        .select_related("tasking__ask__letter", "tasking__agency")
        .order_by("tasking__asked_on", "tasking__ask__letter__reference", "tasking__ask__number", "pk")
    ]
    signatures = list(shown.signatures.all())
    proposed = [s for s in signatures if s.match == Match.PROPOSED]
    asked, questions = matrix(shown, taskings, cells(taskings, today, request.user)), questions_of(shown)
    for row in asked["rows"]:
        row["questions"] = questions.get(row["ask"].pk)
    return {
        "letter": shown,
        "deadline_words": deadline_words(shown),
        "day_corrected": _day_corrected(shown),
        "crumbs": [{"label": "Letters", "url": reverse("letters")}],
        "doubtful_words": _doubtful_words(signatures),
        "leads": [s for s in signatures if s.is_lead],
        "others": [s for s in signatures if not s.is_lead],
        "signers_named": len(signatures) <= MOST_NAMED,
        "to": [a for a in shown.addressees.all() if a.delivery == Delivery.TO],
        "copies": [a for a in shown.addressees.all() if a.delivery == Delivery.CC],
        "signatures": signatures,
        "doubtful": [s for s in signatures if s.match != Match.CONFIRMED],
        "proposed": [s for s in proposed if not s.doubt],
        "matrix": asked,
        "summary": _summary(taskings, open_items, sum(one.is_open for one in repeated)),
        "repeated": repeated,
        "why": _why(open_items),
        "files": (kept := file_rows(files_of(request.user, shown), request.user)),
        "timeline": timeline_of(request, shown, taskings, kept),
        "related": (linked := related(request.user, shown)),
        "anew": [one | {"both_count": _both_count(shown, one["letter"])} for one in linked if one["anew"]],
        "corrections": corrections(shown),
        "notes": shown.notes.select_related("by", "tasking__agency", "tasking__ask"),
        "note_form": note_form,
        "may_edit": may(request.user, EDIT, shown),
        "may_confirm": bool(proposed) and shown.state == LetterState.SENT and may(request.user, EDIT, shown),
        "may_take_back": not shown.is_released or may(request.user, RELEASE, shown),
        "may_restrict": may(request.user, RESTRICT, shown),
    }


def _day_corrected(letter: Letter) -> dict | None:
    """Why the day on which it was sent is another than was noted first, where that is not the day on the letter either. A day
    that was corrected and put back is none to explain."""
    found = [one for one in letter.amendments.all() if one.field == "sent_on" and one.before]
    if not found or letter.sent_on == letter.letter_date:
        return None
    first = dt.date.fromisoformat(found[0].before)
    return None if first == letter.sent_on else {"before": long_date(first), "reason": found[-1].reason}


def _both_count(letter: Letter, other: Letter) -> bool:
    return letter.state == other.state == LetterState.SENT


def _why(open_items: list[Tasking]) -> list[dict]:
    """Each distinct date explained once, by the first item that has it, which is named where there are several."""
    by_date: dict = {}
    for tasking in open_items:
        by_date.setdefault((tasking.due_on, tasking.due_basis), []).append(tasking)
    explained = why_dates([members[0] for members in by_date.values()])
    whys = []
    for first, *others in by_date.values():
        if first.pk not in explained:
            continue
        why = explained[first.pk]
        if len(by_date) > 1:
            more = f", and {count(len(others), 'more item')}" if others else ""
            why["question"] += f" (ask {first.ask.number}, {first.agency}{more})"
        whys.append(why | {"folded": bool(whys)})
    return whys


def _doubtful_words(signatures: list) -> str:
    doubtful = [s.printed_name for s in signatures if s.match != Match.CONFIRMED]
    who = "signer is" if len(doubtful) == 1 else "signers are"
    return f"{len(doubtful)} {who} kept as printed and not confirmed as a member: {', '.join(doubtful)}."


def _summary(taskings: list[Tasking], open_items: list[Tasking], repeated: int) -> str:
    """ "5 asks, 3 agencies, 7 open items"; of a follow-up, how many items of earlier letters it repeats."""
    asks = len({t.ask_id for t in taskings})
    agencies = len({t.agency_id for t in taskings})
    return f"{count(asks, 'ask')}, {agencies} {'agency' if agencies == 1 else 'agencies'}, {_open_words(len(open_items), repeated)}"


def _open_words(number: int, repeated: int) -> str:
    again = f"repeats {count(repeated, 'open item')} of earlier letters"
    if not repeated:
        return count(number, "open item")
    return again if not number else f"{count(number, 'open item')} of its own, {again}"
