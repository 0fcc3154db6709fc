"""People of the office, for administrators: invite, give a role, close an account."""

import uuid

from django import forms
from django.contrib import messages
from django.core.mail import send_mail
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from letters.domain import people
from letters.domain.access import ADMINISTER
from letters.domain.deadlines import count
from letters.enums import OPEN_STATUSES, Role
from letters.errors import RecordError
from letters.models import User
from letters.reminders.signs import mail_folder
from letters.web.forms import LineField, beside_fields
from letters.web.guards import need
from tracker.accounts import one_time_path


class InviteForm(forms.Form):
    use_required_attribute = False
    name = LineField(label="Name", limit=150, required=False)
    username = LineField(label="User name", limit=150, required=False, help_text="What they type to sign in.")
    email = forms.EmailField(
        label="E-mail",
        required=False,
        max_length=254,
        error_messages={"invalid": "This is not an e-mail address. Write it as name@example.gov."},
    )
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.STAFF, widget=forms.RadioSelect)


class RoleForm(forms.Form):
    use_required_attribute = False
    role = forms.ChoiceField(label="Role", choices=Role.choices, widget=forms.RadioSelect)
    drawn = forms.ChoiceField(choices=[("", ""), *Role.choices], required=False, widget=forms.HiddenInput)


def everybody(request: HttpRequest) -> HttpResponse:
    """Who works here, with what they own; and the form that invites one more."""
    _administrators_only(request)
    form = InviteForm(request.POST if request.method == "POST" else None)
    link = status = None
    invited = None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                invited = people.invite(by=request.user, **form.cleaned_data)
                link, form, status = _send_link(request, invited), InviteForm(), 200
            except RecordError as error:
                beside_fields(form, error)
    rows = User.objects.annotate(owned=Count("taskings", Q(taskings__status__in=OPEN_STATUSES))).order_by(
        "-is_active", "username"
    )
    context = {"people": rows, "form": form, "link": link, "invited": invited}
    return render(request, "letters/people.html", context, status=status or 200)


def person(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One person: role, a new link, closing or opening the account."""
    _administrators_only(request)
    user = get_object_or_404(User, pk=pk)
    form = RoleForm(initial={"role": user.role, "drawn": user.role})
    link, status = None, 200
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "link" and user.is_active:
                link = _send_link(request, user)
            elif do == "close":
                people.let_go(user, by=request.user)
                messages.success(request, f"{user} can no longer sign in.")
                return redirect("person", pk=pk)
            elif do == "open":
                people.take_back_in(user, by=request.user)
                messages.success(
                    request, f"{user} can sign in again, with a password chosen by a new link: make one below."
                )
                return redirect("person", pk=pk)
            else:
                form, status = RoleForm(request.POST), 422
                if form.is_valid():
                    changed = people.change_role(user, by=request.user, **form.cleaned_data)
                    messages.success(request, f"{user} is {changed.get_role_display().lower()} from now on.")
                    return redirect("person", pk=pk)
        except RecordError as error:
            messages.error(request, str(error))
            status = 422
            user.refresh_from_db()  # who saves again has seen what it is now
            form = RoleForm(initial={"role": request.POST.get("role", user.role), "drawn": user.role})
    owned = user.taskings.filter(status__in=OPEN_STATUSES).count()
    context = {
        "person": user, "form": form, "link": link, "owned": owned, "owned_words": count(owned, "open item"),
        "crumbs": [{"label": "People", "url": reverse("people")}],
    }  # fmt: skip
    return render(request, "letters/person.html", context, status=status)


def _send_link(request: HttpRequest, user: User) -> dict:
    """A link that lets its reader choose this account's password, once; mailed where that goes, and shown to be passed on by
    hand."""
    is_mailed = False
    link = request.build_absolute_uri(one_time_path(user))
    words = render_to_string("letters/invitation.txt", {"person": user, "by": request.user, "link": link})
    try:
        send_mail("Your account", words, None, [user.email])
        if folder := mail_folder():
            words = f"This site has no mail server, so nothing was sent to {user}: the mail is a file in {folder}. Pass the link below on by hand."
            messages.warning(request, words)
        else:
            is_mailed = True
            messages.success(request, f"The link for {user} is sent to {user.email}.")
    except OSError as error:  # a mail server that is not there, or refuses
        messages.error(request, f"The mail was not sent ({error}). Pass the link on by hand.")
    return {"url": link, "is_mailed": is_mailed}


def _administrators_only(request: HttpRequest) -> None:
    need(request, ADMINISTER, "keeps no accounts. Ask an administrator.")
