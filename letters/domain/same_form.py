"""A form that comes twice: the same words once more, by a second press, or others, by somebody who went back to it."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from letters.domain.access import Actor
from letters.models import User


def id_of(key: uuid.UUID | None, by: Actor, said: dict[str, Any]) -> uuid.UUID:
    """The id of what this person says by the form with this key: the same for the same words, another for others."""
    if key is None:
        return uuid.uuid4()
    person = str(by.pk) if isinstance(by, User) else str(by)
    return uuid.uuid5(key, json.dumps([person, _plain(said)], sort_keys=True))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return sorted(str(_plain(one)) for one in value)  # what is ticked has no order
    return None if value is None else str(value)
