"""Who is told of what came due: the owner, the letter's staff, managers; one person once a round about one item."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import cast

from letters.domain.access import VIEW, may
from letters.domain.history import that_stand
from letters.enums import Access, EventKind, OurRole, ReminderAnchor, Role
from letters.models import ContactTasking, Event, LetterStaff, Tasking, User
from letters.models.letter_queries import SEES_RESTRICTED
from letters.reminders.ladder import Firing


@dataclass(frozen=True)
class Told:
    """A rung that fired, and who is told of it: person -> whether as a manager."""

    firing: Firing
    people: dict[uuid.UUID, bool]
    quiet: bool = False  # a later rung of the same round speaks for it, or it was told of before


@dataclass
class Addressees:
    """The people some items' reminders may go to."""

    people: dict[uuid.UUID, User]
    staff: dict[uuid.UUID, list[uuid.UUID]]  # letter -> those named on it
    askers: dict[tuple[uuid.UUID, str], uuid.UUID] = field(default_factory=dict)  # (item, anchor) -> who chose the day

    def tell(self, tasking: Tasking, fires: Iterable[Firing]) -> list[Told]:
        """Each rung with those it tells. Who hears of a later rung of the same round does not hear of the earlier."""
        told, seen = [], set[uuid.UUID]()
        for firing in reversed(list(fires)):
            people = {} if firing.told_before else self._addressed(tasking, firing)
            left = {pk: role for pk, role in people.items() if pk not in seen}
            told.append(Told(firing, left, quiet=not left and (bool(seen) or firing.rung.tells)))
            seen |= set(people)
        return told[::-1]

    def _addressed(self, tasking: Tasking, firing: Firing) -> dict[uuid.UUID, bool]:
        rung, letter = firing.rung, tasking.ask.letter
        people: dict[uuid.UUID, bool] = {}
        owner = self._seeing(tasking, [tasking.owner_id, self.askers.get((tasking.pk, rung.anchor))])
        if letter.our_role == OurRole.CO_SIGNED:
            # another office's to chase: only who took it on here, or chose the day, hears of it
            return dict.fromkeys(owner if rung.tells else [], False)
        named = self._seeing(tasking, self.staff.get(letter.pk, []))
        managers = self._managers()
        if rung.to_managers or (rung.to_owner and not owner and not named):
            people |= dict.fromkeys(managers, True)  # what nobody owns is not lost
        if rung.to_staff or (rung.to_owner and not owner):
            people |= dict.fromkeys(named, False)
        if rung.to_owner:
            people |= dict.fromkeys(owner, False)
        return people

    def _seeing(self, tasking: Tasking, keys: Collection[uuid.UUID | None]) -> list[uuid.UUID]:
        """Those who still work here and may see the letter."""
        letter = tasking.ask.letter
        return [
            pk
            for pk in keys
            if pk in self.people
            and (
                letter.access == Access.OFFICE
                or self.people[pk].role in SEES_RESTRICTED
                or pk in self.staff.get(letter.pk, [])
            )
        ]

    def _managers(self) -> list[uuid.UUID]:
        of = {
            role: [pk for pk, person in self.people.items() if person.role == role]
            for role in (Role.MANAGER, Role.ADMIN)
        }
        return of[Role.MANAGER] or of[Role.ADMIN]


def load_addressees(fires: Collection[tuple[Tasking, Collection[Firing]]]) -> Addressees:
    """Everybody whom these may have to reach: two queries, and one each for days that people chose."""
    people = {person.pk: person for person in User.objects.filter(is_active=True) if may(person, VIEW)}
    staff: dict[uuid.UUID, list[uuid.UUID]] = {}
    letters = {tasking.ask.letter_id for tasking, _ in fires}
    for letter, user in LetterStaff.objects.filter(letter__in=letters).order_by("pk").values_list("letter", "user"):
        staff.setdefault(letter, []).append(user)
    found = Addressees(people, staff)
    if snoozed := _with(fires, ReminderAnchor.SNOOZE):
        events = Event.objects.filter(kind=EventKind.SNOOZED, tasking__in=snoozed, by_user__isnull=False)
        # who takes back a slip chooses no day: the one before it counts again, and is still of who chose it
        found.askers |= {
            (cast(uuid.UUID, one.tasking_id), ReminderAnchor.SNOOZE): cast(uuid.UUID, one.by_user_id)
            for one in that_stand(events.order_by("sequence"))
        }
    if contacted := _with(fires, ReminderAnchor.CONTACT):
        contacts = ContactTasking.objects.filter(
            tasking__in=contacted, contact__in_error_at__isnull=True, contact__next_on__isnull=False
        ).order_by("tasking", "-contact__on", "-contact__recorded_at")
        callers = contacts.distinct("tasking").values_list("tasking", "contact__by")
        found.askers |= {(pk, ReminderAnchor.CONTACT): user for pk, user in callers}
    return found


def _with(fires: Collection[tuple[Tasking, Collection[Firing]]], anchor: ReminderAnchor) -> list[uuid.UUID]:
    return [tasking.pk for tasking, firings in fires if any(f.rung.anchor == anchor for f in firings)]
