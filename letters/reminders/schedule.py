"""The reminder ladder as data. Pure: no models, and `today` is an argument."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rung: fires once per tasking and due date, on the first round at least `days_after` days past it."""

    name: str
    days_after: int
    words: str

    def latest_due(self, today: dt.date) -> dt.date:
        """The latest due date for which the rule has come due on `today`."""
        return today - dt.timedelta(days=self.days_after)


PAST_DUE = Rule("past_due", 1, "the day after a date has passed without a reply")

RULES: tuple[Rule, ...] = (PAST_DUE,)
