"""When a site sees patients, how long, and how many at once."""

import datetime

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0011_visit_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="visit_minutes",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="How long a visit takes. A free time is proposed every so many minutes.",
                validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(480)],
                verbose_name="minutes of a visit",
            ),
        ),
        migrations.AddField(
            model_name="site",
            name="visits_at_once",
            field=models.PositiveSmallIntegerField(
                default=1,
                help_text="How many patients can be seen at the same time: one for each surgeon or room. What is more is booked with a warning.",
                validators=[django.core.validators.MinValueValidator(1)],
            ),
        ),
        migrations.AddField(
            model_name="site",
            name="visits_close",
            field=models.TimeField(
                default=datetime.time(17, 0),
                help_text="The last visit of a day ends by then.",
                verbose_name="visits until",
            ),
        ),
        migrations.AddField(
            model_name="site",
            name="visits_open",
            field=models.TimeField(
                default=datetime.time(9, 0),
                help_text="The first visit of a day begins then.",
                verbose_name="visits from",
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(("visits_open__lt", models.F("visits_close"))),
                name="visits_open_before_close",
                violation_error_message="Visits must begin before they end, such as from 09:00 until 17:00.",
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(("visit_minutes__gte", 5), ("visits_at_once__gte", 1)),
                name="visits_take_time_and_room",
                violation_error_message="A visit takes at least 5 minutes, and at least one patient is seen at once.",
            ),
        ),
    ]
