"""That a later letter repeats an item, and that it does not after all."""

from letters.api.bodies import Body, Text
from letters.api.writes import fields
from letters.api.writing import Call, Write
from letters.domain import not_repeated, renewals
from letters.models import Tasking


def renew(call: Call) -> Tasking:
    renewals.renew(call.target, by=call.by, **call.body)
    return call.target


def take_back(call: Call) -> Tasking:
    return not_repeated.take_back_renewal(call.target, by=call.by, **call.body)


WRITES = (
    Write(
        "renew_tasking",
        "POST",
        "taskings/{id}/renewals/",
        "Note that a later letter repeats one tasking",
        renew,
        "The item goes on, counted once, first asked when it was.",
        Body(
            name="Renewal",
            fields={
                "letter": fields.letter("The id of the later letter.", required=True),
                "quote": Text(limit=10_000, about="The words that repeat it."),
                "instead_of": fields.tasking(
                    "The id of the item that the later letter made of the same ask: it leaves every count.", null=True
                ),
            },
        ),
        of="taskings",
        answers="taskings",
        example={"letter": "00000000-0000-4000-8000-000000000001"},
    ),
    Write(
        "take_back_renewal",
        "POST",
        "taskings/{id}/renewals/remove/",
        "Say that a later letter does not repeat one tasking after all",
        take_back,
        "As if it had never been said: its date, how often it was asked, and the tasking of that letter that left in its stead.",
        Body(
            name="RenewalTakenBack",
            fields={
                "letter": fields.letter("The id of the letter that does not repeat it.", required=True),
                "reason": fields.reason("What was wrong; it is kept.", required=True),
            },
        ),
        of="taskings",
        answers="taskings",
        also_held=lambda tasking, body: not_repeated.touched(tasking, body["letter"]),
        example={"letter": "00000000-0000-4000-8000-000000000001", "reason": "TEST another ask"},
    ),
)
