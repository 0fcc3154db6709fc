"""API keys: made once, kept as digests."""

import hashlib
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from letters.domain.access import ADMINISTER, Actor, require
from letters.domain.history import acting
from letters.domain.rules import check_known, check_required, check_text, refuse_if
from letters.enums import Scope
from letters.errors import Problem, RecordError
from letters.models import ApiKey, User


@transaction.atomic
def create_key(name: str, *, scope: str, by: Actor, user: User | None = None) -> str:
    """Make a key and return it: 43 characters of [A-Za-z0-9_-]. It cannot be shown again.

    A key that writes does so as `user`: with that person's rights and in their name. One that only reads names nobody.
    """
    require(by, ADMINISTER)
    refuse_if(
        [
            *check_required("name", "The key’s name", name, "Say whose key it is."),
            *check_text("name", "The key’s name", name, 100),
            *check_known("scope", "Scope", scope, Scope),
            *_check_user(scope, user),
        ]
    )
    if ApiKey.objects.filter(name=name).exists():
        raise RecordError.of(
            "name", f"A key named “{name}” exists already. Choose another name, or revoke that one.", name
        )
    key = secrets.token_urlsafe(32)
    with acting(by):
        ApiKey.objects.create(name=name, scope=scope, digest=digest(key), user=user)
    return key


def _check_user(scope: str, user: User | None) -> list[Problem]:
    if scope == Scope.OFFICE_WRITE and user is None:
        return [Problem("user", "A key that writes does so in somebody’s name. Say whose: --user USERNAME.")]
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
    """The living key that was presented. The look-up is by digest, so its timing tells nothing of the key.

    A key that writes ends with its person's account.
    """
    return (
        ApiKey.objects.filter(digest=digest(presented), revoked_at__isnull=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))
        .filter(Q(user__isnull=True) | Q(user__is_active=True))
        .select_related("user")
        .first()
    )


def digest(key: str) -> str:
    """SHA-256 in hex: a random 256-bit key needs no salt and no stretching."""
    return hashlib.sha256(key.encode()).hexdigest()
