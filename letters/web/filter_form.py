"""The filters of the queue as a form: each choice says how many items it would give within the other filters."""

from django import forms

from letters.enums import Status
from letters.filters import ALL, ANY_LATE, CO_SIGNED, DATED, DEADLINE, DUE, LED, NOBODY, OURS
from letters.listing import NOT_FILTERS, Listing
from letters.web.facets import Facet
from letters.web.filter_words import words_of
from letters.web.paging import with_params

# Filters of given choices, whose words are the filter's own.
CHOSEN = (
    *("age", "late", "role", "status", "ours", "due", "due_basis", "deadline", "waited"),
    *("answered", "acknowledged", "replied"),
)
STATE_WORDS = {"closed": "closed items", "all": "open and closed items", "open": "open items"}
# In the order of the vocabulary; the others by name.
CODED = {"status": Status.values, "late": [ANY_LATE], "ours": [CO_SIGNED, ALL], "owner": [NOBODY], "due": list(DUE),
         "due_basis": [code for code, _ in DATED], "deadline": list(DEADLINE)}  # fmt: skip


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
    due_basis = forms.ChoiceField(label="Who set the date", required=False)
    deadline = forms.ChoiceField(label="Deadline", required=False)
    ours = forms.ChoiceField(label="Letters", required=False)
    due = forms.ChoiceField(label="Due", required=False)
    state = forms.ChoiceField(label="State", required=False)

    def __init__(self, listing: Listing, facets: dict[str, Facet]):
        """Without `facets` it is not drawn, and only says which filters are in force."""
        super().__init__(listing.params)
        self.listing, self.filterset = listing, listing.filterset
        self.words = {name: dict(facet.words) for name, facet in facets.items()}
        for name, facet in facets.items():
            if name == "state":
                self.fields[name].choices = self._states(facet)
            else:
                self.fields[name].choices = [("", self._any(name, facet)), *self._choices(name, facet)]
        # a link may name what has no item now: it is kept on the page, and the list says that it is empty
        for name in self.words:
            value = listing.params.get(name)
            if value and value not in dict(self.fields[name].choices):
                self.fields[name].choices.append((value, f"{self.shown(name, value)} (0)"))
        # a select shows one value: of several in force it would send one and drop the others
        for name in [name for name in self.fields if len(set(listing.params.getlist(name))) > 1]:
            del self.fields[name]

    def without_field(self) -> list[tuple[str, str]]:
        """What the address has and the form has no field for: it is kept when the form is sent."""
        return [
            (name, value)
            for name, values in self.listing.params.lists()
            if name not in self.fields and name not in NOT_FILTERS
            for value in values
        ]

    def _choices(self, name: str, facet: Facet) -> list[tuple[str, str]]:
        first = CODED.get(name, [])
        known = sorted(
            (code for code in facet.words if (name, code) != ("ours", LED)),
            key=lambda code: (first.index(code) if code in first else len(first), self._sorts(name, code)),
        )
        return [
            (code, facet.words[code] if code == ANY_LATE else f"{facet.words[code]} ({facet.counts[code]:,})")
            for code in known
        ]

    def _any(self, name: str, facet: Facet) -> str:
        """What the list has without this filter."""
        if name == "ours":
            return f"{OURS[LED]} ({facet.counts[LED]:,})"
        return f"any ({facet.any:,})"

    def _states(self, facet: Facet) -> list[tuple[str, str]]:
        """Open and closed; the first is what an address without a state means."""
        labels = {code: label for code, label in self.filterset.form.fields["state"].choices if code}
        usual = "all" if self.listing.params.get("status") else "open"
        order = [usual, *(code for code in labels if code != usual)]
        named = self.listing.params.get("state")
        return [
            ("" if code == usual and named != usual else code, f"{labels[code]} ({facet.counts[code]:,})")
            for code in order
        ]

    def _sorts(self, name: str, code: str) -> str:
        # members stand by last name already
        return "" if name == "signatory" else self.words[name][code].casefold()

    def full_clean(self) -> None:
        """Errors are the filter's own: pages and API refuse the same values."""
        super().full_clean()
        self._errors.clear()  # its own choices are those that were counted, none while the box is closed
        for problem in self.filterset.problems():
            known = problem.field in self.fields
            # the summary and the field name it once more
            words = problem.message.partition(": ")[2] if known else problem.message
            self.add_error(problem.field if known else None, words)

    def shown(self, name: str, value: str) -> str:
        """A value in words."""
        if name == "state":
            return STATE_WORDS.get(value, value)
        named = self.words.get(name, {}).get(value) or words_of(self.listing, name, value)
        if named:
            return named
        return {"true": "yes", "false": "no"}.get(value, str(dict(self._known(name)).get(value, value)))

    def _known(self, name: str) -> list:
        if name not in CHOSEN:
            return []
        return list(getattr(self.filterset.form.fields.get(name), "choices", None) or [])

    def active(self) -> list[dict]:
        """What narrows the list, in words, each with the address that takes it away."""
        words = []
        for name, values in self.data.lists():
            if name in NOT_FILTERS or name not in self.filterset.filters:
                continue
            shown = ", ".join(self.shown(name, value) for value in values)
            label = self.fields[name].label if name in self.fields else self.filterset.filters[name].label
            url = with_params(self.listing.params, **{name: None, "cursor": None})
            words.append({"name": name, "label": label, "value": shown, "url": url})
        return words
