"""Lists cost the same at one row and at three (invariant 10). The numbers are literal: a change of one is a decision."""

import re
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.domain import reporting, worksheets
from letters.domain.history import acting
from letters.enums import Match, Role
from letters.intake.typed import empty
from letters.models import ImportBatch, Legislator, Signature, Tasking
from tests import factories, kept
from tests.notices import notice

QUERIES = {
    "/": 8,
    "/?group=none": 8,
    "/?filters=1": 10,
    "/?agency=treasury": 9,
    "/changes/": 4,
    "/letters/": 7,
    "/letters/drafts/": 5,
    "/replies/unread/": 7,
    "/search/?q=TEST": 15,
    "/search/?q=TEST&kind=asks": 13,
    "/legislators/": 6,
    "/legislators/?who=all": 6,
    "/legislators/H000601/": 10,
    "/legislators/H000601/open/": 10,
    "/agencies/": 8,
    "/agencies/treasury/": 19,
    "/agencies/treasury/record/": 8,
    "/reports/replies/": 7,
    "/reports/replies/?show=said&sort=-asked": 7,
    "/agencies/treasury/brief/": 28,
    "/agencies/treasury/brief/?version=theirs": 23,
    "/briefs/": 8,
    "/targets/": 6,
    "/targets/test-quoll-0/": 12,
    "/dashboard/": 15,
    "/dashboard/ask/": 6,
    "/dashboard/target/": 6,
    "/people/": 4,
    "/inbox/?show=all": 4,
    "/reminders/": 18,
    "/reports/": 9,  # whether this week’s is made, and who gets no mail
    "/import/": 4,
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
    "/reports/replies/": 1,
    "/agencies/": 1,  # each ask is put to Treasury, and to another one
    "/targets/": 0,
    "/inbox/?show=all": 0,
    "/dashboard/ask/": 0,
    "/dashboard/target/": 0,
    "/reports/": 0,
    "/import/": 0,
    "/people/": 2,  # who looks, and who typed the drafts
}
ROW = re.compile(r"<(?:tr|li|article)\b[^>]*\bdata-row\b")
SIGNERS = ("T000476", "R000595", "S001198")
OTHERS = ("commerce", "state", "justice")


def make_rows(rows: int) -> None:
    """As many letters, drafts, replies and people."""
    staff = factories.user(Role.STAFF)
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
        reporting.ask_for_list(by=staff, query="", about="")
        worksheets.save_worksheet(None, by=staff, typed=empty() | {"subject": f"TEST draft {row}"})
        factories.user(username=f"test-{row}")
        with acting(factories.SETUP):
            ImportBatch.objects.create(owner=staff, file_name=f"TEST {row}.csv", file="TEST", size=1)


@pytest.fixture(scope="module", params=[1, 3])
def _kept_rows(request, django_db_setup, django_db_blocker) -> int:
    with django_db_blocker.unblock():
        kept.make(f"rows_{request.param}", partial(make_rows, request.param))
    return request.param


@pytest.fixture
def rows(_kept_rows, reference) -> int:
    kept.put_back(f"rows_{_kept_rows}")
    return _kept_rows


@pytest.mark.parametrize("path", QUERIES)
def test_a_list_costs_the_same_however_long(rows, staff, admin, path):
    client = Client()
    client.force_login(admin if path == "/people/" else staff)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200
    assert len(captured) == QUERIES[path], "\n".join(query["sql"][:200] for query in captured)
    if path in BESIDES:
        assert len(ROW.findall(answer.content.decode())) == rows + BESIDES[path]
