"""Taking back what was entered in error, and looking at evidence again. Each a page with a reason, and undone by nobody but
for a file, which a manager puts back."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from letters.domain import files, moves, retractions
from letters.domain.access import EDIT, RELEASE
from letters.domain.deadlines import long_date
from letters.enums import Status
from letters.errors import RecordError
from letters.models import Attachment, Contact, Evidence, Letter, Tasking
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


class BelongsForm(forms.Form):
    use_required_attribute = False
    reason = TextField(
        label="Why does it belong here after all?", limit=2000, rows=2, help_text="Office only. The timeline tells it.",
        error_messages={"required": "Say why it belongs here."},
    )  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What a page asks, in words."""

    title: str
    about: str
    submit: str
    done: str
    form: type[forms.Form] = ReasonForm
    is_danger: bool = True


TAKE_BACK = Page(
    "Take back", "It stays in the record, marked as entered in error with your reason, and counts for nothing. It is about:",
    "Take it back", "Taken back: {}. It stays in the record, with your reason.",
)  # fmt: skip
TAKE_FILE_BACK = Page(
    "Take back", "From then on only managers and administrators see its name and open it, and they can put it back. That it was "
    "here stays in the record, with your reason. It is with:",
    "Take it back", "Taken back: {}. Only managers and administrators open it now.",
)  # fmt: skip
PUT_FILE_BACK = Page(
    "Put back", "Everybody who sees what it belongs to opens it again. It is with:",
    "Put it back", "Put back: {}.", BelongsForm, is_danger=False,
)  # fmt: skip


def reply(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A reply that never came, or was logged twice; the evidence it was goes with it."""
    response = visible(request, pk)

    def do(reason: str) -> None:
        for evidence in response.evidence.not_in_error().select_related("tasking__ask__letter"):
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


def file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The wrong file, or one that should not be kept here."""
    found = _file(request, pk)
    same = Attachment.objects.visible_to(request.user).standing().filter(sha256=found.sha256).exclude(pk=found.pk)
    return _page(
        request, lambda reason: files.retract_attachment(found, by=request.user, reason=reason),
        what=_name(found, request), back=_place(found), letters=files.letters_with(found), page=TAKE_FILE_BACK,
        notes=[
            "Its bytes stay in the folder of files and in backups, as the record has to be whole. Is it classified, or may "
            "nobody keep it? Take it back, then tell an administrator at once, who can delete the bytes, too.",
            *(
                f"The same bytes are also with {other.letter.reference if other.letter else other.response}, as “{other.name}”. "
                "They stay there until they are taken back there, too."
                for other in same.select_related("letter", "response__agency").order_by("added_at", "pk")
            ),
        ],
    )  # fmt: skip


def put_file_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A file that was taken back and does belong here."""
    found = _file(request, pk)
    need(
        request,
        RELEASE,
        "may not open what was taken back, nor put it back. Ask a manager.",
        *files.letters_with(found),
    )
    if not found.in_error_at:
        raise Http404("It was not taken back")
    return _page(
        request, lambda reason: files.put_back(found, by=request.user, reason=reason),
        what=_name(found, request), back=_place(found), letters=files.letters_with(found), page=PUT_FILE_BACK,
        notes=[f"It was taken back on {long_date(timezone.localdate(found.in_error_at))}: {found.in_error_reason}"],
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


def _file(request: HttpRequest, pk: uuid.UUID) -> Attachment:
    found = Attachment.objects.visible_to(request.user).select_related("letter", "response__agency")
    return get_object_or_404(found, pk=pk)


def _name(found: Attachment, request: HttpRequest) -> str:
    return found.name if files.may_open(found, request.user) else "a file"


def _place(found: Attachment) -> str:
    if found.letter:
        return reverse("letter", args=[found.letter.reference]) + "#files"
    return reverse("reply", args=[found.response_id])


def _seen(request: HttpRequest):
    return Tasking.objects.visible_to(request.user).select_related("ask__letter", "agency")


def _page(
    request: HttpRequest, do: Callable[[str], Any], *, what: str, back: str, taskings: Sequence[Tasking] = (),
    letters: Sequence[Letter] = (), notes: Sequence[str] = (), first: str = "", page: Page = TAKE_BACK,
) -> HttpResponse:  # fmt: skip
    """`first`: what has to be done before it can be taken back, of the one item that it is about."""
    need(request, EDIT, MAY_NOT, *(tasking.ask.letter for tasking in taskings), *letters)
    form = page.form(request.POST or None)
    status = 200
    if request.method == "POST":
        form, status = page.form(request.POST), 422
        if form.is_valid():
            try:
                with transaction.atomic():
                    do(form.cleaned_data["reason"])
                messages.success(request, page.done.format(what))
                return redirect(back)
            except RecordError as error:
                form.add_error(None, str(error))
    context = {
        "form": form, "what": what, "back": back, "taskings": taskings, "letters": letters, "notes": notes, "first": first,
        "page": page,
    }  # fmt: skip
    return render(request, "letters/take_back.html", context, status=status)
