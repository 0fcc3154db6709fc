from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    # in a transaction of its own: whoever writes goes on while the rows are read
    dependencies = [
        ("letters", "0012_files_taken_back"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        ValidateConstraint(model_name="attachment", name="attachment_in_error_has_reason"),
        ValidateConstraint(model_name="event", name="event_kind_known"),
    ]
