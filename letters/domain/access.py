"""Who may do what: one printed table of rights, asked by pages, API and verbs alike."""

from letters.enums import Access, Role, SystemProcess
from letters.errors import NotAllowed, Problem
from letters.models import Letter, User
from letters.models.letter_queries import SEES_RESTRICTED

VIEW, EDIT, RELEASE, ADMINISTER = "view", "edit", "release", "administer"

RIGHTS: dict[Role, frozenset[str]] = {
    Role.VIEWER: frozenset({VIEW}),
    Role.STAFF: frozenset({VIEW, EDIT}),
    Role.MANAGER: frozenset({VIEW, EDIT, RELEASE}),
    Role.ADMIN: frozenset({VIEW, EDIT, RELEASE, ADMINISTER}),
}

RIGHT_WORDS = {VIEW: "see", EDIT: "change", RELEASE: "make public or withdraw", ADMINISTER: "administer"}

Actor = User | SystemProcess


def may(by: Actor, right: str, letter: Letter | None = None) -> bool:
    """Whether `by` has the right, and may see the letter it is about."""
    if isinstance(by, SystemProcess):
        return True
    if not by.is_active or right not in RIGHTS[Role(by.role)]:
        return False
    if letter is None or letter.access == Access.OFFICE or by.role in SEES_RESTRICTED:
        return True
    return letter.staff.filter(pk=by.pk).exists()


def require(by: Actor, right: str, letter: Letter | None = None) -> None:
    """Raise `NotAllowed` unless `by` may."""
    if not may(by, right, letter):
        role = by.get_role_display() if isinstance(by, User) else by
        raise NotAllowed(
            Problem("by", f"Your role ({role}) may not {RIGHT_WORDS[right]} this. Ask a manager or an administrator.")
        )
