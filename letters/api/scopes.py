"""Which key reads what: one printed table, asked by permissions, schema and docs alike."""

from dataclasses import dataclass
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from letters.api.problems import Refused
from letters.domain.access import VIEW, may
from letters.enums import Scope
from letters.models import User

BOTH = (Scope.OFFICE, Scope.RELEASED)

SCOPES: dict[str, tuple[Scope, ...]] = {
    "letters": BOTH,
    "taskings": BOTH,
    "agencies": BOTH,
    "legislators": BOTH,
    "targets": BOTH,
    # What agencies say becomes public reply by reply; until a reply can be released, none is.
    "responses": (Scope.OFFICE,),
    "events": BOTH,
}


@dataclass(frozen=True)
class Consumer:
    """Who holds a key. Not a person of the office: it owns no item and has no role."""

    name: str
    scope: str
    is_authenticated: bool = True


def scope_of(request: Request) -> Scope:
    """What the reader may read; somebody signed in reads what an office key does."""
    return Scope(request.user.scope) if isinstance(request.user, Consumer) else Scope.OFFICE


class HasScope(BasePermission):
    """The key's scope, or the person's right to see."""

    def has_permission(self, request: Request, view: Any) -> bool:
        reader = request.user
        if isinstance(reader, User):
            return may(reader, VIEW)
        if not isinstance(reader, Consumer):
            return False
        allowed = SCOPES[view.resource]
        if scope_of(request) not in allowed:
            raise Refused(
                403,
                f"{view.resource}: this key’s scope is “{reader.scope}”, and only keys of scope "
                f"{' or '.join(f'“{scope.value}”' for scope in allowed)} may read them. "
                "Ask the office for such a key, or leave them out.",
                code="wrong-scope",
            )
        return True
