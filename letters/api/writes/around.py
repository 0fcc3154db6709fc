"""What stands around a sent letter: relations to other letters, what its addressees tell, a letter that asks again."""

from letters.api.bodies import Body, Code, Many, Text
from letters.api.writes import fields
from letters.api.writing import Call, Write
from letters.domain import chasing, letter_desk
from letters.enums import LinkKind
from letters.models import Letter
from letters.models.base import MAX_TEXT


def link(call: Call) -> Letter:
    letter_desk.link_letters(call.target, by=call.by, to=call.body["letter"], kind=call.body["kind"])
    return call.target


def unlink(call: Call) -> None:
    letter_desk.unlink_letters(call.target, by=call.by)


def update_addressee(call: Call) -> Letter:
    letter_desk.update_addressee(call.target, by=call.by, **call.body)
    return call.target.letter


def follow_up(call: Call) -> Letter:
    return chasing.log_follow_up(by=call.by, **call.body)


WRITES = (
    Write(
        "link_letter",
        "POST",
        "letters/{id}/links/",
        "Say how a letter relates to an earlier one",
        link,
        body=Body(
            name="NewLink",
            fields={
                "letter": fields.letter("The id of the other letter.", required=True),
                "kind": Code(choices=tuple(LinkKind.values), required=True, about="How this one relates to it."),
            },
        ),
        of="letters",
        answers="letters",
        fields={"to": "letter"},
        example={"letter": "00000000-0000-4000-8000-000000000001", "kind": "follow_up_to"},
    ),
    Write(
        "unlink_letter",
        "POST",
        "links/{id}/remove/",
        "Take such a relation away",
        unlink,
        "What stood is kept in the history. Answers 204.",
        of="links",
    ),
    Write(
        "log_follow_up",
        "POST",
        "follow-ups/",
        "Log a letter that asks again what one agency still owes",
        follow_up,
        "It is sent at once. No new tasking: each that it repeats goes on, and was asked again.",
        Body(
            name="FollowUp",
            fields={
                "agency": fields.agency("The slug of the agency.", required=True),
                "taskings": Many(of=fields.tasking(), required=True, about="The ids of the open items it repeats."),
                "subject": Text(limit=300, required=True, about="What it is about."),
                "text": Text(limit=MAX_TEXT, required=True, about="Its words."),
                "sent_on": fields.day("The day it went out.", required=True),
                "addressee": Many(of=Text(limit=200), required=True, about="To whom, then the lines of the address."),
                "signers": Many(of=Text(limit=200), required=True, about="The names under it, the lead first."),
                "deadline_on": fields.maybe_day("A date it sets, which becomes the items’ date."),
                "official": fields.official("The id of the official it goes to, where known.", null=True),
            },
        ),
        answers="letters",
        creates=True,
        fields={"items": "taskings", "printed_name": "addressee"},
        example={
            "agency": "treasury",
            "taskings": ["00000000-0000-4000-8000-000000000001"],
            "subject": "TEST asking again",
            "text": "TEST We wrote to you and have no reply.",
            "sent_on": "2023-06-01",
            "addressee": ["TEST Secretary"],
            "signers": ["TEST Signer"],
        },
    ),
    Write(
        "update_addressee",
        "POST",
        "addressees/{id}/delivery/",
        "Note what an addressee’s office tells",
        update_addressee,
        "Its own number, when the letter came and was acknowledged, whom to call. What is not sent stays. Answers the letter.",
        Body(
            name="AddresseeDelivery",
            partial=True,
            fields={
                "control_number": Text(limit=60, about="Their own number for the letter."),
                "delivered_on": fields.maybe_day("The day it came."),
                "acknowledged_on": fields.maybe_day("The day they said so."),
                "legislative_affairs_contact": Text(limit=200, about="Whom to call."),
            },
        ),
        of="addressees",
        inside="letters",  # whose version the verb moves, as on the page
        answers="letters",
        example={"control_number": "TEST-2023-0042"},
    ),
)
