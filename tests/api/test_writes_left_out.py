"""What the record forgot of a sent letter, added through the API."""

from letters.models import Letter
from tests.factories import SENT_ON, SETUP, ask, draft, sending


def test_a_signer_and_an_agency_are_added(writer):
    made = draft(agencies=("treasury", "state"))
    its = ask(made, "treasury")
    letter = sending.send_letter(made, by=SETUP, sent_on=SENT_ON)
    path = f"letters/{letter.pk}/amendments/"
    signed = writer.post(f"{path}signers/", {"printed_name": "TEST Left Out", "is_lead": True, "reason": "TEST why"})
    assert (signed.status, [one["printed_name"] for one in signed.body["signatures"]]) == (
        200,
        ["TEST Signer", "TEST Left Out"],
    )
    put = writer.post(f"{path}taskings/", {"ask": str(its.pk), "agency": "state", "reason": "TEST why"})
    assert put.status == 200, put.body
    assert [(one["agency"]["slug"], one["status"]) for one in put.body["asks"][0]["taskings"]] == [
        ("state", "awaiting"), ("treasury", "awaiting"),
    ]  # fmt: skip
    assert [one["field"] for one in put.body["amendments"]] == ["signer 2, left out", "ask 1, put to"]
    assert Letter.objects.get(pk=letter.pk).version == put.body["version"]


def test_what_is_wrong_is_named(writer):
    letter = sending.send_letter(draft(), by=SETUP, sent_on=SENT_ON)
    path = f"letters/{letter.pk}/amendments/"
    other = str(letter.pk)
    status, (field, message) = writer.faults(f"{path}taskings/", {"ask": other, "agency": "state", "reason": "TEST"})
    assert (status, field, message) == (
        400,
        "/ask",
        f"/ask: “{other}” is no ask of this letter. GET the letter for their ids.",
    )
    its = str(letter.asks.get().pk)
    status, (field, _) = writer.faults(f"{path}taskings/", {"ask": its, "agency": "state", "reason": "TEST"})
    assert (status, field) == (422, "/agency")
    assert writer.faults(f"{path}signers/", {"printed_name": "TEST Name"})[1][0] == "/reason"


def test_an_ask_is_added(writer):
    letter = sending.send_letter(draft(agencies=("treasury", "state")), by=SETUP, sent_on=SENT_ON)
    path = f"letters/{letter.pk}/amendments/asks/"
    body = {
        "kind": "sanction", "targets": [{"name": "TEST Company", "kind": "company"}], "responsible": ["treasury"],
        "consulted": ["state"], "acting_agency": "ofac", "questions": ["TEST why?"], "reason": "TEST why",
    }  # fmt: skip
    added = writer.post(path, body)
    assert added.status == 200, added.body
    one = added.body["asks"][1]
    assert (one["number"], one["kind"]["code"], [target["name"] for target in one["targets"]]) == (
        2, "sanction", ["TEST Company"],
    )  # fmt: skip
    assert [(item["agency"]["slug"], item["role"], item["asked_on"]) for item in one["taskings"]] == [
        ("state", "consulted", "2023-04-25"), ("treasury", "lead", "2023-04-25"),
    ]  # fmt: skip
    assert [question["text"] for question in one["questions"]] == ["TEST why?"]
    assert added.body["amendments"][0]["field"] == "ask 2, left out"
    nobody = writer.faults(path, body | {"responsible": []})
    assert nobody == [422, ("/responsible", "The ask is put to no responsible agency. Choose at least one.")]
    assert writer.faults(path, body | {"targets": []})[1][0] == "/targets"
    assert writer.faults(path, {"kind": "other", "summary": "TEST", "responsible": ["treasury"]})[1][0] == "/reason"
