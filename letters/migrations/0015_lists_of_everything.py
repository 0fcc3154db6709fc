from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # letters and items are written all day: building the indexes must not stop them
    atomic = False

    dependencies = [
        ("letters", "0014_the_day_of_sending_is_corrected"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="letter",
            index=models.Index(
                models.OrderBy(models.F("sent_on"), descending=True),
                models.F("id"),
                condition=models.Q(("released_at__isnull", False), ("state", "sent")),
                name="letter_released",
            ),
        ),
        AddIndexConcurrently(
            model_name="tasking",
            index=models.Index(fields=["touched_at", "id"], name="tasking_by_touched"),
        ),
        AddIndexConcurrently(
            model_name="tasking",
            index=models.Index(
                models.OrderBy(models.F("asked_on"), nulls_last=True),
                models.F("id"),
                name="tasking_by_asked",
            ),
        ),
        AddIndexConcurrently(
            model_name="tasking",
            index=models.Index(fields=["owner"], name="tasking_of_owner"),
        ),
    ]
