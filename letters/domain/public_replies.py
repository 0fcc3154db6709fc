"""What follows for the public where a reply changes: it bears on one more item, it is of another kind, it was an error.

Inside a transaction and `acting` of the verb that changes it, which holds the items.
"""

from letters.domain.access import Actor
from letters.domain.releases import letters_about, settle_public, take_back, tell_corrected, tell_released
from letters.enums import Access
from letters.models import Response, Tasking

# Said in every letter that a reply is about, so of none of them more than of another.
KIND_CHANGED = "A reply was read as one of another kind."
ONE_MORE = "The reply bears on one more item, and is looked at anew."
IN_ERROR = "What the public sees follows the replies that stand: one was entered in error."
NOT_ABOUT = "What the public sees follows the replies about an item: one says nothing about it after all."


def let_one_more_follow(response: Response, tasking: Tasking, *, by: Actor) -> None:
    """A public reply was found to bear on one more item: it is public there, too. Where the letter of that is restricted,
    it is public nowhere any more, as when a letter of it is restricted later."""
    letter = tasking.ask.letter
    if response.released_at is None:
        return
    if letter.access == Access.RESTRICTED:
        take_back(response, by=by, reason=ONE_MORE)
    elif (
        letter.is_released
        and not response.answers.filter(tasking__ask__letter=letter).exclude(tasking=tasking).exists()
    ):
        tell_released(response, letter, [], by=by)


def let_kind_follow(response: Response, taskings: list[Tasking], answered: list[Tasking], *, by: Actor) -> None:
    """A reply is of another kind now. The public is told of a public one, and which statuses rest on it now; the office,
    of letters whose items count as answered by it now, or no longer (`answered`)."""
    if response.released_at:
        settle_public(taskings)
    dated = {tasking.ask.letter_id for tasking in answered}
    for letter in letters_about(response) if dated or response.released_at else ():
        is_public = bool(response.released_at) and letter.is_released
        if is_public or letter.pk in dated:
            tell_corrected(letter, by=by, reason=KIND_CHANGED, public={} if is_public else None)


def let_statuses_follow(taskings: list[Tasking], *, by: Actor, reason: str = IN_ERROR) -> None:
    """A reply is none about these items any more: what it kept the public from seeing of them is seen now."""
    moved = settle_public(taskings)
    for one in sorted({one.ask.letter for one in moved if one.ask.letter.is_released}, key=lambda one: one.pk):
        tell_corrected(one, by=by, reason=reason, public={})
