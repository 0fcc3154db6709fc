"""Many letters entered in error at once: what `sending.enter_in_error` would write of each, in few statements."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from letters.domain import logged_anew, workflow
from letters.domain.access import EDIT, Actor, require
from letters.domain.copying import copy_new, write_over
from letters.domain.history import acting, event_values
from letters.domain.renewals import ASKS_FOR_ITSELF, left_for
from letters.domain.rules import check_reason, refuse_if
from letters.domain.sending import enter_in_error
from letters.domain.workflow_many import end_in_error
from letters.enums import OPEN_STATUSES, EventKind, LetterState, Status
from letters.models import Ask, Event, Letter, Renewal, Tasking


@transaction.atomic
def enter_many_in_error(letters: Sequence[Letter], *, by: Actor, reason: str) -> None:
    """Some hundreds at a time. Letters of which more was said than was logged with them go by the single verb: public ones,
    those that repeat others or are repeated, and those with an item whose clock stands still.

    Raises RecordError where one of them is not a sent letter; then nothing is kept.
    """
    for letter in letters:
        require(by, EDIT, letter)
    refuse_if(check_reason(reason, "Say what was wrong."))
    with acting(by, why=reason):
        held = list(
            Letter.objects.select_for_update(no_key=True)
            .filter(pk__in=[one.pk for one in letters])
            .order_by("reference")
        )
        # before their items: what repeats them may go on in a copy (`logged_anew`)
        logged_anew.hold_later(held)
        list(Ask.objects.select_for_update(no_key=True).filter(letter__in=held).order_by("pk").values_list("pk"))
        open_ones = list(
            Tasking.objects.select_for_update(of=("self",), no_key=True)
            .filter(ask__letter__in=held, status__in=OPEN_STATUSES)
            .select_related("ask__letter", "ask__kind", "agency", "acting_agency", "status_event")
            .order_by("ask__letter__reference", "ask__number", "role", "agency__short_name", "pk")
        )
        alone = _with_a_story(held, open_ones)
        _together(
            [one for one in held if one.pk not in alone],
            [one for one in open_ones if one.ask.letter_id not in alone],
            by=by, reason=reason,
        )  # fmt: skip
        for letter in held:
            if letter.pk in alone:
                enter_in_error(letter, by=by, reason=reason)


def _with_a_story(letters: Sequence[Letter], items: Sequence[Tasking]) -> set[uuid.UUID]:
    found = {one.pk for one in letters if one.state != LetterState.SENT or one.is_released}
    found |= {
        one.ask.letter_id
        for one in items
        if one.status == Status.CLARIFICATION or one.review_on or one.public_status == Status.DRAFT
    }
    repeats = Renewal.objects.filter(Q(letter__in=letters) | Q(tasking__ask__letter__in=letters))
    for pair in repeats.values_list("letter", "tasking__ask__letter"):
        found |= set(pair)
    return found


def _together(letters: Sequence[Letter], items: Sequence[Tasking], *, by: Actor, reason: str) -> None:
    end_in_error(items, by=by, reason=reason)
    for letter in letters:
        letter.state = LetterState.ENTERED_IN_ERROR
        letter.version += 1
    write_over(letters, ("state", "version"))
    for left in left_for([str(item.pk) for item in items]):
        workflow.ask_again(left, by=by, reason=ASKS_FOR_ITSELF)
    copy_new(
        Event,
        (
            event_values(
                EventKind.LETTER_ENTERED_IN_ERROR,
                by=by, letter=letter, reason=reason,
                payload={"letter": str(letter.pk), "reference": letter.reference, "reason": reason},
            )
            for letter in letters
        ),
    )  # fmt: skip
