"""An import is undone while nobody has worked on what came in, also while it is being undone: a long one takes a minute."""

import datetime as dt

import pytest

from letters.domain import items, replies
from letters.intake.sheet import running, undoing
from letters.intake.sheet.undoing import undo
from letters.models import ImportBatch, Letter, Note, Response, Tasking
from tests.intake.sheet.conftest import as_csv, brought_in

HEADER = ["No", "Date", "Subject", "Signed by", "Agency", "Request"]
REFUSED = "Somebody worked on {} since the import, so it is not undone as a whole."


@pytest.fixture
def batch(reference, staff, settings, tmp_path, monkeypatch) -> ImportBatch:
    """Three letters that came in, and are undone one by one."""
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setattr(undoing, "AT_ONCE", 1)
    rows = [[n, f"4/{n}/2023", f"TEST {n}", "TEST Nobody", "Treasury", "TEST"] for n in (1, 2, 3)]
    brought_in(as_csv([HEADER, *rows]), by=staff)
    return ImportBatch.objects.get()


def reply(by, reference: str) -> Response:
    tasking = Tasking.objects.select_related("agency").get(ask__letter__reference=reference)
    return replies.record_response(
        by=by, agency=tasking.agency, kind="interim", received_on=dt.date(2023, 6, 1), text="TEST",
        bearings=[replies.Bearing(tasking)],
    )  # fmt: skip


def note(by, reference: str) -> Note:
    return items.add_note(by=by, letter=Letter.objects.get(reference=reference), text="TEST")


@pytest.mark.parametrize(
    ("work", "on", "after"),
    [
        (reply, "2023-0002", 1),  # between two parts, on a letter of the next
        (note, "2023-0003", 1),
        (note, "2023-0001", 2),  # a note waits for nobody: on a letter that was entered in error a moment ago
    ],
)
def test_what_somebody_does_while_it_is_undone_keeps_all_its_letters(batch, staff, manager, together, work, on, after):
    came = []

    def tell(done: int, total: int) -> None:
        if done == after:
            came.extend(together([lambda: work(manager, on)]))

    running.begin_undo(batch, by=staff, reason="TEST wrong file")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "_tell", lambda _: tell)
        assert running.run_undo(batch, by=staff) is None
    assert [type(one).__name__ for one in came] == [{reply: "Response", note: "Note"}[work]]
    assert set(Letter.objects.values_list("state", flat=True)) == {"sent"}
    batch.refresh_from_db()
    assert (batch.state, batch.counts["refused"].partition(" Mark")[0]) == ("imported", REFUSED.format(on))


def test_it_is_undone_where_nobody_did_anything_meanwhile(batch, staff):
    assert undo(batch, by=staff, reason="TEST wrong file") == 3
    assert set(Letter.objects.values_list("state", flat=True)) == {"entered_in_error"}
    assert set(Tasking.objects.values_list("status", flat=True)) == {"entered_in_error"}
