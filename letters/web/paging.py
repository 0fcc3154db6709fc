"""Pages of a list in its address: a cursor, and the addresses around it."""

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from letters.domain import keyset
from letters.errors import CursorError


def page_of(request: HttpRequest, rows: QuerySet, order: keyset.Order, *, size: int) -> tuple[keyset.Page, str]:
    """The page that the address asks for, and a notice."""
    return page_at(request.GET.get("cursor"), rows, order, size=size)


def page_at(cursor: str | None, rows: QuerySet, order: keyset.Order, *, size: int) -> tuple[keyset.Page, str]:
    """The page a cursor asks for, and a notice: a cursor of another list gives the first page and says so."""
    try:
        return keyset.page(rows, order, size=size, cursor=cursor), ""
    except CursorError as error:
        return keyset.page(rows, order, size=size), f"{error} Here is the first page."


def pager(request: HttpRequest, page: keyset.Page) -> dict[str, str | None]:
    """For components/pagination_keyset.html."""
    return {
        "first_url": with_params(request.GET, cursor=None) if request.GET.get("cursor") else None,
        "next_url": with_params(request.GET, cursor=page.next_cursor) if page.next_cursor else None,
    }


def with_params(params: QueryDict, **changes: str | None) -> str:
    """The present address with some parameters set, or removed where None."""
    params = params.copy()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}"
