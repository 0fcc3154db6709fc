"""Mails about the weekly list, written to the outbox with it: a link and its first sentence, never a file.

The rights to read it are asked where the link leads; a file in a mailbox would outlive them.
"""

import datetime as dt

from django.conf import settings
from django.db.models import QuerySet
from django.utils.html import format_html

from letters.domain.deadlines import long_date
from letters.domain.office import DEMO
from letters.domain.reporting import is_over
from letters.enums import MailKind, MailMode
from letters.models import OutboxMessage, Report, User
from letters.reminders.mails import Mail
from letters.reminders.outbox import NOT_MADE, message_id, not_before, today_of
from letters.reports.open_items import OFFICE_WIDE, Cover, title_of_week

WHY_YOU = (
    "You get this because a manager put you on the list of the weekly list. “Not by mail” at {site}/mail/ ends it."
)


def recipients() -> QuerySet[User]:
    """Who is told: chosen, may sign in, has an address, and did not say “not by mail”."""
    chosen = User.objects.filter(report_recipient__isnull=False, is_active=True).exclude(email="")
    return chosen.exclude(mail_preference__mode=MailMode.NONE).order_by("username")


def tell_made(report: Report, cover: Cover, now: dt.datetime) -> int:
    """One mail each, of the office's list; how many. One's own report is told on its page alone."""
    link = f"{settings.SITE_ADDRESS}/reports/{report.pk}/"
    said = [*(note for note in cover.notes if note == DEMO), cover.headline, f"{cover.as_of} {OFFICE_WIDE}"]
    return _tell(report, report.key, _mail(cover.title, said, link, "Read it as PDF, workbook or CSV"), now)


def tell_failed(report: Report, why: str, now: dt.datetime) -> int:
    """The same people, where there is nothing to read: silence would look like calm."""
    link, words = (
        f"{settings.SITE_ADDRESS}/reports/{report.pk}/",
        "While its week lasts, a manager can have it tried again",
    )
    if is_over(report, today_of(now)):
        link, words = f"{settings.SITE_ADDRESS}/reports/", "The lists that were made"
    said = [f"The list of the week of {long_date(report.day)} was not made. {why}"]
    mail = _mail(f"Not made: {title_of_week(report.day)}", said, link, words)
    # by the moment of this failure: tried again and failed anew, it is told anew
    return _tell(report, f"{report.key}{NOT_MADE}{now:%Y-%m-%d %H:%M:%S}", mail, now)


def _tell(report: Report, key: str, mail: Mail, now: dt.datetime) -> int:
    if report.owner_id:
        return 0
    told = 0
    for user in recipients():
        _, is_new = OutboxMessage.objects.get_or_create(
            to_user=user, kind=MailKind.REPORT, key=key,
            defaults={
                "message_id": message_id(user, MailKind.REPORT, key), "next_attempt_at": not_before(user, now),
                "subject": mail.subject, "body": mail.text, "html": mail.html,
            },
        )  # fmt: skip
        told += is_new
    return told


def _mail(subject: str, said: list[str], link: str, words: str) -> Mail:
    why = WHY_YOU.format(site=settings.SITE_ADDRESS)
    text = "\n\n".join([*said, f"{words}:\n{link}", f"-- \n{why}"]) + "\n"
    paragraphs = [format_html('<p style="margin:12px 0">{}</p>', one) for one in said]
    html = format_html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{subject}</title></head>'
        '<body style="margin:0;padding:16px;background:#fff;color:#1b1b1b;font:15px/1.45 sans-serif">'
        '<h1 style="font-size:19px;margin:0">{subject}</h1>{said}'
        '<p style="margin:12px 0"><a href="{link}" style="color:#005ea2;font-weight:bold">{words}</a></p>'
        '<p style="margin:24px 0 0;font-size:13px;color:#565c65">{why}</p></body></html>\n',
        subject=subject, said=format_html("{}" * len(paragraphs), *paragraphs), link=link, words=words, why=why,
    )  # fmt: skip
    return Mail(subject, text, html)
