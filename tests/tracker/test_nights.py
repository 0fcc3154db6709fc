"""When and where the nightly backup is made."""

import datetime as dt
import itertools
import os
import re
import subprocess

import pytest

from tests.tracker.test_deploy import DEPLOY, example, unit


# of each zone a day before its clocks go forward, and a day before they go back
@pytest.mark.parametrize(
    ("zone", "before"),
    [
        (zone, before)
        for zone, *nights in (
            ("America/New_York", "2027-03-13", "2027-11-06"),
            ("Europe/Berlin", "2027-03-27", "2027-10-30"),
            ("America/Santiago", "2027-09-04", "2027-04-03"),
            ("Pacific/Auckland", "2027-09-25", "2027-04-03"),
        )
        for before in nights
    ],
)
def test_no_night_is_without_a_backup_when_clocks_change(zone, before):
    """Asked of systemd's own tool. What is later than 26 hours is called a fault (`silence`)."""
    timer = (DEPLOY / "systemd" / "letters-backup.timer").read_text()
    (when,) = re.findall(r"^OnCalendar=(.+)$", timer, re.M)
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=3", f"--base-time={before} 00:00:00", when],
        env=os.environ | {"TZ": zone}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    at = [dt.datetime.fromisoformat(f"{one}+00:00") for one in re.findall(r"\(in UTC\): \w+ (.+) UTC", done.stdout)]
    hours = [(later - earlier) / dt.timedelta(hours=1) for earlier, later in itertools.pairwise(at)]
    assert (len(hours), sorted(hours)[-1] <= 25, 24 in hours, hours != [24, 24]) == (2, True, True, True), done.stdout


def test_the_backup_may_write_to_the_folder_that_the_example_names():
    """A folder that is missing is the command's to tell: a unit that does not start tells the site nothing."""
    assert unit("backup")["Service"]["ReadWritePaths"] == f"-{example()['BACKUP_DIR']}"
