"""Files as people bring them: what can be read is read the same from each, what cannot is said in a sentence with a way out."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

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
    assert rows_of(book, reading.choose_sheet(book.sheets, "TEST two")) == [["b"]]
    with pytest.raises(RecordError, match=r"It has 2 sheets. Choose one of “TEST one”, “TEST two”."):
        reading.choose_sheet(book.sheets, "")
    with pytest.raises(RecordError, match=r"There is no sheet “TEST three” in it."):
        reading.choose_sheet(book.sheets, "TEST three")


def test_the_apostrophe_that_kept_a_cell_from_running_is_no_part_of_it(tmp_path):
    assert rows_of(book_of(tmp_path, b"a,'=1+1,'tis,it's\nb,,,\n"))[0] == ["a", "=1+1", "'tis", "it's"]


def changed(part: str, change) -> bytes:
    """A workbook with one part that is another; `change` gives its bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook({"TEST": [["a"]]}))) as plain,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in plain.namelist():
            packed.writestr(name, change(plain.read(name)) if name == part else plain.read(name))
    return out.getvalue()


def swollen(part: str, before: bytes, filling: bytes) -> bytes:
    """A workbook of some kilobytes, one part of which is filled up."""
    return changed(part, lambda xml: xml.replace(before, filling + before))


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
    "a bomb": (swollen("xl/worksheets/sheet1.xml", b"</worksheet>", b" " * 8 * 1024**2), "a workbook that unpacks to 8 MB.*more than the 4 MB"),
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


SWOLLEN = {
    "styles": (("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 1_000_000), "5 MB of “styles.xml”, more than the 4 MB"),
    "many styles": (("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 150_000), r"150,\d\d\d marks in “styles.xml”, more than the 100,000"),
    "the list of sheets": (("xl/workbook.xml", b"</sheets>", b" " * 6 * 1024**2), "6 MB of “workbook.xml”"),
    "the list of parts": (("[Content_Types].xml", b"</Types>", b"<Default/>" * 120_000), "marks in “.Content_Types..xml”"),
    "links": (("xl/_rels/workbook.xml.rels", b"</Relationships>", b"<a/>" * 120_000), "marks in “workbook.xml.rels”"),
    "many sheets": (("xl/workbook.xml", b"</sheets>", b'<sheet name="b" sheetId="2" r:id="rId1"/>' * 600), "601 sheets; at most 500"),
    "words": (("xl/sharedStrings.xml", b"</sst>", b" " * 101 * 1024**2), "101 MB of words, more than the 100 MB"),
    "many words": (("xl/sharedStrings.xml", b"</sst>", b"<si/>" * 1_100_000), "unpacks without end"),
    "one long word": (("xl/sharedStrings.xml", b"</sst>", b"<si>" + b"<r/>" * 600_000 + b"</si>"), "unpacks without end"),
    "many rows": (("xl/worksheets/sheet1.xml", b"</sheetData>", b"<row/>" * 1_100_000), "unpacks without end"),
    "a long row": (("xl/worksheets/sheet1.xml", b"</sheetData>", b"<row>" + b"<c/>" * 600_000 + b"</row>"), "unpacks without end"),
    "a long cell": (("xl/worksheets/sheet1.xml", b"</sheetData>", b"<row><c><v>" + b"a" * 33 * 1024**2 + b"</v></c></row>"), "unpacks without end"),
    "what stands behind the rows": (("xl/worksheets/sheet1.xml", b"</worksheet>", b"<a/>" * 600_000), "unpacks without end"),
}  # fmt: skip


@pytest.mark.parametrize("what", SWOLLEN)
def test_a_part_that_would_fill_the_memory_is_refused_before_it_does(tmp_path, what):
    """Of a file of some kilobytes: what openpyxl would make of it takes a hundred times its bytes."""
    how, words = SWOLLEN[what]
    data = swollen(*how)
    assert len(data) < 200_000
    if what not in ("many words", "many rows"):  # each of a million matches would be traced
        tracemalloc.start()
    try:
        with pytest.raises(RecordError, match=rf"“TEST.xlsx” is a workbook .*{words}.*\. (Copy|Save) "):
            book_of(tmp_path, data, "TEST.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 12 * 1024**2
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("what", ["the list of sheets", "many words"])
def test_a_part_is_what_the_workbook_takes_it_for_whatever_its_name(tmp_path, what):
    """Here a sheet’s, which may be larger than others."""
    how, words = SWOLLEN[what]
    former = how[0].removeprefix("xl/")
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(swollen(*how))) as plain,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in plain.namelist():
            content = plain.read(name).replace(f"/xl/{former}".encode(), f"/xl/worksheets/{former}".encode())
            packed.writestr(f"xl/worksheets/{former}" if name == how[0] else name, content)
    with pytest.raises(RecordError, match=words):
        book_of(tmp_path, out.getvalue(), "TEST.xlsx")


def test_a_row_beyond_excel_s_last_ends_the_reading(tmp_path):
    far = changed("xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'<row r="1"', b'<row r="4000000000"'))
    with pytest.raises(RecordError, match=r"rows behind row 1,048,576, the last one of Excel\. Copy your table"):
        rows_of(book_of(tmp_path, far))


def test_damage_behind_the_first_row_is_said_too(tmp_path):
    torn = changed("xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", b"<row></sheetData>"))
    with pytest.raises(RecordError, match="The file is a damaged workbook, which cannot be opened"):
        rows_of(book_of(tmp_path, torn))


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
    with pytest.raises(RecordError, match="The file is not readable from row 2 on"):
        rows_of(book_of(tmp_path, b'a,b\n"' + b"TEST," * 40))


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize(
    "below",
    [
        "3,4,x\n",
        "3,4,x",
        '3,4,"x|y"\n5,6,z\n',  # the next quotation mark ends that cell, and words stand behind it
        '3,4,"x""y"\n',
        '3,"TEST" LLC,"x"\n',
    ],
)
def test_a_quotation_mark_without_its_other_half_swallows_no_row(tmp_path, below, delimiter):
    data = f'a,b,n\n1,2,"two\nlines"\n1,2,"said\n{below}'.replace(",", delimiter).replace("|", delimiter)
    with pytest.raises(RecordError, match=r"The file is not readable from row 3 on\. Look in that row for a quotation"):
        rows_of(book_of(tmp_path, data.encode()))


def test_words_behind_a_closing_quotation_mark_are_of_their_cell(tmp_path):
    data = b'a,b\n"TEST" LLC,"x" \n"two\nlines",3\n4,said "TEST" twice\n"TEST" LLC,"two\r\nlines"\n"two\n""lines""","TEST" LLC\n"T" L,5'
    assert rows_of(book_of(tmp_path, data)) == [
        ["a", "b"], ["TEST LLC", "x"], ["two\nlines", "3"], ["4", 'said "TEST" twice'], ["TEST LLC", "two\nlines"],
        ['two\n"lines"', "TEST LLC"], ["T L", "5"],
    ]  # fmt: skip


def test_an_array_formula_without_a_value_is_flagged_as_any_other(tmp_path):
    """As programs write it that compute nothing: openpyxl has an object of its own for it."""
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c"])
    book.active["A2"] = "TEST"
    book.active["B2"] = ArrayFormula("B2:B2", "=TEXTJOIN(C2)")
    book.active["C2"] = DataTableFormula("C2:C2")
    stream = io.BytesIO()
    book.save(stream)
    assert rows_of(book_of(tmp_path, stream.getvalue()))[1] == [
        "TEST", csv_file.FORMULA + "=TEXTJOIN(C2)", csv_file.FORMULA + "=TABLE()"
    ]  # fmt: skip


def test_an_old_container_of_thousands_of_entries_behind_each_other_is_damaged(tmp_path):
    """They are read one within the other, which ends in RecursionError."""
    with pytest.raises(RecordError, match="is damaged: its container cannot be read"):
        book_of(tmp_path, made_files.compound(*(f"TEST {n}" for n in range(3000))))


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
