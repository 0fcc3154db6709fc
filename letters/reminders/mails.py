"""A mail as text and as HTML. The HTML carries its own few styles, since mail programs load nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from letters.domain.deadlines import count
from letters.domain.words import initial
from letters.reminders.wording import Line

MAX_SUBJECT = 200
WHY_YOU = "You get this because of your choice at {site}/mail/. The inbox has every reminder: {site}/inbox/"


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str
    html: str


def reminder(line: Line, *, site: str) -> Mail:
    """One mail for one reminder."""
    return _mail(f"{line.agency}: {line.title}", "A reminder", [line], site)


def digest(lines: Sequence[Line], *, site: str, period: str) -> Mail:
    """One mail for many, grouped by agency. `period`: “day”, “week” or, for many at once, nothing."""
    agencies = len({line.agency for line in lines})
    whom = "1 agency" if agencies == 1 else f"{agencies} agencies"
    of = f" of the {period}" if period else ""
    words = f"{count(len(lines), 'reminder')}{of}, about {whom}"
    return _mail(words, words, lines, site)


def _mail(subject: str, heading: str, lines: Sequence[Line], site: str) -> Mail:
    subject = " ".join(subject.split())
    if len(subject) > MAX_SUBJECT:
        subject = subject[: MAX_SUBJECT - 1].rstrip() + "…"
    groups = [(agency, list(of)) for agency, of in groupby(lines, key=lambda line: line.agency)]
    return Mail(subject, _text(heading, groups, site), str(_html(heading, groups, site)))


def _text(heading: str, groups: list[tuple[str, list[Line]]], site: str) -> str:
    parts = [heading]
    for agency, lines in groups:
        parts.append(f"{agency}\n{'-' * len(agency)}")
        parts += [
            f"* {line.title}\n  {line.fact}.\n  Why now: {line.why}.\n  Letter {line.letter}\n  {site}{line.path}"
            for line in lines
        ]
    parts.append(f"-- \n{WHY_YOU.format(site=site)}")
    return "\n\n".join(parts) + "\n"


def _html(heading: str, groups: list[tuple[str, list[Line]]], site: str) -> SafeString:
    sections = format_html_join(
        "",
        '<h2 style="font-size:16px;margin:24px 0 4px;border-bottom:1px solid #a9aeb1">{}</h2><ul style="margin:0;padding:0;list-style:none">{}</ul>',
        ((agency, format_html_join("", ITEM, (_item(line, site) for line in lines))) for agency, lines in groups),
    )
    return format_html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{heading}</title></head>'
        '<body style="margin:0;padding:16px;background:#fff;color:#1b1b1b;font:15px/1.45 sans-serif">'
        '<h1 style="font-size:19px;margin:0">{heading}</h1>{sections}'
        '<p style="margin:24px 0 0;font-size:13px;color:#565c65">You get this because of '
        '<a href="{site}/mail/" style="color:#005ea2">your choice</a>. '
        'The <a href="{site}/inbox/" style="color:#005ea2">inbox</a> has every reminder.</p></body></html>\n',
        heading=heading, sections=sections, site=site,
    )  # fmt: skip


ITEM = (
    '<li style="margin:12px 0"><a href="{}" style="color:#005ea2;font-weight:bold">{}</a><br>{}.'
    '<br><span style="font-size:13px;color:#565c65">Why now: {}. Letter {}</span></li>'
)


def _item(line: Line, site: str) -> tuple[str, str, str, str, str]:
    return f"{site}{line.path}", line.title, initial(line.fact), line.why, line.letter
