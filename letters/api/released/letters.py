"""Letters for the public: in detail exactly what the feed says of them, in lists a part of that."""

from collections.abc import Sequence

import django_filters as filters
from django.db.models import Q, QuerySet

from letters.api.links import Links
from letters.api.office import letters as office
from letters.api.office.reference import agencies_of
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.domain.payloads import public_letter, public_signers
from letters.models import Addressee, Agency, Legislator, Letter, Tasking

COLUMNS = ("pk", "subject", "letter_date", "sent_on", "congress", "published_url", "deadline_on")
ABOUT = {name: office.ABOUT[name] for name in ("agency", "signatory", "sent_after", "sent_before")} | {
    "q": "Words of the letter or its asks, or a name among its companies, persons, programs or signers.",
}
OFFICE_ONLY = {
    "topic": "topics are how the office files its letters.",
    "reference": "references are the office’s own; public letters are known by their id.",
}


def visible_agencies() -> QuerySet:
    """Agencies of the United States, and whoever else a public letter names."""
    return agencies_of(Letter.objects.released(), Tasking.objects.released())


def matching(words: str) -> QuerySet:
    """Public letters by what anybody may read of them: no reference, no agency's control number."""
    return Letter.objects.released().matching_in_public(words)


class PublicLetterFilter(filters.FilterSet):
    """Filters that look at nothing a row does not show."""

    q = filters.CharFilter(method="filter_words", max_length=200)
    agency = filters.ModelChoiceFilter(
        queryset=lambda request: visible_agencies(), to_field_name="slug", method="filter_agency"
    )
    signatory = filters.ModelChoiceFilter(
        queryset=Legislator.objects.all(), to_field_name="bioguide", method="filter_signatory"
    )
    sent_after = filters.DateFilter(field_name="sent_on", lookup_expr="gte")
    sent_before = filters.DateFilter(field_name="sent_on", lookup_expr="lte")

    class Meta:
        model = Letter
        fields: list[str] = []

    def filter_words(self, letters: QuerySet, name: str, value: str) -> QuerySet:
        return letters.filter(pk__in=matching(value).values("pk"))

    def filter_agency(self, letters: QuerySet, name: str, value: Agency) -> QuerySet:
        addressed = Addressee.objects.filter(agency=value).values("letter")
        asked = Tasking.objects.released().filter(Q(agency=value) | Q(acting_agency=value)).values("ask__letter")
        return letters.filter(Q(pk__in=addressed) | Q(pk__in=asked))

    def filter_signatory(self, letters: QuerySet, name: str, value: Legislator) -> QuerySet:
        return office.signed_by(letters, value)


def build(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows of a list: one query each for signers and addressees of all of them."""
    letters = [row.pk for row in rows]
    signers, addressees = public_signers(letters), office.addressees_of(letters)
    return [
        {
            "id": row.pk,
            "url": links.to("letters", row.pk),
            "page_url": None,
            "subject": row.subject,
            "letter_date": row.letter_date,
            "sent_on": row.sent_on,
            "congress": row.congress,
            "published_url": row.published_url,
            "deadline_on": row.deadline_on,
            "signatures": signers.get(row.pk, []),
            "addressees": [
                {
                    "printed_name": addressee["printed_name"],
                    "printed_title": addressee["printed_title"],
                    "agency": addressee["agency"]["slug"],
                }
                for addressee in addressees.get(row.pk, [])
            ],
        }
        for row in rows
    ]


def detail(row: Row, shown: dict, links: Links) -> dict:
    """The public state as the feed carries it, with addresses."""
    state = public_letter(Letter.objects.get(pk=row.pk))
    return {"id": row.pk, "url": shown["url"], "page_url": None, **state}


SOURCE = Source(
    visible=Letter.objects.released,
    columns=COLUMNS,
    build=build,
    orders={"-sent_on": Order("sent_on", descending=True)},
    filters=PublicLetterFilter,
    about=ABOUT,
    office_only=OFFICE_ONLY,
    detail=detail,
)
