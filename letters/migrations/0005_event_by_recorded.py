from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # events are written all day: building the index must not stop them
    atomic = False

    dependencies = [
        ("letters", "0004_last_looks"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                condition=models.Q(("tasking__isnull", False)), fields=["recorded_at"], name="event_by_recorded"
            ),
        ),
    ]
