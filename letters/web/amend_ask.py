"""Whom an ask is about, and its questions, on the page of corrections: what is taken away, and what was left out."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q

from letters.domain import suggest
from letters.domain.amending_asks import QuestionCorrection
from letters.domain.plans import PlannedTarget
from letters.errors import Problem
from letters.intake.questions import question_lines
from letters.models import Ask, Question, Target, User
from letters.web.sheet_forms import TARGET_KINDS, SheetForm, choice, line, text

WITH_QUESTIONS = "written_answers"
# Where the page shows what the verb says about a part it knows by another name.
SHOWN_AS = {"add_targets": "target", "remove_targets": "drop", "questions": "new_questions"}


class QuestionPartForm(SheetForm):
    text = text("In the letter’s words", rows=2)
    remove = forms.BooleanField(label="The letter does not ask this: take it out", required=False)


class AskPartForm(SheetForm):
    """What of an ask was wrong; the fields of its names and questions only where there is something to say in them."""

    summary = line("In a few words")
    quote = text("In the letter’s words")
    instrument = line("Legal basis")
    requested_list = line("Official list")
    requested_by = line("Its own date", hint="The dates of its open items follow.")
    drop = forms.MultipleChoiceField(
        label="Named by mistake: take away", required=False, widget=forms.CheckboxSelectMultiple
    )
    target = line(
        "Company, person or program that was left out", hint="Choose it from the list, or type its name.",
        data_suggest="targets", data_suggest_into="target_id",
    )  # fmt: skip
    target_id = forms.CharField(required=False, widget=forms.HiddenInput)
    target_pick = choice("In our record: which is meant?", [], widget=forms.RadioSelect)
    target_kind = choice("Or add it as", TARGET_KINDS)
    target_parent = line("Part of", hint="Its parent, where our record has that.")
    new_questions = text(
        "Questions that were left out", rows=2, hint="As the letter prints them; of a pasted list each becomes a line."
    )
    before = choice("They stand", [])

    def __init__(
        self, typed: dict[str, Any], problems: Iterable[Problem], *, ask: Ask, user: User, prefix: str
    ) -> None:
        self.ask, self.user = ask, user
        self.asked, self.targets = list(ask.questions.all()), list(ask.targets.all())
        # who was taken away meanwhile is no choice any more
        dropped = [slug for slug in typed["drop"] if slug in {one.slug for one in self.targets}]
        super().__init__(typed | {"drop": dropped}, problems, prefix=prefix)

    def prepare(self) -> None:
        self.fields["drop"].choices = [(one.slug, one.name) for one in self.targets]
        if not self.targets:
            del self.fields["drop"]
        self._prepare_name()
        if not self.asked and self.ask.kind.code != WITH_QUESTIONS:
            del self.fields["new_questions"]
        places = [(str(one.pk), f"before {one}") for one in self.asked]
        if "new_questions" in self.fields and places:
            self.fields["before"].choices = [("", "after the last one"), *places]
        else:
            del self.fields["before"]

    def _prepare_name(self) -> None:
        """A name that we do not know: those it is like, and what it takes to add it."""
        near = []
        if is_unknown(self["target"].value() or "", self["target_id"].value() or "", self.user):
            near = suggest.targets(self["target"].value(), user=self.user, limit=4)
        else:
            del self.fields["target_kind"], self.fields["target_parent"]
        self.fields["target_pick"].choices = [
            (one.id, f"{one.label} ({one.detail})" if one.detail else one.label) for one in near
        ]
        if not near:
            del self.fields["target_pick"]

    def fields_named(self, *names: str) -> list:
        """For the template: those of these that are there."""
        return [self[name] for name in names if name in self.fields]

    @property
    def words(self) -> list:
        return self.fields_named("summary", "quote", "instrument", "requested_list", "requested_by")

    @property
    def names(self) -> list:
        return self.fields_named("drop", "target", "target_id", "target_pick", "target_kind", "target_parent")

    @property
    def more_questions(self) -> list:
        return self.fields_named("new_questions", "before")


def is_unknown(name: str, slug: str, user: User) -> bool:
    """Whether something is named that is none of ours."""
    return bool(name.strip()) and _known(name, slug, user) is None


def asked_fields(
    ask: Ask, row: dict[str, Any], questions: list[tuple[Question, str, dict[str, Any]]], key: str, *, user: User,
    problems: list[Problem],
) -> dict[str, Any]:  # fmt: skip
    """What the verb is told of whom the ask is about, and of its questions, each with its key on the page."""
    fields: dict[str, Any] = {}
    if dropped := [one for one in ask.targets.all() if one.slug in row["drop"]]:
        fields["remove_targets"] = dropped
    if added := _left_out(row, key, user, problems):
        fields["add_targets"] = [added]
    corrected = [
        QuestionCorrection(one, typed["text"], key=f"{at}-text") if not typed["remove"]
        else QuestionCorrection(one, remove=True, key=f"{at}-remove")
        for one, at, typed in questions
        if typed["remove"] or typed["text"].strip() != one.text.replace("\r\n", "\n").strip()
    ]  # fmt: skip
    before = next((one for one in ask.questions.all() if str(one.pk) == row["before"]), None)
    lines = question_lines(row["new_questions"]) if row["new_questions"].strip() else []
    corrected += [QuestionCorrection(text=words, before=before, key=f"{key}-new_questions") for words in lines]
    if corrected:
        fields["questions"] = corrected
    return fields


def shown_at(field: str, asks: Iterable[str]) -> str:
    """The field of the page that a problem of the verb stands beside."""
    for key in asks:
        name = field.removeprefix(f"{key}-")
        if name != field:
            return f"{key}-{SHOWN_AS.get(name.partition('/')[0], name)}"
    return field


def _left_out(row: dict[str, Any], key: str, user: User, problems: list[Problem]) -> Target | PlannedTarget | None:
    name = " ".join(row["target"].split())
    if not name:
        return None
    if known := _known(name, row["target_pick"] or row["target_id"], user):
        return known
    if row["target_kind"]:
        return PlannedTarget(f"{key}-target", name=name, kind=row["target_kind"], parent=row["target_parent"])
    said = f"“{name}” is not in our record yet. Choose one of those shown, or say what it is to add it."
    problems.append(Problem(f"{key}-target", said, name))
    return None


def _known(name: str, slug: str, user: User) -> Target | None:
    """Whom the person chose, or who alone has this name, among those they may know of."""
    seen = Target.objects.visible_to(user)
    if slug:
        return seen.filter(slug=slug).first()
    words = " ".join(name.split())
    found = seen.filter(Q(name__iexact=words) | Q(aliases__name__iexact=words)).distinct()[:2]
    return found[0] if len(found) == 1 else None
