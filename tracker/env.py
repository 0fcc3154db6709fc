"""Every environment variable the site reads, once and typed.

README's configuration table is what `python -m tracker.env` prints; a test compares them.
A wrong value does not crash the import: it falls back to the default and is kept in `PROBLEMS`. `tracker.checks` shows
these as system checks, and every way of starting the site calls `refuse_if_wrong()` first.
"""

import re
import sys
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tracker.env_values import (
    each,
    has_postgres,
    known_format,
    known_level,
    known_step,
    known_zone,
    long_enough,
    mail_server,
    server,
    usable_folder,
    whole_number,
)  # fmt: skip
from tracker.fault_points import STEPS

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class Environment(BaseSettings):
    """The variables, their types, defaults and what each is for. An empty one counts as not set."""

    model_config = SettingsConfigDict(case_sensitive=True, extra="ignore", env_ignore_empty=True)

    PORT: Annotated[int, whole_number(1, 65535)] = Field(
        8000, description="Port of the pages and the API, on this machine only (loopback)."
    )
    TRACKER_DATA: Annotated[Path, AfterValidator(usable_folder)] = Field(
        BASE_DIR / "var", description="Folder of the embedded servers' data, the logs, the secrets and the uploads."
    )
    DATABASE_URL: Annotated[str, server("postgres", "postgresql")] = Field(
        "",
        description="A PostgreSQL (15 or later) to use instead of the embedded one; then no demo accounts and no seed letter.",
    )
    BROKER_URL: Annotated[str, server("redis", "rediss", "redis+socket")] = Field(
        "",
        description="A Valkey or Redis to use instead of the embedded one, for tasks and for the cache.",
    )
    EMAIL_URL: Annotated[str, AfterValidator(mail_server)] = Field(
        "",
        description="The mail server, as `smtp://USER:PASSWORD@HOST:587/?from=ADDRESS` (`smtps://` for TLS from the start). "
        "Unset: mails are written to files in `mail` in the data folder and not sent.",
    )
    TIME_ZONE: Annotated[str, AfterValidator(known_zone)] = Field(
        "America/New_York", description="The office's time zone: days begin at its midnight."
    )
    ALLOWED_HOSTS: Annotated[str, each(r"\.?[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\]", ",", "a host name")] = Field(
        "",
        description="Names the site is reached by through an HTTPS proxy, separated by commas. "
        "Setting it turns on secure cookies and HSTS.",
    )
    SECRET_KEY: Annotated[str, AfterValidator(long_enough)] = Field(
        "",
        description="Signs sessions. Unset: a random one kept in `secret-key` in the data folder.",
    )
    WEB_THREADS: Annotated[int, whole_number(1, 256)] = Field(
        32, description="Requests answered at the same time, and database connections kept."
    )
    SWEEP_MINUTES: Annotated[int, whole_number(1, 1440)] = Field(
        5, description="Minutes between two sweeps for what has become due."
    )
    API_A_MINUTE: Annotated[int, whole_number(1, 10_000_000)] = Field(
        20_000, description="How many requests one API key may make in a minute."
    )
    API_ORIGINS: Annotated[
        str, each(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", " ", "an origin such as https://x.gov")
    ] = Field(
        "",
        description="Sites whose pages may read the API and the feeds in a browser, such as `https://x.gov`, with spaces between.",
    )
    LOG_LEVEL: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(known_level)] = Field(
        "INFO", description="How much the logs say."
    )
    LOG_FORMAT: Annotated[Literal["line", "json"], BeforeValidator(known_format)] = Field(
        "line", description="How the logs are written: `line` for people, `json` for machines that collect them."
    )
    METRICS_TOKEN: Annotated[str, AfterValidator(long_enough)] = Field(
        "",
        description="What a monitoring system says to read `/metrics`, as a Bearer token. Unset: there is no such page.",
    )
    FAULT_AT: Annotated[str, AfterValidator(known_step)] = Field(
        "", description="For tests alone: the step of a round at which the process kills itself."
    )
    POSTGRES_BIN: Annotated[Path | None, AfterValidator(has_postgres)] = Field(
        None,
        description="Folder of the `postgres` and `initdb` to run as embedded server. Unset: those of the installed wheel.",
    )
    BACKUP_DIR: str = Field(
        "",
        description="The folder of the nightly backups, for `deploy/backup`, which takes `/var/backups/letters` where it is unset. "
        "Set, it also tells the site that there are to be nights, so that `/health/`, `doctor` and the first steps tell where none is made.",
    )
    BACKUP_DAYS: Annotated[int, whole_number(1, 9999)] = Field(
        35, description="How many days `deploy/backup` keeps each, from 1 to 9999."
    )


ENCODED = "percent-encode / @ : # ? % in the password"
WAY_OUT = {
    "PORT": "Set it to a free port between 1 and 65535, or unset it for 8000.",
    "TRACKER_DATA": "Set it to a folder you may write to, or unset it for var/ beside manage.py.",
    "DATABASE_URL": f"Write it as postgres://USER:PASSWORD@HOST:5432/NAME ({ENCODED}), or unset it to use the embedded PostgreSQL.",
    "BROKER_URL": f"Write it as redis://HOST:6379/0 or redis+socket:///PATH ({ENCODED}), or unset it to use the embedded Valkey.",
    "EMAIL_URL": f"Write it as smtp://USER:PASSWORD@HOST:587/?from=ADDRESS ({ENCODED}), or unset it to keep mails as files.",
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
    "BACKUP_DIR": "Set it to the folder of the nightly backups, or unset it where there are none.",
    "BACKUP_DAYS": "Use a whole number of days from 1 to 9999.",
}


def masked(name: str, value: object) -> str:
    """`value` as it may be shown: keys and passwords in URLs become `***`."""
    if name in ("SECRET_KEY", "METRICS_TOKEN"):
        return "***"
    # A password that was not percent-encoded is what makes most addresses unreadable, so nothing is taken for granted of
    # it: all up to the last @ goes, but for that of a sender's address, which comes after.
    address, sender, rest = str(value).partition("?from=")
    if name.endswith("_URL"):
        address = re.sub(r"(?s)^(.*?://)?([^/@:?]*:)?.*@", lambda m: f"{m[1] or ''}{m[2] or ''}***@", address)
    return re.sub(r"(?<=password=)[^&]*", "***", address + sender + rest)


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
    try:
        return Environment(**defaults), problems
    except ValidationError:  # of another one's clone, `var` is no folder of ours: then a default is wrong, too
        return Environment.model_construct(**defaults), problems


ENV, PROBLEMS = read()


def refuse_if_wrong() -> None:
    """Ends the process (exit code 1) with a sentence for each wrong variable and its way out."""
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
    sender = _sender(parts.query) or (user if "@" in user else f"correspondence@{parts.hostname}")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        # port 25 is a relay of one's own network, which may speak no TLS; to this machine none is needed
        "EMAIL_USE_TLS": not implicit and port != 25 and parts.hostname not in ("localhost", "127.0.0.1", "::1"),
        "EMAIL_TIMEOUT": 20,  # to be reached; how long a mail waits for the server's yes: `reminders.dispatch`
        "DEFAULT_FROM_EMAIL": sender,
    }


def _sender(query: str) -> str:
    """`from` of a query. A + in an address is a part of it: this is no form of a page, where it would be a blank."""
    return next((unquote(part.removeprefix("from=")) for part in query.split("&") if part.startswith("from=")), "")


def table() -> str:
    """The variables as the Markdown table that README carries."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Environment.model_fields.items():
        default = "`var`" if name == "TRACKER_DATA" else f"`{field.default}`" if field.default not in ("", None) else ""
        rows.append(f"| `{name}` | {default} | {field.description} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
