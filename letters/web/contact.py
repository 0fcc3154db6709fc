"""Log our call, e-mail or meeting: two fields, and which items it was about."""

import json
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain import items, workflow
from letters.domain.access import EDIT
from letters.domain.clocks import office_today
from letters.domain.deadlines import long_date
from letters.enums import ContactChannel
from letters.errors import RecordError, StaleVersion
from letters.models import Agency, Contact, Tasking, User
from letters.web.forms import LineField, TextField, beside_fields, date_field, holds_words
from letters.web.guards import need
from letters.web.merge import Choice as MergeChoice
from letters.web.merge import settled
from letters.web.reply_items import Choice, agency_choices, all_agencies, choose, listed
from letters.web.stale import changed_elsewhere


class ContactForm(forms.Form):
    """Whom we spoke to and what came of it; the items are those it was about."""

    use_required_attribute = False
    # of the item it was opened from: who else changed it meanwhile is told
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # of the form, so that one sent twice is kept once
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    agency = forms.ChoiceField(label="With", error_messages={"required": "Choose whom it was with."})
    channel = forms.ChoiceField(
        label="Our", choices=ContactChannel.choices, widget=forms.RadioSelect, initial=ContactChannel.CALL
    )
    outcome = TextField(
        label="What came of it", limit=2000, rows=2, error_messages={"required": "A few words do: “left a message”."}
    )
    on = date_field("On", required=False, help_text="Empty: today.")
    with_whom = LineField(label="With whom", limit=200, required=False)
    next_on = date_field("Next date", required=False, help_text="Nobody is reminded before that day.")
    taskings = forms.MultipleChoiceField(
        label="About", widget=forms.CheckboxSelectMultiple, required=False,
        error_messages={"invalid_choice": "One of the items that were ticked is not open there any more. Look at the list again."},
    )  # fmt: skip

    def __init__(self, *args: Any, agencies: list, taskings: list[Tasking], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = [("", "choose one"), *agencies]
        self.rows = {str(tasking.pk): tasking for tasking in taskings}
        self.fields["taskings"].choices = [(key, f"{t} ({t.ask.letter.reference})") for key, t in self.rows.items()]

    def is_stale(self, tasking: Tasking | None) -> bool:
        """Whether somebody changed the item since the form was drawn."""
        return tasking is not None and self.cleaned_data["version"] not in (None, tasking.version)


def new(request: HttpRequest) -> HttpResponse:
    """Log a contact about an item (`?item=`), a letter's items (`?letter=`), or any of one agency's."""
    need(request, EDIT, "may see contacts but not log them.")
    chosen = choose(request)
    # the choice of a merge is in it already; `unsaid`: nobody said which next date to keep
    posted, unsaid = settled(request.POST) if request.method == "POST" else (None, [])
    form = _form(request, chosen, posted)
    saving = posted is not None and "show" not in posted
    status, stale = 200, {}
    if saving:
        status = 422
        if form.is_valid() and not unsaid and _log(request, chosen, form):
            return redirect(_back(chosen))
        if form.is_valid() and form.is_stale(chosen.item):
            status, stale = 409, _stale(form, chosen.item, unsaid, request.user)
    context = {
        "form": form, "back": _back(chosen), "agency": form["agency"].value(), "typed": holds_words([form]), **stale,
    }  # fmt: skip
    return render(request, "letters/contact_new.html", context, status=status)


def _form(request: HttpRequest, chosen: Choice, posted: Any) -> ContactForm:
    tree = all_agencies(request.user)
    keep = {chosen.item.pk} if chosen.item else set()
    choices = agency_choices(request, chosen.letter, tree, keep=keep)
    slug = (
        posted.get("agency")
        if posted is not None and "agency" in posted
        else (chosen.agency.slug if chosen.agency else "")
    )
    agency = next((agency for agency in tree if agency.slug == slug), None)
    found = listed(request, agency, tree, letter=chosen.letter, keep=keep, held=keep) if agency else []
    if posted is None:
        ticked = [
            t
            for t in found
            if t == chosen.item or (not chosen.item and t.ask.letter == chosen.letter and t.role == "lead")
        ]
        version = chosen.item.version if chosen.item else None
        initial = {"agency": slug, "taskings": [str(t.pk) for t in ticked], "version": version, "key": uuid.uuid4()}
        return ContactForm(agencies=choices, taskings=found, initial=initial)
    data = posted.copy()
    if not data.get("key"):  # of an older page, or typed by hand
        data["key"] = str(uuid.uuid4())
    if "agency" not in data:
        # the two fields on an item's page: the rest is what the page is about
        data["agency"] = slug
        data.setlist("taskings", [str(key) for key in keep])
    form = ContactForm(data, agencies=choices, taskings=found)
    if "show" not in posted:
        return form
    initial = {name: form[name].value() for name in form.fields}
    return ContactForm(agencies=choices, taskings=found, initial=initial)


def _log(request: HttpRequest, chosen: Choice, form: ContactForm) -> bool:
    """Whether it is logged, now or by an earlier press of the same form; the person is told which."""
    facts = _facts(form)
    key = facts.pop("key")
    before = items.logged_from(key, request.user, **facts)
    try:
        if before is None:
            with transaction.atomic():
                if chosen.item:
                    workflow.lock(chosen.item, expected_version=form.cleaned_data["version"])
                contact = items.log_contact(by=request.user, key=key, **facts)
            messages.success(request, f"Our {_named(contact)} is logged.")
            return True
    except StaleVersion:  # told with what changed, unless it was the first of two presses that changed it
        before = items.logged_from(key, request.user, **facts)
    except RecordError as error:
        beside_fields(form, error)
    if before is None:
        return False
    messages.info(request, f"Our {_named(before)} was logged from this form before. It is kept once; to log another like it, begin a new one.")  # fmt: skip
    return True


def _named(contact: Contact) -> str:
    when = "" if contact.on == office_today() else f" of {long_date(contact.on)}"
    return f"{contact.get_channel_display()}{when}"


def _stale(form: ContactForm, tasking: Tasking, unsaid: list[str], reader: User) -> dict:
    """What somebody did about the item meanwhile. A contact adds to the record; both may have set the next date."""
    opened = form.cleaned_data["version"]
    # from the change after the one that was seen: what made the opened version was on the page already. Both times are
    # those of histories, so that of one transaction they are the same
    missed = tasking.history.filter(version__gt=opened).order_by("pgh_id").first()
    theirs = tasking.contacts.filter(in_error_at__isnull=True, next_on__isnull=False)
    since = {"history__pgh_label": "insert", "history__pgh_created_at__gte": missed.pgh_created_at} if missed else {}
    latest = theirs.filter(**since).order_by("recorded_at").last() if missed else None
    mine, choices = form.cleaned_data["next_on"], []
    if latest and mine and latest.next_on != mine:
        error = "Both of you set the next date. Choose which to keep." if unsaid else ""
        told = (long_date(latest.next_on), long_date(mine))
        choices = [MergeChoice("next_on", "Next date", *told, "", latest.next_on.isoformat(), "", error)]
    changed = changed_elsewhere(tasking, form, reader)
    # the next save is made by somebody who has read what changed
    form.data["version"] = str(tasking.version)
    return {"changed": changed, "choices": choices, "opened": json.dumps({one.name: one.stood_data for one in choices})}


def _facts(form: ContactForm) -> dict[str, Any]:
    """What `items.log_contact` is told."""
    data = form.cleaned_data
    return {
        "agency": Agency.objects.get(slug=data["agency"]), "taskings": [form.rows[key] for key in data["taskings"]],
        **{name: data[name] for name in ("channel", "outcome", "on", "with_whom", "next_on", "key")},
    }  # fmt: skip


def _back(chosen: Choice) -> str:
    if chosen.item:
        return reverse("item", args=[chosen.item.pk])
    return reverse("letter", args=[chosen.letter.reference]) if chosen.letter else reverse("queue")
