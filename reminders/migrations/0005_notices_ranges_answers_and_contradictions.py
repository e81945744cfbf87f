"""Events of the provider's error log, held ranges of numbers, answers said back, reports against an end."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_delivery_contract"),
        ("reminders", "0004_a_plan_of_ones_own"),
    ]

    operations = [
        migrations.CreateModel(
            name="HeldRange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefix", models.CharField(max_length=16, unique=True)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sid", models.CharField(max_length=64, unique=True)),
                ("code", models.PositiveIntegerField()),
                ("level", models.CharField(max_length=16)),
                (
                    "message_id",
                    models.CharField(blank=True, help_text="Of the message it is about, if it is.", max_length=64),
                ),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-received_at"],
            },
        ),
        migrations.CreateModel(
            name="SaidBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "automatic answers",
            },
        ),
        migrations.AddField(
            model_name="report",
            name="is_against",
            field=models.BooleanField(
                db_default=False, default=False, help_text="It came after the message had another final result (T19)."
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(condition=models.Q(("is_against", True)), fields=["received_at"], name="report_against"),
        ),
        migrations.AddField(
            model_name="saidback",
            name="contact",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="patients.contact",
            ),
        ),
        migrations.AddField(
            model_name="saidback",
            name="site",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="patients.site"
            ),
        ),
        migrations.AddIndex(
            model_name="saidback",
            index=models.Index(fields=["contact", "at"], name="said_back_by_contact"),
        ),
        migrations.AddIndex(
            model_name="saidback",
            index=models.Index(fields=["site", "at"], name="said_back_by_site"),
        ),
    ]
