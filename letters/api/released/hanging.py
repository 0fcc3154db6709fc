"""What hangs on public rows, for `expand=`: public things only."""

from collections.abc import Sequence

from letters.api.expanding import Expansion
from letters.api.links import Links
from letters.api.office.hanging import OF_LETTERS as OFFICE_LETTERS
from letters.api.office.hanging import OF_TASKINGS as OFFICE_TASKINGS
from letters.api.office.hanging import letter_of
from letters.api.released import letters
from letters.api.sources import Row
from letters.domain.payloads import public_letters
from letters.models import Letter


def letters_asks(rows: Sequence[Row], links: Links) -> dict[str, list[dict]]:
    found = Letter.objects.released().defer("search").filter(pk__in=[row.pk for row in rows])
    return {state["id"]: state["asks"] for state in public_letters(list(found))}


OF_LETTERS = {"asks": Expansion(OFFICE_LETTERS["asks"].about, letters_asks)}
OF_TASKINGS = {"letter": Expansion(OFFICE_TASKINGS["letter"].about, letter_of(letters.SOURCE), many=False)}
