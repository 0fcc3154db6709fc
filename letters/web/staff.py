"""Somebody left: what they owned goes to somebody else in one step."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from letters.domain import bulk
from letters.domain.access import RELEASE, may
from letters.domain.deadlines import count
from letters.domain.standing import with_reopening
from letters.domain.words import status_words
from letters.enums import OPEN_STATUSES, TaskingRole
from letters.errors import RecordError
from letters.listing import queue_url
from letters.models import Tasking, User
from letters.web.bulk_form import editors
from letters.web.changes import BY_LETTER, picked, tell
from letters.web.rows import item_url


class HeirForm(forms.Form):
    """Who has them from now on."""

    use_required_attribute = False
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label="Who has them from now on",
        required=False,
        empty_label="nobody yet",
        to_field_name="username",
    )

    def __init__(self, *args, leaver: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = editors().exclude(pk=leaver.pk)


def _consulted(owned: list[Tasking]) -> str:
    """How many of them the queue does not list."""
    number = sum(tasking.role == TaskingRole.CONSULTED for tasking in owned)
    if number == len(owned):
        return ", only consulted" if number else ""
    return f", {number:,} of them only consulted" if number else ""


def reassign(request: HttpRequest, username: str) -> HttpResponse:
    """Every open item of one person, listed; one step, one undo."""
    if not may(request.user, RELEASE):
        raise PermissionDenied("Only a manager or an administrator hands on what somebody else owns.")
    leaver = get_object_or_404(User, username=username)
    # those that are only consulted, too: they wait for no reply, and somebody has them
    seen = Tasking.objects.visible_to(request.user).select_related(
        "ask__letter", "ask__kind", "agency", "owner", "passed_to__agency"
    )
    owned = list(with_reopening(seen.filter(status__in=OPEN_STATUSES, owner=leaver)).order_by(*BY_LETTER))
    form = HeirForm(request.POST or None if owned else None, leaver=leaver)
    if request.method == "POST" and not form.is_bound:
        form = HeirForm(request.POST, leaver=leaver)
    if request.method == "POST" and form.is_valid():
        change = bulk.Change("assign", owner=form.cleaned_data["owner"])
        try:
            # each at the version shown: what somebody changed meanwhile is named, not taken, and what the page did not
            # list stays where it is
            chosen = picked(request, request.POST.getlist("item"), among=seen)
            tell(request, bulk.apply(chosen, by=request.user, change=change))
            return redirect("staff_reassign", username=username)
        except RecordError as error:
            for problem in error.problems:
                form.add_error("owner" if problem.field == "owner" else None, problem.message)
    context = {
        "leaver": leaver,
        "form": form,
        "lines": [
            {
                "title": str(t),
                "url": item_url(t.pk),
                "letter_ref": t.ask.letter.reference,
                "status": status_words(t),
                "value": f"{t.pk}.{t.version}",
            }
            for t in owned[: bulk.MOST]
        ],
        "words": count(len(owned), "open item") + _consulted(owned),
        "more": bulk.too_many(len(owned)) if len(owned) > bulk.MOST else "",
        "submit": f"Hand on {count(min(len(owned), bulk.MOST), 'item')}",
        "queue_url": queue_url(owner=username, ours="all"),
        "changes_url": reverse("changes"),
    }
    return render(request, "letters/staff_reassign.html", context, status=422 if form.errors else 200)
