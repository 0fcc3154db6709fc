"""Two colleagues bring one sheet in at the same moment: its letters are logged once. And an import whose database goes away."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from letters.domain import making, worksheets
from letters.domain.history import acting
from letters.domain.plans import Plan, PlannedAddressee, PlannedAsk, PlannedSigner, PlannedTarget
from letters.intake.sheet import checking, naming_first
from letters.intake.sheet.applying import apply
from letters.models import ImportBatch, ImportRow, Letter, Target, Topic
from tests.concurrency.beside import Beside
from tests.intake.sheet.conftest import as_csv, checked

ROWS = [
    ["No", "Date", "Subject", "Signed by", "Agency", "Request"],
    *([n, f"4/{n}/2023", f"TEST {n}", "TEST Nobody", "Treasury", "TEST"] for n in (1, 2, 3)),
]


def test_one_sheet_that_two_bring_in_at_once_is_logged_once(reference, staff, manager, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    first, second = (checked(as_csv(ROWS), by=by) for by in (staff, manager))
    other = Beside(lambda: apply(ImportBatch.objects.get(pk=second.pk), by=manager, hush=lambda _: None))

    def hush(letters) -> None:
        """What the first calls when its letters are logged, and not committed."""
        other.begin()

    assert (
        apply(first, by=staff, hush=hush).words()
        == "3 new letters (first 2023-0001, last 2023-0003), 3 items; 0 replies"
    )
    assert other.came_to().words() == "0 new letters, 0 items; 0 replies; 3 already here"
    assert Letter.objects.count() == 3


@pytest.mark.parametrize("dry", [False, True])
def test_one_that_failed_or_was_tried_holds_nobody_up(reference, staff, manager, settings, tmp_path, dry):
    settings.MEDIA_ROOT = tmp_path / "files"
    first, second = (checked(as_csv(ROWS), by=by) for by in (staff, manager))

    def fails(letters) -> None:
        raise ZeroDivisionError

    if dry:
        apply(first, by=staff, dry=True, hush=lambda _: None)
    else:
        with pytest.raises(ZeroDivisionError):
            apply(first, by=staff, hush=fails)
    assert apply(second, by=manager, hush=lambda _: None).new == 3


def test_the_command_leaves_nothing_behind_where_the_database_went_away(reference, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "TEST.csv"
    path.write_bytes(as_csv(ROWS))

    def cut(letters) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr("letters.management.commands.import_letters.hush", cut)
    with pytest.raises(OperationalError):
        call_command("import_letters", str(path))
    assert (Letter.objects.count(), ImportBatch.objects.count(), ImportRow.objects.count()) == (0, 0, 0)
    assert not [file for file in (tmp_path / "files").rglob("*") if file.is_file()]


COMPANY = "TEST Cloud, Inc."


def naming(*companies: str, topics: tuple[str, ...] = ("TEST topic",)) -> Plan:
    return Plan(
        facts={"subject": "TEST letter", "letter_date": dt.date(2023, 5, 9), "access": "office"},
        signers=(PlannedSigner("signers-0", "Bill Hagerty", "", "H000601", True, True),),
        addressees=(PlannedAddressee("addressees-0", "treasury", "TEST Secretary"),),
        asks=(
            PlannedAsk(
                "asks-0", "sanction", summary="TEST", responsible=("treasury",),
                targets=tuple(PlannedTarget(f"asks-0-target-{name}", name=name, kind="company") for name in companies),
            ),
        ),
        topics=topics,
    )  # fmt: skip


@pytest.mark.parametrize("reviews", [False, True])
def test_who_sends_a_letter_on_a_company_that_an_import_comes_to_waits_for_it(
    reference, staff, manager, settings, tmp_path, monkeypatch, reviews
):
    """The import has the year's number, and its second part names the company: who had that, and waited for a number, was
    waited for in turn. Also who only looks at the review takes both."""
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setattr(checking, "LETTERS_AT_ONCE", 1)
    head = [*ROWS[0], "About", "Topics"]
    batch = checked(as_csv([head, [*ROWS[1], "", ""], [*ROWS[2], COMPANY, "TEST topic"]]), by=manager)
    sheet = worksheets.save_worksheet(None, by=staff, typed={"subject": "TEST letter", "access": "office"})

    def send() -> str:
        if not reviews:
            return str(worksheets.send_worksheet(sheet, by=staff, plan=naming(COMPANY)).reference)
        with worksheets.rehearsal(sheet, by=staff, plan=naming(COMPANY)) as letter:
            return str(letter.reference)

    other = Beside(send)

    def hush(letters) -> None:
        """What the import calls when a part is logged: at the first, the colleague begins."""
        other.begin()

    assert apply(batch, by=manager, hush=hush).new == 2
    assert other.came_to() == "2023-0003"
    assert list(Target.objects.filter(name=COMPANY).values_list("slug", flat=True)) == ["test-cloud-inc"]
    assert Topic.objects.filter(name="TEST topic").count() == 1


@pytest.mark.parametrize(
    ("about", "filed", "typed"),
    [
        (COMPANY, "TEST topic", naming(COMPANY)),
        ("TEST A; TEST B", "", naming("TEST B", "TEST A", topics=())),
        ("", "TEST a; TEST b", naming(COMPANY, topics=("TEST b", "TEST a"))),
    ],
)
def test_who_sends_a_letter_while_an_import_names_the_same_waits_for_it(
    reference, staff, manager, settings, tmp_path, monkeypatch, about, filed, typed
):
    """Each had a name that the other came to: both name in one order, whatever that of the file and of the letter."""
    settings.MEDIA_ROOT = tmp_path / "files"
    batch = checked(as_csv([[*ROWS[0], "About", "Topics"], [*ROWS[1], about, filed]]), by=manager)
    sheet = worksheets.save_worksheet(None, by=staff, typed={"subject": "TEST letter", "access": "office"})
    other = Beside(lambda: str(worksheets.send_worksheet(sheet, by=staff, plan=typed).reference))

    def begins_behind(verb):
        """The colleague begins when the import has made its first name."""

        def named(*args, **how):
            made = verb(*args, **how)
            other.begin()
            return made

        return named

    for name in ("known_target", "topic_named"):
        monkeypatch.setattr(naming_first, name, begins_behind(getattr(naming_first, name)))
    assert apply(batch, by=manager, hush=lambda _: None).new == 1
    assert other.came_to() == "2023-0002"


@pytest.mark.parametrize(
    ("names", "slugs"),
    [(["TEST new", "TEST new"], ["test-new"]), (["C++", "C#"], ["c", "c-2"])],
)
def test_two_who_name_a_company_at_one_moment_get_one_and_two_names_two(reference, staff, manager, names, slugs):
    """The second one waits until the first has committed."""
    first, second = names

    def named(name: str, by) -> str:
        return making.known_target(by=by, planned=PlannedTarget("", name=name, kind="company")).name

    other = Beside(lambda: named(second, manager))
    with transaction.atomic():
        named(first, staff)
        other.begin()
    assert other.came_to() == second
    assert sorted(Target.objects.values_list("slug", flat=True)) == slugs


def test_two_topics_of_one_slug_at_one_moment_are_two(reference, staff, manager):
    def filed(name: str, by) -> str:
        with acting(by):
            return making.topic_named(name).slug

    other = Beside(lambda: filed("C#", manager))
    with transaction.atomic():
        filed("C++", staff)
        other.begin()
    assert other.came_to() == "c-2"
