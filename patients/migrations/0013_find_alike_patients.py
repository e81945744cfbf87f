"""What finds somebody who is registered already: the birth date, and the number without zeros and separators."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0012_hours_for_visits"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="compact_number",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Replace(
                    django.db.models.functions.text.Replace(
                        django.db.models.functions.text.Replace(
                            django.db.models.functions.text.Replace(
                                django.db.models.functions.text.Replace(
                                    django.db.models.functions.text.Replace(
                                        django.db.models.functions.text.Lower(models.F("number")), models.Value(" ")
                                    ),
                                    models.Value("-"),
                                ),
                                models.Value("."),
                            ),
                            models.Value("/"),
                        ),
                        models.Value("_"),
                    ),
                    models.Value("0"),
                ),
                output_field=models.CharField(max_length=64),
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["site", "birth_date"], name="patient_by_birth_date"),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["site", "compact_number"], name="patient_by_compact_number"),
        ),
    ]
