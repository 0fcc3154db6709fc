"""Pages of a list by keyset, and the answer around them."""

from copy import copy
from dataclasses import replace
from typing import Any, TypeVar

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from letters.api import hot
from letters.api.links import Links
from letters.api.parameters import DEFAULT_PAGE, Asked
from letters.api.sources import Row, Source
from letters.domain import keyset

FOR_WRITES = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")
Answer = TypeVar("Answer", bound=HttpResponseBase)


def page_of(source: Source, asked: Asked) -> keyset.Page[Row]:
    """The rows asked for. Raises CursorError for a cursor that this list did not give out in this order."""
    size = int(asked.get("limit") or DEFAULT_PAGE)
    if source.is_hot(asked):
        return hot.page(source, asked, size)
    order = source.order(asked)
    if order.few and not hot.is_general(source, asked):  # put in order at once: little is left of each value
        order = replace(order, few=False)
    return keyset.page(source.filtered(asked), order, size=size, cursor=asked.get("cursor"))


def listing(source: Source, asked: Asked, request: Request) -> HttpResponse:
    """`{"results": [...], "next": URL or null}`."""
    links = Links(request)
    page = page_of(source, asked)
    following = links.here(asked.pairs, cursor=page.next_cursor) if page.next_cursor else None
    return json_response({"results": source.show(page.rows, asked, links), "next": following})


def json_response(body: Any) -> HttpResponse:
    """ISO 8601 dates, UUIDs as text."""
    return private(HttpResponse(orjson.dumps(body, option=orjson.OPT_UTC_Z), content_type="application/json"))


def not_modified(request: Request, tag: str, seen: int | None = None) -> HttpResponse | None:
    """304 for who holds this very file. `If-Match` is for writes: on a read it is passed over, as where rows are read, and is
    no 412 without a word. `seen`: since when it is so, in seconds since 1970."""
    plain = copy(request._request)
    plain.META = {name: value for name, value in plain.META.items() if name not in FOR_WRITES}
    return get_conditional_response(plain, etag=tag, last_modified=seen)


def private(response: Answer) -> Answer:
    """Never kept by a cache between us and the reader."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization, Cookie"
    return response
