"""Logging a letter: all of it at once or part by part, then sent."""

from typing import Any

from letters.api.bodies import Body, Many, Text
from letters.api.writes import fields
from letters.api.writes.item_bodies import ADDRESSEE, ASK, FACTS, PUT_TO, SIGNATURE, TARGET
from letters.api.writing import Call, Write
from letters.domain import asking, drafting, making, rewording, sending
from letters.domain.plans import Plan, PlannedAddressee, PlannedAsk, PlannedSigner, PlannedTarget
from letters.models import Letter

# An ask inside a whole letter: put to agencies at once, and about companies that may be new.
PLANNED_ASK = Body(
    name="DraftAskInput",
    fields={
        **{name: one for name, one in ASK.fields.items() if name not in ("targets", "questions")},
        "questions": ASK.fields["questions"],
        "targets": Many(of=TARGET, about="The companies, persons and programs it is about; new ones by their name."),
        "responsible": Many(of=fields.agency(""), about="Slugs of the agencies that owe the reply."),
        "consulted": Many(of=fields.agency(""), about="Slugs of agencies that are consulted and owe nothing."),
        "acting_agency": fields.agency("The slug of the bureau that would act.", null=True),
    },
)
FILED = {
    "topics": Many(of=Text(limit=120), about="What the office files it under: names, old or new."),
    "staff": Many(of=fields.person(), about="User names of who works on it."),
}
OF_DRAFT: dict[str, Any] = {"of": "drafts", "answers": "drafts"}


def make(call: Call) -> Letter:
    """The whole letter, or every problem in it."""
    return making.make_letter(by=call.by, plan=plan_of(call.body))


def plan_of(body: dict[str, Any]) -> Plan:
    """What was sent, as the verb reads it; each part known by its place in the body."""
    return Plan(
        facts={name: body[name] for name in FACTS},
        topics=tuple(body["topics"]),
        staff=tuple(person.username for person in body["staff"]),
        signers=tuple(_signer(f"/signatures/{n}", one) for n, one in enumerate(body["signatures"])),
        addressees=tuple(
            PlannedAddressee(
                f"/addressees/{n}", one["agency"].slug, one["printed_name"], one["printed_title"], one["address"],
                str(one["official"].pk) if one["official"] else "", one["delivery"],
            )
            for n, one in enumerate(body["addressees"])
        ),
        asks=tuple(_planned(n, one) for n, one in enumerate(body["asks"])),
    )  # fmt: skip


def _planned(n: int, one: dict[str, Any]) -> PlannedAsk:
    return PlannedAsk(
        f"/asks/{n}", one["kind"].code, one["quote"], one["summary"],
        tuple(target_of(f"/asks/{n}/targets/{m}", target) for m, target in enumerate(one["targets"])),
        tuple(agency.slug for agency in one["responsible"]), tuple(agency.slug for agency in one["consulted"]),
        one["acting_agency"].slug if one["acting_agency"] else "", one["instrument"], one["requested_list"],
        one["requested_by"], tuple(one["questions"]),
    )  # fmt: skip


def _signer(key: str, one: dict[str, Any]) -> PlannedSigner:
    # whoever sends a Bioguide ID has looked; without one the name stays as printed
    return PlannedSigner(
        key, one["printed_name"], one["printed_title"], one["bioguide"], bool(one["bioguide"]), one["is_lead"]
    )


def target_of(key: str, one: dict[str, Any]) -> PlannedTarget:
    """One that is known, or a new one."""
    return PlannedTarget(key, one["slug"].slug if one["slug"] else "", one["name"], one["kind"], one["parent"])


def edit(call: Call) -> Letter:
    facts = dict(call.body)
    filed = {name: facts.pop(name) for name in ("topics", "staff") if name in facts}
    if facts or not filed:
        drafting.edit_letter(call.target, by=call.by, **facts)
    if filed:
        rewording.refile(call.target, by=call.by, **filed)
    return call.target


def discard(call: Call) -> None:
    sending.discard_draft(call.target, by=call.by)


def send(call: Call) -> Letter:
    return sending.send_letter(call.target, by=call.by, sent_on=call.body["sent_on"])


def sign(call: Call) -> Letter:
    making.sign_planned(call.target, _signer("", call.body), by=call.by)
    return call.target


def address(call: Call) -> Letter:
    facts = dict(call.body)
    drafting.address(call.target, by=call.by, address_lines=facts.pop("address"), **facts)
    return call.target


def ask(call: Call) -> Letter:
    asking.add_ask(call.target, by=call.by, **call.body)
    return call.target


def put_to(call: Call) -> Letter:
    asking.put_to(call.target, by=call.by, **call.body)
    return call.target.letter


WRITES = (
    Write(
        "make_draft",
        "POST",
        "drafts/",
        "Log a letter",
        make,
        "All of it at once; what is unknown can wait. Either everything is sound and kept, or every problem is named.",
        Body(
            name="NewDraft",
            fields={
                **FACTS,
                "subject": Text(limit=300, required=True, about="What it is about, in a few words."),
                **FILED,
                "signatures": Many(of=SIGNATURE, about="The names under it, in order."),
                "addressees": Many(of=ADDRESSEE, about="To whom it goes, in order."),
                "asks": Many(of=PLANNED_ASK, about="What it asks, in order, and of whom."),
            },
        ),
        answers="drafts",
        creates=True,
        fields={"address_lines": "address"},
        example={
            "subject": "TEST letter about a briefing",
            "letter_date": "2023-04-25",
            "signatures": [{"printed_name": "TEST Signer", "is_lead": True}],
            "addressees": [{"agency": "treasury", "printed_name": "TEST Secretary"}],
            "asks": [{"kind": "briefing", "summary": "TEST brief our staff", "responsible": ["treasury"]}],
        },
    ),
    Write(
        "edit_draft",
        "PATCH",
        "drafts/{id}/",
        "Change the facts of a draft",
        edit,
        "What is not sent stays.",
        Body(name="DraftChange", partial=True, fields={**FACTS, **FILED}),
        **OF_DRAFT,
        example={"subject": "TEST better subject"},
    ),
    Write(
        "discard_draft",
        "DELETE",
        "drafts/{id}/",
        "Give a draft up",
        discard,
        "It stays in the history and in no list. Answers 204.",
        of="drafts",
    ),
    Write("sign_draft", "POST", "drafts/{id}/signatures/", "Add the next name under a draft", sign, body=SIGNATURE,
          **OF_DRAFT, example={"printed_name": "TEST Signer"}),
    Write("address_draft", "POST", "drafts/{id}/addressees/", "Add the next addressee of a draft", address, body=ADDRESSEE,
          **OF_DRAFT, fields={"address_lines": "address"}, example={"agency": "treasury", "printed_name": "TEST Secretary"}),
    Write("add_ask", "POST", "drafts/{id}/asks/", "Add the next ask of a draft", ask, body=ASK,
          **OF_DRAFT, example={"kind": "briefing", "summary": "TEST brief our staff"}),
    Write("put_ask_to", "POST", "asks/{id}/taskings/", "Put an ask of a draft to an agency", put_to, body=PUT_TO,
          of="asks", answers="drafts", example={"agency": "treasury"}),
    Write(
        "send_draft",
        "POST",
        "drafts/{id}/send/",
        "Send a draft",
        send,
        "It gets its reference, and every item begins to wait. One without an ask asks for a reply. Answers the letter.",
        Body(name="Sending", fields={"sent_on": fields.maybe_day("The day it went out; today when not given.")}),
        of="drafts",
        answers="letters",
        creates=True,
    ),
)  # fmt: skip
