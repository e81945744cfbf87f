"""Of some people only the year or the month of birth is known; see patients.birth_dates."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0021_words_that_patients_are_found_by")]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="birth_known",
            field=models.CharField(
                choices=[("day", "day"), ("month", "month"), ("year", "year")],
                default="day",
                help_text="How much of the date of birth is known.",
                max_length=5,
                verbose_name="known of the date of birth",
            ),
        ),
        migrations.AlterField(
            model_name="patient",
            name="birth_date",
            field=models.DateField(help_text="Where only month or year are known, the first day that it can be."),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("birth_known__in", ["day", "month", "year"])), name="birth_known_is_known"
            ),
        ),
    ]
