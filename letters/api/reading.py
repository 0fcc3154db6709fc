"""What was sent: a body of the kind an address takes, not too large, readable; or a refusal that says what to send."""

import codecs
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from rest_framework.request import Request

from letters.api.problems import Refused
from letters.domain.files import MAX_FILE, too_large
from letters.errors import Problem

JSON, MULTIPART, UTF_8 = "application/json", "multipart/form-data", "utf-8"
MAX_JSON = 4 * 1024 * 1024  # bytes; the longest letter that is kept, each of its characters escaped, and its parts
AROUND_A_FILE = 1024 * 1024  # bytes that the form around a file may have


@dataclass(frozen=True)
class Sent:
    """The body, read. `marks` tell it from another one."""

    content: Any
    marks: tuple[bytes, ...] = ()
    files: dict[str, UploadedFile] = field(default_factory=dict)


def read_sent(request: Request, kind: str, *, optional: bool) -> Sent:
    """The body of a request. Raises 400, 411, 413 and 415."""
    _check_length(request, MAX_JSON if kind == JSON else MAX_FILE + AROUND_A_FILE)
    plain = request._request
    empty = int(plain.META.get("CONTENT_LENGTH") or 0) == 0
    if empty and optional and kind == JSON:
        return Sent({}, (b"",))
    given = plain.content_type or ""
    if given != kind and not (empty and not given):
        sent = f"“{given}” was sent" if given else "none was sent"
        raise Refused(415, f"Content-Type: {sent}, and this address takes {kind}. Send it as that.")
    charset = plain.content_params.get("charset", UTF_8)
    if not _is_utf_8(charset):  # Python has codecs that give no text, or half characters
        raise Refused(
            415, f"Content-Type: the charset “{charset[:40]}” is not read here. Send UTF-8, or name no charset."
        )
    return _json(plain.body) if kind == JSON else _form(request)


def _is_utf_8(charset: str) -> bool:
    """By the codec, not by its spelling: many clients write “utf8”."""
    try:
        return codecs.lookup(charset).name == UTF_8
    except (LookupError, ValueError):
        return False


def _check_length(request: Request, most: int) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        raise Refused(411, "Content-Length: it is missing. Send the whole body with its length, not in chunks.")
    if length.isdigit() and int(length) > most:
        raise Refused(
            413, f"The body has {int(length):,} bytes, and at most {most:,} are read here. Send less at once; "
            "a paper goes as a file to the address of attachments.",
        )  # fmt: skip


def _json(raw: bytes) -> Sent:
    if not raw.strip():
        raise Refused(400, "The body is empty. Send a JSON object.", problems=[Problem("", "The body is empty.")])
    try:
        orjson.loads(raw)  # strict: no NaN, no half of a character, no other encoding
        content = json.loads(raw, object_pairs_hook=_without_twins)
    except Twice as error:
        message = f"“{error}” stands twice in one object. Send it once."
        raise Refused(400, message, problems=[Problem("", message)]) from error
    except (ValueError, RecursionError) as error:
        message = f"The body is no JSON that can be read: {error}. Send a JSON object in UTF-8."
        raise Refused(400, message, problems=[Problem("", message)]) from error
    return Sent(content, (raw,))


class Twice(Exception):
    """A name that stands twice in one object: whichever were taken, the other would be ignored."""


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        raise Twice(times.most_common(1)[0][0][:80])
    return found


def _form(request: Request) -> Sent:
    plain = request._request
    try:
        fields, files = plain.POST, plain.FILES
    except (MultiPartParserError, RawPostDataException, SuspiciousOperation, UnicodeDecodeError) as error:
        message = f"The form cannot be read: {error}. Send multipart/form-data with one part named “file”."
        raise Refused(400, message, problems=[Problem("", message)]) from error
    problems = [
        Problem(f"/{name}", f"/{name}: there is no such field here. Known: file.", None)
        for name in (*fields, *files)
        if name != "file" or name in fields
    ]
    if len(files.getlist("file")) != 1 and not problems:
        problems = [Problem("/file", "/file: send one file, as the part named “file”, with its name.", None)]
    if problems:
        raise Refused(400, " ".join(one.message for one in problems), problems=problems)
    (file,) = files.getlist("file")
    if file.size > MAX_FILE:  # only its beginning was read, into a file that nobody else closes
        for handler in plain.upload_handlers:
            if opened := getattr(handler, "file", None):
                opened.close()
        refusal = too_large(file.name)
        raise Refused(413, str(refusal), problems=[Problem("/file", str(refusal), file.name)])
    if refusal := getattr(file, "refusal", None):  # there was no room for it (letters/web/uploads.py)
        raise Refused(422, str(refusal), code="refused", problems=[Problem("/file", str(refusal), file.name)])
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Sent({}, (file.name.encode(), digest.digest()), {"file": file})
