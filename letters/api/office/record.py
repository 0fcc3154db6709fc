"""The reply record of one agency, in the numbers of its page: what was put to it, answered when and how, and what waits."""

from letters.api.links import Links
from letters.api.office import taskings
from letters.api.parameters import Asked, Parameter
from letters.domain.clocks import office_today
from letters.domain.outcomes import REPLIED
from letters.enums import Basis, Status
from letters.models import Agency
from letters.reports.reply_records import Kept, Record, records

# The filters of the list of items, but for those that the address says itself: one agency, open and closed.
PARAMETERS: tuple[Parameter, ...] = tuple(
    one for one in taskings.SOURCE.filtering if one.name not in ("agency", "state")
)
ENDS = tuple(status for status in Status if status not in (Status.DRAFT, Status.ENTERED_IN_ERROR))


def record_of(agency: Agency, asked: Asked, links: Links) -> dict:
    """What is counted of the items put to it that a key may see. Raises 400 for what the filters do not know."""
    found = taskings.SOURCE.found(Asked([*asked.pairs, ("agency", agency.slug)])).counted()
    record = records(found, office_today()).get(agency.pk, Record())
    longest = record.longest
    return {
        "agency": taskings.agency(agency.pk, agency.slug, agency.name, agency.short_name),
        "asked": record.asked,
        "open": record.open,
        "statuses": {status.value: record.statuses[status.value] for status in ENDS},
        "first_word": _kept(record.first_word),
        "answered": {basis.value: _kept(record.by(basis)) for basis in Basis},
        "replied": {code: record.replied[code] for code in REPLIED},
        "more_time": record.more_time,
        "late_original": record.late_original,
        "late_both": record.late_both,
        "half_answered_within": record.curve.half,
        "half_wait_more_than": record.curve.known if record.curve.half is None else None,
        "longest_wait": longest
        and {
            "tasking": longest.tasking,
            "url": links.to("taskings", longest.tasking),
            "days": longest.days,
            "answered": longest.came,
        },
    }


def _kept(found: Kept) -> dict[str, int]:
    return {"in_time": found.in_time, "judged": found.judged}
