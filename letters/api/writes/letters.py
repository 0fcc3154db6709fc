"""What is done with a sent letter: corrections, who may see it, what is public, notes, files, links."""

from typing import Any

from letters.api.bodies import Body, Code, Flag, Many, Text
from letters.api.problems import Refused
from letters.api.writes import fields
from letters.api.writes.item_bodies import FACTS, NOTE, REASON
from letters.api.writing import Call, Write
from letters.domain import amending, files, items, letter_desk, sending
from letters.domain.amending_asks import QuestionCorrection
from letters.enums import Access
from letters.errors import Problem
from letters.models import Addressee, Ask, Attachment, Letter, Note, Signature

PART = {"signatures": (Signature, "signature"), "addressees": (Addressee, "addressee"), "asks": (Ask, "ask")}


def amend(call: Call) -> Letter:
    facts = dict(call.body)
    return sending.amend(call.target, by=call.by, reason=facts.pop("reason"), **facts)


def amend_parts(call: Call) -> Letter:
    """Each part by its id; one that is not of this letter is as unknown as any other."""
    corrections, problems = [], []
    for name, (model, one) in PART.items():
        known = {str(part.pk): part for part in model.objects.filter(letter=call.target)}
        for place, given in enumerate(call.body.get(name, ())):
            at = f"/{name}/{place}"
            facts = dict(given)
            part = known.get(facts.pop("id").lower())
            if part is None:
                message = f"{at}/id: “{given['id'][:80]}” is no {one} of this letter. GET the letter for their ids."
                problems.append(Problem(f"{at}/id", message, given["id"]))
                continue
            remove = facts.pop("remove", False)
            if "questions" in facts:
                facts["questions"] = _questions(part, facts["questions"], f"{at}/questions", problems)
            corrections.append(amending.Correction(part, facts, key=at, remove=remove))
    if problems:
        raise Refused(400, " ".join(problem.message for problem in problems), problems=problems)
    return amending.amend_parts(call.target, by=call.by, reason=call.body.get("reason", ""), corrections=corrections)


def _questions(ask: Any, given: list[dict], at: str, problems: list[Problem]) -> list[QuestionCorrection]:
    """Each by its id; one without is new."""
    known = {str(one.pk): one for one in ask.questions.all()}
    found = []
    for place, one in enumerate(given):
        for name in ("id", "before"):
            if one.get(name) and one[name].lower() not in known:
                message = (
                    f"{at}/{place}/{name}: “{one[name][:80]}” is no question of this ask. GET the letter for their ids."
                )
                problems.append(Problem(f"{at}/{place}/{name}", message, one[name]))
        question, before = (known.get(one.get(name, "").lower()) for name in ("id", "before"))
        found.append(QuestionCorrection(question, one.get("text"), one.get("remove", False), before))
    return found


def file_under(call: Call) -> Letter:
    return letter_desk.file_under(call.target, by=call.by, topics=call.body["topics"])


def release(call: Call) -> Letter:
    return sending.release(call.target, by=call.by)


def withdraw(call: Call) -> Letter:
    return sending.withdraw_release(call.target, by=call.by, reason=call.body["reason"])


def enter_in_error(call: Call) -> Letter:
    return sending.enter_in_error(call.target, by=call.by, reason=call.body["reason"])


def change_access(call: Call) -> None:
    sending.change_access(call.target, by=call.by, **call.body)


def note(call: Call) -> Note:
    return items.add_note(by=call.by, text=call.body["text"], letter=call.target)


def attach_to_letter(call: Call) -> Attachment:
    return keep_file(call, letter=call.target)


def keep_file(call: Call, **to: object) -> Attachment:
    """The file of the form, kept with a letter or a reply."""
    upload = call.sent.files["file"]
    return files.attach(by=call.by, file=upload, name=upload.name, **to)


def _part(name: str, more: dict) -> Many:
    row = Body(
        name=name,
        partial=True,
        fields={"id": Text(limit=36, required=True, about="Which one, by its id in the letter."), **more},
    )
    return Many(of=row, about="Those that were wrong, each with the fields that change.")


QUESTION = Body(
    name="QuestionCorrection",
    partial=True,
    fields={
        "id": Text(limit=36, about="Which one; without it, it is one that was left out."),
        "text": Text(limit=5000, about="As the letter prints it."),
        "remove": Flag(about="The letter does not ask this."),
        "before": Text(
            limit=36, about="Of one that was left out: the id of the question it stands before; else it is the last."
        ),
    },
)
SENT_ON = fields.day("The day it went out. Its items count from it, and the reference stays.")
NAME_AND_TITLE = {
    "printed_name": Text(limit=200, about="As the letter prints it."),
    "printed_title": Text(limit=200, about="As the letter prints it."),
}

WRITES = (
    Write(
        "amend_letter",
        "POST",
        "letters/{id}/amendments/",
        "Correct facts of a sent letter",
        amend,
        "Each field with what stood before, and one reason. Dates that rest on it follow. What is not sent stays.",
        Body(
            name="Amendment",
            partial=True,
            fields={
                **FACTS,
                "sent_on": SENT_ON,
                "reason": fields.reason("Why the record is corrected.", required=True),
            },
        ),
        of="letters",
        answers="letters",
        example={"subject": "TEST corrected subject", "reason": "TEST typing error"},
    ),
    Write(
        "amend_parts",
        "POST",
        "letters/{id}/amendments/parts/",
        "Correct signers, addressees and asks of a sent letter",
        amend_parts,
        "A signer may be taken out; the rest is corrected where it stands. No company, person or program and no question is "
        "taken away of which a reply or evidence says something, and none is added while an item is done or answered.",
        Body(
            name="PartsAmendment",
            partial=True,
            fields={
                "reason": fields.reason("Why the record is corrected.", required=True),
                "signatures": _part(
                    "SignatureCorrection",
                    {
                        **NAME_AND_TITLE,
                        "bioguide": Text(limit=7, about="Who it is; empty: nobody we know."),
                        "is_lead": Flag(about="Whether this member led the letter."),
                        "remove": Flag(about="This person never signed."),
                    },
                ),
                "addressees": _part(
                    "AddresseeCorrection",
                    {**NAME_AND_TITLE, "address": Text(limit=500, about="As the letter prints it.")},
                ),
                "asks": _part(
                    "AskCorrection",
                    {
                        "summary": Text(limit=300, about="In a few words."),
                        "quote": Text(limit=10_000, about="The letter’s own words."),
                        "instrument": Text(limit=300, about="The legal authority."),
                        "requested_list": Text(limit=120, about="The official list."),
                        "requested_by": fields.maybe_day("Its own date."),
                        "add_targets": Many(
                            of=fields.target(), about="Slugs of whom it is about, too, and was left out."
                        ),
                        "remove_targets": Many(of=fields.target(), about="Slugs of whom it is not about."),
                        "questions": Many(of=QUESTION, about="Questions that were wrong, or left out."),
                    },
                ),
            },
        ),
        of="letters",
        answers="letters",
        example={
            "reason": "TEST the paper says so",
            "asks": [{"id": "00000000-0000-4000-8000-000000000001", "summary": "TEST corrected summary"}],
        },
    ),
    Write(
        "file_letter",
        "POST",
        "letters/{id}/topics/",
        "Say what the office files a letter under",
        file_under,
        "All of its topics from now on. They stand nowhere in the letter, so nobody asks why.",
        Body(
            name="Filing",
            fields={"topics": Many(of=Text(limit=120), required=True, about="Names, old or new; none: no topic.")},
        ),
        of="letters",
        answers="letters",
        replaces=True,
        example={"topics": ["TEST topic"]},
    ),
    Write(
        "release_letter",
        "POST",
        "letters/{id}/release/",
        "Make a letter public",
        release,
        "Its replies, answers and evidence stay inside until each is made public.",
        of="letters",
        answers="letters",
        right="release",
    ),
    Write(
        "withdraw_letter",
        "POST",
        "letters/{id}/withdraw/",
        "Take a letter out of the public record",
        withdraw,
        body=REASON,
        of="letters",
        answers="letters",
        right="release",
        example={"reason": "TEST published by mistake"},
    ),
    Write(
        "enter_letter_in_error",
        "POST",
        "letters/{id}/enter-in-error/",
        "Mark a letter as entered in error",
        enter_in_error,
        "It leaves every count and keeps its number.",
        REASON,
        of="letters",
        answers="letters",
        example={"reason": "TEST logged twice"},
    ),
    Write(
        "change_letter_access",
        "POST",
        "letters/{id}/access/",
        "Say who may see a letter",
        change_access,
        "Restricted to named staff it is gone for every key, this one too: it is opened again on its page. Answers 204.",
        Body(
            name="LetterAccess",
            fields={
                "access": Code(choices=tuple(Access.values), required=True, about="To whom it is open."),
                "staff": Many(
                    of=fields.person(),
                    null=True,
                    default=None,
                    about="User names of its staff from now on; null: as they are.",
                ),
                "reason": fields.reason("Why."),
            },
        ),
        of="letters",
        right="restrict",
        example={"access": "office", "reason": "TEST"},
    ),
    Write(
        "add_letter_note",
        "POST",
        "letters/{id}/notes/",
        "Keep a note about a letter",
        note,
        "Notes never leave the office; feeds carry only that there is one.",
        NOTE,
        of="letters",
        answers="notes",
        creates=True,
        example={"text": "TEST The original is in the safe."},
    ),
    Write(
        "attach_to_letter",
        "POST",
        "letters/{id}/attachments/",
        "Keep a file with a letter",
        attach_to_letter,
        "A form with one part, `file`: PDF, Word, a picture or an e-mail of up to 50 MB. What it is, its bytes say.",
        of="letters",
        answers="attachments",
        creates=True,
        uploads=True,
        fields={"file": "/file"},
    ),
)
