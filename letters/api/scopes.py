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
    # What agencies say becomes public reply by reply, inside its letter: a list of replies would also be one of the rest.
    "responses": (Scope.OFFICE,),
    "evidence": (Scope.OFFICE,),
    "contacts": (Scope.OFFICE,),
    # what only the person reads in whose name the key writes
    "notes": (Scope.OFFICE_WRITE,),
    "attachments": (Scope.OFFICE,),
    "officials": (Scope.OFFICE,),
    "kinds": (Scope.OFFICE,),
    "statutes": (Scope.OFFICE,),
    "closures": (Scope.OFFICE,),
    "drafts": (Scope.OFFICE_WRITE,),
    "events": BOTH,
}

# What each scope also reads.
READS: dict[Scope, tuple[Scope, ...]] = {
    Scope.RELEASED: (Scope.RELEASED,),
    Scope.OFFICE: (Scope.OFFICE,),
    Scope.OFFICE_WRITE: (Scope.OFFICE_WRITE, Scope.OFFICE),
}


@dataclass(frozen=True)
class Consumer:
    """Who holds a key. Not a person of the office: it owns no item and has no role.

    A key of scope `office:write` acts as `user`: what it writes is written in their name, within their rights.
    """

    name: str
    scope: str
    user: User | None = None
    is_authenticated: bool = True


def scope_of(request: Request) -> Scope:
    """What the reader may read; somebody signed in reads what an office key does."""
    if isinstance(request.user, Consumer) and request.user.scope == Scope.RELEASED:
        return Scope.RELEASED
    return Scope.OFFICE


class HasScope(BasePermission):
    """The key's scope, or the person's right to see."""

    def has_permission(self, request: Request, view: Any) -> bool:
        reader = request.user
        if not isinstance(reader, Consumer) and not (isinstance(reader, User) and may(reader, VIEW)):
            return False
        if request.method.lower() not in view.http_method_names:
            return True  # answered by 405
        scope = Scope(reader.scope) if isinstance(reader, Consumer) else Scope.OFFICE
        if request.method not in ("GET", "HEAD"):
            return _may_write(reader, scope)
        allowed = view.scopes or SCOPES[view.resource]
        if not set(READS[scope]) & set(allowed):
            raise Refused(
                403,
                f"{view.resource}: this key’s scope is “{scope.value}”, and only keys of scope "
                f"{' or '.join(f'“{scope.value}”' for scope in allowed)} may read them. "
                "Ask the office for such a key, or leave them out.",
                code="wrong-scope",
            )
        return True


def _may_write(reader: Consumer | User, scope: Scope) -> bool:
    """Keys of scope `office:write`; what their person may do is asked by the verb."""
    if scope == Scope.OFFICE_WRITE:
        return True
    who = f"this key’s scope is “{scope.value}”" if isinstance(reader, Consumer) else "you are signed in to the pages"
    raise Refused(
        403,
        f"Writing: {who}, and only keys of scope “{Scope.OFFICE_WRITE.value}” may write. "
        "Ask the office for such a key (manage.py create_api_key NAME --scope office:write --user USERNAME), "
        "or do it on the pages.",
        code="wrong-scope",
    )
