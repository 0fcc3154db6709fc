"""What a sent letter has and the record forgot: a signer, an ask, an agency that an ask was put to."""

from letters.api.bodies import Body, Text
from letters.api.problems import Refused
from letters.api.writes import fields
from letters.api.writes.drafts import PLANNED_ASK, target_of
from letters.api.writes.item_bodies import PUT_TO, SIGNATURE
from letters.api.writing import Call, Write
from letters.domain import left_out
from letters.errors import Problem
from letters.models import Letter

WHY = fields.reason("Why the record is corrected.", required=True)


def add_signer(call: Call) -> Letter:
    left_out.add_signer(call.target, by=call.by, **call.body)
    return call.target


def put_also_to(call: Call) -> Letter:
    body = dict(call.body)
    given = body.pop("ask")
    ask = {str(one.pk): one for one in call.target.asks.all()}.get(given.lower())
    if ask is None:
        message = f"/ask: “{given[:80]}” is no ask of this letter. GET the letter for their ids."
        raise Refused(400, message, problems=[Problem("/ask", message, given)])
    left_out.put_also_to(ask, by=call.by, **body)
    return call.target


def add_ask(call: Call) -> Letter:
    body = dict(call.body)
    targets = [one["slug"] or target_of("", one) for one in body.pop("targets")]
    left_out.add_ask(call.target, by=call.by, targets=targets, **body)
    return call.target


WRITES = (
    Write(
        "add_left_out_signer",
        "POST",
        "letters/{id}/amendments/signers/",
        "Add a signer of a sent letter who was left out",
        add_signer,
        "The last in the list. Without a Bioguide ID, whoever the name seems to be on the letter’s date is proposed.",
        Body(name="SignerLeftOut", fields={**SIGNATURE.fields, "reason": WHY}),
        of="letters",
        answers="letters",
        example={"printed_name": "TEST Signer", "reason": "TEST the paper has one more"},
    ),
    Write(
        "add_left_out_ask",
        "POST",
        "letters/{id}/amendments/asks/",
        "Add an ask of a sent letter that was left out",
        add_ask,
        "The last in the list. It was asked on the day of the letter: its items wait since then, and are due as if it had been "
        "logged at once.",
        Body(name="AskLeftOut", fields={**PLANNED_ASK.fields, "reason": WHY}),
        of="letters",
        answers="letters",
        example={
            "kind": "briefing",
            "summary": "TEST Brief the committee",
            "responsible": ["treasury"],
            "reason": "TEST the paper asks for one more thing",
        },
    ),
    Write(
        "put_ask_also_to",
        "POST",
        "letters/{id}/amendments/taskings/",
        "Put an ask of a sent letter to an agency that was left out",
        put_also_to,
        "It was asked on the day of the letter, and its item waits since then.",
        Body(
            name="AgencyLeftOut",
            fields={
                "ask": Text(limit=36, required=True, about="Which ask, by its id in the letter."),
                **PUT_TO.fields,
                "reason": WHY,
            },
        ),
        of="letters",
        answers="letters",
        example={
            "ask": "00000000-0000-4000-8000-000000000001",
            "agency": "treasury",
            "reason": "TEST the paper names it, too",
        },
    ),
)
