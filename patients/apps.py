from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from patients import audit_guard


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self) -> None:
        post_migrate.connect(guard_audit, sender=self)


def guard_audit(using: str, **kwargs: Any) -> None:
    """PostgreSQL keeps the triggers of its migration; SQLite loses them whenever it builds the table anew."""
    if connections[using].vendor == "sqlite":
        audit_guard.set_up(connections[using])
