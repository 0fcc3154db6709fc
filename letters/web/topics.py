"""What the office files a sent letter under. It is no correction of the letter, so nobody is asked why."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain.letter_desk import file_under
from letters.domain.rules import names_in
from letters.errors import RecordError, StaleVersion
from letters.models import Letter, Topic, User
from letters.web.guards import editable
from letters.web.sheet_forms import line


class TopicsForm(forms.Form):
    """`was`: the topics it was drawn with, so that what two people tick at once is all kept (invariant 7)."""

    use_required_attribute = False
    topics = forms.MultipleChoiceField(
        label="Topics", required=False, widget=forms.CheckboxSelectMultiple, help_text="The office’s own; the public never sees them."
    )  # fmt: skip
    new_topics = line("New topics", hint="With commas between them.")
    was = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args, letter: Letter, user: User, **kwargs) -> None:
        now = [topic.name for topic in letter.topics.all()]
        super().__init__(*args, initial={"topics": now, "was": now}, **kwargs)
        names = list(Topic.objects.visible_to(user).order_by("name").values_list("name", flat=True))
        for name in ("topics", "was"):
            # also a topic that is gone since: it is taken for unticked, and stops nobody
            sent = self.data.getlist(name) if self.is_bound else []
            self.fields[name].choices = [(one, one) for one in dict.fromkeys([*names, *sent])]
        if not names:
            del self.fields["topics"]


def topics(request: HttpRequest, reference: str) -> HttpResponse:
    """Tick what it is filed under; a name that is new is a new topic."""
    letter = editable(request, reference)
    form = TopicsForm(request.POST if request.method == "POST" else None, letter=letter, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            file_under(letter, by=request.user, topics=_now(letter, form), expected_version=letter.version)
            messages.success(request, f"{reference}: its topics are saved.")
            return redirect("letter", reference=reference)
        except StaleVersion:  # in the moment between looking and saving
            form.add_error(None, f"{reference} was changed in this moment. Save again.")
        except RecordError as error:
            for problem in error.problems:
                form.add_error("new_topics", problem.message)
    context = {
        "letter": letter, "form": form, "heading": "Topics", "submit": "Save",
        "cancel_url": reverse("letter", args=[reference]),
        "crumbs": [
            {"label": "Letters", "url": reverse("letters")},
            {"label": letter.reference, "url": reverse("letter", args=[reference])},
        ],
    }  # fmt: skip
    return render(request, "letters/letter_form.html", context, status=422 if form.is_bound else 200)


def _now(letter: Letter, form: TopicsForm) -> list[str]:
    """What stands now, with what this person ticked and without what they unticked: what others did meanwhile stays."""
    ticked, was = form.cleaned_data.get("topics", []), form.cleaned_data["was"]
    stands = [topic.name for topic in letter.topics.all()]
    kept = [name for name in stands if name in ticked or name not in was]
    new = names_in(form.cleaned_data["new_topics"])
    return [*kept, *(name for name in ticked if name not in was and name not in kept), *new]
