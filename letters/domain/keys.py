"""API keys: made once, kept as digests, ended by hand or by a date."""

import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable
from functools import cache

from django.db import InternalError, transaction
from django.utils import timezone
from psycopg.errors import ReadOnlySqlTransaction

from letters.domain import clocks, prepared
from letters.domain.access import ADMINISTER, Actor, require
from letters.domain.history import acting
from letters.domain.rules import check_ahead, check_known, check_required, check_text, refuse_if
from letters.enums import Scope, SystemProcess
from letters.errors import Problem, RecordError
from letters.models import ApiKey, ApiKeyUse, User

A_MOMENT = dt.timedelta(minutes=10)
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@transaction.atomic
def create_key(name: str, *, scope: str, by: Actor, user: User | None = None, expires_on: dt.date | None = None) -> str:
    """Make a key and return it: 43 characters of [A-Za-z0-9_-]. It cannot be shown again.

    A key that writes does so as `user`: with that person's rights and in their name. One that only reads names nobody.
    `expires_on` is the last day it works, in the office's zone; without one it works until it is revoked.
    """
    require(by, ADMINISTER)
    refuse_if(
        [
            *check_required("name", "The key’s name", name, "Say whose key it is."),
            *check_text("name", "The key’s name", name, 100),
            *check_known("scope", "Scope", scope, Scope),
            *_check_user(scope, user),
            *check_ahead(
                "expires_on", "The last day", expires_on, "today", clocks.office_today(), clocks.office_today()
            ),
        ]
    )
    if known := ApiKey.objects.filter(name=name).first():
        raise RecordError.of("name", _taken(known), name)
    key = secrets.token_urlsafe(32)
    with acting(by):
        ApiKey.objects.create(
            name=name,
            scope=scope,
            digest=digest(key),
            user=user,
            expires_at=_end_of(expires_on) if expires_on else None,
        )
    return key


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Actor) -> ApiKey:
    """End a key at once and for good. Its row stays: what it wrote names it."""
    require(by, ADMINISTER)
    with acting(by):
        key = ApiKey.objects.select_for_update().get(pk=key.pk)
        if key.revoked_at:
            raise RecordError.of("revoked_at", f"“{key.name}” was revoked already; nothing is left to do.", key.name)
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
    return key


def note_use(key: ApiKey) -> None:
    """Keep when the key was last used, to the hour: at most one write an hour, and none in the record.

    A replica takes no write and serves readers all the same: what they read there is not kept.
    """
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    use = getattr(key, "use", None)
    if use and use.last_used_at >= hour:
        return
    try:
        ApiKeyUse.objects.bulk_create(
            [ApiKeyUse(key=key, last_used_at=hour)],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["last_used_at"],
        )
    except InternalError as error:
        if not isinstance(error.__cause__, ReadOnlySqlTransaction):
            raise


def makers(keys: Iterable[ApiKey]) -> dict[uuid.UUID, str]:
    """Who made each key, from its history: a person's name, or the process."""
    versions = ApiKey._meta.get_field("history").related_model._default_manager.filter(
        pgh_obj__in=keys, pgh_label="insert"
    )
    made = {key: context or {} for key, context in versions.values_list("pgh_obj", "pgh_context")}
    people = User.objects.in_bulk([context["user"] for context in made.values() if "user" in context])
    by_id = {str(key): str(person) for key, person in people.items()}
    return {
        key: by_id.get(context.get("user", ""), "") or SystemProcess(context["process"]).label
        for key, context in made.items()
        if context.get("user") in by_id or "process" in context
    }


def _taken(known: ApiKey) -> str:
    """A revoked key keeps its name: what it wrote names it."""
    just_made = known.created_at > timezone.now() - A_MOMENT and known.revoked_at is None
    if just_made and not ApiKeyUse.objects.filter(key=known).exists():
        # the answer that showed it may be lost, as by a double click
        return (
            f"A key named “{known.name}” was made a moment ago, and a key is shown only once. If you do not have it, "
            "revoke that one and make another under another name."
        )
    return f"A key named “{known.name}” exists already. Choose another name."


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))


def _check_user(scope: str, user: User | None) -> list[Problem]:
    if scope == Scope.OFFICE_WRITE and user is None:
        return [
            Problem(
                "user", "A key that writes does so in somebody’s name. Say whose (for the command: --user USERNAME)."
            )
        ]
    if scope == Scope.OFFICE_WRITE and user and not user.is_active:
        return [Problem("user", f"{user} cannot sign in any more. Choose somebody who can.", user.username)]
    if scope in (Scope.OFFICE, Scope.RELEASED) and user is not None:
        return [
            Problem(
                "user", f"A key of scope “{scope}” only reads, in nobody’s name. Leave the user out.", user.username
            )
        ]
    return []


def find_key(presented: str) -> ApiKey | None:
    """The living key that was presented.

    It is looked up by its digest, which nobody can steer letter by letter, and compared in constant time. A key that
    writes ends with its person's account.
    """
    wanted = digest(presented)
    for pk, name, scope, kept, expires_at, user, is_active, last_used_at in prepared.fetch(_by_digest(), [wanted]):
        if not hmac.compare_digest(kept, wanted) or (expires_at and expires_at <= timezone.now()):
            return None
        if user and not is_active:
            return None
        key = ApiKey(pk=uuid.UUID(pk), name=name, scope=scope, digest=kept, expires_at=expires_at)
        if user:
            key.user = User.objects.get(pk=user)
        key.use = ApiKeyUse(last_used_at=last_used_at or NEVER)
        return key
    return None


@cache
def _by_digest() -> prepared.Statement:
    mark = "the digest"
    columns = ("pk", "name", "scope", "digest", "expires_at", "user", "user__is_active", "use__last_used_at")
    living = ApiKey.objects.filter(digest=mark, revoked_at__isnull=True)
    return prepared.compiled(living.values_list(*columns), [mark])


def digest(key: str) -> str:
    """SHA-256 in hex: a random 256-bit key needs no salt and no stretching."""
    return hashlib.sha256(key.encode()).hexdigest()
