"""What is heard of one patient gathers in one alert, staff are told of it, and a check-in may be told by phone."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def what_raised_them(apps: Any, _editor: Any) -> None:
    """Each alert so far was raised by what stands in it."""
    cause, alerts = apps.get_model("reminders", "Cause"), apps.get_model("reminders", "Alert").objects
    rows = alerts.values_list("pk", "reply_id", "check_in_id", "level", "signs", "raised_at")
    names = ("alert_id", "reply_id", "check_in_id", "level", "signs", "heard_at")
    cause.objects.bulk_create((cause(**dict(zip(names, row, strict=True))) for row in rows.iterator()), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_facts_that_pace_a_plan"),
        ("reminders", "0006_the_budget_of_messages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Cause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("E", "emergency: told to seek help at once"),
                            ("D", "same-day call by the team"),
                            ("R", "reception's list"),
                        ],
                        max_length=1,
                    ),
                ),
                ("signs", models.JSONField(default=list)),
                ("heard_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["heard_at", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="alert",
            name="one_alert_per_reply_and_level",
        ),
        migrations.RemoveConstraint(
            model_name="alert",
            name="one_alert_per_check_in_and_level",
        ),
        migrations.AddField(
            model_name="alert",
            name="tell_at",
            field=models.DateTimeField(
                blank=True, help_text="When to e-mail the staff responsible, or try again. Empty: done.", null=True
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="tellings",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="How often staff had to be told: when raised, and when raised to class E.",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="told_at",
            field=models.DateTimeField(blank=True, help_text="When staff were last e-mailed.", null=True),
        ),
        migrations.AddField(
            model_name="checkin",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Who took the answers.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="checkin",
            name="reminder",
            field=models.OneToOneField(
                blank=True,
                help_text="The reminder that asked.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="check_in",
                to="reminders.reminder",
            ),
        ),
        migrations.AlterField(
            model_name="checkin",
            name="via",
            field=models.CharField(
                blank=True,
                choices=[("sms", "by text"), ("page", "on the patient's page"), ("phone", "told by phone")],
                max_length=5,
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("tell_at__isnull", False)), fields=["tell_at"], name="alert_to_tell"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reply__isnull", False)), fields=("reply",), name="one_alert_per_reply"
            ),
        ),
        migrations.AddField(
            model_name="cause",
            name="alert",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="causes", to="reminders.alert"
            ),
        ),
        migrations.AddField(
            model_name="cause",
            name="check_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="reminders.checkin",
            ),
        ),
        migrations.AddField(
            model_name="cause",
            name="reply",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="cause",
                to="reminders.reply",
            ),
        ),
        migrations.RunPython(what_raised_them, migrations.RunPython.noop),
    ]
