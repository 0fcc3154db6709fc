"""Whose word it is that a brief, a hand-over or a follow-up tells: one rule, by the reply that says so (reports/speakers.py)."""

import datetime as dt

import pytest
import time_machine

from letters.domain import extending, items, renewals, replies, retractions, workflow
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.models import Official, Tasking
from letters.reports import follow_up
from letters.reports.brief_facts import house_of
from tests import factories
from tests.web.test_brief import TODAY, of_docx, of_page, of_pdf
from tests.web.test_hand_over import put_to

JUNE_10, AUGUST_1, SEPTEMBER_1 = dt.date(2023, 6, 10), dt.date(2023, 8, 1), dt.date(2023, 9, 1)


@pytest.fixture(autouse=True)
def _day(settings, tmp_path):
    settings.DOCUMENTS_ROOT = tmp_path / "documents"
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def told(staff):
    """What the brief of this agency says, ours or the one to hand over."""
    client = factories.client(staff)

    def brief(slug: str, version: str = "theirs", **query) -> dict:
        page = client.get(f"/agencies/{slug}/brief/", {"version": version, **query})
        return page.context["brief"].data()

    return brief


def asks_of(brief: dict) -> list[dict]:
    return [one for letter in brief["letters"] for one in letter["asks"]]


def only(brief: dict) -> dict:
    (one,) = asks_of(brief)
    return one


def asked_in(brief: dict) -> str:
    return only(brief)["inside"]["question"]


def waited(slug: str, staff) -> str:
    """What a follow-up to this agency says of its one open item."""
    return followed_up(slug, staff).waited


def followed_up(slug: str, staff) -> follow_up.Asked:
    """All that a follow-up to this agency says of its one open item."""
    (one,) = follow_up.open_at(factories.agency(slug), staff)
    return follow_up._asked(one, 1, TODAY.date(), house_of(one.agency))


def says(item: Tasking, day: tuple[int, int], *, by, agency: str = "", **word):
    """A reply of that day says this of the item; recorded on the day it came."""
    with factories.on(*day):
        whose = factories.agency(agency) if agency else item.agency
        word = Word(factories.fresh(item), **word)
        return record_reply(by=by, agency=whose, received_on=dt.date(2023, *day), words=[word])


# --- who was asked


def passed(staff, *, to: str = "commerce") -> Tasking:
    with factories.on(4, 26):
        one = factories.item(deadline_on=dt.date(2023, 5, 15), subject="TEST subject")
    with factories.on(5, 20):
        again = factories.sent(sent_on=dt.date(2023, 5, 20), deadline_on=dt.date(2023, 6, 15))
        renewals.renew(one, by=staff, letter=again)
        Tasking.objects.get(ask__letter=again)  # its own item stays with Treasury
    with factories.on(6, 1):
        return workflow.transfer(
            factories.fresh(one), to_agency=factories.agency(to), by=staff, reason="TEST not ours to do"
        )


def test_who_got_it_by_being_passed_on_is_told_so_and_not_that_we_asked_them(reference, staff, told):
    passed(staff)
    (letter,) = told("commerce")["letters"]
    assert letter["heading"] == "Our letter of April 25, 2023: “TEST subject”"
    assert (letter["asks"][0]["asked"], letter["asks"][0]["date"]) == (
        "Asked of another agency on April 25, 2023; passed on to you on June 1, 2023, 32 days ago.", "",
    )  # fmt: skip
    ours = only(told("commerce", "ours"))
    assert ours["asked"] == (
        "Asked of Treasury on April 25, 2023, 69 days ago; passed on to Commerce on June 1, 2023; repeated once, last on May 20, 2023."
    )
    assert waited("commerce", staff) == (
        "Asked of another agency on April 25, 2023; passed on to you on June 1, 2023, 32 days ago."
    )
    page = factories.client(staff).get("/follow-ups/new/?agency=commerce")
    assert "Our letter of April 25, 2023, “TEST subject”" in page.context["text"]
    assert "your department" not in page.context["text"]
    again = factories.client(staff).get("/follow-ups/new/?agency=commerce&why=again")
    assert again.context["form"]["opening"].value().startswith("Our letter of April 25, 2023 came to your office. ")


def test_whom_a_letter_asked_since_was_asked_though_the_first_was_passed_on(reference, staff, told):
    one = passed(staff)
    with factories.on(6, 5):
        again = factories.sent(sent_on=dt.date(2023, 6, 5), agencies=["commerce"], deadline_on=dt.date(2023, 6, 20))
        (own,) = Tasking.objects.filter(ask__letter=again)
        renewals.renew(one, by=staff, letter=again, instead_of=own)
    found = only(told("commerce"))
    assert found["asked"].endswith("passed on to you on June 1, 2023, 32 days ago. Asked again on June 5, 2023.")
    assert found["date"] == "We asked for a reply by June 20, 2023, 13 days ago."


def test_no_date_of_a_letter_to_others_is_told_because_a_later_one_asked_them_too(reference, staff, told):
    one = passed(staff)
    with factories.on(6, 5):
        # receipt was not noted: it sets no date yet, and the one of May 20 to Treasury stands
        again = factories.sent(
            sent_on=dt.date(2023, 6, 5), agencies=["commerce"], term_days=10, term_unit="calendar", term_from="receipt"
        )
        (own,) = Tasking.objects.filter(ask__letter=again)
        renewals.renew(one, by=staff, letter=again, instead_of=own)
    assert factories.fresh(one).due_on == dt.date(2023, 6, 15)
    found = only(told("commerce"))
    assert found["asked"].endswith("passed on to you on June 1, 2023, 32 days ago. Asked again on June 5, 2023.")
    assert found["date"] == ""
    assert waited("commerce", staff).endswith("Asked again on June 5, 2023.")


def test_what_is_passed_on_within_a_house_or_back_is_told_by_name_or_as_asked(reference, staff, told):
    one = passed(staff, to="ofac")
    assert only(told("ofac"))["asked"].startswith(
        "Asked of Treasury on April 25, 2023; passed on to you on June 1, 2023"
    )
    with factories.on(6, 3):
        treasury = factories.agency("treasury")
        workflow.transfer(factories.fresh(one), to_agency=treasury, by=staff, reason="TEST back")
    first, _ = asks_of(told("treasury"))
    assert first["asked"].startswith("Asked on April 25, 2023, 69 days ago.")


def test_who_was_asked_too_and_has_what_was_passed_on_with_its_own_was_asked(reference, staff, told):
    with factories.on(4, 26):
        letter = factories.sent(agencies=["treasury", "commerce"], deadline_on=dt.date(2023, 5, 15))
    with factories.on(6, 1):
        one = Tasking.objects.get(ask__letter=letter, agency__slug="treasury")
        workflow.transfer(one, to_agency=factories.agency("commerce"), by=staff, reason="TEST")
    found = only(told("commerce"))
    assert (found["asked"], found["date"]) == (
        "Asked on April 25, 2023, 69 days ago.", "We asked for a reply by May 15, 2023, 49 days ago.",
    )  # fmt: skip


# --- whose letter set the date


def repeated(one: Tasking, day: tuple[int, int], *, by, **facts) -> None:
    """A later letter to Treasury repeats the item in the stead of its own."""
    with factories.on(*day):
        again = factories.sent(sent_on=dt.date(2023, *day), **facts)
        (own,) = Tasking.objects.filter(ask__letter=again)
        renewals.renew(factories.fresh(one), by=by, letter=again, instead_of=own)


def test_a_date_is_told_as_that_of_the_letter_which_set_it(reference, staff, told):
    """Of others' letter that says no day our own follow-up sets one; and the other way round."""
    others, ours = {"our_role": "followed"}, {}
    with factories.on(4, 26):
        theirs_first, ours_first = factories.item(**others, subject="TEST 1"), factories.item(subject="TEST 2")
    for first, facts, says in [
        (theirs_first, ours, "We asked for a reply by June 20, 2023, 13 days ago."),
        (ours_first, others, "A letter of June 5, 2023, which we follow, asked for a reply by June 20, 2023, 13 days ago."),
    ]:  # fmt: skip
        repeated(first, (6, 5), by=staff, deadline_on=dt.date(2023, 6, 20), **facts)
        repeated(first, (6, 9), by=staff)  # which says no day, and takes none away
        (found,) = follow_up.open_at(first.agency, staff).filter(pk=first.pk)
        assert follow_up._asked(found, 1, TODAY.date(), house_of(first.agency)).waited.endswith(
            f"Asked again on June 5, 2023 and June 9, 2023. {says}"
        )
        assert [one["date"] for one in asks_of(told("treasury"))].count(says) == 1


def test_a_term_is_told_as_that_of_the_last_letter_that_set_one(reference, staff, told):
    with factories.on(4, 26):
        one = factories.item(our_role="followed", deadline_on=dt.date(2023, 5, 15))
    says = "The letter asked for a reply by May 15, 2023, 49 days ago."
    # receipt of it was never noted: it sets no date yet
    repeated(one, (6, 5), by=staff, term_days=10, term_unit="calendar", term_from="receipt")
    assert (only(told("treasury"))["date"], waited("treasury", staff)[-len(says) :]) == (says, says)
    repeated(one, (6, 9), by=staff, term_days=10, term_unit="calendar", term_from="letter_date")
    assert only(told("treasury"))["date"] == "We asked for a reply by June 19, 2023, 14 days ago."


def test_a_follow_up_tells_no_date_of_a_letter_that_not_all_of_its_readers_may_know_of(reference, staff, manager):
    with factories.on(4, 26):
        one = factories.item(our_role="followed")
    repeated(one, (6, 5), by=staff, deadline_on=dt.date(2023, 6, 20), access="restricted", staff=[staff])
    for writer in (staff, manager, factories.user("staff", "other")):
        assert waited("treasury", writer) == "Asked on April 25, 2023, 69 days ago."


# --- more time


def test_more_time_that_they_said_they_need_is_not_told_as_agreed(reference, staff, told):
    with factories.on(5, 2):
        one = factories.item(deadline_on=dt.date(2023, 5, 15))
        extending.extend(one, by=staff, to=AUGUST_1, by_notice=True)
    for said in (only(told("treasury"))["date"], waited("treasury", staff)):
        assert said.endswith("We were told that more time is needed, to August 1, 2023.")
    with factories.on(5, 3):
        extending.take_back_extension(factories.fresh(one), by=staff, reason="TEST")
        extending.extend(factories.fresh(one), by=staff, to=AUGUST_1, by_notice=False)
    for said in (only(told("treasury"))["date"], waited("treasury", staff)):
        assert said.endswith("We agreed to more time, to August 1, 2023.")


def test_more_time_that_a_bureau_asked_for_is_its_own_word(reference, staff, told):
    with factories.on(5, 2):
        for slug in ("president", "treasury"):
            one = put_to(slug, acting="ofac", summary=f"TEST {slug}")
            reply = factories.reply(
                one, agency=factories.agency("ofac"), kind="interim", coverage="evades", received_on=dt.date(2023, 5, 1)
            )
            extending.extend(factories.fresh(one), by=staff, to=AUGUST_1, by_notice=True, response=reply)
    assert only(told("president"))["date"] == ""
    assert only(told("treasury"))["date"] == "OFAC told us that it needs time to August 1, 2023."
    assert only(told("ofac"))["date"] == "You told us that you need time to August 1, 2023."
    assert waited("president", staff) == "Asked on April 25, 2023, 69 days ago."
    assert waited("treasury", staff).endswith("OFAC told us that it needs time to August 1, 2023.")


# --- ends


def closed_words(brief: dict) -> list[tuple[str, str]]:
    return [(one["words"], one["outcome"]) for one in brief["closed"]]


def test_an_end_is_theirs_whose_reply_made_it_whoever_wrote_later(reference, staff, told):
    with factories.on(4, 30):
        refused, answered = (
            put_to("president", acting="ofac", summary=f"TEST {one}") for one in ("refused", "answered")
        )
    says(refused, (5, 1), by=staff, agency="ofac", said="refused", status="declined")
    says(answered, (5, 1), by=staff, said="answered", status="answered")
    says(refused, (6, 1), by=staff, said="no_position")
    says(answered, (6, 1), by=staff, agency="ofac", said="partly")
    assert closed_words(told("president")) == [("TEST answered", "answered (done), May 1, 2023")]


def test_an_end_chosen_by_hand_is_theirs_whose_words_fit_it_and_nobody_s_where_several_do(reference, staff, told):
    with factories.on(4, 30):
        ours, both, of_ofac, partly = (
            put_to("president", acting="ofac", summary=f"TEST {one}") for one in ("own", "both", "ofac", "partly")
        )
    ofac, day = factories.agency("ofac"), dt.date(2023, 5, 1)
    with factories.on(5, 2):
        factories.reply(ours, received_on=day)
        factories.reply(ours, agency=ofac, coverage="partial", received_on=day)
        factories.reply(both, received_on=day)
        factories.reply(both, agency=ofac, received_on=day)
        factories.reply(of_ofac, agency=ofac, received_on=day)
        factories.reply(of_ofac, coverage="partial", received_on=day)
        factories.reply(partly, coverage="partial", received_on=day)
        for one in (ours, both, of_ofac, partly):
            workflow.transition(factories.fresh(one), to="answered", by=staff, reason="TEST")
    assert {words for words, _ in closed_words(told("president"))} == {"TEST own", "TEST partly"}


def test_what_was_read_before_it_was_asked_again_ends_nothing(reference, staff, told):
    with factories.on(4, 30):
        one = put_to("president", acting="ofac", summary="TEST again")
    with factories.on(5, 2):
        factories.reply(one, received_on=dt.date(2023, 5, 1))
        workflow.transition(factories.fresh(one), to="answered", by=staff, reason="TEST")
    with factories.on(5, 9):
        workflow.reopen(factories.fresh(one), by=staff, reason="TEST")
    with factories.on(5, 20):
        # of an earlier day, and found late: the other one counts no more, though it came after it
        factories.reply(one, agency=factories.agency("ofac"), received_on=dt.date(2023, 4, 28))
        workflow.transition(factories.fresh(one), to="answered", by=staff, reason="TEST")
    assert closed_words(told("president")) == []


# --- promises


def test_a_promise_read_anew_with_another_day_is_one_promise(reference, staff, told):
    with factories.on(4, 26):
        one = factories.item()
    reply = says(one, (5, 2), by=staff, said="promised", promised_on=dt.date(2023, 6, 1))
    with factories.on(5, 3):
        read_reply(reply, by=staff, words=[Word(factories.fresh(one), said="promised", promised_on=JUNE_10)])
    for version in ("ours", "theirs"):
        (promise,) = told("treasury", version)["promises"]
        assert promise["promised"] == "promised for June 10, 2023"
    # another day that they did name, later, is another promise
    says(one, (5, 9), by=staff, said="promised", promised_on=dt.date(2023, 6, 20))
    (promise,) = told("treasury", "ours")["promises"]
    assert promise["promised"] == "promised for June 20, 2023, before that for June 10, 2023"


def test_the_day_that_counts_is_theirs_who_named_it_and_of_a_call_nobody_s_by_name(reference, staff, told):
    with factories.on(4, 30):
        one = put_to("president", acting="ofac", summary="TEST")
    says(one, (5, 1), by=staff, agency="ofac", said="promised", promised_on=dt.date(2023, 6, 1))
    assert told("president")["promises"] == []
    assert asked_in(told("president", "ours")).startswith("OFAC told us to expect this by June 1, 2023. ")
    assert waited("president", staff) == "Asked on April 25, 2023, 69 days ago."
    with factories.on(5, 20):
        items.move_promise(factories.fresh(one), by=staff, to=SEPTEMBER_1)
    assert waited("president", staff).endswith("We were told to expect it by September 1, 2023.")
    assert only(told("president"))["date"] == "We were told to expect it by September 1, 2023."
    # what OFAC named before is still not the President's to hear
    assert [one["promised"] for one in told("president")["promises"]] == ["promised for September 1, 2023"]
    assert (
        asked_in(told("president", "ours")) == "We were told to expect this by September 1, 2023. Does that date hold?"
    )


def test_of_a_house_the_bureau_is_named_only_for_the_day_it_named(reference, staff, told):
    with factories.on(4, 30):
        one = put_to("treasury", acting="ofac", summary="TEST")
    says(one, (5, 1), by=staff, agency="ofac", said="promised", promised_on=dt.date(2023, 6, 1))
    for version in ("ours", "theirs"):
        assert [one["promised"] for one in told("treasury", version)["promises"]] == [
            "promised by OFAC for June 1, 2023"
        ]
    with factories.on(5, 20):
        items.move_promise(factories.fresh(one), by=staff, to=SEPTEMBER_1)
    (promise,) = told("treasury")["promises"]
    assert promise["promised"] == "promised for September 1, 2023, before that for June 1, 2023"


def test_of_two_replies_of_one_day_the_day_and_who_named_it_are_of_the_same(reference, staff, told):
    with factories.on(4, 30):
        one = put_to("treasury", acting="ofac", summary="TEST")
    with factories.on(5, 1):
        unread = factories.reply(one, coverage=None, received_on=dt.date(2023, 5, 1))
        record_reply(
            by=staff, agency=factories.agency("ofac"), received_on=dt.date(2023, 5, 1),
            words=[Word(factories.fresh(one), said="promised", promised_on=JUNE_10)],
        )  # fmt: skip
    with factories.on(5, 2):
        read_reply(unread, by=staff, words=[Word(factories.fresh(one), said="promised", promised_on=AUGUST_1)])
    assert factories.fresh(one).promised_on == AUGUST_1
    assert only(told("treasury"))["date"] == "You told us to expect it by August 1, 2023."


# --- what waits on us


def test_a_question_of_theirs_is_that_of_the_reply_that_stopped_the_clock(reference, staff, told):
    with factories.on(4, 30):
        one = put_to("commerce", acting="bis", summary="TEST")
    reply = says(one, (5, 1), by=staff, agency="bis", said="needs_us")
    assert only(told("commerce"))["date"] == "This one waits on us: BIS asked something of us."
    with factories.on(5, 10):
        workflow.transition(factories.fresh(one), to="considering", by=staff)
    with factories.on(6, 10):
        workflow.transition(factories.fresh(one), to="clarification", by=staff)
    assert only(told("commerce"))["date"] == "This one waits on us: something was asked of us."
    retractions.retract_response(reply, by=staff, reason="TEST")
    assert only(told("commerce"))["date"] == "This one waits on us: something was asked of us."


# --- what is said where little is known


def test_a_hand_over_says_what_its_list_has_and_not_what_is_open(reference, staff, told):
    with factories.on(5, 2):
        factories.item(access="restricted", staff=[staff])
    assert told("treasury")["nothing"] == "This list has no open request."
    with factories.on(5, 2):
        factories.item()
    assert told("treasury")["summary"] == "This list has 1 request of 1 letter."


def test_no_reply_of_theirs_is_not_no_reply(reference, staff, monkeypatch):
    with factories.on(5, 2):
        one = put_to("treasury", acting="bis", summary="TEST")
        factories.reply(one, agency=factories.agency("bis"), kind="interim", coverage="evades")
    client = factories.client(staff)
    query = "?version=theirs"
    for text in (of_page(client, query), of_docx(client, query), of_pdf(client, monkeypatch, query)):
        assert "We have recorded no reply of yours." in text


ASKS_TWO = {"kind_code": "written_answers", "questions": ["TEST first?", "TEST second?"]}


@pytest.mark.parametrize(
    ("slug", "of_ofac"),
    [("treasury", ["Interim reply of OFAC received May 2, 2023: “TEST quagga”"]), ("president", [])],
)
def test_a_follow_up_says_whose_reply_it_was_and_of_another_house_s_nothing(reference, staff, slug, of_ofac):
    with factories.on(5, 2):
        one = put_to(slug, acting="ofac", ask_facts=ASKS_TWO)
        for day, whose in enumerate((slug, "ofac"), 1):
            bearing = replies.Bearing(
                one, coverage="partial", quote="TEST quagga" if whose == "ofac" else "",
                questions=tuple(one.ask.questions.all())[:1] if whose == "ofac" else (),
            )  # fmt: skip
            replies.record_response(
                by=staff, agency=factories.agency(whose), kind="interim", channel="letter", received_on=dt.date(2023, 5, day),
                text="TEST", bearings=[bearing],
            )  # fmt: skip
            items.log_contact(
                by=staff, agency=factories.agency(whose), taskings=[one], channel="call", outcome="TEST", on=dt.date(2023, 5, day)
            )  # fmt: skip
    said = followed_up(slug, staff)
    assert said.heard == ["Interim reply received May 1, 2023.", *of_ofac]
    assert said.questions == ["2. TEST second?"] if of_ofac else ["1. TEST first?", "2. TEST second?"]
    text = factories.client(staff).get(f"/follow-ups/new/?agency={slug}").context["text"]
    assert (text.count("We called about this"), "OFAC" in text, "quagga" in text) == (
        1 + len(of_ofac), bool(of_ofac), bool(of_ofac),
    )  # fmt: skip


def test_where_another_house_alone_wrote_a_follow_up_speaks_of_no_reply_of_theirs(reference, staff):
    with factories.on(5, 2):
        one = put_to("president", acting="ofac", summary="TEST")
    says(one, (5, 2), by=staff, agency="ofac", said="looking")
    with factories.on(5, 3):
        factories.reply(factories.fresh(one), agency=factories.agency("ofac"), coverage=None)
    assert followed_up("president", staff).heard == ["We have recorded no reply of yours."]
    # for us it is a reply all the same, and nobody is chased for one that was not read
    (one,) = follow_up.open_at(factories.agency("president"), staff)
    assert follow_up.not_owed_now(one, TODAY.date()) == "a reply came that nobody has read yet"


# --- what to ask


def test_what_was_answered_and_asked_again_is_not_asked_as_if_nobody_had_written(reference, staff, told):
    with factories.on(4, 26):
        one = factories.item(kind_code="sanction", ask_facts={"targets": [factories.target()]})
    with factories.on(5, 2):
        factories.reply(one, coverage="partial", received_on=dt.date(2023, 5, 1))
        workflow.transition(factories.moved(one, "implemented"), to="awaiting", by=staff, reason="TEST")
    asked = "We have your reply of May 1, 2023 and have asked again. What has changed since, and when may we expect an answer?"
    assert asked_in(told("treasury", "ours")) == asked


def test_who_took_no_position_and_was_asked_again_is_not_said_to_look_into_it(reference, staff, told):
    with factories.on(4, 26):
        one = factories.item()
    says(one, (5, 2), by=staff, said="no_position")
    asked = "You have taken no position on this. What would be needed to take one, and by when?"
    assert asked_in(told("treasury", "ours")) == asked
    with factories.on(6, 1):
        renewals.renew(
            factories.fresh(one), by=staff, letter=factories.sent(sent_on=dt.date(2023, 6, 1), agencies=["state"])
        )
    assert (factories.fresh(one).review_on, factories.fresh(one).status) == (None, "considering")
    assert asked_in(told("treasury", "ours")) == asked
    # a person heard since that they do
    with factories.on(6, 2):
        workflow.transition(factories.fresh(one), to="acknowledged", by=staff)
        workflow.transition(factories.fresh(one), to="considering", by=staff)
    assert asked_in(told("treasury", "ours")).startswith("We were told of work on this. ")


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("received", "OFAC has our letter. Has anybody been assigned"),
        ("looking", "OFAC is looking into this. What has been found"),
        ("no_position", "OFAC has taken no position on this. What would"),
    ],
)
def test_a_question_of_ours_says_you_to_nobody_for_another_s_word(reference, staff, told, said, question):
    with factories.on(4, 30):
        one = put_to("president", acting="ofac", summary="TEST")
    says(one, (5, 1), by=staff, agency="ofac", said=said)
    assert asked_in(told("president", "ours")).startswith(question)
    assert asked_in(told("ofac", "ours")).startswith("You ")


def test_a_full_reply_of_another_is_not_called_theirs(reference, staff, told):
    with factories.on(4, 30):
        one = put_to("president", acting="ofac", summary="TEST")
    with factories.on(5, 1):
        factories.reply(one, agency=factories.agency("ofac"), received_on=dt.date(2023, 5, 1))
    assert asked_in(told("president", "ours")).startswith("We have OFAC’s reply of May 1, 2023. ")
    assert asked_in(told("ofac", "ours")).startswith("We have your reply of May 1, 2023. ")


# --- promises of what was asked again


def test_a_promise_that_was_kept_before_we_asked_again_is_told_as_kept(reference, staff, told):
    with factories.on(4, 26):
        kept, refused = (factories.item(ask_facts={"summary": f"TEST {one}"}) for one in ("kept", "refused"))
    for one in (kept, refused):
        says(one, (5, 2), by=staff, said="promised", promised_on=JUNE_10)
    with factories.on(6, 8):
        factories.moved(kept, "implemented")
    says(refused, (6, 12), by=staff, said="refused", status="declined")
    with factories.on(6, 20):
        for one in (kept, refused):
            workflow.reopen(factories.fresh(one), by=staff, reason="TEST")
    outcomes = {
        version: {one["words"].removeprefix("Treasury: "): one["kept"] for one in told("treasury", version)["promises"]}
        for version in ("ours", "theirs")
    }
    assert outcomes["theirs"] == {
        "TEST kept": "done on June 8, 2023, by the date; asked again on June 20, 2023",
        "TEST refused": "refused on June 12, 2023; asked again on June 20, 2023",
    }
    assert outcomes["ours"] == {
        "TEST kept": "done (done) on June 8, 2023, by the date; now “reopened June 20, 2023; last reply May 2, 2023”",
        "TEST refused": "refused on June 12, 2023; now “reopened June 20, 2023; last reply June 12, 2023”",
    }


def test_what_another_house_ended_is_not_told_as_what_became_of_their_promise(reference, staff, told):
    with factories.on(4, 30):
        one = put_to("president", acting="ofac", summary="TEST")
    says(one, (5, 2), by=staff, said="promised", promised_on=JUNE_10)
    says(one, (6, 8), by=staff, agency="ofac", said="refused", status="declined")
    with factories.on(6, 20):
        workflow.reopen(factories.fresh(one), by=staff, reason="TEST")
    assert [one["kept"] for one in told("president")["promises"]] == ["asked again on June 20, 2023"]


def test_a_promise_that_was_kept_is_told_as_kept_also_where_the_item_ended_again(reference, staff, told):
    with factories.on(4, 26):
        kept, lapsed = (factories.item(ask_facts={"summary": f"TEST {one}"}) for one in ("kept", "lapsed"))
    for one, first, last in ((kept, "implemented", "implemented"), (lapsed, "not_implemented", "not_implemented")):
        says(one, (5, 2), by=staff, said="promised", promised_on=JUNE_10)
        with factories.on(6, 8):
            factories.moved(one, first)
        with factories.on(6, 20):
            workflow.reopen(factories.fresh(one), by=staff, reason="TEST")
        with factories.on(7, 1):
            factories.moved(one, last)
    outcomes = {
        version: {one["words"].removeprefix("Treasury: "): one["kept"] for one in told("treasury", version)["promises"]}
        for version in ("ours", "theirs")
    }
    assert outcomes["theirs"] == {
        "TEST kept": "done on June 8, 2023, by the date; asked again on June 20, 2023; done on July 1, 2023",
    }
    assert outcomes["ours"] == {
        "TEST kept": "done (done) on June 8, 2023, by the date; asked again on June 20, 2023; done (done) on July 1, 2023",
        "TEST lapsed": "lapsed on June 8, 2023; asked again on June 20, 2023; lapsed (never answered) on July 1, 2023",
    }


def test_what_a_person_chose_on_another_house_s_word_is_not_told_as_what_became_of_their_promise(
    reference, staff, told
):
    names = ("own", "ofac", "both", "reread", "gone", "proved", "told")
    with factories.on(4, 30):
        own, of_ofac, both, reread, gone, proved, told_us = every = [
            put_to("president", acting="ofac", summary=f"TEST {name}") for name in names
        ]
    ofac, day = factories.agency("ofac"), dt.date(2023, 6, 8)
    refuses = {"received_on": day, "stance": "does_not_concur"}
    for one in every:
        says(one, (5, 2), by=staff, said="promised", promised_on=JUNE_10)
    with factories.on(6, 8):
        for one in (own, both):
            factories.reply(one, **refuses)
        for one in (of_ofac, both):
            factories.reply(one, agency=ofac, **refuses)
        factories.reply(reread, coverage="partial", received_on=day)
        again = factories.reply(reread, agency=ofac, **refuses)
        slip = record_reply(
            by=staff, agency=gone.agency, received_on=day, words=[Word(factories.fresh(gone), said="refused", status="declined")]
        )  # fmt: skip
        for one in (own, of_ofac, both, reread):
            workflow.transition(factories.fresh(one), to="declined", by=staff, reason="TEST")
        factories.moved(proved, "implemented")
        of_reply = factories.reply(told_us, agency=ofac, received_on=day)
        replies.add_evidence(factories.fresh(told_us), by=staff, kind="response", response=of_reply)
        workflow.transition(factories.fresh(told_us), to="implemented", by=staff, reason="TEST")
    with factories.on(6, 20):
        for one in every:
            workflow.reopen(factories.fresh(one), by=staff, reason="TEST")
        read_reply(again, by=staff, words=[Word(factories.fresh(reread), said="partly")])
        retractions.retract_response(slip, by=staff, reason="TEST")
    kept = {one["words"].removeprefix("TEST "): one["kept"] for one in told("president")["promises"]}
    asked = "asked again on June 20, 2023"
    assert kept == dict.fromkeys(names, asked) | {
        "own": f"refused on June 8, 2023; {asked}", "proved": f"done on June 8, 2023, by the date; {asked}",
    }  # fmt: skip


def test_a_promise_that_was_logged_late_is_told_in_the_order_in_which_they_made_it(reference, staff, told):
    with factories.on(4, 26):
        one = factories.item()
    says(one, (5, 20), by=staff, said="promised", promised_on=dt.date(2023, 7, 1))
    with factories.on(5, 27):
        late = [Word(factories.fresh(one), said="promised", promised_on=dt.date(2023, 6, 1))]
        late = record_reply(by=staff, agency=one.agency, received_on=dt.date(2023, 5, 2), words=late)
    for version in ("ours", "theirs"):
        (promise,) = told("treasury", version)["promises"]
        assert promise["promised"] == "promised for July 1, 2023, before that for June 1, 2023"
    retractions.retract_response(late, by=staff, reason="TEST")
    (promise,) = told("treasury")["promises"]
    assert promise["promised"] == "promised for July 1, 2023"


# --- an official's own words


def test_words_of_an_official_that_are_cut_are_cut_with_a_word(reference, staff, told, monkeypatch):
    monkeypatch.setattr("letters.reports.brief_facts.QUOTES_MOST", 2)
    monkeypatch.setattr("letters.reports.meeting_brief.QUOTES_MOST", 2)
    with factories.on(5, 10):
        one = factories.item()
        official = Official.objects.filter(agency=one.agency).first()
        for day in (1, 2, 3):
            bearing = replies.Bearing(one, coverage="evades", quote=f"TEST words {day}")
            replies.record_response(
                by=staff, agency=one.agency, official=official, kind="interim", channel="phone", received_on=dt.date(2023, 5, day),
                bearings=[bearing],
            )  # fmt: skip
            if day == 2:
                assert told("treasury", official=str(official.pk))["official_words"] == ""
    client = factories.client(staff)
    for version in ("ours", "theirs"):
        found = told("treasury", version, official=str(official.pk))
        assert [one["words"] for one in found["official_said"]] == ["TEST words 3", "TEST words 2"]
        query = f"?version={version}&official={official.pk}"
        for text in (of_page(client, query), of_docx(client, query), of_pdf(client, monkeypatch, query)):
            assert "Only the latest 2 are shown." in text
    assert found["heads"]["official"] == "What you told us"
