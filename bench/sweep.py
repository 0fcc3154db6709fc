"""Does a sweep cost what is due, or what is stored?

The same 1,000 items fall due among a hundredth of the stored ones and among all of them; of the others one in five is
open, and none of these has to be looked at before some later day. Each round moves the 1,000 dates by a day, so that
they fall due again. A: all. B: a hundredth.
"""

import tracemalloc

from bench import _ground as ground
from bench._load import load
from letters.domain.clocks import office_today
from letters.reminders.sweep import sweep

DUE = 1000
TARGET = 1.5
ROUNDS = 5
SMALL, LARGE = "small", "large"


def fall_due(name: str) -> None:
    """Give the 1,000 a date that no sweep has seen. Not timed."""
    today = office_today()
    with ground.without_triggers():
        moved = ground.sql(
            """UPDATE letters_tasking SET due_on = due_on - 1, past_due_recorded = NULL, check_on = '0001-01-01'
               WHERE id IN (SELECT id FROM bench_due) RETURNING due_on < %s""",
            today,
        )
    assert moved == [(True,)] * DUE, f"{name}: {len(moved)} items fall due"


def make(name: str, size: int) -> None:
    """A database of this size with the items that will fall due; the others have nothing to fire."""
    ground.copy_database(name)
    with ground.database(name):
        load(size)
        ground.sql(
            f"""CREATE TABLE bench_due AS SELECT id, row_number() OVER (ORDER BY id) AS place FROM letters_tasking
                WHERE role = 'lead' AND status IN ('awaiting', 'acknowledged', 'considering', 'partly_addressed')
                  AND NOT EXISTS (SELECT 1 FROM letters_answer WHERE tasking_id = letters_tasking.id)
                ORDER BY id LIMIT {DUE}"""
        )
        with ground.without_triggers():
            ground.sql(
                """UPDATE letters_tasking SET due_on = current_date - 1 - (place % 20)::int
                   FROM bench_due WHERE bench_due.id = letters_tasking.id"""
            )
            ground.sql("DELETE FROM letters_reminder WHERE tasking_id IN (SELECT id FROM bench_due)")
        ground.sql("VACUUM ANALYZE")


def swept() -> None:
    """One sweep, which must find exactly what fell due."""
    done = sweep()
    assert (done.past_due, done.reminders >= DUE) == (DUE, True), done.words()


def main() -> None:
    sizes = {LARGE: ground.SIZE, SMALL: max(ground.SIZE // 100, 10_000)}
    for name, size in sizes.items():
        make(name, size)
    taken: dict[str, list[float]] = {LARGE: [], SMALL: []}
    peaks, idle = {}, {}
    for _ in range(ROUNDS):
        for name, times in taken.items():
            with ground.database(name):
                fall_due(name)
                times.append(ground.timed(swept))
    for name in sizes:
        with ground.database(name):
            (idle[name],) = ground.medians(sweep, rounds=ROUNDS)
            fall_due(name)
            tracemalloc.start()
            swept()
            peaks[name] = tracemalloc.get_traced_memory()[1] / 1024
            tracemalloc.stop()
    ground.title(f"A sweep. A: {sizes[LARGE]:,} items stored. B: {sizes[SMALL]:,}.")
    middle = {name: ground.statistics.median(times) for name, times in taken.items()}
    ground.line(f"{DUE:,} fall due", middle[LARGE], middle[SMALL], target=TARGET)
    ground.line("nothing falls due", idle[LARGE], idle[SMALL])
    ground.line(f"{DUE:,} fall due: peak of memory", peaks[LARGE], peaks[SMALL], target=TARGET, unit="KB")


if __name__ == "__main__":
    main()
