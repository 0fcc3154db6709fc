"""How one is mailed: choices, the next mail as it would come, calendars; and for administrators, mail that fails."""

import uuid
from collections.abc import Sequence

from csp.constants import NONE, SELF
from csp.decorators import csp, csp_update
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Min, Q, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from letters.domain import mailing
from letters.domain.access import ADMINISTER, may
from letters.domain.clocks import office_today
from letters.domain.deadlines import long_date
from letters.domain.office_hours import WEEKDAYS, clock_hour
from letters.domain.words import office_time
from letters.enums import MailMode, OutboxState
from letters.errors import RecordError
from letters.models import CalendarSubscription, OutboxMessage, User
from letters.reminders import calendar, outbox
from letters.reminders.dispatch import FILED
from letters.reminders.mail_times import Slot, Wishes, next_day
from letters.reminders.signs import mail_folder
from letters.web.forms import LineField, beside_fields, date_field
from letters.web.guards import need

NO_SUCH_CALENDAR = "There is no such calendar. It may have been ended; make a new one under Mail."


class WishesForm(forms.Form):
    use_required_attribute = False
    mode = forms.ChoiceField(label="How often", choices=MailMode.choices, widget=forms.RadioSelect)
    hour = forms.TypedChoiceField(
        label="At what hour", coerce=int, choices=[(hour, clock_hour(hour)) for hour in range(24)],
        help_text="For one mail a day or a week, and for what came on days without mail.",
    )  # fmt: skip
    weekday = forms.TypedChoiceField(label="For one mail a week: on", coerce=int, choices=list(enumerate(WEEKDAYS)))
    quiet_weekdays = forms.TypedMultipleChoiceField(
        label="Days without mail", coerce=int, required=False, choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    quiet_until = date_field("Away: no mail before", required=False)


class CalendarForm(forms.Form):
    use_required_attribute = False
    name = LineField(label="Which program will read it", limit=100, required=False, help_text="Outlook, my phone, …")


class AddressForm(forms.Form):
    use_required_attribute = False
    email = LineField(label="Address", limit=254, required=False)
    drawn = forms.CharField(max_length=254, required=False, widget=forms.HiddenInput)


@csp_update({"frame-src": [SELF]})
def mail(request: HttpRequest) -> HttpResponse:
    """One's choices, with the mail that comes of them."""
    wishes = outbox.wishes_of(request.user)
    form = WishesForm(request.POST if request.POST.get("do") == "wishes" else None, initial=vars(wishes))
    calendar_form = CalendarForm(request.POST if request.POST.get("do") == "calendar" else None)
    if form.is_bound and form.is_valid():
        try:
            mailing.set_wishes(by=request.user, **form.cleaned_data)
            messages.success(request, "Saved. The next mail follows these choices.")
            return redirect("mail")
        except RecordError as error:
            beside_fields(form, error)
    address = ""
    if calendar_form.is_bound and calendar_form.is_valid():
        try:
            _, token = mailing.subscribe(by=request.user, **calendar_form.cleaned_data)
            address, calendar_form = f"{settings.SITE_ADDRESS}/calendar/{token}.ics", CalendarForm()
        except RecordError as error:
            beside_fields(calendar_form, error)
    refused = form.errors or calendar_form.errors
    return render(
        request, "mail/mail.html", _page(request, wishes, form, calendar_form, address), status=422 if refused else 200
    )


def _page(request: HttpRequest, wishes: Wishes, form: forms.Form, calendar_form: forms.Form, address: str) -> dict:
    now = timezone.now()
    day = next_day(wishes, now, outbox.zone(), made=outbox.last_digest(request.user))
    each = wishes.mode == MailMode.EACH
    drafts = next_mails(request.user, wishes)
    sent = OutboxMessage.objects.filter(to_user=request.user).order_by("-created_at")[:5]
    return {
        "form": form,
        "calendar_form": calendar_form,
        "calendar_address": address,
        "calendars": CalendarSubscription.objects.filter(user=request.user, revoked_at__isnull=True),
        "when": f"{long_date(day)}{', as they come' if each else f' at {clock_hour(wishes.hour)}'}" if day else "",
        "drafts": drafts,
        "sent": [
            {"subject": one.subject, "words": _became(one), "when": office_time(one.sent_at or one.created_at)}
            for one in sent
        ],
        "no_server": bool(mail_folder()),
        "may_administer": may(request.user, ADMINISTER),
    }


def _became(message: OutboxMessage) -> str:
    """What became of a mail: a file on the site is no mail sent."""
    return FILED if message.last_error == FILED else message.get_state_display()


def next_mails(user: User, wishes: Wishes) -> Sequence[outbox.Draft]:
    """The mail, or mails, that would go if the moment were now."""
    today = office_today()
    found = outbox.lines_of(outbox.unmailed(user, today), today)
    return outbox.drafts(found, wishes.mode, Slot(upto=timezone.now(), key="preview"))


@xframe_options_sameorigin
@csp({"default-src": [NONE], "style-src": ["'unsafe-inline'"], "sandbox": [], "frame-ancestors": [SELF]})
def preview(request: HttpRequest, place: int) -> HttpResponse:
    """One of the next mails as a mail program shows it: a document of its own that may do nothing."""
    drafts = next_mails(request.user, outbox.wishes_of(request.user))
    if place >= len(drafts):
        raise Http404("No such mail waits any more.")
    return HttpResponse(drafts[place].mail.html)


# --- calendars


def calendar_end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The address answers nobody any more."""
    found = get_object_or_404(CalendarSubscription, pk=pk, user=request.user)
    mailing.unsubscribe(found, by=request.user)
    messages.success(request, f"The calendar “{found.name}” has ended. Remove it from the program that read it.")
    return redirect("mail")


@never_cache
def calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """For a calendar program, which cannot sign in: the address itself is the secret."""
    user = mailing.subscriber(token)
    if user is None:
        return HttpResponse(NO_SUCH_CALENDAR, status=404, content_type="text/plain; charset=utf-8")
    content = calendar.calendar(user, timezone.now())
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")


# --- mail that fails


def failing(request: HttpRequest) -> HttpResponse:
    """Mails in trouble by person, with what the server said; people whom no mail can reach."""
    _administrators_only(request)
    return _failing(request)


def failing_person(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct an address, or have everything tried again."""
    _administrators_only(request)
    user = get_object_or_404(User, pk=pk)
    if request.POST.get("do") == "again":
        mailing.try_again(user, by=request.user)
        messages.success(request, f"What waits for {user} is tried again within a minute.")
        return redirect("mail_failing")
    form = AddressForm(request.POST)
    if form.is_valid():
        try:
            changed = mailing.correct_address(user, by=request.user, **form.cleaned_data)
            messages.success(
                request, f"The address of {user} is {changed.email}. What waits is tried again within a minute."
            )
            return redirect("mail_failing")
        except RecordError as error:
            user.refresh_from_db()
            form = AddressForm({"email": request.POST.get("email", ""), "drawn": user.email})  # seen by who saves again
            beside_fields(form, error)
    return _failing(request, wrong={user.pk: form}, status=422)


def _failing(request: HttpRequest, wrong: dict | None = None, status: int = 200) -> HttpResponse:
    troubled = OutboxMessage.objects.exclude(state=OutboxState.SENT).exclude(last_error="")
    # the newest of each person, with how many there are: who has many hides nobody
    theirs = {"partition_by": "to_user"}
    newest = (
        troubled.annotate(
            number=Window(Count("pk"), **theirs),
            next_at=Window(Min("next_attempt_at", filter=Q(state=OutboxState.WAITING)), **theirs),
        )
        .select_related("to_user")
        .defer("body", "html")
        .order_by("to_user", "-created_at")
        .distinct("to_user")
    )
    people = [
        {
            "person": one.to_user,
            "newest": one,
            "number": one.number,  # type: ignore[attr-defined]  # annotated
            "next": "" if one.state == OutboxState.FAILED else office_time(one.next_at),  # type: ignore[attr-defined]
            "form": (wrong or {}).get(one.to_user_id)
            or AddressForm(
                initial={"email": one.to_user.email, "drawn": one.to_user.email}, auto_id=f"id_{one.to_user_id}_%s"
            ),
        }
        for one in sorted(newest, key=lambda one: one.created_at, reverse=True)
    ]
    without = User.objects.filter(is_active=True, email="").exclude(mail_preference__mode=MailMode.NONE)
    context = {
        "people": people,
        "without": without.order_by("username"),
        "no_server": bool(mail_folder()),
    }
    return render(request, "mail/failing.html", context, status=status)


def _administrators_only(request: HttpRequest) -> None:
    need(request, ADMINISTER, "keeps no addresses. Ask an administrator.")
