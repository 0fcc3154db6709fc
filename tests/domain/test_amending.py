"""Corrections to the parts of a sent letter: what stood before is kept, with one reason."""

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain import extending, workflow
from letters.domain.amending import Correction, amend_parts
from letters.enums import EventKind
from letters.errors import NotAllowed, StaleVersion
from letters.models import Ask, Letter, Signature, StatutoryClock, Tasking
from tests import factories
from tests.domain.refusals import refused


def kept(letter: Letter) -> list[tuple]:
    return sorted(letter.amendments.values_list("field", "before", "after", "reason"))


def test_each_corrected_field_keeps_what_stood_before_with_one_event(seed, staff):
    signer, other = seed.signatures.get(position=3), seed.signatures.get(position=9)
    addressee, ask = seed.addressees.get(position=1), seed.asks.get(number=5)
    letter = amend_parts(
        seed, by=staff, reason="TEST read again", expected_version=seed.version,
        corrections=[
            Correction(signer, {"printed_name": "TEST Marco A. Rubio", "bioguide": "", "is_lead": True, "printed_title": signer.printed_title}),
            Correction(other, remove=True),
            Correction(addressee, {"printed_title": "TEST Secretary"}),
            Correction(ask, {"summary": "TEST wording", "requested_by": dt.date(2023, 6, 1)}),
        ],
    )  # fmt: skip
    assert kept(letter) == [
        ("addressee 1, title", "Secretary of the Treasury", "TEST Secretary", "TEST read again"),
        ("ask 5, its own date", "", "2023-06-01", "TEST read again"),
        ("ask 5, wording", "Investigate other PRC cloud providers", "TEST wording", "TEST read again"),
        ("signer 3, led", "no", "yes", "TEST read again"),
        ("signer 3, member", "R000595", "", "TEST read again"),
        ("signer 3, name", "Marco Rubio", "TEST Marco A. Rubio", "TEST read again"),
        ("signer 9, taken out", "Dan Sullivan", "", "TEST read again"),
    ]
    signer.refresh_from_db()
    assert (signer.match, signer.legislator, signer.state) == ("unmatched", None, "")
    assert letter.signatures.count() == 8
    # the dates of its open items follow
    assert {(t.due_on, t.due_basis) for t in ask.taskings.all()} == {(dt.date(2023, 6, 1), "letter")}
    event = letter.events.filter(kind=EventKind.LETTER_AMENDED).get()
    assert (event.reason, event.by_user, len(event.payload["changed"])) == ("TEST read again", staff, 7)
    assert event.public_payload["corrected"]["id"] == str(letter.pk)  # a public letter is corrected in public


def test_what_was_decided_of_an_ask_since_it_was_read_stays(seed, staff):
    ask = seed.asks.get(number=1)
    other = Tasking.objects.get(ask__letter=seed, ask__number=2)
    other = workflow.transition(other, to="promised", by=staff, promised_on=dt.date(2023, 7, 1))
    law = StatutoryClock.objects.get(code="global-magnitsky-1263d")
    extending.set_statute(Ask.objects.get(pk=ask.pk), by=staff, statute=law, reason="TEST")
    corrections = [Correction(ask, {"summary": "TEST wording", "requested_by": dt.date(2023, 6, 1)})]
    with CaptureQueriesContext(connection) as captured:
        amend_parts(seed, by=staff, reason="TEST", corrections=corrections)
    after = Ask.objects.get(pk=ask.pk)
    assert (after.summary, after.statute, after.version) == ("TEST wording", law, ask.version + 1)
    # only what rests on the corrected ask is counted anew, and held while it is
    assert ask.taskings.get().due_on == dt.date(2023, 6, 1)
    held = [one["sql"] for one in captured if 'FROM "letters_tasking"' in one["sql"] and "FOR NO KEY" in one["sql"]]
    assert (len(held), str(other.pk) in "".join(held)) == (1, False)


def test_a_signer_gets_the_right_member_as_of_the_letter(seed, staff):
    signer = seed.signatures.get(position=2)
    amend_parts(seed, by=staff, reason="TEST", corrections=[Correction(signer, {"bioguide": "S001217"})])
    signer.refresh_from_db()
    assert (signer.legislator.official_full, signer.state, signer.match) == ("Rick Scott", "FL", "confirmed")


def test_what_would_be_wrong_is_refused_at_its_field(seed, staff):
    signer, ask = seed.signatures.get(position=2), seed.asks.get(number=1)
    said = refused(
        amend_parts, seed, by=staff, reason="TEST",
        corrections=[
            Correction(signer, {"printed_name": " ", "bioguide": "R000595", "party": "TEST"}, key="signer-2"),
            Correction(ask, {"requested_by": dt.date(2023, 4, 1), "quote": "x" * 10_001}, key="ask-1"),
        ],
    )  # fmt: skip
    assert set(said) == {
        "signer-2-printed_name",
        "signer-2-bioguide",
        "signer-2-party",
        "ask-1-requested_by",
        "ask-1-quote",
    }
    assert said["signer-2-bioguide"] == "That member is signer 3 (Marco Rubio) already."


def test_a_correction_needs_a_reason_a_change_a_sent_letter_and_somebody_who_signed(seed, staff, viewer):
    signer = seed.signatures.get(position=2)
    change = [Correction(signer, {"printed_name": "TEST"})]
    assert set(refused(amend_parts, seed, by=staff, reason=" ", corrections=change)) == {"reason"}
    assert set(refused(amend_parts, seed, by=staff, reason="TEST", corrections=[])) == {"reason"}
    assert set(refused(amend_parts, factories.draft(), by=staff, reason="TEST", corrections=[])) == {"state"}
    everybody = [Correction(one, remove=True) for one in seed.signatures.all()]
    assert set(refused(amend_parts, seed, by=staff, reason="TEST", corrections=everybody)) == {"signers"}
    refused(amend_parts, seed, by=viewer, reason="TEST", corrections=change, error=NotAllowed)
    refused(amend_parts, seed, by=staff, reason="TEST", corrections=change, expected_version=1, error=StaleVersion)
    assert "part" in refused(amend_parts, factories.sent(), by=staff, reason="TEST", corrections=change)


def test_names_change_places_and_no_two_signers_are_printed_alike(seed, staff):
    third, fourth = seed.signatures.get(position=3), seed.signatures.get(position=4)
    unknown = [Correction(one, {"bioguide": ""}, key=f"signer-{one.position}") for one in (third, fourth)]
    seed = amend_parts(seed, by=staff, reason="TEST", corrections=unknown)
    names = third.printed_name, fourth.printed_name
    swap = [Correction(third, {"printed_name": names[1]}), Correction(fourth, {"printed_name": names[0]})]
    seed = amend_parts(seed, by=staff, reason="TEST wrong order", corrections=swap)
    assert tuple(seed.signatures.filter(position__in=(3, 4)).values_list("printed_name", flat=True)) == names[::-1]
    twice = Correction(fresh_signer(third), {"printed_name": names[0].upper()}, key="signer-3")
    said = f"Signers 3 and 4 would both be printed as “{names[0]}”. Two members of one name need their Bioguide IDs."
    assert refused(amend_parts, seed, by=staff, reason="TEST", corrections=[twice]) == {"signer-3-printed_name": said}


def test_a_name_is_free_for_whoever_is_corrected_with_those_who_leave_it(seed, staff):
    """Taken out, become a member, or printed otherwise in the same save: the page has them in the letter's order."""
    third, fourth, fifth = seed.signatures.filter(position__in=(3, 4, 5)).order_by("position")
    member = fourth.legislator.bioguide
    unknown = [Correction(one, {"bioguide": ""}) for one in (third, fourth)]
    seed = amend_parts(seed, by=staff, reason="TEST", corrections=unknown)

    def correct(*corrections: tuple[Signature, dict]) -> None:
        parts = [Correction(fresh_signer(one), fields, remove=not fields) for one, fields in corrections]
        amend_parts(seed, by=staff, reason="TEST", corrections=parts)

    correct((third, {"printed_name": fourth.printed_name}), (fourth, {"bioguide": member}))
    correct((third, {"printed_name": fifth.printed_name}))
    correct((fourth, {"bioguide": "", "printed_name": fifth.printed_name}), (third, {"printed_name": "TEST Smth"}))
    correct((third, {"printed_name": fifth.printed_name}), (fourth, {}))
    assert list(seed.signatures.filter(position__in=(3, 4)).values_list("printed_name", flat=True)) == [
        fifth.printed_name
    ]


def fresh_signer(signer: Signature) -> Signature:
    return Signature.objects.get(pk=signer.pk)
