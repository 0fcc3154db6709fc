"""Reports: the weekly list as it is kept, and lists people asked for; made by the worker, watched and cancelled here.

When the weekly list is made and who is told of it: `weekly_list`.
"""

import contextlib
import uuid

from celery.exceptions import CeleryError
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from kombu.exceptions import KombuError

from letters.domain import keyset, reporting
from letters.domain.access import RELEASE, may
from letters.domain.deadlines import count, long_date
from letters.domain.office import is_demo
from letters.domain.words import office_time, size_words
from letters.enums import ReportState
from letters.errors import NotAllowed, RecordError
from letters.listing import CURSOR, Listing
from letters.models import Report, ReportFile, User
from letters.reports.open_items import OFFICE_WIDE
from letters.web import weekly_list
from letters.web.filter_form import FilterForm
from letters.web.paging import page_of, pager
from tracker.celery import REPORTS, app

PAGE = 30
NEWEST_FIRST = keyset.Order("asked_at", descending=True)
MEDIA = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
KIND_WORDS = {"pdf": "PDF", "xlsx": "Workbook", "csv": "CSV"}
CLOSED_SINCE = "It names a letter that you may no longer see. A new report leaves that letter out."


def reports(request: HttpRequest) -> HttpResponse:
    """What is kept, newest first: the office's, and one's own."""
    found = _seen_by(request.user)
    page, notice = page_of(request, found, NEWEST_FIRST, size=PAGE)
    files = _files_of(page.rows)
    may_manage = may(request.user, RELEASE)
    context = {
        "rows": [row(report, request.user, files.get(report.pk, [])) for report in page.rows],
        "words": count(len(page.rows), "report") + (", the newest" if page.next_cursor else ""),
        "notice": notice,
        "next": weekly_list.next_words(),
        "told": weekly_list.told_words(why=may_manage),
        "may_manage": may_manage,
        "for_whom": OFFICE_WIDE[:1].lower() + OFFICE_WIDE[1:],
        **pager(request, page),
    }
    return render(request, "reports/reports.html", context)


def report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One report; to htmx, which asks again while it is being made, its row alone."""
    found = get_object_or_404(_seen_by(request.user), pk=pk)
    context = {
        "row": row(found, request.user, _files_of([found]).get(pk, [])),
        "crumbs": [{"label": "Reports", "url": reverse("reports")}],
    }
    answer = render(request, "components/report_row.html" if request.htmx else "reports/report.html", context)
    # one address, two answers: the way back is not to find the row alone in the browser's cache
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def new(request: HttpRequest) -> HttpResponse:
    """A report of the queue's list under the address that was sent."""
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query.pop(CURSOR, None)
    listing = Listing(query, user=request.user)
    try:
        if not listing.is_valid:
            raise RecordError(*listing.filterset.problems())
        active = FilterForm(listing, {}).active()
        about = "; ".join(f"{part['label']}: {part['value']}" for part in active)
        made = reporting.ask_for_list(by=request.user, query=query.urlencode(), about=about)
    except RecordError as error:
        messages.error(request, f"No report was asked for. {error}")
        return redirect("reports")
    _ring()
    return redirect("report", pk=made.pk)


def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop making it."""
    return _change(request, pk, reporting.cancel, "The report is cancelled.")


def again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Have it made, as of now."""
    return _change(request, pk, reporting.try_again, "The report is asked for again.")


def _change(request: HttpRequest, pk: uuid.UUID, verb, words: str) -> HttpResponse:
    found = get_object_or_404(Report.objects.visible_to(request.user), pk=pk)
    try:
        verb(found, by=request.user)
        messages.success(request, words)
        _ring()
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except RecordError as error:
        messages.error(request, str(error))
    return redirect("report", pk=pk)


def file(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """The bytes, to whoever may see every letter in them."""
    found = get_object_or_404(_seen_by(request.user), pk=pk, state=ReportState.DONE)
    if not found.is_readable:
        raise PermissionDenied(CLOSED_SINCE)
    kept = get_object_or_404(ReportFile, report=found, kind=kind)
    response = HttpResponse(bytes(kept.data), content_type=MEDIA[kind])
    response["Content-Disposition"] = f'attachment; filename="{_file_name(found, request.user)}.{kind}"'
    return response


def _file_name(found: Report, user: User) -> str:
    """What it is a list of, of which day; its rows are data: that it is of a demo, the name says, as of the queue's files."""
    has_closed = Listing(QueryDict(found.query), user=user).has_closed
    demo = "-demo" if is_demo() else ""
    return f"{'items' if has_closed else 'open-items'}-{timezone.localdate(found.as_of)}{demo}"


def row(found: Report, user: User, files: list[ReportFile]) -> dict:
    """For components/report_row.html. Needs `is_readable`."""
    is_waiting = found.state in (ReportState.ASKED, ReportState.RUNNING)
    readable = found.is_readable
    title = f"Your list, asked for {office_time(found.asked_at)}"
    if not found.owner_id:
        title = f"Week of {long_date(found.day)}"
    return {
        "report": found,
        "url": reverse("report", args=[found.pk]),
        "title": title,
        "about": found.about or ("All open items, as the queue begins" if found.owner_id else ""),
        "state": found.state,
        "words": _state_words(found),
        "is_waiting": is_waiting,
        "percent": round(100 * found.rows_done / found.rows_total) if found.rows_total else 0,
        "headline": found.headline if readable else "",
        "closed": "" if readable or found.state != ReportState.DONE else CLOSED_SINCE,
        "files": [
            {
                "words": KIND_WORDS[one.kind],
                "size": size_words(one.size),
                "url": reverse("report_file", args=[found.pk, one.kind]),
            }
            for one in sorted(files, key=lambda one: list(MEDIA).index(one.kind))
        ]
        if readable
        else [],
        "may_cancel": is_waiting and reporting.may_change(found, by=user),
        "may_retry": reporting.may_be_tried_again(found) and reporting.may_change(found, by=user),
    }


def _state_words(found: Report) -> str:
    match found.state:
        case ReportState.ASKED:
            return "Waiting to be made: usually begun within a minute."
        case ReportState.RUNNING if not found.rows_total:
            return "Being made: looking for the items."
        case ReportState.RUNNING if found.rows_done < found.rows_total:
            return f"Being made: {found.rows_done:,} of {count(found.rows_total, 'item')} written."
        case ReportState.RUNNING:
            return f"Being made: {count(found.rows_total, 'item')} written, the files are being typeset."
        case ReportState.DONE:
            return f"As of {office_time(found.as_of)}"
        case ReportState.CANCELLED:
            return f"Cancelled {office_time(found.finished_at)}"
    return f"Not made. {found.error}"


def _seen_by(user: User):
    return Report.objects.visible_to(user).with_readable(user)


def _files_of(found: list[Report]) -> dict:
    """What is there to download, by report, without the bytes: one query."""
    kept: dict = {}
    for one in ReportFile.objects.filter(report__in=found).only("report_id", "kind", "size"):
        kept.setdefault(one.report_id, []).append(one)
    return kept


def _ring() -> None:
    """Have the worker look at once; without a broker, its next round finds what waits."""
    with contextlib.suppress(KombuError, CeleryError, OSError):
        app.send_task(REPORTS, expires=60, ignore_result=True, retry=False)
