"""Replies about some of the companies or questions: what each proved adds up, and what it was only thought to prove does not."""

import datetime as dt

import pytest
from django.utils import timezone

from letters.domain import covering, drafting, news, outcomes, replies, retractions, workflow
from letters.domain.reply_flow import read_reply, record_reply
from letters.domain.reply_steps import Proof, Word
from letters.models import Question, Response, Target, Tasking
from letters.reports import follow_up
from letters.reports.wordings import unanswered
from letters.web import letter_parts
from tests import factories
from tests.domain.refusals import refused
from tests.factories import fresh

MAY_10 = dt.date(2023, 5, 10)


@pytest.fixture
def companies(reference) -> list[Target]:
    return [factories.target() for _ in range(3)]


@pytest.fixture
def tasking(companies) -> Tasking:
    return factories.item(kind_code="sanction", ask_facts={"targets": companies})


def word(tasking: Tasking, choice: str, *targets: Target, **how) -> Word:
    return Word(fresh(tasking), said=choice, targets=targets or None, **how)


def say(tasking: Tasking, choice: str, *targets: Target, by, **how) -> Response:
    return record_reply(by=by, agency=tasking.agency, received_on=MAY_10, words=[word(tasking, choice, *targets, **how)])  # fmt: skip


def proven(tasking: Tasking) -> list[tuple[str, set[Target]]]:
    standing = tasking.evidence.not_in_error().order_by("added_at")
    return [(one.kind, set(one.targets.all())) for one in standing]


def test_what_each_reply_proves_is_kept_until_all_is_done(tasking, companies, staff):
    a, b, c = companies
    say(tasking, "done", a, by=staff)
    listed = Proof("list_entry", citation="TEST SDN 2", seen_on=dt.date(2023, 5, 3))
    say(tasking, "partly", b, by=staff, proof=listed)
    assert fresh(tasking).status == "partly_addressed"
    assert proven(tasking) == [("response", {a}), ("list_entry", {b})]
    say(tasking, "done", c, by=staff)
    assert fresh(tasking).status == "implemented"


def test_what_proves_it_is_kept_of_a_reply_that_came_after_the_end(tasking, companies, staff):
    workflow.close(tasking, to="not_implemented", by=staff, reason="TEST")
    say(tasking, "done", by=staff, proof=Proof("list_entry", citation="TEST SDN 1"))
    assert (fresh(tasking).status, proven(tasking)) == ("not_implemented", [("list_entry", set(companies))])


def test_where_an_item_goes_says_nothing_of_how_much_the_reply_covers(tasking, companies, staff):
    response = say(tasking, "done", companies[0], by=staff, status="partly_addressed")
    assert (response.answers.get().coverage, fresh(tasking).answered_on) == ("partial", None)
    assert proven(tasking) == [("response", {companies[0]})]
    # an end that a person chose is their word that all is covered
    response = say(tasking, "done", companies[0], by=staff, status="implemented")
    assert (response.answers.get().coverage, fresh(tasking).answered_on) == ("full", MAY_10)


def test_a_reply_that_is_read_again_proves_only_what_it_says_now(tasking, companies, staff):
    a, b, c = companies
    first = say(tasking, "done", a, b, by=staff)
    read_reply(first, by=staff, words=[word(tasking, "done", a)])
    assert proven(tasking) == [("response", {a})]
    say(tasking, "done", c, by=staff)
    assert fresh(tasking).status == "partly_addressed"
    # said once more, it is kept once; and nothing of it stands where it says nothing
    before = list(tasking.evidence.values_list("pk", "in_error_at").order_by("pk"))
    read_reply(first, by=staff, words=[word(tasking, "done", a)])
    assert list(tasking.evidence.values_list("pk", "in_error_at").order_by("pk")) == before
    read_reply(first, by=staff, words=[word(tasking, "looking")])
    assert proven(tasking) == [("response", {c})]
    told = tasking.events.filter(kind="evidence_in_error").order_by("sequence").last()
    assert told.reason == "The reply was read anew."


def test_a_reply_read_again_with_the_same_words_leaves_the_evidence_as_it_stands(tasking, companies, staff):
    listed = Proof("list_entry", citation="TEST SDN 2", seen_on=dt.date(2023, 5, 3))
    response = say(tasking, "done", by=staff, proof=listed)
    for again in (word(tasking, "done"), word(tasking, "done", proof=listed)):
        read_reply(response, by=staff, words=[again])
        assert proven(tasking) == [("list_entry", set(companies))]


def test_evidence_that_a_person_gave_stays_when_the_reply_is_read_again_with_the_same_words(tasking, staff):
    response = say(tasking, "partly", by=staff)  # of which companies, nobody said: it proves none
    replies.add_evidence(fresh(tasking), by=staff, kind="response", response=response)
    read_reply(response, by=staff, words=[word(tasking, "partly")])
    assert proven(tasking) == [("response", set())]
    workflow.close(fresh(tasking), to="implemented", by=staff)
    read_reply(response, by=staff, words=[word(tasking, "partly")])
    assert (fresh(tasking).status, proven(tasking)) == ("implemented", [("response", set())])


def test_what_is_done_keeps_the_reply_that_proves_it(tasking, companies, staff):
    response = say(tasking, "done", by=staff)
    alone = f"{tasking}: “{tasking}” is done on this reply alone, as it was read before. Reopen it with a reason, then read it anew."
    for again in (word(tasking, "looking"), word(tasking, "done", companies[0])):
        assert refused(read_reply, response, by=staff, words=[again]) == {f"{tasking.pk}.said": alone}
    assert proven(tasking) == [("response", set(companies))]
    workflow.reopen(fresh(tasking), by=staff, reason="TEST misread")
    read_reply(response, by=staff, words=[word(tasking, "looking")])
    assert (fresh(tasking).status, proven(tasking)) == ("considering", [])


def test_questions_answered_before_an_item_was_asked_again_count_no_more(reference, staff):
    letter = factories.draft()
    ask = factories.ask(letter, "treasury", kind_code="written_answers", questions=["TEST 1?", "TEST 2?"])
    factories.sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)
    tasking = Tasking.objects.get(ask=ask)
    first: Question = ask.questions.first()
    say(tasking, "answered", by=staff)
    assert letter_parts.questions_of(letter)[ask.pk]["words"] == "2 of 2 questions answered"
    workflow.reopen(fresh(tasking), by=staff, reason="TEST brushed off")
    assert letter_parts.questions_of(letter)[ask.pk]["words"] == "2 questions"
    say(tasking, "answered", by=staff, questions=[first])
    assert (fresh(tasking).status, fresh(tasking).answered_on) == ("partly_addressed", None)
    # item, letter and follow-up tell the same
    assert letter_parts.questions_of(letter)[ask.pk]["words"] == "1 of 2 questions answered"
    assert set(covering.answered_questions(tasking).values_list("question", flat=True)) == {first.pk}
    open_now = follow_up.open_at(tasking.agency, staff).get()
    assert unanswered(open_now) == ("Of the 2 questions, 1 was answered; this one remains:", ["2. TEST 2?"])


def test_that_it_came_says_nothing_of_an_item_whatever_the_reply_says_of_others(reference, staff):
    one, other = factories.item(), factories.item()
    record_reply(
        by=staff, agency=one.agency, received_on=MAY_10, words=[word(one, "answered"), word(other, "received")]
    )
    says = {name: set(Tasking.objects.filter(outcomes.replied_condition(name))) for name in outcomes.REPLIED}
    assert (says["evades"], says["nothing"], says["unread"]) == (set(), {other}, set())


def test_a_promise_that_was_a_mistake_is_no_news(reference, staff):
    tasking, since = factories.item(), timezone.now()
    mistaken = say(tasking, "promised", by=staff, promised_on=dt.date(2099, 8, 1))
    assert news.changed(Tasking.objects.all(), since, staff)["promised"] == 1
    retractions.retract_response(mistaken, by=staff, reason="TEST")
    assert news.changed(Tasking.objects.all(), since, staff)["promised"] == 0


def test_whom_a_person_names_signs_with_state_and_party_as_of_the_letter(reference, staff):
    signer = drafting.sign(factories.draft(), by=staff, printed_name="TEST Bill", bioguide="H000601")
    assert (signer.state, signer.party) == ("TN", "Republican")
