"""The company, person, vessel or program an ask is about."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from letters.enums import TargetKind
from letters.models.base import Identified, audited, one_of
from letters.models.target_queries import TargetQuerySet


@audited
class Target(Identified):
    """What an ask wants something done about. A subsidiary names its parent (Huawei Cloud > Huawei)."""

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=12, choices=TargetKind)
    # index: a target’s page: what belongs to it, and its siblings
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            one_of("kind", TargetKind),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="target_not_own_parent",
            ),
        ]
        indexes = [
            # /api/v1/targets/: by name, keyset
            models.Index(fields=["name", "id"], name="target_by_name"),
            # the text search on company names: `icontains` compares UPPER(name)
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="target_name_trigram"),
        ]

    def __str__(self) -> str:
        return self.name


@audited
class TargetAlias(Identified):
    """Another name of a target, as letters and lists print it."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="aliases", db_index=False)
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target", "name"], name="target_alias_once")]
        indexes = [
            # type-ahead on aliases
            GinIndex(fields=["name"], name="target_alias_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.name
