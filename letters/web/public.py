"""See what the public will see: the public state of a letter, and each part of it made public or taken back by a manager.

What a page shows is the payload itself, in words: nothing is looked up for it but the names of agencies and companies.
"""

import json
import uuid
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain import payloads, publicity, releases, sending
from letters.domain.access import RELEASE, may
from letters.domain.deadlines import count
from letters.enums import Access, LetterState, Status, TaskingRole
from letters.errors import RecordError
from letters.models import Answer, Evidence, Letter, Response, Tasking
from letters.web.forms import TextField, beside_fields
from letters.web.guards import need, visible
from letters.web.public_words import public_changes, public_words

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


class WithdrawForm(forms.Form):
    use_required_attribute = False
    reason = TextField(
        label="Why is it no longer public?", limit=2000, rows=2,
        error_messages={"required": "Say why. Office only; it is kept with the change."},
    )  # fmt: skip


def public(request: HttpRequest, reference: str) -> HttpResponse:
    """What the public sees of the letter now, what stays inside, and the parts that can be made public."""
    letter = visible(request, reference)
    state = payloads.public_letter(letter) if letter.is_released else None
    context = {
        **_about(letter, here="What the public sees"),
        "state": public_words(state) if state else None,
        "json": _json(state) if state else "",
        "parts": [_part_row(letter, part) for part in _parts(letter)],
        "held_back": _held_back(letter),
        "inside": _inside(letter),
        "may_release": may(request.user, RELEASE, letter),
    }
    return render(request, "letters/public.html", context)


def part(request: HttpRequest, reference: str, kind: str, pk: uuid.UUID) -> HttpResponse:
    """See what the public will see once one part is made public, or taken back; then do it."""
    letter = visible(request, reference)
    need(request, RELEASE, "may not make anything public. Ask a manager or an administrator.", letter)
    found = next((one for one in _parts(letter) if one.kind == kind and one.row.pk == pk), None)
    if found is None:
        raise Http404("No such part of the letter")
    form = WithdrawForm(request.POST or None) if found.is_public else forms.Form(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = "no longer public" if found.is_public else "public now"
                _change(found, request, form.cleaned_data.get("reason", ""))
                messages.success(request, f"{found.words}: {done}.")
                return redirect("letter_public", reference=reference)
            except RecordError as error:
                beside_fields(form, error)
    before = payloads.public_letter(letter) if letter.is_released else None
    after, stops = _after(found, request, letter)
    context = {
        **_about(letter, here="Take it back" if found.is_public else "Make it public"),
        "part": found,
        "form": form,
        "stops": stops,
        "state": public_words(after) if after else None,
        "json": _json(after) if after else "",
        "changes": public_changes(before, after),
        "held_back": _held_back(letter),
        "inside": _inside(letter),
        "back": reverse("letter_public", args=[reference]),
    }
    return render(request, "letters/public_part.html", context, status=status)


def _about(letter: Letter, *, here: str) -> dict:
    letter_url = reverse("letter", args=[letter.reference])
    crumbs = [{"label": "Letters", "url": reverse("letters")}, {"label": letter.reference, "url": letter_url}]
    if here != "What the public sees":
        crumbs.append({"label": "What the public sees", "url": reverse("letter_public", args=[letter.reference])})
    return {"letter": letter, "crumbs": crumbs, "here": here}


def _parts(letter: Letter) -> list[Part]:
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
    words = words[:1].upper() + words[1:]
    stops = () if row.released_at else tuple(problem.message for problem in releases.obstacles(row))
    return Part(kind, row, words, stops)


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


def _change(part: Part, request: HttpRequest, reason: str) -> None:
    if part.kind == LETTER:
        if part.is_public:
            sending.withdraw_release(part.row, by=request.user, reason=reason)
        else:
            sending.release(part.row, by=request.user)
    elif part.is_public:
        releases.withdraw_part(part.row, by=request.user, reason=reason)
    else:
        releases.release_part(part.row, by=request.user)


def _after(part: Part, request: HttpRequest, letter: Letter) -> tuple[dict | None, list[str]]:
    """The public state once it is done; or what stands in the way."""
    if part.kind == LETTER and part.is_public:
        return None, []
    fresh = next(one for one in _parts(letter) if one.kind == part.kind and one.row.pk == part.row.pk)
    try:
        return releases.preview(lambda: _change(fresh, request, "Looking ahead."), letter), []
    except RecordError as error:
        return None, [problem.message for problem in error.problems]


def _held_back(letter: Letter) -> list[dict]:
    """Items whose status the public does not see as it is."""
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


def _inside(letter: Letter) -> list[str]:
    """What never leaves the office, counted."""
    dates = Tasking.objects.filter(ask__letter=letter, role=TaskingRole.LEAD, due_basis="yardstick").count()
    lines = [
        f"Its number, {letter.reference}; owners, reminders, calls, reasons and topics",
        f"{count(letter.notes.count(), 'note')}, {count(letter.attachments.count(), 'file')}",
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


def _json(state: dict) -> str:
    return json.dumps(state, indent=2, ensure_ascii=False)
