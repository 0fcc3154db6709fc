"""Reads that are no rows: what may follow a status, the bytes of a file, an agency's reply record."""

import uuid

from django.http import FileResponse, HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from letters.api import parameters
from letters.api.links import Links
from letters.api.office import beside, record
from letters.api.paging import json_response, not_modified, private
from letters.api.problems import Refused
from letters.api.resources import SOURCES, TARGETS
from letters.domain import files
from letters.domain.moves import why_closed
from letters.domain.transitions import NEED_WORDS, allowed_next, needs
from letters.enums import Scope
from letters.models import Tasking

# What we give back may come from anybody: it is no page of ours, and nothing in it may run, load or be sent.
LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# What a need is in the body of a move; a reply and evidence are recorded first, at addresses of their own.
NEED_FIELDS = {"reason": "reason", "promised_on": "promised_on", "agency": "agency"}


def next_statuses(tasking: Tasking) -> list[dict]:
    """What may follow, in words, and what each needs; nothing where the record keeps an item closed. The verb has the
    last word: what is needed may be there, or not do."""
    if why_closed(tasking):
        return []
    return [
        {
            "to": status.value,
            "words": str(status.label),
            "needs": [
                {"name": need, "words": NEED_WORDS[need], "field": NEED_FIELDS.get(need)}
                for need in needs(tasking.status, status)
            ],
        }
        for status in allowed_next(tasking.status, closes_as=tasking.ask.kind.closes_as)
    ]


def transitions(request: Request, id: uuid.UUID) -> HttpResponse:
    """`GET /api/v1/taskings/ID/transitions/`."""
    parameters.read(request, ())
    tasking = TARGETS["taskings"].find(id)
    if tasking is None:
        raise NotFound
    return json_response(
        {"status": tasking.status, "words": tasking.get_status_display(), "next": next_statuses(tasking)}
    )


def agency_record(request: Request, id: uuid.UUID) -> HttpResponse:
    """`GET /api/v1/agencies/ID/record/`."""
    asked = parameters.read(request, record.PARAMETERS)
    # as its own address finds it: a company that only a draft names is in no answer, so in no refusal either
    agency = SOURCES["agencies"][Scope.OFFICE].visible().filter(pk=id).first()
    if agency is None:
        raise NotFound
    return json_response(record.record_of(agency, asked, Links(request)))


def download(request: Request, id: uuid.UUID) -> HttpResponse:
    """`GET /api/v1/attachments/ID/download/`: the original bytes, for who may see all that the file belongs to."""
    parameters.read(request, ())
    kept = beside.visible_files().filter(pk=id).first()
    if kept is None:
        raise NotFound
    try:
        opened = files.open_kept(kept, None)
    except files.TakenBack as error:
        raise Refused(404, str(error)) from error
    except files.BytesMissing as error:
        raise NotFound from error
    tag = f'"{kept.sha256}"'
    known = not_modified(request, tag)
    if known is not None:
        opened.close()
        known["ETag"] = tag
        return private(known)
    response = FileResponse(opened, as_attachment=True, filename=kept.name, content_type=kept.media_type)
    response["Content-Security-Policy"] = LOCKED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["ETag"] = tag
    return private(response)
