"""What people type about one open item. Each form knows its verb's fields; the verb's refusals land beside them.

What was typed survives every error: a refused form is drawn again, bound, with the problem at its field.
"""

import uuid
from collections.abc import Iterable

from django import forms
from django.db.models import Q, QuerySet

from letters.domain.access import EDIT, RIGHTS
from letters.domain.moves import has_proof_reply
from letters.domain.rules import check_text
from letters.domain.standing import standing_evidence
from letters.domain.transitions import needs
from letters.enums import (
    Access,
    Channel,
    Coverage,
    EvidenceKind,
    ResponseKind,
    Stance,
    Status,
)
from letters.errors import RecordError
from letters.models import Agency, Letter, Tasking, User
from letters.models.letter_queries import SEES_RESTRICTED
from letters.web.merge import MergeableForm

TYPED_OF_REPLY = ("received_on", "sent_on", "responder", "quote", "page")  # the rest of its fields is never empty
TYPED_INTO = ("text", "date", "url")
NOT_READ = ("", "not read yet: remind the owner to read it")


class DateInput(forms.DateInput):
    """The browser's own date control; values as it wants them."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DateField(forms.DateField):
    """A date whose error quotes what was typed, and says how to write one."""

    def to_python(self, value: object) -> object:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(error.messages[0] % {"value": value}, code="invalid") from error


def date_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    """A date whose error says how to write one."""
    return DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=DateInput(),
        input_formats=["%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y"],
        error_messages={
            "invalid": "“%(value)s” is not a date. Write it as 2023-05-24, 05/24/2023 or May 24, 2023.",
            "required": "Enter a date.",
        },
    )


def beside_fields(form: forms.Form, error: RecordError) -> None:
    """Put each of the domain's problems beside the field it is about; what is about none, above the form."""
    for problem in error.problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)


def holds_words(drawn: Iterable[forms.Form]) -> bool:
    """Whether forms that are drawn again unsaved hold words or a day that somebody typed; a choice is made again in a
    moment. For `data-typed`, by which static/js/unsaved.js knows: what is drawn is not what is saved."""
    return any(
        str(field.value() or "") not in ("", str(field.field.initial or ""))
        for form in drawn
        for field in form.visible_fields()
        if isinstance(field.field.widget, forms.Textarea) or field.widget_type in TYPED_INTO
    )


class TextField(forms.CharField):
    """Words of any length: the limit and the characters are judged in one sentence that keeps what was typed."""

    def __init__(self, *, label: str, limit: int, rows: int = 3, **kwargs) -> None:
        super().__init__(label=label, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)
        self.limit = limit

    def to_python(self, value: str) -> str:
        """A browser sends each line with CR and LF; the record has LF, so that what nobody changed is the same."""
        return super().to_python(value).replace("\r\n", "\n")

    def validate(self, value: str) -> None:
        super().validate(value)
        for problem in check_text("text", self.label, value, self.limit):
            raise forms.ValidationError(problem.message)


class LineField(TextField):
    """The same on one line."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.widget = forms.TextInput()
        self.widget.is_required = self.required


class ItemForm(MergeableForm):
    """A form about one item; `version` is what the person saw (invariant 7). Most add something: nothing to merge."""

    # The server says what is missing, in sentences; the browser only stops a date that is none, which it would drop.
    use_required_attribute = False
    merged = ()
    depending = ("citation", "url", "seen_on", "response", "targets")  # needed or not by what else is chosen

    def __init__(self, *args, tasking: Tasking, by: User | None = None, **kwargs) -> None:
        self.tasking, self.by = tasking, by
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = tasking.version
        # hidden things last: the first field a person meets is one they can fill
        self.order_fields([name for name in self.fields if name != "version"])


class StatusForm(ItemForm):
    """Move an item to one status, with what that status needs and nothing else."""

    def __init__(self, *args, to: str, by: User, **kwargs) -> None:
        self.to = Status(to)
        super().__init__(*args, **kwargs)
        # Where somebody closed the item meanwhile, it keeps the fields that were typed in.
        needed = needs(self.tasking.status if to == Status.AWAITING else Status.AWAITING, to)
        if "promised_on" in needed:
            self.fields["promised_on"] = date_field("The date they promised")
        if "agency" in needed:
            self.fields["agency"] = forms.ModelChoiceField(
                Agency.objects.visible_to(by).exclude(pk=self.tasking.agency_id).order_by("short_name"),
                label="The agency it was passed to", to_field_name="slug",
                error_messages={"required": "Choose the agency it was passed to."},
            )  # fmt: skip
        if "evidence" in needed:
            self._ask_for_evidence()
        if "reply" in needed:
            held = has_proof_reply(self.tasking)
            if not held or any(self.data.get(name) for name in TYPED_OF_REPLY):
                self._ask_for_reply(held=held)
        if "reason" in needed:
            self.depending = (*self.depending, "reason")
        self.fields["reason"] = TextField(
            label="Reason" if "reason" in needed else "Remark", limit=2000, required=False,
            help_text="Office only." if "reason" not in needed else "Why. Office only; it is kept with the change.",
        )  # fmt: skip
        self.order_fields([name for name in self.fields if name != "version"])

    def _ask_for_evidence(self) -> None:
        # what is recorded already is proof enough; more may be added
        has_some = standing_evidence(self.tasking).exists()
        kinds = [choice for choice in EvidenceKind.choices if choice[0] != EvidenceKind.RESPONSE]
        replies = [
            (str(a.response_id), str(a.response))
            for a in self.tasking.answers.filter(response__in_error_at__isnull=True).select_related("response__agency")
        ]
        if replies:
            kinds.append((EvidenceKind.RESPONSE.value, EvidenceKind.RESPONSE.label))
        self.fields["evidence"] = forms.ChoiceField(
            label="What proves it" if not has_some else "More evidence",
            required=not has_some,
            choices=[("", "choose one"), *kinds],
            error_messages={
                "required": "“Done” needs evidence. Choose what proves it, then give the citation or the page."
            },
            help_text="Evidence is recorded already; add more if you have it."
            if has_some
            else "A status of done rests on it.",
        )
        self.fields["citation"] = LineField(
            label="Citation", limit=500, required=False,
            help_text="For the Federal Register or a list, as printed: 85 FR 51596, or the list and the entry’s number.",
        )  # fmt: skip
        self.fields["url"] = forms.URLField(
            label="Address of the page", required=False, help_text="For a public web page.", assume_scheme="https", max_length=500,
            error_messages={"invalid": "This is not a web address. Paste it from the browser: https://…"},
        )  # fmt: skip
        self.fields["seen_on"] = date_field(
            "The day it was published, or seen there", required=False, help_text="Pages change. It counts as done on that day.",
        )  # fmt: skip
        if replies:
            self.fields["response"] = forms.ChoiceField(
                label="Which reply", required=False, choices=[("", "choose one"), *replies]
            )
        targets = list(self.tasking.ask.targets_in_order())
        if targets:
            self.fields["targets"] = forms.MultipleChoiceField(
                label="Whom it covers", required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(t.slug, t.name) for t in targets], initial=[t.slug for t in targets],
            )  # fmt: skip

    def _ask_for_reply(self, *, held: bool) -> None:
        """`held`: somebody recorded one while this was typed, which may well be the same."""
        self.fields.update(reply_fields(self.tasking))
        if held:
            self.fields["received_on"].required = False
            self.fields[
                "received_on"
            ].help_text = "A reply is recorded already. Empty: yours is not recorded beside it."
        self.fields["reply_kind"].initial = (
            ResponseKind.DECLINATION if self.to == Status.DECLINED else ResponseKind.SUBSTANTIVE
        )
        self.fields["coverage"].initial = Coverage.FULL

    @property
    def brings_reply(self) -> bool:
        return bool(self.cleaned_data.get("received_on"))

    @property
    def brings_evidence(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("evidence", "citation", "url", "seen_on", "response"))


def reply_fields(tasking: Tasking) -> dict[str, forms.Field]:
    """The fields of a reply about one item."""
    agencies = [tasking.agency, *([tasking.acting_agency] if tasking.acting_agency else [])]
    return {
        "from_agency": forms.ChoiceField(label="Who replied", choices=[(a.slug, str(a)) for a in agencies]),
        "reply_kind": forms.ChoiceField(label="Kind of reply", choices=ResponseKind.choices),
        "channel": forms.ChoiceField(label="How it came", choices=Channel.choices),
        "received_on": date_field("Received on"),
        "sent_on": date_field("Its own date", required=False),
        "responder": LineField(label="Signed by", limit=200, required=False),
        "quote": TextField(
            label="In their words", limit=10_000, required=False, help_text="The words that bear on this item."
        ),
        "page": LineField(label="Page", limit=20, required=False),
        "coverage": forms.ChoiceField(
            label="What it says about this ask", choices=[NOT_READ, *Coverage.choices], required=False
        ),
        "stance": forms.ChoiceField(label="Their position", choices=Stance.choices, required=False),
    }


class OwnerForm(ItemForm):
    merged = ("owner",)
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label="Who owns the next step",
        required=False,
        empty_label="nobody",
        to_field_name="username",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = possible_owners(self.tasking.ask.letter)
        self.fields["owner"].initial = self.tasking.owner.username if self.tasking.owner else None


def possible_owners(letter: Letter) -> QuerySet[User]:
    """Who may change the letter, and so own a next step of it: as `access.may` judges one by one."""
    editors = User.objects.filter(is_active=True, role__in=[role for role, rights in RIGHTS.items() if EDIT in rights])
    if letter.access == Access.RESTRICTED:
        editors = editors.filter(Q(role__in=SEES_RESTRICTED) | Q(pk__in=letter.staff.values("pk")))
    return editors.order_by("username")


class SnoozeForm(ItemForm):
    merged = ("until",)
    until = date_field("Remind me on", required=False, help_text="Nobody is reminded before that day. Empty: as usual.")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = self.tasking.snoozed_until


class NoteForm(ItemForm):
    key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)  # sent twice it is kept once
    text = TextField(
        label="Note",
        limit=20_000,
        help_text="Office only, always.",
        error_messages={"required": "Write something, or cancel."},
    )


class LetterNoteForm(forms.Form):
    # of the form, so that one sent twice is kept once: a note about a letter moves no version
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    text = TextField(
        label="Note",
        limit=20_000,
        help_text="Office only, always.",
        error_messages={"required": "Write something, or cancel."},
    )
