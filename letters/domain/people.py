"""Who works here: invited, given a role, and let go by an administrator."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from letters.domain.access import ADMINISTER, Actor, require
from letters.domain.history import acting
from letters.domain.meanwhile import settled
from letters.domain.rules import check_known, check_required, check_text, refuse_if
from letters.domain.tallies import NOBODY
from letters.enums import Role
from letters.errors import Problem, RecordError
from letters.models import ApiKey, CalendarSubscription, User

A_MOMENT = dt.timedelta(minutes=10)


@transaction.atomic
def invite(*, by: Actor, username: str, name: str, email: str, role: str) -> User:
    """An account without a password: whoever gets its one-time link chooses one."""
    require(by, ADMINISTER)
    username, name, email = username.strip(), name.strip(), email.strip()
    problems = [
        *check_required("username", "User name", username, "Short and without spaces: “asmith”."),
        *check_text("username", "User name", username, 150),
        *_check_username(username),
        *check_required("name", "Name", name, "As colleagues know them: “Anna Smith”."),
        *check_text("name", "Name", name, 150),
        *check_required("email", "E-mail", email, "The link is sent there."),
        *check_text("email", "E-mail", email, 254),
        *check_known("role", "Role", role, Role),
    ]
    if username and (known := User.objects.filter(username__iexact=username).first()):
        problems.append(Problem("username", _taken(known, username), username))
    if email and User.objects.filter(email__iexact=email).exists():
        problems.append(Problem("email", f"{email} belongs to an account already.", email))
    refuse_if(problems)
    first, _, last = name.rpartition(" ")
    with acting(by, why="invited"):
        user = User(username=username, first_name=first, last_name=last, email=email, **rights_of(role))
        user.set_unusable_password()
        user.save()
        return user


@transaction.atomic
def change_role(user: User, *, by: Actor, role: str, drawn: str = "") -> User:
    """Another role, from the next page on. The office keeps at least one administrator. `drawn`: the role that the person
    had before them; RecordError where somebody gave another one since."""
    require(by, ADMINISTER)
    refuse_if(check_known("role", "Role", role, Role))
    with acting(by, why="role changed"):
        user = _locked(user)
        if drawn:
            role, changed = settled("role", role, drawn, user.role, lambda one: f"“{Role(one).label}”")
            refuse_if(changed)
        if user.role == Role.ADMIN and role != Role.ADMIN:
            _keep_an_administrator(user, "role")
        for name, value in rights_of(role).items():
            setattr(user, name, value)
        user.save(update_fields=["role", "is_staff", "is_superuser"])
        return user


@transaction.atomic
def let_go(user: User, *, by: Actor) -> User:
    """Nobody signs in to this account any more. What they did and own stays under their name.

    What else lets somebody in by it ends for good: opened again, it begins with a new link.
    """
    require(by, ADMINISTER)
    with acting(by, why="account closed"):
        user = _locked(user)
        if isinstance(by, User) and user.pk == by.pk:
            raise RecordError.of("user", "You cannot close your own account. Ask another administrator.")
        if user.role == Role.ADMIN:
            _keep_an_administrator(user, "user")
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_ways_in(user)
        return user


@transaction.atomic
def take_back_in(user: User, *, by: Actor) -> User:
    """Open a closed account again, for a new password by a new link."""
    require(by, ADMINISTER)
    with acting(by, why="account opened again"):
        user = _locked(user)
        user.is_active = True
        user.save(update_fields=["is_active"])
        end_ways_in(user)  # an account that was closed by an earlier version kept them
        return user


def end_ways_in(user: User) -> None:
    """End every way into an account: its password and so each browser signed in by it, calendars, keys. Inside
    `acting`."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    now = timezone.now()
    CalendarSubscription.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=now)
    ApiKey.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=now)


def check_account(user: User, *, by: Actor, role: str, is_active: bool) -> None:
    """Refuse of an account that is changed as a whole what `change_role` and `let_go` refuse, in their transaction."""
    user = _locked(user)
    if not is_active and user.is_active and isinstance(by, User) and user.pk == by.pk:
        raise RecordError.of("is_active", "You cannot close your own account. Ask another administrator.")
    if user.role == Role.ADMIN and user.is_active and not (is_active and role == Role.ADMIN):
        _keep_an_administrator(user, "is_active" if role == Role.ADMIN else "role")


def rights_of(role: str) -> dict:
    """What an account of this role has."""
    # Django's own administration asks these two; they follow the role and never lead a life of their own
    is_admin = role == Role.ADMIN
    return {"role": role, "is_staff": is_admin, "is_superuser": is_admin}


def _taken(known: User, username: str) -> str:
    invited = known.date_joined > timezone.now() - A_MOMENT and not known.has_usable_password()
    if invited and known.last_login is None:  # the answer that showed the link may be lost, as by a double click
        return f"“{username}” was invited a moment ago. For a new link choose {known} in the list."
    return f"“{username}” is taken. Choose another one."


def _check_username(username: str) -> list[Problem]:
    """It stands in addresses and in lists of names: Django's own rule, which a form of Django's would have asked."""
    try:
        User.username_validator(username)
    except ValidationError:
        words = f"“{username}” cannot be a user name. Use letters, digits and . + - _ @, without spaces: “asmith”."
        return [Problem("username", words, username)] if username else []
    if username.casefold() == NOBODY:
        words = f"“{username}” cannot be a user name: lists and addresses call what has no owner so. Choose another."
        return [Problem("username", words, username)]
    return []


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _keep_an_administrator(user: User, field: str) -> None:
    # all of them, in one order: two administrators who let each other go at once must not both succeed
    administrators = list(User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk"))
    if all(other.pk == user.pk for other in administrators):
        raise RecordError.of(field, f"{user} is the only administrator. Make somebody else one first.")
