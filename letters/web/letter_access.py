"""Who may see a letter: open to the office, or to the staff it names."""

import json
from dataclasses import replace

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain import sending
from letters.domain.access import RELEASE, RESTRICT, may
from letters.enums import Access
from letters.errors import NotAllowed, RecordError, StaleVersion
from letters.models import Letter, User
from letters.models.letter_queries import SEES_RESTRICTED
from letters.web.forms import TextField, beside_fields
from letters.web.guards import need, visible
from letters.web.merge import OUT_OF_DATE, Merge, merge_values, opened_with, settled, who_since


class AccessForm(forms.Form):
    """`version` is what the person saw (invariant 7)."""

    use_required_attribute = False
    access = forms.ChoiceField(
        label="Who may see it",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who may see it.", "invalid_choice": "Choose one of these."},
    )
    staff = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label="Named staff",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        to_field_name="username",
        help_text="Whoever works on it. Managers and administrators see every letter and need no naming.",
        error_messages={"invalid_choice": "“%(value)s” is nobody who can be named. Load the page again."},
    )
    reason = TextField(
        label="Why",
        limit=2000,
        help_text="Office only; it is kept with the change.",
        error_messages={"required": "Say why: the next person who cannot find the letter will ask."},
    )
    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": OUT_OF_DATE, "invalid": OUT_OF_DATE}
    )

    def __init__(self, *args, letter: Letter, by: User, **kwargs) -> None:
        self.letter = letter
        named = list(letter.staff.values_list("username", flat=True))
        super().__init__(*args, initial={"access": letter.access, "staff": named, "version": letter.version}, **kwargs)
        self.fields["access"].choices = [
            (Access.OFFICE, "Everybody of the office"),
            (Access.RESTRICTED, "Named staff only; for everybody else it does not exist"),
        ]
        if not may(by, RELEASE, letter):
            self.fields["access"].choices = self.fields["access"].choices[1:]
            self.fields["access"].help_text = "Only a manager opens a restricted letter to the office again."
        self.fields["staff"].queryset = User.objects.filter(
            Q(is_active=True) & ~Q(role__in=SEES_RESTRICTED) | Q(pk__in=letter.staff.values("pk"))
        ).order_by("username")


def letter_access(request: HttpRequest, reference: str) -> HttpResponse:
    """Restrict a letter, name its staff, or open it to the office again."""
    letter = visible(request, reference)
    need(
        request,
        RESTRICT,
        "may see this letter but not say who else may. Staff may where a letter names them; otherwise ask a manager.",
        letter,
    )
    # the choices of a merge are in it already
    posted, unsaid = settled(request.POST) if request.method == "POST" else (None, [])
    if posted is not None and posted.get("keep.staff") in ("theirs", "stood"):
        posted.setlist("staff", posted.get("staff", "").split())
    form = AccessForm(posted, letter=letter, by=request.user)
    status, merge = 200, None
    if posted is not None and (posted.get("version", "") != str(letter.version) or unsaid):
        merge, status = _merge(request, letter, form, posted, unsaid), 409
    elif posted is not None:
        status = 422
        if form.is_valid():
            try:
                return _change(request, letter, form.cleaned_data)
            except StaleVersion:  # in the moment between looking and saving
                status = 409
                form.add_error(None, "Somebody saved in this very moment. Save again to see what changed.")
            except NotAllowed as error:
                status = 403
                form.add_error(None, str(error))
            except RecordError as error:
                beside_fields(form, error)
    context = {
        "letter": letter,
        "form": form,
        "merge": merge,
        "opened": json.dumps(_saved(letter)),
        "heading": "Who may see it",
        "crumbs": [
            {"label": "Letters", "url": reverse("letters")},
            {"label": letter.reference, "url": reverse("letter", args=[reference])},
        ],
    }
    return render(request, "letters/letter_access.html", context, status=status)


def _saved(letter: Letter) -> dict[str, str]:
    """What the form stands for, as it is saved."""
    return {"access": letter.access, "staff": " ".join(sorted(letter.staff.values_list("username", flat=True)))}


def _merge(request: HttpRequest, letter: Letter, form: AccessForm, posted: QueryDict, unsaid: list[str]) -> Merge:
    """What only one of the two changed is taken, what both did is asked; `form` becomes the merged one."""
    labels = {name: str(form.fields[name].label) for name in ("access", "staff")}
    typed = {"access": posted.get("access", ""), "staff": " ".join(sorted(posted.getlist("staff")))}
    merged, choices = merge_values(opened_with(posted, unsaid), typed, _saved(letter), labels, unsaid)
    data = posted.copy()
    data["access"], data["version"] = merged["access"], str(letter.version)
    data.setlist("staff", merged["staff"].split())
    form.data = data
    words = {code: str(label) for code, label in Access.choices}
    shown = [
        replace(one, **{name: words.get(getattr(one, name), getattr(one, name)) for name in ("theirs", "yours", "stood")})
        for one in choices
    ]  # fmt: skip
    by, when, lines = who_since(letter.events.filter(tasking=None), request.user)
    calm = "No field was changed by both of you. Look it over, and save again."
    return Merge(None, by, when, lines, shown, calm)


def _change(request: HttpRequest, letter: Letter, data: dict) -> HttpResponse:
    changed = sending.change_access(
        letter, by=request.user, access=data["access"], staff=data["staff"], reason=data["reason"], expected_version=data["version"],
    )  # fmt: skip
    words = "Everybody of the office sees this letter."
    if changed.access == Access.RESTRICTED:
        who = ", ".join(str(person) for person in data["staff"]) or "nobody else"
        words = f"Managers, administrators and {who} see this letter; for others it does not exist."
    messages.success(request, words)
    return redirect("letter", reference=changed.reference)
