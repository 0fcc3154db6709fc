"""What a sound reply looks like, and whose reply may answer what. Checks that the verbs of replies call before they write."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from letters.domain import clocks
from letters.domain.rules import check_known, check_not_future, check_order, check_required, check_text, check_url
from letters.enums import Channel, Coverage, EvidenceKind, ResponseKind, Said, Stance, Status
from letters.errors import Problem
from letters.models import Agency, Question, Target, Tasking
from letters.models.base import MAX_TEXT

HELD_ELSEWHERE = "A reply held elsewhere keeps none of its words here. Remove the quote."


@dataclass(frozen=True)
class Bearing:
    """How a reply bears on one tasking. Coverage None: received, not yet read."""

    tasking: Tasking
    coverage: str | None = None
    stance: str = Stance.UNKNOWN
    quote: str = ""
    page: str = ""
    said: str = ""
    questions: Collection[Question] = ()
    targets: Collection[Target] = ()
    promised_on: dt.date | None = None  # the day it promises, kept with what was read of it


def may_answer(agency: Agency, tasking: Tasking) -> bool:
    """Whether a reply of `agency` may answer the tasking: the agency asked, a bureau of it, or the one that would act."""
    return tasking.agency.includes(agency) or agency.includes(tasking.agency) or agency.pk == tasking.acting_agency_id


def answerable_by(agency: Agency, agencies: Iterable[Agency]) -> Q:
    """The taskings that a reply of `agency` may answer, as a condition: `may_answer` for a whole list.

    `agencies` are all there are, with their parents, so that the tree is read once.
    """
    near = [other.pk for other in agencies if other.includes(agency) or agency.includes(other)]
    return Q(agency__in=near) | Q(acting_agency=agency)


def check_reply(
    *,
    agency: Agency,
    kind: str,
    channel: str,
    received_on: dt.date | None,
    bearings: Sequence[Bearing],
    sent_on: dt.date | None = None,
    responder: str = "",
    text: str = "",
    control_number: str = "",
    held_elsewhere: str = "",
) -> list[Problem]:
    """Everything wrong with a reply as it would be recorded."""
    today = clocks.office_today()
    problems = [
        *check_required(
            "received_on", "The day it was received", received_on, "Enter the day the reply reached the office."
        ),
        *check_not_future("received_on", "The day it was received", received_on, today),
        *check_order("received_on", "The day it was received", received_on, "the day it was sent", sent_on),
        *check_text("text", "The reply’s text", text, MAX_TEXT),
        *check_text("responder", "Who replied", responder, 200),
        *check_text("control_number", "The agency’s number", control_number, 60),
        *check_text("held_elsewhere", "Where it is held", held_elsewhere, 300),
        *check_known("kind", "Kind of reply", kind, ResponseKind),
        *check_known("channel", "Channel", channel, Channel),
    ]
    if held_elsewhere and any(bearing.quote for bearing in bearings):
        problems.append(Problem("quote", HELD_ELSEWHERE, ""))
    if held_elsewhere and text:
        problems.append(
            Problem("text", "A reply held elsewhere keeps no text here. Remove the text, or where it is held.", text)
        )
    if not bearings:
        problems.append(Problem("bearings", "A reply bears on at least one open item. Tick the items it is about.", []))
    if len({bearing.tasking.pk for bearing in bearings}) < len(bearings):
        problems.append(Problem("bearings", "The reply is ticked twice for one item. Tick each item once.", None))
    for bearing in bearings:
        problems += _check_bearing(bearing, agency, received_on)
    return problems


def check_reading(coverage: str | None, stance: str, said: str, quote: str | None, page: str | None) -> list[Problem]:
    """Everything wrong with what a reply is said to say about one item."""
    problems = [
        *check_text("quote", "The quote", quote, 10_000),
        *check_text("page", "The page", page, 20),
        *check_known("stance", "Stance", stance, Stance),
    ]
    if coverage is not None:
        problems += check_known("coverage", "Coverage", coverage, Coverage)
    if said:
        problems += check_known("said", "What they said", said, Said)
    if said == Said.RECEIVED and coverage == Coverage.FULL:
        message = "That our letter came answers nothing of it. Choose “does not answer”, or what else they said."
        problems.append(Problem("coverage", message, coverage))
    return problems


def check_evidence(kind: str, citation: str, url: str, seen_on: dt.date | None) -> list[Problem]:
    """Everything wrong with what is said to prove an outcome: it says where that can be read."""
    problems = [
        *check_text("citation", "The citation", citation, 500),
        *check_url("url", "The address of the page", url),
        *check_not_future("seen_on", "The day it was seen", seen_on, clocks.office_today()),
    ]
    if kind not in EvidenceKind.values:
        problems.append(
            Problem("evidence", f"Kind of evidence: “{kind}” is not one of {', '.join(EvidenceKind.values)}.", kind)
        )
    if kind in (EvidenceKind.FEDERAL_REGISTER, EvidenceKind.LIST_ENTRY):
        problems += check_required(
            "citation",
            "The citation",
            citation,
            "Give it as printed, for example “85 FR 51596” or the list and entry number.",
        )
    if kind == EvidenceKind.URL:
        problems += check_required("url", "The address of the page", url, "Paste it from the browser.")
        problems += check_required("seen_on", "The day it was seen", seen_on, "Pages change: enter the day it said so.")
    return problems


def _check_bearing(bearing: Bearing, agency: Agency, received_on: dt.date | None) -> list[Problem]:
    tasking = bearing.tasking
    problems = [
        *check_reading(bearing.coverage, bearing.stance, bearing.said, bearing.quote, bearing.page),
        *check_order("received_on", "The day it was received", received_on, "the day this was asked", tasking.asked_on),
    ]
    if tasking.status == Status.DRAFT:
        problems.append(Problem("bearings", f"“{tasking.ask}” has not been sent yet, so nothing answers it.", None))
    if not may_answer(agency, tasking):
        problems.append(
            Problem(
                "agency",
                f"{agency} was not asked for “{tasking.ask}”; {tasking.agency} was. "
                f"Choose {tasking.agency} or a bureau of it, or record that the item was passed on.",
                agency.slug,
            )
        )
    return problems
