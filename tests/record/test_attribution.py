"""Invariant 2: every row-level change is audited with who and why, and a write that names nobody is refused."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from letters.domain import drafting, items, workflow
from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.intake.reference import load_reference
from letters.intake.seed import load_seed_letter
from letters.models import Event, Letter, Target, Topic
from tests import factories

HISTORY = "History"
# Tables of the record that do not ask for an author, and why.
WITHOUT_AUTHOR = {
    "ApiKeyUse": "when a key was last used: a clock",
    "FeedEntry": "written by a trigger on events, which ask for one",
    "FeedEpoch": "begun by the first reader; nobody's words",
    "Heartbeat": "what a process last did, kept once a name; nothing happened to a letter",
    "IdempotencyKey": "what was answered to a consumer's write; the write itself names its author",
    "Look": "when somebody last looked at the dashboard: a clock",
    "User": "signing in writes to it before anybody is signed in; its history is kept all the same",
}
# Tables whose earlier versions are not kept, and why.
WITHOUT_HISTORY = {
    "ApiKeyUse": "a clock",
    "Event": "append-only",
    "FeedEntry": "append-only",
    "FeedEpoch": "append-only by use",
    "Heartbeat": "a clock",
    "IdempotencyKey": "kept for a day",
    "ImportBatch": "a file on its way in; the letters that become of it have their own history",
    "ImportRow": "rows of that file, kept until it is imported",
    "ImportedLetter": "which letter became of which rows: written once",
    "Look": "a clock",
    "Notice": "read or not, and which mail carried it; the reminder is kept",
    "OutboxMessage": "book-keeping",
    "Report": "book-keeping about the record: asked for anew at any time",
    "ReportFile": "the bytes of a report, which would be kept twice",
    "ReportLetter": "which letters a report names, written with it",
    "Worksheet": "what is being typed, kept at every pause; the record begins with the draft made of it",
}


def record():
    return [m for m in apps.get_app_config("letters").get_models() if not m.__name__.endswith(HISTORY)]


def triggers(model) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled = 'O'",
            [model._meta.db_table],
        )
        return {name.removeprefix("pgtrigger_").rsplit("_", 1)[0] for (name,) in cursor.fetchall()}


def test_every_table_of_the_record_asks_for_an_author_but_those_named_here(db):
    without = {model.__name__ for model in record() if "names_its_author" not in triggers(model)}
    assert without == set(WITHOUT_AUTHOR)


def test_every_table_of_the_record_keeps_its_history_but_those_named_here(db):
    kept = {"insert_insert", "update_update", "delete_delete"}
    assert {model.__name__ for model in record() if not kept <= triggers(model)} == set(WITHOUT_HISTORY)


ASKING = [m for m in record() if m.__name__ not in WITHOUT_AUTHOR]


@pytest.mark.parametrize("model", ASKING, ids=lambda model: model.__name__)
@pytest.mark.parametrize("statement", ["INSERT INTO {} DEFAULT VALUES", "UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_a_write_that_names_nobody_is_refused(reference, run_sql, model, statement):
    table, column = model._meta.db_table, model._meta.pk.column
    words = f"a write to {table} names neither a user nor a system process"
    if model is Event and not statement.startswith("INSERT"):
        words = f"{table} is append-only"  # refused whoever asks
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        run_sql(statement.format(table, column, column))


@pytest.mark.parametrize("nobody", ["{}", '{"url": "/letters/"}', '{"user": null}', '{"why": "because"}'])
def test_a_context_without_a_name_is_nobody(reference, run_sql, nobody):
    run_sql("SELECT set_config('pghistory.context_metadata', %s, true)", nobody)
    with pytest.raises(IntegrityError, match="names neither"), transaction.atomic():
        run_sql("DELETE FROM letters_topic")


def test_history_names_who_and_why(reference, staff):
    with acting(staff, why="TEST reason"):
        topic = Topic.objects.create(slug="test", name="TEST")
        Topic.objects.filter(pk=topic.pk).update(name="TEST changed")
        topic.delete()
    told = [
        (row.pgh_label, row.name, row.pgh_context) for row in Topic.history.rel.related_model.objects.order_by("pgh_id")
    ]
    by = {"user": str(staff.pk), "why": "TEST reason"}
    assert told == [("insert", "TEST", by), ("update", "TEST changed", by), ("delete", "TEST changed", by)]


def history_of(model, pk) -> list[tuple]:
    related = model.history.rel.related_model
    return [
        (row.pgh_label, row.pgh_context.get("user") or row.pgh_context.get("process"))
        for row in related.objects.filter(pgh_obj_id=pk).order_by("pgh_id")
    ]


def test_a_verb_names_its_user_and_its_reason(reference, staff):
    tasking = factories.item()
    workflow.transition(tasking, to="withdrawn", by=staff, reason="TEST no longer wanted")
    last = tasking.history.order_by("-pgh_id").first()
    assert (last.status, last.pgh_context) == ("withdrawn", {"user": str(staff.pk), "why": "TEST no longer wanted"})
    event = Event.objects.get(tasking=tasking, to_status="withdrawn")
    assert (event.by_user, event.by_process, event.reason) == (staff, "", "TEST no longer wanted")


def test_raw_sql_is_in_the_history_too(reference, run_sql):
    target = factories.target()
    with acting(SystemProcess.COMMAND, why="TEST by hand"):
        run_sql("UPDATE letters_target SET name = 'TEST by hand' WHERE id = %s", target.pk)
        Target.objects.bulk_update([Target(pk=target.pk, name="TEST in bulk")], ["name"])
    rows = target.history.order_by("pgh_id")
    assert [(row.name, row.pgh_context["process"]) for row in rows] == [
        (target.name, "setup"),
        ("TEST by hand", "command"),
        ("TEST in bulk", "command"),
    ]


def test_the_outer_author_returns_after_a_nested_block(reference, staff, manager):
    with acting(staff, why="outer"):
        first = Topic.objects.create(slug="a", name="a")
        with acting(manager, why="inner"):
            second = Topic.objects.create(slug="b", name="b")
        third = Topic.objects.create(slug="c", name="c")
    found = [
        (row.slug, row.pgh_context["user"], row.pgh_context["why"])
        for topic in (first, second, third)
        for row in topic.history.all()
    ]
    assert found == [
        ("a", str(staff.pk), "outer"),
        ("b", str(manager.pk), "inner"),
        ("c", str(staff.pk), "outer"),
    ]


def write_and_fail(by) -> None:
    with acting(by):
        Topic.objects.create(slug="x", name="x")
        raise ZeroDivisionError


def write_twice(by) -> None:
    with acting(by):
        Topic.objects.create(slug="x", name="x")
        Topic.objects.create(slug="x", name="again")


def test_the_outer_author_returns_when_the_nested_block_fails(reference, staff, manager):
    with acting(staff):
        with pytest.raises(ZeroDivisionError):
            write_and_fail(manager)
        topic = Topic.objects.create(slug="c", name="c")
    assert history_of(Topic, topic.pk) == [("insert", str(staff.pk))]


def test_a_write_after_the_block_in_the_same_transaction_is_nobodys_and_refused(reference, staff):
    with acting(staff):
        Topic.objects.create(slug="a", name="a")
    with pytest.raises(IntegrityError, match="names neither"), transaction.atomic():
        Topic.objects.create(slug="b", name="b")


def test_a_write_after_a_failed_block_in_the_same_transaction_is_refused(reference, staff):
    with pytest.raises(ZeroDivisionError):
        write_and_fail(staff)
    with pytest.raises(IntegrityError, match="names neither"), transaction.atomic():
        Topic.objects.create(slug="b", name="b")


def test_a_write_after_a_rolled_back_block_is_refused(reference, staff):
    with pytest.raises(IntegrityError, match="letters_topic_slug"), transaction.atomic():
        write_twice(staff)
    with pytest.raises(IntegrityError, match="names neither"), transaction.atomic():
        Topic.objects.create(slug="b", name="b")


def test_what_broke_the_transaction_is_what_is_told(reference, staff):
    """Not "current transaction is aborted", which would hide it."""
    with pytest.raises(IntegrityError, match="letters_topic_slug"), transaction.atomic():
        write_twice(staff)


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_of_its_own_each_write_has_its_own_author(reference, staff, manager):
    with acting(staff):
        first = Topic.objects.create(slug="a", name="a")
    with acting(manager):
        second = Topic.objects.create(slug="b", name="b")
    with pytest.raises(IntegrityError, match="names neither"):
        Topic.objects.create(slug="c", name="c")
    assert (history_of(Topic, first.pk), history_of(Topic, second.pk)) == (
        [("insert", str(staff.pk))],
        [("insert", str(manager.pk))],
    )


def test_the_seed_letter_is_the_work_of_its_loader(reference):
    letter = load_seed_letter()
    assert {who for _, who in history_of(Letter, letter.pk)} == {"load_seed_letter"}
    assert set(letter.events.values_list("by_process", "by_user")) == {("load_seed_letter", None)}


def test_reference_data_is_the_work_of_its_loader(reference, run_sql):
    with acting(factories.SETUP):
        run_sql("DELETE FROM letters_closure")
    assert load_reference(overwrite=True)["closures"] == 10  # else what was deleted stays so
    rows = run_sql("SELECT pgh_context->>'process' FROM letters_closurehistory WHERE pgh_label = 'insert'")
    assert rows == [("load_reference",)] * 10


def test_the_commands_name_themselves(seed):
    call_command("sweep_reminders", today="2023-05-25", verbosity=0)
    assert set(Event.objects.filter(kind="past_due").values_list("by_process", flat=True)) == {"sweep_reminders"}
    reminders = apps.get_model("letters", "ReminderHistory").objects.all()
    assert {row.pgh_context["process"] for row in reminders} == {"sweep_reminders"}


def test_a_key_made_by_command_names_the_command(reference, capsys):
    call_command("create_api_key", "TEST reader", scope="office")
    (row,) = apps.get_model("letters", "ApiKeyHistory").objects.all()
    assert row.pgh_context == {"process": "command", "why": ""}


def test_a_background_task_is_attributed(reference):
    from celery import shared_task

    @shared_task(name="tests.a_task_that_writes")
    def write() -> str:
        return str(Topic.objects.create(slug="task", name="task").pk)

    from tracker.celery import app  # noqa: F401 - tasks are made by it

    made = write.apply().get()
    assert [who for _, who in history_of(Topic, made)] == ["worker"]


def test_an_event_names_a_user_or_a_process_never_both_or_neither(reference, staff):
    letter = factories.draft()
    facts = {"kind": "note_added", "letter": letter, "occurred_at": letter.created_at}
    with acting(staff):
        for who in ({}, {"by_user": staff, "by_process": "setup"}):
            with pytest.raises(IntegrityError, match="event_by_user_or_process"), transaction.atomic():
                Event.objects.create(**facts, **who)


def test_verbs_of_one_transaction_keep_their_authors(reference, staff, manager):
    with transaction.atomic():
        letter = drafting.draft_letter(by=staff, subject="TEST")
        drafting.edit_letter(letter, by=manager, subject="TEST again")
        items.add_note(by=staff, letter=letter, text="TEST")
    assert history_of(Letter, letter.pk) == [("insert", str(staff.pk)), ("update", str(manager.pk))]
    assert [event.by_user for event in letter.events.order_by("sequence")] == [staff, manager, staff]
