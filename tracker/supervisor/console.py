"""What the person who started the site sees."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Refused(Exception):
    """The site cannot start or go on. The message is a sentence with the way out."""


def say(text: str = "", *, end: str = "\n") -> None:
    """Prints at once, so that a log or a pipe sees each step as it happens. Nobody listening is no error."""
    try:
        print(text, end=end, flush=True)
    except OSError:
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115 - for the rest of the process


@contextmanager
def step(name: str) -> Iterator[None]:
    """Prints the step's name, and the seconds it took once it is done."""
    started = time.monotonic()
    say(f"  {name:<28}", end="")
    try:
        yield
    except BaseException:
        say(" stopped")
        raise
    say(f" {time.monotonic() - started:5.1f} s")


def tail(path: Path, lines: int = 15) -> str:
    """The end of a log, indented, to be shown below a sentence about it."""
    try:
        found = path.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return "    (no log)"
    return "\n".join(f"    | {line}" for line in found) or "    (an empty log)"
