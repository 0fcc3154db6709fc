"""From notices to mails: each mail is written in the transaction that says which notices it carries.

A mail is one by its key (who, what kind, about what): whatever runs twice finds it there. What stopped being so
before it is mailed is not mailed; the inbox keeps it.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from letters.domain.history import acting
from letters.domain.office_hours import at
from letters.enums import MailKind, MailMode, ReportState, SystemProcess
from letters.models import MailPreference, Notice, OutboxMessage, Report, ReportRecipient, User
from letters.models.notice_queries import NoticeQuerySet
from letters.reminders import mails, wording
from letters.reminders.faults import reached
from letters.reminders.mail_times import Slot, Wishes, next_day, slot

BY = SystemProcess.DISPATCH
NAMES = uuid.UUID("6a1c9a5e-4c0b-4b44-9f43-2f3a2c1f7a10")  # ours, for Message-IDs
ONE_AT_A_TIME = 20  # who wants one mail each gets more than these at the same moment in one
MOST_IN_ONE = 500
NOT_MADE = " failed "  # between the key of a list and a moment: of the mail that says so


@dataclass(frozen=True)
class Draft:
    """A mail that would be written: what kind, about what, with which notices."""

    kind: str
    key: str
    mail: mails.Mail
    notices: tuple[Notice, ...]


def zone() -> ZoneInfo:
    """The office's."""
    return ZoneInfo(settings.TIME_ZONE)


def today_of(moment: dt.datetime) -> dt.date:
    """The office's day at a moment."""
    return moment.astimezone(zone()).date()


def wishes_of(user: User) -> Wishes:
    """How they want mail; without a row, as the row would begin."""
    preference = MailPreference.objects.filter(user=user).first()
    if preference is None:
        return Wishes()
    return Wishes(
        preference.mode, preference.hour, preference.weekday, tuple(preference.quiet_weekdays), preference.quiet_until
    )


def compose(now: dt.datetime) -> tuple[int, list[Exception]]:
    """Write every mail whose moment has come: how many, and what went wrong. Who cannot be written to holds up nobody else."""
    made, trouble = 0, []
    for user in _to_be_told():
        try:
            if chosen := slot(wishes_of(user), now, zone()):
                made += _compose_for(user, chosen, now)
        except Exception as error:
            trouble.append(error)
    return made, trouble


def _to_be_told() -> QuerySet[User]:
    """Who may sign in, has an address, and has something unread that no mail has carried."""
    waiting = Notice.objects.unread().filter(to_user=OuterRef("pk"), message__isnull=True)
    return User.objects.filter(Exists(waiting), is_active=True).exclude(email="").order_by("username")


def unmailed(user: User, today: dt.date) -> NoticeQuerySet:
    """What the next mail to them would carry: unread, still so, of letters they may see."""
    return Notice.objects.inbox(user).unread().filter(message__isnull=True).standing(today)


def last_digest(user: User) -> list[str]:
    """The key of the last digest made for them, if there is one."""
    made = OutboxMessage.objects.filter(to_user=user, kind=MailKind.DIGEST).order_by("-created_at")
    return list(made.values_list("key", flat=True)[:1])


def lines_of(notices: NoticeQuerySet, today: dt.date) -> list[tuple[Notice, wording.Line]]:
    """By agency, then by date; at most 500."""
    tasking = "reminder__tasking__"
    by_agency = [
        f"{tasking}agency__short_name", "reminder__due_on", f"{tasking}ask__letter__reference", f"{tasking}ask__number", "id",
    ]  # fmt: skip
    found = wording.with_lines(notices).order_by(*by_agency)[:MOST_IN_ONE]
    return [(notice, wording.line(notice, today)) for notice in found]


def drafts(found: Sequence[tuple[Notice, wording.Line]], mode: str, chosen: Slot) -> list[Draft]:
    """One mail for each, or one for all."""
    site = settings.SITE_ADDRESS
    if mode == MailMode.EACH and len(found) <= ONE_AT_A_TIME:
        return [
            Draft(MailKind.REMINDER, str(one.reminder_id), mails.reminder(line, site=site), (one,))
            for one, line in found
        ]
    if not found:
        return []
    period = {MailMode.DAILY: "day", MailMode.WEEKLY: "week"}.get(MailMode(mode), "")
    key = chosen.key or f"from {min(str(one.reminder_id) for one, _ in found)}"
    notices, lines = zip(*found, strict=True)
    return [Draft(MailKind.DIGEST, key, mails.digest(lines, site=site, period=period), notices)]


@transaction.atomic
def _compose_for(user: User, chosen: Slot, now: dt.datetime) -> int:
    today = today_of(now)
    notices = unmailed(user, today).filter(created_at__lte=chosen.upto)
    if chosen.since:
        notices = notices.filter(created_at__gte=chosen.since)
    # whoever composes for this person at the same time waits here, and then finds them carried
    found = lines_of(notices.select_for_update(of=("self",), no_key=True), today)
    reached("compose.locked")
    made = 0
    with acting(BY):
        for draft in drafts(found, wishes_of(user).mode, chosen):
            message, is_new = OutboxMessage.objects.get_or_create(
                to_user=user, kind=draft.kind, key=draft.key,
                defaults={
                    "message_id": message_id(user, draft.kind, draft.key), "next_attempt_at": now,
                    "subject": draft.mail.subject, "body": draft.mail.text, "html": draft.mail.html,
                },
            )  # fmt: skip
            # the mail of this day is made already: these wait for the next one
            if is_new:
                Notice.objects.filter(pk__in=[one.pk for one in draft.notices]).update(message=message)
                made += 1
        reached("compose.written")
    transaction.on_commit(lambda: reached("compose.committed"))
    return made


def message_id(user: User, kind: str, key: str) -> str:
    """Follows from what the mail is about: however often it is made or sent, a mail program shows it once."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    return f"<{uuid.uuid5(NAMES, f'{user.pk} {kind} {key}')}@{domain}>"


def not_before(user: User, now: dt.datetime) -> dt.datetime:
    """When a mail about a list may go: at once, unless this is a day on which they want no mail; then at their hour of the
    next other day."""
    wishes = wishes_of(user)
    if not wishes.is_quiet(today_of(now)):
        return now
    day = next_day(wishes, now, zone())
    return at(day, wishes.hour, zone()) if day else now


def put_off(message: OutboxMessage, now: dt.datetime) -> bool:
    """Whether a mail about a list waits for another day, as may have been chosen since it was written; not an attempt."""
    day = not_before(message.to_user, now) if message.kind == MailKind.REPORT else now
    if day > now:
        with acting(BY):
            # where it had failed before, its five days of failing begin anew then
            waits = {"next_attempt_at": day, "attempts": message.attempts - 1, "last_error": ""}
            OutboxMessage.objects.filter(pk=message.pk).update(**waits)
    return day > now


@transaction.atomic
def refresh(message: OutboxMessage, now: dt.datetime) -> bool:
    """Say again what is still so of a mail that waited; False when nothing is, and the mail is taken back."""
    today = today_of(now)
    carried = Notice.objects.filter(message=message)
    user = message.to_user
    if message.kind == MailKind.REPORT:
        # what it says stays so, but not for whom: let go, taken off the list, “not by mail” since, or one of its letters is
        # no longer theirs to see. That a list was not made is no longer so once it was: that has a mail of its own
        list_of, failed, _ = message.key.partition(NOT_MADE)
        of_it = Report.objects.filter(key=list_of)
        if failed:
            still = not of_it.filter(state=ReportState.DONE).exists()
        else:
            still = of_it.with_readable(user).filter(is_readable=True).exists()
        wants = user.is_active and wishes_of(user).mode != MailMode.NONE
        if still and wants and ReportRecipient.objects.filter(user=user).exists():
            return True
        with acting(BY):
            message.delete()
        return False
    if not carried.exists():
        return True
    found = lines_of(carried.inbox(user).unread().standing(today), today) if user.is_active else []
    with acting(BY):
        if not found:
            carried.update(message=None)
            message.delete()
            return False
        lines = [line for _, line in found]
        site = settings.SITE_ADDRESS
        again = (
            mails.reminder(lines[0], site=site)
            if message.kind == MailKind.REMINDER
            else mails.digest(lines, site=site, period=message.key.partition(" ")[0].replace("from", ""))
        )
        message.subject, message.body, message.html = again.subject, again.text, again.html
        message.save(update_fields=["subject", "body", "html"])
    return True
