"""A letter while it is typed: kept, given up, taken up again; and sent in one go or not at all."""

import datetime as dt

import pytest

from letters.domain import worksheets
from letters.domain.plans import Plan, PlannedAddressee, PlannedAsk, PlannedSigner, PlannedTarget
from letters.errors import NotAllowed, RecordError, StaleVersion
from letters.models import Letter, ReferenceCounter, Target, Worksheet
from tests import factories
from tests.domain.refusals import refused, written

DAY = dt.date(2023, 4, 25)


def plan(**more) -> Plan:
    parts = {
        "facts": {"subject": "TEST letter", "letter_date": DAY, "printed_date": DAY, "access": "office"},
        "signers": (PlannedSigner("signers-0", "Bill Hagerty", "", "H000601", True, True),),
        "addressees": (
            PlannedAddressee("addressees-0", "treasury", "TEST Secretary"),
            PlannedAddressee("addressees-1", "state", "TEST Secretary of State"),
        ),
        "asks": (PlannedAsk("asks-0", "briefing", summary="Brief us", responsible=("treasury",)),),
    }
    return Plan(**(parts | more))


@pytest.fixture
def sheet(staff) -> Worksheet:
    return worksheets.save_worksheet(None, by=staff, typed={"subject": " TEST  letter ", "access": "office"})


def test_a_sheet_is_kept_with_each_save_and_says_who(sheet, staff, manager):
    assert (sheet.title, sheet.version, sheet.owner, sheet.saved_by) == ("TEST letter", 1, staff, staff)
    again = worksheets.save_worksheet(sheet, by=manager, typed={"subject": "TEST"}, expected_version=1)
    assert (again.version, again.owner, again.saved_by) == (2, staff, manager)
    # the same words are no new save, whoever sends them from whatever version
    assert worksheets.save_worksheet(sheet, by=staff, typed={"subject": "TEST"}, expected_version=1).version == 2


def test_a_stale_save_is_refused_and_names_who_saved(sheet, manager, staff):
    worksheets.save_worksheet(sheet, by=manager, typed={"subject": "TEST theirs"}, expected_version=1)
    with pytest.raises(StaleVersion, match=r"^manager saved this draft while you had it open\.$"):
        worksheets.save_worksheet(sheet, by=staff, typed={"subject": "TEST mine"}, expected_version=1)
    assert Worksheet.objects.get().typed == {"subject": "TEST theirs"}


def test_a_page_goes_on_from_its_own_save_whose_answer_was_lost_and_from_nobody_else_s(sheet, staff, manager):
    def save(words: str, saved_as: str, by=staff) -> int:
        return worksheets.save_worksheet(sheet, by=by, typed={"subject": words}, expected_version=1, saved_as=saved_as).version  # fmt: skip

    assert save("TEST one", "a.1") == 2
    assert save("TEST two", "a.3") == 3  # the page never heard of version 2
    assert save("TEST two", "a.3") == 3
    # one that comes late undoes nothing; another tab, somebody else, and a save without a name are as ever
    for name, by in (("a.2", staff), ("a.3", staff), ("b.9", staff), ("a.9", manager), ("", staff), ("a", staff), (".9", staff), ("a.x", staff), ("a\x00.9", staff)):  # fmt: skip
        with pytest.raises(StaleVersion):
            save("TEST other", name, by)
    worksheets.save_worksheet(
        sheet, by=manager, typed={"subject": "TEST theirs"}, expected_version=3, saved_as="a\x00.9"
    )
    with pytest.raises(StaleVersion, match=r"^manager saved this draft"):
        save("TEST four", "a.4")
    assert Worksheet.objects.get().typed == {"subject": "TEST theirs"}


def test_a_viewer_keeps_nothing(viewer, sheet):
    for verb, how in (
        (worksheets.save_worksheet, {"typed": {}}), (worksheets.give_up, {}), (worksheets.restore, {}),
        (worksheets.send_worksheet, {"plan": plan()}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb(sheet, by=viewer, **how)


def test_who_restricts_a_colleague_s_sheet_goes_on_seeing_it(sheet):
    other, third = factories.user(username="TEST-other"), factories.user(username="TEST-third")
    worksheets.save_worksheet(sheet, by=other, typed={"access": "restricted", "staff": []})
    assert worksheets.visible_worksheets(other).count() == 1
    assert worksheets.visible_worksheets(third).count() == 0


def test_too_much_to_keep_is_refused(staff):
    said = refused(worksheets.save_worksheet, None, by=staff, typed={"text": "x" * 2_000_001})
    assert "keeps at most 2,000,000" in said["text"]


def test_sending_makes_the_letter_and_ends_the_sheet(sheet, staff):
    letter = worksheets.send_worksheet(sheet, by=staff, plan=plan(topics=("TEST topic",)), expected_version=1)
    assert (letter.reference, letter.sent_on, [str(topic) for topic in letter.topics.all()]) == (
        "2023-0001",
        DAY,
        ["TEST topic"],
    )
    signature = letter.signatures.get()
    assert (signature.state, signature.party, signature.match, signature.is_lead) == (
        "TN",
        "Republican",
        "confirmed",
        True,
    )
    sheet.refresh_from_db()
    assert (sheet.letter, sheet.finished_at is None) == (letter, False)
    assert "was sent" in refused(worksheets.send_worksheet, sheet, by=staff, plan=plan())["state"]
    assert "was sent as 2023-0001" in refused(worksheets.restore, sheet, by=staff)["state"]


def test_every_refusal_is_told_at_its_part_and_nothing_is_made(sheet, staff):
    said = refused(
        worksheets.send_worksheet, sheet, by=staff,
        plan=plan(
            facts={"subject": "", "letter_date": DAY},
            signers=(PlannedSigner("signers-0", "Bill Hagerty"), PlannedSigner("signers-1", "Bill Hagerty")),
            addressees=(PlannedAddressee("addressees-0", "nowhere", "X"), PlannedAddressee("addressees-1", "state", "")),
            asks=(
                PlannedAsk("asks-0", "sanction", responsible=("treasury",)),
                PlannedAsk("asks-1", "nonsense"),
                PlannedAsk("asks-2", "other", "x", "TEST", targets=(PlannedTarget("asks-2-target-0", name="TEST New"),)),
                PlannedAsk("asks-3", "other", "x", "TEST", responsible=("nowhere",)),
                PlannedAsk("asks-4", "other", "x", "TEST", responsible=("treasury",)),
            ),
        ),
    )  # fmt: skip
    assert set(said) == {
        "subject", "signers-1-printed_name", "addressees-0-agency", "addressees-1-printed_name", "asks-0-targets", "asks-1-kind",
        "asks-2-target-0-kind", "asks-3-agency", "asks-4-treasury-agency",
    }  # fmt: skip
    assert not Letter.objects.exists()


def test_a_rehearsal_shows_the_letter_and_leaves_no_trace(sheet, staff):
    before = written()
    new = PlannedTarget("t", name="TEST New", kind="company")
    with worksheets.rehearsal(
        sheet,
        by=staff,
        plan=plan(asks=(PlannedAsk("asks-0", "sanction", targets=(new,), responsible=("treasury",), acting="ofac"),)),
    ) as letter:
        tasking = letter.asks.get().taskings.get()
        assert (letter.reference, tasking.due_on, tasking.acting_agency.slug) == (
            "2023-0001",
            dt.date(2023, 5, 24),
            "ofac",
        )
    assert written() == before
    assert not (Letter.objects.exists())
    assert not (ReferenceCounter.objects.exists())
    assert not (Target.objects.filter(name="TEST New").exists())
    sheet.refresh_from_db()
    assert sheet.finished_at is None


def test_the_bureau_acts_for_its_own_department_only(sheet, staff):
    ask = PlannedAsk("asks-0", "other", summary="TEST", responsible=("state", "treasury"), acting="ofac")
    letter = worksheets.send_worksheet(sheet, by=staff, plan=plan(asks=(ask,)))
    assert sorted(letter.asks.get().taskings.values_list("agency__slug", "acting_agency__slug")) == [
        ("state", None),
        ("treasury", "ofac"),
    ]


def test_two_asks_about_one_new_company_make_it_once_with_its_parent(sheet, staff, seed):
    new = {"name": "TEST Cloud", "kind": "company", "parent": "huawei"}
    asks = tuple(
        PlannedAsk(
            f"asks-{n}", "other", summary="TEST", targets=(PlannedTarget(f"t{n}", **new),), responsible=("treasury",)
        )
        for n in range(2)
    )
    worksheets.send_worksheet(sheet, by=staff, plan=plan(asks=asks))
    made = Target.objects.get(name="TEST Cloud")
    assert (made.slug, made.parent.slug, made.asks.count()) == ("test-cloud", "huawei", 2)


def test_a_name_that_a_person_left_unmatched_stays_unmatched(sheet, staff):
    signers = (
        PlannedSigner("s0", "Bill Hagerty"),
        PlannedSigner("s1", "Thom Tillis", bioguide="T000476"),
        PlannedSigner("s2", "TEST Doe", state="CA", party="Democrat"),
    )
    letter = worksheets.send_worksheet(sheet, by=staff, plan=plan(signers=signers))
    assert list(letter.signatures.order_by("position").values_list("match", "state", "party")) == [
        ("unmatched", "", ""),
        ("proposed", "NC", "Republican"),
        ("unmatched", "CA", "Democrat"),  # as the letter prints them
    ]


def test_what_was_given_up_is_typed_on_no_more_and_comes_back(sheet, staff):
    worksheets.give_up(sheet, by=staff)
    assert worksheets.standing_worksheets(staff).count() == 0
    with pytest.raises(RecordError, match="was given up on"):
        worksheets.save_worksheet(sheet, by=staff, typed={"subject": "TEST late"})
    worksheets.restore(sheet, by=staff)
    assert [one.pk for one in worksheets.standing_worksheets(staff)] == [sheet.pk]
