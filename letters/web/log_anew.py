"""Log a letter anew: what a sent one says, copied into a new draft, where a wrong kind, ask or addressee is put right."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from letters.domain import worksheets
from letters.domain.drafting import lock_letter
from letters.enums import LetterState
from letters.intake.copied_letter import copied
from letters.intake.typed import Typed, stored
from letters.models import User, Worksheet
from letters.web.guards import editable


def log_anew(request: HttpRequest, reference: str) -> HttpResponse:
    """A draft of the letter’s own words, one entered in error among them. Pressed twice, also at once, it is one draft."""
    with transaction.atomic():
        letter = lock_letter(editable(request, reference))  # the second press waits for the draft of the first
        typed, left = copied(letter)
        sheet = _same(request.user, typed) or worksheets.save_worksheet(None, by=request.user, typed=typed)
    then = f" Then take {reference} back on its page." if letter.state == LetterState.SENT else ""
    said = f"Copied from {reference}: put right what is wrong, look it over and send it.{then} Replies and what came of them, contacts, notes and files stay there."
    messages.success(request, said)
    for words in left:
        messages.warning(request, words)
    return redirect("draft", pk=sheet.pk)


def _same(user: User, typed: Typed) -> Worksheet | None:
    """The draft of an earlier press, as long as nobody has changed it."""
    title = " ".join(typed["subject"].split())[:300]
    untouched = worksheets.standing_worksheets(user).filter(owner=user, title=title, version=1)
    return next((sheet for sheet in untouched[:20] if stored(sheet.typed) == typed), None)
