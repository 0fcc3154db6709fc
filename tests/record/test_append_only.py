"""Events and places in the feed stay as they were written; sent letters and items are never emptied away."""

import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, ProgrammingError, transaction

from letters.domain.history import acting
from letters.models import Event, FeedEntry, Letter
from tests import factories
from tests.record import everything


@pytest.fixture
def written(seed, settle):
    """Something in each table, written under an author, so that only the rule in question refuses."""
    with acting(factories.SETUP):
        yield


@pytest.mark.parametrize("table", ["letters_event", "letters_feedentry"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET id = id", "DELETE FROM {}", "DELETE FROM {} WHERE false"],
    ids=["update", "delete", "delete nothing"],
)
def test_no_row_is_changed_or_deleted(written, run_sql, table, statement):
    before = run_sql(f"SELECT * FROM {table} ORDER BY id")
    assert before != []
    with pytest.raises(IntegrityError, match=f"{table} is append-only"), transaction.atomic():
        run_sql(statement.format(table))
    assert run_sql(f"SELECT * FROM {table} ORDER BY id") == before


@pytest.mark.parametrize("model", [Event, FeedEntry])
def test_nor_through_the_models(written, model):
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        model.objects.all()._raw_delete("default")
    row = model.objects.first()
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("table", ["letters_event", "letters_feedentry", "letters_letter", "letters_tasking"])
def test_no_table_is_emptied_where_it_is_not_opened_for_tests(written, run_sql, table):
    run_sql("SET LOCAL letters.allow_truncate = 'off'")
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        run_sql(f"TRUNCATE {table} CASCADE")
    assert run_sql(f"SELECT count(*) > 0 FROM {table}") == [(True,)]


def test_no_table_with_a_history_is_emptied_nor_is_its_history(written, run_sql, settle):
    """TRUNCATE is no DELETE: it would take evidence, replies and what was kept of them without a word."""
    settle()
    run_sql("SET LOCAL letters.allow_truncate = 'off'")
    histories = [m for m in apps.get_app_config("letters").get_models() if m.__name__.endswith("History")]
    assert len(histories) > 25
    for model in (one for history in histories for one in (history, history.pgh_tracked_model)):
        with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
            run_sql(f"TRUNCATE {model._meta.db_table} CASCADE")


def test_a_connection_that_says_nothing_may_not_empty_a_table(written, run_sql):
    run_sql("SET LOCAL letters.allow_truncate = ''")
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        run_sql("TRUNCATE letters_event CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM letters_letter",
        "UPDATE letters_letter SET reference = '2023-9999'",
        "UPDATE letters_letter SET reference = NULL, state = 'draft', sent_at = NULL, sent_on = NULL",
        "UPDATE letters_letter SET sent_at = sent_at + interval '1 day'",
    ],
)
def test_a_sent_letter_is_never_deleted_or_renumbered(seed, run_sql, statement):
    with (
        acting(factories.SETUP),
        pytest.raises(
            ProgrammingError, match=r"^pgtrigger: Cannot (update of .*|delete )rows from letters_letter table"
        ),
        transaction.atomic(),
    ):
        run_sql(statement)
    assert [letter.reference for letter in Letter.objects.all()] == ["2023-0001"]


def test_a_draft_is_kept_by_its_events(reference, settle):
    """Given up, it stays in the history; so nothing deletes it."""
    letter = factories.draft(signers=(), agencies=())
    with pytest.raises(IntegrityError, match="letters_event"):
        delete(letter, settle)


def delete(letter: Letter, settle) -> None:
    with transaction.atomic(), acting(factories.SETUP):
        Letter.objects.filter(pk=letter.pk)._raw_delete("default")
        settle()


def test_history_is_never_rewritten(seed, staff, run_sql):
    everything.make(seed, staff)
    histories = [
        m._meta.db_table for m in apps.get_app_config("letters").get_models() if m.__name__.endswith("History")
    ]
    guarded = run_sql("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger_append_only%'")
    assert {*histories} <= {table for (table,) in guarded}
    written = [table for table in histories if run_sql(f"SELECT count(*) > 0 FROM {table}") == [(True,)]]
    assert len(written) > 25
    for table in written:
        for statement in (f"UPDATE {table} SET pgh_label = 'TEST'", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="append"), transaction.atomic():
                run_sql(statement)


def test_triggers_ask_whether_they_are_switched_off_without_an_error(run_sql):
    """As pgtrigger writes it, the question is an error that is caught, at each row: long transactions take the square of
    their rows. It writes it anew with each trigger that a migration makes."""
    [(body,)] = run_sql("SELECT prosrc FROM pg_proc WHERE proname = '_pgtrigger_should_ignore'")
    assert "EXCEPTION" not in body, "behind the trigger you added, say QUIET of 0008_triggers_ask_quietly once more"


def test_a_trigger_that_is_switched_off_is_quiet_there_alone(written, run_sql):
    with pgtrigger.ignore("letters.Event:append_only"), transaction.atomic():
        run_sql("UPDATE letters_event SET id = id WHERE false")
        with pytest.raises(IntegrityError, match="letters_feedentry is append-only"), transaction.atomic():
            run_sql("DELETE FROM letters_feedentry WHERE false")
    with pytest.raises(IntegrityError, match="letters_event is append-only"), transaction.atomic():
        run_sql("UPDATE letters_event SET id = id WHERE false")
