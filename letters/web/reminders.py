"""The schedule of reminders: its rungs, what it sent over the last 30 days, and what it would send over the next."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from letters.domain.access import ADMINISTER, may
from letters.domain.clocks import office_today
from letters.domain.deadlines import count, long_date
from letters.enums import Basis
from letters.models import ReminderRule, Tasking
from letters.reminders.facts import as_rung, load_schedule
from letters.reminders.forecast import DAYS, coming, sent, told_of
from letters.reminders.schedule import told_words, when_words
from letters.web.rows import item_url

SHOWN = 200
# What is kept quietly has any of these reasons, and does not say which.
TOLD_NOBODY = (
    "told nobody: a later one of the same day spoke for them, they had been told of before, their day was past when the "
    "letter came in or the date was set, or there was nobody to tell."
)


def reminders(request: HttpRequest) -> HttpResponse:
    """Three tables; every line leads to its item."""
    today = office_today()
    rules = list(ReminderRule.objects.select_related("kind", "agency"))
    words = {rule.code: rule.words for rule in rules}
    ahead, left_out = coming(load_schedule(), Tasking.objects.visible_to(request.user), today=today)
    fired, quiet = sent(request.user, today=today)
    behind = list(fired[: SHOWN + 1])
    told = told_of(behind[:SHOWN])
    context = {
        "days": DAYS,
        "rules": [_rule(rule) for rule in rules],
        "ahead": [
            _line(one.tasking, one.rung.words, [str(person) for person in one.people]) | {"day": _day(one.day, today)}
            for one in ahead[:SHOWN]
        ],
        "ahead_more": _more(len(ahead) - SHOWN, left_out),
        "behind": [
            _line(one.tasking, words.get(one.rule, one.rule), told.get(one.pk, [])) | {"day": _day(one.fired_on, today)}
            for one in behind[:SHOWN]
        ],
        "behind_more": f"These are the last {SHOWN}; there were more." if len(behind) > SHOWN else "",
        "quiet": f"{count(quiet, 'more reminder')} {TOLD_NOBODY}" if quiet else "",
        "may_change": may(request.user, ADMINISTER),
    }
    return render(request, "letters/reminders.html", context)


def _rule(rule: ReminderRule) -> dict:
    only = [
        *([f"only {Basis(rule.basis).label}"] if rule.basis else []),
        *([f"only “{rule.kind}”"] if rule.kind else []),
        *([f"only {rule.agency}"] if rule.agency else []),
    ]
    rung = as_rung(rule)
    every = "every open item, but those they promised" if rung.is_before and not rung.basis else "every open item"
    return {
        "words": rule.words,
        "when": when_words(rung),
        "items": ", ".join(only) or every,
        "told": told_words(rung),
        "active": rule.is_active,
    }


def _line(tasking: Tasking, words: str, people: list[str]) -> dict:
    return {
        "item": str(tasking),
        "url": item_url(tasking.pk),
        "reference": tasking.ask.letter.reference,
        "words": words,
        "people": ", ".join(people) or "nobody; flagged",
    }


def _day(day: dt.date, today: dt.date) -> str:
    return "today" if day == today else long_date(day)


def _more(cut: int, left_out: int) -> str:
    parts = [f"{count(cut, 'more line')} of these items"] if cut > 0 else []
    parts += [f"{count(left_out, 'item')} not looked at"] if left_out else []
    return f"Not shown: {'; '.join(parts)}. “manage.py sweep_reminders --dry-run” prints everything." if parts else ""
