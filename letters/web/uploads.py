"""Files on their way in: read up to the limit and no further, judged by content, many at a time."""

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from letters.domain import files, waiting_files
from letters.domain.access import Actor
from letters.domain.waiting_files import Waiting
from letters.errors import RecordError
from letters.models import Attachment, Letter, Response, User

MAX_AT_ONCE = 20
MAX_REQUEST = 4 * files.MAX_FILE  # bytes of all files in one request
CHOOSE_AGAIN = "Choose the files again: browsers forget them when a page comes back."
ACCEPT = ".pdf,.docx,.png,.jpg,.jpeg,.gif,.webp,.eml,.msg"


class NotTaken(UploadedFile):
    """Stands for a file of which not all was read: its name, and the sentence that refuses it."""

    def __init__(self, refusal: RecordError, **facts: Any) -> None:
        super().__init__(io.BytesIO(), **facts)
        self.refusal = refusal


class LimitedUpload(FileUploadHandler):
    """First of the upload handlers: nobody fills the disk, and a form still has all that was typed beside the file."""

    read_in_all = 0
    is_over = False

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.is_over = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.read_in_all += len(raw_data)
        self.is_over = self.is_over or start + len(raw_data) > files.MAX_FILE or self.read_in_all > MAX_REQUEST
        return None if self.is_over else raw_data  # None: the handlers after this one see no more of it

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self.is_over:
            return None
        refusal = files.too_large(self.file_name)
        return NotTaken(refusal, name=self.file_name, content_type=self.content_type, size=file_size)


class SpooledUpload(TemporaryFileUploadHandler):
    """Last of them, for what is too large for the memory: where the machine has no room for it either (its folder for
    temporary files is often small), the form still has all that was typed beside the file."""

    no_room: OSError | None = None

    def new_file(self, *args, **kwargs) -> None:
        self.no_room = None
        self._try(lambda: super(SpooledUpload, self).new_file(*args, **kwargs))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._try(lambda: self.file.write(raw_data))

    def file_complete(self, file_size: int) -> UploadedFile:
        kept = self._try(lambda: super(SpooledUpload, self).file_complete(file_size))
        if self.no_room is None:
            return kept
        refusal = RecordError.of("file", files.not_kept(self.file_name, self.no_room), self.file_name)
        return NotTaken(refusal, name=self.file_name, content_type=self.content_type, size=file_size)

    def _try(self, step: Callable[[], Any]) -> Any:
        if self.no_room is None:
            try:
                return step()
            except OSError as error:
                self.no_room = error
                with suppress(OSError, AttributeError):  # what was written of it is no use to anybody
                    self.file.close()
        return None


@dataclass(frozen=True)
class Chosen:
    """What a form says of its files: chosen now, kept from an earlier try, and all that it was drawn with as kept."""

    uploads: list[UploadedFile]
    kept: list[str]
    offered: list[str]

    def __bool__(self) -> bool:
        return bool(self.uploads or self.kept)


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: QueryDict, files: MultiValueDict | None, name: str) -> Chosen:
        uploads = files.getlist(name) if files else []
        lists = [data.getlist(f"{name}-{part}") if hasattr(data, "getlist") else [] for part in ("kept", "offered")]
        return Chosen([one for one in uploads if one], *lists)


class FilesField(forms.Field):
    """Some files, each of a kind that is kept. Cleans to a list; hand it to `keep_all` in the verb's transaction.

    With `judged` False the page judges them one by one itself. Once the form has set `by`, its page calls `keep_waiting`
    when it is drawn again, and `forget` when it is done: then nobody has to choose a file twice.
    """

    widget = FilesInput

    def __init__(self, *, label: str = "Files", required: bool = False, judged: bool = True, **kwargs) -> None:
        self.judged = judged
        self.by: User | None = None
        self.waiting: list[Waiting] = []  # kept from an earlier try, for the template
        limit = files.MAX_FILE // 1024**2
        kwargs.setdefault(
            "help_text",
            f"PDF, Word (.docx), pictures, or e-mails (.eml, .msg), each up to {limit} MB. Several at once are fine.",
        )
        super().__init__(label=label, required=required, error_messages={"required": "Choose a file."}, **kwargs)
        self.widget.attrs |= {"multiple": True, "accept": ACCEPT}

    def clean(self, value: Chosen) -> list[UploadedFile | Waiting]:
        super().clean(value or None)  # none chosen and none kept is nothing
        chosen, problems = self._kept_before(value)
        for one in value.uploads:
            try:
                if self.judged:
                    judge(one)
                chosen.append(one)
            except RecordError as error:
                problems.append(str(error))
        if len(chosen) > MAX_AT_ONCE:
            problems.append(
                f"{len(chosen)} files were chosen; at most {MAX_AT_ONCE} go at once. Send the others after them."
            )
        if problems:
            raise forms.ValidationError(problems if self.by else [*problems, CHOOSE_AGAIN])
        return chosen

    def keep_waiting(self, value: Chosen) -> list[str]:
        """Keep what was chosen until the form comes again. Returns why not, of what never could be attached."""
        self.waiting, problems = self._kept_before(value)
        for ref in {*value.offered} - {*value.kept}:
            waiting_files.drop(ref, by=self.by)
        for one in value.uploads[: max(0, MAX_AT_ONCE - len(self.waiting))]:
            try:
                judge(one)
                kept = waiting_files.keep(by=self.by, data=one.read(), name=one.name)
            except RecordError as error:
                problems.append(str(error))
            else:
                if kept.digest not in [other.digest for other in self.waiting]:
                    self.waiting.append(kept)
        # one may have made room for another since
        still = [one for one in self.waiting if waiting_files.find(one.ref, by=self.by)]
        problems += [str(waiting_files.gone(one.name)) for one in self.waiting if one not in still]
        self.waiting = still
        return problems

    def forget(self, value: Chosen) -> None:
        """Nothing of it waits any longer."""
        self.waiting = []
        for ref in {*value.offered, *value.kept}:
            waiting_files.drop(ref, by=self.by)

    def _kept_before(self, value: Chosen) -> tuple[list, list[str]]:
        found, problems = [], []
        for ref in dict.fromkeys(value.kept) if self.by else ():
            if one := waiting_files.find(ref, by=self.by):
                found.append(one)
            else:
                problems.append(str(waiting_files.gone(ref.partition(" ")[2])))
        return found, problems


def judge(upload: UploadedFile) -> None:
    """Raise RecordError for what would not be kept; the file is read again afterwards."""
    if isinstance(upload, NotTaken):
        raise upload.refusal
    upload.seek(0)
    files.check(upload.read(files.MAX_FILE + 1), upload.name)
    upload.seek(0)


def keep_all(
    chosen: Sequence[UploadedFile | Waiting],
    *,
    by: Actor,
    letter: Letter | None = None,
    response: Response | None = None,
) -> list[Attachment]:
    """Attach each; RecordError for the first that is refused. Call it inside the transaction of the verb it belongs to."""
    return [files.attach(by=by, file=one, name=one.name, letter=letter, response=response) for one in chosen]


def keep_more(chosen: Sequence[UploadedFile | Waiting], *, by: Actor, response: Response) -> list[Attachment]:
    """Attach to a reply what is not with it yet: its form came twice."""
    found = set(Attachment.objects.filter(response=response).values_list("sha256", flat=True))
    return keep_all([one for one in chosen if _digest(one) not in found], by=by, response=response)


def _digest(one: UploadedFile | Waiting) -> str:
    if isinstance(one, Waiting):
        return one.digest
    one.seek(0)
    digest = hashlib.sha256(one.read()).hexdigest()
    one.seek(0)
    return digest
