"""Taking back what was entered in error, and looking at evidence again. Each a page with a reason, each undone by nobody."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from letters.domain import moves, retractions
from letters.domain.access import EDIT
from letters.enums import Status
from letters.errors import RecordError
from letters.models import Contact, Evidence, Tasking
from letters.web.forms import TextField
from letters.web.guards import need
from letters.web.reply_page import seen_answers, visible

MAY_NOT = "may see this but not take it back."


class ReasonForm(forms.Form):
    use_required_attribute = False
    reason = TextField(
        label="What was wrong with it?", limit=2000, rows=2, help_text="Office only. It stays in the record, with this.",
        error_messages={"required": "Say what was wrong with it."},
    )  # fmt: skip


def reply(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A reply that never came, or was logged twice; the evidence it was goes with it."""
    response = visible(request, pk)

    def do(reason: str) -> None:
        for evidence in response.evidence.filter(in_error_at__isnull=True).select_related("tasking__ask__letter"):
            retractions.retract_evidence(evidence, by=request.user, reason=reason)
        retractions.retract_response(response, by=request.user, reason=reason)

    taskings = [answer.tasking for answer in seen_answers(request, response)]
    closed = [tasking for tasking in taskings if not tasking.is_open]
    to = moves.goes_back(taskings, response) | dict.fromkeys(moves.waits_again(taskings, response), Status.AWAITING)
    return _page(
        request, do, what=str(response), back=reverse("reply", args=[pk]), taskings=taskings,
        notes=[
            *(
                f"“{tasking}” goes back to “{to[tasking].label}”."
                if tasking in to
                else f"“{tasking}” stays “{tasking.get_status_display()}”, since more is recorded about it than this reply: "
                "say on its page what it comes to now. A pause or a day that rests on this reply alone goes with it."
                for tasking in taskings
                if tasking.is_open and tasking.status != Status.AWAITING
            ),
            *(
                f"“{tasking}” is {tasking.get_status_display()}. If that rests on this reply, reopen it first."
                for tasking in closed
            ),
        ],
    )  # fmt: skip


def evidence(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Evidence that proves something else."""
    found = _evidence(request, pk)
    return _page(
        request, lambda reason: retractions.retract_evidence(found, by=request.user, reason=reason),
        what=f"{found.get_kind_display()}: {found}", back=reverse("item", args=[found.tasking_id]), taskings=[found.tasking],
        first=retractions.why_not(found),
    )  # fmt: skip


def contact(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A call that was not ours, or was logged twice."""
    found = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    taskings = list(_seen(request).filter(contacts=found).order_by("asked_on", "pk"))
    return _page(
        request, lambda reason: retractions.retract_contact(found, by=request.user, reason=reason),
        what=f"our {found}", back=reverse("item", args=[taskings[0].pk]), taskings=taskings,
    )  # fmt: skip


def check_evidence(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """It proves what was asked, also now that the item was opened again."""
    found = _evidence(request, pk)
    need(request, EDIT, MAY_NOT, found.tasking.ask.letter)
    try:
        retractions.check_evidence(found, by=request.user)
        messages.success(request, "The evidence counts again: it was looked at after the item was reopened.")
    except RecordError as error:
        messages.error(request, str(error))
    return redirect("item", pk=found.tasking_id)


def _evidence(request: HttpRequest, pk: uuid.UUID) -> Evidence:
    found = Evidence.objects.filter(tasking__in=_seen(request).values("pk"))
    return get_object_or_404(found.select_related("tasking__ask__letter", "tasking__agency", "response__agency"), pk=pk)


def _seen(request: HttpRequest):
    return Tasking.objects.visible_to(request.user).select_related("ask__letter", "agency")


def _page(
    request: HttpRequest, do: Callable[[str], Any], *, what: str, back: str, taskings: list[Tasking], notes: list[str] = (),
    first: str = "",
) -> HttpResponse:  # fmt: skip
    """`first`: what has to be done before it can be taken back, of the one item that it is about."""
    need(request, EDIT, MAY_NOT, *(tasking.ask.letter for tasking in taskings))
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        form, status = ReasonForm(request.POST), 422
        if form.is_valid():
            try:
                with transaction.atomic():
                    do(form.cleaned_data["reason"])
                messages.success(request, f"Taken back: {what}. It stays in the record, with your reason.")
                return redirect(back)
            except RecordError as error:
                form.add_error(None, str(error))
    context = {"form": form, "what": what, "back": back, "taskings": taskings, "notes": notes, "first": first}
    return render(request, "letters/take_back.html", context, status=status)
