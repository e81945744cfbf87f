"""Two patient numbers may be merged that both have an operation on one day, where the plans of both ended."""

from django.db import migrations, models
from django.db.models import Q

NAME, SENTENCE = (
    "one_surgery_per_patient_and_day",
    "This patient already has an operation on that day. Open that one instead.",
)


class Migration(migrations.Migration):
    dependencies = [("patients", "0014_merged_patients")]

    operations = [
        migrations.RemoveConstraint(model_name="surgery", name=NAME),
        migrations.AddConstraint(
            model_name="surgery",
            constraint=models.UniqueConstraint(
                fields=["patient", "date"],
                condition=Q(cancelled_at=None, ended_at=None),
                name=NAME,
                violation_error_message=SENTENCE,
            ),
        ),
    ]
