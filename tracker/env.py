"""Every environment variable the site reads, once and typed.

README's configuration table is what `python -m tracker.env` prints; a test compares them.
A wrong value does not crash the import: it falls back to the default and is kept in
`PROBLEMS`. `tracker.checks` shows these as system checks, and every way of starting the
site calls `refuse_if_wrong()` first.
"""

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


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
    # Stop at the first thing that exists: a folder we can still make is fine.
    for part in (value, *value.parents):
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
    missing = [name for name in ("postgres", "initdb") if not (value / name).is_file()]
    if missing:
        raise ValueError(f"there is no {' and no '.join(missing)} in it")
    return value


def _host_names(value: str) -> str:
    for name in filter(None, (part.strip() for part in value.split(","))):
        if not re.fullmatch(r"\.?[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\]", name):
            raise ValueError(f"{name!r} is not a host name")
    return value


class Environment(BaseSettings):
    """The variables, their types, defaults and what each is for. An empty one counts as not set."""

    model_config = SettingsConfigDict(case_sensitive=True, extra="ignore", env_ignore_empty=True)

    PORT: int = Field(
        8000, ge=1, le=65535, description="Port of the pages and the API, on this machine only (loopback)."
    )
    TRACKER_DATA: Annotated[Path, AfterValidator(_usable_folder)] = Field(
        BASE_DIR / "var", description="Folder of the embedded servers' data, the logs, the secrets and the uploads."
    )
    DATABASE_URL: str = Field(
        "",
        pattern=r"^$|^postgres(ql)?://",
        description="A PostgreSQL (15 or later) to use instead of the embedded one; then no demo accounts and no seed letter.",
    )
    BROKER_URL: str = Field(
        "",
        pattern=r"^$|^(redis|rediss|redis\+socket)://",
        description="A Valkey or Redis to use instead of the embedded one, for tasks and for the cache.",
    )
    TIME_ZONE: Annotated[str, AfterValidator(_known_zone)] = Field(
        "America/New_York", description="The office's time zone: days begin at its midnight."
    )
    ALLOWED_HOSTS: Annotated[str, AfterValidator(_host_names)] = Field(
        "",
        description="Names the site is reached by through an HTTPS proxy, separated by commas. "
        "Setting it turns on secure cookies and HSTS.",
    )
    SECRET_KEY: str = Field(
        "",
        pattern=r"^$|^.{32,}$",
        description="Signs sessions. Unset: a random one kept in `secret-key` in the data folder.",
    )
    WEB_THREADS: int = Field(
        32, ge=1, le=256, description="Requests answered at the same time, and database connections kept."
    )
    SWEEP_MINUTES: int = Field(5, ge=1, le=1440, description="Minutes between two sweeps for what has become due.")
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much the logs say.")
    POSTGRES_BIN: Annotated[Path | None, AfterValidator(_has_postgres)] = Field(
        None,
        description="Folder of the `postgres` and `initdb` to run as embedded server. Unset: those of the installed wheel.",
    )


WAY_OUT = {
    "PORT": "Set it to a free port between 1 and 65535, or unset it for 8000.",
    "TRACKER_DATA": "Set it to a folder you may write to, or unset it for var/ beside manage.py.",
    "DATABASE_URL": "Write it as postgres://USER:PASSWORD@HOST:5432/NAME, or unset it to use the embedded PostgreSQL.",
    "BROKER_URL": "Write it as redis://HOST:6379/0 or redis+socket:///PATH, or unset it to use the embedded Valkey.",
    "TIME_ZONE": "Use an IANA name such as America/New_York or Europe/Berlin.",
    "ALLOWED_HOSTS": "Write host names separated by commas, without https:// and without a path: mail.example.gov,example.gov",
    "SECRET_KEY": "Use 32 or more random characters, or unset it to have one made in the data folder.",
    "WEB_THREADS": "Use a whole number between 1 and 256.",
    "SWEEP_MINUTES": "Use a whole number of minutes between 1 and 1440.",
    "LOG_LEVEL": "Use DEBUG, INFO, WARNING or ERROR.",
    "POSTGRES_BIN": "Set it to the folder that holds postgres and initdb, or unset it to use the installed wheel's.",
}


def masked(name: str, value: object) -> str:
    """`value` as it may be shown: keys and passwords in URLs become `***`."""
    if name == "SECRET_KEY":
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


def table() -> str:
    """The variables as the Markdown table that README carries."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Environment.model_fields.items():
        default = "`var`" if name == "TRACKER_DATA" else f"`{field.default}`" if field.default not in ("", None) else ""
        rows.append(f"| `{name}` | {default} | {field.description} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
