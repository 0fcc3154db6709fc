"""Letters that were not sent yet, for keys that write: what they made, to look at and go on with."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from letters.api.links import Links
from letters.api.office import taskings
from letters.api.office.asks import asks_of
from letters.api.office.letters import addressees_of, signatures_of, topics_of
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.enums import Access, LetterState
from letters.models import Letter, Tasking

COLUMNS = (
    *("pk", "subject", "printed_date", "letter_date", "our_role", "lead_office_contact", "on_behalf_of"),
    *("published_url", "deadline_on", "deadline_quote", "term_days", "term_unit", "term_from", "created_at", "version"),
)


def visible() -> QuerySet:
    """Drafts that are open to the office."""
    return Letter.objects.filter(state=LetterState.DRAFT, access=Access.OFFICE)


def build(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows of a list: one query each for signers, addressees and topics of all of them."""
    letters = [row.pk for row in rows]
    signers, addressees, topics = signatures_of(letters), addressees_of(letters), topics_of(letters)
    return [
        {
            "id": row.pk,
            "url": links.to("drafts", row.pk),
            "page_url": None,
            "subject": row.subject,
            "printed_date": row.printed_date,
            "letter_date": row.letter_date,
            "our_role": row.our_role,
            "lead_office_contact": row.lead_office_contact,
            "on_behalf_of": row.on_behalf_of,
            "published_url": row.published_url,
            "deadline_on": row.deadline_on,
            "term_days": row.term_days,
            "term_unit": row.term_unit,
            "term_from": row.term_from,
            "deadline_quote": row.deadline_quote,
            "topics": topics.get(row.pk, []),
            "signatures": signers.get(row.pk, []),
            "addressees": addressees.get(row.pk, []),
            "created_at": row.created_at,
            "version": row.version,
        }
        for row in rows
    ]


def detail(row: Row, shown: dict, links: Links) -> dict:
    """With its text and what it asks of whom."""
    return {**shown, "text": Letter.objects.values_list("text", flat=True).get(pk=row.pk), "asks": _asks_of(row.pk)}


def _asks_of(letter: Any) -> list[dict]:
    put_to: dict[Any, list[dict]] = {}
    for row in (
        Tasking.objects.filter(ask__letter=letter)
        .order_by("role", "agency__short_name", "pk")
        .values_list(
            "pk", "ask_id", "role", "agency_id", "agency__slug", "agency__name", "agency__short_name",
            "acting_agency_id", "acting_agency__slug", "acting_agency__name", "acting_agency__short_name", named=True,
        )
    ):  # fmt: skip
        put_to.setdefault(row.ask_id, []).append(
            {
                "id": row.pk,
                "role": row.role,
                "agency": taskings.agency(row.agency_id, row.agency__slug, row.agency__name, row.agency__short_name),
                "acting_agency": taskings.agency(
                    row.acting_agency_id,
                    row.acting_agency__slug,
                    row.acting_agency__name,
                    row.acting_agency__short_name,
                ),
            }
        )
    return asks_of([letter], put_to).get(letter, [])


SOURCE = Source(
    visible=visible,
    columns=COLUMNS,
    build=build,
    orders={"-created_at": Order("created_at", descending=True)},
    detail=detail,
)
