"""The fields of "Log a letter". They show what was typed, sound or not; what is wrong comes from the record's own rules."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from letters.enums import Access, Delivery, OurRole, TargetKind
from letters.errors import Problem
from letters.models import AskKind
from letters.web.forms import LineField, TextField
from letters.web.posted import number_of, uuid_of

MANY = 10_000_000  # the domain judges lengths when the letter is reviewed; until then every word is kept


def line(label: str, *, hint: str = "", **attrs: str) -> forms.Field:
    field = LineField(label=label, limit=MANY, required=False, help_text=hint)
    field.widget.attrs |= {"autocomplete": "off"} | {name.replace("_", "-"): value for name, value in attrs.items()}
    return field


def text(label: str, *, rows: int = 3, hint: str = "") -> forms.Field:
    return TextField(label=label, limit=MANY, rows=rows, required=False, help_text=hint)


def choice(label: str, choices: Iterable, *, hint: str = "", widget: type[forms.Widget] = forms.Select) -> forms.Field:
    return forms.ChoiceField(label=label, choices=list(choices), required=False, help_text=hint, widget=widget)


class SheetForm(forms.Form):
    """A part of the sheet, drawn with what was typed."""

    use_required_attribute = False

    def __init__(self, typed: dict[str, Any], problems: Iterable[Problem] = (), *, prefix: str | None = None) -> None:
        key = f"{prefix}-" if prefix else ""
        super().__init__({key + name: value for name, value in typed.items()}, prefix=prefix)
        for field in self.fields.values():
            if kind := field.widget.attrs.get("data-suggest"):
                # the id goes into the hidden field beside it
                hidden = field.widget.attrs["data-suggest-into"]
                field.widget.attrs |= {
                    "data-suggest-url": reverse(f"suggest_{kind}"),
                    "data-suggest-into": f"#id_{key}{hidden}",
                }
        self.prepare()
        self.is_valid()
        for problem in problems:
            name = problem.field.removeprefix(key)
            if problem.field.startswith(key) and name in self.fields:
                self.add_error(name, problem.message)

    def prepare(self) -> None:
        """What a form sets up before what was typed is looked at."""

    @property
    def has_errors(self) -> bool:
        return bool(self.errors)


class FactsForm(SheetForm):
    """What the letter is about, when, and our part in it."""

    subject = line(
        "Subject", hint="In a few words, as you would look for it: “Huawei Cloud and other PRC cloud services”."
    )
    letter_date = line("Date of the letter", hint="As 4/25/2023 or April 25, 2023.")
    our_role = choice("Our part", OurRole.choices)
    deadline_on = line(
        "Reply asked for by", hint="Only if the letter sets one; most set none. A date, or “within 30 days of receipt”."
    )


class MoreFactsForm(SheetForm):
    """Facts that most letters do not have."""

    deadline_quote = text("The sentence that sets the date", rows=2)
    sent_on = line("Sent on", hint="Empty: the date of the letter.")
    printed_date = line("Date printed on it", hint="Only if the paper prints a wrong one.")
    lead_office_contact = line("Contact in the lead office", hint="For a letter that we co-signed.")
    on_behalf_of = line("On behalf of", hint="A committee the letter speaks for.")
    published_url = line("Address where it was published", hint="https://…", inputmode="url")
    new_topics = line("New topics", hint="With commas between them.")


class AccessForm(SheetForm):
    access = choice("Who may see it", Access.choices)


class AddresseeForm(SheetForm):
    printed_name = line(
        "Name, as printed",
        data_suggest="officials",
        data_suggest_into="official",
        data_suggest_with="on=#id_letter_date",
    )
    printed_title = line("Title, as printed")
    agency = line("Agency", data_suggest="agencies", data_suggest_into="agency_id")
    delivery = choice("To or copy", Delivery.choices)
    address = text("Address", rows=2)


class AskForm(SheetForm):
    """One ask; its targets and agencies are drawn by the page."""

    quote = text("In the letter’s words", rows=3)
    kind = choice("Kind of ask", [])
    questions = text(
        "The questions", rows=4, hint="Paste the list as the letter prints it; each becomes a line to tick off."
    )
    summary = line(
        "In a few words",
        hint="Empty: made of the kind and the names, such as “Sanction Huawei Cloud”. Without a name, say it here.",
    )
    requested_by = line("Its own date", hint="Only if the letter gives this ask a date of its own.")
    acting = line(
        "The bureau that would act",
        hint="It does not owe the reply.",
        data_suggest="agencies",
        data_suggest_into="acting_id",
    )
    bureau = line("Put it to a bureau or another agency", data_suggest="agencies", data_suggest_into="bureau_id")
    instrument = line("Legal basis")
    requested_list = line("Official list")

    def __init__(self, *args, kinds: list[AskKind], **kwargs) -> None:
        self.kinds = kinds
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        self.fields["kind"].choices = [("", "choose one"), *[(kind.code, kind.name) for kind in self.kinds]]


TARGET_KINDS = [("", "not in our record: what is it?"), *TargetKind.choices]


def form_key(request: HttpRequest) -> uuid.UUID:
    """Which empty sheet it is typed on, until that has an address of its own."""
    return uuid_of(request.POST.get("key", "")) or uuid.uuid4()


def saved_as(request: HttpRequest) -> str:
    """What the page calls this save; nothing without its script."""
    return request.POST.get("saved_as", "")


def as_opened(request: HttpRequest) -> int:
    """The version that a page came with; none where it asked for choices, so that they are asked for again."""
    return 0 if "merging" in request.POST else number_of(request.POST.get("version"))
