"""System checks of the environment: a wrong variable is refused with its name, its value and the way out."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from tracker.env import PROBLEMS, WAY_OUT, explain


@register
def environment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error for each wrong variable."""
    return [
        Error(explain(problem), hint=WAY_OUT[problem["name"]], id=f"tracker.{problem['name']}") for problem in PROBLEMS
    ]
