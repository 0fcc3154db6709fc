"""What is internal stays internal (DESIGN, invariant 8): a key of scope `released` sees what is named, and nothing else."""

import datetime as dt
import json

import pytest
from django.db.models import QuerySet

from letters.api.parameters import Asked
from letters.api.released.taskings import OFFICE_ONLY
from letters.api.resources import SOURCES
from letters.domain import items, not_repeated, payloads, renewals, sending, workflow
from letters.domain.amending import Correction, amend_parts, confirming
from letters.domain.history import acting
from letters.enums import AgencyKind, Match, Scope, Status
from letters.models import Agency, FeedEntry, TargetAlias, Tasking
from tests.factories import SETUP, fresh, item, reply, sent, target

ROWS = {
    "letters": {
        "id", "url", "page_url", "subject", "letter_date", "sent_on", "congress", "published_url", "deadline_on",
        "signatures", "addressees",
    },
    "taskings": {
        "id", "url", "page_url", "status", "role", "due_on", "due_basis", "ask", "kind", "agency", "acting_agency",
        "targets", "letter",
    },
    "agencies": {"id", "url", "page_url", "slug", "name", "short_name", "abbreviation", "kind", "parent"},
    "legislators": {
        "id", "url", "page_url", "bioguide", "name", "first", "middle", "last", "suffix", "nickname", "seen_from",
        "seen_until", "terms",
    },
    "targets": {"id", "url", "page_url", "slug", "name", "kind"},
    "events": {"id", "url", "page_url", "kind", "occurred_at", "recorded_at", "payload"},
}  # fmt: skip


@pytest.fixture
def internal(staff):
    """A letter that is not public, with a company of its own and a reply."""
    letter = sent(subject="TEST quagga", ask_facts={"targets": [target("TEST Quagga Co")]})
    reply(Tasking.objects.get(ask__letter=letter))
    return letter


@pytest.mark.parametrize("name", ROWS)
def test_rows_have_only_what_may_be_public(seed, public, settle, name):
    settle()
    for row in public.rows(f"{name}/?limit=200"):
        assert set(row) == ROWS[name]
        assert row["page_url"] is None  # a page names the reference, and asks to sign in


def test_a_letter_is_what_the_feed_says_of_it(seed, public, settle):
    settle()
    (row,) = public.rows("letters/")
    detail = public.get(row["url"]).body
    state = payloads.public_letter(seed)
    assert {name: value for name, value in detail.items() if name not in ("url", "page_url")} == state
    assert {name: detail[name] for name in row} == row
    assert public.rows("events/")[0]["payload"]["released"] == state


def test_the_office_s_work_leaves_no_trace(seed, office, public, staff, manager, settle):
    """Two worlds, one with the office's own work in it: the public cannot tell them apart."""

    def everything():
        settle()
        return [public.rows(f"{name}/?limit=200") for name in ROWS] + [
            public.rows(f"taskings/?{query}")
            for query in ("order=-due_on", "state=open", "state=closed", "status=considering", "due_before=2030-01-01")
        ]

    before = everything()
    first, second, third = Tasking.objects.filter(role="lead").order_by("ask__number", "pk")[:3]
    items.assign(first, by=staff, owner=staff)
    items.snooze(Tasking.objects.get(pk=first.pk), by=staff, until=dt.date(2030, 1, 1))
    items.add_note(by=staff, text="TEST note", letter=seed)
    workflow.transition(Tasking.objects.get(pk=first.pk), to=Status.CLARIFICATION, by=staff)
    workflow.transition(second, to=Status.PROMISED, by=staff, promised_on=dt.date(2029, 1, 1))
    reply(Tasking.objects.get(pk=third.pk), by=staff, kind="declination", stance="does_not_concur")
    workflow.close(Tasking.objects.get(pk=third.pk), to=Status.DECLINED, by=staff)
    # corrections of what the public does not see
    sending.amend(seed, by=staff, reason="TEST", printed_date=dt.date(2022, 4, 25), lead_office_contact="TEST")
    address = Correction(seed.addressees.first(), {"address": "TEST street"})
    amend_parts(seed, by=staff, reason="TEST", corrections=[address])
    assert everything() == before
    assert len(office.rows("taskings/?state=closed")) == 1


def test_that_a_letter_repeats_another_is_told_once_both_are_public(public, staff, manager, settle):
    """Before, the public cannot tell a world in which it repeats one that is not public from one in which it does not."""
    told = []

    def everything():
        settle()
        rows = [public.rows(f"{name}/?limit=200") for name in ("letters", "taskings", "agencies", "targets")]
        states = [public.get(row["url"]).body for row in (*rows[0], *rows[1])]
        return [rows, states, public.rows("events/")[len(told) :]]

    facts = {"agencies": ["treasury"], "ask_facts": {"targets": [target("TEST Cloud")]}}
    inside, shown = item(**facts), item(released=True, **facts)
    later = sent(released=True, sent_on=dt.date(2023, 9, 5), deadline_on=dt.date(2023, 9, 29), **facts)
    internal = sent(sent_on=dt.date(2023, 9, 6), deadline_on=dt.date(2023, 9, 29))
    twin = Tasking.objects.get(ask__letter=later)
    before = everything()
    renewals.renew(inside, by=staff, letter=later, instead_of=twin)  # by a public letter, of one that is not
    renewals.renew(shown, by=staff, letter=internal)  # and the other way round
    assert everything() == before
    assert public.get(f"taskings/{twin.pk}/").body["status"] == "awaiting"

    told = public.rows("events/")
    earlier = sending.release(inside.ask.letter, by=manager)
    rows, _, events = everything()
    assert [(one["kind"], *one["payload"]) for one in events] == [
        ("letter_released", "released"), ("letter_amended", "corrected"),
    ]  # fmt: skip
    assert str(twin.pk) not in [row["id"] for row in rows[1]]
    assert events[1]["payload"]["corrected"] == payloads.public_letter(later)
    assert [ask["taskings"] for ask in events[1]["payload"]["corrected"]["asks"]] == [[]]

    sending.withdraw_release(earlier, by=manager, reason="TEST too early")
    settle()
    later_told = [one for one in public.rows("events/") if one["payload"].get("letter") == str(later.pk)]
    assert [(one["kind"], one["payload"]) for one in later_told] == [
        ("letter_amended", {
            "letter": str(later.pk), "withdrawn": {"taskings": [str(twin.pk)]}, "corrected": payloads.public_letter(later),
        }),
    ]  # fmt: skip
    assert public.get(f"taskings/{twin.pk}/").body["status"] == "awaiting"
    # and nothing from before it says that the item had left
    entries = FeedEntry.objects.filter(stream="released", event__letter=later).order_by("position")
    assert [public.get(f"events/{one.event_id}/").status for one in entries] == [404, 404, 200]
    told = public.rows("events/")
    before = everything()
    not_repeated.take_back_renewal(inside, by=staff, letter=later, reason="TEST another ask")
    assert everything() == before


def test_an_item_that_repeats_nothing_after_all_is_public_again(public, staff, settle):
    facts = {"released": True, "agencies": ["treasury"], "ask_facts": {"targets": [target("TEST Cloud")]}}
    old = item(**facts)
    twin = item(sent_on=dt.date(2023, 9, 5), **facts)
    renewals.renew(old, by=staff, letter=twin.ask.letter, instead_of=twin)
    not_repeated.take_back_renewal(old, by=staff, letter=twin.ask.letter, reason="TEST another ask")
    settle()
    assert public.get(f"taskings/{twin.pk}/").body["status"] == "awaiting"
    told = [one for one in public.rows("events/") if one["kind"] == "status_changed"][-1]["payload"]
    assert told == payloads.public_change(fresh(twin)) | {"from": "entered_in_error", "to": "awaiting"}


def test_an_internal_letter_leaves_no_trace(seed, public, internal, settle):
    settle()
    tasking = Tasking.objects.get(ask__letter=internal)
    text = str([public.rows(f"{name}/?limit=200") for name in ROWS]).lower()
    assert [secret for secret in ("quagga", str(internal.pk), str(tasking.pk)) if secret in text] == []
    for path in (f"letters/{internal.pk}/", f"taskings/{tasking.pk}/", f"targets/{tasking.ask.targets.get().pk}/"):
        unknown = f"{path.split('/')[0]}/00000000-0000-4000-8000-000000000000/"
        hidden, missing = public.get(path), public.get(unknown)
        assert hidden.status == 404
        assert hidden.body | {"instance": ""} == missing.body | {"instance": ""}
    assert public.rows("letters/?q=quagga") == public.rows("taskings/?q=quagga") == []
    assert public.refused("taskings/?target=test-quagga-co") == [
        400, ("target", "target: “test-quagga-co” is not known. The slug of a company, person or program. GET /api/v1/targets/ lists them."),
    ]  # fmt: skip


def test_text_search_reads_public_words_only(seed, public):
    assert len(public.rows("letters/?q=Spacety")) == 1
    assert len(public.rows("letters/?q=Hagerty")) == 1
    assert len(public.rows("taskings/?q=Alibaba")) == 8
    # what the office's own search finds by, and the public's must not
    assert public.rows("letters/?q=2023-0001") == public.rows("taskings/?q=2023-0001") == []
    addressee = seed.addressees.first()
    with acting(SETUP):
        seed.addressees.filter(pk=addressee.pk).update(control_number="TEST-4711")
    assert public.rows("letters/?q=TEST-4711") == public.rows("taskings/?q=TEST-4711") == []


def test_a_reply_moves_no_public_date(public, staff, settle):
    """A letter with a deadline: what is promised, paused or answered afterwards changes nothing the public reads."""
    from letters.reminders.sweep import sweep

    def everything():
        settle()
        queries = ("order=due_on", "order=-due_on", "due_before=2023-06-15", "due_after=2023-06-02")
        return [public.rows(f"taskings/?{query}") for query in queries] + [public.rows("events/")]

    made = [item(released=True, subject=f"TEST {n}", deadline_on=dt.date(2023, 6, 1)) for n in range(4)]
    before = everything()
    workflow.transition(made[0], to=Status.PROMISED, by=staff, promised_on=dt.date(2029, 1, 1))
    workflow.transition(made[1], to=Status.CLARIFICATION, by=staff)
    reply(made[2], by=staff)
    sweep()
    assert everything() == before
    assert {(row["due_on"], row["due_basis"]) for row in before[0]} == {("2023-06-01", "letter")}


def test_dates_are_public_only_where_the_letter_sets_them(public):
    item(released=True, subject="TEST ours")
    theirs = item(released=True, subject="TEST theirs", deadline_on=dt.date(2023, 6, 1))
    rows = public.rows("taskings/")
    assert [(row["due_on"], row["due_basis"]) for row in rows] == [("2023-06-01", "letter"), (None, None)]
    assert [row["id"] for row in public.rows("taskings/?due_before=2030-01-01")] == [str(theirs.pk)]
    assert [row["id"] for row in public.rows("taskings/?due_after=2000-01-01")] == [str(theirs.pk)]


def test_the_order_does_not_tell_a_date_that_is_not_shown(public):
    """By the real date the second would come first; by what is shown, the key decides."""
    made = [item(released=True), item(released=True, sent_on=dt.date(2023, 3, 1)), item(released=True)]
    shown = [row["id"] for row in public.rows("taskings/?limit=1")]
    assert shown == sorted(str(one.pk) for one in made)


def test_status_and_its_filters_are_the_public_ones(seed, public, staff):
    first = Tasking.objects.get(ask__number=1)
    workflow.transition(first, to=Status.ACKNOWLEDGED, by=staff)
    assert public.get(f"taskings/{first.pk}/").body["status"] == "awaiting"
    assert public.rows("taskings/?status=acknowledged") == []
    assert len(public.rows("taskings/?status=awaiting")) == 8
    workflow.close(Tasking.objects.get(pk=first.pk), to=Status.WITHDRAWN, by=staff, reason="TEST reason")
    assert [row["id"] for row in public.rows("taskings/?state=closed")] == [str(first.pk)]


@pytest.mark.parametrize("name", OFFICE_ONLY)
def test_filters_by_internal_facts_are_refused_with_the_reason(seed, public, name):
    message = f"{name}: {OFFICE_ONLY[name]} Leave it out, or use a key of scope “office”."
    assert public.refused(f"taskings/?{name}=any") == [403, (name, message)]


@pytest.mark.parametrize("name", ["topic", "reference"])
def test_so_are_those_of_letters(seed, public, name):
    status, (field, message) = public.refused(f"letters/?{name}=china")
    assert (status, field) == (403, name)
    assert message.endswith("Leave it out, or use a key of scope “office”.")


def test_every_filter_is_either_public_or_refused_by_name(seed, office, public):
    known = (
        office.get("taskings/?unknown=1").body["errors"][0]["message"].partition("Known: ")[2].rstrip(".").split(", ")
    )
    allowed = (
        public.get("taskings/?unknown=1").body["errors"][0]["message"].partition("Known: ")[2].rstrip(".").split(", ")
    )
    assert sorted({*allowed, *OFFICE_ONLY} & set(known)) == known
    assert set(allowed) & set(OFFICE_ONLY) == set()
    assert allowed == [
        "acting", "agency", "cursor", "due_after", "due_before", "expand", "kind", "limit", "order", "q", "role", "signatory",
        "state", "status", "target",
    ]  # fmt: skip


def test_targets_without_what_other_letters_call_them(seed, public, internal):
    (alibaba,) = public.rows("targets/?slug=alibaba-cloud")
    assert set(alibaba) == ROWS["targets"]
    assert TargetAlias.objects.filter(target=alibaba["id"]).exists()
    slugs = {row["slug"] for row in public.rows("targets/")}
    assert slugs == {"huawei-cloud", "alibaba-cloud", "alibaba-group", "baidu-cloud", "tencent-cloud"}
    assert public.rows("targets/?slug=test-quagga-co") == []


def test_a_company_written_to_in_private_is_not_among_the_agencies(seed, office, public):
    with acting(SETUP):
        Agency.objects.create(slug="test-co", name="TEST Co", short_name="TEST Co", kind=AgencyKind.COMPANY)
    private = sent(agencies=["test-co"])
    known = {row["slug"] for row in office.rows("agencies/?limit=200")}
    assert {row["slug"] for row in public.rows("agencies/?limit=200")} == known - {
        "test-co",
        "california-governor",  # no public letter went there yet
    }
    assert len(office.rows("agencies/?slug=test-co")) == 1
    assert public.rows("agencies/?slug=test-co") == []
    assert public.refused("letters/?agency=test-co") == [
        400, ("agency", "agency: “test-co” is not known. The slug of an agency addressed, asked, or that would act. GET /api/v1/agencies/ lists them."),
    ]  # fmt: skip
    sending.release(private, by=SETUP)
    assert len(public.rows("agencies/?slug=test-co")) == 1


def test_what_an_agency_belongs_to_is_told_to_who_may_know_of_it(seed, office, public):
    """A bureau is known to everybody; the company above it only to readers of a letter that names it."""
    with acting(SETUP):
        company = Agency.objects.create(slug="test-co", name="TEST Co", short_name="TEST Co", kind=AgencyKind.COMPANY)
        Agency.objects.filter(slug="bis").update(parent=company)

    def told(reader):
        (row,) = reader.rows("agencies/?slug=bis")
        return row["parent"], reader.get(row["url"]).body["parent"]

    assert (told(office), told(public)) == ((None, None), (None, None))
    private = sent(agencies=["test-co"])
    assert (told(office), told(public)) == (("test-co", "test-co"), (None, None))
    sending.release(private, by=SETUP)
    assert told(public) == ("test-co", "test-co")


def test_a_kind_that_no_public_letter_has_is_as_unknown_as_any(seed, public):
    internal = sent(kind_code="audit_request")
    about = (
        "The code of a kind of ask that a public letter has, such as sanction or briefing; each row carries its own."
    )
    for code in ("audit_request", "no_such_kind"):
        message = f"kind: “{code}” is not known. {about}"
        assert public.refused(f"taskings/?kind={code}") == [400, ("kind", message)]
    sending.release(internal, by=SETUP)
    assert len(public.rows("taskings/?kind=audit_request")) == 1


def test_a_letter_taken_back_is_gone_at_once(seed, public, manager):
    paths = [row["url"] for name in ("letters", "taskings", "targets") for row in public.rows(f"{name}/")]
    assert [public.get(path).status for path in paths] == [200] * len(paths)
    sending.withdraw_release(seed, by=manager, reason="TEST too early")
    assert [public.get(path).status for path in paths] == [404] * len(paths)
    assert [public.rows(f"{name}/") for name in ("letters", "taskings", "targets")] == [[], [], []]


def test_a_next_address_holds_no_hidden_date(seed, public):
    import base64

    cursor = public.get("taskings/?limit=1").body["next"].rpartition("cursor=")[2]
    assert b"2023" not in base64.urlsafe_b64decode(cursor + "==")


def test_who_was_only_proposed_is_told_as_printed_until_a_person_confirms(public, staff, settle):
    """Invariant 9: state and party come from the member that the program took the name for."""
    letter = sent(released=True, signers=["Bill Hagerty"])
    signer = letter.signatures.get()
    assert (signer.match, signer.state, signer.party) == (Match.PROPOSED, "TN", "Republican")

    def told() -> list[list[dict]]:
        settle()
        (row,), events = public.rows("letters/"), public.rows("events/")
        of_event = events[-1]["payload"].get("corrected") or events[-1]["payload"]["released"]

        return [row["signatures"], public.get(row["url"]).body["signatures"], of_event["signatures"]]

    as_printed = {"printed_name": "Bill Hagerty", "printed_title": "", "state": "", "party": "", "is_lead": False}
    assert told() == [[as_printed]] * 3
    amend_parts(letter, by=staff, reason="TEST it is he", corrections=confirming([signer]))
    assert told() == [[as_printed | {"state": "TN", "party": "Republican"}]] * 3
    assert [one["kind"] for one in public.rows("events/")] == ["letter_released", "letter_amended"]


def read_for(rows: QuerySet) -> int:
    """How many rows PostgreSQL reads in tables and indexes for a query."""

    def count(node: dict) -> int:
        own = 0
        if "Relation Name" in node or "Index Name" in node:
            read = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
            own = round(sum(node.get(name, 0) for name in read) * node["Actual Loops"])
        return own + sum(count(one) for one in node.get("Plans", ()))

    return count(json.loads(rows.explain(format="json", analyze=True))[0]["Plan"])


@pytest.mark.parametrize("name", ["letters", "taskings"])
def test_a_search_takes_no_longer_for_words_of_what_is_not_public(reference, name, run_sql):
    """Else its time would tell that there are such letters, and how many (invariant 8)."""
    run_sql("SET LOCAL enable_seqscan = off")  # of a table of twenty rows PostgreSQL would read all, whatever the word
    for n in range(10):
        facts = {"summary": "TEST quagga", "targets": [target(f"TEST Quagga {n}")], "quote": "TEST quagga"}
        sent(subject="TEST quagga", signers=["TEST Quagga"], ask_facts=facts)
    sent(subject="TEST okapi", released=True)
    public = SOURCES[name][Scope.RELEASED]
    found = {word: public.filtered(Asked([("q", word)])) for word in ("zebra", "quagga", "okapi")}
    assert [len(one) for one in found.values()] == [0, 0, 1]
    assert read_for(found["quagga"]) == read_for(found["zebra"])
