"""What a letter may repeat of earlier ones: proposed, never decided (invariant 9)."""

import uuid
from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet

from letters.domain import letter_desk
from letters.domain.access import EDIT, may
from letters.domain.renewals import Proposal, stands_for
from letters.enums import EventKind, LinkKind, TaskingRole
from letters.models import Ask, AskTarget, Event, Letter, LetterLink, Renewal, Tasking, User

MOST = 200  # items of earlier letters that a page proposes, or a review looks at


def proposed_renewals(
    letter: Letter, user: User, *, twins: bool = False, words: str = "", most: int = MOST
) -> list[Proposal]:
    """Open items of earlier letters that this one, sent or still a draft, may repeat; only what the person may change.

    The same agency and the same kind of ask, or a company in common, or a letter that this one follows up; where it was
    logged anew, what the entry that it was copied from repeats, and nothing of that entry.
    Nothing is decided: a person ticks (invariant 9). `twins`: only what the letter would have twice. `words`: of the ask or
    its letter. The oldest first, `most` of them: an agency may have thousands.
    """
    if not may(user, EDIT):
        return []  # whoever may edit at all may edit each letter that is visible to them
    asks = list(letter.asks.select_related("kind").prefetch_related("targets", "taskings"))
    agencies = {addressee.agency_id for addressee in letter.addressees.all()}
    agencies |= {tasking.agency_id for ask in asks for tasking in ask.taskings.all()}
    of_it = Q(letter=letter, kind__in=[LinkKind.FOLLOW_UP_TO, LinkKind.SUPERSEDES])
    links = list(LetterLink.objects.filter(of_it | Q(to_letter=letter, kind=LinkKind.SUPERSEDES)))
    followed = {link.to_letter_id for link in links if link.kind == LinkKind.FOLLOW_UP_TO}
    anew = letter_desk.anew_among(links)
    entries = {key for link in links if link.pk in anew for key in (link.letter_id, link.to_letter_id)}
    copied = _seen([link for link in links if link.pk in anew and link.letter_id == letter.pk], user)
    said = set(Renewal.objects.filter(letter__in=copied).values_list("tasking", flat=True)) if copied else set()
    found = (
        Tasking.objects.visible_to(user)
        .open()
        .filter(agency__in=agencies)
        .exclude(ask__letter__in={letter.pk, *entries})
        .exclude(renewals__letter=letter)
        .filter(Q(ask__in=_alike(asks) if twins else _near(asks, followed)) | Q(pk__in=said))
        .select_related("ask__letter", "ask__kind", "agency", "agency__parent")
        .prefetch_related("ask__targets", "renewals")
        .order_by("asked_on", "ask__number", "pk")
    )
    if before := letter.sent_on or letter.letter_date:
        found = found.filter(asked_on__lte=before)
    if words:
        found = found.matching(words)
    proposals, taskings = [], list(found[:most])
    paired = _paired(letter, asks, copied, [one for one in taskings if one.pk in said])
    for tasking in taskings:
        same = [ask for ask in asks if ask.kind_id == tasking.ask.kind_id or _common(ask, tasking)]
        why = _why(same, tasking, tasking.ask.letter_id in followed, tasking.pk in said)
        own = _own(asks, tasking) or paired.get(tasking.pk)
        proposals.append(Proposal(tasking, why, own, tasking.pk in said))
    return proposals


def _seen(links: Collection[LetterLink], user: User) -> dict[uuid.UUID, str]:
    """By the key of an entry that the letter was copied from, and this person may see: the link that says so."""
    if not links:
        return {}
    seen = set(
        Letter.objects.visible_to(user)
        .filter(pk__in=[link.to_letter_id for link in links])
        .values_list("pk", flat=True)
    )
    return {link.to_letter_id: str(link.pk) for link in links if link.to_letter_id in seen}


def _own(asks: Collection[Ask], tasking: Tasking) -> Tasking | None:
    """What the letter would have beside that item."""
    own = (one for ask in asks for one in ask.taskings.all())
    return next((one for one in own if one.is_open and stands_for(one, tasking, asks)), None)


def _paired(
    letter: Letter, asks: Collection[Ask], copied: Mapping[uuid.UUID, str], said: Collection[Tasking]
) -> dict[uuid.UUID, Tasking]:
    """By the key of an item that an entry repeats: what this letter has at that agency of the ask by which the entry did,
    whatever kind or company it was put right to. Nothing where that ask was taken out."""
    if not said:
        return {}
    told = Event.objects.filter(
        kind=EventKind.LETTER_LINKED, letter__in=[letter.pk, *copied], payload__link__in=list(copied.values()),
        payload__has_key="anew",
    )  # fmt: skip
    now = {before: ask for event in told for before, ask in letter_desk.asks_anew(event).items()}
    own = {
        (str(ask.pk), one.agency_id): one
        for ask in asks
        for one in ask.taskings.all()
        if one.is_open and one.role == TaskingRole.LEAD
    }
    found = {}
    for entry in Letter.objects.filter(pk__in=copied).prefetch_related(
        "asks__kind", "asks__targets", "asks__taskings__status_event"
    ):
        for item in said:
            before = _repeated_by(entry, item)
            here = (own.get((now.get(str(one.ask_id), ""), item.agency_id)) for one in before)
            if one := next(filter(None, here), None):
                found[item.pk] = one
    return found


def _repeated_by(entry: Letter, item: Tasking) -> list[Tasking]:
    """The items of a letter that stood for this one; first what left for it."""
    asks = entry.asks.all()
    there = [one for ask in asks for one in ask.taskings.all() if one.agency_id == item.agency_id]
    left = [one for one in there if one.status_event and one.status_event.payload.get("repeats") == str(item.pk)]
    return [*left, *(one for one in there if one not in left and stands_for(one, item, asks))]


def _near(asks: Collection[Ask], followed: Collection[uuid.UUID]) -> QuerySet[Ask]:
    """Asks of the same kind as one of these, or with a company of one in common, or of a letter that is followed up."""
    about = AskTarget.objects.filter(target__in={target.pk for ask in asks for target in ask.targets.all()})
    return Ask.objects.filter(
        Q(kind__in={ask.kind_id for ask in asks}) | Q(pk__in=about.values("ask")) | Q(letter__in=followed)
    )


def _alike(asks: Collection[Ask]) -> QuerySet[Ask]:
    """Asks of the same kind with a company in common, or without any: an agency may have thousands of open items."""
    alike = Q(pk__in=[])
    for ask in asks:
        alike |= Q(kind=ask.kind_id, targets=min((target.pk for target in ask.targets.all()), default=None))
    return Ask.objects.filter(alike)


def _common(ask: Ask, tasking: Tasking) -> set[str]:
    return {t.name for t in ask.targets.all()} & {t.name for t in tasking.ask.targets.all()}


def _why(same: Collection[Ask], tasking: Tasking, followed: bool, said: bool) -> str:
    reasons = ["the entry that the letter was copied from repeats it"] if said else []
    if followed:
        reasons.append(f"the letter follows up {tasking.ask.letter.reference}")
    if any(ask.kind_id == tasking.ask.kind_id for ask in same):
        reasons.append(f"it also asks for “{tasking.ask.kind}”")
    if names := sorted({name for ask in same for name in _common(ask, tasking)}):
        reasons.append(f"both are about {', '.join(names)}")
    return "; ".join(reasons)
