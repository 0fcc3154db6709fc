"""What it costs that the feed loses nothing: events committed a second by 8 writers.

Each writer commits event after event inside the server (a DO block), so that no client is measured. A: with
`place_in_feed`, which numbers entries at commit under a lock. B: without it, and so without any feed. Once where a
commit need not reach the disk, which shows the trigger's own cost, and once where it must, as in production: there
the lock is held until the disk has answered, so that commits of the feed reach it one by one.
"""

import statistics
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import connection

from bench import _ground as ground
from bench._load import load

WRITERS = 8
COMMITS = 150  # of each writer in a round
ROUNDS = 5
WRITE = """DO $$
DECLARE of_letter uuid := (SELECT id FROM letters_letter ORDER BY id OFFSET {writer} LIMIT 1);
BEGIN
    FOR i IN 1..{commits} LOOP
        INSERT INTO letters_event (id, kind, occurred_at, recorded_at, letter_id, by_process, from_status, to_status, reason, payload)
        VALUES (gen_random_uuid(), 'note_added', now(), now(), of_letter, 'setup', '', '', '', '{{}}');
        COMMIT;
    END LOOP;
END $$"""


def commits_a_second(pool: ThreadPoolExecutor, lines: list[psycopg.Connection]) -> float:
    """Of all writers together."""
    statements = [WRITE.format(writer=number, commits=COMMITS) for number in range(WRITERS)]
    took = ground.timed(lambda: list(pool.map(lambda line, words: line.execute(words), lines, statements)))
    return WRITERS * COMMITS / took * 1000


def rates() -> tuple[float, float]:
    """With the trigger and without it, in turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_place_in_feed%'")
        ((trigger,),) = cursor.fetchall()
    taken: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    lines = [psycopg.connect(ground.dsn(), autocommit=True) for _ in range(WRITERS)]
    for line in lines:
        line.execute("""SELECT set_config('pghistory.context_metadata', '{"process": "setup"}', false)""")
    with ThreadPoolExecutor(WRITERS) as pool:
        for number in range(ROUNDS + 1):
            for word, times in taken.items():
                ground.sql(f'ALTER TABLE letters_event {word} TRIGGER "{trigger}"')
                rate = commits_a_second(pool, lines)
                if number:
                    times.append(rate)
    for line in lines:
        line.close()
    return statistics.median(taken["ENABLE"]), statistics.median(taken["DISABLE"])


def main() -> None:
    load(1000)
    ground.title(f"Events a second, {WRITERS} writers at once. A: with a place in the feed. B: without.")
    ground.line("commits need not reach the disk", *rates(), unit="a second")
    ground.make_durable()
    ground.line("commits reach the disk, as in production", *rates(), unit="a second")


if __name__ == "__main__":
    main()
