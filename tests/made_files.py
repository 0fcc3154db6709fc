"""Small files of every kind, made by hand: what they are is in their bytes and not in a name."""

import io
import struct
import zipfile
from email.message import EmailMessage

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" + (
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R"
    b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
    b"4 0 obj<</Length 42>>stream\nBT /F 18 Tf 20 50 Td (TEST reply) Tj ET   \nendstream endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(20) + b"\xff\xd9"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
EXE = b"MZ\x90\x00" + bytes(60) + b"This program cannot be run in DOS mode.\r\n"
HTML = b"<!doctype html><script>alert('TEST')</script>"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def zipped(**members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, text in members.items():
            packed.writestr(name, text)
    return made.getvalue()


def office(content_type: str, **more: str) -> bytes:
    """An Office document as far as its table of contents."""
    table = f'<Types><Override PartName="/word/document.xml" ContentType="{content_type}"/></Types>'
    return zipped(**{"[Content_Types].xml": table, "word/document.xml": "<TEST/>", **more})


DOCX = office(WORD)


def compound(*streams: str) -> bytes:
    """The container of Outlook messages and old Office files (MS-CFB), with empty streams of these names."""
    end, free, fat_sector, none = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF

    def entry(name: str, kind: int, right: int, child: int) -> bytes:
        words = name.encode("utf-16-le") + b"\0\0"
        return (
            words.ljust(64, b"\0") + struct.pack("<HBBIII", len(words), kind, 1, none, right, child)
            + bytes(36) + struct.pack("<IQ", end, 0)
        )  # fmt: skip

    directory = entry("Root Entry", 5, none, 1 if streams else none)
    for place, name in enumerate(streams, start=1):
        directory += entry(name, 2, place + 1 if place < len(streams) else none, none)
    folders = -(-len(directory) // 512)  # sectors
    tables = next(n for n in range(1, 109) if n * 128 >= n + folders)
    fat = [fat_sector] * tables + [tables + n for n in range(1, folders)] + [end]
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        + struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, end, 0, end, 0)
        + struct.pack("<109I", *range(tables), *[free] * (109 - tables))
    )  # fmt: skip
    fat += [free] * (tables * 128 - len(fat))
    return header + struct.pack(f"<{len(fat)}I", *fat) + directory.ljust(folders * 512, b"\0")


MSG = compound("__nameid_version1.0", "__properties_version1.0")
DOC = compound("WordDocument")


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "TEST <test@example.gov>", "office@example.gov", "TEST"
    message["Date"] = "Mon, 01 May 2023 10:00:00 -0400"
    message.set_content("TEST: we have received your letter.\n")
    return bytes(message)


EML = mail()
