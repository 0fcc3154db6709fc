"""Each constraint of the database, violated once: by raw SQL, as a bulk load or a typing error would."""

import re

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from letters.domain.history import acting, settle
from tests import factories
from tests.record import everything

RECORD = [m for m in apps.get_app_config("letters").get_models() if not m.__name__.endswith("History")]
CONSTRAINTS = {c.name: (model, c) for model in RECORD for c in model._meta.constraints}
UNIQUE_FIELDS = {
    f"{model._meta.model_name}.{field.name}": (model, field)
    for model in RECORD
    for field in model._meta.local_fields
    if field.unique and not field.primary_key
}


def update(table: str, change: str, where: str = "true") -> str:
    """One row of a table that meets the condition, changed."""
    key = "year" if table == "referencecounter" else "id"
    row = f"SELECT {key} FROM letters_{table} WHERE {where} ORDER BY {key} LIMIT 1"
    return f"UPDATE letters_{table} SET {change} WHERE {key} = ({row})"


def copy(table: str, where: str = "true", **changes: str) -> str:
    """A row of a table that meets the condition, inserted again under another key and with these changes."""
    model = apps.get_model("letters", table)
    fields = [f for f in model._meta.local_concrete_fields if not isinstance(f, models.GeneratedField)]
    values = {f.column: f.column for f in fields if not isinstance(f, models.AutoField)}
    if isinstance(model._meta.pk, models.UUIDField):
        values["id"] = "gen_random_uuid()"
    values |= changes
    columns = ", ".join(f'"{column}"' for column in values)
    chosen = ", ".join(f'"{value}"' if value in values else value for value in values.values())
    return f"INSERT INTO letters_{table} ({columns}) SELECT {chosen} FROM letters_{table} WHERE {where} ORDER BY id LIMIT 1"


NEW = "nextval('letters_event_sequence')"
A_REPLY = "(SELECT id FROM letters_response LIMIT 1)"
UUIDS = "gen_random_uuid()::text"

# By hand, where nothing general says how.
EXAMPLES = {
    "agency_not_own_parent": update("agency", "parent_id = id"),
    "agency_yardstick_within_a_year": update("agency", "yardstick_days = 0"),
    "official_ends_after_start": update("official", '"end" = start - 1', "start IS NOT NULL"),
    "letter_sent_at_and_on": update("letter", "sent_on = NULL", "state = 'sent'"),
    "letter_sent_has_reference_and_dates": update("letter", "reference = '2023-0099'", "state = 'draft'"),
    "letter_due_not_before_sent": update("letter", "deadline_on = '2023-04-24'", "state = 'sent'"),
    "letter_released_is_sent_and_unrestricted": update("letter", "released_at = now()", "state = 'draft'"),
    "letter_link_to_another": update("letterlink", "to_letter_id = letter_id"),
    "amendment_has_reason": update("amendment", "reason = ''"),
    "target_not_own_parent": update("target", "parent_id = id"),
    "ask_numbered_from_one": update("ask", "number = 0"),
    "event_by_user_or_process": copy("event", sequence=NEW, by_user_id="NULL", by_process="''"),
    "event_statuses_only_on_change": copy("event", "kind = 'note_added'", sequence=NEW, to_status="'awaiting'"),
    "event_due_on_for_clock_kinds": copy("event", "kind = 'note_added'", sequence=NEW, due_on="'2023-05-24'"),
    "event_late_once_per_date": copy("event", "kind = 'past_due'", sequence=NEW),
    "feed_position_once": copy("feedentry", "stream = 'office'", event_id="(SELECT id FROM letters_event WHERE kind = 'letter_drafted' LIMIT 1)"),
    "feed_event_once_per_stream": copy("feedentry", "stream = 'office'", position="999999"),
    "tasking_due_has_basis": update("tasking", "due_basis = NULL", "due_on IS NOT NULL"),
    "tasking_sent_was_asked": update("tasking", "asked_on = NULL", "status = 'awaiting'"),
    "tasking_due_not_before_asked": update("tasking", "due_on = '2023-04-24'", "due_on IS NOT NULL"),
    "tasking_consulted_has_no_clock": update("tasking", "role = 'consulted', ack_due_on = NULL", "due_on IS NOT NULL"),
    "tasking_promise_has_date": update("tasking", "promised_on = NULL", "status = 'promised'"),
    "tasking_open_once_per_agency": copy("tasking", status="'draft'", status_event_id="NULL"),
    "pause_ends_after_start": update("pause", "ended_on = started_on - 1"),
    "pause_never_overlaps": copy("pause"),
    "response_received_not_before_sent": update("response", "sent_on = received_on + 1"),
    "response_held_elsewhere_keeps_no_text": update("response", "held_elsewhere = 'TEST'", "text <> ''"),
    "answer_assessed_when_read": update("answer", "assessed_at = NULL", "coverage IS NOT NULL"),
    "response_in_error_has_reason": update("response", "in_error_at = now()"),
    "evidence_in_error_has_reason": update("evidence", "in_error_at = now()"),
    "contact_in_error_has_reason": update("contact", "in_error_at = now()"),
    "attachment_in_error_has_reason": update("attachment", "in_error_at = now()"),
    "imported_row_once": copy("importedletter", letter_id="(SELECT id FROM letters_letter WHERE id NOT IN (SELECT letter_id FROM letters_importedletter) LIMIT 1)"),
    "report_done_has_moment": update("report", "state = 'done', as_of = NULL"),
    "report_running_is_claimed": update("report", "state = 'running', claimed_until = NULL"),
    "report_failed_says_why": update("report", "state = 'failed', error = ''"),
    "report_schedule_only_one": update("reportschedule", "singleton = false"),
    "report_schedule_hour_of_day": update("reportschedule", "hour = 24"),
    "report_schedule_weekday_of_week": update("reportschedule", "weekday = 7"),
    "view_has_name": update("savedview", "name = ''"),
    "evidence_says_where": update("evidence", "citation = ''"),
    "contact_next_after_contact": update("contact", 'next_on = "on"'),
    "note_not_empty": update("note", "text = ''"),
    "attachment_of_letter_or_response": update("attachment", f"response_id = {A_REPLY}"),
    "user_username_any_case": copy("user", username="upper(username)"),
    "legislator_bioguide_shape": update("legislator", "bioguide = 'h000601'"),
    "legislator_seen_in_order": update("legislator", "seen_until = seen_from - 1"),
    "term_ends_after_start": update("term", '"end" = start'),
    "office_only_one": update("office", "singleton = false"),
    "office_member_names_legislator": update("office", "legislator_id = NULL"),
    "agency_acknowledgement_within_a_year": update("agency", "acknowledgement_days = 0"),
    "letter_term_is_whole_and_alone": update("letter", "term_days = 30"),
    "statute_days_in_range": update("statutoryclock", "days = 0"),
    "tasking_consulted_has_no_ack_clock": update("tasking", "ack_due_on = '2023-05-24'", "role = 'consulted'"),
    "tasking_extension_keeps_original": update("tasking", "extended_to = due_on", "due_on IS NOT NULL"),
    "reminder_rule_offset_in_range": update("reminderrule", "offset_days = -367"),
    "reminder_rule_once": copy("reminderrule", code="'other'"),
    "outbox_once": copy("outboxmessage", message_id=UUIDS),
    "mail_hour_of_day": update("mailpreference", "hour = 24"),
    "mail_weekday_of_week": update("mailpreference", "weekday = 7"),
    "mail_quiet_weekdays_of_week": update("mailpreference", "quiet_weekdays = '{7}'"),
    "api_key_that_writes_names_a_user": update("apikey", "scope = 'office:write'"),
    "outbox_sent_has_time": update("outboxmessage", "state = 'sent'"),
    "signature_place_once": copy("signature", "legislator_id IS NULL", printed_name="'TEST other'"),
    "signature_member_once": copy("signature", "legislator_id IS NOT NULL", position="99"),
    "signature_name_once": copy("signature", "legislator_id IS NULL", position="99", printed_name="upper(printed_name)"),
    "signature_match_names_member": update("signature", "match = 'confirmed'", "legislator_id IS NULL"),
    "addressee_place_once": copy("addressee", printed_name="'TEST other'"),
    "addressee_once": copy("addressee", position="99", printed_name="upper(printed_name)"),
}  # fmt: skip
# Where the general way would meet another rule first: what to try, and the rule that answers.
BEHIND = {
    "event_kind_known": (copy("event", "kind = 'note_added'", sequence=NEW, kind="'zz'"), "event_kind_known"),
    "feedentry_stream_known": (copy("feedentry", stream="'zz'"), "feedentry_stream_known"),
    "tasking_role_known": (update("tasking", "role = 'zz'", "role = 'consulted'"), "tasking_role_known"),
    "tasking_status_known": (update("tasking", "status = 'zz'"), "no event of its own moves it"),
    "tasking_status_has_event": (update("tasking", "status_event_id = NULL"), "no event of its own moves it"),
    "letter_term_unit_known": (update("letter", "term_unit = 'zz'"), "letter_term_is_whole_and_alone"),
    "letter_term_from_known": (update("letter", "term_from = 'zz'"), "letter_term_from_known"),
    "letter_state_known": (update("letter", "state = 'zz'"), "letter_sent_has_reference_and_dates"),
}


def example(name: str) -> tuple[str, str]:
    """SQL that violates the constraint, and the words that say so."""
    if name in BEHIND:
        return BEHIND[name]
    if name in EXAMPLES:
        return EXAMPLES[name], name
    model, constraint = CONSTRAINTS[name]
    if name.endswith("_known"):
        field = re.fullmatch(rf"{model._meta.model_name}_(\w+)_known", name)[1]
        return update(model._meta.model_name, f"\"{field}\" = 'zz'", f'"{field}" IS NOT NULL'), name
    only = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)] == [constraint]
    if only and not constraint.condition and not any(f.unique for f in model._meta.local_fields if not f.primary_key):
        return copy(model._meta.model_name), name
    raise AssertionError(f"{name} has no violating example: add one to EXAMPLES")


@pytest.fixture
def everything_there(seed, staff):
    everything.make(seed, staff)
    with acting(factories.SETUP):
        yield


@pytest.fixture
def violate():
    def run(sql: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            assert cursor.rowcount > 0, "the example changes nothing"
            settle()  # some are deferred to the commit

    return run


def test_every_table_has_a_row_to_try(everything_there):
    assert [m.__name__ for m in RECORD if not m._default_manager.exists()] == []


def test_no_example_is_left_over():
    assert {*EXAMPLES, *BEHIND} <= {*CONSTRAINTS}


def test_every_constraint_refuses_what_it_says(everything_there, violate):
    for name in CONSTRAINTS:
        sql, words = example(name)
        with pytest.raises(IntegrityError) as refused:
            violate(sql)
        assert words in str(refused.value), f"{name}: {sql}"


def test_every_unique_field_refuses_a_second(everything_there, violate):
    for name, (model, field) in UNIQUE_FIELDS.items():
        table, column = model._meta.model_name, field.column
        others = [f.column for f in model._meta.local_fields if f.unique and not f.primary_key and f is not field]
        fresh = {other: NEW if other == "sequence" else "left(gen_random_uuid()::text, 7)" for other in others}
        # an item is born without these two: given to another, then
        sql = TAKEN.get(name) or copy(table, f"{column} IS NOT NULL", **fresh)
        words = "no event of its own moves it" if name == "tasking.status_event" else f"letters_{table}_{column}"
        with pytest.raises(IntegrityError) as refused:
            violate(sql)
        assert words in str(refused.value), f"{name}: {sql}"


TAKEN = {
    "tasking.status_event": "UPDATE letters_tasking t SET status_event_id = o.status_event_id "
    "FROM (SELECT id, status_event_id FROM letters_tasking ORDER BY id LIMIT 1) o "
    "WHERE t.id = (SELECT id FROM letters_tasking ORDER BY id DESC LIMIT 1)",
}
