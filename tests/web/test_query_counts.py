"""Lists cost the same at one row and at three (invariant 10). The numbers are literal: a change of one is a decision."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.domain import worksheets
from letters.domain.history import acting
from letters.enums import Match
from letters.intake.typed import empty
from letters.models import Legislator, Signature, Tasking
from tests import factories
from tests.notices import notice

QUERIES = {
    "/": 9,
    "/?group=none": 9,
    "/?filters=1": 11,
    "/?agency=treasury": 10,
    "/changes/": 5,
    "/letters/": 8,
    "/letters/drafts/": 5,
    "/replies/unread/": 8,
    "/search/?q=TEST": 16,
    "/search/?q=TEST&kind=asks": 14,
    "/legislators/": 7,
    "/legislators/?who=all": 7,
    "/legislators/H000601/": 11,
    "/legislators/H000601/open/": 11,
    "/agencies/": 9,
    "/agencies/treasury/": 20,
    "/targets/": 7,
    "/targets/test-quoll-0/": 13,
    "/dashboard/": 16,
    "/dashboard/ask/": 7,
    "/dashboard/target/": 7,
    "/people/": 5,
    "/inbox/?show=all": 5,
    "/reminders/": 19,
}
# Rows that a list has besides one for each letter, draft, reply or person that the test makes. Not here: pages whose
# rows are of several kinds, or come from the rosters.
BESIDES = {
    "/letters/": 0,
    "/letters/drafts/": 0,
    "/replies/unread/": 0,
    "/search/?q=TEST&kind=asks": 0,
    "/legislators/": 1,  # Bill Hagerty signed each of them
    "/legislators/H000601/": 0,
    "/agencies/": 1,  # each ask is put to Treasury, and to another one
    "/targets/": 0,
    "/inbox/?show=all": 0,
    "/dashboard/ask/": 0,
    "/dashboard/target/": 0,
    "/people/": 2,  # who looks, and who typed the drafts
}
ROW = re.compile(r"<(?:tr|li|article)\b[^>]*\bdata-row\b")
SIGNERS = ("T000476", "R000595", "S001198")
OTHERS = ("commerce", "state", "justice")


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_however_long(staff, admin, path, rows):
    for row in range(rows):
        target = factories.target(f"TEST Quoll {row}")
        letter = factories.sent(
            agencies=["treasury", OTHERS[row]],
            kind_code="sanction",
            ask_facts={"targets": [target]},
            signers=["TEST First", "TEST Second"],
        )
        with acting(factories.SETUP):
            for position, bioguide in enumerate(["H000601", SIGNERS[row]], 1):
                member = Legislator.objects.get(bioguide=bioguide)
                signature = Signature.objects.filter(letter=letter, position=position)
                signature.update(legislator=member, match=Match.CONFIRMED)
        notice(Tasking.objects.get(ask__letter=letter, agency__slug=OTHERS[row]), staff)
        factories.reply(Tasking.objects.get(ask__letter=letter, agency__slug="treasury"), coverage=None)
        worksheets.save_worksheet(None, by=staff, typed=empty() | {"subject": f"TEST draft {row}"})
        factories.user(username=f"test-{row}")
    client = Client()
    client.force_login(admin if path == "/people/" else staff)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200
    assert len(captured) == QUERIES[path], "\n".join(query["sql"][:200] for query in captured)
    if path in BESIDES:
        assert len(ROW.findall(answer.content.decode())) == rows + BESIDES[path]
