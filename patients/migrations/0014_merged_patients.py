"""A patient number that was merged into another one: the status, and where it leads."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0013_find_alike_patients"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="patient",
            name="patient_status_is_known",
        ),
        migrations.AddField(
            model_name="patient",
            name="merged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="merged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                help_text="The number that stayed; never one that was merged itself.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged_numbers",
                to="patients.patient",
            ),
        ),
        migrations.AlterField(
            model_name="patient",
            name="status",
            field=models.CharField(
                choices=[
                    ("active", "Active"),
                    ("transferred", "Transferred"),
                    ("deceased", "Deceased"),
                    ("merged", "merged into another number"),
                ],
                default="active",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "transferred", "deceased", "merged"])),
                name="patient_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at__isnull", False), ("merged_into__isnull", False), ("status", "merged")),
                    models.Q(models.Q(("status", "merged"), _negated=True), ("merged_into", None)),
                    _connector="OR",
                ),
                name="merged_patient_leads_to_another",
            ),
        ),
    ]
