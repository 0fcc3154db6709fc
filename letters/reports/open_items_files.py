"""The CSV and the XLSX of a report, written part by part, with the columns and the care of the queue's own files."""

import io
from collections.abc import Iterable

import xlsxwriter

from letters.domain.guarded import guarded
from letters.reports.open_items import Cover
from letters.reports.queue_export import COLUMNS, MOST_CHARACTERS, csv_lines, write_row

DAY = "yyyy-mm-dd"


class Files:
    """Give each part of the cells to `add`, then `close` once. A workbook with real tables: a table needs its last
    row known, so its cells are held until then (`MOST` of the report's maker bounds them)."""

    def __init__(self, cover: Cover):
        self.cover = cover
        self.rows = 0
        self._csv = io.StringIO()
        self._csv.write("\ufeff" + csv_lines([[column.heading for column in COLUMNS]]))
        self._xlsx = io.BytesIO()
        self._book = xlsxwriter.Workbook(
            self._xlsx,
            {
                "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                "default_date_format": DAY, "in_memory": True,
            },
        )  # fmt: skip
        self._book.set_properties({"title": cover.title})
        self._day = self._book.add_format({"num_format": DAY})
        self._bold = self._book.add_format({"bold": True, "font_size": 14})
        self._wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._summary()
        self._items = self._book.add_worksheet("Items, open and closed" if cover.has_closed else "Open items")
        for place, column in enumerate(COLUMNS):
            self._items.set_column(place, place, column.width)

    def add(self, part: Iterable[list]) -> None:
        """Some more rows."""
        part = list(part)
        self._csv.write(csv_lines(part))
        for row in part:
            self.rows += 1
            write_row(self._items, self.rows, row, self._day)

    def close(self) -> dict[str, bytes]:
        """The bytes of both, by kind."""
        _as_table(
            self._items,
            0,
            [column.heading for column in COLUMNS],
            self.rows,
            "Items" if self.cover.has_closed else "OpenItems",
        )
        self._items.freeze_panes(1, 0)
        self._book.close()
        return {"csv": self._csv.getvalue().encode(), "xlsx": self._xlsx.getvalue()}

    def _summary(self) -> None:
        sheet = self._book.add_worksheet("Summary")
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 12, 16)
        sheet.write_string(0, 0, self.cover.title, self._bold)
        said = [self.cover.as_of, self.cover.headline, *self.cover.notes]
        for number, words in enumerate(said, 1):
            sheet.merge_range(number, 0, number, 7, "", self._wrapped)
            sheet.write_string(number, 0, guarded(words)[:MOST_CHARACTERS], self._wrapped)
            sheet.set_row(number, 15 * (1 + len(words) // 110))
        numbers, top = self.cover.agencies, len(said) + 2
        if not numbers.lines:
            return
        for number, line in enumerate(numbers.lines, top + 1):
            write_row(sheet, number, line, self._day)
        _as_table(sheet, top, numbers.headings, len(numbers.lines), "ByAgency")


def _as_table(sheet: xlsxwriter.worksheet.Worksheet, top: int, headings: list[str], rows: int, name: str) -> None:
    """A table as spreadsheets know it: named, with its own headings and filters. Of nothing it keeps one empty row."""
    table = {
        "name": name, "style": "Table Style Light 1", "columns": [{"header": heading} for heading in headings],
    }  # fmt: skip
    sheet.add_table(top, 0, top + max(rows, 1), len(headings) - 1, table)
