"""The buttons of "Log a letter": each takes the typed sheet and gives it back one step further, and where to go on.

A step never drops what was typed: what it reads out of a block stands beside the block, which stays.
"""

from collections.abc import Callable
from dataclasses import dataclass

from letters.domain.deadlines import long_date
from letters.intake import typed as sheets
from letters.intake.addressee_block import read_addressee_block
from letters.intake.days import find_day
from letters.intake.kinds import propose_by_kind
from letters.intake.letter_parts import closing_block, head_block, printed_day
from letters.intake.names import letter_day, resolve_names
from letters.intake.signers import is_of_another_day, propose_waiting, read_removed, read_signers
from letters.intake.typed import Typed
from letters.intake.worksheet import blank_ask
from letters.models import User

# in "pick:0:1:Bank: Nord" the name may have colons of its own
WORDS_AFTER = {"name": 2, "pick": 3}


@dataclass
class Step:
    """One press of a button: which, on what, with which selected words."""

    typed: Typed
    places: list[int]
    selected: str
    word: str = ""

    def row(self, kind: str) -> dict:
        return self.typed[kind][self.places[0]]


def take(typed: Typed, do: str, selected: str, user: User | None = None) -> tuple[Typed, str]:
    """The sheet after the step `do` ("ask", "drop-signer:3", "pick:0:1:huawei-cloud"), and the id to go on at."""
    name, *rest = do.split(":", WORDS_AFTER.get(do.split(":")[0], 2))
    step = Step(
        typed,
        [int(part) for part in rest if part.isdecimal() and len(part) < 10],
        selected.strip(),
        rest[-1] if rest else "",
    )
    focus = ""
    if name in STEPS:
        try:
            focus = STEPS[name](step)
        except (IndexError, ValueError):
            focus = ""  # the row is gone already, or the words name none
    return propose_by_kind(propose_waiting(resolve_names(sheets.identified(step.typed, new=True), user))), focus


def _names(step: Step) -> str:
    if not step.typed["signers_block"].strip():
        step.typed["signers_block"] = closing_block(step.typed["text"])
    step.typed = read_signers(step.typed, step.selected)
    return "signers"


def _read_removed(step: Step) -> str:
    step.typed = read_removed(step.typed)
    return "signers"


def _take_signers(step: Step) -> str:
    step.typed["signers_block"] = _joined(step.typed["signers_block"], step.selected)
    return _names(step)


def _confirm(step: Step) -> str:
    on = letter_day(step.typed)
    for row in step.typed["signers"]:
        # who is proposed as of a date that was corrected in the same moment was not looked over
        if row["bioguide"] and not row["doubt"] and not is_of_another_day(row, on):
            row["confirmed"] = "on"
    return "signers"


def _addressees(step: Step) -> str:
    typed = step.typed
    if not typed["addressees_block"].strip():
        typed["addressees_block"] = head_block(typed["text"])
    had = {(row["printed_name"].casefold(), row["printed_title"].casefold()) for row in typed["addressees"]}
    for read in read_addressee_block(typed["addressees_block"]):
        if (read.printed_name.casefold(), read.printed_title.casefold()) not in had:
            typed["addressees"].append(
                sheets.complete(
                    "addressees",
                    {
                        "printed_name": read.printed_name, "printed_title": read.printed_title, "address": read.address,
                        "agency": read.agency.name if read.agency else "", "agency_id": read.agency.slug if read.agency else "",
                        "delivery": "cc" if read.is_copy else "to",
                    },
                )
            )  # fmt: skip
    return "addressees"


def _take_addressees(step: Step) -> str:
    step.typed["addressees_block"] = _joined(step.typed["addressees_block"], step.selected)
    return _addressees(step)


def _take_deadline(step: Step) -> str:
    step.typed["deadline_quote"] = step.selected
    if not step.typed["deadline_on"].strip() and (day := find_day(step.selected, after=letter_day(step.typed))):
        step.typed["deadline_on"] = long_date(day)
    return "id_deadline_on"


def _use_day(step: Step) -> str:
    if day := printed_day(step.typed["text"]):
        step.typed["letter_date"] = long_date(day)
    return "id_letter_date"


def _read_all(step: Step) -> str:
    """Date, addressees and names at once, each where it is found and nothing stands yet."""
    if not step.typed["letter_date"].strip():
        _use_day(step)
    if not step.typed["addressees"]:
        _addressees(step)
    if not step.typed["signers"]:
        _names(step)
    return "id_subject"


def _add_ask(step: Step) -> str:
    return _new_ask(step, quote=step.selected)


def _add_questions(step: Step) -> str:
    asks = step.typed["asks"]
    if asks and asks[-1]["kind"] == "written_answers" and not asks[-1]["questions"].strip():
        asks[-1]["questions"] = step.selected  # it was just begun: these are its questions
        return f"id_asks-{len(asks) - 1}-questions"
    return _new_ask(step, kind="written_answers", questions=step.selected)


def _new_ask(step: Step, **given: str) -> str:
    asks = step.typed["asks"]
    number = next((n for n, row in enumerate(asks) if not row["kind"] and blank_ask(row)), len(asks))
    asks[number : number + 1] = [sheets.complete("asks", given | {"target": [""]})]
    return f"id_asks-{number}-kind"


def _up(step: Step) -> str:
    asks, here = step.typed["asks"], step.places[0]
    if 0 < here < len(asks):
        asks[here - 1], asks[here] = asks[here], asks[here - 1]
    return f"id_asks-{max(here - 1, 0)}-kind"


def _add_target(step: Step) -> str:
    row = step.row("asks")
    row["target"].append("")
    return f"id_asks-{step.places[0]}-target-{len(row['target']) - 1}"


def _drop_target(step: Step) -> str:
    row, (ask, place) = step.row("asks"), step.places
    for column in ("target", "target_id", "target_kind", "target_parent"):
        del row[column][place : place + 1]
    return f"id_asks-{ask}-target-{max(place - 1, 0)}"


def _pick(step: Step) -> str:
    """One of the near ones that were shown instead of a name nobody knows: its slug, then its name."""
    row, (ask, place) = step.row("asks"), step.places[:2]
    row["target"][place] = step.word
    row["target_id"] = []
    return f"id_asks-{ask}-target-{place}"


def _name(step: Step) -> str:
    """One that the quote names: into the first empty line, else a new one."""
    row, ask = step.row("asks"), step.places[0]
    empty = [place for place, name in enumerate(row["target"]) if not name.strip()]
    place = empty[0] if empty else len(row["target"])
    row["target"][place : place + 1] = [step.word]
    return f"id_asks-{ask}-responsible"


def _add(kind: str, first: str) -> Callable[[Step], str]:
    def add(step: Step) -> str:
        step.typed[kind].append(sheets.complete(kind))
        return f"id_{kind}-{len(step.typed[kind]) - 1}-{first}"

    return add


def _drop(kind: str) -> Callable[[Step], str]:
    def drop(step: Step) -> str:
        sheets.remove(step.typed, kind, step.places[0])
        return kind

    return drop


def _put_back(step: Step) -> str:
    """The undo of the last removal of its kind."""
    kind = step.word if step.word in sheets.ROWS else ""
    place = sheets.put_back(step.typed, kind) if kind else -1
    return f"{kind}-{place}" if place >= 0 else kind


def _joined(block: str, more: str) -> str:
    return f"{block.rstrip()}\n\n{more}" if block.strip() else more


STEPS: dict[str, Callable[[Step], str]] = {
    "names": _names,
    "removed-names": _read_removed,
    "take-signers": _take_signers,
    "confirm": _confirm,
    "signer": _add("signers", "printed_name"),
    "drop-signer": _drop("signers"),
    "addressees": _addressees,
    "take-addressees": _take_addressees,
    "addressee": _add("addressees", "printed_name"),
    "drop-addressee": _drop("addressees"),
    "take-deadline": _take_deadline,
    "use-day": _use_day,
    "read": _read_all,
    "ask": _add_ask,
    "questions": _add_questions,
    "drop-ask": _drop("asks"),
    "put-back": _put_back,
    "up-ask": _up,
    "target": _add_target,
    "drop-target": _drop_target,
    "pick": _pick,
    "name": _name,
}
