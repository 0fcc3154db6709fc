"""Taskings for the office: one query for the rows, one for the targets of all of them."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery

from letters.api.links import Links
from letters.api.office.reference import visible_agencies
from letters.api.office.targets import visible_targets
from letters.api.sources import Row, Source
from letters.domain import prepared
from letters.domain.clocks import office_today
from letters.domain.deadlines import Explanation
from letters.domain.keyset import Order
from letters.domain.news import CHANGES
from letters.enums import PAUSED_STATUSES, Clock
from letters.filter_fields import EachFilter, NamedFilter
from letters.filters import TaskingFilter
from letters.listing import SORTS
from letters.models import AskTarget, DueDate, Letter, Pause, Renewal, Tasking
from letters.models.tasking_queries import NONE

COLUMNS = (
    *("pk", "status", "role", "stance", "due_on", "due_basis", "days_past", "has_unread", "asked_on", "answered_on"),
    *("promised_on", "review_on", "snoozed_until", "version", "owner__username"),
    *("original_due_on", "extended_to", "ack_due_on", "acknowledged_on", "passed_to_id"),
    *("ask_id", "ask__number", "ask__summary", "ask__quote", "ask__instrument", "ask__requested_list"),
    *("ask__requested_by", "ask__statute__code", "ask__kind__code", "ask__kind__name"),
    *("agency_id", "agency__slug", "agency__name", "agency__short_name"),
    *("acting_agency_id", "acting_agency__slug", "acting_agency__name", "acting_agency__short_name"),
    *("ask__letter_id", "ask__letter__reference", "ask__letter__subject", "ask__letter__sent_on"),
)

ABOUT = {
    "q": "Words of the ask, the letter, its companies, persons and programs, its signers, its numbers; “phrases” in quotes.",
    "ours": "What the office had to do with the letter: led, co-led or follows it (led), or only co-signed it; all when not given.",
    "state": "Open or closed items; both when not given.",
    "agency": "The slug of the agency asked. GET /api/v1/agencies/ lists them.",
    "acting": "The slug of the bureau that would act, such as ofac. GET /api/v1/agencies/ lists them.",
    "kind": "The code of the kind of ask, such as sanction or briefing; each row carries its own.",
    "status": "Any of these statuses; may be given more than once.",
    "owner": "The user name of the owner; “nobody” for items without one.",
    "signatory": "The Bioguide ID of a member who signed. GET /api/v1/legislators/ lists them.",
    "target": "The slug of a company, person or program, which GET /api/v1/targets/ lists; -none- for items about none. Given twice: both.",
    "letter": "The letter’s reference, such as 2023-0001.",
    "lead": "The Bioguide ID of a member who led the letter; -none- for letters without a lead, -unmatched- where the lead is matched to no member. Given twice: led by both.",
    "co_signer": "The Bioguide ID of a member who signed the letter and did not lead it. Given twice: both.",
    "topic": "The slug of a topic the office files the letter under; -none- for letters without one. Given twice: both.",
    "ask": "The number of the ask in its letter; with “letter”, one ask.",
    "asked_after": "First asked on this day or later.",
    "asked_before": "First asked on this day or earlier.",
    "waited": "How long ago it was first asked, in calendar days.",
    "since": "Something about it was recorded after this moment: 2026-11-27T14:05:00Z, or a day.",
    "change": "What was recorded about it, since “since” where that is given: "
    + ", ".join(CHANGES)
    + ". Given twice: both.",
    "late": "Past their date, by what the date rests on; any counts all of them.",
    "due_basis": "What their date rests on; yardstick: nobody set a date that counts now, so the office’s usual wait does.",
    "deadline": "Whether a deadline was set, whatever counts now: set (the ask has a date, its letter or a later one that repeats it a date or a term, or a law gives one), or none: the letter sets no deadline.",
    "answered": "Whether they answered by the date that counts now (“due_basis”): in_time, not_in_time, or judged for both. Neither is an item that still has time, or whose clock stands still. A promise is kept by an answer or a deed that closes the item.",
    "acknowledged": "Whether their first word came by “acknowledgement_due_on”; judged for both.",
    "replied": "What their replies say of the item, by the one that says most: full (it satisfied the reply clock), partial, evades (it does not answer), unread, before (read before the item was reopened), or nothing (no reply, or a receipt only).",
    "more_time": "Given more time than its date first was, or not.",
    "late_original": "Given more time, and answered after the date before it, or not answered though that date has passed; or the others.",
    "age": "How long past their date, in calendar days.",
    "due": "A reply is owed within 7 days (week) or within 30 days (month), today included.",
    "due_after": "Due on this day or later.",
    "due_before": "Due on this day or earlier.",
    "running": "A reply is owed and its clock runs; or the others: closed, consulted, answered, waiting on the office.",
    "role": "lead: the agency owes the reply. consulted: it owes nothing and has no clock.",
    "promised": "They named a day for it, and it is not done: promised, or partly done where that day is the date of the rest; or the others.",
    "unread": "With a reply that nobody has read yet, or without one.",
    "untouched": "Open, and nobody has done anything about them for 90 days; or the others.",
    "to_review": "The agency took no position and the day to look again has come; or the others.",
}


def _known_targets(values: list[str]) -> None:
    named = set(values) - {NONE}
    if named and visible_targets().filter(slug__in=named).count() < len(named):
        raise ValidationError("None of this slug is known.")


class OfficeTaskingFilter(TaskingFilter):
    """The pages' filters; what only a restricted letter names is as unknown as what is not there."""

    agency = NamedFilter(queryset=lambda request: visible_agencies(), to_field_name="slug")
    acting = NamedFilter(field_name="acting_agency", queryset=lambda request: visible_agencies(), to_field_name="slug")
    target = EachFilter(narrows="about", max_length=120, validators=[_known_targets])


def visible() -> QuerySet:
    """What a key of the office may see, with lateness as of today."""
    return Tasking.objects.for_keys().with_clock(office_today())


def build(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows as the API shows them."""
    targets = targets_of({row.ask_id for row in rows})
    return [_shown(row, targets.get(str(row.ask_id), []), links) for row in rows]


def targets_of(asks: set) -> dict[str, list[dict]]:
    """The targets of each ask, in its order, in one query; ids as text."""
    found: dict[str, list[dict]] = {}
    for ask, key, slug, name, kind in prepared.fetch(_targets(), [_array(asks)]) if asks else ():
        found.setdefault(ask, []).append({"id": key, "slug": slug, "name": name, "kind": kind})
    return found


def _array(keys: set) -> str:
    """As PostgreSQL writes an array of UUIDs: psycopg would look at each of a hundred for what has to be quoted."""
    return "{" + ",".join(map(str, keys)) + "}"


@cache
def _targets() -> prepared.Statement:
    one = uuid.UUID(int=1)
    rows = AskTarget.objects.filter(ask=one).order_by("ask_id", "position", "pk")
    made = prepared.compiled(
        rows.values_list("ask_id", "target_id", "target__slug", "target__name", "target__kind"), [one]
    )
    return replace(made, sql=made.sql.replace("= (%s)", "= ANY(%s::uuid[])").replace("= %s", "= ANY(%s::uuid[])"))


def _shown(row: Row, targets: list[dict], links: Links) -> dict:
    return {
        "id": row.pk,
        "url": links.to("taskings", row.pk),
        "page_url": links.item_page(row.pk),
        "status": row.status,
        "role": row.role,
        "stance": row.stance,
        "due_on": row.due_on,
        "due_basis": row.due_basis,
        "original_due_on": row.original_due_on,
        "extended_to": row.extended_to,
        "acknowledgement_due_on": row.ack_due_on,
        "acknowledged_on": row.acknowledged_on,
        "late": row.days_past is not None,
        "days_past": row.days_past,
        "asked_on": row.asked_on,
        "answered_on": row.answered_on,
        "promised_on": row.promised_on,
        "review_on": row.review_on,
        "snoozed_until": row.snoozed_until,
        "has_unread_reply": row.has_unread,
        "owner": row.owner__username,
        "passed_to": row.passed_to_id,
        "ask": {
            "id": row.ask_id,
            "number": row.ask__number,
            "summary": row.ask__summary,
            "quote": row.ask__quote,
            "instrument": row.ask__instrument,
            "requested_list": row.ask__requested_list,
            "requested_by": row.ask__requested_by,
            "statute": row.ask__statute__code,
        },
        "kind": {"code": row.ask__kind__code, "name": row.ask__kind__name},
        "agency": agency(row.agency_id, row.agency__slug, row.agency__name, row.agency__short_name),
        "acting_agency": agency(
            row.acting_agency_id, row.acting_agency__slug, row.acting_agency__name, row.acting_agency__short_name
        ),
        "targets": targets,
        "letter": {
            "id": row.ask__letter_id,
            "reference": row.ask__letter__reference,
            "subject": row.ask__letter__subject,
            "sent_on": row.ask__letter__sent_on,
        },
        "version": row.version,
    }


def detail(row: Row, shown: dict, links: Links) -> dict:
    """With the later letters that repeat it, what its dates rest on, and what they were before."""
    return {**shown, "renewals": _renewals_of(row.pk), "dates": dates_of([row.pk]).get(str(row.pk), [])}


def _renewals_of(tasking: Any) -> list[dict]:
    """Which of the letters that a key may see ask for it again, in order; one entered in error repeats nothing."""
    renewals = Renewal.objects.filter(tasking=tasking, letter__in=Letter.objects.for_keys().sent().values("pk"))
    found = renewals.order_by("renewed_on", "pk").values_list("letter_id", "renewed_on", "quote")
    return [{"letter": letter, "renewed_on": on, "quote": quote} for letter, on, quote in found]


def dates_of(taskings: list) -> dict[str, list[dict]]:
    """Each value that the clocks of these items have had, newest first, with why; ids as text. Of a reply clock that stands
    still, the last one says since when."""
    found: dict[str, list[dict]] = {}
    stands = Pause.objects.filter(
        tasking=OuterRef("tasking"), ended_on__isnull=True, tasking__status__in=PAUSED_STATUSES
    )
    told = set()
    for key, clock, value, basis, explanation, recorded, stopped in (
        DueDate.objects.filter(tasking__in=taskings)
        .order_by("-recorded_at", "clock", "-revision")
        .annotate(stopped=Subquery(stands.values("started_on")[:1]))
        .values_list("tasking_id", "clock", "value", "basis", "explanation", "recorded_at", "stopped")
    ):
        is_now = clock == Clock.SUBSTANTIVE and key not in told
        told |= {key} if is_now else set()
        why = Explanation.from_json(explanation)
        found.setdefault(str(key), []).append(
            {
                "clock": clock,
                "due_on": value,
                "basis": basis,
                "recorded_at": recorded,
                "because": why.sentences(stopped=stopped if is_now else None),
            }
        )
    return found


def agency(key: object, slug: str, name: str, short_name: str) -> dict | None:
    """An agency inside another row; None where there is none."""
    return {"id": key, "slug": slug, "name": name, "short_name": short_name} if key else None


SOURCE = Source(
    visible=visible,
    columns=COLUMNS,
    build=build,
    orders={
        "due_on": Order("due_on", nullable=True),
        "-due_on": Order("due_on", descending=True, nullable=True),
        **{name: order for name, (_, order) in SORTS.items()},  # the queue's
    },
    filters=OfficeTaskingFilter,
    about=ABOUT,
    hot_orders=("due_on", "-due_on"),
    detail=detail,
)
