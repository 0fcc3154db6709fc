"""Of a file that was chosen by mistake, which may be classified or somebody's private paper, nothing stays."""

from pathlib import Path

import pytest

from letters.domain import sheet_files
from letters.domain.history import acting
from letters.errors import RecordError
from letters.intake.sheet import batches
from letters.intake.sheet.trying import try_sample
from letters.models import ImportBatch, ImportRow
from letters.reminders.hush import hush
from tests import made_files
from tests.intake.sheet.conftest import BY, brought_in, checked
from tracker.backups import place

SHEET = b"Date,Subject,Signers,Agency\n4/25/2023,TEST,TEST Nobody,Treasury\n"


@pytest.fixture(autouse=True)
def _record(reference) -> None:
    """Agencies to ask."""


def lying(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def in_a_backup() -> list[str]:
    return [name for name, _ in place.here().kept() if name.startswith("files/")]


@pytest.mark.parametrize("data", [made_files.PDF, made_files.compound("EncryptedPackage", "EncryptionInfo"), b""])
def test_what_is_no_spreadsheet_is_not_kept(settings, data):
    with pytest.raises(RecordError):
        batches.receive(by=BY, data=data, name="TEST.xlsx")
    assert lying(settings) == []


def test_a_file_that_is_given_up_is_gone_with_its_rows_and_no_backup_after_it_has_it(settings):
    batch, other = checked(SHEET), checked(SHEET)
    assert in_a_backup() == sorted(f"files/imports/{one.pk}" for one in (batch, other))
    assert batches.give_up(batch, by=BY)
    assert in_a_backup() == [f"files/imports/{other.pk}"]
    assert lying(settings) == [sheet_files.path(other)]  # the same bytes, brought in for themselves
    assert set(ImportRow.objects.values_list("batch", flat=True)) == {other.pk}


def test_one_that_was_imported_is_kept(settings):
    brought_in(SHEET)
    assert sheet_files.path(ImportBatch.objects.get()).read_bytes() == SHEET
    with pytest.raises(RecordError, match="is imported; it can no longer be changed"):
        batches.give_up(ImportBatch.objects.get(), by=BY)


def test_trying_the_sample_leaves_no_file(settings):
    assert try_sample(by=BY, hush=hush).new == 7
    assert (lying(settings), ImportBatch.objects.count()) == ([], 0)


def test_what_cannot_be_deleted_is_not_said_to_be_forgotten(settings):
    batch = checked(SHEET)
    sheet_files.path(batch).unlink()
    sheet_files.path(batch).mkdir()
    with pytest.raises(RecordError, match=r"“TEST.csv” cannot be deleted on this server: .+ Tell an administrator"):
        batches.give_up(batch, by=BY)
    assert ImportBatch.objects.filter(pk=batch.pk).exists()


def test_the_bytes_that_an_earlier_version_kept_under_their_digest_stay(settings):
    batch = checked(SHEET)
    old = Path(settings.MEDIA_ROOT) / "ab" / "abTEST"
    old.parent.mkdir()
    sheet_files.path(batch).rename(old)
    batch.file.name = "ab/abTEST"
    with acting(BY):
        batches.saved(batch)
    assert batches.read(batch, by=BY).counts == {"rows": 1}
    assert not batches.give_up(batch, by=BY)
    assert old.read_bytes() == SHEET


def test_a_file_that_is_gone_is_said(settings):
    batch = checked(SHEET)
    sheet_files.path(batch).unlink()
    with pytest.raises(RecordError, match=r"“TEST.csv” is no longer kept here\. Forget it, and choose it again\."):
        batches.read(batch, by=BY)
    assert batches.give_up(batch, by=BY)
