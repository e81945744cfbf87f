"""Either name may be empty, for people who have one; both may not."""

from django.db import migrations, models
from django.db.models import F, Q

import patients.models.identity
from patients.models.patient import NAMELESS


def name_the_nameless(apps, _editor):  # type: ignore[no-untyped-def]
    """Names of unseen characters alone were emptied before: such a row is called by its number."""
    apps.get_model("patients", "Patient").objects.filter(given_name="", family_name="").update(family_name=F("number"))


class Migration(migrations.Migration):
    dependencies = [("patients", "0018_numbers_and_names_without_unseen_characters")]

    operations = [
        migrations.AlterField(
            model_name="patient",
            name="given_name",
            field=patients.models.identity.PersonNameField(blank=True, max_length=80),
        ),
        migrations.AlterField(
            model_name="patient",
            name="family_name",
            field=patients.models.identity.PersonNameField(blank=True, max_length=80),
        ),
        migrations.RunPython(name_the_nameless, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=~Q(family_name="", given_name=""),
                name="patient_has_a_name",
                violation_error_message=NAMELESS,
            ),
        ),
    ]
