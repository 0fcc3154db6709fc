"""The feeds' addresses: who may read, what may be asked, and 304 for who holds the present state already."""

import hashlib
from collections.abc import Iterable, Iterator

from django.db.models import F, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import http_date
from rest_framework.request import Request

from letters.api import parameters
from letters.api.feeds import about, atom, calendar, tables
from letters.api.feeds.state import first_seen, state_of
from letters.api.links import Links
from letters.api.negotiation import AsItIs
from letters.api.paging import not_modified, private
from letters.api.parameters import Asked
from letters.api.resources import SOURCES
from letters.api.scopes import scope_of
from letters.api.views import ApiView
from letters.enums import OPEN_STATUSES, Scope, Stream, TaskingRole
from letters.models.tasking_queries import RUNNING

# Raise it when the form of a feed changes: what readers hold then is out of date although the record is the same.
FORM = 2


class FeedView(ApiView):
    """One file. It says whether it changed without being made."""

    content_negotiation_class = AsItIs
    schema = None
    resource = "taskings"
    about: about.About
    # A tag for every byte (strong) is only for what is in order; of rows in no order it says that they are the same rows.
    weak = False

    def get(self, request: Request) -> HttpResponse:
        scope = scope_of(request)
        asked = parameters.read(request, *self.known(scope))
        # a wrong filter is refused even to who has the present state
        content = self.content(scope, asked, Links(request))
        address = (FORM, scope, request.build_absolute_uri())
        name = _digest((*address, *state_of(_stream(scope), asked.get("signatory"))))
        tag = f'W/"{name}"' if self.weak else f'"{name}"'
        # of the whole files alone: of each address with filters an age would be kept, and there is no end of those
        seen = None if asked.pairs else first_seen(_digest(address), name)
        response = not_modified(request, tag, seen)
        if response is None:
            written = () if request.method == "HEAD" else content
            response = StreamingHttpResponse(written, content_type=self.about.content_type)
        response.headers["ETag"] = tag
        if seen:
            response.headers["Last-Modified"] = http_date(seen)
        return private(response)

    def known(self, scope: Scope) -> tuple:
        """The parameters it takes, and those that a public key may not use: the filters of the list of items."""
        source = SOURCES["taskings"][scope]
        return tuple(one for one in source.filtering if one.name not in (self.about.fixed or ())), source.office_only

    def content(self, scope: Scope, asked: Asked, links: Links) -> Iterable[bytes]:
        """What is in it, piece by piece. Refuses at once what cannot be."""
        raise NotImplementedError


class StatusAtom(FeedView):
    """`/feeds/status.atom`."""

    resource = "events"
    about = about.STATUS

    def known(self, scope: Scope) -> tuple:
        return ((about.BEFORE,),)

    def content(self, scope: Scope, asked: Asked, links: Links) -> Iterator[bytes]:
        return atom.write(_stream(scope), asked.get("before"), links)


class DatesCalendar(FeedView):
    """`/feeds/dates.ics`."""

    about = about.DATES

    def content(self, scope: Scope, asked: Asked, links: Links) -> Iterator[bytes]:
        items = SOURCES["taskings"][scope].found(asked)
        if scope == Scope.RELEASED:
            items = items.filter(public_status__in=OPEN_STATUSES, public_due_on__isnull=False)
            return calendar.write(scope, items.order_by("public_due_on", "pk"), links)
        items = items.filter(RUNNING, role=TaskingRole.LEAD)
        return calendar.write(scope, items.order_by("due_on", "pk"), links)


class OpenTable(FeedView):
    """`/feeds/open.csv`: open items, the soonest date first."""

    about = about.OPEN

    def content(self, scope: Scope, asked: Asked, links: Links) -> Iterator[bytes]:
        items = self.chosen(scope, SOURCES["taskings"][scope].found(asked))
        return tables.write(scope, items, links, whole=not asked.pairs)

    def chosen(self, scope: Scope, items: QuerySet) -> QuerySet:
        """Which of them, in which order."""
        public = scope == Scope.RELEASED
        status, due_on = ("public_status", "public_due_on") if public else ("status", "due_on")
        return items.filter(**{f"{status}__in": OPEN_STATUSES}).order_by(F(due_on).asc(nulls_last=True), "pk")


class WholeTable(OpenTable):
    """`/feeds/everything.csv`: open and closed items, in no order: sorting a million rows would make everybody wait."""

    about = about.EVERYTHING
    weak = True

    def chosen(self, scope: Scope, items: QuerySet) -> QuerySet:
        return items.order_by()


def _digest(what: tuple) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:32]


def _stream(scope: Scope) -> Stream:
    return Stream.RELEASED if scope == Scope.RELEASED else Stream.OFFICE
