"""docs/rights.md says what `letters.domain.rights` says, and that says what the verbs ask."""

import pytest
from django.conf import settings

from letters.domain.rights import rows
from letters.enums import Role
from letters.management.commands.print_rights import PLACE
from letters.reports.rights import as_markdown


def test_document_is_up_to_date():
    found = (settings.BASE_DIR / PLACE).read_text()
    assert found == as_markdown(), f"{PLACE} is out of date: run `manage.py print_rights` and commit it"


@pytest.mark.parametrize(("role", "column"), [(role, column) for column, role in enumerate(Role)])
def test_nobody_may_less_than_who_is_below(role, column):
    order = ("no", "where named", "yes")
    for words, cells in rows():
        below = cells[max(column - 1, 0)]
        assert order.index(cells[column]) >= order.index(below), words
