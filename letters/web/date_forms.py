"""What moves the date of one open item by somebody's word: more time, another promised day, a law."""

from django import forms

from letters.domain.deadlines import long_date
from letters.models import Letter, StatutoryClock
from letters.web.forms import ItemForm, TextField, date_field

NOTICE, AGREED = "notice", "agreed"
REMARK = "Office only; it is kept with the change."


class ExtendForm(ItemForm):
    """Until when, and who said so."""

    to = date_field("The new date")
    who = forms.ChoiceField(
        label="Who said so",
        choices=[(NOTICE, "they told us that they need until then"), (AGREED, "we agreed on it")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who said so."},
    )
    reason = TextField(label="Remark", limit=2000, required=False, help_text=REMARK)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        answers = self.tasking.answers.filter(response__in_error_at__isnull=True).select_related("response__agency")
        replies = [(str(a.response_id), str(a.response)) for a in answers.order_by("-response__received_on")]
        if replies:
            self.fields["response"] = forms.ChoiceField(
                label="The reply that says so", required=False, choices=[("", "none that is recorded"), *replies],
                help_text="The new date rests on it: if that reply is taken back, so is the time.",
            )  # fmt: skip
            self.order_fields(["to", "who", "response", "reason"])
        # from a reply one comes with its answer given
        if self.initial.get("response"):
            self.initial["who"] = NOTICE


class UnextendForm(ItemForm):
    """No more time was given after all."""

    reason = TextField(
        label="What was wrong?", limit=2000, help_text=REMARK, error_messages={"required": "Say what was wrong."}
    )  # fmt: skip


class UnrepeatForm(ItemForm):
    """Which letter did not repeat it after all."""

    letter = forms.ModelChoiceField(
        Letter.objects.none(), label="The letter that does not repeat it", to_field_name="reference", empty_label="choose one",
        error_messages={
            "required": "Choose the letter that does not repeat it.",
            "invalid_choice": "That letter does not repeat this item, or not any more. Choose one from the list.",
        },
    )  # fmt: skip
    reason = TextField(
        label="What was wrong?", limit=2000, help_text=REMARK, error_messages={"required": "Say what was wrong."}
    )  # fmt: skip

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        found = (
            Letter.objects.sent().visible_to(self.by).filter(renewals__tasking=self.tasking).order_by("sent_on", "pk")
        )
        self.fields["letter"].queryset = found
        self.fields["letter"].label_from_instance = lambda one: (
            f"{one.reference}, {long_date(one.sent_on)}: {one.subject}"
        )
        if len(found) == 1:
            self.fields["letter"].initial = found[0].reference


class PromiseForm(ItemForm):
    merged = ("promised_on",)
    promised_on = date_field("The day they named now", help_text="The day they named before is kept.")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["promised_on"].initial = self.tasking.promised_on


class ReviewForm(ItemForm):
    """Of an agency that takes no position: when we look again."""

    merged = ("review_on",)
    review_on = date_field(
        "We look again on", help_text="Until then the reply clock stands still, and nobody is reminded."
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["review_on"].initial = self.tasking.review_on


class LawForm(ItemForm):
    """Which law's clock the request started; the page says what each needs."""

    merged = ("statute",)
    statute = forms.ModelChoiceField(
        StatutoryClock.objects.all(), label="The law", required=False, empty_label="none", to_field_name="code"
    )
    reason = TextField(
        label="Why the request qualifies, or why not", limit=2000, help_text=REMARK,
        error_messages={"required": "Say who asked, and in what form: a law starts its clock for few requests."},
    )  # fmt: skip

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        laws = StatutoryClock.objects.all()
        self.fields["statute"].initial = self.tasking.ask.statute.code if self.tasking.ask.statute else None
        self.fields["statute"].help_text = " ".join(
            f"{law.name} ({law.citation}): {law.trigger}, {law.days} days." for law in laws
        )
