"""Every environment variable the site reads, once and typed.

README's configuration table is what `python -m tracker.env` prints; a test compares them.
A wrong value does not crash the import: it falls back to the default and is kept in `PROBLEMS`. `tracker.checks` shows
these as system checks, and every way of starting the site calls `refuse_if_wrong()` first.
"""

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tracker.fault_points import STEPS

BASE_DIR = Path(__file__).resolve().parent.parent
SHORTEST_KEY = 32
FORMATS = ("line", "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def _whole_number(least: int, most: int) -> BeforeValidator:
    def read(value: object) -> int:
        text = str(value).strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
            raise ValueError("it is not a whole number")
        if not least <= int(text) <= most:
            raise ValueError(f"it is not between {least} and {most}")
        return int(text)

    return BeforeValidator(read)


def _server(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value:
            return value
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"it does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        try:
            _ = urlsplit(value).port
        except ValueError as error:
            raise ValueError("its host or its port cannot be read") from error
        return value

    return AfterValidator(check)


def _long_enough(value: str) -> str:
    if not value or len(value) >= SHORTEST_KEY:
        return value
    raise ValueError(f"it has fewer than {SHORTEST_KEY} characters")


def _known_level(value: object) -> object:
    if value not in LEVELS:
        raise ValueError("it is not a level of the logs")
    return value


def _known_format(value: object) -> object:
    if value not in FORMATS:
        raise ValueError("it is neither line nor json")
    return value


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError) as error:  # unknown, unreadable, not a name at all
        raise ValueError("this machine knows no such time zone") from error
    return value


def _absolute(value: Path) -> Path:
    """From the folder the command was started in; `~` is the user's home."""
    return Path(os.path.abspath(value.expanduser()))


def _usable_folder(value: Path) -> Path:
    value = _absolute(value)
    for part in (value, *value.parents):  # to the first thing that exists: a folder we can still make is fine
        if part.exists():
            if not part.is_dir():
                raise ValueError(f"{part} is a file, not a folder")
            if not os.access(part, os.W_OK | os.X_OK):
                raise ValueError(f"{part} cannot be written to by this user")
            return value
    return value


def _has_postgres(value: Path | None) -> Path | None:
    if value is None:
        return None
    value = _absolute(value)
    if missing := [name for name in ("postgres", "initdb") if not (value / name).is_file()]:
        raise ValueError(f"there is no {' and no '.join(missing)} in it")
    return value


def _each(pattern: str, between: str, what: str) -> AfterValidator:
    def check(value: str) -> str:
        for name in filter(None, (part.strip() for part in value.split(between))):
            if not re.fullmatch(pattern, name):
                raise ValueError(f"{name!r} is not {what}")
        return value

    return AfterValidator(check)


def _mail_server(value: str) -> str:
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


def _known_step(value: str) -> str:
    if value and value not in STEPS:
        raise ValueError("there is no such step")
    return value


class Environment(BaseSettings):
    """The variables, their types, defaults and what each is for. An empty one counts as not set."""

    model_config = SettingsConfigDict(case_sensitive=True, extra="ignore", env_ignore_empty=True)

    PORT: Annotated[int, _whole_number(1, 65535)] = Field(
        8000, description="Port of the pages and the API, on this machine only (loopback)."
    )
    TRACKER_DATA: Annotated[Path, AfterValidator(_usable_folder)] = Field(
        BASE_DIR / "var", description="Folder of the embedded servers' data, the logs, the secrets and the uploads."
    )
    DATABASE_URL: Annotated[str, _server("postgres", "postgresql")] = Field(
        "",
        description="A PostgreSQL (15 or later) to use instead of the embedded one; then no demo accounts and no seed letter.",
    )
    BROKER_URL: Annotated[str, _server("redis", "rediss", "redis+socket")] = Field(
        "",
        description="A Valkey or Redis to use instead of the embedded one, for tasks and for the cache.",
    )
    EMAIL_URL: Annotated[str, AfterValidator(_mail_server)] = Field(
        "",
        description="The mail server, as `smtp://USER:PASSWORD@HOST:587/?from=ADDRESS` (`smtps://` for TLS from the start). "
        "Unset: mails are written to files in `mail` in the data folder and not sent.",
    )
    TIME_ZONE: Annotated[str, AfterValidator(_known_zone)] = Field(
        "America/New_York", description="The office's time zone: days begin at its midnight."
    )
    ALLOWED_HOSTS: Annotated[str, _each(r"\.?[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\]", ",", "a host name")] = Field(
        "",
        description="Names the site is reached by through an HTTPS proxy, separated by commas. "
        "Setting it turns on secure cookies and HSTS.",
    )
    SECRET_KEY: Annotated[str, AfterValidator(_long_enough)] = Field(
        "",
        description="Signs sessions. Unset: a random one kept in `secret-key` in the data folder.",
    )
    WEB_THREADS: Annotated[int, _whole_number(1, 256)] = Field(
        32, description="Requests answered at the same time, and database connections kept."
    )
    SWEEP_MINUTES: Annotated[int, _whole_number(1, 1440)] = Field(
        5, description="Minutes between two sweeps for what has become due."
    )
    API_A_MINUTE: Annotated[int, _whole_number(1, 10_000_000)] = Field(
        20_000, description="How many requests one API key may make in a minute."
    )
    API_ORIGINS: Annotated[
        str, _each(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", " ", "an origin such as https://x.gov")
    ] = Field(
        "", description="Sites whose pages may read the API in a browser, such as `https://x.gov`, with spaces between."
    )
    LOG_LEVEL: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_known_level)] = Field(
        "INFO", description="How much the logs say."
    )
    LOG_FORMAT: Annotated[Literal["line", "json"], BeforeValidator(_known_format)] = Field(
        "line", description="How the logs are written: `line` for people, `json` for machines that collect them."
    )
    METRICS_TOKEN: Annotated[str, AfterValidator(_long_enough)] = Field(
        "",
        description="What a monitoring system says to read `/metrics`, as a Bearer token. Unset: there is no such page.",
    )
    FAULT_AT: Annotated[str, AfterValidator(_known_step)] = Field(
        "", description="For tests alone: the step of a round at which the process kills itself."
    )
    POSTGRES_BIN: Annotated[Path | None, AfterValidator(_has_postgres)] = Field(
        None,
        description="Folder of the `postgres` and `initdb` to run as embedded server. Unset: those of the installed wheel.",
    )


WAY_OUT = {
    "PORT": "Set it to a free port between 1 and 65535, or unset it for 8000.",
    "TRACKER_DATA": "Set it to a folder you may write to, or unset it for var/ beside manage.py.",
    "DATABASE_URL": "Write it as postgres://USER:PASSWORD@HOST:5432/NAME, or unset it to use the embedded PostgreSQL.",
    "BROKER_URL": "Write it as redis://HOST:6379/0 or redis+socket:///PATH, or unset it to use the embedded Valkey.",
    "EMAIL_URL": "Write it as smtp://USER:PASSWORD@HOST:587/?from=ADDRESS, or unset it to keep mails as files.",
    "TIME_ZONE": "Use an IANA name such as America/New_York or Europe/Berlin.",
    "ALLOWED_HOSTS": "Write host names separated by commas, without https:// and without a path: mail.example.gov,example.gov",
    "SECRET_KEY": "Use 32 or more random characters, or unset it to have one made in the data folder.",
    "WEB_THREADS": "Use a whole number between 1 and 256.",
    "SWEEP_MINUTES": "Use a whole number of minutes between 1 and 1440.",
    "API_A_MINUTE": "Use a whole number between 1 and 10,000,000.",
    "API_ORIGINS": "Name each site as https://HOST, with spaces between, or unset it.",
    "LOG_LEVEL": "Use DEBUG, INFO, WARNING or ERROR.",
    "LOG_FORMAT": "Use line or json.",
    "METRICS_TOKEN": "Use 32 or more random characters, or unset it to have no /metrics.",
    "FAULT_AT": f"Unset it; tests use one of {', '.join(STEPS)}.",
    "POSTGRES_BIN": "Set it to the folder that holds postgres and initdb, or unset it to use the installed wheel's.",
}


def masked(name: str, value: object) -> str:
    """`value` as it may be shown: keys and passwords in URLs become `***`."""
    if name in ("SECRET_KEY", "METRICS_TOKEN"):
        return "***"
    return re.sub(r"(?<=://)([^/@:]*:)?([^/@]*)@", lambda m: (m[1] or "") + "***@", str(value))


def explain(problem: dict) -> str:
    """One sentence: the variable, what it was set to, and what is wrong with it."""
    return f"{problem['name']} is {masked(problem['name'], problem['value'])!r}: {problem['message']}."


def read() -> tuple[Environment, list[dict]]:
    """The environment with defaults in place of wrong values, and the problems found."""
    try:
        return Environment(), []
    except ValidationError as error:
        problems = [
            {
                "name": str(e["loc"][0]),
                "value": e["input"],
                "message": e["msg"].removeprefix("Value error, ").rstrip("."),
            }
            for e in error.errors()
        ]
    wrong = {problem["name"] for problem in problems}
    defaults = {name: field.default for name, field in Environment.model_fields.items() if name in wrong}
    return Environment(**defaults), problems


ENV, PROBLEMS = read()


def refuse_if_wrong() -> None:
    """Ends the process (exit code 2) with a sentence for each wrong variable and its way out."""
    if PROBLEMS:
        lines = (f"{explain(problem)} {WAY_OUT[problem['name']]}" for problem in PROBLEMS)
        sys.exit("Not started.\n" + "\n".join(f"  {line}" for line in lines))


def allowed_hosts() -> list[str]:
    """The configured names, then the loopback ones."""
    configured = [name.strip() for name in ENV.ALLOWED_HOSTS.split(",") if name.strip()]
    return [*configured, *LOOPBACK_HOSTS]


def site_address() -> str:
    """Where people reach the site, for links in mails and calendars."""
    name = next((name.strip() for name in ENV.ALLOWED_HOSTS.split(",") if name.strip(" .")), "")
    return f"https://{name.lstrip('.')}" if name else f"http://127.0.0.1:{ENV.PORT}"


def mail_settings() -> dict[str, object]:
    """Django's settings for the mail server, or for the folder that mails are kept in where there is none."""
    if not ENV.EMAIL_URL:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": ENV.TRACKER_DATA / "mail",
            "DEFAULT_FROM_EMAIL": "correspondence@localhost",
        }
    parts = urlsplit(ENV.EMAIL_URL)
    user = unquote(parts.username or "")
    implicit = parts.scheme == "smtps"
    port = parts.port or (465 if implicit else 587)
    sender = dict(parse_qsl(parts.query)).get("from") or (user if "@" in user else f"correspondence@{parts.hostname}")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        # port 25 is a relay of one's own network, which may speak no TLS; to this machine none is needed
        "EMAIL_USE_TLS": not implicit and port != 25 and parts.hostname not in ("localhost", "127.0.0.1", "::1"),
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": sender,
    }


def table() -> str:
    """The variables as the Markdown table that README carries."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Environment.model_fields.items():
        default = "`var`" if name == "TRACKER_DATA" else f"`{field.default}`" if field.default not in ("", None) else ""
        rows.append(f"| `{name}` | {default} | {field.description} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
