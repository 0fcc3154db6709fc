"""What hangs on letters, items and replies, for `expand=`: of many rows at once, the newest first, none that a key may not see."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import DenseRank

from letters.api.expanding import EACH, Expansion
from letters.api.links import Links
from letters.api.office import beside, letters, responses, taskings
from letters.api.sources import Row, Source
from letters.models import Answer, ContactTasking, Evidence, Tasking


def _newest(rows: QuerySet, by: str, *newest: str) -> QuerySet:
    """The newest of each, and one more: then it is known that there are more."""
    order = [F(name).desc() for name in newest]
    return rows.annotate(place=Window(DenseRank(), partition_by=[F(by)], order_by=order)).filter(place__lte=EACH + 1)


def _grouped(pairs: Iterable[tuple[Any, Any, Any]], shown: dict[str, dict]) -> dict[str, list[dict]]:
    """Each with its own in order, from pairs of ids; what is in none may not be seen."""
    found: dict[str, list[dict]] = {}
    for of, key, _ in sorted(pairs, key=lambda pair: pair[2]):
        one = shown.get(str(key))
        if one is not None and one not in found.setdefault(str(of), []):
            found[str(of)].append(one)
    return found


def _replies(by: str, rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    seen = Tasking.objects.for_keys().values("pk")
    answers = Answer.objects.filter(tasking__in=seen).filter(**{f"{by}__in": [row.pk for row in rows]})
    pairs = list(
        _newest(answers, by, "response__received_on", "response_id").values_list(by, "response_id", "place").distinct()
    )
    return _grouped(pairs, responses.SOURCE.shown([key for _, key, _ in pairs], links))


def letters_replies(rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    return _replies("tasking__ask__letter", rows, links)


def letters_asks(rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    asks = letters.with_taskings([row.pk for row in rows], links)
    return {str(key): value for key, value in asks.items()}


def letter_of(source: Source) -> Callable[[Sequence[Row], Links], dict[str, dict]]:
    """The letter of each item, as `source` shows letters."""

    def items_letter(rows: Sequence[Row], links: Links) -> dict[str, dict]:
        shown = source.shown([row.ask__letter_id for row in rows], links)
        # taken from view since these rows were read: there is none to show
        return {str(row.pk): one for row in rows if (one := shown.get(str(row.ask__letter_id)))}

    return items_letter


def items_replies(rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    return _replies("tasking", rows, links)


def items_evidence(rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    proofs = Evidence.objects.filter(tasking__in=[row.pk for row in rows])
    pairs = list(_newest(proofs, "tasking", "added_at", "pk").values_list("tasking_id", "pk", "place"))
    return _grouped(pairs, beside.EVIDENCE.shown([key for _, key, _ in pairs], links))


def items_contacts(rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    bearing = ContactTasking.objects.filter(
        tasking__in=[row.pk for row in rows], contact__in=beside.visible_contacts().values("pk")
    )
    pairs = list(
        _newest(bearing, "tasking", "contact__on", "contact_id").values_list("tasking_id", "contact_id", "place")
    )
    return _grouped(pairs, beside.CONTACTS.shown([key for _, key, _ in pairs], links))


def items_dates(rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    return taskings.dates_of([row.pk for row in rows])


def replies_items(rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    answers = Answer.objects.filter(response__in=[row.pk for row in rows])
    seen = answers.filter(tasking__in=Tasking.objects.for_keys().values("pk"))
    pairs = list(_newest(seen, "response", "recorded_at", "pk").values_list("response_id", "tasking_id", "place"))
    return _grouped(pairs, taskings.SOURCE.shown([key for _, key, _ in pairs], links))


OF_LETTERS = {
    "asks": Expansion("its asks with their taskings, as in the single letter", letters_asks),
    "responses": Expansion("the replies that bear on its taskings", letters_replies),
}
OF_TASKINGS = {
    "letter": Expansion("its letter, as in the list of letters", letter_of(letters.SOURCE), many=False),
    "responses": Expansion("the replies that bear on it", items_replies),
    "evidence": Expansion("what proves its outcome", items_evidence),
    "contacts": Expansion("the office’s own calls, e-mails and meetings about it", items_contacts),
    "dates": Expansion("each value that its clocks have had, with why", items_dates),
}
OF_RESPONSES = {"taskings": Expansion("the taskings it bears on", replies_items)}
