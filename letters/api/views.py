"""The views: authenticate, check the query, hand on to a `Source` or the feed."""

import uuid
from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseNotModified, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve, reverse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from letters.api import parameters, versions
from letters.api.expanding import expand
from letters.api.links import Links
from letters.api.negotiation import AsItIs
from letters.api.office import events as office_events
from letters.api.open import OpenView
from letters.api.paging import json_response, listing, private
from letters.api.parameters import EVENT_LIMIT, Parameter
from letters.api.problems import Refused
from letters.api.released import events as public_events
from letters.api.resources import SOURCES, WRITTEN
from letters.api.schema import Operation
from letters.api.scopes import SCOPES, Consumer, HasScope, scope_of
from letters.api.throttles import PerKey
from letters.api.writing import Writes
from letters.domain import feed
from letters.enums import Scope, Stream
from letters.errors import Problem

STREAM = Parameter(
    "stream",
    "choice",
    "Which stream; the key’s own when not given. Office keys may read both.",
    tuple(Stream.values),
)
EVENT_PARAMETERS = (
    Parameter("after", "cursor", "Continue after this cursor; from the beginning when not given."),
    EVENT_LIMIT,
    STREAM,
)


class ApiView(Writes, APIView):
    """What all addresses share."""

    resource = ""
    scopes: tuple[Scope, ...] = ()  # where an address is narrower than its resource
    is_list = True
    permission_classes = [HasScope]
    throttle_classes = [PerKey]
    http_method_names = ["get", "head"]
    schema = Operation()

    def initial(self, request: Request, *args, **kwargs) -> None:
        """Counted first: what a key may not read, or asks for as what we do not write, counts as well, and says how much
        is left."""
        if request.user.is_authenticated:
            super().check_throttles(request)
        super().initial(request, *args, **kwargs)

    def check_throttles(self, request: Request) -> None:
        """Done, before anything else."""

    def finalize_response(self, request: Request, response: HttpResponse, *args, **kwargs) -> HttpResponse:
        """With how much this key may still ask."""
        response = super().finalize_response(request, response, *args, **kwargs)
        rate = getattr(request._request, "rate", None)
        for name, value in (rate.headers() if rate else {}).items():
            response.headers[name] = value
        return response


class ListView(ApiView):
    """`GET /api/v1/RESOURCE/`."""

    def get(self, request: Request) -> HttpResponse:
        source = SOURCES[self.resource][scope_of(request)]
        asked = parameters.read(request, source.parameters, source.office_only)
        return listing(source, asked, request)

    def known_parameters(self) -> tuple[tuple[Parameter, ...], set[str]]:
        """All parameters, and the names of those that public keys may use, for the schema."""
        sources = SOURCES[self.resource]
        public = sources.get(Scope.RELEASED, sources[Scope.OFFICE])
        return sources[Scope.OFFICE].parameters, {one.name for one in public.parameters}


class DetailView(ApiView):
    """`GET /api/v1/RESOURCE/ID/`. Unknown and not for this key: the same answer."""

    is_list = False

    def get(self, request: Request, id: uuid.UUID) -> HttpResponse:
        source = SOURCES[self.resource][scope_of(request)]
        asked = parameters.read(request, source.expanding)
        row = source.find(id, _written(self.resource, request))
        if row is None:
            raise NotFound
        links = Links(request)
        shown = source.alone(row, links)
        # of the row alone: whoever writes to it sends it, whatever else was read with it
        tag = versions.etag(self.resource, shown)
        known = versions.is_known(request, tag)
        if names := asked.all("expand"):
            known = False  # what is given with it has no tag
            (shown,) = expand(source.expansions, names, [row], [shown], links)
        response = private(HttpResponseNotModified()) if known else json_response(shown)
        response.headers["ETag"] = tag
        return response

    def detail_parameters(self) -> tuple[Parameter, ...]:
        """For the schema."""
        return SOURCES[self.resource][Scope.OFFICE].expanding


class ExtraView(ApiView):
    """A read that is no row, beside writes or alone: `answer` gives it."""

    is_list = False
    schema = None
    scopes = (Scope.OFFICE,)  # statuses and files are the office's own, whatever is public of their rows
    answer: Callable[[Request, uuid.UUID], HttpResponse] | None = None

    def get(self, request: Request, id: uuid.UUID) -> HttpResponse:
        return self.answer(request, id)


class FileView(ExtraView):
    """One whose answer is a file, of whatever kind."""

    content_negotiation_class = AsItIs


class WriteView(ApiView):
    """An address that only writes."""

    is_list = False
    is_readable = False
    schema = None


class EventsView(ApiView):
    """`GET /api/v1/events/`: follow a stream by cursor (DESIGN, invariant 6)."""

    resource = "events"
    parameters = EVENT_PARAMETERS

    def get(self, request: Request) -> HttpResponse:
        asked = parameters.read(request, self.parameters)
        stream = stream_of(request, asked.get("stream"))
        size = int(asked.get("limit") or parameters.DEFAULT_EVENTS)
        page = feed.follow(stream, after=asked.get("after"), size=size)
        links = Links(request)
        if stream == Stream.RELEASED:
            results = public_events.shown(page.entries, links)
        else:
            results = office_events.shown([entry.event for entry in page.entries], links)
        following = links.here(asked.pairs, after=page.cursor) if page.has_more else None
        return json_response({"results": results, "next": following, "cursor": page.cursor})

    def known_parameters(self) -> tuple[tuple[Parameter, ...], set[str]]:
        """As for other lists."""
        return EVENT_PARAMETERS, {one.name for one in EVENT_PARAMETERS}


class EventView(ApiView):
    """`GET /api/v1/events/ID/`."""

    resource = "events"
    is_list = False

    def detail_parameters(self) -> tuple[Parameter, ...]:
        """It takes none."""
        return ()

    def get(self, request: Request, id: uuid.UUID) -> HttpResponse:
        parameters.read(request, ())
        links = Links(request)
        if scope_of(request) == Scope.RELEASED:
            entry = public_events.find(id)
            results = public_events.shown([entry], links) if entry else []
        else:
            event = office_events.find(id)
            results = office_events.shown([event], links) if event else []
        if not results:
            raise NotFound
        return json_response(results[0])


class IndexView(OpenView):
    """`GET /api/v1/`: what there is."""

    def get(self, request: Request) -> HttpResponse:
        parameters.read(request, ())
        addresses = {
            name: request.build_absolute_uri(reverse(f"api:{name}"))
            for name in (*SCOPES, "snapshot", "vocabulary", "openapi", "docs")
        }
        return json_response(addresses)


class NothingHere(OpenView):
    """Every other address under /api/: a problem, not a page; a forgotten last slash is forgiven."""

    http_method_names = APIView.http_method_names  # whatever was tried, there is nothing

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound

    def dispatch(self, request, *args, **kwargs):
        if request.method in ("GET", "HEAD") and not request.path_info.endswith("/"):
            try:
                meant = resolve(request.path_info + "/")
            except Resolver404:
                meant = None
            if meant and meant.url_name != "nothing":
                return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        return super().dispatch(request, *args, **kwargs)


def _written(resource: str, request: Request) -> QuerySet | None:
    """Where a key that writes finds a row by its id: also what it made, before any letter names it."""
    if isinstance(request.user, Consumer) and request.user.scope == Scope.OFFICE_WRITE and resource in WRITTEN:
        return WRITTEN[resource]()
    return None


def stream_of(request: Request, wanted: str | None) -> Stream:
    """The stream asked for, or the reader's own. Raises 403 for the office's and a public key."""
    own = Stream.RELEASED if scope_of(request) == Scope.RELEASED else Stream.OFFICE
    if own == Stream.RELEASED and wanted == Stream.OFFICE:
        message = (
            "stream: this key’s scope is “released”, and the office stream needs a key of scope “office”. "
            "Leave stream out to follow what is public."
        )
        raise Refused(403, message, code="wrong-scope", problems=[Problem("stream", message, wanted)])
    return Stream(wanted) if wanted else own
