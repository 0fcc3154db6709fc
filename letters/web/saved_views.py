"""Saved views of the queue: kept under a name, shared or not, at an address that stays."""

import json
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from letters.domain import saved_views
from letters.domain.access import EDIT, may
from letters.errors import RecordError
from letters.listing import BOX, CURSOR, GROUP, GROUPS, NOT_FILTERS, SORT, SORTS, VIEW, Listing, without_empty
from letters.models import SavedView
from letters.web.filter_form import FilterForm
from letters.web.forms import LineField, beside_fields
from letters.web.merge import OUT_OF_DATE

SALT = "saved view"
UNDO_SECONDS = 24 * 60 * 60


class ViewForm(forms.Form):
    """A name, and whether everybody sees it."""

    use_required_attribute = False
    name = LineField(
        label="Name",
        limit=saved_views.MAX_NAME,
        error_messages={"required": "Give the view a name you will know it by."},
    )
    shared = forms.BooleanField(label="Everybody in the office sees it", required=False)
    query = forms.CharField(required=False, max_length=saved_views.MAX_QUERY, widget=forms.HiddenInput)
    # what it was drawn of: two who change different things of a shared view both keep what they changed
    drawn = forms.JSONField(required=False, widget=forms.HiddenInput, error_messages={"invalid": OUT_OF_DATE})

    def clean_drawn(self) -> dict[str, Any] | None:
        """None: it came without, as of a view that is new."""
        drawn = self.cleaned_data["drawn"]
        if drawn is not None and (not isinstance(drawn, dict) or set(drawn) != {"name", "query", "shared"}):
            raise forms.ValidationError(OUT_OF_DATE)
        return drawn


def view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """To the queue with the view's filters; what it can no longer ask for is left out and named."""
    saved = visible(request, pk)
    params, dropped = sound(QueryDict(saved.query), request)
    for sentence in dropped:
        messages.warning(request, f"View “{saved.name}”: {sentence}")
    params[VIEW] = str(saved.pk)
    return redirect(f"{reverse('queue')}?{params.urlencode()}")


def sound(params: QueryDict, request: HttpRequest) -> tuple[QueryDict, list[str]]:
    """The parts of an address that mean something today, and a sentence for each that does not."""
    params = without_empty(params)
    for name in (CURSOR, BOX, VIEW):
        params.pop(name, None)
    dropped = []
    listing = Listing(params, user=request.user)
    choices = {SORT: SORTS, GROUP: {**GROUPS, "none": ""}}
    for name in list(params):
        value = ", ".join(params.getlist(name))
        if name in choices:
            if params[name] not in choices[name]:
                dropped.append(f"there is no {name} “{value}”, so the usual one applies.")
                del params[name]
        elif name not in listing.filterset.filters:
            dropped.append(f"there is no filter “{name}” (it was “{value}”), so it was left out.")
            del params[name]
        elif name in listing.filterset.errors:
            label = listing.filterset.filters[name].label
            dropped.append(f"{label} “{value}” is no longer known, so that filter was left out.")
            del params[name]
    return params, dropped


def view_new(request: HttpRequest) -> HttpResponse:
    """Keep the filters, order and grouping of the list a person has before them."""
    form = ViewForm(request.POST or None, initial={"query": stored(request.GET)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            saved = saved_views.save_view(
                by=request.user, name=data["name"], query=stored(QueryDict(data["query"])), shared=data["shared"]
            )
            messages.success(request, f"The view “{saved.name}” is saved.")
            return redirect("view", pk=saved.pk)
        except RecordError as error:
            beside_fields(form, error)
    return draw(request, form, "Save this view", "Save the view")


def view_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Another name, other filters, for others to see or not; or away with it."""
    saved = visible(request, pk)
    if not saved_views.may_change(saved, by=request.user):
        raise Http404("Only its owner or a manager changes a view.")
    now = stored(request.GET) if request.GET else saved.query
    there = {"name": saved.name, "query": saved.query, "shared": saved.shared}
    form = ViewForm(request.POST or None, initial=there | {"query": now, "drawn": there})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            saved = saved_views.change_view(
                saved, by=request.user, **data | {"query": stored(QueryDict(data["query"]))}
            )
            messages.success(request, f"The view “{saved.name}” is saved.")
            if (
                saved.owner_id != request.user.pk and not saved.shared
            ):  # made private: from now on only its owner has it
                return redirect(f"{reverse('queue')}?{saved.query}")
            return redirect("view", pk=saved.pk)
        except RecordError as error:
            form = _drawn_again(data, there)
            beside_fields(form, error)
    return draw(request, form, f"Change the view “{saved.name}”", "Save the view", saved=saved)


def _drawn_again(typed: dict[str, Any], there: dict[str, Any]) -> ViewForm:
    """What somebody changed, beside what is kept now of the rest: who saves again has seen both."""
    drawn = typed["drawn"] or {}
    kept = {name: there[name] if value == drawn.get(name) else value for name, value in typed.items() if name in there}
    return ViewForm({name: value for name, value in kept.items() if value} | {"drawn": json.dumps(there)})


def view_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Gone at once, with the way back in the message."""
    saved = visible(request, pk)
    if request.method != "POST":
        return redirect("view_edit", pk=pk)
    try:
        kept = saved_views.delete_view(saved, by=request.user)
    except RecordError as error:
        messages.error(request, str(error))
        return redirect("queue")
    token = signing.dumps(kept, salt=SALT)
    messages.success(
        request, f"The view “{kept['name']}” is deleted.", extra_tags="undo:" + reverse("view_restore", args=[token])
    )
    return redirect("queue")


def view_restore(request: HttpRequest, token: str) -> HttpResponse:
    """Take a deletion back; the token holds what was deleted, signed by us."""
    if request.method != "POST":
        return redirect("queue")
    try:
        saved = saved_views.restore_view(signing.loads(token, salt=SALT, max_age=UNDO_SECONDS), by=request.user)
    except signing.BadSignature:
        messages.error(request, "This is too long ago to be undone. Save the view anew.")
        return redirect("queue")
    except RecordError as error:
        messages.error(request, str(error))
        return redirect("queue")
    messages.success(request, f"The view “{saved.name}” is there again.")
    return redirect("view", pk=saved.pk)


def draw(
    request: HttpRequest, form: ViewForm, heading: str, submit: str, saved: SavedView | None = None
) -> HttpResponse:
    """The form, with the filters it keeps in words."""
    query = QueryDict(form["query"].value() or "")
    listing = Listing(query, user=request.user)
    if not may(request.user, EDIT) and not (saved and saved.shared):
        del form.fields["shared"]
        form.fields["shared"] = forms.BooleanField(required=False, widget=forms.HiddenInput)
    context = {
        "form": form,
        "heading": heading,
        "submit": submit,
        "saved": saved,
        "active": FilterForm(listing, {}).active(),
        "sort": SORTS[listing.sort_name][0].lower(),
        "group": listing.group.label.lower() if listing.group else "",
        "cancel_url": reverse("view", args=[saved.pk]) if saved else f"{reverse('queue')}?{query.urlencode()}",
    }
    return render(request, "letters/view_form.html", context, status=422 if form.errors else 200)


def visible(request: HttpRequest, pk: uuid.UUID) -> SavedView:
    """One's own, or shared; another's private view does not exist."""
    return get_object_or_404(saved_views.views_of(request.user), pk=pk)


def stored(params: QueryDict) -> str:
    """The part of an address that a view keeps."""
    kept = without_empty(params)
    for name in NOT_FILTERS:
        if name not in (SORT, GROUP):
            kept.pop(name, None)
    return kept.urlencode()
