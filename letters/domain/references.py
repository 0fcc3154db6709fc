"""The numbers of sent letters."""

from collections import Counter
from collections.abc import Sequence

from django.db import connection

from letters.models import ReferenceCounter


def next_reference(year: int) -> str:
    """`2023-0001`, gapless: the year's row stays locked until this transaction ends, and rolls back with it."""
    return next_references([year])[0]


def next_references(years: Sequence[int]) -> list[str]:
    """The same for many letters, in this order; one statement a year, the years in one order, so that two who take from
    several never wait for each other."""
    last = {year: _take(year, number) - number for year, number in sorted(Counter(years).items())}
    references = []
    for year in years:
        last[year] += 1
        references.append(f"{year}-{last[year]:04}")
    return references


def _take(year: int, how_many: int) -> int:
    """The last of so many new numbers of a year."""
    with connection.cursor() as cursor:
        # one statement, so that two first letters of a year do not both insert the row
        cursor.execute(
            f"INSERT INTO {ReferenceCounter._meta.db_table} (year, last_number) VALUES (%s, %s) "  # noqa: S608 - our own name
            "ON CONFLICT (year) DO UPDATE SET last_number = letters_referencecounter.last_number + EXCLUDED.last_number RETURNING last_number",
            [year, how_many],
        )
        (number,) = cursor.fetchone()
    return int(number)
