"""The search page: one box over everything the person may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from letters.domain import search as searching
from letters.domain.deadlines import count
from letters.domain.search import KINDS, MAX_PAGES, PAGE, Found, Hit
from letters.domain.search_words import MAX_LENGTH
from letters.web.paging import with_params

PAGES = {
    "targets": "target", "legislators": "legislator", "agencies": "agency", "officials": "agency", "replies": "reply",
    "answers": "item",
}  # fmt: skip
SEARCHED = (
    "the words of letters, asks, quotes, questions, replies and notes; the names of companies, people, programs, "
    "legislators, agencies, officials and signers; our references and the agencies’ control numbers"
)


def search(request: HttpRequest) -> HttpResponse:
    """A few hits of each kind, or one kind page by page. The address of the page is the search."""
    words = request.GET.get("q", "").strip()
    kind = request.GET.get("kind", "")
    notice = ""
    if kind and kind not in KINDS:
        notice, kind = f"Kind: “{kind[:40]}” is none of those below. All kinds are shown.", ""
    if len(words) > MAX_LENGTH:
        refused = f"Words: at most {MAX_LENGTH} characters can be searched for (there are {len(words):,}). Use fewer, or a phrase in quotes."
        return render(request, "search.html", {"refused": refused, "words": words[:MAX_LENGTH]}, status=400)
    number = _page(request.GET.get("page", ""))
    found = searching.search(words, user=request.user, kind=kind, page=number)
    shown = found.counts.get(kind, 0) if kind else found.total
    more = kind and shown > number * PAGE
    is_more = kind in found.more if kind else bool(found.more)
    context = {
        "words": words,
        "kind": kind,
        "total": shown,
        "heading": f"{_number(shown, 'hit', more=is_more)} for “{words}”" if words else "Search",
        "chips": _chips(request, found, kind),
        "groups": [_group(request, code, hits, found, kind) for code, hits in found.hits.items() if hits],
        "near": [_shown(hit) for hit in found.near],
        "notice": notice,
        "first_url": with_params(request.GET, page=None) if kind and number > 1 else None,
        "next_url": with_params(request.GET, page=str(number + 1)) if more and number < MAX_PAGES else None,
        "too_many": bool(more and number >= MAX_PAGES) or (is_more and bool(kind) and not more),
        "pages_words": f"{(number - 1) * PAGE + 1:,} to {min(number * PAGE, shown):,} of {_number(shown, more=is_more)}" if kind and shown else "",
        "nothing": _nothing(words, kind, found) if words and not shown else [],
        "loose_url": with_params(request.GET, q=words.replace('"', " "), page=None) if '"' in words else None,
        "everywhere_url": with_params(request.GET, kind=None, page=None) if kind and found.total else None,
        "everywhere": found.total,
        "searched": SEARCHED,
    }  # fmt: skip
    return render(request, "search.html", context)


def _page(printed: str) -> int:
    """The number of the page; the first where it is none."""
    # six digits are more than there are pages, and Python reads no number of thousands
    return max(1, min(int(printed[:6]), MAX_PAGES)) if printed.isdecimal() else 1


def _number(number: int, noun: str = "", *, more: bool = False) -> str:
    """ "3 hits"; "50 or more" where nobody counted further."""
    if more:
        return f"{number:,} or more{noun and f' {noun}s'}"
    return count(number, noun) if noun else f"{number:,}"


def _chips(request: HttpRequest, found: Found, kind: str) -> list[dict]:
    chips = [
        {"label": "All", "url": with_params(request.GET, kind=None, page=None), "count": found.total, "on": not kind, "words": _number(found.total, more=bool(found.more))}
    ]  # fmt: skip
    for code, number in found.counts.items():
        url = with_params(request.GET, kind=code, page=None)
        words = _number(number, more=code in found.more)
        chips.append({"label": KINDS[code], "url": url, "count": number, "on": code == kind, "words": words})
    return chips if found.counts else []


def _group(request: HttpRequest, code: str, hits: list[Hit], found: Found, kind: str) -> dict:
    number = found.counts[code]
    return {
        "code": code,
        "label": KINDS[code],
        "count": _number(number, more=code in found.more),
        "hits": [_shown(hit) for hit in hits],
        "all": f"The first {number:,}" if code in found.more else f"All {number:,}",
        "more_url": with_params(request.GET, kind=code, page=None) if not kind and number > len(hits) else None,
    }


def _shown(hit: Hit) -> dict:
    return {
        "url": reverse(PAGES.get(hit.kind, "letter"), args=[hit.key])
        + ("#officials" if hit.kind == "officials" else ""),
        "title": hit.title,
        "words": hit.words,
        "detail": hit.detail,
    }


def _nothing(words: str, kind: str, found: Found) -> list[str]:
    """Why nothing was found, and what to try."""
    if not any(character.isalnum() for character in words):
        return [f"“{words}” has no letter or digit to search for."]
    where = KINDS[kind].lower() if kind else "what you may see"
    because = [f"Nothing in {where} has all of the words “{words}”."]
    if len(words.split()) > 1:
        because.append("Every word has to be there. Leave some out, or put “or” between them.")
    if "-" in words:
        because.append("A word after a minus sign is left out of the hits.")
    return because
