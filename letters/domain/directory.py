"""Reads for the pages of a legislator, an agency, a company: what the record says about each, for one person.

Every count is made of the list behind it, and every list begins with who may see it.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from letters.enums import LetterState, Match
from letters.models import (
    Addressee,
    Agency,
    Answer,
    Ask,
    AskTarget,
    Contact,
    ContactTasking,
    Legislator,
    Letter,
    Response,
    Signature,
    Target,
    Tasking,
    Term,
    User,
)
from letters.models.letter_queries import visible_letters
from letters.models.tasking_queries import OPEN_LEAD


def open_items(user: User) -> QuerySet[Tasking]:
    """What counts count as open, for this person."""
    return Tasking.objects.visible_to(user).counted().filter(OPEN_LEAD)


def _number(rows: QuerySet, of: str, what: str = "pk") -> Coalesce:
    """How many of `rows` belong to the outer row, as a subquery: counted for the rows of a page only."""
    counted = rows.order_by().values(of).annotate(number=Count(what, distinct=what != "pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


# --- legislators


def signatures_of(user: User, *matches: str) -> QuerySet[Signature]:
    """Signatures under letters that were sent and that the person may see."""
    seen = Signature.objects.filter(visible_letters(user, "letter__"), letter__state=LetterState.SENT)
    return seen.filter(match__in=matches or [Match.CONFIRMED])


def legislators(user: User, *, words: str = "", state: str = "", signed: bool = False) -> QuerySet[Legislator]:
    """Members by name, each with how many letters they signed and led."""
    theirs = signatures_of(user).filter(legislator=OuterRef("pk"))
    found = Legislator.objects.annotate(
        signed=_number(theirs, "legislator"), led=_number(theirs.filter(is_lead=True), "legislator")
    )
    if words:
        for word in words.split()[:6]:
            found = found.filter(
                Q(sort_name__icontains=word) | Q(official_full__icontains=word) | Q(nickname__icontains=word)
            )
    if state:
        found = found.filter(Exists(Term.objects.filter(legislator=OuterRef("pk"), state=state)))
    return found.filter(Exists(theirs)) if signed else found


def letters_signed(
    legislator: Legislator, user: User, *, led: bool = False, match: str = Match.CONFIRMED
) -> QuerySet[Signature]:
    """The member's signatures, each with its letter and how many of the letter's items are open."""
    found = signatures_of(user, match).filter(legislator=legislator)
    items = open_items(user).filter(ask__letter=OuterRef("letter"))
    found = found.filter(is_lead=True) if led else found
    return found.select_related("letter").annotate(open_items=_number(items, "ask__letter"))


# --- agencies


@dataclass(frozen=True)
class AgencyLine:
    """One agency of the tree: how deep it stands, what is open with it, what it would act on."""

    agency: Agency
    depth: int
    open: int
    acting: int
    replies: int


def agency_tree(user: User, *, words: str = "", busy: bool = False) -> list[AgencyLine]:
    """All agencies the person may know of, bureaus under their departments. Three queries, however many.

    With words or `busy` (something is open there), only those and what is above them.
    """
    agencies = list(Agency.objects.visible_to(user).prefetch_related("names").order_by("short_name", "id"))
    counted = open_items(user).order_by()
    opened = dict(counted.values_list("agency").annotate(number=Count("pk")))
    acting = dict(counted.filter(acting_agency__isnull=False).values_list("acting_agency").annotate(number=Count("pk")))
    replies = dict(replies_to(user).order_by().values_list("agency").annotate(number=Count("pk")))
    by_id = {agency.pk: agency for agency in agencies}
    below: dict = {}
    for agency in agencies:
        below.setdefault(agency.parent_id if agency.parent_id in by_id else None, []).append(agency)
    wanted = {
        agency.pk
        for agency in agencies
        if (not words or any(words.casefold() in name.casefold() for name in _names(agency)))
        and (not busy or opened.get(agency.pk) or acting.get(agency.pk))
    }
    kept = set(wanted)
    for key in wanted:
        while key := by_id[key].parent_id if key in by_id else None:
            kept.add(key)

    def lines(parent: uuid.UUID | None, depth: int) -> list[AgencyLine]:
        found = []
        for agency in below.get(parent, []):
            if agency.pk in kept:
                numbers = (opened.get(agency.pk, 0), acting.get(agency.pk, 0), replies.get(agency.pk, 0))
                found += [AgencyLine(agency, depth, *numbers), *lines(agency.pk, depth + 1)]
        return found

    return lines(None, 0)


def _names(agency: Agency) -> list[str]:
    return [agency.name, agency.short_name, agency.abbreviation, *(other.name for other in agency.names.all())]


def replies_to(user: User) -> QuerySet[Response]:
    """Replies about at least one item the person may see, none entered in error."""
    about = Answer.objects.filter(response=OuterRef("pk"), tasking__in=_items_seen(user))
    return Response.objects.filter(Exists(about), in_error_at__isnull=True)


def contacts_of(user: User) -> QuerySet[Contact]:
    """Our own calls, likewise, each with `spans_hidden`: what came of it may be about an item that they may not see."""
    about = ContactTasking.objects.filter(contact=OuterRef("pk"), tasking__in=_items_seen(user))
    return Contact.objects.standing().with_hidden_from(user).filter(Exists(about))


def _items_seen(user: User) -> QuerySet:
    return Tasking.objects.visible_to(user).filter(ask__letter__state=LetterState.SENT).values("pk")


def acting_bureaus(agency: Agency, user: User) -> list[Any]:
    """Which bureaus would act on the agency's open items, and on how many."""
    rows = open_items(user).filter(agency=agency, acting_agency__isnull=False).order_by("acting_agency__short_name")
    return list(rows.values("acting_agency__slug", "acting_agency__short_name").annotate(number=Count("pk")))


def chased(agency: Agency, user: User) -> tuple[int, dt.date | None]:
    """How often we called or wrote about items of the agency, and when last."""
    found = contacts_of(user).filter(agency=agency).aggregate(number=Count("pk"), last=Max("on"))
    return found["number"], found["last"]


def letters_to(agency: Agency, user: User) -> QuerySet[Letter]:
    """Letters addressed to the agency."""
    addressed = Addressee.objects.filter(agency=agency).values("letter")
    return Letter.objects.visible_to(user).sent().filter(pk__in=addressed)


# --- targets


def targets(user: User, *, words: str = "") -> QuerySet[Any]:
    """Companies, people and programs the person may know of, each with its asks and open items."""
    found = Target.objects.visible_to(user).select_related("parent").prefetch_related("aliases")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(aliases__name__icontains=words)).distinct()
    named = asks(user).filter(targets=OuterRef("pk"))
    opened = open_items(user).filter(ask__targets=OuterRef("pk"))
    return found.annotate(asked=_number(named, "targets"), opened=_number(opened, "ask__targets"))


def asks(user: User) -> QuerySet[Ask]:
    """Asks of letters that were sent and that the person may see."""
    return Ask.objects.filter(visible_letters(user, "letter__"), letter__state=LetterState.SENT)


@dataclass(frozen=True)
class Family:
    """A target among its own: what it belongs to, what belongs to it, what belongs to the same."""

    target: Target
    parent: Target | None
    children: list[Target]
    siblings: list[Target]

    def members(self, whom: str = "") -> list[Target]:
        parts = {
            "self": [self.target],
            "parent": [self.parent] if self.parent else [],
            "children": self.children,
            "siblings": self.siblings,
        }
        return parts[whom] if whom in parts else [one for part in parts.values() for one in part]


def family(target: Target, user: User) -> Family:
    """Only those the person may know of. One query."""
    near = Q(parent=target.pk)
    if target.parent_id:
        near |= Q(pk=target.parent_id) | (Q(parent=target.parent_id) & ~Q(pk=target.pk))
    found = list(Target.objects.visible_to(user).filter(near).order_by("name"))
    return Family(
        target=target,
        parent=next((one for one in found if one.pk == target.parent_id), None),
        children=[one for one in found if one.parent_id == target.pk],
        siblings=[one for one in found if target.parent_id and one.parent_id == target.parent_id],
    )


def asks_about(members: list[Target], user: User) -> QuerySet[Ask]:
    """Every ask about any of them."""
    about = AskTarget.objects.filter(target__in=[one.pk for one in members])
    return asks(user).filter(pk__in=about.values("ask"))
