"""Which status may follow which, and what each needs: data that pages, API and docs print.

Pure: no models, no clock. `docs/transitions.svg` is drawn from here.
"""

from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, REASON_STATUSES, ClosesAs, Status

_AFTER_AWAITING = tuple(status for status in OPEN_STATUSES if status is not Status.AWAITING)

TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (Status.AWAITING, Status.WITHDRAWN),
    Status.AWAITING: (*_AFTER_AWAITING, *CLOSED_STATUSES),
    **{
        status: (*(other for other in _AFTER_AWAITING if other is not status), *CLOSED_STATUSES)
        for status in _AFTER_AWAITING
    },
    # Reopening. `transferred` only once its successor is withdrawn: `workflow` checks that.
    **dict.fromkeys(CLOSED_STATUSES, (Status.AWAITING,)),
}

# What a status needs before it may be entered, by the name of the field that carries it.
NEEDS: dict[Status, tuple[str, ...]] = {
    Status.PROMISED: ("promised_on",),
    Status.ANSWERED: ("reply",),
    Status.IMPLEMENTED: ("evidence",),
    Status.DECLINED: ("reply",),
    **dict.fromkeys(REASON_STATUSES, ("reason",)),
    Status.TRANSFERRED: ("agency", "reason"),
}

NEED_WORDS: dict[str, str] = {
    "reason": "a reason",
    "reply": "a reply from the agency",
    "evidence": "evidence: a citation, a list entry, a page, or a reply we hold",
    "promised_on": "the date they promised",
    "agency": "the agency it was passed to",
}


def needs(from_status: str, to_status: str) -> tuple[str, ...]:
    """The fields that must be filled to go from one status to another; reopening needs a reason."""
    if from_status in CLOSED_STATUSES:
        return ("reason",)
    return NEEDS.get(Status(to_status), ())


def allowed_next(status: str, *, closes_as: str = ClosesAs.EITHER) -> tuple[Status, ...]:
    """The statuses that may follow `status` for a kind of ask that closes in this way.

    A sanction is never "answered" and a briefing never "implemented": the word of success follows the kind.
    """
    excluded = {ClosesAs.ANSWERED: Status.IMPLEMENTED, ClosesAs.IMPLEMENTED: Status.ANSWERED}.get(ClosesAs(closes_as))
    return tuple(following for following in TRANSITIONS[Status(status)] if following is not excluded)
