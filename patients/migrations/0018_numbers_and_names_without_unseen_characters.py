"""Numbers and names without characters that nobody sees: `A-1` could be five different patients.

Where two rows of a site come to one number, both stay: the one already spelt so (else the older) keeps the number, the
others get a mark that can be seen, as in `A-1 [2]`, and the page System status asks a manager to decide. Nothing is
merged: they may be two people, and nothing is said twice to one who is (ADR 37).
"""

from collections import defaultdict
from typing import Any

from django.db import migrations

import patients.models.identity
from patients import characters

LONGEST = 64


def respell(apps: Any, _editor: Any) -> None:
    patients = apps.get_model("patients", "Patient").objects
    respell_names(patients, ("given_name", "family_name"))
    respell_names(apps.get_model("patients", "Contact").objects.exclude(name=""), ("name",))
    changed: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for pk, site, number in patients.order_by("pk").values_list("pk", "site", "number").iterator():
        spelt = characters.patient_number(number)
        if spelt != number:
            changed[site, spelt].append((pk, number))
    for (site, spelt), rows in changed.items():
        for pk, _number in rows:
            patients.filter(pk=pk).update(number=free(patients, site, spelt))


def respell_names(rows: Any, fields: tuple[str, ...]) -> None:
    for pk, *names in rows.values_list("pk", *fields).iterator():
        spelt = [characters.person_name(name) for name in names]
        if spelt != names:
            rows.filter(pk=pk).update(**dict(zip(fields, spelt, strict=True)))


def free(patients: Any, site: int, number: str) -> str:
    """This number, or the next one with a mark that can be seen."""
    number, n = number or "without a number", 1
    spelt = number
    while patients.filter(site=site, number=spelt).exists():
        n += 1
        mark = f" [{n}]"
        spelt = number[: LONGEST - len(mark)] + mark
    return spelt


class Migration(migrations.Migration):
    dependencies = [("patients", "0017_local_hour_of_visits")]

    operations = [
        migrations.RunPython(respell, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="patient",
            name="number",
            field=patients.models.identity.PatientNumberField(
                help_text="The clinic's own number (MRN).", max_length=64, verbose_name="patient number"
            ),
        ),
        migrations.AlterField(
            model_name="patient", name="given_name", field=patients.models.identity.PersonNameField(max_length=80)
        ),
        migrations.AlterField(
            model_name="patient", name="family_name", field=patients.models.identity.PersonNameField(max_length=80)
        ),
        migrations.AlterField(
            model_name="contact",
            name="name",
            field=patients.models.identity.PersonNameField(
                blank=True, help_text="The caregiver's name.", max_length=120
            ),
        ),
    ]
