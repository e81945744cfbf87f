"""What the limits of messages moved, and the channels they were counted for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0005_notices_ranges_answers_and_contradictions"),
    ]

    operations = [
        migrations.AddField(
            model_name="careplan",
            name="channels",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The patient's channels when the plan was last computed.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="moved_from",
            field=models.DateField(
                blank=True, help_text="The day it would have without the site's limit of messages.", null=True
            ),
        ),
    ]
