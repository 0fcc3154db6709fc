"""What is kept of a sheet for the next one with the same headers, and that many rows cost no more questions than few."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.models import Letter
from tests.intake.sheet.conftest import brought_in

HEADER = "No|Date|Subject|Signed by|Agency|Request"


def row(number: str, date: str) -> tuple[str, ...]:
    return number, date, f"TEST {number}", "Hagerty, Bill", "Treasury", "TEST ask"


@pytest.mark.parametrize(
    ("how", "read_as", "says"),
    [
        ((), dt.date(2023, 7, 6), "are read as May 4, as those of the last sheet with these headers"),
        (("--no-day-first",), dt.date(2023, 6, 7), ""),
    ],
)
def test_dates_are_read_as_was_said_of_the_last_such_sheet_that_asked(
    reference, tmp_path, capsys, sheet, how, read_as, says
):
    brought_in(sheet(HEADER, row("one", "4/5/2023")), day_first=True)
    brought_in(sheet(HEADER, row("two", "25/4/2023")))  # says it itself: nobody is asked
    path = tmp_path / "TEST.csv"
    path.write_bytes(sheet(HEADER, row("three", "6/7/2023")))
    call_command("import_letters", str(path), *how)
    assert Letter.objects.get(subject="TEST three").letter_date == read_as
    said = capsys.readouterr().out
    assert says in said
    assert ("are read as" in said) == bool(says)


def test_ten_times_the_letters_come_in_by_as_many_statements(reference, sheet):
    """Of one part: a query for each row would make hours of twenty thousand."""
    counted = []
    for many in (10, 10, 100):  # the first fills what is kept in the process
        rows = (row(f"{len(counted)}-{n}", "4/25/2023") for n in range(many))
        with CaptureQueriesContext(connection) as queries:
            brought_in(sheet(HEADER, *rows))
        counted.append(len(queries))
    assert counted[2] <= counted[1] + 3, counted
