"""The letter of April 25, 2023, exactly as it was sent: fixture number one."""

import datetime as dt
import hashlib
import re

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from letters.domain.deadlines import Explanation
from letters.domain.history import acting
from letters.domain.sending import amend
from letters.enums import SystemProcess
from letters.intake.reference import read_yaml
from letters.intake.seed import load_seed_letter
from letters.models import (
    Addressee,
    Ask,
    AskKind,
    Event,
    FeedEntry,
    Letter,
    Office,
    Response,
    Signature,
    Target,
    Tasking,
    User,
)


def one_space(text: str) -> str:
    return " ".join(text.split())


def test_the_letter_itself(seed):
    assert (seed.subject, seed.state, seed.our_role, seed.access, seed.congress) == (
        "Huawei Cloud and other PRC cloud computing services",
        "sent",
        "led",
        "office",
        118,
    )
    assert (seed.letter_date, seed.printed_date, seed.sent_on) == (dt.date(2023, 4, 25),) * 3
    assert (seed.deadline_on, seed.deadline_quote, seed.is_released) == (None, "", True)
    assert seed.text.startswith("United States Senate\n")
    assert seed.text.endswith("Dan Sullivan\nUnited States Senator\n")
    assert [topic.name for topic in seed.topics.all()] == [
        "China",
        "Cloud computing",
        "Export controls",
        "Investment restrictions",
        "Sanctions",
    ]


def test_nine_signatures_in_order(seed):
    rows = [
        (s.position, s.printed_name, s.legislator.bioguide, s.state, s.party, s.is_lead, s.match, s.printed_title)
        for s in Signature.objects.filter(letter=seed).select_related("legislator")
    ]
    expected = [
        ("Bill Hagerty", "H000601", "TN"),
        ("Thom Tillis", "T000476", "NC"),
        ("Marco Rubio", "R000595", "FL"),
        ("Steve Daines", "D000618", "MT"),
        ("Ted Cruz", "C001098", "TX"),
        ("Joni K. Ernst", "E000295", "IA"),
        ("Katie Boyd Britt", "B001319", "AL"),
        ("Kevin Cramer", "C001096", "ND"),
        ("Dan Sullivan", "S001198", "AK"),
    ]
    assert rows == [
        (place, name, bioguide, state, "Republican", place == 1, "confirmed", "United States Senator")
        for place, (name, bioguide, state) in enumerate(expected, 1)
    ]


def test_three_addressees_with_title_and_address(seed):
    rows = Addressee.objects.filter(letter=seed).values_list(
        "position", "delivery", "agency__slug", "printed_name", "printed_title", "address"
    )
    assert list(rows) == [
        (
            1,
            "to",
            "treasury",
            "The Honorable Janet Yellen",
            "Secretary of the Treasury",
            "Department of the Treasury\n1500 Pennsylvania Ave. NW\nWashington, D.C. 20220",
        ),
        (
            2,
            "to",
            "commerce",
            "The Honorable Gina Raimondo",
            "Secretary of Commerce",
            "Department of Commerce\n1401 Constitution Ave. NW,\nWashington, D.C. 20230",
        ),
        (
            3,
            "to",
            "state",
            "The Honorable Antony Blinken",
            "Secretary of State",
            "Department of State\n2201 C St. NW\nWashington, D.C. 20520",
        ),
    ]


def test_five_asks_of_their_kinds(seed):
    rows = [
        (ask.number, ask.kind.code, ask.summary, [t.slug for t in ask.targets.order_by("asktarget__position")])
        for ask in Ask.objects.filter(letter=seed).select_related("kind")
    ]
    assert rows == [
        (1, "sanction", "Sanction Huawei Cloud", ["huawei-cloud"]),
        (2, "entity_list", "Add Alibaba Cloud to the Entity List", ["alibaba-cloud"]),
        (3, "license_denial", "Deny licenses to export to Alibaba Cloud", ["alibaba-cloud"]),
        (4, "ns_cmic", "Add Alibaba Group to the NS-CMIC List", ["alibaba-group"]),
        (5, "investigation", "Investigate other PRC cloud providers", ["baidu-cloud", "tencent-cloud"]),
    ]
    assert list(seed.asks.order_by("number").values_list("requested_list", flat=True)) == [
        "SDN List",
        "Entity List",
        "",
        "NS-CMIC List",
        "",
    ]
    assert seed.asks.get(number=4).instrument == "Executive Order 13959 as amended by Executive Order 14032"


def test_every_quote_is_in_the_text_word_for_word(seed):
    quotes = list(seed.asks.values_list("quote", flat=True))
    assert [quote for quote in quotes if one_space(quote) not in one_space(seed.text)] == []
    assert [len(quote) > 80 for quote in quotes] == [True] * 5


def test_the_text_is_that_of_the_letter_word_for_word(seed):
    """The digest was taken from the letter's own file; marks of layout are not words."""
    words = re.findall(r"[A-Za-z0-9]+", seed.text)
    assert (len(words), hashlib.sha256(" ".join(words).encode()).hexdigest()) == (
        1246,
        "d3673ed8d14a45d6bf3bfd99760903385f5bbc467f61f6e3b28bb14751e8d136",
    )


def test_eight_items_seven_responsible_and_one_consulted(seed):
    rows = Tasking.objects.filter(ask__letter=seed)
    assert sorted(
        rows.values_list("ask__number", "agency__slug", "role", "acting_agency__slug", "status", "owner"), key=str
    ) == sorted(
        [
            (1, "treasury", "lead", "ofac", "awaiting", None),
            (2, "commerce", "lead", "bis", "awaiting", None),
            (3, "commerce", "lead", "bis", "awaiting", None),
            (4, "treasury", "lead", "ofac", "awaiting", None),
            (4, "state", "consulted", None, "awaiting", None),
            (5, "treasury", "lead", None, "awaiting", None),
            (5, "commerce", "lead", None, "awaiting", None),
            (5, "state", "lead", None, "awaiting", None),
        ],
        key=str,
    )


def test_each_responsible_item_is_due_by_our_usual_wait_and_can_say_why(seed):
    lead = Tasking.objects.filter(ask__letter=seed, role="lead")
    assert set(lead.values_list("asked_on", "due_on", "due_basis")) == {
        (dt.date(2023, 4, 25), dt.date(2023, 5, 24), "yardstick")
    }
    for tasking in lead:
        (due,) = tasking.due_dates.filter(clock="substantive")
        explanation = Explanation.from_json(due.explanation)
        assert (due.revision, due.value, due.moved_by) == (1, dt.date(2023, 5, 24), None)
        assert (explanation.business_days, len(explanation.skipped)) == (21, 8)


def test_the_consulted_item_has_no_clock(seed):
    tasking = Tasking.objects.get(ask__letter=seed, role="consulted")
    assert (tasking.due_on, tasking.due_basis, tasking.due_dates.filter(clock="substantive").count()) == (None, None, 0)


def test_targets_name_their_parents(seed):
    assert dict(Target.objects.values_list("slug", "parent__slug")) == {
        "huawei": None,
        "huawei-cloud": "huawei",
        "alibaba-group": None,
        "alibaba-cloud": "alibaba-group",
        "baidu": None,
        "baidu-cloud": "baidu",
        "tencent": None,
        "tencent-cloud": "tencent",
    }
    aliases = Target.objects.get(slug="alibaba-cloud").aliases.values_list("name", flat=True)
    assert sorted(aliases) == ["Alibaba Cloud Computing", "Aliyu", "Aliyun"]


def test_the_office_is_the_demo_office_of_its_lead_signer(seed):
    office = Office.objects.get()
    assert (office.kind, office.legislator.bioguide, office.is_demo) == ("member", "H000601", True)


def test_no_history_is_invented(seed):
    assert Response.objects.count() == 0
    assert sorted(set(seed.events.values_list("kind", flat=True))) == [
        "letter_drafted",
        "letter_edited",
        "letter_released",
        "letter_sent",
        "status_changed",
    ]


def test_the_feeds_tell_it_once(seed):
    def told(stream):
        entries = FeedEntry.objects.filter(stream=stream).order_by("position")
        return [entry.event.kind for entry in entries.select_related("event")]

    assert told("office") == ["letter_sent", *["status_changed"] * 8, "letter_released"]
    assert told("released") == ["letter_released"]


def test_a_corrected_letter_is_still_the_one_that_was_loaded(seed, staff):
    """What it says of itself may be corrected; a second one at the next start would double the record."""
    day = dt.date(2023, 4, 24)
    amend(seed, by=staff, reason="TEST", subject="TEST: another subject", letter_date=day, printed_date=day)
    assert load_seed_letter() == seed
    assert (Letter.objects.count(), Tasking.objects.count()) == (1, 8)


def test_loading_it_again_changes_nothing(seed):
    before = {model: list(model.objects.order_by("pk").values()) for model in (Letter, Tasking, Event, Signature, Ask)}
    assert load_seed_letter() == seed
    assert {model: list(model.objects.order_by("pk").values()) for model in before} == before


def test_the_command_loads_it_and_says_which(reference, capsys):
    call_command("load_seed_letter")
    call_command("load_seed_letter")
    assert capsys.readouterr().out == "2023-0001: Huawei Cloud and other PRC cloud computing services\n" * 2
    assert Letter.objects.count() == 1


def test_in_a_real_office_neither_the_letter_nor_the_accounts_of_the_demo_are_made(reference, tmp_path):
    """A sent letter never leaves the record again, and an account of the same name would get the demo's password."""
    with acting(SystemProcess.COMMAND):
        Office.objects.create(kind="committee", name="TEST Committee")
        theirs = User.objects.create(username="admin", password="TEST", role="admin")
    with pytest.raises(CommandError, match=r"^No demo letter: this is the record of TEST Committee, and no demo\."):
        call_command("load_seed_letter")
    with pytest.raises(CommandError, match=r"^No demo accounts: this is the record of TEST Committee, and no demo\."):
        call_command("create_demo_accounts", "--password-file", str(tmp_path / "demo-password"))
    assert (Letter.objects.count(), list(User.objects.all())) == (0, [theirs])
    assert User.objects.get().password == "TEST"
    assert not (tmp_path / "demo-password").exists()


def test_an_empty_file_of_the_demos_password_is_filled(reference, tmp_path):
    """A start killed before it had written it left it empty, and with it nobody could sign in for good."""
    file = tmp_path / "demo-password"
    file.touch()
    call_command("create_demo_accounts", "--password-file", str(file))
    password = file.read_text().strip()
    assert (len(password), file.stat().st_mode & 0o777, [path.name for path in tmp_path.iterdir()]) == (
        16, 0o600, ["demo-password"],
    )  # fmt: skip
    assert authenticate(username="admin", password=password) == User.objects.get(username="admin")
    call_command("create_demo_accounts", "--password-file", str(file))
    assert file.read_text().strip() == password


def test_without_reference_data_the_command_names_the_way_out(reference, run_sql):
    run_sql("TRUNCATE letters_askkind CASCADE")
    assert AskKind.objects.count() == 0
    with pytest.raises(CommandError, match=r"^There is no reference data yet. Run `manage.py load_reference` first\.$"):
        call_command("load_seed_letter")


def test_what_the_letter_says_happened_before_it_is_quoted_from_it(seed):
    quotes = [one_space(entry["source_quote"]) for entry in read_yaml("seed_letter.yaml")["background"]]
    assert [quote for quote in quotes if quote not in one_space(seed.text)] == []
