"""The open items of one agency, company or legislator, as the queue shows them, with the queue's own address."""

from django.http import HttpRequest, QueryDict

from letters.domain.deadlines import count
from letters.listing import Listing, queue_url
from letters.web.paging import page_of, pager
from letters.web.rows import queue_rows

PAGE = 50


def open_items(request: HttpRequest, **filters: str) -> dict:
    """A page of rows and how many there are: exactly what the queue gives for the same filters, on all our letters."""
    params = QueryDict(mutable=True)
    params.update({"group": "none", "ours": "all", **filters})
    listing = Listing(params, user=request.user)
    page, notice = page_of(request, listing.rows, listing.order, size=PAGE)
    total = listing.found.count()
    return {
        "rows": queue_rows(page.rows, listing.today, under="agency" if "agency" in filters else ""),
        "total": total,
        "words": f"Showing {len(page.rows)} of {count(total, 'open item')}"
        if total > len(page.rows)
        else count(total, "open item"),
        "url": queue_url(ours="all", **filters),
        "notice": notice,
        **pager(request, page),
    }
