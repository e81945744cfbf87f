"""The day a message would lie on if the site allowed any number of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0005_notices_ranges_answers_and_contradictions"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="moved_from",
            field=models.DateField(
                blank=True, help_text="The day it would lie on without the site's limit of messages.", null=True
            ),
        ),
    ]
