"""Django's `flush`. On SQLite, where it deletes row by row, the guard on signed versions steps aside meanwhile."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from reminders.plan import signed_guard


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with signed_guard.lifted_on_sqlite(connections[options["database"]]):
            super().handle(**options)
