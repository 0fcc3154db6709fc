"""Rows below the first add what they say, and what a row says of several agencies is nobody's word until somebody says whose."""

from letters.intake.sheet.applying import apply
from letters.models import Ask, Letter, Note, Response, Tasking
from letters.reminders.hush import hush
from tests.intake.sheet.conftest import BY, brought_in, checked, said

HEADER = "Number|Date|Subject|Signers|Ask number|Request|About|Questions|Agency|Status|Status since|Reply received|Reply from|What they said|Evidence|Notes"  # fmt: skip
NAMES = ("no", "date", "subject", "signers", "number", "ask", "about", "questions", "agency", "status", "since", "reply_on", "reply_from", "reply", "evidence", "note")  # fmt: skip
FIRST = {"no": "7", "date": "4/25/2023", "subject": "TEST cloud", "signers": "Bill Hagerty", "ask": "TEST sanction"}


def rows(*changed):
    """The first row with the letter's facts; those below with its number alone."""
    return [[({**FIRST} if place == 0 else {"no": "7"}).get(name, "") if name not in one else one[name] for name in NAMES] for place, one in enumerate(changed)]  # fmt: skip


def became():
    return [(t.agency.slug, t.status) for t in Tasking.objects.order_by("ask__number", "agency__slug")]


def test_questions_and_companies_one_a_row_all_come_in(reference, sheet):
    brought_in(sheet(HEADER, *rows(
        {"number": "2", "agency": "Treasury", "about": "TEST Baidu", "questions": "TEST one?\nTEST one?"},
        {"questions": "TEST two?"}, {"number": "2", "about": "TEST Tencent; TEST Baidu", "questions": "TEST two?\nTEST three?"},
    )))  # fmt: skip
    ask = Ask.objects.get()
    assert [target.name for target in ask.targets_in_order()] == ["TEST Baidu", "TEST Tencent"]
    asked = list(ask.questions.order_by("number").values_list("text", flat=True))
    assert asked == ["TEST one?", "TEST one?", "TEST two?", "TEST three?"]


def test_words_of_an_ask_that_differ_are_said_not_dropped(reference, sheet):
    batch = checked(sheet(HEADER, *rows(
        {"number": "1", "agency": "Treasury"}, {"number": "1", "ask": "TEST something else", "agency": "Commerce"},
    )))  # fmt: skip
    assert (3, "ask", "What we ask: “TEST something else” here, “TEST sanction” in row 2 of the same letter. The first counts.") in said(batch)  # fmt: skip


def test_a_row_without_an_agency_speaks_of_the_one_item_of_its_ask(reference, sheet):
    brought_in(sheet(HEADER, *rows(
        {"status": "acknowledged", "reply_on": "5/2/2023", "reply": "TEST first", "note": "TEST a"}, {"agency": "Treasury"},
        {"status": "answered", "reply_on": "6/30/2023", "reply": "TEST second", "note": "TEST b"},
        {"reply_on": "6/30/2023", "reply": "TEST second"},  # told twice
    )))  # fmt: skip
    assert became() == [("treasury", "answered")]
    replies = Response.objects.order_by("received_on").values_list("kind", "text")
    assert list(replies) == [("acknowledgement", "TEST first"), ("substantive", "TEST second")]
    item = Tasking.objects.get()
    assert str(item.acknowledged_on) == "2023-05-02"
    assert item.status_event.occurred_at.date().isoformat() == "2023-06-30"
    assert sorted(item.notes.values_list("text", flat=True)) == ["TEST a", "TEST b"]


def test_the_last_status_of_an_item_counts_and_the_other_row_says_so(reference, sheet):
    batch = checked(sheet(HEADER, *rows(
        {"agency": "Treasury", "status": "acknowledged", "since": "5/2/2023"}, {"status": "moot", "since": "6/1/2023"},
    )))  # fmt: skip
    assert [words for _, field, words in said(batch) if field == "status"][1:] == []  # lacks its reason: open
    batch = checked(sheet(HEADER, *rows(
        {"agency": "Treasury", "status": "withdrawn", "since": "6/1/2023"},
        {"agency": "Treasury", "status": "in progress", "since": "5/2/2023"}, {"status": "acknowledged", "since": "5/1/2023"},
    )))  # fmt: skip
    assert (4, "status", "Status: “acknowledged” here, “in progress” in row 3 for the same item. The later one counts.") in said(batch)  # fmt: skip
    apply(batch, by=BY, hush=hush)
    assert became() == [("treasury", "considering")]


def test_a_reply_of_nobody_knows_whom_keeps_its_letter_out(reference, sheet):
    batch = checked(
        sheet(HEADER, *rows({"agency": "Treasury; Commerce"}, {"reply_on": "5/2/2023", "reply": "TEST words"}))
    )
    assert said(batch, blocks=True) == [
        (3, "agency", "Agency: missing in this row, so nobody knows whose reply or status this is. The ask is put to Treasury and Commerce: name one.")
    ]  # fmt: skip
    # a note alone is kept: on the letter
    brought_in(sheet(HEADER, *rows({"agency": "Treasury; Commerce"}, {"note": "TEST note"})))
    assert list(Note.objects.filter(tasking=None, text="TEST note").values_list("letter", flat=True)) == [
        Letter.objects.get().pk
    ]


def test_a_reply_in_a_row_of_several_agencies_is_one_agency_s(reference, sheet):
    several = {
        "agency": "Treasury; Commerce; State",
        "status": "acknowledged",
        "reply_on": "5/20/2023",
        "reply": "TEST words",
    }
    batch = checked(sheet(HEADER, *rows(several)))
    assert [(number, field, words[:64]) for number, field, words in said(batch, blocks=True)] == [
        (2, "reply_from", "Reply from: this row names Treasury, Commerce and State, and a r")
    ]
    batch = checked(sheet(HEADER, *rows({**several, "reply_from": "TEST Person, Department of the Treasury"})))
    assert [(field, words[:76]) for _, field, words in said(batch)] == [
        ("agency", "Agency: what the agency said or did is taken as Treasury’s alone, as “Reply ")
    ]
    apply(batch, by=BY, hush=hush)
    assert Response.objects.get().agency.slug == "treasury"
    assert became() == [("commerce", "awaiting"), ("state", "awaiting"), ("treasury", "acknowledged")]


def test_a_status_of_several_agencies_comes_along_only_if_it_is_ours_to_say(reference, sheet):
    batch = checked(
        sheet(HEADER, *rows({"agency": "Treasury; Commerce", "status": "in progress", "since": "5/20/2023"}))
    )
    assert [words[:75] for _, field, words in said(batch) if field == "status"] == [
        "Status: “in progress” does not say which of Treasury and Commerce did so. T"
    ]
    apply(batch, by=BY, hush=hush)
    assert became() == [("commerce", "awaiting"), ("treasury", "awaiting")]


def test_a_row_of_the_letter_alone_asks_for_nothing(reference, sheet):
    brought_in(sheet(HEADER, *rows({"ask": ""}, {"number": "1", "ask": "TEST one", "agency": "Treasury"})))
    assert [(ask.summary, ask.kind.code) for ask in Ask.objects.all()] == [("TEST one", "other")]
