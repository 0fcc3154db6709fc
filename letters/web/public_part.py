"""See what the public will see once a part is made public or taken back; then do just that, or nothing."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain import payloads, releases, sending
from letters.domain.access import RELEASE
from letters.domain.words import office_time
from letters.enums import EventKind, SystemProcess
from letters.errors import RecordError
from letters.models import Event, Letter
from letters.web.forms import TextField, beside_fields
from letters.web.guards import need, visible
from letters.web.public import LETTER, Part, about, as_json, held_back, inside, parts_of
from letters.web.public_words import public_changes, public_words

PUBLISH, TAKE_BACK = "publish", "take_back"
# The public state of each letter that a change reaches, by its id; None of one that is not public.
States = Mapping[uuid.UUID, dict | None]


@dataclass(frozen=True)
class Outlook:
    """How it would stand: what the public sees, and which statuses of the letter it does not."""

    states: States
    held_back: list[dict]


class WithdrawForm(forms.Form):
    use_required_attribute = False
    reason = TextField(
        label="Why is it no longer public?", limit=2000, rows=2,
        error_messages={"required": "Say why. Office only; it is kept with the change."},
    )  # fmt: skip


def part(request: HttpRequest, reference: str, kind: str, pk: uuid.UUID) -> HttpResponse:
    """One part of a letter. What is posted says which way: the page may be older than the last change."""
    letter = visible(request, reference)
    need(request, RELEASE, "may not make anything public. Ask a manager or an administrator.", letter)
    found = _find(letter, kind, pk)
    if request.method != "POST":
        return _page(request, letter, found)
    do = request.POST.get("do")
    if do not in (PUBLISH, TAKE_BACK):
        return _page(request, letter, found, changed=True, status=409)
    if found.is_public == (do == PUBLISH):
        return _stands_so(request, letter, found)
    form = _form(found, request.POST)
    if not form.is_valid():
        return _page(request, letter, found, form, status=422)
    try:
        with transaction.atomic():
            _change(found, do, request, form.cleaned_data.get("reason", ""))
            # what is taken back need not have been looked at
            changed = do == PUBLISH and _seal(_states(found)) != request.POST.get("seen")
            if changed:
                transaction.set_rollback(True)
    except RecordError as error:
        letter = visible(request, reference)
        found = _find(letter, kind, pk)
        if found.is_public == (do == PUBLISH):
            return _stands_so(request, letter, found)
        beside_fields(form, error)
        return _page(request, letter, found, form, status=422)
    if changed:
        letter = visible(request, reference)
        return _page(request, letter, _find(letter, kind, pk), changed=True, status=409)
    messages.success(request, f"{found.words}: {'public now' if do == PUBLISH else 'no longer public'}.")
    return redirect("letter_public", reference=reference)


def _find(letter: Letter, kind: str, pk: uuid.UUID) -> Part:
    found = next((one for one in parts_of(letter) if one.kind == kind and one.row.pk == pk), None)
    if found is None:
        raise Http404("No such part of the letter")
    return found


def _form(found: Part, typed: Mapping | None = None) -> forms.Form:
    return WithdrawForm(typed) if found.is_public else forms.Form(typed)


def _page(
    request: HttpRequest,
    letter: Letter,
    found: Part,
    form: forms.Form | None = None,
    *,
    changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page of a part as it is now; `changed`: what was pressed belongs to a page that is out of date."""
    do = TAKE_BACK if found.is_public else PUBLISH
    before = _states(found)
    after, stops = _after(found, do, request, letter)
    state = None if stops else after.states[letter.pk]
    context = {
        **about(letter, here="Take it back" if found.is_public else "Make it public"),
        "part": found,
        "do": do,
        "seen": _seal(after.states),
        "form": form or _form(found),
        "changed": changed,
        "stops": stops,
        "state": public_words(state) if state else None,
        "json": as_json(state),
        "changes": [] if stops else public_changes(before[letter.pk], state),
        "elsewhere": [] if stops else _elsewhere(found, letter, before, after.states),
        "held_back": after.held_back,
        "inside": inside(letter),
        "back": reverse("letter_public", args=[letter.reference]),
    }
    return render(request, "letters/public_part.html", context, status=status)


def _stands_so(request: HttpRequest, letter: Letter, found: Part) -> HttpResponse:
    """Somebody did it before, the same person perhaps, by pressing twice: said, and nothing is done."""
    kinds = (
        (EventKind.LETTER_RELEASED, EventKind.LETTER_WITHDRAWN)
        if found.kind == LETTER
        else (releases.RELEASED[type(found.row)], releases.WITHDRAWN[type(found.row)])
    )
    named = {} if found.kind == LETTER else {f"payload__{releases.NAMES[type(found.row)]}": str(found.row.pk)}
    last = letter.events.filter(kind__in=kinds, **named).select_related("by_user").order_by("-sequence").first()
    # an answer that went with its reply has no event of its own: then nobody is named
    told = last if last and (last.kind == kinds[0]) == found.is_public else None
    if found.is_public:
        line = f"{found.words} is public already" + (f": {_who(told)} made it public {_when(told)}." if told else ".")
    else:
        line = f"{found.words} is not public any more" + (
            f": {_who(told)} took it back {_when(told)}." if told else "."
        )
    messages.info(request, line)
    return redirect("letter_public", reference=letter.reference)


def _who(event: Event) -> str:
    return str(event.by_user or SystemProcess(event.by_process).label)


def _when(event: Event) -> str:
    return f"on {office_time(event.recorded_at)}"


def _change(part: Part, do: str, request: HttpRequest, reason: str) -> None:
    if part.kind == LETTER:
        if do == PUBLISH:
            sending.release(part.row, by=request.user)
        else:
            sending.withdraw_release(part.row, by=request.user, reason=reason)
    elif do == PUBLISH:
        releases.release_part(part.row, by=request.user)
    else:
        releases.withdraw_part(part.row, by=request.user, reason=reason)


def _states(part: Part) -> States:
    """What the public sees now of the letters that the part reaches, read anew."""
    letters = Letter.objects.filter(pk__in=[letter.pk for letter in releases.reached(part.row)])
    return {one.pk: payloads.public_letter(one) if one.is_released else None for one in letters.order_by("pk")}


def _seal(states: States) -> str:
    """By which the page that is pressed is known to have shown just this, and nothing to have been taken back since."""
    kinds = (EventKind.LETTER_WITHDRAWN, *releases.WITHDRAWN.values())
    taken_back = Event.objects.filter(letter__in=list(states), kind__in=kinds).count()
    shown = [taken_back, *([str(pk), state] for pk, state in states.items())]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _after(part: Part, do: str, request: HttpRequest, letter: Letter) -> tuple[Outlook, list[str]]:
    """How it stands once it is done; or how it stands, and why it cannot be done."""

    def look() -> Outlook:
        return Outlook(_states(part), held_back(Letter.objects.get(pk=letter.pk)))

    # rows of its own: what was done to them is rolled back, and they still say that it was done
    fresh = _find(letter, part.kind, part.row.pk)
    try:
        return releases.preview(lambda: _change(fresh, do, request, "Looking ahead."), look), []
    except RecordError as error:
        return look(), [problem.message for problem in error.problems]


def _elsewhere(part: Part, letter: Letter, before: States, after: States) -> list[dict]:
    """What the public sees otherwise of other letters: of those that a reply bears on, too, or that repeat this one."""
    return [
        {"reference": one.reference, "url": reverse("letter", args=[one.reference]), "changes": changes}
        for one in releases.reached(part.row)
        if one.pk != letter.pk and (changes := public_changes(before[one.pk], after[one.pk]))
    ]
