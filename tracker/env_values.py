"""What a value of the environment may be: each check returns it as it is used, or raises ValueError with what is wrong."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import dj_database_url
import redis
from pydantic import AfterValidator, BeforeValidator

from tracker.fault_points import STEPS

SHORTEST_KEY = 32
FORMATS = ("line", "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
ZONES = Path("/usr/share/zoneinfo")  # the machine's own; Django knows no other zone where it has them


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
        if value.startswith("redis"):
            _check_broker(value)
        return value

    return AfterValidator(check)


def _check_broker(value: str) -> None:
    """Celery, kombu and redis-py each read it, and each breaks off, with a traceback, at what another one passes over."""
    parts = urlsplit(value)
    if parts.scheme == "redis+socket":
        if not re.fullmatch("/?[0-9]*", parse_qs(parts.query).get("virtual_host", ["0"])[0]):
            raise ValueError("its virtual_host is not the number of a database")
        return
    if not re.fullmatch("/?[0-9]*", parts.path):
        raise ValueError("its path is not the number of a database")
    try:
        redis.ConnectionPool.from_url(value).make_connection()  # made, not opened
    except (TypeError, ValueError) as error:
        raise ValueError("an option after its ? is unknown, or its value cannot be read") from error


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
    if ZONES.exists() and not ZONES.joinpath(value).exists():  # of those in an installed wheel alone
        raise ValueError("this machine knows no such time zone")
    return value


def absolute(value: Path) -> Path:
    """From the folder the command was started in; `~` is the user's home."""
    try:
        return Path(os.path.abspath(value.expanduser()))
    except RuntimeError as error:  # the shell leaves a ~name as it is where it knows no such account, too
        raise ValueError("its ~ is nobody's home on this machine") from error


def _is_there(path: Path) -> bool:
    """Asked in words that can refuse: a folder that is closed to us, or a name too long, says neither yes nor no."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise ValueError(f"{path} is a link to something that is not there") from None
        return False
    except OSError as error:
        raise ValueError(f"this user cannot look at {path} ({error.strerror})") from error
    return True


def usable_folder(value: Path) -> Path:
    value = absolute(value)
    for part in (value, *value.parents):  # to the first thing that exists: a folder we can still make is fine
        if _is_there(part):
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
    if missing := [
        name for name in ("postgres", "initdb") if not (_is_there(value / name) and (value / name).is_file())
    ]:
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
