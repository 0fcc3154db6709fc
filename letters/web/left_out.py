"""Add to a sent letter what the record forgot: a signer, an agency that an ask was put to. Each a page with a reason; an ask is
the same, in `left_out_ask`."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from letters.domain import left_out
from letters.enums import LetterState, TaskingRole
from letters.errors import RecordError, StaleVersion
from letters.models import Agency, Letter
from letters.web.forms import LineField, TextField, beside_fields
from letters.web.guards import editable
from letters.web.letter_desk import form_page
from letters.web.merge import Merge, MergeableForm, merge_or_form

LOOK_AGAIN = "Look whether it is there by now; if not, save again."


def reason_field() -> TextField:
    """Why, as each of these pages asks."""
    return TextField(
        label="Why is the record corrected?", limit=2000, rows=2, help_text="Office only. It is kept with the correction.",
        error_messages={"required": "Say why the record is corrected."},
    )  # fmt: skip


class SignerForm(MergeableForm):
    printed_name = LineField(
        label="Name, as printed", limit=200, error_messages={"required": "Type the name as the letter prints it."}
    )
    printed_title = LineField(label="Title, as printed", limit=200, required=False)
    bioguide = LineField(
        label="Member, by Bioguide ID", limit=7, required=False,
        help_text="Empty: whoever the name seems to be on the letter’s date is proposed, and confirmed on the letter’s page.",
    )  # fmt: skip
    is_lead = forms.BooleanField(label="Led the letter", required=False)
    reason = reason_field()
    merged = ()


class AgencyForm(MergeableForm):
    ask = forms.ChoiceField(label="Which ask", error_messages={"required": "Choose the ask."})
    agency = forms.ChoiceField(
        label="Also put to", help_text="Whom the letter is addressed to, and their bureaus. The item waits since the letter was sent.",
        error_messages={"required": "Choose the agency."},
    )  # fmt: skip
    role = forms.ChoiceField(
        label="It is", choices=[(TaskingRole.LEAD, "responsible: it owes the reply"), (TaskingRole.CONSULTED, "consulted: it owes nothing")],
        initial=TaskingRole.LEAD, widget=forms.RadioSelect,
    )  # fmt: skip
    reason = reason_field()
    merged = ()

    def __init__(self, *args, letter: Letter, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        asks = letter.asks.order_by("number")
        self.fields["ask"].choices = [
            ("", "choose one"),
            *((str(ask.pk), f"{ask.number}. {ask.summary}") for ask in asks),
        ]
        addressed = [one.agency for one in letter.addressees.select_related("agency").order_by("position")]
        agencies = Agency.objects.select_related("parent__parent").order_by("name")
        known = [one for one in agencies if any(department.includes(one) for department in addressed)]
        self.fields["agency"].choices = [("", "choose one"), *((one.slug, one.name) for one in known)]


def signer(request: HttpRequest, reference: str) -> HttpResponse:
    """A name that stands under the letter."""
    letter = sent_letter(request, reference)

    def save(facts: dict, version: int) -> str:
        added = left_out.add_signer(letter, by=request.user, expected_version=version, **facts)
        return f"{added.printed_name} is signer {added.position} of {reference}. It is kept among the corrections."

    return add_page(
        request, letter, lambda data: SignerForm(data, initial={"version": letter.version}), save,
        heading="Add a signer who was left out", submit="Add the signer", place="#signers-title",
    )  # fmt: skip


def agency(request: HttpRequest, reference: str) -> HttpResponse:
    """An agency that an ask was put to."""
    letter = sent_letter(request, reference)

    def save(facts: dict, version: int) -> str:
        ask = letter.asks.get(pk=facts.pop("ask"))
        whom = Agency.objects.get(slug=facts.pop("agency"))
        added = left_out.put_also_to(ask, by=request.user, agency=whom, expected_version=version, **facts)
        return f"“{added}” is an item of {reference} now, asked on the day the letter was sent."

    return add_page(
        request, letter, lambda data: AgencyForm(data, letter=letter, initial={"version": letter.version}), save,
        heading="Put an ask to an agency that was left out", submit="Add the agency", place="#matrix-title",
    )  # fmt: skip


def sent_letter(request: HttpRequest, reference: str) -> Letter:
    """The letter, if this person may add to it."""
    letter = editable(request, reference)
    if letter.state != LetterState.SENT:
        raise Http404("Nothing is added to a letter that was entered in error")
    return letter


def add_page(
    request: HttpRequest, letter: Letter, make: Callable[[QueryDict | None], MergeableForm], save: Callable[[dict, int], str], *,
    heading: str, submit: str, place: str,
) -> HttpResponse:  # fmt: skip
    """Draw a form of what was left out, add what was typed, or show what changed meanwhile."""
    page = {"heading": heading, "submit": submit, "place": place}
    if request.method != "POST":
        return form_page(request, letter, make(None), **page)
    events = letter.events.filter(tasking=None)
    found = merge_or_form(make, request.POST, version=letter.version, events=events, reader=request.user)
    if isinstance(found, Merge):
        found.nothing = LOOK_AGAIN
        return form_page(request, letter, found.form or make(None), merge=found, status=409, **page)
    if found.is_valid():
        facts = {name: value for name, value in found.cleaned_data.items() if name not in ("version", "opened")}
        try:
            messages.success(request, save(facts, found.cleaned_data["version"]))
            return redirect(reverse("letter", args=[letter.reference]) + place)
        except StaleVersion:  # in the moment between looking and saving
            found.add_error(None, "Somebody saved in this very moment. Save again to see what changed.")
        except RecordError as error:
            beside_fields(found, error)
    return form_page(request, letter, found, **page)
