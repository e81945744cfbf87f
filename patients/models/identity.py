"""Columns of patient numbers and names, kept without characters that nobody sees."""

from typing import Any

from django.db import models

from patients import characters


class PatientNumberField(models.CharField):  # type: ignore[type-arg]  # fields cannot be subscripted at run time
    """A patient number in one spelling, for writing and for look-ups."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return characters.patient_number(value) if isinstance(value, str) else value


class PersonNameField(models.CharField):  # type: ignore[type-arg]
    """A name with each letter that was typed, and nothing unseen."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return characters.person_name(value) if isinstance(value, str) else value
