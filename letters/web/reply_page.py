"""The page of one reply, and the queue of those nobody has read."""

import datetime as dt
import uuid

from django.db.models import Prefetch, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from letters.domain import keyset
from letters.domain.access import EDIT, may
from letters.domain.clocks import load_calendar, office_today
from letters.domain.deadlines import business_days_since, count
from letters.domain.standing import PROVED_BY_REPLY, with_reopening
from letters.domain.words import answer_words, status_words
from letters.enums import EventKind, Status
from letters.models import Answer, Attachment, Event, Response, Tasking
from letters.models.reply_queries import UNREAD
from letters.web.files import file_rows
from letters.web.happened import timeline
from letters.web.paging import page_of, pager

PAGE = 50
OLDEST_FIRST = keyset.Order("received_on")
# Events written before acts had ids: what is recorded in one go has one hand and one moment.
AT_ONCE = dt.timedelta(seconds=10)
FOLLOWS = (
    EventKind.STATUS_CHANGED,
    EventKind.EVIDENCE_ADDED,
    EventKind.REVIEW_SET,
    EventKind.DUE_DATE_MOVED,
)


def visible(request: HttpRequest, pk: uuid.UUID) -> Response:
    """The reply if the person may see an item of it; `spans_hidden` where it is about others, too."""
    found = Response.objects.visible_to(request.user).with_hidden_from(request.user).with_unread_by(request.user)
    return get_object_or_404(found.select_related("agency", "official"), pk=pk)


def seen_answers(request: HttpRequest, response: Response) -> list[Answer]:
    """What it says about the items the person may see."""
    items = Tasking.objects.visible_to(request.user)
    found = response.answers.filter(tasking__in=items.values("pk")).select_related("assessed_by")
    about = with_reopening(items).select_related("ask__kind", "ask__letter", "agency", "passed_to__agency")
    return list(
        found.prefetch_related("questions", "targets", Prefetch("tasking", about)).order_by(
            "tasking__ask__letter__reference", "tasking__ask__number"
        )
    )


def reply(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One reply: from whom, what it says of each item, what changed with it, and the way back."""
    response = visible(request, pk)
    answers = seen_answers(request, response)
    return render(
        request,
        "letters/reply.html",
        {
            "response": response,
            "rows": [_row(answer, response) for answer in answers],
            "unread": any(answer.coverage is None for answer in answers),
            "text": "" if response.spans_hidden else response.text,
            "files": file_rows(Attachment.objects.visible_to(request.user).filter(response=response), request.user),
            "may_edit": may(request.user, EDIT) and not response.in_error_at,
            "crumbs": [{"label": "Letters", "url": reverse("letters")}],
        },
    )


def _row(answer: Answer, response: Response) -> dict:
    tasking = answer.tasking
    events = tasking.events.filter(kind__in=FOLLOWS).select_related("by_user", "tasking__agency", "tasking__ask")
    asked = tasking.ask.questions.count() if answer.questions.all() else 0
    of_targets = tasking.ask.targets.count() if answer.targets.all() else 0
    return {
        "answer": answer,
        "tasking": tasking,
        "url": reverse("item", args=[tasking.pk]),
        "status": status_words(tasking),
        "words": answer_words(answer),
        "covers": [
            *([f"answers {len(answer.questions.all())} of {count(asked, 'question')}"] if asked else []),
            *([f"covers {len(answer.targets.all())} of {of_targets}"] if of_targets else []),
        ],
        "changed": timeline(_with_it(answer, events), one_item=True) if answer.assessed_at else [],
        "blocks": tasking.status in PROVED_BY_REPLY or _is_evidence(answer, response),
        "reopen_url": f"{reverse('item_status', args=[tasking.pk])}?to=awaiting",
    }


def _with_it(answer: Answer, events) -> list[Event]:
    """What was written in the act that read it; a reply about many items moves the last of them seconds later."""
    read = answer.tasking.events.filter(
        kind=EventKind.ANSWER_ASSESSED, payload__response=str(answer.response_id)
    ).order_by("-sequence")
    same_act = Q(act=Subquery(read.values(act=KeyTextTransform("act", "payload"))[:1]))
    at_once = Q(act=None, recorded_at__lte=answer.assessed_at + AT_ONCE, by_user=answer.assessed_by)
    since = events.filter(recorded_at__gte=answer.assessed_at).annotate(act=KeyTextTransform("act", "payload"))
    return list(since.filter(same_act | at_once).order_by("-sequence"))


def _is_evidence(answer: Answer, response: Response) -> bool:
    evidence = response.evidence.not_in_error().filter(tasking=answer.tasking)
    return answer.tasking.status == Status.IMPLEMENTED and evidence.exists()


def unread(request: HttpRequest) -> HttpResponse:
    """Replies that nobody has read yet, the oldest first, each with its age and the items it is about."""
    items = Tasking.objects.visible_to(request.user).order_by()
    waiting = Answer.objects.filter(UNREAD, tasking__in=items.values("pk"))
    listed = (
        Response.objects.unread_by(request.user)
        .select_related("agency")
        .prefetch_related(
            Prefetch(
                "answers",
                waiting.select_related(
                    "tasking__ask__letter", "tasking__ask__kind", "tasking__agency", "tasking__owner"
                ),
                to_attr="waiting",
            )
        )
    )
    page, notice = page_of(request, listed, OLDEST_FIRST, size=PAGE)
    total = Response.objects.unread_by(request.user).count()
    calendar, today = load_calendar(), office_today()
    context = {
        "rows": [
            {
                "response": response,
                "age": count(business_days_since(response.received_on, today, calendar), "business day"),
                "items": [answer.tasking for answer in response.waiting],
            }
            for response in page.rows
        ],
        "total": total,
        "words": f"Showing {len(page.rows):,} of {_unread_words(total)}"
        if total > len(page.rows)
        else _unread_words(total),
        "notice": notice,
        **pager(request, page),
        "may_edit": may(request.user, EDIT),
    }
    return render(request, "letters/replies_unread.html", context)


def _unread_words(number: int) -> str:
    return "1 unread reply" if number == 1 else f"{number:,} unread replies"
