"""The two files of a letter, DOCX and PDF, from templates that an office may replace by its own.

Ours are made from text: the PDF's is `documents/follow_up.typ`, the DOCX's is written by `built_in_docx`. An office's
lie in `documents` in the data folder, as uploaded. A template is tried on a sample before it is kept, in a sandbox:
it prints what it is given, and reads nothing else.
"""

import io
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import typst
from django.conf import settings
from django.utils import timezone
from docx import Document
from docx.shared import Inches, Pt
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from letters.domain.access import ADMINISTER, require
from letters.errors import RecordError
from letters.models import User
from letters.reports.follow_up import Asked, Earlier, FollowUp

KINDS = {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf"}
SOURCES = {"docx": "docx", "pdf": "typ"}  # what each is made from
BUILT_IN = Path(__file__).with_name("documents") / "follow_up.typ"
MAX_TEMPLATE = 5 * 1024 * 1024
SAMPLE = FollowUp(
    date="May 25, 2026", addressee=["The Secretary of TEST", "Department of TEST"], salutation="Dear Secretary of TEST:",
    subject="TEST follow-up", opening=["TEST opening."],
    letters=[Earlier("May 1, 2026", "TEST subject", "the Secretary of TEST", "TEST-1", [Asked(1, "TEST words", "Asked on May 1, 2026, 24 days ago.", ["We have recorded no reply."], "Of the 2 questions, 1 was answered; this one remains:", ["2. TEST question?"])], ["We called about this on May 9, 2026."])],
    reply_by="We ask for a reply by June 1, 2026.", closing=["Sincerely,"], signers=["TEST Senator"], contact=["Our contact: TEST"],
)  # fmt: skip
# What our template of the DOCX says, a paragraph a line: style, then words.
PARAGRAPHS = [
    ("", "{{ date }}"),
    ("", "{%p for line in addressee %}"), ("tight", "{{ line }}"), ("", "{%p endfor %}"),
    ("bold", "Re: {{ subject }}"), ("", "{{ salutation }}"),
    ("", "{%p for line in opening %}"), ("", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p for letter in letters %}"),
    ("bold", "Our letter of {{ letter.date }} to {{ letter.to }}, “{{ letter.subject }}”{% if letter.control %} (your number {{ letter.control }}){% endif %}"),
    ("", "{%p for ask in letter.asks %}"),
    ("in", "{{ ask.number }}. “{{ ask.words }}”"), ("in", "{{ ask.waited }}"),
    ("", "{%p for line in ask.heard %}"), ("in", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p if ask.questions %}"), ("in", "{{ ask.questions_words }}"), ("", "{%p endif %}"),
    ("", "{%p for line in ask.questions %}"), ("in2", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p endfor %}"),
    ("", "{%p for line in letter.contacts %}"), ("", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p endfor %}"),
    ("", "{%p if reply_by %}"), ("", "{{ reply_by }}"), ("", "{%p endif %}"),
    ("", "{%p for line in closing %}"), ("", "{{ line }}"), ("", "{%p endfor %}"),
    ("", ""),
    ("", "{%p for line in signers %}"), ("tight", "{{ line }}"), ("", "{%p endfor %}"),
    ("", ""),
    ("", "{%p for line in contact %}"), ("tight", "{{ line }}"), ("", "{%p endfor %}"),
]  # fmt: skip
INDENTS = {"in": 0.3, "in2": 0.6}  # inches


class TemplateWrong(Exception):
    """A template that cannot be used, in a sentence for whoever uploaded it."""


def built_in_docx() -> bytes:
    """Our template of the DOCX, as Word opens it."""
    document = Document()
    document.core_properties.author = ""
    document.core_properties.title = "Follow-up letter (template)"
    for section in document.sections:
        section.page_width, section.page_height = Inches(8.5), Inches(11)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Inches(1)
    document.styles["Normal"].font.size = Pt(11)
    for style, words in PARAGRAPHS:
        paragraph = document.add_paragraph()
        paragraph.add_run(words).bold = style == "bold" or None
        paragraph.paragraph_format.space_after = Pt(0 if style == "tight" else 8)
        if style in INDENTS:
            paragraph.paragraph_format.left_indent = Inches(INDENTS[style])
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def template(kind: str) -> bytes:
    """The office's own where there is one, else ours."""
    own = _own(kind)
    if own.exists():
        return own.read_bytes()
    return built_in_docx() if kind == "docx" else BUILT_IN.read_bytes()


def replaced(kind: str) -> dict | None:
    """Who replaced ours and when; None: it is ours."""
    note = _own(kind).with_suffix(".json")
    return json.loads(note.read_text()) if _own(kind).exists() and note.exists() else None


def render(letter: FollowUp, kind: str) -> bytes:
    """The file. Raises TemplateWrong where the office's template does not work any more."""
    return MAKERS[kind](template(kind), letter)


def replace_template(kind: str, content: bytes, *, by: User) -> None:
    """Use the office's own from now on; refused in words when it cannot be filled."""
    require(by, ADMINISTER)
    if len(content) > MAX_TEMPLATE:
        raise RecordError.of("file", f"The file has {len(content) / 1e6:.1f} MB; a template has at most 5.")
    try:
        MAKERS[kind](content, SAMPLE)
    except TemplateWrong as error:
        raise RecordError.of("file", f"This template cannot be used: {error} The one in use stays.") from error
    own = _own(kind)
    own.parent.mkdir(parents=True, exist_ok=True)
    _write(own, content)
    _write(own.with_suffix(".json"), json.dumps({"by": str(by), "on": timezone.localdate().isoformat()}).encode())


def restore_template(kind: str, *, by: User) -> None:
    """Ours again; the office's is put aside, not deleted."""
    require(by, ADMINISTER)
    if (own := _own(kind)).exists():
        own.replace(own.with_name(f"{own.name}.before"))


def _own(kind: str) -> Path:
    return Path(settings.DOCUMENTS_ROOT) / f"follow_up.{SOURCES[kind]}"


def _write(path: Path, content: bytes) -> None:
    # whoever prints meanwhile has the old one or the new one, never half of one
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.replace(file.name, path)


def _docx(source: bytes, letter: FollowUp) -> bytes:
    try:
        made = DocxTemplate(io.BytesIO(source))
        made.render(letter.data(), jinja_env=SandboxedEnvironment(), autoescape=True)
        written = io.BytesIO()
        made.save(written)
        return written.getvalue()
    except TemplateError as error:
        raise TemplateWrong(f"{error.message or type(error).__name__}.") from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise TemplateWrong("it is no Word document (.docx), or it is damaged.") from error


def _pdf(source: bytes, letter: FollowUp) -> bytes:
    if re.search(rb'"@\w+/', source):
        raise TemplateWrong("it asks for a package from the network. Copy what it needs into the template.")
    # a folder of its own as root: the template can read no other file of this machine
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "follow_up.typ"
        file.write_bytes(source)
        try:
            return bytes(typst.compile(str(file), root=folder, sys_inputs={"data": json.dumps(letter.data())}) or b"")
        except (typst.TypstError, RuntimeError, UnicodeDecodeError) as error:
            raise TemplateWrong(f"{str(error).strip().splitlines()[0]}.") from error


MAKERS: dict[str, Callable[[bytes, FollowUp], bytes]] = {"docx": _docx, "pdf": _pdf}
