"""What a value of the environment may be: each check returns it as it is used, or raises ValueError with what is wrong."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import dj_database_url
from pydantic import AfterValidator, BeforeValidator

from tracker.fault_points import STEPS

SHORTEST_KEY = 32
FORMATS = ("line", "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def whole_number(least: int, most: int) -> BeforeValidator:
    def read(value: object) -> int:
        text = str(value).strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
            raise ValueError("it is not a whole number")
        if not least <= int(text) <= most:
            raise ValueError(f"it is not between {least} and {most}")
        return int(text)

    return BeforeValidator(read)


def server(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value:
            return value
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"it does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        try:
            _ = urlsplit(value).port
        except ValueError as error:
            raise ValueError("its host or its port cannot be read") from error
        if value.startswith("postgres"):
            try:
                name = dj_database_url.parse(value)["NAME"]
            except ValueError as error:
                raise ValueError("its parts cannot be told apart") from error
            if not name:
                raise ValueError("it names no database")
        return value

    return AfterValidator(check)


def long_enough(value: str) -> str:
    if not value or len(value) >= SHORTEST_KEY:
        return value
    raise ValueError(f"it has fewer than {SHORTEST_KEY} characters")


def known_level(value: object) -> object:
    if value not in LEVELS:
        raise ValueError("it is not a level of the logs")
    return value


def known_format(value: object) -> object:
    if value not in FORMATS:
        raise ValueError("it is neither line nor json")
    return value


def known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:  # unknown, unreadable, not a name at all
        raise ValueError("this machine knows no such time zone") from error
    return value


def absolute(value: Path) -> Path:
    """From the folder the command was started in; `~` is the user's home."""
    return Path(os.path.abspath(value.expanduser()))


def usable_folder(value: Path) -> Path:
    value = absolute(value)
    for part in (value, *value.parents):  # to the first thing that exists: a folder we can still make is fine
        if part.exists():
            if not part.is_dir():
                raise ValueError(f"{part} is a file, not a folder")
            if not os.access(part, os.W_OK | os.X_OK):
                raise ValueError(f"{part} cannot be written to by this user")
            return value
    return value


def has_postgres(value: Path | None) -> Path | None:
    if value is None:
        return None
    value = absolute(value)
    if missing := [name for name in ("postgres", "initdb") if not (value / name).is_file()]:
        raise ValueError(f"there is no {' and no '.join(missing)} in it")
    return value


def each(pattern: str, between: str, what: str) -> AfterValidator:
    def check(value: str) -> str:
        for name in filter(None, (part.strip() for part in value.split(between))):
            if not re.fullmatch(pattern, name):
                raise ValueError(f"{name!r} is not {what}")
        return value

    return AfterValidator(check)


def mail_server(value: str) -> str:
    if value:
        parts = urlsplit(value)
        if parts.scheme not in ("smtp", "smtps"):
            raise ValueError("it begins with neither smtp:// nor smtps://")
        try:
            has_port = parts.port != 0
        except ValueError as error:
            raise ValueError("its port is no number up to 65535") from error
        if not parts.hostname or not has_port:
            raise ValueError("it names no host")
    return value


def known_step(value: str) -> str:
    if value and value not in STEPS:
        raise ValueError("there is no such step")
    return value
