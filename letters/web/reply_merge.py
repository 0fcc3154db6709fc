"""A reply about an item that somebody changed meanwhile: what both would set is chosen field by field (invariant 7).

A reply adds to the record; what it and the other person may both set is where the item stands, the day promised, the
review date, and, where the same reply was read by somebody else, what it says.
"""

from letters.domain import said
from letters.domain.deadlines import long_date
from letters.domain.words import answer_words
from letters.enums import Said, Status
from letters.models import Answer
from letters.web.merge import Choice
from letters.web.reply_form import ItemWordForm
from letters.web.reply_words import status_after


def choices(
    form: ItemWordForm, shared: dict, answer: Answer | None, unsaid: list[str], since: list[str]
) -> list[Choice]:
    """What differs between the item as it is saved now and as this reply would leave it. `form` is valid, its item fresh;
    `since` as for `said.effect`."""
    if form.takes_off:
        return []
    own = form.cleaned_data
    choice = own["said"] or shared.get("said") or ""
    found = []
    if answer and answer.coverage and choice:
        if answer.said and answer.said != choice:
            found.append(("said", "What they said of this one", answer.said, answer_words(answer), Said(choice).label))
        for name, label in (("quote", "In their words"), ("page", "Page")):
            mine, saved = form.typed(name), getattr(answer, name)
            if mine is not None and mine != saved:  # empty, too: it may have been emptied
                found.append((name, label, saved, saved, mine))
    elif choice:
        found += _of_item(form, choice, shared, since)
    return [_choice(form, unsaid, *one) for one in found]


def _of_item(form: ItemWordForm, choice: str, shared: dict, since: list[str]) -> list[tuple]:
    own, tasking = form.cleaned_data, form.tasking
    found = []
    becomes = said.effect(choice, closes_as=tasking.ask.kind.closes_as, status=tasking.status, since=since).status
    to = own["status"] or becomes
    if to and to != tasking.status and tasking.status != Status.AWAITING:
        yours = str(Status(to).label) if own["status"] else status_after(choice, tasking)
        found.append(("status", "The item becomes", tasking.status, str(tasking.get_status_display()), yours))
    for name, of in (("promised_on", Said.PROMISED), ("review_on", Said.NO_POSITION)):
        theirs, mine = getattr(tasking, name), own.get(name) or shared.get(name)
        if choice == of and theirs and mine and theirs != mine:
            label = str(form.fields[name].label)
            found.append((name, label, theirs.isoformat(), long_date(theirs), long_date(mine)))
    return found


def _choice(form: ItemWordForm, unsaid: list[str], name: str, label: str, data: str, theirs: str, yours: str) -> Choice:
    at = form.add_prefix(name)
    error = f"Both of you set “{label}”. Choose which to keep." if at in unsaid else ""
    return Choice(at, label, theirs or "(empty)", yours or "(empty)", "", data, "", error)


def theirs(found: list[Choice]) -> dict[str, str]:
    """What a later post takes where the person keeps what is saved, as `merge.settled` reads it."""
    return {one.name: one.stood_data for one in found}
