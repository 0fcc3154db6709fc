"""What the public sees of a letter, what stays inside, and the parts that can be made public (`public_part`).

What a page shows is the payload itself, in words: nothing is looked up for it but the names of agencies and companies.
"""

import json
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from letters.domain import payloads, publicity, releases
from letters.domain.access import RELEASE, may
from letters.domain.deadlines import count
from letters.domain.words import initial
from letters.enums import Access, LetterState, Status, TaskingRole
from letters.models import Answer, Evidence, Letter, Response, Tasking
from letters.web.guards import visible
from letters.web.public_words import public_words

LETTER = "letter"


@dataclass(frozen=True)
class Part:
    """Something that is made public by itself: the letter, a reply, what it says, a piece of evidence."""

    kind: str
    row: Letter | Response | Answer | Evidence
    words: str
    obstacles: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        return self.row.released_at is not None


def public(request: HttpRequest, reference: str) -> HttpResponse:
    """What the public sees of the letter now, what stays inside, and the parts that can be made public."""
    letter = visible(request, reference)
    state = payloads.public_letter(letter) if letter.is_released else None
    context = {
        **about(letter, here="What the public sees"),
        "state": public_words(state) if state else None,
        "json": as_json(state),
        "parts": [_part_row(letter, part) for part in parts_of(letter)],
        "held_back": held_back(letter),
        "inside": inside(letter),
        # what stands in the way is theirs to know alone: it may be a letter that others must not know of
        "may_release": may(request.user, RELEASE, letter),
    }
    return render(request, "letters/public.html", context)


def about(letter: Letter, *, here: str) -> dict:
    """For both pages: the letter and the way up."""
    letter_url = reverse("letter", args=[letter.reference])
    crumbs = [{"label": "Letters", "url": reverse("letters")}, {"label": letter.reference, "url": letter_url}]
    if here != "What the public sees":
        crumbs.append({"label": "What the public sees", "url": reverse("letter_public", args=[letter.reference])})
    return {"letter": letter, "crumbs": crumbs, "here": here}


def parts_of(letter: Letter) -> list[Part]:
    """All that can be made public by itself, with what stands in its way."""
    found = [Part(LETTER, letter, f"Letter {letter.reference}", tuple(_letter_obstacles(letter)))]
    answers = Answer.objects.filter(tasking__ask__letter=letter).select_related(
        "response__agency", "tasking__ask__letter", "tasking__agency"
    )
    by_reply: dict = {}
    for answer in answers.order_by("response__received_on", "response_id", "tasking__ask__number", "pk"):
        by_reply.setdefault(answer.response, []).append(answer)
    for reply, members in by_reply.items():
        found.append(_part("reply", reply, str(reply)))
        found += [_part("answer", one, f"What it says about “{one.tasking}”") for one in members]
    evidence = Evidence.objects.filter(tasking__ask__letter=letter).select_related(
        "response__agency", "tasking__ask__letter", "tasking__agency"
    )
    return found + [
        _part("evidence", one, f"Evidence for “{one.tasking}”: {one}") for one in evidence.order_by("added_at", "pk")
    ]


def _part(kind: str, row: releases.Part, words: str) -> Part:
    stops = () if row.released_at else tuple(problem.message for problem in releases.obstacles(row))
    return Part(kind, row, initial(words), stops)


def _letter_obstacles(letter: Letter) -> list[str]:
    if letter.state != LetterState.SENT:
        return ["It was entered in error, and stays inside."]
    if letter.access == Access.RESTRICTED:
        return ["It is open to named staff only. Open it to the office first."]
    return []


def _part_row(letter: Letter, part: Part) -> dict:
    return {
        "kind": part.kind,
        "words": part.words,
        "is_public": part.is_public,
        "obstacles": part.obstacles,
        "url": reverse("letter_public_part", args=[letter.reference, part.kind, part.row.pk]),
    }


def held_back(letter: Letter) -> list[dict]:
    """Items whose status the public does not see as it is; none of a letter that does not exist for it."""
    if not letter.is_released:
        return []
    taskings = Tasking.objects.filter(ask__letter=letter).exclude(status=Status.DRAFT)
    return [
        {
            "item": str(one),
            "inside": Status(one.status).label,
            "public": "not shown" if publicity.is_hidden(one) else Status(one.public_status).label,
        }
        for one in taskings.select_related("ask", "agency").order_by("ask__number", "role", "agency__short_name")
        if one.status != one.public_status and one.public_status != Status.ENTERED_IN_ERROR
    ]


def inside(letter: Letter) -> list[str]:
    """What never leaves the office, counted."""
    dates = Tasking.objects.filter(ask__letter=letter, role=TaskingRole.LEAD, due_basis="yardstick").count()
    lines = [
        f"Its number, {letter.reference}; owners, reminders, calls, reasons and topics",
        f"{count(letter.notes.count(), 'note')}, {count(letter.attachments.standing().count(), 'file')}",
    ]
    if numbers := letter.addressees.exclude(control_number="").count():
        lines.append(f"{count(numbers, 'number')} that an agency gave the letter")
    if dates:
        lines.append(
            f"{count(dates, 'date')} that rest on our usual wait"
            if dates > 1
            else "A date that rests on our usual wait"
        )
    return lines


def as_json(state: dict | None) -> str:
    """As followers of the public stream read it; nothing of what is not public."""
    return json.dumps(state, indent=2, ensure_ascii=False) if state else ""
