"""What a verb said when it refused, and proof that it wrote nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from letters.errors import RecordError


def refused(verb: Callable, *args: Any, error: type[RecordError] = RecordError, **how: Any) -> dict[str, str]:
    """Call the verb, which has to refuse and to write nothing: what it says about each field."""
    before = written()
    with pytest.raises(error) as caught:
        verb(*args, **how)
    assert written() == before
    return {problem.field: problem.message for problem in caught.value.problems}


def written() -> int:
    """How much was ever written: versions of rows, and events."""
    tables = [m._meta.db_table for m in apps.get_app_config("letters").get_models() if m.__name__.endswith("History")]
    counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in [*tables, "letters_event"])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return cursor.fetchone()[0]
