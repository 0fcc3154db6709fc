"""The two files of a document, DOCX and PDF, from templates that an office may replace by its own.

Ours are made from text: the PDF's is a `.typ` in `documents`, the DOCX's is written by `built_in_docx`. An office's lie
in `documents` in the data folder, as uploaded. A template is tried on a sample before it is kept, in a sandbox: it
prints what it is given, and reads nothing else.
"""

import io
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import typst
from django.conf import settings
from django.utils import timezone
from docx import Document as WordFile
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from letters.domain.access import ADMINISTER, require
from letters.errors import RecordError
from letters.models import User

KINDS = {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf"}
SOURCES = {"docx": "docx", "pdf": "typ"}  # what each is made from
MAX_TEMPLATE = 5 * 1024 * 1024
INDENTS = {"in": 0.3, "in2": 0.6, "in3": 0.9, "quote": 0.6}  # inches
HEADINGS = {"h1": ("Heading 1", 16), "h2": ("Heading 2", 13), "h3": ("Heading 3", 11)}  # Word's own, and points


class Printed(Protocol):
    """What a document prints."""

    def data(self) -> dict:
        """Words only, by the names that templates use."""


@dataclass(frozen=True)
class Document:
    """One document of the site: our templates of it, and what an office that writes its own has to know."""

    name: str  # of its files
    title: str
    source: Path  # our template of the PDF
    paragraphs: Sequence[tuple[str, str]]  # our template of the DOCX, a paragraph a line: style, then words
    sample: Printed  # what a template is tried on
    parts: Sequence[tuple[str, str]]  # the names that a template prints, and what each is
    numbered: bool = False  # the DOCX has page numbers


class TemplateWrong(Exception):
    """A template that cannot be used, in a sentence for whoever uploaded it."""


def built_in_docx(document: Document) -> bytes:
    """Our template of the DOCX, as Word opens it."""
    file = WordFile()
    file.core_properties.author = ""
    file.core_properties.title = f"{document.title} (template)"
    for section in file.sections:
        section.page_width, section.page_height = Inches(8.5), Inches(11)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Inches(1)
    file.styles["Normal"].font.size = Pt(11)
    for name, points in HEADINGS.values():
        font = file.styles[name].font
        font.size, font.color.rgb, font.name = Pt(points), RGBColor(0, 0, 0), file.styles["Normal"].font.name
    for style, words in document.paragraphs:
        paragraph = file.add_paragraph(style=HEADINGS[style][0] if style in HEADINGS else None)
        run = paragraph.add_run(words)
        run.bold = "bold" in style or None
        run.italic = style == "quote" or None
        if style not in HEADINGS:
            paragraph.paragraph_format.space_after = Pt(0 if "tight" in style else 8)
        if indent := INDENTS.get(style.partition(" ")[0]):
            paragraph.paragraph_format.left_indent = Inches(indent)
    if document.numbered:
        _number_pages(file)
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def _number_pages(file: Any) -> None:
    paragraph = file.sections[0].footer.paragraphs[0]
    paragraph.add_run("Page ")
    number = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    paragraph._p.append(number)


def template(document: Document, kind: str) -> bytes:
    """The office's own where there is one, else ours."""
    own = _own(document, kind)
    if own.exists():
        return own.read_bytes()
    return built_in_docx(document) if kind == "docx" else document.source.read_bytes()


def replaced(document: Document, kind: str) -> dict | None:
    """Who replaced ours and when; None: it is ours."""
    own = _own(document, kind)
    note = _note(own)
    if not own.exists():
        return None
    # put there by hand, or before each kind had a note of its own
    return json.loads(note.read_text()) if note.exists() else {"by": "an administrator", "on": "an earlier day"}


def render(document: Document, printed: Printed, kind: str) -> bytes:
    """The file. Raises TemplateWrong where the office's template does not work any more."""
    return MAKERS[kind](template(document, kind), printed)


def replace_template(document: Document, kind: str, content: bytes, *, by: User) -> None:
    """Use the office's own from now on; refused in words when it cannot be filled."""
    require(by, ADMINISTER)
    if len(content) > MAX_TEMPLATE:
        raise RecordError.of("file", f"The file has {len(content) / 1e6:.1f} MB; a template has at most 5.")
    try:
        MAKERS[kind](content, document.sample)
    except TemplateWrong as error:
        raise RecordError.of("file", f"This template cannot be used: {error} The one in use stays.") from error
    own = _own(document, kind)
    own.parent.mkdir(parents=True, exist_ok=True)
    _write(own, content)
    _write(_note(own), json.dumps({"by": str(by), "on": timezone.localdate().isoformat()}).encode())


def restore_template(document: Document, kind: str, *, by: User) -> None:
    """Ours again; the office's is put aside, not deleted."""
    require(by, ADMINISTER)
    if (own := _own(document, kind)).exists():
        own.replace(own.with_name(f"{own.name}.before"))


def _own(document: Document, kind: str) -> Path:
    return Path(settings.DOCUMENTS_ROOT) / f"{document.name}.{SOURCES[kind]}"


def _note(own: Path) -> Path:
    return own.with_name(f"{own.name}.json")


def _write(path: Path, content: bytes) -> None:
    # whoever prints meanwhile has the old one or the new one, never half of one
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.replace(file.name, path)


def _docx(source: bytes, printed: Printed) -> bytes:
    try:
        made = DocxTemplate(io.BytesIO(source))
        made.render(printed.data(), jinja_env=SandboxedEnvironment(), autoescape=True)
        _name(made.docx, printed.data())
        written = io.BytesIO()
        made.save(written)
        return written.getvalue()
    except TemplateError as error:
        raise TemplateWrong(f"{error.message or type(error).__name__}.") from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise TemplateWrong("it is no Word document (.docx), or it is damaged.") from error


def _name(file: Any, data: dict) -> None:
    """Say in the properties of a file what it is and whose. Of the document that its template was made from, nothing
    leaves in it: neither who wrote that nor its company, its keywords and comments, nor the picture of its first page."""
    said = file.core_properties
    for left in list(said._element):
        said._element.remove(left)
    said.title = (data.get("title") or data.get("subject", ""))[:255]  # the most that one may have
    said.author = data.get("office", "")[:255]
    said.created = said.modified = timezone.now()
    rels = file.part.package.rels
    for key in [key for key, rel in rels.items() if rel.reltype not in (RT.OFFICE_DOCUMENT, RT.CORE_PROPERTIES)]:
        del rels[key]


def _pdf(source: bytes, printed: Printed) -> bytes:
    if re.search(rb'"@\w+/', source):
        raise TemplateWrong("it asks for a package from the network. Copy what it needs into the template.")
    # a folder of its own as root: the template can read no other file of this machine
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "document.typ"
        file.write_bytes(source)
        try:
            return bytes(typst.compile(str(file), root=folder, sys_inputs={"data": json.dumps(printed.data())}) or b"")
        except (typst.TypstError, RuntimeError, UnicodeDecodeError) as error:
            raise TemplateWrong(f"{str(error).strip().splitlines()[0]}.") from error


MAKERS: dict[str, Callable[[bytes, Printed], bytes]] = {"docx": _docx, "pdf": _pdf}
