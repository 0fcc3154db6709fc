"""The form of "Record a reply": the reply itself, one question for all its items, and each item where it differs."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from letters.domain import said
from letters.domain.clocks import office_today
from letters.domain.reply_kinds import chosen_kind
from letters.domain.reply_steps import Proof, Word
from letters.domain.transitions import allowed_next
from letters.enums import Channel, Coverage, EvidenceKind, ResponseKind, Said, Stance
from letters.errors import Problem
from letters.models import Agency, Answer, Tasking, User
from letters.models.base import MAX_TEXT
from letters.web.forms import LineField, TextField, date_field
from letters.web.merge import OUT_OF_DATE, Choice
from letters.web.reply_again import as_read
from letters.web.uploads import FilesField

AS_ABOVE = ("", "as chosen above")
AS_TABLE = ("", "as the table says")
# What a choice may need besides. Typed once for all ticked items, or for one item where it differs.
SHARED = ("promised_on", "review_on", "passed_to", "reason", "evidence", "citation", "url", "seen_on")
ASKED_OF_ALL = ("said", "promised_on", "review_on")  # drawn there where the reply is read again for one item
MORE = ("sent_on", "responder", "control_number", "text", "held_elsewhere")  # what stands behind a disclosure
PLACES = {
    "agency": "passed_to",
    "to": "status",
    "response": "evidence",
    "said": "said",
}  # the verbs' names for our fields
EVIDENCE = [
    (EvidenceKind.RESPONSE.value, "this reply"),
    *((kind.value, kind.label) for kind in EvidenceKind if kind != EvidenceKind.RESPONSE),
]


class AgencyField(LineField):
    """An agency by the name a person knows it by, if `by` may know of it; a list of names stands beside it (`<datalist>`)."""

    def __init__(self, *, by: User, **kwargs: Any) -> None:
        self.by = by
        super().__init__(limit=200, required=False, **kwargs)
        self.widget.attrs |= {"list": "agency-names", "autocomplete": "off"}

    def clean(self, value: str) -> Agency | None:
        name = super().clean(value).strip()
        if not name:
            return None
        for field in ("short_name__iexact", "name__iexact", "abbreviation__iexact", "slug"):
            if found := Agency.objects.visible_to(self.by).filter(**{field: name}).first():
                return found
        raise forms.ValidationError(f"“{name}” is no agency we know. Choose one of the list.")


def need_fields(*, own: bool, by: User) -> dict[str, forms.Field]:
    """What a choice may need: for all ticked items, or (`own`) for one of them, where empty means as above."""
    first: list[tuple[str, str]] = [AS_ABOVE] if own else []
    return {
        "promised_on": date_field("The date they promised", required=False),
        "review_on": date_field("We look again on", required=False),
        "passed_to": AgencyField(by=by, label="Which agency"),
        "reason": LineField(label="Why they pass it on", limit=2000, required=False),
        "evidence": forms.ChoiceField(label="What proves it", required=False, choices=[*first, *EVIDENCE]),
        "citation": LineField(label="Citation", limit=500, required=False),
        "url": forms.URLField(
            label="Address of the page", required=False, assume_scheme="https", max_length=500,
            error_messages={"invalid": "This is not a web address. Paste it from the browser: https://…"},
        ),
        "seen_on": date_field("The day it was published, or seen there", required=False),
    }  # fmt: skip


class ReplyFactsForm(forms.Form):
    """The reply: from whom, how and when it came, its words."""

    use_required_attribute = False
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)  # of the form, so that one sent twice is kept once
    agency = forms.ChoiceField(label="From", error_messages={"required": "Choose who replied."})
    channel = forms.ChoiceField(label="How it came", choices=Channel.choices, initial=Channel.LETTER)
    received_on = date_field("Received on")
    sent_on = date_field("Its own date", required=False)
    responder = LineField(label="Who, as printed", limit=200, required=False)
    official = forms.UUIDField(required=False, widget=forms.HiddenInput)
    control_number = LineField(label="Their number", limit=60, required=False)
    text = TextField(label="Its words", limit=MAX_TEXT, rows=4, required=False)
    files = FilesField(label="The file")
    held_elsewhere = LineField(
        label="Classified: where it is held", limit=300, required=False,
        help_text="Only where it is held is kept: neither words nor quotes nor files.",
    )  # fmt: skip

    def __init__(self, *args: Any, agencies: list, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"].by = by
        self.fields["agency"].choices = [("", "choose one"), *agencies]
        self.fields["received_on"].initial = office_today()
        # an official of ours may be meant; what is typed stands either way
        self.fields["responder"].widget.attrs |= {
            "data-suggest": "officials", "data-suggest-url": "/suggest/officials/", "data-suggest-into": "#id_official",
            "data-suggest-with": "agency=#id_agency on=#id_received_on",
        }  # fmt: skip

    def clean(self) -> dict:
        data = super().clean()
        if data.get("held_elsewhere") and data.get("files"):
            self.add_error("files", "A reply held elsewhere keeps no file here. Leave the file out.")
        return data

    @property
    def says_more(self) -> bool:
        """Whether something behind the disclosure has to be seen."""
        return bool(self.errors or self.fields["files"].waiting or any(self[name].value() for name in MORE))

    def keep_files(self) -> list[str]:
        """The form comes again: keep its files until then. Returns why not, of what never could be attached."""
        if self["held_elsewhere"].value():
            self.forget_files()  # nothing of what is classified may lie here, not even for a day
            return []
        return self.fields["files"].keep_waiting(self["files"].value())

    def forget_files(self) -> None:
        """The reply is saved: nothing waits any longer."""
        self.fields["files"].forget(self["files"].value())


class SaidForm(forms.Form):
    """The one question, for all items that are ticked."""

    use_required_attribute = False
    said = forms.ChoiceField(label="What did they say?", choices=Said.choices, required=False, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="The reply as a whole is", required=False, choices=[AS_TABLE, *ResponseKind.choices])

    def __init__(
        self, *args: Any, by: User, was: Mapping[uuid.UUID, Answer], again: Answer | None, **kwargs: Any
    ) -> None:
        """`was`: what the reply was read to say, by item; of `again` it is read once more."""
        super().__init__(*args, **kwargs)
        if kept := chosen_kind(list(was.values())):
            stays = ("", f"stays “{ResponseKind(kept).label}”, as somebody chose")
            self.fields["kind"].choices = [stays, *ResponseKind.choices]
        self.fields.update(need_fields(own=False, by=by))
        stands = as_read(again) if again else {}
        self.fields["said"].initial = stands.get("said", "")
        self.fields["promised_on"].initial = stands.get("promised_on")
        self.fields["review_on"].initial = stands.get("review_on") or said.review_on(office_today())
        self.order_fields(["said", *SHARED, "kind"])


class ItemWordForm(forms.Form):
    """One item: whether the reply is about it, and where it differs from what was said of all."""

    use_required_attribute = False
    on = forms.BooleanField(required=False)
    not_about = forms.BooleanField(required=False)  # it says nothing about this one after all
    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": OUT_OF_DATE, "invalid": OUT_OF_DATE}
    )
    said = forms.ChoiceField(label="What did they say of this one?", required=False, choices=[AS_ABOVE, *Said.choices])
    quote = TextField(label="In their words", limit=10_000, rows=2, required=False)
    page = LineField(label="Page", limit=20, required=False)
    coverage = forms.ChoiceField(label="The reply", required=False, choices=[AS_TABLE, *Coverage.choices])
    stance = forms.ChoiceField(label="Their position", required=False, choices=[AS_TABLE, *Stance.choices])

    def __init__(
        self, *args: Any, tasking: Tasking, by: User, ticked: bool = False, was: Mapping[uuid.UUID, Answer] | None = None,
        again: Answer | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """`was`: what the reply was read to say, by item; of `again`, what they said is asked once for all."""
        super().__init__(*args, prefix=str(tasking.pk), **kwargs)
        self.tasking = tasking
        self.merging: list[Choice] = []  # what is chosen where somebody changed the item meanwhile
        self.fields["on"].initial = ticked
        self.fields["version"].initial = tasking.version
        self.fields.update(need_fields(own=True, by=by))
        stay = (tasking.status, f"stays “{tasking.get_status_display()}”")
        following = allowed_next(tasking.status, closes_as=tasking.ask.kind.closes_as) if tasking.is_open else ()
        self.fields["status"] = forms.ChoiceField(
            label="The item becomes", required=False,
            choices=[AS_TABLE, stay, *((status.value, status.label) for status in following)],
        )  # fmt: skip
        self._checks("questions", "Which questions it answers", list(tasking.ask.questions.all()), str)
        self._checks("targets", "Which of them it covers", list(tasking.ask.targets.all()), lambda one: one.name)
        answer = (was or {}).get(tasking.pk)
        self.is_unread = answer is not None and answer.coverage is None
        if answer:
            for name, value in as_read(answer).items():
                if name in self.fields and not (name in ASKED_OF_ALL and answer is again):
                    self.fields[name].initial = value

    def _checks(self, name: str, label: str, rows: list, words) -> None:
        self.rows = {**getattr(self, "rows", {}), name: rows}
        if len(rows) > 1:
            self.fields[name] = forms.MultipleChoiceField(
                label=label, required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(str(one.pk), words(one)) for one in rows], initial=[str(one.pk) for one in rows],
            )  # fmt: skip

    @property
    def takes_off(self) -> bool:
        return bool(self["not_about"].value())

    @property
    def ticked(self) -> bool:
        return bool(self["on"].value()) and not self.takes_off

    @property
    def differs(self) -> bool:
        """Whether something is typed here that has to be seen without opening it."""
        names = ("said", "quote", "page", "coverage", "stance", "status", *SHARED)
        return bool(self.errors) or any(self[name].value() for name in names)

    def is_among(self, names: list[str]) -> bool:
        """Whether any of these names of controls is of this item."""
        return any(name.startswith(f"{self.prefix}-") for name in names)

    def typed(self, name: str) -> str | None:
        """What stands in a control now, empty where it was emptied; None where the page had no such control."""
        return self.cleaned_data[name] if self.add_prefix(name) in self.data else None

    def word(self, shared: dict, *, later: bool) -> Word:
        """What the domain is told of this item: its own where it has one, else what was said of all."""
        own = self.cleaned_data
        choice = "" if later else own["said"] or shared["said"]
        needs = {name: own.get(name) or shared.get(name) for name in SHARED}
        chosen = {
            name: [row for row in rows if str(row.pk) in own[name]]
            for name, rows in self.rows.items()
            if name in self.fields
        }
        partly = choice == Said.PARTLY and len(chosen.get("targets", ())) == len(self.rows["targets"])
        if partly:
            chosen.pop("targets", None)  # all are ticked from the start: nobody said which; of none, nobody is asked
        return Word(
            self.tasking, said=choice, version=own["version"], quote=self.typed("quote"), page=self.typed("page"),
            promised_on=needs["promised_on"], review_on=needs["review_on"], passed_to=needs["passed_to"],
            reason=_text(needs["reason"]) if choice == Said.OTHER_AGENCY or own["status"] else "",
            questions=chosen.get("questions"), targets=chosen.get("targets"), proof=_proof(needs),
            coverage=own["coverage"] or None, stance=own["stance"] or None, status=own["status"] or None,
        )  # fmt: skip


def _proof(needs: dict) -> Proof:
    kind = needs["evidence"] or EvidenceKind.RESPONSE
    if kind == EvidenceKind.RESPONSE:
        return Proof()
    seen: dt.date | None = needs["seen_on"]
    return Proof(kind, citation=_text(needs["citation"]), url=_text(needs["url"]), seen_on=seen)


def _text(value: str | None) -> str:
    return value or ""


def problems_of(drawn: Iterable[forms.Form | None]) -> list[dict]:
    """All that is wrong, each with the id of its control, for the summary."""
    found = []
    for form in drawn:
        if form is None or not form.is_bound:
            continue
        about = f"{form.tasking}: " if isinstance(form, ItemWordForm) else ""
        for name, errors in form.errors.items():
            found += [_problem(form, name, about, error) for error in errors]
    return found


def _problem(form: Any, name: str, about: str, error: str) -> dict:
    if name not in form.fields:
        return {"id": "", "words": f"{about}{error}"}
    field = form[name]
    many = (
        field.field.widget.input_type in ("radio", "checkbox") if hasattr(field.field.widget, "input_type") else False
    )
    return {"id": f"{field.auto_id}_0" if many else field.auto_id, "words": f"{about}{field.label}: {error}"}


def place(problem: Problem, facts: forms.Form | None, shared: SaidForm, items: dict[str, ItemWordForm]) -> None:
    """Put a refusal of the domain beside the field it is about: of an item, of all, or of the reply."""
    owner, _, name = problem.field.rpartition(".")
    if not owner:
        name = "files" if problem.field == "file" else problem.field
        form = facts if facts is not None and name in facts.fields else shared
        name = name if name in form.fields else None
        if problem.message not in form.errors.get(name or "__all__", []):  # each item may say it
            form.add_error(name, problem.message)
        return
    form, name = items[owner], PLACES.get(name, name)
    message = problem.message.removeprefix(f"{form.tasking}: ")
    if name in SHARED and not form.cleaned_data.get("said") and not form.cleaned_data.get(name):
        # asked once for all ticked items, so said once
        if message not in shared.errors.get(name, []):
            shared.add_error(name, message)
    else:
        form.add_error(name if name in form.fields else None, message)
