"""What is typed on the sheet, kept as it is and read as a letter."""

import datetime as dt

import pytest

from letters.domain.plans import PlannedAddressee, PlannedAsk, PlannedSigner, PlannedTarget
from letters.intake import typed as sheets
from letters.intake.addressee_block import read_addressee_block
from letters.intake.days import find_day, read_day
from letters.intake.letter_parts import closing_block, head_block, printed_day
from letters.intake.named_targets import named_in
from letters.intake.names import resolve_names
from letters.intake.questions import question_lines
from letters.intake.reference import read_yaml
from letters.intake.signers import read_signers
from letters.intake.worksheet import read_sheet
from letters.models import TargetAlias
from letters.web.sheet_steps import take
from tests import factories


def sheet(**fields) -> sheets.Typed:
    return sheets.from_fields(
        (name.replace("__", "-"), value if isinstance(value, list) else [value]) for name, value in fields.items()
    )


def read(typed: sheets.Typed):
    return read_sheet(resolve_names(typed), read_questions=question_lines)


def test_fields_come_back_as_rows_in_the_order_of_their_numbers_and_nothing_else_is_kept():
    typed = sheets.from_fields(
        [
            ("subject", ["TEST"]), ("asks-7-quote", ["two"]), ("asks-2-quote", ["one\r\nline"]), ("asks-2-responsible", ["treasury", "state"]),
            ("topics", ["China", ""]), ("password", ["secret"]), ("asks-2-secret", ["x"]), ("version", ["3"]),
        ]
    )  # fmt: skip
    assert typed == sheets.empty() | {
        "subject": "TEST",
        "topics": ["China"],
        "asks": [
            sheets.complete("asks", {"quote": "one\nline", "responsible": ["treasury", "state"]}),
            sheets.complete("asks", {"quote": "two"}),
        ],
    }


def test_what_the_database_cannot_hold_is_kept_as_a_mark_that_is_flagged_later():
    assert sheet(subject="a\x00b\ud800")["subject"] == "a\N{REPLACEMENT CHARACTER}b?"


@pytest.mark.parametrize(
    "words",
    [
        "4/25/2023",
        "04/25/23",
        "2023-04-25",
        "April 25, 2023",
        "Apr 25, 2023",
        "Tuesday, April 25th, 2023.",
        " april 25 2023 ",
    ],
)
def test_a_day_is_read_as_people_write_it(words):
    assert read_day(words) == dt.date(2023, 4, 25)


def test_words_that_are_no_day_are_quoted_with_the_ways_to_write_one():
    with pytest.raises(
        ValueError, match=r"^“soon” is not a date\. Write it as 4/25/2023, April 25, 2023 or 2023-04-25\.$"
    ):
        read_day("soon")
    assert read_day("  ") is None


def test_a_day_without_a_year_is_the_next_one():
    sentence = "Please respond to these questions no later than July 22."
    assert find_day(sentence, after=dt.date(2022, 6, 24)) == dt.date(2022, 7, 22)
    assert find_day(sentence, after=dt.date(2022, 8, 1)) == dt.date(2023, 7, 22)
    assert find_day(sentence) is None
    assert find_day("by November 30, 2023, or July 1") == dt.date(2023, 11, 30)


def test_the_seed_letter_shows_where_its_parts_stand():
    data = read_yaml("seed_letter.yaml")
    assert printed_day(data["text"]) == data["printed_date"]
    assert head_block(data["text"]).splitlines()[0] == "The Honorable Janet Yellen"
    assert head_block(data["text"]).splitlines()[-1] == "Washington, D.C. 20520"
    assert closing_block(data["text"]).splitlines()[0] == "Bill Hagerty"
    assert (printed_day("no date"), head_block("no salutation"), closing_block("no closing")) == (None, "", "")


def test_addressees_are_read_as_printed_with_their_agencies(reference):
    data = read_yaml("seed_letter.yaml")
    read = read_addressee_block(head_block(data["text"]))
    assert [(a.printed_name, a.printed_title, a.address, a.agency.slug, a.is_copy) for a in read] == [
        (a["printed_name"], a["printed_title"], a["address"], a["agency"], False) for a in data["addressees"]
    ]


@pytest.mark.parametrize(
    ("block", "agency"),
    [
        (
            "The Honorable Janet Yellen\n\nSecretary\n\nDepartment of the Treasury\n\n1500 Pennsylvania Avenue, NW",
            "treasury",
        ),
        ("Gina Raimondo\nSecretary of Commerce", "commerce"),
        ("The Honorable A. TEST\nCommerce Secretary", "commerce"),
        ("TEST Director\nU.S. Department of State\n2201 C St. NW", "state"),
        ("TEST Person\nTEST Company", None),
    ],
)
def test_an_agency_is_found_by_department_or_title_or_not_at_all(reference, block, agency):
    (found,) = read_addressee_block(block)
    assert (found.agency.slug if found.agency else None) == agency


def test_copies_are_told_from_addressees(reference):
    read = read_addressee_block("Janet Yellen\nSecretary of the Treasury\n\ncc: TEST Person\nDepartment of State")
    assert [(a.printed_name, a.agency.slug, a.is_copy) for a in read] == [
        ("Janet Yellen", "treasury", False),
        ("TEST Person", "state", True),
    ]


def test_the_signature_block_is_proposed_as_of_the_letters_day_and_waits_for_a_person(seed):
    data = read_yaml("seed_letter.yaml")
    typed = read_signers(sheet(letter_date="4/25/2023", signers_block=closing_block(data["text"])))
    assert [
        (r["printed_name"], r["printed_title"], r["bioguide"], r["confirmed"], r["doubt"]) for r in typed["signers"]
    ] == [(s["printed_name"], s["printed_title"], s["bioguide"], "", "") for s in data["signatures"]]
    # this office's own member is proposed as leading
    assert [r["printed_name"] for r in typed["signers"] if r["lead"]] == ["Bill Hagerty"]
    assert typed["signers"][0]["member"] == "Bill Hagerty (R-TN)"


def test_reading_the_block_again_keeps_what_a_person_chose(reference):
    typed = read_signers(sheet(letter_date="4/25/2023", signers_block="Bill Hagerty\nTEST Nobody"))
    assert typed["signers"][1]["bioguide"] == ""
    typed["signers"][1] |= {"member": "Thom Tillis", "bioguide": "T000476", "confirmed": "on"}
    typed["signers_block"] = "Ted Cruz\nTEST Nobody"
    again = read_signers(typed)
    assert [(r["printed_name"], r["bioguide"], r["confirmed"]) for r in again["signers"]] == [
        ("Ted Cruz", "C001098", ""),
        ("TEST Nobody", "T000476", "on"),
        ("Bill Hagerty", "H000601", ""),
    ]


def test_reading_the_block_leaves_every_row_that_has_no_printed_name_yet(reference):
    typed = sheet(letter_date="4/25/2023", signers_block="Ted Cruz", signers__0__member="Thom Tillis", signers__1__member="Bill Hagerty")  # fmt: skip
    again = read_signers(typed)
    assert [(r["printed_name"], r["member"]) for r in again["signers"][1:]] == [("", "Thom Tillis"), ("", "Bill Hagerty")]  # fmt: skip


def test_without_a_date_names_are_read_and_nobody_is_proposed(reference):
    typed = read_signers(sheet(signers_block="Bill Hagerty"))
    assert [(r["printed_name"], r["bioguide"], r["doubt"]) for r in typed["signers"]] == [
        ("Bill Hagerty", "", "no date")
    ]


def test_names_read_before_the_date_are_proposed_once_it_is_there_and_doubts_stay(reference):
    block = "Bill Hagerty (R-NC)\nMarco Rubio\nTEST Nobody"
    typed, _ = take(sheet(signers_block=block), "names", "")
    assert [row["doubt"] for row in typed["signers"]] == ["no date"] * 3
    typed, _ = take(typed | {"letter_date": "11/1/2023"}, "save", "")
    assert [row["bioguide"] for row in typed["signers"]] == ["H000601", "", ""]
    again, _ = take(typed, "save", "")
    doubts = [row["doubt"] for row in again["signers"]]
    assert doubts[0] == "Printed (R-NC), but our rosters say Republican, Tennessee."
    assert "may have left before" in doubts[1]
    assert doubts[2] == "No member of this name served then."
    # a name typed beside it is what a person says: the doubt was about the reading
    again["signers"][2]["member"] = "Thom Tillis"
    named, _ = take(again, "save", "")
    assert (named["signers"][2]["bioguide"], named["signers"][2]["doubt"]) == ("T000476", "")


def test_what_a_person_did_with_the_rows_before_the_date_stays(reference):
    typed, _ = take(sheet(signers_block="Bill Hagerty\nNot Asigner\nThom Tilis (R-NC)"), "names", "")
    typed, _ = take(typed, "drop-signer:1", "")
    typed["signers"][1]["printed_name"] = "Thom Tillis"
    for _ in range(2):
        typed, _ = take(typed | {"letter_date": "11/1/2023"}, "save", "")
        assert [(row["printed_name"], row["bioguide"]) for row in typed["signers"]] == [
            ("Bill Hagerty", "H000601"), ("Thom Tillis", "T000476")
        ]  # fmt: skip


def test_what_was_read_of_one_name_is_not_said_of_another(reference):
    typed, _ = take(sheet(letter_date="11/1/2023", signers_block="TEST Nobody (D-CA)"), "names", "")
    typed["signers"][0]["printed_name"] = "TEST Somebody"
    typed, _ = take(typed, "save", "")
    assert [typed["signers"][0][name] for name in ("state", "party", "doubt")] == ["", "", ""]


def test_who_is_unknown_keeps_the_state_and_party_that_the_letter_prints(reference):
    typed, _ = take(
        sheet(letter_date="11/1/2023", signers_block="TEST Nobody (D-CA)\nBill Hagerty (R-TN)"), "names", ""
    )
    signers = read(typed).plan.signers
    assert [(one.bioguide, one.state, one.party) for one in signers] == [("", "CA", "Democrat"), ("H000601", "", "")]


def test_a_name_with_an_accent_is_the_one_in_the_record(reference):
    slug = factories.target("TEST Nicolás Quoll").slug
    typed = resolve_names(sheet(asks__0__target=["TEST Nicolás Quoll", "test NICOLÁS quoll", "TEST Nobody"]))
    assert typed["asks"][0]["target_id"] == [slug, slug, ""]


def test_a_typed_name_that_fits_one_thing_exactly_needs_no_list(reference):
    with_alias = factories.target("TEST Cloud")
    with factories.acting(factories.SETUP):
        TargetAlias.objects.create(target=with_alias, name="TEST Aliyun")
    typed = resolve_names(
        sheet(
            letter_date="4/25/2023", addressees__0__agency="treasury DEPARTMENT", asks__0__acting="ofac",
            asks__0__target=["test aliyun", "TEST Unknown"], signers__0__member="Thom Tillis",
        )
    )  # fmt: skip
    assert typed["addressees"][0]["agency_id"] == "treasury"
    assert typed["asks"][0]["acting_id"] == "ofac"
    assert typed["asks"][0]["target_id"] == ["test-cloud", ""]
    assert (typed["signers"][0]["bioguide"], typed["signers"][0]["confirmed"]) == ("T000476", "on")


def test_an_id_whose_name_was_typed_over_is_dropped(reference):
    typed = resolve_names(
        sheet(
            letter_date="4/25/2023", addressees__0__agency="TEST nowhere", addressees__0__agency_id="treasury",
            asks__0__target=["TEST other"], asks__0__target_id=["huawei-cloud"],
            signers__0__member="", signers__0__bioguide="H000601", signers__0__confirmed="on",
        )
    )  # fmt: skip
    assert typed["addressees"][0]["agency_id"] == ""
    assert typed["asks"][0]["target_id"] == [""]
    assert (typed["signers"][0]["bioguide"], typed["signers"][0]["confirmed"]) == ("", "")


def test_a_namesake_typed_over_a_member_is_the_namesake(reference):
    rick, tim = "S001217", "S001184"
    kept = resolve_names(
        sheet(
            letter_date="4/25/2023", signers__0__member="Tim Scott (R-SC)", signers__0__bioguide=rick, signers__0__confirmed="on",
            signers__1__member="Rick Scott (R-FL)", signers__1__bioguide=rick, signers__1__confirmed="",
            signers__2__member="Scott", signers__2__bioguide=rick, signers__2__confirmed="on",
        )
    )["signers"]  # fmt: skip
    assert [(row["bioguide"], row["confirmed"]) for row in kept] == [(tim, "on"), (rick, ""), ("", "")]


def test_a_sound_sheet_is_a_plan_without_problems(reference):
    reading = read(
        sheet(
            subject=" TEST letter ", letter_date="4/25/2023", text="TEST", topics=["China"], new_topics="Cloud, ",
            signers__0__printed_name="Bill Hagerty", signers__0__member="Bill Hagerty", signers__0__bioguide="H000601",
            signers__0__confirmed="on", signers__0__lead="on", signers__1__printed_name="",
            addressees__0__printed_name="Janet Yellen", addressees__0__agency="Treasury",
            asks__0__kind="sanction", asks__0__quote=" TEST words ", asks__0__responsible=["treasury"], asks__0__consulted=["state"],
            asks__0__target=["TEST New"], asks__0__target_kind=["company"], asks__0__requested_by="May 1, 2023",
            asks__0__questions="1. TEST what?\na. TEST why?", asks__1__kind="",
        )
    )  # fmt: skip
    assert reading.problems == ()
    plan = reading.plan
    assert (plan.facts["subject"], plan.facts["letter_date"], plan.facts["printed_date"]) == (
        "TEST letter", dt.date(2023, 4, 25), dt.date(2023, 4, 25),
    )  # fmt: skip
    assert (plan.topics, plan.sent_on) == (("China", "Cloud"), None)
    assert plan.signers == (PlannedSigner("signers-0", "Bill Hagerty", "", "H000601", True, True),)
    assert plan.addressees == (PlannedAddressee("addressees-0", "treasury", "Janet Yellen"),)
    assert plan.asks == (
        PlannedAsk(
            "asks-0", "sanction", "TEST words", targets=(PlannedTarget("asks-0-target-0", "", "TEST New", "company"),),
            responsible=("treasury",), consulted=("state",), requested_by=dt.date(2023, 5, 1),
            questions=("1. TEST what?", "1a. TEST why?"),
        ),
    )  # fmt: skip


def test_each_problem_stands_at_its_field(reference):
    reading = read(
        sheet(
            letter_date="soon", deadline_on="", signers__0__printed_name="X", signers__0__member="TEST Nobody",
            addressees__0__printed_name="X", addressees__0__agency="TEST nowhere",
            asks__0__quote="TEST", asks__0__target=["TEST New"], asks__0__requested_by="soon", asks__0__acting="TEST nowhere",
        )
    )  # fmt: skip
    assert {problem.field for problem in reading.problems} == {
        "letter_date", "signers-0-member", "addressees-0-agency", "asks-0-kind", "asks-0-acting",
        "asks-0-target-0", "asks-0-requested_by",
    }  # fmt: skip


def test_known_names_in_a_quote_are_proposed_the_longest_only(seed, viewer):
    quote = "such as Baidu Cloud and Tencent Cloud; Aliyun’s cloud, and nobody’s TEST Cloud"
    assert named_in([quote, "no names here"], viewer) == {
        quote: ["Baidu Cloud", "Tencent Cloud", "Alibaba Cloud"],
        "no names here": [],
    }


def test_two_people_s_sheets_are_compared_field_by_field():
    mine = sheet(subject="A", asks__0__quote="one", topics=["China"])
    theirs = sheet(subject="B", asks__0__quote="one", asks__1__quote="two")
    assert sheets.differences(mine, theirs) == [
        ("subject", "A", "B"),
        ("topics", "China", ""),
        ("asks-1-quote", "", "two"),
    ]


def test_a_kept_row_that_no_page_of_ours_made_is_put_back_without_whom_it_asks():
    sheet = sheets.empty() | {"asks": [sheets.complete("asks")]}
    sheet["removed_signers"] = '[{"place": 0, "row": {"printed_name": "TEST"}, "asked": [[0, "responsible"]]}]'
    assert sheets.put_back(sheet, "signers") == 0
    assert (sheet["signers"][0]["printed_name"], sheet["asks"][0]["responsible"]) == ("TEST", [])
