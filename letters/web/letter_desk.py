"""Beside a letter: its relations to other letters, and what each addressee's office told of it."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from letters.domain import letter_desk, sending
from letters.enums import LinkKind, OurRole
from letters.errors import RecordError, StaleVersion
from letters.intake.copied_letter import deadline_as_typed
from letters.models import Letter, LetterLink
from letters.models.base import MAX_TEXT
from letters.web.deadline_field import DeadlineField, deadline_facts
from letters.web.forms import LineField, TextField, beside_fields, date_field
from letters.web.guards import HAVE_PAGES, editable
from letters.web.merge import Merge, MergeableForm, merge_or_form

CORRECTED = (
    "subject", "letter_date", "printed_date", "sent_on", "our_role", "lead_office_contact", "on_behalf_of", "published_url",
    "deadline_on", "deadline_quote", "text",
)  # fmt: skip


class LinkForm(forms.Form):
    """How this letter relates to another."""

    use_required_attribute = False
    kind = forms.ChoiceField(label="This letter is", choices=LinkKind.choices)
    to = LineField(
        label="the letter", limit=12, help_text="Its number, such as 2023-0001.",
        error_messages={"required": "Enter the number of the other letter."},
    )  # fmt: skip

    def __init__(self, *args, request: HttpRequest, **kwargs) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_to(self) -> Letter:
        number = self.cleaned_data["to"].strip()
        found = Letter.objects.visible_to(self.request.user).filter(reference=number, state__in=HAVE_PAGES).first()
        if found is None:
            raise forms.ValidationError(f"No letter you may see has the number “{number}”. It stands above its title.")
        return found


class AddresseeForm(MergeableForm):
    """What an addressee's office told of the letter; `version` is the letter's, as this person saw it."""

    control_number = LineField(label="Their number for it", limit=60, required=False, help_text="Search finds it.")
    delivered_on = date_field("Delivery confirmed on", required=False)
    acknowledged_on = date_field("Receipt acknowledged on", required=False)
    legislative_affairs_contact = LineField(
        label="Legislative affairs contact", limit=200, required=False, help_text="Name, and how to reach them."
    )


class CorrectionForm(MergeableForm):
    """The facts of a sent letter, each as it stands; what is changed becomes an amendment with the reason."""

    subject = LineField(
        label="Subject", limit=300, error_messages={"required": "Say in a few words what the letter is about."}
    )
    letter_date = date_field("The day it was signed")
    printed_date = date_field("The date printed on it", required=False, help_text="Where the paper says another day.")
    sent_on = date_field("The day it was sent", help_text="Its items count from it. The letter keeps its number.")
    our_role = forms.ChoiceField(label="Our role", choices=OurRole.choices)
    lead_office_contact = LineField(label="The lead office’s contact", limit=200, required=False)
    on_behalf_of = LineField(
        label="On behalf of", limit=200, required=False, help_text="A committee the letter speaks for."
    )
    published_url = LineField(label="Where it was published", limit=500, required=False, help_text="https://…")
    deadline_on = DeadlineField()
    deadline_quote = TextField(label="The sentence that sets it", limit=1000, required=False)
    text = TextField(label="The letter’s text", limit=MAX_TEXT, rows=12, required=False)
    reason = TextField(
        label="Why is the record corrected?", limit=2000, rows=2, error_messages={"required": "Say why; it is kept with what stood before."}
    )  # fmt: skip
    merged = CORRECTED


def _back(letter: Letter, place: str) -> str:
    return reverse("letter", args=[letter.reference]) + place


def form_page(
    request: HttpRequest, letter: Letter, form: forms.Form, *, heading: str, submit: str, place: str, **more
) -> HttpResponse:
    """A form about a letter on a page of its own; `place`: where on the letter’s page it leads back to."""
    status = more.pop("status", 422 if form.is_bound else 200)
    context = {
        "letter": letter, "form": form, "heading": heading, "submit": submit, "cancel_url": _back(letter, place),
        "crumbs": [
            {"label": "Letters", "url": reverse("letters")},
            {"label": letter.reference, "url": reverse("letter", args=[letter.reference])},
        ],
        **more,
    }  # fmt: skip
    return render(request, "letters/letter_form.html", context, status=status)


def link(request: HttpRequest, reference: str) -> HttpResponse:
    """Link the letter to another one."""
    letter = editable(request, reference)
    initial = {"kind": request.GET.get("kind", ""), "to": request.GET.get("to", "")}
    form = LinkForm(request.POST or None, request=request, initial=initial)
    if request.method == "POST" and form.is_valid():
        other = form.cleaned_data["to"]
        try:
            made = letter_desk.link_letters(letter, by=request.user, to=other, kind=form.cleaned_data["kind"])
            messages.success(request, f"{letter.reference} is now “{made.get_kind_display()} {other.reference}”.")
            return redirect(_back(letter, "#related"))
        except RecordError as error:
            beside_fields(form, error)
    return form_page(request, letter, form, heading="Link to another letter", submit="Link them", place="#related")


def unlink(request: HttpRequest, reference: str, pk: uuid.UUID) -> HttpResponse:
    """Take a link away, and offer to put it back."""
    letter = editable(request, reference)
    seen = Letter.objects.visible_to(request.user)
    found = LetterLink.objects.select_related("letter", "to_letter").filter(letter__in=seen, to_letter__in=seen)
    gone = get_object_or_404(found, pk=pk)
    if letter.pk not in (gone.letter_id, gone.to_letter_id):
        return redirect("letter", reference=reference)
    if request.method == "POST":
        try:
            letter_desk.unlink_letters(gone, by=request.user)
        except LetterLink.DoesNotExist as error:
            raise Http404 from error
        except RecordError as error:
            raise PermissionDenied(str(error)) from error
        words = f"“{gone.letter.reference} {gone.get_kind_display()} {gone.to_letter.reference}” is taken away."
        return render(
            request, "letters/unlinked.html", {"letter": letter, "words": words, "back": _back(letter, "#related"),
            "kind": gone.kind, "to": gone.to_letter.reference, "undo_url": reverse("letter_link", args=[gone.letter.reference])},
        )  # fmt: skip
    words = f"{gone.letter.reference} is {gone.get_kind_display()} {gone.to_letter.reference}."
    context = {"letter": letter, "words": words, "action": request.path, "cancel_url": _back(letter, "#related")}
    return render(request, "letters/unlink.html", context)


def addressee(request: HttpRequest, reference: str, pk: uuid.UUID) -> HttpResponse:
    """What an addressee's office told of the letter."""
    letter = editable(request, reference)
    shown = get_object_or_404(letter.addressees.select_related("agency", "letter"), pk=pk)
    saved = {name: letter_desk.delivery_fact(shown, name) for name in letter_desk.DELIVERY}

    def save(facts: dict, version: int) -> str:
        letter_desk.update_addressee(shown, by=request.user, expected_version=version, **facts)
        return f"{shown.printed_name} ({shown.agency}): saved."

    return _edit(
        request, letter, AddresseeForm, saved, save, heading=f"{shown.printed_name} ({shown.agency})", submit="Save",
        place="#addressees",
    )  # fmt: skip


def correct(request: HttpRequest, reference: str) -> HttpResponse:
    """Correct the record of a sent letter, with a reason."""
    letter = editable(request, reference)
    saved = {name: getattr(letter, name) for name in CORRECTED} | {"deadline_on": deadline_as_typed(letter)}

    def save(facts: dict, version: int) -> str:
        reason = facts.pop("reason")
        changed = {name: value for name, value in facts.items() if not same(value, saved[name])} or {
            "subject": facts["subject"]
        }
        if "deadline_on" in changed:
            changed |= deadline_facts(changed["deadline_on"])
        sending.amend(letter, by=request.user, reason=reason, expected_version=version, **changed)
        return f"{reference} is corrected. What stood before is kept."

    return _edit(
        request, letter, CorrectionForm, saved, save, heading=f"Correct {reference}", submit="Correct the record", place="",
    )  # fmt: skip


def same(typed: Any, stands: Any) -> bool:
    """Whether nothing but the ends of lines and the blanks around words differ, which a form takes off."""
    words = [str(value).replace("\r\n", "\n").strip() for value in (typed, stands) if isinstance(value, str)]
    return words[0] == words[1] if len(words) == 2 else typed == stands


def _edit(
    request: HttpRequest,
    letter: Letter,
    form_class: type[MergeableForm],
    saved: dict,
    save: Callable[[dict, int], str],
    **page: str,
) -> HttpResponse:
    """Draw a form of what is saved, save what was typed, or let the two be merged."""

    def make(data: QueryDict | None = None) -> MergeableForm:
        if data is not None:  # a page opened before an upgrade lacks what came with it, which stays as it is
            data = data.copy()
            for name, value in saved.items():
                data.setdefault(name, "" if value is None else str(value))
        return form_class(data, initial={**saved, "version": letter.version})

    if request.method != "POST":
        form = make()
        form.remember()
        return form_page(request, letter, form, **page)
    events = letter.events.filter(tasking=None)
    found = merge_or_form(make, request.POST, version=letter.version, events=events, reader=request.user)
    if isinstance(found, Merge):
        return form_page(
            request, letter, found.form, merge=found, status=409, **page | {"submit": "Save the merged version"}
        )
    if found.is_valid():
        facts = {name: value for name, value in found.cleaned_data.items() if name not in ("version", "opened")}
        try:
            messages.success(request, save(facts, found.cleaned_data["version"]))
            return redirect(_back(letter, page["place"]))
        except StaleVersion:  # in the moment between looking and saving
            found.add_error(None, "Somebody saved in this very moment. Save again to see what changed.")
        except RecordError as error:
            for problem in error.problems:
                name = "deadline_on" if problem.field.startswith("term_") else problem.field
                found.add_error(name if name in found.fields else None, problem.message)
    return form_page(request, letter, found, **page)
