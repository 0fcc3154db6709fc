"""Bodies that more than one address takes."""

from letters.api.bodies import Body, Code, Flag, Many, Number, Text
from letters.api.writes import fields
from letters.domain.items import MAX_NOTE
from letters.domain.letter_checks import MAX_TERM
from letters.enums import ContactChannel, Delivery, EvidenceKind, OurRole, TaskingRole, TermFrom, TermUnit
from letters.models.base import MAX_TEXT

NOTE = Body(name="NewNote", fields={"text": Text(limit=MAX_NOTE, required=True, about="The note.")})
REASON = Body(name="Reason", fields={"reason": fields.reason("Why; it is kept.", required=True)})
PROOF = {
    "citation": Text(limit=500, about="As printed: “85 FR 51596”, or the list and entry number."),
    "url": Text(limit=500, about="The page that says so; the row has it as `source_url`."),
    "seen_on": fields.maybe_day(
        "The day the page said so, or the citation was published; it counts as done on that day."
    ),
}
EVIDENCE = Body(
    name="NewEvidence",
    fields={
        "kind": Code(choices=tuple(EvidenceKind.values), required=True, about="What it is."),
        **PROOF,
        "response": fields.response("The id of the reply that proves it; needed for `response`.", null=True),
        "targets": Many(of=fields.target(), about="Slugs of the companies, persons and programs it covers."),
    },
)

# The letter's own facts, for drafts and for corrections.
FACTS = {
    "subject": Text(limit=300, about="What it is about, in a few words."),
    "printed_date": fields.maybe_day("As the paper says, even where it is wrong."),
    "letter_date": fields.maybe_day("The day it was really signed."),
    "text": Text(limit=MAX_TEXT, about="Its words."),
    "our_role": Code(choices=tuple(OurRole.values), default=OurRole.LED.value, about="The office’s part in it."),
    "lead_office_contact": Text(limit=200, about="Whom to ask at the lead office."),
    "on_behalf_of": Text(limit=200, about="A committee it speaks for."),
    "published_url": Text(limit=500, about="Where it was published."),
    "deadline_on": fields.maybe_day("A date the letter sets; most set none."),
    "deadline_quote": Text(limit=1000, about="The sentence that sets it."),
    "term_days": Number(least=1, most=MAX_TERM, null=True, default=None, about="A number of days instead of a date."),
    "term_unit": Code(choices=tuple(TermUnit.values), null=True, about="Days of which kind; needed with `term_days`."),
    "term_from": Code(choices=tuple(TermFrom.values), null=True, about="Where it begins; needed with `term_days`."),
}
SIGNATURE = Body(
    name="NewSignature",
    fields={
        "printed_name": Text(limit=200, required=True, about="As the letter prints it."),
        "printed_title": Text(limit=200, about="As the letter prints it."),
        "bioguide": Text(
            limit=7,
            about="Who it is, where a person has confirmed that; empty: the name is kept as printed.",
        ),
        "is_lead": Flag(about="Whether this member led the letter."),
    },
)
ADDRESSEE = Body(
    name="NewAddressee",
    fields={
        "agency": fields.agency("The slug of the agency.", required=True),
        "printed_name": Text(limit=200, required=True, about="As the letter prints it."),
        "printed_title": Text(limit=200, about="As the letter prints it."),
        "address": Text(limit=500, about="As the letter prints it."),
        "delivery": Code(choices=tuple(Delivery.values), default=Delivery.TO.value, about="To them, or a copy."),
        "official": fields.official("The id of the official, where known.", null=True),
    },
)
TARGET = Body(
    name="AskTarget",
    fields={
        "slug": fields.target("The slug of one that is known.", null=True),
        "name": Text(limit=200, about="Of a new one."),
        "kind": Text(limit=12, about="Of a new one: company, person, vessel or programme."),
        "parent": Text(limit=200, about="The name of what a new one belongs to."),
    },
)
ASK = Body(
    name="NewAsk",
    fields={
        "kind": fields.kind_of_ask("The code of its kind.", required=True),
        "summary": Text(limit=300, about="In a few words; its kind and targets propose one."),
        "quote": Text(limit=10_000, about="The letter’s own words."),
        "targets": Many(of=fields.target(), about="Slugs of the companies, persons and programs it is about."),
        "instrument": Text(limit=300, null=True, default=None, about="The legal authority; its kind proposes one."),
        "requested_list": Text(limit=120, null=True, default=None, about="The official list; its kind proposes one."),
        "requested_by": fields.maybe_day("Its own date, where the letter gives it one."),
        "questions": Many(of=Text(limit=5000), about="The questions it asks, in order."),
    },
)
PUT_TO = Body(
    name="NewTasking",
    fields={
        "agency": fields.agency(
            "The slug of the agency asked: one the letter addresses, or a bureau of it.", required=True
        ),
        "role": Code(
            choices=tuple(TaskingRole.values), default=TaskingRole.LEAD.value, about="Whether it owes the reply."
        ),
        "acting_agency": fields.agency("The slug of the bureau that would act.", null=True),
    },
)
CONTACT = {
    "channel": Code(choices=tuple(ContactChannel.values), required=True, about="How."),
    "outcome": Text(limit=2000, required=True, about="What came of it, in a few words."),
    "on": fields.maybe_day("The day; today when not given."),
    "with_whom": Text(limit=200, about="With whom."),
    "next_on": fields.maybe_day("Nobody is reminded before this day."),
}
