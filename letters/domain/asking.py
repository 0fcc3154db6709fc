"""What a draft asks, and of whom: numbered asks, each put to the agencies the letter addresses."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Max

from letters.domain.access import EDIT, Actor, require
from letters.domain.clocks import office_today
from letters.domain.drafting import lock_letter, note_edit, still_draft
from letters.domain.history import acting
from letters.domain.rules import check_ahead, check_known, check_required, check_text, refuse_if
from letters.enums import Delivery, TaskingRole
from letters.errors import Problem
from letters.models import Agency, Ask, AskKind, AskTarget, Letter, Question, Target, Tasking

REPLY_KIND = "reply"
MAX_SUMMARY = 300  # characters


@transaction.atomic
def add_ask(
    letter: Letter,
    *,
    by: Actor,
    kind: AskKind,
    summary: str = "",
    quote: str = "",
    targets: Iterable[Target] = (),
    instrument: str | None = None,
    requested_list: str | None = None,
    requested_by: dt.date | None = None,
    questions: Iterable[str] = (),
) -> Ask:
    """The next numbered request. Its kind proposes instrument, list and (with targets) the summary."""
    require(by, EDIT, letter)
    with acting(by):
        letter = lock_letter(letter)
        still_draft(letter, "summary")
        ask = new_ask(
            letter, kind=kind, summary=summary, quote=quote, targets=targets, instrument=instrument,
            requested_list=requested_list, requested_by=requested_by, questions=questions,
            since=("the letter’s date", letter.letter_date),
        )  # fmt: skip
        note_edit(letter, by, added="ask", number=ask.number, summary=ask.summary)
        return ask


def new_ask(
    letter: Letter, *, kind: AskKind, since: tuple[str, dt.date | None], summary: str = "", quote: str = "",
    targets: Iterable[Target] = (), instrument: str | None = None, requested_list: str | None = None,
    requested_by: dt.date | None = None, questions: Iterable[str] = (), problems: Iterable[Problem] = (),
) -> Ask:  # fmt: skip
    """Its rows, for who holds the letter. `since`: the day, and what it is called, that its own date is not before;
    `problems`: what else stands against it, said with the rest."""
    targets, questions = list(targets), list(questions)
    summary = summary or summary_of(kind, targets)
    refuse_if(
        [
            *problems,
            *check_ask(kind, summary, targets, quote, instrument, requested_list, questions),
            *check_ahead("requested_by", "The ask’s own date", requested_by, *since, office_today()),
        ]
    )
    last = letter.asks.aggregate(last=Max("number"))["last"] or 0
    ask = Ask.objects.create(
        letter=letter, number=last + 1, kind=kind, summary=summary, quote=quote.strip(), requested_by=requested_by,
        instrument=kind.instrument if instrument is None else instrument,
        requested_list=kind.requested_list if requested_list is None else requested_list,
    )  # fmt: skip
    AskTarget.objects.bulk_create(
        AskTarget(ask=ask, target=target, position=place) for place, target in enumerate(targets, 1)
    )
    Question.objects.bulk_create(Question(ask=ask, number=n, text=text) for n, text in enumerate(questions, 1))
    return ask


def summary_of(kind: AskKind, targets: Collection[Target]) -> str:
    """What its kind says of such an ask; nothing where no company, person or program is named."""
    return kind.verb.replace("{targets}", join_names([target.name for target in targets])) if targets else ""


def check_ask(
    kind: AskKind,
    summary: str,
    targets: Collection[Target],
    quote: str,
    instrument: str | None,
    requested_list: str | None,
    questions: Iterable[str],
) -> list[Problem]:
    """What one ask must be like, but for its date."""
    nobody = kind.needs_targets and not targets  # once it is said whom it is about, the summary comes by itself
    problems = [
        *(
            []
            if nobody
            else check_required(
                "summary", "What the letter asks", summary, "Say it in a few words: “Sanction Huawei Cloud”."
            )
        ),
        *check_text("summary", "What the letter asks", summary, MAX_SUMMARY),
        *check_text("quote", "The quote", quote, 10_000),
        *check_text("instrument", "The legal instrument", instrument, 300),
        *check_text("requested_list", "The list", requested_list, 120),
        *(problem for text in questions for problem in check_text("questions", "A question", text, 5000)),
    ]
    if nobody:
        problems.append(
            Problem(
                "targets",
                f"{kind} needs the company, person or program it is about. Add at least one, or choose another kind of ask.",
                [],
            )
        )
    return problems


@transaction.atomic
def put_to(
    ask: Ask, *, by: Actor, agency: Agency, role: str = TaskingRole.LEAD, acting_agency: Agency | None = None
) -> Tasking:
    """Put an ask to one agency the letter addresses, or to a bureau of one. The acting bureau may be any."""
    require(by, EDIT, ask.letter)
    with acting(by):
        letter = lock_letter(ask.letter)
        still_draft(letter, "agency")
        problems = [*check_addressed(letter, agency), *check_known("role", "Role", role, TaskingRole)]
        if ask.taskings.filter(agency=agency).exists():
            problems.append(
                Problem("agency", f"Ask {ask.number} is already put to {agency}. Leave it out.", agency.slug)
            )
        refuse_if(problems)
        tasking = Tasking.objects.create(ask=ask, agency=agency, role=role, acting_agency=acting_agency)
        note_edit(letter, by, added="tasking", ask=ask.number, agency=agency.slug, role=role)
        return tasking


def ask_for_a_reply(letter: Letter, *, by: Actor) -> None:
    """What a letter without an ask asks of everybody it is addressed to."""
    ask = add_ask(letter, by=by, kind=AskKind.objects.get(code=REPLY_KIND), summary="Reply to this letter")
    agencies = {a.agency_id: a.agency for a in letter.addressees.filter(delivery=Delivery.TO).select_related("agency")}
    for agency in agencies.values():
        put_to(ask, by=by, agency=agency)


def check_addressed(letter: Letter, agency: Agency) -> list[Problem]:
    """The letter addresses `agency`, or a department it is a bureau of."""
    addressed = [a.agency for a in letter.addressees.select_related("agency").order_by("position")]
    if any(department.includes(agency) for department in addressed):
        return []
    names = join_names(list(dict.fromkeys(str(a) for a in addressed)), last="or") or "an agency it is addressed to"
    return [
        Problem(
            "agency",
            f"The letter does not address {agency}. Put the ask to {names}, or add {agency} as an addressee "
            "(the bureau that would act may be any agency).",
            agency.slug,
        )
    ]


def join_names(names: list[str], last: str = "and") -> str:
    """ "Treasury, Commerce and State"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"
