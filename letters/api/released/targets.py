"""Targets for the public: those that a public letter names, without the aliases that other letters use."""

from collections.abc import Sequence

from django.db.models import QuerySet

from letters.api.links import Links
from letters.api.office import targets as office
from letters.api.sources import Row, Source
from letters.models import AskTarget, Letter, Target

COLUMNS = ("pk", "slug", "name", "kind")


def visible() -> QuerySet:
    """Named by a public letter; what owns them is the office's own research."""
    named = AskTarget.objects.filter(ask__letter__in=Letter.objects.released().values("pk")).values("target")
    return Target.objects.filter(pk__in=named)


def build(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows as the public sees them."""
    return [
        {
            "id": row.pk,
            "url": links.to("targets", row.pk),
            "page_url": None,
            "slug": row.slug,
            "name": row.name,
            "kind": row.kind,
        }
        for row in rows
    ]


SOURCE = Source(
    visible=visible,
    columns=COLUMNS,
    build=build,
    orders=office.SOURCE.orders,
    filters=office.TargetFilter,
    about=office.ABOUT,
)
