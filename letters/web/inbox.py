"""One's reminders: what was said, whether it is still so, read or not."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from letters.domain import keyset, mailing
from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.domain.words import office_time
from letters.models import Notice
from letters.reminders.since import no_longer
from letters.reminders.wording import line, with_lines
from letters.web.paging import page_of, pager

PAGE = 50
NEWEST_FIRST = keyset.Order("created_at", descending=True)


def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first; those not read yet, or all."""
    show_all = request.GET.get("show") == "all"
    today = office_today()
    found = with_lines(Notice.objects.inbox(request.user).with_standing(today))
    if not show_all:
        found = found.unread()
    page, notice = page_of(request, found, NEWEST_FIRST, size=PAGE)
    gone = no_longer([one for one in page.rows if not one.stands], today)
    rows = [
        {
            "notice": one,
            "line": line(one, today),
            "since": "" if one.stands else f"no longer so: {gone[one.pk]}",
            "when": office_time(one.created_at),
        }
        for one in page.rows
    ]
    more = ", the newest first" if page.next_cursor or request.GET.get("cursor") else ""
    context = {
        "rows": rows,
        "notice": notice,
        "show_all": show_all,
        "newest": _newest(request, page.rows),
        "words": f"{count(len(rows), 'reminder')}{more}",
        "here": request.get_full_path(),
        **pager(request, page),
    }
    return render(request, "mail/inbox.html", context)


def _newest(request: HttpRequest, rows: Sequence[Notice]) -> str:
    """When the newest reminder came that this person has had before them: what comes later is not theirs to tick unseen."""
    if request.GET.get("cursor"):
        newest = Notice.objects.inbox(request.user).order_by("-created_at").first()
        rows = [newest] if newest else []
    return rows[0].created_at.isoformat() if rows else ""


def mark(request: HttpRequest) -> HttpResponse:
    """Read or unread: the named ones, or all that the page could show when it was drawn."""
    do, keys, upto = request.POST.get("do", ""), request.POST.getlist("notice"), request.POST.get("upto", "")
    if do not in ("read", "unread", "all"):
        raise BadRequest(f"do is “{do}”: it is one of read, unread and all.")
    try:
        chosen = dt.datetime.fromisoformat(upto) if do == "all" else [uuid.UUID(key) for key in keys]
    except ValueError as error:
        if do == "all":
            raise BadRequest(
                f"upto is “{upto}”: it is the moment of the newest reminder on the page. Open the inbox again."
            ) from error
        raise Http404("There is no such reminder.") from error
    changed = mailing.mark(chosen, by=request.user, read=do != "unread")
    if do == "all":
        messages.success(request, f"{count(changed, 'reminder')} marked as read.")
    back = request.POST.get("back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "inbox")
