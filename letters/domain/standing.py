"""What the replies that count say of an item now: the agency's position, and whether its end still rests on one."""

from letters.domain import clocks
from letters.domain.access import EDIT, Actor, may
from letters.enums import Stance, Status
from letters.errors import Problem
from letters.models import Tasking

PROVED_BY_REPLY = (Status.ANSWERED, Status.DECLINED)


def position(tasking: Tasking) -> str:
    """What the last reply says that states one and still counts: the last to come, not to be read."""
    standing = tasking.answers.filter(coverage__isnull=False, response__in_error_at__isnull=True)
    said = standing.exclude(stance=Stance.UNKNOWN).order_by("-response__received_on", "-assessed_at")
    return said.values_list("stance", flat=True).first() or Stance.UNKNOWN


def settle_stance(tasking: Tasking) -> None:
    """Keep the agency's position on the item, where it is another one now."""
    stance = position(tasking)
    if tasking.stance != stance:
        tasking.stance = stance
        tasking.save(update_fields=["stance"])


def rests_on_reply(tasking: Tasking) -> bool:
    """Whether the item ended with a reply that proves it, as it is read now."""
    return tasking.status in PROVED_BY_REPLY and clocks.proving_answers(tasking).exists()


def loses_its_reply(tasking: Tasking, field: str, by: Actor) -> Problem:
    """The database asks for the reply when an item ends; this keeps what is said of it later from taking it away."""
    # whoever reads a reply may not know of each item it is about
    name = f"“{tasking}” is {tasking.get_status_display()}" if may(by, EDIT, tasking.ask.letter) else "An item ended"
    return Problem(
        field, f"{name} on this reply alone, as it was read before. Reopen it with a reason, then read it anew."
    )
