"""Asks, signers and addressees of a draft, changed where they stand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from letters.api.bodies import Body, Field, Text
from letters.api.writes.item_bodies import ADDRESSEE, ASK, SIGNATURE
from letters.api.writing import Call, Write
from letters.domain import rewording
from letters.models import Letter

PART: dict[str, Any] = {"method": "PATCH", "answers": "drafts", "inside": "drafts"}
ABOUT = "What is not sent stays. Answers the draft, with its new `ETag`."


def reword_ask(call: Call) -> Letter:
    rewording.reword_ask(call.target, by=call.by, **call.body)
    return call.target.letter


def reword_signature(call: Call) -> Letter:
    rewording.reword_signature(call.target, by=call.by, **call.body)
    return call.target.letter


def reword_addressee(call: Call) -> Letter:
    rewording.reword_addressee(call.target, by=call.by, **call.body)
    return call.target.letter


def changing(fields: Mapping[str, Field]) -> dict[str, Field]:
    """The same fields where they stand already: none has to be sent, and none has a value that stands for it."""
    return {name: replace(one, required=False, default=None) for name, one in fields.items()}


WRITES = (
    Write(
        name="reword_ask",
        path="asks/{id}/",
        summary="Change what an ask of a draft says",
        do=reword_ask,
        about=f"{ABOUT} Its companies, questions and agencies are arranged at `asks/{{id}}/arrangement/`.",
        body=Body(
            name="AskChange",
            partial=True,
            fields={
                **changing({name: one for name, one in ASK.fields.items() if name in rewording.OF_ASK}),
                "instrument": Text(limit=300, about="The legal authority."),
                "requested_list": Text(limit=120, about="The official list."),
            },
        ),
        of="asks",
        example={"summary": "TEST brief our staff in person"},
        **PART,
    ),
    Write(
        name="reword_signature",
        path="signatures/{id}/",
        summary="Change a name under a draft",
        do=reword_signature,
        about=ABOUT,
        body=Body(name="SignatureChange", partial=True, fields=changing(SIGNATURE.fields)),
        of="draft-signatures",
        example={"printed_name": "TEST Signer, Jr."},
        **PART,
    ),
    Write(
        name="reword_addressee",
        path="addressees/{id}/",
        summary="Change an addressee of a draft",
        do=reword_addressee,
        about=f"{ABOUT} With another name or agency and no `official`, the official who was meant is meant no longer, unless "
        "the name has theirs.",
        body=Body(name="AddresseeChange", partial=True, fields=changing(ADDRESSEE.fields)),
        of="draft-addressees",
        example={"printed_title": "TEST Secretary of the Treasury"},
        **PART,
    ),
)
