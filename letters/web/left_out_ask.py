"""Add an ask that a sent letter makes and nobody logged: on a page of its own, with a reason."""

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from letters.domain import left_out, suggest
from letters.domain.asking import REPLY_KIND, join_names
from letters.domain.deadlines import count
from letters.domain.plans import PlannedTarget
from letters.enums import TargetKind
from letters.intake.questions import question_lines
from letters.models import Agency, Ask, AskKind, Letter, Target, Tasking, User
from letters.web.forms import LineField, TextField, date_field
from letters.web.left_out import add_page, reason_field, sent_letter
from letters.web.merge import MergeableForm
from letters.web.sheet_forms import TARGET_KINDS

MOST_NAMES = 50


class AskForm(MergeableForm):
    """As on the sheet, for one ask; what is left empty, its kind proposes."""

    kind = forms.ChoiceField(label="Kind of ask", error_messages={"required": "Choose a kind; “other” will do."})
    quote = TextField(label="In the letter’s words", limit=10_000, rows=3, required=False)
    targets = TextField(
        label="Whom it is about", limit=10_000, rows=2, required=False,
        help_text="Companies, persons or programs by their names, each on a line of its own.",
    )  # fmt: skip
    target_kind = forms.ChoiceField(
        label="What a name is that our record does not have",
        choices=[("", "every name is in our record"), *TARGET_KINDS[1:]],
        required=False,
    )
    summary = LineField(
        label="In a few words", limit=300, required=False,
        help_text="Empty: made of the kind and the names, such as “Sanction Huawei Cloud”. Without a name, say it here.",
    )  # fmt: skip
    responsible = forms.MultipleChoiceField(
        label="Who owes the reply", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="At least one, here or in the next field.",
    )  # fmt: skip
    bureau = forms.ChoiceField(label="Or a bureau of theirs, which owes it itself", required=False)
    consulted = forms.MultipleChoiceField(
        label="Who is only consulted", required=False, widget=forms.CheckboxSelectMultiple
    )
    acting = forms.ChoiceField(
        label="The bureau that would act", required=False, help_text="It does not owe the reply. Empty: none is named."
    )
    requested_by = date_field(
        "Its own date", required=False, help_text="Only if the letter gives this ask a date of its own."
    )
    instrument = LineField(label="Legal basis", limit=300, required=False, help_text="Empty: as its kind says.")
    requested_list = LineField(label="Official list", limit=120, required=False, help_text="Empty: as its kind says.")
    questions = TextField(
        label="The questions", limit=100_000, rows=3, required=False,
        help_text="As the letter prints them; of a pasted list each becomes a line to tick off.",
    )  # fmt: skip
    reason = reason_field()
    # new names of which the page has shown those they are like
    looked_at = forms.CharField(required=False, widget=forms.HiddenInput)
    merged = ()

    def __init__(self, *args: Any, letter: Letter, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["kind"].choices = [("", "choose one"), *((kind.code, kind.name) for kind in AskKind.objects.all())]
        named = letter.addressees.select_related("agency").order_by("position")
        addressed = list(dict.fromkeys(one.agency for one in named))
        agencies = list(Agency.objects.visible_to(user).select_related("parent__parent").order_by("name"))
        below = [
            one
            for one in agencies
            if one not in addressed and any(department.includes(one) for department in addressed)
        ]
        for name in ("responsible", "consulted"):
            self.fields[name].choices = [(one.slug, one.name) for one in addressed]
        self.fields["bureau"].choices = [("", "none"), *((one.slug, one.name) for one in below)]
        self.fields["acting"].choices = [("", "none"), *((one.slug, one.name) for one in agencies)]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        names = dict.fromkeys(" ".join(line.split()) for line in data.get("targets", "").splitlines() if line.strip())
        if len(names) > MOST_NAMES:
            self.add_error("targets", f"These are {len(names):,} names; at most {MOST_NAMES} fit. Shorten the list.")
            return data
        kind, looked_at = data.get("target_kind", ""), _names_in(data.get("looked_at", ""))
        data["targets"] = [self._named(name, kind, looked_at) for name in names]
        self.data = self.data.copy()
        self.data["looked_at"] = json.dumps(looked_at)
        return data

    def _named(self, name: str, kind: str, looked_at: list[str]) -> Target | PlannedTarget | None:
        """Who has this name, among those whom the person may know of; or a new one, once it is said what it is, and that
        it is none of those it is like. Names that are asked about are added to `looked_at`."""
        found = Target.objects.visible_to(self.user).called(name)[:2]
        if len(found) == 1:
            return found[0]
        if found:
            several = (
                f"Several in our record have the name “{name}”. Type the one that is meant by another of its names."
            )
            self.add_error("targets", several)
            return None
        near = [one.label for one in suggest.targets(name, user=self.user, limit=4)]
        if kind and (not near or name in looked_at):
            return PlannedTarget("targets", name=name, kind=kind)
        if near and name not in looked_at:
            looked_at.append(name)
        meant = f"Is {join_names(near, last='or')} meant? Then type it so" if near else "Look at its spelling"
        new = "say below what it is, to add it"
        if kind:
            new = f"save again, and it is added as a {TargetKind(kind).label.lower()}"
        self.add_error("targets", f"“{name}” is not in our record yet. {meant}; or {new}.")
        return None


def _names_in(posted: str) -> list[str]:
    try:
        names = json.loads(posted)
    except (ValueError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """One more request of the letter."""
    letter = sent_letter(request, reference)

    def save(facts: dict, version: int) -> str:
        added = left_out.add_ask(letter, by=request.user, expected_version=version, **_told(facts))
        waiting = Tasking.objects.open().filter(ask=added).count()
        said = f"“{added.summary}” is ask {added.number} of {reference} now, asked on the day the letter was sent"
        waits = f"{count(waiting, 'open item')} of it {'waits' if waiting == 1 else 'wait'} since then."
        return " ".join(filter(None, [f"{said}: {waits}", _beside(added)]))

    return add_page(
        request, letter,
        lambda data: AskForm(data, letter=letter, user=request.user, initial={"version": letter.version}), save,
        heading="Add an ask that was left out", submit="Add the ask", place="#matrix-title",
    )  # fmt: skip


def _beside(added: Ask) -> str:
    """Of a letter that was saved with no ask: what it got instead waits still, and who added the ask may want to end it."""
    instead_of_asks = {"ask__letter": added.letter, "ask__kind__code": REPLY_KIND, "ask__number": 1, "ask__quote": ""}
    instead = Tasking.objects.open().filter(**instead_of_asks).exclude(ask=added).select_related("ask").first()
    if instead is None:
        return ""
    return f"“{instead.ask.summary}”, which the letter got when it was sent with no ask, still waits too: mark it as entered in error where this ask is what was meant."


def _told(typed: dict[str, Any]) -> dict[str, Any]:
    """What the verb is told of a form that was filled in."""
    owing = [*typed["responsible"], *filter(None, [typed["bureau"]])]
    slugs = {*owing, *typed["consulted"], typed["acting"]}
    known = {one.slug: one for one in Agency.objects.select_related("parent__parent").filter(slug__in=slugs)}
    return {
        "kind": AskKind.objects.get(code=typed["kind"]),
        "responsible": [known[slug] for slug in owing],
        "consulted": [known[slug] for slug in typed["consulted"]],
        "acting_agency": known.get(typed["acting"]),
        "instrument": typed["instrument"] or None,
        "requested_list": typed["requested_list"] or None,
        "questions": question_lines(typed["questions"]) if typed["questions"].strip() else [],
        **{name: typed[name] for name in ("targets", "summary", "quote", "requested_by", "reason")},
    }
