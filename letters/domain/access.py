"""Who may do what: one printed table of rights, asked by pages, API and verbs alike."""

from letters.enums import Access, Role, SystemProcess
from letters.errors import NotAllowed, Problem
from letters.models import Letter, User
from letters.models.letter_queries import SEES_RESTRICTED

VIEW, EDIT, RESTRICT, RELEASE, ADMINISTER = "view", "edit", "restrict", "release", "administer"

RIGHTS: dict[Role, frozenset[str]] = {
    Role.VIEWER: frozenset({VIEW}),
    Role.STAFF: frozenset({VIEW, EDIT, RESTRICT}),
    Role.MANAGER: frozenset({VIEW, EDIT, RESTRICT, RELEASE}),
    Role.ADMIN: frozenset({VIEW, EDIT, RESTRICT, RELEASE, ADMINISTER}),
}
# What a role may do only with letters it is named on, restricted or not.
WHERE_NAMED = frozenset({(Role.STAFF, RESTRICT)})

RIGHT_WORDS = {
    VIEW: "see this",
    EDIT: "change this",
    RESTRICT: "say who may see this letter",
    RELEASE: "make public or withdraw this",
    ADMINISTER: "administer this",
}

Actor = User | SystemProcess


def may(by: Actor, right: str, letter: Letter | None = None) -> bool:
    """Whether `by` has the right, and may see the letter it is about."""
    if isinstance(by, SystemProcess):
        return True
    if not by.is_active or right not in RIGHTS[Role(by.role)]:
        return False
    named_only = (by.role, right) in WHERE_NAMED
    if letter is None:
        return not named_only
    if by.role in SEES_RESTRICTED or (letter.access == Access.OFFICE and not named_only):
        return True
    return letter.staff.filter(pk=by.pk).exists()


def require(by: Actor, right: str, letter: Letter | None = None) -> None:
    """Raise `NotAllowed` unless `by` may."""
    if not may(by, right, letter):
        role = by.get_role_display() if isinstance(by, User) else by
        whom = "an administrator" if right == ADMINISTER else "a manager or an administrator"
        raise NotAllowed(Problem("by", f"Your role ({role}) may not {RIGHT_WORDS[right]}. Ask {whom}."))
