from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from reminders.plan import signed_guard


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self) -> None:
        pre_migrate.connect(lift_seal, sender=self)
        post_migrate.connect(set_seal, sender=self)


def lift_seal(using: str, **kwargs: Any) -> None:
    """SQLite alters a table by building it anew, which a trigger that names it would stop."""
    if connections[using].vendor == "sqlite":
        signed_guard.lift(connections[using])


def set_seal(using: str, **kwargs: Any) -> None:
    if connections[using].vendor == "sqlite":
        signed_guard.set_up(connections[using])
