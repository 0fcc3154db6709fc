"""What is made public beside the letter: a reply, what it says about one item, a piece of evidence. Each by itself.

Taking one back hides every earlier entry of its letters from those who read the public stream from its past, as taking
back the letter does; the entry that tells of it carries what is still public.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from letters.domain import payloads, publicity
from letters.domain.access import RELEASE, Actor, require
from letters.domain.files import letters_of
from letters.domain.history import acting, record_event
from letters.domain.rules import check_reason, refuse_if
from letters.domain.said import UNREAD_KIND
from letters.domain.workflow import lock
from letters.enums import Access, EventKind, EvidenceKind, Status, TaskingRole
from letters.errors import Problem
from letters.models import Answer, Ask, Evidence, Letter, Renewal, Response, Tasking

Part = Response | Answer | Evidence
_Found = TypeVar("_Found")
NAMES: dict[type, str] = {Response: "reply", Answer: "answer", Evidence: "evidence"}
RELEASED = {
    Response: EventKind.RESPONSE_RELEASED,
    Answer: EventKind.ANSWER_RELEASED,
    Evidence: EventKind.EVIDENCE_RELEASED,
}
REPEATS = "What the public sees of items that repeat an earlier letter follows that letter."
WITHDRAWN = {
    Response: EventKind.RESPONSE_WITHDRAWN,
    Answer: EventKind.ANSWER_WITHDRAWN,
    Evidence: EventKind.EVIDENCE_WITHDRAWN,
}


@transaction.atomic
def release_part(part: Part, *, by: Actor) -> Part:
    """Make a reply, an answer or a piece of evidence public, where its letter is. Statuses that rest on it follow.

    Raises RecordError with what stands in the way (`obstacles`), NotAllowed for who is no manager.
    """
    for letter in letters_about(part):
        require(by, RELEASE, letter)
    with acting(by):
        taskings = _lock(part)
        # held after its items, as whoever reads a reply does: no item is added to it between this look and the end
        held = type(part).objects.select_for_update(no_key=True)
        part.refresh_from_db(from_queryset=held)  # type: ignore[arg-type]
        refuse_if(obstacles(part))
        part.released_at = timezone.now()
        part.save(update_fields=["released_at"])
        moved = settle_public(taskings)
        for letter in letters_about(part):
            tell_released(part, letter, moved, by=by)
        return part


def tell_released(part: Part, letter: Letter, moved: list[Tasking], *, by: Actor) -> None:
    """The event by which a letter gets a public part, with the items whose public status `moved` by it."""
    record_event(
        RELEASED[type(part)], by=by, letter=letter, tasking=_tasking(part),
        payload={"letter": str(letter.pk), NAMES[type(part)]: str(part.pk)},
        public_payload={
            "letter": str(letter.pk),
            "released": {NAMES[type(part)]: payloads.public_part(part)},
            "taskings": [payloads.public_tasking(one) for one in moved if one.ask.letter_id == letter.pk],
            "corrected": payloads.public_letter(letter),
        },
    )  # fmt: skip


@transaction.atomic
def withdraw_part(part: Part, *, by: Actor, reason: str) -> Part:
    """Take it back, with whatever rests on it: items go back to the last status that is still public."""
    for letter in letters_about(part):
        require(by, RELEASE, letter)
    refuse_if(check_reason(reason, "Say why it is no longer public."))
    with acting(by, why=reason):
        taskings = _lock(part)
        part.refresh_from_db()
        if part.released_at is None:
            refuse_if([Problem("released_at", "This is not public, so there is nothing to take back.")])
        _take_back(part, taskings, by=by, reason=reason)
        return part


def take_back(part: Part, *, by: Actor, reason: str) -> None:
    """For the verbs that change what is public so that it has to be looked at anew. Inside a transaction and `acting`."""
    if type(part).objects.filter(pk=part.pk, released_at__isnull=False).exists():
        _take_back(part, _lock(part), by=by, reason=reason)


def tell_amended(
    letter: Letter, *, by: Actor, changed: list[str], reason: str, public: dict | None, items: Iterable[Any] = ()
) -> None:
    """The event of a correction; `public`: what the public is told, None: nothing; `items`: keys of those it makes others."""
    told = {"items": sorted(str(key) for key in items)} if items else {}
    record_event(
        EventKind.LETTER_AMENDED, by=by, letter=letter, reason=reason,
        payload={"letter": str(letter.pk), "reference": letter.reference, "changed": changed, "reason": reason, **told},
        public_payload=public,
    )  # fmt: skip


def tell_corrected(letter: Letter, *, by: Actor, reason: str, public: dict | None) -> None:
    """Something that hangs on the letter is another now; `public`: what the public is told beside the letter as it is."""
    told = None if public is None else {**public, "corrected": payloads.public_letter(letter)}
    tell_amended(letter, by=by, changed=[], reason=reason, public=told)


def take_back_replies(letter: Letter, *, by: Actor, reason: str) -> None:
    """A letter is restricted: replies that speak of it too are public nowhere any more."""
    for response in _public_replies(letter).order_by("pk"):
        take_back(response, by=by, reason=reason)


def lock_asks(letter: Letter) -> None:
    """For the verbs that make a letter public or hide it, which hold the letter: wait for whoever writes about its items,
    and let the next one wait.

    A verb about an item holds the ask and reads the letter under it. Without this it would write for everybody of a
    letter that is public no longer, or keep from everybody what it did while the letter became public. What the change
    reaches in other letters is locked in the same go: in one order, as everywhere.
    """
    asks = {
        *Ask.objects.filter(letter=letter).values_list("pk", flat=True),
        *_left_for(letter).values_list("ask_id", flat=True),
        *Tasking.objects.filter(answers__response__in=_public_replies(letter)).values_list("ask_id", flat=True),
    }
    list(Ask.objects.select_for_update(no_key=True).filter(pk__in=asks).order_by("pk").values_list("pk", flat=True))


def let_repeats_follow(letter: Letter, *, by: Actor) -> None:
    """A letter became public, or no longer is: items of public letters that left because they repeat its own do so for
    the public, too, or stand there again. Inside a transaction and `acting`.

    That one had left must then not be read from the past of its own letter either: it told that there is an earlier one.
    """
    moved = settle_public([lock(tasking) for tasking in _left_for(letter).order_by("ask_id", "pk")])
    for one in sorted({one.ask.letter for one in moved if one.ask.letter.is_released}, key=lambda one: one.pk):
        back = sorted(str(item.pk) for item in moved if item.ask.letter_id == one.pk) if not letter.is_released else []
        public = {"letter": str(one.pk), "withdrawn": {"taskings": back}} if back else {}
        tell_corrected(one, by=by, reason=REPEATS, public=public)


def _left_for(letter: Letter) -> QuerySet[Tasking]:
    """Items of later letters that left because they repeat one of this letter."""
    later = Renewal.objects.filter(tasking__ask__letter=letter).values("letter")
    return Tasking.objects.filter(
        ask__letter__in=later, status=Status.ENTERED_IN_ERROR, status_event__payload__repeats__isnull=False
    )


def _public_replies(letter: Letter) -> QuerySet[Response]:
    return Response.objects.filter(answers__tasking__ask__letter=letter, released_at__isnull=False).distinct()


def public_before(letter: Letter) -> dict | None:
    """What the public sees of a letter that is about to be corrected; of one that is not public nothing, and no query."""
    return payloads.public_letter(letter) if letter.is_released else None


def record_amended(
    letter: Letter, *, by: Actor, changed: list[str], reason: str, before_public: dict | None, items: Iterable[Any] = ()
) -> None:
    """The event of a correction, of the letter's facts or of its parts; the public gets the whole letter as it is now,
    and nothing where that is what it was: a correction of what only the office sees is none to anybody else."""
    public = payloads.public_letter(letter)
    told = {"corrected": public} if public != before_public else None
    tell_amended(letter, by=by, changed=changed, reason=reason, public=told, items=items)


def preview(change: Callable[[], object], look: Callable[[], _Found]) -> _Found:
    """What `look` would find after `change`, found by doing it and rolling it back."""
    with transaction.atomic():
        change()
        found = look()
        transaction.set_rollback(True)
    return found


def reached(part: Part | Letter) -> list[Letter]:
    """The letters of which the public may see something else once it is made public or taken back."""
    if isinstance(part, Letter):
        return [part, *Letter.objects.filter(asks__taskings__in=_left_for(part)).distinct().order_by("pk")]
    return letters_about(part)


def letters_about(part: Part) -> list[Letter]:
    """The letters that it says something about."""
    return list(letters_of(part)) if isinstance(part, Response) else [part.tasking.ask.letter]


def obstacles(part: Part) -> list[Problem]:
    """Why it cannot be made public now, each with the way out; nothing stands in the way of an empty list."""
    name, letters = NAMES[type(part)], letters_about(part)
    if part.released_at is not None:
        return [Problem("released_at", f"This {name} is public already. There is nothing left to do.")]
    problems = []
    if any(letter.access == Access.RESTRICTED for letter in letters):
        problems.append(
            Problem("access", f"This {name} also bears on a letter that is open to named staff only. It stays inside.")
        )
    if not any(letter.is_released for letter in letters):
        problems.append(Problem("letter", f"Make the letter public first; then this {name} can follow."))
    if isinstance(part, Response | Evidence) and part.in_error_at:
        problems.append(Problem("in_error_at", f"This {name} was entered in error, and stays inside."))
    if isinstance(part, Response) and part.held_elsewhere:
        problems.append(
            Problem("held_elsewhere", "This reply is held elsewhere and not here. Nothing of it is made public.")
        )
    if isinstance(part, Response) and part.kind == UNREAD_KIND and _is_unread(part):
        # what kind of reply it is stands in what the public reads, and is not known before
        problems.append(Problem("kind", "Nobody has read this reply. Read what it says first."))
    if isinstance(part, Answer) and part.coverage is None:
        problems.append(Problem("coverage", "Nobody has read what the reply says about this. Read it first."))
    if not isinstance(part, Response) and publicity.is_hidden(part.tasking):
        problems.append(
            Problem(
                "tasking", "The public does not know this item: a reply that is not public passed it on. Make that public "
                "first, with what it says.",
            )
        )  # fmt: skip
    reply = _reply_of(part)
    if reply and (reply.released_at is None or reply.in_error_at):
        problems.append(Problem("response", "It rests on a reply that is not public. Make the reply public first."))
    return problems


def _is_unread(response: Response) -> bool:
    """Nobody has said of any item what it says."""
    found = [answer.coverage for answer in response.answers.all()]
    return bool(found) and not any(found)


def _reply_of(part: Part) -> Response | None:
    """The reply that it quotes or rests on."""
    if isinstance(part, Answer):
        return part.response
    return part.response if isinstance(part, Evidence) and part.kind == EvidenceKind.RESPONSE else None


def _take_back(part: Part, taskings: list[Tasking], *, by: Actor, reason: str) -> None:
    part.released_at = None
    part.save(update_fields=["released_at"])
    if isinstance(part, Response):  # what rests on a reply is public no longer than the reply
        for answer in part.answers.filter(released_at__isnull=False):
            answer.released_at = None
            answer.save(update_fields=["released_at"])
        for evidence in part.evidence.filter(released_at__isnull=False, kind=EvidenceKind.RESPONSE):
            evidence.released_at = None
            evidence.save(update_fields=["released_at"])
    settle_public(taskings)
    # the letter as it is under the lock: whoever calls may hold one that was read before
    about = letters_about(part) if isinstance(part, Response) else [tasking.ask.letter for tasking in taskings]
    for letter in about:
        record_event(
            WITHDRAWN[type(part)], by=by, letter=letter, tasking=_tasking(part), reason=reason,
            payload={"letter": str(letter.pk), NAMES[type(part)]: str(part.pk), "reason": reason},
            public_payload={
                "letter": str(letter.pk),
                "withdrawn": {NAMES[type(part)]: str(part.pk)},
                "corrected": payloads.public_letter(letter) if letter.is_released else None,
            },
        )  # fmt: skip


def _tasking(part: Part) -> Tasking | None:
    return None if isinstance(part, Response) else part.tasking


def _lock(part: Part) -> list[Tasking]:
    """The items it speaks of, locked in one order."""
    if isinstance(part, Response):
        found = Tasking.objects.filter(answers__response=part).distinct()
    else:
        found = Tasking.objects.filter(pk=part.tasking_id)
    return [lock(tasking) for tasking in found.order_by("ask_id", "pk")]


def settle_public(taskings: list[Tasking]) -> list[Tasking]:
    """Give each item, those it was passed on to, and the consulted ones that end with it, the status that is public
    now; those that changed. The asks are locked, and so are all their items."""
    asks = {tasking.ask_id for tasking in taskings}
    others = Tasking.objects.filter(ask__in=asks).exclude(pk__in=[one.pk for one in taskings])
    following = others.select_related("ask__letter", "agency", "acting_agency").order_by("pk")
    moved = []
    # who is consulted ends when all responsible ones have
    for tasking in sorted((*taskings, *following), key=lambda one: one.role == TaskingRole.CONSULTED):
        status = publicity.public_status(tasking)
        if status != tasking.public_status:
            tasking.public_status = status
            tasking.save(update_fields=["public_status"])
            moved.append(tasking)
    return moved
