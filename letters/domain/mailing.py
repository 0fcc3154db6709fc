"""What a person does with reminders: read them, say how to be mailed, give a calendar program an address.

And what an administrator does about mail that fails: correct an address, have it tried again.
"""

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from letters.domain.access import ADMINISTER, require
from letters.domain.history import acting
from letters.domain.meanwhile import settled
from letters.domain.rules import check_known, check_required, check_text, refuse_if
from letters.enums import MailMode, OutboxState
from letters.errors import Problem, RecordError
from letters.models import CalendarSubscription, MailPreference, Notice, OutboxMessage, User

MOST_CALENDARS = 10


@transaction.atomic
def mark(chosen: Iterable[uuid.UUID] | dt.datetime, *, by: User, read: bool) -> int:
    """Mark notices of one's own as read or unread: those named, or all up to a moment; how many changed."""
    found = Notice.objects.inbox(by).filter(read_at__isnull=read)
    if isinstance(chosen, dt.datetime):
        found = found.filter(created_at__lte=chosen)
    else:
        found = found.filter(pk__in=list(chosen))
    with acting(by):
        return found.update(read_at=timezone.now() if read else None)


@transaction.atomic
def set_wishes(
    *, by: User, mode: str, hour: int, weekday: int, quiet_weekdays: Iterable[int], quiet_until: dt.date | None
) -> MailPreference:
    """How one wants reminders by mail. Weekdays: 0 is Monday."""
    quiet = sorted(set(quiet_weekdays))
    problems = check_known("mode", "How often", mode, MailMode)
    if not 0 <= hour <= 23:
        problems.append(Problem("hour", f"The hour is {hour}. Choose one from 0 (midnight) to 23.", hour))
    if not 0 <= weekday <= 6:
        problems.append(Problem("weekday", f"The weekday is {weekday}. Choose one from 0 (Monday) to 6.", weekday))
    if not set(quiet) <= set(range(7)):
        problems.append(Problem("quiet_weekdays", f"Days without mail: {quiet}. Choose from 0 (Monday) to 6.", quiet))
    elif len(quiet) == 7 and mode != MailMode.NONE:
        problems.append(
            Problem("quiet_weekdays", "Every day is without mail. Leave one, or choose “not by mail”.", quiet)
        )
    refuse_if(problems)
    wishes = {"mode": mode, "hour": hour, "weekday": weekday, "quiet_weekdays": quiet, "quiet_until": quiet_until}
    with acting(by, why="mail preferences"):
        return MailPreference.objects.update_or_create(user=by, defaults=wishes)[0]


# --- calendars


@transaction.atomic
def subscribe(*, by: User, name: str) -> tuple[CalendarSubscription, str]:
    """An address for one calendar program: its secret part is returned once; only a digest is kept."""
    name = name.strip()
    refuse_if(
        [
            *check_required("name", "The name", name, "Say which program will read it: “Outlook”."),
            *check_text("name", "The name", name, 100),
        ]
    )
    # serializes two requests of one person, so that the limit is one
    User.objects.select_for_update().get(pk=by.pk)
    if CalendarSubscription.objects.filter(user=by, revoked_at__isnull=True).count() >= MOST_CALENDARS:
        raise RecordError.of("name", f"There are {MOST_CALENDARS} calendars already. End one you no longer use.", name)
    token = secrets.token_urlsafe(32)
    with acting(by, why="calendar subscribed"):
        return CalendarSubscription.objects.create(user=by, name=name, digest=digest(token)), token


@transaction.atomic
def unsubscribe(calendar: CalendarSubscription, *, by: User) -> CalendarSubscription:
    """Its address answers nobody any more."""
    if calendar.user_id != by.pk:
        require(by, ADMINISTER)
    with acting(by, why="calendar ended"):
        calendar.revoked_at = calendar.revoked_at or timezone.now()
        calendar.save(update_fields=["revoked_at"])
        return calendar


def subscriber(token: str) -> User | None:
    """Whose calendar this is: somebody who may still sign in, by an address that was not ended."""
    found = CalendarSubscription.objects.filter(digest=digest(token), revoked_at__isnull=True, user__is_active=True)
    calendar = found.select_related("user").first()
    return calendar.user if calendar else None


def digest(token: str) -> str:
    """256 random bits need no salt and no stretching."""
    return hashlib.sha256(token.encode()).hexdigest()


# --- mail that fails


@transaction.atomic
def correct_address(user: User, *, by: User, email: str, drawn: str = "") -> User:
    """Another address, and everything that waits for this person tried again now. `drawn`: the address that `by` had before
    them; RecordError where somebody gave another one since."""
    require(by, ADMINISTER)
    email = email.strip()
    problems = [
        *check_required("email", "E-mail", email, "Write it as name@example.gov."),
        *check_text("email", "E-mail", email, 254),
    ]
    if email and not problems:
        try:
            validate_email(email)
        except ValidationError:
            problems.append(
                Problem("email", f"“{email}” is not an e-mail address. Write it as name@example.gov.", email)
            )
        if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
            problems.append(Problem("email", f"{email} belongs to another account.", email))
    refuse_if(problems)
    with acting(by, why="address corrected"):
        user = User.objects.select_for_update().get(pk=user.pk)
        if drawn:
            email, changed = settled("email", email, drawn, user.email)
            refuse_if(changed)
        user.email = email
        user.save(update_fields=["email"])
        _again(user)
        return user


@transaction.atomic
def try_again(user: User, *, by: User) -> int:
    """Have everything that waits for this person, or was given up, tried at the next round; how many."""
    require(by, ADMINISTER)
    with acting(by, why="mail tried again"):
        return _again(user)


def _again(user: User) -> int:
    unsent = OutboxMessage.objects.filter(to_user=user).exclude(state=OutboxState.SENT)
    # whoever is at one of them this moment has pushed it forward: it is left to them
    return unsent.exclude(last_error="").update(
        state=OutboxState.WAITING, next_attempt_at=timezone.now(), attempts=0, created_at=timezone.now()
    )
