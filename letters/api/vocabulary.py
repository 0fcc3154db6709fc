"""`GET /api/v1/vocabulary/`: every code with its words on screen. Open to all: it says nothing about any letter."""

from collections.abc import Iterable

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from letters import enums
from letters.api import parameters
from letters.api.open import OpenView
from letters.api.paging import json_response
from letters.api.resources import SOURCES
from letters.api.scopes import scope_of
from letters.api.sources import Source
from letters.domain.news import CHANGES
from letters.domain.tallies import NOBODY
from letters.enums import Scope
from letters.listing import SORTS
from letters.models.tasking_queries import NONE, UNMATCHED

# By the name of the field that carries them.
WORDS: dict[str, type] = {
    "status": enums.Status,
    "role": enums.TaskingRole,
    "stance": enums.Stance,
    "due_basis": enums.Basis,
    "said": enums.Said,
    "coverage": enums.Coverage,
    "response_kind": enums.ResponseKind,
    "response_channel": enums.Channel,
    "contact_channel": enums.ContactChannel,
    "evidence_kind": enums.EvidenceKind,
    "letter_state": enums.LetterState,
    "our_role": enums.OurRole,
    "access": enums.Access,
    "link_kind": enums.LinkKind,
    "match": enums.Match,
    "delivery": enums.Delivery,
    "agency_kind": enums.AgencyKind,
    "target_kind": enums.TargetKind,
    "closes_as": enums.ClosesAs,
    "chamber": enums.Chamber,
    "event_kind": enums.EventKind,
    "stream": enums.Stream,
    "user_role": enums.Role,
    "scope": enums.Scope,
    "term_unit": enums.TermUnit,
    "term_from": enums.TermFrom,
    "clock": enums.Clock,
    "system_process": enums.SystemProcess,
}


# What filters also take that go by names and slugs, where there is none.
WITHOUT = {
    "owner": {NOBODY: "nobody"},
    "lead": {NONE: "no signer marked as leading", UNMATCHED: "a lead who is matched to no member"},
    "topic": {NONE: "no topic"},
    "target": {NONE: "none named"},
}
ORDERS = {"due_on": "Soonest date first", "-due_on": "Latest date first", **{name: sort[0] for name, sort in SORTS.items()}}  # fmt: skip


def vocabulary(scope: Scope) -> dict[str, list[dict[str, str]]]:
    """Each code, in the order of the record, with what the screen says; then those of the filters that a scope has,
    as `filter_` and the filter's name, and of its orders."""
    words = {name: _pairs(choices.choices) for name, choices in WORDS.items()}  # type: ignore[attr-defined]
    for by_scope in SOURCES.values():
        if source := by_scope.get(scope):
            words |= _of_source(source, scope)
    return words


def _of_source(source: Source, scope: Scope) -> dict[str, list[dict[str, str]]]:
    found = {}
    for name, one in source.filters.base_filters.items() if source.filters else ():
        if choices := one.extra.get("choices"):
            found[f"filter_{name}"] = _pairs(choices)
        elif name in WITHOUT and scope == Scope.OFFICE:
            found[f"filter_{name}"] = _pairs(WITHOUT[name].items())
        elif name == "change":
            found["filter_change"] = _pairs((code, words) for code, (words, _) in CHANGES.items())
    if len(source.orders) > 1:
        found["order"] = _pairs((name, ORDERS[name]) for name in source.orders)
    return found


def _pairs(choices: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"code": str(code), "words": str(words)} for code, words in choices]


class VocabularyView(OpenView):
    """The codes and their words; without a key, with the filters that everybody's key has."""

    authentication_classes = APIView.authentication_classes

    def get(self, request: Request) -> HttpResponse:
        parameters.read(request, ())
        return json_response(vocabulary(scope_of(request) if request.user.is_authenticated else Scope.RELEASED))
