"""What moves the dates of letters that were just logged: when they came to whom they were sent to, and more time that was given."""

from collections.abc import Iterable
from uuid import UUID

from letters.domain.access import Actor
from letters.domain.extending import extend
from letters.domain.letter_desk import update_addressee
from letters.intake.sheet.planning import Planned
from letters.models import Letter, Tasking

Items = dict[tuple[UUID, int, UUID], Tasking]  # by letter, place of the ask, agency


def bring_dates(logged: Iterable[tuple[Letter, Planned]], items: Items, *, by: Actor) -> set[UUID]:
    """By the single verbs, since few rows say so; before anything else came of the items. The letters that had something.

    A receipt first: a term that counts from it is what more time is later than. The objects know their dates afterwards.
    """
    touched: set[UUID] = set()
    for letter, one in logged:
        told = [receipt.facts() for receipt in one.receipts]
        if any(told):
            touched.add(letter.pk)
            for addressee, facts in zip(
                letter.addressees.select_related("letter", "agency").order_by("position"), told, strict=True
            ):
                if facts:
                    update_addressee(addressee, by=by, **facts)
        for outcome in one.outcomes:
            if given := outcome.extension:
                touched.add(letter.pk)
                extend(
                    items[letter.pk, outcome.ask, outcome.agency.pk],
                    by=by,
                    to=given.to,
                    by_notice=given.by_notice,
                    on=given.on,
                )
    stale = [item for item in items.values() if item.ask.letter_id in touched]
    fresh = Tasking.objects.in_bulk([item.pk for item in stale])
    for item in stale:
        for field in Tasking._meta.concrete_fields:
            setattr(item, field.attname, getattr(fresh[item.pk], field.attname))
    return touched
