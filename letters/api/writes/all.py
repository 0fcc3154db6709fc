"""All writes, in the order of the docs."""

from letters.api.writes import (
    around,
    arranging,
    drafts,
    left_out,
    letters,
    reference,
    repeating,
    responses,
    rewording,
    taskings,
)
from letters.api.writing import Write

WRITES: tuple[Write, ...] = (
    *drafts.WRITES,
    *arranging.WRITES,
    *rewording.WRITES,
    *letters.WRITES,
    *left_out.WRITES,
    *around.WRITES,
    *taskings.WRITES,
    *repeating.WRITES,
    *responses.WRITES,
    *reference.WRITES,
)


def by_path() -> dict[str, dict[str, Write]]:
    """The writes of each address, by method."""
    found: dict[str, dict[str, Write]] = {}
    for write in WRITES:
        found.setdefault(write.path, {})[write.method] = write
    return found
