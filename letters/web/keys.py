"""API keys, for administrators: who reads us by program; make one, end one."""

import datetime as dt
import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from letters.domain.access import ADMINISTER
from letters.domain.deadlines import long_date
from letters.domain.keys import create_key, makers, revoke_key
from letters.enums import Scope
from letters.errors import RecordError
from letters.models import ApiKey, User
from letters.web.bulk_form import editors
from letters.web.forms import LineField, beside_fields, date_field
from letters.web.guards import need


class KeyForm(forms.Form):
    use_required_attribute = False
    name = LineField(
        label="Name", limit=100, required=False, help_text="Whose it is and what for: Weekly report, Committee archive."
    )
    scope = forms.ChoiceField(
        label="What it may do", choices=Scope.choices, initial=Scope.RELEASED, widget=forms.RadioSelect
    )
    user = forms.ModelChoiceField(
        User.objects.none(),
        label="In whose name it writes",
        help_text="For keys that change things, and only for those. It has this person’s rights and ends with their account.",
        required=False,
        empty_label="nobody: it only reads",
        to_field_name="username",
    )
    expires_on = date_field("Last day it works", required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = editors()
        self.fields["expires_on"].help_text = "Empty: until somebody revokes it."


@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """The keys there are, and the form for one more. A new key is shown in this answer and never again."""
    _administrators_only(request)
    form = KeyForm(request.POST if request.method == "POST" else None)
    key = name = ""
    if form.is_bound and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            key, form = create_key(by=request.user, **form.cleaned_data), KeyForm()
        except RecordError as error:
            beside_fields(form, error)
    context = {"keys": listed(), "form": form, "key": key, "name": name}
    return render(request, "letters/keys.html", context, status=422 if form.errors else 200)


def revoke(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A question first: a program that uses the key stops working at once."""
    _administrators_only(request)
    key = get_object_or_404(ApiKey.objects.select_related("use"), pk=pk)
    if request.method == "POST":
        try:
            revoke_key(key, by=request.user)
            messages.success(request, f"“{key.name}” works no longer.")
        except RecordError as error:
            messages.error(request, str(error))
        return redirect("keys")
    context = {
        "key": key, "used": used(key), "cancel_url": reverse("keys"),
        "crumbs": [{"label": "API keys", "url": reverse("keys")}],
    }  # fmt: skip
    return render(request, "letters/key_revoke.html", context)


def listed() -> list[dict]:
    """Living keys first, by name."""
    found = list(ApiKey.objects.select_related("user", "use").order_by("name"))
    made_by = makers(found)
    rows = [
        {"key": key, "by": made_by.get(key.pk, ""), "used": used(key), "ended": ended(key), "last_day": last_day(key)}
        for key in found
    ]
    return sorted(rows, key=lambda row: bool(row["ended"]))


def ended(key: ApiKey) -> str:
    """Why it works no longer; empty while it does."""
    if key.user and not key.user.is_active:
        return f"ended with the account of {key.user}"
    if key.revoked_at:
        return f"revoked on {_day(key.revoked_at)}"
    if key.expires_at and key.expires_at <= timezone.now():
        return f"expired after {last_day(key)}"
    return ""


def last_day(key: ApiKey) -> str:
    """The last day it works; empty without one."""
    return _day(key.expires_at - dt.timedelta(seconds=1)) if key.expires_at else ""


def used(key: ApiKey) -> str:
    """The hour of its last request."""
    use = getattr(key, "use", None)
    if use is None:
        return "never"
    at = timezone.localtime(use.last_used_at)
    return f"{_day(at)}, about {at.hour % 12 or 12} {'a.m.' if at.hour < 12 else 'p.m.'}"


def _day(moment: dt.datetime) -> str:
    return long_date(timezone.localdate(moment))


def _administrators_only(request: HttpRequest) -> None:
    need(request, ADMINISTER, "keeps no keys. Ask an administrator.")
