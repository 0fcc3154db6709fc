from django.db import migrations

# Lists say more than once that an item is open: counted, open, and its clock runs. PostgreSQL takes each for another
# condition and multiplies, so that among a million items it looked for two open ones where there were twenty thousand,
# and walked all agencies for each. With the statuses of each role known together it counts them once: the queries of
# /dashboard/, of its tables and of the headline, which join open items to their asks and letters.
KNOWN = "CREATE STATISTICS letters_tasking_open (mcv) ON role, status FROM letters_tasking"
FORGOTTEN = "DROP STATISTICS letters_tasking_open"


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0009_taken_back_asks_nothing"),
    ]

    operations = [
        # neither reads nor writes of others wait for this; an index that is being made, or a VACUUM, would
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        migrations.RunSQL(KNOWN, FORGOTTEN),
        # a sample, taken in a second; without it they are known from the next round of autovacuum on
        migrations.RunSQL("ANALYZE letters_tasking", migrations.RunSQL.noop),
    ]
