"""Whose word a promise, a pause or an end is: the agency of the reply that says so, and not always the one that was asked.

A bureau that would act may answer for an agency of another house. What it told us is said in its own name, and leaves
for nobody but its own house.
"""

import uuid
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Subquery

from letters.domain.said import ANSWERS_NOTHING
from letters.enums import PROOF_KINDS, EvidenceKind, Said, Status
from letters.models import Answer, Evidence
from letters.models.tasking_queries import TaskingQuerySet

YOU = "you"


def with_speakers(found: TaskingQuerySet, house: frozenset[uuid.UUID] | None = None) -> TaskingQuerySet:
    """Annotate who promised and who asked something of us, key and name; null: a person entered it without a reply.

    For a hand-over to a house also what was told by others: `promised_elsewhere`, `ever_promised_elsewhere`,
    `asked_elsewhere`.
    """
    promised, asked = _said(Said.PROMISED), _said(Said.NEEDS_US)
    found = found.annotate(
        promised_by=_agency_of(promised), promised_by_name=_agency_of(promised, "__short_name"),
        asked_by=_agency_of(asked), asked_by_name=_agency_of(asked, "__short_name"),
    )  # fmt: skip
    if house is None:
        return found
    return found.annotate(
        promised_elsewhere=_elsewhere("promised_by", house),
        ever_promised_elsewhere=Exists(promised.exclude(response__agency__in=house)),
        asked_elsewhere=_elsewhere("asked_by", house),
    )


def ended_by(found: TaskingQuerySet, house: frozenset[uuid.UUID]) -> TaskingQuerySet:
    """Those whose end this house knows of: its own reply says so, or something proves it that others did not tell us."""
    proving = _standing().filter(response__kind__in=PROOF_KINDS).exclude(said__in=ANSWERS_NOTHING)
    proofs = Evidence.objects.filter(tasking=OuterRef("pk"), in_error_at__isnull=True).order_by()
    told = proofs.exclude(Q(kind=EvidenceKind.RESPONSE) & ~Q(response__agency__in=house))
    done = Q(status=Status.IMPLEMENTED)
    return found.alias(end_by=_agency_of(proving)).filter((done & Exists(told)) | (~done & Q(end_by__in=house)))


def who(key: uuid.UUID | None, name: str | None, reader: uuid.UUID) -> str:
    """The one who told us, to a reader: “you”, or another agency by its name."""
    return str(name) if key and key != reader else YOU


def _standing() -> Any:
    """What was read of an item, the last to come first; none of a reply entered in error."""
    found = Answer.objects.filter(tasking=OuterRef("pk"), coverage__isnull=False, response__in_error_at__isnull=True)
    return found.order_by("-response__received_on", "-recorded_at")


def _said(what: Said) -> Any:
    return _standing().filter(said=what)


def _agency_of(answers: Any, part: str = "") -> Subquery:
    return Subquery(answers.values(f"response__agency{part}")[:1])


def _elsewhere(by: str, house: frozenset[uuid.UUID]) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**{f"{by}__isnull": False}) & ~Q(**{f"{by}__in": house}), output_field=BooleanField())
