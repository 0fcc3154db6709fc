"""Log a letter: one page that keeps every word, a review that shows the record as it will stand, and "Send"."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from letters.domain import worksheets
from letters.domain.access import EDIT, may
from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.errors import Problem, RecordError, StaleVersion
from letters.intake import typed as sheets
from letters.intake.names import resolve_names
from letters.intake.questions import question_lines
from letters.intake.worksheet import Reading, read_sheet
from letters.models import Letter, Tasking, User, Worksheet
from letters.web.guards import need
from letters.web.review import review_context
from letters.web.sheet import saved_words, sheet_page, shown_at
from letters.web.sheet_labels import difference_rows, label_of
from letters.web.sheet_steps import take

AUTOSAVE, PART = "X-Autosave", "X-Part"
JUDGED = "judged"  # the page says what is wrong, and goes on saying it until that is mended
MOST_GIVEN_UP = 50


def new(request: HttpRequest) -> HttpResponse:
    """An empty sheet; the first save gives it an address of its own."""
    _require_staff(request)
    return _keep(request, None) if request.method == "POST" else sheet_page(request, None)


def draft(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A sheet as it was left, and each button on it."""
    sheet = _sheet(request, pk)
    if request.method == "POST":
        return _keep(request, sheet)
    return _finished(request, sheet) if sheet.finished_at else sheet_page(request, sheet)


def drafts(request: HttpRequest) -> HttpResponse:
    """What is being typed, latest first."""
    found = worksheets.standing_worksheets(request.user)[:200]
    rows = [
        {"sheet": sheet, "saved": saved_words(sheet), "is_mine": sheet.owner_id == request.user.pk} for sheet in found
    ]
    may_edit = may(request.user, EDIT)
    given_up = list(worksheets.given_up_worksheets(request.user)[:MOST_GIVEN_UP]) if may_edit else []
    context = {"rows": rows, "may_edit": may_edit, "given_up": given_up, "most": MOST_GIVEN_UP}
    return render(request, "letters/drafts.html", context)


def review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The record exactly as it will stand. Nothing of it is written: it is made, shown and undone."""
    sheet = _sheet(request, pk)
    if sheet.finished_at:
        return _finished(request, sheet)
    return _review(request, sheet)


def send(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Fix the letter as sent."""
    sheet = _sheet(request, pk)
    if sheet.finished_at:
        return _finished(request, sheet)
    reading = _read(sheet, request.user)
    try:
        if reading.problems:
            raise RecordError(*reading.problems)
        version = _number(request.POST.get("version"))
        repeats = set(request.POST.getlist("repeats"))
        letter = worksheets.send_worksheet(
            sheet, by=request.user, plan=reading.plan, expected_version=version, repeats=repeats
        )
    except StaleVersion:
        fresh = _sheet(request, pk)
        return _review(request, fresh, notice=f"{fresh.saved_by} changed this draft after you opened the review. Here it is as it stands now.", status=409)  # fmt: skip
    except RecordError as error:
        sheet.refresh_from_db()
        if sheet.finished_at:
            return _finished(request, sheet)
        if any(problem.field == "repeats" for problem in error.problems):
            return _review(request, sheet, notice=str(error), status=409)
        return sheet_page(request, sheet, problems=_merged(reading, error), status=422)
    waiting = Tasking.objects.open().filter(ask__letter=letter).count()
    begins = f"{count(waiting, 'open item')} {'begins' if waiting == 1 else 'begin'} to wait."
    again = f"It repeats {count(len(repeats), 'open item')} of earlier letters." if repeats else ""
    messages.success(
        request, " ".join(filter(None, [f"Sent as {letter.reference}.", *([begins] if waiting else []), again]))
    )
    return redirect("letter", reference=letter.reference)


def give_up(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Among those given up, with a way back."""
    sheet = _sheet(request, pk)
    if sheet.finished_at:
        return _finished(request, sheet)
    if "version" in request.POST:  # from the sheet itself: what was typed since it was saved last is kept with it
        typed = sheets.from_fields(request.POST.lists())
        try:
            expected = _number(request.POST["version"])
            sheet = worksheets.save_worksheet(sheet, by=request.user, typed=typed, expected_version=expected)
        except RecordError as error:
            return _not_kept(request, sheet, typed, error, False)
    worksheets.give_up(sheet, by=request.user)
    messages.success(request, f"“{sheet}” is given up. Nothing is lost.")
    return render(request, "letters/given_up.html", {"sheet": sheet})


def restore(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The undo of giving up."""
    sheet = _sheet(request, pk)
    try:
        worksheets.restore(sheet, by=request.user)
    except RecordError:
        return _finished(request, sheet)
    messages.success(request, f"“{sheet}” is back.")
    return redirect("draft", pk=pk)


def _sheet(request: HttpRequest, pk: uuid.UUID) -> Worksheet:
    """The sheet if this person may work on it; otherwise it does not exist for them."""
    _require_staff(request)
    found = worksheets.visible_worksheets(request.user).select_related("owner", "saved_by", "letter")
    return get_object_or_404(found, pk=pk)


def _require_staff(request: HttpRequest) -> None:
    need(request, EDIT, "may read letters but not log them. Ask a manager.")


def _finished(request: HttpRequest, sheet: Worksheet) -> HttpResponse:
    """Somebody came late: the letter that was made of it, or the list with what was given up."""
    if sheet.letter_id:
        if Letter.objects.visible_to(request.user).filter(pk=sheet.letter_id).exists():
            messages.info(request, f"This draft was sent as {sheet.letter.reference}.")
            return redirect("letter", reference=sheet.letter.reference)
        return redirect("drafts")
    return render(request, "letters/given_up.html", {"sheet": sheet})


def _keep(request: HttpRequest, sheet: Worksheet | None) -> HttpResponse:
    """Save everything that is typed, then do what the button says."""
    typed = sheets.from_fields(request.POST.lists())
    is_autosave = AUTOSAVE in request.headers
    do, focus = request.POST.get("do", "save"), ""
    if not is_autosave:
        typed, focus = take(typed, do, request.POST.get("selected", ""), request.user)
    elif sheet is None and sheets.is_blank(typed):
        return JsonResponse({"version": 0, "saved": saved_words(None)})
    try:
        if do == "take-up" and sheet and sheet.finished_at:
            worksheets.restore(sheet, by=request.user)
        expected = _number(request.POST.get("version"))
        sheet = worksheets.save_worksheet(sheet, by=request.user, typed=typed, expected_version=expected)
    except RecordError as error:
        return _not_kept(request, sheet, typed, error, is_autosave)
    address = reverse("draft", args=[sheet.pk])
    if is_autosave:
        return JsonResponse({"version": sheet.version, "saved": saved_words(sheet), "address": address})
    if do == "review":
        problems = _problems(sheet, request.user)
        if problems:
            return sheet_page(request, sheet, problems=problems, status=422)
        return redirect("review", pk=sheet.pk)
    judged = do != "save" and JUDGED in request.POST
    problems = _problems(sheet, request.user) if judged else []
    if PART in request.headers:
        return sheet_page(request, sheet, problems=problems, focus=focus)
    if problems:
        return sheet_page(request, sheet, problems=problems, focus=focus, status=422)
    return redirect(address + (f"#{focus}" if focus else ""))


def _not_kept(
    request: HttpRequest, sheet: Worksheet | None, typed: sheets.Typed, error: RecordError, is_autosave: bool
) -> HttpResponse:
    """Somebody saved first, or it cannot be kept: every word comes back, with who and why."""
    stale = isinstance(error, StaleVersion)
    problems = [Problem(one.field, _named(one), one.value) for one in error.problems]
    finished = sheet is not None and any(one.field == "state" for one in problems)
    if is_autosave:
        said = " ".join(one.message for one in problems) + (" Press Save for the way on." if finished else "")
        return JsonResponse({"problem": said, "stale": stale}, status=409 if stale else 422)
    if finished and sheet:
        return _came_late(request, _sheet(request, sheet.pk), typed, str(error))
    if not stale or sheet is None:
        return sheet_page(request, sheet, typed, problems=problems, is_kept=False, status=422)
    fresh = _sheet(request, sheet.pk)
    changed = {
        "by": str(fresh.saved_by),
        "when": saved_words(fresh).lower().replace("saved", "at", 1),
        "differences": difference_rows(typed, sheets.stored(fresh.typed)),
    }
    return sheet_page(request, fresh, typed, changed=changed, status=409)


def _came_late(request: HttpRequest, sheet: Worksheet, typed: sheets.Typed, words: str) -> HttpResponse:
    """Sent or given up while this page was open: every word comes back, with the way on from here."""
    seen = Letter.objects.visible_to(request.user).filter(pk=sheet.letter_id).first()
    late = {"words": words, "letter": seen, "can_return": sheet.letter_id is None}
    # as it was opened: what a colleague saved before giving it up is compared, not overwritten
    sheet.version = _number(request.POST.get("version"))
    return sheet_page(request, sheet, typed, late=late, is_kept=False, status=422)


def _review(request: HttpRequest, sheet: Worksheet, *, notice: str = "", status: int = 200) -> HttpResponse:
    reading = _read(sheet, request.user)
    if reading.problems:
        return sheet_page(request, sheet, problems=_problems(sheet, request.user), status=422)
    try:
        with worksheets.rehearsal(sheet, by=request.user, plan=reading.plan) as letter:
            context = review_context(letter, office_today(), request.user, request.POST.getlist("repeats")) | {
                "sheet": sheet,
                "notice": notice,
            }
            # drawn here: outside the block the letter is gone
            return render(request, "letters/review.html", context, status=status)
    except RecordError as error:
        return sheet_page(request, sheet, problems=_merged(reading, error), status=422)


def _read(sheet: Worksheet, user: User) -> Reading:
    return read_sheet(resolve_names(sheets.stored(sheet.typed), user), read_questions=question_lines)


def _problems(sheet: Worksheet, by: User) -> list[Problem]:
    """Everything that stands in the way of sending: what cannot be read, and what the verbs refuse."""
    reading = _read(sheet, by)
    try:
        with worksheets.rehearsal(sheet, by=by, plan=reading.plan):
            return list(reading.problems)
    except RecordError as error:
        return _merged(reading, error)


def _merged(reading: Reading, error: RecordError) -> list[Problem]:
    """Each field's first problem; what only follows from an unread addressee is not said twice."""
    unread = any(problem.field.startswith("addressees") for problem in reading.problems)
    found: dict[str, Problem] = {}
    for problem in (*reading.problems, *error.problems):
        follows = (
            unread and problem not in reading.problems and problem.field.endswith(("-agency", "taskings", "addressees"))
        )
        if not follows:
            found.setdefault(shown_at(problem.field), problem)
    return list(found.values())


def _named(problem: Problem) -> str:
    """With the field in front, where the sentence says “it”."""
    return f"{label_of(problem.field)}: {problem.message}" if problem.message.startswith("It ") else problem.message


def _number(words: str | None) -> int:
    return int(words) if words and words.isdecimal() and len(words) < 10 else 0
