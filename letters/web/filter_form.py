"""The filters of the queue as a form: only agencies, kinds and people that have an item are offered."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.urls import reverse

from letters.enums import Match
from letters.filters import NOBODY, TaskingFilter
from letters.models import Legislator, User
from letters.models.tasking_queries import TaskingQuerySet

STATE_WORDS = {"closed": "closed items", "all": "open and closed items", "open": "open items"}


class FilterForm(forms.Form):
    """What `TaskingFilter` reads, as controls. A GET form: the address of the page is its state."""

    q = forms.CharField(label="Words", required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"}))
    agency = forms.ChoiceField(label="Agency", required=False)
    acting = forms.ChoiceField(label="Acting bureau", required=False)
    kind = forms.ChoiceField(label="Kind of ask", required=False)
    status = forms.ChoiceField(label="Status", required=False)
    owner = forms.ChoiceField(label="Owner", required=False)
    signatory = forms.ChoiceField(label="Signatory", required=False)
    late = forms.ChoiceField(label="Late", required=False)

    def __init__(self, params: QueryDict, *, queryset: TaskingQuerySet):
        super().__init__(params)
        self.filterset = TaskingFilter(params, queryset=queryset)
        items = queryset.open().order_by()
        signers = Legislator.objects.filter(
            signatures__letter__in=items.values("ask__letter"), signatures__match=Match.CONFIRMED
        ).distinct()
        # one query for three lists: few combinations, however many items
        combinations = list(
            items.values_list(
                "agency__slug", "agency__short_name", "acting_agency__slug", "acting_agency__short_name",
                "ask__kind__code", "ask__kind__name",
            ).distinct()
        )  # fmt: skip
        choices = {
            "agency": by_name((c[0], c[1]) for c in combinations),
            "acting": by_name((c[2], c[3]) for c in combinations if c[2]),
            "kind": by_name((c[4], c[5]) for c in combinations),
            "status": self.filterset.form.fields["status"].choices,
            "owner": [
                (NOBODY, "nobody"),
                *((u.username, str(u)) for u in User.objects.filter(is_active=True).order_by("username")),
            ],
            "signatory": [(m.bioguide, f"{m.official_full}") for m in signers.order_by("sort_name")],
            "late": [c for c in self.filterset.form.fields["late"].choices if c[0]],
        }
        for name, offered in choices.items():
            self.fields[name].choices = [("", "any"), *offered]
        # a link may name what has no item now: it is kept on the page, and the list says that it is empty
        for name in choices:
            value = params.get(name)
            if value and value not in dict(self.fields[name].choices):
                self.fields[name].choices.append((value, value))

    def full_clean(self) -> None:
        """Errors are the filter's own: pages and API refuse the same values."""
        super().full_clean()
        for name, errors in self.filterset.errors.items():
            for error in errors:
                self.add_error(
                    name if name in self.fields else None, f"{name}: {error}" if name not in self.fields else error
                )

    def active(self) -> list[dict]:
        """What narrows the list, in words, each with the address that takes it away."""
        words = []
        for name in self.data:
            value = self.data.get(name)
            if not value or name in ("group", "cursor"):
                continue
            label = (
                self.fields[name].label
                if name in self.fields
                else (self.filterset.filters[name].label if name in self.filterset.filters else None)
            )
            if label is None:
                continue
            shown = (
                dict(self.fields[name].choices).get(value, value)
                if name in self.fields and name != "q"
                else _shown(self.filterset, name, value)
            )
            without = self.data.copy()
            without.pop(name)
            without.pop("cursor", None)
            words.append(
                {
                    "label": label,
                    "value": shown,
                    "url": f"{reverse('queue')}?{without.urlencode()}" if without else reverse("queue"),
                }
            )
        return words


def by_name(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each once, in the order a person looks for it."""
    return sorted(set(choices), key=lambda choice: choice[1].casefold())


def _shown(filterset: TaskingFilter, name: str, value: str) -> str:
    if name == "state":
        return STATE_WORDS.get(value, value)
    choices = (
        dict(getattr(filterset.form.fields.get(name), "choices", None) or {}) if name in ("age", "late", "role") else {}
    )
    return {"true": "yes", "false": "no"}.get(value, str(choices.get(value, value)))
