"""Letters as a sheet that an import reads back: one row an ask and agency, in the import's own columns.

What a sheet cannot say is listed in docs/import.md; restricted letters are in no file.
"""

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, BinaryIO

import xlsxwriter
from django.db.models import Prefetch
from django.utils import timezone

from letters.domain.access import Actor
from letters.domain.due_rules import Term
from letters.domain.guarded import quoted
from letters.domain.said import ANSWERS_NOTHING
from letters.domain.situations import extended_on, last_extension
from letters.domain.withheld import without_hidden_reasons
from letters.enums import PROOF_KINDS, Access, Coverage, Delivery, Match, Stance, Status, TaskingRole
from letters.intake.sheet.columns import COLUMNS
from letters.intake.sheet.more_time import AGREED, TOLD
from letters.intake.sheet.names import as_name, as_part
from letters.intake.sheet.proofs import as_proof
from letters.intake.sheet.proving import named
from letters.models import Addressee, Answer, Ask, Evidence, Letter, LetterTopic, Note, Signature, Tasking, User
from letters.models.asks import targets_in_order

PART = 200  # letters at a time
MOST_CHARACTERS = 32_767  # of a cell of a workbook
NOBODY = "-"
Values = dict[str, Any]


def rows(by: Actor) -> Iterator[Values]:
    """The values of each row by code of the column: words, days, or nothing. In the order in which letters were numbered."""
    letters = Letter.objects.visible_to(by) if isinstance(by, User) else Letter.objects.all()
    keys = list(letters.sent().filter(access=Access.OFFICE).order_by("reference").values_list("pk", flat=True))
    for start in range(0, len(keys), PART):
        found = (
            Letter.objects.filter(pk__in=keys[start : start + PART]).order_by("reference").prefetch_related(*_parts())
        )
        letters_of_part = list(found)
        _withhold(letters_of_part)
        for letter in letters_of_part:
            yield from _of_letter(letter)


def _withhold(letters: list[Any]) -> None:
    """A status may say why a reply was taken back that is also about a restricted letter: that is in no file either."""
    taskings = [one for letter in letters for ask in letter.asks.all() for one in ask.taskings.all()]
    moves = [tasking.status_event for tasking in taskings if tasking.status_event]
    without_hidden_reasons(moves, Tasking.objects.for_keys())


def _parts() -> list[Any]:
    return [
        Prefetch("signatures", Signature.objects.select_related("legislator").order_by("position")),
        Prefetch("addressees", Addressee.objects.select_related("agency").order_by("position")),
        Prefetch("lettertopic_set", LetterTopic.objects.select_related("topic").order_by("pk")),
        Prefetch("notes", Note.objects.filter(tasking__isnull=True).order_by("written_at"), to_attr="own_notes"),
        Prefetch("asks", Ask.objects.select_related("kind").order_by("number")),
        targets_in_order("asks__targets"),
        "asks__questions",
        Prefetch(
            "asks__taskings",
            Tasking.objects.select_related("agency", "acting_agency", "owner", "status_event").order_by("agency__short_name", "pk"),
        ),
        Prefetch(
            "asks__taskings__answers",
            Answer.objects.filter(response__in_error_at__isnull=True).select_related("response__agency")
            .prefetch_related("questions", "targets").order_by("response__received_on", "pk"),
        ),
        Prefetch("asks__taskings__evidence", Evidence.objects.not_in_error().prefetch_related("targets").order_by("added_at")),
        Prefetch("asks__taskings__notes", Note.objects.order_by("written_at")),
    ]  # fmt: skip


def _of_letter(letter: Any) -> Iterator[Values]:
    values = _facts(letter)
    its_notes = [note.text for note in letter.own_notes]
    values["letter_note"] = its_notes[0] if its_notes else ""
    for ask in letter.asks.all():
        of_ask = values | _ask(ask)
        taskings = list(ask.taskings.all())
        consulted = "; ".join(t.agency.name for t in taskings if t.role == TaskingRole.CONSULTED)
        for place, tasking in enumerate(_responsible(taskings)):
            yield of_ask | {"consulted": consulted if place == 0 else ""} | _item(tasking)
            for more in _further(tasking):
                yield of_ask | {"agency": tasking.agency.name} | more
    for note in its_notes[1:]:
        yield values | {"letter_note": note}  # a row of the letter alone


def _responsible(taskings: list[Any]) -> list[Any]:
    """The items of an ask that are owed; one entered in error only where its agency has no other: a sheet has room for one."""
    leads = [tasking for tasking in taskings if tasking.role == TaskingRole.LEAD]
    standing = {tasking.agency_id for tasking in leads if tasking.status != Status.ENTERED_IN_ERROR}
    return [t for t in leads if t.status != Status.ENTERED_IN_ERROR or t.agency_id not in standing]


def _facts(letter: Any) -> Values:
    signers, addressees = list(letter.signatures.all()), list(letter.addressees.all())
    term = ""
    if letter.term_days:
        term = Term(letter.term_days, letter.term_unit, letter.term_from).words()
    return {
        "number": letter.reference, "letter_date": letter.letter_date, "sent_on": letter.sent_on, "printed_date": letter.printed_date,
        "subject": letter.subject, "signers": "; ".join(as_name(one.printed_name) for one in signers),
        "leads": "; ".join(as_name(one.printed_name) for one in signers if one.is_lead),
        "bioguides": _aligned([one.legislator.bioguide if one.match == Match.CONFIRMED and one.legislator else "" for one in signers]),
        "signer_titles": _aligned([one.printed_title for one in signers]),
        "addressees": _joined(f"{'cc: ' if one.delivery == Delivery.CC else ''}{one.printed_name}" for one in addressees),
        "addressee_titles": _aligned([one.printed_title for one in addressees]),
        "addresses": _aligned([one.address for one in addressees]), "addressed": _joined(one.agency.name for one in addressees),
        "delivered_on": _aligned([_day(one.delivered_at) for one in addressees]),
        "acknowledged_on": _aligned([_day(one.acknowledged_at) for one in addressees]),
        "control_numbers": _aligned([one.control_number for one in addressees]),
        "contacts_there": _aligned([one.legislative_affairs_contact for one in addressees]), "our_role": letter.our_role,
        "lead_office_contact": letter.lead_office_contact, "on_behalf_of": letter.on_behalf_of, "deadline_on": letter.deadline_on,
        "term": term, "deadline_quote": letter.deadline_quote, "published_url": letter.published_url,
        "topics": _joined(one.topic.name for one in letter.lettertopic_set.all()), "text": letter.text,
    }  # fmt: skip


def _ask(ask: Any) -> Values:
    return {
        "ask_number": ask.number, "kind": ask.kind.name, "ask": ask.summary, "quote": ask.quote,
        "targets": _joined(named(target) for target in ask.targets.all()), "instrument": ask.instrument,
        "requested_list": ask.requested_list, "requested_by": ask.requested_by,
        "questions": "\n".join(" ".join(question.text.split()) for question in ask.questions.all()),
    }  # fmt: skip


def _item(tasking: Any) -> Values:
    values: Values = {
        "agency": tasking.agency.name, "acting": tasking.acting_agency.name if tasking.acting_agency else "",
        "owner": tasking.owner.username if tasking.owner else "", "status": tasking.status.replace("_", " "),
        "promised_on": tasking.promised_on,
        "stance": _stance(tasking.stance),
    }  # fmt: skip
    given = last_extension(tasking) if tasking.extended_to else None
    if given:
        values |= {
            "extended_to": tasking.extended_to, "extended_on": extended_on(given),
            "extended_by": TOLD if given.payload["by_notice"] else AGREED,
        }  # fmt: skip
    event = tasking.status_event
    if event and tasking.status != Status.AWAITING:
        values |= {"status_on": timezone.localdate(event.occurred_at), "reason": event.reason}
    notes = tasking.notes.all()
    return values | {"note": notes[0].text if notes else ""} | _words(tasking, *_told(tasking)[0])


def _further(tasking: Any) -> Iterator[Values]:
    """Replies, evidence and notes beyond the first: a row for each, which the import adds to the item."""
    for told, note in zip_longest(_told(tasking)[1:], list(tasking.notes.all())[1:]):
        yield (_words(tasking, *told) if told else {}) | ({"note": note.text} if note else {})


def _told(tasking: Any) -> list[tuple[Any, Any]]:
    """Each reply with what it is evidence of, else with other evidence, and then what is left of that. First the pair that
    its end rests on, where it has ended: the import asks the row of the status for it."""
    its = list(tasking.evidence.all())
    by_reply = [
        (answer, one) for answer in tasking.answers.all() for one in its if one.response_id == answer.response_id
    ]
    paired = {answer.pk for answer, _ in by_reply}
    others = [one for one in its if one.response_id is None]
    pairs = by_reply + [(answer, None) for answer in tasking.answers.all() if answer.pk not in paired]
    pairs.sort(key=lambda pair: _weight(tasking, *pair), reverse=True)
    told = [(answer, proof or (others.pop(0) if others else None)) for answer, proof in pairs]
    return told + [(None, one) for one in others] or [(None, None)]


def _weight(tasking: Any, answer: Any, proof: Any) -> tuple[Any, ...]:
    is_read = answer.coverage is not None
    proves = is_read and answer.response.kind in PROOF_KINDS and answer.said not in ANSWERS_NOTHING
    is_deed = tasking.status == Status.IMPLEMENTED and proof is not None
    return is_deed, proves, answer.coverage == Coverage.FULL, is_read, answer.response.received_on


def _words(tasking: Any, answer: Any, proof: Any) -> Values:
    # the position in it, too: the item's is that of the last one
    reply = _reply(tasking, answer) | {"stance": _stance(answer.stance)} if answer else {}
    if not proof:
        return reply
    return reply | {
        "evidence": as_proof(proof.kind, proof.citation, proof.url), "evidence_on": proof.seen_on,
        "evidence_targets": _joined(named(target) for target in proof.targets.all()),
    }  # fmt: skip


def _reply(tasking: Any, answer: Any) -> Values:
    response = answer.response
    places = {question.pk: place for place, question in enumerate(tasking.ask.questions.all(), 1)}
    return {
        "reply_on": response.received_on, "reply_kind": response.get_kind_display(), "reply_from": response.responder,
        "reply_agency": response.agency.name if response.agency_id != tasking.agency_id else "",
        "reply_text": response.text, "coverage": answer.get_coverage_display() or "", "reply_said": answer.get_said_display(),
        "reply_channel": response.get_channel_display(), "reply_sent_on": response.sent_on, "reply_number": response.control_number,
        "reply_held": response.held_elsewhere, "reply_quote": answer.quote, "reply_page": answer.page,
        "reply_questions": "; ".join(str(place) for place in sorted(places[one.pk] for one in answer.questions.all())),
        "reply_targets": _joined(named(target) for target in answer.targets.all()),
    }  # fmt: skip


def _stance(stance: str) -> str:
    return "" if stance == Stance.UNKNOWN else str(Stance(stance).label)


def _day(moment: dt.datetime | None) -> str:
    return timezone.localdate(moment).isoformat() if moment else ""


def _joined(names: Any) -> str:
    return "; ".join(as_part(name) for name in names)


def _aligned(parts: list[str]) -> str:
    return "; ".join(as_part(part) if part else NOBODY for part in parts) if any(parts) else ""


class _Line(io.StringIO):
    """What csv writes one line to."""

    def take(self) -> str:
        line = self.getvalue()
        self.seek(0)
        self.truncate()
        return line


def as_csv(by: Actor) -> Iterator[str]:
    """Lines of UTF-8 with a byte order mark; days as ISO 8601; no cell begins like a formula."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([column.label for column in COLUMNS])
    yield "\ufeff" + line.take()
    for values in rows(by):
        writer.writerow([_plain(values.get(column.code)) for column in COLUMNS])
        yield line.take()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.date) else quoted(str(value))


def as_xlsx(by: Actor) -> BinaryIO:
    """A workbook in a temporary file, written row by row. A text too long for a cell is left out; the CSV has it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - given to who sends it, who closes it
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    sheet = book.add_worksheet("Letters")
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.label, bold)
    sheet.freeze_panes(1, 0)
    for number, values in enumerate(rows(by), 1):
        for place, column in enumerate(COLUMNS):
            value = values.get(column.code)
            if isinstance(value, dt.date):
                sheet.write_datetime(number, place, dt.datetime.combine(value, dt.time()), day)
            elif value not in (None, "") and len(str(value)) <= MOST_CHARACTERS:
                sheet.write_string(number, place, quoted(str(value)))
    book.close()
    file.seek(0)
    return file
