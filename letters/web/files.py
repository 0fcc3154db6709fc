"""Kept files: added to a letter or a reply, and given back to who may see all that they belong to."""

import uuid

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from letters.domain import files
from letters.domain.access import EDIT
from letters.domain.deadlines import count
from letters.errors import RecordError
from letters.models import Attachment, Letter, Response
from letters.web.guards import need, visible
from letters.web.letter_parts import file_rows
from letters.web.uploads import CHOOSE_AGAIN, FilesField, judge

# What we give back may come from anybody: it is no page of ours, and nothing in it may run, load or be sent.
LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


MAY_NOT_ADD = "may see this but not add files to it."


class FilesForm(forms.Form):
    use_required_attribute = False
    files = FilesField(required=True, judged=False)


def download(request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponse:
    """The original bytes; `name` in the address is for people, the name saved is the record's."""
    kept = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    try:
        opened = files.open_kept(kept, request.user)
    except files.TakenBack:
        return render(request, "letters/file_taken_back.html", {"file": kept}, status=404)
    except files.BytesMissing as error:
        return render(request, "letters/file_missing.html", {"file": kept, "error": error}, status=404)
    kind = files.type_of(kept)
    shown = bool(request.GET.get("show")) and kind is not None and kind.shown
    response = FileResponse(opened, as_attachment=not shown, filename=kept.name, content_type=kept.media_type)
    response["Content-Security-Policy"] = LOCKED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"
    return response


def add_to_letter(request: HttpRequest, reference: str) -> HttpResponse:
    """Add files to a letter."""
    letter = visible(request, reference)
    need(request, EDIT, MAY_NOT_ADD, letter)
    crumbs = [
        {"label": "Letters", "url": reverse("letters")},
        {"label": reference, "url": reverse("letter", args=[reference])},
    ]
    back = reverse("letter", args=[reference]) + "#files"
    return _add(request, letter=letter, heading=f"Files of {reference}", about=letter.subject, crumbs=crumbs, back=back)


def add_to_reply(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Add files to a reply, by who may change every letter it bears on."""
    reply = get_object_or_404(Response.objects.select_related("agency"), pk=pk)
    letters = files.letters_of(reply)
    if not Letter.objects.visible_to(request.user).filter(pk__in=[one.pk for one in letters]).exists():
        raise Http404("No such reply")
    need(request, EDIT, MAY_NOT_ADD, *letters)
    item = reply.answers.order_by("recorded_at").first().tasking_id
    back = reverse("item", args=[item])
    crumbs = [{"label": "Letters", "url": reverse("letters")}, {"label": str(reply), "url": back}]
    return _add(request, response=reply, heading="Files of a reply", about=str(reply), crumbs=crumbs, back=back)


def _add(
    request: HttpRequest,
    *,
    heading: str,
    about: str,
    crumbs: list[dict],
    back: str,
    letter: Letter | None = None,
    response: Response | None = None,
) -> HttpResponse:
    """Each file for itself: what can be kept is kept, since the browser would make people choose all of them again."""
    form = FilesForm(request.POST, request.FILES) if request.method == "POST" else FilesForm()
    status = 200
    if form.is_bound:
        status = 422
        kept: list[str] = []
        if form.is_valid():
            for upload in form.cleaned_data["files"]:
                try:
                    kept.append(_keep(upload, request, letter, response))
                except RecordError as error:
                    form.add_error("files", str(error))
        if kept:
            messages.success(request, f"{count(len(kept), 'file')} kept: {', '.join(kept)}.")
        if not form.errors:
            return redirect(back)
        form.add_error("files", CHOOSE_AGAIN if not kept else "Choose only these again, once they are in order.")
    found = Attachment.objects.visible_to(request.user).filter(letter=letter, response=response)
    context = {
        "form": form, "heading": heading, "about": about, "crumbs": crumbs, "back": back, "files": file_rows(found, request.user),
    }  # fmt: skip
    return render(request, "letters/files.html", context, status=status)


def _keep(upload: UploadedFile, request: HttpRequest, letter: Letter | None, response: Response | None) -> str:
    judge(upload)
    return files.attach(by=request.user, file=upload, name=upload.name, letter=letter, response=response).name
