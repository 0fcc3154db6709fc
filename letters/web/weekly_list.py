"""The page that says when the weekly list is made and who is told of it; and both in words, for the page of reports."""

import json
import uuid
from dataclasses import asdict

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from letters.domain import reporting
from letters.domain.access import RELEASE
from letters.domain.office_hours import WEEK, WEEKDAYS, at, clock_hour, following
from letters.domain.words import office_time
from letters.enums import MailMode
from letters.errors import RecordError
from letters.models import Report, ReportSchedule, User
from letters.reminders.outbox import today_of, zone
from letters.report_mail import recipients
from letters.reports.open_items import OFFICE_WIDE
from letters.web.forms import beside_fields
from letters.web.guards import need
from letters.web.merge import OUT_OF_DATE


class ScheduleForm(forms.Form):
    use_required_attribute = False
    is_on = forms.BooleanField(label="Make the list every week", required=False)
    weekday = forms.TypedChoiceField(label="On", coerce=int, choices=list(enumerate(WEEKDAYS)))
    hour = forms.TypedChoiceField(
        label="At", coerce=int, choices=[(hour, clock_hour(hour)) for hour in range(24)],
        help_text="By the office’s clock. Where the site was down at that hour, the list is made as soon as it is back: one, for the last week that was missed.",
    )  # fmt: skip
    recipients = forms.ModelMultipleChoiceField(
        label="Who gets a mail with the link", queryset=User.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "“%(value)s” is nobody who works here. Choose from the list."},
    )  # fmt: skip
    # what it was drawn of: two managers who change different things both keep what they changed
    drawn = forms.JSONField(required=False, widget=forms.HiddenInput, error_messages={"invalid": OUT_OF_DATE})

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True).select_related("mail_preference").order_by("username")
        self.fields["recipients"].queryset = people
        self.fields["recipients"].label_from_instance = _person_words

    def clean_drawn(self) -> reporting.Kept | None:
        """None: it came without, as from a program; then it is taken as it stands."""
        written = self.cleaned_data["drawn"]
        if written is None:
            return None
        try:
            facts = {"is_on": bool(written["is_on"]), "weekday": int(written["weekday"]), "hour": int(written["hour"])}
            return reporting.Kept(**facts, recipients=frozenset(uuid.UUID(pk) for pk in written["recipients"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise forms.ValidationError(OUT_OF_DATE) from error


def _person_words(user: User) -> str:
    """A name, and why they would get no mail."""
    why = _why_none(user)
    return f"{user} ({why}: gets none)" if why else str(user)


def _why_none(user: User) -> str:
    if not user.is_active:
        return "can no longer sign in"
    if not user.email:
        return "no address on record"
    wishes = getattr(user, "mail_preference", None)
    return "chose “not by mail”" if wishes and wishes.mode == MailMode.NONE else ""


def settings(request: HttpRequest) -> HttpResponse:
    """When the weekly list is made, and who is told."""
    need(request, RELEASE, "does not say when the weekly list is made. Ask a manager.")
    now = reporting.weekly_list()
    initial = {**asdict(now), "recipients": list(now.recipients), "drawn": _written(now)}
    form = ScheduleForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        drawn = form.cleaned_data["drawn"]
        try:
            reporting.set_schedule(by=request.user, **form.cleaned_data)
            messages.success(request, f"Saved. {next_words()}")
            return redirect("reports")
        except RecordError as error:
            form = _drawn_again(form, drawn)
            beside_fields(form, error)
    context = {"form": form, "crumbs": [{"label": "Reports", "url": reverse("reports")}], "office_wide": OFFICE_WIDE}
    return render(request, "reports/settings.html", context, status=422 if form.errors else 200)


def _written(now: reporting.Kept) -> dict:
    return {**asdict(now), "recipients": sorted(str(pk) for pk in now.recipients)}


def _drawn_again(form: ScheduleForm, drawn: reporting.Kept | None) -> ScheduleForm:
    """What was typed, beside what is kept now: who saves it again has seen both."""
    now, typed = reporting.weekly_list(), form.data.copy()
    if drawn:
        told = now.with_changes((user.pk for user in form.cleaned_data["recipients"]), drawn)
        typed.setlist("recipients", [str(pk) for pk in told])
    typed["drawn"] = json.dumps(_written(now))
    again = ScheduleForm(typed)
    again.is_valid()
    return again


def next_words() -> str:
    """When the next list comes."""
    # as kept, or as the first round will begin it
    schedule = ReportSchedule.objects.first() or ReportSchedule()
    if not schedule.is_on:
        return "No list is made: a manager turned it off."
    moment = following(schedule.weekday, schedule.hour, timezone.now(), zone())
    day = today_of(moment)
    if Report.objects.filter(key=reporting.week_key(day)).exists():  # at an earlier hour of that day
        moment = at(day + WEEK, schedule.hour, zone())
    return f"The next list is made {WEEKDAYS[schedule.weekday]}, {office_time(moment)}"


def told_words(*, why: bool) -> str:
    """Who gets a mail of it, and who is on the list and gets none; `why`, too, to those who may do something about it."""
    mailed = list(recipients())
    listed = User.objects.filter(report_recipient__isnull=False).select_related("mail_preference").order_by("username")
    others = [f"{user} ({_why_none(user)})" if why else str(user) for user in listed if user not in mailed]
    said = f"A mail with the link goes to {', '.join(map(str, mailed))}." if mailed else "Nobody gets a mail about it."
    return f"{said} On the list without a mail: {', '.join(others)}." if others else said
