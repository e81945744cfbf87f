"""The times a visit has had, so that what a patient was told is corrected. What was booked before is its number 0."""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

AT_ONCE = 2_000
KEEPS_ITS_TIME = ["booked", "confirmed", "attended", "missed"]


def begin_with_what_is_booked(apps, schema_editor):
    """No word goes out for these: only for what changes from here on."""
    visits, changes = (
        apps.get_model("patients", "CheckUp").objects,
        apps.get_model("reminders", "VisitTimeChange").objects,
    )
    alias, now, made = schema_editor.connection.alias, timezone.now(), []
    for visit in visits.using(alias).filter(bookings__gt=0).iterator(AT_ONCE):
        starts = visit.booked_for if visit.state in KEEPS_ITS_TIME else None
        facts = {"check_up_id": visit.pk, "number": 0, "at": now, "starts": starts}
        facts |= {"bookings": visit.bookings, "offset": visit.bookings}
        made.append(changes.model(**facts))
    changes.using(alias).bulk_create(made, batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0009_address_of_a_site"),
        ("reminders", "0011_attempts_to_call"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reminder",
            name="step_code",
            field=models.SlugField(help_text="Stays the same from version to version.", max_length=70),
        ),
        migrations.AlterField(
            model_name="step",
            name="code",
            field=models.SlugField(max_length=70),
        ),
        migrations.CreateModel(
            name="VisitTimeChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.PositiveIntegerField(help_text="Counts from 1; 0: as it was before changes were kept."),
                ),
                ("at", models.DateTimeField(help_text="When it was changed.")),
                ("starts", models.DateTimeField(blank=True, help_text="Empty: it does not take place.", null=True)),
                ("bookings", models.PositiveSmallIntegerField(help_text="The number of the booking then.")),
                (
                    "offset",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Added to the number in calendar entries, which counted bookings before.",
                    ),
                ),
                (
                    "was",
                    models.DateTimeField(
                        blank=True, help_text="The time the patient may have been told before.", null=True
                    ),
                ),
                (
                    "check_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="time_changes", to="patients.checkup"
                    ),
                ),
            ],
            options={
                "ordering": ["check_up", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("check_up", "number"), name="one_time_change_per_number")
                ],
            },
        ),
        migrations.RunPython(begin_with_what_is_booked, migrations.RunPython.noop),
    ]
