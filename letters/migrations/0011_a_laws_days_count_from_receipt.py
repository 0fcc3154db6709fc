from django.db import migrations, models

# Only what the field says of itself: no statement reaches the database.
DAYS = models.PositiveSmallIntegerField(help_text="Calendar days from receipt of the letter.")


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0010_what_is_open_is_known_to_the_planner"),
    ]

    operations = [
        migrations.AlterField(model_name=model, name="days", field=DAYS)
        for model in ("statutoryclock", "statutoryclockhistory")
    ]
