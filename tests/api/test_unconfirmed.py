"""What versions until November 2026 told the public of signers nobody had confirmed is taken back by the upgrade."""

import pytest
from django.core.management import call_command

from letters.domain import payloads, releases, sending
from letters.domain.amending import Correction, amend_parts, confirming
from letters.domain.history import acting
from letters.domain.payloads import SIGNER
from letters.models import Event, Letter
from tests.factories import SETUP, sent


@pytest.fixture
def released_before(monkeypatch):
    """Releases a letter as those versions did: with state and party of whoever was proposed."""

    def release(*signers: str) -> Letter:
        letter = sent(signers=signers)
        with monkeypatch.context() as version:
            version.setattr(payloads, "public_signer", lambda signer: {name: signer[name] for name in SIGNER})
            return sending.release(letter, by=SETUP)

    return release


def upgrade(capsys) -> str:
    call_command("correct_public_stream")
    return capsys.readouterr().out.strip()


def test_the_upgrade_corrects_what_was_told_as_a_fact(released_before, public, staff, manager, settle, capsys):
    letter = released_before("Bill Hagerty", "TEST Other")
    confirmed, back = released_before("Bill Hagerty"), released_before("Bill Hagerty")
    amend_parts(confirmed, by=staff, reason="TEST it is he", corrections=confirming(confirmed.signatures.all()))
    sending.withdraw_release(back, by=manager, reason="TEST too early")
    sent(released=True, signers=["Bill Hagerty"])
    settle()
    before = public.get("events/?limit=200").body
    of_letter = [one for one in before["results"] if one["payload"].get("released", {}).get("id") == str(letter.pk)]
    assert [one["payload"]["released"]["signatures"][0]["party"] for one in of_letter] == ["Republican"]

    assert upgrade(capsys) == "letters corrected for the public: 1"
    settle()
    (corrected,) = public.rows(f"events/?after={before['cursor']}")
    assert (corrected["kind"], corrected["payload"]) == (
        "letter_amended",
        {
            "letter": str(letter.pk),
            "withdrawn": {"signatures": ["Bill Hagerty"]},
            "corrected": payloads.public_letter(letter),
        },
    )
    assert corrected["payload"]["corrected"]["signatures"][0]["party"] == ""
    # nothing was lost, moved or told twice: the entries before stand as they were, but for the one that told it
    now = public.get("events/?limit=200").body["results"]
    assert now == [one for one in before["results"] if one not in of_letter] + [corrected]

    events = Event.objects.count()
    assert upgrade(capsys) == "letters corrected for the public: 0"
    assert Event.objects.count() == events


def test_its_followers_hold_what_the_letter_s_own_address_shows(released_before, public, settle, capsys):
    """By the rule of the docs: a “corrected” is the whole letter."""
    letter = released_before("Bill Hagerty")
    upgrade(capsys)
    settle()
    held = {}
    for event in public.rows("events/"):
        state = event["payload"].get("corrected") or event["payload"].get("released")
        held |= {state["id"]: state} if state else {}
    shown = public.get(f"letters/{letter.pk}/").body
    assert held == {str(letter.pk): {name: value for name, value in shown.items() if name not in ("url", "page_url")}}


def test_another_spelling_of_a_signer_has_no_state_in_public_and_what_was_told_of_it_is_taken_back(
    released_before, writer, public, staff, settle, capsys
):
    """It is matched to nobody; until November 2026 it kept what came with the proposal."""
    letter = released_before("Joni K. Ernst")
    amend_parts(letter, by=staff, reason="TEST it is she", corrections=confirming(letter.signatures.all()))
    added = writer.post(
        f"letters/{letter.pk}/amendments/signers/", {"printed_name": "J. Ernst", "reason": "TEST left out"},
        If_Match=writer.get(f"letters/{letter.pk}/").headers["ETag"],
    )  # fmt: skip
    assert added.status == 200, added.body

    def shown() -> list[tuple]:
        signers = public.get(f"letters/{letter.pk}/").body["signatures"]
        listed = public.get("letters/").body["results"][0]["signatures"]
        assert listed == signers == payloads.public_letter(letter)["signatures"]
        return [(one["printed_name"], one["state"], one["party"]) for one in signers]

    assert shown() == [("Joni K. Ernst", "IA", "Republican"), ("J. Ernst", "", "")]
    with acting(SETUP):
        letter.signatures.filter(printed_name="J. Ernst").update(
            state="IA", party="Republican"
        )  # as that version wrote it
    assert shown() == [("Joni K. Ernst", "IA", "Republican"), ("J. Ernst", "", "")]
    assert upgrade(capsys) == "letters corrected for the public: 0"  # the public was never told

    with acting(SETUP):
        told = payloads.public_letter(letter)
        told["signatures"][1] |= {"state": "IA", "party": "Republican"}
        releases.tell_amended(
            letter, by=SETUP, changed=[], reason="TEST", public={"letter": str(letter.pk), "corrected": told}
        )
    assert upgrade(capsys) == "letters corrected for the public: 1"
    settle()
    last = public.rows("events/")[-1]["payload"]
    assert last["withdrawn"] == {"signatures": ["J. Ernst"]}
    assert upgrade(capsys) == "letters corrected for the public: 0"


@pytest.mark.parametrize("who", ["", "T000476"])
def test_what_was_told_before_the_last_word_is_taken_back_too(released_before, public, staff, settle, capsys, who):
    """A correction says who it is, or that it is nobody we know; the entry before it is still read from the stream's past."""
    letter = released_before("Bill Hagerty")
    corrections = [Correction(letter.signatures.get(), {"bioguide": who})]
    amend_parts(letter, by=staff, reason="TEST it is not he", corrections=corrections)
    settle()
    assert "TN" in str(public.rows("events/"))
    assert upgrade(capsys) == "letters corrected for the public: 1"
    settle()
    assert "TN" not in str(public.rows("events/"))
    assert upgrade(capsys) == "letters corrected for the public: 0"
