"""What was done to a visit is kept, so that it can be undone; a visit that is not needed is not a cancelled one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WHY = "Cancelled before a reason was asked for."


def not_needed(apps, _schema_editor):
    """Cancelled by hand, while its operation stood: nothing called for it, and nothing begins to."""
    check_ups = apps.get_model("patients", "CheckUp").objects
    by_hand = check_ups.filter(state="cancelled", surgery__cancelled_at=None, surgery__patient__status="active")
    check_ups.filter(pk__in=list(by_hand.values_list("pk", flat=True))).update(state="not_needed", not_needed_why=WHY)


def cancelled(apps, _schema_editor):
    check_ups = apps.get_model("patients", "CheckUp").objects
    check_ups.filter(state="not_needed").update(state="cancelled")


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0010_calendar_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("moved", "Moved"),
                            ("confirmed", "Confirmed"),
                            ("attended", "Attended"),
                            ("missed", "Missed"),
                            ("freed", "Freed"),
                            ("not_needed", "not needed"),
                            ("undone", "Undone"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("number", models.PositiveIntegerField(help_text="The visit's `revision` once this was done.")),
                (
                    "was_state",
                    models.CharField(
                        choices=[
                            ("due", "not booked"),
                            ("booked", "Booked"),
                            ("confirmed", "Confirmed"),
                            ("attended", "Attended"),
                            ("missed", "Missed"),
                            ("not_needed", "not needed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=10,
                    ),
                ),
                ("was_booked_for", models.DateTimeField(null=True)),
                ("was_bookings", models.PositiveSmallIntegerField()),
                ("was_why", models.CharField(blank=True, max_length=200)),
                ("bookings", models.PositiveSmallIntegerField(help_text="The visit's `bookings` once this was done.")),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="checkup",
            name="check_up_state_is_known",
        ),
        migrations.AddField(
            model_name="checkup",
            name="not_needed_why",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="checkup",
            name="revision",
            field=models.PositiveIntegerField(
                default=0, help_text="Rises with every change, also with one that is undone."
            ),
        ),
        migrations.AlterField(
            model_name="checkup",
            name="bookings",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Number of the booking in force; each has its own."
            ),
        ),
        migrations.AlterField(
            model_name="checkup",
            name="state",
            field=models.CharField(
                choices=[
                    ("due", "not booked"),
                    ("booked", "Booked"),
                    ("confirmed", "Confirmed"),
                    ("attended", "Attended"),
                    ("missed", "Missed"),
                    ("not_needed", "not needed"),
                    ("cancelled", "Cancelled"),
                ],
                default="due",
                max_length=10,
            ),
        ),
        migrations.RunPython(not_needed, cancelled),
        migrations.AddConstraint(
            model_name="checkup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["due", "booked", "confirmed", "attended", "missed", "not_needed", "cancelled"])
                ),
                name="check_up_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "not_needed"), _negated=True),
                    models.Q(("not_needed_why", ""), _negated=True),
                    _connector="OR",
                ),
                name="not_needed_check_up_says_why",
            ),
        ),
        migrations.AddField(
            model_name="visitchange",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="visitchange",
            name="check_up",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="patients.checkup"
            ),
        ),
        migrations.AddConstraint(
            model_name="visitchange",
            constraint=models.UniqueConstraint(fields=("check_up", "number"), name="one_visit_change_per_number"),
        ),
        migrations.AddConstraint(
            model_name="visitchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["booked", "moved", "confirmed", "attended", "missed", "freed", "not_needed", "undone"],
                    )
                ),
                name="visit_change_kind_is_known",
            ),
        ),
    ]
