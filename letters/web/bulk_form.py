"""What is to be done with many items at once, as a form."""

import uuid

from django import forms

from letters.domain.access import EDIT, RIGHTS
from letters.domain.bulk import CHOOSABLE, VERBS, Change
from letters.domain.items import MAX_NOTE
from letters.domain.transitions import NEED_WORDS, NEEDS
from letters.enums import CLOSED_STATUSES, Status
from letters.models import User
from letters.web.forms import TextField, date_field

VERB_WORDS = {
    "assign": "Assign to",
    "snooze": "Remind me on",
    "note": "Add a note",
    "status": "Change the status",
}


class BulkForm(forms.Form):
    """Every verb's fields; those of the chosen verb count."""

    use_required_attribute = False
    again = forms.UUIDField(required=False, widget=forms.HiddenInput)  # of the preview, so that it is done once
    verb = forms.ChoiceField(
        label="What",
        choices=[("", "choose one"), *VERB_WORDS.items()],
        error_messages={"required": "Choose what to do with them."},
    )
    owner = forms.ChoiceField(label="Owner", required=False)
    until = date_field("Day", required=False, help_text="Nobody is reminded before that day. Empty: as usual.")
    text = TextField(label="Note", limit=MAX_NOTE, rows=2, required=False, help_text="Office only, on each item.")
    to = forms.ChoiceField(label="Status", required=False)
    promised_on = date_field("The date they promised", required=False)
    reason = TextField(
        label="Reason", limit=2000, rows=2, required=False, help_text="Office only; kept with each change."
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        # the box of filters on the same page has an owner and a status too
        super().__init__(*args, auto_id="bulk_%s", **kwargs)
        self.people = {person.username: person for person in editors()}
        self.fields["owner"].choices = [("", "nobody"), *((name, str(person)) for name, person in self.people.items())]
        self.fields["owner"].initial = user.username
        self.fields["to"].choices = [
            ("", "choose one"),
            ("Still open", [(s.value, _status_words(s)) for s in CHOOSABLE if s not in CLOSED_STATUSES]),
            ("Closed", [(s.value, _status_words(s)) for s in CHOOSABLE if s in CLOSED_STATUSES]),
        ]

    def clean_owner(self) -> User | None:
        return self.people.get(self.cleaned_data["owner"])

    @property
    def key(self) -> uuid.UUID | None:
        return self.cleaned_data["again"]

    def change(self) -> Change:
        """What was chosen, for `domain.bulk`."""
        data = self.cleaned_data
        return Change(**{name: data[name] for name in ("verb", *VERBS[data["verb"]].fields)})


def editors():
    """Who may own a next step, by user name."""
    roles = [role for role, rights in RIGHTS.items() if EDIT in rights]
    return User.objects.filter(is_active=True, role__in=roles).order_by("username")


def _status_words(status: Status) -> str:
    needed = ", ".join(NEED_WORDS[need].split(":")[0] for need in NEEDS.get(status, ()))
    return f"{status.label} (needs {needed})" if needed else str(status.label)
