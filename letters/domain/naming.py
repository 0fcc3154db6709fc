"""Who works on a letter: the staff it names, who alone see it (with managers) once it is restricted."""

from collections.abc import Iterable

from letters.domain.access import Actor
from letters.enums import OPEN_STATUSES, Access
from letters.errors import Problem, RecordError
from letters.models import Letter, LetterStaff, Tasking, User
from letters.models.letter_queries import SEES_RESTRICTED


def name_staff(letter: Letter, staff: Iterable[User], *, by: Actor) -> None:
    """These people and nobody else are named on the letter. Inside a transaction, with the letter locked.

    On a restricted letter nobody may lose sight of it who still has work there: not the person who restricts it,
    nor the owner of an open item.
    """
    people = {person.pk: person for person in staff}
    gone = [person for person in people.values() if not person.is_active]
    if gone:
        raise RecordError.of(
            "staff", f"{_names(gone)} cannot sign in any more. Name somebody else.", [str(p.pk) for p in gone]
        )
    if letter.access == Access.RESTRICTED:
        _refuse_to_lock_out(letter, people, by)
    LetterStaff.objects.filter(letter=letter).exclude(user__in=people).delete()
    there = set(LetterStaff.objects.filter(letter=letter).values_list("user", flat=True))
    LetterStaff.objects.bulk_create(
        LetterStaff(letter=letter, user=person) for pk, person in people.items() if pk not in there
    )


def _refuse_to_lock_out(letter: Letter, people: dict, by: Actor) -> None:
    problems = []
    if isinstance(by, User) and by.role not in SEES_RESTRICTED and by.pk not in people:
        problems.append(Problem("staff", "You would no longer see this letter yourself. Name yourself too."))
    owners = (
        User.objects.filter(
            is_active=True, taskings__in=Tasking.objects.filter(ask__letter=letter, status__in=OPEN_STATUSES)
        )
        .exclude(role__in=SEES_RESTRICTED)
        .exclude(pk__in=people)
        .exclude(pk__in=[by.pk] if isinstance(by, User) else [])
        .distinct()
        .order_by("username")
    )
    if owners:
        who = _names(owners)
        problems.append(
            Problem("staff", f"{who} would own open items that they could not see. Name them too, or change the owner.")
        )
    if problems:
        raise RecordError(*problems)


def _names(people: Iterable[User]) -> str:
    return ", ".join(str(person) for person in people)
