"""What does a report cost for each item in it, and how much memory?

The same list of all open items, of 20,000 (A) and of 2,000 (B), each among five times as many stored. A workbook with
real tables is held while it is written, so memory grows with the list; it is bounded by the most a report may have.
"""

import resource
import time
import tracemalloc

from bench import _ground as ground
from bench._load import load
from letters.domain import reporting
from letters.models import Report, User
from letters.report_maker import make_reports

OPEN = {"large": 20_000, "small": 2_000}
TARGET = 1.5


def made() -> Report:
    """One report of one's own, of every open item of every letter."""
    report = reporting.ask_for_list(
        by=User.objects.filter(role="manager").first() or User.objects.first(), query="ours=all", about=""
    )
    make_reports()
    report.refresh_from_db()
    assert report.state == "done", report.error
    return report


def main() -> None:
    seconds, peaks, rows = {}, {}, {}
    for name, size in OPEN.items():
        ground.copy_database(name)
        with ground.database(name):
            load(5 * size, open_taskings=size)
            ground.sql("VACUUM ANALYZE")
            made()
            began = time.perf_counter()
            rows[name] = made().rows_done or 1
            seconds[name] = time.perf_counter() - began
            tracemalloc.start()
            made()
            peaks[name] = tracemalloc.get_traced_memory()[1] / 1024
            tracemalloc.stop()
    ground.title(f"A report. A: {rows['large']:,} items. B: {rows['small']:,}.")
    each = {name: 1000 * seconds[name] / rows[name] for name in OPEN}
    ground.line("each item", each["large"], each["small"], target=TARGET)
    ground.line("peak of memory", peaks["large"], peaks["small"], unit="KB")
    ground.line("in all", 1000 * seconds["large"], 1000 * seconds["small"])
    print(f"  the whole process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
