"""What a sent letter repeats: open items of earlier letters, proposed and ticked. The same item goes on."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain.deadlines import count, long_date
from letters.domain.proposals import MOST, proposed_renewals
from letters.domain.renewals import Proposal, renew_all
from letters.domain.words import deadline_words
from letters.enums import Status, TermFrom
from letters.errors import RecordError
from letters.models import Letter
from letters.web.guards import editable

MAX_WORDS = 100


class RepeatsForm(forms.Form):
    """Tick what the letter repeats. What is ticked is counted once, since the day it was first asked."""

    use_required_attribute = False
    items = forms.MultipleChoiceField(
        label="Which of these does it repeat?", widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick what the letter repeats, or leave the page.",
            "invalid_choice": "One of the items that were ticked is not open any more. Look at the list again.",
        },
    )  # fmt: skip

    def __init__(self, *args, proposals: list[Proposal], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(proposal.tasking.pk): proposal for proposal in proposals}
        self.fields["items"].choices = [(key, _words(proposal)) for key, proposal in self.by_key.items()]


def repeats(request: HttpRequest, reference: str) -> HttpResponse:
    """Propose, let a person tick, and renew."""
    letter = editable(request, reference)
    words = request.GET.get("q", "").strip()[:MAX_WORDS]
    proposals = proposed_renewals(letter, request.user, words=words, most=MOST + 1)
    is_cut, proposals = len(proposals) > MOST, proposals[:MOST]
    form = RepeatsForm(request.POST if request.method == "POST" else None, proposals=proposals)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and (done := _renew(request, letter, form)):
            messages.success(request, f"{reference} repeats {count(done, 'open item')}; each is counted once.")
            return redirect("letter", reference=reference)
    context = {
        "letter": letter,
        "form": form,
        "proposals": proposals,
        "words": words,
        "may_search": is_cut or words,
        "cut": f"The {MOST} oldest are shown. To find another, give words of its ask or its letter." if is_cut else "",
        # of an item that was passed on, its successor keeps what repeats it
        "done": letter.renewals.select_related("tasking__ask__letter", "tasking__agency")
        .filter(tasking__ask__letter__in=Letter.objects.visible_to(request.user).values("pk"))
        .exclude(tasking__status=Status.TRANSFERRED),
        "crumbs": [
            {"label": "Letters", "url": reverse("letters")},
            {"label": reference, "url": reverse("letter", args=[reference])},
        ],
        "its_date": _its_date(letter),
    }
    return render(request, "letters/repeats.html", context, status=status)


def _renew(request: HttpRequest, letter: Letter, form: RepeatsForm) -> int:
    chosen = [form.by_key[key] for key in form.cleaned_data["items"]]
    try:
        renew_all(chosen, by=request.user, letter=letter)
    except RecordError as error:
        form.add_error("items", str(error))
        return 0
    return len(chosen)


def _its_date(letter: Letter) -> str:
    """What becomes of an item's date when the letter repeats it; a term from receipt counts as soon as that is known."""
    if not letter.deadline_on and not letter.term_days:
        return "This letter sets no date, so the item’s date stays."
    when = ", once receipt is recorded" if letter.term_from == TermFrom.RECEIPT else ""
    return f"{deadline_words(letter)} That becomes its date{when}, but where they promised a day."


def _words(proposal: Proposal) -> str:
    tasking = proposal.tasking
    asked = f"{tasking} ({tasking.ask.letter.reference}, asked {long_date(tasking.asked_on)}): {proposal.why}"
    return f"{asked}. The same item of this letter leaves the counts" if proposal.duplicate else asked
