"""Patients are found by the words of their names; see patients.models.search_index and ADR 47."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from patients import name_folding

CHUNK = 2_000


def index_names(apps: Any, _editor: Any) -> None:
    models_of = {name: apps.get_model("patients", name) for name in ("Patient", "SearchWord", "PatientWord")}
    known: set[str] = set()
    last = 0
    while rows := list(
        models_of["Patient"]
        .objects.filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", "given_name", "family_name")[:CHUNK]
    ):
        pairs = [(key, word) for key, *names in rows for word in sorted(name_folding.words_of(*names))]
        new = sorted({word for _, word in pairs} - known)
        models_of["SearchWord"].objects.bulk_create(
            models_of["SearchWord"](word, *name_folding.halves(word)) for word in new
        )
        models_of["PatientWord"].objects.bulk_create(
            models_of["PatientWord"](patient_id=key, word=word) for key, word in pairs
        )
        known.update(new)
        last = rows[-1][0]


class Migration(migrations.Migration):
    dependencies = [("patients", "0020_regions_and_holidays")]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(max_length=180, primary_key=True, serialize=False)),
                ("first_half", models.CharField(db_index=True, max_length=180)),
                ("second_half", models.CharField(db_index=True, max_length=180)),
            ],
        ),
        migrations.CreateModel(
            name="PatientWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=180)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_words",
                        to="patients.patient",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="patientword",
            constraint=models.UniqueConstraint(fields=("word", "patient"), name="one_row_per_word_of_a_patient"),
        ),
        migrations.RunPython(index_names, migrations.RunPython.noop),
    ]
