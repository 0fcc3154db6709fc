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
from letters.errors import RecordError
from letters.models import ApiKey


@transaction.atomic
def create_key(name: str, *, scope: str, by: Actor) -> str:
    """Make a key and return it: 43 characters of [A-Za-z0-9_-]. It cannot be shown again."""
    require(by, ADMINISTER)
    refuse_if(
        [
            *check_required("name", "The key’s name", name, "Say whose key it is."),
            *check_text("name", "The key’s name", name, 100),
            *check_known("scope", "Scope", scope, Scope),
        ]
    )
    if ApiKey.objects.filter(name=name).exists():
        raise RecordError.of(
            "name", f"A key named “{name}” exists already. Choose another name, or revoke that one.", name
        )
    key = secrets.token_urlsafe(32)
    with acting(by):
        ApiKey.objects.create(name=name, scope=scope, digest=digest(key))
    return key


def find_key(presented: str) -> ApiKey | None:
    """The living key that was presented. The look-up is by digest, so its timing tells nothing of the key."""
    return (
        ApiKey.objects.filter(digest=digest(presented), revoked_at__isnull=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))
        .first()
    )


def digest(key: str) -> str:
    """SHA-256 in hex: a random 256-bit key needs no salt and no stretching."""
    return hashlib.sha256(key.encode()).hexdigest()
