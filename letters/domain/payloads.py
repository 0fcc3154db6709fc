"""What an event carries: for the office, and separately what everybody may read. Frozen when written."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F

from letters.enums import Basis, EvidenceKind, Match, Status, TaskingRole
from letters.models import Addressee, Answer, Ask, Evidence, Letter, Response, Signature, Target, Tasking

# A status that anybody could have seen without our mail, unless a reply brought it (`publicity.may_show`). The others
# rest on a reply or on evidence that is public only once it is released itself.
PUBLIC_ON_ITS_OWN = frozenset(
    {
        Status.AWAITING,
        Status.NOT_IMPLEMENTED,
        Status.OVERTAKEN,
        Status.WITHDRAWN,
        Status.TRANSFERRED,
        Status.ENTERED_IN_ERROR,
    }
)


def iso(day: dt.date | None) -> str | None:
    """A day as the API writes it."""
    return day.isoformat() if day else None


def tasking_state(tasking: Tasking) -> dict:
    """A tasking for the office: ids, codes, ISO dates."""
    return {
        "tasking": str(tasking.pk),
        "letter": str(tasking.ask.letter_id),
        "reference": tasking.ask.letter.reference,
        "ask": tasking.ask.summary,
        "agency": tasking.agency.slug,
        "role": tasking.role,
        "status": tasking.status,
        "due_on": iso(tasking.due_on),
        "due_basis": tasking.due_basis,
    }


def reply_recorded(tasking: Tasking, response: Response) -> dict:
    """A reply that came about a tasking."""
    return tasking_state(tasking) | {
        "response": str(response.pk), "kind": response.kind, "channel": response.channel,
        "received_on": response.received_on.isoformat(), "from_agency": response.agency.slug,
    }  # fmt: skip


def answer_assessed(tasking: Tasking, answer: Answer) -> dict:
    """What somebody read in a reply."""
    return tasking_state(tasking) | {
        "response": str(answer.response_id), "said": answer.said, "coverage": answer.coverage, "stance": answer.stance,
    }  # fmt: skip


def status_changed(tasking: Tasking, *, before: str, to: str, reason: str, promised_on: dt.date | None = None) -> dict:
    """A move, of an item that has its new status already. With the day that is promised: it may move later."""
    promised = {"promised_on": iso(promised_on)} if to == Status.PROMISED else {}
    return tasking_state(tasking) | {"from": before, "to": to, "reason": reason} | promised


def evidence_added(tasking: Tasking, evidence: Evidence, targets: Iterable[Target] = ()) -> dict:
    """What proves the outcome of a tasking, and for whom."""
    return tasking_state(tasking) | {
        "evidence": str(evidence.pk), "kind": evidence.kind, "citation": evidence.citation, "url": evidence.url,
        "seen_on": iso(evidence.seen_on), "targets": [target.slug for target in targets],
    }  # fmt: skip


def public_due_on(tasking: Tasking) -> dt.date | None:
    """The date in the public letter. Never our clock's: a promise, a pause or its end tells of a reply that is not public."""
    if tasking.role != TaskingRole.LEAD:
        return None  # who is consulted owes nothing
    return tasking.ask.requested_by or tasking.ask.letter.deadline_on


def public_tasking(tasking: Tasking) -> dict:
    """A tasking as the public may see it: the last public status, and the date that the letter sets."""
    due_on = public_due_on(tasking)
    return {
        "id": str(tasking.pk),
        "agency": tasking.agency.slug,
        "acting_agency": tasking.acting_agency.slug if tasking.acting_agency else None,
        "role": tasking.role,
        "status": tasking.public_status,
        "due_on": iso(due_on),
        "due_basis": Basis.LETTER if due_on else None,
    }


def public_change(tasking: Tasking) -> dict:
    """A tasking that changed, and where in its letter it belongs."""
    return {"letter": str(tasking.ask.letter_id), "ask": str(tasking.ask_id), "tasking": public_tasking(tasking)}


def public_letter(letter: Letter) -> dict:
    """The whole public state of a letter, its office reference not among it."""
    return public_letters([letter])[0]


def public_letters(letters: Sequence[Letter]) -> list[dict]:
    """The same of many, in as many queries as of one."""
    asks, replies, evidence = _asks_of(letters), _public_replies(letters), _public_evidence(letters)
    signatures = public_signers(letters)
    addressed = Addressee.objects.filter(letter__in=letters).select_related("agency").order_by("position")
    addressees = _grouped((a.letter_id, a) for a in addressed)
    return [
        {
            "id": str(letter.pk),
            "subject": letter.subject,
            "letter_date": iso(letter.letter_date),
            "sent_on": iso(letter.sent_on),
            "congress": letter.congress,
            "text": letter.text,
            "published_url": letter.published_url,
            "deadline_on": iso(letter.deadline_on),
            "signatures": signatures[letter.pk],
            "addressees": [
                {"printed_name": a.printed_name, "printed_title": a.printed_title, "agency": a.agency.slug}
                for a in addressees[letter.pk]
            ],
            "asks": asks[letter.pk],
            "replies": replies[letter.pk],
            "evidence": evidence[letter.pk],
        }
        for letter in letters
    ]


WHO = ("match", "match_source")
SIGNER = ("printed_name", "printed_title", "state", "party", "is_lead")


def public_signers(letters: Iterable[Any]) -> dict[Any, list[dict]]:
    """Who signed each letter, in order, as the public sees it; by the letter's key."""
    signed = Signature.objects.filter(letter__in=letters).order_by("position")
    return _grouped((one["letter"], public_signer(one)) for one in signed.values("letter", *WHO, *SIGNER))


def public_signer(signer: Mapping[str, Any]) -> dict:
    """A name as printed. State and party of a member who was only proposed are nobody's yet (invariant 9): said to the
    public they would be a fact. A person who confirms the member says them. Nor are those of a name that nobody is matched
    to and something was proposed for: until November 2026 the name kept what came with the proposal."""
    shown = {name: signer[name] for name in SIGNER}
    is_said = signer["match"] == Match.CONFIRMED or not (signer["match"] == Match.PROPOSED or signer["match_source"])
    return shown if is_said else shown | {"state": "", "party": ""}


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list]:
    found = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _asks_of(letters: Sequence[Letter]) -> dict[Any, list[dict]]:
    taskings = Tasking.objects.filter(ask__letter__in=letters).exclude(
        public_status__in=[Status.DRAFT, Status.ENTERED_IN_ERROR]
    )
    by_ask = _grouped(
        (tasking.ask_id, public_tasking(tasking))
        for tasking in taskings.select_related("agency", "acting_agency", "ask__letter")
        .defer("ask__letter__text", "ask__letter__search")
        .order_by("role", "agency__short_name", "pk")
    )
    asks = Ask.objects.filter(letter__in=letters).select_related("kind").prefetch_related("targets").order_by("number")
    return _grouped(
        (
            ask.letter_id,
            {
                "id": str(ask.pk),
                "number": ask.number,
                "kind": ask.kind.code,
                "summary": ask.summary,
                "quote": ask.quote,
                "instrument": ask.instrument,
                "requested_list": ask.requested_list,
                "targets": [target.slug for target in ask.targets.all()],
                "taskings": by_ask[ask.pk],
            },
        )
        for ask in asks
    )


def public_part(part: Response | Answer | Evidence) -> dict:
    """A reply, an answer or a piece of evidence as the public may read it, once each is released."""
    if isinstance(part, Response):
        return public_reply(part, [])
    return public_answer(part) if isinstance(part, Answer) else public_evidence(part)


def public_reply(response: Response, answers: list[Answer]) -> dict:
    """A reply without what is ours: no number, no version, no item whose answer is not public."""
    return {
        "id": str(response.pk),
        "agency": response.agency.slug,
        "kind": response.kind,
        "channel": response.channel,
        "sent_on": iso(response.sent_on),
        "received_on": iso(response.received_on),
        "responder": response.responder,
        "text": response.text,
        "answers": [public_answer(answer) for answer in answers],
    }


def public_answer(answer: Answer) -> dict:
    """What a reply says about one item."""
    return {
        "id": str(answer.pk),
        "reply": str(answer.response_id),
        "tasking": str(answer.tasking_id),
        "coverage": answer.coverage,
        "stance": answer.stance,
        "quote": answer.quote,
        "page": answer.page,
    }


def public_evidence(evidence: Evidence) -> dict:
    """What proves an outcome, and whom it covers."""
    return {
        "id": str(evidence.pk),
        "tasking": str(evidence.tasking_id),
        "kind": evidence.kind,
        # of what has another source only the office knows that a reply spoke of it, too
        "reply": str(evidence.response_id) if evidence.kind == EvidenceKind.RESPONSE else None,
        "citation": evidence.citation,
        "url": evidence.url,
        "seen_on": iso(evidence.seen_on),
        "targets": sorted(target.slug for target in evidence.targets.all()),
    }


def _public_replies(letters: Sequence[Letter]) -> dict[Any, list[dict]]:
    """Released replies that bear on each letter, each with its released answers about that letter's items."""
    answers: dict = {}
    for answer in (
        Answer.objects.filter(tasking__ask__letter__in=letters, released_at__isnull=False)
        .exclude(tasking__public_status=Status.DRAFT)
        .annotate(of_letter=F("tasking__ask__letter"))
        .order_by("tasking__ask__number", "pk")
    ):
        answers.setdefault((answer.of_letter, answer.response_id), []).append(answer)
    responses = (
        Response.objects.filter(
            answers__tasking__ask__letter__in=letters, released_at__isnull=False, in_error_at__isnull=True
        )
        .annotate(of_letter=F("answers__tasking__ask__letter"))
        .distinct()
        .select_related("agency")
        .order_by("received_on", "pk")
    )
    return _grouped(
        (response.of_letter, public_reply(response, answers.get((response.of_letter, response.pk), [])))
        for response in responses
    )


def _public_evidence(letters: Sequence[Letter]) -> dict[Any, list[dict]]:
    found = (
        Evidence.objects.not_in_error()
        .filter(tasking__ask__letter__in=letters, released_at__isnull=False)
        .exclude(kind=EvidenceKind.RESPONSE, response__released_at__isnull=True)
        .exclude(tasking__public_status=Status.DRAFT)
        .annotate(of_letter=F("tasking__ask__letter"))
    )
    return _grouped(
        (one.of_letter, public_evidence(one)) for one in found.prefetch_related("targets").order_by("added_at", "pk")
    )
