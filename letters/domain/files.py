"""Kept files: the original bytes, found by their SHA-256, outside whatever a web server serves.

The bytes are written before the row, under a name that is their digest: what a rollback leaves behind is the same
file that the next try would write. One that was attached by mistake is taken back: row, name and bytes stay, so that the
record and its backups are whole, and are shown to managers and administrators alone. It may be classified, or somebody's
private paper: whoever took it back shall not have to trust that nobody clicks.
"""

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from letters.domain.access import EDIT, RELEASE, Actor, may, require
from letters.domain.deadlines import long_date
from letters.domain.file_types import ACCEPTED, BY_MEDIA_TYPE, FileType, Refused, identify
from letters.domain.history import acting, record_event
from letters.domain.rules import check_reason, refuse_if
from letters.enums import EventKind
from letters.errors import NotAllowed, Problem, RecordError
from letters.models import Attachment, Letter, Response, User

MAX_FILE = 50 * 1024 * 1024  # bytes; a letter of a hundred scanned pages has about 30 MB
MAX_NAME = 120  # characters, its ending among them: room for what file systems add
UNNAMED = "file"
PART = ".part-"  # how the name of a file begins that is still being written


class Readable(Protocol):
    """Whatever gives its bytes: an upload, an open file."""

    def read(self, size: int = -1, /) -> bytes: ...


class BytesMissing(Exception):
    """The record knows the file, but its bytes are not on this disk, or are not those that were kept."""


class TakenBack(Exception):
    """The file was attached by mistake, and this reader does not get its bytes."""


@transaction.atomic
def attach(
    *,
    by: Actor,
    file: Readable | bytes,
    name: str,
    letter: Letter | None = None,
    response: Response | None = None,
) -> Attachment:
    """Keep a file with a letter or a reply. What it is, its bytes say; `name` is only what people call it.

    A reply may bear on several letters: its file needs the right to change every one of them.
    Raises RecordError, with `file` as the field, for what is too large, of a kind that is not kept, or kept already, and
    where the server has no room for it.
    """
    if (letter is None) == (response is None):
        raise ValueError("a file belongs to a letter or to a reply")
    letters = [letter] if letter else letters_of(response)
    for one in letters:
        require(by, EDIT, one)
    data = file if isinstance(file, bytes) else file.read(MAX_FILE + 1)
    kind = check(data, name)
    name = safe_name(name, kind)
    digest = hashlib.sha256(data).hexdigest()
    with acting(by):
        _lock(letter, response)
        if twin := Attachment.objects.filter(letter=letter, response=response, sha256=digest).first():
            raise RecordError.of("file", _kept_already(twin, name), name)
        try:
            keep_bytes(data, digest)
        except OSError as error:
            raise RecordError.of("file", not_kept(name, error), name) from error
        attachment = Attachment.objects.create(
            letter=letter, response=response, name=name, file=place(digest), media_type=kind.media_type,
            size=len(data), sha256=digest, added_by=by if isinstance(by, User) else None,
        )  # fmt: skip
        _tell(EventKind.ATTACHMENT_ADDED, attachment, letters, by=by, media_type=kind.media_type, size=len(data))
        return attachment


@transaction.atomic
def retract_attachment(attachment: Attachment, *, by: Actor, reason: str) -> Attachment:
    """A file that was attached by mistake. Nothing of the record rests on it: evidence is a reply, an entry or a page."""
    refuse_if(check_reason(reason, "Say what was wrong with it."))
    with acting(by, why=reason):
        letters = _held(attachment, by=by)
        if attachment.in_error_at:
            raise RecordError.of("in_error_at", "This file was taken back already. There is nothing left to do.")
        attachment.in_error_at, attachment.in_error_reason = timezone.now(), reason.strip()
        attachment.save(update_fields=["in_error_at", "in_error_reason"])
        _tell(EventKind.ATTACHMENT_IN_ERROR, attachment, letters, by=by, reason=reason)
        return attachment


@transaction.atomic
def put_back(attachment: Attachment, *, by: Actor, reason: str) -> Attachment:
    """A file that was taken back and does belong here: by who may look at it, since everybody will again."""
    refuse_if(check_reason(reason, "Say why it belongs here."))
    with acting(by, why=reason):
        letters = _held(attachment, by=by)
        if not attachment.in_error_at:
            raise RecordError.of(
                "in_error_at", "This file was not taken back, or was put back meanwhile. There is nothing left to do."
            )
        if not may_open(attachment, by):
            role = by.get_role_display() if isinstance(by, User) else by
            way_out = "Ask a manager or an administrator, who may open it."
            raise NotAllowed(Problem("by", f"Your role ({role}) may not put back what was taken back. {way_out}"))
        attachment.in_error_at, attachment.in_error_reason = None, ""
        attachment.save(update_fields=["in_error_at", "in_error_reason"])
        _tell(EventKind.ATTACHMENT_ADDED, attachment, letters, by=by, reason=reason, put_back=True)
        return attachment


def may_open(attachment: Attachment, reader: Actor | None) -> bool:
    """Whether who sees all that the file belongs to gets its name and bytes, too. None: a key, of whomever."""
    return attachment.in_error_at is None or (reader is not None and may(reader, RELEASE))


def hold(attachment: Attachment) -> Attachment:
    """As it is now, until the transaction ends; what it belongs to is held first, as whoever attaches a file does."""
    _lock(attachment.letter, attachment.response)
    held: Any = Attachment.objects.select_for_update(no_key=True)
    attachment.refresh_from_db(from_queryset=held)
    return attachment


def not_kept(name: str, error: OSError) -> str:
    """Of a disk that is full, or a folder that may not be written to."""
    return (
        f"“{name}” cannot be kept on this server: {error.strerror or error}. Tell an administrator; without the file the "
        "rest can be saved."
    )


def check(data: bytes, name: str) -> FileType:
    """The type of a file that may be kept; RecordError says what it is instead, and what to do."""
    shown = clean(name)
    if len(data) > MAX_FILE:
        raise too_large(name)
    kind = identify(data)
    if isinstance(kind, Refused):
        way_out = kind.way_out or f"Attach {ACCEPTED}."
        raise RecordError.of("file", f"“{shown}” is {kind.what}. {way_out}", shown)
    return kind


def too_large(name: str) -> RecordError:
    """The refusal of a file beyond the limit, which a page may know before all of it has come."""
    limit = MAX_FILE // 1024**2
    return RecordError(
        Problem(
            "file",
            f"“{clean(name)}” is larger than {limit} MB, the most one file may have. "
            "Save it smaller (scan in black and white), or attach its parts.",
            clean(name),
        )
    )


def open_kept(attachment: Attachment, reader: Actor | None) -> BinaryIO:
    """The bytes as they were kept, open at their beginning, for `may_open`. Raises BytesMissing rather than give others,
    TakenBack for who does not get those of a file that was taken back."""
    if not may_open(attachment, reader):
        raise TakenBack("This file was attached by mistake and taken back. Only managers and administrators open it.")
    try:
        opened = path(attachment).open("rb")
    except OSError as error:
        raise BytesMissing(f"There is no file {place(attachment.sha256)} in {settings.MEDIA_ROOT}.") from error
    if hashlib.file_digest(opened, "sha256").hexdigest() != attachment.sha256:
        opened.close()
        raise BytesMissing(f"{place(attachment.sha256)} in {settings.MEDIA_ROOT} was changed since it was kept.")
    opened.seek(0)
    return opened


def path(attachment: Attachment) -> Path:
    """Where the bytes lie on this machine."""
    return Path(settings.MEDIA_ROOT) / place(attachment.sha256)


def place(digest: str) -> str:
    """The name of the bytes in the folder of files: their digest, in folders that stay small."""
    return f"{digest[:2]}/{digest}"


def letters_of(response: Response | None) -> Sequence[Letter]:
    """The letters whose items a reply bears on, in one order."""
    return list(Letter.objects.filter(asks__taskings__answers__response=response).distinct().order_by("pk"))


def clean(name: str) -> str:
    """A name that can be shown and saved anywhere: no folders, no control or direction marks, not too long."""
    name = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    # Cc and Cf turn “fdp.exe” around or hide it, Cs is half a character, the rest breaks names on some system
    name = "".join(
        c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in '<>:"|?*'
    )
    name = " ".join(name.split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if len(name) > MAX_NAME:
        name = (
            stem[: MAX_NAME - len(ending) - 1].rstrip(". ") + dot + ending
            if dot and len(ending) < 10
            else name[:MAX_NAME]
        )
    return name or UNNAMED


def safe_name(name: str, kind: FileType) -> str:
    """The same, ending as its type does: a PDF called page.html would be opened as a page."""
    name = clean(name)
    if name.lower().endswith(kind.suffixes):
        return name
    return name[: MAX_NAME - len(kind.suffixes[0])].rstrip(". ") + kind.suffixes[0]


def type_of(attachment: Attachment) -> FileType | None:
    """What was found when it was kept."""
    return BY_MEDIA_TYPE.get(attachment.media_type)


def _kept_already(twin: Attachment, name: str) -> str:
    where = "letter" if twin.letter_id else "reply"
    if twin.in_error_at is None:
        return f"“{name}” is with this {where} already, as “{twin.name}”: the same bytes. Nothing to do; or choose another file."
    # not put back by the way: a program that sends its files again would undo what a person decided
    day = long_date(timezone.localdate(twin.in_error_at))
    return (
        f"“{name}” was with this {where}, and was taken back on {day} ({twin.in_error_reason}). If it belongs here after all, "
        f"a manager puts it back where the {where}’s files are listed."
    )


def letters_with(attachment: Attachment) -> Sequence[Letter]:
    """The letters that a kept file bears on: its own, or those of its reply."""
    return [attachment.letter] if attachment.letter else letters_of(attachment.response)


def _held(attachment: Attachment, *, by: Actor) -> Sequence[Letter]:
    """The letters it bears on, each of which `by` may change; none comes to them while the reply is held."""
    hold(attachment)
    letters = letters_with(attachment)
    for one in letters:
        require(by, EDIT, one)
    return letters


def _tell(
    kind: EventKind, attachment: Attachment, letters: Sequence[Letter], *, by: Actor, reason: str = "", **what: Any
) -> None:
    """To each letter, neither its name nor that other letters have it: a reader of this letter may not see those."""
    response = str(attachment.response_id) if attachment.response_id else None
    why = {"reason": reason.strip()} if reason else {}
    for one in letters:
        record_event(
            kind, by=by, letter=one, reason=reason.strip(),
            payload={"letter": str(one.pk), "attachment": str(attachment.pk), "response": response, **what, **why},
        )  # fmt: skip


def _lock(letter: Letter | None, response: Response | None) -> None:
    """Two who attach the same bytes at once wait for each other, so that the second is told."""
    if letter:
        Letter.objects.select_for_update(no_key=True).get(pk=letter.pk)
    elif response:
        Response.objects.select_for_update(no_key=True).get(pk=response.pk)


def keep_bytes(data: bytes, digest: str) -> None:
    """Keep the bytes under their digest."""
    target = Path(settings.MEDIA_ROOT) / place(digest)
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == digest:
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(target, data)


def write_whole(target: Path, data: bytes) -> None:
    """Write the bytes whole or not at all; whoever reads meanwhile finds the former ones, or none."""
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=PART)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(data)
            written.flush()
            os.fsync(written.fileno())
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
