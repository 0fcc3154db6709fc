"""Finds and ends processes that an earlier run of the same data folder left behind.

Each child carries a mark in its environment, and so do its own children. A mark names the data
folder and the role, so it can be neither a stranger's nor another site's, as a bare number could.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

MARK = "LETTERS_RUN"


def mark(data: Path, role: str) -> str:
    """What the environment of a child of this role carries under `MARK`."""
    return f"{data}#{role}"


def marked(data: Path, role: str = "") -> Iterator[psutil.Process]:
    """Running processes of this data folder; of one role if one is given."""
    wanted = mark(data, role)
    for process in psutil.process_iter():
        try:
            found = process.environ().get(MARK, "")
        except (psutil.Error, OSError):
            continue  # ended meanwhile, or somebody else's
        if found == wanted if role else found.startswith(wanted):
            yield process


def end_leftovers(data: Path, role: str = "", *, seconds: float = 8) -> int:
    """Ends them, politely first. Returns how many there were."""
    found = list(marked(data, role))
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(found, timeout=seconds)
    # A program told to stop may have started another one meanwhile.
    stubborn = list({*stubborn, *marked(data, role)})
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=seconds)
    return len(found)
