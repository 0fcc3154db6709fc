"""How one resource is read in one scope: which rows, filtered how, in which order, shown as what."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django_filters import FilterSet

from letters.api.expanding import EACH, MOST, Expansion, expand
from letters.api.links import Links
from letters.api.parameters import LIMIT, PAGE_CURSOR, Asked, Parameter, as_data, not_found, of_filters
from letters.api.problems import refuse_parameters
from letters.domain.keyset import Order
from letters.errors import Problem
from letters.filter_fields import TOO_MANY
from letters.filters import too_many

Row = Any  # a named tuple of `Source.columns`
ORDER_ABOUT = "The order of the list. Rows without the date come last either way."


@dataclass(frozen=True, eq=False)
class Source:
    """One resource as one scope sees it. `build` gets a page of rows and may ask a fixed number of queries more."""

    visible: Callable[[], QuerySet]
    columns: tuple[str, ...]
    build: Callable[[Sequence[Row], Links], list[dict]]
    orders: Mapping[str, Order]  # the first is the usual one
    filters: type[FilterSet] | None = None
    about: Mapping[str, str] = field(default_factory=dict)  # of each filter, for schema and docs
    office_orders: tuple[str, ...] = ()  # orders that a public key may not use
    office_only: Mapping[str, str] = field(default_factory=dict)  # filters a public key may not use, and why
    detail: Callable[[Row, dict, Links], dict] | None = None
    listed: Callable[[QuerySet], QuerySet] = lambda rows: rows  # what of it a list shows
    expansions: Mapping[str, Expansion] = field(default_factory=dict)  # what `expand=` understands
    office_expansions: tuple[str, ...] = ()  # what it understands for other keys
    hot_orders: tuple[str, ...] = ()  # asked for so often that their statements are kept (`hot`); each is by days

    @cached_property
    def filtering(self) -> tuple[Parameter, ...]:
        """What its filters understand."""
        return of_filters(self.filters, self.about) if self.filters else ()

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Everything its list understands."""
        ordering = ()
        if len(self.orders) > 1:
            usual = next(iter(self.orders))
            ordering = (
                Parameter(
                    "order", "choice", ORDER_ABOUT, tuple(self.orders), default=usual, office_only=self.office_orders
                ),
            )
        return (*self.filtering, *ordering, *self.expanding, LIMIT, PAGE_CURSOR)

    @cached_property
    def expanding(self) -> tuple[Parameter, ...]:
        """What its rows, in lists and alone, can be given with."""
        if not self.expansions:
            return ()
        names = "; ".join(f"`{name}`: {one.about}" for name, one in self.expansions.items())
        about = f"Give each row in `expanded` with up to {MOST} of these, of each list the newest {EACH}. {names}."
        return (
            Parameter(
                "expand", "choice", about, tuple(self.expansions), many=True, most=MOST, office_only=self.office_expansions
            ),
        )  # fmt: skip

    def show(self, rows: Sequence[Row], asked: Asked, links: Links) -> list[dict]:
        """Rows as a list shows them, with what was asked for besides."""
        shown = self.build(rows, links)
        names = asked.all("expand")
        return expand(self.expansions, names, rows, shown, links) if names else shown

    def alone(self, row: Row, links: Links) -> dict:
        """A row as its own address shows it."""
        (shown,) = self.build([row], links)
        return self.detail(row, shown, links) if self.detail else shown

    def order(self, asked: Asked) -> Order:
        """The order asked for, or the usual one."""
        return self.orders[self._order_name(asked)]

    def is_hot(self, asked: Asked) -> bool:
        """Whether its statements are kept, in the order asked for."""
        return self._order_name(asked) in self.hot_orders

    def _order_name(self, asked: Asked) -> str:
        return asked.get("order") or next(iter(self.orders))

    def found(self, asked: Asked) -> QuerySet:
        """The rows as models. Raises 400 for what the filters do not know."""
        rows = self.listed(self.visible())
        if self.filters and any(name in self.filters.base_filters for name, _ in asked.pairs):
            rows = _apply(self.filters, self.parameters, rows, asked)
        return rows

    def filtered(self, asked: Asked) -> QuerySet:
        """The rows a list is cut from, with what they are ordered by. Raises 400 for what the filters do not know."""
        order = self.order(asked)
        more = [name for name in (order.field, *order.ties) if name not in self.columns]
        return self.found(asked).values_list(*self.columns, *more, named=True)

    def shown(self, keys: Iterable[object], links: Links) -> dict[str, dict]:
        """Rows by their ids as text, as a list shows them; without those that this scope may not see."""
        rows = list(self.visible().filter(pk__in=set(keys)).values_list(*self.columns, named=True))
        return {str(row.pk): one for row, one in zip(rows, self.build(rows, links), strict=True)}

    def find(self, key: object, among: QuerySet | None = None) -> Row | None:
        """One row by its id, if this scope may see it; or `among` others."""
        rows = self.visible() if among is None else among
        return rows.filter(pk=key).values_list(*self.columns, named=True).first()


class _Data(dict):
    """Parameters as a form's widgets read them: the last one, or all."""

    def get(self, name: str, default: Any = None) -> Any:
        return self[name][-1] if name in self else default

    def getlist(self, name: str) -> list[str]:
        return super().get(name, [])


def _apply(filterset: type[FilterSet], known: tuple[Parameter, ...], rows: QuerySet, asked: Asked) -> QuerySet:
    applied = filterset(_Data(as_data(asked, set(filterset.base_filters))), queryset=rows)
    if applied.is_valid():
        return applied.qs
    by_name = {parameter.name: parameter for parameter in known}
    problems = []
    for name, messages in applied.errors.items():
        value = asked.get(name) or ""
        if any(error.code == TOO_MANY for error in applied.errors.as_data()[name]):
            problems.append(Problem(name, too_many(name, len(asked.all(name))), value))
        elif by_name[name].kind in ("key", "text"):
            problems.append(not_found(by_name[name], value))
        else:
            problems.append(Problem(name, f"{name}: “{value}”: {' '.join(messages)}", value))
    refuse_parameters(problems)
    return rows.none()
