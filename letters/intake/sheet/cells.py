"""The cells of one row, read by what they should be; whatever cannot be read is a finding at its place."""

import datetime as dt
from dataclasses import dataclass

from letters.domain.rules import check_text
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.csv_file import FORMULA
from letters.intake.sheet.days import read_cell_day
from letters.intake.sheet.findings import Finding
from letters.intake.sheet.names import split_aligned, split_parts
from letters.intake.sheet.xlsx_file import ERRORS


@dataclass(frozen=True)
class Row:
    """One row: its number in the sheet, and its words by code of the column."""

    number: int
    values: dict[str, str]

    def get(self, code: str) -> str:
        return self.values.get(code, "")


class Cells:
    """Reads cells and collects what is wrong with them."""

    def __init__(self, *, day_first: bool | None):
        self.day_first = day_first
        self.findings: list[Finding] = []

    def wrong(self, row: int, code: str, words: str) -> None:
        """The letter stays out until this is mended."""
        self.findings.append(Finding(row, code, words))

    def remark(self, row: int, code: str, words: str) -> None:
        """Worth a look; the letter comes in."""
        self.findings.append(Finding(row, code, words, blocks=False))

    def check_row(self, row: Row) -> None:
        """What no column may hold: a formula that nobody has computed, an error that a spreadsheet shows."""
        for code, value in row.values.items():
            label = BY_CODE[code].label
            if value.startswith(FORMULA):
                self.wrong(
                    row.number, code,
                    f"{label}: “{value[1:61]}” is a formula, and the file holds no value for it. Formulas are not run: "
                    "type the value here, or open and save the file in Excel and come again.",
                )  # fmt: skip
            elif value in ERRORS:
                self.wrong(
                    row.number, code,
                    f"{label}: the cell shows the error {value}. Type what should stand there, or clear it.",
                )  # fmt: skip

    def text(self, row: Row, code: str, most: int, words: str | None = None) -> bool:
        """Whether words can be kept, those of the cell or others that come of it; a finding where they cannot."""
        problems = check_text(code, BY_CODE[code].label, row.get(code) if words is None else words, most)
        for problem in problems:
            self.wrong(row.number, code, problem.message)
        return not problems

    def day(self, row: Row, code: str) -> dt.date | None:
        """The day in a cell; None, with a finding, for words that are none."""
        value = row.get(code)
        try:
            found = read_cell_day(value, day_first=bool(self.day_first))
        except ValueError as error:
            if not value.startswith(FORMULA) and value not in ERRORS:
                self.wrong(row.number, code, f"{BY_CODE[code].label}: {error}")
            return None
        if found and not 1900 <= found.year <= 2200:
            self.wrong(
                row.number, code,
                f"{BY_CODE[code].label}: the year of “{value[:40]}” would be {found.year}. Write the day as 4/25/2023.",
            )  # fmt: skip
            return None
        return found

    def first(self, rows: list[Row], code: str) -> tuple[Row, str]:
        """The first words that the rows of a letter have for it; a remark where a later row has others."""
        found: tuple[Row, str] = (rows[0], "")
        for row in rows:
            value = row.get(code)
            if not value:
                continue
            if not found[1]:
                found = (row, value)
            elif value.casefold() != found[1].casefold():
                label = BY_CODE[code].label
                self.remark(
                    row.number, code,
                    f"{label}: “{value[:60]}” here, “{found[1][:60]}” in row {found[0].number} of the same letter. The first counts.",
                )  # fmt: skip
        return found

    def first_day(self, rows: list[Row], code: str) -> dt.date | None:
        """`first`, as a day."""
        row, value = self.first(rows, code)
        return self.day(row, code) if value else None

    def aligned(self, rows: list[Row], code: str, length: int, beside: str) -> list[str]:
        """Parts that stand one for one beside those of another column; as many as there are, or a finding."""
        row, value = self.first(rows, code)
        parts = split_aligned(value)
        if parts and len(parts) != length:
            self.wrong(
                row.number, code,
                f"{BY_CODE[code].label}: {len(parts)} parts, but {BY_CODE[beside].label} has {length}. "
                "Give one for each, in the same order, parted by semicolons; “-” for none.",
            )  # fmt: skip
            parts = []
        return parts + [""] * (length - len(parts))

    def parts(self, row: Row, code: str) -> list[str]:
        """What semicolons and line breaks part."""
        return split_parts(row.get(code))
