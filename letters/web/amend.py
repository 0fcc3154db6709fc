"""Correct the parts of a sent letter: who signed, to whom, what it asks. The facts have a page of their own."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from letters.domain.amending import (
    CONFIRMED_BECAUSE,
    CORRECTABLE,
    Correction,
    amend_parts,
    confirming,
    part_name,
    value_of,
)
from letters.domain.covering import whole_now
from letters.domain.deadlines import long_date
from letters.enums import Match
from letters.errors import Problem, RecordError, StaleVersion
from letters.intake.days import read_day
from letters.models import Addressee, Ask, Letter, Question, Signature, User
from letters.models.asks import targets_in_order
from letters.web.amend_ask import AskPartForm, QuestionPartForm, asked_fields, shown_at
from letters.web.guards import editable, visible
from letters.web.letter_parts import corrections
from letters.web.merge import Merge, merge_values, opened_with, settled, who_since
from letters.web.posted import number_of
from letters.web.sheet_forms import SheetForm, line, text


class SignatureForm(SheetForm):
    printed_name = line("Name, as printed")
    printed_title = line("Title, as printed")
    bioguide = line(
        "Member, by Bioguide ID",
        hint="As in the address of the member’s page, such as H000601. Empty: kept as printed.",
    )
    is_lead = forms.BooleanField(label="Led the letter", required=False)
    remove = forms.BooleanField(label="Did not sign: take out", required=False)


class AddresseePartForm(SheetForm):
    printed_name = line("Name, as printed")
    printed_title = line("Title, as printed")
    address = text("Address", rows=2)


class ReasonForm(SheetForm):
    reason = text(
        "Why is the record corrected?", rows=2, hint="One reason for all of it. It is kept with what stood before."
    )


FORMS: dict[type, type[SheetForm]] = {
    Signature: SignatureForm,
    Addressee: AddresseePartForm,
    Ask: AskPartForm,
    Question: QuestionPartForm,
}
# What can be corrected where it stands, by two people at once: each field is merged.
FIELDS: dict[type, dict[str, tuple[str, int | None]]] = {**CORRECTABLE, Question: {"text": ("wording", None)}}


def amend(request: HttpRequest, reference: str) -> HttpResponse:
    """Each part as it stands; what is changed becomes an amendment."""
    letter = editable(request, reference)
    parts = _parts(letter)
    if request.method != "POST":
        return _page(request, letter, [(part, _standing(part)) for part in parts], [])
    # the choices of a merge are in it already
    posted, unsaid = settled(request.POST)
    version = posted.get("version", "")
    if version != str(letter.version) or unsaid:
        return _merge(request, letter, parts, posted, unsaid)
    typed = [(part, _typed(posted, part)) for part in parts]
    problems: list[Problem] = []
    corrected = _corrections(typed, request.user, problems)
    try:
        if problems:
            raise RecordError(*problems)
        amend_parts(
            letter,
            by=request.user,
            reason=posted.get("reason", ""),
            corrections=corrected,
            expected_version=letter.version,
        )
    except StaleVersion:  # in the moment between looking and saving
        letter = visible(request, reference)
        return _merge(request, letter, _parts(letter), posted, unsaid)
    except RecordError as error:
        keys = [_key(part) for part in parts if isinstance(part, Ask)]
        shown = [Problem(shown_at(one.field, keys), one.message, one.value) for one in error.problems]
        return _page(request, letter, typed, shown, status=422)
    messages.success(request, f"{reference} is corrected. What stood before is kept.")
    for tasking in whole_now([one.part for one in corrected if isinstance(one.part, Ask)]):
        said = f"Of what the ask names nothing is left open in “{tasking}”: say on its page what it has come to."
        messages.info(request, said)
    return redirect("letter", reference=reference)


def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """One press on the letter’s page: the proposed member did sign, of one signer or of all that have one proposed."""
    letter = editable(request, reference)
    version, wanted = request.POST.get("version", ""), request.POST.get("signer", "")
    proposed = [one for one in letter.signatures.all() if one.match == Match.PROPOSED]
    # “all” takes none against whom something speaks, as on the sheet: that one is looked at alone
    signers = [one for one in proposed if wanted == str(one.pk) or (wanted == "all" and not one.doubt)]
    try:
        expected = number_of(version)
        amend_parts(
            letter,
            by=request.user,
            reason=CONFIRMED_BECAUSE,
            corrections=confirming(signers),
            expected_version=expected,
        )
        names = ", ".join(one.printed_name for one in signers)
        messages.success(request, f"Confirmed: {names}. It is kept among the corrections.")
    except StaleVersion:
        messages.error(request, f"{reference} was changed while you read it. Look at its signers again, then confirm.")
    except RecordError as error:
        messages.error(request, str(error))
    return redirect(reverse("letter", args=[reference]) + "#signers-title")


def _parts(letter: Letter) -> list[Any]:
    asks = letter.asks.select_related("kind").prefetch_related(targets_in_order(), "questions__ask").order_by("number")
    return [
        *letter.signatures.select_related("legislator"),
        *letter.addressees.select_related("agency"),
        *asks,
        *(question for ask in asks for question in ask.questions.all()),
    ]


def _merge(request: HttpRequest, letter: Letter, parts: list, posted: QueryDict, unsaid: list[str]) -> HttpResponse:
    """Somebody corrected it meanwhile: what only one of the two changed is taken, what both did is asked (invariant 7)."""
    typed = {part: _typed(posted, part) for part in parts}
    _keep_questions_that_went(posted, typed, opened_with(posted, unsaid))
    by, when, lines = who_since(letter.events.filter(tasking=None), request.user)
    labels = {
        f"{_key(part)}-{name}": f"{_name(part)}, {label}".capitalize()
        for part in parts
        for name, (label, _) in FIELDS[type(part)].items()
    }
    merged, choices = merge_values(
        opened_with(posted, unsaid),
        {f"{_key(part)}-{name}": _as_text(value) for part, row in typed.items() for name, value in row.items()},
        _opened(parts), labels, unsaid,
    )  # fmt: skip
    for part, row in typed.items():
        for name in FIELDS[type(part)]:
            value = merged[f"{_key(part)}-{name}"]
            row[name] = bool(value) if isinstance(row[name], bool) else value
    calm = "No field was changed by both of you: each stands below with its change. Look it over, and save again."
    found = Merge(None, by, when, lines, choices, calm)
    return _page(request, letter, list(typed.items()), [], merge=found, status=409)


def _keep_questions_that_went(posted: QueryDict, typed: dict[Any, dict], opened: dict[str, str]) -> None:
    """Other words for a question that somebody took out meanwhile: they stand where questions are added."""
    known, asks = {f"{_key(part)}-text" for part in typed}, {_key(part): row for part, row in typed.items()}
    for at, words in posted.items():
        ask, is_question, _ = at.partition("-question-")
        lost = is_question and at.endswith("-text") and at not in known and _as_text(words) != opened.get(at)
        if lost and ask in asks:
            asks[ask]["new_questions"] = "\n".join(filter(None, [asks[ask]["new_questions"], words.strip()]))


def _opened(parts: list) -> dict[str, str]:
    """Every field as it stands, as a browser would post it."""
    return {f"{_key(part)}-{name}": _as_text(value) for part in parts for name, value in _standing(part).items()}


def _as_text(value: Any) -> str:
    return ("on" if value else "") if isinstance(value, bool) else str(value).replace("\r\n", "\n").strip()


def _corrections(typed: list[tuple[Any, dict]], user: User, problems: list[Problem]) -> list[Correction]:
    """What was changed of each part; questions are of their ask."""
    found = []
    for part, row in typed:
        if isinstance(part, Question):
            continue
        fields = _changed(part, row, problems)
        if isinstance(part, Ask):
            questions = [
                (one, _key(one), its) for one, its in typed if isinstance(one, Question) and one.ask_id == part.pk
            ]
            fields |= asked_fields(part, row, questions, _key(part), user=user, problems=problems)
        if fields or row.get("remove"):
            found.append(Correction(part, fields, _key(part), remove=bool(row.get("remove"))))
    return found


def _changed(part: Any, row: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in CORRECTABLE[type(part)]:
        value = row[name]
        if name == "requested_by":
            try:
                value = read_day(value)
            except ValueError as error:
                problems.append(Problem(f"{_key(part)}-{name}", str(error), value))
                continue
        # a browser sends other line ends than the record keeps
        before = value_of(part, name)
        if value != before and not (isinstance(value, str) and value.strip() == str(before).strip()):
            fields[name] = value
    return fields


def _name(part: Any) -> str:
    return f"ask {part.ask.number}, question {part.number}" if isinstance(part, Question) else part_name(part)


def _key(part: Any) -> str:
    # by its id: the number of a question is another once one before it is added
    if isinstance(part, Question):
        return f"ask-{part.ask.number}-question-{part.pk}"
    return part_name(part).replace(" ", "-")


def _standing(part: Any) -> dict[str, Any]:
    values = {name: value_of(part, name) for name in FIELDS[type(part)]}
    if isinstance(part, Ask):
        values |= {name: [] if name == "drop" else "" for name in FORMS[Ask].base_fields if name not in values}
    if values.get("requested_by"):
        values["requested_by"] = long_date(values["requested_by"])
    return {name: "" if value is None else value for name, value in values.items()}


def _typed(posted: QueryDict, part: Any) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, field in FORMS[type(part)].base_fields.items():
        at = f"{_key(part)}-{name}"
        words = posted.get(at, "").replace("\r\n", "\n")
        row[name] = bool(words) if isinstance(field, forms.BooleanField) else words
        if isinstance(field, forms.MultipleChoiceField):
            row[name] = posted.getlist(at)
    if f"{_key(part)}-{next(iter(FIELDS[type(part)]))}" not in posted:
        row |= _standing(part)  # added meanwhile: the page did not have it
    return row


def _drawn(part: Any, row: dict[str, Any], problems: Any, user: User) -> dict[str, Any]:
    more = {"ask": part, "user": user} if isinstance(part, Ask) else {}
    form = FORMS[type(part)](row, problems, prefix=_key(part), **more)
    return {"name": _name(part).capitalize(), "part": part, "key": _key(part), "form": form}


def _page(
    request: HttpRequest,
    letter: Letter,
    rows: list[tuple],
    problems: Any,
    *,
    merge: Merge | None = None,
    status: int = 200,
) -> HttpResponse:
    drawn = [_drawn(part, row, problems, request.user) for part, row in rows]
    for one in drawn:
        its = [
            other for other in drawn if isinstance(other["part"], Question) and other["part"].ask_id == one["part"].pk
        ]
        wanted = one["key"] == request.GET.get("open")  # from beside a signer who is not matched
        one |= {"questions": its, "is_open": wanted or any(each["form"].has_errors for each in (one, *its))}
    context = {
        "letter": letter,
        "merge": merge,
        "opened": json.dumps(_opened([part for part, _ in rows])),
        "crumbs": [
            {"label": "Letters", "url": reverse("letters")},
            {"label": letter.reference, "url": reverse("letter", args=[letter.reference])},
        ],
        "groups": [
            (heading, [one for one in drawn if isinstance(one["part"], kind)])
            for heading, kind in (("Asks", Ask), ("Addressees", Addressee), ("Signers", Signature))
        ],
        "reason": ReasonForm({"reason": request.POST.get("reason", "")}, problems),
        "errors": [{"at": f"#id_{problem.field}", "words": problem.message} for problem in problems],
        "corrections": corrections(letter),
    }
    return render(request, "letters/amend.html", context, status=status)
