"""An agency's reply record through the API: the numbers of its page, and of the lists that they count."""

import datetime as dt

import pytest

from letters.domain import extending, sending
from letters.domain.reference_data import keep_agency
from tests.api.shape_checks import check
from tests.factories import SENT_ON, SETUP, agency, ask, draft, item, moved, on, reply

TODAY = (2023, 9, 1)


@pytest.fixture
def asked(reference, settle):
    """Put to Treasury in April: one answered in time, one late, one promised and late, one with more time; and others' work."""
    with on(4, 25):
        first, second, third, fourth = (item(deadline_on=dt.date(2023, 6, 1)), item(), item(), item())
        item(agencies=["state"])
        hidden = item()
        consulted = draft(agencies=["state", "treasury"])
        ask(consulted, "state", consulted=["treasury"])
        sending.send_letter(consulted, by=SETUP, sent_on=SENT_ON)
    with on(5, 10):
        reply(first, received_on=dt.date(2023, 5, 10))
        extending.extend(fourth, by=SETUP, to=dt.date(2023, 7, 1), by_notice=False)
        moved(third, "promised")  # for June 24
    with on(7, 10):
        reply(second, received_on=dt.date(2023, 7, 10))
        moved(second, "declined")
    sending.change_access(hidden.ask.letter, by=SETUP, access="restricted", reason="TEST")
    settle()
    return fourth


def test_the_record_is_what_its_page_counts(asked, office, public, client, staff, django_assert_num_queries):
    path = f"agencies/{agency('treasury').pk}/record/"
    with on(*TODAY[1:]):
        with django_assert_num_queries(6):  # key, agency, the same as a filter, counts, waits, the longest
            answer = office.get(path)
        lists = {
            query: len(office.rows(f"taskings/?agency=treasury&role=lead&{query}"))
            for query in ("answered=in_time&due_basis=letter", "answered=judged&due_basis=letter", "answered=judged&due_basis=promise",
                          "replied=full", "replied=nothing", "acknowledged=in_time", "state=open", "more_time=true", "late_original=true")
        }  # fmt: skip
        narrowed = office.get(f"{path}?due_basis=letter&asked_before=2023-04-25").body
        client.force_login(staff)
        page = " ".join(client.get("/agencies/treasury/record/?ours=all").content.decode().split())
    record = answer.body
    check(record, "AgencyRecord")
    assert (record["agency"]["slug"], record["asked"], record["open"]) == ("treasury", 4, lists["state=open"])
    assert record["answered"]["letter"] == {
        "in_time": lists["answered=in_time&due_basis=letter"],
        "judged": lists["answered=judged&due_basis=letter"],
    }
    assert record["answered"]["promise"] == {"in_time": 0, "judged": lists["answered=judged&due_basis=promise"]}
    assert (record["replied"]["full"], record["replied"]["nothing"]) == (
        lists["replied=full"],
        lists["replied=nothing"],
    )
    assert record["first_word"]["in_time"] == lists["acknowledged=in_time"]
    assert (record["more_time"], record["late_original"]) == (lists["more_time=true"], lists["late_original=true"])
    assert (record["statuses"]["declined"], record["statuses"]["promised"]) == (1, 1)
    assert record["longest_wait"]["days"] == 129
    assert office.get(record["longest_wait"]["url"]).status == 200
    assert (narrowed["asked"], narrowed["answered"]["letter"]["judged"]) == (1, 1)
    assert f">{record['asked']} items</a>" in page
    assert f"half were answered within {record['half_answered_within']} days" in page
    # no key of the public's, and no agency that nobody knows
    assert public.get(path).status == 403
    assert office.get("agencies/00000000-0000-4000-8000-000000000000/record/").status == 404
    assert office.refused(f"{path}?agency=state")[1][0] == "agency"


def test_an_agency_that_nobody_asked_has_an_empty_record(reference, office):
    record = office.get(f"agencies/{agency('state').pk}/record/").body
    check(record, "AgencyRecord")
    assert (record["asked"], record["longest_wait"], record["half_answered_within"]) == (0, None, None)


def test_a_company_that_only_a_draft_names_is_not_there(reference, office):
    company = keep_agency(by=SETUP, slug="test-company", name="TEST Company", short_name="TEST", kind="company")
    draft(agencies=["test-company"])
    for path in ("", "record/", "record/?role=lead"):
        answer = office.get(f"agencies/{company.pk}/{path}")
        assert (answer.status, "test-company" in str(answer.body)) == (404, False)
