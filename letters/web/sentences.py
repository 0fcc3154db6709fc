"""The headline sentence, first thing on queue and dashboard, within the filters in force: every number a link to exactly its items."""

from django.http import QueryDict
from django.urls import reverse

from letters.domain.deadlines import count
from letters.domain.worklists import Headline
from letters.enums import Basis
from letters.filters import CO_SIGNED, LED
from letters.web.board import Places


def headline_parts(
    counts: Headline, ours: str = LED, kept: QueryDict | None = None, places: Places | None = None
) -> list[dict]:
    """Parts for components/headline.html: text, and for a number its link and bare integer.

    `ours`: whose letters it counts; `kept`: the filters that narrowed what it counts, which its links keep. With
    `places` the asks and agencies lead to their own lists; the queue groups its items by them instead.
    """

    def link(text: str, number: int, **more: str) -> dict:
        return {"text": text, "url": _address(kept, ours, **more), "count": number}

    def listed(text: str, number: int, name: str) -> dict:
        return {"text": text, "url": places.table(name), "count": number} if places else link(text, number, group=name)

    co_signed = _co_signed(counts, ours, kept)
    if not counts.open:
        return [{"text": "Nothing is outstanding."}, *co_signed]
    parts = [
        link(count(counts.open, "open item"), counts.open),
        {"text": " from "},
        listed(count(counts.asks, "ask"), counts.asks, "ask"),
        {"text": ", with "},
        listed("1 agency" if counts.agencies == 1 else f"{counts.agencies:,} agencies", counts.agencies, "agency"),
        {"text": ". "},
    ]
    set_by_somebody = [
        (Basis.LETTER, "past a date the letter set"),
        (Basis.PROMISE, "past a date they promised"),
        (Basis.STATUTE, "past a date the law sets"),
    ]
    clauses = [
        [link(f"{counts.late[basis]:,} {words}", counts.late[basis], late=basis.value)]
        for basis, words in set_by_somebody
        if counts.late[basis]
    ]
    if not counts.late[Basis.LETTER]:
        clauses.insert(0, [{"text": "None is past a date the letter set"}])
    waiting = counts.late[Basis.YARDSTICK]
    if waiting:
        have = "has" if waiting == 1 else "have"
        longest = count(counts.longest[Basis.YARDSTICK], "day")
        oldest = _address(kept, ours, late=Basis.YARDSTICK.value, due_before=counts.oldest[Basis.YARDSTICK].isoformat())
        clauses.append(
            [
                link(f"{waiting:,} {have} waited past our usual wait", waiting, late=Basis.YARDSTICK.value),
                {"text": ", the longest "},
                {"text": longest, "url": oldest},
            ]
        )
    for place, clause in enumerate(clauses):
        if place:
            parts.append({"text": "; "})
        parts += clause
    parts.append({"text": ". "})
    if counts.unread:
        replies = "1 item has a reply" if counts.unread == 1 else f"{counts.unread:,} items have a reply"
        parts += [link(f"{replies} not yet read", counts.unread, unread="true"), {"text": "."}]
    else:
        parts.append({"text": "No reply is unread."})
    return parts + co_signed


def found_parts(counts: Headline, total: int, ours: str, kept: QueryDict, *, has_closed: bool) -> list[dict]:
    """The same of a list that filters narrow: it says how many items the list has, closed ones too where they are in it."""
    if not has_closed:
        return headline_parts(counts, ours, kept) if total else [{"text": "No open item matches."}]
    here = _address(kept, ours)
    if not counts.open:
        words = count(total, "closed item") if total else "No item matches"
        return [{"text": words, "url": here, "count": total} if total else {"text": words}, {"text": "."}]
    return [
        {"text": count(total, "item"), "url": here, "count": total},
        {"text": ", "},
        {"text": f"{counts.open:,} of them open", "url": _address(kept, ours, state="open"), "count": counts.open},
        {"text": "."},
    ]


def _address(kept: QueryDict | None, ours: str, **more: str) -> str:
    query = kept.copy() if kept else QueryDict(mutable=True)
    query.pop("ours", None)
    if ours != LED:
        query["ours"] = ours
    for name, value in more.items():
        query[name] = value
    return reverse("queue") + (f"?{query.urlencode()}" if query else "")


def _co_signed(counts: Headline, ours: str, kept: QueryDict | None) -> list[dict]:
    """What the sentence leaves out, where it leaves something out."""
    if ours != LED or not counts.co_signed:
        return []
    more = "1 more is on a letter" if counts.co_signed == 1 else f"{counts.co_signed:,} more are on letters"
    return [
        {"text": " "},
        {"text": f"{more} we only co-signed", "url": _address(kept, CO_SIGNED), "count": counts.co_signed},
        {"text": "."},
    ]
