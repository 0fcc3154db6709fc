"""What agencies said: recording a reply, saying how it bears on each open item, and what proves an outcome."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from letters.domain import clocks, payloads
from letters.domain.access import EDIT, Actor, require
from letters.domain.history import acting, record_event
from letters.domain.rules import (
    check_known,
    check_not_future,
    check_order,
    check_required,
    check_text,
    check_url,
    refuse_if,
)
from letters.domain.workflow import lock
from letters.enums import Channel, Coverage, EventKind, EvidenceKind, ResponseKind, Stance, Status
from letters.errors import Problem
from letters.models import Agency, Answer, Evidence, EvidenceTarget, Official, Response, Target, Tasking, User
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


@transaction.atomic
def record_response(
    *,
    by: Actor,
    agency: Agency,
    kind: str,
    received_on: dt.date,
    bearings: Sequence[Bearing],
    channel: str = Channel.LETTER,
    sent_on: dt.date | None = None,
    official: Official | None = None,
    responder: str = "",
    text: str = "",
    control_number: str = "",
    held_elsewhere: str = "",
) -> Response:
    """Keep one reply and which open items it bears on; at least one. Statuses move by `transition`.

    The reply may come from the agency asked, from a bureau of it, or from the bureau that would act.
    Raises RecordError with every problem found.
    """
    for bearing in bearings:
        require(by, EDIT, bearing.tasking.ask.letter)
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
    refuse_if(problems)

    with acting(by):
        response = Response.objects.create(
            agency=agency, official=official, responder=responder or (official.name if official else ""), channel=channel,
            kind=kind, sent_on=sent_on, received_on=received_on, text=text, control_number=control_number,
            held_elsewhere=held_elsewhere,
        )  # fmt: skip
        # in one order, so that two replies about the same items wait for each other instead of both
        for bearing in sorted(bearings, key=lambda b: (b.tasking.ask_id, b.tasking.pk)):
            add_answer(response, bearing, by=by)
        return response


def add_answer(response: Response, bearing: Bearing, *, by: Actor) -> Answer:
    """Let a recorded reply bear on one more item. Inside a transaction."""
    tasking = lock(bearing.tasking)
    answer = Answer.objects.create(
        response=response,
        tasking=tasking,
        quote=bearing.quote,
        page=bearing.page,
    )
    record_event(
        EventKind.RESPONSE_RECORDED,
        by=by, letter=tasking.ask.letter, tasking=tasking,
        payload={
            **payloads.tasking_state(tasking), "response": str(response.pk), "kind": response.kind,
            "channel": response.channel, "received_on": response.received_on.isoformat(),
            "from_agency": response.agency.slug,
        },
    )  # fmt: skip
    if bearing.coverage is not None:
        _assess(answer, tasking, bearing.coverage, bearing.stance, by=by)
    touch(tasking, by=by)
    return answer


@transaction.atomic
def assess(
    answer: Answer,
    *,
    coverage: str,
    by: Actor,
    stance: str = Stance.UNKNOWN,
    quote: str | None = None,
    page: str | None = None,
    expected_version: int | None = None,
) -> Answer:
    """Say what a received reply says about one item: in full, in part, or not at all, and the agency's stance."""
    require(by, EDIT, answer.tasking.ask.letter)
    refuse_if(
        [
            *check_known("coverage", "Coverage", coverage, Coverage),
            *check_known("stance", "Stance", stance, Stance),
            *check_text("quote", "The quote", quote, 10_000),
            *check_text("page", "The page", page, 20),
            *([Problem("quote", HELD_ELSEWHERE, quote)] if quote and answer.response.held_elsewhere else []),
        ]
    )
    with acting(by):
        tasking = lock(answer.tasking, expected_version=expected_version)
        if quote is not None:
            answer.quote = quote
        if page is not None:
            answer.page = page
        _assess(answer, tasking, coverage, stance, by=by)
        touch(tasking, by=by)
        return answer


def _assess(answer: Answer, tasking: Tasking, coverage: str, stance: str, *, by: Actor) -> None:
    answer.coverage, answer.stance = coverage, stance
    answer.assessed_at = timezone.now()
    answer.assessed_by = by if isinstance(by, User) else None
    answer.save()
    if stance != Stance.UNKNOWN:
        tasking.stance = stance
        tasking.save(update_fields=["stance"])
    clocks.settle_answered(tasking)
    record_event(
        EventKind.ANSWER_ASSESSED,
        by=by, letter=tasking.ask.letter, tasking=tasking,
        payload={
            **payloads.tasking_state(tasking), "response": str(answer.response_id), "coverage": coverage, "stance": stance,
        },
    )  # fmt: skip


@transaction.atomic
def add_evidence(
    tasking: Tasking,
    *,
    kind: str,
    by: Actor,
    citation: str = "",
    url: str = "",
    seen_on: dt.date | None = None,
    response: Response | None = None,
    targets: Iterable[Target] = (),
    expected_version: int | None = None,
) -> Evidence:
    """Keep what proves an outcome: a citation, a list entry, a page with the day it was seen, or a reply."""
    require(by, EDIT, tasking.ask.letter)
    targets = list(targets)
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
    if kind == EvidenceKind.RESPONSE and response is None:
        problems.append(Problem("response", "Which reply proves it? Choose one recorded for this item.", None))
    if response is not None and not response.answers.filter(tasking=tasking).exists():
        problems.append(
            Problem("response", "That reply is about other items. Choose one recorded for this item.", str(response.pk))
        )
    asked = set(tasking.ask.targets.values_list("pk", flat=True))
    for target in targets:
        if target.pk not in asked:
            problems.append(
                Problem(
                    "targets", f"{target} is not among the companies, persons or programs of this ask.", target.slug
                )
            )
    refuse_if(problems)
    with acting(by):
        tasking = lock(tasking, expected_version=expected_version)
        evidence = Evidence.objects.create(
            tasking=tasking, kind=kind, response=response, citation=citation.strip(), url=url.strip(), seen_on=seen_on
        )
        EvidenceTarget.objects.bulk_create(EvidenceTarget(evidence=evidence, target=target) for target in targets)
        record_event(
            EventKind.EVIDENCE_ADDED,
            by=by, letter=tasking.ask.letter, tasking=tasking,
            payload={
                **payloads.tasking_state(tasking), "evidence": str(evidence.pk), "kind": kind, "citation": evidence.citation,
                "url": evidence.url, "seen_on": seen_on.isoformat() if seen_on else None,
                "targets": [target.slug for target in targets],
            },
        )  # fmt: skip
        touch(tasking, by=by)
        return evidence


def touch(tasking: Tasking, *, by: Actor) -> None:
    """Somebody did something about it: the version moves, and for a person the "untouched" clock restarts."""
    tasking.version += 1
    fields = ["version"]
    if isinstance(by, User):
        tasking.touched_at = timezone.now()
        fields.append("touched_at")
    tasking.save(update_fields=fields)


def may_answer(agency: Agency, tasking: Tasking) -> bool:
    """Whether a reply of `agency` may answer the tasking: the agency asked, a bureau of it, or the one that would act."""
    return tasking.agency.includes(agency) or agency.includes(tasking.agency) or agency.pk == tasking.acting_agency_id


def _check_bearing(bearing: Bearing, agency: Agency, received_on: dt.date | None) -> list[Problem]:
    tasking = bearing.tasking
    problems = [
        *check_text("quote", "The quote", bearing.quote, 10_000),
        *check_text("page", "The page", bearing.page, 20),
        *check_known("stance", "Stance", bearing.stance, Stance),
        *check_order("received_on", "The day it was received", received_on, "the day this was asked", tasking.asked_on),
    ]
    if bearing.coverage is not None:
        problems += check_known("coverage", "Coverage", bearing.coverage, Coverage)
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
