"""The audit table, and the triggers that let nothing in it be changed or deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from patients import audit_guard


def guard(_apps, schema_editor):
    audit_guard.set_up(schema_editor.connection)


class Migration(migrations.Migration):
    """It does not go back: that would delete who did what."""

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("patients", "0005_mailboxes_in_one_spelling"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("object_id", models.BigIntegerField()),
                ("verb", models.CharField(max_length=80)),
                ("details", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "content_type",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_entries",
                        to="patients.patient",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_entries",
                        to="patients.site",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "indexes": [
                    models.Index(fields=["site", "at", "id"], name="audit_by_site"),
                    models.Index(fields=["patient", "at", "id"], name="audit_by_patient"),
                    models.Index(fields=["content_type", "object_id", "at", "id"], name="audit_by_row"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verb", ""), _negated=True), name="audit_entry_has_a_verb"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("patient__isnull", True), ("site__isnull", False), _connector="OR"),
                        name="audit_of_a_patient_has_a_site",
                    ),
                ],
            },
        ),
        migrations.RunPython(guard),
    ]
