"""A change of many items whose form is sent twice is made once: the second press finds what the first one did."""

import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from letters.domain import bulk, same_form
from letters.models import BulkChange, Tasking, User


@transaction.atomic
def apply_once(
    chosen: Sequence[tuple[Tasking, int | None]], *, by: User, change: bulk.Change, key: uuid.UUID | None
) -> bulk.Outcome:
    """`bulk.apply`; or, where this very change was made from the form with this `key`, which names its items, what that came to.

    One that was undone since is no such: who presses again wants it once more.
    """
    pk = same_form.id_of(key, by, {"verb": change.verb, "details": change.details()})
    if before := _made(pk, chosen, by, change):
        return before
    is_undone = BulkChange.objects.filter(pk=pk).exists()
    try:
        with transaction.atomic():
            outcome = bulk.apply(chosen, by=by, change=change, pk=uuid.uuid4() if is_undone else pk)
    except IntegrityError:
        # both presses found something to change: what this one did is gone with its savepoint
        if before := _made(pk, chosen, by, change):
            return before
        raise
    # the other press was made while this one waited for its items
    return outcome if outcome.change else _made(pk, chosen, by, change) or outcome


def _made(
    pk: uuid.UUID, chosen: Sequence[tuple[Tasking, int | None]], by: User, change: bulk.Change
) -> bulk.Outcome | None:
    kept = BulkChange.objects.filter(pk=pk, undone_at=None).first()
    if kept is None:
        return None
    done = {entry["id"] for entry in kept.items}
    found = Tasking.objects.visible_to(by).filter(pk__in=done)
    # why each was left alone is not kept: what speaks against it now, or that it is another since
    left = [
        (one, bulk.judge(one, change, by=by, version=version).refusal or bulk.CHANGED_SINCE)
        for one, version in chosen
        if str(one.pk) not in done
    ]
    return bulk.Outcome(kept, changed=list(found.select_related("ask", "agency")), left=left)
