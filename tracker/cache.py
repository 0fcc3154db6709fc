"""The cache as plain JSON. Django's own unpickles what it reads, so whoever may write to the broker would run code here."""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

UNREADABLE = (ValueError, RecursionError)  # what others put there, or another version of the site


class Json:
    """Numbers, words, lists and mappings; a whole number as Redis counts it."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, kept: bytes) -> Any:
        return json.loads(kept)


class Client(RedisCacheClient):
    """What cannot be read was never there."""

    def get(self, key: str, default: Any) -> Any:
        try:
            return super().get(key, default)
        except UNREADABLE:
            return default

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        keys, found = list(keys), {}
        for key, kept in zip(keys, self.get_client(None).mget(keys), strict=True):
            if kept is not None:
                with suppress(*UNREADABLE):
                    found[key] = self._serializer.loads(kept)
        return found


class JsonCache(RedisCache):
    """Django's, with these two."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params | {"OPTIONS": params.get("OPTIONS", {}) | {"serializer": Json}})
        self._class = Client
