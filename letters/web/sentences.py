"""The headline sentence, first thing on queue and dashboard, within the filters in force: every number a link to exactly its items."""

from django.http import QueryDict
from django.urls import reverse

from letters.domain import headlines
from letters.domain.deadlines import count
from letters.domain.headlines import Part
from letters.domain.worklists import Headline
from letters.filters import ALL, CO_SIGNED, LED
from letters.web.board import Places


def headline_parts(
    counts: Headline, ours: str = LED, kept: QueryDict | None = None, places: Places | None = None
) -> list[dict]:
    """Parts for components/headline.html: text, and for a number its link and bare integer.

    `ours`: whose letters it counts; `kept`: the filters that narrowed what it counts, which its links keep. With
    `places` the asks and agencies lead to their own lists; the queue groups its items by them instead.
    """

    def address(part: Part) -> str:
        if part.table:
            return places.table(part.table) if places else _address(kept, ours, group=part.table)
        return _address(kept, CO_SIGNED if part.co_signed else ours, **(part.narrowed or {}))

    return [
        {"text": part.text}
        | ({} if part.narrowed is None else {"url": address(part)})
        | ({} if part.number is None else {"count": part.number})
        for part in headlines.parts(counts, of_ours=ours == LED)
    ]


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


def whose_letters(ours: str) -> str:
    """Which letters a page of numbers counts, where these are not the usual ones: on paper there are no chips."""
    return {ALL: "letters led, followed and co-signed", CO_SIGNED: "letters only co-signed"}.get(ours, "")


def _address(kept: QueryDict | None, ours: str, **more: str) -> str:
    query = kept.copy() if kept else QueryDict(mutable=True)
    query.pop("ours", None)
    if ours != LED:
        query["ours"] = ours
    for name, value in more.items():
        query[name] = value
    return reverse("queue") + (f"?{query.urlencode()}" if query else "")
