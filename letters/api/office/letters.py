"""Letters for the office: facts, signers and addressees in lists; text, asks and their taskings in detail."""

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from letters.api.links import Links
from letters.api.office import taskings
from letters.api.office.asks import asks_of
from letters.api.office.reference import visible_agencies
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.enums import Match
from letters.models import (
    Addressee,
    Agency,
    Amendment,
    Legislator,
    Letter,
    LetterLink,
    LetterTopic,
    Signature,
    Tasking,
    Topic,
)

COLUMNS = (
    *("pk", "reference", "state", "subject", "printed_date", "letter_date", "sent_at", "sent_on", "congress"),
    *("our_role", "lead_office_contact", "on_behalf_of", "published_url", "deadline_on", "deadline_quote"),
    *("term_days", "term_unit", "term_from", "released_at", "version"),
)
ABOUT = {
    "q": "Words of the letter, its asks, its companies, persons and programs, its signers, its numbers; “phrases” in quotes.",
    "agency": "The slug of an agency addressed, asked, or that would act. GET /api/v1/agencies/ lists them.",
    "signatory": "The Bioguide ID of a member who signed. GET /api/v1/legislators/ lists them.",
    "sent_after": "Sent on this day or later.",
    "sent_before": "Sent on this day or earlier.",
    "topic": "The slug of a topic the office files letters under; each letter carries its own.",
}


def with_agency(letters: QuerySet, agency: Agency) -> QuerySet:
    """Letters that address the agency, ask it for something, or ask for something it would do."""
    addressed = Addressee.objects.filter(agency=agency).values("letter")
    asked = Tasking.objects.filter(Q(agency=agency) | Q(acting_agency=agency)).values("ask__letter")
    return letters.filter(Q(pk__in=addressed) | Q(pk__in=asked))


def signed_by(letters: QuerySet, member: Legislator) -> QuerySet:
    """A proposed match is not a signature until a person has confirmed it."""
    return letters.filter(pk__in=member.signatures.filter(match=Match.CONFIRMED).values("letter"))


class LetterFilter(filters.FilterSet):
    """Which letters."""

    q = filters.CharFilter(method="filter_words", max_length=200)
    agency = filters.ModelChoiceFilter(
        queryset=lambda request: visible_agencies(), to_field_name="slug", method="filter_agency"
    )
    signatory = filters.ModelChoiceFilter(
        queryset=Legislator.objects.all(), to_field_name="bioguide", method="filter_signatory"
    )
    sent_after = filters.DateFilter(field_name="sent_on", lookup_expr="gte")
    sent_before = filters.DateFilter(field_name="sent_on", lookup_expr="lte")
    topic = filters.ModelChoiceFilter(
        field_name="topics",
        queryset=lambda request: Topic.objects.filter(letters__in=Letter.objects.for_keys()).distinct(),
        to_field_name="slug",
    )

    class Meta:
        model = Letter
        fields: list[str] = []

    def filter_words(self, letters: QuerySet, name: str, value: str) -> QuerySet:
        return letters.matching(value)

    def filter_agency(self, letters: QuerySet, name: str, value: Agency) -> QuerySet:
        return with_agency(letters, value)

    def filter_signatory(self, letters: QuerySet, name: str, value: Legislator) -> QuerySet:
        return signed_by(letters, value)


def build(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows of a list: one query each for signers, addressees and topics of all of them."""
    letters = [row.pk for row in rows]
    signers, addressees, topics = signatures_of(letters), addressees_of(letters), topics_of(letters)
    return [
        {
            "id": row.pk,
            "url": links.to("letters", row.pk),
            "page_url": links.letter_page(row.reference),
            "reference": row.reference,
            "state": row.state,
            "subject": row.subject,
            "printed_date": row.printed_date,
            "letter_date": row.letter_date,
            "sent_on": row.sent_on,
            "sent_at": row.sent_at,
            "congress": row.congress,
            "our_role": row.our_role,
            "on_behalf_of": row.on_behalf_of,
            "published_url": row.published_url,
            "deadline_on": row.deadline_on,
            "term_days": row.term_days,
            "term_unit": row.term_unit,
            "term_from": row.term_from,
            "released_at": row.released_at,
            "topics": topics.get(row.pk, []),
            "signatures": signers.get(row.pk, []),
            "addressees": addressees.get(row.pk, []),
            "version": row.version,
        }
        for row in rows
    ]


def detail(row: Row, shown: dict, links: Links) -> dict:
    """Everything about one letter."""
    return details([row], [shown], links)[0]


def details(rows: Sequence[Row], shown: Sequence[dict], links: Links) -> list[dict]:
    """The same of many, in as many queries as of one."""
    letters = [row.pk for row in rows]
    texts = dict(Letter.objects.filter(pk__in=letters).values_list("pk", "text"))
    asks, linked, amendments = with_taskings(letters, links), _links_of(letters), _amendments_of(letters)
    return [
        {
            **one,
            "text": texts[row.pk],
            "deadline_quote": row.deadline_quote,
            "lead_office_contact": row.lead_office_contact,
            "asks": asks.get(row.pk, []),
            "links": linked.get(row.pk, []),
            "amendments": amendments.get(row.pk, []),
        }
        for row, one in zip(rows, shown, strict=True)
    ]


def _amendments_of(letters: list) -> dict[Any, list[dict]]:
    found: dict[Any, list[dict]] = {}
    names = ("field", "before", "after", "reason", "amended_at")
    for letter, *values in (
        Amendment.objects.filter(letter__in=letters).order_by("amended_at", "pk").values_list("letter_id", *names)
    ):
        found.setdefault(letter, []).append(dict(zip(names, values, strict=True)))
    return found


def signatures_of(letters: list) -> dict[Any, list[dict]]:
    """The names under each letter, in order, and whom we take them for."""
    found: dict[Any, list[dict]] = {}
    columns = ("pk", "printed_name", "printed_title", "state", "party", "is_lead", "match", "legislator__bioguide")
    for letter, key, name, title, state, party, is_lead, match, bioguide in (
        Signature.objects.filter(letter__in=letters).order_by("letter", "position").values_list("letter_id", *columns)
    ):
        found.setdefault(letter, []).append(
            {
                "id": key, "printed_name": name, "printed_title": title, "state": state, "party": party, "is_lead": is_lead,
                "match": match, "bioguide": bioguide,
            }
        )  # fmt: skip
    return found


def addressees_of(letters: list) -> dict[Any, list[dict]]:
    """Whom each letter is addressed to, in order."""
    found: dict[Any, list[dict]] = {}
    columns = ("pk", "delivery", "agency_id", "agency__slug", "agency__name", "agency__short_name", "printed_name")
    more = (
        "printed_title",
        "address",
        "delivered_at",
        "acknowledged_at",
        "control_number",
        "legislative_affairs_contact",
    )
    for (
        letter,
        own,
        delivery,
        key,
        slug,
        agency,
        short_name,
        name,
        title,
        address,
        delivered,
        acknowledged,
        number,
        contact,
    ) in (
        Addressee.objects.filter(letter__in=letters)
        .order_by("letter", "position")
        .values_list("letter_id", *columns, *more)
    ):
        found.setdefault(letter, []).append(
            {
                "id": own, "printed_name": name, "printed_title": title, "address": address, "delivery": delivery,
                "agency": taskings.agency(key, slug, agency, short_name),
                "delivered_at": delivered, "acknowledged_at": acknowledged, "control_number": number,
                "legislative_affairs_contact": contact,
            }
        )  # fmt: skip
    return found


def topics_of(letters: list) -> dict[Any, list[dict]]:
    """What the office files each letter under."""
    found: dict[Any, list[dict]] = {}
    for letter, slug, name in (
        LetterTopic.objects.filter(letter__in=letters)
        .order_by("topic__name", "pk")
        .values_list("letter_id", "topic__slug", "topic__name")
    ):
        found.setdefault(letter, []).append({"slug": slug, "name": name})
    return found


def with_taskings(letters: list, links: Links) -> dict[Any, list[dict]]:
    """The asks of each letter in order, each with its questions, targets and taskings."""
    rows = (
        taskings.visible()
        .filter(ask__letter__in=letters)
        .order_by("role", "agency__short_name", "pk")
        .values_list(*taskings.COLUMNS, named=True)
    )
    by_ask: dict[Any, list[dict]] = {}
    for shown in taskings.build(rows, links):
        # what the letter and the ask say of themselves is around it already
        brief = {name: value for name, value in shown.items() if name not in ("ask", "kind", "letter", "targets")}
        by_ask.setdefault(shown["ask"]["id"], []).append(brief)
    return asks_of(letters, by_ask)


def _links_of(letters: list) -> dict[Any, list[dict]]:
    """The earlier letters that each relates to, as far as a key may see them."""
    seen = LetterLink.objects.filter(letter__in=letters, to_letter__in=Letter.objects.for_keys())
    found: dict[Any, list[dict]] = {}
    for letter, own, kind, key, reference, subject, sent_on in seen.order_by("kind", "pk").values_list(
        "letter_id", "pk", "kind", "to_letter_id", "to_letter__reference", "to_letter__subject", "to_letter__sent_on"
    ):
        found.setdefault(letter, []).append(
            {"id": own, "kind": kind, "letter": {"id": key, "reference": reference, "subject": subject, "sent_on": sent_on}}
        )  # fmt: skip
    return found


SOURCE = Source(
    visible=Letter.objects.for_keys,
    columns=COLUMNS,
    build=build,
    orders={"-sent_on": Order("sent_on", descending=True)},
    filters=LetterFilter,
    about=ABOUT,
    detail=detail,
    listed=lambda letters: letters.sent(),
)
