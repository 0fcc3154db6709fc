"""What agencies said: recorded, read, made public, taken back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from letters.api.bodies import Body, Code, Many, Text
from letters.api.writes import fields
from letters.api.writes.item_bodies import PROOF, REASON
from letters.api.writes.letters import keep_file
from letters.api.writing import Call, Write
from letters.domain import files, releases, reply_flow, retractions
from letters.domain.reply_steps import Proof, Word
from letters.enums import Channel, Coverage, EvidenceKind, ResponseKind, Said, Stance, Status
from letters.errors import Problem, RecordError
from letters.models import Attachment, Contact, Evidence, Response
from letters.models.base import MAX_TEXT

SAID = Body(
    name="WhatTheySaid",
    fields={
        "tasking": fields.tasking("The id of the item.", required=True),
        "said": Code(
            choices=("", *Said.values), default="", about="What they said about it, in a word; empty: not read yet."
        ),
        "quote": Text(
            limit=10_000,
            null=True,
            default=None,
            about="Their words about it; null: as they were kept before, or none.",
        ),
        "page": Text(limit=20, null=True, default=None, about="The page they stand on; null: as it was kept before."),
        "promised_on": fields.maybe_day("The day they named; for `promised`."),
        "review_on": fields.maybe_day("When to look again; for `no_position`."),
        "passed_to": fields.agency("The slug of the agency they pointed to; for `other_agency`.", null=True),
        "reason": fields.reason("Why, where the status needs it."),
        "questions": Many(
            of=fields.question(),
            null=True,
            default=None,
            about="Ids of the questions it answers; null: all, where what they said answers questions.",
        ),
        "targets": Many(
            of=fields.target(),
            null=True,
            default=None,
            about="Slugs of what it covers; null: all, where what they said is a deed.",
        ),
        "proof": Body(
            name="Proof",
            null=True,
            about="What shows that it was done; the reply itself when not given.",
            fields={
                "kind": Code(
                    choices=tuple(EvidenceKind.values), default=EvidenceKind.RESPONSE.value, about="What it is."
                ),
                **PROOF,
            },
        ),
        "coverage": Code(
            choices=tuple(Coverage.values), null=True, about="Where a person knows better than the table."
        ),
        "stance": Code(choices=tuple(Stance.values), null=True, about="Where a person knows better than the table."),
        "status": Code(
            choices=tuple(Status.values),
            null=True,
            about="Where the item goes, if not where the table says; its present status leaves it.",
        ),
    },
)
KIND = Code(
    choices=tuple(ResponseKind.values), null=True, about="What it is as a whole; follows from the answers if not given."
)
ANSWERS = Many(of=SAID, required=True, about="What it says about which item; at least one.")
READ = Many(of=SAID, about="What it says about which item; at least one, unless `not_about` has some.")
NOT_ABOUT = Many(
    of=fields.tasking("The id of the item."), about="Items about which it says nothing, of those it was kept for."
)


# What a verb names of an item, as it stands in its answer. A status that lacks its reply or evidence was sent itself; what
# it lacks was not.
AS_SENT = {"agency": "passed_to", **dict.fromkeys(("to", "reply", "evidence"), "status"), **{name: f"proof/{name}" for name in PROOF}}  # fmt: skip


def record(call: Call) -> Response:
    """A reply in one step: answers, evidence and statuses follow the table “What did they say?”."""
    facts = dict(call.body)
    words = words_of(facts.pop("answers"))
    with_items = reply_flow.record_reply
    return _placed(words, lambda: with_items(by=call.by, words=words, kind=facts.pop("kind") or "", **facts))


def read(call: Call) -> Response:
    """Items about which it says nothing have no version in the body: `If-Match` says what was seen."""
    words, kind = words_of(call.body["answers"]), call.body["kind"] or ""
    off = [Word(tasking) for tasking in call.body["not_about"]]
    return _placed(
        words, lambda: reply_flow.read_reply(call.target, by=call.by, words=words, kind=kind, not_about=off), off
    )


def words_of(answers: list[dict[str, Any]]) -> list[Word]:
    """What was sent, as the verb reads it."""
    words = []
    for answer in answers:
        facts = dict(answer)
        proof = facts.pop("proof")
        words.append(Word(**facts, proof=Proof(**proof) if proof else Proof()))
    return words


def _placed(words: list[Word], verb: Any, off: Sequence[Word] = ()) -> Response:
    """A refusal about one item names it by id; here by its place in the body."""
    places = {str(word.tasking.pk): f"/not_about/{place}" for place, word in enumerate(off)}
    places |= {str(word.tasking.pk): f"/answers/{place}" for place, word in reversed(list(enumerate(words)))}
    try:
        return verb()
    except RecordError as error:
        raise type(error)(*(_at(one, places) for one in error.problems)) from error


def _at(problem: Problem, places: dict[str, str]) -> Problem:
    key, _, name = problem.field.partition(".")
    if key not in places:
        return problem
    name = AS_SENT.get(name, name)
    return replace(problem, field=places[key] if name == "not_about" else f"{places[key]}-{name}")


def attach_to_response(call: Call) -> Attachment:
    return keep_file(call, response=call.target)


def release(call: Call) -> Response:
    return releases.release_part(call.target, by=call.by)


def withdraw(call: Call) -> Response:
    return releases.withdraw_part(call.target, by=call.by, reason=call.body["reason"])


def release_answer(call: Call) -> Response:
    return releases.release_part(call.target, by=call.by).response


def withdraw_answer(call: Call) -> Response:
    return releases.withdraw_part(call.target, by=call.by, reason=call.body["reason"]).response


def retract_response(call: Call) -> Response:
    return retractions.retract_response(call.target, by=call.by, reason=call.body["reason"])


def retract_evidence(call: Call) -> Evidence:
    return retractions.retract_evidence(call.target, by=call.by, reason=call.body["reason"])


def retract_contact(call: Call) -> Contact:
    return retractions.retract_contact(call.target, by=call.by, reason=call.body["reason"])


def retract_attachment(call: Call) -> Attachment:
    return files.retract_attachment(call.target, by=call.by, reason=call.body["reason"])


def put_attachment_back(call: Call) -> Attachment:
    return files.put_back(call.target, by=call.by, reason=call.body["reason"])


def check_evidence(call: Call) -> Evidence:
    return retractions.check_evidence(call.target, by=call.by)


NO_ITEM = {"bearings": "answers"}
WHY = {"reason": "TEST reason"}


def _public(what: str, of: str, answers: str, make: Any, take_back: Any) -> tuple[Write, Write]:
    words = {"responses": "a reply", "answers": "what a reply says about one item", "evidence": "a piece of evidence"}[
        of
    ]
    return (
        Write(f"release_{what}", "POST", f"{of}/{{id}}/release/", f"Make {words} public", make,
              "Its letter is public first. Statuses that rest on it follow.", of=of, answers=answers, right="release"),
        Write(f"withdraw_{what}", "POST", f"{of}/{{id}}/withdraw/", f"Take {words} back from the public", take_back,
              "With whatever rests on it.", REASON, of=of, answers=answers, right="release", example=WHY),
    )  # fmt: skip


def _in_error(what: str, of: str, verb: Any, about: str) -> Write:
    words = {"evidence": "evidence", "attachment": "a file"}.get(what, f"a {what}")
    return Write(f"retract_{what}", "POST", f"{of}/{{id}}/enter-in-error/", f"Mark {words} as entered in error", verb, about,
                 REASON, of=of, answers=of, example=WHY)  # fmt: skip


WRITES = (
    Write(
        "record_response",
        "POST",
        "responses/",
        "Record a reply, and what it says",
        record,
        "What each answer does to its item, the table “What did they say?” says: `said` is enough. One that is left to be "
        "read later has none.",
        Body(
            name="NewResponse",
            fields={
                "agency": fields.agency("The slug of the agency that replied.", required=True),
                "received_on": fields.day("The day it reached the office.", required=True),
                "answers": ANSWERS,
                "kind": KIND,
                "channel": Code(choices=tuple(Channel.values), default=Channel.LETTER.value, about="How it came."),
                "sent_on": fields.maybe_day("Its own date."),
                "official": fields.official("The id of the official who replied.", null=True),
                "responder": Text(limit=200, about="Who replied, as printed."),
                "text": Text(limit=MAX_TEXT, about="Its words."),
                "control_number": Text(limit=60, about="The agency’s own number."),
                "held_elsewhere": Text(limit=300, about="Classified: where it is held. Never what it says."),
            },
        ),
        answers="responses",
        creates=True,
        fields=NO_ITEM,
        example={
            "agency": "treasury",
            "received_on": "2023-05-10",
            "responder": "TEST Director",
            "answers": [{"tasking": "00000000-0000-4000-8000-000000000001", "said": "looking"}],
        },
    ),
    Write(
        "read_response",
        "POST",
        "responses/{id}/reading/",
        "Say what a reply says that was kept to be read later",
        read,
        "Of some of its items or all; others may be added. Of those in `not_about` it says nothing after all: it is taken off "
        "them, and they wait as if it had never come. What was read of an item already goes with the whole reply "
        "alone, and what rests on the reply there, as evidence or time given, goes first. `kind` comes with `answers`.",
        Body(name="Reading", fields={"answers": READ, "not_about": NOT_ABOUT, "kind": KIND}),
        of="responses",
        answers="responses",
        fields=NO_ITEM,
        example={"answers": [{"tasking": "00000000-0000-4000-8000-000000000001", "said": "looking"}]},
    ),
    Write(
        "attach_to_response",
        "POST",
        "responses/{id}/attachments/",
        "Keep a file with a reply",
        attach_to_response,
        "A form with one part, `file`: PDF, Word, a picture or an e-mail of up to 50 MB. What it is, its bytes say.",
        of="responses",
        answers="attachments",
        creates=True,
        uploads=True,
        fields={"file": "/file"},
    ),
    *_public("response", "responses", "responses", release, withdraw),
    *_public("answer", "answers", "responses", release_answer, withdraw_answer),
    *_public("evidence", "evidence", "evidence", release, withdraw),
    _in_error(
        "response",
        "responses",
        retract_response,
        "Items closed on it alone are reopened first. Open items that nothing else moved, and no other reply is about, wait again.",
    ),
    _in_error("evidence", "evidence", retract_evidence, "An item that is done on it alone is reopened first."),
    _in_error("contact", "contacts", retract_contact, "The row stays, with the reason, and counts for nothing."),
    _in_error(
        "attachment",
        "attachments",
        retract_attachment,
        "The row stays, with the reason and without its name; no key gets the bytes any more.",
    ),
    Write(
        "put_attachment_back",
        "POST",
        "attachments/{id}/put-back/",
        "Put back a file that was taken back",
        put_attachment_back,
        "It does belong here: whoever sees what it is kept with gets it again.",
        REASON,
        of="attachments",
        answers="attachments",
        right="release",
        example=WHY,
    ),
    Write(
        "check_evidence",
        "POST",
        "evidence/{id}/check/",
        "Say that evidence still proves what was asked",
        check_evidence,
        "After its item was reopened.",
        of="evidence",
        answers="evidence",
    ),
)
