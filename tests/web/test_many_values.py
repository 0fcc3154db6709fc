"""A filter given many times: as often as the lines of the dashboard lead to, one inside the other."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from letters.domain import drafting, sending
from letters.domain.history import acting
from letters.listing import Listing
from letters.models import Legislator, Tasking, Topic
from tests import factories
from tests.web.test_dashboard import numbers, total_behind

MANY = 7


@pytest.fixture
def values(reference):
    """Two items: one has each of seven companies, topics and leads, the other all but the last of each; and one of none.
    Their values, by filter."""
    targets = [factories.target(f"TEST Quoll {n}") for n in range(MANY)]
    members = list(Legislator.objects.filter(bioguide__in=SENATORS).order_by("bioguide"))
    with acting(factories.SETUP):
        topics = [Topic.objects.create(slug=f"test-{n}", name=f"TEST topic {n}") for n in range(MANY)]
    for most in (MANY, MANY - 1, 0):
        letter = factories.draft(signers=[], topics=topics[:most])
        for member in members[:most]:
            drafting.sign(
                letter, by=factories.SETUP, printed_name=f"TEST {member}", is_lead=True, bioguide=member.bioguide
            )
        if not most:
            drafting.sign(letter, by=factories.SETUP, printed_name="TEST Nobody", propose=False)
        factories.ask(letter, "treasury", targets=targets[:most])
        sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    return {
        "target": [one.slug for one in targets],
        "topic": [one.slug for one in topics],
        "lead": [one.bioguide for one in members],
    }


SENATORS = ("H000601", "T000476", "R000595", "C001095", "S001184", "B001243", "R000584")


def found(query: str) -> int:
    return Listing(QueryDict(query), user=factories.person("viewer")).found.count()


@pytest.mark.parametrize("name", ["target", "topic", "lead"])
def test_each_further_value_narrows_whatever_number_there_is(values, as_viewer, name):
    given = values[name]
    queries = ["&".join(f"{name}={value}" for value in given[:number]) for number in range(1, MANY + 1)]
    assert [found(query) for query in queries] == [2] * (MANY - 1) + [1]
    assert found(f"{name}=-none-") == 1
    assert found(f"{name}=-none-&{queries[0]}") == 0
    page = as_viewer.get(f"/dashboard/?{queries[-2]}")
    assert page.status_code == 200
    links = [(address, number) for address, number in numbers(page) if f"{name}={given[-1]}" in address]
    assert links != []
    for address, number in links[:3]:
        assert (address, total_behind(address, factories.person("viewer"))) == (address, number)
    with CaptureQueriesContext(connection) as one:
        as_viewer.get(f"/?{queries[0]}")
    with CaptureQueriesContext(connection) as all_of_them:
        as_viewer.get(f"/?{queries[-1]}")
    assert len(all_of_them) == len(one)


def test_led_by_a_member_and_by_somebody_who_is_matched_to_none(reference):
    letter = factories.draft(signers=[])
    drafting.sign(letter, by=factories.SETUP, printed_name="TEST Known", is_lead=True, bioguide="H000601")
    drafting.sign(letter, by=factories.SETUP, printed_name="TEST Nobody", is_lead=True, propose=False)
    factories.ask(letter, "treasury")
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    factories.item()
    assert Tasking.objects.open().count() == 2
    assert [Tasking.objects.led_by(*who).count() for who in (
        ["H000601"], ["-unmatched-"], ["H000601", "-unmatched-"], ["-none-"], ["H000601", "-none-"], ["-unmatched-", "-none-"],
    )] == [1, 1, 1, 1, 0, 0]  # fmt: skip
