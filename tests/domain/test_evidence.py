"""What proves an outcome: where it says so, and which companies it covers."""

import datetime as dt

import pytest

from letters.domain import replies, retractions, workflow
from letters.models import Response, Tasking
from letters.web.forms import StatusForm
from tests import factories
from tests.domain.refusals import refused

RECEIVED = dt.date(2023, 5, 2)


@pytest.fixture
def tasking(reference) -> Tasking:
    return factories.item()


def test_evidence_is_kept_with_the_companies_it_covers(seed, staff):
    tasking = Tasking.objects.get(ask__letter=seed, ask__number=5, agency__slug="treasury")
    baidu = tasking.ask.targets.get(slug="baidu-cloud")
    made = replies.add_evidence(
        tasking, by=staff, kind="url", url=" https://example.org/list ", seen_on=RECEIVED, targets=[baidu]
    )
    made.refresh_from_db()
    assert (made.url, made.seen_on, list(made.targets.all())) == ("https://example.org/list", RECEIVED, [baidu])
    event = tasking.events.get(kind="evidence_added")
    assert (event.by_user, event.payload["targets"], event.payload["url"], event.payload["seen_on"]) == (
        staff,
        ["baidu-cloud"],
        "https://example.org/list",
        "2023-05-02",
    )


def test_a_reply_we_hold_is_evidence(tasking, staff):
    response = factories.reply(tasking)
    assert replies.add_evidence(tasking, by=staff, kind="response", response=response).response == response


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"kind": "rumor"}, {"evidence": "Kind of evidence: “rumor” is not one of response, federal_register, list_entry, url."}),
        (
            {"kind": "list_entry", "citation": " "},
            {
                "citation": "The citation is missing. Give it as printed, for example “85 FR 51596” "
                "or the list and entry number."
            },
        ),
        (
            {"kind": "url"},
            {
                "url": "The address of the page is missing. Paste it from the browser.",
                "seen_on": "The day it was seen is missing. Pages change: enter the day it said so.",
            },
        ),
        (
            {"kind": "url", "url": "javascript:alert(1)", "seen_on": RECEIVED},
            {
                "url": "The address of the page: “javascript:alert(1)” is not a web address. "
                "Paste it from the browser; it begins with https://."
            },
        ),
        ({"kind": "response"}, {"response": "Which reply proves it? Choose one recorded for this item."}),
    ],
)  # fmt: skip
def test_evidence_that_says_not_where_is_refused(tasking, staff, how, told):
    assert refused(replies.add_evidence, tasking, by=staff, **how) == told


def test_evidence_of_the_future_another_company_or_another_items_reply_is_refused(tasking, staff):
    citation = {"kind": "federal_register", "citation": "TEST"}
    assert list(refused(replies.add_evidence, tasking, by=staff, **citation, seen_on=dt.date(9999, 1, 1))) == [
        "seen_on"
    ]
    assert list(refused(replies.add_evidence, tasking, by=staff, **citation, targets=[factories.target()])) == [
        "targets"
    ]
    other = factories.reply(factories.item())
    assert refused(replies.add_evidence, tasking, by=staff, kind="response", response=other) == {
        "response": "That reply is about other items. Choose one recorded for this item."
    }


def test_a_reply_that_never_came_proves_nothing(tasking, staff):
    reply = factories.reply(tasking)
    held = Response.objects.get(pk=reply.pk)  # as a form had it before
    retractions.retract_response(reply, by=staff, reason="TEST never came")
    assert refused(replies.add_evidence, tasking, by=staff, kind="response", response=held) == {
        "response": "That reply was entered in error, so it proves nothing. Choose another."
    }
    assert "response" not in StatusForm(tasking=tasking, to="implemented", by=staff).fields


def test_a_done_item_rests_on_its_evidence_and_reopens(seed, staff):
    tasking = Tasking.objects.get(ask__letter=seed, ask__number=4, role="lead")
    factories.evidence(tasking, by=staff)
    done = workflow.transition(tasking, to="implemented", by=staff)
    assert (done.status, done.public_status) == ("implemented", "awaiting")
    again = workflow.reopen(done, by=staff, reason="TEST")
    assert again.status == "awaiting"
    # what is there is no more than old: adding it once more is not the only way out
    assert refused(lambda: workflow.transition(again, to="implemented", by=staff)) == {
        "evidence": "“done” needs evidence: a citation, a list entry, a page, or a reply we hold. What is there is from before it was "
        "asked again: look at it again and say that it still proves it, or add other evidence."
    }
