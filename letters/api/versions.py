"""ETags of single rows: what a reader saw, so that a writer never overwrites what somebody else wrote (invariant 7).

`"7-3fb2c91d0a44"`: the row's version, then a digest of the whole answer. `If-Match` compares the version, since an
answer also changes with the day (lateness), which is nobody's edit; `If-None-Match` compares all of it. Where no version
covers the whole answer (replies with their answers, reference data) it is 0, and the digest decides for both: there a
version alone says nothing of what was seen, and is refused as such, since nothing need have changed.

A proxy that compresses an answer changes its tag. Caddy gives `"…-gzip"`: the row is the same, so it is read. Others make
it weak, `W/"…"`: `If-None-Match` takes that (RFC 9110, 13.1.2), `If-Match` never does (13.1.1).
"""

import hashlib
import re

import orjson
from django.utils.http import parse_etags
from rest_framework.request import Request

from letters.api.problems import Refused
from letters.errors import Problem

WEAK = "W/"
TAG = re.compile(r'(?:W/)?"([0-9]{1,9})(?:-([0-9a-f]{12}))?(?:-(?:gzip|zstd|br))?"')
ANY = "*"


VERSIONED = ("letters", "drafts", "taskings")


def etag(resource: str, shown: dict) -> str:
    """Of an answer as it is sent."""
    digest = hashlib.sha256(orjson.dumps(shown, option=orjson.OPT_UTC_Z)).hexdigest()[:12]
    # what the public reads has no version: how often the office changed a row is its own
    version = shown.get("version", 0) if resource in VERSIONED else 0
    return f'"{version}-{digest}"'


def expected(request: Request) -> list[str] | None:
    """What `If-Match` names: `*`, or tags as they were sent; None without the header.

    Raises 400 for what is no list of tags, or names none of ours: a tag of somebody else's beside ours matches nothing.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        return None
    tags = parse_etags(sent)
    ours = [tag for tag in tags if tag == ANY or TAG.fullmatch(tag)]
    if not ours or len(tags) < len(sent.split(",")):
        message = (
            f"If-Match: “{sent[:80]}” is not an ETag of ours. Send the one that the last GET or write of this address gave "
            'you, with its quotes, such as "7-3fb2c91d0a44"; or of a letter, draft or tasking its version in quotes: "7".'
        )
        raise Refused(400, message, problems=[Problem("If-Match", message, sent)])
    return ours


def of_no_state(resource: str, tags: list[str]) -> str:
    """Why tags name no state that a row of this resource ever had, and the way out; empty where one may. They are of
    another row, or the bare number that a reply shows as its `version`, which its answers and files do not move."""
    if resource in VERSIONED or tags == [ANY]:
        return ""
    if any((found := TAG.fullmatch(tag)) and found[1] == "0" and found[2] for tag in tags):
        return ""
    return (
        f"If-Match: {tags[0]} is no ETag of this row: a version does not cover all that it answers. GET the row, and send the "
        'ETag of that answer whole, with its quotes, such as "0-3fb2c91d0a44".'
    )


def is_known(request: Request, current: str) -> bool:
    """Whether `If-None-Match` names this very answer, or with `*` any: tags weak or strong, ours or not."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    sent = (TAG.fullmatch(tag) for tag in tags)
    return tags == [ANY] or TAG.fullmatch(current).groups() in [tag.groups() for tag in sent if tag]  # type: ignore[union-attr]


def matches(tags: list[str], current: str) -> bool:
    """Whether what somebody saw is still what stands. A weak tag does not say so."""
    if tags == [ANY]:
        return True
    version, digest = TAG.fullmatch(current).groups()  # type: ignore[union-attr]
    for tag in tags:
        its_version, its_digest = TAG.fullmatch(tag).groups()  # type: ignore[union-attr]
        if not tag.startswith(WEAK) and its_version == version and (version != "0" or its_digest == digest):
            return True
    return False


def only_weak(tags: list[str]) -> str:
    """Why tags that are all weak match nothing, and the way out; empty where one is not."""
    if not all(tag.startswith(WEAK) for tag in tags):
        return ""
    return (
        f"If-Match: {tags[0]} is a weak tag, as a proxy makes it that compresses answers, and only strong ones are taken "
        "there (RFC 9110, 13.1.1). Read the row again with “Accept-Encoding: identity” and send its ETag; of a letter, draft "
        'or tasking its version does, too, in quotes: "7".'
    )


def seen(tags: list[str]) -> int | None:
    """The version that somebody saw, where the tag names one."""
    found = TAG.fullmatch(tags[0])
    return int(found[1]) if found and found[1] != "0" else None
