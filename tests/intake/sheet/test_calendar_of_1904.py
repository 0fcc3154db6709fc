"""A workbook of the old Macintosh calendar: its days without a format are numbers from 1904 on, and its other numbers are numbers."""

import datetime as dt
import io

import xlsxwriter

from letters.intake.sheet import csv_file, mending
from letters.models import Addressee, Letter, Note
from tests.intake.sheet.conftest import BY, as_csv, brought_in, checked

HEADER = [
    "Number",
    "Date",
    "Received by them",
    "Control numbers",
    "Subject",
    "Signed by",
    "Agency",
    "Request",
    "Comments",
    "20231",
]
SERIAL = 45041 - 1462  # April 25, 2023
ROWS = [HEADER, [20231, SERIAL, SERIAL + 8.5, 20232, "TEST", "TEST Nobody", "Treasury", "TEST", 20233, 20234]]


def of_1904() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"date_1904": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
    sheet.write_number(0, 9, 20231)
    book.close()
    return out.getvalue()


def test_only_days_are_counted_from_1904(reference):
    batch = checked(of_1904(), name="TEST.xlsx")
    assert batch.headers[9] == "20231"
    assert mending.shown(batch, batch.rows.get())["number"] == "20231"
    brought_in(of_1904(), name="TEST.xlsx")
    assert Letter.objects.get().letter_date == dt.date(2023, 4, 25)
    addressee = Addressee.objects.get()
    assert (addressee.delivered_at.date(), addressee.control_number) == (dt.date(2023, 5, 3), "20232")
    assert sorted(Note.objects.values_list("text", flat=True)) == [
        "20233",
        "Number in the imported sheet “TEST.xlsx”: 20231",
    ]


def test_the_mark_in_a_file_of_somebody_elses_means_nothing(reference):
    odd = [HEADER[:9], ["1", "4/25/2023", "", "", f"{csv_file.SERIAL_1904}TEST", "TEST Nobody", "Treasury", "TEST", ""]]
    brought_in(as_csv(odd), by=BY)
    assert Letter.objects.get().subject == f"{csv_file.SERIAL_1904}TEST"
