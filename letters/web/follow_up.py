"""Chasing an agency: choose what is open, edit the words, take the letter away as DOCX or PDF, log it as sent.

Drafts only: people send. What is chosen and typed is in the form; nothing is kept until it is logged.
"""

import uuid
from dataclasses import replace

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from letters.domain import chasing
from letters.domain.access import EDIT, may
from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.domain.office import DEMO, is_demo
from letters.errors import RecordError
from letters.models import Agency, Letter, Office, Tasking
from letters.reports import follow_up, typeset
from letters.reports.documents import FOLLOW_UP
from letters.reports.posts import post_of
from letters.web.forms import LineField, TextField, date_field
from letters.web.guards import need
from letters.web.posted import uuid_of

MOST = 200  # items of one letter


class FollowUpForm(forms.Form):
    """The words of a follow-up, and which open items it repeats."""

    use_required_attribute = False
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)  # of the form, so that it is logged once
    items = forms.MultipleChoiceField(
        label="What it asks for again", widget=forms.CheckboxSelectMultiple, required=False,
        error_messages={"invalid_choice": "One of the items that were ticked is not open there any more. Look at the list again."},
    )  # fmt: skip
    addressee = TextField(
        label="To", limit=500, rows=5, required=False, help_text="Whom it is to first, then the address."
    )
    salutation = LineField(label="Salutation", limit=200, required=False)
    subject = LineField(label="Subject", limit=300, required=False)
    opening = TextField(label="Opening", limit=5000, rows=4, required=False)
    reply_by = date_field(
        "A date to reply by",
        required=False,
        help_text="Only if the letter is to set one. It becomes the items’ date, but where they promised a day.",
    )
    closing = TextField(label="Closing", limit=5000, rows=3, required=False)
    signers = TextField(label="Signed by", limit=2000, rows=2, required=False, help_text="A name a line.")
    contact = TextField(label="Our contact", limit=1000, rows=2, required=False)
    sent_on = date_field("Sent on", required=False, help_text="For the record, once it went out.")
    # as the page proposed them, so that it knows which of the two a person has written anew
    drawn_subject = forms.CharField(required=False, widget=forms.HiddenInput)
    drawn_opening = forms.CharField(required=False, widget=forms.HiddenInput)

    def words(self) -> follow_up.Words:
        """What was typed, by lines."""
        typed = self.cleaned_data
        return follow_up.Words(
            **{name: _lines(typed[name]) for name in ("addressee", "opening", "closing", "signers", "contact")},
            **{name: typed[name] for name in ("salutation", "subject", "reply_by")},
        )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _kept_up(posted: QueryDict, of_items: dict[str, str]) -> QueryDict:
    """What was typed. Subject and opening name letters and count items: each follows the ticks until a person writes it."""
    for name in ("subject", "opening"):
        drawn = posted.get(f"drawn_{name}", "").split()
        if drawn and drawn == posted.get(name, "").split():
            posted[name], posted[f"drawn_{name}"] = of_items[name], of_items[f"drawn_{name}"]
    return posted


class Draft:
    """What a request is about: the agency, perhaps one letter, what is open there, and the form."""

    def __init__(self, request: HttpRequest) -> None:
        need(request, EDIT, "writes no letters. Ask a colleague.")
        asked = request.GET
        self.agency = get_object_or_404(Agency.objects.visible_to(request.user), slug=asked.get("agency", ""))
        self.letter = None
        if reference := asked.get("letter"):
            self.letter = get_object_or_404(Letter.objects.sent().visible_to(request.user), reference=reference)
        self.again = asked.get("why") == "again"
        found = follow_up.open_at(self.agency, request.user, self.letter)
        shown = list(found[:MOST])
        self.open = [one for one in shown if may(request.user, EDIT, one.ask.letter)]
        self.left_out = found.count() - MOST if len(shown) == MOST else 0
        self.today = office_today()
        self.post = post_of(self.agency, self.open, self.today)
        self.form = self._form(request)

    def _form(self, request: HttpRequest) -> FollowUpForm:
        office = Office.objects.select_related("legislator").first()
        name = office.legislator.official_full if office and office.legislator else str(office or "")
        held = {one.pk: follow_up.not_owed_now(one, self.today) for one in self.open}
        owed = [one for one in self.open if not held[one.pk]]
        ticked = set(request.POST.getlist("items"))
        about = [one for one in self.open if str(one.pk) in ticked] or owed or self.open
        words = follow_up.proposed(about, self.post, office=name, by=request.user, again=self.again)
        opening = "\n".join(words.opening)
        of_items = {
            "subject": words.subject,
            "opening": opening,
            "drawn_subject": words.subject,
            "drawn_opening": opening,
        }
        initial = {
            **of_items, "key": uuid.uuid4(), "items": [str(one.pk) for one in owed], "salutation": words.salutation,
            **{of: "\n".join(getattr(words, of)) for of in ("addressee", "closing", "signers", "contact")},
        }  # fmt: skip
        form = FollowUpForm(_kept_up(request.POST.copy(), of_items) if request.method == "POST" else initial)
        form.fields["items"].choices = [
            (
                str(one.pk),
                f"{one.ask.summary} ({one.ask.letter.reference}, {count((self.today - one.asked_on).days, 'day')})"
                + (f": {held[one.pk]}" if held[one.pk] else ""),
            )
            for one in self.open
        ]
        return form

    def chosen(self) -> list[Tasking]:
        """The items that are ticked, in the letters' order."""
        ticked = set(self.form.cleaned_data.get("items", []))
        return [one for one in self.open if str(one.pk) in ticked]

    def printed(self) -> follow_up.FollowUp:
        return follow_up.follow_up(
            self.chosen(), self.form.words(), today=self.form.cleaned_data.get("sent_on") or self.today
        )


def new(request: HttpRequest) -> HttpResponse:
    """The page: what is open there, the words, the letter as it will read."""
    if not request.GET.get("agency"):
        return _choose(request)
    draft = Draft(request)
    if request.POST.get("do") == "log" and (before := _logged_before(request)):
        return before
    if not draft.open:
        return render(request, "letters/follow_up_nothing.html", _about(draft), status=200)
    valid = draft.form.is_valid()
    if valid and not draft.chosen():
        if request.method == "POST":
            draft.form.add_error("items", "The letter repeats nothing. Tick at least one open item.")
        valid = False
    # before anything is refused: a refusal takes the field it is about out of what was typed
    text = draft.printed().text() if valid else ""
    if valid and request.POST.get("do") == "log":
        try:
            logged = _log(request, draft)
            messages.success(
                request,
                f"{logged.reference} is logged as sent. It repeats {count(len(draft.chosen()), 'open item')}, which go on "
                "as they were, asked again on that day.",
            )
            return redirect("letter", reference=logged.reference)
        except IntegrityError:  # sent twice at the same moment: the other one is kept
            if before := _logged_before(request):
                return before
            if Letter.objects.filter(pk=draft.form.cleaned_data["key"]).exists():
                raise Http404("Another letter was logged from this form.") from None
            raise
        except RecordError as error:
            _place(draft.form, error)
    context = {**_about(draft), "form": draft.form, "text": text, "query": request.GET.urlencode()}
    return render(request, "letters/follow_up.html", context, status=422 if draft.form.errors else 200)


def file(request: HttpRequest, kind: str) -> HttpResponse:
    """The letter with what is in the form, or as proposed, as a file."""
    if kind not in typeset.KINDS:
        raise Http404("A letter comes as docx or pdf.")
    draft = Draft(request)
    if not draft.open:
        raise Http404("Nothing is open there.")
    if not draft.form.is_valid() or not draft.chosen():
        return new(request)
    try:
        printed = replace(draft.printed(), banner=DEMO if is_demo() else "")
        content = typeset.render(FOLLOW_UP, printed, kind)
    except typeset.TemplateWrong as error:
        draft.form.add_error(
            None, f"The office’s own template no longer works: {error} An administrator can replace it under Documents."
        )
        context = {
            **_about(draft),
            "form": draft.form,
            "text": draft.printed().text(),
            "query": request.GET.urlencode(),
        }
        return render(request, "letters/follow_up.html", context, status=422)
    response = HttpResponse(content, content_type=typeset.KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="follow-up-{draft.agency.slug}-{draft.today}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _logged_before(request: HttpRequest) -> HttpResponse | None:
    """To the letter that was logged from this very form, by a second click; None where none was."""
    key = uuid_of(request.POST.get("key", ""))
    # where it is none the form says so
    logged = chasing.logged_from(key, by=request.user) if key else None
    if logged is None:
        return None
    messages.info(request, f"{logged.reference} was logged from this form before. It is kept once, as it was then.")
    return redirect("letter", reference=logged.reference)


def _log(request: HttpRequest, draft: Draft) -> Letter:
    typed, words = draft.form.cleaned_data, draft.form.words()
    if typed["sent_on"] is None:
        raise RecordError.of("sent_on", "Enter the day it was sent.")
    official = draft.post.official
    return chasing.log_follow_up(
        by=request.user, agency=draft.agency, taskings=draft.chosen(), subject=words.subject, text=draft.printed().text(),
        sent_on=typed["sent_on"], addressee=words.addressee, signers=words.signers, deadline_on=words.reply_by,
        official=official if official and official.name in typed["addressee"] else None,
        key=typed["key"],
    )  # fmt: skip


# Under which field of the form a problem of a verb is said.
PLACES = {"letter": "sent_on", "letter_date": "sent_on", "printed_name": "addressee", "addressees": "addressee", "signatures": "signers",
          "deadline_on": "reply_by", "address_lines": "addressee", "tasking": "items", "taskings": "items"}  # fmt: skip


def _place(form: FollowUpForm, error: RecordError) -> None:
    for problem in error.problems:
        name = PLACES.get(problem.field, problem.field)
        form.add_error(name if name in form.fields else None, problem.message)


def _about(draft: Draft) -> dict:
    return {
        "agency": draft.agency,
        "letter": draft.letter,
        "again": draft.again,
        "note": draft.post.note,
        "left_out": _left_out(draft.left_out),
        "crumbs": [
            {"label": "Agencies", "url": reverse("agencies")},
            {"label": str(draft.agency), "url": reverse("agency", args=[draft.agency.slug])},
        ],
    }


def _left_out(number: int) -> str:
    """What the list is cut by, in words; empty: by nothing."""
    are = "is" if number == 1 else "are"
    return (
        f"{count(number, 'more open item')} {are} not shown: a letter repeats {MOST} at most, the oldest first."
        if number
        else ""
    )


def _choose(request: HttpRequest) -> HttpResponse:
    """Which agency: those where something is open, of one letter or of all."""
    need(request, EDIT, "writes no letters. Ask a colleague.")
    found, letter = Tasking.objects.visible_to(request.user).open(), None
    if reference := request.GET.get("letter"):
        letter = get_object_or_404(Letter.objects.sent().visible_to(request.user), reference=reference)
        found = found.filter(ask__letter=letter)
    counted = (
        found.values("agency__slug", "agency__short_name").annotate(number=Count("pk")).order_by("agency__short_name")
    )
    rows = [{**row, "words": count(row["number"], "open item")} for row in counted]
    return render(request, "letters/follow_up_choose.html", {"rows": rows, "letter": letter})
