"""Two people on one draft: whoever saves on an old page sees what changed and chooses field by field (invariant 7).

As `web.merge` does it for an item. Nothing is taken that a person did not see: what only the other changed is chosen
already, what both changed is not.
"""

from itertools import takewhile
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from letters.domain.asking import join_names
from letters.domain.words import cut
from letters.intake.names import zip_padded
from letters.intake.signers import propose_waiting
from letters.intake.two_sheets import ORDER, Difference, differences, taken, with_removed
from letters.intake.typed import ROWS, Typed, stored
from letters.models import Worksheet
from letters.web.merge import THEIRS, YOURS, Choice, Merge
from letters.web.sheet_labels import ROW_NAMES, code_words, field_label

COMPARE = "compare"  # the step that saves nothing: both are shown once more
LONGEST = 400  # characters of a value that are shown
NONE, GONE = "(empty)", "(not there)"
ORDER_OF = {
    "signers": "The order of the signers",
    "addressees": "The order of the addressees",
    "asks": "The order of the asks",
}
CALLED = ("summary", "quote", "questions", "printed_name", "member", "agency", "printed_title", "kind")


def as_saved(sheet: Worksheet) -> Typed:
    """The draft as a page would show it now."""
    return propose_waiting(stored(sheet.typed))


def settled(posted: QueryDict, typed: Typed, sheet: Worksheet | None) -> tuple[Typed, bool]:
    """The sheet with the choices made, and whether one is still to be made. Also where there was none to make, what a
    colleague took off the sheet can be put back."""
    said = {name: posted.get(f"keep.{name}") for name in posted.getlist("merging")}
    if sheet is None or not (said or "compared" in posted):
        return typed, False
    saved = as_saved(sheet)
    kept = taken(typed, saved, [name for name, whose in said.items() if whose == THEIRS])
    return with_removed(kept, saved), not set(said.values()) <= {THEIRS, YOURS}


def merge_of(posted: QueryDict, typed: Typed, fresh: Worksheet, when: str) -> Merge:
    """For components/merge.html: what is to be chosen between what this person typed and what is saved now."""
    theirs = as_saved(fresh)
    asked = set() if posted.get("do") == COMPARE else set(posted.getlist("merging"))
    found = differences(posted.get("opened", ""), typed, theirs)
    words = _Words(typed, theirs)
    choices = []
    for one in found:
        said = posted.get(f"keep.{one.name}", "")
        label = words.label(one.name)
        error = f"Both of you changed “{label}”. Choose which to keep." if one.name in asked and not said else ""
        chosen = said if said in (THEIRS, YOURS) else "" if one.both else THEIRS
        other, own = _where_they_differ(words.of(one, one.theirs), words.of(one, one.yours))
        choices.append(Choice(one.name, label, other, own, "", "", chosen, error))
    return Merge(
        None, str(fresh.saved_by), when, [], choices,
        nothing="What they changed, you have too. Save once more, and yours is kept.",
        theirs_url=reverse("draft", args=[fresh.pk]),
    )  # fmt: skip


def _where_they_differ(*values: str) -> list[str]:
    """Of long words what stands around the first difference: a letter's text begins alike."""
    words = [" ".join(one.split()) for one in values]
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*words, strict=False)))
    start = max(alike - LONGEST // 4, 0) if max(map(len, words)) > LONGEST else 0
    start = words[0].rfind(" ", 0, start) + 1 if start else 0
    return [("… " if start else "") + cut(one[start:], LONGEST) for one in words]


class _Words:
    """Names and values of both sheets as the page says them."""

    def __init__(self, mine: Typed, theirs: Typed) -> None:
        self.rows = {kind: {row["id"]: row for row in (*theirs[kind], *mine[kind])} for kind in ROWS}
        self.numbers = {
            kind: {row["id"]: place for sheet in (theirs, mine) for place, row in enumerate(sheet[kind], 1)}
            for kind in ROWS
        }
        self.codes = code_words()

    def label(self, name: str) -> str:
        kind, _, rest = name.partition("-")
        if not rest:
            return field_label(name)
        if rest == ORDER:
            return ORDER_OF[kind]
        key, _, part = rest.partition("-")
        row = f"{ROW_NAMES[kind]} {self.numbers[kind][key]}"
        return f"{row}: {field_label(part)}" if part else row

    def of(self, one: Difference, value: Any) -> str:
        kind, _, rest = one.name.partition("-")
        if rest == ORDER:
            words = ", ".join(f"{place}. {cut(self._called(kind, key), 60)}" for place, key in enumerate(value, 1))
        elif value is None:
            return GONE
        elif not rest:
            words = self._coded(one.name, value)
        elif "-" not in rest:
            words = self._called(kind, rest, value)
        else:
            words = self._part(value)
        return words if words.strip() else NONE

    def _called(self, kind: str, key: str, row: dict | None = None) -> str:
        row = row or self.rows[kind][key]
        return " ".join(
            next((self._coded(name, row[name]) for name in CALLED if row.get(name, "").strip()), NONE).split()
        )

    def _part(self, value: dict[str, Any]) -> str:
        if "target" in value:
            names = zip_padded(value["target"], value["target_kind"], value["target_parent"])
            return ", ".join(
                name + "".join(f" ({self._coded('target_kind', more)})" for more in (kind, parent and f"part of {parent}") if more)
                for name, kind, parent in names
                if name.strip()
            )  # fmt: skip
        if "responsible" in value:
            roles = [(name, self._coded(name, value[name])) for name in ("responsible", "consulted")]
            return "; ".join(f"{role}: {agencies}" for role, agencies in roles if agencies)
        name, first = next(iter(value.items()))
        more = ", confirmed" if first and value.get("confirmed") else ""
        return self._coded(name, first) + more

    def _coded(self, name: str, value: str | list[str]) -> str:
        known = self.codes.get(name, {})
        return (
            join_names([known.get(one, one) for one in value]) if isinstance(value, list) else known.get(value, value)
        )
