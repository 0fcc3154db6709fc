"""Files of a refused form: kept for their person alone, judged like any other, gone after a day."""

import os
import time

import pytest

from letters import tasks
from letters.domain import files, waiting_files
from letters.errors import RecordError
from tests import factories, made_files

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def two(reference):
    return factories.user(username="one"), factories.user(username="two")


def test_only_its_person_finds_it(two, folder):
    one, other = two
    kept = waiting_files.keep(by=one, data=made_files.PDF, name="../TEST\u202e reply")
    assert (kept.name, kept.size, kept.read()) == ("TEST reply.pdf", len(made_files.PDF), made_files.PDF)
    found = waiting_files.find(kept.ref, by=one)
    assert (found.name, found.read(5)) == ("TEST reply.pdf", b"%PDF-")
    assert waiting_files.find(kept.ref, by=other) is None
    waiting_files.drop(kept.ref, by=other)
    assert waiting_files.find(kept.ref, by=one) is not None
    waiting_files.drop(kept.ref, by=one)
    assert waiting_files.find(kept.ref, by=one) is None
    with pytest.raises(RecordError, match=r"“TEST reply.pdf” is no longer kept here.*Choose it again"):
        found.read()


@pytest.mark.parametrize("ref", ["", "x", "../../secret-key a", f"{'A' * 64} a", f"{'a' * 63}/ a", f"{'0' * 64} a"])
def test_what_is_no_reference_finds_nothing(two, folder, ref):
    waiting_files.keep(by=two[0], data=made_files.PNG, name="a.png")
    assert waiting_files.find(ref, by=two[0]) is None


def test_what_could_never_be_attached_is_not_kept(two, folder):
    with pytest.raises(RecordError, match="is a Windows program"):
        waiting_files.keep(by=two[0], data=made_files.EXE, name="reply.pdf")
    assert not folder.exists()


def test_nobody_came_back_for_it(two, folder):
    old, new = (waiting_files.keep(by=one, data=made_files.PDF, name="a.pdf") for one in two)
    os.utime(old.path, (time.time() - waiting_files.FOR - 1,) * 2)
    waiting_files.sweep()
    assert (old.path.exists(), new.path.exists()) == (False, True)


def test_the_oldest_make_room(two, folder, monkeypatch):
    monkeypatch.setattr(waiting_files, "MAX_WAITING", len(made_files.PDF) + len(made_files.PNG))
    first = waiting_files.keep(by=two[0], data=made_files.GIF, name="a.gif")
    second = waiting_files.keep(by=two[0], data=made_files.PDF, name="a.pdf")
    os.utime(first.path, (time.time() - 60,) * 2)
    waiting_files.keep(by=two[0], data=made_files.PNG, name="a.png")
    assert (first.path.exists(), second.path.exists()) == (False, True)


def test_what_another_request_removes_or_is_just_writing_is_in_nobodys_way(two, monkeypatch):
    monkeypatch.setattr(waiting_files, "MAX_WAITING", len(made_files.PDF))
    folder = waiting_files.keep(by=two[0], data=made_files.GIF, name="a.gif").path.parent
    (folder / ("a" * 64)).symlink_to(folder / "removed")  # listed, and gone when it is looked at
    part = folder / f"{files.PART}TEST"
    part.write_bytes(made_files.PDF)
    os.utime(part, (time.time() - 60,) * 2)
    kept = waiting_files.keep(by=two[0], data=made_files.PDF, name="a.pdf")
    assert {path.name for path in folder.iterdir() if path.exists()} == {part.name, kept.digest}


def test_what_cannot_be_removed_stops_neither_the_round_nor_the_others(two, caplog):
    kept = waiting_files.keep(by=two[0], data=made_files.PDF, name="a.pdf")
    (kept.path.parent / "0").mkdir()
    for path in kept.path.parent.iterdir():
        os.utime(path, (time.time() - waiting_files.FOR - 1,) * 2)
    assert tasks.sweep_reminders.apply().successful()
    assert (kept.path.exists(), "could not be removed" in caplog.text) == (False, True)
