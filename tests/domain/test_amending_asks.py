"""Corrections to whom an ask of a sent letter is about, and to its questions: what is on record of them stays true."""

import datetime as dt

import pytest

from letters.domain import letter_desk, retractions, workflow
from letters.domain.amending import Correction, amend_parts
from letters.domain.amending_asks import QuestionCorrection
from letters.domain.history import acting
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.enums import EventKind
from letters.errors import NotAllowed, StaleVersion
from letters.models import Ask, Letter, Question, Response, Target, Tasking, Topic
from letters.web.item_story import _questions, _targets
from tests import factories
from tests.domain.refusals import refused
from tests.factories import fresh

MAY_10 = dt.date(2023, 5, 10)


@pytest.fixture
def companies(reference) -> list[Target]:
    return [factories.target(f"TEST {name}") for name in ("Alpha", "Beta", "Gamma")]


@pytest.fixture
def about_two(companies) -> Tasking:
    return factories.item(kind_code="sanction", released=True, ask_facts={"targets": companies[:2]})


@pytest.fixture
def of_two(reference) -> Tasking:
    return factories.item(kind_code="written_answers", ask_facts={"questions": ["TEST who?", "TEST where?"]})


def amend(tasking: Tasking, *, by, **fields) -> Letter:
    ask = Ask.objects.select_related("letter").get(pk=tasking.ask_id)
    return amend_parts(ask.letter, by=by, reason="TEST read again", corrections=[Correction(ask, fields)])


def refuses(tasking: Tasking, *, by, **fields) -> dict[str, str]:
    ask = Ask.objects.select_related("letter").get(pk=tasking.ask_id)
    return refused(amend_parts, ask.letter, by=by, reason="TEST", corrections=[Correction(ask, fields)])


def say(tasking: Tasking, choice: str, *, by, **how) -> Response:
    word = Word(fresh(tasking), said=choice, **how)
    return record_reply(by=by, agency=tasking.agency, received_on=MAY_10, words=[word])


def asked(tasking: Tasking) -> list[str]:
    return list(tasking.ask.questions.order_by("number").values_list("text", flat=True))


def kept(tasking: Tasking) -> list[tuple]:
    return list(tasking.ask.letter.amendments.order_by("amended_at", "pk").values_list("field", "before", "after"))


def test_a_company_taken_for_another_is_put_right_and_the_public_is_told(about_two, companies, staff):
    alpha, beta, gamma = companies
    letter = about_two.ask.letter
    after = amend(about_two, by=staff, add_targets=[gamma], remove_targets=[beta])
    assert list(about_two.ask.targets_in_order()) == [alpha, gamma]
    assert kept(about_two) == [("ask 1, whom it is about", "TEST Alpha and TEST Beta", "TEST Alpha and TEST Gamma")]
    assert (after.version, fresh(about_two).version) == (letter.version + 1, about_two.version + 1)
    event = letter.events.get(kind=EventKind.LETTER_AMENDED)
    assert (event.reason, event.by_user) == ("TEST read again", staff)
    assert event.payload["changed"] == ["ask 1, whom it is about"]
    assert event.public_payload["corrected"]["asks"][0]["targets"] == ["test-alpha", "test-gamma"]
    # whoever has the item open is told by whom its row became another
    stale = refused(workflow.lock, about_two, expected_version=about_two.version, error=StaleVersion)
    assert stale["version"].startswith(f"{staff} changed this item")
    assert "letter corrected" in stale["version"]


def test_a_headline_made_of_the_names_follows_them_and_one_that_was_written_stays(companies, staff):
    made = factories.item(kind_code="sanction", ask_facts={"targets": companies[:2], "summary": ""})
    written = factories.item(kind_code="sanction", ask_facts={"targets": companies[:2], "summary": "TEST act"})
    for one in (made, written):
        amend(one, by=staff, add_targets=companies[2:], remove_targets=companies[1:2])
    assert [fresh(one).ask.summary for one in (made, written)] == ["Sanction TEST Alpha and TEST Gamma", "TEST act"]
    headline = ("ask 1, what it asks", "Sanction TEST Alpha and TEST Beta", "Sanction TEST Alpha and TEST Gamma")
    assert headline in kept(made)
    assert len(kept(written)) == 1


def test_a_company_that_was_forgotten_makes_it_one_of_three(about_two, companies, staff):
    alpha, beta, gamma = companies
    say(about_two, "done", by=staff, targets=[alpha])
    assert (fresh(about_two).status, _targets(about_two)["words"]) == ("partly_addressed", "1 of 2 covered by evidence")
    amend(about_two, by=staff, add_targets=[gamma])
    assert (fresh(about_two).status, _targets(about_two)["words"]) == ("partly_addressed", "1 of 3 covered by evidence")
    # done for the other one too, it is still not done for the one that was forgotten
    say(about_two, "done", by=staff, targets=[beta])
    assert fresh(about_two).status == "partly_addressed"
    say(about_two, "done", by=staff, targets=[gamma])
    assert fresh(about_two).status == "implemented"


def test_nothing_is_added_to_what_is_done_before_somebody_opens_it_again(about_two, companies, staff):
    gamma = companies[2]
    say(about_two, "done", by=staff)
    said = (
        f"“{about_two}” is done, and that was said of the ask as it stands. Reopen it with a reason, correct the ask, then "
        "say again what came of it."
    )
    assert refuses(about_two, by=staff, add_targets=[gamma]) == {"add_targets": said}
    workflow.reopen(about_two, by=staff, reason="TEST a company was left out")
    amend(about_two, by=staff, add_targets=[gamma])
    assert (fresh(about_two).status, about_two.ask.targets.count()) == ("awaiting", 3)


def test_a_company_of_which_something_is_said_stays_until_that_is_taken_back(about_two, companies, staff):
    alpha, beta, _ = companies
    response = say(about_two, "done", by=staff, targets=[beta])
    said = f"TEST Beta is covered by the {response} ({about_two}). Read that reply again without it, then take it away here."
    assert refuses(about_two, by=staff, remove_targets=[beta]) == {"remove_targets": said}
    read_reply(response, by=staff, words=[Word(fresh(about_two), said="done", targets=[alpha])])
    amend(about_two, by=staff, remove_targets=[beta])
    assert _targets(about_two)["rows"] == [{"target": alpha, "covered": True}]
    # of evidence that no reply gave likewise
    response = say(about_two, "partly", by=staff, targets=[alpha])
    proof = about_two.evidence.filter(in_error_at=None).latest("added_at")
    retractions.retract_evidence(proof, by=staff, reason="TEST")
    assert (
        "TEST Alpha is covered by"
        in refuses(about_two, by=staff, add_targets=[beta], remove_targets=[alpha])["remove_targets"]
    )


def test_what_cannot_be_of_an_ask_is_refused(about_two, companies, staff, viewer):
    alpha, beta, gamma = companies
    assert refuses(about_two, by=staff, add_targets=[alpha]) == {
        "add_targets": "Ask 1 is about TEST Alpha already. Leave it out."
    }
    assert refuses(about_two, by=staff, remove_targets=[gamma]) == {
        "remove_targets": "Ask 1 is not about TEST Gamma, so there is nothing to take away."
    }
    assert refuses(about_two, by=staff, remove_targets=[alpha, beta]) == {
        "remove_targets": "Sanction (SDN) needs the company, person or program it is about. Name the right one in the same "
        "correction."
    }
    ask = about_two.ask
    change = [Correction(ask, {"add_targets": [gamma]})]
    refused(amend_parts, ask.letter, by=viewer, reason="TEST", corrections=change, error=NotAllowed)
    assert set(refused(amend_parts, ask.letter, by=staff, reason=" ", corrections=change)) == {"reason"}


def test_questions_are_reworded_added_where_they_stand_and_taken_out(of_two, staff):
    who, where = of_two.ask.questions.order_by("number")
    amend(
        of_two, by=staff,
        questions=[
            QuestionCorrection(where, "TEST where exactly?"),
            QuestionCorrection(text="TEST when?", before=where),
            QuestionCorrection(text="TEST why?"),
        ],
    )  # fmt: skip
    assert asked(of_two) == ["TEST who?", "TEST when?", "TEST where exactly?", "TEST why?"]
    assert kept(of_two) == [
        ("ask 1, question 2", "2. TEST where?", "3. TEST where exactly?"),
        ("ask 1, a question left out", "", "2. TEST when?"),
        ("ask 1, a question left out", "", "4. TEST why?"),
    ]
    amend(of_two, by=staff, questions=[QuestionCorrection(who, remove=True)])
    assert asked(of_two) == ["TEST when?", "TEST where exactly?", "TEST why?"]
    assert list(of_two.ask.questions.values_list("number", flat=True)) == [1, 2, 3]
    assert kept(of_two)[-1] == ("ask 1, a question taken out", "1. TEST who?", "")
    assert fresh(of_two).version == of_two.version + 2


def test_with_a_third_question_two_of_two_is_partly(of_two, staff):
    who, where = of_two.ask.questions.order_by("number")
    say(of_two, "answered", by=staff, questions=[who])
    amend(of_two, by=staff, questions=[QuestionCorrection(text="TEST why?")])
    assert (fresh(of_two).status, _questions(of_two)["words"]) == ("partly_addressed", "1 of 3 answered")
    response = say(of_two, "answered", by=staff, questions=[where, Question.objects.get(text="TEST why?")])
    assert (fresh(of_two).status, response.answers.get().coverage) == ("answered", "full")
    refusal = refuses(of_two, by=staff, questions=[QuestionCorrection(text="TEST more?")])
    assert refusal["questions"].startswith(f"“{of_two}” is answered, and that was said of the ask as it stands.")
    # a wrong word in one of them is corrected all the same: it is the same question
    amend(of_two, by=staff, questions=[QuestionCorrection(who, "TEST whom?")])
    assert fresh(of_two).status == "answered"


def test_a_reply_that_is_read_as_full_is_read_again_before_more_is_asked(of_two, staff):
    response = say(of_two, "answered", by=staff, status="awaiting")
    more = [QuestionCorrection(text="TEST more?")]
    assert refuses(of_two, by=staff, questions=more) == {
        "questions": f"The {response} is read as answering “{of_two}” in full. Read it again as answering in part, then come "
        "back."
    }
    read_reply(response, by=staff, words=[Word(fresh(of_two), said="answered", coverage="partial", status="awaiting")])
    amend(of_two, by=staff, questions=more)
    assert (_questions(of_two)["words"], fresh(of_two).answered_on) == ("2 of 3 answered", None)


def test_a_question_that_was_answered_stays_and_one_that_only_a_wrong_reply_answered_goes(of_two, staff):
    who, where = of_two.ask.questions.order_by("number")
    response = say(of_two, "answered", by=staff, questions=[who])
    gone = [QuestionCorrection(who, remove=True)]
    assert refuses(of_two, by=staff, questions=gone) == {
        "questions/0": f"“1. TEST who?” is answered by the {response} ({of_two}). Read that reply again without it, then take "
        "it out here."
    }
    retractions.retract_response(response, by=staff, reason="TEST logged twice")
    with acting(factories.SETUP):
        Question.objects.filter(pk=where.pk).update(parent=who)
    amend(of_two, by=staff, questions=gone)
    assert asked(of_two) == ["TEST where?"]
    left = of_two.ask.questions.get()
    assert (left.pk, left.number, left.parent) == (where.pk, 1, None)


def test_a_question_belongs_to_its_ask(of_two, staff):
    other = factories.item(kind_code="written_answers", ask_facts={"questions": ["TEST other?"]}).ask.questions.get()
    who = of_two.ask.questions.get(number=1)
    said = refuses(
        of_two, by=staff,
        questions=[
            QuestionCorrection(other, "TEST"),
            QuestionCorrection(text=" "),
            QuestionCorrection(who, remove=True),
            QuestionCorrection(text="TEST new?", before=who, key="ask-1-new"),
        ],
    )  # fmt: skip
    assert said == {
        "questions/0": "“1. TEST other?” is no question of ask 1. Look at it again.",
        "questions/1": "A question is missing. Type it as the letter prints it, or leave it out.",
        "ask-1-new": "“1. TEST who?” is taken out. Choose another place.",
    }


def test_topics_are_the_offices_own_filing(about_two, staff, viewer):
    letter = about_two.ask.letter
    with acting(factories.SETUP):
        Topic.objects.create(name="TEST cloud", slug="test-cloud")
    filed = letter_desk.file_under(letter, by=staff, topics=["test CLOUD", "TEST new"], expected_version=letter.version)
    assert sorted(filed.topics.values_list("name", flat=True)) == ["TEST cloud", "TEST new"]
    assert (filed.version, letter.amendments.count()) == (letter.version + 1, 0)
    event = letter.events.get(kind=EventKind.LETTER_AMENDED)
    assert (event.payload["filed_before"], event.payload["filed_under"]) == ([], ["TEST cloud", "TEST new"])
    assert event.public_payload is None
    # the same again is nothing that happened
    assert letter_desk.file_under(filed, by=staff, topics=["TEST new", "TEST cloud"]).version == filed.version
    refused(letter_desk.file_under, letter, by=viewer, topics=[], error=NotAllowed)
    refused(letter_desk.file_under, letter, by=staff, topics=[], expected_version=1, error=StaleVersion)
    assert set(refused(letter_desk.file_under, factories.draft(), by=staff, topics=[])) == {"topics"}
