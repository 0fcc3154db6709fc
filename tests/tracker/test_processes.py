"""What the tests start does not outlive them: a killed run once left two beats behind that rang for ever."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.tracker.processes import ROOT, environment, started, wait_for

RUN = """
import sys, time
from tests.tracker.processes import started
child = started([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(300)
"""


def test_what_a_killed_run_had_started_dies_with_it():
    run = started([sys.executable, "-c", RUN], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(run.stdout.readline()))
    assert child.is_running()
    run.send_signal(signal.SIGKILL)
    run.communicate()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10, "the child is gone")


def test_tests_start_processes_in_this_way_only():
    found = {
        str(path.relative_to(ROOT))
        for path in Path(ROOT / "tests").rglob("*.py")
        if re.search(r"subprocess\.Popen\(", path.read_text()) and path.name != Path(__file__).name
    }
    # ends when its standard input does; the program that takes pictures passes --stop-with-parent
    assert found - {"tests/tracker/test_embedded.py", "tests/screenshots.py"} == {"tests/tracker/processes.py"}
