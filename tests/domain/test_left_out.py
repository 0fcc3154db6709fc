"""What the record forgot of a sent letter is added where it stands, with a reason."""

import datetime as dt

from letters.domain import items, left_out, letter_desk, sending
from letters.domain.plans import PlannedTarget
from letters.errors import NotAllowed
from letters.models import Event, FeedEntry, Letter, Notice, Tasking
from letters.reminders.sweep import sweep
from tests import factories
from tests.domain.refusals import refused

AGAIN = "TEST the paper says so"


def test_a_signer_who_was_left_out_is_the_last_one(seed, staff):
    added = left_out.add_signer(seed, by=staff, reason=AGAIN, printed_name="TEST Name", printed_title="TEST Title")
    assert (added.position, added.match, added.is_lead) == (10, "unmatched", False)
    letter = Letter.objects.get(pk=seed.pk)
    assert letter.version == seed.version + 1
    assert letter.amendments.values_list("field", "before", "after", "reason").get() == (
        "signer 10, left out", "", "TEST Name", AGAIN,
    )  # fmt: skip
    event = letter.events.filter(kind="letter_amended").get()
    assert event.payload["changed"] == ["signer 10, left out"]
    assert [one["printed_name"] for one in event.public_payload["corrected"]["signatures"]][-1] == "TEST Name"


def test_who_it_is_is_said_or_proposed(seed, staff):
    said = left_out.add_signer(seed, by=staff, reason=AGAIN, printed_name="Elizabeth Warren", bioguide="W000817")
    assert (said.match, said.state, said.match_source) == ("confirmed", "MA", "confirmed when the signer was added")
    proposed = left_out.add_signer(seed, by=staff, reason=AGAIN, printed_name="Maria Cantwell")
    assert (proposed.match, proposed.state) == ("proposed", "WA")


def test_nobody_signs_twice(seed, staff):
    first = seed.signatures.get(position=1)
    said = refused(left_out.add_signer, seed, by=staff, reason=AGAIN, printed_name=first.printed_name)
    assert said["printed_name"].startswith(f"{first.printed_name} has already signed, as number 1")
    known = refused(
        left_out.add_signer, seed, by=staff, reason=AGAIN, printed_name="TEST", bioguide=first.legislator.bioguide
    )
    assert "has already signed, as number 1" in known["printed_name"]
    assert set(refused(left_out.add_signer, seed, by=staff, reason=" ", printed_name="TEST")) == {"reason"}


def test_an_agency_that_was_left_out_waits_since_the_letter(reference, staff):
    letter = factories.sent(agencies=("treasury", "state"), deadline_on=dt.date(2023, 5, 15))
    only = factories.draft(agencies=("treasury", "state"), deadline_on=dt.date(2023, 5, 15))
    factories.ask(only, "treasury")
    only = sending.send_letter(only, by=factories.SETUP, sent_on=factories.SENT_ON)
    letter_desk.update_addressee(
        only.addressees.get(agency__slug="state"), by=staff, acknowledged_on=dt.date(2023, 5, 1)
    )
    added = left_out.put_also_to(only.asks.get(), by=staff, reason=AGAIN, agency=factories.agency("state"))
    whole = Tasking.objects.get(ask__letter=letter, agency__slug="state")
    assert (added.status, added.role, added.asked_on, added.due_on, added.due_basis, added.ack_due_on) == (
        "awaiting", "lead", whole.asked_on, whole.due_on, whole.due_basis, whole.ack_due_on,
    )  # fmt: skip
    assert added.acknowledged_on == dt.date(2023, 5, 1)
    assert added.status_since == factories.SENT_ON
    only = Letter.objects.get(pk=only.pk)
    assert only.amendments.values_list("field", "before", "after").get() == (
        "ask 1, put to", "Treasury", "Treasury and State",
    )  # fmt: skip
    assert only.events.filter(kind="letter_amended").get().payload["items"] == [str(added.pk)]


def test_a_public_letter_tells_of_it(seed, staff):
    ask = seed.asks.get(number=1)
    added = left_out.put_also_to(ask, by=staff, reason=AGAIN, agency=factories.agency("state"), role="consulted")
    told = seed.events.filter(kind="letter_amended").get().public_payload["corrected"]
    (public,) = [one for one in told["asks"][0]["taskings"] if one["id"] == str(added.pk)]
    assert (public["agency"], public["role"], public["status"], public["due_on"]) == (
        "state",
        "consulted",
        "awaiting",
        None,
    )
    assert (added.due_on, added.status) == (None, "awaiting")


def test_what_stands_against_an_agency(reference, staff, viewer):
    item = factories.item()
    ask, treasury = item.ask, item.agency

    def said(**how) -> dict[str, str]:
        return refused(left_out.put_also_to, ask, **{"by": staff, "reason": AGAIN, "agency": treasury} | how)

    assert said() == {"agency": "Ask 1 is put to Treasury already. There is nothing left to do."}
    assert said(agency=factories.agency("state"))["agency"].startswith("The letter does not address State.")
    assert set(said(role="TEST")) == {"role", "agency"}
    assert set(said(reason="")) == {"reason"}
    assert set(said(by=viewer, error=NotAllowed)) == {"by"}
    factories.moved(item, "withdrawn")
    assert said() == {
        "agency": "Ask 1 is put to Treasury already: that item is withdrawn. Reopen it on its page instead."
    }
    ofac = factories.agency("ofac")
    assert said(agency=ofac, role="consulted")["role"].startswith("Nobody owes a reply to ask 1 any more")
    assert left_out.put_also_to(ask, by=staff, reason=AGAIN, agency=ofac).status == "awaiting"
    wrong = sending.enter_in_error(Letter.objects.get(pk=ask.letter_id), by=staff, reason="TEST")
    assert said() == {"state": "Only a sent letter is corrected; this one is entered in error."}
    assert set(refused(left_out.add_signer, wrong, by=staff, reason=AGAIN, printed_name="TEST")) == {"state"}


def test_an_ask_that_was_left_out_waits_since_the_letter(reference, staff, settle):
    facts = {"agencies": ("treasury", "state"), "deadline_on": dt.date(2023, 5, 15)}
    whole = factories.sent(**facts)
    twin = Tasking.objects.get(ask__letter=whole, agency__slug="treasury")
    letter = factories.sent(**facts)
    letter_desk.update_addressee(
        letter.addressees.get(agency__slug="treasury"), by=staff, acknowledged_on=dt.date(2023, 5, 1)
    )
    settle()
    told = Event.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    treasury, state = factories.agency("treasury"), factories.agency("state")
    added = left_out.add_ask(
        letter, by=staff, reason=AGAIN, kind=factories.kind("briefing"), summary="TEST brief us", responsible=[treasury],
        consulted=[state, treasury],
    )  # fmt: skip
    settle()
    lead, beside = added.taskings.order_by("-role")
    assert (added.number, lead.agency, lead.role, lead.status) == (2, treasury, "lead", "awaiting")
    assert (lead.asked_on, lead.due_on, lead.due_basis, lead.ack_due_on, lead.acknowledged_on, lead.status_since) == (
        twin.asked_on, twin.due_on, twin.due_basis, twin.ack_due_on, dt.date(2023, 5, 1), factories.SENT_ON,
    )  # fmt: skip
    assert (beside.agency, beside.role, beside.due_on, beside.asked_on) == (
        state, "consulted", None, factories.SENT_ON,
    )  # fmt: skip
    letter = Letter.objects.get(pk=letter.pk)
    assert letter.amendments.values_list("field", "before", "after", "reason").get() == (
        "ask 2, left out", "", "TEST brief us, put to Treasury and State (consulted)", AGAIN,
    )  # fmt: skip
    # a follower is told of each item that began to wait on that day, and of the correction: behind all that it has read
    after = Event.objects.filter(sequence__gt=told).order_by("sequence")
    assert [(one.kind, one.tasking_id) for one in after] == [
        ("status_changed", lead.pk), ("status_changed", beside.pk), ("letter_amended", None),
    ]  # fmt: skip
    assert {one.occurred_at for one in after.filter(kind="status_changed")} == {letter.sent_at}
    assert after.last().payload["items"] == sorted([str(lead.pk), str(beside.pk)])
    assert FeedEntry.objects.filter(stream="office", event__in=after).count() == 3


def test_nobody_is_told_five_things_at_once_of_an_ask_that_was_left_out(reference, staff, settle):
    """As of a letter that is logged late: it is late, since that day; and who hears of it hears that, once."""
    letter = factories.sent()
    at_once = factories.item()
    today = dt.date(2023, 9, 1)
    added = left_out.add_ask(
        letter, by=staff, reason=AGAIN, kind=factories.kind("other"), summary="TEST", responsible=[at_once.agency]
    )
    item = items.assign(added.taskings.get(), by=staff, owner=staff)
    items.assign(at_once, by=staff, owner=staff)
    sweep(today=today)
    sweep(today=today)

    def happened(tasking: Tasking) -> tuple:
        passed = tasking.events.filter(kind__in=["past_due", "acknowledgement_late"])
        fired = tasking.reminders.order_by("rule").values_list("rule", "due_on", "fired_on", "quiet")
        return list(passed.order_by("kind").values_list("kind", "due_on", "occurred_at")), list(fired)

    assert happened(item) == happened(at_once)
    assert (
        Notice.objects.filter(reminder__tasking=item).count()
        == Notice.objects.filter(reminder__tasking=at_once).count()
    )
    assert len(happened(item)[0]) == 2


def test_what_stands_against_an_ask_that_was_left_out(reference, staff, viewer):
    letter = factories.sent(agencies=("treasury",))
    treasury = factories.agency("treasury")

    def said(**how) -> dict[str, str]:
        facts = {
            "by": staff,
            "reason": AGAIN,
            "kind": factories.kind("other"),
            "summary": "TEST",
            "responsible": [treasury],
        }
        return refused(left_out.add_ask, letter, **facts | how)

    assert said(responsible=[]) == {"responsible": "The ask is put to no responsible agency. Choose at least one."}
    assert said(consulted=[factories.agency("state")])["consulted"].startswith("The letter does not address State.")
    early = said(requested_by=dt.date(2023, 4, 1))["requested_by"]
    assert "is before the day it was sent (April 25, 2023)" in early
    assert set(said(kind=factories.kind("sanction"), summary="")) == {"targets"}
    new = PlannedTarget("0", name="TEST new", kind="TEST no kind")
    assert set(said(targets=[new])) == {"targets"}
    assert set(said(reason=" ")) == {"reason"}
    assert set(said(by=viewer, error=NotAllowed)) == {"by"}
    assert letter.asks.count() == 1
    wrong = sending.enter_in_error(Letter.objects.get(pk=letter.pk), by=staff, reason="TEST")
    assert set(said()) == {"state"}
    assert wrong.asks.count() == 1


def test_a_public_letter_tells_of_an_ask_that_was_left_out(seed, staff):
    added = left_out.add_ask(
        seed,
        by=staff,
        reason=AGAIN,
        kind=factories.kind("other"),
        summary="TEST ask",
        responsible=[factories.agency("state")],
    )
    told = seed.events.filter(kind="letter_amended").get().public_payload["corrected"]
    assert [one["summary"] for one in told["asks"]][-1] == "TEST ask"
    assert [one["agency"] for one in told["asks"][-1]["taskings"]] == ["state"]
    assert added.number == 6
