"""The templates of the letters that the site writes: what they are, ours to take away, an office's own to put in."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from letters.domain.access import ADMINISTER, may
from letters.errors import RecordError
from letters.reports import typeset

LABELS = {
    "docx": "The DOCX’s template, edited in Word",
    "pdf": "The PDF’s template, a Typst file (.typ), edited as text",
}
PARTS = [
    ("date", "the day it is printed"),
    ("addressee", "lines: whom it is to, and the address"),
    ("salutation, subject", "one line each"),
    ("opening, closing", "paragraphs"),
    ("letters", "each earlier letter: date, subject, to, control (their number), asks, contacts (lines)"),
    (
        "asks of a letter",
        "each: number, words (the letter’s own), waited (when asked, and how long ago), heard (lines), questions_words and questions (lines: those not answered)",
    ),
    ("reply_by", "the sentence with the date it sets; empty when it sets none"),
    ("signers, contact", "lines"),
]


class TemplateForm(forms.Form):
    use_required_attribute = False
    file = forms.FileField(label="Your own template", required=False)


def documents(request: HttpRequest) -> HttpResponse:
    """Which template each file is made from; administrators replace them."""
    forms_ = {kind: TemplateForm(auto_id=f"id_{kind}_%s") for kind in typeset.KINDS}
    status = 200
    if request.method == "POST":
        if not may(request.user, ADMINISTER):
            raise PermissionDenied(
                f"Your role ({request.user.get_role_display()}) keeps no templates. Ask an administrator."
            )
        kind = request.POST.get("kind", "")
        if kind not in typeset.KINDS:
            raise Http404("A template is for docx or pdf.")
        try:
            _change(request, kind)
            return redirect("documents")
        except RecordError as error:
            forms_[kind] = TemplateForm({}, auto_id=f"id_{kind}_%s")
            forms_[kind].add_error("file", str(error))
            status = 422
    context = {
        "templates": [
            {"kind": kind, "label": LABELS[kind], "source": typeset.SOURCES[kind], "replaced": typeset.replaced(kind), "form": form}
            for kind, form in forms_.items()
        ],
        "parts": PARTS,
        "may_administer": may(request.user, ADMINISTER),
    }  # fmt: skip
    return render(request, "letters/documents.html", context, status=status)


def _change(request: HttpRequest, kind: str) -> None:
    if request.POST.get("do") == "ours":
        typeset.restore_template(kind, by=request.user)
        messages.success(request, f"Our own template makes the {kind.upper()} again.")
        return
    given = request.FILES.get("file")
    if given is None:
        raise RecordError.of("file", "No file was chosen. Choose the template, then send it again.")
    typeset.replace_template(kind, given.read(typeset.MAX_TEMPLATE + 1), by=request.user)
    messages.success(request, f"Your template makes the {kind.upper()} from now on.")


def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The template in use, to begin one's own with."""
    if kind not in typeset.KINDS:
        raise Http404("A template is for docx or pdf.")
    response = HttpResponse(typeset.template(kind), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="follow-up.{typeset.SOURCES[kind]}"'
    return response
