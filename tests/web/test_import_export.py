"""The letters as a file, from the page."""

import io

from openpyxl import load_workbook

from letters.intake.sheet.columns import COLUMNS


def test_the_letters_come_as_files_in_the_import_s_columns(as_viewer, seed):
    lines = as_viewer.get("/import/export.csv").getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join(column.label for column in COLUMNS)
    answer = as_viewer.get("/import/export.xlsx")
    sheet = load_workbook(io.BytesIO(answer.getvalue())).active
    assert [cell.value for cell in sheet[1]] == [column.label for column in COLUMNS]
    assert sheet.max_row == 8  # seven items that somebody owes
    assert as_viewer.get("/import/export.ods").status_code == 404
