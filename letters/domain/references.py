"""The numbers of sent letters."""

from django.db import connection

from letters.models import ReferenceCounter


def next_reference(year: int) -> str:
    """`2023-0001`, gapless: the year's row stays locked until this transaction ends, and rolls back with it."""
    with connection.cursor() as cursor:
        # one statement, so that two first letters of a year do not both insert the row
        cursor.execute(
            f"INSERT INTO {ReferenceCounter._meta.db_table} (year, last_number) VALUES (%s, 1) "  # noqa: S608 - our own name
            "ON CONFLICT (year) DO UPDATE SET last_number = letters_referencecounter.last_number + 1 RETURNING last_number",
            [year],
        )
        (number,) = cursor.fetchone()
    return f"{year}-{number:04}"
