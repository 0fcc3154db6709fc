"""Lists cost the same at one row and at three (invariant 10). The numbers are literal: a change of one is a decision."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories

QUERIES = {"/": 12, "/?group=none": 12, "/letters/": 8, "/dashboard/": 9}


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_however_long(staff, path, rows):
    for _ in range(rows):
        factories.sent(agencies=["treasury"], kind_code="sanction", ask_facts={"targets": [factories.target()]})
    client = Client()
    client.force_login(staff)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    assert len(captured) == QUERIES[path], "\n".join(query["sql"][:200] for query in captured)
