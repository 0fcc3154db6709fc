"""Which resource is read from where, for keys of each scope; and the rows that writes are about."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model, QuerySet

from letters.api.expanding import Expansion
from letters.api.office import beside, drafts, hanging, kept
from letters.api.office import letters as office_letters
from letters.api.office import reference as office_reference
from letters.api.office import responses as office_responses
from letters.api.office import targets as office_targets
from letters.api.office import taskings as office_taskings
from letters.api.released import hanging as public_hanging
from letters.api.released import letters as public_letters
from letters.api.released import reference as public_reference
from letters.api.released import targets as public_targets
from letters.api.released import taskings as public_taskings
from letters.api.sources import Source
from letters.domain import drafting, files, workflow
from letters.enums import Scope
from letters.models import (
    Addressee,
    Agency,
    Answer,
    Ask,
    AskKind,
    Closure,
    Letter,
    LetterLink,
    Official,
    Signature,
    StatutoryClock,
    Target,
    Tasking,
)


def _public(source: Source, public: Mapping[str, Expansion], office: Mapping[str, Expansion]) -> Source:
    """With what is public of it; what only the office may ask for is refused as that, not as unknown."""
    return replace(source, expansions=public, office_expansions=tuple(name for name in office if name not in public))


def _named(name: str, source: Source) -> Source:
    """With its name in its cursors: companies, laws and officials are all in order of their names."""
    return replace(source, orders={key: replace(order, of=name) for key, order in source.orders.items()})


_SOURCES: dict[str, dict[Scope, Source]] = {
    "letters": {
        Scope.OFFICE: replace(office_letters.SOURCE, expansions=hanging.OF_LETTERS),
        Scope.RELEASED: _public(public_letters.SOURCE, public_hanging.OF_LETTERS, hanging.OF_LETTERS),
    },
    "taskings": {
        Scope.OFFICE: replace(office_taskings.SOURCE, expansions=hanging.OF_TASKINGS),
        Scope.RELEASED: replace(
            _public(public_taskings.SOURCE, public_hanging.OF_TASKINGS, hanging.OF_TASKINGS),
            office_orders=tuple(set(office_taskings.SOURCE.orders) - set(public_taskings.SOURCE.orders)),
        ),
    },
    "agencies": {Scope.OFFICE: office_reference.AGENCIES, Scope.RELEASED: public_reference.AGENCIES},
    "legislators": {Scope.OFFICE: office_reference.MEMBERS, Scope.RELEASED: public_reference.MEMBERS},
    "targets": {Scope.OFFICE: office_targets.SOURCE, Scope.RELEASED: public_targets.SOURCE},
    "responses": {Scope.OFFICE: replace(office_responses.SOURCE, expansions=hanging.OF_RESPONSES)},
    "evidence": {Scope.OFFICE: beside.EVIDENCE},
    "contacts": {Scope.OFFICE: beside.CONTACTS},
    "notes": {Scope.OFFICE: beside.NOTES},
    "attachments": {Scope.OFFICE: beside.ATTACHMENTS},
    "officials": {Scope.OFFICE: kept.OFFICIALS},
    "kinds": {Scope.OFFICE: kept.KINDS},
    "statutes": {Scope.OFFICE: kept.STATUTES},
    "closures": {Scope.OFFICE: kept.CLOSURES},
    "drafts": {Scope.OFFICE: drafts.SOURCE},
}
SOURCES = {name: {scope: _named(name, source) for scope, source in scopes.items()} for name, scopes in _SOURCES.items()}


@dataclass(frozen=True)
class Rows:
    """Rows that a key may write to: never more than it may see."""

    visible: Callable[[], QuerySet]
    lock_with: Callable[[Any], Model] | None = None
    items_of: Callable[[Any], Iterable[Tasking]] | None = None  # held before the row itself, as everybody holds them

    def find(self, key: object) -> Model | None:
        """One of them by its id."""
        return self.visible().filter(pk=key).first()

    def lock(self, row: Any, named: Iterable[Model] = ()) -> Model:
        """As it is now, until the write is done. `named`: the rows that the write names besides. Where it is about items, a
        letter is held before them."""
        if self.items_of:
            named = list(named)
            for letter in sorted((one for one in named if isinstance(one, Letter)), key=lambda one: one.pk):
                drafting.lock_letter(letter)
            workflow.hold([*self.items_of(row), *(one for one in named if isinstance(one, Tasking))])
        if self.lock_with:
            return self.lock_with(row)
        return type(row).objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)


def _of_drafts(path: str) -> dict[str, Any]:
    return {f"{path}__in": drafts.visible().values("pk")}


def _of_letters(path: str) -> dict[str, Any]:
    return {f"{path}__in": Letter.objects.for_keys().values("pk")}


TARGETS: dict[str, Rows] = {
    "letters": Rows(Letter.objects.for_keys, drafting.lock_letter),
    "drafts": Rows(drafts.visible, drafting.lock_letter),
    "taskings": Rows(
        lambda: Tasking.objects.for_keys().select_related(
            "ask__letter", "ask__kind", "agency__parent__parent", "owner"
        ),
        workflow.lock,
        lambda row: [row],
    ),
    # what a reply says of a letter that a key may not see is no key's to change
    "responses": Rows(
        lambda: beside.whole_responses().select_related("agency"),
        items_of=lambda row: Tasking.objects.filter(answers__response=row),
    ),
    "answers": Rows(
        lambda: Answer.objects.filter(response__in=beside.whole_responses().values("pk")).select_related(
            "response", "tasking__ask__letter"
        ),
        items_of=lambda row: Tasking.objects.filter(answers__response=row.response_id),
    ),
    "evidence": Rows(
        lambda: beside.visible_evidence().select_related("tasking__ask__letter", "response"),
        items_of=lambda row: [row.tasking],
    ),
    "attachments": Rows(lambda: beside.visible_files().select_related("letter", "response"), files.hold),
    "contacts": Rows(beside.visible_contacts, items_of=lambda row: row.taskings.all()),
    "asks": Rows(lambda: Ask.objects.filter(**_of_drafts("letter")).select_related("letter", "kind")),
    "draft-signatures": Rows(lambda: Signature.objects.filter(**_of_drafts("letter")).select_related("letter")),
    "draft-addressees": Rows(
        lambda: Addressee.objects.filter(**_of_drafts("letter")).select_related("letter", "agency")
    ),
    "addressees": Rows(lambda: Addressee.objects.filter(**_of_letters("letter")).select_related("letter")),
    "links": Rows(
        lambda: LetterLink.objects.filter(**_of_letters("letter"), **_of_letters("to_letter")).select_related(
            "letter", "to_letter"
        )
    ),
    "agencies": Rows(lambda: Agency.objects.visible_to(None)),
    "targets": Rows(lambda: Target.objects.visible_to(None)),
    "officials": Rows(lambda: Official.objects.filter(agency__in=Agency.objects.visible_to(None).values("pk"))),
    "kinds": Rows(AskKind.objects.all),
    "statutes": Rows(StatutoryClock.objects.all),
    "closures": Rows(Closure.objects.all),
}
# What was just made may stand in no letter yet, and so in no list.
WRITTEN: dict[str, Callable[[], QuerySet]] = {
    "agencies": lambda: Agency.objects.visible_to(None),
    "targets": lambda: Target.objects.visible_to(None),
    "officials": TARGETS["officials"].visible,
}
