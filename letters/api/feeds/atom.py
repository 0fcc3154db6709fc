"""Atom of status changes (RFC 4287), newest first, in pages (RFC 5005): a reader that was away finds the rest."""

import datetime as dt
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from letters.api.links import Links
from letters.api.office.events import shown as office_shown
from letters.api.released.events import shown as public_shown
from letters.domain import feed
from letters.domain.guarded import UNWRITABLE
from letters.enums import EventKind, Status, Stream
from letters.models import FeedEntry

ATOM = "http://www.w3.org/2005/Atom"
PAGE = 100
ET.register_namespace("", ATOM)


def write(stream: str, before: str | None, links: Links) -> Iterator[bytes]:
    """One page, made when it is read. Raises CursorError at once for a cursor that is not of this stream."""
    feed.check(before, stream, field="before")
    return _pages(stream, before, links)


def _pages(stream: str, before: str | None, links: Links) -> Iterator[bytes]:
    page = feed.look_back(stream, kind=EventKind.STATUS_CHANGED, before=before, size=PAGE)
    root = ET.Element(f"{{{ATOM}}}feed")
    _text(root, "id", links.here([]))
    _text(root, "title", "Status of what we asked for")
    _text(
        root,
        "updated",
        _time(page.entries[0].event.recorded_at if page.entries else dt.datetime(2023, 1, 1, tzinfo=dt.UTC)),
    )
    _text(_part(root, "author"), "name", "Correspondence")
    _part(
        root, "link", rel="self", type="application/atom+xml", href=links.here([("before", before)] if before else [])
    )
    if page.has_more:
        _part(root, "link", rel="next", type="application/atom+xml", href=links.here([("before", page.cursor)]))
    for entry, shown in _shown(stream, page.entries, links):
        _entry(root, stream, entry, shown, links)
    yield ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _shown(stream: str, entries: Sequence[FeedEntry], links: Links) -> list[tuple[FeedEntry, dict]]:
    """With what the API shows of each; what it shows no longer is not here either."""
    if stream == Stream.RELEASED:
        shown = public_shown(entries, links)
    else:
        shown = office_shown([entry.event for entry in entries], links)
    by_id = {one["id"]: one for one in shown}
    return [(entry, by_id[entry.event_id]) for entry in entries if entry.event_id in by_id]


def _entry(root: ET.Element, stream: str, entry: FeedEntry, shown: dict, links: Links) -> None:
    event = entry.event
    before, after = shown["payload"]["from"], shown["payload"]["to"]
    was, now = (Status(code).label for code in (before, after))
    what = f"{event.tasking.agency.short_name}: {event.tasking.ask.summary}"
    one = _part(root, "entry")
    _text(one, "id", f"urn:uuid:{event.pk}")
    _text(one, "title", f"{what}: {now}")
    _text(one, "updated", _time(event.recorded_at))
    _text(one, "published", _time(shown["occurred_at"]))
    _part(one, "link", rel="alternate", href=shown["page_url"] or links.to("taskings", event.tasking_id))
    _part(one, "category", term=after, label=now)
    said = f"{what}. It was “{was}”; now it is “{now}”." if before != Status.DRAFT else f"{what}. It is “{now}”."
    if stream == Stream.OFFICE:
        said += f" Letter {event.letter.reference}, {event.letter.subject}."
        said += f" {shown['reason']}" if shown["reason"] else ""
    _text(one, "summary", said)


def _part(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)


def _text(parent: ET.Element, name: str, words: str) -> None:
    _part(parent, name).text = UNWRITABLE.sub(" ", words)


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
