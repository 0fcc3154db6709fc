"""The headline sentence, first thing on queue and dashboard: every number a link to exactly its items."""

from letters.domain.deadlines import count
from letters.domain.worklists import Headline
from letters.enums import Basis
from letters.filters import CO_SIGNED, LED


def headline_parts(counts: Headline, ours: str = LED) -> list[dict]:
    """Parts for components/headline.html: text, and for a number its link and bare integer. `ours`: whose letters it counts."""

    def link(text: str, query: str, number: int) -> dict:
        also = "" if ours == LED else f"{'&' if query else '?'}ours={ours}"
        return {"text": text, "url": f"/{query}{also}", "count": number}

    co_signed = _co_signed(counts, ours)
    if not counts.open:
        return [{"text": "Nothing is outstanding."}, *co_signed]
    parts = [
        link(count(counts.open, "open item"), "", counts.open),
        {"text": " from "},
        link(count(counts.asks, "ask"), "?group=ask", counts.asks),
        {"text": ", with "},
        link("1 agency" if counts.agencies == 1 else f"{counts.agencies:,} agencies", "?group=agency", counts.agencies),
        {"text": ". "},
    ]
    set_by_somebody = [
        (Basis.LETTER, "past a date the letter set"),
        (Basis.PROMISE, "past a date they promised"),
        (Basis.STATUTE, "past a date the law sets"),
    ]
    clauses = [
        [link(f"{counts.late[basis]:,} {words}", f"?late={basis}", counts.late[basis])]
        for basis, words in set_by_somebody
        if counts.late[basis]
    ]
    if not counts.late[Basis.LETTER]:
        clauses.insert(0, [{"text": "None is past a date the letter set"}])
    waiting = counts.late[Basis.YARDSTICK]
    if waiting:
        have = "has" if waiting == 1 else "have"
        clauses.append(
            [
                link(f"{waiting:,} {have} waited past our usual wait", "?late=yardstick", waiting),
                {"text": f", the longest {count(counts.longest[Basis.YARDSTICK], 'day')}"},
            ]
        )
    for place, clause in enumerate(clauses):
        if place:
            parts.append({"text": "; "})
        parts += clause
    parts.append({"text": ". "})
    if counts.unread:
        replies = "1 item has a reply" if counts.unread == 1 else f"{counts.unread:,} items have a reply"
        parts += [link(f"{replies} not yet read", "?unread=true", counts.unread), {"text": "."}]
    else:
        parts.append({"text": "No reply is unread."})
    return parts + co_signed


def _co_signed(counts: Headline, ours: str) -> list[dict]:
    """What the sentence leaves out, where it leaves something out."""
    if ours != LED or not counts.co_signed:
        return []
    more = "1 more is on a letter" if counts.co_signed == 1 else f"{counts.co_signed:,} more are on letters"
    return [
        {"text": " "},
        {"text": f"{more} we only co-signed", "url": f"/?ours={CO_SIGNED}", "count": counts.co_signed},
        {"text": "."},
    ]
