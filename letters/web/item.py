"""One open item: its whole story. What can be done about it is in `item_actions`."""

import datetime as dt
import uuid
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from letters.domain.access import EDIT, may
from letters.domain.clocks import office_today
from letters.domain.deadlines import Explanation, long_date
from letters.domain.due_rules import LAW_FROM_RECEIPT, NO_DEADLINE, NO_RECEIPT, moved_because
from letters.domain.history import events_about
from letters.domain.items import why_no_reminder
from letters.domain.situations import is_promised
from letters.domain.standing import with_reopening
from letters.domain.transitions import NEED_WORDS, allowed_next, needs
from letters.domain.withheld import shown_to
from letters.domain.words import against_original, deadline_words, office_time, wait, way_on, with_yardstick
from letters.enums import OPEN_STATUSES, PAUSED_STATUSES, Basis, Clock, Status, SystemProcess, TaskingRole
from letters.models import DueDate, Pause, Tasking
from letters.web.guards import HAVE_PAGES
from letters.web.happened import timeline
from letters.web.item_story import chapters
from letters.web.letter_timeline import in_order
from letters.web.repeated import originals, repeats, said
from letters.web.rows import matrix_cell

# What the page offers besides the next states; `item_actions` does each.
ACTION_LABELS = {
    "owner": "Change owner",
    "reminder": "Remind me on…",
    "note": "Add a note",
}
# Offered where they can be done: more time, another promised day, another review date, a law that sets the date.
DATE_LABELS = {
    "extend": "Give more time…",
    "promise": "They named another day…",
    "review": "Look again on…",
    "law": "A law sets the date…",
    "unextend": "Take back the time given…",
}


def visible(request: HttpRequest, pk: uuid.UUID) -> Tasking:
    """The item if this person may see it; otherwise it does not exist for them."""
    # a draft that was discarded has no number and no page, and so its items have none
    items_seen = Tasking.objects.visible_to(request.user).filter(ask__letter__state__in=HAVE_PAGES)
    items_seen = with_yardstick(with_reopening(items_seen.exclude(status=Status.DRAFT).with_clock(office_today())))
    return get_object_or_404(
        items_seen.select_related(
            "ask__kind",
            "ask__letter",
            "ask__statute",
            "agency__parent",
            "acting_agency",
            "owner",
            "status_event",
            "passed_to__agency",
        ),
        pk=pk,
    )


def item(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The story: what was asked, where it stands, why that date, what happened."""
    tasking = visible(request, pk)
    return render(request, "letters/item.html", story(request, tasking))


def story(request: HttpRequest, tasking: Tasking) -> dict:
    """Everything the page of one item shows."""
    today = office_today()
    events = in_order(list(events_about(tasking).select_related("by_user", "tasking__agency", "tasking__ask")))
    return {
        "tasking": tasking,
        "letter": tasking.ask.letter,
        "letter_url": reverse("letter", args=[tasking.ask.letter.reference]),
        "source": f"Letter {tasking.ask.letter.reference}, {long_date(tasking.ask.letter.letter_date)}",
        "crumbs": crumbs(tasking)[:-1],
        "here": str(tasking),
        "cell": matrix_cell(tasking, today),
        "wait": wait(tasking, today),
        "way_on": way_on(tasking),
        "repeats": _repeated(request, tasking),
        "why": why_date(tasking),
        "why_acknowledgement": why_acknowledgement(tasking),
        "lateness": against_original(tasking, today),
        "law": tasking.ask.statute,
        "deadline_words": deadline_words(tasking.ask.letter, tasking.ask),
        "next": next_statuses(tasking),
        "passed_from": tasking.passed_from.select_related("agency"),
        "notes": tasking.notes.select_related("by"),
        "contact_key": uuid.uuid4(),
        **chapters(request, tasking),
        "timeline": timeline(shown_to(request.user, events), one_item=True),
        "may_edit": may(request.user, EDIT, tasking.ask.letter),
        "may_extend": "extend" in _date_actions(tasking),
        "actions": [
            {"label": label, "url": reverse(f"item_{name}", args=[tasking.pk])}
            for name, label in {**ACTION_LABELS, **_date_actions(tasking)}.items()
            if name != "reminder" or not why_no_reminder(tasking) or tasking.snoozed_until
        ],
    }


def _repeated(request: HttpRequest, tasking: Tasking) -> dict | None:
    """What the item repeats, if it does: that one goes on, and this one is nobody's error."""
    if not repeats(tasking):
        return None
    original = originals([tasking], request.user).get(tasking.pk)
    return said(tasking, original) | {"is_seen": original is not None}


def _date_actions(tasking: Tasking) -> dict[str, str]:
    if tasking.role == TaskingRole.CONSULTED or not tasking.is_open:
        return {}
    left_out = {"extend" if is_promised(tasking) else "promise"}
    if tasking.extended_to is None:
        left_out.add("unextend")
    if tasking.review_on is None:
        left_out.add("review")
    return {name: label for name, label in DATE_LABELS.items() if name not in left_out}


def crumbs(tasking: Tasking) -> list[dict]:
    """The way to an item: letters, its letter, itself."""
    reference = tasking.ask.letter.reference
    return [
        {"label": "Letters", "url": reverse("letters")},
        {"label": reference, "url": reverse("letter", args=[reference])},
        {"label": str(tasking), "url": reverse("item", args=[tasking.pk])},
    ]


def next_statuses(tasking: Tasking) -> dict[str, list[dict]]:
    """The allowed next states only, open ones and ends apart, each with what it needs."""
    following = [
        {
            "code": status,
            "words": str(status.label) if tasking.is_open else "reopen",
            "needs": ", ".join(NEED_WORDS[need] for need in needs(tasking.status, status)),
            "is_open": status in OPEN_STATUSES,
        }
        for status in allowed_next(tasking.status, closes_as=tasking.ask.kind.closes_as)
    ]
    return {"open": [s for s in following if s["is_open"]], "closed": [s for s in following if not s["is_open"]]}


def why_date(tasking: Tasking) -> dict | None:
    """The due date explains itself, with the values it had before and what moved it."""
    return why_dates([tasking]).get(tasking.pk)


def why_acknowledgement(tasking: Tasking) -> dict | None:
    """The other clock: when we expect to have heard that the letter came. It ends with their first word."""
    return why_dates([tasking], clock=Clock.ACKNOWLEDGEMENT).get(tasking.pk)


def why_dates(taskings: list[Tasking], *, clock: Clock = Clock.SUBSTANTIVE) -> dict[uuid.UUID, dict]:
    """The same for several items, in one query."""
    revisions = DueDate.objects.filter(tasking__in=taskings, clock=clock).order_by("tasking", "-revision")
    by_tasking = groupby(revisions.select_related("moved_by__by_user"), key=lambda revision: revision.tasking_id)
    stopped = _stopped_since(taskings) if clock == Clock.SUBSTANTIVE else {}
    return {key: _why(list(members), stopped.get(key)) for key, members in by_tasking}


def _stopped_since(taskings: list[Tasking]) -> dict[uuid.UUID, dt.date]:
    """Since when the clock of each stands still, of those that wait on us; no query where none does."""
    waiting = [tasking for tasking in taskings if tasking.status in PAUSED_STATUSES]
    pauses = Pause.objects.filter(tasking__in=waiting, ended_on__isnull=True) if waiting else []
    return {pause.tasking_id: pause.started_on for pause in pauses}


def _why(revisions: list[DueDate], stopped: dt.date | None = None) -> dict:
    told = [Explanation.from_json(revision.explanation) for revision in revisions]
    now = told[0]
    return {
        "question": f"And why an acknowledgment by {long_date(now.due_on)}?"
        if revisions[0].clock == Clock.ACKNOWLEDGEMENT
        else f"Why {long_date(now.due_on)}?",
        "summary": _summary(revisions[0], now),
        "steps": now.sentences(stopped=stopped),
        "earlier": [
            {
                "value": long_date(earlier.value),
                "words": f"until {office_time(revision.recorded_at)}, {_mover(revision)}: {moved_because(before, after)}{_reason(revision)}",
            }
            # each revision with the one it took the place of; a new explanation of the same day moved nothing
            for revision, after, earlier, before in zip(revisions, told, revisions[1:], told[1:], strict=False)
            if earlier.value != revision.value or earlier.basis != revision.basis
        ],
    }


def _summary(revision: DueDate, now: Explanation) -> str:
    if revision.clock == Clock.ACKNOWLEDGEMENT:
        return (
            "By then we expect to have heard that the letter came. An acknowledgment never takes the place of a reply."
        )
    told = {
        Basis.LETTER: "The letter sets this date.",
        Basis.PROMISE: "It is their own date.",
        Basis.STATUTE: "The law sets this date.",
        Basis.YARDSTICK: f"{NO_DEADLINE}, so our usual wait applies. It is not a deadline.",
    }
    if revision.basis == Basis.YARDSTICK and any(NO_RECEIPT in note for note in now.notes):
        told[Basis.YARDSTICK] = "Receipt is not recorded, so our usual wait applies so far. It is not a deadline."
    if any(LAW_FROM_RECEIPT in note for note in now.notes):
        told[Basis.STATUTE] = "The law sets this date, counted from the letter’s own: receipt is not recorded."
    words = told[Basis(revision.basis)]
    return (
        f"{words.replace(' sets this date', ' set the date before')} They were given more time."
        if now.extended_from
        else words
    )


def _reason(revision: DueDate) -> str:
    return f" (“{revision.moved_by.reason}”)" if revision.moved_by and revision.moved_by.reason else ""


def _mover(revision: DueDate) -> str:
    event = revision.moved_by
    if event is None:
        return "computed anew"
    return str(event.by_user) if event.by_user else SystemProcess(event.by_process).label
