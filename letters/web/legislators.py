"""Members of Congress: who they are, what they signed and led, and what is open of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from letters.domain import directory, keyset, suggest
from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.enums import Match
from letters.intake.states import STATES
from letters.models import Legislator
from letters.web import signatory
from letters.web.paging import page_of, pager, with_params

PAGE = 50
MAX_WORDS = 100
BY_NAME = keyset.Order("sort_name")
BY_SENT = keyset.Order("letter__sent_on", descending=True)
ON_OURS, EVERYBODY = "ours", "all"
WHICH = {"": "Signed", "led": "Led", "proposed": "Not confirmed"}


def legislators(request: HttpRequest) -> HttpResponse:
    """Those on our letters, or all; by name and state."""
    today = office_today()
    words = request.GET.get("q", "").strip()[:MAX_WORDS]
    state = request.GET.get("state", "") if request.GET.get("state", "") in STATES else ""
    who = EVERYBODY if request.GET.get("who") == EVERYBODY or words or state else ON_OURS
    found = directory.legislators(request.user, words=words, state=state, signed=who == ON_OURS)
    page, notice = page_of(request, found.prefetch_related("terms"), BY_NAME, size=PAGE)
    total = found.count()
    context = {
        "rows": [{"member": m, "seat": suggest.seat(m, today), "url": reverse("legislator", args=[m.bioguide])} for m in page.rows],
        "total": total,
        "shown": _shown(len(page.rows), total, "legislator"),
        "words": words,
        "state": state,
        "states": sorted(STATES.items(), key=lambda pair: pair[1]),
        "notice": notice,
        "chips": [
            {"label": "On our letters", "url": reverse("legislators"), "on": who == ON_OURS},
            {"label": "All in our rosters", "url": f"{reverse('legislators')}?who=all", "on": who == EVERYBODY and not (words or state)},
        ],
        **pager(request, page),
    }  # fmt: skip
    return render(request, "directory/legislators.html", context)


def legislator(request: HttpRequest, bioguide: str) -> HttpResponse:
    """One member: terms, letters signed, led and perhaps signed, and what is open of those."""
    member = get_object_or_404(Legislator.objects.prefetch_related("terms"), bioguide=bioguide)
    which = request.GET.get("which", "") if request.GET.get("which", "") in WHICH else ""
    lists = {
        "": directory.letters_signed(member, request.user),
        "led": directory.letters_signed(member, request.user, led=True),
        "proposed": directory.letters_signed(member, request.user, match=Match.PROPOSED),
    }
    page, notice = page_of(request, lists[which], BY_SENT, size=PAGE)
    counts = {code: found.count() for code, found in lists.items()}
    opened = signatory.numbers(member, request.user)
    context = {
        "member": member,
        "seat": suggest.seat(member, office_today()),
        "crumbs": [{"label": "Legislators", "url": reverse("legislators")}],
        "terms": reversed(member.terms.all()),
        "which": which,
        "chips": [
            {"label": label, "url": with_params(request.GET, which=code or None, cursor=None), "count": counts[code], "on": code == which}
            for code, label in WHICH.items()
        ],
        "signatures": page.rows,
        "total": counts[which],
        "shown": _shown(len(page.rows), counts[which], "letter"),
        "opened": opened,
        "notice": notice,
        **pager(request, page),
    }  # fmt: skip
    return render(request, "directory/legislator.html", context)


def _shown(shown: int, total: int, what: str) -> str:
    return f"Showing {shown} of {count(total, what)}" if total > shown else count(total, what)
