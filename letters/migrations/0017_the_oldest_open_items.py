from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OPEN_LEAD = models.Q(
    ("role", "lead"),
    ("status__in", ("awaiting", "acknowledged", "considering", "clarification", "partly_addressed", "promised")),
)


class Migration(migrations.Migration):
    # items are written all day: building the indexes must not stop them
    atomic = False

    dependencies = [
        ("letters", "0016_ends_stay_proved"),
    ]

    # Since 0015 PostgreSQL had an index of every item by the day it was touched, and walked all of it for the three open
    # ones of an agency that nobody has touched for 90 days: two seconds of the dashboard, where a million are stored.
    operations = [
        AddIndexConcurrently(
            model_name="tasking",
            index=models.Index(fields=["touched_at", "id"], condition=OPEN_LEAD, name="tasking_open_touched"),
        ),
        AddIndexConcurrently(
            model_name="tasking",
            index=models.Index(
                models.OrderBy(models.F("asked_on"), nulls_last=True),
                models.F("id"),
                condition=OPEN_LEAD,
                name="tasking_open_asked",
            ),
        ),
    ]
