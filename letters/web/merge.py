"""Two people at once: who saves on an old page sees what changed and merges field by field (invariant 7).

A form that can be merged carries, hidden, the version and the values it was drawn with. Saved on an older version it
comes back with three values for each field that differs (as saved now, as typed, as it stood) and a choice. Where only
one of the two changed a field, that one is chosen already; where both did, the person says. Works without a script.
"""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from letters.domain.deadlines import long_date
from letters.domain.withheld import shown_to
from letters.domain.words import office_time
from letters.enums import SystemProcess
from letters.models import Event, User
from letters.web.happened import timeline

THEIRS, YOURS, STOOD = "theirs", "yours", "stood"
OUT_OF_DATE = "This form is out of date: open the page again."


class MergeableForm(forms.Form):
    """A form about a row with a version. `merged` names the fields that stand for what is saved; None: all typed ones."""

    use_required_attribute = False
    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": OUT_OF_DATE, "invalid": OUT_OF_DATE}
    )
    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    merged: tuple[str, ...] | None = None

    def mergeable(self) -> list[str]:
        if self.merged is not None:
            return [name for name in self.merged if name in self.fields]
        return [name for name, one in self.fields.items() if not isinstance(one.widget, forms.HiddenInput)]

    def remember(self) -> None:
        """Keep what it is drawn with: call it on an unbound form whose initial values are those saved now."""
        self.initial["opened"] = json.dumps({name: as_data(self, name) for name in self.mergeable()})


@dataclass(frozen=True)
class Choice:
    """One field that differs, in words; `chosen` is "" where both changed it and nobody has said yet."""

    name: str
    label: str
    theirs: str
    yours: str
    stood: str
    stood_data: str
    chosen: str
    error: str = ""


@dataclass
class Merge:
    """For components/merge.html, inside the form."""

    form: MergeableForm | None
    by: str
    when: str
    lines: list[dict] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    nothing: str = "Nothing you typed differs from what is saved now."  # said where there is no choice
    theirs_url: str = ""  # the page as it is saved now, where what was typed can be left


def merge_or_form(
    make: Callable[[QueryDict | None], MergeableForm],
    posted: QueryDict,
    *,
    version: int,
    events: QuerySet[Event],
    reader: User,
) -> Merge | MergeableForm:
    """What was posted, ready to be validated; or, where it was written on an older version, what is to be merged.

    `make` builds the form from data, or unbound with what is saved now. Staleness is told before any other mistake.
    """
    data, unsaid = settled(posted)
    form = make(data)
    typed = posted.get("version", "")
    if not (typed.isdecimal() and len(typed) < 10) or (int(typed) == version and not unsaid):
        return form
    fresh = make(None)
    fresh.remember()
    opened = values_of(posted.get("opened", ""))
    differing = [name for name in form.mergeable() if as_data(fresh, name) != _typed(form, name)]
    stood = {name: posted.get(f"stood.{name}", opened.get(name)) for name in differing}
    choices = [_choice(form, fresh, name, stood[name], is_unsaid=name in unsaid) for name in differing]
    data["version"] = str(version)
    data["opened"] = fresh.initial["opened"]
    by, when, lines = who_since(events, reader)
    return Merge(make(data), by, when, lines, choices)


def merge_values(
    opened: dict[str, str], typed: dict[str, str], now: dict[str, str], labels: dict[str, str], unsaid: list[str]
) -> tuple[dict[str, str], list[Choice]]:
    """Of a form of many fields: what each is with the changes of both, and a choice for each that both changed.

    What nobody remembers having opened counts as changed: it is asked, never taken.
    """
    merged, choices = dict(typed), []
    for name, theirs in now.items():
        yours, stood = typed.get(name, ""), opened.get(name)
        if yours == theirs or (theirs == stood and name not in unsaid):
            continue
        if yours == stood and name not in unsaid:
            merged[name] = theirs
            continue
        error = f"Both of you changed “{labels[name]}”. Choose which to keep." if name in unsaid else ""
        choices.append(
            Choice(name, labels[name], theirs or "(empty)", yours or "(empty)", stood or "", stood or "", "", error)
        )
    return merged, choices


def who_since(events: QuerySet[Event], reader: User, lines: int = 3) -> tuple[str, str, list[dict]]:
    """Who changed it last, when, and the latest lines of what happened, the newest first: as this reader is told of it.

    “Somebody” where the last change is not for their eyes: whoever changed it before that is not who did it. “You” where
    they did it themselves, in another window as a rule.
    """
    latest = events.select_related("by_user", "tasking__agency", "tasking__ask").order_by("-sequence")[:lines]
    newest = next(iter(latest), None)
    since = shown_to(reader, list(latest))
    last = newest if newest in since else None
    by = _who(last, reader) if last else "Somebody"
    told = timeline(since, one_item=True)
    # what is left behind the name is the key with which it was done
    lines_of = [
        line | {"by": f"you{line['by'].removeprefix(str(reader))}"} if line["by_user_id"] == reader.pk else line
        for line in told
    ]
    return by, f"on {office_time(last.recorded_at)}" if last else "", lines_of


def _who(event: Event, reader: User) -> str:
    if event.by_user is None:
        return str(SystemProcess(event.by_process).label)
    if event.by_user != reader:
        return str(event.by_user)
    key = event.payload.get("by_key")
    return f"You, with the key “{key}”," if key else "You"


def as_data(form: forms.Form, name: str) -> str:
    """The value of a field as a browser would post it."""
    value = form[name].value()
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _typed(form: forms.Form, name: str) -> str:
    """What a person typed, in the one way in which the same is written the same."""
    raw = as_data(form, name)
    try:
        clean = form.fields[name].clean(raw)
    except forms.ValidationError:
        return raw
    if isinstance(clean, dt.date):
        return clean.isoformat()
    return clean if isinstance(clean, str) else raw


def opened_with(posted: QueryDict, unsaid: list[str]) -> dict[str, str]:
    """What the form was drawn with; of a field that was asked about before, what it stood at before both."""
    return values_of(posted.get("opened", "")) | {name: posted.get(f"stood.{name}", "") for name in unsaid}


def settled(posted: QueryDict) -> tuple[QueryDict, list[str]]:
    """The data with the choices made, and the fields of which nobody said which to keep."""
    data = posted.copy()
    theirs, unsaid = values_of(posted.get("opened", "")), []
    for name in posted.getlist("merging"):
        match posted.get(f"keep.{name}"):
            case "theirs" if name in theirs:
                data[name] = theirs[name]
            case "stood":
                data[name] = posted.get(f"stood.{name}", "")
            case "yours":
                pass
            case _:
                unsaid.append(name)
    return data, unsaid


def _choice(form: forms.Form, fresh: forms.Form, name: str, stood: str | None, *, is_unsaid: bool) -> Choice:
    theirs, yours = as_data(fresh, name), _typed(form, name)
    chosen = THEIRS if yours == stood else YOURS if theirs == stood else ""
    label = str(form.fields[name].label or name)
    return Choice(
        name, label, _words(form, name, theirs), _words(form, name, yours),
        "" if stood is None or stood in (theirs, yours) else _words(form, name, stood), stood or "", chosen,
        f"Both of you changed “{label}”. Choose which to keep." if is_unsaid else "",
    )  # fmt: skip


def _words(form: forms.Form, name: str, value: str) -> str:
    """A value as people read it: the label of a choice, a day as the screen says it."""
    one = form.fields[name]
    if isinstance(one, forms.ChoiceField):
        return str(dict(_flat(one.choices)).get(value, value)) or "(empty)"
    if isinstance(one, forms.DateField) and value:
        try:
            return long_date(one.to_python(value))
        except forms.ValidationError:
            return value
    return value or "(empty)"


def _flat(choices) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in choices]


def values_of(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
