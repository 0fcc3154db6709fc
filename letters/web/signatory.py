"""A senator's open items, led and co-signed, letter by letter, with who else signed."""

import uuid

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from letters.domain import suggest
from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.enums import Match
from letters.filters import ALL
from letters.listing import Listing, queue_url
from letters.models import Legislator, Signature, Tasking, User
from letters.web.paging import page_of, pager
from letters.web.queue import grouped

PAGE = 100
# Which of a member's letters, and the filter of the queue that means the same.
PARTS = {"": ("All", "signatory"), "led": ("Led", "lead"), "co_signed": ("Co-signed", "co_signer")}


def numbers(member: Legislator, user: User) -> dict[str, dict]:
    """How many open items of the letters the member signed, led and co-signed, each with its list. One query."""
    theirs = Signature.objects.filter(legislator=member, match=Match.CONFIRMED).order_by().values("letter")
    led = Q(ask__letter__in=theirs.filter(is_lead=True))
    found = Tasking.objects.visible_to(user).counted().open().filter(ask__letter__in=theirs)
    counted = found.aggregate(all=Count("pk"), led=Count("pk", filter=led), co_signed=Count("pk", filter=~led))
    base = reverse("signatory", args=[member.bioguide])
    return {
        part or "all": {"number": counted[part or "all"], "url": f"{base}?part={part}" if part else base}
        for part in PARTS
    }


def signatory(request: HttpRequest, bioguide: str) -> HttpResponse:
    """The open items of one member's letters, under their letters."""
    member = get_object_or_404(Legislator.objects.prefetch_related("terms"), bioguide=bioguide)
    part = request.GET.get("part", "") if request.GET.get("part", "") in PARTS else ""
    params = QueryDict(mutable=True)
    params.update({"group": "letter", "ours": ALL, PARTS[part][1]: member.bioguide})
    listing = Listing(params, user=request.user)
    page, notice = page_of(request, listing.rows, listing.order, size=PAGE)
    opened = numbers(member, request.user)
    total = opened[part or "all"]["number"]
    groups = grouped(listing, page, is_part=len(page.rows) < total)
    drawn = (row for group in groups for row in group["rows"])
    for tasking, row in zip(page.rows, drawn, strict=True):
        row["title"] = str(tasking)  # under its letter a row does not say whom it waits for
    signers = signers_of({t.ask.letter_id: t.ask.letter.reference for t in page.rows})
    for group in groups:
        group["signers"] = [one for one in signers.get(group["key"], []) if one["bioguide"] != member.bioguide]
    context = {
        "member": member,
        "seat": suggest.seat(member, office_today()),
        "crumbs": [
            {"label": "Legislators", "url": reverse("legislators")},
            {"label": member.official_full, "url": reverse("legislator", args=[member.bioguide])},
        ],
        "chips": [
            {"label": label, "url": opened[code or "all"]["url"], "count": opened[code or "all"]["number"], "on": code == part}
            for code, (label, _) in PARTS.items()
        ],
        "groups": groups,
        "total": total,
        "words": f"Showing {len(page.rows)} of {count(total, 'open item')}" if total > len(page.rows) else count(total, "open item"),
        "queue_url": queue_url(ours=ALL, group="letter", **{PARTS[part][1]: member.bioguide}),
        "notice": notice,
        **pager(request, page),
    }  # fmt: skip
    return render(request, "directory/signatory.html", context)


def signers_of(letters: dict[uuid.UUID, str]) -> dict[str, list[dict]]:
    """Who signed each of these letters (reference by id), who led first, then in the order of the letter. One query."""
    found: dict[str, list[dict]] = {}
    rows = Signature.objects.filter(letter__in=letters).select_related("legislator")
    for one in rows.order_by("letter", "-is_lead", "position"):
        known = one.legislator if one.match == Match.CONFIRMED else None
        found.setdefault(letters[one.letter_id], []).append(
            {
                "name": known.official_full if known else one.printed_name,
                "bioguide": known.bioguide if known else "",
                "url": reverse("legislator", args=[known.bioguide]) if known else "",
                "led": one.is_lead,
            }
        )
    return found
