"""The office, the people who work in it, the keys it hands out, and members of Congress."""

import pghistory
import pgtrigger
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Upper

from letters.enums import Chamber, OfficeKind, Role, Scope
from letters.models.base import Identified, NamesItsAuthor, NeverTruncated, audited, one_of


class RightsNameTheirAuthor(NamesItsAuthor):
    """Who may do what is changed by somebody; signing in and setting a password are not."""

    name = "rights_name_their_author"
    level = pgtrigger.Row
    operation = pgtrigger.Update
    condition = pgtrigger.AnyChange("role", "is_active", "is_staff", "is_superuser")
    func = NamesItsAuthor.func.replace("RETURN NULL", "RETURN NEW")


class OfficeUserManager(UserManager):
    """`createsuperuser` makes an administrator of the office, not a viewer with every Django right."""

    use_in_migrations = False

    def create_superuser(self, username, email=None, password=None, **facts):
        return super().create_superuser(username, email, password, **{"role": Role.ADMIN, **facts})


@pghistory.track(
    pghistory.InsertEvent("insert"),
    pghistory.UpdateEvent("update"),
    pghistory.DeleteEvent("delete"),
    exclude=["password", "last_login"],
    model_name="UserHistory",
    app_label="letters",
    meta={"triggers": [NeverTruncated()]},
)
class User(Identified, AbstractUser):
    """Somebody of the office who signs in. One role each; see `domain.access.RIGHTS`."""

    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)

    objects = OfficeUserManager()

    class Meta:
        triggers = [RightsNameTheirAuthor(), NeverTruncated()]
        constraints = [
            one_of("role", Role),
            # "Anna" and "anna" are one person at a sign-in page
            models.UniqueConstraint(Upper("username"), name="user_username_any_case"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


@audited
class Legislator(Identified):
    """A member of Congress, keyed by Bioguide ID. Source: unitedstates/congress-legislators (CC0)."""

    bioguide = models.CharField(max_length=7, unique=True)
    first = models.CharField(max_length=80)
    middle = models.CharField(max_length=80, blank=True)
    last = models.CharField(max_length=80)
    suffix = models.CharField(max_length=20, blank=True)
    nickname = models.CharField(max_length=80, blank=True)
    official_full = models.CharField(max_length=200)
    sort_name = models.CharField(
        max_length=200,
        help_text="Last, first; lower case, no accents (the database sorts by byte).",
    )
    seen_from = models.DateField(help_text="First roster that lists this member as serving.")
    seen_until = models.DateField(help_text="Last roster that lists this member as serving.")

    class Meta:
        ordering = ["sort_name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(bioguide__regex=r"^[A-Z][0-9]{6}$"),
                name="legislator_bioguide_shape",
            ),
            models.CheckConstraint(
                condition=models.Q(seen_until__gte=models.F("seen_from")),
                name="legislator_seen_in_order",
            ),
        ]
        indexes = [
            # /api/v1/legislators/ and the signatory filter: by name, keyset
            models.Index(fields=["sort_name", "id"], name="legislator_by_name"),
            # type-ahead on members, tolerant of typing errors
            GinIndex(fields=["sort_name"], name="legislator_name_trigram", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.official_full


@audited
class Term(Identified):
    """One scheduled term. Its end proves nothing: members resign and die (see `Legislator.seen_until`)."""

    legislator = models.ForeignKey(Legislator, on_delete=models.CASCADE, related_name="terms", db_index=False)
    chamber = models.CharField(max_length=3, choices=Chamber)
    state = models.CharField(max_length=2)
    district = models.PositiveSmallIntegerField(null=True, blank=True)
    party = models.CharField(max_length=40)
    start = models.DateField()
    end = models.DateField()

    class Meta:
        ordering = ["start"]
        constraints = [
            one_of("chamber", Chamber),
            # also serves: the terms of one legislator, in order
            models.UniqueConstraint(fields=["legislator", "start"], name="term_once"),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")),
                name="term_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_chamber_display()} {self.state} {self.start:%Y}-{self.end:%Y}"


@audited
class Office(Identified):
    """Whose record this is: one installation serves one office."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=OfficeKind)
    name = models.CharField(max_length=200)
    legislator = models.ForeignKey(Legislator, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    is_demo = models.BooleanField(
        default=False,
        help_text="Demo accounts and the seed letter; said on every page.",
    )

    class Meta:
        constraints = [
            one_of("kind", OfficeKind),
            models.CheckConstraint(condition=models.Q(singleton=True), name="office_only_one"),
            models.CheckConstraint(
                condition=models.Q(kind=OfficeKind.COMMITTEE, legislator__isnull=True)
                | models.Q(kind=OfficeKind.MEMBER, legislator__isnull=False),
                name="office_member_names_legislator",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited
class ApiKey(Identified):
    """A consumer's key. Only a digest is kept; the key itself is shown once."""

    name = models.CharField(max_length=100, unique=True)
    # SHA-256 of a 256-bit random key needs no salt or stretching; the unique index serves each request
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=12, choices=Scope)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # whose name its writes carry; a key that only reads needs none
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="api_keys", db_index=False
    )

    class Meta:
        constraints = [
            one_of("scope", Scope),
            models.CheckConstraint(
                condition=~models.Q(scope=Scope.OFFICE_WRITE) | models.Q(user__isnull=False),
                name="api_key_that_writes_names_a_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.scope})"


class ApiKeyUse(models.Model):
    """When a key was last used, to the hour: apart from the key, so that reading changes no row of the record."""

    key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, primary_key=True, related_name="use")
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.last_used_at:%Y-%m-%d %H:%M}"


class IdempotencyKey(Identified):
    """A write that an API consumer named, with what was answered: sent again, it is answered again and not done again."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: still at work.")
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # also serves: has this write been made?
            models.UniqueConstraint(fields=["api_key", "key"], name="idempotency_key_once"),
        ]
        indexes = [
            # those old enough to be forgotten
            models.Index(fields=["created_at"], name="idempotency_by_age"),
        ]

    def __str__(self) -> str:
        return self.key
