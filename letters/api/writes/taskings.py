"""What is done about one item: the verbs of its page, each at an address of its own."""

from letters.api.bodies import Body, Code, Flag, Many
from letters.api.writes import fields
from letters.api.writes.item_bodies import CONTACT, EVIDENCE, NOTE, REASON
from letters.api.writing import Call, Write
from letters.domain import extending, items, replies, workflow
from letters.enums import Status
from letters.errors import RecordError
from letters.models import Contact, Evidence, Note, Tasking


def move(call: Call) -> Tasking:
    """To another status; to `transferred` with the agency that has it now."""
    body = call.body
    for name, to in (("promised_on", Status.PROMISED), ("agency", Status.TRANSFERRED)):
        if body[name] and body["to"] != to:
            lost = f"“{body['to']}” takes none, so it would be lost. Leave it out, or choose “{to}”."
            raise RecordError.of(name, lost, str(body[name]))
    if body["to"] == Status.TRANSFERRED and body["agency"]:
        workflow.transfer(call.target, to_agency=body["agency"], by=call.by, reason=body["reason"])
        return call.target
    return workflow.transition(
        call.target, to=body["to"], by=call.by, reason=body["reason"], promised_on=body["promised_on"]
    )


def assign(call: Call) -> Tasking:
    return items.assign(call.target, by=call.by, owner=call.body["owner"])


def snooze(call: Call) -> Tasking:
    return items.snooze(call.target, by=call.by, until=call.body["until"])


def review(call: Call) -> Tasking:
    return items.set_review(call.target, by=call.by, on=call.body["on"])


def promise(call: Call) -> Tasking:
    return items.move_promise(call.target, by=call.by, to=call.body["to"])


def extend(call: Call) -> Tasking:
    return extending.extend(call.target, by=call.by, **call.body)


def take_back_extension(call: Call) -> Tasking:
    return extending.take_back_extension(call.target, by=call.by, reason=call.body["reason"])


def set_statute(call: Call) -> Tasking:
    extending.set_statute(call.target.ask, by=call.by, **call.body)
    return call.target


def note(call: Call) -> Note:
    return items.add_note(by=call.by, text=call.body["text"], letter=call.target.ask.letter, tasking=call.target)


def contact(call: Call) -> Contact:
    facts = {**call.body, "taskings": [call.target], "agency": call.body["agency"] or call.target.agency}
    return items.log_contact(by=call.by, **facts)


def contact_about_many(call: Call) -> Contact:
    return items.log_contact(by=call.by, **call.body)


def evidence(call: Call) -> Evidence:
    return replies.add_evidence(call.target, by=call.by, **call.body)


WRITES = (
    Write(
        "move_tasking",
        "POST",
        "taskings/{id}/transitions/",
        "Move one tasking to another status",
        move,
        "What may follow what, and what it needs, GET of the same address says. "
        "A reply (`POST responses/`) or evidence (`POST taskings/ID/evidence/`) is recorded first.",
        Body(
            name="Move",
            fields={
                "to": Code(choices=tuple(Status.values), required=True, about="The new status."),
                "reason": fields.reason("Why: needed for an end without the agency’s word, and to reopen."),
                "promised_on": fields.maybe_day("The day they named; needed for `promised`."),
                "agency": fields.agency(
                    "The slug of the agency it was passed to; needed for `transferred`.", null=True
                ),
            },
        ),
        of="taskings",
        answers="taskings",
        fields={"to_agency": "agency"},
        ways={
            "to": "GET /api/v1/taskings/{id}/transitions/ says what may follow, and what it needs.",
            "reply": "POST /api/v1/responses/ records one; then move the item.",
            "evidence": "POST /api/v1/taskings/{id}/evidence/ keeps it, and POST /api/v1/evidence/ID/check/ says of what is "
            "there that it still proves it; then move the item.",
        },
        example={"to": "considering"},
    ),
    Write(
        "assign_tasking",
        "POST",
        "taskings/{id}/owner/",
        "Say who owns the next step",
        assign,
        body=Body(
            name="Owner",
            fields={"owner": fields.person("User name; null for nobody.", required=True, null=True)},
        ),
        of="taskings",
        answers="taskings",
        example={"owner": None},
    ),
    Write(
        "snooze_tasking",
        "POST",
        "taskings/{id}/snooze/",
        "Remind nobody before a day",
        snooze,
        "Its dates stay as they are.",
        Body(
            name="Snooze",
            fields={"until": fields.day("The day to remind; null: as usual again.", required=True, null=True)},
        ),
        of="taskings",
        answers="taskings",
        example={"until": None},
    ),
    Write(
        "review_tasking",
        "POST",
        "taskings/{id}/review/",
        "Say when to look again where an agency takes no position",
        review,
        "Its reply clock stands still until then.",
        Body(name="Review", fields={"on": fields.day("The day to look again.", required=True)}),
        of="taskings",
        answers="taskings",
        fields={"review_on": "on"},
        example={"on": "2031-01-15"},
    ),
    Write(
        "move_promise",
        "POST",
        "taskings/{id}/promise/",
        "Note another date for what was promised",
        promise,
        "Its clock runs to that day.",
        Body(name="Promise", fields={"to": fields.day("The day they named.", required=True)}),
        of="taskings",
        answers="taskings",
        fields={"promised_on": "to"},
        example={"to": "2031-01-15"},
    ),
    Write(
        "extend_tasking",
        "POST",
        "taskings/{id}/extension/",
        "Give an agency more time",
        extend,
        "The date before is kept as `original_due_on`. A promise has its own date, and its own address.",
        Body(
            name="Extension",
            fields={
                "to": fields.day("The later day.", required=True),
                "by_notice": Flag(about="True: they told us that they need it. False: we agreed on it."),
                "response": fields.response("The id of the reply that says so, where there is one.", null=True),
                "reason": fields.reason("A remark."),
            },
        ),
        of="taskings",
        answers="taskings",
        fields={"who": "by_notice"},
        example={"to": "2031-01-15", "by_notice": True},
    ),
    Write(
        "take_back_extension",
        "POST",
        "taskings/{id}/extension/remove/",
        "Say that no more time was given after all",
        take_back_extension,
        "The date is the original one again.",
        REASON,
        of="taskings",
        answers="taskings",
        example={"reason": "TEST typed at the wrong item"},
    ),
    Write(
        "set_statute",
        "POST",
        "taskings/{id}/statute/",
        "Say which law’s clock an ask started",
        set_statute,
        "Of the ask: its other taskings follow. A person judges whether it qualifies.",
        Body(
            name="AskStatute",
            fields={
                "statute": fields.statute("The code of the law; null: none.", required=True, null=True),
                "reason": fields.reason("Why it qualifies, or why not.", required=True),
            },
        ),
        of="taskings",
        answers="taskings",
        also_held=lambda tasking, body: [tasking.ask.letter, *tasking.ask.taskings.all()],
        example={"statute": None, "reason": "TEST no joint request"},
    ),
    Write(
        "add_tasking_note",
        "POST",
        "taskings/{id}/notes/",
        "Keep a note about one tasking",
        note,
        "Notes never leave the office; feeds carry only that there is one.",
        NOTE,
        of="taskings",
        answers="notes",
        creates=True,
        example={"text": "TEST Their office asked for the letter again."},
    ),
    Write(
        "log_tasking_contact",
        "POST",
        "taskings/{id}/contacts/",
        "Log our own call, e-mail or meeting about one tasking",
        contact,
        body=Body(
            name="TaskingContact",
            fields={
                **CONTACT,
                "agency": fields.agency("With which agency; the one asked when not given.", null=True),
            },
        ),
        of="taskings",
        answers="contacts",
        creates=True,
        example={"channel": "call", "outcome": "TEST left a message"},
    ),
    Write(
        "log_contact",
        "POST",
        "contacts/",
        "Log our own call, e-mail or meeting about several taskings",
        contact_about_many,
        body=Body(
            name="NewContact",
            fields={
                "agency": fields.agency("The slug of the agency.", required=True),
                "taskings": Many(of=fields.tasking(), required=True, about="The ids of the items it was about."),
                **CONTACT,
            },
        ),
        answers="contacts",
        creates=True,
        example={
            "agency": "treasury",
            "taskings": ["00000000-0000-4000-8000-000000000001"],
            "channel": "call",
            "outcome": "TEST left a message",
        },
    ),
    Write(
        "add_evidence",
        "POST",
        "taskings/{id}/evidence/",
        "Keep what proves an outcome",
        evidence,
        "No status moves with it: that is a transition.",
        EVIDENCE,
        of="taskings",
        answers="evidence",
        creates=True,
        fields={"evidence": "kind"},
        example={"kind": "federal_register", "citation": "TEST 99 FR 99999"},
    ),
)
