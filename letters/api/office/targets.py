"""Targets for the office: those that a letter it may show names, and what they belong to."""

from collections.abc import Sequence

import django_filters as filters
from django.db.models import Q, QuerySet

from letters.api.links import Links
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.models import AskTarget, Letter, Target, TargetAlias

COLUMNS = ("pk", "slug", "name", "kind", "parent_id", "parent__slug", "parent__name")
ABOUT = {"slug": "The one with this slug, such as huawei-cloud."}


class TargetFilter(filters.FilterSet):
    """Look one up by its readable key."""

    slug = filters.CharFilter(max_length=120)

    class Meta:
        model = Target
        fields: list[str] = []


def named_in(letters: QuerySet) -> QuerySet:
    """Targets that these letters' asks name, and the parents of such targets."""
    named = AskTarget.objects.filter(ask__letter__in=letters.values("pk")).values("target")
    return Target.objects.filter(
        Q(pk__in=named)
        | Q(pk__in=Target.objects.filter(pk__in=named).values("parent"))
        | Q(pk__in=Target.objects.filter(pk__in=named).values("parent__parent"))
    )


def visible_targets() -> QuerySet:
    """A company that only a restricted letter or a draft names would betray what that one is about."""
    return named_in(Letter.objects.for_keys())


def build(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows as the API shows them, with their other names."""
    aliases: dict = {}
    for target, name in (
        TargetAlias.objects.filter(target__in=[row.pk for row in rows])
        .order_by("name", "pk")
        .values_list("target", "name")
    ):
        aliases.setdefault(target, []).append(name)
    return [
        {
            "id": row.pk,
            "url": links.to("targets", row.pk),
            "page_url": links.page("targets", row.slug),
            "slug": row.slug,
            "name": row.name,
            "kind": row.kind,
            "parent": {"id": row.parent_id, "slug": row.parent__slug, "name": row.parent__name}
            if row.parent_id
            else None,
            "aliases": aliases.get(row.pk, []),
        }
        for row in rows
    ]


SOURCE = Source(
    visible=visible_targets,
    columns=COLUMNS,
    build=build,
    orders={"name": Order("name")},
    filters=TargetFilter,
    about=ABOUT,
)
