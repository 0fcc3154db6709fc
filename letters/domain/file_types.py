"""What a file is, told from its bytes: its name and what the browser says about it prove nothing. Pure."""

import io
import re
import zipfile
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import default as modern

import olefile


@dataclass(frozen=True)
class FileType:
    """One kind of file that is kept: what it is sent back as, and how its name may end."""

    label: str
    media_type: str
    suffixes: tuple[str, ...]
    shown: bool = False  # a browser may show it in place: it holds nothing that could act as a page of ours


PDF = FileType("PDF", "application/pdf", (".pdf",), shown=True)
PNG = FileType("PNG picture", "image/png", (".png",), shown=True)
JPEG = FileType("JPEG picture", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), shown=True)
GIF = FileType("GIF picture", "image/gif", (".gif",), shown=True)
WEBP = FileType("WebP picture", "image/webp", (".webp",), shown=True)
DOCX = FileType("Word document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
EML = FileType("e-mail", "message/rfc822", (".eml",))
MSG = FileType("Outlook message", "application/vnd.ms-outlook", (".msg",))

TYPES = (PDF, DOCX, PNG, JPEG, GIF, WEBP, EML, MSG)
BY_MEDIA_TYPE = {kind.media_type: kind for kind in TYPES}
ACCEPTED = "a PDF, a Word document (.docx), a picture (PNG, JPEG, GIF, WebP), or an e-mail (.eml, .msg)"

# What people try to attach, said in their words, with the way out where there is one.
FOREIGN = (
    (re.compile(rb"MZ"), "a Windows program", ""),
    (re.compile(rb"\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe"), "a program", ""),
    (re.compile(rb"#!"), "a script", ""),
    (re.compile(rb"\{\\rtf"), "an RTF document", "Save it as DOCX or PDF, then attach that."),
    (re.compile(rb"....ftyp(heic|heix|mif1|avif)", re.S), "a HEIC or AVIF picture", "Save it as JPEG, then attach that."),
    (re.compile(rb"II\*\0|MM\0\*"), "a TIFF picture", "Save it as PDF, then attach that."),
    (re.compile(rb"BM"), "a BMP picture", "Save it as PNG, then attach that."),
    (re.compile(rb"Rar!|7z\xbc\xaf|\x1f\x8b"), "an archive", "Unpack it, then attach the files in it."),
    (re.compile(rb"\s*<(!doctype|html|svg|\?xml|script)", re.I), "a web page or an XML file", "Print it to a PDF, then attach that."),
)  # fmt: skip
SAVE_AS = "Save it as DOCX or PDF, then attach that."
CONTENT_TYPES = "[Content_Types].xml"
MAX_CONTENT_TYPES = 1_000_000  # bytes: the table of contents of any honest document is a thousand times smaller
WORD_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
HEADER_LINE = re.compile(rb"[!-9;-~]{1,76}:")


@dataclass(frozen=True)
class Refused:
    """Something that is not kept: what it is, in words, and what to do instead."""

    what: str
    way_out: str = ""


def identify(data: bytes) -> FileType | Refused:
    """The type of these bytes, or what they are instead."""
    if not data:
        return Refused("empty", "Choose it again; it may not have been saved yet.")
    head = data[:4096]
    # A mark at the beginning only: what is a program first and a PDF later is a program.
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return PDF if b"%%EOF" in data[-4096:] else Refused("a PDF that ends too early", "Save or scan it anew.")
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(data)
    if head.startswith(olefile.MAGIC):
        return _in_ole(data)
    for pattern, what, way_out in FOREIGN:
        if pattern.match(head):
            return Refused(what, way_out)
    return EML if _is_mail(data) else _other(data)


def _in_zip(data: bytes) -> FileType | Refused:
    """A Word document among all that is packed as a zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = set(packed.namelist())
            if CONTENT_TYPES not in names:
                return Refused("a zip archive", "Unpack it, then attach the files in it.")
            with packed.open(CONTENT_TYPES) as listed:
                table = listed.read(MAX_CONTENT_TYPES)
    except Exception:  # zipfile raises whatever its reading of broken or hostile bytes runs into
        return Refused("a zip archive that cannot be read", "Save it anew.")
    if b"macroEnabled" in table or any(name.lower().endswith("vbaproject.bin") for name in names):
        return Refused("an Office document with macros", SAVE_AS)
    if WORD_MAIN in table:
        return DOCX
    if b"spreadsheetml" in table or b"presentationml" in table:
        return Refused("a spreadsheet or a presentation", "Save it as PDF, then attach that.")
    return Refused("an Office document of another kind", SAVE_AS)


def _in_ole(data: bytes) -> FileType | Refused:
    """An Outlook message among the old Office files, which share its container."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            if container.exists("__properties_version1.0"):
                return MSG
            if container.exists("EncryptedPackage"):
                return Refused("protected with a password", "Take the password off, then attach it.")
            if container.exists("WordDocument"):
                return Refused("an old Word document (.doc)", SAVE_AS)
    except Exception:  # and so does olefile
        return Refused("an old Office file that cannot be read", "Save it anew as PDF.")
    return Refused("an old Office file", "Save it as PDF, then attach that.")


def _is_mail(data: bytes) -> bool:
    """Header lines first, of which one says from whom and one when, to whom or under which number."""
    if not HEADER_LINE.match(data) or b"\0" in data[:65536]:
        return False
    head = BytesHeaderParser(policy=modern).parsebytes(data[:262144])
    return not head.defects and "from" in head and any(name in head for name in ("date", "to", "message-id"))


def _other(data: bytes) -> Refused:
    begins = data[:65536]
    try:
        is_text = b"\0" not in begins and bool(begins.decode())
    except UnicodeDecodeError as error:
        is_text = error.start > len(begins) - 4  # only a letter cut in two at the end
    return (
        Refused("plain text", "Print it to a PDF, then attach that.")
        if is_text
        else Refused("of a kind we do not know")
    )
