"""Files as people bring them: what can be read is read the same from each, what cannot is said in a sentence with a way out."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from letters.domain import files
from letters.errors import RecordError
from letters.intake.sheet import csv_file, reading, xlsx_file
from tests import made_files, made_sheets
from tests.made_sheets import workbook

ROWS = [
    ["Date", "Subject", "Agency"],
    ["4/25/2023", "TEST café", "Treasury; State"],
    ["4/26/2023", "TEST “two”\nlines", "Commerce"],
]
TEXT = """Date{d}Subject{d}Agency
4/25/2023{d}TEST café{d}"Treasury; State"
4/26/2023{d}"TEST “two”
lines"{d}Commerce
"""


def book_of(tmp_path: Path, data: bytes, name: str = "TEST.csv") -> reading.Book:
    path = tmp_path / "digest"
    path.write_bytes(data)
    return reading.open_book(path, name)


def rows_of(book: reading.Book, sheet: str = "") -> list[list[str]]:
    return [cells for _, cells in reading.rows(book, sheet or book.sheets[0])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_csv_is_read_in_any_usual_dress(tmp_path, encoding, delimiter):
    book = book_of(tmp_path, TEXT.format(d=delimiter).encode(encoding))
    assert rows_of(book) == ROWS
    (remark,) = book.remarks
    assert csv_file.DELIMITERS[delimiter] in remark
    assert ("check names with accents" in remark) == (encoding == "cp1252")


def test_a_workbook_is_read_the_same(tmp_path):
    assert rows_of(book_of(tmp_path, workbook({"TEST": ROWS}))) == ROWS


def test_merged_cells_dates_serials_and_errors(tmp_path):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "m/d/yy"})
    sheet.merge_range(0, 0, 2, 0, 45041, day)
    sheet.merge_range(0, 1, 0, 2, "TEST across")
    sheet.write_number(1, 1, 45041)
    sheet.write_formula(2, 1, "=1+1", None, 2)
    sheet.write_formula(3, 1, "=A1+1", None, "")
    sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
    sheet.write_boolean(4, 0, True)
    sheet.write_number(4, 1, 1.5)
    book.close()
    found = book_of(tmp_path, out.getvalue())
    assert rows_of(found) == [
        ["2023-04-25", "TEST across"],
        ["2023-04-25", "45041"],
        ["2023-04-25", "2"],
        ["", csv_file.FORMULA + "=A1+1", "#DIV/0!"],
        ["yes", "1.5"],
    ]


def test_numbers_of_rows_are_those_of_the_spreadsheet(tmp_path):
    book = book_of(tmp_path, workbook({"TEST": [["a"], [], ["b"]]}))
    assert [number for number, _ in reading.rows(book, "TEST")] == [1, 3]


def test_several_sheets_have_to_be_chosen_from(tmp_path):
    book = book_of(tmp_path, workbook({"TEST one": [["a"]], "TEST two": [["b"]]}))
    assert rows_of(book, reading.choose_sheet(book, "TEST two")) == [["b"]]
    with pytest.raises(RecordError, match=r"It has 2 sheets. Choose one of “TEST one”, “TEST two”."):
        reading.choose_sheet(book, "")
    with pytest.raises(RecordError, match=r"There is no sheet “TEST three” in it."):
        reading.choose_sheet(book, "TEST three")


def test_the_apostrophe_that_kept_a_cell_from_running_is_no_part_of_it(tmp_path):
    assert rows_of(book_of(tmp_path, b"a,'=1+1,'tis,it's\nb,,,\n"))[0] == ["a", "=1+1", "'tis", "it's"]


def swollen() -> bytes:
    """A workbook whose sheet unpacks to 8 MB from a few kilobytes."""
    with zipfile.ZipFile(io.BytesIO(workbook({"TEST": [["a"]]}))) as plain:
        parts = {name: plain.read(name) for name in plain.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            with packed.open(name, "w") as part:
                part.write(content)
                if name.endswith("sheet1.xml"):
                    for _ in range(8):
                        part.write(b" " * 1024**2)
    return out.getvalue()


def changed(part: str, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook({"TEST": [["a"]]}))) as plain, zipfile.ZipFile(out, "w") as packed:
        for name in plain.namelist():
            packed.writestr(name, change(plain.read(name)) if name == part else plain.read(name))
    return out.getvalue()


BAD = {
    "nothing": (b"", "empty: it has not one row"),
    "only marks": (b"\xef\xbb\xbf \n\n", "empty: it has not one row"),
    "a password": (made_files.compound("EncryptedPackage", "EncryptionInfo"), "protected by a password.*take the password out"),
    "Excel 97": (made_files.compound("Workbook"), r"an old Excel file \(\.xls.*Save it in Excel as “Excel Workbook"),
    "another container": (made_files.compound("TEST"), "no spreadsheet"),
    "half a container": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1TEST", "damaged"),
    "a PDF": (made_files.PDF, "a PDF"),
    "a picture": (made_files.PNG, "a picture"),
    "a program": (made_files.EXE, "a program"),
    "a page": (b"<html><table><tr><td>TEST</td></tr></table></html>", "a web page"),
    "Word": (made_files.DOCX, "an Office file, but no workbook"),
    "OpenDocument": (made_files.zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), r"an OpenDocument spreadsheet \(\.ods\)"),
    "another zip": (made_files.zipped(TEST="TEST"), "a zip archive"),
    "half a workbook": (workbook({"TEST": [["a"]]})[:900], "a damaged workbook"),
    "its own document type": (changed("xl/worksheets/sheet1.xml", lambda xml: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + xml[55:]), "a workbook with its own document type"),
    "XML that is none": (changed("xl/workbook.xml", lambda xml: b"TEST" + xml), "a damaged workbook"),
    "a bomb": (swollen(), "a workbook that unpacks to 8 MB.*more than the 4 MB"),
    "noise": (bytes(range(256)) * 40, "no text and no workbook"),
    "an unknown encoding": (b"Date,Subject\n4/25/2023,TEST \x81\x8d\x8f\x90\x9d\n", "in an encoding that we do not know.*CSV UTF-8"),
    "a mark that lies": (b"\xff\xfeabc", "damaged: it says that it is UTF-16"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_spreadsheet_is_said_with_its_name_and_a_way_out(tmp_path, what, monkeypatch):
    monkeypatch.setattr(xlsx_file, "MAX_INFLATED", 4 * 1024**2)
    data, words = BAD[what]
    with pytest.raises(RecordError, match=f"“TEST.xlsx” is {words}") as refused:
        rows_of(book_of(tmp_path, data, "TEST.xlsx"))
    (problem,) = refused.value.problems
    assert problem.field == "file"
    assert problem.message.count(".") >= 2  # what it is, and what to do


def test_a_hundred_megabytes_are_refused_unread(tmp_path):
    path = tmp_path / "digest"
    with path.open("wb") as file:
        file.truncate(100 * 1024**2)
    with pytest.raises(RecordError, match=r"“TEST.csv” is larger than 50 MB"):
        reading.open_book(path, "TEST.csv")


def test_more_rows_or_columns_than_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 10)
    with pytest.raises(RecordError, match=r"more than 10 rows, the most one import takes. Part it"):
        rows_of(book_of(tmp_path, b"a\n" * 200))
    with pytest.raises(RecordError, match="Row 1 has 300 columns; at most 200 are read"):
        rows_of(book_of(tmp_path, b",".join([b"a"] * 300)))


def test_a_part_that_says_less_than_it_holds_is_damaged_not_trusted(tmp_path):
    data = bytearray(workbook({"TEST": [["a"] * 30] * 30}))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        name = packed.getinfo("xl/worksheets/sheet1.xml")
    central = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")  # its size, said smaller
    assert name.file_size > 10
    with pytest.raises(RecordError, match="damaged workbook"):
        book_of(tmp_path, bytes(data))


def test_a_broken_quotation_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "MAX_CELL", 50)
    with pytest.raises(RecordError, match="The file is not readable after row 1"):
        rows_of(book_of(tmp_path, b'a,b\n"' + b"TEST," * 40))


def test_a_merge_at_the_seam_of_two_reads_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_file, "CHUNK", 300)
    found = made_sheets.ugly_on_purpose()
    assert book_of(tmp_path, found).merges["LETTERS (current)"] == [(1, 5, 7), (2, 5, 7), (3, 5, 7)]


@pytest.mark.parametrize("name", made_sheets.MADE)
def test_the_samples_are_what_their_maker_makes(tmp_path, name):
    kept, made = book_of(tmp_path, (made_sheets.SHEETS / name).read_bytes()), None
    before = [rows_of(kept, one) for one in kept.sheets]
    made = book_of(tmp_path, made_sheets.MADE[name]())
    assert (kept.sheets, before) == (made.sheets, [rows_of(made, one) for one in made.sheets])
    assert files.MAX_FILE > 0
