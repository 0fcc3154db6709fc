"""Rows that an address names by their codes, of every kind in one query: each kind by itself would cost one more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from letters.filter_fields import EACH_MOST

# As `str` of a user has it.
FULL_NAME = Coalesce(
    NullIf(Trim(Concat("first_name", Value(" "), "last_name")), Value("")), "username", output_field=CharField()
)


@dataclass(frozen=True)
class Kind:
    """The rows that one filter may name, the column of their code, what they are called, and values that name none."""

    rows: QuerySet
    code: str
    words: str | Combinable
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Named:
    """A row that an address names."""

    pk: Any
    code: str
    words: str

    def row(self, kind: Kind) -> Any:
        """As a model, of which nothing else is read: its words are a column of it."""
        model = kind.rows.model
        known = {model._meta.pk.attname: self.pk, kind.code: self.code, str(kind.words): self.words}
        columns = [one.attname for one in model._meta.concrete_fields if one.attname in known]
        return model.from_db(kind.rows.db, columns, [known[column] for column in columns])


def look_up(kinds: Mapping[str, Kind], data: Any) -> dict[str, dict[str, Named]]:
    """By the filter, the rows that its values name, by their code."""
    found: dict[str, dict[str, Named]] = {name: {} for name in kinds}
    parts = []
    for name, kind in kinds.items():
        if codes := [code for code in _given(data, name) if code not in kind.apart]:
            words = F(kind.words) if isinstance(kind.words, str) else kind.words
            rows = kind.rows.order_by().filter(**{f"{kind.code}__in": codes})
            rows = rows.annotate(of_filter=Value(name, output_field=CharField()), in_words=words)
            parts.append(rows.values_list("of_filter", "pk", kind.code, "in_words"))
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else (parts or [()])[0]
    for name, pk, code, words in rows:
        found[name][code] = Named(pk, code, words)
    return found


def _given(data: Any, name: str) -> list[str]:
    """What may be a code, the last first: of several the last one counts, and more than `EACH_MOST` are refused."""
    values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""]
    # some fields read a value without the blanks around it
    codes = dict.fromkeys(code for value in reversed(values) for code in (value, value.strip()))
    return [code for code in codes if code and "\0" not in code][:EACH_MOST]
