"""Django's `flush`. On SQLite, where it deletes row by row, the guards on signed versions and the audit are lifted."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from patients import audit_guard
from reminders.plan import signed_guard


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        with signed_guard.lifted_on_sqlite(connection), audit_guard.lifted_on_sqlite(connection):
            super().handle(**options)
