"""`GET /api/v1/vocabulary/`: every code with its words on screen. Open to all: it says nothing about any letter."""

from django.http import HttpResponse
from rest_framework.request import Request

from letters import enums
from letters.api import parameters
from letters.api.open import OpenView
from letters.api.paging import json_response

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


def vocabulary() -> dict[str, list[dict[str, str]]]:
    """Each code, in the order of the record, with what the screen says."""
    return {
        name: [{"code": code, "words": str(words)} for code, words in choices.choices]  # type: ignore[attr-defined]
        for name, choices in WORDS.items()
    }


class VocabularyView(OpenView):
    """The codes and their words."""

    def get(self, request: Request) -> HttpResponse:
        parameters.read(request, ())
        return json_response(vocabulary())
