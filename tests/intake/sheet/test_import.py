"""A sheet into the record: what it becomes, what is flagged, and that the same file twice changes nothing."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from letters.domain.sending import change_access
from letters.enums import SystemProcess
from letters.errors import NotAllowed, RecordError
from letters.intake.sheet import batches, checking, mending, undoing
from letters.intake.sheet.applying import apply
from letters.models import (
    Event,
    Evidence,
    ImportBatch,
    ImportRow,
    Letter,
    Note,
    Notice,
    Reminder,
    Response,
    Signature,
    Target,
    Tasking,
)
from letters.reminders.hush import hush
from letters.reminders.sweep import sweep
from tests import factories, made_sheets
from tests.intake.sheet.conftest import BY, as_csv, brought_in, checked, results, said

HEADER = (
    "No|Date|Subject|Signed by|Agency|Request|Status|Response date|Reply summary|Evidence|Reason|Comments|Status since"
)
PLAIN = (
    "1",
    "4/25/2023",
    "TEST cloud",
    "Hagerty, Bill; Blackburn, Marsha",
    "Treasury; Commerce",
    "TEST sanction",
    "open",
    "",
    "",
    "",
    "",
    "TEST note",
    "",
)


def row(**changed: str) -> tuple[str, ...]:
    names = (
        "no",
        "date",
        "subject",
        "signers",
        "agency",
        "ask",
        "status",
        "reply_on",
        "reply",
        "evidence",
        "reason",
        "note",
        "since",
    )
    return tuple({**dict(zip(names, PLAIN, strict=True)), **changed}[name] for name in names)


def items() -> list[tuple[str, str, str]]:
    found = Tasking.objects.order_by("ask__letter__reference", "ask__number", "agency__slug")
    return [(t.ask.letter.reference, str(t), t.status) for t in found]


def test_a_row_becomes_a_sent_letter_with_its_items(reference, staff, sheet):
    done = brought_in(sheet(HEADER, row()), by=staff)
    assert done.words() == "1 new letter (2023-0001), 2 items; 0 replies"
    letter = Letter.objects.get()
    assert (letter.subject, letter.letter_date, letter.sent_on, letter.our_role) == (
        "TEST cloud",
        dt.date(2023, 4, 25),
        dt.date(2023, 4, 25),
        "led",
    )
    assert items() == [
        ("2023-0001", "Commerce: TEST sanction", "awaiting"),
        ("2023-0001", "Treasury: TEST sanction", "awaiting"),
    ]
    assert list(letter.signatures.values_list("printed_name", "legislator__bioguide", "match")) == [
        ("Bill Hagerty", "H000601", "proposed"), ("Marsha Blackburn", "B001243", "proposed"),
    ]  # fmt: skip
    assert list(letter.addressees.values_list("printed_name", "agency__slug")) == [
        ("Department of the Treasury", "treasury"), ("Department of Commerce", "commerce"),
    ]  # fmt: skip
    assert [str(due) for due in Tasking.objects.values_list("due_on", flat=True)] == ["2023-05-24"] * 2
    assert set(Event.objects.values_list("by_user__username", flat=True)) == {"staff"}
    sent = Event.objects.get(kind="letter_sent")
    assert sent.occurred_at.date() == dt.date(2023, 4, 25)
    assert sorted(note.text for note in Note.objects.all()) == [
        "Number in the imported sheet “TEST.csv”: 1",
        "TEST note",
        "TEST note",
    ]


def test_the_same_file_twice_changes_nothing(reference, staff, manager, sheet):
    data = sheet(HEADER, row(), row(no="2", subject="TEST other", agency="State"))
    brought_in(data, by=staff)
    before = (items(), Note.objects.count(), Event.objects.count())
    batch = checked(data, by=manager)
    assert results(batch) == {2: "already here: 2023-0001", 3: "already here: 2023-0002"}
    assert apply(batch, by=manager, hush=hush).words() == "0 new letters, 0 items; 0 replies; 2 already here"
    assert (items(), Note.objects.count(), Event.objects.count()) == before


def test_a_letter_logged_by_hand_is_here_too_and_one_entered_in_error_is_not(reference, staff, sheet):
    letter = factories.sent(subject="TEST  Cloud ", sent_on=dt.date(2023, 4, 25))
    assert results(checked(sheet(HEADER, row()), by=staff)) == {2: f"already here: {letter.reference}"}
    from letters.domain.sending import enter_in_error

    enter_in_error(letter, by=staff, reason="TEST")
    assert results(checked(sheet(HEADER, row()), by=staff)) == {2: "new letter: 1 ask, 2 items"}


def test_a_letter_whose_subject_was_corrected_since_is_still_the_same(reference, staff, sheet):
    from letters.domain.sending import amend

    brought_in(sheet(HEADER, row()), by=staff)
    amend(Letter.objects.get(), by=staff, reason="TEST", subject="TEST something else")
    assert results(checked(sheet(HEADER, row()), by=staff)) == {2: "already here: 2023-0001"}


def test_two_letters_of_one_day_and_subject_are_two(reference, staff, sheet):
    data = sheet(HEADER, row(no="A-1"), row(no="A-2"))
    assert brought_in(data, by=staff).new == 2
    assert results(checked(data, by=staff)) == {2: "already here: 2023-0001", 3: "already here: 2023-0002"}


def test_letters_alike_but_for_an_accent_come_in_as_the_check_said(reference, sheet, monkeypatch):
    monkeypatch.setattr(checking, "LETTERS_AT_ONCE", 1)  # the second is looked up when the first is in
    data = sheet(HEADER, row(no="A-1", subject="TEST cafe"), row(no="A-2", subject="TEST Café"))
    batch = checked(data)
    assert results(batch) == dict.fromkeys((2, 3), "new letter: 1 ask, 2 items")
    assert apply(batch, by=BY, hush=hush).new == 2
    assert results(checked(data)) == {2: "already here: 2023-0001", 3: "already here: 2023-0002"}


def test_numbers_that_count_rows_in_any_order_and_with_gaps_make_no_letters(reference, sheet):
    rows = [
        row(no=no, subject=f"TEST {s}", ask=f"TEST {no}") for no, s in (("9", "b"), ("5", "a"), ("4", "a"), ("2", "b"))
    ]
    batch = checked(sheet(HEADER, *rows))
    assert list(results(batch).values()) == [
        "new letter: 2 asks, 4 items",
        "new letter: 2 asks, 4 items",
        "with row 3",
        "with row 2",
    ]
    assert [(number, words.split(":")[1]) for number, field, words in said(batch) if field == "number"] == [
        (4, " “4” here, “5” in row 3, which has the same day and subject"), (5, " “2” here, “9” in row 2, which has the same day and subject"),
    ]  # fmt: skip


def test_a_letter_of_the_same_day_and_subject_under_another_number_is_asked_about(reference, sheet):
    batch = checked(sheet(HEADER, row(no="A-1"), row(no="A-2")))
    assert [(number, words[:98]) for number, field, words in said(batch, blocks=False) if field == "subject"] == [
        (3, "Subject: the same day and subject as row 2, under another number: one letter or two? It comes in a")
    ]


def test_a_manager_s_check_tells_a_colleague_of_no_restricted_letter(reference, staff, manager, sheet):
    batch = checked(sheet(HEADER, row()), by=staff)
    factories.sent(subject="TEST cloud", sent_on=dt.date(2023, 4, 25), access="restricted")
    batch = checking.check(ImportBatch.objects.get(pk=batch.pk), by=manager)
    assert results(batch) == {2: "new letter: 1 ask, 2 items"}
    assert apply(batch, by=manager, hush=hush).new == 1  # as it was said
    change_access(Letter.objects.get(imported__batch=batch), by=manager, access="restricted")
    batch.refresh_from_db()
    assert undoing.standing(batch, by=staff).touched == ["a letter that is restricted"]
    assert undoing.standing(batch, by=manager).touched == ["2023-0002"]


def test_replies_of_an_undone_import_wait_for_no_reader(reference, staff, sheet):
    batch = checked(sheet(HEADER, row(agency="Treasury", status="", reply_on="5/30/2023")), by=staff)
    apply(batch, by=staff, hush=hush)
    assert Response.objects.unread_by(staff).count() == 1
    undoing.undo(batch, by=staff, reason="TEST")
    assert Response.objects.unread_by(staff).count() == 0


def test_a_restricted_letter_is_not_here_for_who_may_not_see_it(reference, staff, manager, sheet):
    factories.sent(subject="TEST cloud", sent_on=dt.date(2023, 4, 25), access="restricted")
    assert results(checked(sheet(HEADER, row()), by=staff)) == {2: "new letter: 1 ask, 2 items"}
    assert results(checked(sheet(HEADER, row()), by=manager)) == {2: "already here: 2023-0001"}


def test_rows_of_one_letter_are_its_asks_and_agencies(reference, sheet):
    data = sheet(
        "Number|Date|Subject|Signers|Ask number|Request|Kind of ask|About|Agency|Consulted|Acting bureau",
        (
            "7",
            "4/25/2023",
            "TEST cloud",
            "Bill Hagerty",
            "1",
            "",
            "sanction",
            "TEST Cloud, Inc.",
            "Treasury",
            "State",
            "OFAC",
        ),
        ("7", "", "", "", "2", "TEST investigate", "", "", "Treasury", "", ""),
        ("7", "", "", "", "2", "TEST investigate", "", "", "Commerce", "", ""),
    )
    assert brought_in(data).words() == "1 new letter (2023-0001), 4 items; 0 replies"
    found = [
        (str(t), t.role, str(t.acting_agency or "")) for t in Tasking.objects.order_by("ask__number", "agency__slug")
    ]
    assert found == [
        ("State: Sanction TEST Cloud, Inc.", "consulted", ""), ("Treasury: Sanction TEST Cloud, Inc.", "lead", "OFAC"),
        ("Commerce: TEST investigate", "lead", ""), ("Treasury: TEST investigate", "lead", ""),
    ]  # fmt: skip
    assert Target.objects.get().name == "TEST Cloud, Inc."


@pytest.mark.parametrize(
    ("status", "brings", "becomes", "field"),
    [
        ("done", {}, "awaiting", "evidence"),
        ("done", {"evidence": "TEST 99 FR 99999"}, "awaiting", "status_on"),
        ("done", {"evidence": "TEST 99 FR 99999", "since": "6/1/2023"}, "implemented", ""),
        ("done", {"evidence": "TEST Entity List", "since": "6/1/2023"}, "implemented", ""),
        ("done", {"evidence": "per call with TEST 5/3", "since": "6/1/2023"}, "awaiting", "evidence"),
        ("answered", {}, "awaiting", "reply_on"),
        ("answered", {"reply_on": "5/30/2023", "reply": "TEST words"}, "answered", ""),
        ("refused", {"reply_on": "5/30/2023"}, "declined", ""),
        ("moot", {}, "awaiting", "reason"),
        ("moot", {"reason": "TEST law changed"}, "awaiting", "status_on"),
        ("moot", {"reason": "TEST law changed", "since": "6/1/2023"}, "overtaken", ""),
        ("in progress", {}, "awaiting", "status_on"),
        ("in progress", {"since": "6/1/2023"}, "considering", ""),
        ("received", {"reply_on": "5/2/2023"}, "acknowledged", ""),
        ("closed", {}, "awaiting", ""),
        ("TEST word", {}, "awaiting", ""),
    ],
)
def test_a_status_comes_along_only_with_what_it_needs(reference, sheet, status, brings, becomes, field):
    batch = checked(sheet(HEADER, row(agency="Treasury", status=status, **brings)))
    remarks = [words for _, place, words in said(batch) if place == "status"]
    assert bool(remarks) == (becomes == "awaiting")
    if field:
        from letters.intake.sheet.columns import BY_CODE

        assert f"fill “{BY_CODE[field].label}”" in remarks[0]
    apply(batch, by=BY, hush=hush)
    assert [status for _, _, status in items()] == [becomes]


def test_an_outcome_happened_on_its_own_day(reference, sheet):
    brought_in(sheet(HEADER, row(agency="Treasury", status="answered", reply_on="5/30/2023", reply="TEST words")))
    reply = Response.objects.get()
    assert (reply.received_on, reply.kind, reply.text, reply.answers.get().stance) == (
        dt.date(2023, 5, 30),
        "substantive",
        "TEST words",
        "unknown",
    )
    assert Event.objects.get(to_status="answered").occurred_at.date() == dt.date(2023, 5, 30)


def test_what_is_no_evidence_is_kept_as_a_note(reference, sheet):
    data = sheet(
        HEADER, row(agency="Treasury", status="done", evidence="per call with TEST 5/3", since="6/1/2023", note="")
    )
    assert any(
        words.startswith("Evidence: “per call with TEST 5/3” is no citation") for _, _, words in said(checked(data))
    )
    brought_in(data)
    assert not Evidence.objects.exists()
    assert Note.objects.get(tasking__isnull=False).text == "Evidence in the imported sheet: per call with TEST 5/3"


def test_one_reply_of_several_rows_is_one(reference, sheet):
    same = {"agency": "Treasury", "status": "answered", "reply_on": "5/30/2023", "reply": "TEST words"}
    brought_in(sheet(HEADER, row(**same), row(ask="TEST second", **same)))
    assert Response.objects.get().answers.count() == 2


def test_a_reply_nobody_says_anything_about_waits_to_be_read(reference, sheet):
    brought_in(sheet(HEADER, row(agency="Treasury", status="", reply_on="5/30/2023")))
    assert Response.objects.get().answers.get().coverage is None


def test_unknown_agencies_are_a_problem_with_a_proposal_and_unknown_signers_only_a_remark(reference, sheet):
    batch = checked(sheet(HEADER, row(agency="Treasurry", signers="TEST Nobody; Hagerty")))
    [(number, field, words)] = said(batch, blocks=True)
    assert (number, field) == (2, "agency")
    assert words.startswith("Agency: “Treasurry” is no agency we know. Perhaps “Department of the Treasury” or ")
    remarks = said(batch, blocks=False)
    assert [(number, field) for number, field, _ in remarks] == [(2, "signers"), (2, "signers")]
    assert "no member of this name sat then" in remarks[0][2]
    assert "perhaps Bill Hagerty" in remarks[1][2]
    with pytest.raises(RecordError, match="Row 2: Agency: “Treasurry” is no agency we know"):
        apply(batch, by=BY, hush=hush)
    assert not Letter.objects.exists()


def test_the_others_come_in_without_the_one_that_has_a_problem(reference, sheet):
    done = brought_in(sheet(HEADER, row(agency="TEST Nobody"), row(no="2", date="4/26/2023")), leave_out_problems=True)
    assert done.words() == "1 new letter (2023-0001), 2 items; 0 replies; 1 left out with problems"


def test_a_row_is_mended_in_place_and_the_file_stays_as_it_was(reference, staff, sheet):
    batch = checked(sheet(HEADER, row(agency="Treasurry"), row(no="2", date="TEST soon")), by=staff)
    first, second = batch.rows.order_by("number")
    mending.mend(first, by=staff, values={"agency": "Treasury"})
    mending.mend(second, by=staff, values={}, leave_out=True)
    batch = checking.check(ImportBatch.objects.get(), by=staff)
    assert results(batch) == {2: "new letter: 1 ask, 1 item", 3: "left out"}
    assert batch.rows.get(number=2).cells[4] == "Treasurry"
    assert apply(batch, by=staff, hush=hush).new == 1
    assert not ImportRow.objects.exists()


def test_dates_that_could_be_two_are_asked_for_once(reference, sheet):
    data = sheet(HEADER, row(date="4/5/2023"))
    assert checking.date_order(checked(data)).value == "either"
    brought_in(data, day_first=True)
    assert Letter.objects.get().letter_date == dt.date(2023, 5, 4)


def test_columns_are_remembered_by_the_set_of_headers(reference, staff, manager, sheet):
    data = sheet("When|What|Who signed|Dept", ("4/25/2023", "TEST", "Bill Hagerty", "Treasury"))
    batch = batches.read(batches.receive(by=staff, data=data, name="TEST.csv"), by=staff)
    assert batch.columns == ["", "", "", "agency"]
    with pytest.raises(RecordError, match="No column is “Subject”"):
        batches.match(batch, by=staff, columns=batch.columns)
    batches.match(batch, by=staff, columns=["letter_date", "subject", "signers", "agency"])
    again = batches.read(batches.receive(by=manager, data=data, name="TEST.csv"), by=manager)
    assert again.columns == ["letter_date", "subject", "signers", "agency"]
    with pytest.raises(RecordError, match="“Subject” is chosen for two columns"):
        batches.match(again, by=manager, columns=["letter_date", "subject", "subject", "agency"])


def test_formulas_and_errors_are_flagged_never_run(reference, sheet):
    batch = checked(sheet(HEADER, row(date="=TODAY()", subject="#REF!")))
    assert [(field, words.split(".")[0]) for _, field, words in said(batch, blocks=True)] == [
        ("letter_date", "Letter date: “=TODAY()” is a formula, and the file holds no value for it"),
        ("subject", "Subject: the cell shows the error #REF!"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"date": "TEST soon"}, "letter_date", "Letter date: “TEST soon” is not a date. Write it as"),
        ({"date": "4/25/2150"}, "letter_date", "which is after today"),
        ({"subject": ""}, "subject", "Subject: missing"),
        ({"subject": "TEST " * 80}, "subject", "The subject has 399 characters; at most 300 fit"),
        ({"signers": ""}, "signers", "Nobody has signed the letter"),
        ({"agency": ""}, "agency", "Agency: missing. Name who owes the reply."),
        ({"reply_on": "4/1/2023", "agency": "Treasury"}, "reply_on", "is before the day the letter was sent"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(reference, sheet, changed, field, words):
    batch = checked(sheet(HEADER, row(**changed)))
    found = said(batch, blocks=True)
    assert [place for _, place, _ in found] == [field] * len(found)
    assert words in found[0][2]


def test_reminders_of_days_long_past_fire_for_nobody(reference, staff, manager, sheet):
    brought_in(sheet(HEADER, row(agency="Treasury")), by=staff)
    assert set(Reminder.objects.values_list("quiet", flat=True)) == {True}
    fired = Reminder.objects.count()
    done = sweep()
    assert (done.notices, Notice.objects.count(), Reminder.objects.count()) == (0, 0, fired)
    assert (done.past_due, done.acknowledgements_late) == (1, 1)  # what happened is recorded all the same


def test_a_dry_run_leaves_nothing_behind(reference, staff, sheet):
    batch = checked(sheet(HEADER, row()), by=staff)
    assert apply(batch, by=staff, dry=True, hush=hush).new == 1
    assert (Letter.objects.count(), Event.objects.count(), batch.rows.count()) == (0, 0, 1)
    assert apply(batch, by=staff, hush=hush).references == ["2023-0001"] * 2


def test_a_failure_in_the_middle_leaves_nothing_behind(reference, staff, sheet, monkeypatch):
    monkeypatch.setattr(checking, "LETTERS_AT_ONCE", 1)
    batch = checked(sheet(HEADER, row(), row(no="2", date="4/26/2023")), by=staff)
    seen = []

    def fails(letters):
        seen.extend(letters)
        if len(seen) == 2:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        apply(batch, by=staff, hush=fails)
    assert (len(seen), Letter.objects.count(), ImportBatch.objects.get().state) == (2, 0, "ready")


def test_who_may(reference, viewer, staff, manager, sheet):
    with pytest.raises(NotAllowed):
        batches.receive(by=viewer, data=sheet(HEADER, row()), name="TEST.csv")
    other = factories.user(username="TEST-other")
    batch = checked(sheet(HEADER, row()), by=staff)
    with pytest.raises(NotAllowed, match="staff brought this file in"):
        apply(batch, by=other, hush=hush)
    assert apply(batch, by=manager, hush=hush).new == 1
    with pytest.raises(RecordError, match="is imported"):
        apply(batch, by=manager, hush=hush)


@pytest.mark.parametrize(
    ("name", "sheet_name", "words"),
    [
        ("one-row-a-letter.csv", "", "7 new letters (first 2022-0001, last 2024-0001), 9 items; 0 replies"),
        ("one-row-an-ask-and-agency.xlsx", "", "3 new letters (first 2023-0001, last 2025-0001), 12 items; 0 replies"),
        ("ugly-on-purpose.xlsx", "LETTERS (current)", "2 new letters (first 2023-0001, last 2024-0001), 6 items; 0 replies; 3 left out with problems"),
    ],
)  # fmt: skip
def test_the_samples_come_in(reference, name, sheet_name, words, capsys):
    call_command("import_letters", str(made_sheets.SHEETS / name), "--leave-out-problems", sheet=sheet_name)
    assert f"Imported: {words}." in capsys.readouterr().out


def test_the_seed_letter_comes_in_as_it_was_logged(seed):
    batch = checked((made_sheets.SHEETS / "one-row-an-ask-and-agency.xlsx").read_bytes(), name="TEST.xlsx")
    assert results(batch)[2] == "already here: 2023-0001"


def test_the_command_tells_and_a_dry_run_changes_nothing(reference, tmp_path, capsys, sheet):
    path = tmp_path / "TEST.csv"
    path.write_bytes(sheet(HEADER, row(agency="Treasury", status="done")))
    call_command("import_letters", str(path), "--dry-run")
    told = capsys.readouterr().out
    assert "  Request -> What we ask\n" in told
    assert "Worth a look (1):\n  row 2: Status: “done” needs evidence" in told
    assert "Would be imported: 1 new letter (2023-0001), 1 item; 0 replies.\n" in told
    assert (Letter.objects.count(), ImportBatch.objects.count()) == (0, 0)


def test_the_command_refuses_in_words(reference, tmp_path, sheet):
    path = tmp_path / "TEST.csv"
    path.write_bytes(sheet(HEADER, row(agency="TEST Nobody")))
    for how, words in [
        ([str(path)], "Row 2: Agency: “TEST Nobody” is no agency we know"),
        ([str(path), "--as", "TEST"], "nobody here has the user name “TEST”"),
        ([str(tmp_path / "gone.csv")], "cannot be read: No such file"),
    ]:
        with pytest.raises(CommandError, match=words):
            call_command("import_letters", *how)
    assert not ImportBatch.objects.exists()


def test_the_command_logs_in_a_person_s_name_or_its_own(reference, staff, tmp_path, sheet):
    path = tmp_path / "TEST.csv"
    path.write_bytes(sheet(HEADER, row()))
    call_command("import_letters", str(path), "--as", "Staff")
    path.write_bytes(sheet(HEADER, row(date="4/26/2023")))
    call_command("import_letters", str(path))
    who = Event.objects.filter(kind="letter_sent").order_by("sequence").values_list("by_user__username", "by_process")
    assert list(who) == [("staff", ""), (None, SystemProcess.COMMAND)]
    assert Evidence.objects.count() == Signature.objects.filter(match="confirmed").count() == 0


@pytest.mark.parametrize(
    ("cell", "agencies"),
    [
        ("Treasury, Commerce and State", ["Commerce", "State", "Treasury"]),
        ("Treasury / State", ["State", "Treasury"]),
        ("Dept. of the Treasury", ["Treasury"]),
        ("Department of Health and Human Services", ["Health and Human Services"]),
        ("BIS, Department of Commerce", ["BIS"]),
        ("State Dept; HHS\nTREASURY", ["Health and Human Services", "State", "Treasury"]),
    ],
)
def test_agencies_of_one_cell(reference, sheet, cell, agencies):
    brought_in(sheet(HEADER, row(agency=cell)))
    assert sorted(str(tasking.agency) for tasking in Tasking.objects.all()) == agencies


def test_the_command_leaves_nothing_behind_that_somebody_stopped(reference, tmp_path, sheet, monkeypatch):
    def stopped(letters):
        raise KeyboardInterrupt

    path = tmp_path / "TEST.csv"
    path.write_bytes(sheet(HEADER, row()))
    monkeypatch.setattr("letters.management.commands.import_letters.hush", stopped)
    with pytest.raises(KeyboardInterrupt):
        call_command("import_letters", str(path))
    assert (Letter.objects.count(), ImportBatch.objects.count(), ImportRow.objects.count()) == (0, 0, 0)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file != path]


def test_a_former_sheet_of_these_headers_may_have_been_wider(reference, tmp_path, capsys):
    """Two stray cells beside its table; the command pairs headers with columns."""
    head = ["Date", "Subject", "Signed by", "Agency", "Request"]
    line = ["4/25/2023", "TEST cloud", "TEST Nobody", "Treasury", "TEST"]
    path = tmp_path / "TEST.csv"
    for rows in ([line, ["4/26/2023", *line[1:], "", "TEST stray"]], [line], [["4/27/2023", *line[1:], "TEST stray"]]):
        path.write_bytes(as_csv([head, *rows]))
        call_command("import_letters", str(path))
    assert [said for said in capsys.readouterr().out.splitlines() if said.startswith("Imported")] == [
        "Imported: 2 new letters (first 2023-0001, last 2023-0002), 2 items; 0 replies.",
        "Imported: 0 new letters, 0 items; 0 replies; 1 already here.",
        "Imported: 1 new letter (2023-0003), 1 item; 0 replies.",
    ]
    widths = [(len(batch.headers), len(batch.columns)) for batch in ImportBatch.objects.order_by("created_at")]
    assert widths == [(7, 7), (5, 5), (6, 6)]
