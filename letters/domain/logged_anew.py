"""A letter logged anew: what is known of the entry that it was copied from, and stands nowhere in the letter, goes along.

When the copy is sent: which request of the one is which of the other, the law that a request started, what an addressee's office
told, owners, and how the letter relates to others. When the entry is in error: the later letters that repeat it repeat the copy,
so that one request stays one open item, asked as often.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db.models import Q

from letters.domain import extending, items, letter_desk, putting_back, workflow
from letters.domain.access import EDIT, Actor, may
from letters.domain.plans import Plan
from letters.domain.renewals import (
    ASKS_FOR_ITSELF,
    date_only_there,
    is_twin,
    leave_for,
    let_dates_follow,
    note_renewal,
    only_there,
    take_over,
)
from letters.enums import OPEN_STATUSES, EventKind, LetterState, LinkKind, Status, TaskingRole
from letters.models import Addressee, Ask, Event, Letter, LetterLink, Renewal, Tasking, User

JUDGED_BEFORE = "As it was judged when the letter was first logged."
HAVE_NUMBERS = (LetterState.SENT, LetterState.ENTERED_IN_ERROR)
OWED = {"role": TaskingRole.LEAD}


def row_id(part: Ask | Addressee) -> str:
    """By which the row of a sheet tells the part that it was copied from, whatever a person writes into it."""
    return part.pk.hex[-12:]


def take_along(letter: Letter, *, by: Actor, first: Letter, plan: Plan) -> None:
    """A copy of `first` was sent. Both letters are locked by the caller, that one before anything else.

    What was noted of a restricted letter goes into none that more people see, nor by a person who may not see it.
    """
    asks = {ask.pk: before for ask, before in _pairs(letter.asks.order_by("number"), plan.asks, first.asks.all())}
    letter_desk.link_anew(letter, by=by, first=first, asks={str(ask): str(before.pk) for ask, before in asks.items()})
    noted = letter_desk.goes_along(first, letter.access) and (not isinstance(by, User) or may(by, EDIT, first))
    if noted:
        _laws(letter, asks, first, by)
        _receipts(letter, plan, first, by)
        _owners(letter, asks, by)
    if first.state == LetterState.ENTERED_IN_ERROR:
        hold(first)
        go_on_in_copies(first, list(Tasking.objects.filter(ask__letter=first, status=Status.ENTERED_IN_ERROR)), by=by)
    if noted:  # after what those bring along by themselves
        _links(letter, first, by)


def _pairs(made: Collection, planned: Collection, parts: Collection) -> list[tuple]:
    """What was made of a row that was copied, and of what."""
    by_row = {row_id(part): part for part in parts}
    return [(one, by_row[row.row]) for one, row in zip(made, planned, strict=False) if row.row in by_row]


def _laws(letter: Letter, asks: Mapping[uuid.UUID, Ask], first: Letter, by: Actor) -> None:
    told = first.events.filter(kind=EventKind.LETTER_AMENDED).order_by("-sequence")
    for ask in letter.asks.filter(pk__in=asks).order_by("number"):
        before = asks[ask.pk]
        if before.statute is not None:
            said = told.filter(payload__changed=[f"ask {before.number}, law"]).first()
            reason = said.reason if said else JUDGED_BEFORE
            extending.set_statute(ask, by=by, statute=before.statute, reason=reason or JUDGED_BEFORE)


def _receipts(letter: Letter, plan: Plan, first: Letter, by: Actor) -> None:
    for one, before in _pairs(letter.addressees.order_by("position"), plan.addressees, first.addressees.all()):
        if one.agency_id != before.agency_id:
            continue  # another office's number
        facts = {name: letter_desk.delivery_fact(before, name) for name in letter_desk.DELIVERY}
        known = {
            name: value
            for name, value in facts.items()
            if value and not (name.endswith("_on") and letter.sent_on and value < letter.sent_on)
        }
        if known:
            letter_desk.update_addressee(one, by=by, **known)


def _owners(letter: Letter, asks: Mapping[uuid.UUID, Ask], by: Actor) -> None:
    for item in (
        Tasking.objects.filter(ask__letter=letter, ask__in=asks).select_related("ask__letter").order_by("ask_id", "pk")
    ):
        there = asks[item.ask_id].taskings.filter(agency=item.agency_id, owner__isnull=False).select_related("owner")
        owner = next((one.owner for one in there), None)
        if owner is not None and may(owner, EDIT, item.ask.letter):
            items.assign(item, by=by, owner=owner)


def _links(letter: Letter, first: Letter, by: Actor) -> None:
    """What a person said of it. What came with a tick comes with that: with what the copy repeats, or what repeats it; it goes
    along where that item is closed by now, so that nothing would propose the tick."""
    of_it = LetterLink.objects.filter(Q(letter=first) | Q(to_letter=first)).select_related("letter", "to_letter")
    links = list(of_it.order_by("pk"))
    anew = letter_desk.anew_among(links)
    for link in links:
        other = link.to_letter if link.letter_id == first.pk else link.letter
        repeats = Renewal.objects.filter(letter=link.letter_id, tasking__ask__letter=link.to_letter_id)
        ticked = link.kind == LinkKind.FOLLOW_UP_TO and repeats.filter(tasking__status__in=OPEN_STATUSES).exists()
        seen = other.state in HAVE_NUMBERS and letter_desk.goes_along(other, letter.access)
        if link.pk in anew or ticked or not seen or (isinstance(by, User) and not may(by, EDIT, other)):
            continue
        one, to = (letter, other) if link.letter_id == first.pk else (other, letter)
        if not one.links.filter(to_letter=to, kind=link.kind).exists():
            letter_desk.link_letters(one, by=by, to=to, kind=link.kind)


# --- the later letters that repeat it


def copies_of(letter: Letter) -> dict[uuid.UUID, Tasking]:
    """By the key of an item of this letter: the open item by which a letter logged anew from it asks the same agency for the
    same. Of several copies the last. One query where it has none."""
    links = letter.linked_from.filter(kind=LinkKind.SUPERSEDES, letter__state=LetterState.SENT).select_related("letter")
    copies = {str(link.pk): link.letter for link in links}
    if not copies:
        return {}
    told = Event.objects.filter(
        kind=EventKind.LETTER_LINKED, letter__in=[letter, *copies.values()], payload__link__in=list(copies),
        payload__has_key="anew",
    ).order_by("sequence")  # fmt: skip
    found: dict[uuid.UUID, Tasking] = {}
    own = list(
        Tasking.objects.filter(ask__letter=letter, **OWED).select_related("ask").prefetch_related("ask__targets")
    )
    for event in told:
        same = letter_desk.asks_anew(event)
        there = Tasking.objects.filter(ask__letter=copies[event.payload["link"]], status__in=OPEN_STATUSES, **OWED)
        waiting = list(there.select_related("ask__letter", "agency").prefetch_related("ask__targets"))
        for item in own:
            alike = (
                one
                for one in waiting
                if one.agency_id == item.agency_id and same.get(str(item.ask_id)) == str(one.ask_id)
            )
            copy = next(alike, None) or next((one for one in waiting if is_twin(one, item)), None)
            found |= {item.pk: copy} if copy else {}
    return found


def repeaters(letters: Collection[Letter]) -> list[uuid.UUID]:
    """The sent letters that repeat items of these."""
    found = Renewal.objects.filter(tasking__ask__letter__in=letters, letter__state=LetterState.SENT)
    return list(found.order_by("letter").values_list("letter", flat=True).distinct())


def hold_later(letters: Collection[Letter]) -> None:
    """By who holds these, before any item: those that repeat them, or are linked to them, which may tell of a copy then."""
    linked = LetterLink.objects.filter(to_letter__in=letters).values_list("letter", flat=True)
    later = {*repeaters(letters), *linked}
    list(Letter.objects.select_for_update(no_key=True).filter(pk__in=later).order_by("pk").values_list("pk"))


def hold(letter: Letter) -> None:
    """For `go_on_in_copies`, by who holds the letter, and none of its items: those later ones, then all items that this touches."""
    copies = copies_of(letter)
    if not copies:
        return
    hold_later([letter])
    own = Tasking.objects.filter(ask__letter=letter)
    left = [each for item in own for each in _own_of_repeaters(item)]
    workflow.hold([*own, *copies.values(), *left])


def go_on_in_copies(letter: Letter, ended: Sequence[Tasking], *, by: Actor) -> None:
    """Items of a letter that was entered in error: what repeats them repeats the copy's, where there is one, and what had left
    for them leaves for that. Inside a verb: who found the error need not be able to change the other letters."""
    for copy, renewals, left in going_on(letter, ended):
        copy = workflow.lock(copy)
        for one in renewals:
            note_renewal(copy, by=by, letter=one.letter, renewed_on=one.renewed_on, quote=one.quote)
        asked = bool(renewals)
        for each in left:
            each = workflow.lock(each)
            if not each.is_open:
                if Tasking.objects.filter(ask=each.ask, agency=each.agency, status__in=OPEN_STATUSES).exists():
                    continue  # the ask is open again there already
                each = putting_back.put_back(each, by=by, reason=ASKS_FOR_ITSELF)
            asked |= take_over(copy, each)
            leave_for(copy, each, by=by)
        if asked:
            let_dates_follow(copy, by=by)


def going_on(letter: Letter, ended: Sequence[Tasking]) -> Iterator[tuple[Tasking, list[Renewal], list[Tasking]]]:
    """The item of a copy in which one of these goes on, the repeats that it gets, and the items of other letters that leave for
    it. A letter whose own item has what the copy has not (a reply, a later date) asks for itself."""
    copies = copies_of(letter)
    for item in sorted(ended, key=lambda one: (one.ask_id, one.pk)):
        copy = copies.get(item.pk)
        if copy is None:
            continue
        own = _own_of_repeaters(item)
        left = [
            one for one in own if _stands_for(one, item) and not (only_there(copy, one) or date_only_there(copy, one))
        ]
        without = {one.ask.letter_id for one in own if one not in left} | {copy.ask.letter_id}
        known = copy.renewals.values("letter")
        renewals = (
            item.renewals.filter(letter__state=LetterState.SENT).exclude(letter__in=known).exclude(letter__in=without)
        )
        yield copy, list(renewals.select_related("letter").order_by("renewed_on", "pk")), left


def _own_of_repeaters(item: Tasking) -> list[Tasking]:
    """The items of letters that repeat this one which ever left for it."""
    letters = item.renewals.filter(letter__state=LetterState.SENT).values("letter")
    told = Event.objects.filter(
        kind=EventKind.STATUS_CHANGED,
        letter__in=letters,
        payload__repeats=str(item.pk),
        to_status=Status.ENTERED_IN_ERROR,
    )
    found = Tasking.objects.filter(pk__in=told.values("tasking")).select_related(
        "ask__letter", "agency", "status_event"
    )
    return list(found.order_by("ask_id", "pk"))


def _stands_for(own: Tasking, item: Tasking) -> bool:
    """Whether it is away for this item; or waits again and nothing came of it, since that one was an error."""
    moved = own.status_event
    if own.status == Status.ENTERED_IN_ERROR:
        return moved is not None and moved.payload.get("repeats") == str(item.pk)
    return own.status == Status.AWAITING and moved is not None and moved.reason == ASKS_FOR_ITSELF
