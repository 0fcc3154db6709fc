"""Type-ahead over HTTP: for who is signed in, as JSON, and calm about whatever is typed."""

import pytest
from django.test import Client

from letters.domain import sending
from letters.enums import Access
from tests import factories

KINDS = ["legislators", "agencies", "officials", "targets"]


@pytest.mark.parametrize("kind", KINDS)
def test_only_who_is_signed_in_is_told(reference, kind):
    answer = Client().get(f"/suggest/{kind}/?q=a")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/accounts/login/")


def test_the_answer_is_what_a_list_shows(as_viewer, seed):
    answer = as_viewer.get("/suggest/legislators/?q=hagerty&on=2023-04-25")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["results"][0] == {"id": "H000601", "label": "Bill Hagerty", "detail": "Republican, TN, Senate"}
    assert as_viewer.get("/suggest/targets/?q=baidu+cl").json() == {
        "results": [
            {"id": "baidu-cloud", "label": "Baidu Cloud", "detail": "part of Baidu"},
            {"id": "baidu", "label": "Baidu", "detail": ""},
        ]
    }


def test_an_official_brings_title_and_agency_for_the_fields_beside_it(as_staff, reference):
    (found,) = as_staff.get("/suggest/officials/?q=yellen").json()["results"]
    found.pop("id")
    assert found == {
        "label": "Janet Yellen",
        "detail": "Secretary of the Treasury, Treasury",
        "fill": {"printed_title": "Secretary of the Treasury", "agency": "Treasury"},
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "query", ["", "q=", "q=zzqx&on=x", "q=%3F&on=0000-00-00&agency=%F0%9F%98%80", "q=" + "x" * 5000]
)
def test_bad_input_finds_nothing_and_fails_nowhere(as_viewer, reference, kind, query):
    assert as_viewer.get(f"/suggest/{kind}/?{query}").json() == {"results": []}


def test_a_restricted_letters_company_is_suggested_to_nobody_else(as_staff, seed, manager):
    letter = factories.sent(ask_facts={"targets": [factories.target("TEST Quagga Co")]})
    sending.change_access(letter, by=factories.SETUP, access=Access.RESTRICTED)
    assert as_staff.get("/suggest/targets/?q=quagga").json() == {"results": []}
    client = Client()
    client.force_login(manager)
    assert [one["id"] for one in client.get("/suggest/targets/?q=quagga").json()["results"]] == ["test-quagga-co"]
