"""The templates of the documents that the site writes: what they are, ours to take away, an office's own to put in."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from letters.domain.access import ADMINISTER, may
from letters.errors import RecordError
from letters.reports import typeset
from letters.reports.documents import DOCUMENTS
from letters.reports.typeset import Document
from letters.web.guards import need
from letters.web.uploads import NotTaken

LABELS = {
    "docx": "The DOCX’s template, edited in Word",
    "pdf": "The PDF’s template, a Typst file (.typ), edited as text",
}


class TemplateForm(forms.Form):
    use_required_attribute = False
    file = forms.FileField(label="Your own template", required=False)


def documents(request: HttpRequest) -> HttpResponse:
    """Which template each file is made from; administrators replace them."""
    forms_ = {(name, kind): TemplateForm(auto_id=_auto_id(name, kind)) for name in DOCUMENTS for kind in typeset.KINDS}
    status = 200
    if request.method == "POST":
        need(request, ADMINISTER, "keeps no templates. Ask an administrator.")
        document, kind = _known(request.POST.get("document", ""), request.POST.get("kind", ""))
        try:
            _change(request, document, kind)
            return redirect("documents")
        except RecordError as error:
            form = TemplateForm({}, auto_id=_auto_id(document.name, kind))
            form.add_error("file", str(error))
            forms_[(document.name, kind)] = form
            status = 422
    context = {
        "documents": [
            {
                "document": document,
                "templates": [
                    {"kind": kind, "label": LABELS[kind], "source": typeset.SOURCES[kind], "replaced": typeset.replaced(document, kind), "form": forms_[(name, kind)]}
                    for kind in typeset.KINDS
                ],
            }
            for name, document in DOCUMENTS.items()
        ],
        "may_administer": may(request.user, ADMINISTER),
    }  # fmt: skip
    return render(request, "letters/documents.html", context, status=status)


def _auto_id(name: str, kind: str) -> str:
    return f"id_{name}_{kind}_%s"


def _known(name: str, kind: str) -> tuple[Document, str]:
    if name not in DOCUMENTS or kind not in typeset.KINDS:
        raise Http404("There is no such document, or a template of it is neither docx nor pdf.")
    return DOCUMENTS[name], kind


def _change(request: HttpRequest, document: Document, kind: str) -> None:
    file = f"{document.title}: "
    if request.POST.get("do") == "ours":
        typeset.restore_template(document, kind, by=request.user)
        messages.success(request, f"{file}our own template makes the {kind.upper()} again.")
        return
    given = request.FILES.get("file")
    if given is None:
        raise RecordError.of("file", "No file was chosen. Choose the template, then send it again.")
    if isinstance(given, NotTaken):
        raise given.refusal
    typeset.replace_template(document, kind, given.read(typeset.MAX_TEMPLATE + 1), by=request.user)
    messages.success(request, f"{file}your template makes the {kind.upper()} from now on.")


def template(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """The template in use, to begin one's own with."""
    document, kind = _known(name, kind)
    response = HttpResponse(typeset.template(document, kind), content_type="application/octet-stream")
    file = f"{document.name.replace('_', '-')}.{typeset.SOURCES[kind]}"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response
