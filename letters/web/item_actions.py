"""What can be done about one open item: a form each, a verb each. Every action works as a plain page."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain import drafting, extending, items, not_repeated, replies, workflow
from letters.domain.access import EDIT
from letters.domain.clocks import office_today
from letters.domain.deadlines import long_date
from letters.domain.history import events_about
from letters.domain.transitions import allowed_next
from letters.domain.words import status_words
from letters.enums import Status
from letters.errors import RecordError, StaleVersion
from letters.models import Agency, Letter, Response, Tasking
from letters.web import date_forms, forms
from letters.web.forms import beside_fields
from letters.web.guards import need
from letters.web.item import crumbs, visible
from letters.web.merge import Merge, merge_or_form
from letters.web.rows import matrix_cell
from letters.web.stale import changed_elsewhere


@dataclass(frozen=True)
class Action:
    """One thing to do about an item: the words of its page, its form, and the verb that does it."""

    heading: str
    submit: str
    form: type[forms.ItemForm]
    do: Callable[[HttpRequest, Tasking, dict], str]
    carried: tuple[str, ...] = ()  # what its address may fill in
    letter: Callable[[Tasking, dict], Letter] | None = None  # which its verb holds before the item, as every verb does
    holds_itself: bool = False  # its verb holds more items than this one, all in the one order
    again: Callable[[HttpRequest, Tasking], str] | None = None  # what an earlier press of the same form came to


def record_reply(request: HttpRequest, tasking: Tasking, data: dict) -> Response:
    """A reply about one item, from what `forms.reply_fields` collected."""
    bearing = replies.Bearing(
        tasking,
        coverage=data["coverage"] or None,
        stance=data["stance"] or "unknown",
        quote=data["quote"],
        page=data["page"],
    )
    return replies.record_response(
        by=request.user, agency=Agency.objects.get(slug=data["from_agency"]), kind=data["reply_kind"], channel=data["channel"],
        received_on=data["received_on"], sent_on=data["sent_on"], responder=data["responder"], bearings=[bearing],
    )  # fmt: skip


def _owner(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    items.assign(tasking, by=request.user, owner=data["owner"])
    return f"The next step is with {data['owner'] or 'nobody'}."


def _snooze(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    items.snooze(tasking, by=request.user, until=data["until"])
    return (
        f"Nobody is reminded before {long_date(data['until'])}." if data["until"] else "Reminders are as usual again."
    )


def _note(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    letter = tasking.ask.letter
    items.add_note(by=request.user, text=data["text"], letter=letter, tasking=tasking, key=data["key"])
    return "The note is kept."


def _noted(request: HttpRequest, tasking: Tasking) -> str:
    form = forms.NoteForm(request.POST, tasking=tasking, by=request.user)
    form.full_clean()
    data = form.cleaned_data
    found = items.noted_from(data.get("key"), request.user, text=data.get("text", ""), tasking=tasking)
    return "The note is kept, once." if found else ""


def _extend(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    response = Response.objects.get(pk=data["response"]) if data.get("response") else None
    before = tasking.due_on  # a further extension keeps the first original, which is no longer the one before
    moved = extending.extend(
        tasking, by=request.user, to=data["to"], by_notice=data["who"] == date_forms.NOTICE, response=response,
        reason=data["reason"],
    )  # fmt: skip
    return f"Due {long_date(moved.due_on)} now. The date before, {long_date(before)}, is kept."


def _unextend(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    moved = extending.take_back_extension(tasking, by=request.user, reason=data["reason"])
    return f"The time given is taken back: due {long_date(moved.due_on)} again."


def _promise(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    items.move_promise(tasking, by=request.user, to=data["promised_on"])
    return f"They promised it for {long_date(data['promised_on'])}. Nobody chases it before that day."


def _review(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    items.set_review(tasking, by=request.user, on=data["review_on"])
    return f"We look again on {long_date(data['review_on'])}."


def _law(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    extending.set_statute(tasking.ask, by=request.user, statute=data["statute"], reason=data["reason"])
    return f"The clock of {data['statute']} counts." if data["statute"] else "No law’s clock counts here."


def _unrepeat(request: HttpRequest, tasking: Tasking, data: dict) -> str:
    letter = data["letter"]
    moved = not_repeated.take_back_renewal(
        tasking, by=request.user, letter=letter, reason=data["reason"], expected_version=data["version"]
    )
    due = f" Due {long_date(moved.due_on)} now." if moved.is_open and moved.due_on else ""
    return f"{letter.reference} does not repeat this item.{due}"


ACTIONS: dict[str, Action] = {
    "owner": Action("Who owns the next step?", "Save", forms.OwnerForm, _owner),
    "reminder": Action("When shall we be reminded?", "Save", forms.SnoozeForm, _snooze),
    "extend": Action("More time", "Give more time", date_forms.ExtendForm, _extend, ("response",)),
    "unextend": Action("Was no more time given after all?", "Take it back", date_forms.UnextendForm, _unextend),
    "promise": Action("They named another day", "Save", date_forms.PromiseForm, _promise),
    "review": Action("When do we look again?", "Save", date_forms.ReviewForm, _review),
    "unrepeat": Action(
        "Does a letter not repeat this after all?",
        "Take it back",
        date_forms.UnrepeatForm,
        _unrepeat,
        ("letter",),
        holds_itself=True,
    ),
    "law": Action(
        "Does a law set the date?", "Save", date_forms.LawForm, _law, letter=lambda tasking, data: tasking.ask.letter
    ),
    "note": Action("A note about this item", "Keep the note", forms.NoteForm, _note, again=_noted),
}


def act(request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
    """The page of one action."""
    tasking = editable(request, pk)
    chosen = ACTIONS[action]
    carried = {name: request.GET[name] for name in chosen.carried if name in request.GET}

    def do(form: forms.ItemForm) -> str:
        with transaction.atomic():
            if chosen.letter:
                drafting.lock_letter(chosen.letter(tasking, form.cleaned_data))
            if not chosen.holds_itself:
                workflow.lock(tasking, expected_version=form.cleaned_data["version"])
            return chosen.do(request, tasking, form.cleaned_data)

    return answer(
        request, tasking, lambda data=None: chosen.form(data, tasking=tasking, by=request.user, initial=carried.copy()), do,
        heading=chosen.heading, submit=chosen.submit, again=chosen.again,
    )  # fmt: skip


def change_status(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Move the item to the status named by `to`, with what that needs, all in one transaction."""
    tasking = editable(request, pk)
    to = request.POST.get("to") or request.GET.get("to", "")
    if to not in Status.values:
        raise Http404(f"“{to}” is no status")

    def do(form: forms.StatusForm) -> str:
        data = form.cleaned_data
        with transaction.atomic():
            version = data["version"]
            if form.brings_reply:
                workflow.lock(tasking, expected_version=version)
                record_reply(request, tasking, data)
                version = None
            if "evidence" in form.fields and form.brings_evidence:
                add_evidence(request, tasking, data, version)
                version = None
            if to == Status.TRANSFERRED:
                workflow.transfer(
                    tasking, to_agency=data["agency"], by=request.user, reason=data["reason"], expected_version=version
                )
            else:
                moved = workflow.transition(
                    tasking,
                    to=to,
                    by=request.user,
                    reason=data["reason"],
                    promised_on=data.get("promised_on"),
                    expected_version=version,
                )
                return f"{tasking}: {status_words(moved)}."
        return f"{tasking}: passed to {data['agency']}."

    return answer(
        request, tasking, lambda data=None: forms.StatusForm(data, tasking=tasking, to=to, by=request.user), do,
        heading="Reopen" if to == Status.AWAITING else f"Mark as “{Status(to).label}”",
        submit="Reopen" if to == Status.AWAITING else "Save", to=to,
    )  # fmt: skip


def _blocked(tasking: Tasking, to: str) -> str:
    """Why the item cannot go there: an old page led here, or somebody moved it meanwhile."""
    if not to or to in allowed_next(tasking.status, closes_as=tasking.ask.kind.closes_as):
        return ""
    now = f"The item is “{status_words(tasking)}” now"
    if to == Status.AWAITING:
        return f"{now}, which is open: there is nothing to reopen."
    words = f"{now}, and “{Status(to).label}” cannot follow that."
    return words if tasking.is_open else f"{words} To change it, open the item and reopen it, or record a reply there."


def add_evidence(request: HttpRequest, tasking: Tasking, data: dict, version: int | None) -> None:
    """Evidence from what `forms.StatusForm` collected."""
    response = data.get("response")
    replies.add_evidence(
        tasking, by=request.user, kind=data["evidence"], citation=data["citation"], url=data["url"], seen_on=data["seen_on"],
        response=Response.objects.get(pk=response) if response else None,
        targets=tasking.ask.targets.filter(slug__in=data.get("targets", [])), expected_version=version,
    )  # fmt: skip


def editable(request: HttpRequest, pk: uuid.UUID) -> Tasking:
    """The item if this person may change it; a person who may only see it is told so."""
    tasking = visible(request, pk)
    need(request, EDIT, "may see this item but not change it.", tasking.ask.letter)
    return tasking


def _done(request: HttpRequest, tasking: Tasking, told: str) -> HttpResponse:
    messages.success(request, told)
    return redirect("item", pk=tasking.pk)


def answer(
    request: HttpRequest,
    tasking: Tasking,
    make_form: Callable,
    do: Callable,
    *,
    heading: str,
    submit: str,
    to: str = "",
    again: Callable[[HttpRequest, Tasking], str] | None = None,
) -> HttpResponse:
    """Draw a form, or do what it says and go back to the item; a refusal draws it again with all that was typed."""
    status, changed, merge = 200, None, None
    if request.method == "POST":
        if again and (told := again(request, tasking)):
            return _done(request, tasking, told)
        status = 422
        form = merge_or_form(
            make_form, request.POST, version=tasking.version, events=events_about(tasking), reader=request.user
        )
        if isinstance(form, Merge):
            form, merge, status = form.form, form, 409
        if merge and not merge.choices:  # nothing of it stands for what is saved: it is compared, and saved again
            changed, merge = changed_elsewhere(tasking, form, request.user, request.POST["version"]), None
        elif not merge and form.is_valid():
            try:
                return _done(request, tasking, do(form))
            except StaleVersion:  # in the moment between looking and saving
                if again and (told := again(request, tasking)):  # it was the first of two presses
                    return _done(request, tasking, told)
                tasking = visible(request, tasking.pk)
                changed = changed_elsewhere(tasking, form, request.user, request.POST["version"])
                # the next save is made by somebody who has read what changed
                form.data = form.data.copy()
                form.data["version"] = tasking.version
                status = 409
            except RecordError as error:
                beside_fields(form, error)
    else:
        form = make_form()
        form.remember()
    context = {
        "tasking": tasking, "letter": tasking.ask.letter, "form": form, "heading": heading, "submit": submit, "to": to,
        "cell": matrix_cell(tasking, office_today()), "crumbs": crumbs(tasking), "action_url": request.path,
        "item_url": reverse("item", args=[tasking.pk]), "changed": changed, "merge": merge,
        "blocked": _blocked(tasking, to),
    }  # fmt: skip
    return render(request, "letters/item_action.html", context, status=status)
