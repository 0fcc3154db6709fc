"""`GET /api/v1/snapshot/`: everything a stream is about, as of one moment, and the cursor that continues from there."""

from collections.abc import Callable, Iterable, Iterator

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.request import Request

from letters.api import parameters
from letters.api.links import Links
from letters.api.office import beside
from letters.api.office import letters as office_letters
from letters.api.office import responses as office_responses
from letters.api.paging import private
from letters.api.schema import SnapshotOperation
from letters.api.sources import Source
from letters.api.views import STREAM, ApiView, stream_of
from letters.domain.payloads import public_letters
from letters.domain.snapshot import in_parts, one_moment
from letters.enums import Stream
from letters.models import Letter

PART = 100  # letters read and written together, whatever their number


class SnapshotView(ApiView):
    """Written while it is read: its size costs neither memory nor a wait. A snapshot cut short is no JSON."""

    resource = "events"
    schema = SnapshotOperation()
    parameters = (STREAM,)

    def get(self, request: Request) -> HttpResponse:
        asked = parameters.read(request, self.parameters)
        stream = stream_of(request, asked.get("stream"))
        if request.method == "HEAD":
            return private(HttpResponse(content_type="application/json"))
        written = document(stream, Links(request))
        return private(StreamingHttpResponse(written, content_type="application/json"))

    def known_parameters(self) -> tuple:
        """As for other lists."""
        return self.parameters, {one.name for one in self.parameters}


def document(stream: str, links: Links) -> Iterator[bytes]:
    """One JSON object; each row is a line of its own, so that a reader need not hold it whole either."""
    with one_moment(stream) as cursor:
        yield b'{"letters":['
        if stream == Stream.RELEASED:
            yield from _array(_public_letters(links))
        else:
            yield from _array(_rows(office_letters.SOURCE, "sent_on", office_letters.details, links))
            yield b'\n],\n"responses":['
            yield from _array(_rows(office_responses.SOURCE, "received_on", office_responses.details, links))
            for name, source, by in (
                ("evidence", beside.EVIDENCE, "added_at"),
                ("contacts", beside.CONTACTS, "recorded_at"),
            ):
                yield b'\n],\n"' + name.encode() + b'":['
                yield from _array(_rows(source, by, _as_shown, links))
        yield b'\n],\n"cursor":' + orjson.dumps(cursor) + b"}\n"


def _as_shown(rows: list, shown: list[dict], links: Links) -> list[dict]:
    """What has no more to it than its list says."""
    return shown


def _array(parts: Iterable[list[dict]]) -> Iterator[bytes]:
    between = b"\n"
    for part in parts:
        yield between + b",\n".join(orjson.dumps(row, option=orjson.OPT_UTC_Z) for row in part)
        between = b",\n"


def _rows(source: Source, by: str, details: Callable, links: Links) -> Iterator[list[dict]]:
    found = source.visible().order_by(by, "pk").values_list(*source.columns, named=True)
    for rows in in_parts(found.iterator(chunk_size=PART), PART):
        yield details(rows, source.build(rows, links), links)


def _public_letters(links: Links) -> Iterator[list[dict]]:
    """As in their own address: the state that the feed carries, with addresses."""
    found = Letter.objects.released().defer("search").order_by("sent_on", "pk")
    for letters in in_parts(found.iterator(chunk_size=PART), PART):
        yield [
            {"id": state["id"], "url": links.to("letters", state["id"]), "page_url": None, **state}
            for state in public_letters(letters)
        ]
