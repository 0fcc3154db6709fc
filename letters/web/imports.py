"""Letters from a spreadsheet: choose a file, say which column is which, see what each row becomes, mend, import, undo."""

import uuid
from collections.abc import Callable
from typing import Any

from celery import current_app
from celery.exceptions import CeleryError
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from letters.domain import files
from letters.domain.access import EDIT, RELEASE, may
from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.domain.words import office_time
from letters.enums import ImportState
from letters.errors import RecordError, StaleVersion
from letters.intake.sheet import batches, mending, printed, running, undoing
from letters.intake.sheet.exporting import as_csv, as_xlsx
from letters.models import ImportBatch, ImportRow
from letters.reminders.hush import hush
from letters.web import import_pages
from letters.web.export import XLSX
from letters.web.guards import need
from letters.web.posted import number_of, uuid_of
from letters.web.take_back import ReasonForm
from letters.web.uploads import NotTaken

LISTED = 50
READ, CHECK, APPLY, UNDO = (f"letters.tasks.{name}_import" for name in ("read", "check", "apply", "undo"))
UNREACHED = "The worker cannot be reached, so nothing has begun. Press “Start it again” in a minute; if that lasts, tell an administrator."
CRUMB = {"label": "Import", "url": "/import/"}


class FileForm(forms.Form):
    use_required_attribute = False
    file = forms.FileField(
        label="Spreadsheet",
        error_messages={"required": "Choose the file that has your letters in it.", "empty": "The file is empty: choose the one that has your letters in it."},
        help_text=f"CSV or Excel (.xlsx), up to {files.MAX_FILE // 1024**2} MB. Nothing is imported before you have seen what each row becomes.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt,.tsv"}),
    )  # fmt: skip


def imports(request: HttpRequest) -> HttpResponse:
    """A file to choose, and what came in before."""
    editor(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if isinstance(upload, NotTaken):
                raise upload.refusal
            batch = batches.receive(by=request.user, data=upload.read(), name=upload.name)
            if batch.state == ImportState.READING:
                step(request, batch, lambda: running.run_read(batch, by=request.user), READ)
            return redirect("import_batch", pk=batch.pk)
        except RecordError as error:
            form.add_error("file", str(error))
    found = ImportBatch.objects.select_related("owner").order_by("-created_at")
    if not may(request.user, RELEASE):
        found = found.filter(owner=request.user)
    if words := request.GET.get("before", ""):
        found = found.filter(created_at__lt=get_object_or_404(found, pk=uuid_of(words)).created_at)
    listed = list(found[: LISTED + 1])
    lines = [
        {"batch": one, "when": office_time(one.created_at), "words": import_pages.outcome_words(one)}
        for one in listed[:LISTED]
    ]
    earlier = listed[LISTED - 1] if len(listed) > LISTED else None
    context = {"form": form, "lines": lines, "earlier": earlier, "is_later": bool(words)}
    return render(request, "imports/imports.html", context, status=422 if form.errors else 200)


def help_page(request: HttpRequest) -> HttpResponse:
    """Which columns and words an import knows."""
    context = {"levels": printed.columns_by_level(), "statuses": printed.status_lines(), "crumbs": [CRUMB]}
    return render(request, "imports/help.html", context)


def batch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One file, at whatever step it is; what is sent takes it to the next."""
    found = visible(request, pk)
    if request.method == "POST":
        do = DEEDS.get(request.POST.get("do", ""))
        if do is None:
            raise Http404("There is no such step of an import.")
        try:
            return do(request, found) or redirect("import_batch", pk=pk)
        except RecordError as error:
            found.refresh_from_db()
            is_stale = isinstance(error, StaleVersion)
            problems = [problem.message for problem in error.problems]
            return import_pages.draw(
                request, found, problems=problems, is_stale=is_stale, status=409 if is_stale else 422
            )
    return import_pages.draw(request, found)


def _choose_sheet(request: HttpRequest, found: ImportBatch) -> None:
    """Another sheet, or another row of headers."""
    sheet, words = request.POST.get("sheet", found.sheet), request.POST.get("header_row", "").strip()
    if words and not (words.isdecimal() and len(words) < 10):
        raise RecordError.of(
            "header_row",
            f"Row of headers: “{words[:40]}” is not a number. Give the number that the spreadsheet shows beside that row.",
            words,
        )
    header_row = int(words) if words else None
    if found.state == ImportState.READING:  # “Start it again”: what was chosen stands
        step(request, found, lambda: running.run_read(found, by=request.user), READ)
        return
    how: dict[str, Any] = {"sheet": sheet, "header_row": header_row, "expected_version": _seen_version(request)}
    if running.is_long(found):
        ring(request, batches.choose(found, by=request.user, **how), READ)
    else:
        batches.read(found, by=request.user, **how)


def _match(request: HttpRequest, found: ImportBatch) -> None:
    columns = [request.POST.get(f"column-{place}", "") for place in range(len(found.headers))]
    day_first = {"day": True, "month": False}.get(request.POST.get("order", ""))
    found = batches.match(
        found, by=request.user, columns=columns, day_first=day_first, expected_version=_seen_version(request)
    )
    _check(request, found)


def _check(request: HttpRequest, found: ImportBatch) -> None:
    step(request, found, lambda: running.run_check(found, by=request.user), CHECK)


def _columns(request: HttpRequest, found: ImportBatch) -> HttpResponse:
    return import_pages.draw(request, found, match=True)


def _dry_run(request: HttpRequest, found: ImportBatch) -> None:
    _apply(request, found, dry=True)


def _apply(request: HttpRequest, found: ImportBatch, *, dry: bool = False) -> None:
    leave_out = bool(request.POST.get("leave_out"))
    found = running.begin(
        found, by=request.user, leave_out_problems=leave_out, dry=dry, expected_version=_seen_version(request)
    )
    leave_out = bool(found.counts.get(running.LEFT_OUT))
    step(
        request, found,
        lambda: running.run_apply(found, by=request.user, leave_out_problems=leave_out, hush=hush), APPLY, leave_out,
    )  # fmt: skip


def _seen_version(request: HttpRequest) -> int | None:
    """Of the batch, that the page was drawn from; the pages whose step begins again have none."""
    words = request.POST.get("version")
    return None if words is None else number_of(words)


def _give_up(request: HttpRequest, found: ImportBatch) -> HttpResponse:
    words = f"“{found.file_name}” was not imported, and is forgotten. A backup made after {office_time(found.created_at)} may still have it."
    if not batches.give_up(found, by=request.user):
        words = f"“{found.file_name}” was not imported. An earlier version of this site kept it for good, as files/{found.file}: an administrator can delete it there."
    messages.success(request, words)
    return redirect("imports")


def _undo_again(request: HttpRequest, found: ImportBatch) -> None:
    """Ring once more for what was let go: the worker was away, or died over it."""
    if undoing.UNDOING in found.counts:
        ring(request, found, UNDO)


DEEDS: dict[str, Callable[[HttpRequest, ImportBatch], HttpResponse | None]] = {
    "sheet": _choose_sheet, "match": _match, "check": _check, "columns": _columns, "dry": _dry_run, "apply": _apply, "give_up": _give_up, "undo": _undo_again,
}  # fmt: skip


def row(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """One row with every cell, to be mended or left out. The file itself stays as it is."""
    found = visible(request, pk)
    one = get_object_or_404(ImportRow.objects.select_related("batch"), batch=found, number=number)
    problems: list[str] = []
    is_stale = False
    if request.method == "POST":
        values = {name.removeprefix("cell-"): value for name, value in request.POST.items() if name.startswith("cell-")}
        try:
            mending.mend(
                one, by=request.user, values=values, leave_out=request.POST.get("do") == "leave_out",
                expected_version=request.POST.get("version"),
            )  # fmt: skip
            found.refresh_from_db()
            _check(request, found)
            return redirect(import_pages.back_to(request, found, number))
        except RecordError as error:
            problems = [problem.message for problem in error.problems]
            if is_stale := isinstance(error, StaleVersion):
                found.refresh_from_db()
                one.refresh_from_db()
    return import_pages.draw_row(request, found, one, problems=problems, is_stale=is_stale)


def undo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark every letter of an import as entered in error, with a reason, while nobody has worked on them."""
    found = visible(request, pk)
    if found.state != ImportState.IMPORTED or undoing.UNDOING in found.counts:
        return redirect("import_batch", pk=pk)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].label = "Why is it undone?"
    if request.method == "POST" and form.is_valid():
        try:
            found = running.begin_undo(found, by=request.user, reason=form.cleaned_data["reason"])
            if running.is_long_to_undo(found):
                ring(request, found, UNDO)
            elif (number := running.run_undo(found, by=request.user)) is not None:
                messages.success(request, f"Undone: {count(number, 'letter')} marked as entered in error.")
            return redirect("import_batch", pk=pk)
        except RecordError as error:
            form.add_error(None, str(error))
    context = {
        "form": form, "batch": found, "standing": undoing.standing(found, by=request.user), "back": reverse("import_batch", args=[pk]),
        "crumbs": [CRUMB, {"label": found.file_name, "url": reverse("import_batch", args=[pk])}],
    }  # fmt: skip
    return render(request, "imports/undo.html", context, status=422 if form.errors else 200)


def export(request: HttpRequest, kind: str) -> HttpResponse:
    """All letters that are open to the office, in the columns that an import reads back."""
    today = office_today().isoformat()
    if kind == "csv":
        response = StreamingHttpResponse(as_csv(request.user), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="letters-{today}.csv"'
        return response
    if kind != "xlsx":
        raise Http404(f"Letters are no .{kind} file.")
    return FileResponse(as_xlsx(request.user), as_attachment=True, filename=f"letters-{today}.xlsx", content_type=XLSX)


def step(request: HttpRequest, found: ImportBatch, now: Callable[[], Any], task: str, *more: Any) -> None:
    """A step of a short file is done at once; of a long one by the worker, while the page tells how far it is."""
    if running.is_long(found):
        ring(request, found, task, *more)
    else:
        now()


def ring(request: HttpRequest, found: ImportBatch, task: str, *more: Any) -> None:
    """Give it to the worker, in this person's name, once it is written; where that cannot be, say how it is begun later."""

    def send() -> None:
        try:
            current_app.send_task(task, (str(found.pk), str(request.user.pk), *more), ignore_result=True, retry=False)
        except (KombuError, CeleryError, RedisError, OSError):
            messages.error(request, UNREACHED)

    transaction.on_commit(send)


def visible(request: HttpRequest, pk: uuid.UUID) -> ImportBatch:
    """A batch of one's own, or any for a manager; another's does not exist."""
    editor(request)
    found = get_object_or_404(ImportBatch.objects.select_related("owner"), pk=pk)
    if not batches.may_handle(request.user, found):
        raise Http404("No such import")
    return found


def editor(request: HttpRequest) -> None:
    """Only who may log letters brings some in; a viewer is told so."""
    need(request, EDIT, "may read letters but not bring any in.")
