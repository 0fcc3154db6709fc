"""The headline sentence, first thing on queue and dashboard: every number a link to exactly its items."""

from letters.domain.deadlines import count
from letters.domain.worklists import Headline
from letters.enums import Basis


def headline_parts(counts: Headline, base: str = "/") -> list[dict]:
    """Parts for components/headline.html: text, and for a number its link and bare integer."""

    def link(text: str, query: str, number: int) -> dict:
        return {"text": text, "url": f"{base}{query}", "count": number}

    if not counts.open:
        return [{"text": "Nothing is outstanding."}]
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
    return parts
