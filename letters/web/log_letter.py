"""Log a letter: one page that keeps every word, a review that shows the record as it will stand, and "Send"."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
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
from letters.intake.signers import propose_waiting
from letters.intake.two_sheets import marks_of
from letters.intake.worksheet import Reading, read_sheet
from letters.models import Letter, Tasking, User, Worksheet
from letters.web.copied_from import copied_from
from letters.web.guards import need
from letters.web.posted import number_of
from letters.web.review import review_context
from letters.web.sheet import saved_words, sheet_page, shown_at
from letters.web.sheet_forms import form_key, saved_as
from letters.web.sheet_found import told_apart
from letters.web.sheet_labels import NOTHING_TYPED, label_of
from letters.web.sheet_merge import COMPARE, merge_of, settled
from letters.web.sheet_steps import take

AUTOSAVE, PART = "X-Autosave", "X-Part"
ACCOUNT = "X-Account"  # of whom the page is: somebody else may have signed in in another tab of the same browser since
JUDGED = "judged"  # the page says what is wrong, and goes on saying it until that is mended
OF_NO_SAVE = 0  # a version that no kept sheet has
MOST_STANDING, MOST_GIVEN_UP = 200, 50


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
    standing = worksheets.standing_worksheets(request.user)
    rows = [
        {"sheet": sheet, "saved": saved_words(sheet), "apart": told_apart(sheet)} for sheet in standing[:MOST_STANDING]
    ]
    total = standing.count() if len(rows) == MOST_STANDING else len(rows)
    may_edit = may(request.user, EDIT)
    given_up = [
        {"sheet": sheet, "apart": told_apart(sheet)}
        for sheet in (worksheets.given_up_worksheets(request.user)[:MOST_GIVEN_UP] if may_edit else ())
    ]
    left_out = f"Showing the latest {len(rows):,} of {total:,} drafts." if total > len(rows) else ""
    context = {"rows": rows, "left_out": left_out, "may_edit": may_edit, "given_up": given_up, "most": MOST_GIVEN_UP}
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
        version = number_of(request.POST.get("version"))
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
        mine = _typed(request)
        try:
            expected = number_of(request.POST["version"])
            typed = _chosen(request, mine, sheet)
            how = {"expected_version": expected, "saved_as": saved_as(request)}
            sheet = worksheets.save_worksheet(sheet, by=request.user, typed=typed, **how)
        except RecordError as error:
            return _not_kept(request, sheet, mine, error, False)
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
    if request.headers.get(ACCOUNT, str(request.user.pk)) != str(request.user.pk):
        raise PermissionDenied("Somebody else is signed in now. What was typed here is theirs who opened this page.")
    typed = _typed(request)
    is_autosave = AUTOSAVE in request.headers
    do, focus = request.POST.get("do", "save"), ""
    key = form_key(request) if sheet is None else None
    if not is_autosave:
        typed, focus = take(typed, do, request.POST.get("selected", ""), request.user)
    expected = number_of(request.POST.get("version"))
    if key and (sheet := worksheets.of_form(key, request.user, typed)):
        # a sheet that never heard the answer to its first save, and that nobody else saved since, goes on
        expected = 1 if is_autosave and (sheet.version, sheet.saved_by) == (1, request.user) else expected
    elif sheet is None and sheets.is_blank(typed) and (is_autosave or do in ("save", "review")):
        nothing = JsonResponse({"version": 0, "saved": saved_words(None)})
        return nothing if is_autosave else sheet_page(request, None, typed, problems=[NOTHING_TYPED], status=422)
    before = sheet.version if sheet else 0
    try:
        if do == "take-up" and sheet and sheet.finished_at:
            worksheets.restore(sheet, by=request.user)
        if do == COMPARE:
            kept, expected, name = typed, OF_NO_SAVE, ""
        else:
            kept, name = _chosen(request, typed, sheet), saved_as(request)
        how = {"expected_version": expected, "key": key, "saved_as": name}
        sheet = worksheets.save_worksheet(sheet, by=request.user, typed=kept, **how)
    except RecordError as error:
        return _not_kept(request, sheet, typed, error, is_autosave)
    address = reverse("draft", args=[sheet.pk])
    if is_autosave:
        had = sheet.version == before  # these very words
        said = {"version": sheet.version, "opened": marks_of(sheets.stored(sheet.typed)), "saved": saved_words(sheet)}
        return JsonResponse(said | {"address": address, "had": had})
    if do == "review":
        problems = _problems(sheet, request.user)
        if problems:
            return sheet_page(request, sheet, problems=problems, status=422)
        return redirect("review", pk=sheet.pk)
    judged = do != "save" and JUDGED in request.POST
    problems = _problems(sheet, request.user) if judged else []
    is_part = PART in request.headers
    if problems or is_part:
        return sheet_page(request, sheet, problems=problems, focus=focus, status=200 if is_part else 422)
    return redirect(address + (f"#{focus}" if focus else ""))


def _typed(request: HttpRequest) -> sheets.Typed:
    return sheets.identified(sheets.from_fields(request.POST.lists()))


def _chosen(request: HttpRequest, typed: sheets.Typed, sheet: Worksheet | None) -> sheets.Typed:
    """What is typed, with what this person chose of a colleague’s; StaleVersion where one choice is still to be made."""
    chosen, is_open = settled(request.POST, typed, sheet)
    if is_open:
        raise StaleVersion(Problem("version", "Choose first what to keep where both of you changed it."))
    return chosen


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
    merge = merge_of(request.POST, typed, fresh, saved_words(fresh).lower().replace("saved", "at", 1))
    merge.by = "You" if fresh.saved_by == request.user else merge.by
    return sheet_page(request, fresh, typed, merge=merge, status=409)


def _came_late(request: HttpRequest, sheet: Worksheet, typed: sheets.Typed, words: str) -> HttpResponse:
    """Sent or given up while this page was open: every word comes back, with the way on from here."""
    seen = Letter.objects.visible_to(request.user).filter(pk=sheet.letter_id).first()
    late = {"words": words, "letter": seen, "can_return": sheet.letter_id is None}
    return sheet_page(request, sheet, typed, late=late, is_kept=False, status=422)


def _review(request: HttpRequest, sheet: Worksheet, *, notice: str = "", status: int = 200) -> HttpResponse:
    reading = _read(sheet, request.user)
    if reading.problems:
        return sheet_page(request, sheet, problems=_problems(sheet, request.user), status=422)
    try:
        copied = copied_from(sheet, request.user, sheets.stored(sheet.typed))
        ticked = request.POST.getlist("repeats") if request.method == "POST" else None
        with worksheets.rehearsal(sheet, by=request.user, plan=reading.plan) as letter:
            original = copied["letter"] if copied else None
            context = review_context(letter, office_today(), request.user, ticked, original)
            context |= {"sheet": sheet, "notice": notice, "copied": copied}
            # drawn here: outside the block the letter is gone
            return render(request, "letters/review.html", context, status=status)
    except RecordError as error:
        return sheet_page(request, sheet, problems=_merged(reading, error), status=422)


def _read(sheet: Worksheet, user: User) -> Reading:
    # the date may have been corrected by an autosave, after which no part is drawn anew
    typed = propose_waiting(resolve_names(sheets.stored(sheet.typed), user))
    return read_sheet(typed, read_questions=question_lines)


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
    unasked = any(problem.field.endswith("-responsible") for problem in reading.problems)  # said at each such ask
    found: dict[str, Problem] = {}
    for problem in (*reading.problems, *error.problems):
        follows = problem not in reading.problems and (
            (unasked and problem.field == "taskings")
            or (unread and problem.field.endswith(("-agency", "taskings", "addressees")))
        )
        if not follows:
            found.setdefault(shown_at(problem.field), problem)
    return list(found.values())


def _named(problem: Problem) -> str:
    """With the field in front, where the sentence says “it”."""
    return f"{label_of(problem.field)}: {problem.message}" if problem.message.startswith("It ") else problem.message
