"""The table of rights in words: what people do, and which right each needs. Printed into docs/ and on a page."""

from dataclasses import dataclass

from letters.domain.access import ADMINISTER, EDIT, RELEASE, RESTRICT, RIGHTS, VIEW, WHERE_NAMED
from letters.enums import Role
from letters.models.letter_queries import SEES_RESTRICTED

YES, NAMED, NO = "yes", "where named", "no"


@dataclass(frozen=True)
class Deed:
    """Something people do. `restricted`: with a letter that only named staff and managers may see."""

    words: str
    right: str
    restricted: bool = False


DEEDS: tuple[Deed, ...] = (
    Deed(
        "See letters, open items, replies, files and notes; search; take lists and meeting briefs away as files", VIEW
    ),
    Deed("The same for a letter restricted to named staff", VIEW, restricted=True),
    Deed(
        "Keep one’s own views of the queue; read one’s reminders, say how to be mailed, have a calendar of one’s dates",
        VIEW,
    ),
    Deed("Log, send and correct letters; record replies, evidence, contacts and notes; move items, own them", EDIT),
    Deed("The same for a letter restricted to named staff", EDIT, restricted=True),
    Deed("Bring letters in from a spreadsheet, and undo that; an import of somebody else, only managers", EDIT),
    Deed("Restrict a letter to named staff, and say who they are", RESTRICT),
    Deed("Open a restricted letter to the office again", RELEASE, restricted=True),
    Deed("Open a file that was taken back, and put it back", RELEASE),
    Deed("Make a letter, a reply, an answer or evidence public, or take it back", RELEASE),
    Deed("Have a report made of a list, as one sees it; read the office’s weekly list", VIEW),
    Deed("Hand on everything that somebody owns", RELEASE),
    Deed("Say when the weekly list is made and who is told; cancel it, have it made again", RELEASE),
    Deed("See mail that fails, correct addresses, replace the templates of letters and briefs", ADMINISTER),
    Deed("Invite people, give them roles, end their access", ADMINISTER),
    Deed("Keep agencies, officials, companies, kinds of ask, closures and API keys", ADMINISTER),
)

KEYS: tuple[tuple[str, str], ...] = (
    (
        "API key of scope “office”",
        "reads letters that were sent and are open to the office, with their items, replies and events; no note, no draft, no restricted letter",
    ),
    (
        "API key of scope “office:write”",
        "the same, with notes and drafts; and writes what its person may on the pages, in that person’s name; never a restricted letter",
    ),
    ("API key of scope “released”", "reads what is public"),
    (
        "Nobody signed in",
        "reads nothing but the sign-in page, the API’s description and whether the site is well; and, by its secret address, somebody’s calendar",
    ),
)


def cell(role: Role, deed: Deed) -> str:
    """Whether the role may: yes, only where named on the letter, or no."""
    if deed.right not in RIGHTS[role]:
        return NO
    if (role, deed.right) in WHERE_NAMED or (deed.restricted and role not in SEES_RESTRICTED):
        return NAMED
    return YES


def rows() -> list[tuple[str, list[str]]]:
    """Each deed with one cell per role, in the order of `Role`."""
    return [(deed.words, [cell(role, deed) for role in Role]) for deed in DEEDS]
