"""A reply that was kept to be read later about more items than it speaks of: it is taken off an item, which waits as if the
reply had never come."""

import uuid
from collections.abc import Collection, Iterator, Mapping

from letters.domain import clocks, payloads, public_replies, releases, workflow
from letters.domain.access import Actor
from letters.domain.history import record_event
from letters.domain.replies import touch
from letters.domain.situations import standing_extensions
from letters.domain.standing import rests_on_reply
from letters.enums import EventKind
from letters.errors import Problem
from letters.models import Answer, Response, Tasking

SAYS_NOTHING = "Somebody looked at the reply: it says nothing about this one."
ANEW = "take the whole reply back and record it again about the others"
KIND_ALONE = "What the reply is as a whole is said together with what it says of an item. Say that of one, too, or leave this as it is."


def check_off(taskings: Collection[Tasking], known: Mapping[uuid.UUID, Answer], *, others: int) -> Iterator[Problem]:
    """Why the reply cannot be taken off these items. `known`: what it says, by the key of the item; `others`: about how many
    items it is besides."""
    for tasking in taskings:
        if why := _why_not(tasking, known.get(tasking.pk)):
            yield Problem(f"{tasking.pk}.not_about", f"{tasking}: {why}")
    if taskings and not others:
        message = (
            "A reply is about at least one item. If it says nothing about any of these, take the whole reply back."
        )
        yield Problem("bearings", message, [])


def _why_not(tasking: Tasking, answer: Answer | None) -> str:
    if answer is None:
        return "The reply is not about this item, so there is nothing to take off."
    proves = tasking.evidence.not_in_error().filter(response=answer.response).exists()
    if answer.coverage is None:
        # both can be said of a reply that nobody has read
        if proves:
            return "This reply is kept as evidence of its outcome. Mark that evidence as entered in error first."
        if any(event.payload.get("response") == str(answer.response_id) for event in standing_extensions(tasking)):
            return "It was given more time because of this reply. Take back the time given first."
        return ""
    # what was read may have moved it, stopped its clock or proved its end: that goes with the whole reply
    if rests_on_reply(tasking) or proves:
        return f"It is {tasking.get_status_display()}, and this reply was read to say so. Reopen it with a reason, then {ANEW}."
    return f"Somebody has read already what the reply says about it. Read it again; or, if it says nothing, {ANEW}."


def take_off(response: Response, taskings: Collection[Tasking], *, by: Actor) -> None:
    """Inside the verb that reads the reply, which holds the items, then the reply, and has checked this."""
    left = response.answers.exclude(tasking__in=[tasking.pk for tasking in taskings])
    stays = set(left.values_list("tasking__ask__letter", flat=True))
    if any(tasking.ask.letter.is_released and tasking.ask.letter_id not in stays for tasking in taskings):
        # it hangs on a public letter that it says nothing of
        releases.take_back(response, by=by, reason="The reply bears on one letter less, and is looked at anew.")
    # what was read of others may have ended one of these, and what was public moved it: on rows of their own
    taskings = [workflow.lock(tasking) for tasking in taskings]
    for tasking in taskings:
        response.answers.get(tasking=tasking).delete()
        clocks.settle_acknowledged(tasking)
        if tasking.acknowledged_on is None:
            clocks.run_again(tasking, by=by)
        told = {"response": str(response.pk), "not_about": True, "reason": SAYS_NOTHING}
        record_event(
            EventKind.RESPONSE_IN_ERROR, by=by, letter=tasking.ask.letter, tasking=tasking, reason=SAYS_NOTHING,
            payload=payloads.tasking_state(tasking) | told,
        )  # fmt: skip
        touch(tasking, by=by)
    # a status rests on each reply there was, also on one that nobody had read and the public does not see
    public_replies.let_statuses_follow(taskings, by=by, reason=public_replies.NOT_ABOUT)
